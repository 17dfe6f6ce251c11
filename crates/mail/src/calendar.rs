//! Days and times to instants: the calendar, the zone, and what is over (rules 2.4 to 2.7).

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::context::{Context, DateOrder};
use crate::length;
use crate::reading::{Dropped, Time};
use crate::scan::Name;
use crate::schedule::Slot;
use crate::zones::{self, Said, Words, Zone};

/// When the mail was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sent {
    /// As the header says.
    At(Timestamp),
    /// As a forwarded header says: a wall clock of an unknown zone.
    Wall(DateTime),
    /// A forwarded header that cannot be read: days are counted from the forwarding, and words such as "Friday" are
    /// asked about.
    Unreadable(Timestamp),
}

/// What comes of the slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calendar {
    pub(crate) times: Vec<Time>,
    pub(crate) dropped: Vec<Dropped>,
    pub(crate) doubts: Vec<(String, String)>,
    /// Ranges too short for the session.
    pub(crate) too_short: Vec<String>,
    /// Times that name another zone and another instant than the client's.
    pub(crate) other_zone: Vec<String>,
}

struct Resolver<'a> {
    zone: &'a Zone,
    /// The labelled city, which may settle a zone beside a time.
    city: Option<&'a str>,
    sent: Sent,
    length: SignedDuration,
    context: &'a Context,
    out: Calendar,
    /// The instants that are in already.
    seen: Vec<Timestamp>,
    /// What the client's own times and ranges are.
    own: Vec<(Timestamp, Option<Timestamp>)>,
}

/// The starts that the slots give.
pub(crate) fn resolve(
    slots: &[Slot],
    zone: &Zone,
    city: Option<&str>,
    sent: Sent,
    length: SignedDuration,
    context: &Context,
) -> Calendar {
    let mut resolver =
        Resolver { zone, city, sent, length, context, out: Calendar::default(), seen: Vec::new(), own: Vec::new() };
    let (own, foreign): (Vec<&Slot>, Vec<&Slot>) = slots.iter().partition(|s| resolver.is_own(s));
    for slot in own {
        resolver.own.extend(resolver.bounds(slot, zone));
        resolver.slot(slot, zone);
    }
    for slot in foreign {
        resolver.foreign(slot);
    }
    resolver.out
}

