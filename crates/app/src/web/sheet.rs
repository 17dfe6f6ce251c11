//! The call sheet: what somebody who plays has to know (rule 6.5). Its link is that of their offer, so only those who
//! hold a chair of the booked option have one. The client has one too, by the link of their own page.

use super::Web;
use super::brand::Brand;
use super::desk::access::see_other;
use super::offers::{Contact, contact, notice, unknown, unreadable};
use super::page::{Head, Reader, render};
use super::when;
use crate::engine::{Answered, OfClient};
use crate::token;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use firstcall_calendar::{Event, Method, Status};
use firstcall_core::booking::{Booking, Offer, State as Stage};
use firstcall_core::ids::{MusicianId, OptionNo};
use firstcall_core::span::Span;
use firstcall_core::wording::capital;
use firstcall_store::{Error, Tx, roster};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// A call sheet.
#[derive(Template)]
#[template(path = "sheet.html")]
struct SheetPage {
    head: Head,
    studio: Brand,
    address: Option<String>,
    map: Option<String>,
    day: String,
    time: String,
    own: Option<String>,
    /// None on the client's.
    chair: Option<String>,
    line_up: Vec<Seat>,
    notes: Option<String>,
    links: Vec<String>,
    token: String,
    google: String,
    contact: Contact,
}

/// One chair of the line-up.
pub(super) struct Seat {
    pub(super) chair: String,
    pub(super) name: String,
    pub(super) you: bool,
}

/// What was found behind a link.
enum Found {
    /// Somebody who plays.
    Sheet(Box<Sheet>),
    /// Somebody who does not.
    NotOn(Box<Booking>),
    /// The client, and there is no session: their page says why.
    NoSession,
    /// Nobody.
    Unknown,
}

struct Sheet {
    booking: Booking,
    time: Span,
    /// Whose sheet it is; none: the client's.
    chair: Option<String>,
    line_up: Vec<Seat>,
    own: Option<String>,
}

/// The page, or with `.ics` behind the token the event.
pub async fn show(State(web): State<Web>, Path(name): Path<String>) -> Response {
    let (token, file) = match name.strip_suffix(".ics") {
        Some(token) => (token, true),
        None => (name.trim_end_matches(['.', ',', ')', '/']), false),
    };
    match find(&web, token).await {
        Ok(Found::Sheet(sheet)) if file => event(&web, token, &sheet),
        Ok(Found::Sheet(sheet)) => page(&web, token, *sheet),
        Ok(Found::NotOn(booking)) => not_on(&web, &booking),
        Ok(Found::NoSession) => see_other(&format!("../c/{token}"), None),
        Ok(Found::Unknown) => unknown(&web),
        Err(error) => unreadable(&web, &error),
    }
}

async fn find(web: &Web, token: &str) -> Result<Found, Error> {
    if token::is_of_client(token) {
        return of_client(web, token).await;
    }
    if !token::is_one(token) {
        return Ok(Found::Unknown);
    }
    let Some(answered) = web.engine.offer(token).await? else { return Ok(Found::Unknown) };
    let booked = match answered.booking.state {
        Stage::Booked { option, .. } => Some(option),
        Stage::Calling { .. }
        | Stage::Paused { .. }
        | Stage::NoTimes
        | Stage::Exhausted { .. }
        | Stage::Expired
        | Stage::Cancelled => None,
    };
    let plays = answered.booking.offer(answered.offer).filter(|offer| offer.holds() && Some(offer.option) == booked);
    let Some((offer, time)) = plays.cloned().zip(answered.booking.session()) else {
        return Ok(Found::NotOn(Box::new(answered.booking)));
    };
    sheet(web, answered, &offer, time).await.map(|sheet| Found::Sheet(Box::new(sheet)))
}

async fn sheet(web: &Web, answered: Answered, offer: &Offer, time: Span) -> Result<Sheet, Error> {
    let booking = &answered.booking;
    let people: Vec<MusicianId> = booking.offers_at(offer.option).filter(|o| o.holds()).map(|o| o.musician).collect();
    let read = async move |tx: &mut Tx| {
        let mut known = HashMap::new();
        for id in &people {
            known.extend(roster::get(tx, *id).await?.map(|entry| (*id, entry.musician)));
        }
        Ok::<_, Error>(known)
    };
    let people = web.engine.store().read(read).await?;
    let seat = |chair| {
        let holder = booking.holder(offer.option, chair);
        let name = holder.and_then(|holder| people.get(&holder.musician)).map(|musician| musician.name.clone());
        Seat {
            chair: capital(&booking.chair(chair).label()),
            name: name.unwrap_or_else(|| "open".to_owned()),
            you: chair == offer.chair,
        }
    };
    let studio = &web.engine.settings().studio.time_zone;
    let own = people.get(&offer.musician).and_then(|me| when::own(time, studio, &me.zone));
    let (line_up, chair) = (booking.chair_nos().map(seat).collect(), capital(&booking.chair(offer.chair).label()));
    Ok(Sheet { booking: answered.booking, time, chair: Some(chair), line_up, own })
}

