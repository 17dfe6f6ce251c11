//! A text that a network brings.

use jiff::Timestamp;
use std::fmt;

/// A text that arrived. The numbers are as the network writes them: Twilio with a +, Vonage without; it need not even be
/// a number.
#[derive(Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The network's id of the text, the same each time it is brought.
    pub network_id: String,
    /// Who sent it.
    pub from: String,
    /// Our number.
    pub to: String,
    /// What it says.
    pub body: String,
    /// The network has understood it as a word that stops or starts texts, and has answered it.
    pub opt_out: Option<OptOut>,
    /// It is a part of a longer text.
    pub part: Option<Part>,
    /// When the network got it, as far as it says so.
    pub sent_at: Option<Timestamp>,
}

/// What Twilio's Advanced Opt-Out says of a text (`OptOutType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptOut {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// A question what this is.
    Help,
}

/// Which part of a longer text it is (Vonage's `concat`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the parts have in common, together with the two numbers.
    pub reference: String,
    /// From 1.
    pub number: u16,
    /// How many there are.
    pub of: u16,
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { network_id, opt_out, part, sent_at, .. } = self;
        write!(f, "Arrived({network_id}, {opt_out:?}, {part:?}, {sent_at:?})")
    }
}
