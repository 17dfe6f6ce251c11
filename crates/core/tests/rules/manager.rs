//! Rules 7.2 and 7.4: the manager's hand, in every state.

use crate::studio::{Studio, at, hour};
use firstcall_core::answers::LateBecause;
use firstcall_core::booking::{Delivery, Void};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId};
use firstcall_core::manage::Act;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::step::Outcome;

const DRUMS: ChairNo = ChairNo(0);
const BASS: ChairNo = ChairNo(1);

/// Drums and bass, two of each, one of two options called.
fn calling() -> (Studio, BookingId) {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.heard();
    (studio, id)
}

/// The same, booked with ana and cy.
fn booked() -> (Studio, BookingId) {
    let (mut studio, id) = calling();
    studio.yes(id, "ana");
    studio.yes(id, "cy");
    studio.heard();
    (studio, id)
}

/// One option, and everybody asked.
fn exhausted() -> (Studio, BookingId) {
    let mut studio = Studio::with("drums: ana; bass: cy; violin: eve");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.pass("1h");
    studio.heard();
    assert_eq!(studio.booking(id).status(), "exhausted");
    (studio, id)
}

/// "Next wave now", and with nobody left at the option the next one.
#[test]
fn r7_2_next_asks_the_next_wave_now() {
    let (mut studio, id) = calling();
    studio.act(id, Act::Next);
    assert_eq!(studio.heard(), ["ask bo drums @1", "ask dee bass @1"]);
    studio.act(id, Act::Next);
    assert_eq!(studio.heard(), ["ask ana drums @2", "ask cy bass @2"]);
    studio.act(id, Act::Next);
    studio.heard();
    assert!(studio.refused(id, Act::Next).contains("nobody is left to ask"));
    assert_eq!(studio.state(id), "calling until Mon 10:00", "the last offers keep their patience");
}

/// Next in the other states: restarts what was exhausted, finds a stand-in, plans again; or says why not.
#[test]
fn r7_2_next_in_each_state() {
    let (mut studio, id) = exhausted();
    assert!(studio.refused(id, Act::Next).contains("nobody is left"));
    studio.musician("eve").instruments.push(("bass".to_owned(), 9));
    studio.act(id, Act::Next);
    assert_eq!((studio.heard(), studio.booking(id).status()), (vec!["ask eve bass @1".to_owned()], "calling"));

    let (mut studio, id) = booked();
    assert!(studio.refused(id, Act::Next).contains("nobody is asked any more"));
    studio.drops_out(id, "ana");
    studio.heard();
    assert!(studio.refused(id, Act::Next).contains("nobody is left"));

    let mut studio = Studio::with("drums: ana");
    studio.is_away("ana", "Wed 10:00");
    let id = studio.book("drums", &["Wed 10:00"]);
    assert!(studio.refused(id, Act::Next).contains("no other time is possible"));
    studio.people.push(studio.people[0].clone());
    let new = studio.people.last_mut().unwrap();
    (new.id, new.name) = (MusicianId(77), "new".to_owned());
    studio.heard();
    studio.act(id, Act::Next);
    assert_eq!(studio.heard(), ["ask new drums @1"]);

    studio.act(id, Act::Pause);
    assert!(studio.refused(id, Act::Next).contains("paused"));
    studio.act(id, Act::Cancel);
    assert!(studio.refused(id, Act::Next).contains("cancelled"));
}

/// Pause and resume are for what is calling, and paused.
#[test]
fn r7_2_pause_and_resume() {
    let (mut studio, id) = calling();
    assert!(studio.refused(id, Act::Resume).contains("not paused"));
    studio.act(id, Act::Pause);
    assert!(studio.refused(id, Act::Pause).contains("paused"));
    studio.pass("30m");
    studio.act(id, Act::Resume);
    assert_eq!(studio.state(id), "calling until Mon 10:30");
    let (mut studio, id) = booked();
    assert!(studio.refused(id, Act::Pause).contains("booked"));
}

