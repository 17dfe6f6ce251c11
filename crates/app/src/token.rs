//! Secrets of links: 96 random bits in 16 characters that every URL and text message carries unchanged (rule 4.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A new one.
///
/// # Panics
/// When the system has no randomness: links that can be guessed would be worse than none.
#[must_use]
pub fn fresh() -> String {
    let mut bits = [0_u8; 12];
    #[expect(clippy::expect_used, reason = "links that can be guessed would be worse than none")]
    getrandom::fill(&mut bits).expect("the system has randomness");
    URL_SAFE_NO_PAD.encode(bits)
}

/// Whether a text has the form of one, so that nothing else is looked up.
#[must_use]
pub fn is_one(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_sixteen_characters_and_differ() {
        let (one, other) = (fresh(), fresh());
        assert!(is_one(&one) && is_one(&other));
        assert_ne!(one, other);
        assert!(!is_one("short") && !is_one("sixteen chars ok"));
    }
}
