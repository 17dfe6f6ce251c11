//! Questions about the clock: hours, quiet, prime, ends.

use super::Model;
use firstcall_core::policy::ClockRange;
use firstcall_core::span::Span;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// `instant` and `by` later.
pub fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn on_the_wall(instant: Timestamp, zone: &TimeZone) -> DateTime {
    instant.to_zoned(zone.clone()).datetime()
}

/// Whether the wall clock's time of day is inside the range, on whatever day it began.
fn inside(range: ClockRange, wall: DateTime) -> bool {
    day_it_began(range, wall).is_some()
}

/// The day on which the range began that the wall clock is inside of.
fn day_it_began(range: ClockRange, wall: DateTime) -> Option<Date> {
    let time = wall.time();
    let over_midnight = range.to <= range.from;
    if !over_midnight {
        return (range.from <= time && time < range.to).then(|| wall.date());
    }
    if time >= range.from {
        return Some(wall.date());
    }
    if time < range.to { wall.date().yesterday().ok() } else { None }
}

/// The instants of a session, minute by minute; the last one is the last moment inside.
fn minutes(time: &Span) -> Vec<Timestamp> {
    let mut all = Vec::new();
    let mut at = time.start;
    while at < time.end {
        all.push(at);
        at = later(at, MINUTE);
    }
    all
}

impl Model {
    /// The moment from which a time cannot be booked any more (rule 4.10).
    pub(super) fn end_of(&self, time: &Span) -> Timestamp {
        time.start.saturating_sub(self.policy.notice).unwrap_or(Timestamp::MIN)
    }

    /// Whether that moment has come.
    pub(super) fn has_ended(&self, time: &Span, now: Timestamp) -> bool {
        now >= self.end_of(time)
    }

    /// Whether the whole session is inside prime hours of one studio day (rule 3.5).
    pub(super) fn is_prime(&self, time: &Span) -> bool {
        let days: Vec<Option<Date>> = minutes(time)
            .into_iter()
            .map(|minute| day_it_began(self.policy.prime_hours, on_the_wall(minute, &self.policy.zone)))
            .collect();
        days.iter().all(|day| day.is_some() && *day == days[0])
    }

    /// Whether the whole session is inside opening hours (rule 3.1).
    pub(super) fn is_open(&self, time: &Span) -> bool {
        let Some(hours) = &self.opening_hours else { return true };
        minutes(time).into_iter().all(|minute| {
            let wall = on_the_wall(minute, &self.policy.zone);
            hours.iter().any(|(weekday, range)| day_it_began(*range, wall).is_some_and(|day| day.weekday() == *weekday))
        })
    }

    /// The first moment from now on outside of quiet hours in `zone`: these, or the studio's (rule 4.7).
    pub(super) fn leaves_at(&self, now: Timestamp, zone: &TimeZone, own: Option<ClockRange>) -> Timestamp {
        let Some(quiet) = own.or(self.policy.quiet_hours) else { return now };
        let mut at = now;
        for _ in 0..3 * 24 * 60 {
            if !inside(quiet, on_the_wall(at, zone)) {
                return at;
            }
            at = later(at, MINUTE);
            at = Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(60)).unwrap_or(at);
        }
        at
    }

    /// Whole studio days from one moment to another (rule 3.6).
    pub(super) fn studio_days(&self, from: Timestamp, to: Timestamp) -> i64 {
        let from = on_the_wall(from, &self.policy.zone).date();
        let to = on_the_wall(to, &self.policy.zone).date();
        to.duration_since(from).as_hours() / 24
    }
}
