//! Bookings: made as the manager would type them in, and shown.

use super::Items;
use super::idempotency::TakenKey;
use super::views::{BookingView, Client, EntryView, InstrumentCount, LogView, MessageView, StudioName};
use crate::engine::NewBooking;
use crate::web::Web;
use crate::web::extract::{Id, JsonBody, Page, PageQuery};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::who::Who;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use firstcall_core::booking::{Chair, Request};
use firstcall_core::contact::EmailAddress;
use firstcall_core::ids::BookingId;
use firstcall_core::span::Span;
use firstcall_mail::InstrumentName;
use firstcall_store::bookings::{self, Shown};
use firstcall_store::messages::Which;
use firstcall_store::{Tx, entries, journal, messages as stored};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

/// More chairs than any session has.
const MOST_CHAIRS: usize = 64;
/// Names and the like are no longer.
const LONGEST_LINE: usize = 200;
/// What else somebody has to say is no longer.
pub(in crate::web) const LONGEST_NOTES: usize = 20_000;
/// More times than anybody offers.
const MOST_TIMES: usize = 500;

/// A booking as it is typed in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingBody {
    /// Who asked.
    #[serde(default)]
    pub client: Client,
    /// What is needed.
    pub instruments: Vec<InstrumentCount>,
    /// The candidate times.
    pub times: Vec<TimeBody>,
    /// How long the session is, where a time does not say: ISO 8601 or "1h 30m"; `sessions.length` when absent.
    pub length: Option<String>,
    /// The zone in which the client speaks; the studio's when absent.
    pub time_zone: Option<String>,
    /// What else they said.
    pub notes: Option<String>,
    /// Demos, charts, videos.
    #[serde(default)]
    pub links: Vec<String>,
}

/// A time: its start alone, or start and end, or start and length.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum TimeBody {
    /// The start, RFC 3339 with an offset.
    Start(String),
    /// Start and end, or start and length.
    Span {
        /// RFC 3339 with an offset.
        start: String,
        /// RFC 3339 with an offset.
        end: Option<String>,
        /// ISO 8601, or "1h 30m".
        length: Option<String>,
    },
}

impl TimeBody {
    /// The time, which lasts `length` where it does not say.
    pub fn span(&self, length: SignedDuration) -> Result<Span, Problem> {
        let instant = |text: &str| {
            text.parse::<Timestamp>().map_err(|_| {
                Problem::unprocessable(format!(
                    "times: \"{text}\" is not an RFC 3339 instant such as 2026-12-02T10:00:00-05:00"
                ))
            })
        };
        let span = match self {
            Self::Start(start) => Span::new(instant(start)?, length),
            Self::Span { end: Some(_), length: Some(_), .. } => {
                return Err(Problem::unprocessable("times: give an end or a length, not both"));
            }
            Self::Span { start, end: Some(end), length: None } => Span { start: instant(start)?, end: instant(end)? },
            Self::Span { start, end: None, length: own } => {
                Span::new(instant(start)?, own.as_deref().map_or(Ok(length), duration)?)
            }
        };
        if span.start >= span.end || span.length() > SignedDuration::from_hours(24) {
            return Err(Problem::unprocessable("times: a session ends after it starts, within a day"));
        }
        Ok(span)
    }
}

fn duration(text: &str) -> Result<SignedDuration, Problem> {
    let parsed = text.parse::<SignedDuration>().ok().filter(SignedDuration::is_positive);
    parsed.ok_or_else(|| {
        Problem::unprocessable(format!("length: \"{text}\" is not a length such as \"1h 30m\" or PT1H30M"))
    })
}

