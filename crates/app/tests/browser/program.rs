//! Programs that drive browsers, and what needs no browser.

use crate::running::Running;
use std::process::Command;
use std::time::{Duration, Instant};

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
pub fn chromedriver(with: impl Fn(&mut Command) -> &mut Command) -> (Running, String) {
    let start = || {
        let driver = Running::start(with(Command::new("chromedriver").arg("--port=0")));
        let port = driver.may_say("started successfully on port ").ok()?;
        Some((driver, port))
    };
    (0..10).find_map(|_| start()).expect("chromedriver says where it listens")
}
