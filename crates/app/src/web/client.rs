//! The client's own page: how far their booking has come, and a way to write to the manager. It says who plays only when the
//! session is booked, and then first names.

use super::Web;
use super::book::embedded;
use super::brand::Brand;
use super::desk::access::see_other;
use super::desk::{fields, value};
use super::limits::may_send;
use super::offers::{Contact, Token, contact, notice, unavailable};
use super::page::{Head, Reader, may_be_embedded, render};
use super::sheet::{Seat, line_up, zone_of_client};
use super::when;
use crate::engine::OfClient;
use crate::token;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use firstcall_core::booking::{Booking, State as Stage};
use firstcall_core::ids::OptionNo;
use firstcall_core::span::Span;
use firstcall_store::Error;
use std::net::SocketAddr;

/// A message to the manager is not longer, in characters.
const LONGEST: usize = 2000;
/// Nor is what is sent, in bytes.
const LARGEST: usize = 64 * 1024;

/// The page.
#[derive(Template)]
#[template(path = "client.html")]
struct ClientPage {
    head: Head,
    studio: Brand,
    contact: Contact,
    token: String,
    embedded: bool,
    says: Says,
    own: Option<String>,
    seats: Vec<Seat>,
    address: Option<String>,
    manager: String,
    message: Message,
}

/// What the page says of a booking.
struct Says {
    tone: &'static str,
    first: String,
    /// What happens next.
    next: String,
    /// The time that it speaks of.
    time: Option<Span>,
    /// Whether the session is on.
    booked: bool,
    /// Whether it has ended, so that there is nothing to change.
    over: bool,
}

/// What the client writes to the manager.
#[derive(Default)]
struct Message {
    typed: String,
    wrong: Option<String>,
    told: bool,
}

/// The routes.
pub fn router() -> Router<Web> {
    Router::new().route("/c/{token}", get(show).post(write).layer(DefaultBodyLimit::max(LARGEST)))
}

async fn show(State(web): State<Web>, token: Token, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let message = Message { told: query.contains("told=1"), ..Message::default() };
    page(&web, StatusCode::OK, &token, embedded(&query), message).await
}

async fn page(web: &Web, status: StatusCode, token: &Token, embedded: bool, message: Message) -> Response {
    let Some(token) = plain(token) else { return unknown(web) };
    let found = match web.engine.of_client(token).await {
        Ok(Some(found)) => found,
        Ok(None) => return unknown(web),
        Err(error) => return failed(web, &error),
    };
    let settings = web.engine.settings();
    let (zone, says) = (&settings.studio.time_zone, says(web, &found.booking));
    let own = says.time.zip(zone_of_client(&found.booking)).and_then(|(time, own)| when::own(time, zone, &own));
    let page = ClientPage {
        head: Head::new(says.first.clone(), "../"),
        studio: web.brand(),
        contact: contact(web),
        token: token.to_owned(),
        embedded,
        own,
        seats: seats(&found),
        address: settings.studio.address.clone(),
        manager: settings.manager.name.clone(),
        message,
        says,
    };
    let mut response = render(status, Reader::Filling, &page);
    if embedded {
        may_be_embedded(&mut response, &settings.book.embed_from);
    }
    response
}

fn seats(found: &OfClient) -> Vec<Seat> {
    match &found.booking.state {
        Stage::Booked { option, .. } => line_up(found, *option),
        Stage::Calling { .. }
        | Stage::Paused { .. }
        | Stage::NoTimes
        | Stage::Exhausted { .. }
        | Stage::Expired
        | Stage::Cancelled => Vec::new(),
    }
}

