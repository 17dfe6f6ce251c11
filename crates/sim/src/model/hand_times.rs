//! The manager's hand on the times of a booking (rule 7.2).

use super::booking::{Refill, Reply, State};
use super::{Model, Said, Whom};
use firstcall_core::booking::Delivery;
use firstcall_core::ids::{ChairNo, MusicianId, OptionNo};
use firstcall_core::roster::MusicianStanding;
use firstcall_core::span::Span;
use jiff::Timestamp;

impl Model {
    /// Whether the times of a booking still matter.
    fn looks_for_a_time(&self, at: usize) -> bool {
        self.in_play(at) || matches!(self.bookings[at].state, State::NoTimes)
    }

    /// More times to try; a booking that had none left goes on with them.
    pub(super) fn add_times(&mut self, at: usize, times: &[Span], now: Timestamp) -> Said {
        let over = matches!(self.bookings[at].state, State::Expired);
        if !(over || self.looks_for_a_time(at)) || times.iter().any(|time| self.has_ended(time, now)) {
            return Said::Refused;
        }
        for time in times {
            if !self.bookings[at].times.contains(time) {
                self.bookings[at].times.push(*time);
            }
        }
        if matches!(self.bookings[at].state, State::Calling { .. } | State::Paused { .. }) {
            self.bookings[at].waiting = self.possible_times(at, now);
        } else if self.has_another_time(at, now) {
            self.call_next_option(at, now);
        }
        Said::Done
    }

    /// Starts that are not to be tried any more; options called for them are dead.
    pub(super) fn drop_times(&mut self, at: usize, times: &[Span], now: Timestamp) -> Said {
        if !self.looks_for_a_time(at) {
            return Said::Refused;
        }
        let dropped = |time: &Span| times.iter().any(|other| other.start == time.start);
        // What has passed is no time any more, whether or not anything has happened since.
        let ahead = self.bookings[at].times.iter().any(|time| dropped(time) && !self.has_ended(time, now));
        let booking = &mut self.bookings[at];
        let alive = booking.options.iter().filter(|option| !option.dead && dropped(&option.time));
        let dying: Vec<OptionNo> = alive.map(|option| option.no).collect();
        if dying.is_empty() && !ahead {
            return Said::Refused;
        }
        booking.times.retain(|time| !dropped(time));
        for option in dying {
            self.option_dies(at, option);
        }
        self.bookings[at].waiting = self.possible_times(at, now);
        if matches!(self.bookings[at].state, State::Exhausted) {
            self.shows_a_live_option(at);
        }
        Said::Done
    }

    /// A booked session is moved: its holders are asked anew, and have until patience passes.
    pub(super) fn move_to(&mut self, at: usize, time: Span, now: Timestamp) -> Said {
        let booked = matches!(self.bookings[at].state, State::Booked { .. });
        let same = self.bookings[at].current_option().is_some_and(|option| option.time == time);
        if !booked || same || self.has_ended(&time, now) || self.studio_is_taken(at, &time) {
            return Said::Refused;
        }
        let asked = self.asked_anew(at);
        if let Some(old) = self.bookings[at].current {
            let booking = &mut self.bookings[at];
            for option in booking.options.iter_mut().filter(|option| option.no == old) {
                option.dead = true;
                booking.times.retain(|time| *time != option.time);
            }
        }
        for offer in self.bookings[at].offers.iter_mut().filter(|offer| offer.holds()) {
            offer.reply = Some(Reply::Released);
        }
        self.bookings[at].state =
            State::Booked { refill: Some(Refill { since: now, nobody: Vec::new(), moved: true }) };
        self.bookings[at].urgent.clear();
        let option = self.new_option(at, time);
        self.tell(at, Whom::Client, "moved");
        for (chair, musician) in &asked {
            self.ask_anew(at, option, *chair, *musician, now);
        }
        for chair in self.bookings[at].chair_numbers() {
            if !asked.iter().any(|(theirs, _)| *theirs == chair) {
                self.open_again(at, chair, now);
            }
        }
        Said::Done
    }

    /// Who is asked anew for which chair: holders, and who had not answered to an earlier move.
    fn asked_anew(&self, at: usize) -> Vec<(ChairNo, MusicianId)> {
        let booking = &self.bookings[at];
        let asked = booking
            .offers
            .iter()
            .enumerate()
            .filter(|(index, offer)| booking.is_current(offer) && offer.holds() || self.awaits_move(at, *index));
        asked.map(|(_, offer)| (offer.chair, offer.musician)).collect()
    }

    /// Who may not be texted is called by the manager, who answers for them (rule 4.12).
    fn ask_anew(&mut self, at: usize, option: OptionNo, chair: ChairNo, musician: MusicianId, now: Timestamp) {
        let texted = self.person(musician).is_some_and(|person| person.standing == MusicianStanding::Active);
        let index = self.make_offer(at, option, chair, musician, now);
        self.bookings[at].offers[index].moved = true;
        if !texted {
            self.bookings[at].offers[index].delivery = Delivery::Void;
            self.tell(at, Whom::Manager, "call_holder");
        }
    }
}
