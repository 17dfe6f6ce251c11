//! The manager's hand, but for the times (rules 4.11, 7.2, 7.4). What is impossible is refused and changes nothing.

use super::booking::{Reply, Shut, State};
use super::{Model, Said, Whom};
use firstcall_core::booking::Delivery;
use firstcall_core::ids::{BookingId, ChairNo, MusicianId};
use firstcall_core::manage::Act;
use firstcall_core::roster::MusicianStanding;
use jiff::Timestamp;

impl Model {
    /// The manager does something to a booking.
    pub fn manage(&mut self, id: BookingId, act: &Act, now: Timestamp) -> Said {
        self.clock = now;
        let Some(at) = self.find(id) else { return Said::Refused };
        let said = match act {
            Act::Pause => self.pause(at, now),
            Act::Resume => self.resume(at, now),
            Act::Next => self.next_now(at, now),
            Act::Ask(musician, chair) => self.ask(at, *musician, *chair, now),
            Act::Fill(musician, chair) => self.fill(at, *musician, *chair, now),
            Act::Release(chair) => self.take_back(at, *chair, now),
            Act::AddTimes(times) => self.add_times(at, times, now),
            Act::DropTimes(times) => self.drop_times(at, times, now),
            Act::Move(time) => self.move_to(at, *time, now),
            Act::Cancel => self.cancel(at),
        };
        if said != Said::Refused {
            self.settle_all(at, now);
        }
        said
    }

    /// Rule 4.11: only what calls can be paused.
    fn pause(&mut self, at: usize, now: Timestamp) -> Said {
        if !matches!(self.bookings[at].state, State::Calling { .. }) {
            return Said::Refused;
        }
        self.bookings[at].state = State::Paused { asked: now };
        Said::Done
    }

    /// Rule 4.11: what waited leaves, with a full patience.
    fn resume(&mut self, at: usize, now: Timestamp) -> Said {
        if !matches!(self.bookings[at].state, State::Paused { .. }) {
            return Said::Refused;
        }
        self.bookings[at].state = State::Calling { since: now };
        for index in 0..self.bookings[at].offers.len() {
            let offer = &self.bookings[at].offers[index];
            if offer.delivery == Delivery::OnHold {
                let person = self.person(offer.musician);
                let zone = person.map_or(&self.policy.zone, |person| &person.zone);
                let leaves = self.leaves_at(now, zone, person.and_then(|person| person.quiet_hours));
                self.bookings[at].offers[index].delivery = Delivery::Queued(leaves);
            }
        }
        Said::Done
    }

    /// Rule 7.2: the next wave now; with nobody left at the option, the next option. It starts again what rests.
    fn next_now(&mut self, at: usize, now: Timestamp) -> Said {
        let (open, all) = (self.bookings[at].open_now(), self.bookings[at].chair_numbers());
        match &self.bookings[at].state {
            State::Calling { .. } | State::Exhausted | State::NoTimes => {
                let somebody = self.can_go_on(at, &all, now) || self.has_another_time(at, now);
                if !somebody {
                    return Said::Refused;
                }
                self.call(at, None, now);
                Said::Done
            }
            State::Booked { refill: Some(_) } => {
                if open.iter().all(|chair| self.stand_ins(at, *chair, now).is_empty()) {
                    return Said::Refused;
                }
                self.call_stand_ins(at, &open, now);
                Said::Done
            }
            State::Paused { .. } | State::Booked { refill: None } | State::Expired | State::Cancelled => Said::Refused,
        }
    }

    /// Whether a chair of the current option is there to be given to somebody.
    fn chair_can_be_given(&self, at: usize, musician: MusicianId, chair: ChairNo, now: Timestamp) -> bool {
        let booking = &self.bookings[at];
        let Some(option) = booking.current_option() else { return false };
        let holds_another =
            booking.offers.iter().any(|offer| offer.option == option.no && offer.musician == musician && offer.holds());
        let may = self
            .person(musician)
            .is_some_and(|person| matches!(person.standing, MusicianStanding::Active | MusicianStanding::Paused));
        may && (self.in_play(at) || matches!(booking.state, State::Booked { .. }))
            && !option.dead
            && !self.has_ended(&option.time, now)
            && booking.open_now().contains(&chair)
            && !holds_another
            && !self.is_taken(at, musician, &option.time)
    }

