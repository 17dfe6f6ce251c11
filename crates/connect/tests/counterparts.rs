//! Twilio as others understand it: a stateful stand-in that signs its callbacks (npm `emulate`), and the official `OpenAPI`
//! description (npm `@twilio/cli-core`), by which npm `@stoplight/prism-cli` judges what we ask.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "support/node.rs"]
mod node;
mod support;

use firstcall_connect::http::Body;
use firstcall_connect::twilio::{self, Account, Sender, Twilio};
use firstcall_connect::{Because, Callback, Forged, Handed, Listed, Lookup, Refusal, Report};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use support::{BODY, Request, SID, StandIn, TOKEN, somebody, text};

/// The number that `emulate` has.
const OURS: &str = "+15551234567";

async fn ask(path: &str, fields: &[(&str, &str)]) -> Value {
    let answer = support::patient().post(path, Some((SID, TOKEN)), Body::form(fields)).await.unwrap();
    assert!((200..300).contains(&answer.status), "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

async fn listed(twilio: &Twilio, since: Timestamp) -> Vec<Listed> {
    match twilio.find(&somebody(), since).await.unwrap() {
        Lookup::Listed(all) => all,
        Lookup::NoListing => panic!("Twilio has a listing"),
    }
}

/// What a callback is to us: the stand-in's address is the public one.
fn check<T>(ours: &StandIn, request: &Request, read: impl Fn(&Callback<'_>) -> Option<T>) -> T {
    let path = request.line.split(' ').nth(1).unwrap();
    let headers: HeaderMap = request
        .headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
        .collect();
    let callback = Callback { url: &format!("{}{path}", ours.url), headers: &headers, body: request.body.as_bytes() };
    assert_eq!(twilio::verify(&callback, &["another", TOKEN]), Ok(()));
    assert_eq!(twilio::verify(&callback, &["another"]), Err(Forged::Wrong));
    let elsewhere = Callback { url: "https://calls.example.com/", ..callback };
    assert_eq!(twilio::verify(&elsewhere, &[TOKEN]), Err(Forged::Wrong));
    read(&callback).expect("a callback of this kind")
}

#[tokio::test]
async fn a_text_is_created_listed_and_reported() {
    let (emulate, ours) = (node::emulate(), StandIn::answering("204 No Content", "", "").await);
    let twilio = support::twilio(&emulate.url, support::patient());
    let (to, started) = (somebody(), Timestamp::now());
    assert_eq!(listed(&twilio, started).await, []);

    let report_to = format!("{}/hooks/report?m=17&n=%C3%A9", ours.url);
    let handed = twilio.send(&firstcall_connect::Text { report_to: &report_to, ..text(&to) }).await;
    let Handed::Taken(sid) = handed else { panic!("{handed:?}") };
    let found = listed(&twilio, started).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].network_id, found[0].body.as_str(), &found[0].report), (&sid, BODY, &Report::Taken));
    assert_eq!(listed(&twilio, Timestamp::now() + jiff::SignedDuration::from_secs(60)).await, []);

    for status in ["sent", "delivered"] {
        let fields = [("MessageSid", sid.as_str()), ("Status", status)];
        ask(&format!("{}/_twilio/simulate/message-status", emulate.url), &fields).await;
    }
    let reports: Vec<Report> = ours
        .requests()
        .iter()
        .map(|request| {
            assert!(request.line.starts_with("POST /hooks/report?m=17&n=%C3%A9 "), "{}", request.line);
            let reported = check(&ours, request, twilio::reported);
            assert_eq!(reported.network_id, sid);
            reported.report
        })
        .collect();
    // The first comes before the answer to the text itself.
    assert_eq!(reports, [Report::Taken, Report::Sent, Report::Delivered]);
    assert_eq!(listed(&twilio, started).await[0].report, Report::Delivered);
}

#[tokio::test]
async fn texts_arrive_signed_by_post_and_by_get() {
    let (emulate, ours) = (node::emulate(), StandIn::answering("204 No Content", "", "").await);
    let numbers = format!("{}/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers", emulate.url);
    let answer = support::patient().get(&format!("{numbers}.json"), Some((SID, TOKEN))).await.unwrap();
    let all: Value = serde_json::from_slice(&answer.body).unwrap();
    let number = &all["incoming_phone_numbers"][0];
    assert_eq!(number["phone_number"], OURS);
    let number = format!("{numbers}/{}.json", number["sid"].as_str().unwrap());
    for (nth, (method, body)) in
        [("POST", "Y7 & thanks=é+👍"), ("GET", "N7 & thanks=é+👍"), ("POST", "")].into_iter().enumerate()
    {
        let url = format!("{}/hooks/in", ours.url);
        ask(&number, &[("SmsUrl", &url), ("SmsMethod", method)]).await;
        let fields = [("From", "+15555550101"), ("To", OURS), ("Body", body)];
        ask(&format!("{}/_twilio/simulate/inbound-message", emulate.url), &fields).await;
        let request = ours.requests().remove(nth);
        assert!(request.line.starts_with(method), "{}", request.line);
        let arrived = check(&ours, &request, twilio::arrived);
        assert_eq!((arrived.from.as_str(), arrived.to.as_str(), arrived.body.as_str()), ("+15555550101", OURS, body));
        assert!(arrived.network_id.starts_with("SM") && arrived.opt_out.is_none());
    }
}

