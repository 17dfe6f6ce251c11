//! Calendars on the desk, of a musician or of the studio: how they are, connecting more, and what they are used for.

use super::access::{Visitor, see_other};
use super::{failed, fields, notice, value};
use crate::engine::CalendarError;
use crate::web::api::calendars::{CalendarBody, CalendarChange};
use crate::web::problem::Problem;
use crate::web::{Web, when};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::ids::MusicianId;
use firstcall_store::calendars::{Calendar, CalendarKind};
use firstcall_store::{Error, Tx, calendars};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A calendar, as a line.
pub struct CalendarRow {
    pub id: i64,
    pub name: String,
    pub kind: &'static str,
    pub blocks: bool,
    pub writes: bool,
    pub can_be_written: bool,
    /// When it was last read.
    pub read: String,
    /// What went wrong.
    pub trouble: Option<String>,
}

impl CalendarRow {
    pub fn of(calendar: Calendar, now: Timestamp, zone: &TimeZone) -> Self {
        let kind = match calendar.kind {
            CalendarKind::Feed => "calendar address",
            CalendarKind::CalDav => "CalDAV",
            CalendarKind::Google => "Google",
            CalendarKind::File => "file",
        };
        let read =
            calendar.read_at.map_or("not read yet".to_owned(), |at| format!("read {}", when::moment(at, now, zone)));
        Self {
            id: calendar.id,
            kind,
            blocks: calendar.blocks,
            writes: calendar.writes,
            can_be_written: crate::engine::can_be_written(calendar.kind),
            read,
            trouble: calendar.trouble,
            name: calendar.name,
        }
    }
}

/// Connects a calendar of a musician's.
pub async fn connect(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    form: Multipart,
) -> Response {
    connected(&web, visitor, Some(MusicianId(id)), form).await
}

/// Connects a calendar of the studio's.
pub async fn connect_studio(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    form: Multipart,
) -> Response {
    connected(&web, visitor, None, form).await
}

/// Reads, uses, ignores or forgets a calendar of a musician's.
pub async fn change(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path((id, calendar)): Path<(i64, i64)>,
    body: Bytes,
) -> Response {
    changed(&web, visitor, Some(MusicianId(id)), calendar, &body).await
}

/// The same of the studio's.
pub async fn change_studio(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(calendar): Path<i64>,
    body: Bytes,
) -> Response {
    changed(&web, visitor, None, calendar, &body).await
}

/// The page on which somebody's calendars are.
fn home(visitor: Visitor, owner: Option<MusicianId>) -> String {
    owner.map_or_else(|| format!("{}studio", visitor.root), |id| format!("{}roster/{id}", visitor.root))
}

async fn connected(web: &Web, visitor: Visitor, owner: Option<MusicianId>, form: Multipart) -> Response {
    let back = home(visitor, owner);
    let connection = match entered(form).await {
        Ok(body) => body.checked(web, owner).await,
        Err(problem) => Err(problem),
    };
    let connection = match connection {
        Ok(connection) => connection,
        Err(problem) => return refused(web, visitor, problem.message(), &back),
    };
    match web.engine.connect_calendar(connection).await {
        Ok(_) => see_other(&back, None),
        Err(error) => wrong(web, visitor, &error, &back),
    }
}

/// The form's fields; the file, where there is one, is its text.
async fn entered(mut form: Multipart) -> Result<CalendarBody, Problem> {
    let unreadable = |_| Problem::bad_request("the form could not be read");
    let mut body = CalendarBody::default();
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let text = field.bytes().await.map_err(unreadable)?;
        let text = Some(String::from_utf8_lossy(&text).trim().to_owned()).filter(|text| !text.is_empty());
        match name.as_str() {
            "kind" => body.kind = text.unwrap_or_default(),
            "name" => body.name = text,
            "url" => body.url = text,
            "server" => body.server = text,
            "user" => body.user = text,
            "password" => body.password = text,
            "calendar" => body.calendar = text,
            "text" => body.text = text,
            "writes" => body.writes = Some(text.is_some()),
            _ => {}
        }
    }
    Ok(body)
}

async fn changed(web: &Web, visitor: Visitor, owner: Option<MusicianId>, id: i64, body: &[u8]) -> Response {
    let back = home(visitor, owner);
    let form = fields(body);
    let change = |blocks, writes| CalendarChange { name: None, blocks, writes };
    let change = match value(&form, "act") {
        Some("use") => change(Some(true), None),
        Some("ignore") => change(Some(false), None),
        Some("write") => change(None, Some(true)),
        Some("leave") => change(None, Some(false)),
        Some("read") => return done(web, visitor, web.engine.read_calendar_soon(owner, id).await.map(drop), &back),
        Some("remove") => return done(web, visitor, web.engine.disconnect_calendar(owner, id).await, &back),
        _ => return refused(web, visitor, "Choose what to do with the calendar.", &back),
    };
    match change.apply(web, owner, id).await {
        Ok(_) => see_other(&back, None),
        Err(problem) => refused(web, visitor, problem.message(), &back),
    }
}

fn done(web: &Web, visitor: Visitor, done: Result<(), CalendarError>, back: &str) -> Response {
    match done {
        Ok(()) => see_other(back, None),
        Err(error) => wrong(web, visitor, &error, back),
    }
}

fn wrong(web: &Web, visitor: Visitor, error: &CalendarError, back: &str) -> Response {
    match error {
        CalendarError::Store(error) => failed(error),
        CalendarError::Unknown(_) | CalendarError::Refused(_) => refused(web, visitor, &error.to_string(), back),
    }
}

pub(super) fn refused(web: &Web, visitor: Visitor, why: &str, back: &str) -> Response {
    let why = firstcall_core::wording::capital(why);
    notice(web, visitor, StatusCode::UNPROCESSABLE_ENTITY, "That could not be done.", &why, back)
}

/// Somebody's calendars, as lines.
pub(super) async fn rows(
    tx: &mut Tx,
    owner: Option<MusicianId>,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<CalendarRow>, Error> {
    let found = calendars::of(tx, owner).await?;
    Ok(found.into_iter().map(|calendar| CalendarRow::of(calendar, now, zone)).collect())
}
