//! Where a YES is decided (rules 5 and 6.1), and what an offer's page says.

use crate::booking::{Answer, Booking, Dead, Fate, Offer, Refill, State, Urgent, Void};
use crate::ids::{OfferNo, OptionNo};
use crate::step::{Clash, ClientNotice, Effect, Notice, Outcome, Outside, Turn, Word};
use jiff::Timestamp;

/// Why a YES comes too late (rule 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateBecause {
    /// Somebody else holds the chair.
    Filled,
    /// The session is booked at another time.
    BookedElsewhere,
    /// The booking was cancelled.
    Cancelled,
    /// The booking's times have passed.
    Expired,
    /// The time cannot be booked any more.
    Dead(Dead),
    /// The offer was closed.
    Void(Void),
}

/// What an offer's page, and the API, say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be answered.
    Open,
    /// They said NO, and can still change their mind.
    SaidNo,
    /// They hold the chair since then.
    Held(Timestamp),
    /// They play.
    Confirmed(Timestamp),
    /// They held the chair and were released.
    Released,
    /// It cannot be had any more.
    Closed(LateBecause),
}

impl Booking {
    /// Why an offer's chair cannot be had by saying YES now; none when it can.
    #[must_use]
    pub fn late_because(&self, offer: &Offer) -> Option<LateBecause> {
        if let Some(void) = offer.void {
            return Some(LateBecause::Void(void));
        }
        match self.state {
            State::Cancelled => return Some(LateBecause::Cancelled),
            State::Expired => return Some(LateBecause::Expired),
            State::Booked { option, .. } if option != offer.option => return Some(LateBecause::BookedElsewhere),
            State::Booked { .. }
            | State::Calling { .. }
            | State::Paused { .. }
            | State::Exhausted { .. }
            | State::NoTimes => {}
        }
        if self.holder(offer.option, offer.chair).is_some_and(|holder| holder.no != offer.no) {
            return Some(LateBecause::Filled);
        }
        match self.option(offer.option)?.fate {
            Fate::Dead(why) => Some(LateBecause::Dead(why)),
            Fate::Waiting | Fate::Called => None,
        }
    }

    /// What an offer's page says.
    #[must_use]
    pub fn standing(&self, offer: &Offer) -> Standing {
        let booked = matches!(self.state, State::Booked { option, .. } if option == offer.option);
        match (offer.answer, self.late_because(offer)) {
            (Some(Answer::Held(at)), _) if booked => Standing::Confirmed(at),
            (Some(Answer::Held(at)), _) => Standing::Held(at),
            (Some(Answer::Released { .. }), Some(_)) => Standing::Released,
            (_, Some(why)) => Standing::Closed(why),
            (Some(Answer::No(_) | Answer::Overlap(_)), None) => Standing::SaidNo,
            (Some(Answer::Late(_) | Answer::Conflict(_) | Answer::Released { .. }) | None, None) => Standing::Open,
        }
    }
}

