//! What the networks do to sign, written apart from what checks it.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

pub type Params = Vec<(String, String)>;

pub fn params(of: &[(&str, &str)]) -> Params {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn mac<M: Mac + KeyInit>(key: &str, text: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// As Twilio signs a form at a URL.
pub fn twilio(token: &str, algorithm: &str, url: &str, params: &Params) -> String {
    let mut params = params.clone();
    params.sort();
    params.dedup();
    let text = params.iter().fold(url.to_owned(), |text, (name, value)| format!("{text}{name}{value}"));
    STANDARD.encode(if algorithm == "HMAC_SHA256" {
        mac::<Hmac<Sha256>>(token, &text)
    } else {
        mac::<Hmac<Sha1>>(token, &text)
    })
}

/// As Vonage signs parameters, by a method of the dashboard.
pub fn vonage(secret: &str, method: &str, params: &Params) -> String {
    let mut params = params.clone();
    params.sort();
    let text = params
        .iter()
        .fold(String::new(), |text, (name, value)| format!("{text}&{name}={}", value.replace(['&', '='], "_")));
    hex(match method {
        "md5hash" => Md5::digest(text + secret).to_vec(),
        "md5" => mac::<Hmac<Md5>>(secret, &text),
        "sha1" => mac::<Hmac<Sha1>>(secret, &text),
        "sha256" => mac::<Hmac<Sha256>>(secret, &text),
        "sha512" => mac::<Hmac<Sha512>>(secret, &text),
        other => panic!("{other}"),
    })
}

/// A token that says what it is told to.
pub fn token(secret: &str, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let code = URL_SAFE_NO_PAD.encode(mac::<Hmac<Sha256>>(secret, &signed));
    format!("{signed}.{code}")
}

pub fn payload_hash(body: &str) -> String {
    hex(Sha256::digest(body))
}
