//! The desk's server-sent events, fed from the log: each line is one event whose id is the line's number, so that who
//! was away catches up from where they were.
//!
//! What is not logged (a text that left, a mail that waits, a clock that was set to another speed) is an event `changed`
//! without an id. Another process may write too: while somebody listens, the log is also read once a second.

use super::Web;
use super::desk::access::{Access, Visitor};
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use firstcall_store::journal::{self, Line};
use firstcall_store::{Error, Tx};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// How often the log is read without a ring.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A line that says nothing keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many lines are read at a time.
const BATCH: i64 = 200;

/// From where on.
#[derive(Deserialize)]
pub struct Since {
    since: Option<i64>,
}

/// Somebody who listens.
struct Listener {
    web: Web,
    /// Why they may listen.
    access: Access,
    after: i64,
    waiting: VecDeque<Line>,
    bell: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    greeted: bool,
    /// How fast the clock ran when the listener was last told: countdowns go by it.
    speed: u32,
}

/// Streams what happens from now on, or from behind the line that the listener saw last.
pub async fn listen(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    since: Result<Query<Since>, QueryRejection>,
) -> Response {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<i64>().ok());
    let asked = last.or_else(|| since.ok()?.since).filter(|after| *after >= 0);
    let after = match asked {
        Some(after) => Ok(after),
        None => web.engine.store().read(async |tx| journal::last(tx).await).await,
    };
    let after = match after {
        Ok(after) => after,
        Err(error) => return super::problem::Problem::from(error).into_response(),
    };
    let (bell, closing) = (web.engine.journal(), web.closing.clone());
    let speed = web.engine.clock().speed();
    let access = visitor.access;
    let listener = Listener { web, access, after, waiting: VecDeque::new(), bell, closing, greeted: false, speed };
    let alive = KeepAlive::new().interval(KEEP_ALIVE).text("still here");
    let mut response = Sse::new(events(listener)).keep_alive(alive).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn events(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listener, async |mut listener| {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    })
}

impl Listener {
    /// The next event; none when the program is about to end, or they may not listen any more.
    async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            return Some(Event::default().retry(Duration::from_secs(2)).comment("listening"));
        }
        loop {
            if let Some(line) = self.waiting.pop_front() {
                self.after = line.id;
                return Some(event(&line));
            }
            match self.read().await {
                Ok(None) => return None,
                Ok(Some(lines)) if !lines.is_empty() => self.waiting.extend(lines),
                Ok(Some(_)) => {
                    if self.wait().await? {
                        return Some(self.rung().await);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the log could not be read for the desk");
                    self.wait().await?;
                }
            }
        }
    }

    /// The lines behind the last one; none when they may not listen any more.
    async fn read(&self) -> Result<Option<Vec<Line>>, Error> {
        let (after, access, now) = (self.after, self.access, self.web.engine.clock().now());
        let read = async move |tx: &mut Tx| {
            Ok(if access.holds(tx, now).await? { Some(journal::since(tx, after, BATCH).await?) } else { None })
        };
        self.web.engine.store().read(read).await
    }

    /// Whether the bell rang; none when the program is about to end.
    async fn wait(&mut self) -> Option<bool> {
        tokio::select! {
            _ = self.closing.wait_for(|closing| *closing) => None,
            rung = self.bell.changed() => {
                if rung.is_err() { None } else { Some(true) }
            }
            () = sleep(LOOK_EVERY) => {
                let before = std::mem::replace(&mut self.speed, self.web.engine.clock().speed());
                Some(before != self.speed)
            }
        }
    }

    /// What rang: a line of the log, or something that is not logged.
    async fn rung(&mut self) -> Event {
        self.waiting.extend(self.read().await.ok().flatten().unwrap_or_default());
        match self.waiting.pop_front() {
            Some(line) => {
                self.after = line.id;
                event(&line)
            }
            None => Event::default().event("changed").data("{}"),
        }
    }
}

fn event(line: &Line) -> Event {
    let data = serde_json::json!({
        "id": line.id,
        "booking_id": line.booking.map(|id| id.0),
        "at": line.at.to_string(),
        "actor": line.actor,
        "kind": line.kind,
        "option": line.option.map(|no| no.0),
        "musician_id": line.musician.map(|id| id.0),
        "detail": line.detail,
    });
    Event::default().id(line.id.to_string()).event("line").data(data.to_string())
}
