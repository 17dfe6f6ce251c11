//! Options: the possible times of a booking, and what became of each.

use crate::ids::OptionNo;
use crate::span::Span;
use serde::{Deserialize, Serialize};

/// A possible time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOption {
    /// Its number.
    pub no: OptionNo,
    /// When.
    pub time: Span,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an option. Which of the called ones is being called, or is booked, is in [`super::State`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Not called so far.
    Waiting,
    /// Offers went out for it, and it can still be booked.
    Called,
    /// It cannot be booked any more.
    Dead(Dead),
}

/// Why an option cannot be booked any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dead {
    /// Its start, less the notice, has come (rule 4.10).
    TooLate,
    /// The studio cannot be had then: another session, a closure, its calendar or its hours (rules 3.1, 6.1, 6.3).
    StudioTaken,
    /// It was left, and its holders and unanswered offers can no longer fill it (rule 4.5).
    Unfillable,
    /// The manager took it off the list, or moved the session away from it (rule 7.2).
    Dropped,
}

impl Dead {
    /// As it follows "this time cannot be booked any more: ".
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::TooLate => "it is too late for it",
            Self::StudioTaken => "the studio is not free then",
            Self::Unfillable => "those who were asked can no longer fill it",
            Self::Dropped => "the manager took it off the list",
        }
    }
}
