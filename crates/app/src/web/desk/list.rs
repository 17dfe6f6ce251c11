//! Every booking, newest first, a page at a time.

use super::access::Visitor;
use super::view::{Summary, View, people};
use super::{Frame, failed, page};
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_store::{Error, Tx, bookings, journal, roster};
use serde::Deserialize;

const PAGE: i64 = 50;
const STATUSES: [&str; 7] = ["calling", "paused", "no_times", "exhausted", "booked", "expired", "cancelled"];

/// Which page.
#[derive(Deserialize, Default)]
pub struct Wanted {
    before: Option<i64>,
    status: Option<String>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    status: String,
    statuses: [&'static str; 7],
    rows: Vec<Summary>,
    older: Option<i64>,
}

/// The list's page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let Query(Wanted { before, status }) = wanted.unwrap_or_default();
    let status = status.filter(|status| STATUSES.contains(&status.as_str()));
    match read(&web, before.unwrap_or(i64::MAX), status.clone()).await {
        Ok((rows, older, last)) => {
            let frame = Frame::new(&web, visitor, "Bookings", last).live("");
            let status = status.unwrap_or_default();
            page(StatusCode::OK, &ListPage { frame, status, statuses: STATUSES, rows, older })
        }
        Err(error) => failed(&error),
    }
}

async fn read(web: &Web, before: i64, status: Option<String>) -> Result<(Vec<Summary>, Option<i64>, i64), Error> {
    let op = async move |tx: &mut Tx| {
        let list = bookings::list(tx, before, status.as_deref(), PAGE + 1).await?;
        let names = roster::names(tx, &people(list.iter().map(|shown| &shown.booking))).await?;
        Ok::<_, Error>((list, names, journal::last(tx).await?))
    };
    let (list, names, last) = web.engine.store().read(op).await?;
    let view = View { names: &names, now: web.engine.clock().now(), zone: &web.engine.settings().studio.time_zone };
    let mut rows: Vec<Summary> = list.iter().map(|shown| view.summary(shown)).collect();
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let older = rows.last().filter(|_| more).map(|row| row.id);
    Ok((rows, older, last))
}
