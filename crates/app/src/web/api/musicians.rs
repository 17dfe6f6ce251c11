//! Musicians and their blocks.

use super::Items;
use super::bookings::{LONGEST_NOTES, line};
use super::views::{BlockView, ConsentView, MusicianView};
use crate::engine::{MusicianChange, RosterError};
use crate::reading;
use crate::settings::clock_range;
use crate::web::Web;
use crate::web::extract::{Id, JsonBody, Page, PageQuery};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::who::Who;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use firstcall_core::contact::{EmailAddress, Phone};
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::ClockRange;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::span::Span;
use firstcall_mail::InstrumentName;
use firstcall_store::{Tx, consents, roster};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// No call list is longer.
const LAST_PLACE: u32 = 1_000_000;

/// A musician as they are typed in. In a change, what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MusicianBody {
    /// Their name.
    pub name: Option<String>,
    /// Their number: E.164, or North American as people write it.
    pub phone: Option<String>,
    /// Their address; an empty one takes it away.
    pub email: Option<String>,
    /// Their zone; the studio's for new ones.
    pub time_zone: Option<String>,
    /// What they play; without a place they come last in the call list.
    pub instruments: Option<Vec<PlaysBody>>,
    /// Their own quiet hours, such as "22:00-08:00", instead of the studio's; empty ones take them away.
    pub quiet_hours: Option<String>,
    /// Notes; empty ones take them away.
    pub notes: Option<String>,
    /// active, invited (they are asked to join, and nothing is offered to them before they do), paused or `opted_out`.
    pub status: Option<String>,
    /// The day on which they were last booked, in the studio's calendar.
    #[schema(value_type = Option<String>, format = Date)]
    pub last_booked: Option<Date>,
}

/// An instrument, with or without the place in its call list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum PlaysBody {
    /// Its name.
    Name(String),
    /// Its name and place.
    Placed {
        /// The instrument.
        instrument: String,
        /// The place, from 1.
        place: Option<u32>,
    },
}

/// Time that a musician does not have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockBody {
    /// When it starts, RFC 3339 with an offset.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends, RFC 3339 with an offset.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Why.
    pub note: Option<String>,
}

impl MusicianBody {
    async fn checked(self, web: &Web) -> Result<MusicianChange, Problem> {
        let known = web.engine.instruments().await?;
        let wrong = |field: &str, why: String| Problem::unprocessable(format!("{field}: {why}"));
        let studio = &web.engine.settings().studio.time_zone;
        let name = self.name.map(|name| name.trim().to_owned());
        if name.as_deref() == Some("") {
            return Err(wrong("name", "it is empty".to_owned()));
        }
        line("name", name.as_deref())?;
        if self.notes.as_deref().is_some_and(|notes| notes.len() > LONGEST_NOTES) {
            return Err(wrong("notes", format!("{LONGEST_NOTES} characters at most are allowed")));
        }
        let today = web.engine.clock().now().to_zoned(studio.clone()).date();
        if self.last_booked.is_some_and(|day| day > today) {
            return Err(wrong("last_booked", "this day has not come".to_owned()));
        }
        let email = match self.email.as_deref().map(str::trim) {
            None => None,
            Some("") => Some(String::new()),
            Some(text) => {
                let address = EmailAddress::new(text).map_err(|e| wrong("email", e.to_string()))?;
                Some(address.as_str().to_owned())
            }
        };
        let zone = self.time_zone.map(|zone| crate::settings::zone(&zone)).transpose();
        let standing = self.status.map(|word| {
            let may_be = |standing: &MusicianStanding| {
                !matches!(standing, MusicianStanding::Removed | MusicianStanding::Waiting)
            };
            let known = roster::standing(&word).filter(may_be);
            known.ok_or_else(|| wrong("status", format!("\"{word}\" is not active, invited, paused or opted_out")))
        });
        let last_booked = self.last_booked.map(|day| day.to_zoned(studio.clone()).map(|start| start.timestamp()));
        Ok(MusicianChange {
            name,
            phone: self.phone.map(|text| Phone::new(&text)).transpose().map_err(|e| wrong("phone", e.to_string()))?,
            email,
            zone: zone.map_err(|why| {
                wrong("time_zone", format!("{why}; allowed: an IANA zone such as \"America/New_York\""))
            })?,
            instruments: self.instruments.map(|plays| instruments(&known, plays)).transpose()?,
            quiet_hours: self.quiet_hours.map(|text| quiet_hours(&text)).transpose()?,
            notes: self.notes,
            standing: standing.transpose()?,
            last_booked_at: last_booked.transpose().map_err(|e| wrong("last_booked", e.to_string()))?,
        })
    }
}

