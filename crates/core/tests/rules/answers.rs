//! Rules 5.2–5.8: what an answer does.

use crate::studio::{Studio, at};
use firstcall_core::answers::{LateBecause, Standing};
use firstcall_core::booking::{Answer, Dead, Void};
use firstcall_core::ids::{BookingId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::step::Outcome;

fn standing(studio: &Studio, id: BookingId, name: &str) -> Standing {
    let booking = studio.booking(id);
    booking.standing(booking.offer(studio.offer(id, name, None)).unwrap())
}

/// 5.2 and 5.6: YES on an open chair is a hold; the first one has it.
#[test]
fn r5_2_yes_holds_and_the_first_one_wins() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.pass("1h");
    assert_eq!(standing(&studio, id, "ana"), Standing::Open);
    assert_eq!(studio.yes(id, "bo"), Outcome::Held);
    assert_eq!(studio.yes(id, "ana"), Outcome::Late(LateBecause::Filled));
    assert_eq!(studio.chairs(id), "drums bo, bass -");
    assert_eq!(standing(&studio, id, "bo"), Standing::Held(at("Mon 10:00")));
    assert_eq!(standing(&studio, id, "ana"), Standing::Closed(LateBecause::Filled));
}

/// 5.3: booked elsewhere, cancelled, dead, void, studio taken: recorded as late, the booking unchanged.
#[test]
fn r5_3_a_yes_that_cannot_hold_is_late() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Wed 10:00", "Thu 10:00"]);
    studio.pass("2h");
    studio.yes_at(id, "ana", 2);
    assert_eq!(studio.yes_at(id, "ana", 1), Outcome::Late(LateBecause::BookedElsewhere));
    assert!(matches!(studio.answer(id, "ana", 1), Some(Answer::Late(_))));
    assert_eq!(studio.chairs(id), "drums ana");
    let cancelled = studio.book("drums", &["Fri 10:00"]);
    studio.act(cancelled, Act::Cancel);
    assert_eq!(studio.yes(cancelled, "ana"), Outcome::Late(LateBecause::Cancelled));
    assert_eq!(studio.stands_by(cancelled, "ana"), Outcome::Late(LateBecause::Cancelled));
    let stopped = studio.book("drums", &["Fri 10:00"]);
    studio.stop("ana");
    assert_eq!(studio.yes(stopped, "ana"), Outcome::Late(LateBecause::Void(Void::OptedOut)));
}

/// 5.3 and 6.3: the studio was taken: that option is dead, and calling goes on with the next.
#[test]
fn r6_3_the_studio_was_taken_meanwhile() {
    let mut studio = Studio::with("drums: ana; bass: cy; violin: dee");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.yes(id, "ana");
    let other = studio.book("violin", &["Wed 10:30"]);
    studio.heard();
    assert_eq!(studio.yes(other, "dee"), Outcome::Booked);
    let after: Vec<String> = studio.heard().into_iter().filter(|line| line.starts_with("#1")).collect();
    assert_eq!(after, ["#1 released ana @1", "#1 ask ana drums @2", "#1 ask cy bass @2"]);
    assert!(matches!(studio.answer(id, "ana", 1), Some(Answer::Released { .. })));
    assert_eq!(studio.yes_at(id, "cy", 1), Outcome::Late(LateBecause::Dead(Dead::StudioTaken)));
}

/// 5.4: YES while holding another booking that overlaps is a conflict; once that one is gone, YES again counts.
#[test]
fn r5_4_conflict_until_the_other_is_gone() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let first = studio.book("drums, bass", &["Wed 10:00"]);
    let second = studio.book("drums, bass", &["Wed 10:30"]);
    studio.yes(first, "ana");
    let Outcome::Conflict(clash) = studio.yes(second, "ana") else { panic!("no conflict") };
    assert_eq!(clash.booking, first);
    assert!(matches!(studio.answer(second, "ana", 1), Some(Answer::Conflict(_))));
    assert_eq!(studio.chairs(second), "drums -, bass -");
    studio.no(first, "ana");
    assert_eq!(studio.yes(second, "ana"), Outcome::Held);
}

