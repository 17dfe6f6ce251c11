//! Programs that tests start, and end.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A program that is killed with the test, if it has not ended by then.
pub struct Running {
    child: Child,
    said: Receiver<String>,
}

impl Running {
    /// Starts it. Whatever it says is read, so that its pipe never becomes full.
    pub fn start(command: &mut Command) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test installs it"));
        // The command holds ends of the pipe, which would keep it open after the program has ended.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                // Nobody may be listening any more.
                let _ = sender.send(line);
            }
        });
        Self { child, said }
    }

    /// What a line says after the mark, up to a blank; what comes before that line is passed over.
    pub fn says(&self, mark: &str) -> String {
        self.may_say(mark).unwrap_or_else(|said| panic!("it does not say {mark:?}: {}", said.join("\n")))
    }

    /// The same; what it said instead if it ended.
    pub fn may_say(&self, mark: &str) -> Result<String, Vec<String>> {
        let mut said = Vec::new();
        while let Some(line) = self.line() {
            if let Some((_, rest)) = line.split_once(mark) {
                return Ok(rest.split_whitespace().next().unwrap_or_default().trim_end_matches('.').to_owned());
            }
            said.push(line);
        }
        Err(said)
    }

    /// The next line, none once it has ended.
    pub fn line(&self) -> Option<String> {
        self.said.recv_timeout(Duration::from_mins(1)).ok()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
