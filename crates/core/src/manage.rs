//! The manager's hand (rules 4.11, 7.2 and 7.4). An act that a booking's state does not allow is refused with the reason,
//! and changes nothing.
//!
//! `chairs` has what is done to one chair, `times` what is done to the times.

mod chairs;
mod times;

use crate::availability::Facts;
use crate::booking::{Answer, Delivery, Offer, State};
use crate::ids::{ChairNo, MusicianId, OfferNo};
use crate::policy::Night;
use crate::span::Span;
use crate::step::{ClientNotice, Effect, Outcome, Turn, Word};
use serde::{Deserialize, Serialize};

/// What a manager can do to a booking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Nothing leaves until it is resumed.
    Pause,
    /// Go on, with a full patience.
    Resume,
    /// Ask the next musicians now; starts an exhausted booking again.
    Next,
    /// Ask this musician for this chair at the current option.
    Ask(MusicianId, ChairNo),
    /// Give this musician this chair of the current option, without asking.
    Fill(MusicianId, ChairNo),
    /// Take a chair back from whoever holds it at the current option.
    Release(ChairNo),
    /// Try these times as well.
    AddTimes(Vec<Span>),
    /// Do not try these starts any more.
    DropTimes(Vec<Span>),
    /// Move the booked session to this time.
    Move(Span),
    /// Call it off.
    Cancel,
}

impl Act {
    /// The times that it speaks of: whoever gathers the facts for it looks at these too.
    #[must_use]
    pub fn times(&self) -> &[Span] {
        match self {
            Self::AddTimes(times) | Self::DropTimes(times) => times,
            Self::Move(time) => std::slice::from_ref(time),
            Self::Pause
            | Self::Resume
            | Self::Next
            | Self::Ask(..)
            | Self::Fill(..)
            | Self::Release(_)
            | Self::Cancel => &[],
        }
    }
}

/// What an act came to; the error is the reason for which it is refused.
type Acted = Result<Outcome, String>;

impl Turn<'_> {
    pub(crate) fn managed(&mut self, act: Act, facts: &Facts<'_>) -> Outcome {
        let before = self.booking.clone();
        let acted = match act {
            Act::Pause => self.pause(),
            Act::Resume => self.resume(facts),
            Act::Next => self.next_now(facts),
            Act::Ask(musician, chair) => self.ask_by_hand(musician, chair, facts),
            Act::Fill(musician, chair) => self.fill(musician, chair, facts),
            Act::Release(chair) => self.release_chair(chair),
            Act::AddTimes(times) => self.add_times(times, facts),
            Act::DropTimes(times) => self.drop_times(&times, facts),
            Act::Move(to) => self.move_session(to, facts),
            Act::Cancel => self.cancel(),
        };
        acted.unwrap_or_else(|reason| {
            self.booking = before;
            self.effects.clear();
            Outcome::Refused(reason)
        })
    }

    fn pause(&mut self) -> Acted {
        let State::Calling { option, .. } = self.booking.state else {
            return Err(format!("only a booking that is calling can be paused; this one is {}", self.booking.status()));
        };
        for offer in &mut self.booking.offers {
            if matches!(offer.delivery, Delivery::Queued(_)) {
                offer.delivery = Delivery::OnHold;
            }
        }
        self.booking.state = State::Paused { option, asked: self.now };
        self.log("paused");
        Ok(Outcome::Done)
    }

    fn resume(&mut self, facts: &Facts<'_>) -> Acted {
        let State::Paused { option, .. } = self.booking.state else {
            return Err(format!("it is not paused but {}", self.booking.status()));
        };
        let (now, policy) = (self.now, self.policy);
        for offer in &mut self.booking.offers {
            if offer.delivery == Delivery::OnHold {
                let night = facts.roster.get(offer.musician).map_or_else(|| Night::from(&policy.zone), Night::from);
                offer.delivery = Delivery::Queued(policy.may_leave(now, night));
            }
        }
        self.booking.state = State::Calling { option, since: now };
        self.log("resumed");
        Ok(Outcome::Done)
    }

    /// "Next wave now": with nobody left at the option, the next one is called.
    fn next_now(&mut self, facts: &Facts<'_>) -> Acted {
        let asked = self.booking.offers.clone();
        match self.booking.state.clone() {
            State::Calling { .. } => self.call(None, facts),
            State::Exhausted { option } => {
                self.booking.state = State::Calling { option, since: self.now };
                self.call(None, facts);
            }
            State::NoTimes => self.call_next_option(facts),
            State::Booked { option, refill: Some(refill) } => {
                let open = self.booking.open_chairs(option);
                self.call_stand_ins(option, refill, &open, facts);
            }
            State::Paused { .. } => return Err("it is paused: resume it first".to_owned()),
            State::Booked { refill: None, .. } | State::Expired | State::Cancelled => {
                return Err(format!("it is {}: nobody is asked any more", self.booking.status()));
            }
        }
        if self.booking.offers == asked {
            return Err("nobody is left to ask, and no other time is possible: add musicians or times".to_owned());
        }
        Ok(Outcome::Done)
    }

    /// Rule 7.4.
    fn cancel(&mut self) -> Acted {
        if matches!(self.booking.state, State::Cancelled | State::Expired) {
            return Err(format!("it is {} already", self.booking.status()));
        }
        let word = if self.booking.session().is_some() { Word::Cancelled } else { Word::Released };
        let waiting = self.booking.offers.iter().filter(|offer| self.booking.awaits_move(offer));
        let moved: Vec<OfferNo> = waiting.map(|offer| self.last_heard_of(offer)).collect();
        self.booking.state = State::Cancelled;
        let holders: Vec<OfferNo> = self.booking.offers.iter().filter(|o| o.holds()).map(|o| o.no).collect();
        for no in holders {
            self.release(no, word);
        }
        self.effects.extend(moved.into_iter().map(|no| Effect::Tell(no, word)));
        self.log("cancelled");
        self.effects.push(Effect::TellClient(ClientNotice::Cancelled));
        Ok(Outcome::Done)
    }

    /// The time at which the musician of a moved session believes it to be: the new one, unless that text has not left.
    fn last_heard_of(&self, moved: &Offer) -> OfferNo {
        if !matches!(moved.delivery, Delivery::Queued(_) | Delivery::Void) {
            return moved.no;
        }
        let before = self.booking.offers.iter().filter(|offer| offer.no < moved.no && offer.musician == moved.musician);
        let held = before.filter(|offer| matches!(offer.answer, Some(Answer::Released { .. })));
        held.map(|offer| offer.no).max().unwrap_or(moved.no)
    }
}
