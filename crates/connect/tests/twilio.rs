//! What becomes of a text to Twilio, and what Twilio's records and reports say. Nothing that Twilio may have is sent
//! again (rule 8.4).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use firstcall_connect::http::{Client, Failure};
use firstcall_connect::twilio::{self, Account, Sender, Twilio};
use firstcall_connect::{Because, Callback, Handed, Listed, Lookup, OptOut, Refusal, Report, Text};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use support::{Act, BODY, SID, StandIn, TOKEN, answer, client_for, patient, somebody, text, twilio};
use tokio::net::TcpListener;

const MESSAGES: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json";

async fn handed(network: &StandIn) -> Handed {
    handed_by(network, patient()).await
}

async fn handed_by(network: &StandIn, http: Client) -> Handed {
    twilio(&network.url, http).send(&text(&somebody())).await
}

async fn handed_after(status: &str, headers: &str, body: &str) -> Handed {
    let network = StandIn::answering(status, headers, body).await;
    let handed = handed(&network).await;
    assert_eq!(network.requests().len(), 1);
    handed
}

fn problem(code: u32) -> String {
    format!(
        r#"{{"code":{code},"message":"No: +15555550101","more_info":"https://www.twilio.com/docs/errors/{code}","status":400}}"#
    )
}

fn refusal(handed: Handed) -> Refusal {
    let Handed::Refused(refusal) = handed else { panic!("{handed:?}") };
    refusal
}