#[tokio::test]
async fn refusals_say_who_has_to_mend_something() {
    let emulate = node::emulate();
    let send = async |auth_token: &str, from: &str| {
        let account = Account {
            account_sid: SID.to_owned(),
            auth_token: auth_token.to_owned(),
            sender: Sender::From(from.parse().unwrap()),
            base_url: emulate.url.clone(),
        };
        Twilio::new(account, support::patient()).send(&text(&somebody())).await
    };
    let Handed::Refused(Refusal { because, code, words }) = send("another", OURS).await else { panic!() };
    assert_eq!((because, code.as_deref(), words.as_str()), (Because::Account, Some("20003"), "Authenticate"));
    let Handed::Refused(Refusal { because, code, .. }) = send(TOKEN, "+15555550199").await else { panic!() };
    assert_eq!(because, Because::Account, "{code:?}");
    let twilio = support::twilio(&emulate.url.replace("127.0.0.1", "127.0.0.2"), support::patient());
    let handed = twilio.send(&text(&somebody())).await;
    assert!(matches!(handed, Handed::Later(..)), "it listens on one address only: {handed:?}");
}

const MESSAGES: &str = "/2010-04-01/Accounts/{AccountSid}/Messages.json";

/// The description of the Messages resource alone, which is quick to read.
fn description() -> Value {
    let path = node::folder().join("twilio_api_v2010.json");
    let text = std::fs::read_to_string(path).expect("scripts/test installs it");
    let mut all: Value = serde_json::from_str(&text).unwrap();
    all["paths"] = json!({ MESSAGES: all["paths"][MESSAGES].take() });
    let schemas = all["components"]["schemas"].as_object_mut().unwrap();
    schemas.retain(|name, _| name.contains("message"));
    all
}

#[tokio::test]
async fn the_official_description_allows_what_we_ask() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.json");
    std::fs::write(&path, description().to_string()).unwrap();
    let prism = node::prism(&path);
    let http = support::patient();
    let url = format!("{}/2010-04-01/Accounts/{SID}/Messages.json", prism.url);
    let status =
        async |fields: &[(&str, &str)]| http.post(&url, Some((SID, TOKEN)), Body::form(fields)).await.unwrap().status;
    // It does judge.
    let right = [("To", "+15555550101"), ("From", OURS), ("Body", "x")];
    assert_eq!(status(&right).await, 201);
    for wrong in [("ValidityPeriod", "soon"), ("MessagingServiceSid", "MG1"), ("StatusCallback", "not a URL")] {
        assert_eq!(status(&[right[0], right[1], right[2], wrong]).await, 422, "{wrong:?}");
    }
    assert_eq!(status(&right[1..]).await, 422);
    assert_eq!(http.get(&format!("{url}?PageSize=1001"), Some((SID, TOKEN))).await.unwrap().status, 422);

    for sender in [Sender::From(OURS.parse().unwrap()), Sender::Service(format!("MG{}", "0".repeat(32)))] {
        let (account_sid, auth_token) = (SID.to_owned(), TOKEN.to_owned());
        let account = Account { account_sid, auth_token, sender, base_url: prism.url.clone() };
        let twilio = Twilio::new(account, http.clone());
        let handed = twilio.send(&text(&somebody())).await;
        assert!(matches!(handed, Handed::Taken(_)), "{handed:?}");
        let found = twilio.find(&somebody(), Timestamp::UNIX_EPOCH).await;
        assert!(matches!(found, Ok(Lookup::Listed(_))), "{found:?}");
    }
}

/// The description does not forbid other fields, so their names are looked up.
#[tokio::test]
async fn the_official_description_knows_each_field() {
    let description = description();
    let form = &description["paths"][MESSAGES]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"];
    let network = StandIn::answering("500 No", "", "").await;
    support::twilio(&network.url, support::patient()).send(&text(&somebody())).await;
    let fields = network.only_request().form();
    assert_eq!(fields.len(), 5);
    for (name, _) in fields {
        assert!(form["schema"]["properties"][&name].is_object(), "{name}");
    }
}
