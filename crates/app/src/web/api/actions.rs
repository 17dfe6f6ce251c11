//! The manager's acts (rule 7.2). Each answers with the booking as it is afterwards; one that the booking's state does
//! not allow is refused with 409 and the reason.

use super::bookings::TimeBody;
use super::views::BookingView;
use crate::web::Web;
use crate::web::extract::{Id, JsonBody};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::who::Who;
use axum::Json;
use axum::extract::State;
use firstcall_core::booking::Booking;
use firstcall_core::ids::{BookingId, ChairNo, MusicianId};
use firstcall_core::manage::Act;
use firstcall_core::span::Span;
use firstcall_core::step::Outcome;
use serde::Deserialize;
use utoipa::ToSchema;

/// A musician and a chair.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatBody {
    /// Who.
    pub musician_id: i64,
    /// Which chair, as in "violin 2"; or `instrument` and `number`.
    pub chair: Option<String>,
    /// Its instrument.
    pub instrument: Option<String>,
    /// Its number, from 1.
    pub number: Option<u16>,
}

/// A chair.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChairBody {
    /// Which chair, as in "violin 2"; or `instrument` and `number`; or `musician_id`.
    pub chair: Option<String>,
    /// Its instrument.
    pub instrument: Option<String>,
    /// Its number, from 1.
    pub number: Option<u16>,
    /// Who holds it.
    pub musician_id: Option<i64>,
}

/// An answer for a musician.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// For whom.
    pub musician_id: i64,
    /// To which option; the newest that they were asked about when absent.
    pub option: Option<u32>,
    /// yes or no.
    #[schema(value_type = String)]
    pub answer: YesNo,
}

/// YES or NO.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum YesNo {
    /// YES.
    Yes,
    /// NO.
    No,
}

/// Times.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimesBody {
    /// The times.
    pub times: Vec<TimeBody>,
}

/// A new time for a booked session. Without an end or a length it stays as long as it was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBody {
    /// RFC 3339 with an offset.
    pub start: String,
    /// RFC 3339 with an offset.
    pub end: Option<String>,
    /// ISO 8601, or "1h 30m".
    pub length: Option<String>,
}

async fn act(web: &Web, who: Who, id: i64, act: Act) -> Result<Json<BookingView>, Problem> {
    let id = BookingId(id);
    let outcome = web.engine.manage(id, act, who.name()).await?.ok_or_else(|| Problem::not_found("booking"))?;
    done(web, id, outcome).await
}

async fn done(web: &Web, id: BookingId, outcome: Outcome) -> Result<Json<BookingView>, Problem> {
    match outcome.refusal() {
        Some(why) => Err(Problem::conflict(why)),
        None => Ok(Json(web.booking_view(id).await?)),
    }
}

fn chair_named(
    booking: &Booking,
    label: Option<&str>,
    instrument: Option<&str>,
    number: Option<u16>,
) -> Result<ChairNo, Problem> {
    let wanted = label.map(|label| label.replace('_', " "));
    let found = booking.chair_nos().find(|&no| {
        let chair = booking.chair(no);
        let numbered = chair.number.unwrap_or(1) == number.unwrap_or(1);
        wanted.as_ref().is_some_and(|wanted| *wanted == chair.label())
            || (wanted.is_none() && instrument.is_some_and(|name| name == chair.instrument) && numbered)
    });
    found.ok_or_else(|| {
        let chairs: Vec<String> = booking.chairs.iter().map(firstcall_core::booking::Chair::label).collect();
        Problem::unprocessable(format!("chair: name one of {}", chairs.join(", ")))
    })
}

async fn seat(web: &Web, id: i64, body: &SeatBody) -> Result<(MusicianId, ChairNo), Problem> {
    let booking = web.shown(BookingId(id)).await?.booking;
    let chair = chair_named(&booking, body.chair.as_deref(), body.instrument.as_deref(), body.number)?;
    Ok((MusicianId(body.musician_id), chair))
}

