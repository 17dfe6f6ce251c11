//! Programs that tests start, and end.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
    let (program, [said]) = start_saying(command, [mark]);
    (program, said)
}

/// The same for marks that come in this order.
pub fn start_saying<const N: usize>(command: &mut Command, marks: [&str; N]) -> (Program, [String; N]) {
    try_start(command, marks).expect("it says where it listens")
}

/// Asks again and again until there is an answer, for twenty seconds at the most.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "it never came: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Posts something without a browser: the status of the answer.
pub async fn post(url: &str, kind: &str, body: &str) -> u16 {
    // Another test of this process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let request = reqwest::Client::new().post(url).header("Content-Type", kind).body(body.to_owned());
    request.send().await.unwrap().status().as_u16()
}

/// Starts what drives browsers. It takes a free port for IPv4, and ends if that is not free for IPv6: then once more.
pub fn chromedriver(with: impl Fn(&mut Command) -> &mut Command) -> (Program, String) {
    let start = || {
        let mut command = Command::new("chromedriver");
        try_start(with(command.arg("--port=0")), ["started successfully on port "])
    };
    let (program, [port]) = (0..10).find_map(|_| start()).expect("chromedriver says where it listens");
    (program, port)
}

fn try_start<const N: usize>(command: &mut Command, marks: [&str; N]) -> Option<(Program, [String; N])> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("scripts/test installs it");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines().map_while(Result::ok);
    let program = Program(child);
    let mut after = |mark: &str| {
        lines.find_map(|line| {
            let (_, rest) = line.split_once(mark)?;
            Some(rest.split_whitespace().next()?.trim_end_matches('.').to_owned())
        })
    };
    let said = marks.map(&mut after);
    if said.iter().any(Option::is_none) {
        return None;
    }
    std::thread::spawn(move || lines.for_each(drop));
    Some((program, said.map(Option::unwrap_or_default)))
}
