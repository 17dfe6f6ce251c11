//! What holds for any reading: it says what is certain, in the form that the rest of the program relies on.

use std::collections::BTreeSet;

use firstcall_mail::{Context, Reading, Time};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, Zoned};

/// Checks a reading that was made in this context.
pub fn holds(reading: &Reading, context: &Context) {
    let json = serde_json::to_string(reading).expect("a reading can be written");
    assert_eq!(*reading, serde_json::from_str::<Reading>(&json).expect("and read back"));
    if reading.machine {
        assert_eq!(*reading, Reading { machine: true, ..Reading::default() }, "a machine asks for nothing");
        return;
    }
    problems(reading);
    instruments(reading, context);
    times(reading, context);
    dropped(reading, context);
    for link in &reading.links {
        // Pages make links of them: nothing but a web address may be one.
        let scheme = link.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        assert!(matches!(scheme.as_deref(), Some("http" | "https")), "no web address: {link:?}");
        assert!(!link.contains(|c: char| c.is_whitespace() || "<>\"".contains(c)), "more than a web address: {link:?}");
    }
    if let Some(email) = &reading.client.email {
        assert!(email.contains('@') && !email.contains(char::is_whitespace), "no address: {email:?}");
    }
}

/// Without problems it becomes a booking at once (rule 1.4), so that everything is there; each problem says something.
fn problems(reading: &Reading) {
    if reading.problems.is_empty() {
        assert!(reading.client.email.is_some(), "no client, and no problem");
        assert!(reading.time_zone.is_some(), "no zone, and no problem");
        assert!(!reading.instruments.is_empty(), "no instrument, and no problem");
        assert!(!reading.times.is_empty(), "no time, and no problem");
    }
    for (at, problem) in reading.problems.iter().enumerate() {
        assert!(!problem.message.trim().is_empty(), "a problem that says nothing");
        assert!(!reading.problems[..at].contains(problem), "said twice: {problem:?}");
    }
}

fn instruments(reading: &Reading, context: &Context) {
    let mut seen = BTreeSet::new();
    for chairs in &reading.instruments {
        assert!(chairs.count >= 1, "no chair of {}", chairs.instrument);
        assert!(context.instruments.iter().any(|known| known.name == chairs.instrument), "{}", chairs.instrument);
        assert!(seen.insert(&chairs.instrument), "{} is there twice", chairs.instrument);
    }
}

/// Every start is one moment in the client's zone, still ahead, once (rules 2.4, 2.6, 2.7).
fn times(reading: &Reading, context: &Context) {
    let mut seen = BTreeSet::new();
    for Time { start, length } in &reading.times {
        let zone = zone_of(reading);
        let at: Zoned = start.parse().unwrap_or_else(|e| panic!("{start}: {e}"));
        assert_eq!(at.time_zone(), &zone, "{start}: another zone");
        assert!(!zone.to_ambiguous_timestamp(at.datetime()).is_ambiguous(), "{start} is not one moment");
        assert!(at.timestamp() >= context.now + context.notice, "{start} is over or too soon");
        assert!(at.timestamp() < context.now + SignedDuration::from_hours(368 * 24), "{start} is too far away");
        assert!(seen.insert(at.timestamp()), "{start} is there twice");
        let length: Span = length.parse().unwrap_or_else(|e| panic!("{length}: {e}"));
        assert!(length.is_positive(), "{length}");
    }
    assert!(reading.times.windows(2).all(|pair| pair[0].length == pair[1].length), "two lengths");
}

/// What was left out says truly why.
fn dropped(reading: &Reading, context: &Context) {
    for dropped in &reading.dropped {
        let zone = zone_of(reading);
        let start = &dropped.start;
        let moment = || start.parse::<Zoned>().unwrap_or_else(|e| panic!("{start}: {e}")).timestamp();
        match dropped.reason.as_str() {
            "past" => assert!(moment() < context.now, "{start} is not over"),
            "notice" => assert!((context.now..context.now + context.notice).contains(&moment()), "{start} is not soon"),
            "does_not_exist" => assert!(is_gap(start, &zone), "{start} exists"),
            "happens_twice" => assert!(is_fold(start, &zone), "{start} happens once"),
            reason => panic!("dropped because of {reason:?}"),
        }
    }
}

fn is_gap(start: &str, zone: &TimeZone) -> bool {
    let (before, after) = around(start, zone);
    before.1 && after.1 && before.0 != after.0
}

fn is_fold(start: &str, zone: &TimeZone) -> bool {
    let (before, after) = around(start, zone);
    !before.1 && !after.1 && before.0 != after.0
}

/// The two moments that a wall clock's reading may mean by the offsets before and after; with each, whether the zone's
/// clock shows something else at that moment.
fn around(start: &str, zone: &TimeZone) -> ((Timestamp, bool), (Timestamp, bool)) {
    let wall: DateTime = start.split('[').next().and_then(|s| s.parse().ok()).expect("a wall clock's reading");
    let guess = wall.to_zoned(TimeZone::UTC).expect("a moment").timestamp();
    let moment = |days: i64| {
        let offset = zone.to_offset(guess + SignedDuration::from_hours(24 * days));
        let moment = offset.to_timestamp(wall).expect("a moment");
        (moment, moment.to_zoned(zone.clone()).datetime() != wall)
    };
    (moment(-1), moment(1))
}

fn zone_of(reading: &Reading) -> TimeZone {
    let name = reading.time_zone.as_deref().expect("times have a zone");
    TimeZone::get(name).unwrap_or_else(|_| {
        let noon = format!("2026-01-01T12:00{name}[{name}]");
        noon.parse::<Zoned>().unwrap_or_else(|e| panic!("{name}: {e}")).time_zone().clone()
    })
}
