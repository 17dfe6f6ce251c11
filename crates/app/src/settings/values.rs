//! Types that only settings have.

use std::fmt;

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is done.
    On,
    /// It is not done.
    Off,
}

impl Switch {
    /// Whether it is done.
    #[must_use]
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

/// Who sends the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsProvider {
    /// Nobody: pretended phones in the browser show them.
    Phones,
    /// Twilio.
    Twilio,
    /// Vonage.
    Vonage,
}

impl SmsProvider {
    /// As it is written in the settings and in addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Phones => "phones",
            Self::Twilio => "twilio",
            Self::Vonage => "vonage",
        }
    }
}

/// Which of Vonage's interfaces is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VonageApi {
    /// The SMS API.
    Sms,
    /// Messages v1.
    Messages,
}

/// What something costs, in millionths of a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    millionths: u64,
    currency: String,
}

impl Price {
    /// Reads "0.0083 USD"; nothing when it is no such amount.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let (amount, currency) = text.trim().split_once(' ')?;
        let (whole, part) = amount.split_once('.').unwrap_or((amount, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let three = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        if !digits(whole) || !digits(part) || whole.len() > 6 || part.len() > 6 || !three {
            return None;
        }
        let part: u64 = format!("{part:0<6}").parse().ok()?;
        Some(Self { millionths: whole.parse::<u64>().ok()? * 1_000_000 + part, currency: currency.to_owned() })
    }

    /// What so many cost, rounded up to whole cents.
    #[must_use]
    pub fn times(&self, number: usize) -> String {
        let cents = (self.millionths * number as u64).div_ceil(10_000);
        format!("{}.{:02} {}", cents / 100, cents % 100, self.currency)
    }
}

/// How the connection to the mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// It begins in the clear and must be upgraded.
    Starttls,
    /// It is encrypted from the first byte.
    Tls,
    /// It is not: for a mail server on the same machine.
    None,
}

/// An http or https URL to which paths are appended: without a slash at its end, a query or a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Reads a URL; nothing when it is none, or has parts that a base cannot have.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
        let plain = |c: char| c.is_ascii_graphic() && !"?#@\"<>\\^`{|}".contains(c);
        if !matches!(scheme.as_str(), "http" | "https") || !rest.chars().all(plain) || !is_authority(authority) {
            return None;
        }
        let path = path.trim_end_matches('/');
        let slash = if path.is_empty() { "" } else { "/" };
        Some(Self(format!("{scheme}://{}{slash}{path}", authority.to_ascii_lowercase())))
    }

    /// The URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether only this computer reaches it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.host().starts_with("127.") || matches!(self.host(), "localhost" | "[::1]")
    }

    /// The name or number of its host.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.0.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        }
    }

    /// The URL of `path`, which begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

fn is_authority(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let named = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    let numbered = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
    (named || numbered) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_multiplied_without_rounding_first() {
        let price = Price::new("0.0083 USD").unwrap();
        assert_eq!([1, 3, 100].map(|n| price.times(n)), ["0.01 USD", "0.03 USD", "0.83 USD"]);
        for text in ["", "0.0083", "USD 1", "1,2 USD", "1 usd", "-1 USD", "1.2.3 USD", "9999999 USD"] {
            assert_eq!(Price::new(text), None, "{text}");
        }
    }

    #[test]
    fn a_base_url_loses_its_last_slash() {
        for (text, kept) in [
            ("https://calls.example.com/", "https://calls.example.com"),
            ("HTTP://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://Example.com/Calls//", "https://example.com/Calls"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
            ("http://localhost", "http://localhost"),
        ] {
            let url = BaseUrl::new(text).unwrap();
            assert_eq!(url.as_str(), kept);
            assert_eq!(url.join("/y/1"), format!("{kept}/y/1"));
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for text in [
            "",
            "calls.example.com",
            "ftp://example.com",
            "http://",
            "http:///x",
            "http://a b",
            "http://example.com:port",
            "http://example.com:0",
            "http://example.com:99999",
            "https://me:pw@example.com",
            "https://example.com/?a=b",
            "https://example.com/#top",
            "http://[::1",
        ] {
            assert_eq!(BaseUrl::new(text), None, "{text}");
        }
    }
}
