//! How long it takes to know when people are busy: a thousand calendars with fifty recurring events each, for thirty days;
//! from their text, and from what was read of it.
//!
//! `cargo bench -p firstcall-calendar`. Each line gives the best and the median of its runs; 1 s and 150 ms are the aims.

use firstcall_calendar::{Calendar, Reading};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

const CALENDARS: usize = 1_000;
const EVENTS: usize = 50;
const RUNS: usize = 7;

/// What people have in their calendars, with years behind it.
const RULES: [&str; 10] = [
    "FREQ=WEEKLY;BYDAY=MO,WE",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU",
    "FREQ=DAILY",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=15",
    "FREQ=YEARLY",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20270131T235959Z",
    "FREQ=WEEKLY;COUNT=400;BYDAY=SA",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
];
const ZONES: [&str; 4] = ["America/New_York", "America/Los_Angeles", "Europe/Berlin", "America/Chicago"];

fn main() {
    let texts: Vec<String> = (0..CALENDARS).map(text).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{CALENDARS} calendars, {EVENTS} recurring events each, {} MB", bytes / 1_000_000);
    let start: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let range = Span::new(start, SignedDuration::from_hours(24 * 30));
    let read = || texts.iter().filter_map(|text| Calendar::read(text.as_bytes()).ok()).collect::<Vec<_>>();
    let calendars = read();
    let spans = busy(&calendars, range);
    println!("{spans} spans of {} calendars", calendars.len());
    measure("from text", || busy(&read(), range));
    measure("from what was read", || busy(&calendars, range));
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn measure(name: &str, what: impl Fn() -> usize) {
    let mut runs: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(what());
            start.elapsed()
        })
        .collect();
    runs.sort_unstable();
    println!("{name}: best {:?}, median {:?}", runs[0], runs[RUNS / 2]);
}

fn busy(calendars: &[Calendar], range: Span) -> usize {
    let owner = TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC);
    let reading = Reading { tentative_blocks: true, ours: &|uid| uid.ends_with("@calls.example.com") };
    let spans = calendars.iter().filter_map(|calendar| calendar.busy(range, &owner, &reading).ok());
    spans.map(|spans| black_box(spans).len()).sum()
}

fn text(number: usize) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n".to_owned();
    for event in 0..EVENTS {
        let (rule, zone) = (RULES[event % RULES.len()], ZONES[(number + event / 25) % ZONES.len()]);
        let (year, month, day) = (2019 + event % 7, 1 + event % 12, 1 + (number + event) % 28);
        let hour = 8 + event % 12;
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\nUID:{number}-{event}@example.com\r\n\
             DTSTART;TZID={zone}:{year}{month:02}{day:02}T{hour:02}0000\r\n\
             DTEND;TZID={zone}:{year}{month:02}{day:02}T{hour:02}4500\r\nRRULE:{rule}\r\nSUMMARY:Lesson {event}\r\n\
             DESCRIPTION:What is played there\\, and by whom\\, in words that take more than one line of \r\n it\\nBring the\
             \x20charts.\r\nLOCATION:14 Canal Yard\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nSEQUENCE:0\r\nEND:VEVENT\r\n"
        );
    }
    text + "END:VCALENDAR\r\n"
}
