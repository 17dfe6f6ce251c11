//! Calendars whose answers are known, by rule.

use firstcall_calendar::{Calendar, Error, Reading};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;
fn busy(text: &str, from: &str, to: &str) -> Result<Vec<String>, Error> {
    let owner = TimeZone::get("America/New_York").unwrap();
    let range = Span { start: from.parse().unwrap(), end: to.parse().unwrap() };
    let spans = Calendar::read(text.as_bytes())?.busy(
        range,
        &owner,
        &Reading { tentative_blocks: true, ours: &|uid| uid == "ours" },
    )?;
    Ok(spans.iter().map(|s| format!("{}/{}", s.start, s.end)).collect())
}
#[test]
fn first() {
    let t = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;TZID=America/New_York:20200106T090000\nDTEND;TZID=America/New_York:20200106T100000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE\nEND:VEVENT\nEND:VCALENDAR\n";
    println!("{:#?}", busy(t, "2026-11-01T00:00:00Z", "2026-11-15T00:00:00Z"));
}
