//! iCalendar text to busy intervals, and a session to iCalendar text (RFC 5545).
//!
//! Nothing here reads a clock, a file or the network, and nothing waits. [`Calendar::read`] takes what a feed or a CalDAV
//! server sent; [`Calendar::busy`] says when it blocks time (rules 3.1 and 3.2). Whatever cannot be read with certainty
//! is an [`Error`], and the calendar is then unknown: never free (rule 3.3). [`Event::to_ics`] writes a session down for
//! somebody else's calendar (rules 6.2 and 6.5).
//!
//! Read `read` for what is kept of a text, `busy` for what becomes of it, and `expand` for rules of recurrence.

mod busy;
mod days;
mod expand;
mod lines;
mod read;
mod rule;
mod series;
mod value;
mod windows;
mod write;
mod zone;

pub use busy::Reading;
pub use read::Calendar;
pub use write::{Event, Method, Person, Status};

/// Why a calendar is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No `VCALENDAR` is in it: a page that asks for a login, for instance.
    #[error("this is not a calendar")]
    NotACalendar,
    /// It ends in the middle, and what is missing may block time.
    #[error("the calendar ends before its end")]
    Cut,
    /// A property that says when something is cannot be read, or contradicts itself.
    #[error("line {line}: {name} cannot be read")]
    Value {
        /// The line of the text on which it begins, from 1.
        line: usize,
        /// The property.
        name: &'static str,
    },
    /// Something in the range is at a time of a zone that nobody knows and the calendar does not define.
    #[error("the zone {0:?} is not known")]
    Zone(String),
    /// Reading it would take more than it may. The text names what there is too much of.
    #[error("the calendar has too much of this: {0}")]
    TooMuch(&'static str),
}

/// What one calendar may cost. Ordinary ones stay below a hundredth of it.
pub(crate) mod limits {
    /// Components in components.
    pub(crate) const DEPTH: usize = 16;
    /// Components in all: 100 000 events with some alarms each.
    pub(crate) const COMPONENTS: usize = 500_000;
    /// Bytes of one line that matters, after unfolding.
    pub(crate) const LINE: usize = 1 << 20;
    /// Zones that are named.
    pub(crate) const ZONES: usize = 1_000;
    /// Rules, and dates that are listed: excluded ones and periods among them.
    pub(crate) const DATES: usize = 500_000;
    /// Candidates of rules and listed dates that are looked at, in one reading or one question.
    pub(crate) const WORK: u64 = 20_000_000;
    /// How often the clock of one zone changes, where the calendar defines it.
    pub(crate) const CHANGES: usize = 5_000;
    /// Intervals that are found, before they are merged.
    pub(crate) const FOUND: usize = 500_000;
}

/// What is left of the work that may be done.
pub(crate) struct Work(u64);

impl Work {
    pub(crate) fn new() -> Self {
        Self(limits::WORK)
    }

    /// Takes some of it.
    pub(crate) fn take(&mut self, much: u64) -> Result<(), Error> {
        self.0 = self.0.checked_sub(much).ok_or(Error::TooMuch("recurrence"))?;
        Ok(())
    }
}
