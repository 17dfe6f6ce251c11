//! Calendars whose answers are known, by what they are about. The owner lives in New York.

#![allow(clippy::expect_used, reason = "a helper of tests may fail the test")]

use firstcall_calendar::{Calendar, Error, Reading};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;

const FROM: &str = "2026-10-25T00:00:00Z";
const TO: &str = "2026-12-10T00:00:00Z";

fn read(text: &[u8], range: Span, tentative_blocks: bool) -> Result<Vec<String>, Error> {
    let owner = TimeZone::get("America/New_York").expect("a zone");
    let reading = Reading { tentative_blocks, ours: &|uid| uid.ends_with("@calls.example.com") };
    let spans = Calendar::read(text)?.busy(range, &owner, &reading)?;
    Ok(spans
        .iter()
        .map(|span| format!("{} {}", span.start, span.end).replace(":00Z", "").replace("2026-", ""))
        .collect())
}

fn range() -> Span {
    Span { start: FROM.parse().expect("an instant"), end: TO.parse().expect("an instant") }
}

/// A calendar with these lines in it.
fn calendar(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n", lines.trim().replace('\n', "\r\n"))
}

fn busy(lines: &str) -> Result<Vec<String>, Error> {
    read(calendar(lines).as_bytes(), range(), true)
}

/// An event with these lines in it, beside those that it must have.
fn event(lines: &str) -> Result<Vec<String>, Error> {
    busy(&format!("BEGIN:VEVENT\nUID:a@example.com\n{}\nEND:VEVENT", lines.trim()))
}

fn is(found: Result<Vec<String>, Error>, spans: &[&str]) {
    assert_eq!(found.expect("an answer"), spans);
}

const NOON: &str = "DTSTART:20261104T120000Z\nDTEND:20261104T130000Z";
const NOON_IS: &str = "11-04T12:00 11-04T13:00";

#[test]
fn an_event_blocks_its_time_unless_it_says_otherwise() {
    is(event(NOON), &[NOON_IS]);
    for free in ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "status:cancelled", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"] {
        is(event(&format!("{NOON}\n{free}")), &[]);
    }
    for busy in
        ["TRANSP:OPAQUE", "STATUS:CONFIRMED", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"]
    {
        is(event(&format!("{NOON}\n{busy}")), &[NOON_IS]);
    }
    for tentative in ["STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"] {
        let text = calendar(&format!("BEGIN:VEVENT\n{NOON}\n{tentative}\nEND:VEVENT"));
        is(read(text.as_bytes(), range(), true), &[NOON_IS]);
        is(read(text.as_bytes(), range(), false), &[]);
    }
    is(busy(&format!("METHOD:CANCEL\nBEGIN:VEVENT\n{NOON}\nEND:VEVENT")), &[]);
    is(busy(&format!("BEGIN:VEVENT\nUID:booking-7@calls.example.com\n{NOON}\nEND:VEVENT")), &[]);
}

#[test]
fn spans_are_half_open_merged_in_order_and_inside_the_range() {
    let one = |from: &str, to: &str| format!("BEGIN:VEVENT\nDTSTART:2026{from}00Z\nDTEND:2026{to}00Z\nEND:VEVENT\n");
    let several = one("1104T1500", "1104T1600") + &one("1104T1000", "1104T1100") + &one("1104T1100", "1104T1130");
    is(busy(&several), &["11-04T10:00 11-04T11:30", "11-04T15:00 11-04T16:00"]);
    is(
        busy(&(one("1001T0000", "1025T0100") + &one("1209T2300", "1231T0000"))),
        &["10-25T00:00 10-25T01:00", "12-09T23:00 12-10T00:00"],
    );
    is(busy(&(one("1024T2300", "1025T0000") + &one("1210T0000", "1210T0100"))), &[]);
}

#[test]
fn days_are_the_owners_and_their_end_is_not_included() {
    is(event("DTSTART;VALUE=DATE:20261104"), &["11-04T05:00 11-05T05:00"]);
    is(event("DTSTART;VALUE=DATE:20261104\nDTEND;VALUE=DATE:20261106"), &["11-04T05:00 11-06T05:00"]);
    is(event("DTSTART:20261104\nDTEND:20261104"), &["11-04T05:00 11-05T05:00"]);
    is(event("DTSTART;VALUE=DATE:20261101\nDURATION:P1D"), &["11-01T04:00 11-02T05:00"]);
    // X-WR-TIMEZONE is that of the feed: its holidays are still days where the owner is.
    is(
        busy("X-WR-TIMEZONE:Asia/Tokyo\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261104\nEND:VEVENT"),
        &["11-04T05:00 11-05T05:00"],
    );
}

