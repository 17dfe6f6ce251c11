//! Rules 3.1–3.8: which times are possible, in which order, and who is asked first.

use crate::studio::{Studio, at, hour, hours};
use firstcall_core::policy::{OpeningHours, Ranking};
use firstcall_core::roster::MusicianStanding;
use jiff::SignedDuration;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

/// 3.1: inside opening hours, of which ranges that touch count as one.
#[test]
fn r3_1_the_studio_is_free_inside_its_opening_hours() {
    let mut studio = Studio::with("drums: ana");
    let mut open = OpeningHours::default();
    open.open(Weekday::Wednesday, hours(10, 14));
    open.open(Weekday::Wednesday, hours(14, 16));
    open.open(Weekday::Wednesday, hours(22, 2));
    studio.policy.opening_hours = Some(open);
    let id = studio.book(
        "drums",
        &["Wed 09:30", "Wed 10:00", "Wed 13:30", "Wed 15:30", "Wed 16:00", "Wed 23:30", "Thu 01:00", "Thu 10:00"],
    );
    let options = "1 Wed 10:00 called, 2 Wed 13:30 waiting, 3 Wed 23:30 waiting, 4 Thu 01:00 waiting";
    assert_eq!(studio.options(id), options);
}

/// 3.1: no closure, and no other booked session, overlaps; intervals are half-open (2.1).
#[test]
fn r3_1_the_studio_is_not_free_during_a_closure_or_another_session() {
    let mut studio = Studio::with("drums: ana, bo");
    studio.is_closed("Wed 10:00");
    let first = studio.book("drums", &["Wed 12:00"]);
    studio.yes(first, "ana");
    let id = studio.book("drums", &["Wed 09:30", "Wed 11:00", "Wed 12:30", "Wed 13:00"]);
    assert_eq!(studio.options(id), "1 Wed 11:00 called, 2 Wed 13:00 waiting");
}

/// 3.2: active, plays the instrument, nothing overlaps: no block, no hold, no session.
#[test]
fn r3_2_a_musician_is_available_when_nothing_keeps_them() {
    let mut studio = Studio::with("drums: away, held, paused, opted, removed, free; bass: held, other");
    studio.is_away("away", "Wed 10:00");
    for (name, standing) in [
        ("paused", MusicianStanding::Paused),
        ("opted", MusicianStanding::OptedOut),
        ("removed", MusicianStanding::Removed),
    ] {
        studio.musician(name).standing = standing;
    }
    let holding = studio.book("bass, drums", &["Wed 10:30"]);
    studio.yes(holding, "held");
    studio.heard();
    studio.book("drums", &["Wed 10:00"]);
    assert_eq!(studio.heard(), ["#2 ask free drums @1"]);
}

/// 3.2: widened by the travel gap on both sides.
#[test]
fn r3_2_travel_widens_a_session() {
    let mut studio = Studio::with("drums: ana");
    studio.policy.travel_gap = SignedDuration::from_mins(30);
    studio.is_away("ana", "Wed 12:00");
    let id = studio.book("drums", &["Wed 10:30", "Wed 10:45", "Wed 13:15", "Wed 13:30"]);
    assert_eq!(studio.options(id), "1 Wed 10:30 called, 2 Wed 13:30 waiting");
}

/// 3.4: somebody who plays both fills one chair, not two.
#[test]
fn r3_4_every_chair_needs_a_different_musician() {
    let mut studio = Studio::with("acoustic_guitar: ana; electric_guitar: ana");
    let id = studio.book("acoustic_guitar, electric_guitar", &["Wed 10:00"]);
    assert_eq!(studio.state(id), "no_times until Wed 10:00");
    let why = "manager no times: too few different people for acoustic guitar, electric guitar";
    assert_eq!(studio.heard(), [why]);
}

/// 3.5: sessions that lie inside prime hours first, from earliest to latest, then all the others.
#[test]
fn r3_5_prime_hours_come_first() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["Wed 19:00", "Wed 17:30", "Thu 10:00", "Wed 09:00", "Wed 17:00", "Wed 10:00"]);
    let options = "1 Wed 10:00 called, 2 Wed 17:00 waiting, 3 Thu 10:00 waiting, \
        4 Wed 09:00 waiting, 5 Wed 17:30 waiting, 6 Wed 19:00 waiting";
    assert_eq!(studio.options(id), options);
}

/// 3.5: prime hours are the studio's wall clock, on both sides of a clock change (7 March 2027 at 2:00 it is summer).
#[test]
fn r3_5_prime_hours_follow_the_studios_clock() {
    let mut studio = Studio::with("drums: ana");
    let id = studio.book("drums", &["2027-03-13 09:30", "2027-03-13 10:00", "2027-03-14 10:00", "2027-03-14 17:30"]);
    let primes: Vec<bool> =
        studio.booking(id).options.iter().map(|option| studio.policy.is_prime(&option.time)).collect();
    assert_eq!(primes, [true, true, false, false]);
    studio.policy.zone = TimeZone::get("America/Los_Angeles").unwrap();
    assert!(!studio.policy.is_prime(&hour("Wed 10:00")), "10:00 in New York is 7:00 in Los Angeles");
    assert!(studio.policy.is_prime(&hour("Wed 13:00")));
}

