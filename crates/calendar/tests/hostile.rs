//! Calendars that were written to cost much. Each is answered, or refused by name: never free.

#![allow(clippy::unwrap_used, reason = "a helper of tests may fail the test")]

use firstcall_calendar::{Calendar, Error, Reading};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;
use std::fmt::Write as _;

fn busy(text: &str) -> Result<Vec<Span>, Error> {
    let range = Span { start: "2026-11-20T00:00:00Z".parse().unwrap(), end: "2027-01-19T00:00:00Z".parse().unwrap() };
    let reading = Reading { tentative_blocks: true, ours: &|_| false };
    Calendar::read(text.as_bytes())?.busy(range, &TimeZone::UTC, &reading)
}

fn events(count: usize, lines: &str) -> String {
    let mut text = "BEGIN:VCALENDAR\n".to_owned();
    for number in 0..count {
        let _ = writeln!(text, "BEGIN:VEVENT\nUID:{number}\n{lines}\nEND:VEVENT");
    }
    text + "END:VCALENDAR\n"
}

fn rule(rule: &str) -> Result<Vec<Span>, Error> {
    busy(&events(1, &format!("DTSTART:00010101T090000Z\nDURATION:PT1S\nRRULE:{rule}")))
}

fn count(found: Result<Vec<Span>, Error>) -> usize {
    found.unwrap().len()
}

#[test]
fn rules_that_began_long_ago_cost_no_more_than_others() {
    let many = |rule: &str| busy(&events(5_000, &format!("DTSTART:00010101T090000Z\nDURATION:PT1S\nRRULE:{rule}")));
    assert_eq!(count(many("FREQ=DAILY")), 60);
    assert_eq!(count(many("FREQ=WEEKLY")), 9);
    assert_eq!(count(many("FREQ=MONTHLY")), 2);
    assert_eq!(count(many("FREQ=YEARLY")), 1);
    assert_eq!(count(many("FREQ=HOURLY;INTERVAL=24")), 60);
    assert_eq!(count(many("FREQ=MINUTELY;INTERVAL=1440")), 60);
    assert_eq!(count(many("FREQ=SECONDLY;INTERVAL=86400")), 60);
}

#[test]
fn rules_of_very_many_instances_are_merged_or_refused() {
    assert_eq!(count(rule("FREQ=SECONDLY")), 1);
    assert_eq!(count(rule("FREQ=DAILY;BYHOUR=0,1;BYMINUTE=0;BYSECOND=0,1")), 120);
    assert_eq!(rule("FREQ=SECONDLY;INTERVAL=2"), Err(Error::TooMuch("events in the range")));
    assert_eq!(rule("FREQ=SECONDLY;COUNT=999999999"), Err(Error::TooMuch("recurrence")));
    let several = events(20, "DTSTART:20260101T090000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY");
    assert_eq!(busy(&several), Err(Error::TooMuch("recurrence")));
}

#[test]
fn rules_without_an_instance_end() {
    for none in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
        "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1",
        "FREQ=DAILY;BYWEEKNO=53;BYYEARDAY=100",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=WEEKLY;BYSETPOS=8",
        "FREQ=SECONDLY;INTERVAL=999999999",
    ] {
        assert_eq!(rule(none), Ok(Vec::new()), "{none}");
    }
    let all: Vec<String> = (1..=366).flat_map(|day| [day.to_string(), format!("-{day}")]).collect();
    let all = all.join(",");
    assert_eq!(count(rule(&format!("FREQ=YEARLY;BYYEARDAY={all};BYSETPOS={all}"))), 60);
    let costly = format!("DTSTART:00010101T090000Z\nDURATION:PT1S\nRRULE:FREQ=YEARLY;COUNT=99999999;BYYEARDAY={all}");
    assert_eq!(busy(&events(200, &costly)), Err(Error::TooMuch("recurrence")));
    assert_eq!(rule(&format!("FREQ=SECONDLY;BYYEARDAY={all}")), Err(Error::TooMuch("recurrence")));
}

#[test]
fn a_hundred_thousand_events_are_read() {
    let mut text = "BEGIN:VCALENDAR\n".to_owned();
    for number in 0..100_000 {
        let _ = writeln!(
            text,
            "BEGIN:VEVENT\nUID:{number}@example.com\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Berlin:20{:02}{:02}{:02}T{:02}0000\n\
             DURATION:PT30M\nSUMMARY:Event\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT",
            10 + number / 24 % 20,
            1 + number % 12,
            1 + number % 28,
            number % 24
        );
    }
    assert!(count(busy(&(text + "END:VCALENDAR\n"))) > 10);
}

#[test]
fn floods_are_refused_by_name() {
    let too_much = |what| Err(Error::TooMuch(what));
    let dates = "RDATE:".to_owned() + &"20261201T120000Z,".repeat(50_000) + "20261201T120000Z\n";
    assert_eq!(busy(&events(1, &("DTSTART:20261201T120000Z\n".to_owned() + &dates.repeat(12)))), too_much("dates"));
    assert_eq!(busy(&events(1, &"RRULE:FREQ=DAILY\n".repeat(600_000))), too_much("dates"));
    assert_eq!(busy(&events(1, &("RDATE:".to_owned() + &"20261201,".repeat(200_000)))), too_much("one line"));
    let folded = "RDATE:".to_owned() + &"20261201,\n ".repeat(200_000);
    assert_eq!(busy(&events(1, &folded)), too_much("one line"));
    let deep = "BEGIN:VCALENDAR\n".to_owned() + &"BEGIN:X\n".repeat(100);
    assert_eq!(busy(&deep), too_much("components in components"));
    assert_eq!(busy(&events(600_000, "DTSTART:20200101")), too_much("components"));
    let zones: String = (0..2_000).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "BEGIN:VEVENT\nDTSTART;TZID=Z{number}:20200101T000000\nEND:VEVENT");
        text
    });
    assert_eq!(busy(&format!("BEGIN:VCALENDAR\n{zones}END:VCALENDAR")), too_much("zones"));
    let zone = "BEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\n\
        RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=Z:20200101T000000\nEND:VEVENT\n";
    assert_eq!(busy(&format!("BEGIN:VCALENDAR\n{zone}END:VCALENDAR")), too_much("changes of a clock"));
}

#[test]
fn changes_of_changes_are_refused() {
    let mut text = "BEGIN:VCALENDAR\n".to_owned();
    for second in 0..5_000 {
        let at = format!("20261201T{:02}{:02}{:02}Z", second / 3_600, second / 60 % 60, second % 60);
        let _ = writeln!(text, "BEGIN:VEVENT\nUID:a\nDTSTART:{at}\nDURATION:PT1S\nEND:VEVENT");
        let _ = writeln!(
            text,
            "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:{at}\nDTSTART:{at}\nDURATION:PT1S\nEND:VEVENT"
        );
    }
    assert_eq!(busy(&(text + "END:VCALENDAR\n")), Err(Error::TooMuch("recurrence")));
}
