//! Requests over connections that are kept: one thread, hand-written HTTP/1.1, so that what makes the load takes little of
//! the machine from what is measured.

use anyhow::{Context, bail};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// What became of some requests.
pub struct Load {
    /// How many a second.
    pub per_second: f64,
    /// How long each took, sorted.
    pub latencies: Vec<Duration>,
}

impl Load {
    /// The delay that this share of the requests did not exceed, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index"
        )]
        let at = ((self.latencies.len() as f64 * share) as usize).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }
}

/// A POST without credentials.
pub fn post(path: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Sends each request once, over `connections` connections at a time. Every answer must contain `expected`.
pub fn run(address: SocketAddr, connections: usize, requests: &[Vec<u8>], expected: &str) -> anyhow::Result<Load> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, together(address, connections, requests.to_vec().into(), expected.into()))
}

async fn together(
    address: SocketAddr,
    connections: usize,
    requests: Rc<[Vec<u8>]>,
    expected: Rc<str>,
) -> anyhow::Result<Load> {
    let (next, latencies) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::with_capacity(requests.len()))));
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let start = Instant::now();
    let mut callers = Vec::new();
    for mut stream in streams {
        let (next, latencies, requests, expected) =
            (Rc::clone(&next), Rc::clone(&latencies), Rc::clone(&requests), Rc::clone(&expected));
        callers.push(tokio::task::spawn_local(async move {
            let mut buffer = Vec::with_capacity(16 * 1024);
            while let Some(request) = requests.get(next.replace(next.get() + 1)) {
                let begun = Instant::now();
                stream.write_all(request).await?;
                answer(&mut stream, &mut buffer).await?;
                latencies.borrow_mut().push(begun.elapsed());
                if !contains(&buffer, expected.as_bytes()) {
                    bail!("expected {expected}, was answered {}", String::from_utf8_lossy(&buffer));
                }
            }
            Ok(())
        }));
    }
    for caller in callers {
        caller.await??;
    }
    let took = start.elapsed();
    let mut latencies = latencies.take();
    latencies.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    let per_second = requests.len() as f64 / took.as_secs_f64();
    Ok(Load { per_second, latencies })
}

/// Reads one whole answer into `buffer`.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    buffer.clear();
    let mut whole = None;
    while whole.is_none_or(|whole| buffer.len() < whole) {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server hung up after {}", String::from_utf8_lossy(buffer));
        }
        if whole.is_none() {
            whole = length(buffer);
        }
    }
    Ok(())
}

/// How long the answer is that begins here, once its head is there.
fn length(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = str::from_utf8(&buffer[..head]).ok()?;
    let named = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok();
    Some(head + text.lines().find_map(named)?)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}
