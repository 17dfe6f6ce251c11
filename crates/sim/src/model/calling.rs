//! Calling: planning, waves, the next option, and what comes when nobody is left (rules 3 and 4).

use super::booking::{Called, Offer, Reply, Shut, State};
use super::fill::{can_fill, line_up};
use super::{Model, Whom};
use firstcall_core::booking::Delivery;
use firstcall_core::ids::{ChairNo, MusicianId, OfferNo, OptionNo};
use firstcall_core::policy::PreviousOffers;
use firstcall_core::span::Span;
use jiff::Timestamp;

impl Model {
    /// The times never called that are possible now, in the order in which they are tried (rules 3.4, 3.5, 4.3b).
    pub(super) fn possible_times(&self, at: usize, now: Timestamp) -> Vec<Span> {
        let booking = &self.bookings[at];
        let mut possible: Vec<Span> = booking
            .times
            .iter()
            .copied()
            .filter(|time| !booking.options.iter().any(|called| called.time == *time && !called.dead))
            .filter(|time| !self.has_ended(time, now))
            .filter(|time| self.studio_is_free(at, time))
            .filter(|time| can_fill(&self.pools_for(at, time, now)))
            .collect();
        possible.sort_by_cached_key(|time| (!self.is_prime(time), time.start, time.end));
        possible
    }

    /// Whether any time is left that was never called and is possible now.
    pub(super) fn has_another_time(&self, at: usize, now: Timestamp) -> bool {
        !self.possible_times(at, now).is_empty()
    }

    /// Everybody available for each chair, best first.
    fn pools_for(&self, at: usize, time: &Span, now: Timestamp) -> Vec<Vec<MusicianId>> {
        self.bookings[at].chair_numbers().into_iter().map(|chair| self.ranked(at, chair, time, now)).collect()
    }

    /// Calls the best time that was never called (rule 4.3b); false when there is none.
    pub(super) fn call_next_option(&mut self, at: usize, now: Timestamp) -> bool {
        let mut possible = self.possible_times(at, now);
        if possible.is_empty() {
            self.bookings[at].waiting.clear();
            return false;
        }
        let time = possible.remove(0);
        self.bookings[at].waiting = possible;
        let asked = line_up(&self.pools_for(at, &time, now));
        if self.policy.previous_offers == PreviousOffers::Void {
            self.shut_offers(at, |_| true);
        }
        let option = self.new_option(at, time);
        let booking = &mut self.bookings[at];
        booking.state = State::Calling { since: now };
        booking.urgent.clear();
        booking.all_urgent = false;
        for (chair, musician) in booking.chair_numbers().into_iter().zip(asked) {
            if let Some(musician) = musician {
                self.make_offer(at, option, chair, musician, now);
            }
        }
        true
    }

    /// Makes a time the current option, with the next number.
    pub(super) fn new_option(&mut self, at: usize, time: Span) -> OptionNo {
        let booking = &mut self.bookings[at];
        let no = OptionNo(booking.options.last().map_or(1, |last| last.no.0 + 1));
        booking.options.push(Called { no, time, dead: false, ended: false });
        booking.current = Some(no);
        no
    }

    /// Rule 4.3 for all chairs, or only for these: a wave, or else the next option, or else nobody is left.
    pub(super) fn call(&mut self, at: usize, only: Option<&[ChairNo]>, now: Timestamp) {
        let all = self.bookings[at].chair_numbers();
        if self.can_go_on(at, only.unwrap_or(&all), now) {
            self.wave(at, only, now);
        } else if !self.call_next_option(at, now) {
            self.nobody_left(at, now);
        }
    }

    /// Whether the current option can still be filled and somebody is left to ask for an open chair (rule 4.3a).
    pub(super) fn can_go_on(&self, at: usize, chairs: &[ChairNo], now: Timestamp) -> bool {
        let booking = &self.bookings[at];
        let Some(option) = booking.current_option() else { return false };
        if option.dead || self.has_ended(&option.time, now) {
            return false;
        }
        let mut somebody = false;
        let mut pools = Vec::new();
        for chair in booking.chair_numbers() {
            if let Some(holder) = booking.holder(option.no, chair) {
                pools.push(vec![holder]);
                continue;
            }
            let left = self.left_to_ask(at, option.no, chair, now);
            somebody = somebody || !left.is_empty();
            let closes = self.policy.previous_offers == PreviousOffers::Void && chairs.contains(&chair);
            let mut pool = if closes { Vec::new() } else { self.may_still_come(at, option.no, chair) };
            pool.extend(left);
            pools.push(pool);
        }
        somebody && can_fill(&pools)
    }

    /// Those who were asked for a chair and may still say YES (rule 4.3a).
    fn may_still_come(&self, at: usize, option: OptionNo, chair: ChairNo) -> Vec<MusicianId> {
        let offers = self.bookings[at].offers.iter();
        let asked = offers.filter(|offer| offer.option == option && offer.chair == chair && offer.unanswered());
        asked.map(|offer| offer.musician).collect()
    }

