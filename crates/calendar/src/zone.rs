//! The zones that a calendar names: those that everybody knows, those of Windows, and those that it defines itself.

use crate::expand::{Window, expand};
use crate::rule::Rule;
use crate::value::{self, Wall, Written};
use crate::windows::WINDOWS;
use crate::{Error, Work, days, limits};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, civil};

/// What tells instants from walls. Instants are seconds since 1970-01-01T00:00Z.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    Known(TimeZone),
    Defined(Defined),
}

/// A zone by its own rules.
#[derive(Clone, Debug)]
pub(crate) struct Defined {
    /// What holds before the first change.
    before: i64,
    /// In their order.
    changes: Vec<Change>,
}

#[derive(Clone, Copy, Debug)]
struct Change {
    /// When.
    instant: i64,
    /// The later of what the clock shows before and after it: from there on, walls mean the new offset. Up to there a
    /// wall that does not exist, or is there twice, means the old one (RFC 5545, 3.3.5).
    wall: Wall,
    /// Seconds east of UTC from then on.
    offset: i64,
}

/// A STANDARD or DAYLIGHT of a VTIMEZONE (3.6.5).
#[derive(Clone, Debug, Default)]
pub(crate) struct Observance {
    pub(crate) start: Option<Wall>,
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) dates: Vec<Written>,
    /// Something in it cannot be read.
    pub(crate) wrong: bool,
}

impl Clock {
    /// When the clock shows this: where twice, the first time; where never, as if it had not been set forward.
    pub(crate) fn instant(&self, wall: Wall) -> i64 {
        match self {
            Self::Known(zone) => {
                let instant = zone.to_ambiguous_timestamp(shown(wall)).compatible();
                instant.map_or(wall, Timestamp::as_second)
            }
            Self::Defined(zone) => zone.instant(wall),
        }
    }

    /// What the clock shows then.
    pub(crate) fn wall(&self, instant: i64) -> Wall {
        let offset = match self {
            Self::Known(zone) => zone.to_offset(moment(instant)).seconds().into(),
            Self::Defined(zone) => zone.offset(zone.changes.partition_point(|change| change.instant <= instant)),
        };
        instant + offset
    }

    /// The same clock, for some days in which very much is asked of it.
    pub(crate) fn near(&self, from: i64, to: i64) -> Near<'_> {
        let (first, last) = (from - 4 * days::DAY, to + 4 * days::DAY);
        let table = match self {
            Self::Defined(_) => None,
            Self::Known(zone) => Some(Defined::of_known(zone, first, last)),
        };
        Near { clock: self, from: self.wall(from), to: self.wall(to), first, last, table }
    }
}

/// A clock, and what is known of it around a range.
pub(crate) struct Near<'a> {
    pub(crate) clock: &'a Clock,
    /// What it shows when the range begins and ends.
    pub(crate) from: Wall,
    pub(crate) to: Wall,
    first: i64,
    last: i64,
    table: Option<Defined>,
}

impl Near<'_> {
    /// As [`Clock::instant`].
    pub(crate) fn instant(&self, wall: Wall) -> i64 {
        match &self.table {
            // No clock differs from UTC by more than a day and two hours.
            Some(table) if wall - 2 * days::DAY > self.first && wall + 2 * days::DAY < self.last => table.instant(wall),
            _ => self.clock.instant(wall),
        }
    }
}

impl Defined {
    fn instant(&self, wall: Wall) -> i64 {
        wall - self.offset(self.changes.partition_point(|change| change.wall <= wall))
    }

    /// What is known of a zone between two instants.
    fn of_known(zone: &TimeZone, first: i64, last: i64) -> Self {
        let before = i64::from(zone.to_offset(moment(first)).seconds());
        let last = moment(last);
        let mut offset = before;
        let changes = zone.following(moment(first)).take_while(|change| change.timestamp() <= last).map(|change| {
            let old = std::mem::replace(&mut offset, change.offset().seconds().into());
            let instant = change.timestamp().as_second();
            Change { instant, wall: instant + old.max(offset), offset }
        });
        Self { before, changes: changes.collect() }
    }

    fn offset(&self, passed: usize) -> i64 {
        passed.checked_sub(1).map_or(self.before, |last| self.changes[last].offset)
    }