impl BookingBody {
    /// The booking, checked.
    pub async fn checked(self, web: &Web) -> Result<NewBooking, Problem> {
        let settings = web.engine.settings();
        let length = self.length.as_deref().map_or(Ok(settings.sessions.length), duration)?;
        checked_texts(&self)?;
        if self.times.is_empty() || self.times.len() > MOST_TIMES {
            return Err(Problem::unprocessable(format!("times: 1 to {MOST_TIMES} are allowed")));
        }
        let mut times = self.times.iter().map(|time| time.span(length)).collect::<Result<Vec<_>, _>>()?;
        let now = web.engine.clock().now();
        times.retain(|time| web.engine.policy().end_of(time) > now);
        if times.is_empty() {
            return Err(Problem::unprocessable("times: all of them have passed, or are too soon"));
        }
        let zone = self.time_zone.unwrap_or_else(|| web.zone_name());
        let offset = format!("2000-01-01T00:00:00{zone}").parse::<Timestamp>().is_ok();
        if crate::settings::zone(&zone).is_err() && !offset {
            return Err(Problem::unprocessable(format!("time_zone: \"{zone}\" is not an IANA zone")));
        }
        Ok(NewBooking {
            chairs: chairs(&web.engine.instruments().await?, &self.instruments)?,
            times,
            request: Request {
                client_name: self.client.name,
                client_email: self.client.email,
                client_phone: self.client.phone,
                client_city: self.client.city,
                time_zone: zone,
                notes: self.notes,
                links: self.links,
            },
        })
    }
}

fn checked_texts(body: &BookingBody) -> Result<(), Problem> {
    let client = &body.client;
    line("client.name", client.name.as_deref())?;
    line("client.phone", client.phone.as_deref())?;
    line("client.city", client.city.as_deref())?;
    if body.notes.as_deref().is_some_and(|notes| notes.len() > LONGEST_NOTES) {
        return Err(Problem::unprocessable(format!("notes: {LONGEST_NOTES} characters at most are allowed")));
    }
    match client.email.as_deref().map(EmailAddress::new) {
        Some(Err(error)) => Err(Problem::unprocessable(format!("client.email: {error}"))),
        Some(Ok(_)) | None => Ok(()),
    }
}

/// Checks a text that is shown on one line.
pub(super) fn line(field: &str, text: Option<&str>) -> Result<(), Problem> {
    if text.is_some_and(|text| text.len() > LONGEST_LINE || text.chars().any(char::is_control)) {
        let message = format!("{field}: one line of at most {LONGEST_LINE} characters is allowed");
        return Err(Problem::unprocessable(message));
    }
    Ok(())
}

fn chairs(known: &[InstrumentName], wanted: &[InstrumentCount]) -> Result<Vec<Chair>, Problem> {
    let names: Vec<&str> = known.iter().map(|instrument| instrument.name.as_str()).collect();
    let mut counts: Vec<(&str, u16)> = Vec::new();
    for InstrumentCount { instrument, count } in wanted {
        if !names.contains(&instrument.as_str()) {
            let message = format!("instruments: \"{instrument}\" is not one of {}", names.join(", "));
            return Err(Problem::unprocessable(message));
        }
        match counts.iter_mut().find(|(name, _)| name == instrument) {
            Some((_, sum)) => *sum = sum.saturating_add(*count),
            None => counts.push((instrument, *count)),
        }
    }
    let number: usize = counts.iter().map(|(_, count)| usize::from(*count)).sum();
    if number == 0 || number > MOST_CHAIRS || counts.iter().any(|(_, count)| *count == 0) {
        return Err(Problem::unprocessable(format!("instruments: 1 to {MOST_CHAIRS} chairs are allowed")));
    }
    Ok(Chair::list(counts))
}

/// The bookings, newest first.
#[utoipa::path(get, path = "/api/v1/bookings", tag = "bookings", params(PageQuery),
    responses((status = 200, body = Items<BookingView>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody)))]
pub async fn list(State(web): State<Web>, page: Page) -> Result<Json<Items<BookingView>>, Problem> {
    let state = page.state_of(&["calling", "paused", "no_times", "exhausted", "booked", "expired", "cancelled"])?;
    let (before, limit) = (page.cursor.unwrap_or(i64::MAX), page.limit);
    let read = async move |tx: &mut Tx| bookings::list(tx, before, state.as_deref(), limit + 1).await;
    let shown = web.engine.store().read(read).await?;
    let views = shown.iter().map(|shown| web.booking(shown)).collect();
    Ok(Json(Items::page(views, limit, |view| view.id)))
}