    /// The next musician for each of these chairs that is open (rules 4.3a, 3.7). Where it is for some chairs only, what they
    /// were asked about other times stays as it is.
    fn wave(&mut self, at: usize, only: Option<&[ChairNo]>, now: Timestamp) {
        let Some(option) = self.bookings[at].current else { return };
        let all = self.bookings[at].chair_numbers();
        let chairs = only.unwrap_or(&all);
        let open: Vec<ChairNo> =
            self.bookings[at].open_chairs(option).into_iter().filter(|chair| chairs.contains(chair)).collect();
        let pools: Vec<Vec<MusicianId>> = open.iter().map(|chair| self.left_to_ask(at, option, *chair, now)).collect();
        let asked = line_up(&pools);
        if asked.iter().all(Option::is_none) {
            return;
        }
        if self.policy.previous_offers == PreviousOffers::Void {
            self.shut_offers(at, |offer| only.is_none_or(|only| offer.option == option && only.contains(&offer.chair)));
        }
        self.bookings[at].state = State::Calling { since: now };
        for (chair, musician) in open.into_iter().zip(asked) {
            if let Some(musician) = musician {
                self.make_offer(at, option, chair, musician, now);
            }
        }
    }

    /// Earlier offers close when the next wave goes out (rule 4.5, "void"); holds stay.
    pub(super) fn shut_offers(&mut self, at: usize, which: impl Fn(&Offer) -> bool) {
        for offer in &mut self.bookings[at].offers {
            let in_time = matches!(offer.reply, Some(Reply::Held | Reply::Released));
            if which(offer) && !in_time && offer.shut.is_none() {
                offer.shut = Some(Shut::Superseded);
            }
        }
    }

    /// Asks one musician; the text leaves now or when their quiet hours end (rule 4.7).
    pub(super) fn make_offer(
        &mut self,
        at: usize,
        option: OptionNo,
        chair: ChairNo,
        musician: MusicianId,
        now: Timestamp,
    ) -> usize {
        let person = self.person(musician);
        let zone = person.map_or_else(|| self.policy.zone.clone(), |person| person.zone.clone());
        let own = person.and_then(|person| person.quiet_hours);
        let delivery = Delivery::Queued(self.leaves_at(now, &zone, own));
        let offers = &mut self.bookings[at].offers;
        let before = offers.iter().position(|offer| {
            (offer.option, offer.chair, offer.musician) == (option, chair, musician) && offer.never_left()
        });
        if let Some(before) = before {
            offers[before].delivery = delivery;
            offers[before].shut = None;
            return before;
        }
        let no = OfferNo(offers.last().map_or(1, |last| last.no.0 + 1));
        offers.push(Offer {
            no,
            option,
            chair,
            musician,
            delivery,
            reply: None,
            shut: None,
            standby: false,
            moved: false,
            again: false,
            manager_told: Vec::new(),
        });
        offers.len() - 1
    }

    /// No option is left: exhausted (rules 4.3c, 4.9), or expired when the last one came to its end, or all times have
    /// passed, and none that was left is alive (rule 4.10).
    fn nobody_left(&mut self, at: usize, now: Timestamp) {
        let booking = &mut self.bookings[at];
        booking.urgent.clear();
        booking.all_urgent = false;
        let ended = booking.current_option().is_some_and(|option| option.ended);
        let alive = booking.options.iter().filter(|option| !option.dead).map(|option| option.no).max();
        if alive.is_none() && (ended || self.all_times_have_passed(at, now)) {
            return self.expire(at);
        }
        self.shows_a_live_option(at);
        self.bookings[at].state = State::Exhausted;
        self.tell(at, Whom::Manager, "exhausted");
    }

    /// When the option called last is dead, the latest of those that were left takes its place (rule 4.9).
    pub(super) fn shows_a_live_option(&mut self, at: usize) {
        let booking = &mut self.bookings[at];
        if booking.current_option().is_none_or(|option| option.dead) {
            let alive = booking.options.iter().filter(|option| !option.dead).map(|option| option.no).max();
            booking.current = alive.or(booking.current);
        }
    }

    /// Whether everything that was asked for, and everything that was called, has come to its end.
    pub(super) fn all_times_have_passed(&self, at: usize, now: Timestamp) -> bool {
        let booking = &self.bookings[at];
        let called = booking.options.iter().map(|option| option.time);
        let mut times = booking.times.iter().chain(&booking.gone).copied().chain(called).peekable();
        times.peek().is_some() && times.all(|time| self.has_ended(&time, now))
    }

    /// The times have passed (rule 4.10).
    pub(super) fn expire(&mut self, at: usize) {
        self.bookings[at].state = State::Expired;
        self.release_where(at, |_| true);
        self.tell(at, Whom::Manager, "expired");
    }
}
