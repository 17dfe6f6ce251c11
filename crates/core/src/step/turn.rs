//! A step under way: the booking as it changes, what follows so far, and the changes that every slice makes.

use super::{Effect, Entry, Word};
use crate::booking::{Answer, Booking, Dead, Delivery, Fate, Offer, State, Urgent};
use crate::ids::{OfferNo, OptionNo};
use crate::planning::can_fill;
use crate::policy::Policy;
use jiff::Timestamp;

/// A step under way.
pub(crate) struct Turn<'a> {
    pub(crate) booking: Booking,
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: Timestamp,
    pub(crate) policy: &'a Policy,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(booking: Booking, now: Timestamp, policy: &'a Policy) -> Self {
        Self { booking, effects: Vec::new(), now, policy }
    }
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

    /// Changes what became of an option. A time whose option is dead is not tried any more.
    pub(crate) fn set_fate(&mut self, no: OptionNo, fate: Fate) {
        let Some(option) = self.booking.options.iter_mut().find(|option| option.no == no) else { return };
        option.fate = fate;
        let time = option.time;
        if let Fate::Dead(_) = fate {
            self.booking.times.retain(|other| *other != time);
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

    /// Releases everybody who holds a chair of an option.
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
    pub(crate) fn settle(&mut self) {
        match self.booking.state {
            State::Calling { option, .. } => {
                self.kill_unfillable_but(option);
                if !self.booking.is_live(option) {
                    self.booking.urgent = Urgent::Everything;
                }
            }
            State::Paused { option, .. } => self.kill_unfillable_but(option),
            // The option that was called last was not left: the manager can still fill it, and a NO can be taken back.
            State::Exhausted { option } => {
                self.booking.urgent = Urgent::Nothing;
                self.kill_unfillable_but(option);
                self.booking.state = State::Exhausted { option: self.last_live(option) };
            }
            State::Booked { refill: Some(_), .. } => {}
            State::Booked { refill: None, .. } | State::NoTimes | State::Expired | State::Cancelled => {
                self.booking.urgent = Urgent::Nothing;
            }
        }
        self.void_unsent();
    }

    /// Rule 4.5: an option that was left is dead as soon as its holders and unanswered offers cannot fill it.
    fn kill_unfillable_but(&mut self, current: OptionNo) {
        let left: Vec<OptionNo> = self.booking.options.iter().map(|o| o.no).filter(|&no| no != current).collect();
        for no in left {
            if self.booking.is_live(no) && !can_fill(&self.who_may_fill(no)) {
                self.kill(no, Dead::Unfillable);
            }
        }
    }

    /// Calls back texts that wait and that nobody can answer any more.
    pub(crate) fn void_unsent(&mut self) {
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
}
