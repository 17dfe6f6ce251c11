//! Questions about people and the studio: who is available, who comes first, what is taken.

use super::Model;
use super::booking::State;
use firstcall_core::ids::{ChairNo, MusicianId, OptionNo};
use firstcall_core::policy::Ranking;
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::span::Span;
use jiff::Timestamp;

impl Model {
    /// Somebody on the roster.
    pub(super) fn person(&self, musician: MusicianId) -> Option<&Musician> {
        self.people.iter().find(|person| person.id == musician)
    }

    /// Whether two times are too close for one musician (rule 3.2; the same in 4.8 and 5.4).
    fn too_close(&self, one: &Span, other: &Span) -> bool {
        one.widened(self.policy.travel_gap).overlaps(other)
    }

    /// Whether somebody holds, or is booked for, something of another booking then (rules 3.2, 5.4).
    pub(super) fn is_taken(&self, at: usize, musician: MusicianId, time: &Span) -> bool {
        self.bookings.iter().enumerate().any(|(other, booking)| {
            other != at
                && booking.offers.iter().any(|offer| {
                    offer.musician == musician && offer.holds() && self.too_close(time, &booking.time_of(offer))
                })
        })
    }

    /// Whether another session has the studio then (rule 6.1).
    pub(super) fn studio_is_taken(&self, at: usize, time: &Span) -> bool {
        self.bookings.iter().enumerate().any(|(other, booking)| {
            other != at
                && matches!(booking.state, State::Booked { .. })
                && booking.current_option().is_some_and(|option| option.time.overlaps(time))
        })
    }

    /// Whether the studio is free then (rule 3.1).
    pub(super) fn studio_is_free(&self, at: usize, time: &Span) -> bool {
        self.is_open(time) && !self.is_closed(time) && !self.studio_is_taken(at, time)
    }

    /// Whether the studio is closed then, beside its weekly hours (rule 3.1).
    pub(super) fn is_closed(&self, time: &Span) -> bool {
        self.closures.iter().any(|closure| closure.overlaps(time))
    }

    /// Whether somebody is available for an instrument at a time (rule 3.2).
    pub(super) fn is_available(&self, at: usize, person: &Musician, instrument: &str, time: &Span) -> bool {
        let blocks = self.blocks.iter().filter(|(whose, _)| *whose == person.id).flat_map(|(_, blocks)| blocks);
        person.standing == MusicianStanding::Active
            && person.instruments.iter().any(|(plays, _)| plays == instrument)
            && !blocks.into_iter().any(|block| self.too_close(time, block))
            && !self.is_taken(at, person.id, time)
    }

    /// Everybody available for a chair at a time, best first (rule 3.6).
    pub(super) fn ranked(&self, at: usize, chair: ChairNo, time: &Span, now: Timestamp) -> Vec<MusicianId> {
        let booking = &self.bookings[at];
        let Some(instrument) = booking.instrument(chair) else { return Vec::new() };
        let mut people: Vec<&Musician> =
            self.people.iter().filter(|person| self.is_available(at, person, instrument, time)).collect();
        people.sort_by_key(|person| {
            let holds = booking
                .offers
                .iter()
                .any(|offer| offer.musician == person.id && offer.holds() && booking.time_of(offer) != *time);
            let place = person.instruments.iter().filter(|(plays, _)| plays == instrument).map(|(_, place)| *place);
            (!holds, self.rest(person, now), place.min(), person.id)
        });
        people.iter().map(|person| person.id).collect()
    }

    /// What musicians are ordered by, smallest first (rule 3.6).
    fn rest(&self, person: &Musician, now: Timestamp) -> i64 {
        let days = person.last_booked_at.map(|last| self.studio_days(last, now));
        match self.policy.ranking {
            Ranking::RecentFirst => days.unwrap_or(i64::MAX),
            Ranking::RestedFirst => days.map_or(i64::MIN, |days| -days),
            Ranking::CallList => 0,
        }
    }

    /// Everybody who could be asked for a chair of an option and was not asked at it, best first (rules 4.3a, 4.8).
    pub(super) fn left_to_ask(&self, at: usize, option: OptionNo, chair: ChairNo, now: Timestamp) -> Vec<MusicianId> {
        let booking = &self.bookings[at];
        let Some(called) = booking.option(option) else { return Vec::new() };
        let ranked = self.ranked(at, chair, &called.time, now);
        // Whose text was called back before it left comes first: it was their turn.
        let called_back = booking.offers.iter().filter(|offer| offer.option == option && offer.chair == chair);
        let called_back = called_back.filter(|offer| offer.never_left()).map(|offer| offer.musician);
        let holds = |musician: &MusicianId| {
            booking.offers.iter().any(|o| o.option == option && o.musician == *musician && o.holds())
        };
        let mut left: Vec<MusicianId> =
            called_back.filter(|musician| ranked.contains(musician) && !holds(musician)).collect();
        left.extend(ranked.into_iter().filter(|musician| !booking.knows(option, *musician)));
        left
    }

    /// Whether a YES to an offer would take its chair, if no other booking's hold stood against it (rules 5.2, 5.3).
    pub(super) fn answerable(&self, at: usize, index: usize, now: Timestamp) -> bool {
        let booking = &self.bookings[at];
        let offer = &booking.offers[index];
        let Some(option) = booking.option(offer.option) else { return false };
        let holds_a_chair = booking
            .offers
            .iter()
            .any(|other| other.option == offer.option && other.musician == offer.musician && other.holds());
        let goes_on = match booking.state {
            State::Calling { .. } | State::Paused { .. } | State::Exhausted => true,
            State::Booked { .. } => booking.is_current(offer),
            State::NoTimes | State::Expired | State::Cancelled => false,
        };
        goes_on
            && offer.shut.is_none()
            && !option.dead
            && !self.has_ended(&option.time, now)
            && booking.holder(offer.option, offer.chair).is_none()
            && !holds_a_chair
            && (matches!(booking.state, State::Booked { .. })
                || self.is_open(&option.time) && !self.is_closed(&option.time))
            && !self.studio_is_taken(at, &option.time)
    }

    /// Whether an offer waits for an answer that would count.
    pub(super) fn is_open_offer(&self, at: usize, index: usize, now: Timestamp) -> bool {
        self.bookings[at].offers[index].unanswered() && self.answerable(at, index, now)
    }
}
