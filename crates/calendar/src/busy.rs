//! When a calendar blocks time (rules 3.1 and 3.2).

use crate::days::DAY;
use crate::expand::{Window, expand};
use crate::read::{Calendar, OWNER, Zone};
use crate::rule::Rule;
use crate::series::{Ends, Event, Moment, Series, Standing};
use crate::value::Wall;
use crate::zone::{Clock, Near, moment};
use crate::{Error, Work, limits};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;

/// What of a calendar blocks time.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Whether something tentative does.
    pub tentative_blocks: bool,
    /// Whether an event of this UID is one that we wrote: it blocks nothing, because the session that it stands for does.
    pub ours: &'a dyn Fn(&str) -> bool,
}

impl Calendar {
    /// When it blocks time within `range`: half-open spans that do not touch, cut to the range, in their order. Days, and
    /// times without a zone, are those of `owner`.
    ///
    /// # Errors
    /// Where that cannot be said: a zone that nobody knows, or more work than may be done. The calendar is then unknown,
    /// not free (rule 3.3).
    pub fn busy(&self, range: Span, owner: &TimeZone, reading: &Reading<'_>) -> Result<Vec<Span>, Error> {
        let owner = Clock::Known(owner.clone());
        let (from, to) = (range.start.as_second() - 1, range.end.as_second() + 1);
        let clocks = self.zones.iter().map(|zone| match zone {
            Zone::Known(clock) => clock.near(from, to),
            Zone::Owner | Zone::Unknown(_) => owner.near(from, to),
        });
        let clocks: Vec<Near<'_>> = clocks.collect();
        let mut look = Look { calendar: self, clocks: &clocks, reading, from, to, found: Vec::new() };
        let mut work = Work::new();
        for series in self.series.iter().filter(|series| !(reading.ours)(&series.uid)) {
            look.series(series, &mut work)?;
        }
        for &(start, ends, standing) in &self.periods {
            if look.blocks(standing) {
                work.take(EACH)?;
                look.add(start, look.length(start, ends))?;
            }
        }
        Ok(merged(look.found, range))
    }
}

/// One question.
struct Look<'a> {
    calendar: &'a Calendar,
    /// Those of the calendar's zones.
    clocks: &'a [Near<'a>],
    reading: &'a Reading<'a>,
    from: i64,
    to: i64,
    /// Starts and ends, as instants.
    found: Vec<(i64, i64)>,
}

/// A length that is known.
#[derive(Clone, Copy)]
enum Length {
    /// The same exact length for every instance (RFC 5545, 3.8.5.3: an event with DTEND).
    Exact(i64),
    /// Calendar days, and an exact length after them (an event with DURATION, or of days).
    Nominal { days: i64, seconds: i64 },
}

/// What changes the instances of a series, by its own walls. Each list is in order.
#[derive(Default)]
struct Changes<'a> {
    walls: Vec<Wall>,
    days: Vec<i64>,
    instants: Vec<i64>,
    follow: Vec<Follow<'a>>,
}

/// A change of an instance and of all that come after it.
struct Follow<'a> {
    from: Wall,
    /// By how much they are moved.
    moved: i64,
    event: &'a Event,
    length: Length,
    /// Where they are told.
    told: Moment,
}

/// More than any two clocks, and any two sides of a change of one, differ.
const SLACK: i64 = 2 * DAY;

/// What an event or a listed date costs, in candidates of a rule: its zone is looked up.
const EACH: u64 = 10;

impl<'a> Look<'a> {
    fn blocks(&self, standing: Standing) -> bool {
        match standing {
            Standing::Free => false,
            Standing::Tentative => self.reading.tentative_blocks,
            Standing::Busy => true,
        }
    }

    /// The clock of a zone; that of the owner where nobody knows it.
    fn near(&self, zone: u32) -> &'a Near<'a> {
        &self.clocks[zone as usize]
    }

