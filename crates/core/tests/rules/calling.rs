//! Rules 4.1–4.12: waves, patience, what is left, what ends.

use crate::studio::{Studio, at, hour, hours};
use firstcall_core::booking::{Answer, Delivery};
use firstcall_core::ids::ChairNo;
use firstcall_core::manage::Act;
use firstcall_core::policy::{AfterNo, PreviousOffers};
use firstcall_core::step::Outcome;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// 4.1: one option at a time, and its first wave as soon as the booking is made.
#[test]
fn r4_1_the_first_wave_goes_out_at_once() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let id = studio.book("drums, bass", &["Thu 10:00", "Wed 10:00"]);
    assert_eq!(studio.heard(), ["ask ana drums @1", "ask cy bass @1"]);
    assert_eq!(studio.options(id), "1 Wed 10:00 called, 2 Thu 10:00 waiting");
    assert_eq!(studio.state(id), "calling until Mon 10:00");
}

/// 4.3a: at the deadline the next-ranked for each chair still open; nothing a moment before.
#[test]
fn r4_3_patience_passes_and_the_next_wave_goes_out() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "cy");
    studio.heard();
    studio.pass("59m 59s");
    assert!(studio.heard().is_empty());
    studio.pass("1s");
    assert_eq!(studio.heard(), ["ask bo drums @1"]);
    assert_eq!(studio.state(id), "calling until Mon 11:00");
    assert_eq!(studio.yes(id, "bo"), Outcome::Booked);
}

/// 4.3: patience counts from when the last offer left, was refused or came into doubt.
#[test]
fn r4_3_patience_counts_from_when_the_last_offer_left() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee");
    studio.musician("cy").zone = TimeZone::get("America/Los_Angeles").unwrap();
    studio.policy.quiet_hours = Some(hours(21, 9));
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    assert_eq!(studio.heard(), ["ask ana drums @1"]);
    studio.until(at("Mon 12:59"));
    assert_eq!(studio.heard(), ["ask cy bass @1"], "at nine in Los Angeles");
    assert_eq!(studio.state(id), "calling until Mon 13:00");
}

/// 4.3: an offer in doubt counts from when the doubt began, however often it is reported.
#[test]
fn r4_3_doubt_counts_from_its_beginning() {
    let mut studio = Studio::with("drums: ana, bo");
    studio.policy.quiet_hours = Some(hours(21, 9));
    studio.now = at("Mon 08:00");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.now = at("Mon 09:10");
    studio.delivered(id, "ana", Delivery::InDoubt(at("Mon 09:10")));
    studio.now = at("Mon 09:20");
    studio.delivered(id, "ana", Delivery::InDoubt(at("Mon 09:20")));
    assert_eq!(studio.state(id), "calling until Mon 10:10");
    studio.delivered(id, "ana", Delivery::Sent(at("Mon 09:10")));
    studio.delivered(id, "ana", Delivery::Sending);
    studio.delivered(id, "ana", Delivery::Sent(at("Mon 09:20")));
    assert_eq!(studio.state(id), "calling until Mon 10:10", "reports come twice and out of order");
}

/// 4.3: the deadline is never later than the option's end.
#[test]
fn r4_3_the_deadline_is_never_later_than_the_options_end() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Mon 09:30", "Wed 12:00"]);
    studio.heard();
    assert_eq!(studio.state(id), "calling until Mon 10:00", "prime hours come first");
    let soon = studio.book("drums", &["Mon 09:40"]);
    assert_eq!(studio.state(soon), "calling until Mon 09:40");
}

/// 4.3b: with nobody left to ask, the next option is called, planned afresh; what was called keeps its number.
#[test]
fn r4_3_with_nobody_left_the_next_option_is_called() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Wed 10:00", "Wed 11:00", "Wed 12:00"]);
    studio.is_away("ana", "Wed 11:00");
    studio.pass("1h");
    assert_eq!(studio.options(id), "1 Wed 10:00 called, 2 Wed 12:00 called");
    assert_eq!(studio.heard(), ["ask ana drums @1", "ask ana drums @2"]);
}

/// 4.3a: an option that cannot be filled any more is left, though somebody is left to ask.
#[test]
fn r4_3_an_option_that_cannot_be_filled_is_left() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.no(id, "cy");
    studio.heard();
    studio.pass("1h");
    assert_eq!(studio.options(id), "1 Wed 10:00 dead, 2 Thu 10:00 called");
    assert_eq!(studio.heard(), ["ask ana drums @2", "ask cy bass @2"]);
}

