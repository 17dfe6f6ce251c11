//! The way in: one booking, one event, one moment; the booking afterwards and what must be done about it.

mod turn;

pub(crate) use turn::Turn;

use crate::answers::LateBecause;
use crate::availability::Facts;
use crate::booking::{Booking, Delivery};
use crate::ids::{BookingId, ChairNo, MusicianId, OfferNo, OptionNo};
use crate::manage::Act;
use crate::planning::Impossible;
use crate::policy::Policy;
use crate::roster::MusicianStanding;
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
        /// Who gave the answer.
        by: By,
        /// What other bookings have to do with it.
        outside: Outside,
    },
    /// A musician would step in (rule 5.3).
    StandsBy {
        /// Of which offer's chair.
        offer: OfferNo,
        /// What other bookings have to do with it.
        outside: Outside,
    },
    /// A musician gives up what they hold (rule 7.3).
    DropsOut(OfferNo),
    /// What became of an offer's text.
    Delivered {
        /// Of which offer.
        offer: OfferNo,
        /// How far it has come.
        delivery: Delivery,
    },
    /// A musician may not be asked any more, for this reason (rules 4.12, 5.7).
    AskedNoMore(MusicianId, MusicianStanding),
    /// The manager stepped in (rule 7.2).
    Managed(Act, Facts<'a>),
}

/// Who gave an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The musician, who has the text therefore.
    Musician,
    /// The manager for them.
    Manager,
}

/// What other bookings have to do with an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outside {
    /// What the musician already holds, or is booked for, at an overlapping time (rule 5.4).
    pub clash: Option<Clash>,
    /// Whether something else has the studio at the offer's time: another session, a closure, a calendar's entry (rules
    /// 3.1, 6.1).
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

impl Outcome {
    /// Why what the manager asked for was not done, in words; none when it was. What a musician said too late is on
    /// record all the same.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        match self {
            Self::Refused(why) => Some(why.clone()),
            Self::Late(_) => {
                Some("it is too late for a yes: the chair cannot be had any more; the yes was noted".to_owned())
            }
            Self::Conflict(clash) => {
                Some(format!("they are held by booking #{} at that time; the yes was noted", clash.booking))
            }
            Self::Done
            | Self::Held
            | Self::Booked
            | Self::AlreadyHeld
            | Self::SaidNo
            | Self::AlreadyNo
            | Self::DroppedOut
            | Self::StandsBy
            | Self::ChairIsOpen
            | Self::HoldsNothing => None,
        }
    }
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
    /// Their hold is over: the manager took the chair back.
    NotNeeded,
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
    /// A musician may not be texted, for this reason, while holding this offer's chair (rule 4.12).
    CallHolder(OfferNo, MusicianStanding),
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
    let mut turn = Turn::new(booking, now, policy);
    let outcome = match event {
        Event::Created(facts) => turn.created(&facts),
        Event::Woken(facts) => turn.woken(&facts),
        Event::Answered { offer, yes, by: By::Manager, outside } => turn.answered(offer, yes, outside),
        Event::Answered { offer, yes, by: By::Musician, outside } => {
            turn.has_arrived(offer);
            turn.answered(offer, yes, outside)
        }
        Event::StandsBy { offer, outside } => {
            turn.has_arrived(offer);
            turn.stands_by(offer, outside)
        }
        Event::DropsOut(offer) => {
            turn.has_arrived(offer);
            turn.drops_out(offer)
        }
        Event::Delivered { offer, delivery } => turn.delivered(offer, delivery),
        Event::AskedNoMore(musician, standing) => turn.asked_no_more(musician, standing),
        Event::Managed(act, facts) => turn.managed(act, &facts),
    };
    turn.settle();
    Stepped { booking: turn.booking, outcome, effects: turn.effects }
}
