//! How a text message is counted, and how words are made to fit into few of them.
//!
//! A text of letters that the GSM 7-bit default alphabet has (3GPP TS 23.038, 6.2.1) holds 160 of them, any other 70
//! UTF-16 units (6.2.3). A longer one is cut into segments of 153 or 67, because each carries six bytes that say where it
//! belongs (3GPP TS 23.040, 9.2.3.24.1). Every segment is paid for.

/// 3GPP TS 23.038, 6.2.1: the default alphabet, without its escape.
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// 3GPP TS 23.038, 6.2.1.1: these follow an escape, and so take two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// No text that quotes somebody is longer than this.
const MOST_SEGMENTS: usize = 4;

/// How the letters of a text travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Seven bits a letter; some take two.
    Gsm7,
    /// UTF-16.
    Ucs2,
}

/// How much a text takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How it travels.
    pub encoding: Encoding,
    /// Its length: septets, or UTF-16 units.
    pub units: usize,
    /// How many messages it is on the air. An empty one is one.
    pub segments: usize,
}

/// Counts a text as it stands.
#[must_use]
pub fn size(text: &str) -> Size {
    let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
    match septets {
        Some(lengths) => packed(Encoding::Gsm7, &lengths, 160, 153),
        None => packed(Encoding::Ucs2, &text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

/// Neither an escape and its letter nor a surrogate pair is ever cut in two, so that a segment may end one unit early.
fn packed(encoding: Encoding, lengths: &[usize], alone: usize, together: usize) -> Size {
    let units = lengths.iter().sum();
    if units <= alone {
        return Size { encoding, units, segments: 1 };
    }
    let (mut segments, mut used) = (1, 0);
    for length in lengths {
        if used + length > together {
            (segments, used) = (segments + 1, 0);
        }
        used += length;
    }
    Size { encoding, units, segments }
}

fn septets(letter: char) -> Option<usize> {
    if DEFAULT.contains(letter) {
        Some(1)
    } else if EXTENSION.contains(letter) {
        Some(2)
    } else {
        None
    }
}

/// The same words with the quotes, dashes, blanks and dots of a typewriter: one curly quote makes every segment of a text
/// hold 70 letters instead of 160.
///
/// Letters stay as they are, also those that make a text UTF-16, such as the ç of "François": they are mostly in names,
/// and a studio or musician whose name comes out wrong is worse than a second segment.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\r' {
            letters.next_if_eq(&'\n');
        }
        let before = plain.chars().next_back();
        match letter {
            // They join emoji and the letters of some scripts, and nothing else.
            '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' if before.is_none_or(|b| septets(b).is_some()) => {}
            // Catalan writes it inside words.
            '·' if before.is_some_and(char::is_alphabetic) => plain.push('·'),
            letter => match typed(narrow(letter)) {
                Some(typed) => plain.push_str(typed),
                None => plain.push(narrow(letter)),
            },
        }
    }
    plain
}

/// The full-width forms of ASCII stand in its order (Unicode, U+FF01 to U+FF5E).
fn narrow(letter: char) -> char {
    match letter {
        '！'..='～' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        letter => letter,
    }
}

fn typed(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "\n",
        '‘' | '’' | '‚' | '‛' | '′' | '‵' | '‹' | '›' | '`' | '´' => "'",
        '“' | '”' | '„' | '‟' | '″' | '‶' | '«' | '»' | '〝' | '〞' => "\"",
        '‐'..='―' | '−' | '⁃' | '﹘' | '﹣' | '•' | '‣' | '◦' | '∙' | '▪' | '●' | '·' => "-",
        '…' => "...",
        '‥' => "..",
        '⁄' | '∕' => "/",
        '→' => "->",
        '×' => "x",
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => "",
        blank if blank.is_whitespace() => " ",
        control if control.is_control() => "",
        _ => return None,
    })
}

/// The first of these wordings, the best first, that takes one segment; else the first of those that take the fewest.
pub(crate) fn fitting<const N: usize>(wordings: [String; N]) -> String {
    let plain = wordings.map(|wording| plain(&wording));
    // Of equals this is the first.
    plain.into_iter().min_by_key(|wording| size(wording).segments).unwrap_or_default()
}

/// What `says` makes of somebody's words, of which it gets as much as fits into a text of the greatest length: so what
/// it says after them, such as a link, is never cut off.
pub(crate) fn quoting(words: &str, says: impl Fn(&str) -> String) -> String {
    let words = plain(words);
    let fits = |text: &String| size(text).segments <= MOST_SEGMENTS;
    let whole = plain(&says(&words));
    if fits(&whole) {
        return whole;
    }
    let cut = |at: usize| plain(&says(&format!("{}...", words[..at].trim_end())));
    let ends: Vec<usize> = words.char_indices().map(|(at, _)| at).take(160 * MOST_SEGMENTS).collect();
    let too_long = ends.partition_point(|at| fits(&cut(*at)));
    cut(ends.get(too_long.saturating_sub(1)).copied().unwrap_or_default())
}