/// 4.3c and 4.9: no option left: exhausted, the manager is told once, a later YES books it all the same.
#[test]
fn r4_9_exhausted_and_a_late_yes_books_it() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.heard();
    studio.pass("10h");
    assert_eq!(studio.heard(), ["manager exhausted @1"]);
    assert_eq!(studio.chairs(id), "drums ana, bass -");
    assert_eq!(studio.state(id), "exhausted until Wed 10:00");
    assert_eq!(studio.yes(id, "cy"), Outcome::Booked);
}

/// 4.9 and 5.5: a NO can be taken back as well.
#[test]
fn r4_9_exhausted_and_a_no_taken_back_books_it() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.no(id, "cy");
    studio.pass("2h");
    assert_eq!(studio.booking(id).status(), "exhausted");
    assert_eq!(studio.yes(id, "cy"), Outcome::Booked);
}

/// 4.9: a changed roster does not restart it; the manager does, and asks nobody twice.
#[test]
fn r4_9_the_manager_restarts_with_a_changed_roster() {
    let mut studio = Studio::with("drums: ana; bass: cy; piano: new");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.no(id, "cy");
    studio.pass("2h");
    studio.musician("new").instruments.push(("bass".to_owned(), 9));
    studio.heard();
    studio.pass("2h");
    assert!(studio.heard().is_empty());
    assert_eq!(studio.act(id, Act::Next), Outcome::Done);
    assert_eq!(studio.heard(), ["ask new bass @1"]);
    assert_eq!(studio.yes(id, "new"), Outcome::Booked);
}

/// 4.9 and 4.10: an exhausted booking whose last live option ends is over, and its holders are released.
#[test]
fn r4_10_exhausted_until_its_last_option_ends() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.pass("2h");
    studio.heard();
    studio.until(at("Wed 10:00"));
    assert_eq!(studio.heard(), ["released ana @1", "manager expired"]);
    assert_eq!(studio.state(id), "expired");
}

/// 4.5, stay open: an option that was left can still win.
#[test]
fn r4_5_an_option_that_was_left_can_still_win() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.yes(id, "ana");
    studio.pass("1h");
    assert_eq!(studio.yes_at(id, "ana", 2), Outcome::Held);
    studio.heard();
    assert_eq!(studio.yes_at(id, "cy", 1), Outcome::Booked);
    assert_eq!(studio.heard(), ["confirmed ana @1", "confirmed cy @1", "manager booked @1", "client booked @1"]);
    assert_eq!(studio.state(id), "booked");
}

/// 4.5: it dies as soon as holders and unanswered offers cannot fill it, and its holders are released.
#[test]
fn r4_5_an_option_that_was_left_dies_when_it_cannot_be_filled() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.yes(id, "ana");
    studio.pass("1h");
    studio.heard();
    studio.no_at(id, "cy", 1);
    assert_eq!(studio.heard(), ["released ana @1"]);
    assert_eq!(studio.options(id), "1 Wed 10:00 dead, 2 Thu 10:00 called");
    assert!(matches!(studio.answer(id, "ana", 1), Some(Answer::Released { .. })));
}

/// 4.5, void: they close when the next wave goes out, whatever was said to them.
#[test]
fn r4_5_void_closes_earlier_offers() {
    let mut studio = Studio::with("drums: ana, bo, cy");
    studio.policy.previous_offers = PreviousOffers::Void;
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.no(id, "ana");
    studio.pass("2h");
    assert_eq!(studio.heard(), ["ask ana drums @1", "ask bo drums @1", "ask cy drums @1"]);
    assert!(matches!(studio.yes(id, "ana"), Outcome::Late(_)));
    assert!(matches!(studio.yes(id, "bo"), Outcome::Late(_)));
    assert_eq!(studio.yes(id, "cy"), Outcome::Booked);
}

/// 4.5, void: an option that was left with an open chair is dead at once; who held it is released, and asked first.
#[test]
fn r4_5_void_ends_the_option_that_is_left() {
    let mut studio = Studio::with("drums: bo, ana; bass: cy");
    studio.policy.previous_offers = PreviousOffers::Void;
    studio.is_away("bo", "Wed 10:00");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.yes(id, "ana");
    studio.heard();
    studio.pass("1h");
    assert_eq!(studio.heard(), ["released ana @1", "ask ana drums @2", "ask cy bass @2"]);
    assert!(matches!(studio.yes_at(id, "cy", 1), Outcome::Late(_)));
}

