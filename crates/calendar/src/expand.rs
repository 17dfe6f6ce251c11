//! What a rule of recurrence means (RFC 5545, 3.3.10): walls, in their order, between two walls.
//!
//! A rule is a row of periods (years, months, … seconds), every `interval`-th of which has instances. Where nothing is
//! counted, the first period that matters is found by division: a rule that began decades ago costs nothing more.

use crate::days::{self, DAY};
use crate::rule::{Frequency, Rule};
use crate::value::Wall;
use crate::{Error, Work};
use std::ops::ControlFlow;

/// The part of a recurrence that is asked for: walls from `from` to `to`, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) from: Wall,
    pub(crate) to: Wall,
}

/// Calls `each` with every wall after `start` that the rule gives in the window. `start` itself is the first instance
/// whether the rule gives it or not (3.8.5.3), and it counts: it is the caller's.
pub(crate) fn expand(
    rule: &Rule,
    start: Wall,
    date: bool,
    window: Window,
    work: &mut Work,
    each: &mut dyn FnMut(Wall) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut expansion = Expansion::new(rule, start, date, window);
    work.take(expansion.times.len() as u64)?;
    let positions = rule.positions.len() as u64;
    let mut set = Vec::new();
    let mut index = expansion.first();
    loop {
        work.take(expansion.day_costs())?;
        let begins = expansion.begins(index);
        if begins > window.to.min(LAST) {
            return Ok(());
        }
        if let Some(later) = expansion.passes_over(index, begins) {
            index = later;
            continue;
        }
        set.clear();
        expansion.days_of(index, begins, &mut set);
        work.take(expansion.looked_at + positions)?;
        if expansion.instances(begins, &set, work, each)?.is_break() {
            return Ok(());
        }
        let Some(next) = expansion.next(index) else { return Ok(()) };
        index = next;
    }
}

/// The end of the year 9999: later walls cannot be written down.
const LAST: Wall = 253_402_300_799;

/// A rule with what it leaves to DTSTART filled in.
struct Expansion<'a> {
    rule: &'a Rule,
    start: Wall,
    window: Window,
    /// Instances that are left, where they are counted.
    left: Option<u64>,
    months: u16,
    month_days: (u32, u32),
    weekdays: u8,
    hours: u32,
    /// Seconds of the period (a day, an hour or a minute) at which instances are, in their order.
    times: Vec<i64>,
    looked_at: u64,
}

impl<'a> Expansion<'a> {
    fn new(rule: &'a Rule, start: Wall, date: bool, window: Window) -> Self {
        let day = days::civil(start.div_euclid(DAY));
        let mut full = Self {
            rule,
            start,
            window,
            left: rule.count.map(|count| count - 1),
            months: rule.months,
            month_days: rule.month_days,
            weekdays: rule.weekdays,
            hours: if date { 0 } else { rule.hours },
            times: if date { vec![0] } else { times(rule, start) },
            looked_at: 0,
        };
        let days_said =
            rule.month_days != (0, 0) || !rule.year_days.is_empty() || rule.weekdays != 0 || !rule.numbered.is_empty();
        let weekday = 1 << days::weekday(start.div_euclid(DAY));
        match rule.frequency {
            _ if days_said => {}
            Frequency::Yearly if rule.weeks != (0, 0) => full.weekdays = weekday,
            Frequency::Yearly => {
                full.month_days.0 = 1 << day.day;
                if rule.months == 0 {
                    full.months = 1 << day.month;
                }
            }
            Frequency::Monthly => full.month_days.0 = 1 << day.day,
            Frequency::Weekly => full.weekdays = weekday,
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {}
        }
        full
    }

    /// The period in which a wall is.
    fn index_of(&self, wall: Wall) -> i64 {
        let day = wall.div_euclid(DAY);
        match self.rule.frequency {
            Frequency::Yearly => days::civil(day).year,
            Frequency::Monthly => {
                let civil = days::civil(day);
                civil.year * 12 + i64::from(civil.month) - 1
            }
            Frequency::Weekly => (day + 3 - i64::from(self.rule.week_start)).div_euclid(7),
            Frequency::Daily => day,
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => wall.div_euclid(self.length()),
        }
    }

    /// The wall with which a period begins.
    fn begins(&self, index: i64) -> Wall {
        match self.rule.frequency {
            Frequency::Yearly => days::number(index, 1, 1) * DAY,
            Frequency::Monthly => {
                let month = u8::try_from(index.rem_euclid(12)).unwrap_or_default() + 1;
                days::number(index.div_euclid(12), month, 1) * DAY
            }
            Frequency::Weekly => (index * 7 - 3 + i64::from(self.rule.week_start)) * DAY,
            Frequency::Daily => index * DAY,
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => index * self.length(),
        }
    }

    /// How long a period is, of those that are shorter than a day.
    fn length(&self) -> i64 {
        match self.rule.frequency {
            Frequency::Secondly => 1,
            Frequency::Minutely => 60,
            Frequency::Hourly => 3_600,
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => DAY,
        }
    }