#[test]
fn times_are_those_of_their_zone() {
    let at = |start: &str| event(&format!("DTSTART{start}\nDURATION:PT1H"));
    is(at(":20261104T090000"), &["11-04T14:00 11-04T15:00"]);
    is(at(";TZID=Europe/Berlin:20261104T090000"), &["11-04T08:00 11-04T09:00"]);
    is(at(";TZID=\"W. Europe Standard Time\":20261104T090000"), &["11-04T08:00 11-04T09:00"]);
    is(at(";TZID=Eastern Standard Time:20261104T090000"), &["11-04T14:00 11-04T15:00"]);
    is(at(";TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261104T090000"), &["11-04T08:00 11-04T09:00"]);
    // 1:30 is there twice on 1 November 2026 in New York, and the first is meant; 2:30 is not there on 8 March.
    is(at(";TZID=America/New_York:20261101T013000"), &["11-01T05:30 11-01T06:30"]);
    let march = Span { start: "2026-03-07T00:00:00Z".parse().expect("an instant"), end: range().start };
    let text = calendar("BEGIN:VEVENT\nDTSTART;TZID=America/New_York:20260308T023000\nDURATION:PT1H\nEND:VEVENT");
    is(read(text.as_bytes(), march, true), &["03-08T07:30 03-08T08:30"]);
    let floating = "BEGIN:VEVENT\nDTSTART:20261104T090000\nDURATION:PT1H\nEND:VEVENT";
    is(busy(&format!("X-WR-TIMEZONE:Europe/Berlin\n{floating}")), &["11-04T08:00 11-04T09:00"]);
    is(busy(&format!("X-WR-TIMEZONE:Nowhere\n{floating}")), &["11-04T14:00 11-04T15:00"]);
}

#[test]
fn a_zone_that_nobody_knows_makes_the_calendar_unknown_where_it_matters() {
    let at = |day: &str| event(&format!("DTSTART;TZID=(UTC-05:00) Nowhere:{day}T090000\nDURATION:PT1H"));
    assert_eq!(at("20261104"), Err(Error::Zone("(UTC-05:00) Nowhere".to_owned())));
    assert_eq!(at("20261024"), Err(Error::Zone("(UTC-05:00) Nowhere".to_owned())));
    is(at("20260104"), &[]);
    // What it stands for is not known: nothing is left out, and it blocks where it is.
    let changed = "BEGIN:VEVENT\nUID:a\nDTSTART:20261104T120000Z\nDURATION:PT1H\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;TZID=Nowhere:20261104T120000\nDTSTART:20261105T120000Z\nDURATION:PT1H\nEND:VEVENT";
    is(busy(changed), &[NOON_IS, "11-05T12:00 11-05T13:00"]);
    is(event("DTSTART;TZID=Nowhere:20261104T090000\nDURATION:PT1H\nTRANSP:TRANSPARENT"), &[]);
}

#[test]
fn a_zone_may_be_defined_by_the_calendar() {
    let defined = |name: &str, daylight: &str| {
        format!(
            "BEGIN:VEVENT\nDTSTART;TZID={name}:20261020T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT\n\
             BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:16010101T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\n\
             RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\n\
             TZOFFSETFROM:-0500\nTZOFFSETTO:-0400\n{daylight}\nEND:DAYLIGHT\nEND:VTIMEZONE"
        )
    };
    let rule = "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3";
    let new_york = ["10-27T13:00 10-27T14:00", "11-03T14:00 11-03T15:00", "11-10T14:00 11-10T15:00"];
    for name in ["Customized Time Zone", "Eastern Standard Time", "EST"] {
        is(busy(&defined(name, rule)), &new_york);
    }
    // A name that everybody knows means what everybody knows.
    is(
        busy(&defined("Asia/Tokyo", rule)),
        &["10-27T00:00 10-27T01:00", "11-03T00:00 11-03T01:00", "11-10T00:00 11-10T01:00"],
    );
    // A definition with a rule that cannot be read is none.
    assert_eq!(busy(&defined("Custom", "RDATE:x\nTZOFFSETTO:-0400")), Err(Error::Zone("Custom".to_owned())));
    assert_eq!(busy(&defined("Custom", "RRULE:FREQ=NEVER")), Err(Error::Zone("Custom".to_owned())));
}

