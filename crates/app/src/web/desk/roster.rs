//! The roster: who is on it, how their calendars are, when they are away, and why they are not free.

use super::access::{Visitor, see_other};
use super::availability::day_of;
use super::calendars::{CalendarRow, refused, rows};
use super::history::History;
use super::{Frame, failed, fields, nothing, page, value};
use crate::engine::{Availability, MusicianChange, RosterError};
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::span::Span;
use firstcall_core::wording::capital;
use firstcall_store::consents::{self, Consent};
use firstcall_store::roster::{self, Entry, clock_words, standing_word};
use firstcall_store::{Error, Tx, calendars};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::HashMap;

const PAGE: i64 = 100;
/// More than anybody has.
const MOST: i64 = 500;

/// Which page.
#[derive(Deserialize, Default)]
pub struct Wanted {
    after: Option<i64>,
    q: Option<String>,
}

/// Which time the manager asks about.
#[derive(Deserialize, Default)]
pub struct Asked {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    /// A whole day of the studio's, instead of a time.
    pub(super) day: Option<Date>,
}

#[derive(Template)]
#[template(path = "roster.html")]
struct RosterPage {
    frame: Frame,
    people: Vec<Person>,
    more: Option<i64>,
    q: String,
}

/// A musician, as a line.
struct Person {
    id: MusicianId,
    name: String,
    plays: String,
    standing: &'static str,
    calendars: String,
    /// Whether a calendar cannot be read.
    trouble: bool,
}

#[derive(Template)]
#[template(path = "roster_musician.html")]
struct MusicianPage {
    frame: Frame,
    id: MusicianId,
    name: String,
    /// The instruments, by name and for people, with the place in the call list.
    plays: Vec<(String, String, u32)>,
    phone: String,
    email: Option<String>,
    zone: String,
    quiet_hours: Option<String>,
    notes: Option<String>,
    standing: &'static str,
    calendars: Vec<CalendarRow>,
    /// Where the calendars' forms lead.
    at: String,
    away: Vec<(i64, String, String)>,
    consents: Vec<(String, String)>,
    history: History,
    why: Option<Why>,
}

/// Why somebody is not free at a time.
pub struct Why {
    /// The time that was asked about, as it is written in a form.
    pub from: String,
    pub to: String,
    /// free, busy or unknown.
    pub word: &'static str,
    pub reasons: Vec<String>,
}

impl Why {
    pub fn of(availability: &Availability, (from, to): (String, String)) -> Self {
        let reasons = availability.reasons.iter().map(|reason| capital(&reason.words)).collect();
        Self { from, to, word: availability.word(), reasons }
    }
}

/// The roster's page.
pub async fn list(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let Wanted { after, q } = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let q: String = q.unwrap_or_default().replace('\0', "").trim().chars().take(100).collect();
    let (after, words) = (after.unwrap_or(0), q.clone());
    let read = async move |tx: &mut Tx| {
        let people = match words.as_str() {
            "" => roster::list(tx, after, PAGE + 1).await?,
            words => roster::find(tx, words, after, PAGE + 1).await?,
        };
        let ids: Vec<MusicianId> = people.iter().map(|entry| entry.musician.id).collect();
        let health = calendars::health(tx, &ids).await?;
        Ok::<_, Error>((people, health))
    };
    match web.engine.store().read(read).await {
        Ok((mut entries, health)) => {
            let more = entries.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
            entries.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
            let more = entries.last().filter(|_| more).map(|entry| entry.musician.id.0);
            let people = entries.into_iter().map(|entry| person(entry, &health)).collect();
            page(StatusCode::OK, &RosterPage { frame: Frame::new(&web, visitor, "Roster"), people, more, q })
        }
        Err(error) => failed(&error),
    }
}

fn person(entry: Entry, health: &HashMap<MusicianId, (i64, i64)>) -> Person {
    let (connected, failing) = health.get(&entry.musician.id).copied().unwrap_or_default();
    let calendars = match (connected, failing) {
        (0, _) => "none".to_owned(),
        (_, 0) => "read".to_owned(),
        (_, failing) => format!("{failing} cannot be read"),
    };
    Person {
        id: entry.musician.id,
        plays: plays(&entry),
        standing: standing_word(entry.musician.standing),
        name: entry.musician.name,
        calendars,
        trouble: failing > 0,
    }
}

fn plays(entry: &Entry) -> String {
    let instruments = entry.musician.instruments.iter();
    instruments.map(|(name, place)| format!("{} ({place})", name.replace('_', " "))).collect::<Vec<_>>().join(", ")
}

/// A musician's page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    match musician_page(&web, visitor, MusicianId(id), asked).await {
        Ok(Some(shown)) => page(StatusCode::OK, &shown),
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