#[tokio::test]
async fn a_text_is_created_once_with_its_mark_and_its_end() {
    let network = StandIn::answering("201 Created", "", r#"{"sid":"SM17","status":"queued","error_code":null}"#).await;
    assert_eq!(handed(&network).await, Handed::Taken("SM17".to_owned()));
    let request = network.only_request();
    assert_eq!(request.line, format!("POST {MESSAGES} HTTP/1.1"));
    let expected = [
        ("Body", BODY),
        ("From", "+15551234567"),
        ("StatusCallback", "https://calls.example.com/hooks/report?m=17"),
        ("To", "+15555550101"),
        ("ValidityPeriod", "3600"),
    ];
    assert_eq!(request.form(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(
        request.header("authorization"),
        Some("Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDp0d2lsaW9fdGVzdF9hdXRoX3Rva2Vu")
    );
}

#[tokio::test]
async fn a_messaging_service_chooses_the_number() {
    let network = StandIn::answering("201 Created", "", r#"{"sid":"SM17","status":"accepted"}"#).await;
    let account = Account {
        account_sid: SID.to_owned(),
        auth_token: TOKEN.to_owned(),
        sender: Sender::Service("MG00000000000000000000000000000000".to_owned()),
        base_url: network.url.clone(),
    };
    let to = somebody();
    let long = Text { valid_for: SignedDuration::from_hours(48), ..text(&to) };
    assert_eq!(Twilio::new(account, patient()).send(&long).await, Handed::Taken("SM17".to_owned()));
    let form = network.only_request().form();
    let value = |name| form.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str());
    assert_eq!(value("MessagingServiceSid"), Some("MG00000000000000000000000000000000"));
    assert_eq!((value("From"), value("ValidityPeriod")), (None, Some("36000")));
}

/// Rule 4.7: the network may not keep trying for longer than the offer may take.
#[tokio::test]
async fn a_text_without_time_is_not_handed_over() {
    let network = StandIn::answering("201 Created", "", "{}").await;
    let to = somebody();
    let late = Text { valid_for: SignedDuration::from_millis(999), ..text(&to) };
    let refused = refusal(twilio(&network.url, patient()).send(&late).await);
    assert_eq!((refused.because, network.connections()), (Because::Unreachable, 0));
    let in_time = Text { valid_for: SignedDuration::from_secs(1), ..late };
    twilio(&network.url, patient()).send(&in_time).await;
    assert!(network.only_request().form().contains(&("ValidityPeriod".to_owned(), "1".to_owned())));
}

#[tokio::test]
async fn what_certainly_was_not_sent_may_be_sent_later() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let handed = twilio(&format!("http://{nobody}"), patient()).send(&text(&somebody())).await;
    assert!(matches!(handed, Handed::Later(wait, _) if wait == SignedDuration::from_secs(30)), "{handed:?}");
}

#[tokio::test]
async fn too_many_requests_are_sent_later() {
    let (secs, hours) = (SignedDuration::from_secs, SignedDuration::from_hours);
    for (status, headers, code, wait) in [
        ("429 Too Many Requests", "", 20429, secs(2)),
        ("429 Too Many Requests", "Retry-After: 3\r\n", 20429, secs(3)),
        ("429 Too Many Requests", "", 63038, hours(1)),
        ("400 Bad Request", "", 21611, secs(2)),
        ("400 Bad Request", "Retry-After: 3\r\n", 14107, secs(3)),
    ] {
        let handed = handed_after(status, headers, &problem(code)).await;
        let Handed::Later(actual, _) = handed else { panic!("{code}: {handed:?}") };
        assert_eq!(actual, wait, "{code}");
    }
    assert!(matches!(handed_after("429 Too Many Requests", "", "busy").await, Handed::Later(..)));
}

#[tokio::test]
async fn what_twilio_may_have_is_in_doubt() {
    for (status, body) in [
        ("500 Internal Server Error", r#"{"code":20500,"message":"","status":500}"#),
        ("502 Bad Gateway", "<html>"),
        ("503 Service Unavailable", ""),
        ("504 Gateway Timeout", ""),
        ("408 Request Timeout", ""),
        ("303 See Other", ""),
        ("201 Created", "garbage"),
        ("201 Created", r#"{"sid":""}"#),
        ("201 Created", r#"{"status":"queued"}"#),
        ("200 OK", "<html>Log in to the hotel's network</html>"),
    ] {
        let handed = handed_after(status, "", body).await;
        assert!(matches!(&handed, Handed::Unknown(why) if why.contains(&status[..3])), "{status}: {handed:?}");
    }
    for act in [Act::Cut, Act::Reset, Act::Silence, Act::Drip, Act::Endless] {
        let network = StandIn::new(std::slice::from_ref(&act)).await;
        let handed = handed_by(&network, client_for(&act)).await;
        assert!(matches!(handed, Handed::Unknown(_)), "{handed:?}");
        assert_eq!(network.connections(), 1, "sent again");
    }
}

#[tokio::test]
async fn codes_say_who_has_to_do_something() {
    use Because::{Account, BadNumber, Content, OptedOut, Unreachable};
    for (status, code, because) in [
        ("400 Bad Request", 21610, OptedOut),
        ("400 Bad Request", 21211, BadNumber),
        ("400 Bad Request", 21614, BadNumber),
        ("400 Bad Request", 21635, BadNumber),
        ("400 Bad Request", 21617, Content),
        ("400 Bad Request", 21606, Account),
        ("400 Bad Request", 21408, Unreachable),
        ("400 Bad Request", 21608, Unreachable),
        ("400 Bad Request", 21612, Unreachable),
        ("400 Bad Request", 29999, Unreachable),
        ("401 Unauthorized", 20003, Account),
        ("403 Forbidden", 63999, Account),
        ("404 Not Found", 20404, Account),
        ("400 Bad Request", 63999, Unreachable),
    ] {
        let refused = refusal(handed_after(status, "", &problem(code)).await);
        assert_eq!((refused.because, refused.code), (because, Some(code.to_string())));
        assert!(refused.words.starts_with("No: …"), "{}", refused.words);
    }
    for status in ["400 Bad Request", "401 Unauthorized", "413 Content Too Large", "301 Moved Permanently"] {
        let refused = refusal(handed_after(status, "", "<html>").await);
        let words = format!("status {}", &status[..3]);
        assert_eq!(refused, Refusal { because: Account, code: None, words });
    }
}

#[tokio::test]
async fn a_text_may_fail_as_it_is_created() {
    let body = r#"{"sid":"SM17","status":"failed","error_code":21610,"error_message":"+15555550101 sent STOP"}"#;
    let refused = refusal(handed_after("201 Created", "", body).await);
    let expected =
        Refusal { because: Because::OptedOut, code: Some("21610".to_owned()), words: "… sent STOP".to_owned() };
    assert_eq!(refused, expected);
    let refused = refusal(handed_after("201 Created", "", r#"{"sid":"SM17","status":"failed"}"#).await);
    assert_eq!((refused.because, refused.words.as_str()), (Because::Unreachable, "Twilio says: failed"));
}

fn listed(sid: &str, minute: u8, status: &str) -> String {
    let created = format!("Tue, 01 Dec 2026 10:{minute:02}:00 +0000");
    format!(
        r#"{{"sid":"{sid}","status":"{status}","body":"Sent from your Twilio trial account - {sid}","date_created":"{created}","date_sent":null,"error_code":null}}"#
    )
}

fn page(messages: &[String], next: Option<&str>) -> Act {
    let next = next.map_or("null".to_owned(), |next| format!("\"{next}\""));
    let body = format!(r#"{{"messages":[{}],"next_page_uri":{next}}}"#, messages.join(","));
    Act::Answer(answer("200 OK", "", &body))
}

fn since() -> Timestamp {
    "2026-12-01T10:05:00.7Z".parse().unwrap()
}

async fn found(network: &StandIn, http: Client) -> Result<Vec<Listed>, Failure> {
    match twilio(&network.url, http).find(&somebody(), since()).await? {
        Lookup::Listed(all) => Ok(all),
        Lookup::NoListing => panic!("Twilio has a listing"),
    }
}

/// Rule 8.4: a text that waits at Twilio has no `date_sent`, and is found all the same.
#[tokio::test]
async fn records_are_read_to_their_end() {
    let more = format!("{MESSAGES}?To=%2B15555550101&PageSize=500&Page=1&PageToken=PA1");
    let network = StandIn::new(&[
        page(&[listed("SM3", 9, "queued"), listed("SM1", 4, "delivered")], Some(&more)),
        page(&[listed("SM2", 5, "undelivered")], None),
    ])
    .await;
    let found = found(&network, patient()).await.unwrap();
    assert_eq!(found.iter().map(|each| each.network_id.as_str()).collect::<Vec<_>>(), ["SM3", "SM2"]);
    assert!(found[0].body.ends_with(" - SM3"));
    assert_eq!((&found[0].report, found[0].created_at), (&Report::Taken, "2026-12-01T10:09:00Z".parse().unwrap()));
    assert!(matches!(found[1].report, Report::Failed(_)));
    let lines: Vec<_> = network.requests().into_iter().map(|request| request.line).collect();
    let first = format!("GET {MESSAGES}?To=%2B15555550101&PageSize=500 HTTP/1.1");
    assert_eq!(lines, [first, format!("GET {more} HTTP/1.1")]);
}

/// Rule 8.4: "not there" is said only when everything was read.
#[tokio::test]
async fn records_that_cannot_be_read_say_nothing() {
    let endless = page(&[], Some(MESSAGES));
    let elsewhere = page(&[], Some("https://elsewhere.example.com/"));
    let undated = page(&[r#"{"sid":"SM1","status":"queued","body":"x"}"#.to_owned()], None);
    let broken = Act::Answer(answer("200 OK", "", "{\"messages\":[]"));
    let refused = Act::Answer(answer("401 Unauthorized", "", &problem(20003)));
    for act in [endless, elsewhere, undated, broken, refused, Act::Cut, Act::Silence] {
        let network = StandIn::new(std::slice::from_ref(&act)).await;
        assert!(found(&network, client_for(&act)).await.is_err());
        assert!(network.connections() <= 10);
    }
}

/// After the address of the network, this would be the address of somebody else, and ours a name and a password.
#[tokio::test]
async fn credentials_go_nowhere_else() {
    let elsewhere = StandIn::new(&[page(&[], None)]).await;
    let next = elsewhere.url.replace("http://", "@") + MESSAGES;
    let network = StandIn::new(&[page(&[], Some(&next))]).await;
    assert!(found(&network, patient()).await.is_err());
    assert_eq!((network.connections(), elsewhere.connections()), (1, 0));
}

/// A page may be larger than the answer to one text.
#[tokio::test]
async fn a_large_page_is_read() {
    let messages: Vec<_> = (0..500).map(|nth| listed(&format!("SM{nth}"), 6, "sent")).collect();
    let network = StandIn::new(&[page(&messages, None)]).await;
    assert_eq!(found(&network, patient()).await.unwrap().len(), 500);
}

fn posted(fields: &[(&str, &str)]) -> (HeaderMap, String) {
    let form = HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8");
    (HeaderMap::from_iter([(CONTENT_TYPE, form)]), serde_urlencoded::to_string(fields).unwrap())
}

#[test]
fn statuses_are_reports() {
    use Because::{Account, BadNumber, Content, OptedOut, Unreachable};
    let report = |status: &str, code: &str| {
        let (headers, body) = posted(&[("MessageSid", "SM17"), ("MessageStatus", status), ("ErrorCode", code)]);
        let url = "https://calls.example.com/hooks/report?m=17";
        let reported = twilio::reported(&Callback { url, headers: &headers, body: body.as_bytes() }).unwrap();
        assert_eq!((reported.network_id.as_str(), reported.reference), ("SM17", None));
        reported.report
    };
    for status in ["queued", "accepted", "scheduled", "sending", "something new"] {
        assert_eq!(report(status, ""), Report::Taken);
    }
    assert_eq!((report("sent", ""), report("partially_delivered", "")), (Report::Sent, Report::Sent));
    assert_eq!((report("delivered", ""), report("read", "")), (Report::Delivered, Report::Delivered));
    for (code, because) in [
        ("21610", OptedOut),
        ("30004", OptedOut),
        ("30005", BadNumber),
        ("30006", BadNumber),
        ("30007", Content),
        ("30002", Account),
        ("30032", Account),
        ("30034", Account),
        ("30001", Unreachable),
        ("30003", Unreachable),
        ("30008", Unreachable),
        ("30023", Unreachable),
        ("30036", Unreachable),
        ("39999", Unreachable),
        ("", Unreachable),
    ] {
        for status in ["undelivered", "failed", "canceled"] {
            let Report::Failed(refusal) = report(status, code) else { panic!("{status}") };
            assert_eq!((refusal.because, refusal.code.unwrap_or_default()), (because, code.to_owned()));
        }
    }
}

#[test]
fn texts_arrive_by_post_and_by_get() {
    let fields = [
        ("MessageSid", "SM18"),
        ("From", "+15555550101"),
        ("To", "+15551234567"),
        ("Body", "Y7 & thanks 👍"),
        ("NumMedia", "0"),
    ];
    for word in [None, Some("STOP"), Some("START"), Some("HELP"), Some("WHAT")] {
        let all: Vec<_> = fields.into_iter().chain(word.map(|word| ("OptOutType", word))).collect();
        let (headers, body) = posted(&all);
        let url = format!("https://calls.example.com/hooks/in?{body}");
        let post = Callback { url: "https://calls.example.com/hooks/in?x=1", headers: &headers, body: body.as_bytes() };
        let get = Callback { url: &url, headers: &HeaderMap::new(), body: b"" };
        for callback in [post, get] {
            let arrived = twilio::arrived(&callback).unwrap();
            assert_eq!((arrived.network_id.as_str(), arrived.body.as_str()), ("SM18", "Y7 & thanks 👍"));
            assert_eq!((arrived.from.as_str(), arrived.to.as_str()), ("+15555550101", "+15551234567"));
            let expected = match word {
                Some("STOP") => Some(OptOut::Stop),
                Some("START") => Some(OptOut::Start),
                Some("HELP") => Some(OptOut::Help),
                _ => None,
            };
            assert_eq!(arrived.opt_out, expected);
        }
    }
}

#[test]
fn what_is_neither_a_report_nor_a_text_is_nothing() {
    for fields in [&[][..], &[("MessageSid", "SM17")], &[("MessageStatus", "sent"), ("Body", "x")]] {
        let (headers, body) = posted(fields);
        let callback = Callback { url: "https://calls.example.com/", headers: &headers, body: body.as_bytes() };
        assert!(twilio::reported(&callback).is_none() && twilio::arrived(&callback).is_none());
    }
}
