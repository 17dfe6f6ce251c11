//! Bytes to content lines (RFC 5545, 3.1), as producers really write them: with a byte order mark, with bare line feeds,
//! and folded in the middle of a character.

use crate::Error;
use crate::limits;

/// The names that mean something here.
const NAMES: [&str; 21] = [
    "BEGIN",
    "END",
    "METHOD",
    "X-WR-TIMEZONE",
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "DTSTAMP",
    "STATUS",
    "TRANSP",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "FREEBUSY",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
];

/// One line, unfolded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Where it begins, from 1.
    pub(crate) number: usize,
    /// One of `NAMES`.
    pub(crate) name: &'static str,
    /// What stands between the name and the value.
    pub(crate) parameters: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// The lines of a text whose names mean something; others are passed over without being copied.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: usize,
    unfolded: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        Self { bytes, at: 0, number: 0, unfolded: Vec::new() }
    }

    /// The next one, or none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        loop {
            let Some(first) = self.physical() else { return Ok(None) };
            let number = self.number;
            let mut name = name_of(first);
            if !self.goes_on() {
                let Some((name, length)) = name else { continue };
                if first.len() > limits::LINE {
                    return Err(Error::TooMuch("one line"));
                }
                return Ok(Some(split(number, name, &first[length..])));
            }
            // A name may itself be folded: a line without an end of its name is put together too.
            let wanted = name.is_some() || !first.iter().any(|byte| matches!(byte, b':' | b';'));
            self.unfold(first, wanted)?;
            name = if wanted { name_of(&self.unfolded) } else { None };
            if let Some((name, length)) = name {
                return Ok(Some(split(number, name, &self.unfolded[length..])));
            }
        }
    }

    fn unfold(&mut self, first: &[u8], wanted: bool) -> Result<(), Error> {
        self.unfolded.clear();
        self.unfolded.extend_from_slice(if wanted { first } else { b"" });
        while self.goes_on() {
            let more = self.physical().unwrap_or_default();
            if wanted {
                self.unfolded.extend_from_slice(&more[1..]);
            }
            if self.unfolded.len() > limits::LINE {
                return Err(Error::TooMuch("one line"));
            }
        }
        Ok(())
    }

    fn goes_on(&self) -> bool {
        matches!(self.bytes.get(self.at), Some(b' ' | b'\t'))
    }

    /// Up to the next line feed, without what ends it.
    fn physical(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        self.at += length + 1;
        self.number += 1;
        let mut line = &rest[..length];
        while let [shorter @ .., b'\r'] = line {
            line = shorter;
        }
        Some(line)
    }
}

/// The name at the beginning of a line, and its length.
fn name_of(line: &[u8]) -> Option<(&'static str, usize)> {
    let length = line.iter().take(32).position(|byte| matches!(byte, b':' | b';'))?;
    let name = NAMES.iter().find(|name| name.as_bytes().eq_ignore_ascii_case(&line[..length]))?;
    Some((name, length))
}

/// Parameters and value. Values that are times have no colon, but zones that some producers name have one and no quotes
/// ("TZID=(UTC-05:00) Eastern Time"): there the last colon is the one that counts.
fn split<'a>(number: usize, name: &'static str, rest: &'a [u8]) -> Line<'a> {
    let colon = match name {
        "DTSTART" | "DTEND" | "RDATE" | "EXDATE" | "RECURRENCE-ID" | "FREEBUSY" => {
            rest.iter().rposition(|&byte| byte == b':')
        }
        _ => outside_quotes(rest, b':'),
    };
    let colon = colon.unwrap_or(rest.len());
    let value = rest.get(colon + 1..).unwrap_or_default().trim_ascii();
    Line { number, name, parameters: &rest[..colon], value }
}

impl<'a> Line<'a> {
    /// The value of a parameter, without quotes. `name` is in upper case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a [u8]> {
        let mut rest = self.parameters;
        while let [b';', after @ ..] = rest {
            let end = outside_quotes(after, b';').unwrap_or(after.len());
            let one;
            (one, rest) = after.split_at(end);
            if let Some(equals) = one.iter().position(|&byte| byte == b'=')
                && one[..equals].trim_ascii().eq_ignore_ascii_case(name.as_bytes())
            {
                return Some(bare(&one[equals + 1..]));
            }
        }
        None
    }
}

fn bare(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}

fn outside_quotes(text: &[u8], wanted: u8) -> Option<usize> {
    let mut quoted = false;
    text.iter().position(|&byte| {
        quoted ^= byte == b'"';
        byte == wanted && !quoted
    })
}
