//! Signed parameters of the SMS API
//! (<https://developer.vonage.com/en/getting-started/concepts/signing-messages>; `vonage-http-client` 1.5 for Python).

use crate::signed::{Fields, hex, is_mac, is_same};
use crate::{Callback, Forged};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use std::collections::BTreeMap;

/// How far Vonage's clock and ours may be apart, with the time that a request takes.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// What a believed request proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What Vonage uses once (`nonce`, `jti`): the same again is a copy of a request.
    pub once: Option<String>,
}

pub fn verify(request: &Callback<'_>, secret: &str, now: Timestamp) -> Result<Proof, Forged> {
    let Fields(fields) = request.fields();
    let all = fields.len();
    let mut params: BTreeMap<String, String> = fields.into_iter().collect();
    // Of two values of one name it is not said which is signed.
    if params.len() != all || secret.is_empty() {
        return Err(Forged::Wrong);
    }
    let sig = params.remove("sig").ok_or(Forged::Unsigned)?;
    if !is_signed(&sig, &signed_text(&params), secret) {
        return Err(Forged::Wrong);
    }
    let at = params.get("timestamp").and_then(|seconds| seconds.parse().ok()).ok_or(Forged::Wrong)?;
    is_fresh(at, now)?;
    Ok(Proof { once: params.remove("nonce") })
}

/// These parameters with the moment and what signs them, by "SHA-256 HMAC".
pub fn sign(fields: &[(&str, &str)], secret: &str, now: Timestamp) -> Vec<(String, String)> {
    let mut params: BTreeMap<String, String> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    params.insert("timestamp".to_owned(), now.as_second().to_string());
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Vec::new() };
    mac.update(signed_text(&params).as_bytes());
    params.insert("sig".to_owned(), hex(&mac.finalize().into_bytes()));
    params.into_iter().collect()
}

/// Seconds since 1970, near enough.
pub fn is_fresh(at: i64, now: Timestamp) -> Result<(), Forged> {
    let at = Timestamp::from_second(at).map_err(|_| Forged::Wrong)?;
    if at.duration_since(now).abs() <= FRESH { Ok(()) } else { Err(Forged::Stale) }
}

/// By name; `&` and `=` in values become `_`.
fn signed_text(params: &BTreeMap<String, String>) -> String {
    params.iter().fold(String::new(), |all, (name, value)| all + "&" + name + "=" + &value.replace(['&', '='], "_"))
}

/// By any of the dashboard's signature methods: "MD5 hash", of the parameters and the secret, and HMAC by MD5, SHA-1, SHA-256
/// and SHA-512. None of them can be made without the secret.
fn is_signed(sig: &str, text: &str, secret: &str) -> bool {
    let Some(code) = from_hex(sig) else { return false };
    let key = secret.as_bytes();
    match code.len() {
        16 => {
            is_same(&hex(&Md5::digest(format!("{text}{secret}"))), sig)
                || is_mac(Hmac::<Md5>::new_from_slice(key), text, &code)
        }
        20 => is_mac(Hmac::<Sha1>::new_from_slice(key), text, &code),
        32 => is_mac(Hmac::<Sha256>::new_from_slice(key), text, &code),
        64 => is_mac(Hmac::<Sha512>::new_from_slice(key), text, &code),
        _ => false,
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    (digits.len() % 2 == 0).then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