/// Ask somebody by hand: somebody who was not asked about this time, is on the roster and is not held elsewhere.
#[test]
fn r7_2_ask_somebody() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy, dee; violin: eve");
    let id = studio.book("drums, bass", &["Wed 10:00"]);
    let other = studio.book("violin, drums", &["Wed 10:30"]);
    studio.yes(other, "eve");
    let [ana, bo, dee, eve] = ["ana", "bo", "dee", "eve"].map(|name| studio.who(name));
    studio.heard();
    assert!(studio.refused(id, Act::Ask(ana, DRUMS)).contains("asked about this time already"));
    assert!(studio.refused(id, Act::Ask(bo, ChairNo(7))).contains("no such chair"));
    assert!(studio.refused(id, Act::Ask(MusicianId(99), DRUMS)).contains("no such musician"));
    assert!(studio.refused(id, Act::Ask(eve, DRUMS)).contains("eve is held by booking #2"));
    studio.musician("dee").standing = MusicianStanding::Removed;
    assert!(studio.refused(id, Act::Ask(dee, BASS)).contains("not on the roster"));
    studio.musician("dee").standing = MusicianStanding::OptedOut;
    assert!(studio.refused(id, Act::Ask(dee, BASS)).contains("has opted out"));
    studio.musician("dee").standing = MusicianStanding::Paused;
    studio.is_away("bo", "Wed 10:00");
    studio.act(id, Act::Ask(dee, BASS));
    studio.act(id, Act::Ask(bo, DRUMS));
    assert_eq!(studio.heard(), ["#1 ask dee bass @1", "#1 ask bo drums @1"], "paused and away can be chosen by hand");
    studio.yes(id, "dee");
    assert!(studio.refused(id, Act::Ask(eve, BASS)).contains("release it first"));
}

/// Fill a chair by hand: with somebody new, or with somebody who was asked about another chair; it may book.
#[test]
fn r7_2_fill_a_chair() {
    let (mut studio, id) = calling();
    let (ana, dee) = (studio.who("ana"), studio.who("dee"));
    assert_eq!(studio.act(id, Act::Fill(ana, BASS)), Outcome::Held, "asked about drums, and filled on bass");
    assert_eq!(studio.chairs(id), "drums -, bass ana");
    assert_eq!(studio.yes(id, "cy"), Outcome::Late(LateBecause::Filled));
    assert!(studio.refused(id, Act::Fill(ana, DRUMS)).contains("another chair"));
    assert!(studio.refused(id, Act::Fill(dee, BASS)).contains("release it first"));
    studio.heard();
    assert_eq!(studio.act(id, Act::Fill(dee, DRUMS)), Outcome::Booked);
    assert!(studio.heard().contains(&"confirmed dee @1".to_owned()), "and never asked");
}

/// Fill in the other states: paused and exhausted may book; where the time is over it is too late.
#[test]
fn r7_2_fill_in_each_state() {
    let (mut studio, id) = exhausted();
    let eve = studio.who("eve");
    assert_eq!(studio.act(id, Act::Fill(eve, BASS)), Outcome::Booked);

    let (mut studio, id) = calling();
    studio.act(id, Act::Pause);
    let bo = studio.who("bo");
    assert!(studio.refused(id, Act::Ask(bo, DRUMS)).contains("paused"));
    assert_eq!(studio.act(id, Act::Fill(bo, DRUMS)), Outcome::Held);
    studio.act(id, Act::Cancel);
    assert!(studio.refused(id, Act::Fill(bo, DRUMS)).contains("cancelled"));

    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Mon 09:30"]);
    studio.now = at("Mon 09:30");
    let ana = studio.who("ana");
    assert!(studio.refused(id, Act::Fill(ana, DRUMS)).contains("too late"));
}

/// Release somebody: the chair is open, they are told, and are not asked about that time again.
#[test]
fn r7_2_release_somebody() {
    let (mut studio, id) = calling();
    assert!(studio.refused(id, Act::Release(DRUMS)).contains("nobody holds"));
    studio.yes(id, "ana");
    studio.act(id, Act::Release(DRUMS));
    assert_eq!(studio.heard(), ["released ana @1"]);
    assert_eq!(studio.yes(id, "ana"), Outcome::Late(LateBecause::Void(Void::Withdrawn)));
    studio.pass("1h");
    assert_eq!(studio.heard(), ["ask bo drums @1", "ask dee bass @1"]);

    let (mut studio, id) = booked();
    studio.act(id, Act::Release(BASS));
    assert_eq!(studio.heard(), ["released cy @1", "ask dee bass @1"]);
    assert_eq!(studio.state(id), "booked, open until Mon 10:00");
}

/// Add times: planned among those that wait; what had none left goes on with them, expired ones too.
#[test]
fn r7_2_add_times_in_each_state() {
    let add = |start: &str| Act::AddTimes(vec![hour(start)]);
    let (mut studio, id) = calling();
    studio.act(id, add("Wed 12:00"));
    assert_eq!(studio.options(id), "1 Wed 10:00 called, 2 Wed 12:00 waiting, 3 Thu 10:00 waiting");
    assert!(studio.refused(id, add("Mon 09:00")).contains("has passed"));
    assert!(studio.heard().is_empty());
    studio.act(id, Act::Pause);
    studio.act(id, add("Fri 10:00"));
    assert_eq!(studio.booking(id).status(), "paused");

    let (mut studio, id) = exhausted();
    studio.act(id, add("Thu 10:00"));
    assert_eq!(studio.heard(), ["ask ana drums @2", "ask cy bass @2"]);
    studio.until(at("Thu 10:00"));
    assert_eq!(studio.state(id), "expired");
    studio.heard();
    studio.act(id, add("Fri 10:00"));
    assert_eq!(studio.heard(), ["ask ana drums @3", "ask cy bass @3"]);

    let (mut studio, id) = booked();
    assert!(studio.refused(id, add("Fri 10:00")).contains("booked"));
}

