//! Rules 6.1–6.3 and 7.3: the session is on, and what follows.

use crate::studio::{Happening, Studio, at};
use firstcall_core::answers::{LateBecause, Standing};
use firstcall_core::booking::{Dead, OfferReason};
use firstcall_core::step::Outcome;
use jiff::SignedDuration;

/// 6.1 and 6.2: with the last chair it is booked; every musician, the manager and the client are told.
#[test]
fn r6_1_the_last_chair_books_the_session() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "ana");
    studio.heard();
    assert_eq!(studio.yes(id, "cy"), Outcome::Booked);
    assert_eq!(studio.heard(), ["confirmed ana @1", "confirmed cy @1", "manager booked @1", "client booked @1"]);
    assert_eq!(studio.yes(id, "bo"), Outcome::Late(LateBecause::Filled), "every other offer closes");
    assert_eq!(studio.booking(id).session().unwrap().start, at("Wed 10:00"));
    let offer = studio.booking(id).offer(studio.offer(id, "ana", None)).unwrap();
    assert_eq!(studio.booking(id).standing(offer), Standing::Confirmed(at("Mon 10:00")));
    assert_eq!(studio.state(id), "booked");
}

/// 6.1: other holds of this booking are released; who plays all the same is not told that they are not needed.
#[test]
fn r6_1_other_holds_are_released() {
    let mut studio = Studio::with("drums: ana; bass: cy; violin: dee, eve");
    let id = studio.book("drums, bass, violin", &["Wed 10:00", "Thu 10:00"]);
    studio.yes(id, "ana");
    studio.yes(id, "dee");
    studio.is_away("dee", "Thu 10:00");
    studio.pass("1h");
    studio.pass("1h");
    studio.heard();
    for name in ["ana", "cy"] {
        studio.yes_at(id, name, 2);
    }
    assert_eq!(studio.yes_at(id, "eve", 2), Outcome::Booked);
    let lines = studio.heard();
    assert!(lines.contains(&"released dee @1".to_owned()), "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("released ana")), "{lines:?}");
}

/// 6.1: options of other bookings that overlap in the studio are dead, called or waiting.
#[test]
fn r6_1_overlapping_options_of_others_are_dead() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let other = studio.book("drums", &["Wed 09:30", "Wed 12:00", "Wed 10:30"]);
    let id = studio.book("bass", &["Wed 10:00"]);
    studio.yes(id, "cy");
    assert_eq!(studio.options(other), "1 Wed 10:30 dead, 2 Wed 12:00 called, 3 Wed 09:30 dead");
}

/// 7.3: the manager is told, it stays booked with that chair open and a deadline; standby first, then the call list, one
/// at a time each patience; everybody else stays booked.
#[test]
fn r7_3_a_drop_out_is_replaced() {
    let mut studio = Studio::with("drums: ana, bo, dee, eve; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "ana");
    studio.yes(id, "cy");
    assert!(matches!(studio.yes(id, "bo"), Outcome::Late(_)));
    assert_eq!(studio.stands_by(id, "bo"), Outcome::StandsBy);
    studio.heard();
    assert_eq!(studio.drops_out(id, "ana"), Outcome::DroppedOut);
    assert_eq!(studio.heard(), ["manager ana dropped out", "ask bo drums @1"]);
    assert_eq!(studio.state(id), "booked, open until Mon 11:00");
    assert_eq!(studio.chairs(id), "drums -, bass cy");
    studio.pass("1h");
    assert_eq!(studio.heard(), ["ask dee drums @1"]);
    assert_eq!(studio.yes(id, "dee"), Outcome::Booked);
    assert_eq!(studio.heard(), ["confirmed dee @1", "manager booked @1"]);
    assert_eq!(studio.state(id), "booked");
}

/// 7.3 and 7.1: nobody steps in: the manager is told once for each chair, and nothing is asked in vain.
#[test]
fn r7_3_nobody_steps_in() {
    let mut studio = Studio::with("drums: ana; bass: cy, dee");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.yes(id, "cy");
    studio.heard();
    studio.drops_out(id, "ana");
    studio.drops_out(id, "cy");
    let lines = ["manager ana dropped out", "manager nobody steps in for drums", "manager cy dropped out"];
    assert_eq!(studio.heard(), [&lines[..], &["ask dee bass @1"]].concat());
    studio.pass("5h");
    assert_eq!(studio.heard(), ["manager nobody steps in for bass"]);
    assert_eq!(studio.yes(id, "ana"), Outcome::Booked, "who dropped out may come back");
    assert_eq!(studio.state(id), "booked, open until Wed 10:00");
    studio.until(at("Wed 10:00"));
    assert_eq!(studio.state(id), "booked");
    assert!(matches!(studio.yes(id, "dee"), Outcome::Late(_)));
}

/// 5.5: after it is booked, NO is a drop-out; too late to replace them, the manager is told all the same.
#[test]
fn r5_5_no_after_booked_is_a_drop_out() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.until(at("Wed 10:05"));
    studio.heard();
    assert_eq!(studio.no(id, "ana"), Outcome::DroppedOut);
    assert_eq!(studio.heard(), ["manager ana dropped out"]);
    assert_eq!(studio.state(id), "booked");
}

