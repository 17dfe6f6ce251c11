//! Random walks: two or three bookings compete for the same few musicians and the same studio, under any settings, while
//! everybody answers, drops out, is not reached and is managed in any order. `invariants` looks on after every step.

use crate::studio::{Happening, Studio, hours};
use firstcall_core::booking::{Chair, Delivery, State};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::policy::{AfterNo, PreviousOffers, Ranking};
use firstcall_core::roster::MusicianStanding;
use firstcall_core::span::Span;
use jiff::SignedDuration;
use proptest::prelude::*;

/// One move of the walk. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Move {
    Pass(u16),
    Answer(usize, usize, bool),
    StandBy(usize, usize),
    DropOut(usize, usize),
    Deliver(usize, usize, u8),
    Stop(usize),
    Return(usize),
    Wake(usize),
    ClockBack(u16),
    Act(usize, u8, usize, usize),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let which = || any::<u8>().prop_map(usize::from);
    let one = prop_oneof![
        4 => (1_u16..300).prop_map(Move::Pass),
        8 => (which(), which(), prop::bool::weighted(0.6)).prop_map(|(b, o, yes)| Move::Answer(b, o, yes)),
        1 => (which(), which()).prop_map(|(b, o)| Move::StandBy(b, o)),
        1 => (which(), which()).prop_map(|(b, o)| Move::DropOut(b, o)),
        1 => (which(), which(), any::<u8>()).prop_map(|(b, o, d)| Move::Deliver(b, o, d)),
        1 => which().prop_map(Move::Stop),
        1 => which().prop_map(Move::Return),
        1 => which().prop_map(Move::Wake),
        1 => (1_u16..120).prop_map(Move::ClockBack),
        4 => (which(), any::<u8>(), which(), which()).prop_map(|(b, a, m, c)| Move::Act(b, a, m, c)),
    ];
    prop::collection::vec(one, 1..60)
}

/// Which settings, which bookings.
fn settings() -> impl Strategy<Value = (u8, Vec<(u8, u8)>)> {
    (any::<u8>(), prop::collection::vec((any::<u8>(), any::<u8>()), 2..4))
}

fn open(settings: u8) -> Studio {
    let mut studio = Studio::with("drums: ana, bo, cy; bass: bo, dee, eve; violin: eve, fay, ana, gus");
    let policy = &mut studio.policy;
    policy.previous_offers = if settings & 1 == 0 { PreviousOffers::StayOpen } else { PreviousOffers::Void };
    policy.after_no = if settings & 2 == 0 { AfterNo::Wait } else { AfterNo::Next };
    policy.quiet_hours = (settings & 4 == 0).then(|| hours(21, 9));
    policy.travel_gap = SignedDuration::from_mins(if settings & 8 == 0 { 0 } else { 30 });
    policy.notice = SignedDuration::from_mins(if settings & 16 == 0 { 0 } else { 90 });
    policy.ranking = [Ranking::RecentFirst, Ranking::RestedFirst, Ranking::CallList][usize::from(settings >> 5) % 3];
    studio
}

/// A start within the first day and a half, so that walks reach it.
fn start(number: usize) -> Span {
    let hours = 2 + i64::try_from(number % 17).unwrap() * 2;
    Span::new(crate::studio::at("Mon 09:00") + SignedDuration::from_hours(hours), length(number))
}

fn length(number: usize) -> SignedDuration {
    SignedDuration::from_hours(1 + i64::from(number.is_multiple_of(3)))
}

fn chairs(number: u8) -> Vec<Chair> {
    let instruments: &[(&str, u16)] = match number % 5 {
        0 => &[("drums", 1)],
        1 => &[("drums", 1), ("bass", 1)],
        2 => &[("violin", 2)],
        3 => &[("drums", 1), ("bass", 1), ("violin", 1)],
        _ => &[("drums", 2), ("violin", 1)],
    };
    Chair::list(instruments.iter().copied())
}

