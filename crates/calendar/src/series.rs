//! What is kept of an event.

use crate::rule::Rule;
use crate::value::{Nominal, Wall};

/// A date or a time, and where it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) wall: Wall,
    /// The number of its zone among the calendar's.
    pub(crate) zone: u32,
    /// A day and not a time.
    pub(crate) date: bool,
}

/// How an event says how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Not at all: a day where it begins on a day, else nothing (RFC 5545, 3.6.1).
    Unsaid,
    /// DTEND.
    At(Moment),
    /// DURATION.
    After(Nominal),
}

/// Whether an event takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Free,
    Tentative,
    Busy,
}

/// One VEVENT.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Where it begins in the text.
    pub(crate) line: usize,
    pub(crate) standing: Standing,
    /// SEQUENCE and DTSTAMP: of two that describe the same, the later is true.
    pub(crate) version: (i64, Wall),
    pub(crate) start: Moment,
    pub(crate) ends: Ends,
    pub(crate) rules: Vec<Rule>,
    /// Instances beside those of the rules.
    pub(crate) dates: Vec<(Moment, Ends)>,
    /// Instances that are left out.
    pub(crate) without: Vec<Moment>,
    pub(crate) instead_of: Option<InsteadOf>,
}

/// Which instance of its series an event stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InsteadOf {
    pub(crate) instance: Moment,
    /// And for all that come after it.
    pub(crate) and_future: bool,
}

/// All events of one UID.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    pub(crate) uid: String,
    /// Those that say what the series is. There should be one.
    pub(crate) masters: Vec<Event>,
    /// Those that change instances of it.
    pub(crate) overrides: Vec<Event>,
}

impl Series {
    /// Takes one more event of its UID. An older description of the series gives way to a newer one; two of the same
    /// SEQUENCE are two events whose producer does not tell them apart.
    pub(crate) fn add(&mut self, event: Event) {
        if event.instead_of.is_some() {
            return self.overrides.push(event);
        }
        let newest = self.masters.first().map_or(i64::MIN, |master| master.version.0);
        if event.version.0 > newest {
            self.masters.clear();
        }
        if event.version.0 >= newest {
            self.masters.push(event);
        }
    }
}
