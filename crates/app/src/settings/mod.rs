//! What the studio has settled: typed, checked and complete when the program starts.
//!
//! A setting comes from its default, from the desk, from the settings file or from the environment, each winning over the
//! one before.
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
pub use kinds::{LABELS, Shape, clock_range, is_snake_case, label, zone};
pub use reference::reference;
pub use secret::{DatabaseUrl, Secret};
pub use section::Key;
pub use show::{Shown, as_json, as_text};
pub use sources::{Desk, Environment, Fixed, Place};
pub use tree::{
    Api, Book, Calendars, Calling, Database, Google, Intake, Manager, Server, Sessions, Settings, Sms, Smtp, Studio,
    Twilio, Vonage,
};
pub use values::{BaseUrl, Price, Security, SmsProvider, Switch, VonageApi};

use std::sync::Arc;

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
    load_on(&Arc::new(Fixed::gather(place, environment)?), &Desk::default())
}

/// Reads the settings with what was set on the desk beneath what is fixed, and checks them.
///
/// # Errors
/// On the first key that is wrong or missing; the error is one line that names it.
pub fn load_on(fixed: &Arc<Fixed>, desk: &Desk) -> Result<Loaded, SettingsError> {
    let mut sources = sources::Sources::new(fixed, desk);
    let settings = Settings::read(&mut sources, Arc::clone(fixed), desk.version)?;
    checks::together(&settings)?;
    let shown = sources.into_shown();
    Ok(Loaded { settings, shown })
}

#[cfg(test)]
mod tests;
