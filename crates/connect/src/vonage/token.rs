//! The token that the Messages API sends with a webhook
//! (<https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks>; RFC 7519, RFC 7515).

use super::signature::{Proof, is_fresh};
use crate::signed::{hex, is_mac, is_same};
use crate::{Callback, Forged};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iat: f64,
    exp: Option<f64>,
    jti: String,
    api_key: String,
    payload_hash: String,
}

/// The algorithm is not the token's choice, and the body is part of what is signed: else one token would do for any body.
pub fn verify(request: &Callback<'_>, secret: &str, api_key: &str, now: Timestamp) -> Result<Proof, Forged> {
    let credentials = request.header("authorization")?.ok_or(Forged::Unsigned)?;
    let (scheme, token) = credentials.split_once(' ').ok_or(Forged::Wrong)?;
    if !scheme.eq_ignore_ascii_case("bearer") || secret.is_empty() {
        return Err(Forged::Wrong);
    }
    let claims = claims(token.trim(), secret).ok_or(Forged::Wrong)?;
    let ours: bool = claims.api_key.as_bytes().ct_eq(api_key.as_bytes()).into();
    if !ours || request.body.is_empty() || !is_same(&hex(&Sha256::digest(request.body)), &claims.payload_hash) {
        return Err(Forged::Wrong);
    }
    is_fresh(seconds(claims.iat), now)?;
    if claims.exp.is_some_and(|end| seconds(end) <= now.as_second()) {
        return Err(Forged::Stale);
    }
    Ok(Proof { once: Some(claims.jti) })
}

/// A token for a body.
pub fn sign(body: &str, secret: &str, api_key: &str, now: Timestamp) -> String {
    let hash = hex(&Sha256::digest(body.as_bytes()));
    let claims = json!({ "iat": now.as_second(), "jti": hash, "api_key": api_key, "payload_hash": hash });
    let parts = [json!({ "alg": "HS256", "typ": "JWT" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = parts.join(".");
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// The claims of a token that is signed with the secret by HS256.
fn claims(token: &str, secret: &str) -> Option<Claims> {
    let (signed, code) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let code = URL_SAFE_NO_PAD.decode(code).ok()?;
    let right = decoded::<Header>(header)?.alg == "HS256"
        && is_mac(Hmac::<Sha256>::new_from_slice(secret.as_bytes()), signed, &code);
    if right { decoded(claims) } else { None }
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// RFC 7519 section 2: seconds, which may have a fraction.
#[allow(clippy::cast_possible_truncation, reason = "a number out of range becomes the nearest, which is never fresh")]
fn seconds(date: f64) -> i64 {
    date.floor() as i64
}
