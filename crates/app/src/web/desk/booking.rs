//! One booking: its chairs and options at a glance, who was asked and said what, every text, the whole log, what the
//! client wrote, and the manager's acts, which `choices` gathers.

use super::access::Visitor;
use super::choices::{self, Acts, Waiting};
use super::forms;
use super::original::{self, Original};
use super::roster::Why;
use super::view::{OptionView, Said, Summary, View, people};
use super::{Frame, failed, nothing, page, talk, value, words};
use crate::engine::Foreseen;
use crate::settings::Price;
use crate::web::{Web, sheet, when};
use askama::Template;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::booking::{Booking, Delivery, State as Stage};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::planning::Impossible;
use firstcall_core::policy::Policy;
use firstcall_core::segments::size;
use firstcall_core::span::Span;
use firstcall_core::wording::capital;
use firstcall_store::bookings::{self, Shown};
use firstcall_store::entries::{self, Entry, EntryState};
use firstcall_store::journal::{self, Line};
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::pending::{self, Pending};
use firstcall_store::{Error, Tx, inbound, roster};
use jiff::tz::TimeZone;
use serde::Deserialize;

/// More lines and texts than any booking has.
const MOST: i64 = 2000;
/// So many options are shown at a glance.
const MOST_OPTIONS: usize = 40;

#[derive(Template)]
#[template(path = "booking.html")]
struct BookingPage {
    frame: Frame,
    root: &'static str,
    row: Summary,
    refusal: Option<Refusal>,
    waiting: Option<Waiting>,
    refused: Option<Waiting>,
    /// What the chairs are called: the head of the grid.
    chairs: Vec<String>,
    options: Vec<OptionView>,
    /// How many options are not shown.
    more: usize,
    texts: Vec<Text>,
    entries: Vec<EntryRow>,
    days: Vec<Day>,
    request: Vec<(&'static str, String)>,
    notes: Option<String>,
    links: Vec<(String, bool)>,
    mail: Option<Original>,
    impossible: Vec<(String, Vec<String>)>,
    /// How many offers wait for the end of quiet hours, and when the first leaves.
    held_back: Option<(usize, String)>,
    acts: Acts,
    next: NextWave,
    players: Vec<(MusicianId, String)>,
    why: Option<Why>,
    asked: AskedAbout,
}

/// Why an act was refused, and what was typed.
#[derive(Clone, Debug)]
pub struct Refusal {
    act: String,
    why: String,
    form: Vec<(String, String)>,
}

impl Refusal {
    /// Why this act was refused, and what its form held.
    pub fn new(act: &str, why: impl Into<String>, form: Vec<(String, String)>) -> Self {
        Self { act: act.to_owned(), why: capital(&why.into()), form }
    }
}

impl BookingPage {
    /// Whether the form of an act was refused: then it stays open.
    fn is_refused(&self, act: &str) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.act == act)
    }

    /// What was typed into a field of an act that was refused.
    fn typed(&self, act: &str, field: &str) -> &str {
        let typed = self.refusal.as_ref().filter(|refusal| refusal.act == act);
        typed.and_then(|refusal| value(&refusal.form, field)).unwrap_or_default()
    }
}

/// Whom, and which time, the manager asks about.
#[derive(Clone, Debug, Deserialize, Default)]
pub struct AskedAbout {
    #[serde(default)]
    who: String,
    #[serde(default)]
    at: String,
}

/// A day of the log: its lines, those of one night together.
struct Day {
    name: String,
    parts: Vec<Part>,
}

struct Part {
    night: bool,
    lines: Vec<LogLine>,
}

/// A text, as a line.
struct Text {
    id: i64,
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
    id: i64,
    at: String,
    what: String,
    who: String,
}

struct Found {
    shown: Shown,
    names: super::view::Names,
    texts: Vec<Message>,
    entries: Vec<Entry>,
    log: Vec<Line>,
    mail: Option<i64>,
    said: Vec<Said>,
    pending: Option<Pending>,
    players: Vec<(MusicianId, String)>,
    last: i64,
}

