//! Characters to the few that the grammars know: spaces, dashes, quotes and widths that look alike become one.

/// Stands where words were struck out or a box was left unticked: no grammar knows it, so whoever meets it asks.
pub(crate) const STRUCK: char = '\u{E000}';

/// One spelling for characters that look alike; invisible ones and pictures go.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_plain(c, &mut out);
    }
    if out.contains(['[', '(']) {
        for (open, mark) in [
            ("[ ]", STRUCK),
            ("[]", STRUCK),
            ("( )", STRUCK),
            ("[x]", '\u{2022}'),
            ("[X]", '\u{2022}'),
            ("(\u{2022})", '\u{2022}'),
            ("[\u{2022}]", '\u{2022}'),
        ] {
            out = out.replace(open, &mark.to_string());
        }
    }
    out
}

fn push_plain(c: char, out: &mut String) {
    match c {
        '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{AD}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{20E3}'
        | '\u{180E}'
        | '\r'
        | '\0' => {}
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => out.push(' '),
        '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{B}' | '\u{C}' => out.push('\n'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{2500}' | '\u{2501}' | '\u{AF}' => {
            out.push('-');
        }
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{2032}' | '\u{B4}' | '`' | '\u{2BC}' => out.push('\''),
        '\u{201C}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{2033}' => out.push('"'),
        '\u{FF01}'..='\u{FF5E}' => push_plain(char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(' '), out),
        '\u{D7}' | '\u{2715}' | '\u{2A2F}' => out.push('x'),
        '\u{2236}' | '\u{A789}' => out.push(':'),
        '\u{2022}' | '\u{2023}' | '\u{25AA}' | '\u{25AB}' | '\u{25CF}' | '\u{25CB}' | '\u{25E6}' | '\u{B7}'
        | '\u{2043}' | '\u{25A0}' | '\u{25B6}' | '\u{25BA}' | '\u{27A4}' | '\u{2611}' | '\u{2705}' | '\u{2713}'
        | '\u{2714}' => out.push('\u{2022}'),
        '\u{2044}' | '\u{2215}' => out.push('/'),
        '\u{2026}' => out.push_str("..."),
        '\u{2610}' | '\u{2717}' | '\u{2718}' | '\u{274C}' | '\u{274E}' | '\u{2B1C}' | '\u{25A1}' | '\u{1F6AB}' => {
            out.push(STRUCK);
        }
        _ => out.push(if is_picture(c) { ' ' } else { c }),
    }
}

/// Arrows, symbols and emoji.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}'
        | '\u{1F000}'..='\u{1FAFF}' | '\u{E0000}'..='\u{E007F}')
}

/// Lower case without accents, for comparing names of places and labels.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '\u{300}'..='\u{36F}' => {}
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => out.push('a'),
            'ç' | 'ć' | 'č' => out.push('c'),
            'ď' | 'đ' => out.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => out.push('e'),
            'ğ' => out.push('g'),
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => out.push('i'),
            'ł' => out.push('l'),
            'ñ' | 'ń' | 'ň' => out.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => out.push('o'),
            'ř' => out.push('r'),
            'ś' | 'š' | 'ş' | 'ș' => out.push('s'),
            'ß' => out.push_str("ss"),
            'ť' | 'ț' | 'ţ' => out.push('t'),
            'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => out.push('u'),
            'ý' | 'ÿ' => out.push('y'),
            'ź' | 'ž' | 'ż' => out.push('z'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            _ => out.push(c),
        }
    }
    out
}

/// Runs of white space to one space each.
pub(crate) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Is a word on a list whose entries are separated by a comma and a space? Looking for the comma alone is several times as
/// fast, and every word of a mail is looked for on several lists.
pub(crate) fn among(list: &str, word: &str) -> bool {
    list.split(',').any(|entry| entry.strip_prefix(' ').unwrap_or(entry) == word)
}

/// At most so many bytes of a text, cut between characters.
pub(crate) fn first_bytes(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Takes the web addresses out of a text.
pub(crate) fn without_links(text: &str) -> (String, Vec<String>) {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    let mut links = Vec::new();
    while let Some(start) = find_link(rest) {
        out.push_str(rest[..start].trim_end_matches('<'));
        let tail = &rest[start..];
        let end = tail
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '|' | '\u{2022}'))
            .unwrap_or(tail.len());
        let link = trimmed_link(&tail[..end]);
        if link.len() > 8 && !links.iter().any(|l| l == link) {
            links.push(link.to_owned());
        }
        out.push(' ');
        out.push_str(tail[link.len()..end].trim_end_matches(['.', ')', ']']));
        rest = tail[end..].trim_start_matches('>');
    }
    out.push_str(rest);
    (out, links)
}

/// Where the next web address begins; searched byte by byte so that no lower-case copy is made.
fn find_link(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let begins = |at: usize, word: &str| {
        bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    (0..bytes.len()).find(|&at| matches!(bytes[at], b'h' | b'H') && (begins(at, "http://") || begins(at, "https://")))
}

fn trimmed_link(link: &str) -> &str {
    let mut link = link.trim_end_matches(['.', ',', ';', ':', '!', '\'', '*']);
    while link.ends_with([')', ']']) && !link.contains(['(', '[']) {
        link = link[..link.len() - 1].trim_end_matches(['.', ',', ';', ':', '!', '\'']);
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_become_one_spelling() {
        assert_eq!(plain("10:00\u{A0}AM \u{2013} 1\u{200B}:00 PM"), "10:00 AM - 1:00 PM");
        assert_eq!(plain("\u{FF11}\u{FF10}\u{FF1A}\u{FF13}\u{FF10}"), "10:30");
        assert_eq!(plain("GMT\u{2212}5"), "GMT-5");
        assert_eq!(folded("Bogot\u{E1}, Z\u{FC}rich, Sa\u{303}o"), "bogota, zurich, sao");
    }

    #[test]
    fn links_are_taken_out_whole() {
        let (rest, links) =
            without_links("demo (https://x.example.com/a_(1).mp3?b=c), thanks <http://y.example.com/z>.");
        assert_eq!(links, ["https://x.example.com/a_(1).mp3?b=c)", "http://y.example.com/z"]);
        assert!(!rest.contains("http"));
    }
}
