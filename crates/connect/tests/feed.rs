//! Feeds from a server that behaves as it is told (rules 3.1 to 3.3).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "support/calendars.rs"]
mod calendars;
#[path = "support/node.rs"]
mod node;
mod support;

use calendars::{here, impatient_web, is_later, is_refused, web};
use firstcall_connect::calendars::Fetched;
use firstcall_connect::calendars::feed::{Feed, Validators};
use firstcall_connect::calendars::{Reach, Trouble, Web};
use std::process::Command;
use std::time::{Duration, Instant};
use support::{Act, StandIn, answer};

/// It is in the address.
const SECRET: &str = "private-5ecret7";
const TEXT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";

fn feed(server: &StandIn, web: Web) -> Feed {
    Feed::new(&format!("{}/{SECRET}/basic.ics?key={SECRET}", server.url), web).unwrap()
}

async fn fetch(acts: &[Act]) -> Result<Fetched<Validators>, Trouble> {
    fetch_by(web(), acts).await
}

async fn fetch_by(web: Web, acts: &[Act]) -> Result<Fetched<Validators>, Trouble> {
    let server = StandIn::new(acts).await;
    let feed = feed(&server, web);
    let fetched = feed.fetch(&Validators::default()).await;
    let words = format!("{feed:?} {fetched:?}");
    assert!(!words.contains("5ecret") && !words.contains("127.0.0.1"), "{words}");
    fetched
}

fn bytes(fetched: Result<Fetched<Validators>, Trouble>) -> Vec<u8> {
    match fetched {
        Ok(Fetched::Text { bytes, .. }) => bytes,
        other => panic!("{other:?}"),
    }
}

fn redirect(status: &str, to: &str) -> Act {
    Act::Answer(answer(status, &format!("Location: {to}\r\n"), ""))
}

fn good() -> Act {
    Act::Answer(answer("200 OK", "", TEXT))
}

/// RFC 9110, section 13: what is known is sent back as it came.
#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let headers = "ETag: W/\"a, b\"\r\nLast-Modified: Tue, 01 Dec 2026 10:00:00 GMT\r\n";
    let unchanged = Act::Answer("HTTP/1.1 304 Not Modified\r\n\r\n".to_owned());
    let server = StandIn::new(&[Act::Answer(answer("200 OK", headers, TEXT)), unchanged]).await;
    let feed = feed(&server, web());
    let Ok(Fetched::Text { bytes, mark: validators }) = feed.fetch(&Validators::default()).await else { panic!() };
    assert_eq!(bytes, TEXT.as_bytes());
    assert_eq!(feed.fetch(&validators).await, Ok(Fetched::Unchanged));
    // Nobody who knows nothing is told that nothing has changed.
    is_later(feed.fetch(&Validators::default()).await);
    let requests = server.requests();
    let path = format!("GET /{SECRET}/basic.ics?key={SECRET} HTTP/1.1");
    assert!(requests.iter().all(|request| request.line == path && request.header("accept-encoding") == Some("gzip")));
    let known = |nth: usize| (requests[nth].header("if-none-match"), requests[nth].header("if-modified-since"));
    assert_eq!(known(0), (None, None));
    assert_eq!(known(1), (Some("W/\"a, b\""), Some("Tue, 01 Dec 2026 10:00:00 GMT")));
}

#[tokio::test]
async fn a_feed_that_moved_is_found() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Moved", "308 Moved"] {
        let acts = [redirect(status, "/elsewhere.ics"), redirect(status, "again?x=1"), good()];
        assert_eq!(bytes(fetch(&acts).await), TEXT.as_bytes());
    }
    let mut acts = vec![redirect("302 Found", "/on"); 5];
    acts.push(good());
    assert_eq!(bytes(fetch(&acts).await), TEXT.as_bytes());
    acts.insert(0, redirect("302 Found", "/on"));
    assert!(is_refused(fetch(&acts).await).contains("from one address to the next"));
    assert!(is_refused(fetch(&[Act::Answer(answer("302 Found", "", ""))]).await).contains("does not say where"));
    for to in ["file:///etc/passwd", "ftp://example.com/x.ics", "webcal://example.com/"] {
        assert!(is_refused(fetch(&[redirect("302 Found", to)]).await).contains("https://"), "{to}");
    }
}

/// A web that reaches public addresses only, but without TLS.
fn public() -> Web {
    Web::new(Reach { private: false, ..here() }).unwrap()
}

#[tokio::test]
async fn private_addresses_are_not_reached() {
    let server = StandIn::new(&[good()]).await;
    let port = server.url.rsplit(':').next().unwrap();
    // Numbers in all their forms, which are looked up nowhere.
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0",
        "10.0.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
    ] {
        let made = Feed::new(&format!("http://{host}:{port}/{SECRET}"), public());
        assert!(is_refused(made).contains("private network"), "{host}");
    }
    // Names, which are looked up when they are needed.
    for host in ["localhost", "LOCALHOST"] {
        let feed = Feed::new(&format!("http://{host}:{port}/{SECRET}"), public()).unwrap();
        assert!(is_refused(feed.fetch(&Validators::default()).await).contains("private network"), "{host}");
    }
    assert_eq!(server.connections(), 0);
    // With leave it is reached by name, so it is the guard that stops it.
    let feed = Feed::new(&format!("http://localhost:{port}/{SECRET}"), web()).unwrap();
    assert_eq!(bytes(feed.fetch(&Validators::default()).await), TEXT.as_bytes());
}