/// Drop times: one that waits goes; the one being called dies and the next is called; it can be added once more.
#[test]
fn r7_2_drop_times() {
    let drop = |start: &str| Act::DropTimes(vec![hour(start)]);
    let (mut studio, id) = calling();
    assert!(studio.refused(id, drop("Fri 10:00")).contains("no such time"));
    studio.yes(id, "ana");
    studio.act(id, drop("Wed 10:00"));
    assert_eq!(studio.heard(), ["released ana @1", "ask ana drums @2", "ask cy bass @2"]);
    assert_eq!(studio.options(id), "1 Wed 10:00 dead, 2 Thu 10:00 called");
    studio.act(id, Act::AddTimes(vec![hour("Wed 10:00")]));
    assert_eq!(studio.options(id), "1 Wed 10:00 dead, 2 Thu 10:00 called, 3 Wed 10:00 waiting");
    studio.act(id, drop("Wed 10:00"));
    assert_eq!(studio.options(id), "1 Wed 10:00 dead, 2 Thu 10:00 called");
    studio.act(id, drop("Thu 10:00"));
    assert_eq!(studio.heard(), ["manager exhausted @2"]);
}

/// Drop times: one that has passed is none any more, whether or not anything has happened since.
#[test]
fn r7_2_a_time_that_has_passed_cannot_be_dropped() {
    let mut studio = Studio::with("drums: ana, bo");
    let id = studio.book("drums", &["Wed 10:00", "Mon 20:00"]);
    studio.act(id, Act::Pause);
    studio.until(at("Mon 20:00"));
    let why = studio.refused(id, Act::DropTimes(vec![hour("Mon 20:00")]));
    assert!(why.contains("no such time"), "{why}");
    studio.act(id, Act::DropTimes(vec![hour("Wed 10:00")]));
}

/// Drop the current time while paused: nothing leaves; resuming calls the next at once.
#[test]
fn r7_2_drop_the_current_time_while_paused() {
    let (mut studio, id) = calling();
    studio.act(id, Act::Pause);
    studio.act(id, Act::DropTimes(vec![hour("Wed 10:00")]));
    assert!(studio.heard().is_empty());
    studio.act(id, Act::Resume);
    assert_eq!(studio.heard(), ["ask ana drums @2", "ask cy bass @2"]);
}

/// Move a booked session: its holders are asked anew; those who say YES play.
#[test]
fn r7_2_move_asks_the_holders_anew() {
    let (mut studio, id) = booked();
    studio.act(id, Act::Move(hour("Fri 10:00")));
    assert_eq!(studio.heard(), ["client moved @3", "ask ana drums @3", "ask cy bass @3"]);
    assert_eq!(studio.booking(id).session(), Some(hour("Fri 10:00")));
    assert_eq!(studio.state(id), "booked, open until Mon 10:00");
    assert_eq!(studio.yes(id, "ana"), Outcome::Booked);
    assert_eq!(studio.yes(id, "cy"), Outcome::Booked);
    assert_eq!(studio.heard(), ["confirmed ana @3", "confirmed cy @3", "manager booked @3"]);
}

/// Silence within patience counts as a drop-out, told once; NO and OUT are one at once.
#[test]
fn r7_2_no_answer_to_a_move_is_a_drop_out() {
    let (mut studio, id) = booked();
    studio.act(id, Act::Move(hour("Fri 10:00")));
    studio.heard();
    studio.pass("1h");
    let lines = ["manager ana dropped out", "manager cy dropped out", "ask bo drums @3", "ask dee bass @3"];
    assert_eq!(studio.heard(), lines);
    assert_eq!(studio.yes(id, "ana"), Outcome::Booked, "still hers while the chair is open");
    studio.pass("5h");
    assert_eq!(studio.heard(), ["confirmed ana @3", "manager nobody steps in for bass"]);

    for by_text in [true, false] {
        let (mut studio, id) = booked();
        studio.act(id, Act::Move(hour("Fri 10:00")));
        studio.heard();
        let outcome = if by_text { studio.drops_out(id, "ana") } else { studio.no(id, "ana") };
        assert_eq!(outcome, Outcome::DroppedOut);
        assert_eq!(studio.heard(), ["manager ana dropped out", "ask bo drums @3"]);
    }
}

