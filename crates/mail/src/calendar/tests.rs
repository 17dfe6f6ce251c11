//! Every change of every clock from 2000 to 2040 (rule 2.4).

use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

use super::{Calendar, Sent, resolve};
use crate::context::Context;
use crate::scan::{Day, Name};
use crate::schedule::Slot;
use crate::zones::Zone;

/// One change of a clock, told from the offsets on both sides alone: the wall clock's readings from `from` up to `to`
/// do not exist, or happen twice.
#[derive(PartialEq, Eq, Hash)]
struct Change {
    at: Timestamp,
    from: DateTime,
    to: DateTime,
    /// What must be added to a reading before it, and to one after it, to have UTC.
    before: SignedDuration,
    after: SignedDuration,
}

impl Change {
    fn is_gap(&self) -> bool {
        self.before > self.after
    }

    /// The moment of a reading that happens once; none inside the change.
    fn moment(&self, wall: DateTime) -> Option<Timestamp> {
        let offset = match () {
            () if wall < self.from => self.before,
            () if wall >= self.to => self.after,
            () => return None,
        };
        Some(utc(wall.checked_add(offset).unwrap()))
    }
}

fn utc(wall: DateTime) -> Timestamp {
    wall.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

fn changes(clock: &TimeZone) -> Vec<Change> {
    let since = "2000-01-01T00:00Z".parse().unwrap();
    let until: Timestamp = "2041-01-01T00:00Z".parse().unwrap();
    let mut before = clock.to_offset(since);
    let mut changes = Vec::new();
    for change in clock.following(since).take_while(|change| change.timestamp() < until) {
        let (at, after) = (change.timestamp(), change.offset());
        if before != after {
            let (one, other) = (before.to_datetime(at), after.to_datetime(at));
            let [before, after] = [before, after].map(|o| SignedDuration::from_secs(-i64::from(o.seconds())));
            changes.push(Change { at, from: one.min(other), to: one.max(other), before, after });
        }
        before = change.offset();
    }
    changes
}

fn slot(date: Date, from: DateTime, to: Option<DateTime>) -> Slot {
    let day = Day { name: Name::Date { year: Some(date.year()), month: date.month(), day: date.day() }, weekday: None };
    Slot { day, from: from.time(), to: to.map(DateTime::time), zones: Vec::new(), text: from.to_string() }
}

fn read(slots: &[Slot], zone: &Zone, change: &Change) -> Calendar {
    let now = change.at - SignedDuration::from_hours(72);
    let context = Context::new(now, TimeZone::UTC);
    resolve(slots, zone, None, Sent::At(now), SignedDuration::from_mins(30), &context)
}

fn instants(calendar: &Calendar) -> Vec<Timestamp> {
    let instant = |start: &str| start.parse::<jiff::Zoned>().unwrap().timestamp();
    calendar.times.iter().map(|time| instant(&time.start)).collect()
}

/// A single time is a moment where the clock shows it once, and a doubt where it shows it never or twice.
fn single_times(zone: &Zone, change: &Change) {
    let minute = SignedDuration::from_mins(1);
    let inside = [change.from, change.from + (change.from.duration_until(change.to) / 2), change.to - minute];
    let outside = [change.from - minute, change.to];
    let slots: Vec<Slot> = inside.iter().chain(&outside).map(|&wall| slot(wall.date(), wall, None)).collect();
    let calendar = read(&slots, zone, change);
    let expected: Vec<Timestamp> = outside.iter().filter_map(|&wall| change.moment(wall)).collect();
    assert_eq!(instants(&calendar), expected, "{} {}", zone.name, change.at);
    let why = if change.is_gap() { "does not exist" } else { "happens twice" };
    let doubts: Vec<&str> = calendar.doubts.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(doubts, inside.map(|wall| wall.to_string()), "{} {}", zone.name, change.at);
    assert!(calendar.doubts.iter().all(|(message, _)| message.contains(why)), "{} {}", zone.name, change.at);
}

/// A range gives every start that the clock shows once, and names the others.
fn range(zone: &Zone, change: &Change) {
    let (from, to) = (change.from - SignedDuration::from_hours(2), change.to + SignedDuration::from_hours(3));
    let calendar = read(&[slot(from.date(), from, Some(to))], zone, change);
    let starts: Vec<DateTime> =
        (0..24).map(|n| from + SignedDuration::from_hours(1) * n).filter(|start| *start < to).collect();
    let expected: Vec<Timestamp> = starts.iter().filter_map(|&start| change.moment(start)).collect();
    assert_eq!(instants(&calendar), expected, "{} {}", zone.name, change.at);
    let why = if change.is_gap() { "does_not_exist" } else { "happens_twice" };
    let named: Vec<String> = starts
        .iter()
        .filter(|start| change.moment(**start).is_none())
        .map(|start| format!("{start}[{}] {why}", zone.name))
        .collect();
    let dropped: Vec<String> = calendar.dropped.iter().map(|d| format!("{} {}", d.start, d.reason)).collect();
    assert_eq!(dropped, named, "{} {}", zone.name, change.at);
}

#[test]
fn every_change_of_every_clock_is_a_doubt_and_not_a_guess_2_4() {
    let mut clocks = HashSet::new();
    for name in TimeZoneDatabase::bundled().available() {
        let zone = Zone { name: name.to_string(), clock: TimeZone::get(name.as_str()).unwrap() };
        let changes = changes(&zone.clock);
        // Some zones are one clock under several names.
        if clocks.contains(&changes) {
            continue;
        }
        for change in &changes {
            single_times(&zone, change);
            // Where a whole day is left out, no range has its ends on both sides.
            if change.from.duration_until(change.to) <= SignedDuration::from_hours(12) {
                range(&zone, change);
            }
        }
        clocks.insert(changes);
    }
    let seen: usize = clocks.iter().map(Vec::len).sum();
    assert!(clocks.len() > 150 && seen > 5_000, "only {} clocks, {seen} changes", clocks.len());
}
