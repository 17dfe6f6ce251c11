//! What we write is read back: by ourselves, and by PyPI `icalendar`.

#![allow(clippy::expect_used, reason = "a helper of tests may fail the test")]

use firstcall_calendar::{Calendar, Event, Method, Person, Reading, Status};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::io::Write as _;
use std::process::{Command, Stdio};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn event(zone: &TimeZone, time: Span) -> Event<'_> {
    Event {
        uid: "booking-7@calls.example.com",
        sequence: 3,
        stamp: at("2026-12-01T14:30:00Z"),
        time,
        zone,
        title: "Session: drums; Fern Room",
        place: Some("14 Canal Yard, New York"),
        description: "Line-up:\nAda Okafor\\drums – a line that is long enough to be folded, ééééééééééééééééééé👍🏽👍🏽👍🏽",
        url: Some("https://calls.example.com/s/x\r\nX-EVIL:1"),
        organizer: Some(Person { name: "First \"Call\"\r\nX-EVIL:1", email: "desk@calls.example.com" }),
        attendee: Some(Person { name: "Ada, Okafor", email: "ada@example.com" }),
        status: Status::Confirmed,
    }
}

fn read_back(text: &str, time: Span) -> Vec<Span> {
    let range = time.widened(SignedDuration::from_hours(100));
    let reading = Reading { tentative_blocks: true, ours: &|_| false };
    let calendar = Calendar::read(text.as_bytes()).expect("a calendar");
    calendar.busy(range, &TimeZone::get("Asia/Tokyo").expect("a zone"), &reading).expect("an answer")
}

#[test]
fn the_text_is_what_calendars_read() {
    let zone = TimeZone::get("America/New_York").expect("a zone");
    let time = Span { start: at("2026-12-02T15:00:00Z"), end: at("2026-12-02T16:00:00Z") };
    let text = event(&zone, time).to_ics(Some(Method::Request));
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
    let unfolded = text.replace("\r\n ", "");
    let lines: Vec<&str> = unfolded.split("\r\n").collect();
    for line in [
        "METHOD:REQUEST",
        "UID:booking-7@calls.example.com",
        "DTSTAMP:20261201T143000Z",
        "SEQUENCE:3",
        "DTSTART;TZID=America/New_York:20261202T100000",
        "DTEND;TZID=America/New_York:20261202T110000",
        "SUMMARY:Session: drums\\; Fern Room",
        "LOCATION:14 Canal Yard\\, New York",
        "URL:https://calls.example.com/s/xX-EVIL:1",
        "ORGANIZER;CN=\"First 'Call'X-EVIL:1\":mailto:desk@calls.example.com",
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE;CN=\"Ada, Okafor\":mailto:ada@example.com",
        "STATUS:CONFIRMED",
    ] {
        assert!(lines.contains(&line), "{line}\n{unfolded}");
    }
    let zone_lines = "BEGIN:VTIMEZONE\r\nTZID:America/New_York\r\n\
        BEGIN:STANDARD\r\nDTSTART:20251102T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nEND:DAYLIGHT\r\n\
        BEGIN:STANDARD\r\nDTSTART:20261101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\nEND:STANDARD\r\n\
        END:VTIMEZONE\r\n";
    assert!(text.contains(zone_lines), "{text}");
    assert_eq!(read_back(&text, time), [time]);
}

#[test]
fn what_was_cancelled_is_cancelled_and_a_server_is_asked_to_send_nothing() {
    let zone = TimeZone::UTC;
    let time = Span { start: at("2026-12-02T15:00:00Z"), end: at("2026-12-02T16:00:00Z") };
    let cancel = event(&zone, time).to_ics(Some(Method::Cancel));
    assert!(cancel.contains("METHOD:CANCEL\r\n") && cancel.contains("STATUS:CANCELLED\r\n"), "{cancel}");
    assert!(cancel.contains("DTSTART:20261202T150000Z\r\n") && !cancel.contains("VTIMEZONE"), "{cancel}");
    assert_eq!(read_back(&cancel, time), []);
    let kept = event(&zone, time).to_ics(None).replace("\r\n ", "");
    assert!(!kept.contains("METHOD") && kept.matches(";SCHEDULE-AGENT=CLIENT").count() == 2, "{kept}");
    let published = event(&zone, time).to_ics(Some(Method::Publish));
    assert!(published.contains("METHOD:PUBLISH\r\n") && !published.contains("SCHEDULE-AGENT"), "{published}");
}