/// 3.6: whole studio-calendar days since they were last booked, smallest first, never booked last, ties by place.
#[test]
fn r3_6_most_recently_booked_first() {
    let mut studio = Studio::with("drums: never, old, tie, evening, morning");
    studio.now = at("Mon 09:00");
    for (name, last) in [
        ("old", "2026-11-20 12:00"),
        ("tie", "2026-11-28 23:00"),
        ("evening", "2026-11-29 23:30"),
        ("morning", "2026-11-29 00:10"),
    ] {
        studio.musician(name).last_booked_at = Some(at(last));
    }
    let id = studio.book("drums", &["Wed 10:00"]);
    studio.pass("4h");
    // Evening and morning are both yesterday: the place in the call list decides.
    let order = ["evening", "morning", "tie", "old", "never"].map(|name| format!("ask {name} drums @1"));
    assert_eq!(studio.heard(), order);
    assert_eq!(studio.state(id), "calling until Mon 14:00");
}

/// 3.6: "rested first" and "call list".
#[test]
fn r3_6_other_rankings() {
    for (ranking, order) in
        [(Ranking::RestedFirst, ["never", "old", "new"]), (Ranking::CallList, ["new", "never", "old"])]
    {
        let mut studio = Studio::with("drums: new, never, old");
        studio.policy.ranking = ranking;
        studio.musician("new").last_booked_at = Some(at("2026-11-29 12:00"));
        studio.musician("old").last_booked_at = Some(at("2026-11-01 12:00"));
        studio.book("drums", &["Wed 10:00"]);
        studio.pass("2h");
        assert_eq!(studio.heard(), order.map(|name| format!("ask {name} drums @1")), "{ranking:?}");
    }
}

/// 3.6: counted from when they were booked, on any instrument, not from the session's date.
#[test]
fn r3_6_the_moment_of_booking_counts() {
    let mut studio = Studio::with("drums: ana, bo; bass: bo");
    let bass = studio.book("bass", &["2027-06-01 10:00"]);
    studio.yes(bass, "bo");
    studio.pass("24h");
    studio.heard();
    studio.book("drums", &["Thu 10:00"]);
    assert_eq!(studio.heard(), ["#2 ask bo drums @1"]);
}

/// 3.6: who holds an earlier option of the same booking comes first.
#[test]
fn r3_6_holders_of_an_earlier_option_come_first() {
    let mut studio = Studio::with("drums: ana, bo; bass: cy");
    studio.is_away("ana", "Wed 10:00");
    let id = studio.book("drums, bass", &["Wed 10:00", "Thu 10:00"]);
    studio.yes(id, "bo");
    studio.heard();
    studio.pass("1h");
    assert_eq!(studio.heard(), ["ask bo drums @2", "ask cy bass @2"]);
}

/// 3.7: where two chairs want the same person, the smallest total rank wins.
#[test]
fn r3_7_doublers_go_where_the_total_is_smallest() {
    let mut studio = Studio::with("acoustic_guitar: ana, bo, cy; electric_guitar: ana, dee");
    studio.is_away("bo", "Wed 10:00");
    // Both rank ana first, and both have a second: equal totals, so the earlier chair has her.
    studio.book("acoustic_guitar, electric_guitar", &["Wed 10:00"]);
    assert_eq!(studio.heard(), ["ask ana acoustic guitar @1", "ask dee electric guitar @1"]);
    // Only ana is left for electric guitar: the chair that has somebody else gives way.
    studio.is_away("dee", "Thu 10:00");
    studio.book("acoustic_guitar, electric_guitar", &["Thu 10:00"]);
    assert_eq!(studio.heard(), ["#2 ask bo acoustic guitar @1", "#2 ask ana electric guitar @1"]);
}

/// 3.7 in a later wave: a chair that has nobody left to ask takes nobody from the others.
#[test]
fn r3_7_a_chair_with_nobody_left_takes_nobody_away() {
    let mut studio = Studio::with("trumpet: ana; drums: bo, cy; bass: dee, eve, cy, fay, gus; violin: hal");
    studio.book("trumpet, drums, bass, violin", &["Wed 10:00"]);
    studio.heard();
    studio.pass("1h");
    assert_eq!(studio.heard(), ["ask cy drums @1", "ask eve bass @1"]);
}

/// 3.8: kept as `no_times`, nobody is texted, and the manager is told with the reason for each time and chair.
#[test]
fn r3_8_no_possible_time_says_why() {
    let mut studio = Studio::with("drums: ana, bo; trumpet: cy");
    studio.is_away("ana", "Wed 10:00");
    studio.musician("bo").standing = MusicianStanding::Paused;
    studio.is_closed("Thu 10:00");
    let id = studio.book("drums, tuba", &["Wed 10:00", "Thu 10:00"]);
    let why = "manager no times: no drums: ana is away, bo is paused; no tuba: nobody on the roster plays it / \
        the studio is closed; no tuba: nobody on the roster plays it";
    assert_eq!(studio.heard(), [why]);
    assert_eq!(studio.state(id), "no_times until Thu 10:00");
    studio.until(at("Fri 10:00"));
    assert_eq!((studio.state(id).as_str(), studio.heard()), ("expired", vec!["manager expired".to_owned()]));
}

/// 2.7 and 4.10: a time that is sooner than the notice is not possible.
#[test]
fn r2_7_too_soon_is_not_possible() {
    let mut studio = Studio::with("drums: ana");
    studio.policy.notice = SignedDuration::from_hours(2);
    let id = studio.book("drums", &["Mon 11:00", "Mon 11:01"]);
    assert_eq!(studio.options(id), "1 Mon 11:01 called");
}
