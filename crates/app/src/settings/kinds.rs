//! How a written value becomes a typed one, and what may be written. One type for each way of writing.
//!
//! Plain values are here, lists and tables in [`tables`], words out of a fixed set in [`choices`].

mod choices;
mod clock;
mod tables;

pub use choices::Choice;
pub use clock::{Clock, Duration, DurationOrNone, Quiet, Zone, clock_range, zone};
pub use tables::{Aliases, Days, Durations, LABELS, LabelWords, ListOf, Parts, Secrets, is_snake_case, label};

use super::secret::MASK;
use super::{BaseUrl, Colour, DatabaseUrl, Price, Secret};
use firstcall_core::contact::{EmailAddress, Phone};
use std::net::SocketAddr;
use toml::Value;

/// How a value is written in the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As it is.
    Text,
    /// As a number.
    Number,
    /// Separated by commas.
    List,
    /// As an inline TOML table.
    Table,
}

/// What was found instead of an allowed value, in words.
#[derive(Debug)]
pub struct Refused(pub String);

/// One way of writing a value.
pub trait Kind {
    /// What it is turned into.
    type Value;
    /// What may be written, in words.
    const ALLOWED: &'static str;
    /// How it is written in the environment.
    const SHAPE: Shape = Shape::Text;
    /// Whether it may not be shown.
    const SECRET: bool = false;
    /// The words that are allowed, where there are only some.
    const WORDS: &'static [&'static str] = &[];

    /// Reads what was written.
    ///
    /// # Errors
    /// When it is not allowed.
    fn read(written: &Value) -> Result<Self::Value, Refused>;

    /// The value of a key that is not set and has no default, where there is such a value.
    fn absent() -> Option<Self::Value> {
        None
    }

    /// The value as `config show` prints it.
    fn show(_value: &Self::Value, written: &Value) -> Value {
        written.clone()
    }
}

impl Refused {
    /// The whole value was wrong.
    pub fn whole(written: &Value) -> Self {
        Self(in_words(written))
    }

    /// A part of it was, for example one item of a list.
    pub fn because(written: &Value, reason: impl std::fmt::Display) -> Self {
        Self(format!("{}: {reason}", in_words(written)))
    }
}

fn in_words(written: &Value) -> String {
    one_line(&written.as_str().map_or_else(|| written.to_string(), |text| format!("{text:?}")))
}

/// Values in errors stay on the error's one line and do not fill the screen.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 120;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain("…".chars()).collect()
}

/// Reads a text that is not blank.
pub fn text(written: &Value) -> Result<&str, Refused> {
    match written.as_str().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(Refused::whole(written)),
    }
}

/// A key that need not be set.
pub struct Optional<K>(K);

impl<K: Kind> Kind for Optional<K> {
    type Value = Option<K::Value>;
    const ALLOWED: &'static str = K::ALLOWED;
    const SHAPE: Shape = K::SHAPE;
    const SECRET: bool = K::SECRET;
    const WORDS: &'static [&'static str] = K::WORDS;

    fn read(written: &Value) -> Result<Self::Value, Refused> {
        K::read(written).map(Some)
    }

    fn absent() -> Option<Self::Value> {
        Some(None)
    }

    fn show(value: &Self::Value, written: &Value) -> Value {
        value.as_ref().map_or_else(|| written.clone(), |value| K::show(value, written))
    }
}

