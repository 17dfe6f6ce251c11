//! Words to dates, clock times, zones and lengths: the alphabet of `schedule`.
//!
//! Every word comes out as something: what is not understood is an [`Item::Unknown`], never skipped, because a word such
//! as "except" turns a time into its opposite.

use std::ops::Range;

use jiff::SignedDuration;
use jiff::civil::Weekday;

use crate::clocks::{Clock, Kind};
use crate::length;
use crate::text::{STRUCK, among};
use crate::zones::{self, Said};

/// A day as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) name: Name,
    /// The weekday beside it, which must agree.
    pub(crate) weekday: Option<Weekday>,
}

/// The ways to name a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// Month and day, with or without the year.
    Date { year: Option<i16>, month: i8, day: i8 },
    /// 4/5/2027: it is not said which number is the month.
    Numbers { first: i8, second: i8, year: Option<i16> },
    /// The weekday alone.
    Weekday,
    /// The mail's own day.
    Today,
    /// The day after it.
    Tomorrow,
}

/// One thing that a schedule is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Day(Day),
    Clock(Clock),
    /// "to", "-", "until".
    Dash,
    /// Separators; the word where it was one.
    And(&'static str),
    Between,
    From,
    Zone(Said),
    Length(SignedDuration),
    /// "morning".
    Part(String),
    /// "after", "onwards": an end that is left open.
    Open,
    /// A bracket: what stands in brackets belongs to what is before it.
    Bracket,
    Unknown,
}

/// An item and where it stands in the text.
pub(crate) type Spanned = (Item, Range<usize>);

/// How strictly words are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A labelled answer.
    Labelled,
    /// A person's sentence: common words around the times are let pass.
    Prose,
}

const FILL: &str = "at, on, the, either, both, works, work, is, are, be, great, good, fine, ok, okay, perfect, please, \
     thanks, sharp, exactly, start, starts, starting, begin, session, slot, slots, date, dates, day, \
     days, time, times, i, i'm, im, we, we're, my, our, me, us, for, can, could, available, free, only, \
     of, local, o'clock, h, hrs, would, will, booked, book, it, it's, that, option, choice, preferred, \
     ideal, best, first, second, third, zone, timezone, start:, in, all, to:, a, you, thank, yes, \
     and/or, studio, recording, possible, options, candidate, candidates";

const PROSE_FILL: &str = "hi, hello, hey, there, dear, need, needs, needed, looking, want, wants, like, love, get, find, \
     hire, reserve, schedule, request, requesting, require, record, song, songs, track, tracks, tune, \
     tunes, one, two, three, couple, player, players, musician, musicians, new, demo, here, this, an, \
     with, plus, also, as, well, i'd, we'd, i'll, we'll, 'd, you're, if, someone, somebody, seeking, \
     after, wanted, hoping, hope, able, do, make, come, join, play, have, ep, album, single, project, \
     ballad, your, am, help, band, session's, which, suit, suits, should, let, know, take, place, held, \
     set, up, put, down, kindly, ours, mine, each, bring, in, into, out, happy, pop, rock, folk, \
     country, jazz, so, may, might've, ready";

const PARTS: &str = "morning, mornings, afternoon, afternoons, evening, evenings, night, nights, midday, midnight, \
     lunchtime, lunch, noonish, dawn, dusk, daytime";

const OPEN: &[&str] = &[
    "after", "before", "onward", "onwards", "later", "earlier", "earliest", "latest", "by", "since", "past", "beyond",
    "anytime", "any", "whenever", "open",
];

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS: &str =
    "january, february, march, april, may, june, july, august, september, october, november, december";

/// What makes a range of two hours.
const RANGES: &[&str] = &["-", "to ", "until ", "till "];

/// What may stand between two hours.
const JOINTS: &[&str] = &["-", "to ", "until ", "till ", ", ", "and ", "or ", "& ", "/"];

/// So many days of one month may be listed.
const MOST_DAYS: usize = 12;

/// The items of a folded text.
pub(crate) fn items(text: &str, mode: Mode) -> Vec<Spanned> {
    let mut scan = Scan { text, at: 0, mode, out: Vec::new() };
    while scan.at < text.len() {
        scan.step();
    }
    scan.out
}

