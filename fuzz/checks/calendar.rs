//! What holds for any calendar whatever (rules 3.1–3.3).

use firstcall_calendar::{Calendar, Error, Reading};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Checks when this calendar blocks time.
pub fn holds(bytes: &[u8]) {
    let start: Timestamp = "2026-10-20T00:00:00Z".parse().expect("an instant");
    let range = Span::new(start, SignedDuration::from_hours(24 * 60));
    let all = busy(bytes, range, true);
    assert_eq!(all, busy(bytes, range, true), "asked again, it says something else");
    let Ok(all) = all else { return };
    for span in &all {
        assert!(range.start <= span.start && span.start < span.end && span.end <= range.end, "{span:?}");
    }
    assert!(all.is_sorted_by(|one, next| one.end < next.start), "not merged, or not in order: {all:?}");
    // What blocks although it is not certain blocks more than what is.
    let certain = busy(bytes, range, false).expect("what was read with everything in it");
    assert!(certain.iter().all(|span| inside(*span, &all)), "{certain:?} of {all:?}");
    // A part of the range says what the whole says of it.
    let part = Span::new(start + SignedDuration::from_hours(24 * 9 + 7), SignedDuration::from_hours(30));
    let expected: Vec<Span> = all
        .iter()
        .map(|span| Span { start: span.start.max(part.start), end: span.end.min(part.end) })
        .filter(|span| span.start < span.end)
        .collect();
    match busy(bytes, part, true) {
        Ok(found) => assert_eq!(found, expected, "a part says something else than the whole"),
        Err(error) => panic!("a part cannot be said, but the whole can: {error}"),
    }
    if !bytes.contains(&b'\r') {
        let text = bytes.iter().flat_map(|&byte| if byte == b'\n' { vec![b'\r', b'\n'] } else { vec![byte] });
        assert_eq!(busy(&text.collect::<Vec<u8>>(), range, true), Ok(all), "the ends of lines matter");
    }
}

fn inside(span: Span, all: &[Span]) -> bool {
    all.iter().any(|wider| wider.start <= span.start && span.end <= wider.end)
}

fn busy(bytes: &[u8], range: Span, tentative_blocks: bool) -> Result<Vec<Span>, Error> {
    let owner = TimeZone::get("America/New_York").expect("a zone");
    Calendar::read(bytes)?.busy(range, &owner, &Reading { tentative_blocks, ours: &|uid| uid == "ours" })
}