    /// The name of a zone that nobody knows.
    fn unknown(&self, zone: u32) -> Option<&'a str> {
        match &self.calendar.zones[zone as usize] {
            Zone::Owner | Zone::Known(_) => None,
            Zone::Unknown(name) => Some(name),
        }
    }

    fn wall(&self, zone: u32, instant: i64) -> Wall {
        self.near(zone).clock.wall(instant)
    }

    fn instant(&self, moment: Moment) -> i64 {
        self.near(moment.zone).instant(moment.wall)
    }

    fn series(&mut self, series: &Series, work: &mut Work) -> Result<(), Error> {
        work.take(EACH * (series.masters.len() + series.overrides.len()) as u64)?;
        for master in &series.masters {
            let changes = self.changes(master, &series.overrides, work)?;
            if self.blocks(master.standing) || changes.follow.iter().any(|follow| self.blocks(follow.event.standing)) {
                self.instances(master, &changes, work)?;
            }
        }
        self.overrides(&series.overrides, work)
    }

    /// Changed instances. They block whether or not the series has them: what a producer left in is meant.
    fn overrides(&mut self, overrides: &[Event], work: &mut Work) -> Result<(), Error> {
        let mut latest: Vec<(i64, &Event)> = Vec::with_capacity(overrides.len());
        for event in overrides {
            latest.extend(event.instead_of.map(|instead_of| (self.instant(instead_of.instance), event)));
        }
        // Of several that stand for the same instance, the latest is true.
        latest.sort_by_key(|&(key, event)| (key, event.version));
        for (place, &(key, event)) in latest.iter().enumerate() {
            if latest.get(place + 1).is_none_or(|&(next, _)| next != key) && self.blocks(event.standing) {
                self.instances(event, &Changes::default(), work)?;
            }
        }
        Ok(())
    }

    fn changes<'e>(&self, master: &Event, overrides: &'e [Event], work: &mut Work) -> Result<Changes<'e>, Error> {
        let mut changes = Changes::default();
        work.take(EACH * (master.without.len() + overrides.len()) as u64)?;
        for &without in &master.without {
            self.leave_out(master.start, without, &mut changes);
        }
        for event in overrides {
            let Some(instead_of) = event.instead_of else { continue };
            let Some(from) = self.leave_out(master.start, instead_of.instance, &mut changes) else { continue };
            if instead_of.and_future {
                let told = self.told(master.start, event.start);
                let length = self.length(event.start, event.ends);
                changes.follow.push(Follow { from, moved: told.wall - from, event, length, told });
            }
        }
        changes.walls.sort_unstable();
        changes.days.sort_unstable();
        changes.instants.sort_unstable();
        changes.follow.sort_by_key(|follow| (follow.from, follow.event.version));
        Ok(changes)
    }

    /// Leaves out the instance of this moment, and gives its wall. A day means the instance of that day, and a time
    /// without a zone is told where the series is. Nothing is left out, and there is no wall, where that is not known.
    fn leave_out(&self, start: Moment, moment: Moment, changes: &mut Changes<'_>) -> Option<Wall> {
        let day = moment.wall.div_euclid(DAY);
        if start.date || moment.date {
            changes.days.push(day);
            return Some(day * DAY + start.wall.rem_euclid(DAY));
        }
        let floating = matches!(self.calendar.zones[moment.zone as usize], Zone::Owner);
        if moment.zone == start.zone || floating {
            changes.walls.push(moment.wall);
            return Some(moment.wall);
        }
        if self.unknown(moment.zone).or(self.unknown(start.zone)).is_some() {
            return None;
        }
        let instant = self.instant(moment);
        changes.instants.push(instant);
        Some(self.wall(start.zone, instant))
    }

    /// Where the start of what follows a changed instance is told: by the clock of the series where it was given in UTC,
    /// so that what follows is not moved by an hour when that clock is.
    fn told(&self, series: Moment, changed: Moment) -> Moment {
        let zone = &self.calendar.zones[changed.zone as usize];
        let utc = matches!(zone, Zone::Known(Clock::Known(zone)) if *zone == TimeZone::UTC);
        if series.date || changed.date || !utc {
            return changed;
        }
        Moment { wall: self.wall(series.zone, self.instant(changed)), ..series }
    }

    fn length(&self, start: Moment, ends: Ends) -> Length {
        match ends {
            Ends::Unsaid => Length::Nominal { days: i64::from(start.date), seconds: 0 },
            // A last day that is the first is what some write for one day, although the end is not included (3.6.1).
            Ends::At(end) if start.date && end.date => {
                Length::Nominal { days: ((end.wall - start.wall) / DAY).max(1), seconds: 0 }
            }
            Ends::At(end) => Length::Exact(self.instant(end) - self.instant(start)),
            Ends::After(length) => Length::Nominal { days: length.days, seconds: length.seconds },
        }
    }

    /// All instances of an event that are not changed, and those that follow a changed one.
    fn instances(&mut self, event: &Event, changes: &Changes<'_>, work: &mut Work) -> Result<(), Error> {
        let length = self.length(event.start, event.ends);
        if matches!(length, Length::Exact(..0)) && self.blocks(event.standing) {
            return Err(Error::Value { line: event.line, name: "DTEND" });
        }
        let near = self.near(event.start.zone);
        let longest = changes.follow.iter().map(|follow| follow.length.most()).fold(length.most(), i64::max);
        let moved = changes.follow.iter().map(|follow| follow.moved.abs()).max().unwrap_or_default();
        let window = Window { from: near.from - longest - moved - SLACK, to: near.to + moved + SLACK };
        if (window.from..=window.to).contains(&event.start.wall) {
            self.instance(event, event.start, length, changes)?;
        }
        for rule in &event.rules {
            let (last, instant) = self.until(rule, event.start);
            let window = Window { to: window.to.min(last), ..window };
            expand(rule, event.start.wall, event.start.date, window, work, &mut |wall| {
                if instant.is_some_and(|last| near.instant(wall) > last) {
                    return Ok(());
                }
                self.instance(event, Moment { wall, ..event.start }, length, changes)
            })?;
        }
        work.take(EACH * event.dates.len() as u64)?;
        for &(start, ends) in &event.dates {
            let as_all = ends == Ends::Unsaid && (event.start.date || !start.date);
            let length = if as_all { length } else { self.length(start, ends) };
            self.instance(event, start, length, changes)?;
        }
        Ok(())
    }

    /// The last wall of a rule, and the last instant where it is said as one. A day is meant whole.
    fn until(&self, rule: &Rule, start: Moment) -> (Wall, Option<i64>) {
        let Some(until) = rule.until else { return (Wall::MAX, None) };
        match (start.date, until.date, until.utc) {
            (_, true, _) => (until.wall + DAY - 1, None),
            // The RFC has a day here. What others write is the last moment of the day, where they are.
            (true, false, true) => (until.wall.max(self.wall(OWNER, until.wall)), None),
            (true | false, false, false) => (until.wall, None),
            (false, false, true) => (until.wall + SLACK, Some(until.wall)),
        }
    }

    fn instance(
        &mut self,
        event: &Event,
        mut start: Moment,
        mut length: Length,
        changes: &Changes<'_>,
    ) -> Result<(), Error> {
        let mut standing = event.standing;
        if !changes.is_empty() {
            let zone = event.start.zone;
            let wall = if start.zone == zone { start.wall } else { self.wall(zone, self.instant(start)) };
            if changes.leave_out(wall, self.near(zone)) {
                return Ok(());
            }
            let passed = changes.follow.partition_point(|follow| follow.from <= wall);
            if let Some(follow) = passed.checked_sub(1).map(|last| &changes.follow[last]) {
                (standing, length) = (follow.event.standing, follow.length);
                start = Moment { wall: wall + follow.moved, ..follow.told };
            }
        }
        if self.blocks(standing) { self.add(start, length) } else { Ok(()) }
    }

    fn add(&mut self, start: Moment, length: Length) -> Result<(), Error> {
        let clock = self.near(start.zone);
        let begins = clock.instant(start.wall);
        let ends = match length {
            Length::Exact(seconds) | Length::Nominal { days: 0, seconds } => begins + seconds,
            Length::Nominal { days, seconds } => clock.instant(start.wall + days * DAY) + seconds,
        };
        if let Some(name) = self.unknown(start.zone)
            && ends + SLACK > self.from
            && begins - SLACK < self.to
        {
            return Err(Error::Zone(name.to_owned()));
        }
        if ends <= begins || ends <= self.from || begins >= self.to {
            return Ok(());
        }
        if let Some((first, last)) = self.found.last_mut()
            && (*first..=*last).contains(&begins)
        {
            *last = ends.max(*last);
            return Ok(());
        }
        self.found.push((begins, ends));
        if self.found.len() < limits::FOUND {
            return Ok(());
        }
        // Many events at the same time are few pieces of it.
        self.found = joined(std::mem::take(&mut self.found));
        if self.found.len() > limits::FOUND / 2 { Err(Error::TooMuch("events in the range")) } else { Ok(()) }
    }
}

impl Length {
    /// What no instance is longer than, in seconds.
    fn most(self) -> i64 {
        match self {
            Self::Exact(seconds) => seconds.max(0),
            Self::Nominal { days, seconds } => days * DAY + seconds,
        }
    }
}

impl Changes<'_> {
    fn is_empty(&self) -> bool {
        self.walls.is_empty() && self.days.is_empty() && self.instants.is_empty() && self.follow.is_empty()
    }

    fn leave_out(&self, wall: Wall, clock: &Near<'_>) -> bool {
        self.walls.binary_search(&wall).is_ok()
            || self.days.binary_search(&wall.div_euclid(DAY)).is_ok()
            || (!self.instants.is_empty() && self.instants.binary_search(&clock.instant(wall)).is_ok())
    }
}

fn merged(found: Vec<(i64, i64)>, range: Span) -> Vec<Span> {
    let cut = |(begins, ends)| Span { start: moment(begins).max(range.start), end: moment(ends).min(range.end) };
    joined(found).into_iter().map(cut).filter(|span| span.start < span.end).collect()
}

/// The same time in as few pieces as possible, in their order.
fn joined(mut found: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    found.sort_unstable();
    found.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    found
}
