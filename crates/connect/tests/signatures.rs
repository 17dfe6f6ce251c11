//! Whom we believe. The vectors were made by the official SDKs for Python, except the MD5 hash, which a plain hash
//! library made by the documented rule.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "support/sign.rs"]
mod sign;
mod support;

use firstcall_connect::vonage::{Account, Api, Method, Signature, Vonage};
use firstcall_connect::{Callback, Forged, twilio};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use sign::{Params, params, payload_hash};
use support::patient;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

const TWILIO_TOKEN: &str = "test_auth_token_0001";
const TWILIO_URL: &str = "https://fc.example.test/hooks/twilio/in?t=a%20b";
const TWILIO_SHA1: &str = "fMu5FOq8u04y3HeZ+fML6+8F9Qo=";
const TWILIO_SHA1_WITH_PORT: &str = "NRsQSPDSyHiC/OzoNG1DXr1Oclo=";
const TWILIO_SHA256: &str = "qOMx6wxvMex8BkgRwye/2yCowb5daWNpsVr9Em8I8B8=";
const SHA256: &str = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256";

fn twilio_form() -> Params {
    params(&[
        ("From", "+15555550100"),
        ("To", "+15555550101"),
        ("Body", "Y & more=1 é"),
        ("MessageSid", "SM00000000000000000000000000000001"),
        ("NumMedia", "0"),
        ("Empty", ""),
    ])
}

/// A request to our routes.
struct Posted {
    url: String,
    headers: HeaderMap,
    body: String,
}

impl Posted {
    fn new(url: &str, kind: &'static str, body: String) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Self { url: url.to_owned(), headers, body }
    }

    fn form(url: &str, fields: &Params) -> Self {
        Self::new(url, FORM, serde_urlencoded::to_string(fields).unwrap())
    }

    fn get(url: &str) -> Self {
        Self { url: url.to_owned(), headers: HeaderMap::new(), body: String::new() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(HeaderName::from_static(name), value.parse().unwrap());
        self
    }

    fn signed(self, signature: &str) -> Self {
        self.with("x-twilio-signature", signature)
    }

    fn callback(&self) -> Callback<'_> {
        Callback { url: &self.url, headers: &self.headers, body: self.body.as_bytes() }
    }

    fn by_twilio(&self) -> Result<(), Forged> {
        twilio::verify(&self.callback(), &[TWILIO_TOKEN])
    }

    fn by_vonage(&self, api: Api, method: Method, now: &str) -> Result<Option<String>, Forged> {
        let vonage = support::vonage(api, method, "http://127.0.0.1:9", patient());
        vonage.verify(&self.callback(), now.parse().unwrap()).map(|proof| proof.once)
    }
}

#[test]
fn twilio_signs_a_form() {
    let posted = |url| Posted::form(url, &twilio_form());
    assert_eq!(posted(TWILIO_URL).signed(TWILIO_SHA1).by_twilio(), Ok(()));
    assert_eq!(posted(TWILIO_URL).signed(TWILIO_SHA1_WITH_PORT).by_twilio(), Ok(()));
    let with_port = TWILIO_URL.replace("test/", "test:443/");
    assert_eq!(posted(&with_port).signed(TWILIO_SHA1).by_twilio(), Ok(()));
    assert_eq!(posted(&with_port).signed(TWILIO_SHA1_WITH_PORT).by_twilio(), Ok(()));
    assert_eq!(
        posted(TWILIO_URL).signed(TWILIO_SHA256).with("x-twilio-webhooks-signature-settings", SHA256).by_twilio(),
        Ok(())
    );
}

#[test]
fn twilio_signs_ports_as_it_likes() {
    for (received, signed, right) in [
        ("http://fc.example.test/a", "http://fc.example.test:80/a", true),
        ("http://fc.example.test:8080/a", "http://fc.example.test/a", true),
        ("https://fc.example.test:8443?a=1", "https://fc.example.test?a=1", true),
        ("https://[::1]/a", "https://[::1]:443/a", true),
        ("https://[::1]:8443/a", "https://[::1]/a", true),
        ("https://fc.example.test/a", "https://fc.example.test:80/a", false),
        ("https://fc.example.test/a:443/b", "https://fc.example.test/a/b", false),
        ("https://fc.example.test/a", "http://fc.example.test/a", false),
        ("https://fc.example.test/a", "https://fc.example.test/a/", false),
        ("https://fc.example.test/a?b=%20", "https://fc.example.test/a?b=+", false),
    ] {
        let signature = sign::twilio(TWILIO_TOKEN, "", signed, &twilio_form());
        let believed = Posted::form(received, &twilio_form()).signed(&signature).by_twilio().is_ok();
        assert_eq!(believed, right, "{received} {signed}");
    }
}