async fn musician_page(
    web: &Web,
    visitor: Visitor,
    id: MusicianId,
    asked: Asked,
) -> Result<Option<MusicianPage>, Error> {
    let (now, zone) = (web.engine.clock().now(), web.engine.settings().studio.time_zone.clone());
    let studio = zone.clone();
    let read = async move |tx: &mut Tx| {
        let Some(entry) = roster::get(tx, id).await? else { return Ok(None) };
        let calendars = rows(tx, Some(id), now, &studio).await?;
        let away = roster::blocks(tx, id, 0, MOST).await?;
        let told = (consents::of(tx, id, i64::MAX, MOST).await?, History::read(tx, id, now, &studio).await?);
        Ok::<_, Error>(Some((entry, calendars, away, told)))
    };
    let Some((entry, calendars, away, (consents, history))) = web.engine.store().read(read).await? else {
        return Ok(None);
    };
    let day = asked.day.and_then(|day| day_of(web, day));
    let why = match day.or_else(|| time(asked.from.as_deref(), asked.to.as_deref(), &zone)) {
        Some(time) => web.engine.availability(id, time).await?.map(|found| Why::of(&found, form_time(time, &zone))),
        None => None,
    };
    let away = away.into_iter().filter(|block| block.span.end > now);
    let consent = |consent: Consent| {
        (when::moment(consent.at, now, &zone), format!("{} ({}): {}", consent.kind, consent.channel, consent.wording))
    };
    Ok(Some(MusicianPage {
        frame: Frame::new(web, visitor, &entry.musician.name),
        id,
        plays: entry
            .musician
            .instruments
            .iter()
            .map(|(name, at)| (name.clone(), name.replace('_', " "), *at))
            .collect(),
        quiet_hours: entry.musician.quiet_hours.map(clock_words),
        history,
        phone: entry.musician.phone.as_str().to_owned(),
        zone: entry.musician.zone.iana_name().unwrap_or("UTC").to_owned(),
        standing: standing_word(entry.musician.standing),
        email: entry.email,
        notes: entry.notes,
        name: entry.musician.name,
        at: format!("{}roster/{id}/calendars", visitor.root),
        calendars,
        away: away.map(|block| (block.id, when::local(block.span, &zone), block.note.unwrap_or_default())).collect(),
        consents: consents.into_iter().map(consent).collect(),
        why,
    }))
}

/// Whether somebody may be asked.
pub async fn stand(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let back = format!("{}roster/{id}", visitor.root);
    let standing = match value(&fields(&body), "standing") {
        Some("active") => MusicianStanding::Active,
        Some("paused") => MusicianStanding::Paused,
        Some("opted_out") => MusicianStanding::OptedOut,
        _ => return refused(&web, visitor, "Choose active, paused or opted out.", &back),
    };
    let change = MusicianChange { standing: Some(standing), ..MusicianChange::default() };
    match web.engine.change_musician(MusicianId(id), change, visitor.who.name()).await {
        Ok(_) => see_other(&back, None),
        Err(RosterError::Unknown) => nothing(&web, visitor),
        Err(RosterError::Store(error)) => failed(&error),
        Err(other) => refused(&web, visitor, &other.to_string(), &back),
    }
}

/// Enters time that somebody does not have.
pub async fn block(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let (form, back) = (fields(&body), format!("{}roster/{id}", visitor.root));
    let Some(time) = time_of(&form, &web.engine.settings().studio.time_zone) else {
        return refused(&web, visitor, NO_TIME, &back);
    };
    let note = value(&form, "note").map(str::trim).filter(|note| !note.is_empty());
    let note = note.map(|note| note.replace('\0', ""));
    match web.engine.block(MusicianId(id), time, note).await {
        Ok(Some(_)) => see_other(&back, None),
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// Lifts a block.
pub async fn unblock(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path((id, block)): Path<(i64, i64)>,
) -> Response {
    match web.engine.unblock(MusicianId(id), block).await {
        Ok(true) => see_other(&format!("{}roster/{id}", visitor.root), None),
        Ok(false) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// What is wrong with a time that was entered.
pub(super) const NO_TIME: &str = "Enter when it begins and when it ends, the end after the beginning, at times that the \
    studio's clock has.";

/// The time that a form names, in the studio's zone.
pub(super) fn time_of(form: &[(String, String)], zone: &TimeZone) -> Option<Span> {
    time(value(form, "from"), value(form, "to"), zone)
}

pub(super) fn time(from: Option<&str>, to: Option<&str>, zone: &TimeZone) -> Option<Span> {
    let at = |text: Option<&str>| {
        let local: DateTime = text?.parse().ok()?;
        zone.to_ambiguous_timestamp(local).unambiguous().ok()
    };
    let (start, end) = (at(from)?, at(to)?);
    (start < end).then_some(Span { start, end })
}

/// A time as it stands in a form.
pub(super) fn form_time(time: Span, zone: &TimeZone) -> (String, String) {
    let shown = |at: jiff::Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string();
    (shown(time.start), shown(time.end))
}