/// The weekday that a word names.
pub(crate) fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" | "weds" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn month(word: &str) -> Option<i8> {
    let at = LONG_MONTHS.split(", ").position(|m| m == word).or_else(|| {
        let short = if word == "sept" { "sep" } else { word };
        MONTHS.iter().position(|m| *m == short)
    })?;
    i8::try_from(at + 1).ok()
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    mode: Mode,
    out: Vec<Spanned>,
}

/// A number with the digits it was written in.
#[derive(Clone, Copy)]
struct Number {
    value: i32,
    digits: usize,
    end: usize,
}

impl<'a> Scan<'a> {
    fn step(&mut self) {
        let Some(c) = self.text[self.at..].chars().next() else { return };
        let start = self.at;
        match c {
            '\n' => self.push(Item::And("\n"), start + 1),
            _ if c.is_whitespace() => self.at += c.len_utf8(),
            '0'..='9' => self.number(),
            '(' | ')' | '[' | ']' => self.push(Item::Bracket, start + 1),
            ',' => self.push(Item::And(","), start + 1),
            ';' | '|' | '\u{2022}' => self.push(Item::And(";"), start + c.len_utf8()),
            '/' => self.push(Item::And("/"), start + 1),
            '&' => self.push(Item::And("and"), start + 1),
            '-' => self.push(Item::Dash, start + 1),
            '.' | ':' | '"' | '*' | '!' | '@' | '=' | '#' | '_' | '\'' | '{' | '}' => self.at += 1,
            STRUCK => self.push(Item::Unknown, start + c.len_utf8()),
            _ if c.is_alphabetic() => self.word(),
            '+' => self.push(Item::Open, start + 1),
            _ => self.push(Item::Unknown, start + c.len_utf8()),
        }
    }

    fn push(&mut self, item: Item, end: usize) {
        self.out.push((item, self.at..end));
        self.at = end;
    }