/// The client's: of those who play they see first names.
async fn of_client(web: &Web, token: &str) -> Result<Found, Error> {
    let Some(found) = web.engine.of_client(token).await? else { return Ok(Found::Unknown) };
    let (Stage::Booked { option, .. }, Some(time)) = (&found.booking.state, found.booking.session()) else {
        return Ok(Found::NoSession);
    };
    let line_up = line_up(&found, *option);
    let studio = &web.engine.settings().studio.time_zone;
    let own = zone_of_client(&found.booking).and_then(|own| when::own(time, studio, &own));
    Ok(Found::Sheet(Box::new(Sheet { booking: found.booking, time, chair: None, line_up, own })))
}

/// Chairs and first names.
pub(super) fn line_up(found: &OfClient, option: OptionNo) -> Vec<Seat> {
    let booking = &found.booking;
    let seat = |chair| {
        let holder = booking.holder(option, chair).and_then(|holder| found.names.get(&holder.musician));
        let name = holder.and_then(|name| name.split_whitespace().next());
        let chair = capital(&booking.chair(chair).label());
        Seat { chair, name: name.unwrap_or("open, others are being asked").to_owned(), you: false }
    };
    booking.chair_nos().map(seat).collect()
}

/// The zone that a client spoke in: a name, or an offset such as "-05:00".
pub(super) fn zone_of_client(booking: &Booking) -> Option<TimeZone> {
    let said = &booking.request.time_zone;
    let offset = || format!("2000-01-01T00:00:00{said}[{said}]").parse::<jiff::Zoned>().ok();
    crate::settings::zone(said).ok().or_else(|| Some(offset()?.time_zone().clone()))
}

fn page(web: &Web, token: &str, sheet: Sheet) -> Response {
    let (studio, request) = (&web.engine.settings().studio, &sheet.booking.request);
    let zone = &studio.time_zone;
    let title = format!("Call sheet: {}", when::start(sheet.time.start, zone));
    let page = SheetPage {
        head: Head::new(title, "../"),
        studio: web.brand(),
        map: studio
            .address
            .as_ref()
            .map(|address| format!("https://www.google.com/maps/search/?{}", query("query", address))),
        address: studio.address.clone(),
        day: when::long_day(sheet.time.start, zone),
        time: when::hours(sheet.time, zone),
        own: sheet.own.clone(),
        google: google(web, &sheet),
        notes: request.notes.clone(),
        links: request.links.iter().filter(|link| is_web(link)).cloned().collect(),
        chair: sheet.chair,
        line_up: sheet.line_up,
        token: token.to_owned(),
        contact: contact(web),
    };
    render(StatusCode::OK, Reader::Musician, &page)
}

fn event(web: &Web, token: &str, sheet: &Sheet) -> Response {
    let settings = web.engine.settings();
    let url = web.url(&format!("/s/{token}"));
    let host = settings.server.public_url.as_str().split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let event = Event {
        uid: &format!("booking-{}@{host}", sheet.booking.id),
        sequence: 0,
        stamp: web.engine.clock().now(),
        time: sheet.time,
        zone: &settings.studio.time_zone,
        title: &title(web, sheet),
        place: settings.studio.address.as_deref(),
        description: &description(sheet, &url),
        url: Some(&url),
        organizer: None,
        attendee: None,
        status: Status::Confirmed,
    };
    let mut response = event.to_ics(Some(Method::Publish)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8; method=PUBLISH"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"session.ics\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}

fn title(web: &Web, sheet: &Sheet) -> String {
    let chair = sheet.chair.as_ref().map(|chair| format!(": {chair}")).unwrap_or_default();
    format!("Session at {}{chair}", web.engine.settings().studio.name)
}

fn description(sheet: &Sheet, url: &str) -> String {
    let seats = sheet.line_up.iter().map(|seat| format!("{}: {}", seat.chair, seat.name));
    format!("{}\n\nCall sheet: {url}", seats.collect::<Vec<_>>().join("\n"))
}

/// Google's "add this event" page, filled in.
fn google(web: &Web, sheet: &Sheet) -> String {
    let utc = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let dates = format!("{}/{}", utc(sheet.time.start), utc(sheet.time.end));
    let address = web.engine.settings().studio.address.clone().unwrap_or_default();
    let fields = [("action", "TEMPLATE"), ("text", &title(web, sheet)), ("dates", &dates), ("location", &address)];
    format!("https://calendar.google.com/calendar/render?{}", serde_urlencoded::to_string(fields).unwrap_or_default())
}

fn query(name: &str, value: &str) -> String {
    serde_urlencoded::to_string([("api", "1"), (name, value)]).unwrap_or_default()
}

/// Links come from strangers' mails: only what a browser opens as a page is a link here.
pub(super) fn is_web(link: &str) -> bool {
    let lower = link.trim_start().to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

fn not_on(web: &Web, booking: &Booking) -> Response {
    let (first, more) = match booking.state {
        Stage::Cancelled => ("This session was cancelled. You are not booked.", "Please don't travel."),
        Stage::Booked { .. } => {
            ("You are not on this session.", "Your answer is on the page of the offer that we texted.")
        }
        Stage::Expired => ("This session did not take place. You are not booked.", ""),
        Stage::Calling { .. } | Stage::Paused { .. } | Stage::NoTimes | Stage::Exhausted { .. } => (
            "This session is not booked yet.",
            "There is a call sheet as soon as everybody has said yes. We text you then.",
        ),
    };
    notice(web, StatusCode::OK, first, more)
}
