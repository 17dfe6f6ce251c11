//! What the studio has settled: the settings that change what the rules decide.

use crate::roster::Musician;
use crate::span::Span;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The studio's settings as the rules read them.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The studio's zone: its local time is what every text says (rule 2.1).
    pub zone: TimeZone,
    /// When the studio is open; none means always (rule 3.1).
    pub opening_hours: Option<OpeningHours>,
    /// Sessions that lie inside these hours of the studio's day are tried first (rule 3.5).
    pub prime_hours: ClockRange,
    /// How long before its start an option is dead (rules 2.7, 4.10).
    pub notice: SignedDuration,
    /// Kept free before and after a musician's session (rule 3.2).
    pub travel_gap: SignedDuration,
    /// How long an unanswered wave is waited for (rule 4.3).
    pub patience: SignedDuration,
    /// The order in which musicians are asked (rule 3.6).
    pub ranking: Ranking,
    /// What becomes of offers when the next wave goes out (rule 4.5).
    pub previous_offers: PreviousOffers,
    /// What a NO sets off (rule 4.6).
    pub after_no: AfterNo,
    /// When no offer leaves, in the recipient's zone; none means that offers leave at any hour (rule 4.7).
    pub quiet_hours: Option<ClockRange>,
}

/// The order in which musicians are asked (rule 3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// Most recently booked first; never booked last.
    RecentFirst,
    /// Longest not booked first; never booked before all others.
    RestedFirst,
    /// By place in the call list alone.
    CallList,
}

/// What becomes of earlier offers when the next wave goes out (rule 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviousOffers {
    /// They can still be answered.
    StayOpen,
    /// They close.
    Void,
}

/// What a NO sets off (rule 4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterNo {
    /// Nothing, until patience has passed.
    Wait,
    /// The next wave at once.
    Next,
}

/// Hours of the day from `from` up to `to`; over midnight when `to` is not after `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockRange {
    /// The first moment inside.
    pub from: Time,
    /// The first moment after it; midnight (00:00) stands for the end of the day.
    pub to: Time,
}

impl ClockRange {
    /// The stretch that begins on `day` in `zone`. Wall-clock times that a clock change skips or repeats are read as
    /// RFC 5545 reads them: the later instant in a gap, the earlier one in a fold.
    #[must_use]
    pub fn on(&self, day: Date, zone: &TimeZone) -> Option<Span> {
        let last = if self.to > self.from { day } else { day.tomorrow().ok()? };
        let start = day.to_datetime(self.from).to_zoned(zone.clone()).ok()?;
        let end = last.to_datetime(self.to).to_zoned(zone.clone()).ok()?;
        Some(Span { start: start.timestamp(), end: end.timestamp() })
    }

    /// The occurrence that contains `instant`, if there is one.
    #[must_use]
    pub fn around(&self, instant: Timestamp, zone: &TimeZone) -> Option<Span> {
        days(&Span { start: instant, end: instant }, zone)
            .filter_map(|day| self.on(day, zone))
            .find(|span| span.start <= instant && instant < span.end)
    }
}

/// The days on which a range can begin that has to do with `span`. It may run over midnight, and where a clock leaves out
/// a whole day over two; where a clock goes back over midnight, the day before comes a second time.
fn days(span: &Span, zone: &TimeZone) -> impl Iterator<Item = Date> {
    let [start, end] = [span.start, span.end].map(|at| at.to_zoned(zone.clone()).date());
    let first = start.min(end).saturating_sub(2.days());
    let last = start.max(end).saturating_add(1.day());
    first.series(1.day()).take_while(move |day| *day <= last)
}

/// Opening hours for each day of the week, Monday first; a day without ranges is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningHours {
    days: [Vec<ClockRange>; 7],
}

impl OpeningHours {
    /// Opens the studio on `day` for one more range.
    pub fn open(&mut self, day: Weekday, range: ClockRange) {
        self.days[usize::from(day.to_monday_zero_offset().unsigned_abs())].push(range);
    }