/// 4.10: a chair that is given up after the start is open to nobody; no other booking's hold closes offers of it.
#[test]
fn r4_10_a_chair_given_up_after_the_start_is_not_open() {
    let mut studio = Studio::with("drums: ana, bo; violin: bo");
    studio.policy.travel_gap = SignedDuration::from_mins(30);
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "ana");
    studio.until(at("Wed 10:05"));
    studio.drops_out(id, "ana");
    let offer = studio.offer(id, "bo", None);
    let standing = |studio: &Studio| studio.booking(id).standing(studio.booking(id).offer(offer).unwrap());
    assert_eq!(standing(&studio), Standing::Closed(LateBecause::Dead(Dead::TooLate)));
    let next = studio.book("violin", &["Wed 11:00"]);
    assert_eq!(studio.yes(next, "bo"), Outcome::Booked);
    assert_eq!(studio.booking(id).offer(offer).unwrap().answer, None);
    assert!(matches!(studio.yes(id, "bo"), Outcome::Late(_)));
}

/// 4.8 and 8.1: who stands by for one chair and is given another never holds both.
#[test]
fn r4_8_standby_never_holds_two_chairs() {
    let mut studio = Studio::with("violin: ana, bo, cy");
    let id = studio.book("2 violin", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "ana");
    studio.yes(id, "bo");
    studio.yes(id, "cy");
    studio.stands_by(id, "cy");
    studio.drops_out(id, "bo");
    let offers = studio.booking(id).offers.clone();
    let theirs: Vec<_> = offers.iter().filter(|offer| offer.musician == studio.who("cy")).collect();
    assert_eq!(theirs.last().unwrap().reason, OfferReason::Standby);
    assert_eq!(studio.yes(id, "cy"), Outcome::Booked);
    studio.drops_out(id, "ana");
    let first = theirs[0].no;
    assert_eq!(studio.tells(id, &Happening::Answered(first, true)), Outcome::AlreadyHeld);
    assert_eq!(studio.chairs(id), "violin 1 -, violin 2 cy");
}

