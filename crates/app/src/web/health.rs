//! Whether the program lives, whether it can work, and how much there is to do.

use super::Web;
use super::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use firstcall_store::{Error, Tx, bookings, journal, messages};
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;

/// It lives.
pub async fn live() -> &'static str {
    "ok\n"
}

/// It can reach its database.
pub async fn ready(State(web): State<Web>) -> Result<&'static str, Problem> {
    let read = web.engine.store().read(async |tx| journal::last(tx).await).await;
    match read {
        Ok(_) => Ok("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "the database cannot be reached"))
        }
    }
}

/// How much there is to do, in the text format of Prometheus (exposition format 0.0.4).
pub async fn metrics(State(web): State<Web>) -> Result<impl IntoResponse, Problem> {
    let late = web.engine.clock().now().saturating_sub(SignedDuration::from_mins(1)).unwrap_or(Timestamp::MIN);
    let count = async move |tx: &mut Tx| {
        let overdue = bookings::overdue(tx, late).await? + messages::overdue(tx, late).await?;
        Ok::<_, Error>((bookings::count(tx).await?, messages::count(tx).await?, overdue))
    };
    let (bookings, messages, overdue) = web.engine.store().read(count).await?;
    let mut text = String::new();
    series(&mut text, "firstcall_bookings", "Bookings by status.", "status", &bookings);
    series(
        &mut text,
        "firstcall_messages_unsettled",
        "Texts that have not reached their end, by state.",
        "state",
        &messages,
    );
    let _ = writeln!(
        text,
        "# HELP firstcall_overdue Deadlines and texts that are more than a minute late.\n\
         # TYPE firstcall_overdue gauge\nfirstcall_overdue {overdue}"
    );
    web.refused.write(&mut text);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

fn series(text: &mut String, name: &str, help: &str, label: &str, counts: &[(String, i64)]) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (value, number) in counts {
        let _ = writeln!(text, "{name}{{{label}=\"{value}\"}} {number}");
    }
}