    /// When the studio opens on a day of the week.
    #[must_use]
    pub fn on(&self, day: Weekday) -> &[ClockRange] {
        &self.days[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }

    /// When the studio opens on the days around `span`, in order.
    #[must_use]
    pub fn around(&self, span: &Span, zone: &TimeZone) -> Vec<Span> {
        let mut open = Vec::new();
        for day in days(span, zone) {
            open.extend(self.on(day.weekday()).iter().filter_map(|range| range.on(day, zone)));
        }
        open.sort_unstable();
        open
    }

    /// Whether the whole of `span` is inside opening hours. Ranges that touch, also over midnight, count as one.
    #[must_use]
    pub fn contain(&self, span: &Span, zone: &TimeZone) -> bool {
        let mut reached = span.start;
        for range in self.around(span, zone) {
            if range.start <= reached && reached < range.end {
                reached = range.end;
            }
        }
        reached >= span.end
    }
}

/// By which quiet hours somebody is texted (rule 4.7).
#[derive(Clone, Copy, Debug)]
pub struct Night<'a> {
    /// By whose clock.
    pub zone: &'a TimeZone,
    /// Their own hours; without any, the studio's count.
    pub own: Option<ClockRange>,
}

impl<'a> From<&'a TimeZone> for Night<'a> {
    fn from(zone: &'a TimeZone) -> Self {
        Self { zone, own: None }
    }
}

impl<'a> From<&'a Musician> for Night<'a> {
    fn from(musician: &'a Musician) -> Self {
        Self { zone: &musician.zone, own: musician.quiet_hours }
    }
}

impl Policy {
    /// Whether the studio is open for the whole of a time (rule 3.1).
    #[must_use]
    pub fn is_open(&self, time: &Span) -> bool {
        self.opening_hours.as_ref().is_none_or(|hours| hours.contain(time, &self.zone))
    }

    /// The moment from which an option can no longer be booked (rule 4.10).
    #[must_use]
    pub fn end_of(&self, time: &Span) -> Timestamp {
        time.start.saturating_sub(self.notice).unwrap_or(Timestamp::MIN)
    }

    /// The quiet hours of somebody: their own, else the studio's (rule 4.7).
    fn quiet_of(&self, night: &Night<'_>) -> Option<ClockRange> {
        night.own.or(self.quiet_hours)
    }

    /// The earliest moment, not before `now`, at which an offer may leave for somebody (rule 4.7).
    #[must_use]
    pub fn may_leave<'a>(&self, now: Timestamp, whose: impl Into<Night<'a>>) -> Timestamp {
        let night = whose.into();
        let Some(hours) = self.quiet_of(&night) else { return now };
        let mut leaves = now;
        // Where the clock skips the only hour that is not quiet, the next quiet hours begin as these end.
        while let Some(quiet) = hours.around(leaves, night.zone) {
            leaves = quiet.end;
        }
        leaves
    }

    /// When quiet hours begin next for somebody, seen from a moment outside them (rule 4.7); never when they are
    /// off.
    #[must_use]
    pub fn quiet_from<'a>(&self, now: Timestamp, whose: impl Into<Night<'a>>) -> Option<Timestamp> {
        let night = whose.into();
        let (hours, zone) = (self.quiet_of(&night)?, night.zone);
        let soon =
            Span { start: now, end: now.saturating_add(SignedDuration::from_hours(48)).unwrap_or(Timestamp::MAX) };
        days(&soon, zone)
            .filter_map(|day| hours.on(day, zone))
            .map(|quiet| quiet.start)
            .filter(|start| *start > now)
            .min()
    }

    /// Whether the whole session lies inside prime hours of a studio day (rule 3.5).
    #[must_use]
    pub fn is_prime(&self, time: &Span) -> bool {
        self.prime_hours.around(time.start, &self.zone).is_some_and(|prime| time.end <= prime.end)
    }
}
