//! What must be true after every step, whatever happened (rule 8 and the promises of `step` itself).

use crate::studio::{Happening, Studio};
use firstcall_core::booking::{Booking, DeadlineReason, Delivery, Fate, OfferReason, State};
use firstcall_core::ids::OptionNo;
use firstcall_core::step::{Effect, Notice, Outcome};
use std::collections::BTreeSet;

pub fn after_step(studio: &Studio, before: &Booking, what: &Happening, outcome: &Outcome, effects: &[Effect]) {
    let booking = studio.booking(before.id);
    one_holder_for_each_chair(booking);
    nobody_is_asked_twice(booking);
    nobody_holds_what_cannot_be_booked(booking);
    numbers_stay(before, booking);
    the_state_moves_legally(before, booking, what);
    if matches!(before.state, State::Paused { .. }) && matches!(booking.state, State::Paused { .. }) {
        nothing_leaves(booking, effects);
    }
    it_waits_for_something(studio, booking, what);
    if let Outcome::Refused(_) = outcome {
        assert_eq!(before, booking, "a refusal changed something: {what:?}");
        assert!(effects.is_empty(), "a refusal did something: {what:?}");
    }
    notices_come_once(effects);
    across_bookings(studio);
}

/// Rules 5.6 and 8.1, and no musician on two chairs of one option.
fn one_holder_for_each_chair(booking: &Booking) {
    let (mut chairs, mut people) = (BTreeSet::new(), BTreeSet::new());
    for hold in booking.holds() {
        assert!(chairs.insert((hold.option, hold.chair)), "two musicians on one chair: {booking:#?}");
        assert!(people.insert((hold.option, hold.musician)), "one musician on two chairs: {booking:#?}");
    }
    let complete = |option: OptionNo| booking.open_chairs(option).is_empty();
    if let Some(option) = booking.current()
        && !matches!(booking.state, State::Booked { .. })
    {
        assert!(!complete(option) || booking.chairs.is_empty(), "complete, and not booked: {booking:#?}");
    }
    if let State::Booked { option, refill } = &booking.state
        && booking.is_live(*option)
        && refill.is_some()
    {
        assert!(!complete(*option), "complete, and still looking: {booking:#?}");
    }
}

/// Rule 4.8; whoever is on standby is asked once more.
fn nobody_is_asked_twice(booking: &Booking) {
    let mut asked = BTreeSet::new();
    for offer in &booking.offers {
        let again = offer.reason == OfferReason::Standby;
        assert!(asked.insert((offer.option, offer.musician, again)), "asked twice: {offer:?} of {booking:#?}");
    }
}

/// Rule 8.7.
fn nobody_holds_what_cannot_be_booked(booking: &Booking) {
    let booked = matches!(booking.state, State::Booked { .. }).then(|| booking.current()).flatten();
    for hold in booking.holds() {
        let may_play = booking.is_live(hold.option) || booked == Some(hold.option);
        assert!(may_play, "held for nothing: {hold:?} of {booking:#?}");
    }
}

/// Rule 4.3b: what was called keeps its number and its time; offers are never forgotten.
fn numbers_stay(before: &Booking, after: &Booking) {
    for option in before.options.iter().filter(|option| option.fate != Fate::Waiting) {
        assert!(after.options.iter().any(|o| (o.no, o.time) == (option.no, option.time)), "option {option:?} is gone");
    }
    let numbers: BTreeSet<OptionNo> = after.options.iter().map(|option| option.no).collect();
    assert_eq!(numbers.len(), after.options.len(), "two options share a number: {after:#?}");
    for (old, new) in before.offers.iter().zip(&after.offers) {
        assert_eq!((old.no, old.option, old.musician), (new.no, new.option, new.musician));
    }
    assert!(before.offers.len() <= after.offers.len());
}

fn the_state_moves_legally(before: &Booking, after: &Booking, what: &Happening) {
    let by_hand = matches!(what, Happening::Managed(_));
    let legal = match (before.status(), after.status()) {
        (from, to) if from == to => true,
        ("no_times", "calling") => by_hand || matches!(what, Happening::Created),
        ("calling", "paused") | ("paused" | "exhausted" | "expired", "calling") => by_hand,
        (from, "cancelled") => by_hand && from != "expired",
        ("calling", "exhausted" | "booked" | "expired")
        | ("paused" | "exhausted", "booked" | "expired")
        | ("no_times", "expired") => true,
        _ => false,
    };
    assert!(legal, "{what:?} took a booking from {} to {}", before.status(), after.status());
}

/// Rule 4.11.
fn nothing_leaves(booking: &Booking, effects: &[Effect]) {
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Ask(no)
        if booking.offer(*no).is_some_and(|o| o.delivery != Delivery::Void))));
    let leaves = booking.offers.iter().any(|offer| matches!(offer.delivery, Delivery::Queued(_)));
    assert!(!leaves, "it is paused, and a text would leave: {booking:#?}");
}

/// Rules 4.4 and 8.7: it waits for a deadline or for the manager, and is never woken in vain.
fn it_waits_for_something(studio: &Studio, booking: &Booking, what: &Happening) {
    let deadline = booking.next_deadline(studio.now, &studio.policy);
    match &booking.state {
        State::Calling { .. } | State::Paused { .. } => assert!(deadline.is_some(), "waits for nothing: {booking:#?}"),
        State::Booked { refill: Some(_), option } => {
            assert!(deadline.is_some() || !booking.is_live(*option), "waits for nothing: {booking:#?}");
        }
        State::Booked { refill: None, .. } | State::Expired | State::Cancelled => assert_eq!(deadline, None),
        State::NoTimes | State::Exhausted { .. } => {}
    }
    if let (Happening::Woken, Some(deadline)) = (what, deadline) {
        let soon = deadline.at <= studio.now && deadline.reason != DeadlineReason::AtOnce;
        assert!(!soon, "woken in vain for {:?}: {booking:#?}", deadline.reason);
    }
}

/// Rule 7.1: never twice for one thing.
fn notices_come_once(effects: &[Effect]) {
    let notices: Vec<&Notice> =
        effects.iter().filter_map(|e| if let Effect::TellManager(notice) = e { Some(notice) } else { None }).collect();
    for (at, notice) in notices.iter().enumerate() {
        assert!(!notices[..at].contains(notice), "the manager is told twice: {notice:?}");
    }
}

/// Rules 5.4 and 8.2: nobody, and no studio, in two overlapping places.
fn across_bookings(studio: &Studio) {
    for (at, one) in studio.bookings.iter().enumerate() {
        for other in &studio.bookings[at + 1..] {
            for hold in one.holds() {
                let twice = other.holds().into_iter().any(|o| {
                    o.musician == hold.musician && o.time.overlaps(&hold.time.widened(studio.policy.travel_gap))
                });
                // A musician whose session was moved answers for themselves; what they hold stays theirs.
                assert!(!twice, "in two places at once: {hold:?} of #{} and #{}", one.id, other.id);
            }
            if let (Some(session), Some(taken)) = (one.session(), other.session()) {
                assert!(!session.overlaps(&taken), "two sessions in one studio: #{} and #{}", one.id, other.id);
            }
        }
    }
}