/// Ends of an observance's rule are instants, and dates that it lists may be.
#[test]
fn a_zone_may_be_defined_by_single_changes() {
    let at_half_past_two = |standard: &str| {
        busy(&format!(
            "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:DAYLIGHT\nDTSTART:20260308T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\n\
             END:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20251102T020000\n{standard}\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\n\
             END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=Own:20261101T023000\nDURATION:PT1H\nEND:VEVENT"
        ))
    };
    let (summer, winter) = (["11-01T06:30 11-01T07:30"], ["11-01T07:30 11-01T08:30"]);
    is(at_half_past_two("RDATE:20261101T060000Z"), &winter);
    is(at_half_past_two("RDATE:20261101T020000"), &winter);
    is(at_half_past_two("RDATE:20261101T030000"), &summer);
    let rule = "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU;UNTIL=20261101T0";
    is(at_half_past_two(&format!("{rule}60000Z")), &winter);
    is(at_half_past_two(&format!("{rule}55959Z")), &summer);
    is(at_half_past_two(""), &summer);
}

#[test]
fn what_takes_no_time_blocks_none() {
    for nothing in ["", "DTEND:20261104T120000Z", "DURATION:PT0S"] {
        is(event(&format!("DTSTART:20261104T120000Z\n{nothing}")), &[]);
    }
}

#[test]
fn what_cannot_be_read_makes_the_calendar_unknown() {
    let wrong = |line: usize, name: &'static str| Err(Error::Value { line, name });
    assert_eq!(event("DTSTART:20261304T120000Z"), wrong(5, "DTSTART"));
    assert_eq!(event("SUMMARY:x"), wrong(3, "DTSTART"));
    assert_eq!(event("DTSTART:20261104T120000Z\nDTEND:soon"), wrong(6, "DTEND"));
    assert_eq!(event("DTSTART:20261104T120000Z\nDTEND:20261104T110000Z"), wrong(3, "DTEND"));
    assert_eq!(event("DTSTART:20261104T120000Z\nDURATION:-PT1H"), wrong(3, "DTEND"));
    assert_eq!(event("DTSTART:20261104T120000Z\nDTEND;TZID=Europe/Berlin:20261104T123000"), wrong(3, "DTEND"));
    for rule in [
        "FREQ=NEVER",
        "BYDAY=MO",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;BYEASTER=0",
        "FREQ=DAILY;UNTIL=never",
        "FREQ=DAILY;COUNT=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;RSCALE=HEBREW",
        "FREQ",
    ] {
        assert_eq!(event(&format!("{NOON}\nRRULE:{rule}")), wrong(7, "RRULE"), "{rule}");
    }
    assert_eq!(event("DTSTART;VALUE=DATE:20261104\nRRULE:FREQ=HOURLY"), wrong(3, "RRULE"));
    assert_eq!(event(&format!("{NOON}\nEXDATE:x")), wrong(7, "EXDATE"));
    assert_eq!(event(&format!("{NOON}\nRDATE:x")), wrong(7, "RDATE"));
    assert_eq!(event(&format!("{NOON}\nRECURRENCE-ID:x\nSTATUS:CANCELLED")), wrong(7, "RECURRENCE-ID"));
    is(event("DTSTART:x\nSTATUS:CANCELLED"), &[]);
    for page in ["", "<html>\n<body>Please log in: now</body>", "BEGIN:VCARD\nEND:VCARD", "\0\0\0"] {
        assert_eq!(read(page.as_bytes(), range(), true), Err(Error::NotACalendar), "{page}");
    }
    let whole = calendar(&format!("BEGIN:VEVENT\n{NOON}\nEND:VEVENT"));
    for cut in ["\r\nEND:VCALENDAR\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n"] {
        assert_eq!(read(whole.trim_end_matches(cut).as_bytes(), range(), true), Err(Error::Cut));
    }
    assert!(matches!(
        busy(&format!("BEGIN:VEVENT\n{NOON}\nEND:VALARM\nEND:VEVENT")),
        Err(Error::Value { name: "END", .. })
    ));
}

