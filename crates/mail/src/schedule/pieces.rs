//! Items to pieces: weekdays joined to their dates, ends to their ranges, zones to their times.

use super::{Parts, Piece, Schedule, Span};
use crate::clocks::{Clock, Entry, Kind};
use crate::scan::{self, Day, Item, Name};
use crate::zones::Said;
use jiff::civil::Time;

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [scan::Spanned],
    pub(super) at: usize,
    pub(super) parts: &'a Parts,
    pub(super) schedule: &'a mut Schedule,
    pub(super) pieces: Vec<Piece>,
}

impl Reader<'_> {
    pub(super) fn run(&mut self) {
        while self.at < self.tokens.len() {
            self.step();
        }
    }

    fn item(&self, at: usize) -> Option<&Item> {
        self.tokens.get(at).map(|(item, _)| item)
    }

    /// The words from one token to another.
    fn words(&self, from: usize, to: usize) -> String {
        let start = self.tokens.get(from).map_or(0, |(_, r)| r.start);
        let end = self.tokens.get(to).map_or(self.text.len(), |(_, r)| r.end);
        self.text.get(start..end).unwrap_or("").trim().to_owned()
    }

    fn doubt(&mut self, message: &str, from: usize, to: usize) {
        let text = self.words(from, to);
        self.schedule.doubts.push((message.to_owned(), text));
        self.pieces.push(Piece::Bad);
    }

    fn step(&mut self) {
        let at = self.at;
        match &self.tokens[at].0 {
            Item::Day(day) => {
                let day = day.clone();
                self.day(day);
            }
            Item::Clock(_) | Item::Between | Item::From => self.times(),
            Item::Part(name) => {
                let name = name.clone();
                self.part(&name);
            }
            Item::Zone(said) => {
                let said = said.clone();
                self.stray_zone(said);
            }
            Item::Length(length) => {
                self.schedule.lengths.push(*length);
                self.at += 1;
            }
            Item::And(word) => {
                let word = *word;
                self.pieces.push(Piece::And(word));
                self.at += 1;
            }
            Item::Dash => self.dash(),
            Item::Bracket => self.at += 1,
            // "any time between 2 and 5" is what stands after it.
            Item::Open
                if self.words(at, at).starts_with("any")
                    && matches!(self.item(at + 1), Some(Item::Between | Item::From)) =>
            {
                self.at += 1;
            }
            Item::Open => {
                self.at += 1;
                let end = if matches!(self.item(self.at), Some(Item::Clock(_))) { self.at } else { at };
                self.doubt("The words leave open when the session may start. Enter the exact times.", at, end);
            }
            Item::Unknown => {
                self.at += 1;
                self.doubt("These words stand among the times and were not understood. Check the times.", at, at);
            }
        }
    }

    /// A dash that joins no two clock times: a bullet or a separator, but between two days a range of days.
    fn dash(&mut self) {
        let at = self.at;
        self.at += 1;
        let days =
            matches!(self.pieces.last(), Some(Piece::Day(..))) && matches!(self.item(self.at), Some(Item::Day(_)));
        let open = matches!(self.pieces.last(), Some(Piece::Times(_)))
            && !matches!(self.item(self.at), Some(Item::Day(_) | Item::Length(_)));
        let until =
            matches!(self.item(self.at), Some(Item::Clock(_))) && self.words(at, at).starts_with(char::is_alphabetic);
        if days {
            self.doubt("This is a range of days. Enter each day with its times.", at.saturating_sub(1), self.at);
            self.at += 1;
        } else if open || until {
            self.doubt(
                "The words leave open when the session may start or end. Enter the exact times.",
                at.saturating_sub(1),
                self.at,
            );
        }
    }

    fn day(&mut self, mut day: Day) {
        let at = self.at;
        self.at += 1;
        let mut next = self.at;
        while matches!(self.item(next), Some(Item::And("," | "\n") | Item::Bracket)) {
            next += 1;
        }
        if let Some(Item::Day(other)) = self.item(next) {
            let own_weekday_only = day.name == Name::Weekday;
            let other_weekday_only = other.name == Name::Weekday;
            if own_weekday_only && !other_weekday_only && other.weekday.is_none() {
                let mut other = other.clone();
                other.weekday = day.weekday;
                self.at = next + 1;
                let text = self.words(at, next);
                self.pieces.push(Piece::Day(other, text));
                return;
            }
            let on_one_line = !self.words(at, next).contains('\n');
            if !own_weekday_only
                && other_weekday_only
                && day.weekday.is_none()
                && on_one_line
                && !self.has_date(next + 1)
            {
                day.weekday = other.weekday;
                self.at = next + 1;
                let text = self.words(at, next);
                self.pieces.push(Piece::Day(day, text));
                return;
            }
        }
        let text = self.words(at, at);
        self.pieces.push(Piece::Day(day, text));
    }

    /// A date follows at once: the weekday before it is that date's.
    fn has_date(&self, mut at: usize) -> bool {
        while matches!(self.item(at), Some(Item::And(",") | Item::Bracket)) {
            at += 1;
        }
        matches!(self.item(at), Some(Item::Day(day)) if day.name != Name::Weekday)
    }

    fn part(&mut self, name: &str) {
        let at = self.at;
        self.at += 1;
        let plain = name.strip_suffix('s').unwrap_or(name);
        let hours = self.parts.get(name).or_else(|| self.parts.get(plain)).copied();
        let beside_clock =
            matches!(self.pieces.last(), Some(Piece::Times(_))) || matches!(self.item(self.at), Some(Item::Clock(_)));
        match hours.filter(|_| !beside_clock) {
            Some((from, to)) => {
                let full = |t: Time| Clock { hour: t.hour(), minute: t.minute(), kind: Kind::Full };
                let entry = Entry { from: full(from), to: (from != to).then(|| full(to)) };
                let text = self.words(at, at);
                self.pieces.push(Piece::Times(Span { entry, zones: Vec::new(), text }));
            }
            None => self.doubt("This is a part of the day, not a time. Ask for the exact time.", at, at),
        }
    }

    fn stray_zone(&mut self, said: Said) {
        self.at += 1;
        if let Some(Piece::Times(span)) = self.pieces.iter_mut().rev().find(|p| !matches!(p, Piece::And("/" | ",")))
            && matches!(
                self.tokens.get(self.at.wrapping_sub(2)),
                Some((Item::And("/") | Item::Bracket | Item::Zone(_) | Item::Clock(_), _))
            )
        {
            span.zones.push(said);
        } else {
            self.schedule.zones.push(said);
        }
    }

    fn times(&mut self) {
        let start = self.at;
        let lead = matches!(self.item(start), Some(Item::Between | Item::From));
        let between = matches!(self.item(start), Some(Item::Between));
        if lead {
            self.at += 1;
        }
        let Some((from, mut zones)) = self.clock() else {
            self.at = start + 1;
            self.doubt("These words stand among the times and were not understood. Check the times.", start, start);
            return;
        };
        let joint = match self.item(self.at) {
            Some(Item::Dash) => true,
            Some(Item::And("and")) => between,
            _ => false,
        };
        let mut to = None;
        if joint && matches!(self.item(self.at + 1), Some(Item::Clock(_))) {
            self.at += 1;
            if let Some((clock, more)) = self.clock() {
                to = Some(clock);
                zones.extend(more);
            }
        }
        let end = self.at - 1;
        if matches!(self.item(self.at), Some(Item::Open)) {
            self.at += 1;
            self.doubt("The words leave open when the session may start. Enter the exact times.", start, end + 1);
        } else if lead && to.is_none() {
            self.doubt("A range of times has no end. Enter the exact times.", start, end);
        } else if to.is_some_and(|to| to.kind == Kind::Bare) && self.or_one_more() {
            self.doubt("It is not certain when this range ends. Enter the exact times.", start, end + 2);
            self.at += 2;
        } else if self.in_brackets_without_zone(start, &zones) {
            self.doubt("Two times stand beside each other. Check which one is meant.", start.saturating_sub(2), end);
        } else {
            let text = self.words(start, end);
            self.pieces.push(Piece::Times(Span { entry: Entry { from, to }, zones, text }));
        }
    }

    /// "2 to 5 or 6 pm": a second end, or one more start?
    fn or_one_more(&self) -> bool {
        matches!(
            (self.item(self.at), self.item(self.at + 1), self.item(self.at + 2)),
            (Some(Item::And("or")), Some(Item::Clock(_)), next) if !matches!(next, Some(Item::Dash))
        )
    }

    fn in_brackets_without_zone(&self, start: usize, zones: &[Said]) -> bool {
        start >= 2
            && zones.is_empty()
            && matches!(self.item(start - 1), Some(Item::Bracket))
            && matches!(self.item(start - 2), Some(Item::Clock(_) | Item::Zone(_)))
    }

    /// A clock time with the zones right after it.
    fn clock(&mut self) -> Option<(Clock, Vec<Said>)> {
        let Some(Item::Clock(clock)) = self.item(self.at) else { return None };
        let clock = *clock;
        self.at += 1;
        let mut zones = Vec::new();
        loop {
            match (self.item(self.at), self.item(self.at + 1)) {
                (Some(Item::Zone(said)), _) => {
                    zones.push(said.clone());
                    self.at += 1;
                }
                (Some(Item::Bracket), Some(Item::Zone(said))) => {
                    zones.push(said.clone());
                    self.at += 2;
                }
                _ => return Some((clock, zones)),
            }
        }
    }
}
