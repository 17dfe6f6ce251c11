//! What follows from an event, worked out until nothing more follows; and what the clock sets off.

use super::booking::{Reply, State};
use super::clock::later;
use super::fill::can_fill;
use super::{Model, Whom};
use firstcall_core::booking::Delivery;
use firstcall_core::ids::{BookingId, OptionNo};
use firstcall_core::policy::AfterNo;
use firstcall_core::span::Span;
use jiff::{SignedDuration, Timestamp};

/// More than ever follows from one thing.
const ENOUGH: usize = 1000;

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Model {
    /// From now on these bookings, in this order, are left: whatever follows for them follows later, because who would
    /// see to it is cut off. For those that were left before it follows now.
    pub fn cut_off(&mut self, left: Vec<BookingId>, now: Timestamp) {
        self.clock = now;
        let before = std::mem::replace(&mut self.left, left);
        for id in before {
            if let Some(at) = self.find(id).filter(|_| !self.left.contains(&id)) {
                self.deadline_came(at, now);
                self.settle_all(at, now);
            }
        }
    }

    /// Whether anything is left.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        !self.left.is_empty()
    }

    /// Everything that is due by `now`, in any booking that is not left, is done until nothing is due.
    pub fn wake(&mut self, now: Timestamp) {
        self.clock = now;
        for _ in 0..ENOUGH {
            let due = self.bookings.iter().enumerate().filter(|(_, booking)| !self.left.contains(&booking.id));
            let due = due.filter_map(|(at, booking)| booking.deadline.map(|deadline| (deadline, booking.id, at)));
            let Some((_, _, at)) = due.filter(|(deadline, _, _)| *deadline <= now).min() else { return };
            self.deadline_came(at, now);
            self.settle_all(at, now);
        }
    }

    /// The same for one booking.
    pub(super) fn deadline_came(&mut self, at: usize, now: Timestamp) {
        self.stop_looking_at_the_start(at, now);
        self.close_waiting_options(at, |model, time| model.has_ended(time, now));
        self.settle(at, now);
        let patience_is_over = self.patience_ends(at, now).is_some_and(|end| end <= now);
        let stand_ins_are_late = self.stand_ins_are_late(at, now);
        match &mut self.bookings[at].state {
            State::Calling { .. } if patience_is_over => self.call(at, None, now),
            State::Paused { asked } if later(*asked, DAY) <= now => {
                *asked = now;
                self.tell(at, Whom::Manager, "still_paused");
            }
            State::Booked { refill: Some(_) } if stand_ins_are_late => {
                self.patience_with_stand_ins_is_over(at, now);
            }
            State::Calling { .. }
            | State::Paused { .. }
            | State::NoTimes
            | State::Exhausted
            | State::Booked { .. }
            | State::Expired
            | State::Cancelled => {}
        }
    }

    /// A booked session has begun: nobody steps in any more (rules 4.10, 7.3).
    fn stop_looking_at_the_start(&mut self, at: usize, now: Timestamp) {
        let over = self.bookings[at].current_option().is_some_and(|option| self.has_ended(&option.time, now));
        if over && matches!(self.bookings[at].state, State::Booked { refill: Some(_) }) {
            self.stop_looking(at);
        }
    }

    /// The chairs of a booked session that are open stay so.
    pub(super) fn stop_looking(&mut self, at: usize) {
        let booking = &mut self.bookings[at];
        booking.state = State::Booked { refill: None };
        booking.urgent.clear();
        for option in booking.options.iter_mut().filter(|option| booking.current == Some(option.no)) {
            option.dead = true;
        }
    }

    /// What follows for this booking, and then for every other that its holds and sessions concern.
    pub(super) fn settle_all(&mut self, at: usize, now: Timestamp) {
        self.settle(at, now);
        self.settle_concerned(now);
    }

    /// What follows for every booking that something outside it concerns.
    pub(super) fn settle_concerned(&mut self, now: Timestamp) {
        for _ in 0..ENOUGH {
            let mut others = 0..self.bookings.len();
            let concerned = others.find(|other| !self.is_left(*other) && self.is_concerned(*other, now));
            let Some(other) = concerned else { return };
            self.settle(other, now);
        }
        panic!("the second reading never comes to rest over other bookings");
    }

    /// Whether another booking's hold or session stands against something here.
    fn is_concerned(&self, at: usize, now: Timestamp) -> bool {
        let booking = &self.bookings[at];
        let in_the_studio = self.in_play(at)
            && (booking.options.iter().any(|option| !option.dead && !self.studio_is_free(at, &option.time))
                || booking.waiting.iter().any(|time| !self.studio_is_free(at, time)));
        in_the_studio || (0..booking.offers.len()).any(|index| self.is_overlapped(at, index, now))
    }

    /// Whether an open offer's musician holds something that overlaps it (rule 4.8).
    fn is_overlapped(&self, at: usize, index: usize, now: Timestamp) -> bool {
        let booking = &self.bookings[at];
        let offer = &booking.offers[index];
        !offer.moved && self.is_open_offer(at, index, now) && self.is_taken(at, offer.musician, &booking.time_of(offer))
    }

    fn is_left(&self, at: usize) -> bool {
        self.left.contains(&self.bookings[at].id)
    }

    /// What follows for this booking alone.
    pub(super) fn settle(&mut self, at: usize, now: Timestamp) {
        if self.is_left(at) {
            return self.settle_at_once(at, now);
        }
        let follows = |model: &mut Self| {
            model.call_texts_back(at, now);
            model.close_overlapped(at, now) || model.close_dead_options(at, now) || model.go_on(at, now)
        };
        let rests = (0..ENOUGH).any(|_| !follows(self));
        assert!(rests, "the second reading never comes to rest over booking {}", self.bookings[at].id);
        self.call_texts_back(at, now);
        self.bookings[at].deadline = self.work_out_deadline(at, now);
    }

    /// What never waits, also where the rest is left.
    fn settle_at_once(&mut self, at: usize, now: Timestamp) {
        self.close_unfillable(at);
        self.call_texts_back(at, now);
        self.bookings[at].deadline = Some(now);
    }

    /// An option that was left and cannot be filled any more is dead (4.5).
    pub(super) fn close_unfillable(&mut self, at: usize) {
        while let Some(no) = self.left_and_unfillable(at) {
            self.option_dies(at, no);
            if matches!(self.bookings[at].state, State::Exhausted) {
                self.shows_a_live_option(at);
            }
        }
    }

    fn left_and_unfillable(&self, at: usize) -> Option<OptionNo> {
        let booking = &self.bookings[at];
        let mut left = booking.options.iter().filter(|option| !option.dead && booking.current != Some(option.no));
        let unfillable = left.find(|option| !self.can_still_win(at, option.no))?;
        self.in_play(at).then_some(unfillable.no)
    }

    fn close_overlapped(&mut self, at: usize, now: Timestamp) -> bool {
        let offers = 0..self.bookings[at].offers.len();
        let overlapped: Vec<usize> = offers.filter(|index| self.is_overlapped(at, *index, now)).collect();
        for index in &overlapped {
            self.after_a_no(at, *index);
            self.bookings[at].offers[*index].reply = Some(Reply::Overlap);
        }
        !overlapped.is_empty()
    }

    /// With `after_no = "next"` a NO to an open chair of the current option applies 4.3 to all its open chairs (4.6).
    pub(super) fn after_a_no(&mut self, at: usize, index: usize) {
        let booking = &mut self.bookings[at];
        let offer = &booking.offers[index];
        let open = booking.open_now().contains(&offer.chair);
        let calling = matches!(booking.state, State::Calling { .. });
        if self.policy.after_no == AfterNo::Next && calling && booking.is_current(offer) && open {
            booking.all_urgent = true;
        }
    }

    /// Options die: at their end (4.10), when the studio is taken (6.1), and when they were left and cannot be filled
    /// any more (4.5).
    fn close_dead_options(&mut self, at: usize, now: Timestamp) -> bool {
        if !self.in_play(at) {
            return false;
        }
        let mut alive = self.bookings[at].options.iter().filter(|option| !option.dead);
        let over = alive.clone().find(|option| self.has_ended(&option.time, now));
        // What the studio cannot be had for dies first: whether the booking is over is asked when a time has come.
        let taken = alive.find(|option| !self.has_ended(&option.time, now) && !self.studio_is_free(at, &option.time));
        let dies = taken.or(over).map(|option| option.no).or_else(|| self.left_and_unfillable(at));
        let Some(no) = dies else {
            return self.close_waiting_options(at, |model, time| !model.studio_is_free(at, time));
        };
        let ended = self.bookings[at].option(no).is_some_and(|option| self.has_ended(&option.time, now));
        self.option_dies(at, no);
        for option in self.bookings[at].options.iter_mut().filter(|option| option.no == no) {
            option.ended = ended;
        }
        let rests = matches!(self.bookings[at].state, State::Exhausted);
        if rests && ended && self.bookings[at].options.iter().all(|option| option.dead) {
            self.expire(at);
        } else if rests {
            self.shows_a_live_option(at);
        }
        true
    }

    /// An option that waits dies too, and its time is not tried any more (rules 4.10, 6.1). Nobody is waiting for the end of
    /// one, so that it is noticed when the booking is woken for something else.
    fn close_waiting_options(&mut self, at: usize, dies: impl Fn(&Self, &Span) -> bool) -> bool {
        let waiting = self.bookings[at].waiting.iter().copied();
        let dead: Vec<Span> = waiting.filter(|time| self.in_play(at) && dies(self, time)).collect();
        self.bookings[at].waiting.retain(|time| !dead.contains(time));
        self.bookings[at].times.retain(|time| !dead.contains(time));
        self.bookings[at].gone.extend(&dead);
        !dead.is_empty()
    }

    /// Whether holders and unanswered offers can still fill an option (rule 4.5).
    fn can_still_win(&self, at: usize, option: OptionNo) -> bool {
        let booking = &self.bookings[at];
        let pools: Vec<_> = booking
            .chair_numbers()
            .into_iter()
            .map(|chair| match booking.holder(option, chair) {
                Some(holder) => vec![holder],
                None => booking
                    .offers
                    .iter()
                    .filter(|offer| offer.option == option && offer.chair == chair && offer.unanswered())
                    .map(|offer| offer.musician)
                    .collect(),
            })
            .collect();
        can_fill(&pools)
    }

    /// An option cannot be booked any more: its holders are released.
    pub(super) fn option_dies(&mut self, at: usize, no: OptionNo) {
        let booking = &mut self.bookings[at];
        for option in booking.options.iter_mut().filter(|option| option.no == no) {
            option.dead = true;
            booking.times.retain(|time| *time != option.time);
        }
        self.release_where(at, |option| option == no);
    }

    /// Releases everybody who holds one of these options, by text (rule 6.2).
    pub(super) fn release_where(&mut self, at: usize, which: impl Fn(OptionNo) -> bool) {
        for index in 0..self.bookings[at].offers.len() {
            let offer = &mut self.bookings[at].offers[index];
            if which(offer.option) && offer.holds() {
                offer.reply = Some(Reply::Released);
                let musician = offer.musician;
                let booking = &self.bookings[at];
                let booked = matches!(booking.state, State::Booked { .. });
                // Who plays all the same is not told that they are not needed.
                if !(booked && booking.offers.iter().any(|other| other.musician == musician && other.holds())) {
                    self.tell(at, Whom::Musician(musician), "released");
                }
            }
        }
    }

    /// What the booking does of its own accord; false when there is nothing to do.
    fn go_on(&mut self, at: usize, now: Timestamp) -> bool {
        let booking = &self.bookings[at];
        let urgent = booking.urgent.clone();
        let current_is_dead = booking.current_option().is_some_and(|option| option.dead);
        match booking.state {
            State::Calling { .. } if current_is_dead || booking.all_urgent => {
                self.bookings[at].all_urgent = false;
                self.call(at, None, now);
                true
            }
            State::Calling { .. } if !urgent.is_empty() => {
                self.bookings[at].urgent.clear();
                if self.patience_ends(at, now).is_some_and(|end| end <= now) {
                    self.call(at, None, now);
                } else if urgent.iter().any(|chair| self.bookings[at].open_now().contains(chair)) {
                    self.call(at, Some(&urgent), now);
                }
                true
            }
            State::Booked { refill: Some(_) } if !urgent.is_empty() => {
                self.bookings[at].urgent.clear();
                if self.stand_ins_are_late(at, now) {
                    self.patience_with_stand_ins_is_over(at, now);
                } else {
                    self.call_stand_ins(at, &urgent, now);
                }
                true
            }
            State::Paused { .. } | State::Exhausted | State::NoTimes if self.has_expired(at, now) => {
                self.expire(at);
                true
            }
            State::Calling { .. }
            | State::Paused { .. }
            | State::NoTimes
            | State::Exhausted
            | State::Booked { .. }
            | State::Expired
            | State::Cancelled => false,
        }
    }

    /// Whether a booking that calls nobody has run out of time (rule 4.10).
    fn has_expired(&self, at: usize, now: Timestamp) -> bool {
        let booking = &self.bookings[at];
        match booking.state {
            State::Exhausted if booking.options.iter().any(|option| !option.dead) => false,
            State::NoTimes | State::Exhausted | State::Paused { .. } => self.all_times_have_passed(at, now),
            State::Calling { .. } | State::Booked { .. } | State::Expired | State::Cancelled => false,
        }
    }

    /// Texts that wait, of offers that wait for nothing any more, never leave; while paused the others wait (4.11).
    fn call_texts_back(&mut self, at: usize, now: Timestamp) {
        let paused = matches!(self.bookings[at].state, State::Paused { .. });
        for index in 0..self.bookings[at].offers.len() {
            let waits = matches!(self.bookings[at].offers[index].delivery, Delivery::Queued(_) | Delivery::OnHold);
            let open = self.is_open_offer(at, index, now);
            let offer = &mut self.bookings[at].offers[index];
            if waits && !open {
                offer.delivery = Delivery::Void;
            } else if waits && paused {
                offer.delivery = Delivery::OnHold;
            }
        }
    }

    /// When patience has passed (rule 4.3); unknown while an offer is being handed over.
    fn patience_ends(&self, at: usize, now: Timestamp) -> Option<Timestamp> {
        let booking = &self.bookings[at];
        let mut last = match &booking.state {
            State::Calling { since } => *since,
            State::Booked { refill: Some(refill) } => refill.since,
            State::Paused { .. }
            | State::NoTimes
            | State::Exhausted
            | State::Booked { refill: None }
            | State::Expired
            | State::Cancelled => return None,
        };
        for offer in &booking.offers {
            match offer.delivery {
                Delivery::Sent(left) | Delivery::Failed(left) | Delivery::InDoubt(left) => last = last.max(left),
                // It has not left.
                Delivery::Queued(leaves) => last = last.max(leaves).max(now),
                Delivery::Sending => return None,
                Delivery::OnHold | Delivery::Void => {}
            }
        }
        Some(later(last, self.policy.patience))
    }

    /// Whether patience has passed with those who were asked to step in, where somebody may be left (rule 7.3).
    fn stand_ins_are_late(&self, at: usize, now: Timestamp) -> bool {
        let State::Booked { refill: Some(refill) } = &self.bookings[at].state else { return false };
        let hope = self.bookings[at].open_now().iter().any(|chair| !refill.nobody.contains(chair));
        hope && self.patience_ends(at, now).is_some_and(|end| end <= now)
    }

    /// When something happens here by itself (rules 4.3, 4.10, 4.11, 7.3, 8.7).
    fn work_out_deadline(&self, at: usize, now: Timestamp) -> Option<Timestamp> {
        let booking = &self.bookings[at];
        let end_of_current = booking.current_option().map(|option| self.end_of(&option.time));
        let next_end =
            booking.options.iter().filter(|option| !option.dead).map(|option| self.end_of(&option.time)).min();
        let called = booking.options.iter().map(|option| option.time);
        let last_time =
            booking.times.iter().chain(&booking.gone).copied().chain(called).map(|time| self.end_of(&time)).max();
        match &booking.state {
            State::Calling { .. } => self.patience_ends(at, now).into_iter().chain(next_end).min(),
            State::Paused { asked } => next_end.into_iter().chain(last_time).chain([later(*asked, DAY)]).min(),
            State::NoTimes => last_time,
            State::Exhausted => next_end.or(last_time),
            State::Booked { refill: Some(refill) } => {
                let hope = booking.open_now().iter().any(|chair| !refill.nobody.contains(chair));
                self.patience_ends(at, now).filter(|_| hope).into_iter().chain(end_of_current).min()
            }
            State::Booked { refill: None } | State::Expired | State::Cancelled => None,
        }
    }
}
