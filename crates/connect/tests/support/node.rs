//! Programs for Node that `scripts/test` installs.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Ends with the test.
pub struct Server {
    process: Child,
    pub url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where `scripts/test` installs them.
pub fn folder() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/node");
    std::env::var_os("FIRSTCALL_TEST_NODE").map_or_else(|| default.into(), PathBuf::from)
}

/// Twilio, stateful.
pub fn emulate() -> Server {
    emulated("twilio")
}

/// Google, stateful.
pub fn google() -> Server {
    emulated("google")
}

fn emulated(service: &str) -> Server {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../connect/tests/support/emulate.mjs");
    let mut command = Command::new("node");
    command.arg(script).arg(folder().join("node_modules")).arg(service);
    serve(command, |line| line.parse().ok())
}

/// Answers what an `OpenAPI` description allows with its examples, and all else with 422.
pub fn prism(description: &std::path::Path) -> Server {
    let mut command = Command::new("node");
    command.arg(folder().join("node_modules/@stoplight/prism-cli/dist/index.js"));
    command.args(["mock", "--host", "127.0.0.1", "--port", "0"]).arg(description);
    serve(command, |line| line.contains("listening on").then(|| line.rsplit_once(':')?.1.trim().parse().ok())?)
}

/// Starts a server that says its port in a line.
pub fn serve(mut command: Command, port: impl Fn(&str) -> Option<u16>) -> Server {
    let mut process = command.env("NO_COLOR", "1").stdout(Stdio::piped()).spawn().expect("scripts/test installs it");
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let found = lines.by_ref().map_while(Result::ok).find_map(|line| port(&line));
    // What it says later must go somewhere.
    std::thread::spawn(move || lines.count());
    let url = format!("http://127.0.0.1:{}", found.expect("scripts/test installs it"));
    Server { process, url }
}
