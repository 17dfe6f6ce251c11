//! A network on loopback that speaks as Twilio does, as far as its answers matter here, and does what the story says.

use firstcall::clock::Clock;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const TOKEN: &str = "twilio-token";

/// What it does with one text.
#[derive(Clone, Debug)]
pub enum Does {
    /// Takes it and says so.
    Takes,
    /// Takes it, and the line goes dead before it says so.
    TakesAndCuts,
    /// Loses it with the line.
    Cuts,
    /// Takes it, and says that something went wrong.
    TakesAndFails,
    /// Does not take it, with this status and code.
    Refuses(u16, u32),
}

/// A text that was posted.
#[derive(Clone, Debug)]
pub struct Posted {
    pub to: String,
    pub body: String,
    pub callback: String,
    pub valid_s: i64,
    pub taken: bool,
    pub sid: String,
    pub at: String,
}

#[derive(Clone)]
pub struct Network {
    pub url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    next: VecDeque<Does>,
    posted: Vec<Posted>,
    listing: bool,
    clock: Option<Clock>,
}

impl Network {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State { next: VecDeque::new(), posted: Vec::new(), listing: true, clock: None };
        let network = Self { url, state: Arc::new(Mutex::new(state)) };
        let answering = network.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answering = answering.clone();
                tokio::spawn(async move { answering.answer(stream).await });
            }
        });
        network
    }

    /// The settings with which texts go through it.
    pub fn settings(&self) -> [(&'static str, &str); 5] {
        [
            ("FIRSTCALL__SMS__PROVIDER", "twilio"),
            ("FIRSTCALL__SMS__TWILIO__ACCOUNT_SID", "AC1"),
            ("FIRSTCALL__SMS__TWILIO__AUTH_TOKEN", TOKEN),
            ("FIRSTCALL__SMS__TWILIO__FROM", "+12125550198"),
            ("FIRSTCALL__SMS__TWILIO__BASE_URL", &self.url),
        ]
    }

    /// Its records go by the story's clock.
    pub fn goes_by(&self, clock: &Clock) {
        self.state.lock().unwrap().clock = Some(clock.clone());
    }

    /// What it does with the next texts; afterwards it takes them.
    pub fn does(&self, what: impl IntoIterator<Item = Does>) {
        self.state.lock().unwrap().next.extend(what);
    }

    /// Whether its records can be read.
    pub fn shows_records(&self, shows: bool) {
        self.state.lock().unwrap().listing = shows;
    }

    /// A text that seemed lost is in its records after all.
    pub fn finds(&self, sid: &str) {
        let mut state = self.state.lock().unwrap();
        state.posted.iter_mut().find(|posted| posted.sid == sid).unwrap().taken = true;
    }

    /// Everything that was posted to a number.
    pub fn posted_to(&self, number: &str) -> Vec<Posted> {
        self.state.lock().unwrap().posted.iter().filter(|posted| posted.to == number).cloned().collect()
    }

    async fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let (line, body) = read(&mut stream).await?;
        let (status, answer) = if line.starts_with("GET ") {
            self.list(&line)
        } else {
            let (does, posted) = self.take(&body);
            match does {
                Does::Takes => (201, json!({ "sid": posted.sid, "status": "queued" })),
                Does::TakesAndFails => (500, json!({})),
                Does::Refuses(status, code) => (status, json!({ "code": code, "message": "no", "status": status })),
                Does::TakesAndCuts | Does::Cuts => return None,
            }
        };
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            answer.len()
        );
        stream.write_all((head + &answer).as_bytes()).await.ok()
    }

    fn take(&self, body: &[u8]) -> (Does, Posted) {
        let form: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap();
        let field = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap();
        let mut state = self.state.lock().unwrap();
        let does = state.next.pop_front().unwrap_or(Does::Takes);
        let now = state.clock.as_ref().map_or_else(jiff::Timestamp::now, Clock::now);
        let posted = Posted {
            to: field("To"),
            body: field("Body"),
            callback: field("StatusCallback"),
            valid_s: field("ValidityPeriod").parse().unwrap(),
            taken: matches!(does, Does::Takes | Does::TakesAndCuts | Does::TakesAndFails),
            sid: format!("SM{:032}", state.posted.len()),
            at: jiff::fmt::rfc2822::to_string(&now.to_zoned(jiff::tz::TimeZone::UTC)).unwrap(),
        };
        state.posted.push(posted.clone());
        (does, posted)
    }

    fn list(&self, line: &str) -> (u16, Value) {
        let state = self.state.lock().unwrap();
        if !state.listing {
            return (503, json!({}));
        }
        let theirs = state.posted.iter().filter(|posted| posted.taken && line.contains(&posted.to.replace('+', "%2B")));
        let messages = theirs.map(|posted| {
            json!({ "sid": posted.sid, "body": posted.body, "status": "sent", "error_code": null, "date_created": posted.at })
        });
        (200, json!({ "messages": messages.collect::<Vec<_>>(), "next_page_uri": null }))
    }
}

/// The request line and the body.
async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if bytes.len() >= end + 4 + length.trim().parse::<usize>().unwrap() {
            let line = String::from_utf8_lossy(&bytes[..end]).lines().next().unwrap().to_owned();
            return Some((line, bytes[end + 4..].to_vec()));
        }
    }
}