impl Resolver<'_> {
    /// The time names no zone, or one that shows the client's clock at that moment.
    fn is_own(&self, slot: &Slot) -> bool {
        if slot.zones.is_empty() {
            return true;
        }
        let Some(said) = self.zone_of(&slot.zones) else { return false };
        if said.name == self.zone.name {
            return true;
        }
        let instant =
            |zone: &Zone| self.day(slot, zone).ok().and_then(|day| unambiguous(day.to_datetime(slot.from), zone).ok());
        instant(&said).is_some_and(|i| instant(self.zone) == Some(i))
    }

    fn zone_of(&self, said: &[Said]) -> Option<Zone> {
        let words = Words { said: said.to_vec(), unknown: Vec::new() };
        zones::settle(&words, self.city, self.context.now).ok()
    }

    /// A time in another zone must be one that the client's zone has given already.
    fn foreign(&mut self, slot: &Slot) {
        let said = self.zone_of(&slot.zones).and_then(|zone| self.bounds(slot, &zone));
        let same = said.is_some_and(|bounds| self.own.contains(&bounds));
        if !same {
            self.out.other_zone.push(slot.text.clone());
        }
    }

    /// The instants at which a time or range begins and ends.
    fn bounds(&self, slot: &Slot, zone: &Zone) -> Option<(Timestamp, Option<Timestamp>)> {
        let day = self.day(slot, zone).ok()?;
        let from = unambiguous(day.to_datetime(slot.from), zone).ok()?;
        let Some(to) = slot.to else { return Some((from, None)) };
        let day = if to > slot.from { day } else { next_day(day) };
        Some((from, Some(unambiguous(day.to_datetime(to), zone).ok()?)))
    }

    fn slot(&mut self, slot: &Slot, zone: &Zone) {
        let day = match self.day(slot, zone) {
            Ok(day) => day,
            Err(message) => {
                self.out.doubts.push((message, slot.text.clone()));
                return;
            }
        };
        match slot.to {
            None => self.single(day.to_datetime(slot.from), slot),
            Some(to) => {
                let from = day.to_datetime(slot.from);
                let end = if to > slot.from { day.to_datetime(to) } else { next_day(day).to_datetime(to) };
                self.range(from, end, slot);
            }
        }
    }

    fn single(&mut self, start: DateTime, slot: &Slot) {
        match unambiguous(start, self.zone) {
            Ok(instant) => self.add(instant),
            Err(reason) => {
                let message = match reason {
                    "happens_twice" => {
                        "The clocks go back that night: this time happens twice. Ask which one is meant."
                    }
                    _ => "The clocks go forward that night: this time does not exist. Ask for another time.",
                };
                self.out.doubts.push((message.to_owned(), slot.text.clone()));
            }
        }
    }

    /// Every start on the grid at which the whole session fits; the grid is the wall clock's.
    fn range(&mut self, from: DateTime, end: DateTime, slot: &Slot) {
        let last = end;
        let Ok(end) = unambiguous(end, self.zone) else {
            let message = "The clocks change at the end of this range. Enter the exact times.";
            self.out.doubts.push((message.to_owned(), slot.text.clone()));
            return;
        };
        let step = self.context.step.max(SignedDuration::from_mins(1));
        let mut start = from;
        let mut fits = false;
        for _ in 0..1_500 {
            match unambiguous(start, self.zone) {
                Ok(instant) if instant.checked_add(self.length).is_ok_and(|over| over <= end) => self.add(instant),
                // Such a start has no single instant: whether it lies in the range is the wall clock's to say.
                Err(reason) if start.checked_add(self.length).is_ok_and(|over| over <= last) => {
                    let start = format!("{start}[{}]", self.zone.name);
                    self.out.dropped.push(Dropped { start, reason: reason.to_owned() });
                }
                Ok(_) | Err(_) => break,
            }
            fits = true;
            let Ok(next) = start.checked_add(step) else { break };
            start = next;
        }
        if !fits {
            self.out.too_short.push(slot.text.clone());
        }
    }

    fn add(&mut self, instant: Timestamp) {
        if self.seen.contains(&instant) {
            return;
        }
        self.seen.push(instant);
        let start = instant.to_zoned(self.zone.clock.clone()).to_string();
        let earliest = self.context.now.checked_add(self.context.notice).unwrap_or(Timestamp::MAX);
        if instant < self.context.now {
            self.out.dropped.push(Dropped { start, reason: "past".to_owned() });
        } else if instant < earliest {
            self.out.dropped.push(Dropped { start, reason: "notice".to_owned() });
        } else {
            self.out.times.push(Time { start, length: length::iso(self.length) });
        }
    }

    // ---- days ----------------------------------------------------------------------------------------------------

    /// The wall clock of the client when the mail was written.
    fn written(&self, zone: &Zone) -> DateTime {
        match self.sent {
            Sent::At(instant) | Sent::Unreadable(instant) => instant.to_zoned(zone.clock.clone()).datetime(),
            Sent::Wall(wall) => wall,
        }
    }

    fn day(&self, slot: &Slot, zone: &Zone) -> Result<Date, String> {
        let written = self.written(zone);
        let relative = matches!(slot.day.name, Name::Weekday | Name::Today | Name::Tomorrow);
        if relative && matches!(self.sent, Sent::Unreadable(_)) {
            return Err(
                "The forwarded mail does not say when it was written, so this day is not certain. Enter the date."
                    .to_owned(),
            );
        }
        let day = match slot.day.name {
            Name::Date { year, month, day } => dated(year, month, day, slot, written)?,
            Name::Numbers { first, second, year } => self.numbers(first, second, year, slot, written)?,
            Name::Weekday => slot
                .day
                .weekday
                .and_then(|w| written.date().nth_weekday(1, w).ok())
                .ok_or("This day was not understood.")?,
            Name::Today => written.date(),
            Name::Tomorrow => next_day(written.date()),
        };
        if slot.day.weekday.is_some_and(|w| w != day.weekday()) {
            let message = format!("{} is a {}. Ask which day is meant.", day, weekday_name(day.weekday()));
            return Err(message);
        }
        let limit = self.context.now.to_zoned(zone.clock.clone()).date().checked_add(12.months()).unwrap_or(Date::MAX);
        if day > limit {
            return Err(format!("{day} is more than twelve months away. Check the year."));
        }
        Ok(day)
    }

    /// 4/5/2027, settled by a number over 12, equal numbers, the weekday or the setting, and by nothing else.
    fn numbers(
        &self,
        first: i8,
        second: i8,
        year: Option<i16>,
        slot: &Slot,
        written: DateTime,
    ) -> Result<Date, String> {
        let month_first = dated(year, first, second, slot, written);
        let day_first = dated(year, second, first, slot, written);
        let possible = |month: i8, day: i8| (1..=12).contains(&month) && (1..=31).contains(&day);
        match (possible(first, second), possible(second, first)) {
            (true, false) => month_first,
            (false, true) => day_first,
            (false, false) => Err("This date does not exist. Ask for the day.".to_owned()),
            (true, true) if first == second => month_first,
            (true, true) => {
                let fits = |d: &Result<Date, String>| d.as_ref().is_ok_and(|d| slot.day.weekday == Some(d.weekday()));
                match (fits(&month_first), fits(&day_first), self.context.date_order) {
                    (true, false, _) | (true, true, Some(DateOrder::Mdy)) | (false, false, Some(DateOrder::Mdy)) => month_first,
                    (false, true, _) | (true, true, Some(DateOrder::Dmy)) | (false, false, Some(DateOrder::Dmy)) => day_first,
                    (true, true, None) | (false, false, None) => Err("This date can be read with the day or the month first. Ask which is meant, or set intake.date_order.".to_owned()),
                }
            }
        }
    }
}

