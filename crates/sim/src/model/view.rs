//! What can be seen of a booking from outside.

use firstcall_core::booking::Delivery;
use firstcall_core::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use firstcall_core::span::Span;
use jiff::Timestamp;

/// What can be seen of a booking.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// As the API says it: calling, paused, `no_times`, exhausted, booked, expired or cancelled.
    pub status: &'static str,
    /// The time of the option that is being called, was called last, or is booked.
    pub current: Option<Span>,
    /// When something will happen by itself.
    pub deadline: Option<Timestamp>,
    /// Every offer made so far.
    pub offers: Vec<OfferView>,
    /// What was told so far, sorted.
    pub told: Vec<Told>,
}

impl View {
    /// Of a booking that does not exist.
    pub(super) fn of_nothing() -> Self {
        Self { status: "", current: None, deadline: None, offers: Vec::new(), told: Vec::new() }
    }
}

/// What can be seen of an offer.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferView {
    /// Its number.
    pub no: OfferNo,
    /// For when.
    pub option_time: Span,
    /// For which option.
    pub option: OptionNo,
    /// For which chair.
    pub chair: ChairNo,
    /// Who is asked.
    pub musician: MusicianId,
    /// How far its text has come.
    pub delivery: Delivery,
    /// Empty, held, released, no, overlap, late or conflict.
    pub answer: &'static str,
    /// Whether a YES would take the chair now, if no other booking stood against it.
    pub answerable: bool,
    /// Whether they would step in.
    pub standby: bool,
    /// Empty, superseded, `opted_out`, paused, removed or withdrawn.
    pub shut: &'static str,
}

/// Something that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// To whom.
    pub to: Whom,
    /// What, in a word.
    pub word: &'static str,
}

/// Who was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// A musician.
    Musician(MusicianId),
    /// The manager.
    Manager,
    /// The client.
    Client,
}

/// What the one who caused an event is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It was taken note of.
    Done,
    /// The chair is theirs until the session is booked or they are released.
    Held,
    /// The chair is theirs and the session is booked.
    Booked,
    /// They had said YES before, and it stands.
    AlreadyHeld,
    /// NO was recorded.
    SaidNo,
    /// They had said NO before.
    AlreadyNo,
    /// They gave up a chair of a booked session.
    DroppedOut,
    /// YES, but too late (rule 5.3).
    Late,
    /// YES, but they hold something that overlaps (rule 5.4).
    Conflict,
    /// They will be asked first when the chair opens.
    StandsBy,
    /// The chair is open: saying YES is what takes it.
    ChairIsOpen,
    /// They hold nothing that could be given up.
    HoldsNothing,
    /// It cannot be done in the booking's state (rule 7.2).
    Refused,
}
