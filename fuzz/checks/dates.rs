//! What holds for any words in the place of a day and a time. The first byte chooses the settings and the zone; the
//! rest is the text of the labels, one a line: day, time, length.

use super::reading;
use firstcall_mail::{Context, DateOrder, Fields, Message, Reading, read};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// Checks the readings of these words.
pub fn holds(bytes: &[u8]) {
    let Some((choice, text)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let context = context(*choice);
    let labelled = labelled(&text, zone(*choice)).replace('\r', "");
    let first = read_text(&labelled, &context);
    reading::holds(&first, &context);
    let by_windows = read_text(&labelled.replace('\n', "\r\n"), &context);
    assert_eq!(first, by_windows, "the ends of lines are no part of what is said");

    if !text.contains(char::is_alphanumeric) {
        assert!(first.times.is_empty(), "times out of thin air: {:?}", first.times);
    }
    reading::holds(&read_text(&sentence(&text, zone(*choice)), &context), &context);
}

fn read_text(text: &str, context: &Context) -> Reading {
    let mail = Fields {
        from: Some("Wren Halloway <wren@example.com>".to_owned()),
        date: Some("Tue, 1 Dec 2026 09:00:00 -0500".to_owned()),
        text: Some(text.to_owned()),
        ..Fields::default()
    };
    read(&Message::from_fields(mail), context)
}

fn labelled(text: &str, zone: &str) -> String {
    let mut lines = text.splitn(3, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (day, time, length) = (next(), next(), next());
    let length = if length.is_empty() { String::new() } else { format!("Length: {length}\n") };
    format!("Instrument: drums\nDate: {day}\nTime: {time}\n{length}Time zone: {zone}\n")
}

fn sentence(text: &str, zone: &str) -> String {
    format!("Hello,\nwe need a drummer on {} ({zone}).\nThanks!\n", text.replace('\n', " at "))
}

fn zone(choice: u8) -> &'static str {
    // Lord Howe changes its clocks by half an hour, Apia is a day ahead, Kathmandu is at +05:45.
    let zones = ["Eastern", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC-05:00"];
    zones[usize::from(choice) % zones.len()]
}

fn context(choice: u8) -> Context {
    let now = match choice & 0x30 {
        0x00 => "2026-12-01T09:15:00-05:00",
        0x10 => "2027-03-13T23:59:59-05:00",
        0x20 => "2026-10-31T12:00:00-04:00",
        _ => "2028-02-28T18:00:00-05:00",
    };
    let mut context = Context::new(now.parse().expect("a moment"), TimeZone::get("America/New_York").expect("a zone"));
    match choice >> 6 {
        1 => context.date_order = Some(DateOrder::Dmy),
        2 => {
            context.step = SignedDuration::from_mins(15);
            context.notice = SignedDuration::from_hours(48);
        }
        3 => {
            let hours = |from, to| (jiff::civil::time(from, 0, 0, 0), jiff::civil::time(to, 0, 0, 0));
            context.parts_of_day = [("morning".to_owned(), hours(9, 12)), ("evening".to_owned(), hours(18, 2))].into();
        }
        _ => {}
    }
    context
}
