//! "3 hours", "90 min", "an hour and a half": how long a session is.

use crate::text::among;
use jiff::SignedDuration;

/// A length at the beginning of a folded text and how many bytes it takes. The length itself is absent where the words
/// are those of a length that is not certain ("2-3 hours", "half a day").
pub(crate) fn at(text: &str) -> Option<(Option<SignedDuration>, usize)> {
    for vague in
        ["half a day", "half day", "half-day", "a full day", "full day", "all day", "a whole day", "a day", "one day"]
    {
        if text.starts_with(vague) && !text[vague.len()..].starts_with(char::is_alphanumeric) {
            return Some((None, vague.len()));
        }
    }
    if text.starts_with("half an hour") || text.starts_with("half hour") {
        let used = if text.starts_with("half an") { 12 } else { 9 };
        return Some((Some(SignedDuration::from_mins(30)), used));
    }
    let (mut minutes, mut used) = first(text)?;
    if minutes.is_some() {
        let more = text[used..].trim_start_matches([' ', ',']);
        let more = more.strip_prefix("and ").unwrap_or(more).trim_start();
        let before = text.len() - more.len();
        if more.starts_with("a half") && !more.starts_with("a half hour") {
            minutes = minutes.map(|m| m + 30);
            used = before + 6;
        } else if let Some((Some(extra), length)) = first(more)
            && extra < 60
            && is_minutes(&more[..length])
        {
            minutes = minutes.map(|m| m + extra);
            used = before + length;
        } else if let Some(extra) = glued_minutes(&text[..used], more, before == used) {
            minutes = minutes.map(|m| m + extra);
            used = before + 2;
        }
    }
    Some((minutes.map(SignedDuration::from_mins), used))
}

fn is_minutes(words: &str) -> bool {
    let unit = words.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '-'));
    unit.starts_with('m')
}

/// The 30 of "1h30".
fn glued_minutes(hours: &str, rest: &str, glued: bool) -> Option<i64> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (glued && hours.ends_with('h') && digits == 2).then(|| rest[..2].parse().ok()).flatten().filter(|m| *m < 60)
}

/// One number with its unit, in minutes.
fn first(text: &str) -> Option<(Option<i64>, usize)> {
    let (sixtieths, mut used) = amount(text)?;
    let mut certain = true;
    let rest = &text[used..];
    // "2-3 hours", "2 to 3 hours", "2 or 3 hours".
    for joint in ["-", " - ", " to ", " or ", "/"] {
        if let Some(after) = rest.strip_prefix(joint)
            && let Some((_, length)) = amount(after)
            && unit(&after[length..]).is_some()
        {
            certain = false;
            used += joint.len() + length;
        }
    }
    if text[used..].starts_with('+') {
        certain = false;
        used += 1;
    }
    let (unit_minutes, length) = unit(&text[used..])?;
    let minutes = sixtieths * unit_minutes / 60;
    let whole = sixtieths * unit_minutes % 60 == 0;
    Some(((certain && whole).then_some(minutes), used + length))
}

/// A number in sixtieths, so that 2.5 and 1 1/2 stay whole numbers.
fn amount(text: &str) -> Option<(i64, usize)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return spelled(text);
    }
    if digits > 3 {
        return None;
    }
    let whole: i64 = text[..digits].parse().ok()?;
    let rest = &text[digits..];
    for (fraction, sixtieths) in [(" 1/2", 30), (" and a half", 30), ("\u{bd}", 30), (" \u{bd}", 30), (" 1/4", 15)] {
        if rest.starts_with(fraction) {
            return Some((whole * 60 + sixtieths, digits + fraction.len()));
        }
    }
    if let Some(after) = rest.strip_prefix(['.', ',']) {
        let decimals = after.bytes().take_while(u8::is_ascii_digit).count();
        let sixtieths = match &after[..decimals] {
            "5" | "50" => 30,
            "25" => 15,
            "75" => 45,
            "0" | "00" => 0,
            _ => return None,
        };
        return Some((whole * 60 + sixtieths, digits + 1 + decimals));
    }
    Some((whole * 60, digits))
}