macro_rules! simple_acts {
    ($($(#[$doc:meta])* $name:ident $path:literal $act:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "actions", params(("id" = i64, Path)),
            responses((status = 200, body = BookingView), (status = 401, body = ProblemBody),
                (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
        pub async fn $name(State(web): State<Web>, Id(id): Id, who: Who) -> Result<Json<BookingView>, Problem> {
            act(&web, who, id, $act).await
        }
    )*};
}

simple_acts! {
    /// Nothing leaves until it is resumed.
    pause "/api/v1/bookings/{id}/pause" Act::Pause;
    /// Go on, with a full patience.
    resume "/api/v1/bookings/{id}/resume" Act::Resume;
    /// Ask the next musicians now.
    next "/api/v1/bookings/{id}/next" Act::Next;
    /// Call it off.
    cancel "/api/v1/bookings/{id}/cancel" Act::Cancel;
}

/// Ask this musician for this chair.
#[utoipa::path(post, path = "/api/v1/bookings/{id}/ask", tag = "actions", params(("id" = i64, Path)), request_body = SeatBody,
    responses((status = 200, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn ask(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<SeatBody>,
) -> Result<Json<BookingView>, Problem> {
    let (musician, chair) = seat(&web, id, &body).await?;
    act(&web, who, id, Act::Ask(musician, chair)).await
}

/// Give this musician this chair without asking.
#[utoipa::path(post, path = "/api/v1/bookings/{id}/fill", tag = "actions", params(("id" = i64, Path)), request_body = SeatBody,
    responses((status = 200, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn fill(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<SeatBody>,
) -> Result<Json<BookingView>, Problem> {
    let (musician, chair) = seat(&web, id, &body).await?;
    act(&web, who, id, Act::Fill(musician, chair)).await
}

/// Answer for a musician.
#[utoipa::path(post, path = "/api/v1/bookings/{id}/answer", tag = "actions", params(("id" = i64, Path)), request_body = AnswerBody,
    responses((status = 200, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn answer(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<AnswerBody>,
) -> Result<Json<BookingView>, Problem> {
    let id = BookingId(id);
    let booking = web.shown(id).await?.booking;
    let theirs = booking.offers.iter().filter(|offer| offer.musician.0 == body.musician_id);
    let asked = theirs.filter(|offer| body.option.is_none_or(|option| offer.option.0 == option)).map(|offer| offer.no);
    let Some(offer) = asked.max() else {
        return Err(Problem::conflict("they were not asked: fill the chair by hand"));
    };
    let outcome = web.engine.answer_for(id, offer, body.answer == YesNo::Yes, who.name()).await?;
    done(&web, id, outcome.ok_or_else(|| Problem::not_found("booking"))?).await
}

/// Take a chair back from whoever holds it.
#[utoipa::path(post, path = "/api/v1/bookings/{id}/release", tag = "actions", params(("id" = i64, Path)), request_body = ChairBody,
    responses((status = 200, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn release(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<ChairBody>,
) -> Result<Json<BookingView>, Problem> {
    let booking = web.shown(BookingId(id)).await?.booking;
    let chair = match body.musician_id {
        Some(musician) => {
            let mut holds = booking.holds().into_iter();
            let hold = holds.find(|hold| hold.musician.0 == musician && Some(hold.option) == booking.current());
            hold.ok_or_else(|| Problem::conflict("they hold no chair of this booking"))?.chair
        }
        None => chair_named(&booking, body.chair.as_deref(), body.instrument.as_deref(), body.number)?,
    };
    act(&web, who, id, Act::Release(chair)).await
}

async fn spans(web: &Web, id: i64, body: &TimesBody) -> Result<Vec<Span>, Problem> {
    let booking = web.shown(BookingId(id)).await?.booking;
    let length = booking.times.first().map_or(web.engine.settings().sessions.length, Span::length);
    if body.times.is_empty() {
        return Err(Problem::unprocessable("times: at least one is needed"));
    }
    body.times.iter().map(|time| time.span(length)).collect()
}

/// Try these times as well.
#[utoipa::path(post, path = "/api/v1/bookings/{id}/add_times", tag = "actions", params(("id" = i64, Path)), request_body = TimesBody,
    responses((status = 200, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn add_times(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<TimesBody>,
) -> Result<Json<BookingView>, Problem> {
    let times = spans(&web, id, &body).await?;
    act(&web, who, id, Act::AddTimes(times)).await
}

/// Do not try these starts any more.
#[utoipa::path(post, path = "/api/v1/bookings/{id}/drop_times", tag = "actions", params(("id" = i64, Path)), request_body = TimesBody,
    responses((status = 200, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn drop_times(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<TimesBody>,
) -> Result<Json<BookingView>, Problem> {
    let times = spans(&web, id, &body).await?;
    act(&web, who, id, Act::DropTimes(times)).await
}

/// Move the booked session: its holders are asked anew.
#[utoipa::path(post, path = "/api/v1/bookings/{id}/move", tag = "actions", params(("id" = i64, Path)), request_body = MoveBody,
    responses((status = 200, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn move_session(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<MoveBody>,
) -> Result<Json<BookingView>, Problem> {
    let booking = web.shown(BookingId(id)).await?.booking;
    let length = booking.session().map_or(web.engine.settings().sessions.length, |time| time.length());
    let to = TimeBody::Span { start: body.start, end: body.end, length: body.length }.span(length)?;
    act(&web, who, id, Act::Move(to)).await
}
