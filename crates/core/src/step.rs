//! The way in: one booking, one event, one moment; the booking afterwards and what must be done about it.

use crate::answers::LateBecause;
use crate::availability::Facts;
use crate::booking::{Answer, Booking, Dead, Delivery, Fate, Offer, State, Urgent, Void};
use crate::ids::{BookingId, ChairNo, MusicianId, OfferNo, OptionNo};
use crate::manage::Act;
use crate::planning::{Impossible, can_fill};
use crate::policy::Policy;
use crate::span::Span;
use jiff::Timestamp;

/// Something that happened to a booking.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// It was made.
    Created(Facts<'a>),
    /// Its deadline came, or something outside it changed that it may depend on.
    Woken(Facts<'a>),
    /// A musician, or the manager for them, said YES or NO.
    Answered {
        /// To which offer.
        offer: OfferNo,
        /// YES or NO.
        yes: bool,
        /// What other bookings have to do with it.
        outside: Outside,
    },
    /// A musician would step in (rule 5.3).
    StandsBy(OfferNo),
    /// A musician gives up what they hold (rule 7.3).
    DropsOut(OfferNo),
    /// What became of an offer's text.
    Delivered {
        /// Of which offer.
        offer: OfferNo,
        /// How far it has come.
        delivery: Delivery,
    },
    /// A musician said STOP (rule 5.7).
    OptedOut(MusicianId),
    /// The manager stepped in (rule 7.2).
    Managed(Act, Facts<'a>),
}

/// What other bookings have to do with an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outside {
    /// What the musician already holds, or is booked for, at an overlapping time (rule 5.4).
    pub clash: Option<Clash>,
    /// Whether another session has the studio at the offer's time (rule 6.1).
    pub studio_taken: bool,
}

/// A hold or session of another booking that overlaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clash {
    /// Which booking.
    pub booking: BookingId,
    /// When.
    pub time: Span,
}

/// What a step did.
#[derive(Clone, Debug)]
pub struct Stepped {
    /// The booking as it is now.
    pub booking: Booking,
    /// What the one who caused it is told.
    pub outcome: Outcome,
    /// What must be done about it, in order.
    pub effects: Vec<Effect>,
}

/// What the one who caused a step is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken note of.
    Done,
    /// The chair is theirs until the session is booked or they are released.
    Held,
    /// The chair is theirs, and with it the session is booked.
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
    Late(LateBecause),
    /// YES, but they hold something that overlaps (rule 5.4).
    Conflict(Clash),
    /// They will be asked first when the chair opens.
    StandsBy,
    /// The chair is open: saying YES is what takes it.
    ChairIsOpen,
    /// They hold nothing that could be given up.
    HoldsNothing,
    /// What was asked for cannot be done in the booking's state, and why.
    Refused(String),
}

/// Something to be done because of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Write the message of a new offer.
    Ask(OfferNo),
    /// Tell a musician about what they were offered.
    Tell(OfferNo, Word),
    /// Tell the manager, once.
    TellManager(Notice),
    /// Tell the client.
    TellClient(ClientNotice),
    /// A session was booked, or moved, with these musicians.
    Booked(Vec<MusicianId>),
    /// Write it into the booking's log.
    Log(Entry),
}

/// What a musician is told about an offer of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The session is on, with them.
    Confirmed,
    /// Their hold is over: it is not going ahead at that time.
    Released,
    /// The booked session is off.
    Cancelled,
}

/// What the manager is told (rule 7.1).
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// No time is possible.
    NoTimes(Vec<Impossible>),
    /// Everybody was asked.
    Exhausted(OptionNo),
    /// The session is booked, or complete again.
    Booked(OptionNo),
    /// Somebody gave up a chair of a booked session, or did not answer to its being moved.
    DroppedOut(OfferNo),
    /// Nobody is left to step in for this chair.
    NobodyStepsIn(ChairNo),
    /// The times have passed.
    Expired,
    /// A paused booking is still paused.
    StillPaused,
    /// A text could not be delivered.
    Undeliverable(OfferNo),
    /// A musician opted out while holding this offer's chair (rule 4.12).
    HolderOptedOut(OfferNo),
}

/// What the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientNotice {
    /// The session is on.
    Booked(OptionNo),
    /// The session was moved.
    Moved(OptionNo),
    /// The booking was cancelled.
    Cancelled,
}

/// A line of a booking's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened, in one word.
    pub kind: &'static str,
    /// About which option.
    pub option: Option<OptionNo>,
    /// About which chair.
    pub chair: Option<ChairNo>,
    /// About whom.
    pub musician: Option<MusicianId>,
    /// What the kind alone does not say.
    pub detail: String,
}

/// Applies one event. Never fails and never stays silent: what is not wanted comes back as an outcome that says why.
#[must_use]
pub fn step(booking: Booking, event: Event<'_>, now: Timestamp, policy: &Policy) -> Stepped {
    let mut turn = Turn { booking, effects: Vec::new(), now, policy };
    let outcome = match event {
        Event::Created(facts) => turn.created(&facts),
        Event::Woken(facts) => turn.woken(&facts),
        Event::Answered { offer, yes, outside } => turn.answered(offer, yes, outside),
        Event::StandsBy(offer) => turn.stands_by(offer),
        Event::DropsOut(offer) => turn.drops_out(offer),
        Event::Delivered { offer, delivery } => turn.delivered(offer, delivery),
        Event::OptedOut(musician) => turn.opted_out(musician),
        Event::Managed(act, facts) => turn.managed(act, &facts),
    };
    turn.settle();
    Stepped { booking: turn.booking, outcome, effects: turn.effects }
}

