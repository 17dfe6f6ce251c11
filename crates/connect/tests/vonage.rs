//! What becomes of a text to Vonage, and what Vonage reports. It answers 200 to what it refuses, and has no records that
//! can be asked (rule 8.4).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use firstcall_connect::vonage::{Api, Vonage};
use firstcall_connect::{Because, Callback, Handed, Lookup, Part, Refusal, Report, StatusReport, Text};
use jiff::SignedDuration;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use support::{Act, BODY, StandIn, client_for, patient, somebody, text};
use tokio::net::TcpListener;

fn network(api: Api, base_url: &str) -> Vonage {
    support::vonage(api, base_url, patient())
}

async fn handed(api: Api, network: &StandIn) -> Handed {
    self::network(api, &network.url).send(&text(&somebody())).await
}

async fn handed_after(api: Api, status: &str, headers: &str, body: &str) -> Handed {
    let network = StandIn::answering(status, headers, body).await;
    let handed = handed(api, &network).await;
    assert_eq!(network.requests().len(), 1);
    handed
}

/// The SMS API's answer, by the status of each part.
fn parts(statuses: &[&str]) -> String {
    let part = |(nth, status): (usize, &&str)| match *status {
        "0" => {
            json!({ "to": "15555550101", "message-id": format!("0A{nth}"), "status": "0", "remaining-balance": "3.14" })
        }
        status => json!({ "status": status, "error-text": "No: 15555550101" }),
    };
    let messages: Vec<_> = statuses.iter().enumerate().map(part).collect();
    json!({ "message-count": statuses.len().to_string(), "messages": messages }).to_string()
}

async fn sms(statuses: &[&str]) -> Handed {
    handed_after(Api::Sms, "200 OK", "", &parts(statuses)).await
}