#[test]
fn texts_are_read_as_real_producers_write_them() {
    let text = calendar(&format!("BEGIN:VEVENT\nUID:é@example.com\nSUMMARY:x\n{NOON}\nEND:VEVENT"));
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(text.replace("\r\n", "\n").into_bytes());
    is(read(&bytes, range(), true), &[NOON_IS]);
    is(read(text.replace("\r\n", "\r\r\n").as_bytes(), range(), true), &[NOON_IS]);
    is(read(text.to_ascii_lowercase().replace("é", "e").as_bytes(), range(), true), &[NOON_IS]);
    is(
        read(text.replace("DTSTART", "DTS\r\n\tTART").replace("2026", "20\r\n 26").as_bytes(), range(), true),
        &[NOON_IS],
    );
    // Folded in the middle of a character: it is that character again.
    let ours = calendar(&format!("BEGIN:VEVENT\nUID:é@calls.example.com\n{NOON}\nEND:VEVENT")).into_bytes();
    let cut = ours.iter().position(|&byte| byte == 0xC3).expect("the character") + 1;
    let folded = [&ours[..cut], b"\r\n ", &ours[cut..]].concat();
    is(read(&folded, range(), true), &[]);
    // What is not about time is passed over, whatever it is.
    let long = format!("DESCRIPTION:{}\r\n x:y", "z".repeat(3_000_000));
    is(event(&format!("{NOON}\n{long}\nX-\nATTACH;:\n:\n;\nGEO\nBEGIN:VALARM\nDTSTART:x\nEND:VALARM")), &[NOON_IS]);
    is(busy(&format!("BEGIN:VTODO\nDTSTART:x\nEND:VTODO\nBEGIN:VEVENT\n{NOON}\nEND:VEVENT")), &[NOON_IS]);
}

#[test]
fn lists_of_free_and_busy_times_are_read_as_servers_write_them() {
    // Xandikos: folded, not in order. Radicale: FREE for what was cancelled. Others: lengths, and words of their own.
    is(
        busy(
            "BEGIN:VFREEBUSY\nDTSTART:20261101T000000Z\nDTEND:20261201T000000Z\n\
             FREEBUSY;VALUE=PERIOD:20261105T090000Z/20261105T100000Z,20261104T0900\n 00Z/20261104T100000Z\n\
             FREEBUSY;FBTYPE=FREE:20261106T090000Z/PT1H\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261107T000000Z/P1D\n\
             FREEBUSY;FBTYPE=X-ELSEWHERE:20261109T090000Z/PT30M\nEND:VFREEBUSY",
        ),
        &["11-04T09:00 11-04T10:00", "11-05T09:00 11-05T10:00", "11-07T00:00 11-08T00:00", "11-09T09:00 11-09T09:30"],
    );
    let tentative = calendar("BEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20261106T090000Z/PT1H\nEND:VFREEBUSY");
    is(read(tentative.as_bytes(), range(), true), &["11-06T09:00 11-06T10:00"]);
    is(read(tentative.as_bytes(), range(), false), &[]);
    let wrong = busy("BEGIN:VFREEBUSY\nFREEBUSY:20261106T090000Z/never\nEND:VFREEBUSY");
    assert_eq!(wrong, Err(Error::Value { line: 4, name: "FREEBUSY" }));
}

/// What Radicale 3.9 and Xandikos 0.4 answered to a free-busy-query. Their days are those of UTC, and where an
/// event has a TZID but no VTIMEZONE, as the weekly one here, Radicale does not follow a clock that is set back: what is
/// blocked is better asked by calendar-query, and read here.
#[test]
fn answers_of_real_servers_are_read() {
    let read = |text: &[u8]| read(text, range(), false);
    is(
        read(include_bytes!("servers/radicale.ics")),
        &[
            "10-28T13:00 10-28T14:00",
            "11-04T12:00 11-04T14:00",
            "11-10T00:00 11-11T00:00",
            "11-11T13:00 11-11T14:00",
            "11-18T13:00 11-18T14:00",
        ],
    );
    is(
        read(include_bytes!("servers/xandikos.ics")),
        &[
            "10-28T13:00 10-28T14:00",
            "11-04T12:00 11-04T13:00",
            "11-04T14:00 11-04T15:00",
            "11-10T00:00 11-11T00:00",
            "11-11T14:00 11-11T15:00",
            "11-18T14:00 11-18T15:00",
        ],
    );
}