    /// The first period to look at: that of DTSTART where instances are counted, else the last that begins before the
    /// window.
    fn first(&self) -> i64 {
        let first = self.index_of(self.start);
        if self.left.is_some() || self.window.from <= self.start {
            return first;
        }
        first + (self.index_of(self.window.from) - first) / self.rule.interval * self.rule.interval
    }

    /// The period after this one; where every period has as many instances as any other, the one in which the window
    /// begins, and those in between are counted without being looked at. None where none are left.
    fn next(&mut self, index: i64) -> Option<i64> {
        let next = index + self.rule.interval;
        let (Some(left), Some(each)) = (self.left, self.each_period()) else { return Some(next) };
        let periods = (self.index_of(self.window.from) - next).max(0) / self.rule.interval;
        self.left = Some(left.checked_sub(u64::try_from(periods).ok()?.saturating_mul(each))?);
        Some(next + periods * self.rule.interval)
    }

    /// How many instances each period has, where that is sure.
    fn each_period(&self) -> Option<u64> {
        let rule = self.rule;
        let filtered = rule.months != 0
            || rule.month_days != (0, 0)
            || rule.weeks != (0, 0)
            || !rule.year_days.is_empty()
            || !rule.positions.is_empty();
        let days = match self.rule.frequency {
            _ if filtered => None,
            Frequency::Weekly => Some(u64::from(self.weekdays.count_ones())),
            Frequency::Daily => (self.weekdays == 0).then_some(1),
            Frequency::Yearly | Frequency::Monthly | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                None
            }
        };
        days.map(|days| days * self.times.len() as u64)
    }

    /// Where a period that is shorter than a day lies in a day, an hour or a minute that the rule leaves out: the first
    /// period behind that.
    fn passes_over(&self, index: i64, begins: Wall) -> Option<i64> {
        if self.rule.frequency >= Frequency::Daily {
            return None;
        }
        let of_day = begins.rem_euclid(DAY);
        let over = if !self.matches(begins.div_euclid(DAY)) {
            DAY
        } else if !said(self.hours.into(), of_day / 3_600) {
            3_600
        } else if self.rule.frequency < Frequency::Hourly && !said(self.rule.minutes, of_day / 60 % 60) {
            60
        } else if self.rule.frequency == Frequency::Secondly && !said(self.rule.seconds, of_day % 60) {
            1
        } else {
            return None;
        };
        let target = (begins.div_euclid(over) + 1) * over / self.length();
        let steps = (target.max(index + 1) - index + self.rule.interval - 1) / self.rule.interval;
        Some(index + steps * self.rule.interval)
    }

    /// The days of a period on which instances are, in their order, as walls.
    fn days_of(&mut self, index: i64, begins: Wall, set: &mut Vec<Wall>) {
        let first = begins.div_euclid(DAY);
        self.looked_at = 0;
        match self.rule.frequency {
            Frequency::Yearly => {
                let mut first = first;
                for month in 1..=12 {
                    let length = i64::from(days::of_month(index, month));
                    if said(self.months.into(), month.into()) {
                        self.add_days(first, length, set);
                    }
                    first += length;
                }
            }
            Frequency::Monthly => {
                let civil = days::civil(first);
                if said(self.months.into(), civil.month.into()) {
                    self.add_days(first, days::of_month(civil.year, civil.month).into(), set);
                }
            }
            Frequency::Weekly => self.add_days(first, 7, set),
            Frequency::Daily => self.add_days(first, 1, set),
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => set.push(begins),
        }
    }

    fn add_days(&mut self, first: i64, length: i64, set: &mut Vec<Wall>) {
        self.looked_at += length.unsigned_abs() * self.day_costs();
        set.extend((first..first + length).filter(|&day| self.matches(day)).map(|day| day * DAY));
    }

    /// What it costs to know whether a day is one of the rule's.
    fn day_costs(&self) -> u64 {
        1 + (self.rule.year_days.len() + self.rule.numbered.len()) as u64 / 16
    }

    /// Whether a day is one of the rule's.
    fn matches(&self, day: i64) -> bool {
        let weekday = days::weekday(day);
        if self.rule.numbered.is_empty() && self.weekdays != 0 && self.weekdays >> weekday & 1 == 0 {
            return false;
        }
        let rest = (self.months, self.month_days, self.rule.weeks) == (0, (0, 0), (0, 0));
        if rest && self.rule.numbered.is_empty() && self.rule.year_days.is_empty() {
            return true;
        }
        let civil = days::civil(day);
        let of_month = i64::from(days::of_month(civil.year, civil.month));
        let year_day = day - days::number(civil.year, 1, 1) + 1;
        let of_year = days::of_year(civil.year);
        said(self.months.into(), civil.month.into())
            && said_either(self.month_days, civil.day.into(), of_month)
            && (self.rule.year_days.is_empty()
                || self.rule.year_days.iter().any(|&said| said == year_day || said == year_day - of_year - 1))
            && (self.rule.weeks == (0, 0) || self.in_week(day, civil.year))
            && self.on_weekday(weekday, (civil.day.into(), of_month), (year_day, of_year))
    }

    /// Weeks are numbered as ISO 8601 numbers them, but may begin with another day (WKST).
    fn in_week(&self, day: i64, year: i64) -> bool {
        let first_of = |year| days::first_week(year, self.rule.week_start);
        let year = if day < first_of(year) {
            year - 1
        } else if day >= first_of(year + 1) {
            year + 1
        } else {
            year
        };
        let first = first_of(year);
        said_masks(self.rule.weeks, (day - first) / 7 + 1, (first_of(year + 1) - first) / 7)
    }

    /// "2MO" is the second Monday of the month, "-1FR" the last Friday; of the year where the rule is yearly and names no
    /// months. The pairs are the day's number, and how many there are.
    fn on_weekday(&self, weekday: u8, in_month: (i64, i64), in_year: (i64, i64)) -> bool {
        if self.rule.numbered.is_empty() {
            return true;
        }
        let by_year = self.rule.frequency == Frequency::Yearly && self.rule.months == 0;
        let (number, of) = if by_year { in_year } else { in_month };
        let (from_start, from_end) = ((number - 1) / 7 + 1, -((of - number) / 7 + 1));
        let numbered = |&(said, day): &(i64, u8)| day == weekday && (said == from_start || said == from_end);
        self.weekdays >> weekday & 1 == 1 || self.rule.numbered.iter().any(numbered)
    }

    /// Hands out the instances of a period. Breaks where no later period has any.
    fn instances(
        &mut self,
        begins: Wall,
        set: &[Wall],
        work: &mut Work,
        each: &mut dyn FnMut(Wall) -> Result<(), Error>,
    ) -> Result<ControlFlow<()>, Error> {
        let each_day = self.times.len();
        let all = set.len() * each_day;
        if !self.rule.positions.is_empty() {
            let mut places: Vec<usize> = self.rule.positions.iter().filter_map(|&said| position(said, all)).collect();
            places.sort_unstable();
            places.dedup();
            for place in places {
                if self.instance(set[place / each_day] + self.times[place % each_day], work, each)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            return Ok(ControlFlow::Continue(()));
        }
        let passed = if self.left.is_none() && begins < self.window.from {
            set.partition_point(|day| day + DAY <= self.window.from)
        } else {
            0
        };
        for day in &set[passed..] {
            for time in 0..each_day {
                if self.instance(day + self.times[time], work, each)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn instance(
        &mut self,
        wall: Wall,
        work: &mut Work,
        each: &mut dyn FnMut(Wall) -> Result<(), Error>,
    ) -> Result<ControlFlow<()>, Error> {
        work.take(1)?;
        if wall <= self.start {
            return Ok(ControlFlow::Continue(()));
        }
        if wall > self.window.to.min(LAST) || self.left == Some(0) {
            return Ok(ControlFlow::Break(()));
        }
        self.left = self.left.map(|left| left - 1);
        if wall >= self.window.from {
            each(wall)?;
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Seconds of the period at which instances are. What the rule does not say is DTSTART's.
fn times(rule: &Rule, start: Wall) -> Vec<i64> {
    let of_day = start.rem_euclid(DAY);
    let all = |mask: u64, own: i64| -> Vec<i64> {
        if mask == 0 { vec![own] } else { (0..60).filter(|&number| mask >> number & 1 == 1).collect() }
    };
    let none = vec![0];
    let (hours, minutes, seconds) = match rule.frequency {
        Frequency::Secondly => (none.clone(), none.clone(), none),
        Frequency::Minutely => (none.clone(), none, all(rule.seconds, of_day % 60)),
        Frequency::Hourly => (none, all(rule.minutes, of_day / 60 % 60), all(rule.seconds, of_day % 60)),
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => (
            all(rule.hours.into(), of_day / 3_600),
            all(rule.minutes, of_day / 60 % 60),
            all(rule.seconds, of_day % 60),
        ),
    };
    let mut times = Vec::with_capacity(hours.len() * minutes.len() * seconds.len());
    for hour in hours {
        for minute in &minutes {
            times.extend(seconds.iter().map(|second| hour * 3_600 + minute * 60 + second));
        }
    }
    times
}

/// Whether a mask has a number, or says nothing.
fn said(mask: u64, number: i64) -> bool {
    mask == 0 || mask >> number & 1 == 1
}

/// The same for numbers that may be counted from either end.
fn said_either(masks: (u32, u32), number: i64, of: i64) -> bool {
    masks == (0, 0) || said_masks((masks.0.into(), masks.1.into()), number, of)
}

fn said_masks(masks: (u64, u64), number: i64, of: i64) -> bool {
    masks.0 >> number & 1 == 1 || masks.1 >> (of + 1 - number) & 1 == 1
}

/// The place in a set of `all` that BYSETPOS means.
fn position(said: i64, all: usize) -> Option<usize> {
    let back = usize::try_from(said.unsigned_abs()).ok()?;
    let place = if said > 0 { back - 1 } else { all.checked_sub(back)? };
    (place < all).then_some(place)
}
