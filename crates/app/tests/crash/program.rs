//! The program, as a process that can be killed, and requests to it.

use crate::running::Running;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

/// A program that listens.
pub struct Program {
    process: Running,
    pub address: SocketAddr,
}

impl Program {
    /// Starts it and waits until it listens: whatever a kill left must not be in its way.
    pub fn start(url: &str) -> Self {
        let process = spawn(url);
        let address = process.says("listens on http://").parse().expect("an address");
        Self { process, address }
    }

    pub fn killed_after(self, alive: Duration) {
        killed_after(self.process, alive);
    }
}

/// A program that may not listen yet.
pub fn spawn(url: &str) -> Running {
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
    Running::start(command.arg("serve"))
}

/// Kills it as nothing but SIGKILL or a power failure ends a program.
pub fn killed_after(process: Running, alive: Duration) {
    // Nothing is ever sent: this waits for the moment of the kill.
    let (_never, moment) = std::sync::mpsc::channel::<()>();
    let _ = moment.recv_timeout(alive);
    drop(process);
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
