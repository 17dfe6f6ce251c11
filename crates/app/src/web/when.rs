//! Times as pages write them: the studio's local time with its zone, and the reader's own where it differs (rule 2.1).

use firstcall_core::span::Span;
use firstcall_core::wording;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// "10:00".
#[must_use]
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// "Wed 2 Dec, 10:00".
#[must_use]
pub fn start(at: Timestamp, zone: &TimeZone) -> String {
    format!("{}, {}", wording::day(at, zone), clock(at, zone))
}

/// "Wed 2 Dec, 10:00–13:00", over midnight with both days.
#[must_use]
pub fn local(time: Span, zone: &TimeZone) -> String {
    let same_day = time.start.to_zoned(zone.clone()).date() == time.end.to_zoned(zone.clone()).date();
    let end = if same_day { clock(time.end, zone) } else { format!(" {}", start(time.end, zone)) };
    let dash = if same_day { "–" } else { " –" };
    format!("{}{dash}{end}", start(time.start, zone))
}

/// "Wed 2 Dec, 10:00–13:00 (New York)".
#[must_use]
pub fn with_zone(time: Span, zone: &TimeZone) -> String {
    format!("{} ({})", local(time, zone), place(time.start, zone))
}

/// "10:00–13:00 (New York)" beside the day on which it begins; over midnight with both days.
#[must_use]
pub fn hours(time: Span, zone: &TimeZone) -> String {
    let with_day = with_zone(time, zone);
    let day = format!("{}, ", wording::day(time.start, zone));
    let one_day = with_day.matches(", ").count() == 1;
    if one_day { with_day.replacen(&day, "", 1) } else { with_day }
}

/// "Wednesday 2 December 2026".
#[must_use]
pub fn long_day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%A %-d %B %Y").to_string()
}

/// "09:14" today, "Tue 1 Dec, 09:14" on another day.
#[must_use]
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let today = at.to_zoned(zone.clone()).date() == now.to_zoned(zone.clone()).date();
    if today { clock(at, zone) } else { start(at, zone) }
}

/// The reader's own time, where their clock shows another one than the studio's.
#[must_use]
pub fn own(time: Span, studio: &TimeZone, reader: &TimeZone) -> Option<String> {
    let wall = |zone: &TimeZone| [time.start, time.end].map(|at| at.to_zoned(zone.clone()).datetime());
    (wall(studio) != wall(reader)).then(|| with_zone(time, reader))
}

/// "New York" for `America/New_York`; the abbreviation or offset where a zone is named after no place.
#[must_use]
pub fn place(at: Timestamp, zone: &TimeZone) -> String {
    let named = zone.iana_name().and_then(|name| name.split_once('/')).filter(|(area, _)| *area != "Etc");
    match named {
        Some((_, city)) => city.rsplit('/').next().unwrap_or(city).replace('_', " "),
        None => wording::zone_name(at, zone),
    }
}

/// "43 min", "2 h 5 min", "3 days": how long something still takes, for people.
#[must_use]
pub(super) fn span_words(left: SignedDuration) -> String {
    let seconds = left.as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (days, hours, minutes) {
        (2.., ..) => format!("{days} days"),
        (_, 1.., _) if minutes % 60 == 0 => format!("{hours} h"),
        (_, 1.., _) => format!("{hours} h {} min", minutes % 60),
        (_, _, 1..) => format!("{minutes} min"),
        _ => format!("{seconds} s"),
    }
}

/// "in 43 min", or "now" when it has come.
#[must_use]
pub fn until(at: Timestamp, now: Timestamp) -> String {
    if at <= now { "now".to_owned() } else { format!("in {}", span_words(now.duration_until(at))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_carry_the_studio_s_zone_and_the_reader_s_where_it_differs() {
        let time = Span { start: at("2026-12-02T15:00:00Z"), end: at("2026-12-02T18:00:00Z") };
        let (studio, berlin, toronto) = (zone("America/New_York"), zone("Europe/Berlin"), zone("America/Toronto"));
        assert_eq!(with_zone(time, &studio), "Wed 2 Dec, 10:00–13:00 (New York)");
        assert_eq!(own(time, &studio, &berlin).as_deref(), Some("Wed 2 Dec, 16:00–19:00 (Berlin)"));
        assert_eq!(own(time, &studio, &toronto), None);
        assert_eq!(hours(time, &studio), "10:00–13:00 (New York)");
        let late = Span { start: at("2026-12-03T04:00:00Z"), end: at("2026-12-03T06:00:00Z") };
        assert_eq!(with_zone(late, &studio), "Wed 2 Dec, 23:00 – Thu 3 Dec, 01:00 (New York)");
        assert_eq!(hours(late, &studio), with_zone(late, &studio));
        assert_eq!(place(time.start, &zone("America/Argentina/Buenos_Aires")), "Buenos Aires");
        assert_eq!(place(time.start, &zone("UTC")), "UTC");
    }

    #[test]
    fn moments_of_another_day_name_it() {
        let studio = zone("America/New_York");
        assert_eq!(moment(at("2026-12-01T14:14:00Z"), at("2026-12-02T03:00:00Z"), &studio), "09:14");
        assert_eq!(moment(at("2026-12-01T14:14:00Z"), at("2026-12-02T15:00:00Z"), &studio), "Tue 1 Dec, 09:14");
    }

    #[test]
    fn waits_are_said_in_words() {
        let words =
            [(0, "0 s"), (59, "59 s"), (2580, "43 min"), (3600, "1 h"), (7500, "2 h 5 min"), (260_000, "3 days")];
        for (seconds, said) in words {
            assert_eq!(span_words(SignedDuration::from_secs(seconds)), said);
        }
        let now = at("2026-12-01T14:00:00Z");
        assert_eq!(until(now, now), "now");
        assert_eq!(until(at("2026-12-01T14:43:00Z"), now), "in 43 min");
    }
}
