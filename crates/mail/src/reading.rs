//! What is read from a mail, in the shape that `parse --json` prints.
//!
//! Only the shape lives here. How it is found out is in `request` and the modules it calls.

use serde::{Deserialize, Serialize};

/// What a mail asks for, and everything that is doubtful in it.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Who asks.
    pub client: Client,
    /// The zone in which the client speaks: an IANA name, or a fixed offset such as `-05:00`.
    pub time_zone: Option<String>,
    /// The instruments asked for, in the order of the mail.
    pub instruments: Vec<Count>,
    /// Every candidate start, in the order of the mail.
    pub times: Vec<Time>,
    /// Starts that were read but cannot be used, each with the reason.
    pub dropped: Vec<Dropped>,
    /// A machine wrote this mail: it makes no booking (rule 1.9).
    pub machine: bool,
    /// What the client wrote beside the request.
    pub notes: Option<String>,
    /// Links to demos, charts and videos.
    pub links: Vec<String>,
    /// What is doubtful: with one of these the mail waits for the manager (rule 1.4).
    pub problems: Vec<Problem>,
}

/// Who asks for the session (rule 1.6).
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The client's name as they write it.
    pub name: Option<String>,
    /// Where to answer.
    pub email: Option<String>,
    /// The telephone number as written.
    pub phone: Option<String>,
    /// The city as written.
    pub city: Option<String>,
}

/// One instrument and how many players of it.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The roster's name of the instrument, such as `upright_bass`.
    pub instrument: String,
    /// How many chairs.
    pub count: u32,
}

/// One candidate start.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// RFC 9557, such as `2026-12-02T10:00:00-06:00[America/Chicago]`.
    pub start: String,
    /// ISO 8601, such as `PT1H`.
    pub length: String,
}

/// A start that was read and left out (rules 2.4 and 2.7).
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// RFC 9557; without an offset where the local time has none or two.
    pub start: String,
    /// `past`, `notice`, `does_not_exist` or `happens_twice`.
    pub reason: String,
}

/// The part of a draft that a problem is about (rule 1.4).
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Who asks.
    Client,
    /// The client's zone.
    TimeZone,
    /// The chairs.
    Instruments,
    /// The candidate starts.
    Times,
    /// How long the session is.
    Length,
    /// The mail as a whole.
    Mail,
}

/// One doubt, for the manager to settle.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub field: Field,
    /// What is doubtful and what to do, in plain words.
    pub message: String,
    /// The words in the mail; empty when the doubt is about something that is not there.
    pub text: String,
}