#[test]
fn another_form_is_not_what_twilio_signed() {
    let change = |change: &dyn Fn(&mut Params)| {
        let mut fields = twilio_form();
        change(&mut fields);
        Posted::form(TWILIO_URL, &fields).signed(TWILIO_SHA1).by_twilio()
    };
    assert_eq!(change(&|_| ()), Ok(()));
    assert_eq!(change(&|fields| fields.reverse()), Ok(()));
    // Repeated values count once.
    assert_eq!(change(&|fields| fields.push(fields[0].clone())), Ok(()));
    assert_eq!(change(&|fields| fields[2].1 = "N".to_owned()), Err(Forged::Wrong));
    assert_eq!(change(&|fields| drop(fields.pop())), Err(Forged::Wrong));
    assert_eq!(change(&|fields| fields.push(("Body".to_owned(), "N".to_owned()))), Err(Forged::Wrong));
    assert_eq!(change(&|fields| fields.push(("Extra".to_owned(), String::new()))), Err(Forged::Wrong));
}

#[test]
fn what_twilio_did_not_sign_is_not_believed() {
    let posted = || Posted::form(TWILIO_URL, &twilio_form());
    assert_eq!(posted().by_twilio(), Err(Forged::Unsigned));
    for signature in ["", "!", "AAAA", TWILIO_SHA256, &TWILIO_SHA1[..24], "aaaaaaaaaaaaaaaaaaaaaaaaaaa="] {
        assert_eq!(posted().signed(signature).by_twilio(), Err(Forged::Wrong), "{signature}");
    }
    let twice = posted().signed(TWILIO_SHA1).signed("AAAA");
    assert_eq!(twice.by_twilio(), Err(Forged::Wrong));
    let right = posted().signed(TWILIO_SHA1);
    assert_eq!(twilio::verify(&right.callback(), &[]), Err(Forged::Wrong));
    let nothing = sign::twilio("", "", TWILIO_URL, &twilio_form());
    assert_eq!(twilio::verify(&posted().signed(&nothing).callback(), &[""]), Err(Forged::Wrong));
}

#[test]
fn two_tokens_count_while_they_are_rotated() {
    let right = Posted::form(TWILIO_URL, &twilio_form()).signed(TWILIO_SHA1);
    assert_eq!(twilio::verify(&right.callback(), &["another", TWILIO_TOKEN]), Ok(()));
    assert_eq!(twilio::verify(&right.callback(), &[TWILIO_TOKEN, "another"]), Ok(()));
    assert_eq!(twilio::verify(&right.callback(), &["another"]), Err(Forged::Wrong));
}

#[test]
fn an_unknown_algorithm_is_not_believed() {
    for (settings, signature, right) in [
        ("", TWILIO_SHA1, true),
        ("key=abc", TWILIO_SHA1, true),
        ("key=abc,algorithm=", TWILIO_SHA1, true),
        ("algorithm=HMAC_SHA1", TWILIO_SHA1, true),
        ("key=abc , algorithm = hmac_sha256", TWILIO_SHA256, true),
        (SHA256, TWILIO_SHA1, false),
        ("key=abc", TWILIO_SHA256, false),
        ("algorithm=NONE", TWILIO_SHA1, false),
        ("algorithm=HMAC_SHA512", TWILIO_SHA1, false),
    ] {
        let posted = Posted::form(TWILIO_URL, &twilio_form()).signed(signature);
        let believed = posted.with("x-twilio-webhooks-signature-settings", settings).by_twilio().is_ok();
        assert_eq!(believed, right, "{settings}");
    }
}

