//! How long planning takes: ten chairs, a thousand musicians of whom three in ten play two instruments or more, two
//! hundred times; with a roster that is mostly free, mostly busy, and busy all the time.
//!
//! `cargo bench -p firstcall-core`. Each line gives the best and the median of its runs; 5 ms is what planning may take.

use firstcall_core::availability::{Busy, BusyWith, Facts};
use firstcall_core::booking::{Booking, Chair, Request};
use firstcall_core::contact::Phone;
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::planning::plan;
use firstcall_core::policy::{AfterNo, ClockRange, Policy, PreviousOffers, Ranking};
use firstcall_core::roster::{Musician, MusicianStanding, Roster};
use firstcall_core::span::Span;
use jiff::civil::{date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::hint::black_box;
use std::time::{Duration, Instant};

const INSTRUMENTS: [&str; 8] =
    ["drums", "electric_bass", "electric_guitar", "keyboard", "tenor_sax", "trumpet", "upright_bass", "violin"];
const MUSICIANS: usize = 1_000;
const TIMES: usize = 200;
const RUNS: usize = 30;

fn main() {
    let zone = TimeZone::UTC;
    let now = date(2026, 11, 30).to_zoned(zone.clone()).map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp());
    let policy = policy(zone);
    let roster = Roster::new((0..MUSICIANS).map(|number| musician(number, now)).collect());
    let booking = booking(now);
    for (name, share) in [("mostly free", 2), ("mostly busy", 9), ("always busy", 10)] {
        let busy = busy(&booking, share);
        let facts = Facts { roster: &roster, busy: &busy };
        let mut runs: Vec<Duration> = (0..RUNS).map(|_| measure(&booking, now, &facts, &policy)).collect();
        runs.sort_unstable();
        println!("{name}: best {:?}, median {:?}", runs[0], runs[RUNS / 2]);
    }
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn measure(booking: &Booking, now: Timestamp, facts: &Facts<'_>, policy: &Policy) -> Duration {
    let start = Instant::now();
    black_box(plan(black_box(booking), now, facts, policy));
    start.elapsed()
}

fn policy(zone: TimeZone) -> Policy {
    Policy {
        zone,
        opening_hours: None,
        prime_hours: ClockRange { from: time(10, 0, 0, 0), to: time(18, 0, 0, 0) },
        notice: SignedDuration::ZERO,
        travel_gap: SignedDuration::from_mins(30),
        patience: SignedDuration::from_hours(1),
        ranking: Ranking::RecentFirst,
        previous_offers: PreviousOffers::StayOpen,
        after_no: AfterNo::Wait,
        quiet_hours: None,
    }
}

fn musician(number: usize, now: Timestamp) -> Musician {
    let count = if number % 10 < 3 { 2 + number % 3 } else { 1 };
    let plays = (0..count).map(|more| INSTRUMENTS[(number + more * 3) % INSTRUMENTS.len()]);
    let place = u32::try_from(number).unwrap_or_default() + 1;
    let days = i64::try_from(number % 90).unwrap_or_default();
    let phone = Phone::new(&format!("212555{:04}", 100 + number % 100));
    Musician {
        id: MusicianId(i64::from(place)),
        name: format!("Musician {number}"),
        phone: phone.unwrap_or_else(|_| unreachable!("an invented number is a number")),
        zone: TimeZone::UTC,
        instruments: plays.map(|instrument| (instrument.to_owned(), place)).collect(),
        quiet_hours: None,
        standing: MusicianStanding::Active,
        last_booked_at: (!number.is_multiple_of(4)).then(|| now - SignedDuration::from_hours(24 * days)),
    }
}

fn booking(now: Timestamp) -> Booking {
    let chairs = Chair::list([
        ("drums", 1),
        ("electric_bass", 1),
        ("electric_guitar", 2),
        ("keyboard", 1),
        ("tenor_sax", 1),
        ("trumpet", 2),
        ("violin", 2),
    ]);
    let start = |number: usize| now + SignedDuration::from_hours(24 + i64::try_from(number).unwrap_or_default());
    let times = (0..TIMES).map(|number| Span::new(start(number), SignedDuration::from_hours(2))).collect();
    Booking::new(BookingId(1), now, Request::default(), chairs, times)
}

/// Of ten musicians, `share` have an hour taken every two hours, for as long as the booking's times run.
fn busy(booking: &Booking, share: usize) -> Busy {
    let mut busy = Busy::default();
    for number in (0..MUSICIANS).filter(|number| number % 10 < share) {
        let musician = MusicianId(i64::try_from(number + 1).unwrap_or_default());
        for time in booking.times.iter().step_by(2) {
            busy.add(musician, Span::new(time.start, SignedDuration::from_hours(1)), BusyWith::Hold(BookingId(2)));
        }
    }
    busy
}
