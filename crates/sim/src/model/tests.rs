//! The mission's main stories, as the model tells them.

mod after;
mod anything;
mod calling;

use super::{Model, OfferView, Said, View, Whom};
use firstcall_core::booking::{Chair, Delivery};
use firstcall_core::contact::Phone;
use firstcall_core::ids::{BookingId, MusicianId, OfferNo};
use firstcall_core::policy::{AfterNo, ClockRange, Policy, PreviousOffers, Ranking};
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::span::Span;
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const A: BookingId = BookingId(1);
const B: BookingId = BookingId(2);

/// A studio whose clocks show UTC, with an hour's patience and nobody's sleep to mind.
fn policy() -> Policy {
    Policy {
        zone: TimeZone::UTC,
        opening_hours: None,
        prime_hours: ClockRange { from: time(10, 0, 0, 0), to: time(18, 0, 0, 0) },
        notice: SignedDuration::ZERO,
        travel_gap: SignedDuration::ZERO,
        patience: SignedDuration::from_hours(1),
        ranking: Ranking::RecentFirst,
        previous_offers: PreviousOffers::StayOpen,
        after_no: AfterNo::Wait,
        quiet_hours: None,
    }
}

/// An hour of the first days of March, counted from midnight of the first.
fn hour(hour: i64) -> Timestamp {
    let midnight: Timestamp = "2027-03-01T00:00:00Z".parse().unwrap();
    midnight + SignedDuration::from_hours(hour)
}

fn session(start: i64) -> Span {
    Span::new(hour(start), SignedDuration::from_hours(1))
}

fn musician(id: i64, plays: &str) -> Musician {
    Musician {
        id: MusicianId(id),
        name: format!("Musician {id}"),
        phone: Phone::new(&format!("+1212555{id:04}")).unwrap(),
        zone: TimeZone::UTC,
        instruments: plays.split('+').map(|plays| (plays.to_owned(), u32::try_from(id).unwrap())).collect(),
        quiet_hours: None,
        standing: MusicianStanding::Active,
        last_booked_at: None,
    }
}

/// Drummers 1 to 3, bassists 11 and 12.
fn studio(policy: Policy) -> Model {
    let mut model = Model::new(policy);
    let mut people: Vec<Musician> = [1, 2, 3].map(|id| musician(id, "drums")).into();
    people.extend([11, 12].map(|id| musician(id, "bass")));
    model.set_roster(people, hour(0));
    model
}

fn book(model: &mut Model, id: BookingId, chairs: &[(&str, u16)], times: &[i64]) {
    let times = times.iter().map(|start| session(*start)).collect();
    model.book(id, Chair::list(chairs.iter().copied()), times, true, hour(0));
}

/// Every text that waits leaves when it may.
fn texts_leave(model: &mut Model, id: BookingId, now: Timestamp) {
    for offer in model.view(id).offers {
        if let Delivery::Queued(at) = offer.delivery
            && at <= now
        {
            model.delivered(id, offer.no, Delivery::Sent(at), at);
        }
    }
}

/// Time passes: texts have left when they could, deadlines fire, and what follows leaves too.
fn wake(model: &mut Model, now: Timestamp) {
    let all: Vec<BookingId> = model.bookings().collect();
    for &id in &all {
        texts_leave(model, id, now);
    }
    model.wake(now);
    for &id in &all {
        texts_leave(model, id, now);
    }
}

fn yes(model: &mut Model, id: BookingId, offer: u32, now: i64) -> Said {
    model.answer(id, OfferNo(offer), true, hour(now))
}

fn asked(view: &View) -> Vec<i64> {
    view.offers.iter().map(|offer| offer.musician.0).collect()
}

fn answers(view: &View) -> Vec<&'static str> {
    view.offers.iter().map(|offer| offer.answer).collect()
}

fn answerable(view: &View) -> Vec<bool> {
    view.offers.iter().map(|offer: &OfferView| offer.answerable).collect()
}

fn told(view: &View, to: Whom) -> Vec<&'static str> {
    view.told.iter().filter(|told| told.to == to).map(|told| told.word).collect()
}

fn told_musician(view: &View, musician: i64) -> Vec<&'static str> {
    told(view, Whom::Musician(MusicianId(musician)))
}
