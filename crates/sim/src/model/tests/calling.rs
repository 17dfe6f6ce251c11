//! From the first wave to the last.

use super::*;
use firstcall_core::ids::OptionNo;
use firstcall_core::manage::Act;

const TRIO: &[(&str, u16)] = &[("drums", 1), ("bass", 1)];

#[test]
fn everybody_says_yes_and_the_session_is_booked() {
    let mut model = studio(policy());
    book(&mut model, A, TRIO, &[36]);
    assert_eq!(asked(&model.view(A)), [1, 11]);
    assert_eq!(model.view(A).deadline, Some(hour(1)));
    assert_eq!(yes(&mut model, A, 1, 0), Said::Held);
    assert_eq!(yes(&mut model, A, 1, 0), Said::AlreadyHeld);
    assert_eq!(yes(&mut model, A, 2, 0), Said::Booked);
    let view = model.view(A);
    assert_eq!((view.status, view.deadline, view.current), ("booked", None, Some(session(36))));
    assert_eq!(told(&view, Whom::Manager), ["booked"]);
    assert_eq!(told(&view, Whom::Client), ["booked"]);
    assert_eq!(told_musician(&view, 1), ["confirmed"]);
    assert_eq!(model.last_booked_at(MusicianId(11)), Some(hour(0)));
}

#[test]
fn silence_leads_to_the_next_wave_the_next_option_and_the_end() {
    let mut model = studio(policy());
    book(&mut model, A, TRIO, &[44, 36]);
    texts_leave(&mut model, A, hour(0));
    wake(&mut model, hour(1));
    assert_eq!(asked(&model.view(A)), [1, 11, 2, 12]);
    wake(&mut model, hour(2));
    let view = model.view(A);
    assert_eq!(asked(&view), [1, 11, 2, 12, 3], "drummer 3 is left, and the bassists may still answer");
    wake(&mut model, hour(3));
    let view = model.view(A);
    assert_eq!((view.current, view.offers[5].option), (Some(session(44)), OptionNo(2)));
    assert_eq!(asked(&view)[5..], [1, 11]);
    assert!(answerable(&view).iter().all(|open| *open), "offers of the option that was left stay open");
    for now in 4..7 {
        wake(&mut model, hour(now));
    }
    let view = model.view(A);
    assert_eq!((view.status, told(&view, Whom::Manager)), ("exhausted", vec!["exhausted"]));
    assert_eq!(yes(&mut model, A, 4, 7), Said::Held);
    assert_eq!(yes(&mut model, A, 3, 7), Said::Booked, "the option that was left wins");
    assert_eq!(model.view(A).current, Some(session(36)));
}

#[test]
fn a_left_option_that_cannot_be_filled_releases_its_holders() {
    let mut model = studio(policy());
    book(&mut model, A, &[("drums", 1), ("bass", 2)], &[36, 37]);
    yes(&mut model, A, 1, 0);
    model.answer(A, OfferNo(2), false, hour(0));
    model.answer(A, OfferNo(3), false, hour(0));
    assert_eq!(model.view(A).deadline, Some(hour(1)), "a NO waits for patience to pass");
    wake(&mut model, hour(1));
    let view = model.view(A);
    assert_eq!(answers(&view), ["released", "no", "no", "", "", ""]);
    assert_eq!(told_musician(&view, 1), ["released"]);
    assert_eq!(asked(&view)[3..], [1, 11, 12]);
}

#[test]
fn two_bookings_want_one_drummer() {
    let mut model = studio(policy());
    book(&mut model, A, TRIO, &[36]);
    book(&mut model, B, TRIO, &[36]);
    assert_eq!(yes(&mut model, A, 1, 0), Said::Held);
    assert_eq!(answers(&model.view(B)), ["overlap", ""]);
    assert_eq!(yes(&mut model, B, 1, 0), Said::Conflict);
    assert_eq!(yes(&mut model, A, 2, 0), Said::Booked);
    let view = model.view(B);
    assert_eq!((view.status, told(&view, Whom::Manager)), ("exhausted", vec!["exhausted"]), "the studio is taken");
    assert_eq!(yes(&mut model, B, 2, 0), Said::Late);
    wake(&mut model, hour(36));
    assert_eq!(model.view(B).status, "expired");
}

