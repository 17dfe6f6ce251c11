//! A studio in miniature: a roster, a clock that the story moves, and an engine that does what the real one does — wake
//! bookings when they are due, hand texts over when they may leave, tell each booking what the others hold.
//!
//! What happens is written down in short lines ("ask ana drums @1", "released bo @1", "manager exhausted"), which
//! [`Studio::heard`] hands out once. Weekdays mean the week of the story, which begins on Monday, 30 November 2026.

use crate::invariants;
use firstcall_core::availability::{Busy, BusyWith, Facts};
use firstcall_core::booking::{Answer, Booking, Chair, DeadlineReason, Delivery, Fate, Request, State};
use firstcall_core::contact::Phone;
use firstcall_core::ids::{BookingId, MusicianId, OfferNo, OptionNo};
use firstcall_core::manage::Act;
use firstcall_core::policy::{AfterNo, ClockRange, Policy, PreviousOffers, Ranking};
use firstcall_core::roster::{Musician, MusicianStanding, Roster};
use firstcall_core::span::Span;
use firstcall_core::step::{By, Clash, ClientNotice, Effect, Event, Notice, Outcome, Outside, Word, step};
use jiff::civil::{DateTime, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What happens, without the facts that the studio adds to it.
#[derive(Clone, Debug)]
pub enum Happening {
    Created,
    Woken,
    Answered(OfferNo, bool),
    StandsBy(OfferNo),
    DropsOut(OfferNo),
    Delivered(OfferNo, Delivery),
    AskedNoMore(MusicianId, MusicianStanding),
    Managed(Act),
}

pub struct Studio {
    pub policy: Policy,
    pub now: Timestamp,
    pub people: Vec<Musician>,
    pub bookings: Vec<Booking>,
    blocks: Vec<(Option<MusicianId>, Span)>,
    broken: BTreeSet<MusicianId>,
    lines: Vec<String>,
}

/// New York, open day and night, an hour's patience, texts at any hour.
pub fn policy() -> Policy {
    Policy {
        zone: TimeZone::get("America/New_York").unwrap(),
        opening_hours: None,
        prime_hours: hours(10, 18),
        notice: SignedDuration::ZERO,
        travel_gap: SignedDuration::ZERO,
        patience: SignedDuration::from_hours(1),
        ranking: Ranking::RecentFirst,
        previous_offers: PreviousOffers::StayOpen,
        after_no: AfterNo::Wait,
        quiet_hours: None,
    }
}

pub fn hours(from: i8, to: i8) -> ClockRange {
    ClockRange { from: time(from, 0, 0, 0), to: time(to, 0, 0, 0) }
}

/// "Wed 10:00" of the story's week, or "2026-12-09 10:00"; in New York.
pub fn at(text: &str) -> Timestamp {
    let (day, clock) = text.split_once(' ').unwrap();
    let date = match day {
        "Mon" => "2026-11-30",
        "Tue" => "2026-12-01",
        "Wed" => "2026-12-02",
        "Thu" => "2026-12-03",
        "Fri" => "2026-12-04",
        "Sat" => "2026-12-05",
        "Sun" => "2026-12-06",
        date => date,
    };
    let local: DateTime = format!("{date}T{clock}").parse().unwrap();
    local.in_tz("America/New_York").unwrap().timestamp()
}

/// One hour from then.
pub fn hour(text: &str) -> Span {
    Span::new(at(text), SignedDuration::from_hours(1))
}

impl Studio {
    /// Opens on Monday at 9:00 with these call lists: "drums: ana, bo; bass: cy, ana".
    pub fn with(call_lists: &str) -> Self {
        let mut people: Vec<Musician> = Vec::new();
        for list in call_lists.split(';') {
            let (instrument, names) = list.split_once(':').unwrap();
            for (place, name) in names.split(',').enumerate() {
                let plays = (instrument.trim().to_owned(), u32::try_from(place + 1).unwrap());
                match people.iter_mut().find(|musician| musician.name == name.trim()) {
                    Some(musician) => musician.instruments.push(plays),
                    None => people.push(musician(people.len() + 1, name.trim(), plays)),
                }
            }
        }
        let (now, policy) = (at("Mon 09:00"), policy());
        Self {
            policy,
            now,
            people,
            bookings: Vec::new(),
            blocks: Vec::new(),
            broken: BTreeSet::new(),
            lines: Vec::new(),
        }
    }

    /// Books "drums, 2 violin" for sessions of one hour. The first booking is #1.
    pub fn book(&mut self, instruments: &str, starts: &[&str]) -> BookingId {
        let counted = instruments.split(',').map(|part| match part.trim().split_once(' ') {
            Some((count, instrument)) => (instrument, count.parse().unwrap()),
            None => (part.trim(), 1),
        });
        self.book_chairs(Chair::list(counted), starts.iter().map(|start| hour(start)).collect())
    }

    pub fn book_chairs(&mut self, chairs: Vec<Chair>, times: Vec<Span>) -> BookingId {
        let id = BookingId(i64::try_from(self.bookings.len() + 1).unwrap());
        self.bookings.push(Booking::new(id, self.now, Request::default(), chairs, times));
        self.happens(id, &Happening::Created);
        self.hand_over();
        id
    }

    pub fn booking(&self, id: BookingId) -> &Booking {
        &self.bookings[usize::try_from(id.0 - 1).unwrap()]
    }

    pub fn who(&self, name: &str) -> MusicianId {
        self.people.iter().find(|musician| musician.name == name).unwrap().id
    }

    fn name(&self, id: MusicianId) -> &str {
        &self.people.iter().find(|musician| musician.id == id).unwrap().name
    }

    pub fn musician(&mut self, name: &str) -> &mut Musician {
        self.people.iter_mut().find(|musician| musician.name == name).unwrap()
    }

    /// They have no time for an hour from then.
    pub fn is_away(&mut self, name: &str, start: &str) {
        self.blocks.push((Some(self.who(name)), hour(start)));
    }

    /// The studio is closed for an hour from then.
    pub fn is_closed(&mut self, start: &str) {
        self.blocks.push((None, hour(start)));
    }

    /// Texts to them fail.
    pub fn cannot_be_reached(&mut self, name: &str) {
        self.broken.insert(self.who(name));
    }

    pub fn yes(&mut self, id: BookingId, name: &str) -> Outcome {
        self.answers(id, name, None, true)
    }

    pub fn no(&mut self, id: BookingId, name: &str) -> Outcome {
        self.answers(id, name, None, false)
    }

    pub fn yes_at(&mut self, id: BookingId, name: &str, option: u32) -> Outcome {
        self.answers(id, name, Some(option), true)
    }

    pub fn no_at(&mut self, id: BookingId, name: &str, option: u32) -> Outcome {
        self.answers(id, name, Some(option), false)
    }

    fn answers(&mut self, id: BookingId, name: &str, option: Option<u32>, yes: bool) -> Outcome {
        let offer = self.offer(id, name, option);
        self.tells(id, &Happening::Answered(offer, yes))
    }

    pub fn stands_by(&mut self, id: BookingId, name: &str) -> Outcome {
        self.tells(id, &Happening::StandsBy(self.offer(id, name, None)))
    }

    pub fn drops_out(&mut self, id: BookingId, name: &str) -> Outcome {
        self.tells(id, &Happening::DropsOut(self.offer(id, name, None)))
    }

    /// They text STOP: every booking hears of it.
    pub fn stop(&mut self, name: &str) {
        self.musician(name).standing = MusicianStanding::OptedOut;
        let who = self.who(name);
        for id in self.ids() {
            self.tells(id, &Happening::AskedNoMore(who, MusicianStanding::OptedOut));
        }
    }

    pub fn act(&mut self, id: BookingId, act: Act) -> Outcome {
        self.tells(id, &Happening::Managed(act))
    }

    /// The reason for which an act is refused, having changed nothing.
    pub fn refused(&mut self, id: BookingId, act: Act) -> String {
        let what = Happening::Managed(act);
        let before = self.booking(id).clone();
        let Outcome::Refused(why) = self.happens(id, &what) else { panic!("{what:?} was not refused") };
        assert_eq!(*self.booking(id), before, "{what:?} was refused, and changed the booking");
        why
    }

    pub fn delivered(&mut self, id: BookingId, name: &str, delivery: Delivery) -> Outcome {
        self.tells(id, &Happening::Delivered(self.offer(id, name, None), delivery))
    }

    /// Their last offer of this booking, or the one at an option.
    pub fn offer(&self, id: BookingId, name: &str, option: Option<u32>) -> OfferNo {
        let who = self.who(name);
        let mut theirs = self.booking(id).offers.iter().filter(|o| o.musician == who);
        theirs.rfind(|o| option.is_none_or(|option| o.option == OptionNo(option))).expect("they were not asked").no
    }

    pub fn answer(&self, id: BookingId, name: &str, option: u32) -> Option<Answer> {
        self.booking(id).offer(self.offer(id, name, Some(option))).unwrap().answer
    }

    pub fn ids(&self) -> Vec<BookingId> {
        self.bookings.iter().map(|booking| booking.id).collect()
    }

    /// Lets time pass.
    pub fn pass(&mut self, duration: &str) {
        let duration: SignedDuration = duration.parse().unwrap();
        self.until(self.now + duration);
    }

    /// Lets time pass until then: whatever is due on the way happens at its moment.
    pub fn until(&mut self, then: Timestamp) {
        for _ in 0..10_000 {
            let offers = self.bookings.iter().flat_map(|booking| &booking.offers);
            let leaves = offers.filter_map(|o| if let Delivery::Queued(at) = o.delivery { Some(at) } else { None });
            let due = self.bookings.iter().filter_map(|b| Some(b.next_deadline(self.now, &self.policy)?.at));
            match leaves.chain(due).min() {
                Some(at) if at <= then => self.now = self.now.max(at),
                _ => {
                    self.now = self.now.max(then);
                    return;
                }
            }
            self.hand_over();
            for id in self.ids() {
                self.wake_if_due(id);
            }
        }
        panic!("the studio never comes to rest: {:?}", self.bookings);
    }

    fn wake_if_due(&mut self, id: BookingId) {
        let due = |s: &Self| s.booking(id).next_deadline(s.now, &s.policy).filter(|deadline| deadline.at <= s.now);
        if due(self).is_none() {
            return;
        }
        self.happens(id, &Happening::Woken);
        // What a step finds out may have to follow at once, but only once.
        if due(self).is_some_and(|deadline| deadline.reason == DeadlineReason::AtOnce) {
            self.happens(id, &Happening::Woken);
        }
        assert!(due(self).is_none(), "woken in vain: {:?}", self.booking(id));
        self.hand_over();
    }

    /// Every text that may leave now leaves.
    fn hand_over(&mut self) {
        while let Some((id, no)) = self.leaves_now() {
            let offer = self.booking(id).offer(no).unwrap();
            let (musician, option) = (offer.musician, offer.option);
            let line = format!("ask {} {} @{option}", self.name(musician), self.booking(id).chair(offer.chair).label());
            let delivery = if self.broken.contains(&musician) {
                Delivery::Failed(self.now)
            } else {
                self.note(id, line);
                Delivery::Sent(self.now)
            };
            self.tells(id, &Happening::Delivered(no, delivery));
        }
    }

    fn leaves_now(&self) -> Option<(BookingId, OfferNo)> {
        let offers = self.bookings.iter().flat_map(|booking| booking.offers.iter().map(|offer| (booking.id, offer)));
        let mut leaving = offers.filter(|(_, offer)| matches!(offer.delivery, Delivery::Queued(at) if at <= self.now));
        leaving.next().map(|(id, offer)| (id, offer.no))
    }

    /// Something happens, and everything that follows at once.
    pub fn tells(&mut self, id: BookingId, what: &Happening) -> Outcome {
        let outcome = self.happens(id, what);
        for id in self.ids() {
            self.wake_if_due(id);
        }
        self.hand_over();
        outcome
    }

    /// One step, checked, and the other bookings that it concerns.
    pub fn happens(&mut self, id: BookingId, what: &Happening) -> Outcome {
        let before = self.booking(id).clone();
        let (roster, busy) = (Roster::new(self.people.clone()), self.busy(id));
        let facts = Facts { roster: &roster, busy: &busy };
        let event = self.event(&before, what, facts);
        let stepped = step(before.clone(), event.clone(), self.now, &self.policy);
        let again = step(before.clone(), event, self.now, &self.policy);
        assert_eq!(again.booking, stepped.booking, "the same step went another way");
        self.bookings[usize::try_from(id.0 - 1).unwrap()] = stepped.booking;
        self.write_down(id, &stepped.effects);
        invariants::after_step(self, &before, what, &stepped.outcome, &stepped.effects);
        for other in self.concerned(&before, id) {
            self.happens(other, &Happening::Woken);
        }
        stepped.outcome
    }

    fn event<'a>(&self, booking: &Booking, what: &Happening, facts: Facts<'a>) -> Event<'a> {
        match what.clone() {
            Happening::Created => Event::Created(facts),
            Happening::Woken => Event::Woken(facts),
            Happening::Answered(offer, yes) => {
                Event::Answered { offer, yes, by: By::Musician, outside: self.outside(booking, offer) }
            }
            Happening::StandsBy(offer) => Event::StandsBy { offer, outside: self.outside(booking, offer) },
            Happening::DropsOut(offer) => Event::DropsOut(offer),
            Happening::Delivered(offer, delivery) => Event::Delivered { offer, delivery },
            Happening::AskedNoMore(musician, standing) => Event::AskedNoMore(musician, standing),
            Happening::Managed(act) => Event::Managed(act, facts),
        }
    }

    /// What other bookings have to do with an answer.
    fn outside(&self, booking: &Booking, offer: OfferNo) -> Outside {
        let Some(offer) = booking.offer(offer) else { return Outside::default() };
        let Some(time) = booking.option(offer.option).map(|option| option.time) else { return Outside::default() };
        let wide = time.widened(self.policy.travel_gap);
        let others: Vec<&Booking> = self.bookings.iter().filter(|other| other.id != booking.id).collect();
        let holds = others.iter().flat_map(|other| other.holds().into_iter().map(|hold| (other.id, hold)));
        let clash = holds
            .filter(|(_, hold)| hold.musician == offer.musician && hold.time.overlaps(&wide))
            .map(|(booking, hold)| Clash { booking, time: hold.time })
            .next();
        let closures = self.blocks.iter().filter(|(who, _)| who.is_none()).map(|&(_, span)| span);
        let sessions = others.iter().filter_map(|other| other.session());
        let studio_taken = sessions.chain(closures).any(|span| span.overlaps(&time));
        Outside { clash, studio_taken }
    }

    /// What keeps the people and the studio from being free for a booking.
    fn busy(&self, id: BookingId) -> Busy {
        let mut busy = Busy::default();
        for &(who, span) in &self.blocks {
            match who {
                Some(musician) => busy.add(musician, span, BusyWith::Block),
                None => busy.add_studio(span, BusyWith::Block),
            }
        }
        for other in self.bookings.iter().filter(|other| other.id != id) {
            let booked = other.session().is_some();
            for hold in other.holds() {
                let with = if booked { BusyWith::Session(other.id) } else { BusyWith::Hold(other.id) };
                busy.add(hold.musician, hold.time, with);
            }
            if let Some(session) = other.session() {
                busy.add_studio(session, BusyWith::Session(other.id));
            }
        }
        busy
    }

    /// The bookings that a new hold or session of this one concerns.
    fn concerned(&self, before: &Booking, id: BookingId) -> Vec<BookingId> {
        let after = self.booking(id);
        let old = before.holds();
        let holds: Vec<_> = after.holds().into_iter().filter(|hold| !old.contains(hold)).collect();
        let session = after.session().filter(|_| after.session() != before.session());
        let others = self.bookings.iter().filter(|other| other.id != id).filter(|other| {
            let takes_time = other.offers.iter().filter(|offer| offer.answer.is_none()).any(|offer| {
                let time = other.option(offer.option).map(|option| option.time.widened(self.policy.travel_gap));
                holds
                    .iter()
                    .any(|hold| hold.musician == offer.musician && time.is_some_and(|time| hold.time.overlaps(&time)))
            });
            let takes_studio = other.live_times().iter().any(|(_, time)| session.is_some_and(|s| s.overlaps(time)));
            takes_time || takes_studio
        });
        others.map(|other| other.id).collect()
    }

    fn write_down(&mut self, id: BookingId, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Tell(no, word) => {
                    let offer = self.booking(id).offer(*no).unwrap();
                    let verb = match word {
                        Word::Confirmed => "confirmed",
                        Word::Released | Word::NotNeeded => "released",
                        Word::Cancelled => "cancelled",
                    };
                    let line = format!("{verb} {} @{}", self.name(offer.musician), offer.option);
                    self.note(id, line);
                }
                Effect::TellManager(notice) => {
                    let line = format!("manager {}", self.notice(id, notice));
                    self.note(id, line);
                }
                Effect::TellClient(notice) => {
                    let line = match notice {
                        ClientNotice::Booked(option) => format!("client booked @{option}"),
                        ClientNotice::Moved(option) => format!("client moved @{option}"),
                        ClientNotice::Cancelled => "client cancelled".to_owned(),
                    };
                    self.note(id, line);
                }
                Effect::Booked(musicians) => {
                    let now = self.now;
                    for musician in self.people.iter_mut().filter(|musician| musicians.contains(&musician.id)) {
                        musician.last_booked_at = Some(now);
                    }
                }
                Effect::Ask(_) | Effect::Log(_) => {}
            }
        }
    }

    fn notice(&self, id: BookingId, notice: &Notice) -> String {
        let booking = self.booking(id);
        let offer = |no: &OfferNo| self.name(booking.offer(*no).unwrap().musician).to_owned();
        match notice {
            Notice::NoTimes(why) => {
                let reasons: Vec<String> = why.iter().map(|time| time.reasons.join("; ")).collect();
                format!("no times: {}", reasons.join(" / "))
            }
            Notice::Exhausted(option) => format!("exhausted @{option}"),
            Notice::Booked(option) => format!("booked @{option}"),
            Notice::DroppedOut(no) => format!("{} dropped out", offer(no)),
            Notice::NobodyStepsIn(chair) => format!("nobody steps in for {}", booking.chair(*chair).label()),
            Notice::Expired => "expired".to_owned(),
            Notice::StillPaused => "still paused".to_owned(),
            Notice::Undeliverable(no) => format!("{} cannot be reached", offer(no)),
            Notice::CallHolder(no, _) => format!("call {}", offer(no)),
        }
    }

    fn note(&mut self, id: BookingId, line: String) {
        self.lines.push(if self.bookings.len() > 1 { format!("#{id} {line}") } else { line });
    }

    /// What happened since this was asked last.
    pub fn heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// The chairs of the option at hand: "drums ana, bass -".
    pub fn chairs(&self, id: BookingId) -> String {
        let booking = self.booking(id);
        let option = booking.current().expect("no option is at hand");
        let chairs = booking.chair_nos().map(|chair| {
            let holder = booking.holder(option, chair).map_or("-", |offer| self.name(offer.musician));
            format!("{} {holder}", booking.chair(chair).label())
        });
        chairs.collect::<Vec<_>>().join(", ")
    }

    /// Every option, in order: "1 Wed 10:00 called, 2 Thu 10:00 waiting".
    pub fn options(&self, id: BookingId) -> String {
        let options = self.booking(id).options.iter().map(|option| {
            let start = option.time.start.to_zoned(self.policy.zone.clone()).strftime("%a %H:%M");
            let fate = match option.fate {
                Fate::Waiting => "waiting",
                Fate::Called => "called",
                Fate::Dead(_) => "dead",
            };
            format!("{} {start} {fate}", option.no)
        });
        options.collect::<Vec<_>>().join(", ")
    }

    /// The state and, where there is one, the deadline: "calling until Mon 10:00".
    pub fn state(&self, id: BookingId) -> String {
        let booking = self.booking(id);
        let open = matches!(booking.state, State::Booked { refill: Some(_), .. });
        let status = if open { "booked, open" } else { booking.status() };
        let Some(deadline) = booking.next_deadline(self.now, &self.policy) else { return status.to_owned() };
        format!("{status} until {}", deadline.at.to_zoned(self.policy.zone.clone()).strftime("%a %H:%M"))
    }

    /// The offers by musician, for what must be counted.
    pub fn asked(&self, id: BookingId) -> BTreeMap<MusicianId, usize> {
        let mut asked = BTreeMap::new();
        for offer in &self.booking(id).offers {
            *asked.entry(offer.musician).or_default() += 1;
        }
        asked
    }
}

fn musician(number: usize, name: &str, plays: (String, u32)) -> Musician {
    Musician {
        id: MusicianId(i64::try_from(number).unwrap()),
        name: name.to_owned(),
        phone: Phone::new(&format!("212555{:04}", 100 + number)).unwrap(),
        zone: TimeZone::get("America/New_York").unwrap(),
        instruments: vec![plays],
        quiet_hours: None,
        standing: MusicianStanding::Active,
        last_booked_at: None,
    }
}