/// 4.5 and 4.6: a chair that is called for at once closes its own offers, not those of the others.
#[test]
fn r4_5_void_leaves_the_other_chairs_alone() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    studio.policy.previous_offers = PreviousOffers::Void;
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.heard();
    studio.delivered(id, "ana", Delivery::Failed(studio.now));
    assert_eq!(studio.heard(), ["manager ana cannot be reached", "ask bo drums @1"]);
    assert_eq!(studio.yes(id, "cy"), Outcome::Held);
}

/// 4.6: NO is recorded and nothing else happens until patience has passed, even when it was the last musician's.
#[test]
fn r4_6_no_changes_nothing_until_patience_has_passed() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Wed 10:00", "Thu 10:00"]);
    studio.heard();
    studio.pass("10m");
    assert_eq!(studio.no(id, "ana"), Outcome::SaidNo);
    studio.pass("49m");
    assert!(studio.heard().is_empty());
    assert_eq!(studio.state(id), "calling until Mon 10:00");
    studio.pass("1m");
    assert_eq!(studio.heard(), ["ask ana drums @2"]);
}

/// 4.6, `after_no = "next"`: 4.3 is applied at once.
#[test]
fn r4_6_after_no_next() {
    let mut studio = Studio::with("drums: ana, bo");
    studio.policy.after_no = AfterNo::Next;
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.no(id, "ana");
    assert_eq!(studio.heard(), ["ask ana drums @1", "ask bo drums @1"]);
    studio.no(id, "bo");
    assert_eq!(studio.heard(), ["manager exhausted @1"]);
}

/// 4.6: with `after_no = "next"`, a NO to a chair that is filled sets nothing off.
#[test]
fn r4_6_a_no_to_a_filled_chair_sets_nothing_off() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee");
    studio.policy.after_no = AfterNo::Next;
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "bo");
    studio.heard();
    studio.no(id, "ana");
    assert!(studio.heard().is_empty());
}

/// 4.6: an offer that cannot be delivered moves that chair at once, and that chair only.
#[test]
fn r4_6_an_undeliverable_offer_moves_its_chair_at_once() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee");
    studio.cannot_be_reached("ana");
    studio.book("drums, bass", &["Wed 10:00"]);
    assert_eq!(studio.heard(), ["manager ana cannot be reached", "ask cy bass @1", "ask bo drums @1"]);
}

/// 4.6 and 4.3b: when that chair cannot be filled any more, the next option is called at once.
#[test]
fn r4_6_the_only_one_cannot_be_reached() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.heard();
    studio.delivered(id, "cy", Delivery::Failed(studio.now));
    assert_eq!(studio.heard(), ["manager cy cannot be reached", "ask ana drums @2", "ask cy bass @2"]);
    assert_eq!(studio.options(id), "1 Wed 10:00 dead, 2 Thu 10:00 called");
}

/// 4.6 applies 4.3 at once: with nobody left to ask the next option is called, and who was asked before can still say YES.
#[test]
fn r4_6_with_nobody_left_for_the_chair_the_next_option_is_called() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Wed 10:00", "Thu 10:00"]);
    studio.pass("1h");
    studio.heard();
    studio.stop("bo");
    assert_eq!(studio.heard(), ["ask ana drums @2"]);
    assert_eq!(studio.yes_at(id, "ana", 1), Outcome::Booked);
}

/// 4.6: who has answered has the text: a failure that is reported afterwards moves nothing, and is told to nobody.
#[test]
fn r4_6_a_failure_reported_after_the_answer_moves_nothing() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.no(id, "ana");
    studio.heard();
    studio.delivered(id, "ana", Delivery::Failed(studio.now));
    assert_eq!(studio.heard(), [""; 0]);
}

/// 4.6 and 5.7: STOP closes the sender's offers at every booking and option, and moves their chairs at once.
#[test]
fn r4_6_stop_moves_its_chairs_at_once() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let first = studio.book("drums, bass", &["Wed 10:00"]);
    let second = studio.book("drums", &["Thu 10:00"]);
    studio.heard();
    studio.stop("ana");
    assert_eq!(studio.heard(), ["#1 ask bo drums @1", "#2 ask bo drums @1"]);
    assert_eq!(studio.answer(first, "ana", 1), None, "STOP is no answer");
    assert!(matches!(studio.yes(second, "ana"), Outcome::Late(_)));
}