#[test]
fn stop_closes_offers_and_asks_the_next_at_once() {
    let mut model = studio(policy());
    book(&mut model, A, TRIO, &[36]);
    yes(&mut model, A, 2, 0);
    model.opted_out(MusicianId(1), hour(0));
    let view = model.view(A);
    assert_eq!((asked(&view), answerable(&view)), (vec![1, 11, 2], vec![false, false, true]));
    model.opted_out(MusicianId(11), hour(0));
    let view = model.view(A);
    assert_eq!((answers(&view)[1], told(&view, Whom::Manager)), ("held", vec!["call_holder"]));
    assert_eq!(yes(&mut model, A, 3, 0), Said::Booked);
    assert_eq!(told_musician(&model.view(A), 11), ["confirmed"], "whether it may leave is another question");
}

#[test]
fn an_undeliverable_text_asks_the_next_for_that_chair_alone() {
    let mut model = studio(policy());
    book(&mut model, A, TRIO, &[36]);
    model.delivered(A, OfferNo(1), Delivery::Failed(hour(0)), hour(0));
    let view = model.view(A);
    assert_eq!((asked(&view), told(&view, Whom::Manager)), (vec![1, 11, 2], vec!["undeliverable"]));
}

#[test]
fn a_paused_booking_waits_and_goes_on_with_a_full_patience() {
    let mut model = studio(policy());
    book(&mut model, A, TRIO, &[60]);
    assert_eq!(model.manage(A, &Act::Pause, hour(0)), Said::Done);
    assert_eq!(model.manage(A, &Act::Next, hour(0)), Said::Refused);
    let view = model.view(A);
    assert_eq!((view.deadline, view.offers[0].delivery), (Some(hour(24)), Delivery::OnHold));
    wake(&mut model, hour(24));
    assert_eq!(told(&model.view(A), Whom::Manager), ["still_paused"]);
    assert_eq!(model.manage(A, &Act::Resume, hour(25)), Said::Done);
    let view = model.view(A);
    assert_eq!((view.deadline, view.offers[0].delivery), (Some(hour(26)), Delivery::Queued(hour(25))));
}

#[test]
fn texts_wait_for_the_end_of_quiet_hours_and_so_does_patience() {
    let quiet = ClockRange { from: time(21, 0, 0, 0), to: time(9, 0, 0, 0) };
    let mut model = studio(Policy { quiet_hours: Some(quiet), ..policy() });
    book(&mut model, A, TRIO, &[36]);
    let view = model.view(A);
    assert_eq!((view.offers[0].delivery, view.deadline), (Delivery::Queued(hour(9)), Some(hour(10))));
}

#[test]
fn with_next_a_no_and_with_void_a_wave_close_what_was_open() {
    let mut model = studio(Policy { after_no: AfterNo::Next, previous_offers: PreviousOffers::Void, ..policy() });
    book(&mut model, A, TRIO, &[36]);
    assert_eq!(model.answer(A, OfferNo(1), false, hour(0)), Said::SaidNo);
    let view = model.view(A);
    assert_eq!((asked(&view), answerable(&view)), (vec![1, 11, 2, 12], vec![false, false, true, true]));
}

#[test]
fn whoever_plays_both_fills_one_chair() {
    let mut model = studio(policy());
    model.set_roster(vec![musician(1, "drums+bass"), musician(2, "drums"), musician(3, "keyboard")], hour(0));
    book(&mut model, A, TRIO, &[36]);
    assert_eq!(asked(&model.view(A)), [2, 1]);
    book(&mut model, B, &[("drums", 1), ("bass", 2)], &[36]);
    assert_eq!(told(&model.view(B), Whom::Manager), ["no_times"]);
    assert_eq!((model.view(B).status, model.view(B).deadline), ("no_times", Some(hour(36))));
}

#[test]
fn prime_hours_come_first_and_who_was_booked_lately() {
    let mut model = studio(policy());
    let booked = |id, days: i64| Musician { last_booked_at: Some(hour(-24 * days)), ..musician(id, "drums") };
    model.set_roster(vec![musician(1, "drums"), booked(2, 9), booked(3, 3)], hour(0));
    book(&mut model, A, &[("drums", 1)], &[33, 41, 38]);
    for now in 1..=3 {
        wake(&mut model, hour(now));
    }
    let view = model.view(A);
    assert_eq!(asked(&view), [3, 2, 1, 3]);
    assert_eq!((view.offers[0].option_time, view.offers[3].option_time), (session(38), session(41)));
}
