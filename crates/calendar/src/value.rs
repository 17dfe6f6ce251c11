//! Dates, times, lengths and offsets as text (RFC 5545, 3.3).

use crate::days;
use crate::days::DAY;

/// What a clock on a wall shows, in seconds since it showed midnight on 1970-01-01.
pub(crate) type Wall = i64;

/// A date or a time as it was written, whatever its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) wall: Wall,
    /// A day and not a time.
    pub(crate) date: bool,
    /// With a Z.
    pub(crate) utc: bool,
}

/// A length as it was written: days are those of a calendar, seconds those of a stop watch (3.3.6 with 3.8.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nominal {
    pub(crate) days: i64,
    pub(crate) seconds: i64,
}

/// "20261202" or "20261202T150000" or "20261202T150000Z".
pub(crate) fn written(text: &[u8]) -> Option<Written> {
    let text = text.trim_ascii();
    let day = day(text.get(..8)?)?;
    if text.len() == 8 {
        return Some(Written { wall: day * DAY, date: true, utc: false });
    }
    let (clock, utc) = match text.get(8..)? {
        [b'T' | b't', clock @ .., b'Z' | b'z'] => (clock, true),
        [b'T' | b't', clock @ ..] => (clock, false),
        _ => return None,
    };
    if clock.len() != 6 {
        return None;
    }
    let (hour, minute, second) = (number(&clock[..2])?, number(&clock[2..4])?, number(&clock[4..])?);
    // A leap second is read as the one before it (3.3.12).
    let inside = hour < 24 && minute < 60 && second <= 60;
    inside.then(|| Written { wall: day * DAY + hour * 3_600 + minute * 60 + second.min(59), date: false, utc })
}

fn day(text: &[u8]) -> Option<i64> {
    let (year, month, day) = (number(&text[..4])?, number(&text[4..6])?, number(&text[6..])?);
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    let exists = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days::of_month(year, month);
    exists.then(|| days::number(year, month, day))
}

/// "P1D", "PT1H30M", "P2W", "+P1DT2H", "-PT15M".
pub(crate) fn length(text: &[u8]) -> Option<Nominal> {
    let (sign, text) = match text.trim_ascii() {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] | rest => (1, rest),
    };
    let mut rest = text.strip_prefix(b"P").or_else(|| text.strip_prefix(b"p"))?;
    let mut found = Nominal { days: 0, seconds: 0 };
    let (mut clock, mut any) = (false, false);
    while let [first, after @ ..] = rest {
        if first.eq_ignore_ascii_case(&b'T') && !clock && !after.is_empty() {
            (clock, rest) = (true, after);
            continue;
        }
        let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        let count = number(&rest[..digits])?;
        match (rest[digits].to_ascii_uppercase(), clock) {
            (b'W', false) => found.days += 7 * count,
            (b'D', false) => found.days += count,
            (b'H', true) => found.seconds += 3_600 * count,
            (b'M', true) => found.seconds += 60 * count,
            (b'S', true) => found.seconds += count,
            _ => return None,
        }
        (any, rest) = (true, &rest[digits + 1..]);
        if found.days > 4_000_000 {
            return None;
        }
    }
    any.then_some(Nominal { days: sign * found.days, seconds: sign * found.seconds })
}

/// "-0500" or "+053020", in seconds.
pub(crate) fn offset(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text.trim_ascii() {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] => (1, digits),
        _ => return None,
    };
    let second = match digits.len() {
        4 => 0,
        6 => number(&digits[4..])?,
        _ => return None,
    };
    let (hour, minute) = (number(&digits[..2])?, number(&digits[2..4])?);
    (hour < 24 && minute < 60 && second < 60).then_some(sign * (hour * 3_600 + minute * 60 + second))
}

/// Digits, at most nine.
pub(crate) fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let noon = Written { wall: 12 * 3_600, date: false, utc: false };
        assert_eq!(written(b"19700101T120000"), Some(noon));
        assert_eq!(written(b"19700101T120000Z"), Some(Written { utc: true, ..noon }));
        assert_eq!(written(b"19700102"), Some(Written { wall: DAY, date: true, utc: false }));
        assert_eq!(written(b"20161231T235960Z"), written(b"20161231T235959Z"));
        for wrong in ["", "2026", "20260230", "20261301", "20260101T", "20260101T240000", "20260101T1200", "2026-1-1"] {
            assert_eq!(written(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn lengths_are_read_as_they_are_written() {
        let of = |days, seconds| Some(Nominal { days, seconds });
        assert_eq!(length(b"P1D"), of(1, 0));
        assert_eq!(length(b"P2W"), of(14, 0));
        assert_eq!(length(b"P1DT2H3M4S"), of(1, 7_384));
        assert_eq!(length(b"+PT90M"), of(0, 5_400));
        assert_eq!(length(b"-PT15M"), of(0, -900));
        assert_eq!(length(b"PT0S"), of(0, 0));
        for wrong in ["", "P", "PT", "1D", "P1H", "PT1D", "P1", "PD", "P1T", "P9999999999D", "P999999999W"] {
            assert_eq!(length(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn offsets_are_read_as_they_are_written() {
        assert_eq!(offset(b"-0500"), Some(-18_000));
        assert_eq!(offset(b"+053020"), Some(19_820));
        assert_eq!(offset(b"0500"), None);
        assert_eq!(offset(b"+2500"), None);
    }
}
