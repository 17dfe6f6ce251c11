//! `firstcall plan`: what a mail would set off, without setting it off.
//!
//! The rules themselves are asked: a booking that is in no database is called wave after wave, as if nobody answered.

use super::args::MailArgs;
use super::serve::{open, runtime};
use super::{Exit, parse};
use crate::engine::{NewBooking, draft};
use crate::settings::Settings;
use firstcall_core::availability::{Busy, Facts};
use firstcall_core::booking::{Booking, OfferReason};
use firstcall_core::ids::{BookingId, OptionNo};
use firstcall_core::manage::Act;
use firstcall_core::planning::{self, Impossible};
use firstcall_core::policy::Policy;
use firstcall_core::roster::Roster;
use firstcall_core::span::Span;
use firstcall_core::step::{Event, Outcome, step};
use firstcall_core::wording::{About, Voice};
use firstcall_mail::Reading;
use firstcall_store::lessons::{self, Lesson};
use firstcall_store::{Tx, roster};
use jiff::Timestamp;
use serde::Serialize;
use std::io::Write;

/// A reading with what it would set off.
#[derive(Serialize)]
struct Plan {
    #[serde(flatten)]
    reading: Reading,
    options: Vec<PlannedOption>,
    impossible: Vec<NotPossible>,
}

#[derive(Serialize)]
struct PlannedOption {
    option: u32,
    start: String,
    prime: bool,
    waves: Vec<Vec<PlannedOffer>>,
}

#[derive(Serialize)]
struct PlannedOffer {
    chair: String,
    musician: String,
    text: String,
}

#[derive(Serialize)]
struct NotPossible {
    start: String,
    reasons: Vec<String>,
}

pub fn run(settings: &Settings, args: &MailArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let now = args.now.unwrap_or_else(Timestamp::now);
    let reading = parse::reading(settings, &lessons(settings)?, args)?;
    let new = draft(&reading).ok().filter(|new| !new.chairs.is_empty() && !new.times.is_empty());
    let (options, impossible) = match new {
        Some(new) => planned(settings, &new, now)?,
        None => (Vec::new(), Vec::new()),
    };
    let plan = Plan { reading, options, impossible };
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&plan)?)?;
    } else {
        print(&plan, out)?;
    }
    Ok(parse::exit(&plan.reading))
}

/// What was taught on the desk, if there is a database.
fn lessons(settings: &Settings) -> anyhow::Result<Vec<Lesson>> {
    if settings.database.url.is_absent_file() {
        return Ok(Vec::new());
    }
    runtime()?.block_on(async {
        let store = open(settings).await?;
        let lessons = store.read(async |tx: &mut Tx| lessons::all(tx).await).await?;
        store.close().await;
        Ok(lessons)
    })
}

/// The roster and what keeps it busy, read from the database if there is one: a plan makes none.
fn known(settings: &Settings, range: Span) -> anyhow::Result<(Roster, Busy)> {
    if settings.database.url.is_absent_file() {
        return Ok((Roster::default(), Busy::default()));
    }
    runtime()?.block_on(async {
        let store = open(settings).await?;
        let read = async move |tx: &mut Tx| {
            let people = roster::load(tx).await?;
            Ok::<_, firstcall_store::Error>((people, roster::busy(tx, NOBODY, range).await?))
        };
        let known = store.read(read).await?;
        store.close().await;
        Ok(known)
    })
}

/// The number of a booking that is in no database.
const NOBODY: BookingId = BookingId(0);

fn planned(
    settings: &Settings,
    new: &NewBooking,
    now: Timestamp,
) -> anyhow::Result<(Vec<PlannedOption>, Vec<NotPossible>)> {
    let policy = settings.policy();
    let all = new.times.iter().copied().reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) });
    let range = all.map_or(Span { start: now, end: now }, |all| all.widened(policy.travel_gap));
    let (people, busy) = known(settings, range)?;
    let facts = Facts { roster: &people, busy: &busy };
    let empty = Booking::new(NOBODY, now, new.request.clone(), new.chairs.clone(), new.times.clone());
    let impossible = planning::impossible(&empty, now, &facts, &policy);
    let called = called_to_the_end(empty, now, facts, &policy);
    let zone = &settings.studio.time_zone;
    let voice = Voice { studio: &settings.studio.name, zone, public_url: settings.server.public_url.as_str() };
    let options = called.options.iter().map(|option| PlannedOption {
        option: option.no.0,
        start: option.time.start.to_zoned(zone.clone()).to_string(),
        prime: policy.is_prime(&option.time),
        waves: waves(&called, option.no, &people, voice),
    });
    let reasons =
        |Impossible { time, reasons }| NotPossible { start: time.start.to_zoned(zone.clone()).to_string(), reasons };
    Ok((options.collect(), impossible.into_iter().map(reasons).collect()))
}

/// Every wave of every option, as they follow when nobody answers.
fn called_to_the_end(empty: Booking, now: Timestamp, facts: Facts<'_>, policy: &Policy) -> Booking {
    let mut booking = step(empty, Event::Created(facts), now, policy).booking;
    loop {
        let next = step(booking.clone(), Event::Managed(Act::Next, facts), now, policy);
        if matches!(next.outcome, Outcome::Refused(_)) {
            return booking;
        }
        booking = next.booking;
    }
}

fn waves(booking: &Booking, option: OptionNo, people: &Roster, voice: Voice<'_>) -> Vec<Vec<PlannedOffer>> {
    let mut waves: Vec<Vec<PlannedOffer>> = Vec::new();
    for offer in booking.offers_at(option) {
        let OfferReason::Wave(wave) = offer.reason else { continue };
        let (Some(time), Ok(wave)) = (booking.option(option).map(|o| o.time), usize::try_from(wave)) else { continue };
        let chair = booking.chair(offer.chair).label();
        // The secret of a link, and the code, are made when an offer is.
        let text = voice
            .offer(&About { chair: &chair, time, token: "................", code: 0 })
            .replace("Y0 / N0", "Y… / N…");
        let musician = people.get(offer.musician).map_or_else(String::new, |musician| musician.name.clone());
        waves.resize_with(waves.len().max(wave), Vec::new);
        if let Some(offers) = waves.get_mut(wave - 1) {
            offers.push(PlannedOffer { chair, musician, text });
        }
    }
    waves
}

fn print(plan: &Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    out.write_all(super::reading_table::as_text(&plan.reading).as_bytes())?;
    for option in &plan.options {
        let prime = if option.prime { ", prime hours" } else { "" };
        writeln!(out, "\nOption {}: {}{prime}", option.option, option.start)?;
        for (number, wave) in option.waves.iter().enumerate() {
            writeln!(out, "  Wave {}", number + 1)?;
            for offer in wave {
                writeln!(out, "    {}: {}\n      {}", offer.chair, offer.musician, offer.text)?;
            }
        }
    }
    for time in &plan.impossible {
        writeln!(out, "\nNot possible: {}: {}", time.start, time.reasons.join("; "))?;
    }
    Ok(())
}
