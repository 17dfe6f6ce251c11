//! What clients do by themselves: they see when the studio can be had, book by the form, look at their own page, and write
//! to the manager.

use super::Engine;
use super::manage::{NewBooking, storable};
use crate::hash::sha256;
use firstcall_core::booking::Booking;
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::{ClockRange, OpeningHours};
use firstcall_core::span::Span;
use firstcall_core::step::Entry;
use firstcall_core::wording;
use firstcall_store::bookings::{self, Shown};
use firstcall_store::journal::{self, Key};
use firstcall_store::{Error, Tx, calendars, roster};
use jiff::civil::{Time, Weekday};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// The form offers no more starts than four an hour, however small `sessions.step` is.
const SMALLEST_STEP: SignedDuration = SignedDuration::from_mins(15);

/// What became of a form.
#[derive(Clone, Debug)]
pub enum ByForm {
    /// It is a booking.
    Booked(Box<Shown>),
    /// It was sent before, and is this booking.
    Before(Box<Shown>),
    /// It was sent before, and said something else; that is this booking.
    Other(Box<Shown>),
    /// Nothing was booked: the studio has been taken at these times.
    Taken(Vec<Span>),
}

/// A booking as its client sees it.
#[derive(Clone, Debug)]
pub struct OfClient {
    /// The booking.
    pub booking: Booking,
    /// What those are called who were asked for it.
    pub names: HashMap<MusicianId, String>,
}

impl Engine {
    /// The starts within a stretch of time at which a session of `length` can be had: the studio is open and free, and
    /// there is notice enough (rules 3.1, 4.10). Whether a calendar of the studio's is known is not looked at: the engine
    /// asks again when it plans, and tells the manager.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn openings(&self, within: Span, length: SignedDuration) -> Result<Vec<Timestamp>, Error> {
        let all = Span { end: Span::new(within.end, length).end, ..within };
        let taken = self.store().read(async move |tx: &mut Tx| calendars::studio_taken(tx, all).await).await?;
        let (taken, hours) = (merged(taken), self.hours(&all));
        let open = merged(hours.clone());
        let step = self.settings().sessions.step.max(SMALLEST_STEP);
        let now = self.clock().now();
        let mut starts = Vec::new();
        for range in hours {
            let mut time = Span::new(range.start, length);
            while time.start < range.end.min(within.end) {
                let in_time = time.start >= within.start && self.policy().end_of(&time) > now;
                if in_time && contain(&open, &time) && !overlap(&taken, &time) {
                    starts.push(time.start);
                }
                time = Span::new(Span::new(time.start, step).end, length);
            }
        }
        starts.sort_unstable();
        starts.dedup();
        Ok(starts)
    }

    /// When the studio opens around a stretch of time; without hours of its own every day as a whole.
    fn hours(&self, around: &Span) -> Vec<Span> {
        let policy = self.policy();
        if let Some(hours) = &policy.opening_hours {
            return hours.around(around, &policy.zone);
        }
        let mut always = OpeningHours::default();
        let day = ClockRange { from: Time::midnight(), to: Time::midnight() };
        Weekday::Monday.cycle_forward().take(7).for_each(|weekday| always.open(weekday, day));
        always.around(around, &policy.zone)
    }

    /// Makes a booking of a form. The same form again, under its key, is the same booking: the key is taken in the
    /// transaction that makes it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn book_by_form(&self, new: NewBooking, key: &str, said: &str) -> Result<ByForm, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let (key, said) = (sha256(&[b"form\0", key.as_bytes()]), said.to_owned());
        let op = async move |tx: &mut Tx| {
            if let Some(before) = sent_before(tx, &key, &said).await? {
                return Ok(before);
            }
            let taken = taken(tx, &new.times).await?;
            if !taken.is_empty() {
                return Ok(ByForm::Taken(taken));
            }
            if journal::take_key(tx, &key, &said, now).await? != Key::Taken {
                // Somebody else committed it while this one waited.
                return sent_before(tx, &key, &said).await?.ok_or(Error::Closed);
            }
            let turned = engine.insert(tx, None, new.clone(), "form", now).await?;
            journal::book_key(tx, &key, turned.booking.id).await?;
            let shown = bookings::show(tx, turned.booking.id).await?.ok_or(Error::Closed)?;
            Ok::<_, Error>(ByForm::Booked(Box::new(shown)))
        };
        let booked = self.store().write(op).await?;
        self.ring();
        Ok(booked)
    }

    /// The booking behind a client's link.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn of_client(&self, token: &str) -> Result<Option<OfClient>, Error> {
        let token = token.to_owned();
        let read = async move |tx: &mut Tx| {
            let Some(booking) = bookings::of_client(tx, &token).await? else { return Ok(None) };
            let mut names = HashMap::new();
            for offer in booking.offers.iter().filter(|offer| offer.holds()) {
                let entry = roster::get(tx, offer.musician).await?;
                names.extend(entry.map(|entry| (offer.musician, entry.musician.name)));
            }
            Ok::<_, Error>(Some(OfClient { booking, names }))
        };
        self.store().read(read).await
    }

    /// Passes on to the manager what a client wrote on their page; the same words on one day once. False: there is no such
    /// page.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn client_writes(&self, token: &str, words: &str) -> Result<bool, Error> {
        let (engine, now, token, words) = (self.clone(), self.clock().now(), token.to_owned(), storable(words));
        let op = async move |tx: &mut Tx| {
            let Some(booking) = bookings::of_client(tx, &token).await? else { return Ok(false) };
            let key = sha256(&[b"client\0", token.as_bytes(), b"\0", words.as_bytes()]);
            if journal::take_key(tx, &key, "", now).await? != Key::Taken {
                return Ok(true);
            }
            let link = engine.settings().server.public_url.join(&format!("/bookings/{}", booking.id));
            let one_line = words.split_whitespace().collect::<Vec<_>>().join(" ");
            let body = wording::client_writes(booking.id, &one_line, &link);
            engine.tell_manager(tx, Some(booking.id), None, body, now).await?;
            let entry =
                Entry { kind: "client_wrote", option: None, chair: None, musician: None, detail: words.clone() };
            journal::write(tx, Some(booking.id), "client", &entry, now).await?;
            Ok::<_, Error>(true)
        };
        let told = self.store().write(op).await?;
        self.ring();
        Ok(told)
    }
}

async fn sent_before(tx: &mut Tx, key: &str, said: &str) -> Result<Option<ByForm>, Error> {
    let Some((before, id)) = journal::booked_under(tx, key).await? else { return Ok(None) };
    let shown = Box::new(bookings::show(tx, id).await?.ok_or(Error::Closed)?);
    Ok(Some(if before == said { ByForm::Before(shown) } else { ByForm::Other(shown) }))
}

async fn taken(tx: &mut Tx, times: &[Span]) -> Result<Vec<Span>, Error> {
    let Some(around) = Span::around(times) else { return Ok(Vec::new()) };
    let taken = merged(calendars::studio_taken(tx, around).await?);
    Ok(times.iter().filter(|time| overlap(&taken, time)).copied().collect())
}

/// Spans in order, those that touch or overlap as one.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut all: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match all.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => all.push(span),
        }
    }
    all
}

fn contain(merged: &[Span], time: &Span) -> bool {
    let next = merged.partition_point(|span| span.end < time.end);
    merged.get(next).is_some_and(|span| span.start <= time.start)
}

fn overlap(merged: &[Span], time: &Span) -> bool {
    let next = merged.partition_point(|span| span.end <= time.start);
    merged.get(next).is_some_and(|span| span.overlaps(time))
}
