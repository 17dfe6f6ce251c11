//! The official SDKs for Python beside us, which `scripts/test` installs: what they sign we believe, what we would sign
//! they believe, and what they send for a text is what we send.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "support/sign.rs"]
mod sign;
mod support;

use fastrand::Rng;
use firstcall_connect::vonage::Api;
use firstcall_connect::{Callback, Handed, twilio};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use sign::{Params, payload_hash};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use support::{BODY, SID, StandIn, TOKEN, patient, somebody, text};

const CASES: usize = 200;
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

static SEED: LazyLock<u64> = LazyLock::new(|| {
    let seed =
        std::env::var("FIRSTCALL_TEST_SEED").ok().map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("FIRSTCALL_TEST_SEED={seed}");
    seed
});

fn run(script: &str, arguments: &[&str], input: &Value) -> Vec<u8> {
    let python = std::env::var("FIRSTCALL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = format!("{}/tests/sdk/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(python)
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "scripts/test installs twilio and vonage");
    output.stdout
}

fn ask(cases: &[Value]) -> Vec<Value> {
    serde_json::from_slice(&run("signatures.py", &[], &json!(cases))).unwrap()
}

/// Letters, digits, what forms escape, accents, emoji, what sorts unlike letters.
fn words(rng: &mut Rng, most: usize) -> String {
    const PIECES: [&str; 22] = [
        "a", "Z", "7", "0", " ", "&", "=", "+", "%", "é", "e\u{301}", "ß", "👍🏽", "日本", "\n", "\"", "'", "_", "-",
        "~", "#", "?",
    ];
    (0..rng.usize(..=most)).map(|_| PIECES[rng.usize(..PIECES.len())]).collect()
}

fn name(rng: &mut Rng) -> String {
    const NAMES: [&str; 8] = ["Body", "From", "To", "body", "MessageSid", "From_2", "FromCity", "A-b"];
    NAMES[rng.usize(..NAMES.len())].to_owned()
}

/// Some names come twice, some values are empty, some pairs are the same.
fn fields(rng: &mut Rng) -> Params {
    let mut fields: Params = (0..rng.usize(1..12)).map(|_| (name(rng), words(rng, 8))).collect();
    if rng.bool() {
        fields.push(fields[0].clone());
    }
    rng.shuffle(&mut fields);
    fields
}

/// A URL, and the same as Twilio may have seen it.
fn urls(rng: &mut Rng) -> (String, String) {
    let path = ["/hooks/in", "/hooks/a%20b/in", "/hooks/in?m=17", "/hooks/in?t=a%20b&u=%C3%A9&v="][rng.usize(..4)];
    let (scheme, usual) = [("https", ":443"), ("http", ":80")][rng.usize(..2)];
    let mut port = || ["", usual][rng.usize(..2)];
    let (ours, theirs) = (port(), port());
    (format!("{scheme}://fc.example.test{ours}{path}"), format!("{scheme}://fc.example.test{theirs}{path}"))
}

fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
    of.iter().map(|(name, value)| (name.parse().unwrap(), value.parse::<HeaderValue>().unwrap())).collect()
}

#[test]
fn twilio_and_we_sign_forms_alike() {
    let mut rng = Rng::with_seed(*SEED);
    let cases: Vec<Value> = (0..CASES)
        .map(|_| {
            let (secret, fields, (url, signed_url)) = (words(&mut rng, 20) + "x", fields(&mut rng), urls(&mut rng));
            let algorithm = ["HMAC_SHA1", "HMAC_SHA256"][rng.usize(..2)];
            let ours = sign::twilio(&secret, algorithm, &signed_url, &fields);
            let body = serde_urlencoded::to_string(&fields).unwrap();
            json!({ "kind": "twilio_form", "secret": secret, "url": url, "signed_url": signed_url, "body": body,
                    "algorithm": algorithm, "ours": ours })
        })
        .collect();
    for (case, answer) in cases.iter().zip(ask(&cases)) {
        assert_eq!(answer["believes"], true, "{case}");
        let text = |name: &str| case[name].as_str().unwrap();
        let headers = headers(&[
            ("content-type", FORM),
            ("x-twilio-signature", answer["signed"].as_str().unwrap()),
            ("x-twilio-webhooks-signature-settings", &format!("key=k,algorithm={}", text("algorithm"))),
        ]);
        let callback = Callback { url: text("url"), headers: &headers, body: text("body").as_bytes() };
        assert_eq!(twilio::verify(&callback, &["old", text("secret")]), Ok(()), "{case}");
        let another = format!("{}&Extra=1", text("body"));
        let callback = Callback { body: another.as_bytes(), ..callback };
        assert!(twilio::verify(&callback, &["old", text("secret")]).is_err(), "{case}");
    }
}