/// 5.5: the same answer again changes nothing.
#[test]
fn r5_5_the_same_answer_twice() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.no(id, "cy");
    let before = studio.booking(id).clone();
    studio.pass("5m");
    assert_eq!(studio.yes(id, "ana"), Outcome::AlreadyHeld);
    assert_eq!(studio.no(id, "cy"), Outcome::AlreadyNo);
    assert_eq!(*studio.booking(id), before);
}

/// 5.3: in the moment before the booking is woken for a closure nobody is told to say a YES that would come too late.
#[test]
fn r5_3_stands_by_for_a_time_at_which_the_studio_was_just_closed() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    assert_eq!(studio.stands_by(id, "ana"), Outcome::ChairIsOpen);
    studio.is_closed("Wed 10:00");
    assert_eq!(studio.stands_by(id, "ana"), Outcome::StandsBy);
    assert_eq!(studio.yes(id, "cy"), Outcome::Late(LateBecause::Dead(Dead::StudioTaken)));
}

/// 5.5: YES, NO, YES before the session is booked: it counts, and the deadline does not move.
#[test]
fn r5_5_a_changed_answer_counts() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.pass("30m");
    assert_eq!(studio.no(id, "ana"), Outcome::SaidNo);
    assert_eq!((studio.chairs(id).as_str(), standing(&studio, id, "ana")), ("drums -, bass -", Standing::SaidNo));
    assert_eq!(studio.yes(id, "ana"), Outcome::Held);
    assert_eq!(studio.state(id), "calling until Mon 10:00");
}

/// 5.3 and 5.5: somebody late has the chair when it opens again and they say YES again.
#[test]
fn r5_5_late_and_then_open_again() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "bo");
    studio.yes(id, "ana");
    assert_eq!(studio.stands_by(id, "ana"), Outcome::StandsBy);
    studio.no(id, "bo");
    assert_eq!(studio.stands_by(id, "ana"), Outcome::ChairIsOpen);
    assert_eq!(studio.yes(id, "ana"), Outcome::Held);
    assert_eq!(studio.stands_by(id, "ana"), Outcome::AlreadyHeld);
}

/// 5.3 and 6.3: who was released said YES in time; tapping again changes nothing.
#[test]
fn r6_3_a_released_musician_taps_yes_again() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.yes(id, "ana");
    studio.pass("1h");
    studio.no_at(id, "cy", 1);
    let released = studio.answer(id, "ana", 1);
    assert_eq!(studio.yes_at(id, "ana", 1), Outcome::Late(LateBecause::Dead(Dead::Unfillable)));
    assert_eq!(studio.answer(id, "ana", 1), released);
    studio.no_at(id, "ana", 1);
    assert_eq!(studio.answer(id, "ana", 1), released);
}

/// 8.8: a YES for one time is not a YES for another.
#[test]
fn r8_8_a_yes_counts_for_its_own_time() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.pass("1h");
    studio.yes_at(id, "ana", 1);
    assert_eq!(studio.yes_at(id, "cy", 2), Outcome::Held);
    assert_eq!(studio.booking(id).status(), "calling");
}

/// What is not there is refused, or holds nothing; nothing is silent.
#[test]
fn unknown_offers_are_refused() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Wed 10:00"]);
    assert_eq!(studio.drops_out(id, "ana"), Outcome::HoldsNothing);
    let nobody = OfferNo(99);
    for what in [
        crate::studio::Happening::Answered(nobody, true),
        crate::studio::Happening::StandsBy(nobody),
        crate::studio::Happening::DropsOut(nobody),
        crate::studio::Happening::Answered(OfferNo(0), false),
    ] {
        assert!(matches!(studio.tells(id, &what), Outcome::Refused(_)));
    }
}
