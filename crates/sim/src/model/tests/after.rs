//! What comes after: drop-outs, moves, ends.

use super::*;
use firstcall_core::ids::ChairNo;
use firstcall_core::manage::Act;

/// A booked session of drummer 1 and bassist 11, with drummer 2 asked too.
fn booked() -> Model {
    let mut model = studio(policy());
    book(&mut model, A, &[("drums", 1), ("bass", 1)], &[36]);
    wake(&mut model, hour(1));
    assert_eq!(asked(&model.view(A)), [1, 11, 2, 12]);
    assert_eq!(yes(&mut model, A, 1, 1), Said::Held);
    assert_eq!(yes(&mut model, A, 2, 1), Said::Booked);
    model
}

#[test]
fn standby_is_asked_first_and_once_more() {
    let mut model = booked();
    assert_eq!(yes(&mut model, A, 3, 2), Said::Late);
    assert_eq!(model.stands_by(A, OfferNo(3), hour(2)), Said::StandsBy);
    assert_eq!(model.drops_out(A, OfferNo(1), hour(3)), Said::DroppedOut);
    let view = model.view(A);
    assert_eq!((view.status, asked(&view)[4..].to_vec(), view.deadline), ("booked", vec![2], Some(hour(4))));
    wake(&mut model, hour(4));
    assert_eq!(asked(&model.view(A))[4..], [2, 3], "then the call list, one at a time");
    wake(&mut model, hour(5));
    let view = model.view(A);
    assert_eq!(told(&view, Whom::Manager), ["booked", "dropped_out", "nobody_steps_in"]);
    assert_eq!(view.deadline, Some(hour(36)), "the session itself");
    assert_eq!(model.stands_by(A, OfferNo(6), hour(5)), Said::ChairIsOpen);
    assert_eq!(yes(&mut model, A, 6, 5), Said::Booked);
    assert_eq!(told(&model.view(A), Whom::Manager).iter().filter(|word| **word == "booked").count(), 2);
    assert_eq!(told_musician(&model.view(A), 3), ["confirmed"]);
}

#[test]
fn a_moved_session_asks_its_holders_anew() {
    let mut model = booked();
    assert_eq!(model.manage(A, &Act::Move(session(40)), hour(2)), Said::Done);
    let view = model.view(A);
    assert_eq!((view.status, view.current, view.deadline), ("booked", Some(session(40)), Some(hour(3))));
    assert_eq!((asked(&view)[4..].to_vec(), answers(&view)[..2].to_vec()), (vec![1, 11], vec!["released"; 2]));
    assert_eq!(told(&view, Whom::Client), ["booked", "moved"]);
    assert_eq!(yes(&mut model, A, 5, 2), Said::Booked);
    wake(&mut model, hour(3));
    let view = model.view(A);
    assert_eq!(told(&view, Whom::Manager), ["booked", "dropped_out"]);
    assert_eq!(asked(&view)[6..], [12]);
    assert_eq!(yes(&mut model, A, 6, 3), Said::Booked, "they may still answer");
    assert_eq!(model.manage(A, &Act::Cancel, hour(4)), Said::Done);
    let view = model.view(A);
    assert_eq!((view.status, told_musician(&view, 11)), ("cancelled", vec!["cancelled", "confirmed", "confirmed"]));
}

#[test]
fn what_nobody_answers_expires() {
    let mut model = studio(policy());
    book(&mut model, A, &[("drums", 1)], &[2, 3]);
    yes(&mut model, A, 1, 0);
    assert_eq!(model.view(A).status, "booked");
    book(&mut model, B, &[("bass", 1)], &[2, 3]);
    assert_eq!(model.view(B).current, Some(session(3)), "the studio is taken at two");
    for now in 1..=3 {
        wake(&mut model, hour(now));
    }
    let view = model.view(B);
    assert_eq!((view.status, told(&view, Whom::Manager)), ("expired", vec!["exhausted", "expired"]));
    assert_eq!(yes(&mut model, B, 1, 3), Said::Late);
}

#[test]
fn the_manager_fills_and_takes_back() {
    let mut model = studio(policy());
    book(&mut model, A, &[("drums", 1), ("bass", 1)], &[36]);
    assert_eq!(model.manage(A, &Act::Fill(MusicianId(3), ChairNo(0)), hour(0)), Said::Held);
    assert_eq!(model.manage(A, &Act::Release(ChairNo(0)), hour(0)), Said::Done);
    let view = model.view(A);
    assert_eq!((answers(&view), told_musician(&view, 3)), (vec!["", "", "released"], vec!["not_needed"]));
    assert_eq!(model.manage(A, &Act::Ask(MusicianId(3), ChairNo(0)), hour(0)), Said::Refused);
    assert_eq!(model.manage(A, &Act::Ask(MusicianId(2), ChairNo(0)), hour(0)), Said::Done);
    assert_eq!(yes(&mut model, A, 4, 0), Said::Held);
    assert_eq!(model.answer(A, OfferNo(4), false, hour(0)), Said::SaidNo);
    assert_eq!(model.drops_out(A, OfferNo(4), hour(0)), Said::HoldsNothing);
}

#[test]
fn dropped_times_are_not_tried_and_added_ones_are() {
    let mut model = studio(policy());
    book(&mut model, A, &[("drums", 1)], &[36, 37]);
    assert_eq!(model.manage(A, &Act::DropTimes(vec![session(36), session(37)]), hour(0)), Said::Done);
    assert_eq!(model.view(A).status, "exhausted");
    assert_eq!(model.manage(A, &Act::Next, hour(0)), Said::Refused);
    assert_eq!(model.manage(A, &Act::AddTimes(vec![session(40)]), hour(0)), Said::Done);
    assert_eq!(model.manage(A, &Act::Next, hour(0)), Said::Done);
    assert_eq!((model.view(A).status, model.view(A).current), ("calling", Some(session(40))));
}