/// 5.7: STOP also closes an offer whose chair is filled for now: it does not come back when the chair opens.
#[test]
fn r5_7_stop_closes_offers_of_filled_chairs_too() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.pass("1h");
    studio.yes(id, "bo");
    studio.stop("ana");
    studio.no(id, "bo");
    assert!(matches!(studio.yes_at(id, "ana", 1), Outcome::Late(_)));
}

/// 4.7: quiet hours are the recipient's: 20:59 leaves, 21:00 waits for nine.
#[test]
fn r4_7_quiet_hours_are_the_recipients() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    studio.policy.quiet_hours = Some(hours(21, 9));
    studio.musician("cy").zone = TimeZone::get("Europe/Paris").unwrap();
    studio.now = at("Mon 20:59");
    let id = studio.book("drums, bass", &["Thu 10:00"]);
    assert_eq!(studio.heard(), ["ask ana drums @1"]);
    studio.until(at("Tue 02:59"));
    assert!(studio.heard().is_empty());
    studio.until(at("Tue 03:00"));
    assert_eq!(studio.heard(), ["ask cy bass @1"], "at nine in Paris");
    assert_eq!(studio.state(id), "calling until Tue 04:00");
    studio.until(at("Tue 05:00"));
    assert_eq!(studio.state(id), "calling until Tue 10:00", "bo is asked at nine");
    studio.until(at("Tue 09:00"));
    assert_eq!(studio.heard(), ["ask bo drums @1"]);
}

/// 4.7: nine o'clock is the wall clock's, also in the night in which it changes (14 March 2027).
#[test]
fn r4_7_quiet_hours_follow_the_wall_clock() {
    let mut studio = Studio::with("drums: ana");
    studio.policy.quiet_hours = Some(hours(21, 9));
    for (evening, morning) in [("2027-03-13 22:00", "2027-03-14 09:00"), ("2026-11-30 21:00", "2026-12-01 09:00")] {
        let zone = studio.policy.zone.clone();
        assert_eq!(studio.policy.may_leave(at(evening), &zone), at(morning));
        assert_eq!(studio.policy.may_leave(at(morning), &zone), at(morning));
    }
    studio.policy.quiet_hours = None;
    assert_eq!(studio.policy.may_leave(at("Mon 23:00"), &studio.policy.zone.clone()), at("Mon 23:00"));
}

/// 4.8: a text that was called back before it left is no question: they are asked when the chair opens again.
#[test]
fn r4_8_a_text_that_never_left_is_no_question() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee, eve, fay, gus, hal");
    studio.policy.quiet_hours = Some(hours(21, 9));
    studio.musician("bo").zone = TimeZone::get("America/Los_Angeles").unwrap();
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.pass("1h");
    // It is ten here and seven in Los Angeles: the text to bo waits, and ana is quicker.
    studio.yes(id, "ana");
    studio.until(at("Mon 13:00"));
    assert!(!studio.heard().iter().any(|line| line.contains("bo")));
    studio.no(id, "ana");
    studio.pass("1h");
    assert!(studio.heard().contains(&"ask bo drums @1".to_owned()));
    assert_eq!(studio.asked(id)[&studio.who("bo")], 1);
}

/// 3.2, 4.8: whose text was called back is not asked again for what they do not play any more.
#[test]
fn r4_8_a_text_that_never_left_asks_nobody_who_does_not_play() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee, eve, fay, gus, hal");
    studio.policy.quiet_hours = Some(hours(21, 9));
    studio.musician("bo").zone = TimeZone::get("America/Los_Angeles").unwrap();
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.pass("1h");
    studio.yes(id, "ana");
    studio.musician("bo").instruments = vec![("bass".to_owned(), 9)];
    studio.until(at("Mon 13:00"));
    studio.no(id, "ana");
    studio.pass("1h");
    assert!(!studio.heard().iter().any(|line| line.contains("bo drums")));
}

