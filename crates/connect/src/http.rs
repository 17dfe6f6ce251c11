//! One HTTP client for every network. It tells exactly what can be told of a request that failed, because nothing that
//! a network may have got is sent again (rule 8.4).

mod guard;
mod whole;

pub(crate) use guard::is_public;
pub(crate) use whole::{Fault, Whole};

use crate::words::fit;
use guard::Guarded;
use jiff::SignedDuration;
use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, redirect, retry};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Name look-up, TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(5);
/// From the first look-up to the last byte of the answer.
const TOTAL: Duration = Duration::from_secs(15);
/// What a network may ask us to wait, however it asks.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// An answer to one request is small.
pub const SMALL: usize = 64 * 1024;
/// A page of a listing.
pub const PAGE: usize = 4 * 1024 * 1024;

/// The client. Clones share it.
#[derive(Clone, Debug)]
pub struct Client(reqwest::Client);

/// What came back.
pub struct Answer {
    /// The status, RFC 9110 section 15.
    pub status: u16,
    /// What `Retry-After` asks for, RFC 9110 section 10.2.3; an hour at most.
    pub retry_after: Option<SignedDuration>,
    /// The body, as far as it came and as far as it may reach.
    pub body: Vec<u8>,
}

/// What a status says of a request that must not be carried out twice.
pub(crate) enum Outcome {
    /// 2xx: it was carried out, if the body says so too.
    Done,
    /// 429: it was not carried out, and may be sent again later.
    Later,
    /// A redirect or 4xx: it was not carried out.
    Refused,
    /// It may have been carried out: 5xx, 303 (see what came of it), 408 (it came too slowly, as far as somebody between
    /// us can tell), and what has no place here.
    Unknown,
}

impl Answer {
    pub(crate) fn outcome(&self) -> Outcome {
        match self.status {
            200..=299 => Outcome::Done,
            429 => Outcome::Later,
            300..=302 | 304..=407 | 409..=499 => Outcome::Refused,
            _ => Outcome::Unknown,
        }
    }

    /// How long to wait before the next attempt: as the network asks, or so long.
    pub(crate) fn wait_or(&self, otherwise: SignedDuration) -> SignedDuration {
        self.retry_after.unwrap_or(otherwise)
    }
}

/// Why there is no answer. The words name no number, no secret and no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing of the request was sent: the name is unknown, the connection was refused or came too late, TLS failed.
    #[error("{0}")]
    NotSent(String),
    /// The request may have arrived, or not.
    #[error("{0}")]
    Ambiguous(String),
}

impl Client {
    /// A client that waits 5 s for a connection and 15 s for an answer.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, Failure> {
        Self::with_time_outs(CONNECT, TOTAL)
    }

    /// A client with other time-outs: for a connection, and from the beginning to the end of the answer.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn with_time_outs(connect: Duration, total: Duration) -> Result<Self, Failure> {
        Self::built(connect, total, |builder| builder)
    }

    /// A client for addresses that strangers name, which takes what is packed with gzip. Where it may not go to private
    /// addresses, names lead to public ones only; one that is written as numbers is looked up nowhere, and
    /// [`is_public`] is to be asked of it before.
    pub(crate) fn outside(connect: Duration, total: Duration, private: bool) -> Result<Self, Failure> {
        Self::built(connect, total, |builder| {
            let builder = builder.gzip(true);
            if private { builder } else { builder.dns_resolver(Arc::new(Guarded)) }
        })
    }

    /// One that may not go to private addresses, and is told that a name is at one.
    #[cfg(test)]
    pub(crate) fn misled(name: &str, to: std::net::SocketAddr) -> Result<Self, Failure> {
        Self::built(CONNECT, TOTAL, |builder| builder.dns_resolver(Arc::new(Guarded)).resolve(name, to))
    }

    fn built(
        connect: Duration,
        total: Duration,
        more: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, Failure> {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::NotSent(fit(&error.to_string(), &[])))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("firstcall/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(connect)
            .timeout(total)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            // A request on a connection that was kept open may be sent again without being asked for, and when it
            // fails, nobody knows whether the server got it.
            .pool_max_idle_per_host(0)
            .no_proxy()
            .gzip(false);
        let client = more(client).build();
        client.map(Self).map_err(|error| failure(&error, "network"))
    }

    /// Sends a body once.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn post(&self, url: &str, user: Option<(&str, &str)>, body: Body) -> Result<Answer, Failure> {
        let (kind, bytes) = body.parts();
        self.ask(self.0.post(url).header(CONTENT_TYPE, kind).body(bytes), user, SMALL).await
    }

    /// Calls one of our own webhooks as a network would, with the header that it would sign with.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn call(&self, url: &str, Signed { header, body }: Signed) -> Result<Answer, Failure> {
        let (kind, bytes) = body.parts();
        let mut request = self.0.post(url).header(CONTENT_TYPE, kind).body(bytes);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        self.ask(request, None, SMALL).await
    }

    /// Reads a page of a listing.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn get(&self, url: &str, user: Option<(&str, &str)>) -> Result<Answer, Failure> {
        self.ask(self.0.get(url), user, PAGE).await
    }

    async fn ask(&self, request: RequestBuilder, user: Option<(&str, &str)>, most: usize) -> Result<Answer, Failure> {
        let request = match user {
            Some((name, secret)) => request.basic_auth(name, Some(secret)),
            None => request,
        };
        let mut response = request.send().await.map_err(|error| failure(&error, "network"))?;
        let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
        Ok(Answer { status, retry_after, body: read(&mut response, most).await })
    }
}

/// A body to send.
pub enum Body {
    /// `application/x-www-form-urlencoded`
    Form(String),
    /// `application/json`
    Json(String),
}

/// A request as a network would sign it.
pub struct Signed {
    /// The header that has the signature, where the body has not.
    pub header: Option<(&'static str, String)>,
    /// What it posts.
    pub body: Body,
}

/// What there is of the body. The status says what happened; a body that breaks off does not change that.
async fn read(response: &mut Response, most: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == most {
            break;
        }
    }
    body
}

/// Seconds, or a date, which counts from the answer's own date.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = value.parse::<u32>() {
        SignedDuration::from_secs(seconds.into())
    } else {
        let (then, now) = (rfc2822::parse(value).ok()?, rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok()?);
        then.timestamp().duration_since(now.timestamp())
    };
    Some(wait.clamp(SignedDuration::ZERO, LONGEST_WAIT))
}

/// What went wrong with whom.
fn failure(error: &reqwest::Error, whom: &str) -> Failure {
    let mut reason: &dyn Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    // The outermost error has the URL in its words.
    let reason = if error.source().is_some() { fit(&reason.to_string(), &[]) } else { "no reason given".to_owned() };
    if error.is_builder() {
        Failure::NotSent(format!("the request could not be made: {reason}"))
    } else if error.is_connect() {
        Failure::NotSent(format!("the {whom} could not be reached: {reason}"))
    } else if error.is_timeout() {
        Failure::Ambiguous(format!("the {whom} did not answer in time"))
    } else {
        Failure::Ambiguous(format!("the connection broke: {reason}"))
    }
}

impl Body {
    fn parts(self) -> (&'static str, String) {
        match self {
            Self::Form(form) => ("application/x-www-form-urlencoded", form),
            Self::Json(json) => ("application/json", json),
        }
    }

    /// A form, RFC 1866 section 8.2.1 in UTF-8.
    #[must_use]
    pub fn form(fields: &[(&str, &str)]) -> Self {
        Self::Form(serde_urlencoded::to_string(fields).unwrap_or_default())
    }
}
