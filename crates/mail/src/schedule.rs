//! Dates and clock times put together: which times belong to which day (rule 2.5).
//!
//! Nothing here knows a calendar or a zone; that is `calendar`'s part.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Time;

use crate::clocks::{self, Clock, Entry, Habit, Kind};
use crate::scan::{self, Day, Item, Mode, Name};
use crate::zones::Said;

/// One answer about days or times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Folded text.
    pub(crate) text: String,
    /// The number in the label, as in "Date 2".
    pub(crate) number: Option<u32>,
    pub(crate) mode: Mode,
}

/// A day with one time or one range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) day: Day,
    pub(crate) from: Time,
    pub(crate) to: Option<Time>,
    pub(crate) zones: Vec<Said>,
    pub(crate) text: String,
}

/// What a schedule says, and what is doubtful in it: message and words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) slots: Vec<Slot>,
    /// Zones that stand beside no time in particular.
    pub(crate) zones: Vec<Said>,
    pub(crate) lengths: Vec<SignedDuration>,
    pub(crate) doubts: Vec<(String, String)>,
}

/// No client offers more days and times than this.
const MOST_SLOTS: usize = 200;

/// Hours for words such as "morning".
pub(crate) type Parts = BTreeMap<String, (Time, Time)>;

#[derive(Clone, Debug)]
enum Piece {
    Day(Day, String),
    Times(Span),
    And(&'static str),
    Border,
    /// Words that are not understood: what stands beside them is not certain.
    Bad,
}

#[derive(Clone, Debug)]
struct Span {
    entry: Entry,
    zones: Vec<Said>,
    text: String,
}

#[derive(Clone, Debug)]
enum Run {
    Days { days: Vec<(Day, String)>, answer: usize, bad: bool },
    Times { spans: Vec<Span>, answer: usize },
}

/// Reads answers in the order of the mail.
pub(crate) fn read(answers: &[Answer], parts: &Parts) -> Schedule {
    let mut schedule = Schedule::default();
    let mut pieces = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            pieces.push(Piece::Border);
        }
        let tokens = scan::items(&answer.text, answer.mode);
        let mut reader =
            Reader { text: &answer.text, tokens: &tokens, at: 0, parts, schedule: &mut schedule, pieces: Vec::new() };
        reader.run();
        pieces.append(&mut reader.pieces);
    }
    let pieces = poisoned(&pieces, &mut schedule);
    let runs = runs_of(pieces);
    let runs = joined(runs, answers, &mut schedule);
    pair(runs, &mut schedule);
    if schedule.slots.len() > MOST_SLOTS {
        schedule.slots.truncate(MOST_SLOTS);
        schedule
            .doubts
            .push(("There are too many times in this mail. Enter the right ones.".to_owned(), String::new()));
    }
    schedule
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [scan::Spanned],
    at: usize,
    parts: &'a Parts,
    schedule: &'a mut Schedule,
    pieces: Vec<Piece>,
}

impl Reader<'_> {
    fn run(&mut self) {
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

/// Takes out what stands beside words that were not understood, up to the next separator; a day takes its times along.
fn poisoned(pieces: &[Piece], schedule: &mut Schedule) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for chunk in pieces.split_inclusive(|p| matches!(p, Piece::And(_) | Piece::Border)) {
        let bad = chunk.iter().any(|p| matches!(p, Piece::Bad));
        if !bad {
            out.extend(chunk.iter().cloned());
            continue;
        }
        let has_day = chunk.iter().any(|p| matches!(p, Piece::Day(..)));
        if has_day {
            out.push(Piece::Bad);
        }
        out.extend(chunk.last().filter(|p| matches!(p, Piece::And(_) | Piece::Border)).cloned());
    }
    for pair in out.windows(3) {
        if let [Piece::Day(_, day), Piece::And("and" | "or"), Piece::Times(span)] = pair {
            let text = format!("{day} {}", span.text);
            schedule.doubts.push((
                "It is not clear which day this time belongs to. Enter the days with their times.".to_owned(),
                text,
            ));
        }
    }
    out
}

