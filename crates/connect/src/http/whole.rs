//! Answers that count only when they are whole: what is missing of a calendar may block time.

use super::{Client, Failure, guard, retry_after};
use jiff::SignedDuration;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder, Url};

/// An answer with everything that belongs to it.
pub(crate) struct Whole {
    /// The status, RFC 9110 section 15.
    pub status: u16,
    pub headers: HeaderMap,
    /// Unpacked, if it came packed.
    pub body: Vec<u8>,
}

/// Why there is none.
pub(crate) enum Fault {
    /// The name leads to private addresses only, and nothing was sent.
    Private,
    /// It is longer than it may be.
    TooLarge,
    /// It did not come, or broke off.
    Failed(Failure),
}

impl Client {
    /// A request to be filled, and sent with [`Client::whole`].
    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.0.request(method, url)
    }

    /// Sends a request once, for an answer of so many bytes at most.
    pub(crate) async fn whole(&self, request: RequestBuilder, most: usize) -> Result<Whole, Fault> {
        let mut response = request.send().await.map_err(|error| fault(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
            if chunk.len() > most - body.len() {
                return Err(Fault::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Whole { status, headers, body })
    }
}

impl Whole {
    /// A header in plain letters.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What `Retry-After` asks for; an hour at most.
    pub(crate) fn retry_after(&self) -> Option<SignedDuration> {
        retry_after(&self.headers)
    }
}

fn fault(error: &reqwest::Error) -> Fault {
    if guard::is_private(error) { Fault::Private } else { Fault::Failed(super::failure(error, "server")) }
}
