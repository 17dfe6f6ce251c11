//! Where networks report what became of texts, and bring those that musicians write (rule 5.1).
//!
//! A request counts only if its network signed it, over `server.public_url`, whatever a proxy on the way has made of it.
//! What is understood is on the disk before the network gets its 204; if that fails it gets a 503, and tries again.

use super::Web;
use super::extract::body;
use super::problem::Problem;
use crate::carriers::Carriers;
use crate::engine::Mark;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use firstcall_connect::{Callback, Forged};
use jiff::Timestamp;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// The largest callback: a text of 1,600 characters, each as a percent-encoded emoji, is a third of it.
pub const LARGEST: usize = 64 * 1024;

/// How many requests were refused, by reason.
#[derive(Debug, Default)]
pub struct Refused {
    unsigned: AtomicU64,
    wrong: AtomicU64,
    stale: AtomicU64,
}

impl Refused {
    fn count(&self, why: Forged) {
        let counter = match why {
            Forged::Unsigned => &self.unsigned,
            Forged::Wrong => &self.wrong,
            Forged::Stale => &self.stale,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// As metrics.
    pub fn write(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "# HELP firstcall_callbacks_refused_total Callbacks of networks that were not believed.\n\
             # TYPE firstcall_callbacks_refused_total counter"
        );
        for (reason, counter) in [("unsigned", &self.unsigned), ("wrong", &self.wrong), ("stale", &self.stale)] {
            let number = counter.load(Ordering::Relaxed);
            let _ = writeln!(text, "firstcall_callbacks_refused_total{{reason=\"{reason}\"}} {number}");
        }
    }
}

/// A request of a network, before it is believed.
struct Call {
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    async fn read(request: Request) -> Result<Self, Problem> {
        let (uri, headers) = (request.uri().clone(), request.headers().clone());
        Ok(Self { uri, headers, body: body(request, &()).await? })
    }

    /// What the request says, if it is the network's own.
    fn believed<T>(
        &self,
        web: &Web,
        network: &str,
        read: impl Fn(&Carriers, &str, &Callback<'_>, Timestamp) -> Result<Option<T>, Forged>,
    ) -> Result<Option<T>, Problem> {
        let url = web.url(self.uri.path_and_query().map_or("/", |path| path.as_str()));
        let callback = Callback { url: &url, headers: &self.headers, body: &self.body };
        let now = web.engine.clock().now();
        read(&web.carriers, network, &callback, now).map_err(|why| refuse(web, network, why))
    }

    /// Our mark in the address that the network was given with the text.
    fn mark(&self) -> Option<Mark> {
        let query = self.uri.query()?;
        query.split('&').find_map(|pair| pair.strip_prefix("m=")).and_then(Mark::read)
    }
}

/// A network reports what became of a text.
pub async fn status(
    State(web): State<Web>,
    Path(network): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(request).await?;
    if let Some(report) = call.believed(&web, &network, Carriers::report)? {
        // Vonage signs our mark, and has a number for each part of a text; Twilio's one number has to be the text's.
        let signed = report.reference.as_deref().and_then(Mark::read);
        let number = if signed.is_some() { "" } else { report.network_id.as_str() };
        web.engine.reported_as(signed.or_else(|| call.mark()), number, report.report).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A network brings a text.
pub async fn inbound(
    State(web): State<Web>,
    Path(network): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let call = Call::read(request).await?;
    if let Some(text) = call.believed(&web, &network, Carriers::text)? {
        web.engine.text_brought(&text).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn refuse(web: &Web, network: &str, why: Forged) -> Problem {
    web.refused.count(why);
    tracing::warn!(network, %why, "a callback was not believed");
    Problem::new(StatusCode::FORBIDDEN, "forbidden", why.to_string())
}