/// Days that stand together, and times that stand together.
fn runs_of(pieces: Vec<Piece>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut current = 0;
    for piece in pieces {
        match piece {
            Piece::Border => current += 1,
            Piece::And(_) => {}
            Piece::Bad => match runs.last_mut() {
                Some(Run::Days { bad, answer, .. }) if *answer == current => *bad = true,
                _ => runs.push(Run::Days { days: Vec::new(), answer: current, bad: true }),
            },
            Piece::Day(day, text) => match runs.last_mut() {
                Some(Run::Days { days, answer, .. }) if *answer == current => days.push((day, text)),
                _ => runs.push(Run::Days { days: vec![(day, text)], answer: current, bad: false }),
            },
            Piece::Times(span) => match runs.last_mut() {
                Some(Run::Times { spans, answer }) if *answer == current => spans.push(span),
                _ => runs.push(Run::Times { spans: vec![span], answer: current }),
            },
        }
    }
    runs
}

const TWO_ANSWERS: &str = "Two answers about the days or times do not agree. Check the times.";

/// Joins runs of different answers where one reading is possible.
fn joined(runs: Vec<Run>, answers: &[Answer], schedule: &mut Schedule) -> Vec<Run> {
    let with_days: Vec<usize> =
        runs.iter().filter_map(|r| if let Run::Days { answer, .. } = r { Some(*answer) } else { None }).collect();
    let with_times: Vec<usize> =
        runs.iter().filter_map(|r| if let Run::Times { answer, .. } = r { Some(*answer) } else { None }).collect();
    let numbered = |answer: &usize| answers.get(*answer).is_some_and(|a| a.number.is_some());
    if parallel(&with_days, &with_times, numbered) {
        let text = answers.iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" / ");
        schedule.doubts.push((
            "It is not clear which times belong to which day. Enter the days with their times.".to_owned(),
            text,
        ));
        return Vec::new();
    }
    let mut out: Vec<Run> = Vec::new();
    for run in runs {
        match (out.last_mut(), run) {
            (Some(Run::Days { days, bad, answer }), Run::Days { days: more, bad: more_bad, answer: next }) => {
                let own_times = with_times.contains(&next);
                if !merge_days(days, more, own_times) {
                    schedule
                        .doubts
                        .push((TWO_ANSWERS.to_owned(), answers.get(next).map(|a| a.text.clone()).unwrap_or_default()));
                }
                *bad |= more_bad;
                *answer = next;
            }
            (Some(Run::Times { spans, answer }), Run::Times { spans: more, answer: next }) => {
                let entries = |s: &[Span]| s.iter().map(|s| s.entry.clone()).collect::<Vec<_>>();
                let list = !with_days.contains(answer) && numbered(answer) && numbered(&next);
                let prose = answers.get(next).is_some_and(|a| a.mode == Mode::Prose);
                if list || prose {
                    spans.extend(more);
                } else if entries(spans) != entries(&more) {
                    schedule
                        .doubts
                        .push((TWO_ANSWERS.to_owned(), answers.get(next).map(|a| a.text.clone()).unwrap_or_default()));
                }
                *answer = next;
            }
            (_, run) => out.push(run),
        }
    }
    out
}

/// "Date 1, Date 2, Time 1, Time 2": the numbers pair what the order does not.
fn parallel(days: &[usize], times: &[usize], numbered: impl Fn(&usize) -> bool) -> bool {
    let days: Vec<&usize> = days.iter().filter(|a| numbered(a) && !times.contains(a)).collect();
    let times: Vec<&usize> = times.iter().filter(|a| numbered(a) && !days.contains(a)).collect();
    days.len() > 1
        && times.len() > 1
        && (days.iter().max() < times.iter().min() || times.iter().max() < days.iter().min())
}

/// Days of two answers without times between them; false where they contradict each other.
fn merge_days(days: &mut Vec<(Day, String)>, more: Vec<(Day, String)>, own_times: bool) -> bool {
    if let ([(one, _)], [(other, text)]) = (days.as_mut_slice(), more.as_slice()) {
        if one.name == Name::Weekday
            && other.name != Name::Weekday
            && other.weekday.is_none_or(|w| Some(w) == one.weekday)
        {
            let day = Day { name: other.name.clone(), weekday: one.weekday };
            days[0] = (day, text.clone());
            return true;
        }
        if other.name == Name::Weekday
            && one.name != Name::Weekday
            && one.weekday.is_none_or(|w| Some(w) == other.weekday)
        {
            one.weekday = other.weekday;
            return true;
        }
    }
    let new: Vec<(Day, String)> =
        more.into_iter().filter(|(d, _)| !days.iter().any(|(known, _)| same_day(known, d))).collect();
    let agrees = new.is_empty() || !own_times;
    days.extend(new);
    agrees
}