/// The state in the first line, then what happens next.
fn says(web: &Web, booking: &Booking) -> Says {
    let settings = web.engine.settings();
    let (zone, manager) = (&settings.studio.time_zone, &settings.manager.name);
    let time = |option: OptionNo| booking.option(option).map(|option| option.time);
    let when = |time: Option<Span>| time.map(|time| when::with_zone(time, zone)).unwrap_or_default();
    let mailed = booking.request.client_email.as_ref().filter(|_| settings.smtp.host.is_some());
    let told = mailed.map_or_else(
        || "This page says so then: keep its link, and open it again at any time.".to_owned(),
        |address| format!("We write to {address} then. This page always says how far it is."),
    );
    let plain = |first: &str, next: String| (first.to_owned(), next, None);
    let (first, next, time) = match &booking.state {
        Stage::Calling { option, .. } => {
            let next = format!("As soon as everybody has said yes, your session is booked. {told}");
            (format!("We are asking musicians for {}.", when(time(*option))), next, time(*option))
        }
        Stage::Paused { .. } => plain("Your request is on hold.", format!("{manager} will be in touch with you.")),
        Stage::NoTimes => {
            let next = format!("{manager} has been told, and will be in touch with you about other times.");
            plain("We could not find a time that fits so far.", next)
        }
        Stage::Exhausted { .. } => {
            let next = format!("{manager} has been told, and will be in touch with you.");
            plain("We have not found everybody so far.", next)
        }
        Stage::Booked { option, refill } => {
            let next = match refill {
                None => "Everybody has said yes. See you then!",
                Some(_) => "It is on. One of the musicians has to be replaced; we are asking others.",
            };
            (format!("Your session is booked: {}.", when(time(*option))), next.to_owned(), time(*option))
        }
        Stage::Expired => plain("The times that you asked for have passed.", "Nothing was booked.".to_owned()),
        Stage::Cancelled => plain("Your session was cancelled.", String::new()),
    };
    let booked = matches!(booking.state, Stage::Booked { .. });
    let over = matches!(booking.state, Stage::Cancelled | Stage::Expired);
    let tone = if booked { "good" } else { "plain" };
    Says { tone, first, next, time, booked, over }
}

/// Tells the manager; nothing is changed or cancelled by it. As with the form, where it was sent from is not asked: whoever
/// has the link may write.
async fn write(
    State(web): State<Web>,
    token: Token,
    RawQuery(query): RawQuery,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(secret) = plain(&token) else { return unknown(&web) };
    let embedded = embedded(&query.unwrap_or_default());
    let typed = value(&fields(&body), "message").unwrap_or_default().replace("\r\n", "\n").trim().to_owned();
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    let (status, wrong) = if typed.is_empty() {
        (StatusCode::UNPROCESSABLE_ENTITY, "Please write what should change.".to_owned())
    } else if typed.chars().count() > LONGEST {
        (StatusCode::UNPROCESSABLE_ENTITY, format!("At most {LONGEST} characters, please."))
    } else if web.forms.as_ref().is_some_and(|forms| !may_send(forms, peer, &headers)) {
        (StatusCode::TOO_MANY_REQUESTS, "That was a lot of messages. Please try again in an hour.".to_owned())
    } else {
        let embedded = if embedded { "&embed=1" } else { "" };
        return match web.engine.client_writes(secret, &typed).await {
            Ok(true) => see_other(&format!("./{secret}?told=1{embedded}"), None),
            Ok(false) => unknown(&web),
            Err(error) => failed(&web, &error),
        };
    };
    page(&web, status, &token, embedded, Message { typed, wrong: Some(wrong), told: false }).await
}

/// What looks like a client's secret. Telephones make a link of the full stop behind it too.
fn plain(token: &Token) -> Option<&str> {
    let Ok(Path(token)) = token else { return None };
    let token = token.trim_end_matches(['.', ',', ')', '/']);
    token::is_of_client(token).then_some(token)
}

fn unknown(web: &Web) -> Response {
    let more = "The link may be cut off: please open it again from where you have it, or ask the studio.";
    notice(web, StatusCode::NOT_FOUND, "We can't find this booking.", more)
}

fn failed(web: &Web, error: &Error) -> Response {
    tracing::error!(%error, "a client's page could not be answered");
    let first = "We can't do this right now. Please try again in a minute.";
    unavailable(notice(web, StatusCode::SERVICE_UNAVAILABLE, first, "Sent twice, a message is still one."))
}
