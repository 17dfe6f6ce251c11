//! The times of a booking: more of them, fewer of them, and moving a booked session.

use super::Acted;
use crate::availability::Facts;
use crate::booking::{Answer, Dead, Delivery, Fate, Offer, OfferReason, Refill, SessionOption, State, Urgent};
use crate::ids::OptionNo;
use crate::planning::plan;
use crate::roster::MusicianStanding;
use crate::span::Span;
use crate::step::{ClientNotice, Effect, Notice, Outcome, Turn};

impl Turn<'_> {
    /// More times; a booking that had none left goes on with them.
    pub(super) fn add_times(&mut self, times: Vec<Span>, facts: &Facts<'_>) -> Acted {
        if matches!(self.booking.state, State::Booked { .. } | State::Cancelled) {
            return Err(format!("it is {}: no time can be added", self.booking.status()));
        }
        if times.iter().any(|time| self.policy.end_of(time) <= self.now) {
            return Err("a time that has passed cannot be added".to_owned());
        }
        for time in times {
            if !self.booking.times.contains(&time) {
                self.booking.times.push(time);
            }
        }
        self.log("times_added");
        let planned = plan(&self.booking, self.now, facts, self.policy);
        let possible = planned.iter().any(|option| option.fate == Fate::Waiting);
        match self.booking.state {
            State::NoTimes | State::Exhausted { .. } | State::Expired if possible => self.call_next_option(facts),
            State::Calling { .. } | State::Paused { .. } => self.booking.options = planned,
            State::NoTimes | State::Exhausted { .. } | State::Expired | State::Booked { .. } | State::Cancelled => {}
        }
        Ok(Outcome::Done)
    }

    pub(super) fn drop_times(&mut self, times: &[Span], facts: &Facts<'_>) -> Acted {
        if matches!(self.booking.state, State::Booked { .. } | State::Cancelled | State::Expired) {
            return Err(format!("it is {}: no time can be dropped", self.booking.status()));
        }
        let dropped = |time: &Span| times.iter().any(|t| t.start == time.start);
        let called = self.booking.options.iter().filter(|option| option.fate == Fate::Called && dropped(&option.time));
        let called: Vec<OptionNo> = called.map(|option| option.no).collect();
        let ahead = |time: &&Span| self.policy.end_of(time) > self.now;
        if called.is_empty() && !self.booking.times.iter().filter(ahead).any(dropped) {
            return Err("it has no such time".to_owned());
        }
        self.booking.times.retain(|time| !dropped(time));
        for no in called {
            self.kill(no, Dead::Dropped);
        }
        self.booking.options = plan(&self.booking, self.now, facts, self.policy);
        self.log("times_dropped");
        Ok(Outcome::Done)
    }

    /// Rule 7.2: the booked session's holders are asked anew about the new time; so are those who have not answered to
    /// its last move. A chair that was open before is called for at once.
    pub(super) fn move_session(&mut self, to: Span, facts: &Facts<'_>) -> Acted {
        let from = self.can_move(to, facts)?;
        let no = OptionNo(1 + self.booking.options.iter().map(|o| o.no.0).max().unwrap_or(0));
        let theirs = self.booking.offers_at(from).filter(|o| o.holds() || self.booking.awaits_move(o));
        let theirs: Vec<Offer> = theirs.cloned().collect();
        self.booking.options.push(SessionOption { no, time: to, fate: Fate::Called });
        self.set_fate(from, Fate::Dead(Dead::Dropped));
        let refill = Refill { moved: true, ..Refill::new(self.now) };
        self.booking.state = State::Booked { option: no, refill: Some(refill) };
        self.booking.urgent = Urgent::Nothing;
        for offer in &theirs {
            self.ask_anew(offer, no, facts);
        }
        for chair in self.booking.chair_nos().filter(|chair| !theirs.iter().any(|offer| offer.chair == *chair)) {
            self.call_chair_at_once(no, chair);
        }
        self.log("moved").option = Some(no);
        self.effects.push(Effect::TellClient(ClientNotice::Moved(no)));
        Ok(Outcome::Done)
    }

    /// The option from which the session can be moved.
    fn can_move(&self, to: Span, facts: &Facts<'_>) -> Result<OptionNo, String> {
        let State::Booked { option: from, .. } = self.booking.state else {
            return Err(format!("only a booked session can be moved; this one is {}", self.booking.status()));
        };
        if self.policy.end_of(&to) <= self.now {
            return Err("that time has passed".to_owned());
        }
        facts.studio_can_be_had(&to)?;
        if self.booking.option(from).is_some_and(|o| o.time == to) {
            return Err("it is at that time already".to_owned());
        }
        Ok(from)
    }

    /// Rule 4.12: whoever is not texted any more is called by the manager, who answers for them.
    fn ask_anew(&mut self, offer: &Offer, to: OptionNo, facts: &Facts<'_>) {
        if let Some(Answer::Held(answered)) = offer.answer {
            self.set_answer(offer.no, Answer::Released { answered, released: self.now });
        }
        let no = self.ask(to, offer.chair, offer.musician, OfferReason::Moved, facts);
        let standing = facts.roster.get(offer.musician).map_or(MusicianStanding::Removed, |m| m.standing);
        if standing != MusicianStanding::Active {
            self.effects.push(Effect::TellManager(Notice::CallHolder(no, standing)));
            if let Some(offer) = self.offer_mut(no) {
                offer.delivery = Delivery::Void;
            }
        }
    }
}
