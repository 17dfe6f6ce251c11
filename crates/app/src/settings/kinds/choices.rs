//! Words out of a fixed set.

use super::{Kind, Refused};
use crate::settings::{Security, SmsProvider, Switch, VonageApi};
use firstcall_core::policy::{AfterNo, PreviousOffers, Ranking};
use firstcall_mail::DateOrder;
use std::marker::PhantomData;
use toml::Value;

/// One word out of those that `T` has.
pub struct Choice<T>(PhantomData<T>);

/// Words and what they stand for.
pub trait Words: Copy + 'static {
    /// The words as an error lists them.
    const ALLOWED: &'static str;
    /// The words.
    const NAMES: &'static [&'static str];
    /// Each word with its meaning.
    const MEANINGS: &'static [(&'static str, Self)];
}

impl<T: Words> Kind for Choice<T> {
    type Value = T;
    const ALLOWED: &'static str = T::ALLOWED;
    const WORDS: &'static [&'static str] = T::NAMES;

    fn read(written: &Value) -> Result<T, Refused> {
        let word = written.as_str().map(str::trim);
        let meant = T::MEANINGS.iter().find(|(each, _)| Some(*each) == word);
        meant.map(|(_, value)| *value).ok_or_else(|| Refused::whole(written))
    }
}

macro_rules! words {
    ($($type:ty: $first:literal => $first_value:expr $(, $word:literal => $value:expr)*;)+) => {
        $(impl Words for $type {
            const ALLOWED: &'static str = concat!("\"", $first, "\"" $(, " or \"", $word, "\"")*);
            const NAMES: &'static [&'static str] = &[$first $(, $word)*];
            const MEANINGS: &'static [(&'static str, Self)] = &[($first, $first_value) $(, ($word, $value))*];
        })+
    };
}

words! {
    Switch: "on" => Self::On, "off" => Self::Off;
    SmsProvider: "phones" => Self::Phones, "twilio" => Self::Twilio, "vonage" => Self::Vonage;
    VonageApi: "sms" => Self::Sms, "messages" => Self::Messages;
    Security: "starttls" => Self::Starttls, "tls" => Self::Tls, "none" => Self::None;
    DateOrder: "mdy" => Self::Mdy, "dmy" => Self::Dmy;
    Ranking: "recent_first" => Self::RecentFirst, "rested_first" => Self::RestedFirst, "call_list" => Self::CallList;
    PreviousOffers: "stay_open" => Self::StayOpen, "void" => Self::Void;
    AfterNo: "wait" => Self::Wait, "next" => Self::Next;
}
