//! The real program, killed at random moments while mails and answers come in: whatever it acknowledged is there
//! afterwards, and nobody was asked twice (rules 8.3, 8.4, 8.9).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use firstcall_store::testing::{Fresh, Place};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const CYCLES: u64 = 12;

/// A running program.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(url: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_firstcall"))
            .arg("serve")
            .env("FIRSTCALL__DATABASE__URL", url)
            .env("FIRSTCALL__SERVER__LISTEN", "127.0.0.1:0")
            .env("FIRSTCALL__INTAKE__TOKEN", "t")
            .env("FIRSTCALL__API__KEYS", "k")
            .env("FIRSTCALL__CALLING__QUIET_HOURS", "off")
            .env("FIRSTCALL__CALLING__PATIENCE", "1s")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let said = lines.by_ref().map_while(Result::ok).find(|line| line.contains("listens on"));
        let said = said.expect("the program says where it listens");
        let address = said.rsplit("http://").next().and_then(|address| address.parse().ok()).expect("an address");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    fn kill(self) {
        drop(self);
    }
}

/// One request; none when the program went away before the whole answer was there.
fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Type: message/rfc822\r\n\
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

fn mail(number: u64) -> String {
    // Each asks for an hour of its own, so that bookings do not take the studio from each other.
    let (month, day, hour) = (1 + number / 280 % 9, 1 + number / 10 % 28, 13 + number % 10);
    format!(
        "From: c{number}@example.com\r\nMessage-ID: <{number}@example.com>\r\n\r\nName: Client\r\nInstruments: drums, violin\r\n\
         Date: 2027-{month:02}-{day:02}\r\nTime: {hour:02}:00\r\nTime zone: UTC\r\n"
    )
}

fn all(address: SocketAddr, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, body) = request(address, "GET", &format!("{path}?limit=200{cursor}"), "").expect("an answer");
        assert_eq!(status, 200, "{body}");
        let page: Value = serde_json::from_str(&body).expect("JSON");
        items.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// What the program acknowledged.
#[derive(Default)]
struct Acknowledged {
    bookings: BTreeMap<u64, i64>,
    yes: BTreeSet<String>,
}

/// Posts mails and answers offers until the program goes away.
fn use_it(address: SocketAddr, first: u64, acknowledged: &Mutex<Acknowledged>) {
    for number in first..first + 1000 {
        let Some((status, body)) = request(address, "POST", "/workflow/email/t", &mail(number)) else { return };
        assert!(matches!(status, 200 | 201), "{status} {body}");
        let booking: Value = serde_json::from_str(&body).expect("JSON");
        let id = booking["booking_id"].as_i64().expect("a booking");
        acknowledged.lock().unwrap().bookings.insert(number, id);
        let Some((_, page)) = request(address, "GET", &format!("/api/v1/bookings/{id}/messages"), "") else { return };
        let messages: Value = serde_json::from_str(&page).expect("JSON");
        for message in messages["items"].as_array().expect("items").iter().filter(|m| m["kind"] == "offer") {
            let link =
                message["body"].as_str().and_then(|body| body.split_whitespace().find(|word| word.contains("/y/")));
            let token = link.and_then(|link| link.rsplit('/').next()).expect("a link").to_owned();
            let Some((status, page)) = request(address, "POST", &format!("/y/{token}"), "") else { return };
            assert_eq!(status, 200, "{page}");
            if page.contains("Your time is held") || page.contains("confirmed") || page.contains("You said yes") {
                acknowledged.lock().unwrap().yes.insert(token);
            }
        }
    }
}

async fn survives(place: Place) {
    let database = Fresh::new(place).await;
    let store = database.open().await;
    let engine = firstcall::engine::Engine::new(
        store.clone(),
        firstcall::clock::Clock::System,
        std::sync::Arc::new(
            firstcall::settings::load(
                &firstcall::settings::Place::Nowhere,
                &firstcall::settings::Environment::default(),
            )
            .unwrap()
            .settings,
        ),
    );
    for (name, phone, plays) in
        [("Ann", "+12125550101", "drums"), ("Ben", "+12125550102", "violin"), ("Cat", "+12125550103", "violin")]
    {
        let change = firstcall::engine::MusicianChange {
            name: Some(name.to_owned()),
            phone: Some(firstcall_core::contact::Phone::new(phone).unwrap()),
            instruments: Some(vec![(plays.to_owned(), None)]),
            ..Default::default()
        };
        engine.add_musician(change).await.unwrap();
    }
    store.close().await;
    let acknowledged = Mutex::new(Acknowledged::default());
    for cycle in 0..CYCLES {
        let program = Program::start(database.url());
        let address = program.address;
        // Prime numbers of milliseconds: somewhere else in the work each time.
        let until = Instant::now() + Duration::from_millis(150 + cycle * 167 % 631);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..3)
                .map(|worker| {
                    scope.spawn({
                        let acknowledged = &acknowledged;
                        move || use_it(address, (cycle * 3 + worker) * 20, acknowledged)
                    })
                })
                .collect();
            // Nothing is ever sent: this waits for the moment of the kill.
            let (_never, moment) = std::sync::mpsc::channel::<()>();
            let _ = moment.recv_timeout(until - Instant::now());
            program.kill();
            for worker in workers {
                worker.join().expect("a user");
            }
        });
    }
    check(&Program::start(database.url()), &acknowledged.into_inner().unwrap());
    database.remove().await;
}

fn check(program: &Program, acknowledged: &Acknowledged) {
    let (mails, answers) = (acknowledged.bookings.len(), acknowledged.yes.len());
    assert!(mails > 10 && answers > 5, "the program was hardly used: {mails} mails, {answers} answers");
    let address = program.address;
    for (number, id) in &acknowledged.bookings {
        let (status, body) = request(address, "POST", "/workflow/email/t", &mail(*number)).expect("an answer");
        let booking: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!((status, booking["booking_id"].as_i64()), (200, Some(*id)), "mail {number} was lost");
    }
    let messages = all(address, "/api/v1/messages");
    let mut asked = BTreeSet::new();
    for offer in messages.iter().filter(|m| m["kind"] == "offer") {
        let key = (offer["booking_id"].as_i64(), offer["option"].as_i64(), offer["musician_id"].as_i64());
        assert!(asked.insert(key), "asked twice: {offer}");
        let body = offer["body"].as_str().expect("a body");
        if let Some(token) = acknowledged.yes.iter().find(|token| body.contains(token.as_str())) {
            assert_eq!(offer["answer"], "yes", "a YES was lost: {token}");
        }
    }
    let confirmed: Vec<_> = messages
        .iter()
        .filter(|m| m["kind"] == "confirmation")
        .map(|m| (&m["booking_id"], &m["musician_id"]))
        .collect();
    let once: BTreeSet<String> = confirmed.iter().map(|pair| format!("{pair:?}")).collect();
    assert_eq!(once.len(), confirmed.len(), "somebody was confirmed twice");
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn sqlite_survives_being_killed() {
    survives(Place::File).await;
}

#[tokio::test]
async fn postgres_survives_being_killed() {
    survives(Place::Server).await;
}
