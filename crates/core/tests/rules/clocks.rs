//! Every zone and every change of its clock from 2000 to 2040: what leaves when, what is open, and what texts say. The
//! answers are compared with arithmetic on the zone's offset from UTC alone.

use crate::studio::{hours, policy};
use firstcall_core::policy::{OpeningHours, Policy};
use firstcall_core::span::Span;
use firstcall_core::wording;
use jiff::civil::{Weekday, time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

/// A zone with the changes of its clock: when, and to how many seconds from UTC.
type Clock = (TimeZone, Vec<(Timestamp, i32)>);

/// Zones that are one clock under several names are there once.
fn clocks() -> Vec<Clock> {
    let (since, until) = ("2000-01-01T00:00Z".parse().unwrap(), "2041-01-01T00:00Z".parse::<Timestamp>().unwrap());
    let mut seen = HashSet::new();
    let mut clocks = Vec::new();
    for name in TimeZoneDatabase::bundled().available() {
        let zone = TimeZone::get(name.as_str()).unwrap();
        let mut offset = zone.to_offset(since).seconds();
        let mut changes = vec![(since, offset)];
        for change in zone.following(since).take_while(|change| change.timestamp() < until) {
            let next = change.offset().seconds();
            if offset != next {
                changes.push((change.timestamp(), next));
            }
            offset = next;
        }
        if seen.insert(changes.clone()) {
            clocks.push((zone, changes));
        }
    }
    assert!(clocks.len() > 150, "only {} clocks", clocks.len());
    clocks
}

/// What the zone's clock shows, in seconds of the day, by its offset alone.
fn second_of_day(at: Timestamp, zone: &TimeZone) -> i64 {
    (at.as_second() + i64::from(zone.to_offset(at).seconds())).rem_euclid(86_400)
}

/// Moments around a change: just before, at and after it, and the hours in which its day's other hours begin and end.
fn around(change: Timestamp) -> impl Iterator<Item = Timestamp> {
    let minutes = [-1440, -720, -61, -1, 0, 1, 59, 120, 420, 1080];
    minutes.into_iter().map(move |minutes| change + SignedDuration::from_mins(minutes))
}

/// Rule 4.7: nothing leaves between 21:00 and 9:00 of the recipient's clock, and what waits leaves as soon as it may.
fn nothing_leaves_in_quiet_hours(zone: &TimeZone, change: Timestamp, policy: &Policy) {
    let quiet = |at| !(9 * 3600..21 * 3600).contains(&second_of_day(at, zone));
    for now in around(change) {
        let leaves = policy.may_leave(now, zone);
        assert!(leaves >= now, "{now} {zone:?}: it goes back to {leaves}");
        assert!(!quiet(leaves), "{now} {zone:?}: {leaves} is quiet");
        let before = leaves - SignedDuration::from_secs(1);
        assert!(leaves == now || quiet(before), "{now} {zone:?}: {leaves} is later than it must be");
        assert_eq!(leaves == now, !quiet(now), "{now} {zone:?}");
    }
}

#[test]
fn r4_7_nothing_leaves_in_quiet_hours_by_any_clock() {
    let policy = Policy { quiet_hours: Some(hours(21, 9)), ..policy() };
    for (zone, changes) in clocks() {
        for (change, _) in changes {
            nothing_leaves_in_quiet_hours(&zone, change, &policy);
        }
    }
}

/// Rule 3.1: a studio that is open day and night is always open, and one with hours is open when its clock says so.
#[test]
fn r3_1_opening_hours_are_the_clocks_of_every_zone() {
    let (mut always, mut days) = (OpeningHours::default(), OpeningHours::default());
    for day in (0..7).map(|day| Weekday::from_monday_zero_offset(day).unwrap()) {
        always.open(day, hours(0, 0));
        days.open(day, hours(10, 18));
    }
    for (zone, changes) in clocks() {
        for (change, _) in changes {
            for start in around(change) {
                let session = Span::new(start, SignedDuration::from_mins(60));
                assert!(always.contain(&session, &zone), "{session:?} {zone:?}");
                // No clock changes between 10:00 and 18:00, so that the ends decide.
                let from = second_of_day(start, &zone);
                let inside = from >= 10 * 3600 && from + 3600 <= 18 * 3600;
                assert_eq!(days.contain(&session, &zone), inside, "{session:?} {zone:?}");
            }
        }
    }
}

/// Rule 2.1: texts say what the studio's clock shows.
#[test]
fn r2_1_texts_say_what_the_clock_shows() {
    for (zone, changes) in clocks() {
        for (change, _) in changes {
            for at in around(change) {
                let offset = i64::from(zone.to_offset(at).seconds());
                let shown = Timestamp::from_second(at.as_second() + offset).unwrap().to_zoned(TimeZone::UTC);
                let (hour, minute) = (shown.hour(), shown.minute());
                let half = if hour < 12 { "am" } else { "pm" };
                let minutes = if minute == 0 { String::new() } else { format!(".{minute:02}") };
                let clock = format!("{}{minutes}{half}", (hour + 11) % 12 + 1);
                let day = format!("{:?}", shown.weekday());
                let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
                let month = months[usize::from(shown.month().unsigned_abs()) - 1];
                let expected = format!("{} {} {month} {clock}", &day[..3], shown.day());
                assert_eq!(wording::start(at, &zone), expected, "{at} {zone:?}");
            }
        }
    }
}

/// Rule 2.1: a short name such as "ET" stands for the clock that people know under it, and for no other.
#[test]
fn r2_1_a_short_name_of_a_zone_is_that_zone_s_clock() {
    let known = [
        ("ET", "America/New_York"),
        ("CT", "America/Chicago"),
        ("MT", "America/Denver"),
        ("PT", "America/Los_Angeles"),
    ]
    .map(|(name, zone)| (name, TimeZone::get(zone).unwrap()));
    for name in TimeZoneDatabase::bundled().available() {
        let zone = TimeZone::get(name.as_str()).unwrap();
        for month in 1..=12 {
            let at = jiff::civil::date(2027, month, 15).to_datetime(time(12, 0, 0, 0));
            let at = at.to_zoned(TimeZone::UTC).unwrap().timestamp();
            let said = wording::zone_name(at, &zone);
            assert!(!said.is_empty() && !said.contains(' '), "{name}: {said:?}");
            if let Some((_, clock)) = known.iter().find(|(short, _)| *short == said) {
                assert_eq!(zone.to_offset(at), clock.to_offset(at), "{name} is called {said} at {at}");
            }
        }
    }
}
