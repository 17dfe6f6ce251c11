//! Numbers and months to days, and what belongs to a list of days.

use super::{Day, Item, Mode, Name, Number, Scan, month, small};
use crate::clocks::{Clock, Kind};
use crate::length;
use crate::zones::{self, Said};

/// So many days of one month may be listed.
const MOST_DAYS: usize = 12;

/// What makes a range of two hours.
const RANGES: &[&str] = &["-", "to ", "until ", "till "];

/// What may stand between two hours.
const JOINTS: &[&str] = &["-", "to ", "until ", "till ", ", ", "and ", "or ", "& ", "/"];

impl Scan<'_> {
    /// 2026-12-04, 2026-12-04T14:00, 2026-12-04T14:00:00-06:00.
    pub(super) fn iso(&mut self, n: Number) -> bool {
        let Some((day, end)) = self.iso_day(n) else { return false };
        let start = self.at;
        self.push(Item::Day(day), end);
        let joined = self.rest(end).starts_with('t') && self.number_at(end + 1).is_some();
        if !joined {
            return true;
        }
        let Some(hour) = self.number_at(end + 1).filter(|h| h.digits == 2) else {
            self.out.pop();
            self.at = start;
            self.push(Item::Unknown, end + 1);
            return true;
        };
        let minute =
            self.rest(hour.end).strip_prefix(':').and_then(|_| self.number_at(hour.end + 1)).filter(|m| m.digits == 2);
        let Some(minute) = minute.filter(|m| hour.value < 24 && m.value < 60) else {
            self.at = end;
            self.push(Item::Unknown, hour.end);
            return true;
        };
        let mut after = minute.end;
        if let Some(seconds) = self.rest(after).strip_prefix(':').and_then(|_| self.number_at(after + 1)) {
            after = seconds.end;
            if self.rest(after).starts_with('.') {
                after = self.skip(after + 1, "0123456789");
            }
        }
        self.at = end;
        let clock = Clock { hour: small(hour.value), minute: small(minute.value), kind: Kind::Full };
        self.push(Item::Clock(clock), after);
        self.iso_offset(after);
        // An interval of ISO 8601 is no list.
        if self.rest(self.at).starts_with('/') {
            self.push(Item::Unknown, self.at + 1);
        }
        true
    }

    pub(super) fn iso_offset(&mut self, at: usize) {
        let rest = self.rest(at);
        if rest.starts_with('z') && !rest[1..].starts_with(char::is_alphanumeric) {
            self.push(Item::Zone(Said::Named("UTC".to_owned())), at + 1);
            return;
        }
        if rest.starts_with(['+', '-']) && self.number_at(at + 1).is_some_and(|n| n.digits == 2 || n.digits == 4) {
            let said = zones::words_of(&rest[..rest.find([' ', '\n', ',', ';', '[', ')']).unwrap_or(rest.len())]);
            let length = rest.find([' ', '\n', ',', ';', '[', ')']).unwrap_or(rest.len());
            match said.said.as_slice() {
                [only] if said.unknown.is_empty() => self.push(Item::Zone(only.clone()), at + length),
                _ => self.push(Item::Unknown, at + length),
            }
        }
    }

    pub(super) fn iso_day(&self, n: Number) -> Option<(Day, usize)> {
        if n.digits == 8 && (2000..2100).contains(&(n.value / 10_000)) {
            return Some((date(Some(n.value / 10_000), n.value / 100 % 100, n.value % 100), n.end));
        }
        if n.digits != 4 || !(1900..2200).contains(&n.value) {
            return None;
        }
        let mark = self.rest(n.end).chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
        let month = self.number_at(n.end + 1).filter(|m| m.digits <= 2)?;
        let day = self.rest(month.end).strip_prefix(mark).and_then(|_| self.number_at(month.end + 1))?;
        (day.digits <= 2).then(|| (date(Some(n.value), month.value, day.value), day.end))
    }

    /// 12/10/2026, 12.10.2026, 12-10-26, 12/10.
    pub(super) fn numeric_date(&mut self, n: Number) -> bool {
        let Some(mark) = self.rest(n.end).chars().next().filter(|c| matches!(c, '-' | '/' | '.')) else { return false };
        let Some(second) = self.number_at(n.end + 1).filter(|s| s.digits <= 2 && n.digits <= 2) else { return false };
        let third = self.rest(second.end).strip_prefix(mark).and_then(|_| self.number_at(second.end + 1));
        if let Some(year) = third.filter(|y| y.digits == 4 || (y.digits == 2 && self.clock_end(*y).is_none())) {
            // 26/12/10 may be the year first.
            if year.digits == 2 && n.value > 12 && year.value <= 31 && n.value < 60 && n.value >= 20 {
                self.push(Item::Unknown, year.end);
                return true;
            }
            let value = if year.digits == 2 { 2000 + year.value } else { year.value };
            self.push(Item::Day(numbers(n.value, second.value, Some(value))), year.end);
            return true;
        }
        if third.is_some() {
            return false;
        }
        let german = mark == '.'
            && self.rest(second.end).starts_with('.')
            && !self.rest(second.end + 1).starts_with(|c: char| c.is_alphanumeric());
        let plain =
            mark == '/' && self.clock_end(second).is_none() && !self.rest(second.end).starts_with([':', '-', '/']);
        if n.value == 24 && second.value == 7 || (plain && self.mode == Mode::Prose && !self.after_weekday()) {
            self.push(Item::Unknown, second.end);
            return true;
        }
        if german || plain {
            self.push(Item::Day(numbers(n.value, second.value, None)), second.end + usize::from(german));
            return true;
        }
        false
    }

    pub(super) fn after_weekday(&self) -> bool {
        matches!(self.out.last(), Some((Item::Day(Day { name: Name::Weekday, .. }), _)))
            || matches!(self.out.as_slice(), [.., (Item::Day(Day { name: Name::Weekday, .. }), _), (Item::And(","), _)])
    }

    /// "4 December 2026", "4th of December", "4 & 5 December", "4-Dec-26".
    pub(super) fn days_then_month(&mut self, n: Number) -> bool {
        let mut days = vec![n];
        let mut end = self.ordinal_end(n.end);
        let mut certain = true;
        let mut range = false;
        loop {
            let after = self.skip(end, " .-");
            let word = self.word_at(after);
            let after_of = if word == "of" { self.skip(after + 2, " ") } else { after };
            if let Some(month) = month(self.word_at(after_of)) {
                let end = after_of + self.word_at(after_of).len();
                return self.push_days(&days, month, end, certain && !range);
            }
            let Some((next, joint)) = self.next_in_list(end).filter(|_| days.len() < MOST_DAYS) else { return false };
            certain &= joint != "," || self.ordinal_end(next.end) > next.end;
            range |= joint == "-";
            days.push(next);
            end = self.ordinal_end(next.end);
        }
    }

    pub(super) fn push_days(&mut self, days: &[Number], month: i8, end: usize, certain: bool) -> bool {
        if days.iter().any(|d| d.digits > 2) {
            return false;
        }
        let (year, end) = self.year_after(end);
        if !certain || days.len() > 8 {
            self.push(Item::Unknown, end);
            return true;
        }
        for (at, day) in days.iter().enumerate() {
            if at > 0 {
                self.out.push((Item::And("and"), day.end..day.end));
            }
            self.out.push((Item::Day(date(year.map(i32::from), i32::from(month), day.value)), self.at..end));
        }
        self.at = end;
        true
    }

    /// The next number of a list of days, and what joins it.
    pub(super) fn next_in_list(&self, end: usize) -> Option<(Number, &'static str)> {
        let after = self.skip(end, " ");
        let rest = self.rest(after);
        let (joint, length) = if rest.starts_with(", and ") || rest.starts_with(", or ") {
            ("and", rest.find("d ").or_else(|| rest.find("r ")).map_or(6, |e| e + 2))
        } else if rest.starts_with(',') {
            (",", 1)
        } else if rest.starts_with(['&', '/']) {
            ("and", 1)
        } else if rest.starts_with("and ") || rest.starts_with("or ") {
            ("and", rest.find(' ').map_or(4, |e| e + 1))
        } else if rest.starts_with('-') {
            ("-", 1)
        } else if rest.starts_with("to ") {
            ("-", 3)
        } else if rest.starts_with("through ") {
            ("-", 8)
        } else {
            return None;
        };
        let start = self.skip(after + length, " ");
        let next = self.number_at(start).filter(|n| n.digits <= 2 && self.clock_end(*n).is_none())?;
        Some((next, joint))
    }

    /// A year right after a date.
    pub(super) fn year_after(&self, end: usize) -> (Option<i16>, usize) {
        let start = self.skip(end, " ,.-\n");
        if self.rest(start).starts_with('\'')
            && let Some(year) = self.number_at(start + 1).filter(|y| y.digits == 2)
        {
            return (i16::try_from(2000 + year.value).ok(), year.end);
        }
        match self.number_at(start) {
            Some(year)
                if year.digits == 4 && (1900..2200).contains(&year.value) && self.half_at(year.end).is_none() =>
            {
                (i16::try_from(year.value).ok(), year.end)
            }
            Some(year)
                if year.digits == 2 && self.rest(end).starts_with('-') && start == end + 1 && year.value >= 20 =>
            {
                (i16::try_from(2000 + year.value).ok(), year.end)
            }
            _ => (None, end),
        }
    }

    /// "2026 December 4".
    pub(super) fn year_first(&mut self, n: Number) -> bool {
        if n.digits != 4 || !(1900..2200).contains(&n.value) {
            return false;
        }
        let start = self.skip(n.end, " ,-");
        let Some(month) = month(self.word_at(start)) else { return false };
        let Some(day) = self.number_at(self.skip(start + self.word_at(start).len(), " .-")).filter(|d| d.digits <= 2)
        else {
            return false;
        };
        let end = self.ordinal_end(day.end);
        self.push(Item::Day(date(Some(n.value), i32::from(month), day.value)), end);
        true
    }

    /// "December 4th, 2026", "Dec 4 & 5".
    pub(super) fn month_day(&mut self, word: &str) -> bool {
        let Some(month) = month(word) else { return false };
        let start = self.skip(self.at + word.len(), " .-\n");
        let start = if self.word_at(start) == "the" { self.skip(start + 3, " ") } else { start };
        let Some(first) = self.number_at(start).filter(|n| n.digits <= 2) else { return false };
        // "May 10:00": the number is a time, and the month is none.
        if self.clock_end(first).is_some() {
            return false;
        }
        let mut days = vec![first];
        let mut end = self.ordinal_end(first.end);
        let (mut year, mut year_end) = self.year_after(end);
        while year.is_none() {
            let Some((next, joint)) = self.next_in_list(end).filter(|_| days.len() < MOST_DAYS) else { break };
            let next_end = self.ordinal_end(next.end);
            let verdict = self.is_day_of_list(next, next_end, joint, days.last().map_or(0, |d| d.value));
            match verdict {
                Some(true) => {
                    days.push(next);
                    end = next_end;
                    (year, year_end) = self.year_after(end);
                }
                Some(false) => break,
                None => {
                    self.push(Item::Unknown, next_end);
                    return true;
                }
            }
        }
        let end = if year.is_some() { year_end } else { end };
        for (at, day) in days.iter().enumerate() {
            if at > 0 {
                self.out.push((Item::And("and"), day.end..day.end));
            }
            self.out.push((Item::Day(date(year.map(i32::from), i32::from(month), day.value)), self.at..end));
        }
        self.at = end;
        true
    }

    /// Is the number after a date one more day? Unknown where it may as well be an hour, or where days are a range.
    pub(super) fn is_day_of_list(&self, next: Number, end: usize, joint: &str, before: i32) -> Option<bool> {
        let ordinal = end > next.end;
        if month(self.word_at(self.skip(end, " .-"))).is_some() || self.word_at(self.skip(end, " ")) == "of" {
            return Some(false);
        }
        if joint == "-" {
            let clock_range = !ordinal && self.next_in_range_is_clock(end, JOINTS);
            return if clock_range || (!ordinal && next.value <= before) { Some(false) } else { None };
        }
        if length::at(self.rest(next.end - next.digits)).is_some() {
            return Some(false);
        }
        if ordinal {
            return Some(true);
        }
        let range = self.next_in_range_is_clock(end, RANGES);
        if joint == "and" {
            return if range || next.value <= before { None } else { Some(true) };
        }
        // "Dec 14, 2-4 pm", and "Dec 14, 2, 4 pm", where 2 cannot be a later day.
        if range || (next.value <= before && self.next_in_range_is_clock(end, JOINTS)) {
            return Some(false);
        }
        if next.value <= before {
            return None;
        }
        if next.value > 12 {
            return Some(true);
        }
        let rest = self.rest(end).trim_start_matches(' ');
        let clear = rest.is_empty() || rest.starts_with(['\n', ';', '(', ':', '&']) || self.year_after(end).0.is_some();
        let word = self.word_at(self.skip(end, " "));
        if clear
            || matches!(word, "at" | "from" | "between" | "and" | "or") && !self.next_in_range_is_clock(end, JOINTS)
        {
            Some(true)
        } else {
            None
        }
    }

    /// "- 5 pm": what follows makes an hour of the number before it.
    pub(super) fn next_in_range_is_clock(&self, end: usize, joints: &[&str]) -> bool {
        let start = self.skip(end, " ");
        let rest = self.rest(start);
        let joint = joints.iter().find(|j| rest.starts_with(**j));
        let Some(joint) = joint else { return false };
        let next = self.number_at(self.skip(start + joint.len(), " "));
        next.is_some_and(|n| n.digits <= 2 && self.half_at(n.end).is_some())
    }
}

fn date(year: Option<i32>, month: i32, day: i32) -> Day {
    let year = year.map(|y| i16::try_from(y).unwrap_or(i16::MAX));
    Day { name: Name::Date { year, month: small(month), day: small(day) }, weekday: None }
}

fn numbers(first: i32, second: i32, year: Option<i32>) -> Day {
    let year = year.map(|y| i16::try_from(y).unwrap_or(i16::MAX));
    Day { name: Name::Numbers { first: small(first), second: small(second), year }, weekday: None }
}