#[tokio::test]
async fn a_text_goes_to_the_sms_api_with_its_mark_and_its_end() {
    let taken = StandIn::answering("200 OK", "", &parts(&["0", "0"])).await;
    assert_eq!(handed(Api::Sms, &taken).await, Handed::Taken("0A0".to_owned()));
    let request = taken.only_request();
    assert_eq!(request.line, "POST /sms/json HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Basic YWJjZDEyMzQ6YXBpc2VjcmV0MDAwMQ=="));
    let expected = [
        ("callback", "https://calls.example.com/hooks/report"),
        ("client-ref", "message-17"),
        ("from", "15551234567"),
        ("text", BODY),
        ("to", "15555550101"),
        ("ttl", "3600000"),
        ("type", "text"),
    ];
    assert_eq!(request.form(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_text_goes_to_the_messages_api_with_its_mark_and_its_end() {
    let taken = StandIn::answering("202 Accepted", "", r#"{"message_uuid":"aaaa-1"}"#).await;
    assert_eq!(handed(Api::Messages, &taken).await, Handed::Taken("aaaa-1".to_owned()));
    let request = taken.only_request();
    assert_eq!(request.line, "POST /v1/messages HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Basic YWJjZDEyMzQ6YXBpc2VjcmV0MDAwMQ=="));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let expected = json!({
        "channel": "sms", "message_type": "text", "from": "15551234567", "to": "15555550101", "text": BODY, "ttl": 3600,
        "client_ref": "message-17", "webhook_url": "https://calls.example.com/hooks/report", "webhook_version": "v1",
        "sms": { "encoding_type": "text" },
    });
    assert_eq!(serde_json::from_str::<Value>(&request.body).unwrap(), expected);
}

#[tokio::test]
async fn a_text_beyond_gsm_7_says_so() {
    let to = somebody();
    let text = Text { unicode: true, valid_for: SignedDuration::from_hours(999), ..text(&to) };
    let taken = StandIn::answering("200 OK", "", &parts(&["0"])).await;
    network(Api::Sms, &taken.url).send(&text).await;
    let form = taken.only_request().form();
    for field in [("type", "unicode"), ("ttl", "604800000")] {
        assert!(form.contains(&(field.0.to_owned(), field.1.to_owned())));
    }
    let taken = StandIn::answering("202 Accepted", "", r#"{"message_uuid":"aaaa-1"}"#).await;
    network(Api::Messages, &taken.url).send(&text).await;
    let body: Value = serde_json::from_str(&taken.only_request().body).unwrap();
    assert_eq!((&body["sms"]["encoding_type"], &body["ttl"]), (&json!("unicode"), &json!(604_800)));
}

/// Rule 4.7: Vonage keeps trying for 20 seconds at least.
#[tokio::test]
async fn a_text_without_time_is_not_handed_over() {
    let to = somebody();
    for api in [Api::Sms, Api::Messages] {
        let nobody = StandIn::answering("500 No", "", "").await;
        let late = Text { valid_for: SignedDuration::from_millis(19_999), ..text(&to) };
        let handed = network(api, &nobody.url).send(&late).await;
        assert!(matches!(handed, Handed::Refused(Refusal { because: Because::Unreachable, .. })), "{handed:?}");
        assert_eq!(nobody.connections(), 0);
        let in_time = Text { valid_for: SignedDuration::from_secs(20), ..text(&to) };
        assert!(matches!(network(api, &nobody.url).send(&in_time).await, Handed::Unknown(_)));
    }
}

#[tokio::test]
async fn statuses_of_the_sms_api_say_who_has_to_do_something() {
    use Because::{Account, BadNumber, Content, OptedOut, Unreachable};
    for (status, because) in [
        ("2", Unreachable),
        ("3", Unreachable),
        ("4", Account),
        ("6", Unreachable),
        ("7", OptedOut),
        ("8", Account),
        ("9", Account),
        ("11", Account),
        ("12", Content),
        ("14", Account),
        ("15", Account),
        ("22", Unreachable),
        ("23", Unreachable),
        ("29", Unreachable),
        ("32", Account),
        ("33", BadNumber),
        ("77", Unreachable),
    ] {
        let expected = Refusal { because, code: Some(status.to_owned()), words: "No: …".to_owned() };
        assert_eq!(sms(&[status]).await, Handed::Refused(expected));
    }
    for status in ["1", "5", "10"] {
        assert!(
            matches!(sms(&[status]).await, Handed::Later(wait, _) if wait == SignedDuration::from_secs(2)),
            "{status}"
        );
    }
}

/// Rule 8.4: a text of which one part was accepted is neither sent nor not sent.
#[tokio::test]
async fn parts_of_different_fates_are_in_doubt() {
    for statuses in [&["0", "1"][..], &["9", "0"], &["0", "0", "5"]] {
        let handed = sms(statuses).await;
        assert!(
            matches!(&handed, Handed::Unknown(why) if why.contains(" parts of the text were accepted")),
            "{handed:?}"
        );
    }
    assert!(matches!(sms(&["1", "1"]).await, Handed::Later(..)));
    let Handed::Refused(refusal) = sms(&["1", "9"]).await else { panic!() };
    assert_eq!((refusal.because, refusal.code.as_deref()), (Because::Account, Some("9")));
}

#[tokio::test]
async fn what_vonage_may_have_is_in_doubt() {
    for (api, status, body) in [
        (Api::Sms, "200 OK", "garbage"),
        (Api::Sms, "200 OK", r#"{"message-count":"0","messages":[]}"#),
        (Api::Sms, "200 OK", r#"{"message-count":"2","messages":[{"status":"0","message-id":"0A"}]}"#),
        (Api::Sms, "200 OK", r#"{"message-count":"1","messages":[{"status":"0"}]}"#),
        (Api::Sms, "500 Internal Server Error", ""),
        (Api::Sms, "503 Service Unavailable", ""),
        (Api::Messages, "202 Accepted", "garbage"),
        (Api::Messages, "202 Accepted", r#"{"message_uuid":""}"#),
        (Api::Messages, "500 Internal Server Error", r#"{"type":"x#1030","title":"Internal"}"#),
    ] {
        let handed = handed_after(api, status, "", body).await;
        assert!(matches!(handed, Handed::Unknown(_)), "{status} {body}: {handed:?}");
    }
    for act in [Act::Cut, Act::Reset, Act::Silence, Act::Drip, Act::Endless] {
        for api in [Api::Sms, Api::Messages] {
            let network = StandIn::new(std::slice::from_ref(&act)).await;
            let vonage = support::vonage(api, &network.url, client_for(&act));
            let handed = vonage.send(&text(&somebody())).await;
            assert!(matches!(handed, Handed::Unknown(_)), "{handed:?}");
            assert_eq!(network.connections(), 1, "sent again");
        }
    }
}

#[tokio::test]
async fn what_certainly_was_not_sent_may_be_sent_later() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for api in [Api::Sms, Api::Messages] {
        let handed = network(api, &format!("http://{nobody}")).send(&text(&somebody())).await;
        assert!(matches!(handed, Handed::Later(..)), "{handed:?}");
        for (headers, wait) in [("", 2), ("Retry-After: 7\r\n", 7)] {
            let handed = handed_after(api, "429 Too Many Requests", headers, "").await;
            assert!(
                matches!(handed, Handed::Later(actual, _) if actual == SignedDuration::from_secs(wait)),
                "{handed:?}"
            );
        }
    }
    let throttled = r#"{"type":"https://developer.vonage.com/api-errors/messages#1000","title":"Throttled"}"#;
    let handed = handed_after(Api::Messages, "422 Unprocessable Entity", "", throttled).await;
    assert!(matches!(handed, Handed::Later(..)), "{handed:?}");
}

#[tokio::test]
async fn problems_of_the_messages_api_say_who_has_to_do_something() {
    use Because::{Account, BadNumber, OptedOut};
    for (status, kind, because, code) in [
        ("401 Unauthorized", "https://developer.vonage.com/api-errors#unauthorized", Account, "unauthorized"),
        ("402 Payment Required", "https://developer.vonage.com/api-errors/#low-balance", Account, "low-balance"),
        ("422 Unprocessable Entity", "https://developer.vonage.com/api-errors/messages#1120", Account, "1120"),
        ("422 Unprocessable Entity", "https://developer.vonage.com/api-errors/messages#1170", BadNumber, "1170"),
        ("422 Unprocessable Entity", "https://developer.vonage.com/api-errors/messages#1240", OptedOut, "1240"),
    ] {
        let body = json!({ "type": kind, "title": "No", "detail": "No: 15555550101", "instance": "x" }).to_string();
        let Handed::Refused(refusal) = handed_after(Api::Messages, status, "", &body).await else { panic!("{status}") };
        assert_eq!((refusal.because, refusal.code.as_deref(), refusal.words.as_str()), (because, Some(code), "No: …"));
    }
    let Handed::Refused(refusal) = handed_after(Api::Messages, "403 Forbidden", "", "<html>").await else { panic!() };
    assert_eq!(refusal, Refusal { because: Account, code: None, words: "status 403".to_owned() });
    let Handed::Refused(refusal) = handed_after(Api::Sms, "403 Forbidden", "", "<html>").await else { panic!() };
    assert_eq!(refusal, Refusal { because: Account, code: None, words: "status 403".to_owned() });
}

#[test]
fn there_are_no_records_to_ask() {
    assert_eq!(network(Api::Sms, "http://127.0.0.1:9").find(), Lookup::NoListing);
}

/// The three ways in which the SMS API brings the same, as it is set in the dashboard.
fn each_way(fields: &Value, read: impl Fn(&Vonage, &Callback<'_>)) {
    let pairs: Vec<(&String, &str)> =
        fields.as_object().unwrap().iter().map(|(k, v)| (k, v.as_str().unwrap())).collect();
    let form = serde_urlencoded::to_string(pairs).unwrap();
    let url = "https://calls.example.com/hooks/vonage";
    let with_query = format!("{url}?{form}");
    for (kind, url, body) in [
        ("application/json", url, fields.to_string()),
        ("application/x-www-form-urlencoded", url, form.clone()),
        ("text/plain", with_query.as_str(), String::new()),
    ] {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        read(&network(Api::Sms, ""), &Callback { url, headers: &headers, body: body.as_bytes() });
    }
}

#[test]
fn receipts_of_the_sms_api_are_reports() {
    use Because::{Account, BadNumber, Content, OptedOut, Unreachable};
    let failed = |because, code: &str, status| {
        let code = Some(code.to_owned());
        Report::Failed(Refusal { because, code, words: format!("Vonage says: {status}") })
    };
    for (status, code, report) in [
        ("accepted", "0", Report::Taken),
        ("buffered", "0", Report::Taken),
        ("unknown", "0", Report::Taken),
        ("delivered", "0", Report::Delivered),
        ("expired", "1", failed(Unreachable, "1", "expired")),
        ("failed", "2", failed(Unreachable, "2", "failed")),
        ("failed", "3", failed(BadNumber, "3", "failed")),
        ("failed", "4", failed(OptedOut, "4", "failed")),
        ("rejected", "6", failed(Content, "6", "rejected")),
        ("rejected", "7", failed(Unreachable, "7", "rejected")),
        ("rejected", "8", failed(Unreachable, "8", "rejected")),
        ("rejected", "9", failed(OptedOut, "9", "rejected")),
        ("rejected", "11", failed(Account, "11", "rejected")),
        ("rejected", "99", failed(Unreachable, "99", "rejected")),
    ] {
        let receipt = json!({
            "msisdn": "15555550101", "to": "15551234567", "network-code": "31000", "messageId": "0A0", "price": "0.01",
            "status": status, "scts": "2612011005", "err-code": code, "client-ref": "message-17",
            "message-timestamp": "2026-12-01 10:05:00",
        });
        let expected = StatusReport { network_id: "0A0".to_owned(), reference: Some("message-17".to_owned()), report };
        each_way(&receipt, |vonage, callback| {
            assert_eq!(vonage.reported(callback).as_ref(), Some(&expected));
            assert!(vonage.arrived(callback).is_none());
        });
    }
}

#[test]
fn texts_of_the_sms_api_arrive_in_parts() {
    let whole = json!({
        "msisdn": "15555550101", "to": "15551234567", "messageId": "0B1", "text": "Y7 & thanks 👍", "type": "unicode",
        "keyword": "Y7", "message-timestamp": "2026-12-01 10:05:00",
    });
    each_way(&whole, |vonage, callback| {
        let arrived = vonage.arrived(callback).unwrap();
        assert_eq!((arrived.network_id.as_str(), arrived.body.as_str()), ("0B1", "Y7 & thanks 👍"));
        assert_eq!((arrived.from.as_str(), arrived.to.as_str()), ("15555550101", "15551234567"));
        assert_eq!((arrived.part, arrived.opt_out), (None, None));
        assert_eq!(arrived.sent_at, Some("2026-12-01T10:05:00Z".parse().unwrap()));
        assert!(vonage.reported(callback).is_none());
    });
    for (number, of, right) in
        [("2", "3", true), ("3", "3", true), ("0", "3", false), ("4", "3", false), ("x", "3", false)]
    {
        let mut part = whole.clone();
        for (name, value) in [("concat", "true"), ("concat-ref", "r1"), ("concat-part", number), ("concat-total", of)] {
            part[name] = json!(value);
        }
        let expected = right.then(|| Part { reference: "r1".to_owned(), number: number.parse().unwrap(), of: 3 });
        each_way(&part, |vonage, callback| assert_eq!(vonage.arrived(callback).unwrap().part, expected));
    }
}

fn by_messages(body: &Value) -> (Option<StatusReport>, Option<firstcall_connect::Arrived>) {
    let vonage = network(Api::Messages, "");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let body = body.to_string();
    let callback = Callback { url: "https://calls.example.com/hooks/vonage", headers: &headers, body: body.as_bytes() };
    (vonage.reported(&callback), vonage.arrived(&callback))
}

#[test]
fn statuses_of_the_messages_api_are_reports() {
    let failed = |because, code: &str| {
        Report::Failed(Refusal { because, code: Some(code.to_owned()), words: "It was not delivered".to_owned() })
    };
    for (status, error, report) in [
        ("submitted", Value::Null, Report::Sent),
        ("delivered", Value::Null, Report::Delivered),
        ("read", Value::Null, Report::Delivered),
        ("something new", Value::Null, Report::Taken),
        (
            "rejected",
            json!({ "type": "https://developer.vonage.com/api-errors/messages#1240", "title": "Illegal" }),
            failed(Because::OptedOut, "1240"),
        ),
        (
            "undeliverable",
            json!({ "type": "https://developer.vonage.com/api-errors/messages#1180", "title": 1180 }),
            failed(Because::Unreachable, "1180"),
        ),
        ("undeliverable", json!({ "title": 1190 }), failed(Because::BadNumber, "1190")),
    ] {
        let mut body = json!({
            "channel": "sms", "message_uuid": "aaaa-1", "to": "15555550101", "from": "15551234567",
            "timestamp": "2026-12-01T10:05:00Z", "status": status, "client_ref": "message-17", "error": error,
        });
        if body["error"].is_object() {
            body["error"]["detail"] = json!("It was not delivered");
        }
        let expected =
            StatusReport { network_id: "aaaa-1".to_owned(), reference: Some("message-17".to_owned()), report };
        assert_eq!(by_messages(&body), (Some(expected), None));
    }
    let silent = json!({ "message_uuid": "aaaa-1", "status": "rejected" });
    let refusal = Refusal { because: Because::Unreachable, code: None, words: "Vonage says: rejected".to_owned() };
    assert_eq!(by_messages(&silent).0.unwrap().report, Report::Failed(refusal));
}

#[test]
fn texts_of_the_messages_api_arrive() {
    let body = json!({
        "channel": "sms", "message_uuid": "bbbb-1", "to": "15551234567", "from": "15555550101", "message_type": "text",
        "timestamp": "2026-12-01T10:05:00Z", "text": "Y7 👍", "sms": { "num_messages": "1", "keyword": "Y7" },
    });
    let (reported, arrived) = by_messages(&body);
    let arrived = arrived.unwrap();
    assert_eq!((arrived.network_id.as_str(), arrived.body.as_str(), reported), ("bbbb-1", "Y7 👍", None));
    assert_eq!((arrived.from.as_str(), arrived.to.as_str()), ("15555550101", "15551234567"));
    assert_eq!(arrived.sent_at, Some("2026-12-01T10:05:00Z".parse().unwrap()));
    for nothing in
        [json!({}), json!([]), json!("x"), json!({ "status": "delivered" }), json!({ "message_type": "text" })]
    {
        assert_eq!(by_messages(&nothing), (None, None));
    }
}