fn spelled(text: &str) -> Option<(i64, usize)> {
    const WORDS: &[(&str, i64)] = &[
        ("an ", 1),
        ("a ", 1),
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("twelve", 12),
        ("fifteen", 15),
        ("thirty", 30),
        ("forty-five", 45),
        ("forty five", 45),
        ("sixty", 60),
        ("ninety", 90),
    ];
    let (word, value) = WORDS.iter().find(|(w, _)| text.starts_with(w))?;
    let used = word.trim_end().len();
    if let Some(half) = text[used..].strip_prefix(" and a half") {
        return Some((value * 60 + 30, text.len() - half.len()));
    }
    Some((value * 60, used))
}

/// A unit in minutes.
fn unit(text: &str) -> Option<(i64, usize)> {
    let trimmed = text.trim_start_matches([' ', '-']);
    let gap = text.len() - trimmed.len();
    let word: usize = trimmed.bytes().take_while(u8::is_ascii_lowercase).count();
    let minutes = match &trimmed[..word] {
        "h" | "hr" | "hrs" | "hour" | "hours" => 60,
        "min" | "mins" | "minute" | "minutes" => 1,
        "m" if gap == 0 => 1,
        _ => return None,
    };
    (gap <= 2).then_some((minutes, gap + word))
}

/// A whole labelled answer; the unit may stand in the label ("Hours: 3").
pub(crate) fn labelled(answer: &str, unit_in_label: Option<i64>) -> Option<SignedDuration> {
    const FILL: &str = "session, sessions, for, a, the, long, in, total, please, each, of, block, recording";
    let mut found = None;
    let mut rest = answer.trim();
    while !rest.is_empty() {
        if let Some((length, used)) = at(rest) {
            if found.is_some_and(|f| Some(f) != length) {
                return None;
            }
            found = Some(length?);
            rest = &rest[used..];
        } else if let Some(minutes) = unit_in_label.filter(|_| found.is_none())
            && let Some((sixtieths, used)) = amount(rest)
            && used == rest.len()
            && sixtieths * minutes % 60 == 0
        {
            found = Some(SignedDuration::from_mins(sixtieths * minutes / 60));
            rest = "";
        } else {
            let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            if length > 0 && !among(FILL, &rest[..length]) {
                return None;
            }
            let skip = if length > 0 { length } else { rest.chars().next().map_or(1, char::len_utf8) };
            if length == 0 && !rest.starts_with([' ', '.', ',', '(', ')', '-', '!', '\n']) {
                return None;
            }
            rest = &rest[skip..];
        }
    }
    found.filter(|f| *f > SignedDuration::ZERO && *f <= SignedDuration::from_hours(24))
}

/// ISO 8601 with hours and minutes, as `PT1H30M`.
pub(crate) fn iso(length: SignedDuration) -> String {
    let (hours, minutes) = (length.as_hours(), length.as_mins() % 60);
    let seconds = length.as_secs() % 60;
    let part = |n: i64, unit: char| if n == 0 { String::new() } else { format!("{n}{unit}") };
    let all = format!("{}{}{}", part(hours, 'H'), part(minutes, 'M'), part(seconds, 'S'));
    if all.is_empty() { "PT0S".to_owned() } else { format!("PT{all}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_as_people_write_them() {
        for (words, minutes) in [
            ("3 hours", 180),
            ("3h", 180),
            ("3 hrs", 180),
            ("90 min", 90),
            ("90 minutes", 90),
            ("1.5 hours", 90),
            ("1h30", 90),
            ("1h 30m", 90),
            ("1 hour 30 minutes", 90),
            ("1 hour and 30 minutes", 90),
            ("an hour and a half", 90),
            ("an hour", 60),
            ("two hours", 120),
            ("half an hour", 30),
            ("2 1/2 hours", 150),
            ("two and a half hours", 150),
            ("3-hour session", 180),
            ("4 hours.", 240),
            ("one hour", 60),
        ] {
            assert_eq!(labelled(words, None), Some(SignedDuration::from_mins(minutes)), "{words}");
        }
    }

    #[test]
    fn lengths_that_are_not_certain() {
        for words in [
            "2-3 hours",
            "half a day",
            "about 2 hours",
            "3",
            "all day",
            "2 or 3 hours",
            "up to 3 hours",
            "3+ hours",
            "0 hours",
            "30 hours",
            "3 songs",
            "a while",
            "3 days",
        ] {
            assert_eq!(labelled(words, None), None, "{words}");
        }
        assert_eq!(labelled("3", Some(60)), Some(SignedDuration::from_hours(3)));
    }
}
