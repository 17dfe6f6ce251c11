//! The manager's buttons on a booking (rule 7.2). What its state does not allow is refused with the reason.

use super::access::{Visitor, see_other};
use super::{Frame, failed, nothing, notice, page};
use crate::engine::Settled;
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::step::Outcome;
use firstcall_store::{Error, bookings};

#[derive(Template)]
#[template(path = "cancel.html")]
struct CancelPage {
    frame: Frame,
    id: i64,
    client: String,
    booked: bool,
    holders: usize,
}

macro_rules! simple_acts {
    ($($(#[$doc:meta])* $name:ident $act:expr;)*) => {$(
        $(#[$doc])*
        pub async fn $name(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<i64>) -> Response {
            act(&web, visitor, id, $act).await
        }
    )*};
}

simple_acts! {
    /// Nothing leaves until it is resumed.
    pause Act::Pause;
    /// Go on, with a full patience.
    resume Act::Resume;
    /// Ask the next musicians now.
    next Act::Next;
    /// Call it off.
    cancel Act::Cancel;
}

/// Asks whether a booking should really be called off.
pub async fn confirm_cancel(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
) -> Response {
    let read = async move |tx: &mut firstcall_store::Tx| bookings::get(tx, BookingId(id)).await;
    match web.engine.store().read(read).await {
        Ok(Some(booking)) => {
            let frame = Frame::new(&web, visitor, &format!("Cancel #{id}?"), 0);
            let client = super::view::client(&booking);
            let page_of =
                CancelPage { frame, id, client, booked: booking.session().is_some(), holders: booking.holds().len() };
            page(StatusCode::OK, &page_of)
        }
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// Answers an offer for its musician.
pub async fn answer(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let form = fields(&body);
    let offer = value(&form, "offer").and_then(|no| no.parse().ok()).map(OfferNo);
    let (Some(offer), Some(yes @ ("yes" | "no"))) = (offer, value(&form, "answer")) else {
        return refused(&web, visitor, id, "Choose somebody, and yes or no.");
    };
    let done = web.engine.answer_for(BookingId(id), offer, yes == "yes", visitor.who.name()).await;
    told(&web, visitor, id, done)
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

/// Takes a chair back from whoever holds it.
pub async fn release(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    match chair(&web, id, &fields(&body)).await {
        Ok(Some(chair)) => act(&web, visitor, id, Act::Release(chair)).await,
        Ok(None) => refused(&web, visitor, id, "Choose a chair."),
        Err(error) => failed(&error),
    }
}

/// Gives somebody a chair without asking.
pub async fn fill(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let form = fields(&body);
    let musician = value(&form, "musician").and_then(|id| id.parse().ok()).map(MusicianId);
    match (chair(&web, id, &form).await, musician) {
        (Ok(Some(chair)), Some(musician)) => act(&web, visitor, id, Act::Fill(musician, chair)).await,
        (Ok(_), _) => refused(&web, visitor, id, "Choose a chair and a musician."),
        (Err(error), _) => failed(&error),
    }
}

async fn act(web: &Web, visitor: Visitor, id: i64, act: Act) -> Response {
    let done = web.engine.manage(BookingId(id), act, visitor.who.name()).await;
    told(web, visitor, id, done)
}

/// Back to the booking's page, or to why it was not done.
fn told(web: &Web, visitor: Visitor, id: i64, done: Result<Option<Outcome>, Error>) -> Response {
    match done {
        Ok(Some(outcome)) => match outcome.refusal() {
            Some(why) => refused(web, visitor, id, &why),
            None => see_other(&format!("../{id}"), None),
        },
        Ok(None) => nothing(web, visitor),
        Err(error) => failed(&error),
    }
}

fn refused(web: &Web, visitor: Visitor, id: i64, why: &str) -> Response {
    let why = firstcall_core::wording::capital(why);
    notice(web, visitor, StatusCode::CONFLICT, "That could not be done.", &why, &format!("../{id}"))
}

/// The chair that a form names, if the booking has it.
async fn chair(web: &Web, id: i64, form: &[(String, String)]) -> Result<Option<ChairNo>, Error> {
    let Some(no) = value(form, "chair").and_then(|no| no.parse().ok()).map(ChairNo) else { return Ok(None) };
    let read = async move |tx: &mut firstcall_store::Tx| bookings::get(tx, BookingId(id)).await;
    let booking = web.engine.store().read(read).await?;
    Ok(booking.filter(|booking| usize::from(no.0) < booking.chairs.len()).map(|_| no))
}

/// A form's fields; none of what is no form.
pub(in crate::web) fn fields(body: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(body).unwrap_or_default()
}

pub(in crate::web) fn value<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}
