//! The YES and NO link of an offer. Opening one shows its page and changes nothing; pressing a button answers (rules 5.1,
//! 5.8, 8.6).
//!
//! What the page says in each state is in `words`.

pub mod words;

use super::Web;
use super::brand::Brand;
use super::page::{Head, Reader, render};
use super::when;
use crate::engine::{Answered, Press};
use crate::token;
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use firstcall_core::booking::{Answer, Offer};
use firstcall_core::span::Span;
use firstcall_core::step::Clash;
use firstcall_core::wording::capital;
use firstcall_store::{Error, Tx, bookings};
use words::{Asked, Link, Said};

/// An offer's page.
#[derive(Template)]
#[template(path = "offer.html")]
struct OfferPage {
    head: Head,
    studio: Brand,
    said: Said,
    /// What is offered; left out where the first line says it.
    what: Option<String>,
    own: Option<String>,
    token: String,
    contact: Contact,
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    head: Head,
    studio: Brand,
    first: String,
    more: String,
    contact: Contact,
}

/// Whom musicians ask.
pub(super) struct Contact {
    /// The number, or a name.
    pub(super) shown: String,
    /// Whether it is a number that can be texted.
    pub(super) number: bool,
}

/// The YES link is opened.
pub async fn show_yes(State(web): State<Web>, token: Token) -> Response {
    show(&web, text(&token), Link::Yes).await
}

/// The NO link is opened.
pub async fn show_no(State(web): State<Web>, token: Token) -> Response {
    show(&web, text(&token), Link::No).await
}

/// A button is pressed on the YES link's page, or a program posts to it.
pub async fn press_yes(State(web): State<Web>, token: Token, request: Request) -> Response {
    press(&web, text(&token), Link::Yes, request).await
}

/// A button is pressed on the NO link's page, or a program posts to it.
pub async fn press_no(State(web): State<Web>, token: Token, request: Request) -> Response {
    press(&web, text(&token), Link::No, request).await
}

async fn show(web: &Web, token: &str, link: Link) -> Response {
    let Some(token) = plain(token) else { return unknown(web) };
    match web.engine.offer(token).await {
        Ok(Some(answered)) => shown(web, token, &answered, link).await,
        Ok(None) => unknown(web),
        Err(error) => unreadable(web, &error),
    }
}

async fn press(web: &Web, token: &str, link: Link, request: Request) -> Response {
    let Some(token) = plain(token) else { return unknown(web) };
    let press = match (pressed(request).await, link) {
        (Some(word), _) if word == "yes" => Press::Yes,
        (Some(word), _) if word == "no" => Press::No,
        (Some(word), _) if word == "standby" => Press::StandBy,
        // A word that is no answer answers nothing.
        (Some(_), _) => return show(web, token, link).await,
        (None, Link::Yes) => Press::Yes,
        (None, Link::No) => Press::No,
    };
    match web.engine.press(token, press).await {
        Ok(Some(answered)) => shown(web, token, &answered, link).await,
        Ok(None) => unknown(web),
        Err(error) => not_recorded(web, &error),
    }
}

/// What looks like a token. Telephones make a link of the full stop behind it too.
fn plain(token: &str) -> Option<&str> {
    let token = token.trim_end_matches(['.', ',', ')', '/']);
    token::is_one(token).then_some(token)
}

/// The field `press` of a form. Programs post without a body, or with one of their own: then the link itself answers.
async fn pressed(request: Request) -> Option<String> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") {
        return in_multipart(request).await;
    }
    let body = Bytes::from_request(request, &()).await.ok()?;
    in_json(&body).or_else(|| in_form(&body))
}

/// A token in the path; what is no text is no token.
pub(super) type Token = Result<Path<String>, PathRejection>;

fn text(token: &Token) -> &str {
    token.as_ref().map_or("", |Path(token)| token)
}