fn quiet_hours(text: &str) -> Result<Option<ClockRange>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = || Problem::unprocessable(format!("quiet_hours: \"{text}\" is not like \"22:00-08:00\", nor empty"));
    clock_range(text.trim()).filter(|hours| hours.from != hours.to).ok_or_else(wrong).map(Some)
}

/// Names as the instrument list has them, or as people write them.
fn instruments(known: &[InstrumentName], plays: Vec<PlaysBody>) -> Result<Vec<(String, Option<u32>)>, Problem> {
    let mut named: Vec<(String, Option<u32>)> = Vec::new();
    for plays in plays {
        let (said, place) = match plays {
            PlaysBody::Name(name) => (name, None),
            PlaysBody::Placed { instrument, place } => (instrument, place),
        };
        let Some(name) = reading::instrument_named(known, &said) else {
            let all: Vec<&str> = known.iter().map(|instrument| instrument.name.as_str()).collect();
            let message = format!("instruments: \"{said}\" is not one of {}", all.join(", "));
            return Err(Problem::unprocessable(message));
        };
        if place.is_some_and(|place| !(1..=LAST_PLACE).contains(&place))
            || named.iter().any(|(other, _)| *other == name)
        {
            return Err(Problem::unprocessable(format!(
                "instruments: \"{said}\": once, with a place from 1 to {LAST_PLACE}"
            )));
        }
        named.push((name, place));
    }
    if named.is_empty() {
        return Err(Problem::unprocessable("instruments: at least one is needed"));
    }
    Ok(named)
}

impl From<RosterError> for Problem {
    fn from(error: RosterError) -> Self {
        match error {
            RosterError::Unknown => Self::not_found("musician"),
            RosterError::PhoneTaken | RosterError::Refused | RosterError::Waits | RosterError::NotWaiting => {
                Self::conflict(error.to_string())
            }
            RosterError::Missing(_) => Self::unprocessable(error.to_string()),
            RosterError::Store(error) => error.into(),
        }
    }
}

/// The musicians on the roster.
#[utoipa::path(get, path = "/api/v1/musicians", tag = "musicians", params(PageQuery),
    responses((status = 200, body = Items<MusicianView>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody)))]
pub async fn list(State(web): State<Web>, page: Page) -> Result<Json<Items<MusicianView>>, Problem> {
    let (after, limit) = (page.cursor.unwrap_or(0), page.limit);
    let read = async move |tx: &mut Tx| roster::list(tx, after, limit + 1).await;
    let entries = web.engine.store().read(read).await?;
    let views = entries.into_iter().map(|entry| web.musician(entry)).collect();
    Ok(Json(Items::page(views, limit, |view| view.id)))
}

