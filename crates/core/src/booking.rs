//! A booking and everything that can be read off it: who holds what, what is still open, and what it waits for.
//!
//! Nothing here changes a booking. What may change it is in [`crate::step`], and follows the file names there:
//! `calling` (waves), `answers` (YES and NO), `manage` (the manager's hand).

use crate::ids::{BookingId, ChairNo, MusicianId, OfferNo, OptionNo};
use crate::policy::Policy;
use crate::span::Span;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One client's request for one recording session, and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// Its number.
    pub id: BookingId,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the client asked for, in their words.
    pub request: Request,
    /// The seats to fill.
    pub chairs: Vec<Chair>,
    /// Every candidate start that was asked for and not dropped by the manager.
    pub times: Vec<Span>,
    /// The possible times, in the order of their numbers. Numbers of options that were called never change.
    pub options: Vec<SessionOption>,
    /// Every offer that was ever made for it, in the order of their numbers. Stored as messages, not with the booking.
    #[serde(skip)]
    pub offers: Vec<Offer>,
    /// How far it has come.
    pub state: State,
    /// What must be called without waiting for patience to pass.
    pub urgent: Urgent,
}

/// What the client asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Their name.
    pub client_name: Option<String>,
    /// Where they are written to.
    pub client_email: Option<String>,
    /// Their telephone number, as they wrote it.
    pub client_phone: Option<String>,
    /// Where they live.
    pub client_city: Option<String>,
    /// The zone in which they spoke: an IANA name or a fixed offset such as `-05:00`.
    pub time_zone: String,
    /// What else they said.
    pub notes: Option<String>,
    /// Demos, charts, videos.
    pub links: Vec<String>,
}

/// One seat to fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chair {
    /// What is played there, in snake case.
    pub instrument: String,
    /// Counted from 1 where a booking has several of an instrument; absent where it has one.
    pub number: Option<u16>,
}

impl Chair {
    /// The chairs for counted instruments, in the order given.
    #[must_use]
    pub fn list<'a>(instruments: impl IntoIterator<Item = (&'a str, u16)>) -> Vec<Self> {
        let mut chairs = Vec::new();
        for (instrument, count) in instruments {
            for number in 1..=count {
                let number = (count > 1).then_some(number);
                chairs.push(Self { instrument: instrument.to_owned(), number });
            }
        }
        chairs
    }

    /// As people say it: "violin 2".
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.instrument.replace('_', " ");
        match self.number {
            Some(number) => format!("{name} {number}"),
            None => name,
        }
    }
}

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

/// What became of an option. Which of the called ones is being called, or is booked, is in [`State`].
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
    /// Another session has the studio then (rules 6.1, 6.3).
    StudioTaken,
    /// It was left, and its holders and unanswered offers can no longer fill it (rule 4.5).
    Unfillable,
    /// The manager took it off the list, or moved the session away from it (rule 7.2).
    Dropped,
}

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
    /// The manager took the chair back from them (rule 7.2).
    Withdrawn,
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refill {
    /// Patience counts from here when no offer left later.
    pub since: Timestamp,
    /// Whether everybody was asked; the manager was told.
    pub nobody_left: bool,
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

/// Why a booking will be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineReason {
    /// Patience with the last offer ends: the next musicians are asked.
    Patience,
    /// Something must be called at once.
    AtOnce,
    /// An option's start, less the notice, comes.
    OptionEnds,
    /// The manager is asked whether a paused booking should go on.
    StillPaused,
    /// The last of its times passes.
    TimesPass,
}

/// When a booking will be woken, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: DeadlineReason,
}

/// Somebody's time that is kept for a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hold {
    /// Through which offer.
    pub offer: OfferNo,
    /// For which option.
    pub option: OptionNo,
    /// On which chair.
    pub chair: ChairNo,
    /// Who.
    pub musician: MusicianId,
    /// When.
    pub time: Span,
}

impl Offer {
    /// Whether this offer's YES holds its chair.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.answer, Some(Answer::Held(_)))
    }

    /// Whether its musician may still say YES of their own accord: asked, and nothing said so far.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        self.answer.is_none() && self.void.is_none() && !matches!(self.delivery, Delivery::Failed(_))
    }
}

impl Booking {
    /// A booking nobody has been called for.
    #[must_use]
    pub fn new(id: BookingId, created_at: Timestamp, request: Request, chairs: Vec<Chair>, times: Vec<Span>) -> Self {
        Self {
            id,
            created_at,
            request,
            chairs,
            times,
            options: Vec::new(),
            offers: Vec::new(),
            state: State::NoTimes,
            urgent: Urgent::Nothing,
        }
    }