/// 4.8: a hold closes the musician's other open offers that overlap it, as a NO.
#[test]
fn r4_8_a_hold_closes_overlapping_offers_of_other_bookings() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let first = studio.book("drums, bass", &["Wed 10:00"]);
    let second = studio.book("drums", &["Wed 10:30"]);
    let third = studio.book("drums", &["Wed 11:00"]);
    studio.heard();
    studio.yes(first, "ana");
    assert!(matches!(studio.answer(second, "ana", 1), Some(Answer::Overlap(_))));
    assert_eq!(studio.answer(third, "ana", 1), None, "half-open: eleven is free");
    assert!(studio.heard().is_empty(), "as a NO: nothing until patience has passed");
    studio.pass("1h");
    assert!(studio.heard().contains(&"#2 ask bo drums @1".to_owned()));
}

/// 4.3, 4.8: a text that waited and is called back counts no more: if patience with the others is over, the call goes on in
/// the same wake.
#[test]
fn r4_3_a_text_that_is_called_back_is_not_waited_for() {
    let mut studio = Studio::with("drums: ana, bo, dee; bass: cy, bo; violin: eve");
    studio.policy.quiet_hours = Some(hours(21, 9));
    studio.musician("bo").zone = TimeZone::get("America/Los_Angeles").unwrap();
    let first = studio.book("drums", &["Wed 10:00"]);
    let second = studio.book("bass, violin", &["Wed 10:00"]);
    // The text to bo, about drums, waits until it is nine in Los Angeles.
    studio.until(at("Mon 11:30"));
    let bo = studio.who("bo");
    studio.heard();
    studio.act(second, Act::Fill(bo, ChairNo(0)));
    assert!(matches!(studio.answer(first, "bo", 1), Some(Answer::Overlap(_))));
    assert!(studio.heard().contains(&"#1 ask dee drums @1".to_owned()), "patience with ana ended at ten");
}

/// 4.10: at its start an option is dead: its holders are released, and the next is called.
#[test]
fn r4_10_an_option_dies_at_its_start() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    studio.policy.notice = SignedDuration::from_mins(30);
    let id = studio.book("drums, bass", &["Mon 10:00", "Wed 10:00"]);
    studio.yes(id, "ana");
    studio.heard();
    studio.until(at("Mon 09:29"));
    assert!(studio.heard().is_empty());
    studio.until(at("Mon 09:30"));
    assert_eq!(studio.heard(), ["released ana @1", "ask ana drums @2", "ask cy bass @2"]);
    assert!(matches!(studio.yes_at(id, "cy", 1), Outcome::Late(_)));
}

/// 4.10: an option that ends is dead for an answer that comes before the booking is woken for it.
#[test]
fn r4_10_a_yes_at_the_start_is_too_late() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Mon 09:30"]);
    studio.now = at("Mon 09:30");
    assert!(matches!(studio.yes(id, "ana"), Outcome::Late(_)));
}

/// 4.10: options that wait die at their start as well; with none alive the booking is expired.
#[test]
fn r4_10_with_no_option_alive_it_is_expired() {
    let mut studio = Studio::with("drums: ana, bo, cy");
    let id = studio.book("drums", &["Mon 11:00", "Mon 09:30"]);
    studio.pass("50m");
    assert_eq!(studio.options(id), "1 Mon 11:00 called, 2 Mon 09:30 waiting");
    studio.until(at("Mon 11:00"));
    assert_eq!(studio.options(id), "1 Mon 11:00 dead, 2 Mon 09:30 dead");
    assert_eq!(studio.heard().last().unwrap(), "manager expired");
    assert_eq!(studio.state(id), "expired");
}

/// 4.11: paused: nothing leaves, answers count and may book.
#[test]
fn r4_11_paused_answers_count() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.act(id, Act::Pause);
    studio.heard();
    studio.pass("5h");
    assert!(studio.heard().is_empty());
    assert_eq!(studio.yes(id, "ana"), Outcome::Held);
    assert_eq!(studio.yes(id, "cy"), Outcome::Booked);
}

/// 4.11: what had not left is held back; resuming sends it and gives a full patience.
#[test]
fn r4_11_resuming_gives_a_full_patience() {
    let mut studio = Studio::with("drums: ana, bo");
    studio.policy.quiet_hours = Some(hours(21, 9));
    studio.now = at("Mon 07:00");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.act(id, Act::Pause);
    studio.until(at("Mon 10:00"));
    assert!(studio.heard().is_empty());
    studio.delivered(id, "ana", Delivery::Queued(studio.now));
    studio.act(id, Act::Resume);
    assert_eq!(studio.heard(), ["ask ana drums @1"]);
    assert_eq!(studio.state(id), "calling until Mon 11:00");
}

