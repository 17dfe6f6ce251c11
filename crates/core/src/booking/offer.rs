//! Offers: one question to one musician, how far its text has come and what was said to it.

use crate::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use crate::roster::MusicianStanding;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One question to one musician: this chair, this time, yes or no?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Its number within the booking.
    pub no: OfferNo,
    /// For which time.
    pub option: OptionNo,
    /// For which chair.
    pub chair: ChairNo,
    /// Who is asked.
    pub musician: MusicianId,
    /// How it came about.
    pub reason: OfferReason,
    /// How far its text has come.
    pub delivery: Delivery,
    /// What was said.
    pub answer: Option<Answer>,
    /// Set when it was closed for good by something other than the state of its booking.
    pub void: Option<Void>,
    /// Whether they said that they would step in (rule 5.3).
    pub standby: bool,
}

/// How an offer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferReason {
    /// A wave of its option, counted from 1.
    Wave(u32),
    /// A chair of a booked session is open again (rule 7.3).
    DropOut,
    /// As before, and they had said that they would step in.
    Standby,
    /// The session they hold was moved (rule 7.2).
    Moved,
    /// The manager chose them (rule 7.2).
    ByHand,
}

/// How far an offer's text has come, as far as the rules care. Instants are when patience begins to count (rule 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It leaves at this moment, or as soon after it as possible.
    Queued(Timestamp),
    /// It waits until the booking is resumed.
    OnHold,
    /// It is being handed over.
    Sending,
    /// The provider took it.
    Sent(Timestamp),
    /// The provider refused it, or could not deliver it.
    Failed(Timestamp),
    /// Nobody knows whether the provider took it.
    InDoubt(Timestamp),
    /// It never leaves.
    Void,
}

/// What a musician said to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// YES, and the chair is theirs.
    Held(Timestamp),
    /// YES, and they were told later that they are not needed.
    Released {
        /// When they said it.
        answered: Timestamp,
        /// When they were released.
        released: Timestamp,
    },
    /// NO, or a YES that they took back.
    No(Timestamp),
    /// They hold something that overlaps, which counts as a NO (rule 4.8).
    Overlap(Timestamp),
    /// YES, when the chair could not be had any more (rule 5.3).
    Late(Timestamp),
    /// YES, while holding an overlapping session of another booking (rule 5.4).
    Conflict(Timestamp),
}

/// Why an offer was closed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Void {
    /// The next wave went out, and earlier offers do not stay open (rule 4.5).
    Superseded,
    /// They said STOP (rule 5.7).
    OptedOut,
    /// They are not asked for the time being: paused, or yet to agree (rule 4.12).
    Paused,
    /// They were taken off the roster (rule 4.12).
    Removed,
    /// The manager took the chair back from them (rule 7.2).
    Withdrawn,
}

impl Void {
    /// Why offers to somebody who may not be asked are closed; none while they may be.
    #[must_use]
    pub fn by(standing: MusicianStanding) -> Option<Self> {
        match standing {
            MusicianStanding::Active => None,
            MusicianStanding::OptedOut => Some(Self::OptedOut),
            MusicianStanding::Paused | MusicianStanding::Invited | MusicianStanding::Waiting => Some(Self::Paused),
            MusicianStanding::Removed => Some(Self::Removed),
        }
    }
}

impl Offer {
    /// Whether this offer's YES holds its chair.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.answer, Some(Answer::Held(_)))
    }

    /// Whether its musician said YES while the chair could be had, and did not take it back.
    #[must_use]
    pub fn said_yes_in_time(&self) -> bool {
        matches!(self.answer, Some(Answer::Held(_) | Answer::Released { .. }))
    }

    /// Whether its musician may still say YES of their own accord: asked, and nothing said so far.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        let reached = !matches!(self.delivery, Delivery::Failed(_) | Delivery::Void);
        self.answer.is_none() && self.void.is_none() && reached
    }

    /// Whether its musician does not know of it: its text was called back before it left, because the chair was filled
    /// or another wave went out. They have not been asked, and still can be (rule 4.8).
    #[must_use]
    pub fn never_left(&self) -> bool {
        let called_back = matches!(self.void, None | Some(Void::Superseded));
        self.delivery == Delivery::Void && self.answer.is_none() && called_back
    }
}
