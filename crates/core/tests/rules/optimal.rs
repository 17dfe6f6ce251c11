//! Planning against brute force, on instances small enough to try everything.

use crate::studio::{Studio, hours};
use firstcall_core::availability::{Busy, BusyWith, Facts};
use firstcall_core::booking::{Booking, Chair, Request};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId};
use firstcall_core::planning::{Candidates, can_fill, is_possible, line_up, plan, rank};
use firstcall_core::policy::{ClockRange, OpeningHours};
use firstcall_core::roster::{MusicianStanding, Roster};
use firstcall_core::span::Span;
use jiff::civil::{Time, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Up to four chairs, each with some of five musicians in some order.
fn lists() -> impl Strategy<Value = Vec<Candidates>> {
    let ranked = Just((1..=5).map(MusicianId).collect::<Vec<_>>()).prop_shuffle();
    let list = (ranked, 0_usize..=5).prop_map(|(mut all, count)| {
        all.truncate(count);
        all
    });
    prop::collection::vec(list, 0..=4).prop_map(|lists| {
        let numbered = lists.into_iter().zip(0..);
        numbered.map(|(musicians, no)| Candidates { chair: ChairNo(no), musicians }).collect()
    })
}

/// Every way to seat the chairs: for each the rank of its musician, or none.
fn every_seating(lists: &[Candidates]) -> Vec<Vec<Option<usize>>> {
    let Some((first, rest)) = lists.split_last() else { return vec![Vec::new()] };
    let choices = |taken: &[Option<usize>]| {
        let seated: Vec<MusicianId> =
            taken.iter().zip(rest).filter_map(|(rank, list)| Some(list.musicians[(*rank)?])).collect();
        let free = (0..first.musicians.len()).filter(move |&rank| !seated.contains(&first.musicians[rank]));
        free.map(Some).chain([None])
    };
    let mut seatings = Vec::new();
    for before in every_seating(rest) {
        for choice in choices(&before) {
            let mut seating = before.clone();
            seating.push(choice);
            seatings.push(seating);
        }
    }
    seatings
}

/// Rule 3.7: most chairs, then the smallest total rank, then the best rank for the earlier chair.
fn worth(seating: &[Option<usize>]) -> (usize, usize, Vec<usize>) {
    let empty = seating.iter().filter(|rank| rank.is_none()).count();
    (empty, seating.iter().flatten().sum(), seating.iter().map(|rank| rank.unwrap_or(usize::MAX)).collect())
}

fn span(start: i64, length: i64) -> Span {
    let start = Timestamp::from_second(1_796_000_000 + start * 60).unwrap();
    Span::new(start, SignedDuration::from_mins(length))
}

/// Half-hours of the day, for opening hours that may run over midnight.
fn ranges() -> impl Strategy<Value = Vec<(i8, i8, i8)>> {
    prop::collection::vec((0_i8..7, 0_i8..48, 0_i8..48), 0..6)
}

fn clock(half_hours: i8) -> Time {
    Time::constant(half_hours / 2, half_hours % 2 * 30, 0, 0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r3_7_a_line_up_is_the_best_there_is(lists in lists()) {
        let seats = line_up(&lists);
        let rank = |list: &Candidates| {
            let musician = seats.iter().find(|seat| seat.0 == list.chair)?.1;
            list.musicians.iter().position(|&m| m == musician)
        };
        let found: Vec<Option<usize>> = lists.iter().map(rank).collect();
        let best = every_seating(&lists).into_iter().map(|seating| worth(&seating)).min();
        prop_assert_eq!(Some(worth(&found)), best);
        let mut people: Vec<MusicianId> = seats.iter().map(|seat| seat.1).collect();
        people.sort_unstable();
        people.dedup();
        prop_assert_eq!(people.len(), seats.len(), "everyone at most once");
    }

    #[test]
    fn r3_4_can_fill_says_what_trying_everything_says(lists in lists()) {
        let full = every_seating(&lists).iter().any(|seating| seating.iter().all(Option::is_some));
        prop_assert_eq!(can_fill(&lists), full);
    }

    /// Rules 3.1–3.4: planning many times says what asking about each of them says.
    #[test]
    fn r3_4_planning_agrees_with_asking_about_each_time(
        busy in prop::collection::vec((0_usize..7, 0_i64..600, 0_i64..90), 0..40),
        times in prop::collection::vec((0_i64..600, 15_i64..120), 1..12),
        gap in 0_i64..20,
        paused in 0_usize..6,
    ) {
        let mut studio = Studio::with("drums: ana, bo, cy; bass: cy, dee, ana");
        studio.policy.travel_gap = SignedDuration::from_mins(gap);
        if let Some(musician) = studio.people.get_mut(paused) {
            musician.standing = MusicianStanding::Paused;
        }
        let mut taken = Busy::default();
        for (who, start, length) in busy {
            match studio.people.get(who) {
                Some(musician) => taken.add(musician.id, span(start, length), BusyWith::Block),
                None => taken.add_studio(span(start, length / 8), BusyWith::Block),
            }
        }
        let times: Vec<Span> = times.into_iter().map(|(start, length)| span(start, length)).collect();
        let now = span(60, 0).start;
        let chairs = Chair::list([("drums", 1), ("bass", 2)]);
        let booking = Booking::new(BookingId(1), now, Request::default(), chairs, times.clone());
        let roster = Roster::new(studio.people.clone());
        let facts = Facts { roster: &roster, busy: &taken };
        let ranked = rank(&booking, now, &facts, &studio.policy);
        let mut one_by_one = times;
        one_by_one.retain(|time| is_possible(&booking, time, now, &ranked, &facts, &studio.policy));
        one_by_one.sort_unstable();
        one_by_one.dedup();
        let mut planned: Vec<Span> = plan(&booking, now, &facts, &studio.policy).iter().map(|o| o.time).collect();
        planned.sort_unstable();
        prop_assert_eq!(planned, one_by_one);
    }

    /// Rule 2.1: half-open.
    #[test]
    fn r2_1_spans_overlap_when_they_share_an_instant(a in 0_i64..60, b in 0_i64..60, c in 1_i64..30, d in 1_i64..30) {
        let (one, other) = (span(a, c), span(b, d));
        let share = (0..120).any(|minute| {
            let at = span(minute, 0).start;
            one.start <= at && at < one.end && other.start <= at && at < other.end
        });
        prop_assert_eq!(one.overlaps(&other), share);
        prop_assert_eq!(other.overlaps(&one), share);
        prop_assert_eq!(one.widened(SignedDuration::from_mins(5)).length(), one.length() + SignedDuration::from_mins(10));
    }

    /// Rules 3.2, 5.4: what is in the way is in the way on both sides of the travel gap, and nothing else is.
    #[test]
    fn r3_2_what_overlaps_is_found_wherever_it_was_added(
        added in prop::collection::vec((0_i64..3, 0_i64..300, 0_i64..60, any::<bool>()), 0..20),
        start in 0_i64..300, length in 1_i64..90, gap in 0_i64..30,
    ) {
        let policy = firstcall_core::policy::Policy { travel_gap: SignedDuration::from_mins(gap), ..crate::studio::policy() };
        let with = |held: bool| if held { BusyWith::Hold(BookingId(7)) } else { BusyWith::Block };
        let mut busy = Busy::default();
        for &(who, start, length, held) in &added {
            busy.add(MusicianId(who), span(start, length), with(held));
        }
        let time = span(start, length);
        for who in 0..3 {
            let in_the_way = |&&(whose, from, lasts, _): &&(i64, i64, i64, bool)| {
                whose == who && from < start + length + gap && start - gap < from + lasts
            };
            let found = busy.of(MusicianId(who), &time, &policy);
            prop_assert_eq!(found.is_some(), added.iter().any(|each| in_the_way(&each)));
            let held = busy.commitment(MusicianId(who), &time, &policy);
            prop_assert_eq!(held.is_some(), added.iter().any(|each| in_the_way(&each) && each.3));
        }
    }

    /// Rule 3.1: a session is inside opening hours when each of its minutes is; clock changes included.
    #[test]
    fn r3_1_opening_hours_contain_what_is_inside_minute_by_minute(
        ranges in ranges(), day in 0_i8..14, start in 0_i64..48, length in 1_i64..8,
    ) {
        let zone = TimeZone::get("America/New_York").unwrap();
        let mut open = OpeningHours::default();
        let ranges: Vec<(Weekday, ClockRange)> = ranges.into_iter().map(|(day, from, to)| {
            (Weekday::from_monday_zero_offset(day).unwrap(), ClockRange { from: clock(from), to: clock(to) })
        }).collect();
        for &(day, range) in &ranges {
            open.open(day, range);
        }
        // A fortnight around the clock change of 14 March 2027.
        let midnight = date(2027, 3, 7).saturating_add(SignedDuration::from_hours(24) * i32::from(day))
            .to_zoned(zone.clone()).unwrap().timestamp();
        let session = Span::new(midnight + SignedDuration::from_mins(30 * start), SignedDuration::from_mins(30 * length));
        let is_open = |at: Timestamp| {
            let today = at.to_zoned(zone.clone()).date();
            let days = [today.yesterday().unwrap(), today];
            days.into_iter().any(|day| ranges.iter().filter(|(weekday, _)| *weekday == day.weekday()).any(|(_, range)| {
                range.on(day, &zone).is_some_and(|span| span.start <= at && at < span.end)
            }))
        };
        let inside = (0..30 * length).all(|minute| is_open(session.start + SignedDuration::from_mins(minute)));
        prop_assert_eq!(open.contain(&session, &zone), inside);
    }

    /// Rule 4.7: what may leave leaves at the first moment that is not quiet.
    #[test]
    fn r4_7_texts_leave_at_the_first_moment_that_is_not_quiet(minute in 0_i64..20_000, from in 0_i8..24, to in 0_i8..24) {
        prop_assume!(from != to);
        let zone = TimeZone::get("America/New_York").unwrap();
        let mut policy = crate::studio::policy();
        let quiet = hours(from, to);
        policy.quiet_hours = Some(quiet);
        let now = date(2027, 3, 7).to_zoned(zone.clone()).unwrap().timestamp() + SignedDuration::from_mins(minute);
        let leaves = policy.may_leave(now, &zone);
        prop_assert!(leaves >= now);
        prop_assert!(quiet.around(leaves, &zone).is_none(), "it leaves in quiet hours");
        prop_assert!(leaves == now || quiet.around(leaves - SignedDuration::from_secs(1), &zone).is_some());
        prop_assert_eq!(leaves == now, quiet.around(now, &zone).is_none());
    }
}

/// Rule 4.7: on the night in which the clock skips the one hour that is not quiet, nothing leaves before the next.
#[test]
fn r4_7_a_skipped_hour_lets_nothing_leave() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let mut policy = crate::studio::policy();
    policy.quiet_hours = Some(hours(3, 2));
    let before = date(2027, 3, 13).at(3, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp();
    let next_night = date(2027, 3, 15).at(2, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp();
    assert_eq!(policy.may_leave(before, &zone), next_night);
}

fn list(chair: u16, musicians: &[i64]) -> Candidates {
    Candidates { chair: ChairNo(chair), musicians: musicians.iter().copied().map(MusicianId).collect() }
}

/// Rule 3.7: where two chairs want the last musician, it is the earlier one that gets them, and the later stays empty.
#[test]
fn r3_7_the_earlier_chair_has_the_last_musician() {
    let seats = line_up(&[list(0, &[1]), list(1, &[1, 2]), list(2, &[1, 2])]);
    assert_eq!(seats, [(ChairNo(0), MusicianId(1)), (ChairNo(1), MusicianId(2))]);
}

/// Rule 3.7, where it is as hard as it gets: 60 chairs that the same 60 musicians can play, in the same order. It takes a
/// moment, and not half a minute.
#[test]
#[allow(clippy::disallowed_methods, reason = "this one measures time")]
fn an_orchestra_is_seated_in_a_moment() {
    let musicians: Vec<i64> = (1..=60).collect();
    let lists: Vec<Candidates> = (0..60).map(|chair| list(chair, &musicians)).collect();
    let begun = Instant::now();
    let seats = line_up(&lists);
    assert_eq!(seats.iter().map(|(_, musician)| musician.0).collect::<Vec<_>>(), musicians);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