#[test]
fn instances_are_changed_by_the_instant_for_which_they_stand() {
    let series =
        "BEGIN:VEVENT\nUID:s\nDTSTART;TZID=America/New_York:20261028T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3";
    let instead = |lines: &str| busy(&format!("{series}\nEND:VEVENT\nBEGIN:VEVENT\nUID:s\n{lines}\nEND:VEVENT"));
    let (first, third) = ("10-28T13:00 10-28T14:00", "11-11T14:00 11-11T15:00");
    let moved = "DTSTART:20261105T000000Z\nDURATION:PT2H";
    for second in [
        ";TZID=America/New_York:20261104T090000",
        ":20261104T140000Z",
        ";TZID=Europe/Berlin:20261104T150000",
        ":20261104T090000",
        ";VALUE=DATE:20261104",
    ] {
        is(instead(&format!("RECURRENCE-ID{second}\n{moved}")), &[first, "11-05T00:00 11-05T02:00", third]);
        is(instead(&format!("RECURRENCE-ID{second}\nSTATUS:CANCELLED")), &[first, third]);
        is(busy(&format!("{series}\nEXDATE{second}\nEND:VEVENT")), &[first, third]);
    }
    // What no instance of the series is changed to blocks too.
    is(
        instead(&format!("RECURRENCE-ID:20261101T140000Z\n{moved}")),
        &[first, "11-04T14:00 11-04T15:00", "11-05T00:00 11-05T02:00", third],
    );
    let two = format!(
        "RECURRENCE-ID:20261104T140000Z\nSEQUENCE:2\nSTATUS:CANCELLED\nEND:VEVENT\nBEGIN:VEVENT\nUID:s\n\
         RECURRENCE-ID:20261104T140000Z\nSEQUENCE:1\n{moved}"
    );
    is(instead(&two), &[first, third]);
    let two = two.replace("SEQUENCE:2", "DTSTAMP:20261002T000000Z").replace("SEQUENCE:1", "DTSTAMP:20261001T000000Z");
    is(instead(&two), &[first, third]);
    // A change without its series, as in an invitation to one instance.
    is(event(&format!("RECURRENCE-ID:20261104T140000Z\n{moved}")), &["11-05T00:00 11-05T02:00"]);
}

#[test]
fn a_change_of_all_that_follows_moves_them_and_gives_them_its_length() {
    let series = "BEGIN:VEVENT\nUID:s\nDTSTART;TZID=America/New_York:20261021T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=5\n\
        END:VEVENT\nBEGIN:VEVENT\nUID:s";
    let id = "RECURRENCE-ID;RANGE=THISANDFUTURE";
    // Given in UTC on the summer's side: what follows stays at ten on New York's clock.
    is(
        busy(&format!("{series}\n{id}:20261028T130000Z\nDTSTART:20261028T140000Z\nDURATION:PT2H\nEND:VEVENT")),
        &["10-28T14:00 10-28T16:00", "11-04T15:00 11-04T17:00", "11-11T15:00 11-11T17:00", "11-18T15:00 11-18T17:00"],
    );
    is(
        busy(&format!("{series}\n{id};VALUE=DATE:20261104\nDTSTART;VALUE=DATE:20261105\nEND:VEVENT")),
        &["10-28T13:00 10-28T14:00", "11-05T05:00 11-06T05:00", "11-12T05:00 11-13T05:00", "11-19T05:00 11-20T05:00"],
    );
    is(busy(&format!("{series}\n{id}:20261104T140000Z\nSTATUS:CANCELLED\nEND:VEVENT")), &["10-28T13:00 10-28T14:00"]);
    // However far they are moved.
    let long_ago = series.replace("20261021", "20260902");
    is(
        busy(&format!("{long_ago}\n{id}:20260909T130000Z\nDTSTART:20261118T140000Z\nDURATION:PT2H\nEND:VEVENT")),
        &["11-18T14:00 11-18T16:00", "11-25T14:00 11-25T16:00", "12-02T14:00 12-02T16:00", "12-09T14:00 12-09T16:00"],
    );
}

#[test]
fn of_two_descriptions_of_a_series_the_newer_is_true() {
    let one = |sequence: u8, hour: u8| {
        format!("BEGIN:VEVENT\nUID:s\nSEQUENCE:{sequence}\nDTSTART:20261104T{hour}0000Z\nDURATION:PT1H\nEND:VEVENT\n")
    };
    is(busy(&(one(1, 10) + &one(0, 12))), &["11-04T10:00 11-04T11:00"]);
    is(busy(&(one(0, 10) + &one(1, 12))), &["11-04T12:00 11-04T13:00"]);
    // Some give all their events one UID.
    is(busy(&(one(0, 10) + &one(0, 12))), &["11-04T10:00 11-04T11:00", "11-04T12:00 11-04T13:00"]);
    let cancelled = "BEGIN:VEVENT\nUID:s\nSEQUENCE:2\nSTATUS:CANCELLED\nEND:VEVENT\n";
    is(busy(&(one(1, 10) + cancelled)), &[]);
}

