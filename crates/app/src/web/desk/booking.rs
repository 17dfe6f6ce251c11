//! One booking: its chairs and options at a glance, who was asked and said what, every text, the whole log, what the
//! client wrote, and the manager's acts.

use super::access::Visitor;
use super::original::{self, Original};
use super::view::{OptionView, Summary, View, people};
use super::{Frame, failed, nothing, page, words};
use crate::engine::Foreseen;
use crate::settings::Price;
use crate::web::{Web, sheet};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::booking::{Booking, State as Stage};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::planning::Impossible;
use firstcall_core::segments::size;
use firstcall_store::bookings::{self, Shown};
use firstcall_store::entries::{self, Entry, EntryState};
use firstcall_store::journal::{self, Line};
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::{Error, Tx, roster};
use jiff::tz::TimeZone;

/// More lines and texts than any booking has.
const MOST: i64 = 2000;
/// Of an instrument's call list so many can be chosen from.
const MOST_PLAYERS: i64 = 200;

#[derive(Template)]
#[template(path = "booking.html")]
struct BookingPage {
    frame: Frame,
    row: Summary,
    options: Vec<OptionView>,
    texts: Vec<Text>,
    entries: Vec<EntryRow>,
    log: Vec<LogLine>,
    request: Vec<(&'static str, String)>,
    notes: Option<String>,
    links: Vec<(String, bool)>,
    mail: Option<Original>,
    impossible: Vec<(String, Vec<String>)>,
    acts: Acts,
    next: NextWave,
}

/// A text, as a line.
struct Text {
    at: String,
    to: String,
    kind: String,
    body: String,
    state: String,
    tone: &'static str,
    error: String,
    segments: usize,
    /// Its number, if the manager can settle whether it arrived.
    doubt: Option<i64>,
}

/// The texts that the next wave would send, and what they would cost.
struct NextWave {
    texts: Vec<(Foreseen, usize)>,
    segments: usize,
    price: Option<String>,
}

/// What became of the session in somebody's calendar.
struct EntryRow {
    whose: String,
    state: &'static str,
    tone: &'static str,
    remark: String,
}

/// A line of the log.
struct LogLine {
    at: String,
    what: String,
    who: String,
}

/// What the manager can do now. Only what the booking's state allows is shown; the rules have the last word.
#[derive(Default)]
struct Acts {
    /// Where a button leads, and what is written on it.
    buttons: Vec<(&'static str, &'static str)>,
    cancel: bool,
    answers: Vec<(u32, String)>,
    held: Vec<(u16, String)>,
    open: Vec<OpenChair>,
}

/// A chair that can be filled by hand, and who plays its instrument.
struct OpenChair {
    no: u16,
    label: String,
    players: Vec<(MusicianId, String)>,
}

struct Found {
    shown: Shown,
    names: super::view::Names,
    texts: Vec<Message>,
    entries: Vec<Entry>,
    log: Vec<Line>,
    mail: Option<i64>,
    open: Vec<OpenChair>,
    last: i64,
}

/// A booking's page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse().map(BookingId) else { return nothing(&web, visitor) };
    match read(&web, id).await {
        Ok(Some((found, mail))) => {
            let why = if is_stuck(&found.shown.booking) { web.engine.why_impossible(id).await } else { Ok(Vec::new()) };
            match (why, web.engine.next_wave(id).await) {
                (Ok(why), Ok(next)) => page(StatusCode::OK, &booking_page(&web, visitor, found, mail, &why, next)),
                (Err(error), _) | (_, Err(error)) => failed(&error),
            }
        }
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// Whether the manager has to know why its times cannot be had.
fn is_stuck(booking: &Booking) -> bool {
    matches!(booking.state, Stage::NoTimes | Stage::Exhausted { .. })
}

async fn read(web: &Web, id: BookingId) -> Result<Option<(Found, Option<Original>)>, Error> {
    let found = web.engine.store().read(async move |tx: &mut Tx| find(tx, id).await).await?;
    let Some(found) = found else { return Ok(None) };
    let mail = match found.mail {
        Some(mail) => original::read(web, mail).await?,
        None => None,
    };
    Ok(Some((found, mail)))
}

async fn find(tx: &mut Tx, id: BookingId) -> Result<Option<Found>, Error> {
    let Some(shown) = bookings::show(tx, id).await? else { return Ok(None) };
    let log = journal::of(tx, id, 0, MOST).await?;
    let mut who = people([&shown.booking]);
    let entries = entries::of(tx, id).await?;
    who.extend(entries.iter().filter_map(|entry| entry.musician));
    who.extend(log.iter().filter_map(|line| line.musician));
    let mut open = Vec::new();
    for no in shown.booking.current().map(|option| shown.booking.open_chairs(option)).unwrap_or_default() {
        let chair = shown.booking.chair(no);
        let players = roster::players(tx, &chair.instrument, MOST_PLAYERS).await?;
        open.push(OpenChair { no: no.0, label: chair.label(), players });
    }
    Ok(Some(Found {
        names: roster::names(tx, &who).await?,
        texts: messages::list(tx, &Which::Of(id), 0, MOST).await?,
        entries,
        mail: bookings::mail_of(tx, id).await?,
        last: journal::last(tx).await?,
        shown,
        log,
        open,
    }))
}

fn booking_page(
    web: &Web,
    visitor: Visitor,
    found: Found,
    mail: Option<Original>,
    why: &[Impossible],
    next: Vec<Foreseen>,
) -> BookingPage {
    let booking = &found.shown.booking;
    let zone = &web.engine.settings().studio.time_zone;
    let view = View { names: &found.names, now: web.engine.clock().now(), zone };
    let row = view.summary(&found.shown);
    let title = format!("#{} {}: {}", row.id, row.client, row.status_words);
    let mut options: Vec<OptionView> = booking.options.iter().map(|option| view.option(booking, option.no)).collect();
    options.sort_by_key(|option| (!option.current, option.no));
    let links = booking.request.links.iter().map(|link| (link.clone(), sheet::is_web(link)));
    BookingPage {
        frame: Frame::new(web, visitor, &title, found.last).live(""),
        options,
        texts: found.texts.iter().map(|text| of_text(text, &view)).collect(),
        entries: found.entries.iter().map(|entry| of_entry(entry, &view)).collect(),
        log: found.log.iter().map(|line| of_line(line, booking, &view)).collect(),
        request: request(booking, zone),
        notes: booking.request.notes.clone(),
        links: links.collect(),
        acts: acts(booking, &view, found.open),
        impossible: why.iter().map(|one| (crate::web::when::local(one.time, zone), one.reasons.clone())).collect(),
        next: next_wave(next, web.engine.settings().sms.segment_price.as_ref()),
        row,
        mail,
    }
}

fn next_wave(texts: Vec<Foreseen>, price: Option<&Price>) -> NextWave {
    let texts: Vec<(Foreseen, usize)> =
        texts.into_iter().map(|text| (text.clone(), size(&text.body).segments)).collect();
    let segments = texts.iter().map(|(_, segments)| segments).sum();
    NextWave { texts, segments, price: price.map(|price| price.times(segments)) }
}

fn of_text(text: &Message, view: &View<'_>) -> Text {
    let tone = match text.state.as_str() {
        "failed" | "in_doubt" => "bad",
        "sent" | "delivered" => "yes",
        "void" => "late",
        _ => "wait",
    };
    Text {
        at: view.moment(text.sent_at.unwrap_or(text.created_at)),
        to: text.musician.map_or_else(|| text.to.clone(), |id| view.name(id)),
        kind: text.kind.clone(),
        body: text.body.clone(),
        state: if text.state == "void" { "not sent".to_owned() } else { text.state.replace('_', " ") },
        tone,
        error: text.error.clone().unwrap_or_default(),
        segments: size(&text.body).segments,
        doubt: (text.state == "in_doubt").then_some(text.id),
    }
}

fn of_entry(entry: &Entry, view: &View<'_>) -> EntryRow {
    let state = entry.state();
    let tone = match state {
        EntryState::Written | EntryState::Mailed => "yes",
        EntryState::Waiting => "wait",
        EntryState::Failing => "bad",
        EntryState::Nowhere | EntryState::Removed => "late",
    };
    EntryRow {
        whose: entry.musician.map_or_else(|| "The studio".to_owned(), |id| view.name(id)),
        state: state.words(),
        tone,
        remark: entry.trouble.clone().unwrap_or_default(),
    }
}

fn of_line(line: &Line, booking: &Booking, view: &View<'_>) -> LogLine {
    LogLine {
        at: view.moment(line.at),
        what: words::sentence(line, booking, view),
        who: words::actor(&line.actor).to_owned(),
    }
}

/// What the client asked for, field by field.
fn request(booking: &Booking, studio: &TimeZone) -> Vec<(&'static str, String)> {
    let request = &booking.request;
    let mut fields = vec![("Wants", super::view::wants(booking))];
    let known = [
        ("Client", &request.client_name),
        ("E-mail", &request.client_email),
        ("Phone", &request.client_phone),
        ("City", &request.client_city),
    ];
    fields.extend(known.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    fields.push(("Their time zone", request.time_zone.clone()));
    let times: Vec<String> = booking.times.iter().map(|time| crate::web::when::local(*time, studio)).collect();
    if !times.is_empty() {
        fields.push(("Times that can be tried", times.join("; ")));
    }
    fields
}

fn acts(booking: &Booking, view: &View<'_>, open: Vec<OpenChair>) -> Acts {
    let over = matches!(booking.state, Stage::Cancelled | Stage::Expired);
    let refill = matches!(booking.state, Stage::Booked { refill: Some(_), .. });
    let calls = matches!(booking.state, Stage::Calling { .. } | Stage::Exhausted { .. } | Stage::NoTimes);
    let answerable = booking.offers.iter().filter(|offer| booking.is_live(offer.option) && offer.void.is_none());
    let answers = answerable.map(|offer| {
        let chair = booking.chair(offer.chair).label();
        (offer.no.0, format!("{}, {chair}, option {}", view.name(offer.musician), offer.option))
    });
    let held = booking.current().into_iter().flat_map(|option| {
        let held = booking.chair_nos().filter_map(move |no| Some((no, booking.holder(option, no)?)));
        held.map(|(no, offer)| (no.0, format!("{}: {}", booking.chair(no).label(), view.name(offer.musician))))
    });
    let buttons = [
        (matches!(booking.state, Stage::Calling { .. }), ("pause", "Pause")),
        (matches!(booking.state, Stage::Paused { .. }), ("resume", "Resume")),
        (calls || refill, ("next", "Ask the next now")),
    ];
    Acts {
        buttons: buttons.into_iter().filter_map(|(now, button)| now.then_some(button)).collect(),
        cancel: !over,
        answers: answers.collect(),
        held: held.collect(),
        open,
    }
}
