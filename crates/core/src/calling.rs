//! Calling: who is asked when (rules 4.1–4.11).
//!
//! `ending` has what time and other bookings end, `asking` one question and what becomes of its text, `fillable` who
//! can still fill an option, `stand_ins` the open chair of a booked session (rule 7.3).

mod asking;
mod ending;
mod fillable;
mod stand_ins;

use crate::availability::Facts;
use crate::booking::{Booking, Fate, OfferReason, State, Urgent, Void};
use crate::ids::{ChairNo, OptionNo};
use crate::planning::{Seat, can_fill, line_up, plan};
use crate::policy::{AfterNo, PreviousOffers};
use crate::step::{Outcome, Turn};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// After how long the manager is asked again about a paused booking (rule 4.11).
pub const ASK_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// The chairs that are called for: all that are open, or just these, because the others' patience has not passed.
pub(crate) type Only<'a> = Option<&'a BTreeSet<ChairNo>>;

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
        // A text that is called back is not waited for.
        self.void_unsent();
        match self.booking.state.clone() {
            State::Calling { since, .. } => self.call_if_due(since, facts),
            State::Paused { option, asked } => self.ask_about_pause(option, asked),
            State::Exhausted { .. } | State::NoTimes => self.expire_if_over(ended),
            State::Booked { option, refill: Some(refill) } => self.call_stand_ins_if_due(option, refill, facts),
            State::Booked { refill: None, .. } | State::Expired | State::Cancelled => {}
        }
        Outcome::Done
    }

    /// Rule 4.6: a NO at the option being called sets nothing off, unless the studio wants it to.
    pub(crate) fn after_no(&mut self, option: OptionNo) {
        let called = matches!(self.booking.state, State::Calling { option: called, .. } if called == option);
        if called && self.policy.after_no == AfterNo::Next {
            self.booking.urgent = Urgent::Everything;
        }
    }

    /// Rule 4.3.
    fn call_if_due(&mut self, since: Timestamp, facts: &Facts<'_>) {
        let due = self.booking.patience_ends(since, self.now, self.policy) <= self.now;
        let urgent = std::mem::take(&mut self.booking.urgent);
        let dead = self.booking.current().is_some_and(|option| !self.booking.is_live(option));
        match urgent {
            _ if due || dead => self.call(None, facts),
            Urgent::Everything => self.call(None, facts),
            Urgent::Chairs(chairs) if self.is_any_open(&chairs) => self.call(Some(&chairs), facts),
            // Or somebody took those chairs meanwhile: patience with the others goes on.
            Urgent::Nothing | Urgent::Chairs(_) => {}
        }
    }

    fn is_any_open(&self, chairs: &BTreeSet<ChairNo>) -> bool {
        let open = self.booking.current().map(|option| self.booking.open_chairs(option));
        open.is_some_and(|open| open.iter().any(|chair| chairs.contains(chair)))
    }

    /// The next wave at this option while it can be filled and somebody is left to ask; otherwise the next option.
    pub(crate) fn call(&mut self, only: Only<'_>, facts: &Facts<'_>) {
        let State::Calling { option, .. } = self.booking.state else { return };
        if self.booking.is_live(option) && self.can_still_fill(option, only, facts) {
            let open = self.booking.open_chairs(option);
            let called = |chair: &ChairNo| only.is_none_or(|only| only.contains(chair));
            let chairs: Vec<ChairNo> = open.iter().copied().filter(called).collect();
            let wave = line_up(&self.left_to_ask(option, &chairs, facts));
            if !wave.is_empty() {
                return self.send_wave(option, &wave, only, facts);
            }
            // The next wave, once patience with the other chairs has passed, is for them.
            if self.left_to_ask(option, &open, facts).iter().any(|list| !list.musicians.is_empty()) {
                return;
            }
        }
        self.call_next_option(facts);
    }

    /// Rule 4.3a: by those who hold, were asked and have not said no, or are left to ask.
    fn can_still_fill(&self, option: OptionNo, only: Only<'_>, facts: &Facts<'_>) -> bool {
        let open = self.booking.open_chairs(option);
        let mut lists = self.left_to_ask(option, &open, facts);
        for list in &mut lists {
            // Where the next wave closes a chair's earlier offers, those cannot help to fill it.
            let called = only.is_none_or(|only| only.contains(&list.chair));
            if self.policy.previous_offers == PreviousOffers::StayOpen || !called {
                list.musicians.extend(self.unanswered(option, list.chair));
            }
        }
        can_fill(&lists)
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
        self.send_wave(next, &wave, None, facts);
    }

    fn send_wave(&mut self, option: OptionNo, seats: &[Seat], only: Only<'_>, facts: &Facts<'_>) {
        if self.policy.previous_offers == PreviousOffers::Void {
            self.close_earlier(option, only);
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

    /// Rule 4.5, where earlier offers do not stay open: a NO that was said to them cannot be taken back either.
    fn close_earlier(&mut self, option: OptionNo, only: Only<'_>) {
        for offer in &mut self.booking.offers {
            let called = only.is_none_or(|only| offer.option == option && only.contains(&offer.chair));
            if called && offer.void.is_none() && !offer.said_yes_in_time() {
                offer.void = Some(Void::Superseded);
            }
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