/// Make a booking as the manager would type it in.
#[utoipa::path(post, path = "/api/v1/bookings", tag = "bookings", request_body = BookingBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same call again gets the same answer")),
    responses((status = 201, body = BookingView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 415, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn create(
    State(web): State<Web>,
    who: Who,
    key: Option<Extension<TakenKey>>,
    JsonBody(body): JsonBody<BookingBody>,
) -> Result<(StatusCode, Json<BookingView>), Problem> {
    let new = body.checked(&web).await?;
    web.sources.freshen(&web.engine, &new.instruments()).await;
    let booking = web.engine.book(new, who.name(), key.map(|Extension(TakenKey(key))| key)).await?;
    Ok((StatusCode::CREATED, Json(web.booking(&web.shown(booking.id).await?))))
}

/// One booking.
#[utoipa::path(get, path = "/api/v1/bookings/{id}", tag = "bookings", params(("id" = i64, Path)),
    responses((status = 200, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn show(State(web): State<Web>, Id(id): Id) -> Result<Json<BookingView>, Problem> {
    Ok(Json(web.booking(&web.shown(BookingId(id)).await?)))
}

/// A booking's messages, oldest first.
#[utoipa::path(get, path = "/api/v1/bookings/{id}/messages", tag = "bookings", params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Items<MessageView>), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn messages(State(web): State<Web>, Id(id): Id, page: Page) -> Result<Json<Items<MessageView>>, Problem> {
    let shown = web.shown(BookingId(id)).await?;
    let (after, limit) = (page.cursor.unwrap_or(0), page.limit);
    let read = async move |tx: &mut Tx| stored::list(tx, &Which::Of(BookingId(id)), after, limit + 1).await;
    let messages = web.engine.store().read(read).await?;
    let zone = web.zone_name();
    let views = messages.into_iter().map(|message| MessageView::of(message, Some(&shown.booking), &zone)).collect();
    Ok(Json(Items::page(views, limit, |view| view.id)))
}

/// What became of a booked session in the calendars of those who play, and of the studio.
#[utoipa::path(get, path = "/api/v1/bookings/{id}/calendars", tag = "bookings", params(("id" = i64, Path)),
    responses((status = 200, body = Items<EntryView>), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn calendars(State(web): State<Web>, Id(id): Id) -> Result<Json<Items<EntryView>>, Problem> {
    web.shown(BookingId(id)).await?;
    let found = web.engine.store().read(async move |tx: &mut Tx| entries::of(tx, BookingId(id)).await).await?;
    Ok(Json(Items::all(found.into_iter().map(EntryView::from).collect())))
}

/// A booking's log, oldest first.
#[utoipa::path(get, path = "/api/v1/bookings/{id}/log", tag = "bookings", params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Items<LogView>), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn log(State(web): State<Web>, Id(id): Id, page: Page) -> Result<Json<Items<LogView>>, Problem> {
    web.shown(BookingId(id)).await?;
    let (after, limit) = (page.cursor.unwrap_or(0), page.limit);
    let read = async move |tx: &mut Tx| journal::of(tx, BookingId(id), after, limit + 1).await;
    let lines = web.engine.store().read(read).await?;
    Ok(Json(Items::page(lines.into_iter().map(LogView::from).collect(), limit, |view| view.id)))
}

impl Web {
    /// A booking and its deadline.
    pub(in crate::web) async fn shown(&self, id: BookingId) -> Result<Shown, Problem> {
        let shown = self.engine.store().read(async move |tx| bookings::show(tx, id).await).await?;
        shown.ok_or_else(|| Problem::not_found("booking"))
    }

    fn booking(&self, shown: &Shown) -> BookingView {
        let studio = StudioName { name: self.engine.settings().studio.name.clone(), time_zone: self.zone_name() };
        let url = self.url(&format!("/bookings/{}", shown.booking.id));
        BookingView::of(shown, &studio, url, self.url(&format!("/c/{}", shown.client_token)))
    }

    /// One booking as JSON.
    pub(super) async fn booking_view(&self, id: BookingId) -> Result<BookingView, Problem> {
        Ok(self.booking(&self.shown(id).await?))
    }

    /// The name of the studio's zone.
    pub(in crate::web) fn zone_name(&self) -> String {
        self.engine.settings().studio.time_zone.iana_name().unwrap_or("UTC").to_owned()
    }
}