/// Moved twice: those who have not answered are asked about the last time as well.
#[test]
fn r7_2_move_twice() {
    let (mut studio, id) = booked();
    studio.act(id, Act::Move(hour("Fri 10:00")));
    studio.yes(id, "ana");
    studio.heard();
    studio.act(id, Act::Move(hour("Sat 10:00")));
    assert_eq!(studio.heard(), ["client moved @4", "ask ana drums @4", "ask cy bass @4"]);
    assert_eq!(studio.yes_at(id, "cy", 3), Outcome::Late(LateBecause::BookedElsewhere));
    assert!(studio.refused(id, Act::Move(hour("Sat 10:00"))).contains("already"));
    assert!(studio.refused(id, Act::Move(hour("Mon 08:00"))).contains("has passed"));
}

/// A chair that was open before the move is called for at once; one whose holder gets no texts is the manager's.
#[test]
fn r7_2_move_with_an_open_chair_and_without_texts() {
    let (mut studio, id) = booked();
    studio.drops_out(id, "cy");
    studio.stop("ana");
    studio.heard();
    studio.act(id, Act::Move(hour("Fri 10:00")));
    assert_eq!(studio.heard(), ["manager call ana", "client moved @3", "ask cy bass @3"]);
    assert_eq!(studio.yes(id, "ana"), Outcome::Booked, "the manager answers for her");
}

/// 4.6: who was never texted about the moved session, and counts as out of it, calls nobody by a STOP: somebody else is
/// being waited for.
#[test]
fn r4_6_a_stop_of_somebody_who_was_not_texted_calls_nobody() {
    let mut studio = Studio::with("drums: ana, bo, cy");
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.yes(id, "ana");
    studio.musician("ana").standing = MusicianStanding::Paused;
    studio.act(id, Act::Move(hour("Fri 10:00")));
    studio.pass("1h");
    assert_eq!(studio.heard().last().map(String::as_str), Some("ask bo drums @2"));
    studio.pass("10m");
    studio.stop("ana");
    studio.pass("0s");
    assert!(studio.heard().is_empty());
    studio.pass("50m");
    assert_eq!(studio.heard(), ["ask cy drums @2"]);
}

/// A move to a time that another session has is refused; and so is moving what is not booked.
#[test]
fn r7_2_move_is_refused() {
    let (mut studio, id) = booked();
    let other = studio.book("drums", &["Fri 10:00"]);
    assert!(studio.refused(other, Act::Move(hour("Sat 10:00"))).contains("only a booked session"));
    studio.yes(other, "ana");
    assert!(studio.refused(id, Act::Move(hour("Fri 10:30"))).contains("the studio is in session #"));
}

/// 7.4: cancelled: offers close, holders are released by text.
#[test]
fn r7_4_cancel_before_it_is_booked() {
    let (mut studio, id) = calling();
    studio.yes(id, "ana");
    studio.act(id, Act::Cancel);
    assert_eq!(studio.heard(), ["released ana @1", "client cancelled"]);
    assert_eq!(studio.yes(id, "cy"), Outcome::Late(LateBecause::Cancelled));
    assert_eq!(studio.state(id), "cancelled");
    assert!(studio.refused(id, Act::Cancel).contains("already"));
}

/// 7.4: a booked session is called off for everybody who believes that it is on.
#[test]
fn r7_4_cancel_a_booked_session() {
    let (mut studio, id) = booked();
    studio.act(id, Act::Move(hour("Fri 10:00")));
    studio.yes(id, "ana");
    studio.heard();
    studio.act(id, Act::Cancel);
    assert_eq!(studio.heard(), ["cancelled ana @3", "cancelled cy @3", "client cancelled"]);

    let (mut studio, id) = booked();
    studio.policy.quiet_hours = Some(crate::studio::hours(8, 20));
    studio.act(id, Act::Move(hour("Fri 10:00")));
    studio.act(id, Act::Cancel);
    let lines = ["client moved @3", "cancelled ana @1", "cancelled cy @1", "client cancelled"];
    assert_eq!(studio.heard(), lines, "the text of the move never left");
}

/// 7.2, answering for somebody who was asked by hand; their text may fail meanwhile.
#[test]
fn r7_2_answering_for_somebody() {
    let (mut studio, id) = calling();
    studio.delivered(id, "ana", Delivery::Failed(studio.now));
    assert_eq!(studio.yes(id, "ana"), Outcome::Held);
}
