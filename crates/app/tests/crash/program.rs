//! The program, as a process that can be killed, and requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A program that may not listen yet.
pub struct Starting(Child);

/// A program that listens.
pub struct Program {
    child: Starting,
    pub address: SocketAddr,
}

impl Program {
    pub fn spawn(url: &str) -> Starting {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firstcall"));
        for (name, value) in [
            ("DATABASE__URL", url),
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("INTAKE__TOKEN", "t"),
            ("API__KEYS", "k"),
            ("CALLING__QUIET_HOURS", "off"),
            ("CALLING__PATIENCE", "1s"),
        ] {
            command.env(format!("FIRSTCALL__{name}"), value);
        }
        Starting(command.arg("serve").stderr(Stdio::piped()).spawn().expect("the program starts"))
    }

    /// Starts it and waits until it listens: whatever a kill left must not be in its way.
    pub fn start(url: &str) -> Self {
        let mut child = Self::spawn(url);
        let mut lines = BufReader::new(child.0.stderr.take().expect("stderr")).lines();
        let mut said = Vec::new();
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("listens on http://") {
                let address = address.parse().expect("an address");
                // Its pipe must not become full.
                std::thread::spawn(move || lines.for_each(drop));
                return Self { child, address };
            }
            said.push(line);
        }
        panic!("the program does not start: {}", said.join("\n"));
    }

    pub fn killed_after(self, alive: Duration) {
        self.child.killed_after(alive);
    }
}

impl Starting {
    /// Kills it as nothing but SIGKILL or a power failure ends a program.
    pub fn killed_after(self, alive: Duration) {
        // Nothing is ever sent: this waits for the moment of the kill.
        let (_never, moment) = std::sync::mpsc::channel::<()>();
        let _ = moment.recv_timeout(alive);
        drop(self);
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        // It may be gone already, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One request; none when the program went away before the whole answer was there.
pub fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let kind = match body.get(..1) {
        Some("{") => "application/json",
        Some("p") => "application/x-www-form-urlencoded",
        _ => "message/rfc822",
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let whole = length.is_none_or(|length: usize| body.len() >= length);
    whole.then(|| Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned())))?
}
