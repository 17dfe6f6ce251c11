//! What musicians do, and what becomes of their texts (rules 4.6, 5 and 7.3).

use super::booking::{Reply, Shut, State};
use super::{Model, Said, Whom};
use firstcall_core::booking::Delivery;
use firstcall_core::ids::{BookingId, MusicianId, OfferNo};
use firstcall_core::roster::MusicianStanding;
use jiff::Timestamp;

impl Model {
    /// YES or NO, from a musician or from the manager for them.
    pub fn answer(&mut self, id: BookingId, offer: OfferNo, yes: bool, now: Timestamp) -> Said {
        self.clock = now;
        let Some((at, index)) = self.find_offer(id, offer) else { return Said::Refused };
        let said = if yes { self.says_yes(at, index, now) } else { self.says_no(at, index, now) };
        self.settle_all(at, now);
        said
    }

    /// Rules 5.2 to 5.6.
    fn says_yes(&mut self, at: usize, index: usize, now: Timestamp) -> Said {
        let booking = &self.bookings[at];
        let offer = &booking.offers[index];
        let theirs = booking.offers.iter().filter(|o| o.option == offer.option && o.musician == offer.musician);
        if theirs.into_iter().any(super::booking::Offer::holds) {
            return Said::AlreadyHeld;
        }
        if !self.answerable(at, index, now) {
            if offer.reply != Some(Reply::Released) {
                self.bookings[at].offers[index].reply = Some(Reply::Late);
            }
            return Said::Late;
        }
        if self.is_taken(at, offer.musician, &booking.time_of(offer)) {
            self.bookings[at].offers[index].reply = Some(Reply::Conflict);
            return Said::Conflict;
        }
        self.takes_the_chair(at, index, now)
    }

    /// A hold (rule 5.2); with the last one the session is booked (rule 6.1).
    pub(super) fn takes_the_chair(&mut self, at: usize, index: usize, now: Timestamp) -> Said {
        let booking = &mut self.bookings[at];
        booking.offers[index].reply = Some(Reply::Held);
        booking.offers[index].standby = false;
        let option = booking.offers[index].option;
        if matches!(booking.state, State::Booked { .. }) {
            self.steps_in(at, index, now);
            return Said::Booked;
        }
        if !booking.open_chairs(option).is_empty() {
            return Said::Held;
        }
        booking.state = State::Booked { refill: None };
        booking.current = Some(option);
        booking.urgent.clear();
        let booked = booking.offers.iter().filter(|offer| offer.option == option && offer.holds());
        let booked: Vec<MusicianId> = booked.map(|offer| offer.musician).collect();
        for musician in booked {
            self.was_booked(musician, now);
            self.tell(at, Whom::Musician(musician), "confirmed");
        }
        self.release_where(at, |other| other != option);
        self.tell(at, Whom::Manager, "booked");
        self.tell(at, Whom::Client, "booked");
        Said::Booked
    }

    /// From now on they were booked now (rule 3.6).
    pub(super) fn was_booked(&mut self, musician: MusicianId, now: Timestamp) {
        for person in self.people.iter_mut().filter(|person| person.id == musician) {
            person.last_booked_at = Some(now);
        }
    }

    /// Rules 4.6 and 5.5.
    fn says_no(&mut self, at: usize, index: usize, now: Timestamp) -> Said {
        let booking = &mut self.bookings[at];
        let is_booked = matches!(booking.state, State::Booked { .. });
        let offer = &booking.offers[index];
        let current = booking.is_current(offer);
        let held = offer.holds();
        // An overlap was a NO already (rule 4.8).
        let overlapped = offer.reply == Some(Reply::Overlap);
        if offer.reply == Some(Reply::No) {
            return Said::AlreadyNo;
        }
        if is_booked && current && held {
            self.leaves(at, index, now);
            return Said::DroppedOut;
        }
        if self.awaits_move(at, index) {
            self.leaves(at, index, now);
            return Said::DroppedOut;
        }
        let waited_for = self.answerable(at, index, now) && !overlapped;
        let offer = &mut self.bookings[at].offers[index];
        // Who was released had said YES in time.
        if offer.reply != Some(Reply::Released) {
            offer.reply = Some(Reply::No);
        }
        offer.standby = false;
        if held || waited_for {
            self.after_a_no(at, index);
        }
        Said::SaidNo
    }