    // ---- looking ahead -------------------------------------------------------------------------------------------

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or("")
    }

    fn number_at(&self, at: usize) -> Option<Number> {
        let digits = self.rest(at).bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 8 {
            return None;
        }
        Some(Number { value: self.rest(at)[..digits].parse().ok()?, digits, end: at + digits })
    }

    /// The word that begins here, with its inner apostrophes.
    fn word_at(&self, at: usize) -> &'a str {
        let rest = self.rest(at);
        let end =
            rest.char_indices().find(|(_, c)| !c.is_alphabetic() && *c != '\'').map_or(rest.len(), |(end, _)| end);
        rest[..end].trim_end_matches('\'')
    }

    fn skip(&self, at: usize, chars: &str) -> usize {
        at + self.rest(at).len() - self.rest(at).trim_start_matches(|c| chars.contains(c)).len()
    }

    fn ordinal_end(&self, at: usize) -> usize {
        match self.word_at(at) {
            "st" | "nd" | "rd" | "th" => at + 2,
            _ => at,
        }
    }

    // ---- numbers -------------------------------------------------------------------------------------------------

    fn number(&mut self) {
        let Some(n) = self.number_at(self.at) else {
            let end = self.at + self.rest(self.at).bytes().take_while(u8::is_ascii_digit).count();
            self.push(Item::Unknown, end);
            return;
        };
        if self.numbering(n) {
            return;
        }
        let done = self.iso(n)
            || self.numeric_date(n)
            || self.clock(n)
            || self.days_then_month(n)
            || self.year_first(n)
            || self.length();
        if done {
            return;
        }
        let ordinal = self.ordinal_end(n.end);
        let glued = self.rest(ordinal).starts_with(char::is_alphabetic) || self.rest(ordinal).starts_with(['%', '$']);
        let before = self.text[..self.at].chars().next_back();
        if ordinal > n.end || glued || n.digits > 2 || n.value > 24 || matches!(before, Some('$' | '#' | '.')) {
            if self.is_choice_number(ordinal) {
                self.at = ordinal;
                return;
            }
            let end = ordinal + if glued { self.word_at(ordinal).len().max(1) } else { 0 };
            self.push(Item::Unknown, end);
            return;
        }
        let clock = Clock { hour: small(n.value), minute: 0, kind: Kind::Bare };
        self.push(Item::Clock(clock), n.end);
    }

    /// "1st choice", "option 2:", "day 1:".
    fn is_choice_number(&self, end: usize) -> bool {
        matches!(self.word_at(self.skip(end, " ")), "choice" | "option" | "preference")
    }

    /// "1." or "2)" before an entry of a list, and the number of an option.
    fn numbering(&mut self, n: Number) -> bool {
        let before = self.text[..self.at].trim_end_matches([' ', '\u{2022}', '(']);
        let first = before.is_empty() || before.ends_with('\n');
        let of_option = ["option", "choice", "day", "date", "slot", "time"]
            .iter()
            .any(|w| before.strip_suffix(w).is_some_and(|b| !b.ends_with(char::is_alphanumeric)))
            && n.digits == 1
            && self.clock_end(n).is_none()
            && (self.rest(n.end).starts_with([':', ')']) || self.rest(n.end).starts_with(" -"));
        let mark = self.rest(n.end);
        let marked =
            first && n.digits <= 2 && (mark.starts_with(") ") || (mark.starts_with(". ") && !self.is_german_day(n)));
        if of_option || marked {
            self.at = n.end + 1;
            self.out.push((Item::And(";"), self.at..self.at));
            return true;
        }
        false
    }

    /// "4. December": here the dot is not a list's.
    fn is_german_day(&self, n: Number) -> bool {
        let word = self.word_at(self.skip(n.end, ". "));
        let after = self.skip(self.skip(n.end, ". ") + word.len(), ". ");
        month(word).is_some() && self.number_at(after).is_none_or(|n| n.digits == 4)
    }

    /// 2026-12-04, 2026-12-04T14:00, 2026-12-04T14:00:00-06:00.
    fn iso(&mut self, n: Number) -> bool {
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

    fn iso_offset(&mut self, at: usize) {
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

    fn iso_day(&self, n: Number) -> Option<(Day, usize)> {
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
    fn numeric_date(&mut self, n: Number) -> bool {
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

    fn after_weekday(&self) -> bool {
        matches!(self.out.last(), Some((Item::Day(Day { name: Name::Weekday, .. }), _)))
            || matches!(self.out.as_slice(), [.., (Item::Day(Day { name: Name::Weekday, .. }), _), (Item::And(","), _)])
    }

    /// 10:00, 10:00 AM, 10 am, 1030am, 10.30 pm, 14h30, 10 Uhr.
    fn clock(&mut self, n: Number) -> bool {
        let Some((clock, end)) = self.clock_end(n) else { return false };
        match clock {
            Some(clock) => self.push(Item::Clock(clock), end),
            None => self.push(Item::Unknown, end),
        }
        true
    }

    /// A clock time that begins with this number, and where it ends; no clock where the numbers make no sense.
    fn clock_end(&self, n: Number) -> Option<(Option<Clock>, usize)> {
        let rest = self.rest(n.end);
        let mark = rest.chars().next();
        let minute = match mark {
            Some(':' | '.') if n.digits <= 2 => self.number_at(n.end + 1).filter(|m| m.digits == 2),
            _ => None,
        };
        if let Some(minute) = minute {
            return self.clock_with_minutes(n, minute, mark == Some('.'));
        }
        let (hour, minutes) = if n.digits >= 3 { (n.value / 100, n.value % 100) } else { (n.value, 0) };
        if let Some((half, end)) = self.half_at(n.end) {
            return (n.digits <= 4).then(|| (twelve(hour, minutes, half), end));
        }
        let word = self.word_at(self.skip(n.end, " "));
        let word_end = self.skip(n.end, " ") + word.len();
        match word {
            "noon" if n.value == 12 => Some((twelve(12, 0, Kind::Noon), word_end)),
            "o'clock" | "oclock" => Some((plausible(hour, minutes, Kind::Bare), word_end)),
            "uhr" => Some((plausible(hour, minutes, if hour >= 7 { Kind::Full } else { Kind::Bare }), word_end)),
            "h" | "hrs" | "hours" if n.digits == 4 => Some((plausible(hour, minutes, Kind::Full), word_end)),
            "h" if n.digits <= 2 && n.value >= 13 => {
                let minute = self.number_at(word_end).filter(|m| m.digits == 2);
                let (minutes, end) = minute.map_or((0, word_end), |m| (m.value, m.end));
                Some((plausible(n.value, minutes, Kind::Full), end))
            }
            _ => None,
        }
    }

    fn clock_with_minutes(&self, n: Number, minute: Number, dotted: bool) -> Option<(Option<Clock>, usize)> {
        let mut end = minute.end;
        if !dotted && let Some(seconds) = self.rest(end).strip_prefix(':').and_then(|_| self.number_at(end + 1)) {
            end = seconds.end;
        }
        if let Some((half, after)) = self.half_at(end) {
            return Some((twelve(n.value, minute.value, half), after));
        }
        let after = self.skip(end, " ");
        match self.word_at(after) {
            "noon" if n.value == 12 && minute.value == 0 => return Some((twelve(12, 0, Kind::Noon), after + 4)),
            word @ ("h" | "hrs" | "uhr") => {
                let kind = if n.value >= 7 || n.digits == 2 { Kind::Full } else { Kind::Minutes };
                return Some((plausible(n.value, minute.value, kind), after + word.len()));
            }
            _ => {}
        }
        if dotted {
            let certain = (n.value >= 13 || (n.digits == 2 && n.value < 10)) && minute.value % 15 == 0 && n.value < 24;
            return certain.then(|| (plausible(n.value, minute.value, Kind::Full), end));
        }
        let kind = match (n.digits, n.value) {
            (_, 13.. | 0) => Kind::Full,
            (2, 7..=12) => Kind::TwoDigits,
            (_, _) => Kind::Minutes,
        };
        Some((plausible(n.value, minute.value, kind), end))
    }

    /// am or pm.
    fn half_at(&self, at: usize) -> Option<(Kind, usize)> {
        let start = self.skip(at, " \n");
        let rest = self.rest(start);
        for (spelling, half) in [
            ("a.m.", Kind::Am),
            ("p.m.", Kind::Pm),
            ("a.m", Kind::Am),
            ("p.m", Kind::Pm),
            ("a. m.", Kind::Am),
            ("p. m.", Kind::Pm),
        ] {
            if rest.starts_with(spelling) {
                return Some((half, start + spelling.len()));
            }
        }
        let word = self.word_at(start);
        match word {
            "am" => Some((Kind::Am, start + 2)),
            "pm" => Some((Kind::Pm, start + 2)),
            "a" if start == at => Some((Kind::Am, start + 1)),
            "p" if start == at => Some((Kind::Pm, start + 1)),
            _ => None,
        }
    }

    /// "4 December 2026", "4th of December", "4 & 5 December", "4-Dec-26".
    fn days_then_month(&mut self, n: Number) -> bool {
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

    fn push_days(&mut self, days: &[Number], month: i8, end: usize, certain: bool) -> bool {
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
    fn next_in_list(&self, end: usize) -> Option<(Number, &'static str)> {
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
    fn year_after(&self, end: usize) -> (Option<i16>, usize) {
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
    fn year_first(&mut self, n: Number) -> bool {
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

    fn length(&mut self) -> bool {
        let Some((length, used)) = length::at(self.rest(self.at)) else { return false };
        match length {
            Some(length) => self.push(Item::Length(length), self.at + used),
            None => self.push(Item::Unknown, self.at + used),
        }
        true
    }

    // ---- words ---------------------------------------------------------------------------------------------------

    fn word(&mut self) {
        let word = self.word_at(self.at);
        let end = self.at + word.len().max(1);
        if word.is_empty() {
            let length = self.rest(self.at).chars().next().map_or(1, char::len_utf8);
            self.push(Item::Unknown, self.at + length);
            return;
        }
        if self.month_day(word) {
            return;
        }
        if let Some(day) = weekday(word) {
            self.push(
                Item::Day(Day { name: Name::Weekday, weekday: Some(day) }),
                end + usize::from(self.rest(end).starts_with('.') && word.len() < 5),
            );
            return;
        }
        if self.length() {
            return;
        }
        let zone = zones::at(self.rest(self.at))
            .filter(|_| word != "z" && (word != "central" || self.mode == Mode::Labelled || self.after_clock()));
        if let Some((said, length)) = zone {
            self.push(Item::Zone(said), self.at + length);
            return;
        }
        let item = self.keyword(word);
        match item {
            Some(item) => self.push(item, end),
            None => self.at = end,
        }
    }

    fn after_clock(&self) -> bool {
        matches!(self.out.last(), Some((Item::Clock(_) | Item::Bracket, _)))
    }

    /// What a plain word means; nothing for words without a meaning of their own.
    fn keyword(&self, word: &str) -> Option<Item> {
        let after = self.word_at(self.skip(self.at + word.len(), " "));
        Some(match word {
            "noon" => Item::Clock(Clock { hour: 12, minute: 0, kind: Kind::Noon }),
            "today" => Item::Day(Day { name: Name::Today, weekday: None }),
            "tomorrow" => Item::Day(Day { name: Name::Tomorrow, weekday: None }),
            "and" | "plus" | "then" | "also" => Item::And("and"),
            "or" => Item::And("or"),
            "to" | "til" | "till" | "until" | "thru" | "through" | "'til" => {
                if word == "to" && self.mode == Mode::Prose && !self.number_follows(word) {
                    return None;
                }
                Item::Dash
            }
            "between" => Item::Between,
            "from" => {
                if self.mode == Mode::Prose && !self.number_follows(word) && after != "noon" {
                    return Some(Item::Unknown);
                }
                Item::From
            }
            "after" if self.mode == Mode::Prose && !self.number_follows(word) && self.is_seeking() => return None,
            _ if among(PARTS, word) => Item::Part(word.to_owned()),
            _ if OPEN.contains(&word) => Item::Open,
            _ if among(FILL, word) || (self.mode == Mode::Prose && among(PROSE_FILL, word)) => return None,
            _ => Item::Unknown,
        })
    }

    fn number_follows(&self, word: &str) -> bool {
        self.rest(self.skip(self.at + word.len(), " ")).starts_with(|c: char| c.is_ascii_digit())
    }

    /// "we're after a drummer".
    fn is_seeking(&self) -> bool {
        let before = self.text[..self.at].trim_end();
        ["we're", "i'm", "we are", "i am", "were", "im"].iter().any(|w| before.ends_with(w))
    }

    /// "December 4th, 2026", "Dec 4 & 5".
    fn month_day(&mut self, word: &str) -> bool {
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
    fn is_day_of_list(&self, next: Number, end: usize, joint: &str, before: i32) -> Option<bool> {
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
    fn next_in_range_is_clock(&self, end: usize, joints: &[&str]) -> bool {
        let start = self.skip(end, " ");
        let rest = self.rest(start);
        let joint = joints.iter().find(|j| rest.starts_with(**j));
        let Some(joint) = joint else { return false };
        let next = self.number_at(self.skip(start + joint.len(), " "));
        next.is_some_and(|n| n.digits <= 2 && self.half_at(n.end).is_some())
    }
}

fn small(value: i32) -> i8 {
    i8::try_from(value).unwrap_or(i8::MAX)
}

fn date(year: Option<i32>, month: i32, day: i32) -> Day {
    let year = year.map(|y| i16::try_from(y).unwrap_or(i16::MAX));
    Day { name: Name::Date { year, month: small(month), day: small(day) }, weekday: None }
}

fn numbers(first: i32, second: i32, year: Option<i32>) -> Day {
    let year = year.map(|y| i16::try_from(y).unwrap_or(i16::MAX));
    Day { name: Name::Numbers { first: small(first), second: small(second), year }, weekday: None }
}

/// A time on the twelve-hour clock.
fn twelve(hour: i32, minute: i32, half: Kind) -> Option<Clock> {
    ((1..=12).contains(&hour) && (0..60).contains(&minute)).then(|| {
        let hour = match (hour, half) {
            (12, Kind::Am) => 0,
            (12, _) | (_, Kind::Am) => hour,
            (_, _) => hour + 12,
        };
        Clock { hour: small(hour), minute: small(minute), kind: half }
    })
}

fn plausible(hour: i32, minute: i32, kind: Kind) -> Option<Clock> {
    let valid = (0..24).contains(&hour) && (0..60).contains(&minute) || (hour == 24 && minute == 0);
    valid.then(|| Clock { hour: small(hour), minute: small(minute), kind })
}
