//! How far a booking has come. The states carry what only they need.

use crate::ids::{ChairNo, OptionNo};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far a booking has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum State {
    /// Offers for `option` are out.
    Calling {
        /// The option being called.
        option: OptionNo,
        /// Patience counts from here when no offer left later: the call, or the manager's resuming it.
        since: Timestamp,
    },
    /// Nothing leaves until the manager resumes it (rule 4.11).
    Paused {
        /// The option being called.
        option: OptionNo,
        /// When the manager was last asked whether it should go on.
        asked: Timestamp,
    },
    /// No time is possible; the manager was told (rule 3.8).
    NoTimes,
    /// Everybody was asked; the manager was told (rule 4.9).
    Exhausted {
        /// The option that was called last.
        option: OptionNo,
    },
    /// The session is on.
    Booked {
        /// When.
        option: OptionNo,
        /// Set while a chair is open again (rule 7.3).
        refill: Option<Refill>,
    },
    /// Its times have passed.
    Expired,
    /// The manager called it off.
    Cancelled,
}

/// A booked session that looks for somebody to step in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refill {
    /// Patience counts from here when no offer left later.
    pub since: Timestamp,
    /// Whether everybody was asked for every open chair; the manager was told.
    pub nobody_left: bool,
    /// The open chairs of which the manager was told that nobody is left to step in (rule 7.1: once).
    #[serde(default)]
    pub told: BTreeSet<ChairNo>,
    /// Whether the session was moved, and its holders have time to answer until patience passes (rule 7.2).
    #[serde(default)]
    pub moved: bool,
}

impl Refill {
    /// A refill that begins now.
    #[must_use]
    pub fn new(since: Timestamp) -> Self {
        Self { since, nobody_left: false, told: BTreeSet::new(), moved: false }
    }

    /// Somebody can be asked for this chair again, or was asked: what the manager was told of it is out of date.
    pub(crate) fn starts_again(&mut self, chair: ChairNo) {
        self.told.remove(&chair);
        self.nobody_left = false;
    }
}

/// What must be called without waiting for patience to pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgent {
    /// Nothing.
    #[default]
    Nothing,
    /// These chairs: their offer could not be delivered, its musician opted out, or somebody dropped out.
    Chairs(BTreeSet<ChairNo>),
    /// Whatever is open.
    Everything,
}
