//! Words of others, made fit for logs.

/// More than this of a stranger's words helps nobody.
const LONGEST: usize = 200;
/// Fewer digits in a row are a code, not a telephone number.
const SHORTEST_NUMBER: usize = 7;

/// What a network or the machine says, without telephone numbers and without what must not be repeated: the text itself
/// and secrets.
pub fn fit(words: &str, unsaid: &[&str]) -> String {
    let mut words = words.to_owned();
    for each in unsaid.iter().filter(|each| !each.is_empty()) {
        words = words.replace(each, "…");
    }
    let plain: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    without_numbers(&plain).chars().take(LONGEST).collect()
}

/// Replaces each row of digits that is long enough for a number, with the separators that people put between them.
fn without_numbers(words: &str) -> String {
    let mut kept = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(|c: char| c == '+' || c.is_ascii_digit()) {
        let (before, row) = rest.split_at(at);
        let belongs = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '(' | ')' | ' ');
        let row = row.split_at(row.find(|c| !belongs(c)).unwrap_or(row.len())).0;
        let row = &row[..row.rfind(|c: char| c.is_ascii_digit()).map_or(1, |last| last + 1)];
        kept.push_str(before);
        let long = row.chars().filter(char::is_ascii_digit).count() >= SHORTEST_NUMBER;
        kept.push_str(if long { "…" } else { row });
        rest = &rest[at + row.len()..];
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_texts_and_secrets_are_left_out() {
        for (words, fitting) in [
            ("The 'To' number +15555550101 is not valid", "The 'To' number … is not valid"),
            ("(555) 555-0101 and 1 555 555 0102", "(… and …"),
            ("code 21610: 3 of 4", "code 21610: 3 of 4"),
            ("5550101 and 555010", "… and 555010"),
            ("body: Can you play? key: s3cret", "body: … key: …"),
            ("two\r\nlines + more", "two  lines + more"),
        ] {
            assert_eq!(fit(words, &["Can you play?", "s3cret", ""]), fitting);
        }
        assert_eq!(fit(&"é".repeat(999), &[]).chars().count(), LONGEST);
    }
}
