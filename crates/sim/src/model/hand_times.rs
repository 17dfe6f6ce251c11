//! The manager's hand on the times of a booking (rule 7.2).

use super::booking::{Refill, Reply, State};
use super::{Model, Said, Whom};
use firstcall_core::ids::{ChairNo, MusicianId, OptionNo};
use firstcall_core::roster::MusicianStanding;
use firstcall_core::span::Span;
use jiff::Timestamp;

impl Model {
    /// Whether the times of a booking still matter.
    fn looks_for_a_time(&self, at: usize) -> bool {
        self.in_play(at) || matches!(self.bookings[at].state, State::NoTimes)
    }

    /// More times to try, when their turn comes or the manager says "next".
    pub(super) fn add_times(&mut self, at: usize, times: &[Span], now: Timestamp) -> Said {
        let mut added = Said::Refused;
        if !self.looks_for_a_time(at) {
            return added;
        }
        for time in times {
            let booking = &self.bookings[at];
            let known = booking.times.contains(time) || booking.options.iter().any(|option| option.time == *time);
            if !known && !self.has_ended(time, now) {
                self.bookings[at].times.push(*time);
                added = Said::Done;
            }
        }
        added
    }

    /// Starts that are not to be tried any more; options called for them are dead.
    pub(super) fn drop_times(&mut self, at: usize, times: &[Span]) -> Said {
        if !self.looks_for_a_time(at) {
            return Said::Refused;
        }
        let dropped = |time: &Span| times.iter().any(|other| other.start == time.start);
        let booking = &mut self.bookings[at];
        let alive = booking.options.iter().filter(|option| !option.dead && dropped(&option.time));
        let dying: Vec<OptionNo> = alive.map(|option| option.no).collect();
        let called: Vec<Span> = booking.options.iter().map(|option| option.time).collect();
        let before = booking.times.len();
        booking.times.retain(|time| called.contains(time) || !dropped(time));
        if dying.is_empty() && booking.times.len() == before {
            return Said::Refused;
        }
        for option in dying {
            self.option_dies(at, option);
        }
        Said::Done
    }

    /// A booked session is moved: its holders are asked anew, and have until patience passes.
    pub(super) fn move_to(&mut self, at: usize, time: Span, now: Timestamp) -> Said {
        let booked = matches!(self.bookings[at].state, State::Booked { .. });
        let same = self.bookings[at].current_option().is_some_and(|option| option.time == time);
        if !booked || same || self.has_ended(&time, now) || !self.studio_is_free(at, &time) {
            return Said::Refused;
        }
        let asked = self.asked_anew(at);
        if let Some(old) = self.bookings[at].current {
            for option in self.bookings[at].options.iter_mut().filter(|option| option.no == old) {
                option.dead = true;
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
        for chair in self.bookings[at].chair_numbers() {
            match asked.iter().find(|(theirs, _)| *theirs == chair) {
                Some((_, musician)) => self.ask_anew(at, option, chair, *musician, now),
                None => self.open_again(at, chair, now),
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
            .filter(|offer| booking.is_current(offer))
            .filter(|offer| offer.holds() || (offer.moved && offer.unanswered()))
            .filter(|offer| offer.holds() || booking.open_now().contains(&offer.chair));
        asked.map(|offer| (offer.chair, offer.musician)).collect()
    }

    /// A holder who cannot be asked, or is taken then, has dropped out.
    fn ask_anew(&mut self, at: usize, option: OptionNo, chair: ChairNo, musician: MusicianId, now: Timestamp) {
        let time = self.bookings[at].current_option().map(|option| option.time);
        let taken = time.is_some_and(|time| self.is_taken(at, musician, &time));
        let silent = self.person(musician).is_none_or(|person| person.standing == MusicianStanding::OptedOut);
        if taken || silent {
            self.tell(at, Whom::Manager, "dropped_out");
            self.open_again(at, chair, now);
        } else {
            let index = self.make_offer(at, option, chair, musician, now);
            self.bookings[at].offers[index].moved = true;
        }
    }
}
