//! What the studio has settled: typed, checked and complete when the program starts.
//!
//! A setting comes from its default, from the settings file or from the environment, each winning over the one before.
//! `tree` lists every key once, with its type, its default and its meaning; the environment names, `config show` and
//! `docs/settings.md` are made from that list. `kinds` says how a written value becomes a typed one, `sources`
//! where the written value is found, `checks` what has to be set together.
//!
//! Nothing here writes, and nothing else in the program reads a setting from anywhere.

mod checks;
mod colour;
mod error;
mod kinds;
mod reference;
mod secret;
mod section;
mod show;
mod sources;
mod tree;
mod values;

pub use colour::Colour;
pub use error::{SettingsError, Source};
pub use kinds::{Shape, clock_range, zone};
pub use reference::reference;
pub use secret::{DatabaseUrl, Secret};
pub use section::Key;
pub use show::{Shown, as_json, as_text};
pub use sources::{Environment, Place};
pub use tree::{
    Api, Book, Calendars, Calling, Database, Google, Intake, Manager, Server, Sessions, Settings, Sms, Smtp, Studio,
    Twilio, Vonage,
};
pub use values::{BaseUrl, Price, Security, SmsProvider, Switch, VonageApi};

/// The settings of this process, with the written form and the source of each.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// Every key in the order of the documentation, as `config show` prints it.
    pub shown: Vec<Shown>,
}

/// Reads the settings from `place` and `environment` and checks them.
///
/// # Errors
/// On the first key that is unknown, wrong or missing; the error is one line that names it.
pub fn load(place: &Place, environment: &Environment) -> Result<Loaded, SettingsError> {
    let mut sources = sources::Sources::gather(place, environment, &Settings::keys())?;
    let settings = Settings::read(&mut sources)?;
    checks::together(&settings)?;
    Ok(Loaded { settings, shown: sources.into_shown() })
}

#[cfg(test)]
mod tests;