/// Add a musician. The manager vouches for the consent of those who are not `invited`.
#[utoipa::path(post, path = "/api/v1/musicians", tag = "musicians", request_body = MusicianBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same call again gets the same answer")),
    responses((status = 201, body = MusicianView), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub async fn create(
    State(web): State<Web>,
    JsonBody(body): JsonBody<MusicianBody>,
) -> Result<(StatusCode, Json<MusicianView>), Problem> {
    let change = body.checked(&web).await?;
    if change.instruments.is_none() {
        return Err(RosterError::Missing("instruments").into());
    }
    let entry = web.engine.add_musician(change).await?;
    Ok((StatusCode::CREATED, Json(web.musician(entry))))
}

/// One musician.
#[utoipa::path(get, path = "/api/v1/musicians/{id}", tag = "musicians", params(("id" = i64, Path)),
    responses((status = 200, body = MusicianView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn show(State(web): State<Web>, Id(id): Id) -> Result<Json<MusicianView>, Problem> {
    let found = web.engine.store().read(async move |tx| roster::get(tx, MusicianId(id)).await).await?;
    Ok(Json(web.musician(found.ok_or_else(|| Problem::not_found("musician"))?)))
}

/// Change a musician.
#[utoipa::path(patch, path = "/api/v1/musicians/{id}", tag = "musicians", params(("id" = i64, Path)), request_body = MusicianBody,
    responses((status = 200, body = MusicianView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn change(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<MusicianBody>,
) -> Result<Json<MusicianView>, Problem> {
    let change = body.checked(&web).await?;
    Ok(Json(web.musician(web.engine.change_musician(MusicianId(id), change, who.name()).await?)))
}

/// Take a musician off the roster.
#[utoipa::path(delete, path = "/api/v1/musicians/{id}", tag = "musicians", params(("id" = i64, Path)),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn remove(State(web): State<Web>, Id(id): Id, who: Who) -> Result<StatusCode, Problem> {
    let change = MusicianChange { standing: Some(MusicianStanding::Removed), ..MusicianChange::default() };
    web.engine.change_musician(MusicianId(id), change, who.name()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let somebody in who signed up and waits: they are asked like the others, and told so. Who is not to be let in is taken
/// off the roster.
#[utoipa::path(post, path = "/api/v1/musicians/{id}/approve", tag = "musicians", params(("id" = i64, Path)),
    responses((status = 200, body = MusicianView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub async fn approve(State(web): State<Web>, Id(id): Id, who: Who) -> Result<Json<MusicianView>, Problem> {
    Ok(Json(web.musician(web.engine.approve(MusicianId(id), who.name()).await?)))
}

/// A musician's blocks.
#[utoipa::path(get, path = "/api/v1/musicians/{id}/blocks", tag = "musicians", params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Items<BlockView>), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn blocks(State(web): State<Web>, Id(id): Id, page: Page) -> Result<Json<Items<BlockView>>, Problem> {
    let (after, limit) = (page.cursor.unwrap_or(0), page.limit);
    let read = async move |tx: &mut Tx| {
        let known = roster::get(tx, MusicianId(id)).await?.is_some();
        Ok::<_, firstcall_store::Error>((known, roster::blocks(tx, MusicianId(id), after, limit + 1).await?))
    };
    let (known, blocks) = web.engine.store().read(read).await?;
    if !known {
        return Err(Problem::not_found("musician"));
    }
    Ok(Json(Items::page(blocks.into_iter().map(BlockView::from).collect(), limit, |view| view.id)))
}

/// Enter time that a musician does not have.
#[utoipa::path(post, path = "/api/v1/musicians/{id}/blocks", tag = "musicians", params(("id" = i64, Path)), request_body = BlockBody,
    responses((status = 201, body = BlockView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub async fn block(
    State(web): State<Web>,
    Id(id): Id,
    JsonBody(body): JsonBody<BlockBody>,
) -> Result<(StatusCode, Json<BlockView>), Problem> {
    let time = Span { start: body.start, end: body.end };
    if time.start >= time.end {
        return Err(Problem::unprocessable("end: a block ends after it starts"));
    }
    let block = web.engine.block(MusicianId(id), time, body.note.clone()).await?;
    let block = block.ok_or_else(|| Problem::not_found("musician"))?;
    let view = BlockView { id: block, musician_id: id, start: time.start, end: time.end, note: body.note };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Lift a block.
#[utoipa::path(delete, path = "/api/v1/musicians/{id}/blocks/{block}", tag = "musicians",
    params(("id" = i64, Path), ("block" = i64, Path)),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn unblock(
    State(web): State<Web>,
    path: Result<Path<(i64, i64)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Ok(Path((id, block))) = path else { return Err(Problem::not_found("block")) };
    if web.engine.unblock(MusicianId(id), block).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("block"))
}

/// What a musician has agreed to, newest first: the proof.
#[utoipa::path(get, path = "/api/v1/musicians/{id}/consents", tag = "musicians", params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Items<ConsentView>), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn consents(State(web): State<Web>, Id(id): Id, page: Page) -> Result<Json<Items<ConsentView>>, Problem> {
    let (before, limit) = (page.cursor.unwrap_or(i64::MAX), page.limit);
    let read = async move |tx: &mut Tx| {
        let known = roster::get(tx, MusicianId(id)).await?.is_some();
        Ok::<_, firstcall_store::Error>((known, consents::of(tx, MusicianId(id), before, limit + 1).await?))
    };
    let (known, lines) = web.engine.store().read(read).await?;
    if !known {
        return Err(Problem::not_found("musician"));
    }
    Ok(Json(Items::page(lines.into_iter().map(ConsentView::from).collect(), limit, |view| view.id)))
}

impl Web {
    fn musician(&self, entry: roster::Entry) -> MusicianView {
        MusicianView::of(entry, &self.engine.settings().studio.time_zone)
    }
}
