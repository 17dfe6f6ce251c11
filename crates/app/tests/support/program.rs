//! Programs that tests start, and end.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A program that is ended when the test ends.
pub struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program and returns what its output says after `mark`, up to a blank.
pub fn start(command: &mut Command, mark: &str) -> (Program, String) {
    try_start(command, mark).expect("it says where it listens")
}

/// Starts what drives browsers. It takes a free port for IPv4, and ends if that is not free for IPv6: then once more.
pub fn chromedriver(with: impl Fn(&mut Command) -> &mut Command) -> (Program, String) {
    let start = || {
        let mut command = Command::new("chromedriver");
        try_start(with(command.arg("--port=0")), "started successfully on port ")
    };
    (0..10).find_map(|_| start()).expect("chromedriver says where it listens")
}

fn try_start(command: &mut Command, mark: &str) -> Option<(Program, String)> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("scripts/test installs it");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let program = Program(child);
    let said = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, rest) = line.split_once(mark)?;
        Some(rest.split_whitespace().next()?.trim_end_matches('.').to_owned())
    })?;
    std::thread::spawn(move || lines.for_each(drop));
    Some((program, said))
}
