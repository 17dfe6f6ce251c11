//! Stdout, as commands write to it.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

/// Buffered output. A reader that goes away, as `head` does, has read enough: what is written after that is dropped,
/// and the command ends as it would have.
pub struct Output<W: Write> {
    inner: W,
    closed: bool,
}

impl Output<BufWriter<Stdout>> {
    /// The stdout of this process.
    pub fn stdout() -> Self {
        Self::to(BufWriter::new(io::stdout()))
    }
}

impl<W: Write> Output<W> {
    fn to(inner: W) -> Self {
        Self { inner, closed: false }
    }

    fn unless_closed<T>(&mut self, result: io::Result<T>, otherwise: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(otherwise)
            }
            result => result,
        }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.unless_closed(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.inner.flush();
        self.unless_closed(result, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let mut out = Output::to(Failing(ErrorKind::BrokenPipe));
        assert!(writeln!(out, "more").is_ok());
        assert!(writeln!(out, "and more").is_ok());
        assert!(out.flush().is_ok());
    }

    #[test]
    fn a_full_disk_is_one() {
        let mut out = Output::to(Failing(ErrorKind::StorageFull));
        assert!(writeln!(out, "more").is_err());
        assert!(out.flush().is_err());
    }
}
