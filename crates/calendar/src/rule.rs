//! A rule of recurrence as text (RFC 5545, 3.3.10). What it means is in `expand`.

use crate::value::{self, Written};

/// How long a period of the rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Frequency {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A rule. In a mask, bit `n` stands for the number `n`; an empty one says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) frequency: Frequency,
    pub(crate) interval: i64,
    pub(crate) count: Option<u64>,
    pub(crate) until: Option<Written>,
    pub(crate) months: u16,
    /// Days of the month, counted from its beginning and from its end.
    pub(crate) month_days: (u32, u32),
    pub(crate) year_days: Vec<i64>,
    /// Weeks of the year, counted from its beginning and from its end.
    pub(crate) weeks: (u64, u64),
    /// Days of the week without a number before them; Monday is bit 0.
    pub(crate) weekdays: u8,
    /// Those with one.
    pub(crate) numbered: Vec<(i64, u8)>,
    pub(crate) hours: u32,
    pub(crate) minutes: u64,
    pub(crate) seconds: u64,
    pub(crate) positions: Vec<i64>,
    /// The day with which weeks begin; Monday is 0.
    pub(crate) week_start: u8,
}

impl Rule {
    /// Reads it, or nothing where any part of it is not understood: a rule half understood could leave time free.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let mut rule = Self::empty();
        let mut frequency = None;
        for part in text.split(|&byte| byte == b';').map(<[u8]>::trim_ascii).filter(|part| !part.is_empty()) {
            let equals = part.iter().position(|&byte| byte == b'=')?;
            let name = part[..equals].trim_ascii().to_ascii_uppercase();
            let text = part[equals + 1..].trim_ascii();
            if name == b"FREQ" {
                frequency = Some(self::frequency(text)?);
            } else {
                rule.part(&name, text)?;
            }
        }
        rule.frequency = frequency?;
        // A number before a day counts in the month or the year; elsewhere it means nothing (the RFC forbids it).
        if rule.frequency < Frequency::Monthly || rule.weeks != (0, 0) {
            for (_, day) in std::mem::take(&mut rule.numbered) {
                rule.weekdays |= 1 << day;
            }
        }
        Some(rule)
    }

    fn empty() -> Self {
        Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            months: 0,
            month_days: (0, 0),
            year_days: Vec::new(),
            weeks: (0, 0),
            weekdays: 0,
            numbered: Vec::new(),
            hours: 0,
            minutes: 0,
            seconds: 0,
            positions: Vec::new(),
            week_start: 0,
        }
    }

    fn part(&mut self, name: &[u8], text: &[u8]) -> Option<()> {
        match name {
            b"INTERVAL" => self.interval = value::number(text).filter(|&interval| interval > 0)?,
            b"COUNT" => self.count = Some(value::number(text).filter(|&count| count > 0)?.try_into().ok()?),
            b"UNTIL" => self.until = Some(value::written(text)?),
            b"WKST" => self.week_start = weekday(text)?,
            b"BYMONTH" => self.months = u16::try_from(mask(text, 1, 12)?).ok()?,
            b"BYHOUR" => self.hours = u32::try_from(mask(text, 0, 23)?).ok()?,
            b"BYMINUTE" => self.minutes = mask(text, 0, 59)?,
            // A leap second is the one before it.
            b"BYSECOND" => self.seconds = mask(text, 0, 60).map(|mask| (mask | mask >> 60 << 59) & ((1 << 60) - 1))?,
            b"BYMONTHDAY" => {
                let (from_start, from_end) = masks(text, 31)?;
                self.month_days = (u32::try_from(from_start).ok()?, u32::try_from(from_end).ok()?);
            }
            b"BYWEEKNO" => self.weeks = masks(text, 53)?,
            b"BYYEARDAY" => self.year_days = list(text, 366)?,
            b"BYSETPOS" => self.positions = list(text, 366)?,
            b"BYDAY" => self.days(text)?,
            // RFC 7529 with what RFC 5545 means anyway.
            b"RSCALE" if text.eq_ignore_ascii_case(b"GREGORIAN") => {}
            b"SKIP" if text.eq_ignore_ascii_case(b"OMIT") => {}
            name if name.starts_with(b"X-") => {}
            _ => return None,
        }
        Some(())
    }

    fn days(&mut self, text: &[u8]) -> Option<()> {
        for item in items(text) {
            let letters = item.len().checked_sub(2)?;
            let day = weekday(&item[letters..])?;
            match &item[..letters] {
                b"" => self.weekdays |= 1 << day,
                ordinal => {
                    let ordinal = signed(ordinal, 53)?;
                    if !self.numbered.contains(&(ordinal, day)) {
                        self.numbered.push((ordinal, day));
                    }
                }
            }
        }
        Some(())
    }
}

fn frequency(text: &[u8]) -> Option<Frequency> {
    Some(match text.to_ascii_uppercase().as_slice() {
        b"SECONDLY" => Frequency::Secondly,
        b"MINUTELY" => Frequency::Minutely,
        b"HOURLY" => Frequency::Hourly,
        b"DAILY" => Frequency::Daily,
        b"WEEKLY" => Frequency::Weekly,
        b"MONTHLY" => Frequency::Monthly,
        b"YEARLY" => Frequency::Yearly,
        _ => return None,
    })
}

fn weekday(text: &[u8]) -> Option<u8> {
    const NAMES: [&[u8]; 7] = [b"MO", b"TU", b"WE", b"TH", b"FR", b"SA", b"SU"];
    NAMES.iter().position(|name| text.eq_ignore_ascii_case(name)).and_then(|day| u8::try_from(day).ok())
}

fn items(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// A number other than 0, up to `most` either way.
fn signed(text: &[u8], most: i64) -> Option<i64> {
    let number = match text {
        [b'-', digits @ ..] => -value::number(digits)?,
        [b'+', digits @ ..] | digits => value::number(digits)?,
    };
    (number != 0 && number.abs() <= most).then_some(number)
}

fn mask(text: &[u8], least: i64, most: i64) -> Option<u64> {
    items(text).try_fold(0, |mask, item| {
        let number = value::number(item).filter(|number| (least..=most).contains(number))?;
        Some(mask | 1 << number)
    })
}

fn masks(text: &[u8], most: i64) -> Option<(u64, u64)> {
    items(text).try_fold((0, 0), |(from_start, from_end), item| {
        let number = signed(item, most)?;
        Some(if number > 0 { (from_start | 1 << number, from_end) } else { (from_start, from_end | 1 << -number) })
    })
}

fn list(text: &[u8], most: i64) -> Option<Vec<i64>> {
    let mut list = items(text).map(|item| signed(item, most)).collect::<Option<Vec<_>>>()?;
    list.sort_unstable();
    list.dedup();
    Some(list)
}