fn play(studio: &mut Studio, one: &Move) {
    let count = studio.bookings.len();
    let id = |number: usize| BookingId(i64::try_from(number % count + 1).unwrap());
    match *one {
        Move::Pass(minutes) => studio.until(studio.now + SignedDuration::from_mins(i64::from(minutes))),
        Move::Answer(b, o, yes) => with_offer(studio, id(b), o, |no| Happening::Answered(no, yes)),
        Move::StandBy(b, o) => with_offer(studio, id(b), o, Happening::StandsBy),
        Move::DropOut(b, o) => with_offer(studio, id(b), o, Happening::DropsOut),
        Move::Deliver(b, o, how) => {
            let now = studio.now;
            with_offer(studio, id(b), o, |no| Happening::Delivered(no, delivery(how, now)));
        }
        Move::Stop(m) => {
            let name = studio.people[m % studio.people.len()].name.clone();
            studio.stop(&name);
        }
        Move::Return(m) => {
            let m = m % studio.people.len();
            studio.people[m].standing = MusicianStanding::Active;
        }
        Move::Wake(b) => _ = studio.tells(id(b), &Happening::Woken),
        Move::ClockBack(minutes) => studio.now -= SignedDuration::from_mins(i64::from(minutes)),
        Move::Act(b, act, m, c) => {
            let act = act_of(studio, id(b), act, m, c);
            studio.act(id(b), act);
        }
    }
}

fn with_offer(studio: &mut Studio, id: BookingId, number: usize, what: impl FnOnce(OfferNo) -> Happening) {
    let count = studio.booking(id).offers.len();
    if count > 0 {
        let no = studio.booking(id).offers[number % count].no;
        studio.tells(id, &what(no));
    }
}

fn delivery(how: u8, now: jiff::Timestamp) -> Delivery {
    match how % 5 {
        0 => Delivery::Failed(now),
        1 => Delivery::InDoubt(now),
        2 => Delivery::Sending,
        3 => Delivery::Queued(now + SignedDuration::from_mins(10)),
        _ => Delivery::Sent(now),
    }
}

fn act_of(studio: &Studio, id: BookingId, act: u8, m: usize, c: usize) -> Act {
    let booking = studio.booking(id);
    let musician = MusicianId(i64::try_from(m % studio.people.len() + 1).unwrap());
    let chair = ChairNo(u16::try_from(c % (booking.chairs.len() + 1)).unwrap());
    match act % 20 {
        0..3 => Act::Pause,
        3..6 => Act::Resume,
        6..9 => Act::Next,
        9 | 10 => Act::Ask(musician, chair),
        11 | 12 => Act::Fill(musician, chair),
        13 | 14 => Act::Release(chair),
        15 => Act::AddTimes(vec![start(m)]),
        16 => Act::DropTimes(vec![start(m)]),
        17 | 18 => Act::Move(start(m)),
        _ if m.is_multiple_of(4) => Act::Cancel,
        _ => Act::Next,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rules 4.4, 5.6, 8.1, 8.2 and 8.7: whatever happens, in whatever order.
    #[test]
    fn whatever_happens_the_rules_hold((how, wanted) in settings(), moves in moves()) {
        let mut studio = open(how);
        for (kind, times) in wanted {
            let times = (0..=usize::from(times % 4)).map(|n| start(usize::from(times) + n * 5)).collect();
            studio.book_chairs(chairs(kind), times);
        }
        for one in moves {
            play(&mut studio, &one);
        }
        comes_to_an_end(&mut studio);
    }
}

/// With nobody answering any more, every booking ends or waits for the manager.
fn comes_to_an_end(studio: &mut Studio) {
    studio.until(studio.now + SignedDuration::from_hours(24 * 7));
    for booking in &studio.bookings {
        let ended = match &booking.state {
            State::Booked { refill, .. } => refill.is_none(),
            State::Expired | State::Cancelled | State::NoTimes => true,
            // A paused booking whose times are dead waits for the manager, who is asked every day.
            State::Paused { .. } => booking.next_deadline(studio.now, &studio.policy).is_some(),
            State::Calling { .. } | State::Exhausted { .. } => false,
        };
        assert!(ended, "never ends: {booking:#?}");
    }
}