#[test]
fn rules_mean_what_the_rfc_says_where_others_differ() {
    let rule = |start: &str, rule: &str| event(&format!("DTSTART:{start}\nDURATION:PT1H\nRRULE:{rule}"));
    // DTSTART is the first instance and counts, also where the rule does not give it (3.8.5.3).
    is(rule("20261104T120000Z", "FREQ=WEEKLY;BYDAY=FR;COUNT=2"), &[NOON_IS, "11-06T12:00 11-06T13:00"]);
    // A last day is meant whole.
    is(rule("20261104T120000Z", "FREQ=DAILY;UNTIL=20261105"), &[NOON_IS, "11-05T12:00 11-05T13:00"]);
    is(rule("20261104T120000Z", "FREQ=DAILY;UNTIL=20261105T120000Z"), &[NOON_IS, "11-05T12:00 11-05T13:00"]);
    is(rule("20261104T120000Z", "FREQ=DAILY;UNTIL=20261105T115959Z"), &[NOON_IS]);
    // Where days end with a time, the later reading of it counts: no day is free that might not be.
    let days = event("DTSTART;VALUE=DATE:20261104\nRRULE:FREQ=DAILY;UNTIL=20261106T045959Z");
    is(days, &["11-04T05:00 11-07T05:00"]);
    // A leap second is the one before it.
    is(
        event("DTSTART:20261104T120059Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY;COUNT=2;BYSECOND=60"),
        &["11-04T12:00:59Z 11-04T12:01", "11-04T12:01:59Z 11-04T12:02"],
    );
    // A week without a day has DTSTART's.
    is(rule("20261104T120000Z", "FREQ=YEARLY;BYWEEKNO=45,46"), &[NOON_IS, "11-11T12:00 11-11T13:00"]);
    // Of several instances a day the one that is left out is the one that is named.
    is(
        event(
            "DTSTART;TZID=America/New_York:20261104T090000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=3;BYHOUR=9,14,17\n\
             EXDATE;TZID=America/New_York:20261104T140000",
        ),
        &["11-04T14:00 11-04T14:30", "11-04T22:00 11-04T22:30"],
    );
    // An hour that is set aside every night is an hour in every night (DTEND), and so many by the clock with P1D.
    is(
        event(
            "DTSTART;TZID=America/New_York:20261030T230000\nDTEND;TZID=America/New_York:20261031T040000\nRRULE:FREQ=DAILY;COUNT=2",
        ),
        &["10-31T03:00 10-31T08:00", "11-01T03:00 11-01T08:00"],
    );
    is(event("DTSTART;TZID=America/New_York:20261031T230000\nDURATION:P1D"), &["11-01T03:00 11-02T04:00"]);
    // 1 January 2028 is in the 52nd week of 2027 (ISO 8601), not in a 53rd.
    let range = Span {
        start: "2027-12-20T00:00:00Z".parse().expect("an instant"),
        end: "2028-01-10T00:00:00Z".parse().expect("an instant"),
    };
    let weeks = |weeks: u8| {
        calendar(&format!(
            "BEGIN:VEVENT\nDTSTART:20210102T120000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYWEEKNO={weeks};BYDAY=SA\nEND:VEVENT"
        ))
    };
    is(read(weeks(53).as_bytes(), range, true), &[]);
    is(read(weeks(52).as_bytes(), range, true), &["2028-01-01T12:00 2028-01-01T13:00"]);
}

#[test]
fn dates_that_are_listed_are_instances_too() {
    is(
        event(&format!("{NOON}\nRDATE:20261105T120000Z,20261106T120000Z\nEXDATE:20261105T120000Z")),
        &[NOON_IS, "11-06T12:00 11-06T13:00"],
    );
    is(
        event(&format!("{NOON}\nRDATE;VALUE=PERIOD:20261105T100000Z/PT3H,20261106T100000Z/20261106T101500Z")),
        &[NOON_IS, "11-05T10:00 11-05T13:00", "11-06T10:00 11-06T10:15"],
    );
    is(event(&format!("{NOON}\nRDATE;VALUE=DATE:20261120")), &[NOON_IS, "11-20T05:00 11-21T05:00"]);
    // EXRULE is not followed: nobody has written one since RFC 2445, and it could only leave time free.
    is(event(&format!("{NOON}\nRRULE:FREQ=DAILY;COUNT=2\nEXRULE:FREQ=DAILY")), &[NOON_IS, "11-05T12:00 11-05T13:00"]);
}
