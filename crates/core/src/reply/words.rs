//! A text message as words. Case, blanks and most punctuation are gone; what could change the meaning is a word.

/// A word, a number, or a sign that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Small letters without apostrophes, or digits, or one sign.
    pub(super) text: String,
    /// Nothing stands between it and the word before: the 7 of "Y7".
    pub(super) glued: bool,
}

/// Emoji that people put around what they say, and that say nothing against it.
const DECORATION: &str =
    "🙂😀😃😄😁😊☺😎🥳🤗🤩😇🙏🎉🎵🎶🎻🎺🎸🥁🎷🎹🎼🎤🪕🪘❤💜💙💚🧡💛🖤💕🔥🙌👏💪🤘✨⭐🌟👋😢😭😞😔☹🙁😕🤞🤝";

/// The words of a text, in their order.
pub(super) fn of(text: &str) -> Vec<Word> {
    let letters: Vec<char> = text.chars().filter(|c| !is_invisible(*c)).flat_map(simple).collect();
    let mut words: Vec<Word> = Vec::new();
    let mut before = None;
    for (at, &letter) in letters.iter().enumerate() {
        let after = letters.get(at + 1).copied();
        match kind(letter, before, after) {
            Kind::Letter | Kind::Digit => add(&mut words, letter, before),
            Kind::Nothing => continue,
            Kind::Gap => {}
            Kind::Sign(sign) => words.push(Word { text: sign.to_owned(), glued: false }),
            Kind::Unknown => words.push(Word { text: letter.to_string(), glued: false }),
        }
        before = Some(letter);
    }
    words
}

#[derive(Clone, Copy)]
enum Kind {
    Letter,
    Digit,
    /// It ends a word.
    Gap,
    /// It does not even end a word.
    Nothing,
    Sign(&'static str),
    /// It may say anything.
    Unknown,
}

fn kind(letter: char, before: Option<char>, after: Option<char>) -> Kind {
    let between = |is: fn(char) -> bool| before.is_some_and(is) && after.is_some_and(is);
    match letter {
        '0'..='9' => Kind::Digit,
        '\'' if between(char::is_alphabetic) => Kind::Nothing,
        // "7-8" is from seven to eight, "7-y9" who knows.
        '-' if before.is_some_and(|b| b.is_ascii_digit()) && after.is_some_and(char::is_alphanumeric) => Kind::Unknown,
        '.' | ',' | '!' | ';' | ':' | '\'' | '"' | '-' | '(' | ')' | '[' | ']' | '#' | '*' | '_' | '~' | '…' | '•'
        | '¡' => Kind::Gap,
        '?' | '¿' => Kind::Sign("?"),
        '&' | '+' => Kind::Sign("and"),
        letter if letter.is_alphanumeric() => Kind::Letter,
        letter if letter.is_whitespace() || letter.is_control() => Kind::Gap,
        letter if DECORATION.contains(letter) || is_skin(letter) => Kind::Gap,
        _ => Kind::Unknown,
    }
}

/// A number ends where letters begin, and the other way round: "y7thanks" is three words.
fn add(words: &mut Vec<Word>, letter: char, before: Option<char>) {
    let inside = before.is_some_and(char::is_alphanumeric);
    match words.last_mut() {
        Some(word) if inside && before.is_some_and(|b| b.is_ascii_digit() == letter.is_ascii_digit()) => {
            word.text.push(letter);
        }
        _ => words.push(Word { text: letter.into(), glued: inside }),
    }
}

/// Signs without a width of their own: they choose how an emoji looks, or hide between letters.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Skin tones colour the emoji before them; after anything else they are seen, so "7🏽8" is no 78.
fn is_skin(letter: char) -> bool {
    matches!(letter, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Small, of ordinary width, and with a typewriter's quotes and dashes.
fn simple(letter: char) -> impl Iterator<Item = char> {
    let narrow = match letter {
        '！'..='～' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        '‘' | '’' | '‚' | '‛' | '′' | '`' | '´' | 'ʼ' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' | '‹' | '›' => '"',
        '‐'..='―' | '−' => '-',
        letter => letter,
    };
    narrow.to_lowercase()
}

/// A number that can be a code: one to six digits.
pub(super) fn code(word: &Word) -> Option<u32> {
    let digits = (1..=6).contains(&word.text.len()) && word.text.bytes().all(|b| b.is_ascii_digit());
    word.text.parse().ok().filter(|_| digits)
}