#[test]
fn twilio_and_we_sign_json_alike() {
    let mut rng = Rng::with_seed(*SEED);
    let cases: Vec<Value> = (0..CASES)
        .map(|_| {
            let (secret, url) = (words(&mut rng, 20) + "x", "https://fc.example.test/hooks/json");
            let body = json!({ "text": words(&mut rng, 20) }).to_string();
            let signed_url = format!("{url}?bodySHA256={}", payload_hash(&body));
            let ours = sign::twilio(&secret, "", &signed_url, &Params::new());
            json!({ "kind": "twilio_json", "secret": secret, "url": url, "body": body, "ours": ours })
        })
        .collect();
    for (case, answer) in cases.iter().zip(ask(&cases)) {
        assert_eq!(answer["believes"], true, "{case}");
        let text = |name: &str| case[name].as_str().unwrap();
        let headers = headers(&[("content-type", JSON), ("x-twilio-signature", answer["signed"].as_str().unwrap())]);
        let callback =
            Callback { url: answer["url"].as_str().unwrap(), headers: &headers, body: text("body").as_bytes() };
        assert_eq!(twilio::verify(&callback, &[text("secret")]), Ok(()), "{case}");
        let another = format!("{} ", text("body"));
        let callback = Callback { body: another.as_bytes(), ..callback };
        assert!(twilio::verify(&callback, &[text("secret")]).is_err(), "{case}");
    }
}

const SECRET: &str = "sigsecret0001";

#[test]
fn vonage_and_we_sign_parameters_alike() {
    const METHODS: [&str; 4] = ["md5", "sha1", "sha256", "sha512"];
    let mut rng = Rng::with_seed(*SEED);
    let now = Timestamp::now();
    let cases: Vec<(Value, Params)> = (0..CASES)
        .map(|_| {
            let mut fields: Params = fields(&mut rng);
            fields.sort();
            fields.dedup_by(|a, b| a.0 == b.0);
            fields.push(("timestamp".to_owned(), now.as_second().to_string()));
            let name = METHODS[rng.usize(..METHODS.len())];
            let ours = sign::vonage(SECRET, name, &fields);
            let object: serde_json::Map<_, _> =
                fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            (json!({ "kind": "vonage_sms", "secret": SECRET, "method": name, "fields": object, "ours": ours }), fields)
        })
        .collect();
    let asked: Vec<Value> = cases.iter().map(|(case, _)| case.clone()).collect();
    for ((case, mut fields), answer) in cases.into_iter().zip(ask(&asked)) {
        assert_eq!(answer["believes"], true, "{case}");
        fields.push(("sig".to_owned(), answer["signed"].as_str().unwrap().to_owned()));
        let believed = |fields: &Params| {
            let (headers, body) = (headers(&[("content-type", FORM)]), serde_urlencoded::to_string(fields).unwrap());
            let callback = Callback { url: "https://fc.example.test/in", headers: &headers, body: body.as_bytes() };
            support::vonage(Api::Sms, "", patient()).verify(&callback, now).is_ok()
        };
        assert!(believed(&fields), "{case}");
        fields[0].1.push('x');
        assert!(!believed(&fields), "{case}");
    }
}

