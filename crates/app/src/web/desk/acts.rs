//! The manager's buttons on a booking (rule 7.2). What its state does not allow is refused with the reason, on the booking's
//! own page; what texts somebody waits a few seconds, in which it can be undone.

use super::access::{Visitor, see_other};
use super::booking::{Refusal, refused};
use super::forms;
use super::{Frame, failed, nothing, notice, page};
use crate::engine::{Granted, Settled, Wanted};
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::booking::Booking;
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::span::Span;
use firstcall_store::{Error, Tx, bookings};
use jiff::Timestamp;

#[derive(Template)]
#[template(path = "cancel.html")]
struct CancelPage {
    frame: Frame,
    id: i64,
    client: String,
    booked: bool,
    holders: usize,
}

/// Does what a form of a booking's page asks for.
pub async fn act(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path((id, name)): Path<(i64, String)>,
    body: Bytes,
) -> Response {
    do_act(&web, visitor, BookingId(id), &name, fields(&body)).await
}

/// Calls a booking off.
pub async fn cancel(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<i64>) -> Response {
    do_act(&web, visitor, BookingId(id), "cancel", Vec::new()).await
}

async fn do_act(web: &Web, visitor: Visitor, id: BookingId, name: &str, form: Vec<(String, String)>) -> Response {
    let booking = match booking(web, id).await {
        Ok(Some(booking)) => booking,
        Ok(None) => return nothing(web, visitor),
        Err(error) => return failed(&error),
    };
    let wanted = match wanted(web, &booking, name, &form) {
        Some(Ok(wanted)) => wanted,
        Some(Err(why)) => return refused(web, visitor, id, Refusal::new(name, why, form)).await,
        None => return nothing(web, visitor),
    };
    match web.engine.want(id, wanted, visitor.who.name()).await {
        Ok(Some(Granted::Done | Granted::Waits(_))) => see_other(&format!("../{id}"), None),
        Ok(Some(Granted::Refused(why))) => refused(web, visitor, id, Refusal::new(name, why, form)).await,
        Ok(None) => nothing(web, visitor),
        Err(error) => failed(&error),
    }
}

/// What a form asks for, or what is wrong with it; none: there is no such act.
fn wanted(web: &Web, booking: &Booking, name: &str, form: &[(String, String)]) -> Option<Result<Wanted, String>> {
    let act = match name {
        "pause" => Ok(Act::Pause),
        "resume" => Ok(Act::Resume),
        "next" => Ok(Act::Next),
        "cancel" => Ok(Act::Cancel),
        "ask" => seat(form).map(|(musician, chair)| Act::Ask(musician, chair)),
        "fill" => seat(form).map(|(musician, chair)| Act::Fill(musician, chair)),
        "release" => number(form, "chair").map(ChairNo).map(Act::Release).ok_or_else(|| "choose a chair".to_owned()),
        "add" => forms::time(web, form, length_of(web, booking)).map(|time| Act::AddTimes(vec![time])),
        "drop" => dropped(booking, form).map(|time| Act::DropTimes(vec![time])),
        "move" => forms::time(web, form, length_of(web, booking)).map(Act::Move),
        "answer" => return Some(answer(form)),
        _ => return None,
    };
    Some(act.map(Wanted::Act))
}

fn answer(form: &[(String, String)]) -> Result<Wanted, String> {
    match (number(form, "offer").map(OfferNo), value(form, "answer")) {
        (Some(offer), Some(yes @ ("yes" | "no"))) => Ok(Wanted::Answer(offer, yes == "yes")),
        _ => Err("choose somebody, and yes or no".to_owned()),
    }
}

fn seat(form: &[(String, String)]) -> Result<(MusicianId, ChairNo), String> {
    let seat = number(form, "musician").map(MusicianId).zip(number(form, "chair").map(ChairNo));
    seat.ok_or_else(|| "choose a chair and a musician".to_owned())
}

/// The time that starts when a form says.
fn dropped(booking: &Booking, form: &[(String, String)]) -> Result<Span, String> {
    let start = value(form, "start").and_then(|start| start.parse::<Timestamp>().ok());
    let times = booking.times.iter().chain(booking.options.iter().map(|option| &option.time));
    let time = times.copied().find(|time| Some(time.start) == start);
    time.ok_or_else(|| "choose a time".to_owned())
}

/// A time that is added or moved to is as long as the others, where it does not say.
pub(super) fn length_of(web: &Web, booking: &Booking) -> jiff::SignedDuration {
    let known = booking.session().or_else(|| booking.times.first().copied());
    known.map_or(web.engine.settings().sessions.length, |time| time.length())
}

fn number<T: std::str::FromStr>(form: &[(String, String)], name: &str) -> Option<T> {
    value(form, name)?.parse().ok()
}

/// Takes back what was pressed a moment ago.
pub async fn undo(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let Some(act) = number(&fields(&body), "act") else { return nothing(&web, visitor) };
    match web.engine.undo(BookingId(id), act).await {
        Ok(true) => see_other(&format!("../{id}"), None),
        Ok(false) => {
            let why = "it was done, or undone, before".to_owned();
            refused(&web, visitor, BookingId(id), Refusal::new("undo", why, Vec::new())).await
        }
        Err(error) => failed(&error),
    }
}

/// The manager has read that an act could not be done.
pub async fn noted(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<i64>) -> Response {
    match web.engine.noted(BookingId(id)).await {
        Ok(_) => see_other(visitor.root, None),
        Err(error) => failed(&error),
    }
}

/// Asks whether a booking should really be called off.
pub async fn confirm_cancel(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
) -> Response {
    match booking(&web, BookingId(id)).await {
        Ok(Some(booking)) => {
            let frame = Frame::new(&web, visitor, &format!("Cancel #{id}?"));
            let client = super::view::client(&booking);
            let page_of =
                CancelPage { frame, id, client, booked: booking.session().is_some(), holders: booking.holds().len() };
            page(StatusCode::OK, &page_of)
        }
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

async fn booking(web: &Web, id: BookingId) -> Result<Option<Booking>, Error> {
    web.engine.store().read(async move |tx: &mut Tx| bookings::get(tx, id).await).await
}

/// Says of a text in doubt that it arrived, or sends it again; then back to where that was said.
pub async fn settle_text(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let form = fields(&body);
    let booking = value(&form, "booking").and_then(|id| id.parse::<i64>().ok());
    let back = booking.map_or_else(|| visitor.root.to_owned(), |id| format!("{}bookings/{id}", visitor.root));
    let settled = match value(&form, "settled") {
        Some("arrived") => Settled::Arrived,
        Some("again") => Settled::Again,
        _ => return nothing(&web, visitor),
    };
    match web.engine.settle_doubt(id, settled, visitor.who.name()).await {
        Ok(Some(Ok(()))) => see_other(&back, None),
        Ok(Some(Err(why))) => {
            let why = firstcall_core::wording::capital(&why);
            notice(&web, visitor, StatusCode::CONFLICT, "That could not be done.", &why, &back)
        }
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// A form's fields; none of what is no form.
pub(in crate::web) fn fields(body: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(body).unwrap_or_default()
}

pub(in crate::web) fn value<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}