    /// Rule 7.2, within 4.8: somebody who was not asked, also one who is not asked at present or plays something else.
    /// Nothing leaves while it is paused.
    fn ask(&mut self, at: usize, musician: MusicianId, chair: ChairNo, now: Timestamp) -> Said {
        let booking = &self.bookings[at];
        let Some(option) = booking.current else { return Said::Refused };
        let paused = matches!(booking.state, State::Paused { .. });
        let known = booking.offers.iter().any(|offer| {
            offer.option == option && offer.musician == musician && !(offer.never_left() && offer.chair == chair)
        });
        if paused || known || !self.chair_can_be_given(at, musician, chair, now) {
            return Said::Refused;
        }
        self.make_offer(at, option, chair, musician, now);
        if let State::Booked { refill: Some(refill) } = &mut self.bookings[at].state {
            refill.nobody.retain(|other| *other != chair);
        }
        Said::Done
    }

    /// Rule 7.2: a chair is given without asking; as if they had said YES to an offer of it.
    fn fill(&mut self, at: usize, musician: MusicianId, chair: ChairNo, now: Timestamp) -> Said {
        let Some(option) = self.bookings[at].current else { return Said::Refused };
        if !self.chair_can_be_given(at, musician, chair, now) {
            return Said::Refused;
        }
        let asked =
            self.bookings[at].offers.iter().position(|offer| offer.option == option && offer.musician == musician);
        let index = asked.unwrap_or_else(|| self.make_offer(at, option, chair, musician, now));
        let offer = &mut self.bookings[at].offers[index];
        offer.chair = chair;
        offer.shut = None;
        offer.standby = false;
        if matches!(offer.delivery, Delivery::Queued(_) | Delivery::OnHold) {
            offer.delivery = Delivery::Void;
        }
        self.takes_the_chair(at, index, now)
    }

    /// Rule 7.2: a chair of the current option is taken back from who holds it.
    fn take_back(&mut self, at: usize, chair: ChairNo, now: Timestamp) -> Said {
        let booking = &self.bookings[at];
        let booked = matches!(booking.state, State::Booked { .. });
        let dead = booking.current_option().is_none_or(|option| option.dead);
        if dead || !(self.in_play(at) || booked) {
            return Said::Refused;
        }
        let booking = &mut self.bookings[at];
        let held =
            booking.offers.iter().position(|offer| booking.is_current(offer) && offer.chair == chair && offer.holds());
        let Some(index) = held else { return Said::Refused };
        let offer = &mut booking.offers[index];
        offer.reply = Some(Reply::Released);
        offer.shut = Some(Shut::Withdrawn);
        let musician = offer.musician;
        self.tell(at, Whom::Musician(musician), "not_needed");
        if booked {
            self.open_again(at, chair, now);
        }
        Said::Done
    }

    /// Rule 7.4.
    fn cancel(&mut self, at: usize) -> Said {
        let booking = &self.bookings[at];
        let booked = matches!(booking.state, State::Booked { .. });
        if matches!(booking.state, State::Expired | State::Cancelled) {
            return Said::Refused;
        }
        for index in 0..self.bookings[at].offers.len() {
            let asked_anew = self.awaits_move(at, index);
            let offer = &self.bookings[at].offers[index];
            let (holds, musician) = (offer.holds(), offer.musician);
            if holds {
                self.bookings[at].offers[index].reply = Some(Reply::Released);
            }
            if holds || asked_anew {
                self.tell(at, Whom::Musician(musician), if booked { "cancelled" } else { "released" });
            }
        }
        self.bookings[at].state = State::Cancelled;
        self.tell(at, Whom::Client, "cancelled");
        Said::Done
    }
}
