//! A request that claims to come from a network.

use reqwest::header::HeaderMap;

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
