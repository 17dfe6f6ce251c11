//! Dates and clock times put together: which times belong to which day (rule 2.5).
//!
//! Nothing here knows a calendar or a zone; that is `calendar`'s part.

mod pieces;
mod runs;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Time;

use crate::clocks::Entry;
use crate::scan::{self, Day, Mode, Name};
use crate::zones::Said;
use pieces::Reader;
use runs::{joined, pair, poisoned, runs_of};

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

/// Do two names mean one day, whatever the year?
pub(crate) fn same_day(one: &Day, other: &Day) -> bool {
    match (&one.name, &other.name) {
        (Name::Date { year: y1, month: m1, day: d1 }, Name::Date { year: y2, month: m2, day: d2 }) => {
            m1 == m2 && d1 == d2 && (y1 == y2 || y1.is_none() || y2.is_none())
        }
        (a, b) => a == b && (one.weekday == other.weekday || *a != Name::Weekday),
    }
}