    /// What the observances of a VTIMEZONE amount to, or nothing where one of them is not whole.
    pub(crate) fn new(observances: &[Observance], work: &mut Work) -> Result<Option<Self>, Error> {
        let mut onsets = Vec::new();
        for observance in observances {
            let (Some(start), Some(from), Some(to), false) =
                (observance.start, observance.from, observance.to, observance.wrong)
            else {
                return Ok(None);
            };
            onsets_of(observance, start, from, work, &mut |instant| {
                onsets.push((instant, from, to));
                if onsets.len() > limits::CHANGES { Err(Error::TooMuch("changes of a clock")) } else { Ok(()) }
            })?;
        }
        onsets.sort_unstable();
        let Some(&(_, before, _)) = onsets.first() else { return Ok(None) };
        let mut last = before;
        let mut changes: Vec<Change> = Vec::with_capacity(onsets.len());
        for (instant, _, offset) in onsets {
            // Definitions that contradict themselves must not put the walls out of their order.
            let wall = (instant + last.max(offset)).max(changes.last().map_or(Wall::MIN, |change| change.wall));
            changes.push(Change { instant, wall, offset });
            last = offset;
        }
        Ok(Some(Self { before, changes }))
    }
}

/// The instants with which an observance begins. Rules are followed from 1969 (what was before is one instant) to 2100.
fn onsets_of(
    observance: &Observance,
    start: Wall,
    from: i64,
    work: &mut Work,
    found: &mut dyn FnMut(i64) -> Result<(), Error>,
) -> Result<(), Error> {
    found(start - from)?;
    for date in &observance.dates {
        work.take(1)?;
        found(if date.utc { date.wall } else { date.wall - from })?;
    }
    for rule in &observance.rules {
        let last = rule.until.map_or(Wall::MAX, |until| if until.utc { until.wall + from } else { until.wall });
        let to = last.min(days::number(2101, 1, 1) * days::DAY);
        let window = Window { from: days::number(1969, 1, 1) * days::DAY, to };
        expand(rule, start, false, window, work, &mut |wall| found(wall - from))?;
    }
    Ok(())
}

/// The zone that a name means, where `defined` is the calendar's own definition of it. A definition does not matter where
/// everybody knows the name ("Europe/Berlin", also behind a registry's path, as in "/example.org/2026/Europe/Berlin"):
/// definitions are often cut short. It does for short names, which mean a fixed offset elsewhere ("EST"), and for those
/// of Windows.
pub(crate) fn clock(name: &str, defined: Option<Defined>) -> Option<Clock> {
    let name = name.trim();
    if name.len() > 128 {
        return None;
    }
    let known = |name: &str| TimeZone::get(name).ok().filter(|zone| !zone.is_unknown()).map(Clock::Known);
    let with_place = || {
        let mut rest = name.trim_start_matches('/');
        while rest.contains('/') {
            if let Some(zone) = known(rest) {
                return Some(zone);
            }
            if !name.starts_with('/') {
                return None;
            }
            rest = rest.split_once('/').map_or("", |(_, after)| after);
        }
        None
    };
    with_place()
        .or_else(|| defined.map(Clock::Defined))
        .or_else(|| known(name))
        .or_else(|| known(windows(name)?))
        .or_else(|| fixed(name))
}

fn windows(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("tzone://microsoft/").unwrap_or(&name);
    WINDOWS.binary_search_by_key(&name, |&(known, _)| known).ok().map(|place| WINDOWS[place].1)
}

/// "UTC+05:30", "GMT-0500", "Z".
fn fixed(name: &str) -> Option<Clock> {
    let offset = match name.strip_prefix("UTC").or_else(|| name.strip_prefix("GMT"))? {
        "" => 0,
        offset => value::offset(offset.replace(':', "").as_bytes())?,
    };
    let offset = Offset::from_seconds(i32::try_from(offset).ok()?).ok()?;
    Some(Clock::Known(TimeZone::fixed(offset)))
}

/// The instant of a number of seconds, or the nearest there is.
pub(crate) fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn shown(wall: Wall) -> civil::DateTime {
    Offset::UTC.to_datetime(moment(wall))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_names_are_in_order_and_known() {
        assert!(WINDOWS.is_sorted());
        for (name, zone) in WINDOWS {
            assert!(clock(name, None).is_some(), "{name}");
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
        }
    }

    #[test]
    fn names_are_read_as_producers_write_them() {
        let winter = |name: &str| clock(name, None).map(|clock| clock.wall(1_768_000_000) - 1_768_000_000);
        for (name, hours) in [
            ("America/New_York", -5),
            ("Eastern Standard Time", -5),
            ("/mozilla.org/20050126_1/America/New_York", -5),
            ("/freeassociation.sourceforge.net/Europe/Berlin", 1),
            ("tzone://Microsoft/Utc", 0),
            ("UTC", 0),
            ("GMT+0200", 2),
            ("UTC-05:00", -5),
            ("W. Europe Standard Time", 1),
        ] {
            assert_eq!(winter(name), Some(hours * 3_600), "{name}");
        }
        for name in ["", "Custom", "/", "a/b", "Eastern", "Berlin/Europe/Berlin"] {
            assert!(clock(name, None).is_none(), "{name}");
        }
    }
}