/// Every zone around a change of its clock, and a year without one.
fn moments() -> impl Strategy<Value = (TimeZone, Span)> {
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    (prop::sample::select(names), 0i64..2_500_000_000, -4i64..4, 1i64..40).prop_filter_map(
        "no zone",
        |(name, second, hours, half_hours)| {
            let zone = TimeZone::get(&name).ok()?;
            let around = Timestamp::from_second(second).ok()?;
            let change = zone.following(around).next().map_or(around, |change| change.timestamp());
            let start = change + SignedDuration::from_mins(30 * hours);
            Some((zone, Span::new(start, SignedDuration::from_mins(30 * half_hours))))
        },
    )
}

proptest! {
    #[test]
    fn times_of_every_zone_are_read_back((zone, time) in moments()) {
        let text = event(&zone, time).to_ics(None);
        prop_assert_eq!(read_back(&text, time), [time], "{}", text);
        // By a name that nobody knows, the definition that is written with it says the same.
        if let Some(name) = zone.iana_name() {
            let defined = text.replace("\r\n ", "").replace(&format!("TZID={name}:"), "TZID=Defined:");
            let defined = defined.replace(&format!("TZID:{name}\r\n"), "TZID:Defined\r\n");
            prop_assert_eq!(read_back(&defined, time), [time], "{}", defined);
        }
    }
}

#[test]
fn another_implementation_reads_what_is_written() {
    let Ok(python) = std::env::var("FIRSTCALL_TEST_PYTHON") else {
        println!("scripts/test sets FIRSTCALL_TEST_PYTHON");
        return;
    };
    let script = "import sys, datetime, icalendar\n\
        for text in sys.stdin.buffer.read().split(b'\\0'):\n\
        \x20   calendar = icalendar.Calendar.from_ical(text)\n\
        \x20   event = calendar.events[0]\n\
        \x20   print(event.start.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),\n\
        \x20       event.end.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),\n\
        \x20       calendar['METHOD'], event['UID'], event['SEQUENCE'], event['STATUS'], repr(str(event['DESCRIPTION'])),\n\
        \x20       str(event['SUMMARY']), str(event['LOCATION']), event['ATTENDEE'], event['ATTENDEE'].params['CN'],\n\
        \x20       len(event.errors) + len(calendar.errors), sep='|')\n";
    let mut texts = Vec::new();
    let mut expected = Vec::new();
    for name in ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "Defined", "UTC"] {
        let zone = TimeZone::get(name).unwrap_or_else(|_| TimeZone::get("Africa/Cairo").expect("a zone"));
        for start in [
            "2026-11-01T05:30:00Z",
            "2026-11-01T06:30:00Z",
            "2026-04-04T15:10:00Z",
            "2026-10-25T00:30:00Z",
            "2026-04-23T22:30:00Z",
        ] {
            let time = Span::new(at(start), SignedDuration::from_mins(90));
            let event = event(&zone, time);
            // A zone that nobody knows by its name is read by its definition.
            texts.push(event.to_ics(Some(Method::Request)).replace("Africa/Cairo", "Defined"));
            let description = event.description.replace('\\', "\\\\").replace('\n', "\\n");
            expected.push(format!(
                "{}|{}|REQUEST|{}|3|CONFIRMED|'{description}'|{}|{}|mailto:ada@example.com|Ada, Okafor|0",
                time.start,
                time.end,
                event.uid,
                event.title,
                event.place.unwrap_or_default()
            ));
        }
    }
    let mut child = Command::new(python)
        .args(["-c", script])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    child.stdin.take().expect("its input").write_all(texts.join("\0").as_bytes()).expect("a reader");
    let output = child.wait_with_output().expect("an answer");
    assert!(output.status.success(), "scripts/test installs icalendar");
    let said = String::from_utf8(output.stdout).expect("a text");
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}
