//! Durations, hours of the day and zones.

use super::{Kind, Refused, text, texts};
use firstcall_core::policy::ClockRange;
use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use toml::Value;

texts! {
    /// A duration of a second or more.
    Duration: SignedDuration, "a duration from 1 s to a year, such as \"90s\", \"15m\" or \"1h 30m\"",
        |text| duration(text, SignedDuration::from_secs(1));
    /// A duration, or none.
    DurationOrNone: SignedDuration, "a duration from \"0m\" to a year, such as \"90s\", \"15m\" or \"1h 30m\"",
        |text| duration(text, SignedDuration::ZERO);
    /// Hours of the day.
    Clock: ClockRange, "hours such as \"10:00-18:00\"", |text| clock_range(text).ok_or_else(String::new);
    /// Hours of the day, or none.
    Quiet: Option<ClockRange>, "hours such as \"21:00-09:00\", or \"off\"", |text| match text {
        "off" => Ok(None),
        hours => clock_range(hours).map(Some).ok_or_else(String::new),
    };
    /// A zone by its IANA name.
    Zone: TimeZone, "an IANA zone such as \"America/New_York\"", zone;
}

fn duration(text: &str, least: SignedDuration) -> Result<SignedDuration, String> {
    const MOST: SignedDuration = SignedDuration::from_hours(366 * 24);
    // Only the short form of the documentation is taken: the library would also read "PT1H" and "1h ago".
    let short = |c: char| c.is_ascii_digit() || c == ' ' || matches!(c, 'h' | 'm' | 's');
    let read = text.chars().all(short).then(|| text.parse::<SignedDuration>().ok()).flatten();
    read.filter(|read| (least..=MOST).contains(read)).ok_or_else(String::new)
}

/// Reads a zone by its full IANA name. Abbreviations such as "EST" are zones in the database too, with a clock that
/// never changes: nobody means them.
///
/// # Errors
/// With the reason, when there is no such zone.
pub fn zone(text: &str) -> Result<TimeZone, String> {
    if !text.contains('/') && text != "UTC" {
        return Err("not a full IANA name".to_owned());
    }
    TimeZone::get(text).map_err(|_| "no such zone".to_owned())
}

/// Reads "10:00-18:00". The end may be "24:00", and lies on the next day when it is before the start.
#[must_use]
pub fn clock_range(text: &str) -> Option<ClockRange> {
    let (from, to) = text.split_once(['-', '–'])?;
    let (from, to) = (from.trim(), to.trim());
    let range = ClockRange { from: clock(from)?, to: if to == "24:00" { Time::midnight() } else { clock(to)? } };
    // From ten to ten is empty or the whole day, so it is neither; the whole day is written to 24:00.
    (range.from != range.to || to == "24:00").then_some(range)
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let written = (1..=2).contains(&hour.len()) && minute.len() == 2 && digits(hour) && digits(minute);
    written.then(|| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<K: Kind>(text: &str) -> Option<K::Value> {
        K::read(&Value::String(text.to_owned())).ok()
    }

    #[test]
    fn durations_are_written_in_hours_minutes_and_seconds() {
        for (text, seconds) in
            [("90s", 90), ("15m", 900), ("1h 30m", 5400), ("1h30m", 5400), ("1s", 1), ("48h", 172_800)]
        {
            assert_eq!(read::<Duration>(text), Some(SignedDuration::from_secs(seconds)), "{text}");
        }
        for text in ["", "0s", "0m", "1", "-1h", "PT1H", "1h ago", "soon", "1d", "1.5h", "99999h", "1 hour", "500ms"] {
            assert_eq!(read::<Duration>(text), None, "{text}");
        }
        assert_eq!(read::<DurationOrNone>("0m"), Some(SignedDuration::ZERO));
        assert_eq!(read::<DurationOrNone>("-1m"), None);
    }

    #[test]
    fn hours_may_end_at_midnight_or_on_the_next_day() {
        let range = |from: i8, to: i8| {
            Some(ClockRange { from: Time::constant(from, 0, 0, 0), to: Time::constant(to, 0, 0, 0) })
        };
        for (text, expected) in [
            ("10:00-18:00", range(10, 18)),
            ("9:00 – 18:00", range(9, 18)),
            ("21:00-09:00", range(21, 9)),
            ("10:00-24:00", range(10, 0)),
            ("00:00-24:00", range(0, 0)),
        ] {
            assert_eq!(read::<Clock>(text), expected, "{text}");
        }
        for text in [
            "10-18",
            "10:00",
            "10:00-10:00",
            "00:00-00:00",
            "24:00-10:00",
            "10:00-25:00",
            "10:60-11:00",
            "+1:00-2:00",
            "10:0-11:00",
            "",
        ] {
            assert_eq!(read::<Clock>(text), None, "{text}");
        }
    }

    #[test]
    fn quiet_hours_can_be_off() {
        assert_eq!(read::<Quiet>("off"), Some(None));
        assert!(read::<Quiet>("21:00-09:00").is_some_and(|hours| hours.is_some()));
        assert_eq!(read::<Quiet>("none"), None);
    }

    #[test]
    fn zones_are_full_names() {
        assert!(read::<Zone>("America/New_York").is_some());
        assert!(read::<Zone>("UTC").is_some());
        for text in ["EST", "America/Gotham", "", "New York", "../etc/passwd"] {
            assert!(read::<Zone>(text).is_none(), "{text}");
        }
    }
}