#[tokio::test]
async fn addresses_without_protection_need_leave() {
    let server = StandIn::new(&[good()]).await;
    let protected = Web::new(Reach { http: false, ..here() }).unwrap();
    assert!(is_refused(Feed::new(&server.url, protected)).contains("not protected"));
    // A wish to subscribe is one for TLS, which the stand-in does not speak.
    let feed = Feed::new(&server.url.replace("http:", "webcal:"), web()).unwrap();
    is_later(feed.fetch(&Validators::default()).await);
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_feed_that_is_too_large_is_refused() {
    let small = |most| Web::new(Reach { most, ..here() }).unwrap();
    assert_eq!(bytes(fetch_by(small(TEXT.len()), &[good()]).await), TEXT.as_bytes());
    assert!(is_refused(fetch_by(small(TEXT.len() - 1), &[good()]).await).contains("larger"));
    assert!(is_refused(fetch_by(small(100_000), &[Act::Endless]).await).contains("larger"));
}

/// A body that was packed by somebody else's program.
fn packed(unpacked: &str) -> Vec<u8> {
    let python = std::env::var("FIRSTCALL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = format!("import gzip, sys; sys.stdout.buffer.write(gzip.compress({unpacked}))");
    let output = Command::new(python).args(["-c", &script]).output().unwrap();
    assert!(output.status.success());
    output.stdout
}

fn sent(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_packed_feed_is_unpacked_as_far_as_it_may_be() {
    let body = packed("b'BEGIN:VCALENDAR\\r\\nVERSION:2.0\\r\\nEND:VCALENDAR\\r\\n'");
    assert_eq!(bytes(fetch(&[Act::Bytes(sent(&body))]).await), TEXT.as_bytes());
    // Packed in two pieces, the second cut off; and no packing at all.
    is_later(fetch(&[Act::Bytes(sent(&body[..body.len() - 9]))]).await);
    is_later(fetch(&[Act::Bytes(sent(b"BEGIN:VCALENDAR"))]).await);
    let bomb = packed("b'x' * 200_000_000");
    assert!(bomb.len() < 1_000_000);
    let started = Instant::now();
    assert!(is_refused(fetch(&[Act::Bytes(sent(&bomb))]).await).contains("larger"));
    assert!(started.elapsed().as_secs() < 10);
}

#[tokio::test]
async fn a_feed_that_breaks_off_or_does_not_come_is_unknown() {
    let whole = answer("200 OK", "", TEXT);
    for at in [10, 30, whole.len() - 1] {
        is_later(fetch(&[Act::Answer(whole[..at].to_owned())]).await);
    }
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\nBEGIN:VCALENDAR\r\n\r\n".to_owned();
    is_later(fetch(&[Act::Answer(chunked)]).await);
    for act in [Act::Reset, Act::Cut] {
        is_later(fetch(&[act]).await);
    }
    for act in [Act::Silence, Act::Drip] {
        let started = Instant::now();
        is_later(fetch_by(impatient_web(), &[act]).await);
        assert!(started.elapsed().as_secs() < 5);
    }
    // The time is for all of it, not for each of its steps.
    let slow = Act::Late(Duration::from_millis(500), answer("302 Found", "Location: /on\r\n", ""));
    assert!(is_later(fetch_by(impatient_web(), &[slow.clone(), slow, good()]).await).contains("in time"));
}

#[tokio::test]
async fn statuses_say_who_has_to_do_something() {
    for (status, said) in [
        ("401 No", "publish it again"),
        ("403 No", "publish it again"),
        ("404 No", "not at its address"),
        ("410 Gone", "not at its address"),
        ("400 No", "status 400"),
        ("204 Nothing", "status 204"),
        ("206 Part", "status 206"),
    ] {
        let words = is_refused(fetch(&[Act::Answer(answer(status, "", ""))]).await);
        assert!(words.contains(said), "{status}: {words}");
    }
    for status in ["429 Too Many", "500 No", "502 No", "503 No", "408 Too Slow"] {
        let tried = fetch(&[Act::Answer(answer(status, "Retry-After: 120\r\n", ""))]).await;
        assert!(matches!(tried, Err(Trouble::Later(Some(wait), _)) if wait.as_secs() == 120), "{tried:?}");
    }
}

/// Whether it is a calendar is for whoever reads it.
#[tokio::test]
async fn a_page_is_given_as_it_is() {
    let page = "<html><title>Log in</title>";
    let read = bytes(fetch(&[Act::Answer(answer("200 OK", "Content-Type: text/html\r\n", page))]).await);
    assert_eq!(read, page.as_bytes());
    assert_eq!(firstcall_calendar::Calendar::read(&read).err(), Some(firstcall_calendar::Error::NotACalendar));
}