#[test]
fn twilio_signs_json_by_its_hash() {
    let hash = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
    let signature = "ycKLeQZh+9xJ6eAiwwzdCJny1ck=";
    let url = format!("https://fc.example.test/hooks/twilio/json?bodySHA256={hash}");
    let posted = |body: &str| Posted::new(&url, JSON, body.to_owned()).signed(signature);
    assert_eq!(posted("{\"a\":1}").by_twilio(), Ok(()));
    assert_eq!(posted("{\"a\":2}").by_twilio(), Err(Forged::Wrong));
    // A URL that was signed is not a signature of any body.
    let bare = "https://fc.example.test/hooks/twilio/json";
    let signature = sign::twilio(TWILIO_TOKEN, "", bare, &Params::new());
    assert_eq!(Posted::new(bare, JSON, "{\"a\":1}".to_owned()).signed(&signature).by_twilio(), Err(Forged::Unsigned));
    assert_eq!(Posted::new(bare, "text/plain", "x".to_owned()).signed(&signature).by_twilio(), Err(Forged::Unsigned));
}

#[test]
fn twilio_signs_the_url_of_a_get() {
    let url = "https://fc.example.test/hooks/twilio/in?From=%2B15555550100&Body=Y7";
    let signature = sign::twilio(TWILIO_TOKEN, "", url, &Params::new());
    assert_eq!(Posted::get(url).signed(&signature).by_twilio(), Ok(()));
    assert_eq!(Posted::get(&url.replace("Y7", "N7")).signed(&signature).by_twilio(), Err(Forged::Wrong));
}

const METHODS: [(&str, Method); 5] = [
    ("md5hash", Method::Md5Hash),
    ("md5", Method::Md5),
    ("sha1", Method::Sha1),
    ("sha256", Method::Sha256),
    ("sha512", Method::Sha512),
];
/// The vectors' `timestamp`.
const SIGNED_AT: &str = "2026-01-01T12:00:00Z";
const VONAGE_URL: &str = "https://fc.example.test/hooks/vonage/in";
const SIGSECRET: &str = "sigsecret0001";

fn vonage_form() -> Params {
    params(&[
        ("api-key", "abcd1234"),
        ("keyword", "A&B=C"),
        ("message-timestamp", "2026-01-01 12:00:00"),
        ("messageId", "0A0000000123ABCD1"),
        ("msisdn", "15555550100"),
        ("nonce", "n-1"),
        ("text", "A&B=C"),
        ("timestamp", "1767268800"),
        ("to", "15555550101"),
        ("type", "text"),
    ])
}

