//! Mails that wait for the manager (rule 1.4).

use super::Items;
use super::bookings::BookingBody;
use super::views::BookingView;
use crate::engine::stored_reading;
use crate::web::Web;
use crate::web::extract::{Id, JsonBody, Page, PageQuery};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::who::Who;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use firstcall_mail::Reading;
use firstcall_store::mails::{self, Mail};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A mail.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailView {
    /// Its number in the inbox.
    id: i64,
    /// `needs_review`, booked, ignored, dismissed or duplicate.
    status: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// What it is about.
    subject: Option<String>,
    /// The booking that was made of it.
    booking_id: Option<i64>,
    /// What was read out of it, with every problem, as `firstcall parse --json` prints it.
    #[schema(value_type = Object)]
    reading: Reading,
    /// Its page on the desk.
    url: String,
}

/// The mails in the inbox: those that wait, or those in another state.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "inbox", params(PageQuery),
    responses((status = 200, body = Items<MailView>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody)))]
pub async fn list(State(web): State<Web>, page: Page) -> Result<Json<Items<MailView>>, Problem> {
    let (after, limit) = (page.cursor.unwrap_or(0), page.limit);
    let state = page.state_of(&["needs_review", "booked", "ignored", "dismissed", "duplicate"])?;
    let state = state.unwrap_or_else(|| "needs_review".to_owned());
    let read = async move |tx: &mut firstcall_store::Tx| mails::list(tx, &state, after, limit + 1).await;
    let mails = web.engine.store().read(read).await?;
    Ok(Json(Items::page(mails.into_iter().map(|mail| web.mail(&mail)).collect(), limit, |view: &MailView| view.id)))
}

/// One mail.
#[utoipa::path(get, path = "/api/v1/inbox/{id}", tag = "inbox", params(("id" = i64, Path)),
    responses((status = 200, body = MailView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn show(State(web): State<Web>, Id(id): Id) -> Result<Json<MailView>, Problem> {
    let mail = web.engine.store().read(async move |tx| mails::get(tx, id).await).await?;
    Ok(Json(web.mail(&mail.ok_or_else(|| Problem::not_found("mail"))?)))
}

/// Make a booking of a mail, with the fields as the manager mended them.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/mend", tag = "inbox", params(("id" = i64, Path)), request_body = BookingBody,
    responses((status = 201, body = BookingView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn mend(
    State(web): State<Web>,
    Id(id): Id,
    who: Who,
    JsonBody(body): JsonBody<BookingBody>,
) -> Result<(StatusCode, Json<BookingView>), Problem> {
    exists(&web, id).await?;
    let draft = body.checked(&web).await?;
    web.sources.freshen(&web.engine, &draft.instruments()).await;
    let shown = web.engine.mend(id, draft, who.name()).await?;
    let shown = shown.ok_or_else(|| Problem::conflict("this mail does not wait for anything"))?;
    Ok((StatusCode::CREATED, Json(web.booking_view(shown.booking.id).await?)))
}

/// Put a mail aside.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/dismiss", tag = "inbox", params(("id" = i64, Path)),
    responses((status = 200, body = MailView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub async fn dismiss(State(web): State<Web>, Id(id): Id) -> Result<Json<MailView>, Problem> {
    exists(&web, id).await?;
    if !web.engine.dismiss(id).await? {
        return Err(Problem::conflict("this mail does not wait for anything"));
    }
    show(State(web), Id(id)).await
}

async fn exists(web: &Web, id: i64) -> Result<(), Problem> {
    let mail = web.engine.store().read(async move |tx| mails::get(tx, id).await).await?;
    mail.map(drop).ok_or_else(|| Problem::not_found("mail"))
}

impl Web {
    fn mail(&self, mail: &Mail) -> MailView {
        MailView {
            id: mail.id,
            status: mail.state.clone(),
            received_at: mail.received_at,
            subject: mail.subject.clone(),
            booking_id: mail.booking.map(|id| id.0),
            reading: stored_reading(mail),
            url: self.url(&format!("/inbox/{}", mail.id)),
        }
    }
}