/// A date with its year, or the next such date after the mail.
fn dated(year: Option<i16>, month: i8, day: i8, slot: &Slot, written: DateTime) -> Result<Date, String> {
    let exists = |year: i16| Date::new(year, month, day).ok();
    if let Some(year) = year {
        return exists(year).ok_or_else(|| "This date does not exist. Ask for the day.".to_owned());
    }
    let last = slot.to.map_or(slot.from, |to| if to > slot.from { to } else { jiff::civil::Time::MAX });
    if exists(written.year()) == Some(written.date()) && written.date().to_datetime(last) <= written {
        return Err("The mail was written on this day, when the time was over. Ask which day is meant.".to_owned());
    }
    let ahead = |date: &Date| *date >= written.date();
    // A leap day may be some years away; more than twelve months ahead is asked about by the caller.
    (0..9)
        .filter_map(|n| exists(written.date().year() + n))
        .find(ahead)
        .ok_or_else(|| "This date does not exist. Ask for the day.".to_owned())
}

fn next_day(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

/// The instant of a wall clock time, or why there is not exactly one.
fn unambiguous(wall: DateTime, zone: &Zone) -> Result<Timestamp, &'static str> {
    let ambiguous = zone.clock.to_ambiguous_timestamp(wall);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => ambiguous.compatible().map_err(|_| "does_not_exist"),
        AmbiguousOffset::Gap { .. } => Err("does_not_exist"),
        AmbiguousOffset::Fold { .. } => Err("happens_twice"),
    }
}

fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

#[cfg(test)]
mod tests;
