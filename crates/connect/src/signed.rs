//! A request that claims to come from a network.

use hmac::Mac;
use hmac::digest::InvalidLength;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;
use subtle::ConstantTimeEq;

/// A request, exactly as it was received.
#[derive(Clone, Copy)]
pub struct Callback<'a> {
    /// The absolute URL that the network calls, with its query: made of the public URL in the settings and of the path
    /// and query as they were received, not decoded.
    pub url: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The raw body; empty in a GET.
    pub body: &'a [u8],
}

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// It has no signature. Vonage now and then forgets it and signs when it tries again, which it does after a 5xx.
    #[error("the request is not signed")]
    Unsigned,
    /// The signature is not by our network, or not of this request.
    #[error("the signature is not right")]
    Wrong,
    /// It was right once: it is too old, or from the future.
    #[error("the signature is too old, or our clock is wrong")]
    Stale,
}

/// The names and values of a request, in its order.
pub(crate) struct Fields(pub Vec<(String, String)>);

impl Callback<'_> {
    /// A header that is there once.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&str>, Forged> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => value.to_str().map(|value| Some(value.trim())).map_err(|_| Forged::Wrong),
            (Some(_), Some(_)) => Err(Forged::Wrong),
        }
    }

    pub(crate) fn is_form(&self) -> bool {
        self.is_of("application/x-www-form-urlencoded")
    }

    fn is_of(&self, kind: &str) -> bool {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind)
    }

    /// The fields of the body, or of the query when there is no body.
    pub(crate) fn fields(&self) -> Fields {
        if self.body.is_empty() {
            Fields::of_query(self.url)
        } else if self.is_form() {
            Fields(serde_urlencoded::from_bytes(self.body).unwrap_or_default())
        } else {
            self.json().map_or(Fields(Vec::new()), |body| Fields::of_json(&body))
        }
    }

    /// The body, if it is JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }
}

impl Fields {
    pub fn of_query(url: &str) -> Self {
        let query = url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
        Self(serde_urlencoded::from_str(query).unwrap_or_default())
    }

    /// Of an object its texts, numbers and truth values.
    fn of_json(body: &Value) -> Self {
        let object = body.as_object().into_iter().flatten();
        Self(object.filter_map(|(name, value)| Some((name.clone(), plain(value)?))).collect())
    }

    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether it is this code of the text, in a time that does not depend on where they differ.
pub(crate) fn is_mac<M: Mac>(key: Result<M, InvalidLength>, text: &str, code: &[u8]) -> bool {
    key.is_ok_and(|mac| mac.chain_update(text).verify_slice(code).is_ok())
}

/// Whether two hexadecimal hashes are the same, in a time that does not depend on where they differ.
pub(crate) fn is_same(ours: &str, theirs: &str) -> bool {
    ours.as_bytes().ct_eq(theirs.to_ascii_lowercase().as_bytes()).into()
}

/// In hexadecimal, lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "{byte:02x}");
        all
    })
}