/// A step under way.
pub(crate) struct Turn<'a> {
    pub(crate) booking: Booking,
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: Timestamp,
    pub(crate) policy: &'a Policy,
}

impl Turn<'_> {
    pub(crate) fn log(&mut self, kind: &'static str) -> &mut Entry {
        let entry = Entry { kind, option: None, chair: None, musician: None, detail: String::new() };
        self.effects.push(Effect::Log(entry));
        match self.effects.last_mut() {
            Some(Effect::Log(entry)) => entry,
            _ => unreachable!("an entry was pushed"),
        }
    }

    pub(crate) fn log_offer(&mut self, kind: &'static str, no: OfferNo) {
        let Some(&Offer { option, chair, musician, .. }) = self.booking.offer(no) else { return };
        let entry = self.log(kind);
        (entry.option, entry.chair, entry.musician) = (Some(option), Some(chair), Some(musician));
    }

    pub(crate) fn offer_mut(&mut self, no: OfferNo) -> Option<&mut Offer> {
        self.booking.offers.get_mut(usize::try_from(no.0).ok()?.checked_sub(1)?)
    }

    pub(crate) fn set_answer(&mut self, no: OfferNo, answer: Answer) {
        if let Some(offer) = self.offer_mut(no) {
            offer.answer = Some(answer);
        }
    }

    pub(crate) fn set_fate(&mut self, no: OptionNo, fate: Fate) {
        if let Some(option) = self.booking.options.iter_mut().find(|option| option.no == no) {
            option.fate = fate;
        }
    }

    /// An option cannot be booked any more: its holders are released (rules 4.5, 4.10, 6.3).
    pub(crate) fn kill(&mut self, no: OptionNo, why: Dead) {
        self.set_fate(no, Fate::Dead(why));
        let entry = self.log("option_dead");
        entry.option = Some(no);
        why.phrase().clone_into(&mut entry.detail);
        self.release_holders(no);
    }

    /// Releases everybody who holds a chair of an option, and tells those who hold nothing else of this booking's.
    pub(crate) fn release_holders(&mut self, option: OptionNo) {
        let holders: Vec<OfferNo> = self.booking.offers_at(option).filter(|o| o.holds()).map(|o| o.no).collect();
        for no in holders {
            self.release(no, Word::Released);
        }
    }

    /// Ends one hold. Who is in the booked line-up all the same is not told that they are not needed.
    pub(crate) fn release(&mut self, no: OfferNo, word: Word) {
        let Some(offer) = self.booking.offer(no) else { return };
        let Some(Answer::Held(answered)) = offer.answer else { return };
        let (musician, now) = (offer.musician, self.now);
        let booked = matches!(self.booking.state, State::Booked { .. });
        self.set_answer(no, Answer::Released { answered, released: now });
        let plays = booked && self.booking.offers.iter().any(|o| o.holds() && o.musician == musician);
        if !plays {
            self.effects.push(Effect::Tell(no, word));
        }
        self.log_offer("released", no);
    }

    /// What follows from every change, whatever it was: options that were left and cannot be filled die, texts that
    /// nobody can answer any more do not leave, and a dead current option is replaced at once.
    fn settle(&mut self) {
        let calling = match self.booking.state {
            State::Calling { option, .. } | State::Paused { option, .. } => Some(option),
            State::Exhausted { .. } => None,
            State::NoTimes | State::Booked { .. } | State::Expired | State::Cancelled => return self.void_unsent(),
        };
        let left: Vec<OptionNo> = self.booking.options.iter().map(|o| o.no).collect();
        for no in left {
            if Some(no) != calling && self.booking.is_live(no) && !can_fill(&self.who_may_fill(no)) {
                self.kill(no, Dead::Unfillable);
            }
        }
        if matches!(self.booking.state, State::Calling { option, .. } if !self.booking.is_live(option)) {
            self.booking.urgent = Urgent::Everything;
        }
        self.void_unsent();
    }

    fn void_unsent(&mut self) {
        let stale: Vec<OfferNo> = self
            .booking
            .offers
            .iter()
            .filter(|o| matches!(o.delivery, Delivery::Queued(_) | Delivery::OnHold))
            .filter(|o| !self.booking.is_answerable(o) || o.answer.is_some())
            .map(|o| o.no)
            .collect();
        for no in stale {
            if let Some(offer) = self.offer_mut(no) {
                offer.delivery = Delivery::Void;
            }
        }
    }

    /// Closes for good the offers that `which` picks and nobody has answered.
    pub(crate) fn close(&mut self, void: Void, which: impl Fn(&Offer) -> bool) {
        for offer in &mut self.booking.offers {
            if offer.void.is_none() && !offer.holds() && which(offer) {
                offer.void = Some(void);
            }
        }
    }
}

impl Dead {
    /// As it follows "this time cannot be booked any more: ".
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::TooLate => "it is too late for it",
            Self::StudioTaken => "another session has the studio",
            Self::Unfillable => "those who were asked can no longer fill it",
            Self::Dropped => "the manager took it off the list",
        }
    }
}
