//! Calendars of musicians and of the studio, closures, and why somebody is not available.

use super::Items;
use super::bookings::line;
use crate::engine::{Availability, CalendarError, Connection, Reason, can_be_written};
use crate::sources::Source;
use crate::web::Web;
use crate::web::extract::{Id, JsonBody, Page, PageQuery};
use crate::web::problem::{Problem, ProblemBody};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use firstcall_connect::calendars::Trouble;
use firstcall_core::ids::MusicianId;
use firstcall_core::span::Span;
use firstcall_store::calendars::{self, Calendar, CalendarKind, Closure};
use firstcall_store::{Error, Tx, roster};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An uploaded file is not larger, in characters.
const LARGEST_FILE: usize = 10_000_000;

/// A calendar as it is connected: `feed` with a `url`, `caldav` with `server`, `user`, `password` and, where the account
/// has several, `calendar`, or `file` with its `text`. Google calendars are connected by their owners.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarBody {
    /// feed, caldav or file.
    pub kind: String,
    /// What it is called.
    pub name: Option<String>,
    /// The feed's address: webcal or https.
    pub url: Option<String>,
    /// The CalDAV server.
    pub server: Option<String>,
    /// The login there.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// Which of the account's calendars: its name or address.
    pub calendar: Option<String>,
    /// What the file says (RFC 5545).
    pub text: Option<String>,
    /// Whether its entries block time; they do unless told otherwise.
    pub blocks: Option<bool>,
    /// Whether booked sessions are written into it; only `caldav` and `google` can be.
    pub writes: Option<bool>,
}

/// What a calendar is called and used for. What is absent stays as it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarChange {
    /// What it is called.
    pub name: Option<String>,
    /// Whether its entries block time.
    pub blocks: Option<bool>,
    /// Whether booked sessions are written into it.
    pub writes: Option<bool>,
}

/// A connected calendar. Where it is and how to get in is not shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarView {
    /// Its number.
    id: i64,
    /// Whose it is; null: the studio's.
    musician_id: Option<i64>,
    /// feed, caldav, google or file.
    kind: &'static str,
    /// What it is called.
    name: String,
    /// Whether its entries block time.
    blocks: bool,
    /// Whether booked sessions are written into it.
    writes: bool,
    /// new (not read so far), ok or failing. What a failing one does not say is unknown, never free.
    state: &'static str,
    /// Why it cannot be read.
    error: Option<String>,
    /// When it was last read.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
    /// When it is read next.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_read_at: Option<Timestamp>,
}

/// A time at which the studio is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureBody {
    /// From when, RFC 3339 with an offset.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Until when, RFC 3339 with an offset.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Why.
    pub note: Option<String>,
}

/// A time at which the studio is closed beside its weekly hours.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureView {
    /// Its number.
    id: i64,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    end: Timestamp,
    /// Why.
    note: Option<String>,
}

/// Which time is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimeQuery {
    /// Its start, RFC 3339 with an offset.
    #[param(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Its end, RFC 3339 with an offset.
    #[param(value_type = String, format = DateTime)]
    pub end: Timestamp,
}

/// Whether somebody is available at a time, and why not.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityView {
    /// free, busy or unknown. Who is unknown is asked like those who are free.
    availability: &'static str,
    /// Everything that speaks against it, or is not known.
    reasons: Vec<ReasonView>,
}

/// One reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonView {
    /// standing, calendar, block, hold, session, hours, closure or unknown.
    kind: &'static str,
    /// From when, where it has a time.
    #[schema(value_type = Option<String>, format = DateTime)]
    start: Option<Timestamp>,
    /// Until when.
    #[schema(value_type = Option<String>, format = DateTime)]
    end: Option<Timestamp>,
    /// The booking that is held or booked.
    booking_id: Option<i64>,
    /// In words. Of a calendar's entry only that there is one.
    message: String,
}

impl From<Calendar> for CalendarView {
    fn from(calendar: Calendar) -> Self {
        let state = match (&calendar.trouble, calendar.read_at) {
            (Some(_), _) => "failing",
            (None, None) => "new",
            (None, Some(_)) => "ok",
        };
        Self {
            id: calendar.id,
            musician_id: calendar.musician.map(|musician| musician.0),
            kind: calendar.kind.word(),
            name: calendar.name,
            blocks: calendar.blocks,
            writes: calendar.writes,
            state,
            error: calendar.trouble,
            read_at: calendar.read_at,
            next_read_at: calendar.due_at,
        }
    }
}

impl From<Closure> for ClosureView {
    fn from(closure: Closure) -> Self {
        Self { id: closure.id, start: closure.span.start, end: closure.span.end, note: closure.note }
    }
}

