//! What a musician's text message says (rule 5.1).

/// A text message as far as it is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// YES to the offer with this code; without a code, to the one that is open.
    Yes(Option<u32>),
    /// NO to the offer with this code; without a code, to the one that is open.
    No(Option<u32>),
    /// "B7": would step in.
    StandBy(u32),
    /// "OUT7": gives up what they hold.
    DropOut(u32),
    /// "OK7": has seen it.
    Seen(u32),
    /// Wants to be on the list.
    Join,
    /// Asks what this is.
    Help,
    /// Wants nothing more; the provider answers them (rule 5.7).
    Stop,
    /// Wants texts again.
    Start,
    /// Anything else: the musician's own words, for the manager.
    Words,
}

/// Reads a text message. Case, blanks and punctuation around words do not matter; anything beyond the forms of rule 5.1
/// is words, so that "yes but only until noon" never counts as a YES.
#[must_use]
pub fn read(text: &str) -> Reply {
    let plain: String = text.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let (word, code) = match words.as_slice() {
        [one] => split_code(one),
        [word, code] if is_code(code) => (*word, code.parse().ok()),
        [code, word] if is_code(code) => (*word, code.parse().ok()),
        ["opt", "out"] | ["stop", "all"] => return Reply::Stop,
        _ => return Reply::Words,
    };
    match (word, code) {
        ("y" | "yes", code) => Reply::Yes(code),
        ("n" | "no", code) => Reply::No(code),
        ("b", Some(code)) => Reply::StandBy(code),
        ("out", Some(code)) => Reply::DropOut(code),
        ("ok", Some(code)) => Reply::Seen(code),
        ("join", None) => Reply::Join,
        ("help" | "info", None) => Reply::Help,
        ("stop" | "stopall" | "unsubscribe" | "cancel" | "end" | "quit" | "revoke" | "optout", None) => Reply::Stop,
        ("start" | "unstop", None) => Reply::Start,
        _ => Reply::Words,
    }
}

fn is_code(word: &str) -> bool {
    !word.is_empty() && word.len() <= 6 && word.bytes().all(|b| b.is_ascii_digit())
}

fn split_code(word: &str) -> (&str, Option<u32>) {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &word[letters.len()..];
    if is_code(digits) { (letters, digits.parse().ok()) } else { (word, None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule 5.1: the forms that answer.
    #[test]
    fn codes_answer_in_any_writing() {
        for text in ["Y7", "y 7", "Yes 7", "YES7!", " y7 ", "7 yes", "\"Y7\"", "Y-7"] {
            assert_eq!(read(text), Reply::Yes(Some(7)), "{text}");
        }
        for text in ["N7", "n 7", "No 7."] {
            assert_eq!(read(text), Reply::No(Some(7)), "{text}");
        }
        assert_eq!(read("yes"), Reply::Yes(None));
        assert_eq!(read("No!"), Reply::No(None));
        assert_eq!(read("B12"), Reply::StandBy(12));
        assert_eq!(read("out 4"), Reply::DropOut(4));
        assert_eq!(read("OK4"), Reply::Seen(4));
        assert_eq!(read("Join"), Reply::Join);
        assert_eq!(read("STOP"), Reply::Stop);
    }

    /// Whatever goes beyond them is for a human.
    #[test]
    fn everything_else_is_words() {
        for text in
            ["yes but only until noon", "", "ok", "B", "out", "no 7 8", "yes 7 no 8", "y99999999", "Y7 Y8", "👍"]
        {
            assert_eq!(read(text), Reply::Words, "{text}");
        }
    }
}
