//! Calling: who is asked when (rules 4.1–4.11, 7.3).

use crate::availability::Facts;
use crate::booking::{Answer, Booking, Dead, Delivery, Fate, Offer, OfferReason, Refill, State, Urgent, Void};
use crate::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use crate::planning::{Candidates, Seat, can_fill, candidates, impossible, line_up, plan, rank};
use crate::policy::{AfterNo, PreviousOffers};
use crate::step::{Effect, Notice, Outcome, Turn};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// After how long the manager is asked again about a paused booking (rule 4.11).
pub const ASK_AGAIN: SignedDuration = SignedDuration::from_hours(24);

impl Turn<'_> {
    pub(crate) fn created(&mut self, facts: &Facts<'_>) -> Outcome {
        self.log("created");
        self.call_next_option(facts);
        Outcome::Done
    }

    /// The one place where time passes: everything that is due now is done.
    pub(crate) fn woken(&mut self, facts: &Facts<'_>) -> Outcome {
        let ended = self.end_options();
        self.note_other_bookings(facts);
        match self.booking.state {
            State::Calling { since, .. } => self.call_if_due(since, facts),
            State::Paused { option, asked } => self.ask_about_pause(option, asked),
            State::Exhausted { .. } | State::NoTimes => self.expire_if_over(ended),
            State::Booked { option, refill: Some(refill) } => self.call_stand_ins_if_due(option, refill, facts),
            State::Booked { refill: None, .. } | State::Expired | State::Cancelled => {
                self.booking.urgent = Urgent::Nothing;
            }
        }
        Outcome::Done
    }

    /// Rule 4.10: at its start, less the notice, an option is dead. True when a called one died.
    fn end_options(&mut self) -> bool {
        if let State::Booked { option, refill: Some(_) } = self.booking.state {
            if self.booking.option(option).is_some_and(|o| self.policy.end_of(&o.time) <= self.now) {
                self.set_fate(option, Fate::Dead(Dead::TooLate));
                self.booking.state = State::Booked { option, refill: None };
            }
            return false;
        }
        if matches!(self.booking.state, State::Booked { .. } | State::Expired | State::Cancelled) {
            return false;
        }
        let mut ended = false;
        for option in self.booking.options.clone() {
            if self.policy.end_of(&option.time) > self.now {
                continue;
            }
            match option.fate {
                Fate::Waiting => self.set_fate(option.no, Fate::Dead(Dead::TooLate)),
                Fate::Called => {
                    ended = true;
                    self.kill(option.no, Dead::TooLate);
                }
                Fate::Dead(_) => {}
            }
        }
        ended
    }

    /// What other bookings took: the studio (rules 6.1, 6.3), or the time of somebody who was asked (rule 4.8).
    fn note_other_bookings(&mut self, facts: &Facts<'_>) {
        if self.booking.session().is_none() {
            for option in self.booking.options.clone() {
                let open = !matches!(option.fate, Fate::Dead(_)) && self.booking.current().is_some();
                if !open || facts.busy.in_studio(&option.time).is_none() {
                    continue;
                }
                match option.fate {
                    Fate::Called => self.kill(option.no, Dead::StudioTaken),
                    Fate::Waiting | Fate::Dead(_) => self.set_fate(option.no, Fate::Dead(Dead::StudioTaken)),
                }
            }
        }
        let overlapping: Vec<OfferNo> = self
            .booking
            .offers
            .iter()
            .filter(|offer| offer.answer.is_none() && self.booking.is_answerable(offer))
            .filter(|offer| {
                let option = self.booking.option(offer.option);
                option.is_some_and(|o| facts.busy.commitment(offer.musician, &o.time, self.policy).is_some())
            })
            .map(|offer| offer.no)
            .collect();
        for no in overlapping {
            self.set_answer(no, Answer::Overlap(self.now));
            self.log_offer("overlap", no);
            self.after_no();
        }
    }

    /// Rule 4.6: a NO sets nothing off, unless the studio wants it to.
    pub(crate) fn after_no(&mut self) {
        let calling = matches!(self.booking.state, State::Calling { .. });
        if calling && self.policy.after_no == AfterNo::Next {
            self.booking.urgent = Urgent::Everything;
        }
    }

    /// Rule 4.3.
    fn call_if_due(&mut self, since: jiff::Timestamp, facts: &Facts<'_>) {
        let due = self.booking.patience_ends(since, self.now, self.policy) <= self.now;
        let urgent = std::mem::take(&mut self.booking.urgent);
        let dead = self.booking.current().is_some_and(|option| !self.booking.is_live(option));
        match urgent {
            _ if due || dead => self.call(None, facts),
            Urgent::Everything => self.call(None, facts),
            Urgent::Chairs(chairs) => self.call(Some(&chairs), facts),
            Urgent::Nothing => {}
        }
    }

    /// The next wave at this option while it can be filled and somebody is left to ask; otherwise the next option.
    ///
    /// With `only`, just those chairs are called for; the others' patience has not passed.
    pub(crate) fn call(&mut self, only: Option<&BTreeSet<ChairNo>>, facts: &Facts<'_>) {
        let State::Calling { option, .. } = self.booking.state else { return };
        if self.booking.is_live(option) && self.can_still_fill(option, facts) {
            let mut chairs = self.booking.open_chairs(option);
            chairs.retain(|chair| only.is_none_or(|only| only.contains(chair)));
            let wave = line_up(&self.left_to_ask(option, &chairs, facts));
            if !wave.is_empty() {
                return self.send_wave(option, &wave, facts);
            }
            if only.is_some() {
                return;
            }
        }
        self.call_next_option(facts);
    }

    /// Rule 4.3b and c: the next possible time, planned afresh; with none left the booking is exhausted.
    pub(crate) fn call_next_option(&mut self, facts: &Facts<'_>) {
        self.booking.urgent = Urgent::Nothing;
        self.booking.options = plan(&self.booking, self.now, facts, self.policy);
        let Some(next) = self.booking.options.iter().find(|o| o.fate == Fate::Waiting).map(|o| o.no) else {
            return self.nobody_left(facts);
        };
        let chairs: Vec<ChairNo> = self.booking.chair_nos().collect();
        let wave = line_up(&self.left_to_ask(next, &chairs, facts));
        self.set_fate(next, Fate::Called);
        self.log("option_called").option = Some(next);
        self.send_wave(next, &wave, facts);
    }

    fn nobody_left(&mut self, facts: &Facts<'_>) {
        let Some(option) = self.booking.current() else {
            self.booking.state = State::NoTimes;
            self.log("no_times");
            let why = impossible(&self.booking, self.now, facts, self.policy);
            return self.effects.push(Effect::TellManager(Notice::NoTimes(why)));
        };
        let started = self.booking.option(option).is_some_and(|o| o.fate == Fate::Dead(Dead::TooLate));
        let alive = self.booking.options.iter().any(|o| self.booking.is_live(o.no));
        if started && !alive {
            return self.expire();
        }
        self.booking.state = State::Exhausted { option };
        self.log("exhausted");
        self.effects.push(Effect::TellManager(Notice::Exhausted(option)));
    }

    fn expire(&mut self) {
        self.booking.state = State::Expired;
        self.booking.urgent = Urgent::Nothing;
        self.log("expired");
        self.effects.push(Effect::TellManager(Notice::Expired));
    }

    /// Rule 4.10: when no option is left alive, the booking is over.
    fn expire_if_over(&mut self, ended: bool) {
        self.booking.urgent = Urgent::Nothing;
        let alive = self.booking.options.iter().any(|o| self.booking.is_live(o.no));
        if !alive && (ended || self.all_times_passed()) {
            self.expire();
        }
    }

    fn all_times_passed(&self) -> bool {
        let times = self.booking.times.iter().chain(self.booking.options.iter().map(|o| &o.time));
        times.into_iter().all(|time| self.policy.end_of(time) <= self.now)
    }

    /// Rule 4.11: a paused booking is not forgotten.
    fn ask_about_pause(&mut self, option: OptionNo, asked: jiff::Timestamp) {
        if self.all_times_passed() {
            return self.expire();
        }
        if asked.saturating_add(ASK_AGAIN).is_ok_and(|again| again <= self.now) {
            self.booking.state = State::Paused { option, asked: self.now };
            self.effects.push(Effect::TellManager(Notice::StillPaused));
        }
    }

    /// Rule 7.3: for every chair of the booked session that is open, one musician at a time.
    fn call_stand_ins_if_due(&mut self, option: OptionNo, refill: Refill, facts: &Facts<'_>) {
        let due = !refill.nobody_left && self.booking.patience_ends(refill.since, self.now, self.policy) <= self.now;
        let open = self.booking.open_chairs(option);
        let chairs: Vec<ChairNo> = match std::mem::take(&mut self.booking.urgent) {
            Urgent::Nothing if !due => return,
            Urgent::Chairs(urgent) if !due => open.into_iter().filter(|chair| urgent.contains(chair)).collect(),
            Urgent::Nothing | Urgent::Chairs(_) | Urgent::Everything => open,
        };
        if due {
            self.note_silence_about_move(option);
        }
        let seats = line_up(&self.stand_ins(option, &chairs, facts));
        for &(chair, musician) in &seats {
            let standby = self.stands_by_for(option, chair, musician);
            self.ask(option, chair, musician, if standby { OfferReason::Standby } else { OfferReason::DropOut }, facts);
        }
        let unseated = chairs.iter().find(|chair| !seats.iter().any(|seat| seat.0 == **chair));
        if let Some(&chair) = unseated {
            self.log("nobody_steps_in").chair = Some(chair);
            self.effects.push(Effect::TellManager(Notice::NobodyStepsIn(chair)));
        }
        let nobody_left = seats.is_empty() && (due || refill.nobody_left);
        self.booking.state = State::Booked { option, refill: Some(Refill { since: self.now, nobody_left }) };
    }

    /// Rule 7.2: no answer to a move within patience counts as a drop-out.
    fn note_silence_about_move(&mut self, option: OptionNo) {
        let asked = self.booking.offers_at(option).filter(|o| o.reason == OfferReason::Moved && o.is_unanswered());
        let silent: Vec<OfferNo> = asked.map(|o| o.no).collect();
        for no in silent {
            self.effects.push(Effect::TellManager(Notice::DroppedOut(no)));
        }
    }

    fn stands_by_for(&self, option: OptionNo, chair: ChairNo, musician: MusicianId) -> bool {
        let instrument = &self.booking.chair(chair).instrument;
        let mut offers = self.booking.offers_at(option);
        offers.any(|o| o.standby && o.musician == musician && self.booking.chair(o.chair).instrument == *instrument)
    }

    /// Those on standby first, then who was not asked at this option.
    fn stand_ins(&self, option: OptionNo, chairs: &[ChairNo], facts: &Facts<'_>) -> Vec<Candidates> {
        let mut lists = self.left_to_ask(option, chairs, facts);
        let Some(time) = self.booking.option(option).map(|o| o.time) else { return lists };
        for list in &mut lists {
            let again = |m: MusicianId| {
                self.booking.offers_at(option).any(|o| o.musician == m && o.reason == OfferReason::Standby)
            };
            let standby = self.booking.offers_at(option).map(|o| o.musician).filter(|&m| {
                let free = facts.roster.get(m).is_some_and(|m| facts.why_not(m, &time, self.policy).is_none());
                free && !again(m) && self.stands_by_for(option, list.chair, m)
            });
            let standby: Vec<MusicianId> = standby.collect();
            list.musicians.splice(0..0, standby);
        }
        lists
    }

    /// Who may still say YES to the open chairs of an option, and who holds the others.
    pub(crate) fn who_may_fill(&self, option: OptionNo) -> Vec<Candidates> {
        let lists = self.booking.chair_nos().map(|chair| {
            let musicians = match self.booking.holder(option, chair) {
                Some(holder) => vec![holder.musician],
                None => self.unanswered(option, chair),
            };
            Candidates { chair, musicians }
        });
        lists.collect()
    }

    fn unanswered(&self, option: OptionNo, chair: ChairNo) -> Vec<MusicianId> {
        let offers = self.booking.offers_at(option).filter(|o| o.chair == chair && o.is_unanswered());
        offers.map(|o| o.musician).collect()
    }

    /// Rule 4.3a: by those who hold, were asked and have not said no, or are left to ask.
    fn can_still_fill(&self, option: OptionNo, facts: &Facts<'_>) -> bool {
        let open = self.booking.open_chairs(option);
        let mut lists = self.left_to_ask(option, &open, facts);
        for list in &mut lists {
            // Where the next wave closes earlier offers, those cannot help to fill it.
            if self.policy.previous_offers == PreviousOffers::StayOpen {
                list.musicians.extend(self.unanswered(option, list.chair));
            }
        }
        can_fill(&lists)
    }

    /// For each of `chairs`, the available musicians who were not asked at this option (rule 4.8).
    fn left_to_ask(&self, option: OptionNo, chairs: &[ChairNo], facts: &Facts<'_>) -> Vec<Candidates> {
        let Some(time) = self.booking.option(option).map(|o| o.time) else { return Vec::new() };
        let asked: Vec<MusicianId> = self.booking.offers_at(option).map(|offer| offer.musician).collect();
        let ranked = rank(&self.booking, self.now, facts, self.policy);
        candidates(&self.booking, chairs, &time, &asked, &ranked, facts, self.policy)
    }

    fn send_wave(&mut self, option: OptionNo, seats: &[Seat], facts: &Facts<'_>) {
        if self.policy.previous_offers == PreviousOffers::Void {
            self.close(Void::Superseded, |offer| offer.answer.is_none());
        }
        let wave = 1 + last_wave(&self.booking, option);
        let entry = self.log("wave");
        entry.option = Some(option);
        entry.detail = wave.to_string();
        for &(chair, musician) in seats {
            self.ask(option, chair, musician, OfferReason::Wave(wave), facts);
        }
        self.booking.state = State::Calling { option, since: self.now };
    }

    /// One question to one musician. It leaves when their quiet hours allow (rule 4.7).
    pub(crate) fn ask(
        &mut self,
        option: OptionNo,
        chair: ChairNo,
        musician: MusicianId,
        reason: OfferReason,
        facts: &Facts<'_>,
    ) -> OfferNo {
        let zone = facts.roster.get(musician).map_or(&self.policy.zone, |m| &m.zone);
        let delivery = Delivery::Queued(self.policy.may_leave(self.now, zone));
        let no = OfferNo(u32::try_from(self.booking.offers.len() + 1).unwrap_or(u32::MAX));
        self.booking.offers.push(Offer {
            no,
            option,
            chair,
            musician,
            reason,
            delivery,
            answer: None,
            void: None,
            standby: false,
        });
        self.effects.push(Effect::Ask(no));
        self.log_offer("asked", no);
        no
    }

    /// What became of an offer's text. Its state only moves forward; one that cannot be delivered is no answer, and its
    /// chair is called for at once (rule 4.6).
    pub(crate) fn delivered(&mut self, no: OfferNo, delivery: Delivery) -> Outcome {
        let Some(offer) = self.offer_mut(no) else { return Outcome::Refused("there is no such offer".to_owned()) };
        let (option, chair, known) = (offer.option, offer.chair, offer.delivery);
        if known == delivery || matches!(known, Delivery::Failed(_) | Delivery::Void) {
            return Outcome::Done;
        }
        offer.delivery = delivery;
        if let Delivery::Failed(_) = delivery {
            self.log_offer("undeliverable", no);
            self.effects.push(Effect::TellManager(Notice::Undeliverable(no)));
            self.call_chair_at_once(option, chair);
        }
        Outcome::Done
    }

    /// Rules 4.6, 4.12 and 5.7: STOP closes open offers at once; a hold stays, and the manager is asked to call them.
    pub(crate) fn opted_out(&mut self, musician: MusicianId) -> Outcome {
        let theirs: Vec<Offer> = self.booking.offers.iter().filter(|o| o.musician == musician).cloned().collect();
        for offer in theirs {
            if offer.holds() {
                self.effects.push(Effect::TellManager(Notice::HolderOptedOut(offer.no)));
            } else if self.booking.is_answerable(&offer) {
                self.log_offer("opted_out", offer.no);
                let waited_for = offer.is_unanswered();
                self.close(Void::OptedOut, |o| o.no == offer.no);
                if waited_for {
                    self.call_chair_at_once(offer.option, offer.chair);
                }
            }
        }
        Outcome::Done
    }

    /// Asks for one chair of the current option without waiting for patience to pass.
    pub(crate) fn call_chair_at_once(&mut self, option: OptionNo, chair: ChairNo) {
        let calling = match self.booking.state {
            State::Calling { option, .. }
            | State::Paused { option, .. }
            | State::Booked { option, refill: Some(_) } => Some(option),
            State::Booked { refill: None, .. }
            | State::NoTimes
            | State::Exhausted { .. }
            | State::Expired
            | State::Cancelled => None,
        };
        if calling != Some(option) || self.booking.holder(option, chair).is_some() {
            return;
        }
        match &mut self.booking.urgent {
            Urgent::Everything => {}
            Urgent::Chairs(chairs) => _ = chairs.insert(chair),
            nothing @ Urgent::Nothing => *nothing = Urgent::Chairs(BTreeSet::from([chair])),
        }
    }
}

/// The number of the last wave that went out for an option; 0 before the first.
#[must_use]
pub fn last_wave(booking: &Booking, option: OptionNo) -> u32 {
    let waves = booking.offers_at(option).filter_map(|offer| match offer.reason {
        OfferReason::Wave(wave) => Some(wave),
        OfferReason::DropOut | OfferReason::Standby | OfferReason::Moved | OfferReason::ByHand => None,
    });
    waves.max().unwrap_or(0)
}