/// Do two names mean one day, whatever the year?
pub(crate) fn same_day(one: &Day, other: &Day) -> bool {
    match (&one.name, &other.name) {
        (Name::Date { year: y1, month: m1, day: d1 }, Name::Date { year: y2, month: m2, day: d2 }) => {
            m1 == m2 && d1 == d2 && (y1 == y2 || y1.is_none() || y2.is_none())
        }
        (a, b) => a == b && (one.weekday == other.weekday || *a != Name::Weekday),
    }
}

/// Times belong to the day before them; a list may also begin with its times throughout.
fn pair(runs: Vec<Run>, schedule: &mut Schedule) {
    let all = runs.iter().flat_map(|r| match r {
        Run::Times { spans, .. } => spans.as_slice(),
        Run::Days { .. } => &[],
    });
    let clocks: Vec<Clock> = all.flat_map(|s| std::iter::once(s.entry.from).chain(s.entry.to)).collect();
    let habit = Habit::of(clocks.iter());
    let times_first = matches!(runs.first(), Some(Run::Times { .. }));
    let days_last = matches!(runs.last(), Some(Run::Days { .. }));
    if times_first && !days_last && runs.len() > 1 {
        schedule.doubts.push((
            "It is not clear which times belong to which day. Enter the days with their times.".to_owned(),
            text_of(&runs),
        ));
        return;
    }
    let mut runs = runs.into_iter();
    while let Some(run) = runs.next() {
        let (days, bad, spans) = match (run, times_first) {
            (Run::Days { days, bad, .. }, false) => match runs.next() {
                Some(Run::Times { spans, .. }) => (days, bad, spans),
                _ => (days, bad, Vec::new()),
            },
            (Run::Times { spans, .. }, true) => match runs.next() {
                Some(Run::Days { days, bad, .. }) => (days, bad, spans),
                _ => (Vec::new(), false, spans),
            },
            (Run::Days { days, bad, .. }, true) => (days, bad, Vec::new()),
            (Run::Times { spans, .. }, false) => (Vec::new(), false, spans),
        };
        combine(&days, bad, &spans, habit, schedule);
    }
}

fn text_of(runs: &[Run]) -> String {
    let texts = runs.iter().flat_map(|r| match r {
        Run::Days { days, .. } => days.iter().map(|(_, t)| t.clone()).collect::<Vec<_>>(),
        Run::Times { spans, .. } => spans.iter().map(|s| s.text.clone()).collect(),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn combine(days: &[(Day, String)], bad: bool, spans: &[Span], habit: Habit, schedule: &mut Schedule) {
    if days.is_empty() && bad {
        return;
    }
    if days.is_empty() {
        let text = spans.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(", ");
        schedule.doubts.push(("These times have no day. Ask for the day.".to_owned(), text));
        return;
    }
    if spans.is_empty() {
        let text = days.iter().map(|(_, t)| t.as_str()).collect::<Vec<_>>().join(", ");
        schedule.doubts.push(("This day has no time. Ask for the time.".to_owned(), text));
        return;
    }
    // "2-4 PM ET / 11 AM-1 PM PT" are two lists.
    let settled: Vec<_> = spans
        .chunk_by(|a, b| a.zones == b.zones)
        .flat_map(|list| {
            let entries: Vec<Entry> = list.iter().map(|s| s.entry.clone()).collect();
            clocks::settled(&entries, habit)
        })
        .collect();
    for (span, times) in spans.iter().zip(&settled) {
        if times.is_none() {
            let message =
                "It is not said whether this is am or pm, or the range makes no sense. Ask for the exact time.";
            schedule.doubts.push((message.to_owned(), span.text.clone()));
        }
    }
    for (day, day_text) in days {
        for (span, times) in spans.iter().zip(&settled) {
            let Some((from, to)) = times else { continue };
            let text = format!("{day_text} {}", span.text);
            schedule.slots.push(Slot { day: day.clone(), from: *from, to: *to, zones: span.zones.clone(), text });
        }
    }
}
