//! Times and lengths as the desk's forms have them: in the studio's zone, and never guessed (rule 2.4).

use super::value;
use crate::web::Web;
use firstcall_core::span::Span;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// No session is longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// The time that a form names by its start `at` and its `length`.
pub fn time(web: &Web, form: &[(String, String)], usual: SignedDuration) -> Result<Span, String> {
    let zone = &web.engine.settings().studio.time_zone;
    let start = start(value(form, "at").unwrap_or_default(), zone)?;
    let length = match value(form, "length").map(str::trim) {
        None | Some("") => usual,
        Some(length) => self::length(length)?,
    };
    Ok(Span::new(start, length))
}

/// A length as somebody types it: "1h", "90m".
pub fn length(text: &str) -> Result<SignedDuration, String> {
    let length = text.parse::<SignedDuration>().ok().filter(|length| length.is_positive() && *length <= LONGEST);
    length.ok_or_else(|| format!("\"{text}\" is no length: write 1h, 90m or 1h 30m; a day at the most"))
}

/// The moment at which the studio's clock shows this.
pub fn start(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let Ok(local) = text.trim().replace(' ', "T").parse::<DateTime>() else {
        return Err("enter a day and a time, such as 2026-12-08T10:00".to_owned());
    };
    let at = zone.to_ambiguous_timestamp(local);
    match at.offset() {
        AmbiguousOffset::Unambiguous { .. } => at.unambiguous().map_err(|error| error.to_string()),
        AmbiguousOffset::Gap { .. } => Err(format!(
            "there is no {} on that day: the studio's clock is put forward then; choose another time",
            local.strftime("%H:%M")
        )),
        AmbiguousOffset::Fold { before, after } => Err(format!(
            "{} comes twice on that day ({before} and {after}): the studio's clock is put back then; choose another time",
            local.strftime("%H:%M")
        )),
    }
}

/// A moment as a form has it.
pub fn field(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_clocks_skip_or_show_twice_is_refused_with_the_reason() {
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(start("2026-12-08T10:00", &zone).unwrap().to_string(), "2026-12-08T15:00:00Z");
        assert!(start("2027-03-14T02:30", &zone).unwrap_err().starts_with("there is no 02:30 on that day"));
        assert!(
            start("2026-11-01T01:30", &zone).unwrap_err().starts_with("01:30 comes twice on that day (-04 and -05)")
        );
        assert!(start("soon", &zone).unwrap_err().starts_with("enter a day"));
        assert!(length("25h").is_err() && length("-1h").is_err() && length("soon").is_err());
        assert_eq!(length("90m").unwrap(), SignedDuration::from_mins(90));
    }
}
