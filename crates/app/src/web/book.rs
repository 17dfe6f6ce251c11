//! The booking form for clients (rule 1.1). Without a script times are ticked week by week; with one they are tapped on a
//! calendar, in the client's own zone.
//!
//! `form` reads and checks what was sent, `times` says when the studio can be had: that it can or cannot, and never why, and
//! nothing of the musicians.
//!
//! Where a form was sent from is not asked: nobody is signed in here and the page needs no cookie, so another site's form
//! can do no more than anybody could by themselves. That is why it works in a frame on the studio's own site.

mod form;
mod times;

use super::Web;
use super::brand::Brand;
use super::desk::access::see_other;
use super::desk::value;
use super::limits::may_send;
use super::offers::{Contact, contact, notice, unavailable};
use super::page::{Head, Reader, may_be_embedded, render};
use super::problem::Problem;
use super::workflow::BookedMail;
use crate::engine::ByForm;
use crate::hash::sha256;
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use firstcall_store::Error;
use firstcall_store::bookings::Shown;
use form::Form;
use std::net::SocketAddr;
use times::{Chosen, Week};

/// A form is not larger, in bytes.
const LARGEST: usize = 256 * 1024;

/// The form.
#[derive(Template)]
#[template(path = "book.html")]
struct BookPage {
    head: Head,
    studio: Brand,
    contact: Contact,
    form: Form,
    week: Week,
    /// Times that were chosen and are not of this week.
    others: Vec<Chosen>,
    lengths: Vec<(i64, String)>,
    zones: &'static [&'static str],
    studio_zone: String,
    /// How the confirmation reaches the client.
    mailed: bool,
    /// The page of what was sent before under this form's key.
    before: Option<String>,
    now: i64,
}

/// What stands behind the question mark.
type Fields = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// The routes.
pub fn router() -> Router<Web> {
    Router::new()
        .route("/book", get(show).post(take).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/book/times", get(times::list))
}

async fn show(State(web): State<Web>, query: Fields) -> Response {
    let known = match web.engine.instruments().await {
        Ok(known) => known,
        Err(error) => return unreadable(&web, &error),
    };
    let form = Form::new(&web, known, &query.map(|Query(query)| query).unwrap_or_default());
    page(&web, StatusCode::OK, form, None).await
}

async fn page(web: &Web, status: StatusCode, form: Form, before: Option<String>) -> Response {
    let week = match times::week(web, &form).await {
        Ok(week) => week,
        Err(error) => return unreadable(web, &error),
    };
    let settings = web.engine.settings();
    let (studio, embedded, now) = (web.brand(), form.embedded, web.engine.clock().now());
    let page = BookPage {
        head: Head::new(format!("Book a session at {studio}"), "./"),
        contact: contact(web),
        others: times::others(web, &form, &week),
        lengths: form::lengths(settings.sessions.length),
        zones: &super::join::ZONES,
        studio_zone: web.zone_name(),
        mailed: settings.smtp.host.is_some(),
        now: now.as_second() / 60,
        studio,
        form,
        week,
        before,
    };
    let mut response = render(status, Reader::Booking, &page);
    if embedded {
        may_be_embedded(&mut response, &settings.book.embed_from);
    }
    response
}

/// What becomes of a form that was sent.
async fn take(
    State(web): State<Web>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let json = wants_json(&headers);
    let Ok(body) = body else { return too_large(&web, json) };
    let fields = super::desk::fields(&body);
    let known = match web.engine.instruments().await {
        Ok(known) => known,
        Err(error) => return not_kept(&web, &error, json),
    };
    let mut form = Form::sent(&web, known, &fields);
    if let Some(look) = value(&fields, "do").filter(|word| *word != "book") {
        form.look(look);
        return page(&web, StatusCode::OK, form, None).await;
    }
    let Some((new, key)) = form.checked(&web, &body) else { return refused(&web, form, json).await };
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    if web.forms.as_ref().is_some_and(|forms| !may_send(forms, peer, &headers)) {
        form.wrong.push(("form", "Many forms came from your network. Please send this again in an hour.".to_owned()));
        return refused_as(&web, StatusCode::TOO_MANY_REQUESTS, form, json, None).await;
    }
    web.sources.freshen(&web.engine, &new.instruments()).await;
    let closed = form.impossible(&web, &new).await;
    match closed {
        Ok(false) => {}
        Ok(true) => return refused(&web, form, json).await,
        Err(error) => return not_kept(&web, &error, json),
    }
    match web.engine.book_by_form(new, &key, &form.said()).await {
        Ok(ByForm::Booked(shown)) => booked(&web, &form, &shown, StatusCode::CREATED, json),
        Ok(ByForm::Before(shown)) => booked(&web, &form, &shown, StatusCode::OK, json),
        Ok(ByForm::Other(shown)) => {
            form.renew(&web);
            form.wrong.push(("form", "You sent this form before, with something else in it.".to_owned()));
            refused_as(&web, StatusCode::CONFLICT, form, json, Some(format!("./c/{}", shown.client_token))).await
        }
        Ok(ByForm::Taken(taken)) => {
            form.take_out(&web, &taken);
            refused(&web, form, json).await
        }
        Err(error) => not_kept(&web, &error, json),
    }
}

fn booked(web: &Web, form: &Form, shown: &Shown, status: StatusCode, json: bool) -> Response {
    if json {
        return (status, Json(BookedMail::of(web, shown))).into_response();
    }
    let embedded = if form.embedded { "?embed=1" } else { "" };
    see_other(&format!("./c/{}{embedded}", shown.client_token), None)
}

async fn refused(web: &Web, form: Form, json: bool) -> Response {
    refused_as(web, StatusCode::UNPROCESSABLE_ENTITY, form, json, None).await
}

/// Names what is wrong, beside each field; what was typed stays.
async fn refused_as(web: &Web, status: StatusCode, form: Form, json: bool, before: Option<String>) -> Response {
    if !json {
        return page(web, status, form, before).await;
    }
    let wrong = form.wrong.iter().map(|(field, why)| format!("{field}: {why}")).collect::<Vec<_>>().join(" ");
    let kind = match status {
        StatusCode::CONFLICT => "conflict",
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        _ => "unprocessable",
    };
    Problem::new(status, kind, wrong).into_response()
}

/// Whether a page is asked for as a frame shows it: without a header, its links opening outside.
pub(super) fn embedded(query: &str) -> bool {
    query.split('&').any(|pair| pair == "embed=1")
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}

fn too_large(web: &Web, json: bool) -> Response {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    if json {
        return Problem::new(status, "too_large", "the form is larger than is taken here").into_response();
    }
    notice(web, status, "This is more than the form can take.", "Please shorten your notes and send it again.")
}

fn unreadable(web: &Web, error: &Error) -> Response {
    tracing::error!(%error, "the booking form could not be shown");
    let first = "We can't show this page right now. Please try again in a minute.";
    unavailable(notice(web, StatusCode::SERVICE_UNAVAILABLE, first, "Nothing was booked."))
}

/// Rule 8.3: no thanks for what is not kept.
fn not_kept(web: &Web, error: &Error, json: bool) -> Response {
    tracing::error!(%error, "a form could not be taken");
    let first = "We don't know whether your request was kept. Please send it again.";
    let more = "Go back and press the button once more: sent twice, it is still one request.";
    if json {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", format!("{first} {more}")).into_response();
    }
    unavailable(notice(web, StatusCode::SERVICE_UNAVAILABLE, first, more))
}

/// What one form says, whatever its key: the same again is the same request.
fn content(fields: &[&str]) -> String {
    sha256(&[fields.join("\u{1f}").as_bytes()])
}
