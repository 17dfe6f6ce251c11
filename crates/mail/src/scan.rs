//! Words to dates, clock times, zones and lengths: the alphabet of `schedule`.
//!
//! Every word comes out as something: what is not understood is an [`Item::Unknown`], never skipped, because a word such
//! as "except" turns a time into its opposite.

mod clock;
mod days;

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
}

fn small(value: i32) -> i8 {
    i8::try_from(value).unwrap_or(i8::MAX)
}
