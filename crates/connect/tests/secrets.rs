//! No number, text or secret in what ends in logs: words of errors, and debug output.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use firstcall_connect::vonage::Api;
use firstcall_connect::{Arrived, Handed, Listed, OptOut, Part, Report, StatusReport};
use jiff::Timestamp;
use serde_json::json;
use std::fmt::Debug;
use support::{Act, BODY, StandIn, TOKEN, answer, client_for, patient, somebody, text};

/// What may be nowhere, and what would give it away.
const UNSAID: [&str; 8] = ["5550101", "555 0101", "1234567", BODY, "Café", TOKEN, "apisecret0001", "sigsecret0001"];

fn says_nothing(of: &dyn Debug) -> String {
    let words = format!("{of:?} {of:#?}");
    for each in UNSAID {
        assert!(!words.contains(each), "{words}");
    }
    words
}

/// Everything that must stay unsaid, in the words of a network.
fn gossip(secrets: &str) -> String {
    format!("No {secrets}: {BODY} to +15555550101, 1 (555) 555 0101 from 15551234567\r\nX: y")
}

/// Networks that talk.
fn acts(secrets: &str) -> Vec<Act> {
    let words = gossip(secrets);
    let problem = json!({ "code": 20001, "message": words, "type": "x#1120", "title": words, "detail": words });
    let created = json!({ "sid": "SM1", "status": "failed", "error_code": 30007, "error_message": words });
    let part = |status| json!({ "message-count": "1", "messages": [{ "status": status, "error-text": words }] });
    vec![
        Act::Answer(answer("400 Bad Request", "", &problem.to_string())),
        Act::Answer(answer("429 Too Many Requests", "", &problem.to_string())),
        Act::Answer(answer("401 Unauthorized", "", &words)),
        Act::Answer(answer("500 Internal Server Error", "", &words)),
        Act::Answer(answer("201 Created", "", &created.to_string())),
        Act::Answer(answer("200 OK", "", &part("4").to_string())),
        Act::Answer(answer("200 OK", "", &part("1").to_string())),
        Act::Answer(answer("200 OK", "", &words)),
        Act::Greet(words),
        Act::Cut,
        Act::Reset,
        Act::Silence,
    ]
}

/// The secrets stand in the address too, as somebody might write it.
async fn talking(act: &Act, secrets: &str) -> String {
    let network = StandIn::new(std::slice::from_ref(act)).await;
    network.url.replace("http://", &format!("http://{}@", secrets.replace(' ', ":")))
}

#[tokio::test]
async fn errors_of_twilio_repeat_nothing() {
    let mut readable = 0;
    for act in acts(TOKEN) {
        let url = talking(&act, TOKEN).await;
        let handed = support::twilio(&url, client_for(&act)).send(&text(&somebody())).await;
        let words = says_nothing(&handed);
        readable += usize::from(words.contains("\"No …: … to …, … from …  X: y\""));
    }
    assert_eq!(readable, 3);
}

#[tokio::test]
async fn errors_of_vonage_repeat_nothing() {
    let secrets = "apisecret0001 sigsecret0001";
    let mut readable = 0;
    for act in acts(secrets) {
        for api in [Api::Sms, Api::Messages] {
            let url = talking(&act, secrets).await;
            let handed = support::vonage(api, &url, client_for(&act)).send(&text(&somebody())).await;
            let words = says_nothing(&handed);
            readable += usize::from(words.contains("\"No … …: … to …, … from …  X: y\""));
        }
    }
    assert_eq!(readable, 3);
}

#[tokio::test]
async fn a_wrong_address_is_not_repeated() {
    let to = somebody();
    for url in ["ftp://x:apisecret0001@example.com", "apisecret0001", "http://", "http://apisecret0001.invalid"] {
        for handed in [
            support::twilio(url, patient()).send(&text(&to)).await,
            support::vonage(Api::Sms, url, patient()).send(&text(&to)).await,
        ] {
            assert!(matches!(handed, Handed::Later(..)), "{handed:?}");
            says_nothing(&handed);
        }
    }
}

#[test]
fn debug_output_says_nothing() {
    let to = somebody();
    assert!(says_nothing(&text(&to)).contains("message-17"));
    let arrived = Arrived {
        network_id: "SM1".to_owned(),
        from: "+15555550101".to_owned(),
        to: "+15551234567".to_owned(),
        body: BODY.to_owned(),
        opt_out: Some(OptOut::Stop),
        part: Some(Part { reference: "r1".to_owned(), number: 1, of: 2 }),
        sent_at: None,
    };
    assert!(says_nothing(&arrived).contains("SM1"));
    let (network_id, body) = ("SM1".to_owned(), BODY.to_owned());
    let listed = Listed { network_id, body, report: Report::Sent, created_at: Timestamp::UNIX_EPOCH };
    assert!(says_nothing(&listed).contains("SM1"));
    says_nothing(&StatusReport { network_id: "SM1".to_owned(), reference: None, report: Report::Sent });
    says_nothing(&patient());
}