impl Turn<'_> {
    pub(crate) fn answered(&mut self, no: OfferNo, yes: bool, outside: Outside) -> Outcome {
        let Some(offer) = self.booking.offer(no).cloned() else {
            return Outcome::Refused("there is no such offer".to_owned());
        };
        if yes { self.said_yes(&offer, outside) } else { self.said_no(&offer) }
    }

    /// Rules 5.2–5.5: the chair is theirs if it can be had; whatever is in the way is recorded and said.
    fn said_yes(&mut self, offer: &Offer, outside: Outside) -> Outcome {
        // Whoever has another chair then plays: to them a filled chair is no "you are not booked".
        if self.booking.holds_a_chair(offer.musician, offer.option) {
            return Outcome::AlreadyHeld;
        }
        if let Some(why) = self.booking.late_because(offer).or_else(|| self.too_late_for(offer.option)) {
            return self.too_late(offer, why);
        }
        if self.studio_is_in_the_way(offer.option, outside) {
            self.kill(offer.option, Dead::StudioTaken);
            return self.too_late(offer, LateBecause::Dead(Dead::StudioTaken));
        }
        if let Some(clash) = outside.clash {
            return self.conflicts(offer, clash);
        }
        self.hold(offer.no);
        self.log_offer("yes", offer.no);
        self.book_if_complete(offer)
    }

    /// Rule 3.1, also in the moment before the booking is woken for it. A booked session has the studio.
    fn studio_is_in_the_way(&self, option: OptionNo, outside: Outside) -> bool {
        let closed = self.booking.option(option).is_some_and(|option| !self.policy.is_open(&option.time));
        (outside.studio_taken || closed) && self.booking.session().is_none()
    }

    /// Rule 4.10, also in the moment before the booking is woken for it.
    pub(crate) fn too_late_for(&self, option: OptionNo) -> Option<LateBecause> {
        let time = self.booking.option(option)?.time;
        (self.policy.end_of(&time) <= self.now).then_some(LateBecause::Dead(Dead::TooLate))
    }

    pub(crate) fn hold(&mut self, no: OfferNo) {
        let now = self.now;
        if let Some(offer) = self.offer_mut(no) {
            offer.answer = Some(Answer::Held(now));
            offer.standby = false;
        }
    }

    fn too_late(&mut self, offer: &Offer, why: LateBecause) -> Outcome {
        // Who was released said YES in time: that stays on record (rule 6.3).
        if !matches!(offer.answer, Some(Answer::Late(_) | Answer::Released { .. })) {
            self.set_answer(offer.no, Answer::Late(self.now));
            self.log_offer("late", offer.no);
        }
        Outcome::Late(why)
    }

    fn conflicts(&mut self, offer: &Offer, clash: Clash) -> Outcome {
        if !matches!(offer.answer, Some(Answer::Conflict(_))) {
            self.set_answer(offer.no, Answer::Conflict(self.now));
            self.log_offer("conflict", offer.no);
        }
        Outcome::Conflict(clash)
    }

    /// Rules 5.5, 6.1 and 7.3: with the last chair the session is booked; a stand-in completes it again.
    pub(crate) fn book_if_complete(&mut self, offer: &Offer) -> Outcome {
        let complete = self.booking.open_chairs(offer.option).is_empty();
        match self.booking.state {
            State::Booked { option, .. } => {
                self.effects.push(Effect::Booked(vec![offer.musician]));
                self.effects.push(Effect::Tell(offer.no, Word::Confirmed));
                let open = self.booking.open_chairs(option);
                if complete {
                    self.booking.state = State::Booked { option, refill: None };
                    self.booking.urgent = Urgent::Nothing;
                    self.effects.push(Effect::TellManager(Notice::Booked(option)));
                } else if let State::Booked { refill: Some(refill), .. } = &mut self.booking.state {
                    refill.nobody_left = open.iter().all(|chair| refill.told.contains(chair));
                }
                Outcome::Booked
            }
            State::Calling { .. } | State::Paused { .. } | State::Exhausted { .. } if complete => {
                self.book(offer.option);
                Outcome::Booked
            }
            State::Calling { .. }
            | State::Paused { .. }
            | State::Exhausted { .. }
            | State::NoTimes
            | State::Expired
            | State::Cancelled => Outcome::Held,
        }
    }

    /// Rule 6.1 and 6.2.
    fn book(&mut self, option: OptionNo) {
        self.booking.state = State::Booked { option, refill: None };
        self.booking.urgent = Urgent::Nothing;
        self.log("booked").option = Some(option);
        let holders: Vec<Offer> = self.booking.offers_at(option).filter(|o| o.holds()).cloned().collect();
        self.effects.push(Effect::Booked(holders.iter().map(|o| o.musician).collect()));
        for holder in &holders {
            self.effects.push(Effect::Tell(holder.no, Word::Confirmed));
        }
        self.effects.push(Effect::TellManager(Notice::Booked(option)));
        self.effects.push(Effect::TellClient(ClientNotice::Booked(option)));
        let others: Vec<OptionNo> = self.booking.options.iter().map(|o| o.no).filter(|&no| no != option).collect();
        for other in others {
            self.release_holders(other);
        }
    }

    /// Rules 4.6, 5.5 and 7.3.
    fn said_no(&mut self, offer: &Offer) -> Outcome {
        if offer.holds() || self.booking.awaits_move(offer) {
            return self.gives_up(offer);
        }
        if matches!(offer.answer, Some(Answer::No(_))) {
            return Outcome::AlreadyNo;
        }
        let waited_for = self.booking.is_answerable(offer) && !matches!(offer.answer, Some(Answer::Overlap(_)));
        // Who was released said YES in time: that stays on record (rule 6.3).
        if !matches!(offer.answer, Some(Answer::Released { .. })) {
            self.set_answer(offer.no, Answer::No(self.now));
        }
        if let Some(offer) = self.offer_mut(offer.no) {
            offer.standby = false;
        }
        self.log_offer("no", offer.no);
        if waited_for {
            self.after_no(offer.option);
        }
        Outcome::SaidNo
    }

    /// A YES is taken back: before the session is booked the chair is open again, afterwards it is a drop-out.
    fn gives_up(&mut self, offer: &Offer) -> Outcome {
        self.set_answer(offer.no, Answer::No(self.now));
        if !matches!(self.booking.state, State::Booked { .. }) {
            self.log_offer("took_back", offer.no);
            self.after_no(offer.option);
            return Outcome::SaidNo;
        }
        self.log_offer("dropped_out", offer.no);
        self.effects.push(Effect::TellManager(Notice::DroppedOut(offer.no)));
        self.open_chair(offer);
        Outcome::DroppedOut
    }

    /// A chair of the booked session is open: somebody is asked at once, unless it is too late for anybody (rule 4.10).
    pub(crate) fn open_chair(&mut self, offer: &Offer) {
        let State::Booked { option, refill } = &self.booking.state else { return };
        let option = *option;
        if self.too_late_for(option).is_some() {
            return self.stop_looking(option);
        }
        if !self.booking.is_live(option) {
            return;
        }
        let mut refill = refill.clone().unwrap_or_else(|| Refill::new(self.now));
        refill.starts_again(offer.chair);
        self.booking.state = State::Booked { option, refill: Some(refill) };
        self.call_chair_at_once(option, offer.chair);
    }

    /// Rule 7.3, by text or link.
    pub(crate) fn drops_out(&mut self, no: OfferNo) -> Outcome {
        match self.booking.offer(no).cloned() {
            Some(offer) if offer.holds() || self.booking.awaits_move(&offer) => self.gives_up(&offer),
            Some(_) => Outcome::HoldsNothing,
            None => Outcome::Refused("there is no such offer".to_owned()),
        }
    }

    /// Of chairs on the same instrument the manager was told that nobody steps in: somebody does.
    fn ask_stand_in_after_all(&mut self, offer: &Offer) {
        let State::Booked { option, refill: Some(refill) } = &self.booking.state else { return };
        let instrument = &self.booking.chair(offer.chair).instrument;
        let given_up = refill.told.iter().copied().filter(|&no| self.booking.chair(no).instrument == *instrument);
        let (option, given_up) = (*option, given_up.collect::<Vec<_>>());
        for chair in given_up {
            self.call_chair_at_once(option, chair);
        }
    }

    /// Rule 5.3.
    pub(crate) fn stands_by(&mut self, no: OfferNo, outside: Outside) -> Outcome {
        let Some(offer) = self.booking.offer(no).cloned() else {
            return Outcome::Refused("there is no such offer".to_owned());
        };
        if self.booking.holds_a_chair(offer.musician, offer.option) {
            return Outcome::AlreadyHeld;
        }
        match self.booking.state {
            State::Cancelled => return Outcome::Late(LateBecause::Cancelled),
            State::Expired => return Outcome::Late(LateBecause::Expired),
            State::Calling { .. }
            | State::Paused { .. }
            | State::NoTimes
            | State::Exhausted { .. }
            | State::Booked { .. } => {}
        }
        if let Some(why) = self.too_late_for(offer.option) {
            return Outcome::Late(why);
        }
        if self.booking.is_answerable(&offer) && !self.studio_is_in_the_way(offer.option, outside) {
            return Outcome::ChairIsOpen;
        }
        if !offer.standby {
            if let Some(offer) = self.offer_mut(no) {
                offer.standby = true;
            }
            self.log_offer("standby", no);
            self.ask_stand_in_after_all(&offer);
        }
        Outcome::StandsBy
    }
}
