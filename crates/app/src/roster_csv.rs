//! The musicians as a CSV file: bytes to rows, and rows to the same bytes.
//!
//! Pure: the database is not asked; [`changes()`] and [`rows()`] are the way into it and out of it. Reading finds
//! every mistake in a file, each with its line, column and reason; a file with one mistake gives no rows at all, so
//! that nothing is imported by halves.
//!
//! Columns are found by their names in the first line, in any order: `name`, `phone` and `instruments`, and, where
//! wanted, `email`, `time_zone`, `notes` and `last_booked`.
//!
//! Written files are quoted as RFC 4180 has it and nothing else is done to a value: a note that begins with `=` stays
//! that note, so that a file can be read back as it was. Spreadsheets may take such a cell for a formula.

mod columns;
mod instruments;
mod lines;
mod read;
mod taken_over;
mod write;

pub use columns::Column;
pub use read::read;
pub use taken_over::{changes, rows};
pub use write::write;

use firstcall_core::contact::{EmailAddress, Phone};
use firstcall_mail::InstrumentName;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt;

/// A musician as a row has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMusician {
    /// As the manager writes it.
    pub name: String,
    /// Where offers go. No two rows have the same.
    pub phone: Phone,
    /// Where invitations go.
    pub email: Option<EmailAddress>,
    /// Where they live; the studio's zone when the row does not say.
    pub zone: TimeZone,
    /// What they play, by the roster's names, each with the place in that instrument's call list, from 1.
    pub instruments: Vec<(String, u32)>,
    /// What the manager wants to remember.
    pub notes: Option<String>,
    /// The day on which a session with them was last booked.
    pub last_booked: Option<Date>,
}

/// What reading needs to know that is not in the file.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// The instruments and what people call them.
    pub instruments: Vec<InstrumentName>,
    /// The zone of a row that names none.
    pub studio_zone: TimeZone,
}

/// A row with the line it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Counted from 1, as an editor does.
    pub line: u64,
    /// Who it is about.
    pub musician: NewMusician,
}

/// Something in the file that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, counted from 1 as an editor does; a row that goes over several lines counts with its first.
    pub line: u64,
    /// The column by its name; none when the whole line is meant.
    pub column: Option<String>,
    /// What is wrong and what is allowed.
    pub reason: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

#[cfg(test)]
mod tests;
