//! Codes that change every half minute: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 seconds, which is what every
//! authenticator app does; and the address by which such an app takes a secret.

use jiff::Timestamp;
use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use std::fmt::Write as _;
use subtle::ConstantTimeEq;

/// Seconds of a step.
const STEP: i64 = 30;
/// The letters of RFC 4648, section 6.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret, as long as the hash (RFC 4226, section 4), in base32.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn fresh() -> String {
    let mut bytes = [0_u8; 20];
    #[expect(clippy::expect_used, reason = "secrets that can be guessed would be worse than none")]
    getrandom::fill(&mut bytes).expect("the system has randomness");
    base32(&bytes)
}

/// The step of time whose code this is: the present one, the one before or the one after. None: it is no code.
#[must_use]
pub fn step_of(secret: &str, code: &str, now: Timestamp) -> Option<i64> {
    let key = unbase32(secret)?;
    let present = now.as_second().div_euclid(STEP);
    let code: String = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    let is = |step: &i64| bool::from(code_of(&key, *step).as_bytes().ct_eq(code.as_bytes()));
    [present, present - 1, present + 1].into_iter().find(is)
}

/// The code at a moment.
#[must_use]
pub fn code_at(secret: &str, at: Timestamp) -> Option<String> {
    unbase32(secret).map(|key| code_of(&key, at.as_second().div_euclid(STEP)))
}

/// What an authenticator app reads from the picture.
#[must_use]
pub fn address(secret: &str, studio: &str, name: &str) -> String {
    let (studio, name) = (escaped(&studio.replace(':', " ")), escaped(&name.replace(':', " ")));
    format!("otpauth://totp/{studio}:{name}?secret={secret}&issuer={studio}&algorithm=SHA1&digits=6&period=30")
}

/// RFC 4226, section 5.3.
fn code_of(key: &[u8], step: i64) -> String {
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key), &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
    let number = tag[at..at + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// RFC 4648, section 6, without padding.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let letters =
        (0..(bytes.len() * 8).div_ceil(5)).map(|letter| (0..5).fold(0, |five, at| five << 1 | bit(letter * 5 + at)));
    letters.map(|five| char::from(LETTERS[usize::from(five)])).collect()
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut number, mut bytes) = (0_u32, 0_u32, Vec::new());
    for letter in text.bytes() {
        let five = LETTERS.iter().position(|known| *known == letter)?;
        number = number << 5 | u32::try_from(five).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(number >> bits & 0xff).ok()?);
            number &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, appendix B: its eight digits end in our six.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let secret = base32(b"12345678901234567890");
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (second, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code_at(&secret, at(second)).unwrap(), code[2..], "{second}");
        }
    }

    #[test]
    fn a_code_counts_in_its_step_and_the_two_beside_it() {
        let secret = fresh();
        assert_eq!(secret.len(), 32);
        let now = at(1_796_000_010);
        for (seconds, counts) in [(-90, false), (-30, true), (0, true), (30, true), (90, false)] {
            let code = code_at(&secret, at(1_796_000_010 + seconds)).unwrap();
            assert_eq!(step_of(&secret, &code, now), counts.then(|| (1_796_000_010 + seconds) / 30), "{seconds}");
        }
        let code = code_at(&secret, now).unwrap();
        assert!(step_of(&secret, &format!(" {} {}", &code[..3], &code[3..]), now).is_some());
        assert!(step_of(&secret, "", now).is_none() && step_of("not base 32", &code, now).is_none());
    }

    /// RFC 4648, section 10, without the padding.
    #[test]
    fn base32_is_that_of_the_rfc() {
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
            assert_eq!(unbase32(text).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn an_app_reads_who_it_is_for() {
        assert_eq!(
            address("MZXW6", "Fern Room: A&B", "rosa"),
            "otpauth://totp/Fern%20Room%20%20A%26B:rosa?secret=MZXW6&issuer=Fern%20Room%20%20A%26B&algorithm=SHA1&digits=6&period=30"
        );
    }
}