/// Declares ways of writing that are one text: name, type, what is allowed, how it is read.
macro_rules! texts {
    ($($(#[doc = $about:literal])+ $name:ident: $type:ty, $allowed:literal, $read:expr;)+) => {
        $($(#[doc = $about])+
        pub struct $name;

        impl Kind for $name {
            type Value = $type;
            const ALLOWED: &'static str = $allowed;

            fn read(written: &Value) -> Result<$type, Refused> {
                let read: fn(&str) -> Result<$type, String> = $read;
                read(text(written)?).map_err(|reason| match reason.as_str() {
                    "" => Refused::whole(written),
                    reason => Refused::because(written, reason),
                })
            }
        })+
    };
}
pub(super) use texts;

texts! {
    /// One line.
    Text: String, "a text on one line", |text| {
        if text.contains(['\n', '\r']) { Err("more than one line".to_owned()) } else { Ok(text.to_owned()) }
    };
    /// One line or several.
    Postal: String, "a text, on several lines if need be", |text| Ok(text.to_owned());
    /// A phone number.
    Telephone: Phone, "a phone number such as \"+1 212 555 0143\"", |text| Phone::new(text).map_err(|e| e.to_string());
    /// An e-mail address.
    Email: EmailAddress, "an e-mail address such as \"dane@example.com\"",
        |text| EmailAddress::new(text).map_err(|_| String::new());
    /// The sender of machine-made mails that are read all the same.
    Sender: String, "e-mail addresses, or domains such as \"@example.com\"", |text| {
        let sender = if text.contains('@') || !text.contains('.') { text.to_lowercase() } else { format!("@{}", text.to_lowercase()) };
        let whole = if sender.starts_with('@') { format!("anybody{sender}") } else { sender.clone() };
        EmailAddress::new(&whole).map(|_| sender).map_err(|_| String::new())
    };
    /// The calling code of a country (ITU-T E.164 section 6.2.1: one to three digits).
    CallingCode: String, "calling codes such as \"+1\", separated by commas in the environment", |text| {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let is_one = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if is_one { Ok(text.to_owned()) } else { Err(String::new()) }
    };
    /// An amount of money.
    Cost: Price, "an amount and a currency, such as \"0.0083 USD\"", |text| Price::new(text).ok_or_else(String::new);
    /// A colour.
    Hex: Colour, "a colour such as \"#12614a\"", |text| Colour::new(text).ok_or_else(String::new);
    /// The origin of a site (RFC 6454): what a Content-Security-Policy names.
    Origin: String, "origins such as \"https://example.com\", separated by commas in the environment", |text| {
        let (scheme, site) = text.split_once("://").unwrap_or_default();
        let (host, port) = site.split_once(':').unwrap_or((site, "443"));
        let is_host = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        let is_one = matches!(scheme, "https" | "http") && is_host && port.parse::<u16>().is_ok();
        if is_one { Ok(text.to_ascii_lowercase()) } else { Err(String::new()) }
    };
    /// Address and port.
    Socket: SocketAddr, "an IP address with a port, such as \"127.0.0.1:8080\" or \"[::]:8080\"", |text| {
        text.replace("localhost:", "127.0.0.1:").parse().map_err(|_| String::new())
    };
}

/// The base of URLs.
pub struct Url;

impl Kind for Url {
    type Value = BaseUrl;
    const ALLOWED: &'static str = "an http or https URL without query, such as \"https://calls.example.com\"";

    fn read(written: &Value) -> Result<BaseUrl, Refused> {
        // A URL may carry a password, and one that does is refused here: what is shown ends before it could begin.
        let found = || match written.as_str().and_then(|text| text.rsplit_once('@')) {
            Some((_, host)) => Refused(format!("a URL with a login at {}", one_line(host))),
            None => Refused::whole(written),
        };
        BaseUrl::new(text(written)?).ok_or_else(found)
    }

    fn show(value: &BaseUrl, _written: &Value) -> Value {
        Value::String(value.to_string())
    }
}

/// The port of a server.
pub struct Port;

impl Kind for Port {
    type Value = u16;
    const ALLOWED: &'static str = "a port from 1 to 65535";
    const SHAPE: Shape = Shape::Number;

    fn read(written: &Value) -> Result<u16, Refused> {
        let port = written.as_integer().and_then(|port| u16::try_from(port).ok());
        port.filter(|port| *port > 0).ok_or_else(|| Refused::whole(written))
    }
}

/// How many of something.
pub struct Count;

impl Kind for Count {
    type Value = u32;
    const ALLOWED: &'static str = "a whole number from 1 up";
    const SHAPE: Shape = Shape::Number;

    fn read(written: &Value) -> Result<u32, Refused> {
        let number = written.as_integer().and_then(|number| u32::try_from(number).ok());
        number.filter(|number| *number > 0).ok_or_else(|| Refused::whole(written))
    }
}

/// A secret. What is wrong with one is not shown.
pub struct SecretText;

impl Kind for SecretText {
    type Value = Secret;
    const ALLOWED: &'static str = "a text that is not blank";
    const SECRET: bool = true;

    fn read(written: &Value) -> Result<Secret, Refused> {
        let Ok(text) = text(written) else {
            return Err(Refused(
                if written.is_str() { "a blank text" } else { "something that is no text" }.to_owned(),
            ));
        };
        Ok(Secret::new(text))
    }

    fn show(_value: &Secret, _written: &Value) -> Value {
        Value::String(MASK.to_owned())
    }
}

/// Where the data is.
pub struct DatabaseAt;

impl Kind for DatabaseAt {
    type Value = DatabaseUrl;
    const ALLOWED: &'static str = "\"sqlite://PATH\" or \"postgres://user@host/db\"";
    const SECRET: bool = true;

    fn read(written: &Value) -> Result<DatabaseUrl, Refused> {
        let found = || Refused("something else, not shown because it may hold a password".to_owned());
        text(written).ok().and_then(DatabaseUrl::new).ok_or_else(found)
    }

    fn show(value: &DatabaseUrl, _written: &Value) -> Value {
        Value::String(value.to_string())
    }
}
