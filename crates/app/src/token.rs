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

/// A new one for a client's page, which is kept for as long as its booking: 128 random bits in 22 characters.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn of_client() -> String {
    let mut bits = [0_u8; 16];
    #[expect(clippy::expect_used, reason = "links that can be guessed would be worse than none")]
    getrandom::fill(&mut bits).expect("the system has randomness");
    URL_SAFE_NO_PAD.encode(bits)
}

/// Whether a text has the form of a client's: 22 characters, or the 32 that older bookings were given.
#[must_use]
pub fn is_of_client(text: &str) -> bool {
    matches!(text.len(), 22 | 32) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A code of six digits, which is tried a few times at the most.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn code() -> String {
    #[expect(clippy::expect_used, reason = "codes that can be guessed would be worse than none")]
    let random = getrandom::u64().expect("the system has randomness");
    format!("{:06}", random % 1_000_000)
}

/// Whether a text has the form of one, so that nothing else is looked up.
#[must_use]
pub fn is_one(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn tokens_have_sixteen_characters_and_differ() {
        let (one, other) = (fresh(), fresh());
        assert!(is_one(&one) && is_one(&other));
        assert_ne!(one, other);
        let client = of_client();
        assert!(is_of_client(&client) && client != of_client() && !is_one(&client));
        assert!(is_of_client(&"0f".repeat(16)) && !is_of_client(&one) && !is_of_client("twenty-two characters!"));
        assert!(!is_one("short") && !is_one("sixteen chars ok"));
    }

    /// Rule 4.2: 96 bits, none of which says anything about another.
    #[test]
    fn every_bit_of_a_token_is_random() {
        const MANY: usize = 100_000;
        let tokens: HashSet<String> = (0..MANY).map(|_| fresh()).collect();
        assert_eq!(tokens.len(), MANY, "two are the same");
        let mut set = [0_usize; 96];
        for token in &tokens {
            assert!(is_one(token), "{token}");
            let bits = URL_SAFE_NO_PAD.decode(token).unwrap();
            assert_eq!(bits.len(), 12, "{token}");
            for (at, count) in set.iter_mut().enumerate() {
                *count += usize::from(bits[at / 8] >> (at % 8) & 1);
            }
        }
        // Half of them, but for six times what chance explains.
        assert!(set.iter().all(|count| (49_000..=51_000).contains(count)), "{set:?}");
    }
}
