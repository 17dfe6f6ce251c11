//! A booked session with an open chair: who is asked to step in (rule 7.3).

use super::booking::{Called, Offer, Reply, State};
use super::fill::line_up;
use super::{Model, Whom};
use firstcall_core::ids::{ChairNo, MusicianId};
use jiff::Timestamp;

impl Model {
    /// Somebody gives up a chair of a booked session: the manager is told, and the next is asked at once.
    pub(super) fn leaves(&mut self, at: usize, index: usize, now: Timestamp) {
        let offer = &mut self.bookings[at].offers[index];
        offer.reply = Some(Reply::No);
        offer.standby = false;
        let chair = offer.chair;
        self.tell(at, Whom::Manager, "dropped_out");
        self.open_again(at, chair, now);
    }

    /// A chair of a booked session is open: somebody else is to be asked at once.
    pub(super) fn open_again(&mut self, at: usize, chair: ChairNo, now: Timestamp) {
        let over = |option: &Called| option.dead || self.has_ended(&option.time, now);
        if self.bookings[at].current_option().is_none_or(over) {
            return self.stop_looking(at);
        }
        let booking = &mut self.bookings[at];
        if let Some(refill) = booking.refill(now) {
            refill.nobody.retain(|other| *other != chair);
            booking.hurry(chair);
        }
    }

    /// Who can be asked to step in for a chair, best first: standby, then the rest of the call list.
    pub(super) fn stand_ins(&self, at: usize, chair: ChairNo, now: Timestamp) -> Vec<MusicianId> {
        let booking = &self.bookings[at];
        let Some(option) = booking.current_option() else { return Vec::new() };
        if self.has_ended(&option.time, now) {
            return Vec::new();
        }
        let ranked = self.ranked(at, chair, &option.time, now);
        let offers = booking.offers.iter().filter(|offer| booking.is_current(offer) && offer.standby);
        let standby = offers.map(|offer| offer.musician).filter(|musician| ranked.contains(musician));
        let mut first: Vec<MusicianId> = Vec::new();
        for musician in standby.filter(|musician| self.waits_on_standby(at, chair, *musician)) {
            if !first.contains(&musician) {
                first.push(musician);
            }
        }
        for musician in self.left_to_ask(at, option.no, chair, now) {
            if !first.contains(&musician) {
                first.push(musician);
            }
        }
        first
    }

    /// Whether somebody said that they would step in on this instrument, and was not asked again since.
    fn waits_on_standby(&self, at: usize, chair: ChairNo, musician: MusicianId) -> bool {
        let booking = &self.bookings[at];
        let theirs: Vec<_> =
            booking.offers.iter().filter(|offer| booking.is_current(offer) && offer.musician == musician).collect();
        let same = |offer: &Offer| booking.instrument(offer.chair) == booking.instrument(chair);
        theirs.iter().any(|offer| offer.standby && same(offer))
            && theirs.iter().all(|offer| !offer.again && !offer.holds())
    }

    /// Asks somebody for each of these chairs, or tells the manager that nobody is left, once.
    pub(super) fn call_stand_ins(&mut self, at: usize, chairs: &[ChairNo], now: Timestamp) {
        let Some(option) = self.bookings[at].current else { return };
        let open: Vec<ChairNo> =
            self.bookings[at].open_chairs(option).into_iter().filter(|chair| chairs.contains(chair)).collect();
        let pools: Vec<Vec<MusicianId>> = open.iter().map(|chair| self.stand_ins(at, *chair, now)).collect();
        for (chair, musician) in open.into_iter().zip(line_up(&pools)) {
            let Some(musician) = musician else {
                self.nobody_steps_in(at, chair, now);
                continue;
            };
            let again = self.waits_on_standby(at, chair, musician);
            let index = self.make_offer(at, option, chair, musician, now);
            // A question that was called back before it left, and is asked now, is the same one.
            self.bookings[at].offers[index].again |= again;
            if let Some(refill) = self.bookings[at].refill(now) {
                refill.nobody.retain(|other| *other != chair);
            }
        }
    }

    fn nobody_steps_in(&mut self, at: usize, chair: ChairNo, now: Timestamp) {
        let Some(refill) = self.bookings[at].refill(now) else { return };
        if !refill.nobody.contains(&chair) {
            refill.nobody.push(chair);
            self.tell(at, Whom::Manager, "nobody_steps_in");
        }
    }

    /// Patience has passed: who did not answer to the session's being moved has dropped out (rule 7.2), and the next
    /// are asked.
    pub(super) fn patience_with_stand_ins_is_over(&mut self, at: usize, now: Timestamp) {
        let open = self.bookings[at].open_now();
        let State::Booked { refill: Some(refill) } = &mut self.bookings[at].state else { return };
        refill.since = now;
        let silent = (0..self.bookings[at].offers.len()).filter(|index| self.awaits_move(at, *index)).count();
        for _ in 0..silent {
            self.tell(at, Whom::Manager, "dropped_out");
        }
        if let State::Booked { refill: Some(refill) } = &mut self.bookings[at].state {
            refill.moved = false;
        }
        self.call_stand_ins(at, &open, now);
    }

    /// Somebody takes a chair of a booked session: they are confirmed, and when it is complete the manager is told.
    pub(super) fn steps_in(&mut self, at: usize, index: usize, now: Timestamp) {
        let offer = &self.bookings[at].offers[index];
        let (musician, chair) = (offer.musician, offer.chair);
        self.was_booked(musician, now);
        self.tell(at, Whom::Musician(musician), "confirmed");
        let complete = self.bookings[at].open_now().is_empty();
        let State::Booked { refill } = &mut self.bookings[at].state else { return };
        if complete {
            *refill = None;
            self.tell(at, Whom::Manager, "booked");
        } else if let Some(refill) = refill {
            refill.nobody.retain(|other| *other != chair);
        }
    }
}
