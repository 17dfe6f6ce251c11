//! Messages: every text there is.

use super::Items;
use super::views::MessageView;
use crate::engine::Settled;
use crate::web::Web;
use crate::web::extract::{Id, Page, PageQuery};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::who::Who;
use axum::Json;
use axum::extract::State;
use firstcall_core::booking::Booking;
use firstcall_core::ids::BookingId;
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::{Error, Tx, bookings};
use std::collections::HashMap;

/// Every message, oldest first.
#[utoipa::path(get, path = "/api/v1/messages", tag = "messages", params(PageQuery),
    responses((status = 200, body = Items<MessageView>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody)))]
pub async fn list(State(web): State<Web>, page: Page) -> Result<Json<Items<MessageView>>, Problem> {
    let (after, limit) = (page.cursor.unwrap_or(0), page.limit);
    let states = ["queued", "sending", "sent", "delivered", "failed", "in_doubt", "void"];
    let which = page.state_of(&states)?.map_or(Which::All, Which::In);
    let read = async move |tx: &mut Tx| {
        let messages = messages::list(tx, &which, after, limit + 1).await?;
        with_bookings(tx, messages).await
    };
    let (messages, bookings) = web.engine.store().read(read).await?;
    let zone = web.zone_name();
    let view = |message: Message| {
        let booking = message.booking.and_then(|id| bookings.get(&id));
        MessageView::of(message, booking, &zone)
    };
    Ok(Json(Items::page(messages.into_iter().map(view).collect(), limit, |view| view.id)))
}

/// One message.
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = MessageView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn show(State(web): State<Web>, Id(id): Id) -> Result<Json<MessageView>, Problem> {
    let read = async move |tx: &mut Tx| {
        let message = messages::get(tx, id).await?;
        with_bookings(tx, message.into_iter().collect()).await
    };
    let (messages, bookings) = web.engine.store().read(read).await?;
    let message = messages.into_iter().next().ok_or_else(|| Problem::not_found("message"))?;
    let booking = message.booking.and_then(|id| bookings.get(&id));
    let zone = web.zone_name();
    Ok(Json(MessageView::of(message, booking, &zone)))
}

type Bookings = HashMap<BookingId, Booking>;

async fn with_bookings(tx: &mut Tx, messages: Vec<Message>) -> Result<(Vec<Message>, Bookings), Error> {
    let mut found = Bookings::new();
    for id in messages.iter().filter(|message| message.offer.is_some()).filter_map(|message| message.booking) {
        if !found.contains_key(&id)
            && let Some(booking) = bookings::get(tx, id).await?
        {
            found.insert(id, booking);
        }
    }
    Ok((messages, found))
}

/// Say that a message in doubt arrived.
#[utoipa::path(post, path = "/api/v1/messages/{id}/arrived", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = MessageView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "It is not in doubt")))]
pub async fn arrived(State(web): State<Web>, Id(id): Id, who: Who) -> Result<Json<MessageView>, Problem> {
    settle(web, who, id, Settled::Arrived).await
}

/// Send a message in doubt again.
#[utoipa::path(post, path = "/api/v1/messages/{id}/resend", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = MessageView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "It is not in doubt")))]
pub async fn resend(State(web): State<Web>, Id(id): Id, who: Who) -> Result<Json<MessageView>, Problem> {
    settle(web, who, id, Settled::Again).await
}

async fn settle(web: Web, who: Who, id: i64, settled: Settled) -> Result<Json<MessageView>, Problem> {
    match web.engine.settle_doubt(id, settled, who.name()).await? {
        Some(Ok(())) => show(State(web), Id(id)).await,
        Some(Err(why)) => Err(Problem::conflict(why)),
        None => Err(Problem::not_found("message")),
    }
}