impl From<Availability> for AvailabilityView {
    fn from(availability: Availability) -> Self {
        let view = |reason: Reason| ReasonView {
            kind: reason.kind.word(),
            start: reason.span.map(|span| span.start),
            end: reason.span.map(|span| span.end),
            booking_id: reason.booking.map(|booking| booking.0),
            message: reason.words,
        };
        Self { availability: availability.word(), reasons: availability.reasons.into_iter().map(view).collect() }
    }
}

impl From<CalendarError> for Problem {
    fn from(error: CalendarError) -> Self {
        match error {
            CalendarError::Unknown(what) => Self::not_found(what),
            CalendarError::Refused(why) => Self::unprocessable(why),
            CalendarError::Store(error) => error.into(),
        }
    }
}

/// A musician's calendars.
#[utoipa::path(get, path = "/api/v1/musicians/{id}/calendars", tag = "calendars", params(("id" = i64, Path)),
    responses((status = 200, body = Items<CalendarView>), (status = 404, body = ProblemBody)))]
pub async fn list(State(web): State<Web>, Id(id): Id) -> Result<Json<Items<CalendarView>>, Problem> {
    let read = async move |tx: &mut Tx| {
        let known = roster::get(tx, MusicianId(id)).await?.is_some();
        Ok::<_, Error>(if known { Some(calendars::of(tx, Some(MusicianId(id))).await?) } else { None })
    };
    let found = web.engine.store().read(read).await?.ok_or_else(|| Problem::not_found("musician"))?;
    Ok(Json(all(found)))
}

/// Connect a calendar of a musician's. It is read at once.
#[utoipa::path(post, path = "/api/v1/musicians/{id}/calendars", tag = "calendars", params(("id" = i64, Path)),
    request_body = CalendarBody,
    responses((status = 201, body = CalendarView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn connect(
    State(web): State<Web>,
    Id(id): Id,
    JsonBody(body): JsonBody<CalendarBody>,
) -> Result<(StatusCode, Json<CalendarView>), Problem> {
    body.connect(&web, Some(MusicianId(id))).await
}

/// Change what a calendar of a musician's is called and used for.
#[utoipa::path(patch, path = "/api/v1/musicians/{id}/calendars/{calendar}", tag = "calendars",
    params(("id" = i64, Path), ("calendar" = i64, Path)), request_body = CalendarChange,
    responses((status = 200, body = CalendarView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn change(
    State(web): State<Web>,
    path: Result<Path<(i64, i64)>, PathRejection>,
    JsonBody(body): JsonBody<CalendarChange>,
) -> Result<Json<CalendarView>, Problem> {
    let Ok(Path((id, calendar))) = path else { return Err(Problem::not_found("calendar")) };
    body.apply(&web, Some(MusicianId(id)), calendar).await
}

/// Disconnect a calendar of a musician's: what it said is forgotten.
#[utoipa::path(delete, path = "/api/v1/musicians/{id}/calendars/{calendar}", tag = "calendars",
    params(("id" = i64, Path), ("calendar" = i64, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn disconnect(
    State(web): State<Web>,
    path: Result<Path<(i64, i64)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Ok(Path((id, calendar))) = path else { return Err(Problem::not_found("calendar")) };
    web.engine.disconnect_calendar(Some(MusicianId(id)), calendar).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a calendar of a musician's now.
#[utoipa::path(post, path = "/api/v1/musicians/{id}/calendars/{calendar}/read", tag = "calendars",
    params(("id" = i64, Path), ("calendar" = i64, Path)),
    responses((status = 202, body = CalendarView), (status = 404, body = ProblemBody)))]
pub async fn read(
    State(web): State<Web>,
    path: Result<Path<(i64, i64)>, PathRejection>,
) -> Result<(StatusCode, Json<CalendarView>), Problem> {
    let Ok(Path((id, calendar))) = path else { return Err(Problem::not_found("calendar")) };
    let calendar = web.engine.read_calendar_soon(Some(MusicianId(id)), calendar).await?;
    Ok((StatusCode::ACCEPTED, Json(calendar.into())))
}

/// Why a musician is, or is not, available at a time.
#[utoipa::path(get, path = "/api/v1/musicians/{id}/availability", tag = "calendars", params(("id" = i64, Path), TimeQuery),
    responses((status = 200, body = AvailabilityView), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn availability(
    State(web): State<Web>,
    Id(id): Id,
    time: Result<Query<TimeQuery>, QueryRejection>,
) -> Result<Json<AvailabilityView>, Problem> {
    let found = web.engine.availability(MusicianId(id), span(time)?).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("musician"))?.into()))
}

/// The studio's calendars.
#[utoipa::path(get, path = "/api/v1/studio/calendars", tag = "calendars", operation_id = "studio_list",
    responses((status = 200, body = Items<CalendarView>)))]
pub async fn studio_list(State(web): State<Web>) -> Result<Json<Items<CalendarView>>, Problem> {
    Ok(Json(all(web.engine.store().read(async |tx: &mut Tx| calendars::of(tx, None).await).await?)))
}

/// Connect a calendar of the studio's. It is read at once.
#[utoipa::path(post, path = "/api/v1/studio/calendars", tag = "calendars", request_body = CalendarBody,
    responses((status = 201, body = CalendarView), (status = 422, body = ProblemBody)))]