async fn in_multipart(request: Request) -> Option<String> {
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    while let Some(field) = form.next_field().await.ok()? {
        if field.name() == Some("press") {
            return field.text().await.ok();
        }
    }
    None
}

fn in_json(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    value.get("press")?.as_str().map(str::to_owned)
}

fn in_form(body: &[u8]) -> Option<String> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
    fields.into_iter().find(|(name, _)| name == "press").map(|(_, value)| value)
}

async fn shown(web: &Web, token: &str, answered: &Answered, link: Link) -> Response {
    let (Some(offer), settings) = (answered.booking.offer(answered.offer), web.engine.settings()) else {
        return unknown(web);
    };
    let Some(time) = answered.booking.option(offer.option).map(|option| option.time) else { return unknown(web) };
    let clash = match clash(web, answered, offer, time).await {
        Ok(clash) => clash,
        Err(error) => return unreadable(web, &error),
    };
    let zone = &settings.studio.time_zone;
    let said = Asked { answered, offer, time, clash, link, now: web.engine.clock().now(), zone }.says();
    let what = format!("{} · {}", capital(&answered.booking.chair(offer.chair).label()), when::with_zone(time, zone));
    let page = OfferPage {
        head: Head::new(said.first.clone(), "../"),
        studio: web.brand(),
        what: (what != said.first).then_some(what),
        own: answered.zone.as_ref().and_then(|own| when::own(time, zone, own)),
        said,
        token: token.to_owned(),
        contact: contact(web),
    };
    render(StatusCode::OK, Reader::Musician, &page)
}

/// What a musician whose YES was in conflict with it holds elsewhere now.
async fn clash(web: &Web, answered: &Answered, offer: &Offer, time: Span) -> Result<Option<Clash>, Error> {
    let (musician, booking) = (offer.musician, answered.booking.id);
    if !matches!(offer.answer, Some(Answer::Conflict(_))) {
        return Ok(None);
    }
    let wide = time.widened(web.engine.policy().travel_gap);
    web.engine.store().read(async move |tx: &mut Tx| bookings::clash(tx, musician, booking, wide).await).await
}

/// A page that only says something.
pub(super) fn notice(web: &Web, status: StatusCode, first: &str, more: &str) -> Response {
    notice_at(web, "../", status, first, more)
}

/// A page that only says something, `root` away from the first page.
pub(super) fn notice_at(web: &Web, root: &'static str, status: StatusCode, first: &str, more: &str) -> Response {
    let page = NoticePage {
        head: Head::new(first, root),
        studio: web.brand(),
        first: first.to_owned(),
        more: more.to_owned(),
        contact: contact(web),
    };
    render(status, Reader::Musician, &page)
}

/// Rule 5.8.
pub(super) fn unknown(web: &Web) -> Response {
    let more = "The link may be cut off: please open it again from the text message.";
    notice(web, StatusCode::NOT_FOUND, "We can't find this offer. Text the studio.", more)
}

pub(super) fn unreadable(web: &Web, error: &Error) -> Response {
    tracing::error!(%error, "an offer's page could not be read");
    let first = "We can't show this page right now. Please try again in a minute.";
    unavailable(notice(web, StatusCode::SERVICE_UNAVAILABLE, first, "Nothing was changed."))
}

/// Rule 8.3: no thanks for what is not kept.
fn not_recorded(web: &Web, error: &Error) -> Response {
    tracing::error!(%error, "an answer could not be recorded");
    let (first, more) = if matches!(error, Error::InDoubt(_)) {
        ("We don't know whether your answer was recorded. Please answer again.", "Answering twice does no harm.")
    } else {
        ("Your answer was not recorded. Please try again.", "Something is wrong on our side; nothing was changed.")
    };
    unavailable(notice(web, StatusCode::SERVICE_UNAVAILABLE, first, more))
}

pub(super) fn unavailable(mut response: Response) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    response
}

pub(super) fn contact(web: &Web) -> Contact {
    let shown = web.engine.contact();
    Contact { number: shown.starts_with('+'), shown }
}
