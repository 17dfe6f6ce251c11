//! The reference model: a second, naive reading of the rules, to be compared with the real thing after every step.
//!
//! It is written from `docs/rules.md` alone, with plain vectors and by trying everything; nothing is remembered that
//! can be worked out again. `booking` has the facts, `clock` and `people` answer questions about them, `fill` tries
//! assignments, `calling` and `stand_ins` ask, `answers` and `hand` are what musicians and the manager do (a `deed`), and
//! `settle` draws the consequences. Each public method is one event.

mod answers;
mod booking;
mod calling;
mod clock;
mod deed;
mod fill;
mod hand;
mod hand_times;
mod people;
mod settle;
mod stand_ins;
#[cfg(test)]
mod tests;
mod view;

pub use deed::Deed;
pub use view::{OfferView, Said, Told, View, Whom};

use booking::{Booking, Reply, Shut, State};
use firstcall_core::booking::Chair;
use firstcall_core::ids::{BookingId, MusicianId, OfferNo};
use firstcall_core::policy::{ClockRange, Policy};
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::span::Span;
use jiff::Timestamp;
use jiff::civil::Weekday;

/// The whole studio as the rules say it should be.
#[derive(Clone)]
pub struct Model {
    policy: Policy,
    opening_hours: Option<Vec<(Weekday, ClockRange)>>,
    people: Vec<Musician>,
    blocks: Vec<(MusicianId, Vec<Span>)>,
    closures: Vec<Span>,
    /// The sessions of which the manager was told that the studio is closed then.
    told_closed: Vec<(BookingId, Span)>,
    bookings: Vec<Booking>,
    /// The moment of the latest event: what a view calls now.
    clock: Timestamp,
    /// The bookings for which what follows has not been done yet, in the order in which it will be.
    left: Vec<BookingId>,
}

