//! What time, and other bookings, end: options, offers that overlap a hold, and whole bookings (rules 4.8–4.11, 6.1).

use super::ASK_AGAIN;
use crate::availability::Facts;
use crate::booking::{Answer, Dead, Fate, OfferReason, SessionOption, State};
use crate::ids::{OfferNo, OptionNo};
use crate::planning::impossible;
use crate::step::{Effect, Notice, Turn};
use jiff::Timestamp;

impl Turn<'_> {
    /// Rule 4.10: at its start, less the notice, an option is dead. True when one that was called died.
    pub(super) fn end_options(&mut self) -> bool {
        match &self.booking.state {
            State::Booked { option, refill } => {
                let (option, looking) = (*option, refill.is_some());
                if looking && self.too_late_for(option).is_some() {
                    self.stop_looking(option);
                }
                return false;
            }
            State::Expired | State::Cancelled => return false,
            State::Calling { .. } | State::Paused { .. } | State::Exhausted { .. } | State::NoTimes => {}
        }
        let over: Vec<SessionOption> = self.booking.options.iter().filter(|o| self.is_over(o)).cloned().collect();
        self.end(&over, Dead::TooLate)
    }

    /// A booked session with an open chair has begun: nobody can take it any more.
    pub(crate) fn stop_looking(&mut self, option: OptionNo) {
        self.set_fate(option, Fate::Dead(Dead::TooLate));
        self.booking.state = State::Booked { option, refill: None };
    }

    fn is_over(&self, option: &SessionOption) -> bool {
        self.policy.end_of(&option.time) <= self.now
    }

    /// True when one that was called died.
    fn end(&mut self, options: &[SessionOption], why: Dead) -> bool {
        for option in options {
            match option.fate {
                Fate::Waiting => self.set_fate(option.no, Fate::Dead(why)),
                Fate::Called => self.kill(option.no, why),
                Fate::Dead(_) => {}
            }
        }
        options.iter().any(|option| option.fate == Fate::Called)
    }

    /// What other bookings took: the studio (rules 6.1, 6.3), or the time of somebody who was asked (rule 4.8).
    pub(super) fn note_other_bookings(&mut self, facts: &Facts<'_>) {
        if self.booking.session().is_none() && self.booking.current().is_some() {
            let options = self.booking.options.iter();
            let taken: Vec<SessionOption> =
                options.filter(|option| facts.studio_is_gone(&option.time, self.policy)).cloned().collect();
            self.end(&taken, Dead::StudioTaken);
        }
        for (no, option) in self.overlapping(facts) {
            self.set_answer(no, Answer::Overlap(self.now));
            self.log_offer("overlap", no);
            self.after_no(option);
        }
    }

    /// The open offers to musicians who hold something that overlaps. Who must hear that their session was moved is asked
    /// all the same.
    fn overlapping(&self, facts: &Facts<'_>) -> Vec<(OfferNo, OptionNo)> {
        let booking = &self.booking;
        let open = booking.offers.iter().filter(|offer| {
            offer.is_unanswered() && booking.is_answerable(offer) && offer.reason != OfferReason::Moved
        });
        let overlapping = open.filter(|offer| {
            let time = booking.option(offer.option).map(|option| option.time);
            time.is_some_and(|time| facts.busy.commitment(offer.musician, &time, self.policy).is_some())
        });
        overlapping.map(|offer| (offer.no, offer.option)).collect()
    }

    /// Rules 3.8, 4.9 and 4.10: there is no next option.
    pub(super) fn nobody_left(&mut self, facts: &Facts<'_>) {
        let Some(last) = self.booking.current() else {
            self.booking.state = State::NoTimes;
            self.log("no_times");
            let why = impossible(&self.booking, self.now, facts, self.policy);
            return self.effects.push(Effect::TellManager(Notice::NoTimes(why)));
        };
        let started = self.booking.option(last).is_some_and(|o| o.fate == Fate::Dead(Dead::TooLate));
        if !self.booking.has_live_option() && (started || self.all_times_passed()) {
            return self.expire();
        }
        let option = self.last_live(last);
        self.booking.state = State::Exhausted { option };
        self.log("exhausted");
        self.effects.push(Effect::TellManager(Notice::Exhausted(option)));
    }

    /// The option that the manager can still fill: `last`, or when that is dead the latest of those that were left.
    pub(crate) fn last_live(&self, last: OptionNo) -> OptionNo {
        if self.booking.is_live(last) {
            return last;
        }
        let live = self.booking.options.iter().map(|option| option.no).filter(|&no| self.booking.is_live(no));
        live.max().unwrap_or(last)
    }

    fn expire(&mut self) {
        self.booking.state = State::Expired;
        self.log("expired");
        self.effects.push(Effect::TellManager(Notice::Expired));
    }

    /// Rule 4.10: when no option is left alive, the booking is over.
    pub(super) fn expire_if_over(&mut self, ended: bool) {
        if !self.booking.has_live_option() && (ended || self.all_times_passed()) {
            self.expire();
        }
    }

    /// False for a booking without times: the manager was asked for some.
    fn all_times_passed(&self) -> bool {
        let times: Vec<_> = self.booking.times.iter().chain(self.booking.options.iter().map(|o| &o.time)).collect();
        !times.is_empty() && times.into_iter().all(|time| self.policy.end_of(time) <= self.now)
    }

    /// Rule 4.11: a paused booking is not forgotten.
    pub(super) fn ask_about_pause(&mut self, option: OptionNo, asked: Timestamp) {
        if self.all_times_passed() {
            return self.expire();
        }
        if asked.saturating_add(ASK_AGAIN).is_ok_and(|again| again <= self.now) {
            self.booking.state = State::Paused { option, asked: self.now };
            self.effects.push(Effect::TellManager(Notice::StillPaused));
        }
    }
}