/// 4.11: the manager is asked again every 24 hours; when its times have passed it is over.
#[test]
fn r4_11_a_paused_booking_is_not_forgotten() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.act(id, Act::Pause);
    studio.heard();
    studio.until(at("Wed 09:59"));
    assert_eq!(studio.heard(), ["manager still paused", "manager still paused"]);
    studio.until(at("Wed 10:00"));
    assert_eq!(studio.heard(), ["manager expired"]);
}

/// 4.10 and 4.11: resumed when all its times have passed, it is over; the manager is told that, and nothing else.
#[test]
fn r4_11_resumed_too_late() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums", &["Mon 11:00"]);
    studio.act(id, Act::Pause);
    let other = studio.book("bass", &["Mon 11:00"]);
    studio.yes(other, "cy");
    studio.now = at("Mon 11:00");
    studio.heard();
    studio.act(id, Act::Resume);
    assert_eq!(studio.heard(), ["#1 manager expired"]);
}

/// 4.11: what was urgent while it was paused is done when it goes on.
#[test]
fn r4_11_urgent_waits_for_resume() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.act(id, Act::Pause);
    studio.stop("ana");
    studio.heard();
    studio.act(id, Act::Resume);
    assert_eq!(studio.heard(), ["ask bo drums @1"]);
}

/// 4.11: a chair that was urgent and was taken while it was paused is not called for when it goes on.
#[test]
fn r4_11_what_was_urgent_may_be_settled_by_the_time_of_resuming() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.pass("1h");
    studio.act(id, Act::Pause);
    studio.stop("bo");
    assert_eq!(studio.yes(id, "ana"), Outcome::Held);
    studio.heard();
    studio.act(id, Act::Resume);
    assert_eq!(studio.heard(), [""; 0]);
    assert_eq!(studio.state(id), "calling until Mon 11:00");
}

/// 4.12: a musician who opts out while holding keeps the hold, and the manager is asked to call them.
#[test]
fn r4_12_a_holder_who_opts_out_keeps_the_chair() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.heard();
    studio.stop("ana");
    assert_eq!(studio.heard(), ["manager call ana"]);
    assert_eq!(studio.chairs(id), "drums ana, bass -");
}

/// 4.4: a clock that jumps back makes a deadline later, one that jumps ahead makes it due; neither is in vain.
#[test]
fn r4_4_clocks_that_jump() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.now = at("Mon 08:00");
    studio.pass("1h 59m");
    assert_eq!(studio.state(id), "calling until Mon 10:00");
    studio.now = at("Tue 12:00");
    studio.pass("0s");
    assert_eq!(studio.state(id), "calling until Tue 13:00");
}

/// 4.10: a paused booking ends with the last of its times, called or not.
#[test]
fn r4_10_a_paused_booking_expires() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Mon 12:00", "Mon 15:00"]);
    studio.act(id, Act::Pause);
    studio.heard();
    studio.until(at("Mon 14:59"));
    assert_eq!((studio.state(id).as_str(), studio.heard()), ("paused until Mon 15:00", vec![]));
    studio.until(at("Mon 15:00"));
    assert_eq!((studio.state(id).as_str(), studio.heard()), ("expired", vec!["manager expired".to_owned()]));
}

/// 4.6 and 4.8: an overlap at a chair that is filled is nobody's NO, and calls for no other chair.
#[test]
fn r4_8_an_overlap_at_a_filled_chair_calls_nobody() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee; violin: eve");
    studio.policy.after_no = AfterNo::Next;
    let first = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.pass("1h");
    studio.yes(first, "ana");
    let other = studio.book("drums, violin", &["Wed 10:00"]);
    studio.heard();
    assert_eq!(studio.yes(other, "bo"), Outcome::Held);
    assert!(studio.heard().is_empty(), "cy and dee have their patience");
    assert_eq!(studio.answer(first, "bo", 1), None);
}

/// 4.9: when the manager drops the time that was called last, what is shown and can be filled is one that is still alive.
#[test]
fn r4_9_exhausted_shows_a_time_that_is_alive() {
    let mut studio = Studio::with("drums: ana; bass: cy");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.yes(id, "ana");
    studio.pass("2h");
    assert_eq!((studio.booking(id).status(), studio.chairs(id)), ("exhausted", "drums -, bass -".to_owned()));
    studio.act(id, Act::DropTimes(vec![hour("Thu 10:00")]));
    assert_eq!(studio.chairs(id), "drums ana, bass -");
}