    /// Somebody would step in (rule 5.3).
    pub fn stands_by(&mut self, id: BookingId, offer: OfferNo, now: Timestamp) -> Said {
        self.clock = now;
        let Some((at, index)) = self.find_offer(id, offer) else { return Said::Refused };
        let booking = &self.bookings[at];
        let offer = &booking.offers[index];
        let theirs = booking.offers.iter().filter(|o| o.option == offer.option && o.musician == offer.musician);
        if theirs.into_iter().any(super::booking::Offer::holds) {
            return Said::AlreadyHeld;
        }
        let over = self.has_ended(&booking.time_of(offer), now);
        if over || matches!(booking.state, State::Cancelled | State::Expired) {
            return Said::Late;
        }
        if self.answerable(at, index, now) {
            return Said::ChairIsOpen;
        }
        self.bookings[at].offers[index].standby = true;
        let booking = &self.bookings[at];
        let instrument = booking.instrument(booking.offers[index].chair);
        let mut given_up = Vec::new();
        if let State::Booked { refill: Some(refill) } = &booking.state {
            // Of a chair on another instrument nothing has changed: a changed roster restarts nothing (rule 4.9).
            given_up.extend(refill.nobody.iter().copied().filter(|chair| booking.instrument(*chair) == instrument));
        }
        for chair in given_up {
            if !self.stand_ins(at, chair, now).is_empty() {
                self.bookings[at].hurry(chair);
            }
        }
        self.settle_all(at, now);
        Said::StandsBy
    }

    /// Somebody gives up what they hold (rule 7.3; before the session is booked it is a NO, rule 5.5).
    pub fn drops_out(&mut self, id: BookingId, offer: OfferNo, now: Timestamp) -> Said {
        self.clock = now;
        let Some((at, index)) = self.find_offer(id, offer) else { return Said::Refused };
        if !self.bookings[at].offers[index].holds() && !self.awaits_move(at, index) {
            return Said::HoldsNothing;
        }
        let said = self.says_no(at, index, now);
        self.settle_all(at, now);
        said
    }

    /// How far an offer's text has come. One that cannot be delivered applies 4.3 to its chair at once (rule 4.6).
    pub fn delivered(&mut self, id: BookingId, offer: OfferNo, delivery: Delivery, now: Timestamp) {
        self.clock = now;
        let Some((at, index)) = self.find_offer(id, offer) else { return };
        if self.bookings[at].offers[index].delivery == Delivery::Void {
            return;
        }
        let was_open = self.is_open_offer(at, index, now);
        let offer = &mut self.bookings[at].offers[index];
        offer.delivery = delivery;
        if matches!(delivery, Delivery::Failed(_)) {
            self.tell_manager_once(at, index, "undeliverable");
            if was_open {
                self.chair_needs_another(at, index);
            }
        }
        self.settle_all(at, now);
    }

    /// Whoever says something to an offer got its text (rule 8.4).
    pub(super) fn has_arrived(&mut self, id: BookingId, offer: OfferNo, now: Timestamp) {
        let Some((at, index)) = self.find_offer(id, offer) else { return };
        let offer = &mut self.bookings[at].offers[index];
        match offer.delivery {
            Delivery::Sending => offer.delivery = Delivery::Sent(now),
            Delivery::InDoubt(since) => offer.delivery = Delivery::Sent(since),
            Delivery::Queued(_) | Delivery::OnHold | Delivery::Sent(_) | Delivery::Failed(_) | Delivery::Void => {}
        }
    }

    /// The offer for a chair is gone without an answer: if it is for the current option, the next is asked at once.
    fn chair_needs_another(&mut self, at: usize, index: usize) {
        let booking = &mut self.bookings[at];
        let offer = &booking.offers[index];
        let chair = offer.chair;
        if !booking.is_current(offer) {
            return;
        }
        match booking.state {
            State::Calling { .. } | State::Paused { .. } | State::Booked { refill: Some(_) } => booking.hurry(chair),
            State::Booked { refill: None } | State::NoTimes | State::Exhausted | State::Expired | State::Cancelled => {}
        }
    }

    /// Somebody who may no longer be asked holds something ahead: the manager is asked to call them (rule 4.12).
    pub(super) fn ask_manager_to_call(&mut self, musician: MusicianId) {
        for at in 0..self.bookings.len() {
            for index in 0..self.bookings[at].offers.len() {
                let booking = &self.bookings[at];
                let offer = &booking.offers[index];
                if offer.musician == musician && offer.holds() && self.clock < booking.time_of(offer).end {
                    self.tell_manager_once(at, index, "call_holder");
                }
            }
        }
    }