#[test]
fn vonage_and_we_sign_tokens_alike() {
    let mut rng = Rng::with_seed(*SEED);
    let now = Timestamp::now();
    let cases: Vec<(Value, String)> = (0..CASES)
        .map(|_| {
            let body = json!({ "text": words(&mut rng, 20) }).to_string();
            let claims = json!({ "iat": now.as_second(), "jti": words(&mut rng, 8), "iss": "Vonage",
                                 "api_key": "abcd1234", "payload_hash": payload_hash(&body) });
            let ours = sign::token(SECRET, &json!({ "alg": "HS256", "typ": "JWT" }), &claims);
            (json!({ "kind": "vonage_token", "secret": SECRET, "claims": claims, "ours": ours }), body)
        })
        .collect();
    let asked: Vec<Value> = cases.iter().map(|(case, _)| case.clone()).collect();
    for ((case, body), answer) in cases.iter().zip(ask(&asked)) {
        assert_eq!(answer["believes"], true, "{case}");
        let bearer: HeaderValue = format!("Bearer {}", answer["signed"].as_str().unwrap()).parse().unwrap();
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(JSON)), (AUTHORIZATION, bearer)]);
        let vonage = support::vonage(Api::Messages, "", patient());
        let callback = Callback { url: "https://fc.example.test/in", headers: &headers, body: body.as_bytes() };
        let proof = vonage.verify(&callback, now).unwrap();
        assert_eq!(proof.once.as_deref(), case["claims"]["jti"].as_str());
        assert!(vonage.verify(&Callback { body: b"{}", ..callback }, now).is_err());
    }
}

/// What an SDK sends for a text, and then what we send for the same.
async fn both(sdk: &str, answer: &str, input: Value, ours: impl AsyncFnOnce(&str)) -> [support::Request; 2] {
    let network = StandIn::answering("200 OK", "Content-Type: application/json\r\n", answer).await;
    let (sdk, port) = (sdk.to_owned(), network.url.rsplit_once(':').unwrap().1.to_owned());
    tokio::task::spawn_blocking(move || run("send.py", &[&sdk, &port], &input)).await.unwrap();
    let theirs = network.only_request();
    ours(&network.url).await;
    [theirs, network.requests().remove(1)]
}

#[tokio::test]
async fn twilios_sdk_sends_the_same() {
    let input = json!({ "user": SID, "secret": TOKEN, "to": "+15555550101", "from": "+15551234567", "body": BODY,
                        "report_to": "https://calls.example.com/hooks/report?m=17", "seconds": 3600 });
    let [theirs, ours] = both("twilio", r#"{"sid":"SM1","status":"queued"}"#, input, async |url| {
        let handed = support::twilio(url, patient()).send(&text(&somebody())).await;
        assert_eq!(handed, Handed::Taken("SM1".to_owned()));
    })
    .await;
    assert_eq!((ours.line.as_str(), ours.form()), (theirs.line.as_str(), theirs.form()));
    assert_eq!(ours.header("authorization"), theirs.header("authorization"));
    assert_eq!(ours.header("content-type"), theirs.header("content-type"));
}

#[tokio::test]
async fn twilios_sdk_lists_the_same() {
    let input = json!({ "user": SID, "secret": TOKEN, "to": "+15555550101" });
    let [theirs, ours] = both("twilio_list", r#"{"messages":[],"next_page_uri":null}"#, input, async |url| {
        support::twilio(url, patient()).find(&somebody(), Timestamp::UNIX_EPOCH).await.unwrap();
    })
    .await;
    assert_eq!(ours.header("authorization"), theirs.header("authorization"));
    assert_eq!(ours.line, theirs.line);
}

#[tokio::test]
async fn vonages_sdk_sends_the_same() {
    let input = json!({ "user": "abcd1234", "secret": "apisecret0001", "to": "15555550101", "from": "15551234567",
                        "body": BODY, "report_to": "https://calls.example.com/hooks/report", "seconds": 3600,
                        "reference": "message-17" });
    let answer = r#"{"message-count":"1","messages":[{"status":"0","message-id":"0A"}],"message_uuid":"aaaa"}"#;
    let send = |api| {
        async move |url: &str| {
            let handed = support::vonage(api, url, patient()).send(&text(&somebody())).await;
            assert!(matches!(handed, Handed::Taken(_)), "{handed:?}");
        }
    };
    let [theirs, ours] = both("vonage_sms", answer, input.clone(), send(Api::Sms)).await;
    assert_eq!((ours.line.as_str(), ours.form()), (theirs.line.as_str(), theirs.form()));
    assert_eq!(ours.header("authorization"), theirs.header("authorization"));

    let [theirs, ours] = both("vonage_messages", answer, input, send(Api::Messages)).await;
    let json = |request: &support::Request| serde_json::from_str::<Value>(&request.body).unwrap();
    assert_eq!((ours.line.as_str(), json(&ours)), (theirs.line.as_str(), json(&theirs)));
    assert_eq!(ours.header("authorization"), theirs.header("authorization"));
    assert_eq!(ours.header("content-type"), theirs.header("content-type"));
}