impl Model {
    /// An empty studio.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            opening_hours: None,
            people: Vec::new(),
            blocks: Vec::new(),
            closures: Vec::new(),
            told_closed: Vec::new(),
            bookings: Vec::new(),
            clock: Timestamp::MIN,
            left: Vec::new(),
        }
    }

    /// The settings were changed: every booking looks at itself anew. Opening hours are told apart, before.
    pub fn set_policy(&mut self, policy: Policy, now: Timestamp) {
        self.clock = now;
        self.policy = policy;
        for at in 0..self.bookings.len() {
            self.deadline_came(at, now);
            self.settle_all(at, now);
        }
    }

    /// When the studio is open (rule 3.1); none means always. The policy's own opening hours cannot be read one by one.
    pub fn set_opening_hours(&mut self, hours: Option<Vec<(Weekday, ClockRange)>>) {
        self.opening_hours = hours;
    }

    /// The roster was edited: this is all of it now. When somebody was last booked is never forgotten (rule 3.6). Who may
    /// not be asked any more has their open offers closed (rule 4.12).
    pub fn set_roster(&mut self, people: Vec<Musician>, now: Timestamp) {
        self.clock = now;
        let before = std::mem::replace(&mut self.people, people);
        for old in &before {
            match self.people.iter_mut().find(|person| person.id == old.id) {
                Some(person) => person.last_booked_at = person.last_booked_at.max(old.last_booked_at),
                None => self.people.push(Musician { standing: MusicianStanding::Removed, ..old.clone() }),
            }
        }
        let was_active = |id| before.iter().any(|old| old.id == id && old.standing == MusicianStanding::Active);
        let left = self.people.iter().filter(|p| p.standing != MusicianStanding::Active && was_active(p.id));
        for musician in left.map(|person| person.id).collect::<Vec<_>>() {
            self.may_not_be_asked(musician, now);
        }
    }

    /// The blocks entered on the roster for somebody (rule 3.2).
    pub fn set_blocks(&mut self, musician: MusicianId, blocks: Vec<Span>) {
        self.blocks.retain(|(whose, _)| *whose != musician);
        self.blocks.push((musician, blocks));
    }

    /// When the studio is closed beside its weekly hours (rule 3.1). What is booked stays so, and the manager is told.
    pub fn set_closures(&mut self, closures: Vec<Span>, now: Timestamp) {
        self.clock = now;
        let before = std::mem::replace(&mut self.closures, closures);
        let new: Vec<Span> = self.closures.iter().filter(|closure| !before.contains(closure)).copied().collect();
        for at in 0..self.bookings.len() {
            let booking = &self.bookings[at];
            let booked = matches!(booking.state, State::Booked { .. });
            let Some(session) = booking.current_option().map(|option| option.time).filter(|_| booked) else { continue };
            let (hit, told) = (new.iter().any(|closure| closure.overlaps(&session)), (booking.id, session));
            if hit && !self.told_closed.contains(&told) {
                self.told_closed.push(told);
                self.tell(at, Whom::Manager, "closed");
            }
        }
        self.settle_concerned(now);
    }

    /// A booking arrives: its first wave goes out at once, or the manager is told that no time is possible (3.8, 4.1).
    pub fn book(
        &mut self,
        id: BookingId,
        chairs: Vec<Chair>,
        times: Vec<Span>,
        has_client_email: bool,
        now: Timestamp,
    ) {
        self.clock = now;
        self.bookings.push(Booking::new(id, chairs, times, has_client_email));
        let at = self.bookings.len() - 1;
        if !self.call_next_option(at, now) {
            self.tell(at, Whom::Manager, "no_times");
        }
        self.settle_all(at, now);
    }

    /// Every booking there is.
    pub fn bookings(&self) -> impl Iterator<Item = BookingId> {
        self.bookings.iter().map(|booking| booking.id)
    }

    /// When a session with them was last booked (rule 3.6).
    #[must_use]
    pub fn last_booked_at(&self, musician: MusicianId) -> Option<Timestamp> {
        self.person(musician).and_then(|person| person.last_booked_at)
    }

    /// Whether somebody may be asked, as far as is known here.
    #[must_use]
    pub fn standing(&self, musician: MusicianId) -> Option<MusicianStanding> {
        self.person(musician).map(|person| person.standing)
    }

    /// What can be seen of a booking.
    #[must_use]
    pub fn view(&self, id: BookingId) -> View {
        let Some(at) = self.find(id) else { return View::of_nothing() };
        let booking = &self.bookings[at];
        let mut told = booking.told.clone();
        told.sort();
        View {
            status: booking.state.word(),
            current: booking.current_option().map(|option| option.time),
            deadline: booking.deadline,
            offers: (0..booking.offers.len()).map(|index| self.view_offer(at, index)).collect(),
            told,
        }
    }

    fn view_offer(&self, at: usize, index: usize) -> OfferView {
        let booking = &self.bookings[at];
        let offer = &booking.offers[index];
        OfferView {
            no: offer.no,
            option_time: booking.time_of(offer),
            option: offer.option,
            chair: offer.chair,
            musician: offer.musician,
            delivery: offer.delivery,
            answer: offer.reply.map_or("", Reply::word),
            answerable: self.answerable(at, index, self.clock),
            standby: offer.standby,
            shut: offer.shut.map_or("", Shut::word),
        }
    }

    fn find(&self, id: BookingId) -> Option<usize> {
        self.bookings.iter().position(|booking| booking.id == id)
    }

    fn find_offer(&self, id: BookingId, no: OfferNo) -> Option<(usize, usize)> {
        let at = self.find(id)?;
        let index = self.bookings[at].offers.iter().position(|offer| offer.no == no)?;
        Some((at, index))
    }

    /// Puts on record that somebody was to be told something. Whether it may leave is another question (rule 8.5).
    fn tell(&mut self, at: usize, to: Whom, word: &'static str) {
        if to == Whom::Client && !self.bookings[at].has_client_email {
            return;
        }
        self.bookings[at].told.push(Told { to, word });
    }

    /// Whether somebody could be asked for anything here: neither booked nor over.
    fn in_play(&self, at: usize) -> bool {
        matches!(self.bookings[at].state, State::Calling { .. } | State::Paused { .. } | State::Exhausted)
    }
}