    /// Never twice for one thing (rule 7.1).
    fn tell_manager_once(&mut self, at: usize, index: usize, word: &'static str) {
        let told = &mut self.bookings[at].offers[index].manager_told;
        if !told.contains(&word) {
            told.push(word);
            self.tell(at, Whom::Manager, word);
        }
    }

    /// STOP, over all bookings: open offers close, holds stay and the manager is asked to call (rules 4.12, 5.7).
    pub fn opted_out(&mut self, musician: MusicianId, now: Timestamp) {
        self.clock = now;
        for person in self.people.iter_mut().filter(|person| person.id == musician) {
            person.standing = MusicianStanding::OptedOut;
        }
        self.may_not_be_asked(musician, now);
    }

    /// A network refuses an offer because of whom it is for, who may not be asked from now on: both are one event, and the
    /// offer's own booking goes on first.
    pub fn refused(
        &mut self,
        id: BookingId,
        offer: OfferNo,
        musician: MusicianId,
        standing: MusicianStanding,
        now: Timestamp,
    ) {
        self.clock = now;
        for person in self.people.iter_mut().filter(|person| person.id == musician) {
            person.standing = standing;
        }
        let Some((at, index)) = self.find_offer(id, offer) else { return self.may_not_be_asked(musician, now) };
        if self.bookings[at].offers[index].delivery != Delivery::Void {
            self.failed(at, index, now);
        }
        self.close_offers_of(musician, now);
        self.settle_all(at, now);
        self.settle_everything(now);
    }

    fn failed(&mut self, at: usize, index: usize, now: Timestamp) {
        let was_open = self.is_open_offer(at, index, now);
        self.bookings[at].offers[index].delivery = Delivery::Failed(now);
        self.tell_manager_once(at, index, "undeliverable");
        if was_open {
            self.chair_needs_another(at, index);
        }
    }

    /// Open offers of somebody who may not be asked any more close; of what they hold, the manager is told.
    pub(super) fn may_not_be_asked(&mut self, musician: MusicianId, now: Timestamp) {
        self.close_offers_of(musician, now);
        self.settle_everything(now);
    }

    fn settle_everything(&mut self, now: Timestamp) {
        for at in 0..self.bookings.len() {
            self.settle_all(at, now);
        }
    }

    fn close_offers_of(&mut self, musician: MusicianId, now: Timestamp) {
        let why = match self.person(musician).map(|person| person.standing) {
            Some(MusicianStanding::OptedOut) => Shut::OptedOut,
            Some(MusicianStanding::Removed) | None => Shut::Removed,
            Some(
                MusicianStanding::Paused
                | MusicianStanding::Invited
                | MusicianStanding::Waiting
                | MusicianStanding::Active,
            ) => Shut::Paused,
        };
        self.ask_manager_to_call(musician);
        for at in 0..self.bookings.len() {
            for index in 0..self.bookings[at].offers.len() {
                let was_open = self.is_open_offer(at, index, now);
                let awaited = self.awaits_move(at, index);
                let offer = &mut self.bookings[at].offers[index];
                if offer.musician == musician && !offer.holds() && offer.shut.is_none() {
                    offer.shut = Some(why);
                    if awaited {
                        self.tell(at, Whom::Manager, "dropped_out");
                    }
                    if was_open {
                        self.chair_needs_another(at, index);
                    }
                }
            }
        }
        // Whoever is released by that can be asked by another booking.
        for at in 0..self.bookings.len() {
            self.close_unfillable(at);
        }
    }

    /// Whether it asks a holder of a moved session anew, who has not answered and still may (rule 7.2).
    pub(super) fn awaits_move(&self, at: usize, index: usize) -> bool {
        let booking = &self.bookings[at];
        let offer = &booking.offers[index];
        let silent = matches!(offer.reply, None | Some(Reply::Conflict));
        let moved = matches!(&booking.state, State::Booked { refill: Some(refill) } if refill.moved);
        let open = booking.is_current(offer) && booking.open_now().contains(&offer.chair);
        moved && offer.moved && silent && offer.shut.is_none() && open
    }
}
