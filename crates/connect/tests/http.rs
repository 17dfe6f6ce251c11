//! What is told of a request that failed, with real sockets: whether the network certainly has nothing, or may have it
//! (rule 8.4).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use firstcall_connect::http::{Answer, Body, Client, Failure, SMALL};
use jiff::SignedDuration;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Act, StandIn, answer, client_for, patient};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

async fn post(url: &str) -> Result<Answer, Failure> {
    post_by(&patient(), url).await
}

async fn post_by(http: &Client, url: &str) -> Result<Answer, Failure> {
    http.post(url, Some(("name", "s3cret")), Body::form(&[("To", "+15555550101")])).await
}

async fn is_not_sent(url: &str) -> String {
    let no_long_connecting = Client::with_time_outs(Duration::from_millis(400), Duration::from_secs(15)).unwrap();
    match post_by(&no_long_connecting, url).await {
        Err(Failure::NotSent(words)) => words,
        Err(Failure::Ambiguous(words)) => panic!("{url}: ambiguous: {words}"),
        Ok(answer) => panic!("{url}: status {}", answer.status),
    }
}

async fn is_ambiguous(act: Act) -> String {
    let network = StandIn::new(std::slice::from_ref(&act)).await;
    match post_by(&client_for(&act), &network.url).await {
        Err(Failure::Ambiguous(words)) => {
            assert!(network.requests().len() <= 1 && network.connections() == 1, "sent again");
            words
        }
        Err(Failure::NotSent(words)) => panic!("not sent: {words}"),
        Ok(answer) => panic!("status {}", answer.status),
    }
}

#[tokio::test]
async fn a_connection_that_was_refused_sent_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert!(is_not_sent(&format!("http://{free}/")).await.contains("refused"));
    assert!(is_not_sent(&format!("https://{free}/")).await.contains("refused"));
}

#[tokio::test]
async fn a_name_that_nobody_has_sent_nothing() {
    is_not_sent("http://nobody.invalid/").await;
}

/// A listener whose queue is full leaves connections unanswered.
#[tokio::test]
async fn a_connection_that_comes_too_late_sent_nothing() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    is_not_sent(&format!("http://{address}/")).await;
    drop(waiting);
}

#[tokio::test]
async fn tls_that_fails_sent_nothing() {
    for act in [Act::Greet(String::new()), Act::Greet("220 mail.example.com\r\n".to_owned()), Act::Reset, Act::Silence]
    {
        let network = StandIn::new(&[act]).await;
        is_not_sent(&network.url.replace("http://", "https://")).await;
        assert_eq!(network.requests().len(), 0);
    }
}

/// A certificate that nobody vouches for. The server says what it saw.
#[tokio::test]
async fn a_server_that_is_not_the_network_gets_nothing() {
    let python = std::env::var("FIRSTCALL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/untrusted.py");
    let mut server = Command::new(python).arg(script).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = lines.next().expect("scripts/test installs what the server needs").unwrap();
    let words = is_not_sent(&format!("https://localhost:{port}/")).await;
    assert!(words.contains("certificate"), "{words}");
    assert_eq!(lines.next().unwrap().unwrap(), "no handshake");
    server.wait().unwrap();
}

#[tokio::test]
async fn a_connection_that_breaks_may_have_sent_it() {
    for act in [Act::Cut, Act::Reset, Act::Answer("not HTTP at all\r\n\r\n".to_owned())] {
        assert!(is_ambiguous(act).await.starts_with("the connection broke"));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_may_follow_something() {
    for act in [Act::Silence, Act::Drip] {
        assert_eq!(is_ambiguous(act).await, "the network did not answer in time");
    }
}

/// On a connection that is kept, a client may send a request again by itself when the server closes it.
#[tokio::test]
async fn no_connection_is_used_twice() {
    let created = answer("201 Created", "Connection: keep-alive\r\n", "{}");
    let network = StandIn::new(&[Act::KeepOpen(created), Act::Cut]).await;
    let http = patient();
    for expected in [true, false, false] {
        let done = http.post(&network.url, None, Body::form(&[("a", "b")])).await;
        assert_eq!(done.is_ok(), expected);
    }
    assert_eq!((network.connections(), network.requests().len()), (3, 3));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = StandIn::answering("200 OK", "", "").await;
    for status in ["301 Moved Permanently", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let network = StandIn::answering(status, &format!("Location: {}\r\n", elsewhere.url), "").await;
        assert_eq!(post(&network.url).await.unwrap().status, status[..3].parse::<u16>().unwrap());
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_off() {
    let network = StandIn::new(&[Act::Endless]).await;
    let started = Instant::now();
    let answer = patient().post(&network.url, None, Body::form(&[])).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (201, SMALL));
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_body_that_breaks_off_has_a_status() {
    let network =
        StandIn::new(&[Act::Answer("HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{\"si".to_owned())]).await;
    let answer = post(&network.url).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (201, &b"{\"si"[..]));
}

/// RFC 9110 section 10.2.3.
#[tokio::test]
async fn a_network_says_how_long_to_wait() {
    for (headers, wait) in [
        ("", None),
        ("Retry-After: 7\r\n", Some(7)),
        ("Retry-After: 0\r\n", Some(0)),
        ("Retry-After: 999999\r\n", Some(3600)),
        ("Retry-After: soon\r\n", None),
        ("Retry-After: -1\r\n", None),
        ("Date: Tue, 01 Dec 2026 10:00:00 GMT\r\nRetry-After: Tue, 01 Dec 2026 10:01:30 GMT\r\n", Some(90)),
        ("Date: Tue, 01 Dec 2026 10:00:00 GMT\r\nRetry-After: Tue, 01 Dec 2026 09:00:00 GMT\r\n", Some(0)),
        ("Retry-After: Tue, 01 Dec 2026 10:01:30 GMT\r\n", None),
    ] {
        let network = StandIn::answering("429 Too Many Requests", headers, "").await;
        let answer = post(&network.url).await.unwrap();
        assert_eq!(answer.retry_after, wait.map(SignedDuration::from_secs), "{headers}");
    }
}

#[tokio::test]
async fn it_says_who_it_is_and_asks_for_nothing_special() {
    let network = StandIn::answering("200 OK", "", "").await;
    post(&network.url).await.unwrap();
    let request = network.only_request();
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(request.header("user-agent"), Some(concat!("firstcall/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.header("authorization"), Some("Basic bmFtZTpzM2NyZXQ="));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("accept-encoding"), None);
    assert_eq!(request.body, "To=%2B15555550101");
}