fn with(mut fields: Params, name: &str, value: &str) -> Params {
    fields.retain(|(each, _)| each != name);
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

#[test]
fn vonage_signs_parameters() {
    for (method, sig) in [
        (Method::Sha256, "73472d398ac2f939ebd94185aefa1f5dde7fbb1a9ebdc573962f9853f0ad1401"),
        (Method::Md5Hash, "e0833d5a33d9ceddca81834f2fb15940"),
    ] {
        let fields = with(vonage_form(), "sig", sig);
        let upper = with(vonage_form(), "sig", &sig.to_uppercase());
        let object: serde_json::Map<_, _> = fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        for posted in [
            Posted::form(VONAGE_URL, &fields),
            Posted::form(VONAGE_URL, &upper),
            Posted::new(VONAGE_URL, JSON, Value::Object(object).to_string()),
            Posted::get(&format!("{VONAGE_URL}?{}", serde_urlencoded::to_string(&fields).unwrap())),
        ] {
            assert_eq!(posted.by_vonage(Api::Sms, method, SIGNED_AT), Ok(Some("n-1".to_owned())));
        }
        for (_, other) in METHODS.into_iter().filter(|(_, other)| *other != method) {
            assert_eq!(Posted::form(VONAGE_URL, &fields).by_vonage(Api::Sms, other, SIGNED_AT), Err(Forged::Wrong));
        }
    }
}

#[test]
fn other_parameters_are_not_what_vonage_signed() {
    for (name, method) in METHODS {
        let sig = sign::vonage(SIGSECRET, name, &vonage_form());
        let signed = with(vonage_form(), "sig", &sig);
        let believed = |fields: &Params| Posted::form(VONAGE_URL, fields).by_vonage(Api::Sms, method, SIGNED_AT);
        assert!(believed(&signed).is_ok(), "{name}");
        assert_eq!(believed(&vonage_form()), Err(Forged::Unsigned));
        assert_eq!(believed(&with(signed.clone(), "text", "N7")), Err(Forged::Wrong));
        assert_eq!(believed(&with(signed.clone(), "extra", "")), Err(Forged::Wrong));
        for wrong in ["", "0", "zz", &sig[1..], &sig[2..], &format!("{sig}00"), "é"] {
            assert_eq!(believed(&with(vonage_form(), "sig", wrong)), Err(Forged::Wrong), "{name} {wrong}");
        }
        // Whichever of two values is signed, the other would be read.
        for at in [0, signed.len()] {
            let mut twice = signed.clone();
            twice.insert(at, ("text".to_owned(), "N7".to_owned()));
            assert_eq!(believed(&twice), Err(Forged::Wrong));
        }
        let no_time = params(&[("messageId", "1"), ("text", "Y7")]);
        let sig = sign::vonage(SIGSECRET, name, &no_time);
        assert_eq!(believed(&with(no_time, "sig", &sig)), Err(Forged::Wrong));
    }
}

#[test]
fn what_vonage_signed_long_ago_is_stale() {
    let sig = sign::vonage(SIGSECRET, "sha256", &vonage_form());
    let posted = Posted::form(VONAGE_URL, &with(vonage_form(), "sig", &sig));
    for (now, stale) in [
        ("2026-01-01T11:54:59Z", true),
        ("2026-01-01T11:55:00Z", false),
        ("2026-01-01T12:05:00Z", false),
        ("2026-01-01T12:05:01Z", true),
        ("2027-01-01T12:00:00Z", true),
    ] {
        assert_eq!(posted.by_vonage(Api::Sms, Method::Sha256, now) == Err(Forged::Stale), stale, "{now}");
    }
}

const BODY: &str = r#"{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","text":"Y7"}"#;

fn claims() -> Value {
    json!({
        "iat": 1_767_268_800, "jti": "j-1", "iss": "Vonage", "api_key": "abcd1234", "payload_hash": payload_hash(BODY),
    })
}

fn with_claim(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn bearing(authorization: &str, body: &str) -> Result<Option<String>, Forged> {
    let mut posted = Posted::new(VONAGE_URL, JSON, body.to_owned());
    posted.headers.insert(AUTHORIZATION, authorization.parse().unwrap());
    posted.by_vonage(Api::Messages, Method::Sha256, SIGNED_AT)
}

fn with_claims(claims: &Value) -> Result<Option<String>, Forged> {
    let token = sign::token(SIGSECRET, &json!({ "alg": "HS256", "typ": "JWT" }), claims);
    bearing(&format!("Bearer {token}"), BODY)
}

#[test]
fn vonage_signs_a_body_by_a_token() {
    assert_eq!(with_claims(&claims()), Ok(Some("j-1".to_owned())));
    assert_eq!(with_claims(&with_claim("exp", json!(1_767_268_801))), Ok(Some("j-1".to_owned())));
    assert_eq!(with_claims(&with_claim("iat", json!(1_767_268_800.5))), Ok(Some("j-1".to_owned())));
    let unsigned = Posted::new(VONAGE_URL, JSON, BODY.to_owned());
    assert_eq!(unsigned.by_vonage(Api::Messages, Method::Sha256, SIGNED_AT), Err(Forged::Unsigned));
}

#[test]
fn a_token_is_for_one_body_of_one_account() {
    let token = sign::token(SIGSECRET, &json!({ "alg": "HS256" }), &claims());
    assert_eq!(bearing(&format!("Bearer {token}"), &BODY.replace("Y7", "N7")), Err(Forged::Wrong));
    assert_eq!(bearing(&format!("Bearer {token}"), ""), Err(Forged::Wrong));
    assert_eq!(with_claims(&with_claim("api_key", json!("abcd1235"))), Err(Forged::Wrong));
    for name in ["iat", "jti", "api_key", "payload_hash"] {
        assert_eq!(with_claims(&with_claim(name, Value::Null)), Err(Forged::Wrong), "{name}");
    }
    // Nor is a query part of what it signs.
    let empty = with_claim("payload_hash", json!(payload_hash("")));
    let token = sign::token(SIGSECRET, &json!({ "alg": "HS256" }), &empty);
    let mut get = Posted::get(&format!("{VONAGE_URL}?text=Y7"));
    get.headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    assert_eq!(get.by_vonage(Api::Messages, Method::Sha256, SIGNED_AT), Err(Forged::Wrong));
}

#[test]
fn a_token_is_fresh() {
    for iat in [1_767_268_800 - 301, 1_767_268_800 + 301, 0, i64::MAX] {
        assert!(matches!(with_claims(&with_claim("iat", json!(iat))), Err(Forged::Stale | Forged::Wrong)), "{iat}");
    }
    for exp in [1_767_268_800, 1_767_268_799, 0] {
        assert_eq!(with_claims(&with_claim("exp", json!(exp))), Err(Forged::Stale), "{exp}");
    }
}

#[test]
fn a_token_does_not_choose_its_algorithm() {
    let signed = |header: &Value| bearing(&format!("Bearer {}", sign::token(SIGSECRET, header, &claims())), BODY);
    for alg in ["none", "None", "HS384", "HS512", "RS256", "hs256", ""] {
        assert_eq!(signed(&json!({ "alg": alg })), Err(Forged::Wrong), "{alg}");
    }
    assert_eq!(signed(&json!({})), Err(Forged::Wrong));
    let token = sign::token(SIGSECRET, &json!({ "alg": "HS256" }), &claims());
    let (unsigned, code) = token.rsplit_once('.').unwrap();
    let strange = sign::token("another", &json!({ "alg": "HS256" }), &claims());
    for authorization in [
        &format!("Bearer {unsigned}."),
        &format!("Bearer {unsigned}"),
        &format!("Bearer .{unsigned}.{code}"),
        &format!("Bearer {token}.{code}"),
        &format!("Bearer {strange}"),
        &format!("Basic {token}"),
        &token,
        "Bearer ..",
        "Bearer ",
    ] {
        assert_eq!(bearing(authorization, BODY), Err(Forged::Wrong), "{authorization}");
    }
}

/// The one kind of signature does not stand for the other.
#[test]
fn each_api_has_its_own_signature() {
    let sig = sign::vonage(SIGSECRET, "sha256", &vonage_form());
    let posted = Posted::form(VONAGE_URL, &with(vonage_form(), "sig", &sig));
    assert_eq!(posted.by_vonage(Api::Messages, Method::Sha256, SIGNED_AT), Err(Forged::Unsigned));
    let token = sign::token(SIGSECRET, &json!({ "alg": "HS256" }), &claims());
    let mut posted = Posted::new(VONAGE_URL, JSON, BODY.to_owned());
    posted.headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    assert_eq!(posted.by_vonage(Api::Sms, Method::Sha256, SIGNED_AT), Err(Forged::Unsigned));
}

/// A setting that was left empty is not a secret that everybody knows.
#[test]
fn an_empty_secret_proves_nothing() {
    let sig = sign::vonage("", "sha256", &vonage_form());
    let by_parameters = Posted::form(VONAGE_URL, &with(vonage_form(), "sig", &sig));
    let token = sign::token("", &json!({ "alg": "HS256" }), &claims());
    let by_token = Posted::new(VONAGE_URL, JSON, BODY.to_owned()).with("authorization", &format!("Bearer {token}"));
    for (api, posted) in [(Api::Sms, by_parameters), (Api::Messages, by_token)] {
        let signature = Signature { secret: String::new(), method: Method::Sha256 };
        let account = Account {
            api_key: "abcd1234".to_owned(),
            api_secret: String::new(),
            from: String::new(),
            api,
            signature,
            base_url: String::new(),
        };
        let vonage = Vonage::new(account, patient());
        assert_eq!(vonage.verify(&posted.callback(), SIGNED_AT.parse().unwrap()), Err(Forged::Wrong));
    }
}

#[test]
fn the_vectors_are_of_that_second() {
    let at: Timestamp = SIGNED_AT.parse().unwrap();
    assert_eq!(at.duration_since(Timestamp::from_second(1_767_268_800).unwrap()), SignedDuration::ZERO);
}
