//! How texts are counted and made to fit, held against what others count and against a second way to count.

use firstcall_core::ids::BookingId;
use firstcall_core::segments::{Encoding, Size, plain, size};
use firstcall_core::wording::{ToManager, writes};
use proptest::prelude::*;

/// Each line: encoding, units, segments, and the text as letters (hexadecimal) and how often each stands there. Made with
/// Twilio's `sms-segments-calculator` 1.3.0 (npm); `smsutil` 1.1.3 (`PyPI`) counts the same.
const COUNTED_ELSEWHERE: &str = include_str!("segments.tsv");

#[test]
fn texts_are_counted_as_others_count_them() {
    let mut cases = 0;
    for line in COUNTED_ELSEWHERE.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [encoding, units, segments, letters] = columns[..] else { panic!("{line}") };
        let text: String = letters.split_whitespace().map(written_out).collect();
        let encoding = if encoding == "GSM-7" { Encoding::Gsm7 } else { Encoding::Ucs2 };
        let expected = Size { encoding, units: units.parse().unwrap(), segments: segments.parse().unwrap() };
        assert_eq!(size(&text), expected, "{line}");
        cases += 1;
    }
    assert!(cases > 300, "only {cases}");
}

fn written_out(letters: &str) -> String {
    let (letter, times) = letters.split_once('*').unwrap();
    char::from_u32(u32::from_str_radix(letter, 16).unwrap()).unwrap().to_string().repeat(times.parse().unwrap())
}

/// Marks of a typesetter become those of a typewriter; names stay what they are.
#[test]
fn texts_go_out_in_typewritten_marks() {
    for (written, sent) in [
        ("“Ben’s” — 10–11…", "\"Ben's\" - 10-11..."),
        ("Fern\u{a0}Room\u{202f}·\u{2009}Attic", "Fern Room - Attic"),
        ("• one\r\n• two\r", "- one\n- two\n"),
        ("Ｆｅｒｎ　Ｒｏｏｍ！", "Fern Room!"),
        ("Ｂｅｎ｀ｓ", "Ben's"),
        ("a\u{200b}b\u{feff}c\u{ad}d\u{1b}e\u{202e}f", "abcdef"),
        ("tab\tand\u{c}page", "tab and page"),
        ("José Ñuñez", "José Ñuñez"),
        ("François Šimić, Gal·la Paral·lel", "François Šimić, Gal·la Paral·lel"),
        ("Kaʻahumanu", "Kaʻahumanu"),
        ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ("👩\u{200d}🎤", "👩\u{200d}🎤"),
        ("x\u{fe0f}\u{200d}y", "xy"),
    ] {
        assert_eq!(plain(written), sent);
    }
    assert_eq!(size(&plain("“Fern Room’s” — José…")).encoding, Encoding::Gsm7);
}

/// 7.1: a text to the manager that quotes somebody is never longer than four segments, and its link is whole.
#[test]
fn r7_1_what_is_quoted_is_cut_before_the_link() {
    let says = ToManager { booking: BookingId(214), link: "https://fern.example.com/bookings/214" };
    let text = says.exhausted(&"drums: Ana holds. ".repeat(100));
    assert!(text.starts_with("First Call: #214 needs you: nobody is left. drums: Ana holds. "), "{text}");
    assert!(text.ends_with("... Add players: https://fern.example.com/bookings/214"), "{text}");
    assert_eq!(size(&text).segments, 4);
    assert!(size(&text).units > 4 * 153 - 20, "cut too early: {text}");

    assert_eq!(writes("Ana", "I’m ill"), "First Call: Ana writes: \"I'm ill\". Please answer them.");
    let text = writes("Ana", &"ça ne va pas 😢 ".repeat(100));
    assert!(text.ends_with("...\". Please answer them."), "{text}");
    assert_eq!(size(&text).segments, 4);
}

/// What a text is made of: letters of one septet, of two, of one UTF-16 unit and of two.
fn letters() -> impl Strategy<Value = String> {
    let few = prop_oneof!["[a-z]{0,100}", "[€{}~^]{0,50}", "[жщç]{0,2}", "[😀-😄]{0,60}", "\\PC{0,20}"];
    prop::collection::vec(few, 0..6).prop_map(|pieces| pieces.concat())
}

fn septets(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::new();
    for letter in text.chars() {
        match letter {
            '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => septets.extend([0x1b, 0]),
            '`' => return None,
            ' '..='~' | '\n' => septets.push(0),
            other if "@£$¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà".contains(other) =>
            {
                septets.push(0);
            }
            _ => return None,
        }
    }
    Some(septets)
}

/// Cuts what is sent, as a telephone does, and counts the pieces.
fn pieces<T>(units: &[T], alone: usize, together: usize, opens_a_pair: impl Fn(&T) -> bool) -> usize {
    if units.len() <= alone {
        return 1;
    }
    let (mut from, mut pieces) = (0, 0);
    while from < units.len() {
        let to = units.len().min(from + together);
        from = if to < units.len() && opens_a_pair(&units[to - 1]) { to - 1 } else { to };
        pieces += 1;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_are_counted_as_by_cutting_them(text in letters()) {
        let expected = if let Some(septets) = septets(&text) {
            let segments = pieces(&septets, 160, 153, |septet| *septet == 0x1b);
            Size { encoding: Encoding::Gsm7, units: septets.len(), segments }
        } else {
            let units: Vec<u16> = text.encode_utf16().collect();
            let segments = pieces(&units, 70, 67, |unit| (0xd800..0xdc00).contains(unit));
            Size { encoding: Encoding::Ucs2, units: units.len(), segments }
        };
        prop_assert_eq!(size(&text), expected);
    }

    #[test]
    fn typewritten_marks_harm_no_letter(text in "(\\PC|[“”‘’–—…•·\u{a0}\u{200b}\u{200d}\u{fe0f}\r\n]|[a-zé]){0,60}") {
        let plain_text = plain(&text);
        prop_assert_eq!(&plain(&plain_text), &plain_text);
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let narrow = |c: char| if ('！'..='～').contains(&c) { char::from_u32(u32::from(c) - 0xfee0).unwrap() } else { c };
        let written: String = text.chars().map(narrow).collect();
        // A sign for "times" is the letter that is typed for it.
        prop_assert_eq!(letters(&written.replace('×', "x")), letters(&plain_text));
    }

    #[test]
    fn marks_never_make_a_text_utf_16(text in "[a-zA-Z0-9éñüÇß “”‘’„‚«»‹›–—−‐‑…•‣\u{a0}\u{202f}\u{2003}\u{3000}\u{200b}\u{feff}\u{2060}\u{ad}\r\n\t`´]{0,80}") {
        prop_assert_eq!(size(&plain(&text)).encoding, Encoding::Gsm7);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// 7.1: whatever is quoted.
    #[test]
    fn r7_1_a_text_that_quotes_has_four_segments_at_most(words in "\\PC{0,900}", name in "[\\p{L} ]{1,40}") {
        let says = ToManager { booking: BookingId(214), link: "https://fern.example.com/bookings/214" };
        for text in [says.no_times(&words), says.exhausted(&words), writes(&name, &words)] {
            prop_assert!(size(&text).segments <= 4, "{}", text);
            prop_assert_eq!(&plain(&text), &text);
            prop_assert!(text.ends_with(" https://fern.example.com/bookings/214") || text.ends_with("\". Please answer them."));
        }
    }
}
