//! Where booking mails are posted (rules 1.1–1.4).

use super::Web;
use super::extract::body;
use super::problem::{Problem, ProblemBody};
use crate::engine::{Receipt, Received};
use crate::inbound::{self, BodyError};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use firstcall_mail::Reading;
use firstcall_store::bookings::Shown;
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

/// The largest mail that is taken: 25 MiB.
pub const LARGEST_MAIL: usize = 25 * 1024 * 1024;

/// A mail that became a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedMail {
    /// The booking.
    booking_id: i64,
    /// How far it has come.
    status: &'static str,
    /// How many options it has.
    options: usize,
    /// Its page on the desk.
    url: String,
    /// The client's own page.
    client_url: String,
}

impl BookedMail {
    /// What is answered about a booking.
    pub(super) fn of(web: &Web, shown: &Shown) -> Self {
        let booking = &shown.booking;
        Self {
            booking_id: booking.id.0,
            status: booking.status(),
            options: booking.options.len(),
            url: web.url(&format!("/bookings/{}", booking.id)),
            client_url: web.url(&format!("/c/{}", shown.client_token)),
        }
    }
}

/// A mail that waits for the manager, or was put aside.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxMail {
    /// Its number in the inbox.
    inbox_id: i64,
    /// `needs_review`, `ignored` or `dismissed`.
    status: &'static str,
    /// What was doubtful.
    problems: Vec<MailProblem>,
    /// Its page on the desk.
    url: String,
}

/// One thing that was doubtful in a mail.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailProblem {
    /// `client`, `time_zone`, `instruments`, `times`, `length` or `mail`.
    #[schema(value_type = String)]
    field: firstcall_mail::Field,
    /// What was doubtful and what to do.
    message: String,
    /// The words in the mail.
    text: String,
}

/// Take a booking mail.
///
/// The caller presents `intake.token` as a bearer token, in the header `X-Firstcall-Token`, or as the last part of the
/// path.
#[utoipa::path(
    post, path = "/workflow/email", tag = "workflow",
    request_body(
        content(
            (serde_json::Value = "application/json"), (String = "application/x-www-form-urlencoded"),
            (String = "multipart/form-data"), (String = "message/rfc822")
        ),
        description = "Fields body_plain (body, text, data), body_html (html), subject, from, date, message_id; or the \
            whole message as raw (email)"
    ),
    responses(
        (status = 201, body = BookedMail, description = "It is a booking"),
        (status = 200, description = "It was seen before: the body is that of the first, as it is now"),
        (status = 202, body = InboxMail, description = "It waits for the manager, or a machine wrote it"),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 415, body = ProblemBody), (status = 422, body = ProblemBody, description = "There is no mail in it")
    )
)]
pub async fn take(State(web): State<Web>, request: Request) -> Result<Response, Problem> {
    authorise(&web, request.headers(), None)?;
    receive(web, request).await
}

/// Take a booking mail, with the token in the path.
#[utoipa::path(
    post, path = "/workflow/email/{token}", tag = "workflow", params(("token" = String, Path, description = "intake.token")),
    request_body(content((serde_json::Value = "application/json"), (String = "message/rfc822"))),
    responses((status = 201, body = BookedMail), (status = 200), (status = 202, body = InboxMail),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 415, body = ProblemBody), (status = 422, body = ProblemBody))
)]
pub async fn take_with_token(
    State(web): State<Web>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    authorise(&web, request.headers(), Some(&token))?;
    receive(web, request).await
}

/// Compares in constant time, so that the answer's delay says nothing about the token.
fn authorise(web: &Web, headers: &HeaderMap, in_path: Option<&str>) -> Result<(), Problem> {
    let Some(token) = &web.engine.settings().intake.token else {
        return Err(Problem::unauthorized("no mail is taken before intake.token is set"));
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION.as_str()).and_then(super::bearer);
    let presented = in_path.or(bearer).or_else(|| text("x-firstcall-token"));
    if presented.is_some_and(|presented| bool::from(presented.as_bytes().ct_eq(token.expose().as_bytes()))) {
        return Ok(());
    }
    Err(Problem::unauthorized("present intake.token: Authorization: Bearer …, X-Firstcall-Token, or /workflow/email/…"))
}

async fn receive(web: Web, request: Request) -> Result<Response, Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    let bytes = body(request, &()).await?;
    let content = inbound::decode(&media_type, &bytes).await?;
    let read = web.engine.take_in(&media_type, bytes, content).await?;
    web.sources.freshen(&web.engine, &read.instruments()).await;
    let received = web.engine.settle_mail(read).await?;
    Ok(answer(&web, &received))
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        let message = error.to_string();
        match error {
            BodyError::MediaType(_) => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message),
            BodyError::Malformed(_) => Self::bad_request(message),
            BodyError::Empty => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "empty", message),
        }
    }
}

fn answer(web: &Web, received: &Received) -> Response {
    let status = |new| if received.new { new } else { StatusCode::OK };
    let inbox = |id: i64, word, reading: Option<&Reading>| {
        let problems = reading.into_iter().flat_map(|reading| &reading.problems);
        let problems =
            problems.map(|p| MailProblem { field: p.field, message: p.message.clone(), text: p.text.clone() });
        let url = web.url(&format!("/inbox/{id}"));
        let body = InboxMail { inbox_id: id, status: word, problems: problems.collect(), url };
        (status(StatusCode::ACCEPTED), Json(body)).into_response()
    };
    match &received.receipt {
        Receipt::Booking(shown) => (status(StatusCode::CREATED), Json(BookedMail::of(web, shown))).into_response(),
        Receipt::Review(id, reading) => inbox(*id, "needs_review", Some(reading)),
        Receipt::Ignored(id) => inbox(*id, "ignored", None),
        Receipt::Dismissed(id) => inbox(*id, "dismissed", None),
    }
}