    /// How far it has come, in the word that the interface uses.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.state {
            State::Calling { .. } => "calling",
            State::Paused { .. } => "paused",
            State::NoTimes => "no_times",
            State::Exhausted { .. } => "exhausted",
            State::Booked { .. } => "booked",
            State::Expired => "expired",
            State::Cancelled => "cancelled",
        }
    }

    /// The numbers of its chairs.
    pub fn chair_nos(&self) -> impl Iterator<Item = ChairNo> + use<> {
        (0..u16::try_from(self.chairs.len()).unwrap_or(u16::MAX)).map(ChairNo)
    }

    /// A chair by its number.
    #[must_use]
    pub fn chair(&self, no: ChairNo) -> &Chair {
        &self.chairs[usize::from(no.0)]
    }

    /// An option by its number.
    #[must_use]
    pub fn option(&self, no: OptionNo) -> Option<&SessionOption> {
        self.options.iter().find(|option| option.no == no)
    }

    /// An offer by its number.
    #[must_use]
    pub fn offer(&self, no: OfferNo) -> Option<&Offer> {
        self.offers.get(usize::try_from(no.0).ok()?.checked_sub(1)?)
    }

    /// The offers of one option.
    pub fn offers_at(&self, option: OptionNo) -> impl Iterator<Item = &Offer> {
        self.offers.iter().filter(move |offer| offer.option == option)
    }

    /// The offer that holds a chair of an option.
    #[must_use]
    pub fn holder(&self, option: OptionNo, chair: ChairNo) -> Option<&Offer> {
        self.offers_at(option).find(|offer| offer.chair == chair && offer.holds())
    }

    /// The chairs of an option that nobody holds.
    #[must_use]
    pub fn open_chairs(&self, option: OptionNo) -> Vec<ChairNo> {
        self.chair_nos().filter(|&chair| self.holder(option, chair).is_none()).collect()
    }

    /// The option being called, last called, or booked: the one whose chairs are shown.
    #[must_use]
    pub fn current(&self) -> Option<OptionNo> {
        match self.state {
            State::Calling { option, .. }
            | State::Paused { option, .. }
            | State::Exhausted { option }
            | State::Booked { option, .. } => Some(option),
            State::NoTimes | State::Expired | State::Cancelled => None,
        }
    }

    /// Whether an option can still be booked or filled by those who were asked (rule 5.2).
    #[must_use]
    pub fn is_live(&self, option: OptionNo) -> bool {
        match self.state {
            State::Calling { .. } | State::Paused { .. } | State::Exhausted { .. } => {
                self.option(option).is_some_and(|o| o.fate == Fate::Called)
            }
            State::Booked { option: booked, .. } => {
                booked == option && self.option(option).is_some_and(|o| o.fate == Fate::Called)
            }
            State::NoTimes | State::Expired | State::Cancelled => false,
        }
    }

    /// Whether an offer's musician would hold the chair by saying YES now.
    #[must_use]
    pub fn is_answerable(&self, offer: &Offer) -> bool {
        offer.void.is_none() && self.is_live(offer.option) && self.holder(offer.option, offer.chair).is_none()
    }

    /// Every hold, the booked ones too.
    #[must_use]
    pub fn holds(&self) -> Vec<Hold> {
        let held = self.offers.iter().filter(|offer| offer.holds());
        held.filter_map(|offer| {
            let time = self.option(offer.option)?.time;
            Some(Hold { offer: offer.no, option: offer.option, chair: offer.chair, musician: offer.musician, time })
        })
        .collect()
    }

    /// The time for which the studio is taken.
    #[must_use]
    pub fn session(&self) -> Option<Span> {
        match self.state {
            State::Booked { option, .. } => self.option(option).map(|o| o.time),
            State::Calling { .. }
            | State::Paused { .. }
            | State::NoTimes
            | State::Exhausted { .. }
            | State::Expired
            | State::Cancelled => None,
        }
    }

    /// The times that can still be booked, whether called or waiting: those that a session of another booking would end.
    #[must_use]
    pub fn live_times(&self) -> Vec<(OptionNo, Span)> {
        let open = matches!(self.state, State::Calling { .. } | State::Paused { .. } | State::Exhausted { .. });
        let live = self.options.iter().filter(|o| open && !matches!(o.fate, Fate::Dead(_)));
        live.map(|o| (o.no, o.time)).collect()
    }

    /// When this booking wants to be woken, and why; none when it waits for nothing.
    ///
    /// Derived from the booking alone, so that there is nothing to cancel and nothing to lose (rule 4.4).
    #[must_use]
    pub fn next_deadline(&self, now: Timestamp, policy: &Policy) -> Option<Deadline> {
        let at = |at, reason| Deadline { at, reason };
        let option_ends = || {
            let called = self.options.iter().filter(|o| self.is_live(o.no));
            called.map(|o| at(policy.end_of(&o.time), DeadlineReason::OptionEnds)).min_by_key(|d| d.at)
        };
        let times_pass = || {
            let ends = self.times.iter().chain(self.options.iter().map(|o| &o.time)).map(|t| policy.end_of(t));
            ends.max().map(|end| at(end, DeadlineReason::TimesPass))
        };
        if self.urgent != Urgent::Nothing && !matches!(self.state, State::Paused { .. }) {
            return Some(at(now, DeadlineReason::AtOnce));
        }
        let own = match self.state {
            State::Calling { since, .. } => Some(at(self.patience_ends(since, now, policy), DeadlineReason::Patience)),
            State::Booked { refill: Some(refill), .. } if !refill.nobody_left => {
                Some(at(self.patience_ends(refill.since, now, policy), DeadlineReason::Patience))
            }
            State::Paused { asked, .. } => {
                Some(at(asked.saturating_add(crate::calling::ASK_AGAIN).unwrap_or(now), DeadlineReason::StillPaused))
            }
            State::Exhausted { .. } => option_ends().or_else(times_pass),
            State::NoTimes => times_pass(),
            State::Booked { refill: None, .. } | State::Expired | State::Cancelled => return None,
            State::Booked { .. } => None,
        };
        own.into_iter().chain(option_ends()).min_by_key(|d| d.at)
    }

    /// When patience with the last offer ends (rule 4.3). An offer that has not left counts from when it may leave.
    #[must_use]
    pub fn patience_ends(&self, since: Timestamp, now: Timestamp, policy: &Policy) -> Timestamp {
        let counted = self.offers.iter().filter_map(|offer| match offer.delivery {
            Delivery::Sent(at) | Delivery::Failed(at) | Delivery::InDoubt(at) => Some(at),
            Delivery::Queued(at) => Some(at.max(now)),
            Delivery::Sending => Some(now),
            Delivery::OnHold | Delivery::Void => None,
        });
        let last = counted.fold(since, Timestamp::max);
        last.saturating_add(policy.patience).unwrap_or(Timestamp::MAX)
    }
}