/// 4.8: who plays on one chair is not waited for at another; a NO to their older offer calls nobody.
#[test]
fn r4_8_who_plays_is_waited_for_at_no_other_chair() {
    let mut studio = Studio::with("violin: ana, bo, cy, dee, eve");
    let id = studio.book("2 violin", &["Wed 10:00"]);
    studio.pass("1h");
    for name in ["ana", "bo"] {
        studio.yes(id, name);
    }
    studio.stands_by(id, "cy");
    let older = studio.offer(id, "cy", None);
    studio.drops_out(id, "bo");
    assert_eq!(studio.yes(id, "cy"), Outcome::Booked);
    let again = Happening::Answered(older, true);
    assert_eq!(studio.tells(id, &again), Outcome::AlreadyHeld, "they play, so they do not hear that they do not");
    studio.heard();
    studio.drops_out(id, "ana");
    assert_eq!(studio.chairs(id), "violin 1 -, violin 2 cy");
    assert_eq!(studio.heard(), ["manager ana dropped out", "ask eve violin 1 @1"]);
    let booking = studio.booking(id);
    assert!(!booking.is_answerable(booking.offer(older).unwrap()));
    assert_eq!(studio.tells(id, &Happening::Answered(older, false)), Outcome::SaidNo);
    assert_eq!(studio.heard(), [""; 0]);
}

/// 4.6 in a refill: a stand-in who cannot be reached or opts out is replaced at once.
#[test]
fn r7_3_an_unreachable_stand_in_is_replaced_at_once() {
    let mut studio = Studio::with("drums: ana, bo, dee, eve");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.cannot_be_reached("bo");
    studio.heard();
    studio.drops_out(id, "ana");
    assert_eq!(studio.heard(), ["manager ana dropped out", "manager bo cannot be reached", "ask dee drums @1"]);
    studio.stop("dee");
    assert_eq!(studio.heard(), ["ask eve drums @1"]);
}

/// 7.3: of a chair given up by everybody the manager was told; who stands by later, on its instrument, is asked at once.
#[test]
fn r7_3_who_stands_by_later_is_asked_after_all() {
    let mut studio = Studio::with("violin: ana, bo, cy");
    let id = studio.book("2 violin", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "ana");
    studio.yes(id, "bo");
    studio.drops_out(id, "bo");
    studio.heard();
    assert_eq!(studio.state(id), "booked, open until Wed 10:00", "nobody is left");
    assert_eq!(studio.stands_by(id, "cy"), Outcome::StandsBy);
    assert_eq!(studio.heard(), ["ask cy violin 2 @1"]);
}

/// 3.2 and 7.3: whoever stands by and does not play the chair's instrument any more is not asked to step in.
#[test]
fn r7_3_who_stands_by_must_still_play_it() {
    let mut studio = Studio::with("drums: ana, bo, cy");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "ana");
    studio.yes(id, "bo");
    studio.stands_by(id, "bo");
    studio.musician("bo").instruments = vec![("violin".to_owned(), 1)];
    studio.heard();
    studio.drops_out(id, "ana");
    assert_eq!(studio.heard(), ["manager ana dropped out", "ask cy drums @1"]);
}

/// 7.3: with one of two open chairs filled, and nobody left for the other, nothing is waited for but the session.
#[test]
fn r7_3_a_chair_that_was_given_up_is_not_waited_for() {
    let mut studio = Studio::with("drums: ana; violin: eve, fay");
    let id = studio.book("drums, violin", &["Wed 10:00"]);
    for name in ["ana", "eve"] {
        studio.yes(id, name);
    }
    for name in ["ana", "eve"] {
        studio.drops_out(id, name);
    }
    assert_eq!(studio.state(id), "booked, open until Mon 10:00");
    studio.yes(id, "fay");
    assert_eq!(studio.state(id), "booked, open until Wed 10:00");
}

/// 5.3: nobody stands by for a session that is over.
#[test]
fn r5_3_nobody_stands_by_for_what_is_over() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "ana");
    studio.until(at("Wed 12:00"));
    assert_eq!(studio.stands_by(id, "bo"), Outcome::Late(LateBecause::Dead(Dead::TooLate)));
    studio.drops_out(id, "ana");
    assert_eq!(studio.stands_by(id, "bo"), Outcome::Late(LateBecause::Dead(Dead::TooLate)));
}

/// 4.12: of who opts out the manager is told what they hold, and not what they have played.
#[test]
fn r4_12_what_was_played_is_not_held() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.until(at("Thu 10:00"));
    studio.heard();
    studio.stop("ana");
    assert!(studio.heard().is_empty());
}
