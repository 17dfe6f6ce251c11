//! Somebody who signed up and waits: what they entered, and the manager's yes or no.

use super::access::{Visitor, see_other};
use super::acts::{fields, value};
use super::{Frame, failed, nothing, notice, page};
use crate::engine::RosterError;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::MusicianStanding;
use firstcall_store::roster::{self, Entry, clock_words};
use firstcall_store::{Error, Tx, calendars};

#[derive(Template)]
#[template(path = "newcomer.html")]
struct NewcomerPage {
    frame: Frame,
    name: String,
    phone: String,
    email: Option<String>,
    plays: String,
    zone: String,
    quiet_hours: Option<String>,
    notes: Option<String>,
    calendars: usize,
    since: String,
}

/// The page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse() else { return nothing(&web, visitor) };
    let read = async move |tx: &mut Tx| {
        let entry = roster::get(tx, MusicianId(id)).await?;
        Ok::<_, Error>((entry, calendars::of(tx, Some(MusicianId(id))).await?.len()))
    };
    match web.engine.store().read(read).await {
        Ok((Some(entry), calendars)) if entry.musician.standing == MusicianStanding::Waiting => {
            shown(&web, visitor, entry, calendars)
        }
        Ok((Some(_), _)) => settled(&web, visitor),
        Ok((None, _)) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

fn shown(web: &Web, visitor: Visitor, entry: Entry, calendars: usize) -> Response {
    let (musician, now) = (entry.musician, web.engine.clock().now());
    let plays = musician.instruments.iter().map(|(name, _)| name.replace('_', " "));
    let newcomer = NewcomerPage {
        frame: Frame::new(web, visitor, &format!("{} wants to join", musician.name)),
        phone: musician.phone.as_str().to_owned(),
        email: entry.email,
        plays: plays.collect::<Vec<_>>().join(", "),
        zone: musician.zone.iana_name().unwrap_or("UTC").to_owned(),
        quiet_hours: musician.quiet_hours.map(clock_words),
        notes: entry.notes,
        calendars,
        since: when::moment(entry.created_at, now, &web.engine.settings().studio.time_zone),
        name: musician.name,
    };
    page(StatusCode::OK, &newcomer)
}

/// The manager's yes or no.
pub async fn decide(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let form = fields(&body);
    let done = match value(&form, "decision") {
        Some("approve") => web.engine.approve(MusicianId(id), visitor.who.name()).await.map(drop),
        Some("decline") => web.engine.decline(MusicianId(id), visitor.who.name()).await,
        _ => return nothing(&web, visitor),
    };
    match done {
        Ok(()) => see_other("../", None),
        Err(RosterError::Unknown) => nothing(&web, visitor),
        Err(RosterError::NotWaiting) => settled(&web, visitor),
        Err(RosterError::Store(error)) => failed(&error),
        Err(error) => {
            let why = firstcall_core::wording::capital(&error.to_string());
            notice(&web, visitor, StatusCode::CONFLICT, "That could not be done.", &why, visitor.root)
        }
    }
}

fn settled(web: &Web, visitor: Visitor) -> Response {
    let first = "They do not wait any more.";
    let more = "Somebody has approved or declined them, or they have taken their request back.";
    notice(web, visitor, StatusCode::CONFLICT, first, more, visitor.root)
}
