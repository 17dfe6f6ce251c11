//! How people are reached: a phone number and an e-mail address, each with one constructor, so that a value of these
//! types has been checked wherever it turns up.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A telephone number in E.164 form, such as `+12125550143`.
///
/// `Display` is the whole number, because texts and pages need it. `Debug` keeps the last two digits only, because
/// debug output ends in logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why a text is not a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPhone {
    /// Nothing was written.
    #[error("no number")]
    Empty,
    /// Something else than digits and the usual separators.
    #[error("a character that is not part of a number")]
    Character,
    /// Neither international nor a North American number.
    #[error("no country code: write it with a + (North American numbers have 10 digits, or 11 with a leading 1)")]
    NoCountry,
    /// An international number that is too short or too long, or starts with 0.
    #[error("after the + 7 to 15 digits are allowed, the first not 0")]
    Length,
    /// A number of country code 1 that has no ten digits after it.
    #[error("a North American number has 10 digits after the 1")]
    NorthAmerican,
    /// Ten digits without a country code that begin with 0 or 1: no area code does, other countries' trunk codes do.
    #[error("no area code begins with 0 or 1; a number of another country is written with a +")]
    AreaCode,
}

impl Phone {
    /// Reads a number as people write it. Ten digits, or eleven that begin with 1, are North American; any other
    /// number needs its country code after a `+`.
    ///
    /// # Errors
    /// When the text is not a number that can be called from anywhere.
    pub fn new(text: &str) -> Result<Self, NotAPhone> {
        let text = text.trim();
        let (international, rest) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let digits = digits(rest)?;
        let number = match (international, digits.len()) {
            (_, 0) => return Err(NotAPhone::Empty),
            (true, _) => digits,
            (false, 10) => format!("1{}", with_area_code(&digits)?),
            (false, 11) if digits.starts_with('1') => format!("1{}", with_area_code(&digits[1..])?),
            (false, _) => return Err(NotAPhone::NoCountry),
        };
        if number.starts_with('0') || !(7..=15).contains(&number.len()) {
            return Err(NotAPhone::Length);
        }
        if number.starts_with('1') && number.len() != 11 {
            return Err(NotAPhone::NorthAmerican);
        }
        Ok(Self(format!("+{number}")))
    }

    /// The number in E.164 form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The digits of a number, without the spaces, dots, dashes, slashes and brackets that people put between them.
fn digits(text: &str) -> Result<String, NotAPhone> {
    let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2013}');
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if !separator(c) {
            return Err(NotAPhone::Character);
        }
    }
    Ok(digits)
}

fn with_area_code(national: &str) -> Result<&str, NotAPhone> {
    if national.starts_with(['0', '1']) { Err(NotAPhone::AreaCode) } else { Ok(national) }
}

/// An e-mail address, such as `dane@example.com`. The domain is kept in lower case, the local part as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address: it needs a name, one @ and a domain, without spaces")]
pub struct NotAnAddress;

impl EmailAddress {
    /// Reads one bare address: no display name, no angle brackets, no quoted local part.
    ///
    /// # Errors
    /// When the text cannot be written to as it stands.
    pub fn new(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress)?;
        if text.len() > 254 || !is_local(local) || !is_domain(domain) {
            return Err(NotAnAddress);
        }
        Ok(Self(format!("{local}@{}", domain.to_lowercase())))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local(local: &str) -> bool {
    let allowed = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let bare = |c: char| allowed(c) && !c.is_whitespace() && !c.is_control();
    (1..=64).contains(&local.len())
        && local.chars().all(bare)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    let part = |part: &str| {
        (1..=63).contains(&part.len())
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    domain.split('.').all(part)
}

macro_rules! as_text {
    ($type:ty, $wrong:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $type {
            type Err = $wrong;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = $wrong;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(&text)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.0
            }
        }
    };
}

as_text!(Phone, NotAPhone);
as_text!(EmailAddress, NotAnAddress);

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.0.len().saturating_sub(2);
        write!(f, "Phone(\"{}{}\")", "*".repeat(kept), &self.0[kept..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_american_numbers_are_read_as_people_write_them() {
        for text in
            ["+1 212 555 0143", "(212) 555-0143", "212-555-0143", "1-212-555-0143", "212.555.0143", " 2125550143 "]
        {
            assert_eq!(Phone::new(text).map(String::from), Ok("+12125550143".to_owned()), "{text}");
        }
    }

    #[test]
    fn other_countries_need_a_plus() {
        assert_eq!(Phone::new("+49 30 5550143").unwrap().as_str(), "+49305550143");
        assert_eq!(Phone::new("49305550143"), Err(NotAPhone::NoCountry));
        assert_eq!(Phone::new("555-0143"), Err(NotAPhone::NoCountry));
    }

    #[test]
    fn what_cannot_be_called_is_refused() {
        for (text, why) in [
            ("", NotAPhone::Empty),
            ("+", NotAPhone::Empty),
            ("-- ", NotAPhone::Empty),
            ("212-555-CALL", NotAPhone::Character),
            ("++12125550143", NotAPhone::Character),
            ("212-555-0143 x5", NotAPhone::Character),
            ("+0125550143", NotAPhone::Length),
            ("+449999", NotAPhone::Length),
            ("+4412345678901234", NotAPhone::Length),
            ("+1 212 555 01", NotAPhone::NorthAmerican),
            ("030 5550 1433", NotAPhone::NoCountry),
            ("030 5550 143", NotAPhone::AreaCode),
            ("1 112 555 0143", NotAPhone::AreaCode),
        ] {
            assert_eq!(Phone::new(text), Err(why), "{text}");
        }
    }

    #[test]
    fn debug_of_a_number_says_almost_nothing() {
        assert_eq!(format!("{:?}", Phone::new("212-555-0143").unwrap()), "Phone(\"**********43\")");
        assert_eq!(Phone::new("212-555-0143").unwrap().to_string(), "+12125550143");
    }

    #[test]
    fn addresses_are_checked_and_their_domain_lowered() {
        assert_eq!(EmailAddress::new(" Dane@Example.COM ").unwrap().as_str(), "Dane@example.com");
        assert_eq!(EmailAddress::new("o'neil+x@mail.example.com").unwrap().as_str(), "o'neil+x@mail.example.com");
        assert!(EmailAddress::new("zoë@exämple.com").is_ok());
        assert!(EmailAddress::new("root@localhost").is_ok());
    }

    #[test]
    fn what_cannot_be_written_to_is_refused() {
        for text in [
            "",
            "@",
            "dane",
            "dane@",
            "@example.com",
            "a b@example.com",
            "a@b@example.com",
            "a@example..com",
            "Dane <dane@example.com>",
            ".a@example.com",
            "a..b@example.com",
            "a@-example.com",
            "a@exa mple.com",
            "a\u{a0}b@example.com",
            "a@example.com\r\nBcc: b@example.com",
        ] {
            assert_eq!(EmailAddress::new(text), Err(NotAnAddress), "{text}");
        }
    }
}
