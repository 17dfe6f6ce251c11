//! A network of our own that behaves as badly as it is told, for what no independent one offers. Its answers have the
//! shapes that Twilio and Vonage document.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use firstcall_connect::Text;
use firstcall_connect::http::Client;
use firstcall_connect::{twilio, vonage};
use firstcall_core::contact::Phone;
use jiff::SignedDuration;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the stand-in does with a connection.
#[derive(Clone)]
pub enum Act {
    /// Reads the request, answers and closes.
    Answer(String),
    /// Reads the request, waits, answers and closes.
    Late(Duration, String),
    /// Reads the request, answers with what is no text, and closes.
    Bytes(Vec<u8>),
    /// Reads requests and answers each, as long as they come.
    KeepOpen(String),
    /// Reads the request and closes.
    Cut,
    /// Resets the connection before anything is read.
    Reset,
    /// Says something without being asked, and closes.
    Greet(String),
    /// Reads whatever comes and says nothing.
    Silence,
    /// Reads the request and answers a byte at a time, for ever.
    Drip,
    /// Reads the request and answers with a body that has no end.
    Endless,
}

/// A request, as it was received.
#[derive(Clone, Debug)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub struct StandIn {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl StandIn {
    /// Does one thing with each connection, and the last with all that follow.
    pub async fn new(acts: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (requests, connections) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<AtomicUsize>::default());
        let (acts, kept, counted) = (acts.to_vec(), Arc::clone(&requests), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let nth = counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(act(acts[nth.min(acts.len() - 1)].clone(), stream, Arc::clone(&kept)));
            }
        });
        Self { url, requests, connections }
    }

    /// One that answers every request so.
    pub async fn answering(status: &str, headers: &str, body: &str) -> Self {
        Self::new(&[Act::Answer(answer(status, headers, body))]).await
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub fn only_request(&self) -> Request {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// The fields of a form, sorted.
    pub fn form(&self) -> Vec<(String, String)> {
        let mut fields: Vec<_> = serde_urlencoded::from_str(&self.body).unwrap();
        fields.sort();
        fields
    }
}

/// An HTTP/1.1 answer.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

async fn act(act: Act, mut stream: TcpStream, requests: Arc<Mutex<Vec<Request>>>) {
    if let Act::Reset = act {
        stream.set_zero_linger().unwrap();
        return;
    }
    if let Act::Greet(words) = act {
        stream.write_all(words.as_bytes()).await.unwrap();
        return;
    }
    if let Act::Silence = act {
        let mut nothing = Vec::new();
        let _ = stream.read_to_end(&mut nothing).await;
        return;
    }
    while let Some(request) = read(&mut stream).await {
        requests.lock().unwrap().push(request);
        match &act {
            Act::Answer(answer) => {
                let _ = stream.write_all(answer.as_bytes()).await;
                return;
            }
            Act::Late(wait, answer) => {
                tokio::time::sleep(*wait).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                return;
            }
            Act::Bytes(answer) => {
                let _ = stream.write_all(answer).await;
                return;
            }
            Act::KeepOpen(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            Act::Drip => {
                while stream.write_all(b"H").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Act::Endless => {
                let _ = stream.write_all(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n").await;
                let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
                while stream.write_all(chunk.as_bytes()).await.is_ok() {}
                return;
            }
            Act::Cut | Act::Greet(_) | Act::Reset | Act::Silence => return,
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        bytes.push(stream.read_u8().await.ok()?);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let line = lines.next().unwrap().to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { line, headers, body: String::from_utf8(body).unwrap() })
}

/// The client of the program.
pub fn patient() -> Client {
    Client::new().unwrap()
}

/// One that a test can wait for when no answer comes.
pub fn impatient() -> Client {
    Client::with_time_outs(Duration::from_secs(5), Duration::from_millis(800)).unwrap()
}

/// The one that this takes.
pub fn client_for(act: &Act) -> Client {
    if matches!(act, Act::Silence | Act::Drip) { impatient() } else { patient() }
}

pub fn somebody() -> Phone {
    Phone::new("+15555550101").unwrap()
}

pub const SID: &str = "AC00000000000000000000000000000000";
pub const TOKEN: &str = "twilio_test_auth_token";
pub const BODY: &str = "Fern Room: Tue 8 Dec 10am, drums. Café? Reply Y7 or N7.";

pub fn text(to: &Phone) -> Text<'_> {
    Text {
        to,
        body: BODY,
        unicode: false,
        valid_for: SignedDuration::from_mins(60),
        reference: "message-17",
        report_to: "https://calls.example.com/hooks/report?m=17",
    }
}

pub fn twilio(base_url: &str, http: Client) -> twilio::Twilio {
    let account = twilio::Account {
        account_sid: SID.to_owned(),
        auth_token: TOKEN.to_owned(),
        sender: twilio::Sender::From(Phone::new("+15551234567").unwrap()),
        base_url: base_url.to_owned(),
    };
    twilio::Twilio::new(account, http)
}

pub fn vonage(api: vonage::Api, base_url: &str, http: Client) -> vonage::Vonage {
    let account = vonage::Account {
        api_key: "abcd1234".to_owned(),
        api_secret: "apisecret0001".to_owned(),
        from: "+15551234567".to_owned(),
        api,
        signature_secret: "sigsecret0001".to_owned(),
        base_url: base_url.to_owned(),
    };
    vonage::Vonage::new(account, http)
}
