//! The networks that carry texts: what is handed to them, what they say of it, and whether a request that claims to come
//! from one does. And the calendars of others ([`calendars`]). It knows nothing of bookings, keeps nothing and decides
//! nothing.
//!
//! No network takes the same text only once (rule 8.4), so what happened to a text is told exactly: [`Handed`].
//! `Debug` of everything here leaves out numbers and texts, because debug output ends in logs.

pub mod calendars;
pub mod http;
pub mod twilio;
pub mod vonage;

mod arrived;
mod signed;
mod words;

pub use arrived::{Arrived, OptOut, Part};
pub use signed::{Callback, Forged};

use firstcall_core::contact::Phone;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// A text to hand over.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// Whom it is for.
    pub to: &'a Phone,
    /// What it says.
    pub body: &'a str,
    /// Whether the body needs UCS-2 because GSM-7 lacks one of its characters (3GPP TS 23.038 section 6.2.1).
    pub unicode: bool,
    /// How long the network may keep trying. A network that cannot promise so little refuses the text.
    pub valid_for: SignedDuration,
    /// Our mark: the message and the attempt. Vonage gives it back with each report; it takes 40 characters.
    pub reference: &'a str,
    /// Where reports go: an absolute URL, with our mark in its query. Vonage gets it without the query, which it would not
    /// sign; it gives the reference back.
    pub report_to: &'a str,
}

/// What a network did with a text. The cases differ in what may happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// The network has it, under this id.
    Taken(String),
    /// It certainly does not have it, and may take it after so long. Why, in words for people.
    Later(SignedDuration, String),
    /// It certainly does not have it, and will not take it.
    Refused(Refusal),
    /// It may have it or not: to be settled by its reports, by its records or by a human, never by sending again. Why,
    /// in words for people.
    Unknown(String),
}

/// Why a network refuses a text, or could not deliver it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Who has to do something.
    pub because: Because,
    /// The network's own code.
    pub code: Option<String>,
    /// Why, in words for people, without numbers and secrets.
    pub words: String,
}

/// Who has to do something after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// The receiver does not want our texts, as the network knows.
    OptedOut,
    /// Nobody is to be texted there again: not a number, a landline, unknown.
    BadNumber,
    /// A filter stopped these words; they are not to be sent again.
    Content,
    /// Whoever runs this must mend something: credentials, permissions, registration, balance.
    Account,
    /// The phone was not reached. It may be another day.
    Unreachable,
}

/// What a network reports of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The network has it and has not passed it on.
    Taken,
    /// It was passed on to the receiver's carrier. Some carriers never say more.
    Sent,
    /// It is on the phone.
    Delivered,
    /// It will not arrive.
    Failed(Refusal),
}

/// A report that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// The network's id of the text. Vonage has one for each part of a long text.
    pub network_id: String,
    /// Our mark, where the network gives it back in what it signs (Vonage). Twilio signs the URL, which has it.
    pub reference: Option<String>,
    /// What it says.
    pub report: Report,
}

/// What a network's records show for a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// All texts to the number since the given time. A body may have words of the network before ours (Twilio's trial
    /// accounts).
    Listed(Vec<Listed>),
    /// The network has no records that can be asked.
    NoListing,
}

/// A text in a network's records.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// The network's id of the text.
    pub network_id: String,
    /// What it says.
    pub body: String,
    /// What became of it.
    pub report: Report,
    /// When the network took it, to the second.
    pub created_at: Timestamp,
}

impl Refusal {
    /// No network can promise so little.
    pub(crate) fn too_late() -> Self {
        let words = "no time is left in which it could arrive".to_owned();
        Self { because: Because::Unreachable, code: None, words }
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to, valid_for, reference, .. } = self;
        write!(f, "Text({reference} to {to:?}, valid for {valid_for:#})")
    }
}

impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listed({} of {}: {:?})", self.network_id, self.created_at, self.report)
    }
}
