//! Anybody can post to our routes: whatever comes, it is not believed, and nothing panics.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use fastrand::Rng;
use firstcall_connect::vonage::Api;
use firstcall_connect::{Callback, twilio};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use support::patient;

/// What parsers stumble over, and what ours look for.
const PIECES: [&str; 44] = [
    "sig",
    "timestamp",
    "1767268800",
    "nonce",
    "MessageSid",
    "SmsStatus",
    "Body",
    "From",
    "To",
    "message_uuid",
    "status",
    "concat",
    "true",
    "concat-part",
    "concat-total",
    "65536",
    "-1",
    "1e999",
    "=",
    "&",
    "%",
    "%2",
    "%ff",
    "+",
    "{",
    "}",
    "\"",
    ":",
    ",",
    "[",
    "]",
    "null",
    "Bearer ",
    ".",
    "eyJhbGciOiJub25lIn0",
    "algorithm",
    "HMAC_SHA256",
    "https://",
    "?",
    "é",
    "👍",
    "\u{0}",
    "bodySHA256",
    "/",
];

fn junk(rng: &mut Rng) -> String {
    (0..rng.usize(..20)).map(|_| PIECES[rng.usize(..PIECES.len())]).collect()
}

fn headers(rng: &mut Rng) -> HeaderMap {
    const NAMES: [&str; 4] =
        ["authorization", "content-type", "x-twilio-signature", "x-twilio-webhooks-signature-settings"];
    let mut headers = HeaderMap::new();
    for name in NAMES {
        let value = match rng.u8(..5) {
            0 => "application/x-www-form-urlencoded".to_owned(),
            1 => "application/json".to_owned(),
            2 => continue,
            _ => junk(rng),
        };
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    headers
}

#[test]
fn strangers_are_not_believed() {
    let seed =
        std::env::var("FIRSTCALL_TEST_SEED").ok().map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("FIRSTCALL_TEST_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let now: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
    let networks = [Api::Sms, Api::Messages].map(|api| support::vonage(api, "", patient()));
    for _ in 0..20_000 {
        let (url, headers, body) = (junk(&mut rng), headers(&mut rng), junk(&mut rng));
        let callback = Callback { url: &url, headers: &headers, body: body.as_bytes() };
        assert!(twilio::verify(&callback, &["token"]).is_err());
        let _ = (twilio::reported(&callback), twilio::arrived(&callback));
        for vonage in &networks {
            assert!(vonage.verify(&callback, now).is_err());
            let _ = (vonage.reported(&callback), vonage.arrived(&callback));
        }
    }
}