/// A booking's page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    asked: Result<Query<AskedAbout>, QueryRejection>,
) -> Response {
    let Ok(id) = id.parse().map(BookingId) else { return nothing(&web, visitor) };
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    match shown(&web, visitor, id, asked, None).await {
        Ok(Some(shown)) => page(StatusCode::OK, &shown),
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// The same page, on which it says why an act was refused.
pub async fn refused(web: &Web, visitor: Visitor, id: BookingId, refusal: Refusal) -> Response {
    match shown(web, visitor, id, AskedAbout::default(), Some(refusal)).await {
        Ok(Some(shown)) => page(StatusCode::CONFLICT, &shown),
        Ok(None) => nothing(web, visitor),
        Err(error) => failed(&error),
    }
}

async fn shown(
    web: &Web,
    visitor: Visitor,
    id: BookingId,
    asked: AskedAbout,
    refusal: Option<Refusal>,
) -> Result<Option<BookingPage>, Error> {
    let Some((found, mail)) = read(web, id).await? else { return Ok(None) };
    let why = if is_stuck(&found.shown.booking) { web.engine.why_impossible(id).await? } else { Vec::new() };
    let next = web.engine.next_wave(id).await?;
    let acts = Acts::of(web, &found.shown.booking, &found.names, web.engine.choices(id).await?);
    let answered = why_not(web, &found.shown.booking, &asked).await?;
    let patience = found.shown.due_reason.as_deref() == Some("patience");
    let names: Vec<String> = next.iter().map(|text| text.musician.clone()).collect();
    let mut shown = booking_page(web, visitor, found, mail, &why, next, acts);
    shown.row.next = patience.then(|| super::view::asks(&names));
    if refusal.is_some() {
        // It has the address of the act, at which nothing can be looked at again.
        shown.frame.live = None;
    }
    (shown.refusal, shown.why, shown.asked) = (refusal, answered, asked);
    if shown.asked.at.is_empty() {
        shown.asked.at.clone_from(&shown.acts.at);
    }
    Ok(Some(shown))
}

/// Why somebody cannot be had at a time that the manager asks about.
async fn why_not(web: &Web, booking: &Booking, asked: &AskedAbout) -> Result<Option<Why>, Error> {
    let zone = &web.engine.settings().studio.time_zone;
    let (Ok(who), Ok(start)) = (asked.who.parse().map(MusicianId), forms::start(&asked.at, zone)) else {
        return Ok(None);
    };
    let time = Span::new(start, super::acts::length_of(web, booking));
    let found = web.engine.availability(who, time).await?;
    Ok(found.map(|found| Why::of(&found, (asked.at.clone(), String::new()))))
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
    let pending = pending::of(tx, id).await?;
    who.extend(pending.iter().filter_map(choices::whom));
    who.extend(log.iter().filter_map(|line| line.musician));
    let said = inbound::said(tx, &who, shown.booking.created_at, MOST).await?;
    let mut players = Vec::new();
    for instrument in shown.booking.chairs.chunk_by(|a, b| a.instrument == b.instrument) {
        players.extend(roster::players(tx, &instrument[0].instrument, 100).await?);
    }
    players.sort_by(|a, b| a.1.cmp(&b.1));
    players.dedup();
    Ok(Some(Found {
        names: roster::names(tx, &who).await?,
        texts: messages::list(tx, &Which::Of(id), 0, MOST).await?,
        entries,
        mail: bookings::mail_of(tx, id).await?,
        last: journal::last(tx).await?,
        pending,
        said: said.into_iter().map(Said::from).collect(),
        players,
        shown,
        log,
    }))
}

fn booking_page(
    web: &Web,
    visitor: Visitor,
    found: Found,
    mail: Option<Original>,
    why: &[Impossible],
    next: Vec<Foreseen>,
    acts: Acts,
) -> BookingPage {
    let booking = &found.shown.booking;
    let zone = &web.engine.settings().studio.time_zone;
    let view = View { names: &found.names, said: &found.said, now: web.engine.clock().now(), zone };
    let row = view.summary(&found.shown);
    let mut options: Vec<OptionView> = booking.options.iter().map(|option| view.option(booking, option.no)).collect();
    options.sort_by_key(|option| (!option.current, option.waves.is_empty(), option.no));
    let more = options.len().saturating_sub(MOST_OPTIONS);
    options.truncate(MOST_OPTIONS);
    let (waiting, refused) = Waiting::of(found.pending, booking, &view);
    let links = booking.request.links.iter().map(|link| (link.clone(), sheet::is_web(link)));
    BookingPage {
        frame: Frame::new(web, visitor, &row.title).live(found.last),
        root: visitor.root,
        refusal: None,
        waiting,
        refused,
        chairs: booking.chairs.iter().map(|chair| capital(&chair.label())).collect(),
        options,
        more,
        texts: found.texts.iter().map(|text| of_text(web, text, &view)).collect(),
        entries: found.entries.iter().map(|entry| of_entry(entry, &view)).collect(),
        days: days(&found.log, booking, &view, web.engine.policy()),
        request: request(booking, zone),
        notes: booking.request.notes.clone(),
        links: links.collect(),
        held_back: held_back(booking, &view),
        acts,
        players: found.players,
        why: None,
        asked: AskedAbout::default(),
        impossible: why.iter().map(|one| (when::local(one.time, zone), one.reasons.clone())).collect(),
        next: next_wave(next, web.engine.settings().sms.segment_price.as_ref()),
        row,
        mail,
    }
}

fn held_back(booking: &Booking, view: &View<'_>) -> Option<(usize, String)> {
    let leaves = booking.offers.iter().filter_map(|offer| {
        let Delivery::Queued(at) = offer.delivery else { return None };
        (at > view.now).then_some(at)
    });
    let first = leaves.clone().min()?;
    Some((leaves.count(), view.moment(first)))
}

fn next_wave(texts: Vec<Foreseen>, price: Option<&Price>) -> NextWave {
    let texts: Vec<(Foreseen, usize)> =
        texts.into_iter().map(|text| (text.clone(), size(&text.body).segments)).collect();
    let segments = texts.iter().map(|(_, segments)| segments).sum();
    NextWave { texts, segments, price: price.map(|price| price.times(segments)) }
}

fn of_text(web: &Web, text: &Message, view: &View<'_>) -> Text {
    let (state, tone) = talk::state(web, text);
    Text {
        id: text.id,
        at: view.moment(text.sent_at.unwrap_or(text.created_at)),
        to: text.musician.map_or_else(|| text.to.clone(), |id| view.name(id)),
        kind: text.kind.clone(),
        body: text.body.clone(),
        state,
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

/// The log by days; what happened in one night, when nobody is texted, is together.
fn days(log: &[Line], booking: &Booking, view: &View<'_>, policy: &Policy) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for line in log {
        let name = firstcall_core::wording::day(line.at, view.zone);
        let night = policy.quiet_hours.is_some_and(|quiet| quiet.around(line.at, view.zone).is_some());
        if days.last().is_none_or(|day| day.name != name) {
            days.push(Day { name, parts: Vec::new() });
        }
        let Some(day) = days.last_mut() else { continue };
        if day.parts.last().is_none_or(|part| part.night != night) {
            day.parts.push(Part { night, lines: Vec::new() });
        }
        if let Some(part) = day.parts.last_mut() {
            part.lines.push(of_line(line, booking, view));
        }
    }
    days
}

fn of_line(line: &Line, booking: &Booking, view: &View<'_>) -> LogLine {
    LogLine {
        id: line.id,
        at: when::clock(line.at, view.zone),
        what: words::sentence(line, booking, view),
        who: words::actor(&line.actor),
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
    let times: Vec<String> = booking.times.iter().map(|time| when::local(*time, studio)).collect();
    if !times.is_empty() {
        fields.push(("Times that can be tried", times.join("; ")));
    }
    fields
}