pub async fn studio_connect(
    State(web): State<Web>,
    JsonBody(body): JsonBody<CalendarBody>,
) -> Result<(StatusCode, Json<CalendarView>), Problem> {
    body.connect(&web, None).await
}

/// Change what a calendar of the studio's is called and used for.
#[utoipa::path(patch, path = "/api/v1/studio/calendars/{id}", tag = "calendars", params(("id" = i64, Path)),
    request_body = CalendarChange,
    responses((status = 200, body = CalendarView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn studio_change(
    State(web): State<Web>,
    Id(id): Id,
    JsonBody(body): JsonBody<CalendarChange>,
) -> Result<Json<CalendarView>, Problem> {
    body.apply(&web, None, id).await
}

/// Disconnect a calendar of the studio's: what it said is forgotten.
#[utoipa::path(delete, path = "/api/v1/studio/calendars/{id}", tag = "calendars", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn studio_disconnect(State(web): State<Web>, Id(id): Id) -> Result<StatusCode, Problem> {
    web.engine.disconnect_calendar(None, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a calendar of the studio's now.
#[utoipa::path(post, path = "/api/v1/studio/calendars/{id}/read", tag = "calendars", params(("id" = i64, Path)),
    responses((status = 202, body = CalendarView), (status = 404, body = ProblemBody)))]
pub async fn studio_read(State(web): State<Web>, Id(id): Id) -> Result<(StatusCode, Json<CalendarView>), Problem> {
    let calendar = web.engine.read_calendar_soon(None, id).await?;
    Ok((StatusCode::ACCEPTED, Json(calendar.into())))
}

/// Why the studio is, or is not, available at a time.
#[utoipa::path(get, path = "/api/v1/studio/availability", tag = "calendars", params(TimeQuery),
    responses((status = 200, body = AvailabilityView), (status = 400, body = ProblemBody)))]
pub async fn studio_availability(
    State(web): State<Web>,
    time: Result<Query<TimeQuery>, QueryRejection>,
) -> Result<Json<AvailabilityView>, Problem> {
    Ok(Json(web.engine.studio_availability(span(time)?).await?.into()))
}

/// When the studio is closed beside its weekly hours.
#[utoipa::path(get, path = "/api/v1/studio/closures", tag = "calendars", params(PageQuery),
    responses((status = 200, body = Items<ClosureView>), (status = 400, body = ProblemBody)))]
pub async fn closures(State(web): State<Web>, page: Page) -> Result<Json<Items<ClosureView>>, Problem> {
    let (after, limit) = (page.cursor.unwrap_or(0), page.limit);
    let read = async move |tx: &mut Tx| calendars::closures(tx, after, limit + 1).await;
    let closures = web.engine.store().read(read).await?;
    Ok(Json(Items::page(closures.into_iter().map(ClosureView::from).collect(), limit, |view| view.id)))
}

/// Close the studio for a time. Times of bookings under way that are hit are not offered any more.
#[utoipa::path(post, path = "/api/v1/studio/closures", tag = "calendars", request_body = ClosureBody,
    responses((status = 201, body = ClosureView), (status = 422, body = ProblemBody)))]
pub async fn close(
    State(web): State<Web>,
    JsonBody(body): JsonBody<ClosureBody>,
) -> Result<(StatusCode, Json<ClosureView>), Problem> {
    let time = Span { start: body.start, end: body.end };
    if time.start >= time.end {
        return Err(Problem::unprocessable("end: a closure ends after it starts"));
    }
    line("note", body.note.as_deref())?;
    let id = web.engine.close_studio(time, body.note.clone()).await?;
    Ok((StatusCode::CREATED, Json(ClosureView { id, start: time.start, end: time.end, note: body.note })))
}

/// Open the studio again.
#[utoipa::path(delete, path = "/api/v1/studio/closures/{id}", tag = "calendars", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn open(State(web): State<Web>, Id(id): Id) -> Result<StatusCode, Problem> {
    if web.engine.open_studio(id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("closure"))
}

impl CalendarBody {
    async fn connect(self, web: &Web, owner: Option<MusicianId>) -> Result<(StatusCode, Json<CalendarView>), Problem> {
        let connection = self.checked(web, owner).await?;
        let calendar = web.engine.connect_calendar(connection).await?;
        Ok((StatusCode::CREATED, Json(calendar.into())))
    }

