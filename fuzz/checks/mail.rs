//! What holds for the reading of any mail whatever. Called by the fuzzer, and by the tests with every seed and finding.

use super::reading;
use firstcall_mail::{Context, Message, read};
use jiff::tz::TimeZone;

/// Checks the reading of these bytes.
pub fn holds(bytes: &[u8]) {
    let new_york = TimeZone::get("America/New_York").expect("a zone");
    let context = Context::new("2026-12-01T09:15:00-05:00".parse().expect("a moment"), new_york);
    let message = Message::parse(bytes);
    assert_eq!(message, Message::parse(bytes), "taken apart differently the second time");
    let first = read(&message, &context);
    reading::holds(&first, &context);

    let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
    let elsewhere = Context { studio_zone: berlin, ..context };
    assert_eq!(first, read(&message, &elsewhere), "the second time, and elsewhere, it says the same");
}
