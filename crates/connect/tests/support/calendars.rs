//! Calendars to read and write: servers that others wrote, and ways to reach them.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use super::node;
use firstcall_calendar::{Calendar, Event, Reading, Status};
use firstcall_connect::calendars::{Reach, Trouble, Web};
use firstcall_core::span::Span;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Debug;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

pub const USER: &str = "ann";
pub const PASSWORD: &str = "dav-s3cret";

/// A `CalDAV` server. Ends with the test.
pub struct Dav {
    pub server: node::Server,
    _folder: TempDir,
}

/// "radicale", "xandikos" or "digest"
pub fn dav(kind: &str) -> Dav {
    let folder = tempfile::tempdir().unwrap();
    let python = std::env::var("FIRSTCALL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/dav.py")).arg(kind).arg(folder.path());
    command.stderr(Stdio::null());
    Dav { server: node::serve(command, |line| line.parse().ok()), _folder: folder }
}

/// Reaches this machine.
pub fn here() -> Reach {
    Reach { private: true, http: true, ..Reach::default() }
}

pub fn web() -> Web {
    Web::new(here()).unwrap()
}

/// A web that a test can wait for when no answer comes.
pub fn impatient_web() -> Web {
    Web::new(Reach { total: Duration::from_millis(800), ..here() }).unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn span(start: &str, end: &str) -> Span {
    Span { start: at(start), end: at(end) }
}

pub fn event<'a>(uid: &'a str, time: Span, zone: &'a TimeZone) -> Event<'a> {
    Event {
        uid,
        sequence: 0,
        stamp: at("2026-11-01T00:00:00Z"),
        time,
        zone,
        title: "Session: drums & bass, Café",
        place: Some("Fern Room"),
        description: "Bring sticks;\nand \\ ears",
        url: Some("https://calls.example.com/s/17"),
        organizer: None,
        attendee: None,
        status: Status::Confirmed,
    }
}

/// When a calendar's text blocks time.
pub fn busy(text: &[u8], range: Span) -> Vec<Span> {
    let calendar = Calendar::read(text).unwrap();
    calendar.busy(range, &TimeZone::UTC, &Reading { tentative_blocks: true, ours: &|_| false }).unwrap()
}

pub fn is_refused<T: Debug>(result: Result<T, Trouble>) -> String {
    match result {
        Err(Trouble::Refused(words)) => words,
        other => panic!("not refused: {other:?}"),
    }
}

pub fn is_later<T: Debug>(result: Result<T, Trouble>) -> String {
    match result {
        Err(Trouble::Later(_, words)) => words,
        other => panic!("not later: {other:?}"),
    }
}
