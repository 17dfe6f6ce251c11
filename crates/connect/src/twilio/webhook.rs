//! What Twilio posts to us, and whether it was Twilio
//! (<https://www.twilio.com/docs/usage/webhooks/webhooks-security>; `RequestValidator` of twilio-python 9.13).

use super::codes;
use crate::signed::{Fields, is_mac, is_same};
use crate::{Arrived, Callback, Forged, OptOut, StatusReport};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

enum Algorithm {
    Sha1,
    Sha256,
}

/// Whether Twilio sent the request: it is signed with one of the tokens. There are two while tokens are rotated; the
/// secret of a `SharedKey` is a token too.
///
/// # Errors
/// When it was not Twilio, or cannot be told.
pub fn verify(request: &Callback<'_>, tokens: &[&str]) -> Result<(), Forged> {
    let signature = request.header(SIGNATURE)?.ok_or(Forged::Unsigned)?;
    let signature = STANDARD.decode(signature).map_err(|_| Forged::Wrong)?;
    let algorithm = algorithm(request.header(SETTINGS)?.unwrap_or_default())?;
    let params = signed_params(request)?;
    let urls = with_and_without_port(request.url);
    let candidates = tokens.iter().filter(|token| !token.is_empty());
    let mut right = candidates.flat_map(|token| urls.iter().map(move |url| (token, url)));
    if right.any(|(token, url)| is_signed(&signature, &algorithm, token, url, &params)) {
        Ok(())
    } else {
        Err(Forged::Wrong)
    }
}

/// A status callback, as `verify` has believed it. `None` if it is none.
#[must_use]
pub fn reported(request: &Callback<'_>) -> Option<StatusReport> {
    let fields = request.fields();
    let network_id = fields.get("MessageSid").or_else(|| fields.get("SmsSid"))?.to_owned();
    let status = fields.get("MessageStatus").or_else(|| fields.get("SmsStatus"))?;
    let code = fields.get("ErrorCode").and_then(|code| code.parse().ok());
    let report = codes::report(status, code, fields.get("ErrorMessage").unwrap_or_default());
    Some(StatusReport { network_id, reference: None, report })
}

/// A text that came in, as `verify` has believed it. `None` if it is none.
#[must_use]
pub fn arrived(request: &Callback<'_>) -> Option<Arrived> {
    let fields = request.fields();
    let text = |name| fields.get(name).map(str::to_owned);
    let opt_out = match fields.get("OptOutType") {
        Some("STOP") => Some(OptOut::Stop),
        Some("START") => Some(OptOut::Start),
        Some("HELP") => Some(OptOut::Help),
        _ => None,
    };
    Some(Arrived {
        network_id: text("MessageSid").or_else(|| text("SmsSid"))?,
        from: text("From")?,
        to: text("To")?,
        body: text("Body")?,
        opt_out,
        part: None,
        sent_at: None,
    })
}

/// How Twilio would sign a form that it posts to `url`.
#[must_use]
pub fn sign(url: &str, form: &[(&str, &str)], token: &str) -> String {
    let params = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else { return String::new() };
    mac.update(pieces(url, &params).as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn algorithm(settings: &str) -> Result<Algorithm, Forged> {
    let named = settings.split(',').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        (name.trim() == "algorithm" && !value.trim().is_empty()).then(|| value.trim().to_ascii_uppercase())
    });
    match named.as_deref() {
        None | Some("HMAC_SHA1") => Ok(Algorithm::Sha1),
        Some("HMAC_SHA256") => Ok(Algorithm::Sha256),
        Some(_) => Err(Forged::Wrong),
    }
}

/// What is signed after the URL. Of another body than a form the URL has the hash; without it anybody could have written
/// the body.
fn signed_params(request: &Callback<'_>) -> Result<BTreeSet<(String, String)>, Forged> {
    if request.body.is_empty() {
        return Ok(BTreeSet::new());
    }
    if request.is_form() {
        return Ok(request.fields().0.into_iter().collect());
    }
    let query = Fields::of_query(request.url);
    let hash = query.get("bodySHA256").ok_or(Forged::Unsigned)?;
    if is_same(&crate::signed::hex(&Sha256::digest(request.body)), hash) {
        Ok(BTreeSet::new())
    } else {
        Err(Forged::Wrong)
    }
}

/// Twilio is not consistent about the port: as received, without it, and with the usual one.
fn with_and_without_port(url: &str) -> Vec<String> {
    let mut urls = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return urls };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let port = host.rfind(':').filter(|colon| host[colon + 1..].bytes().all(|digit| digit.is_ascii_digit()));
    match port {
        Some(colon) => urls.push(format!("{scheme}://{}{path}", &host[..colon])),
        None => urls.push(format!("{scheme}://{host}:{}{path}", if scheme == "https" { 443 } else { 80 })),
    }
    urls
}

fn is_signed(
    signature: &[u8],
    algorithm: &Algorithm,
    token: &str,
    url: &str,
    params: &BTreeSet<(String, String)>,
) -> bool {
    match algorithm {
        Algorithm::Sha1 => is_mac(Hmac::<Sha1>::new_from_slice(token.as_bytes()), &pieces(url, params), signature),
        Algorithm::Sha256 => is_mac(Hmac::<Sha256>::new_from_slice(token.as_bytes()), &pieces(url, params), signature),
    }
}

fn pieces(url: &str, params: &BTreeSet<(String, String)>) -> String {
    params.iter().fold(url.to_owned(), |all, (name, value)| all + name + value)
}