    /// The connection that was entered, if it is one: a CalDAV account is asked for its calendars.
    pub(in crate::web) async fn checked(self, web: &Web, owner: Option<MusicianId>) -> Result<Connection, Problem> {
        let missing = |field: &str| Problem::unprocessable(format!("{field}: it is needed for this kind of calendar"));
        line("name", self.name.as_deref())?;
        let refused = |trouble: Trouble| Problem::unprocessable(trouble.to_string());
        let mut name = self.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let (source, text) = match CalendarKind::of(&self.kind) {
            Some(CalendarKind::Feed) => {
                let url = self.url.ok_or_else(|| missing("url"))?;
                web.sources.check_feed(&url).map_err(refused)?;
                (Source::Feed { url }, None)
            }
            Some(CalendarKind::CalDav) => {
                let server = self.server.ok_or_else(|| missing("server"))?;
                let user = self.user.ok_or_else(|| missing("user"))?;
                let password = self.password.ok_or_else(|| missing("password"))?;
                let found = web.sources.discover(&server, &user, &password).await.map_err(refused)?;
                let chosen = chosen(found, self.calendar.as_deref())?;
                name = name.or(Some(chosen.name));
                (Source::CalDav { server, user, password, href: chosen.href }, None)
            }
            Some(CalendarKind::File) => {
                let text = self.text.ok_or_else(|| missing("text"))?;
                if text.len() > LARGEST_FILE {
                    return Err(Problem::unprocessable("text: it is too large"));
                }
                firstcall_calendar::Calendar::read(text.as_bytes())
                    .map_err(|error| Problem::unprocessable(format!("text: {error}")))?;
                (Source::File, Some(text.into_bytes()))
            }
            Some(CalendarKind::Google) | None => {
                return Err(Problem::unprocessable(format!("kind: \"{}\" is not feed, caldav or file", self.kind)));
            }
        };
        let writes = self.writes.unwrap_or(false);
        may_write(writes, source.kind())?;
        let name = name.unwrap_or_else(|| "Calendar".to_owned());
        Ok(Connection { owner, name, source, blocks: self.blocks.unwrap_or(true), writes, text })
    }
}

impl CalendarChange {
    pub(in crate::web) async fn apply(
        self,
        web: &Web,
        owner: Option<MusicianId>,
        id: i64,
    ) -> Result<Json<CalendarView>, Problem> {
        line("name", self.name.as_deref())?;
        let known = web.engine.store().read(async move |tx: &mut Tx| calendars::get(tx, id).await).await?;
        if let Some(known) = known {
            may_write(self.writes.unwrap_or(false), known.kind)?;
        }
        let change = move |calendar: &mut Calendar| {
            let Self { name, blocks, writes } = self.clone();
            calendar.name = name.unwrap_or_else(|| calendar.name.clone());
            calendar.blocks = blocks.unwrap_or(calendar.blocks);
            calendar.writes = writes.unwrap_or(calendar.writes);
        };
        Ok(Json(web.engine.change_calendar(owner, id, change).await?.into()))
    }
}

fn may_write(writes: bool, kind: CalendarKind) -> Result<(), Problem> {
    if writes && !can_be_written(kind) {
        let message = format!("writes: nothing can be written into a calendar of the kind {}", kind.word());
        return Err(Problem::unprocessable(message));
    }
    Ok(())
}

/// The one calendar of an account that is meant.
fn chosen(
    found: Vec<firstcall_connect::calendars::caldav::Collection>,
    wanted: Option<&str>,
) -> Result<firstcall_connect::calendars::caldav::Collection, Problem> {
    let names: Vec<String> = found.iter().map(|calendar| format!("\"{}\"", calendar.name)).collect();
    let mut meant: Vec<_> = found
        .into_iter()
        .filter(|calendar| wanted.is_none_or(|wanted| calendar.name == wanted || calendar.href == wanted))
        .collect();
    match (meant.len(), meant.pop()) {
        (1, Some(calendar)) => Ok(calendar),
        (0, _) if names.is_empty() => Err(Problem::unprocessable("server: this account has no calendar")),
        _ => Err(Problem::unprocessable(format!("calendar: name one of {}", names.join(", ")))),
    }
}

fn span(time: Result<Query<TimeQuery>, QueryRejection>) -> Result<Span, Problem> {
    let Query(time) = time.map_err(|error| Problem::bad_request(error.body_text()))?;
    if time.start >= time.end {
        return Err(Problem::bad_request("end: the time ends after it starts"));
    }
    Ok(Span { start: time.start, end: time.end })
}

fn all(found: Vec<Calendar>) -> Items<CalendarView> {
    Items::all(found.into_iter().map(CalendarView::from).collect())
}
