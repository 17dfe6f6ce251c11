//! Where a written value is found: in the environment, else in the settings file, else on the desk, else it is the default.
//!
//! Everything is gathered before anything is read, so that an unknown key is found whatever else is wrong.

mod desk;
mod environment;
mod file;

pub use desk::Desk;
pub use environment::Environment;
pub use file::Place;

use super::kinds::{Kind, Refused, Shape};
use super::{Key, Settings, SettingsError, Shown, Source};
use std::collections::BTreeMap;
use std::fmt;
use toml::Value;

/// A value as it was written, or the name of the file that holds it.
#[derive(Clone, Debug)]
enum Written {
    Value(Value),
    SecretFile(std::path::PathBuf),
}

/// What one place says, by key. A key may be there once.
type Layer = BTreeMap<&'static str, (Written, Source)>;

/// What the environment and the settings file said when the program started: the desk cannot change it.
#[derive(Clone, Default)]
pub struct Fixed {
    layers: [Layer; 2],
}

impl Fixed {
    /// Reads the environment and the settings file.
    ///
    /// # Errors
    /// On a key that does not exist, and when the file cannot be read.
    pub fn gather(place: &Place, environment: &Environment) -> Result<Self, SettingsError> {
        let keys = Settings::keys();
        Ok(Self { layers: [environment::layer(environment, &keys)?, file::layer(place, &keys)?] })
    }

    /// Where the value of a key is fixed.
    #[must_use]
    pub fn source(&self, path: &str) -> Option<&Source> {
        self.get(path).map(|(_, source)| source)
    }

    fn get(&self, path: &str) -> Option<&(Written, Source)> {
        self.layers.iter().find_map(|each| each.get(path))
    }
}

/// Secrets are among what was written.
impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.layers.iter().flat_map(BTreeMap::keys)).finish()
    }
}

/// Every written value.
pub struct Sources<'a> {
    fixed: &'a Fixed,
    desk: Layer,
    keys: BTreeMap<&'static str, Key>,
    shown: Vec<Shown>,
}

impl<'a> Sources<'a> {
    /// What is fixed, and beneath it what was set on the desk.
    pub fn new(fixed: &'a Fixed, desk: &Desk) -> Self {
        let keys = Settings::keys();
        let desk = desk.layer(&keys);
        Self { fixed, desk, keys: keys.into_iter().map(|key| (key.path, key)).collect(), shown: Vec::new() }
    }

    /// The value of one key.
    pub fn take<K: Kind>(&mut self, path: &'static str) -> Result<K::Value, SettingsError> {
        let Some((written, source)) = self.find(path)? else {
            self.shown.push(Shown::unset(path));
            return K::absent().ok_or_else(|| SettingsError::Missing {
                key: path.to_owned(),
                because: "it is needed".to_owned(),
                allowed: K::ALLOWED.to_owned(),
            });
        };
        let value = K::read(&written).map_err(|Refused(found)| SettingsError::Wrong {
            key: path.to_owned(),
            found,
            source_: source.clone(),
            allowed: K::ALLOWED.to_owned(),
        })?;
        self.shown.push(Shown::set(path, K::show(&value, &written), source));
        Ok(value)
    }

    /// Everything that was taken, in that order.
    pub fn into_shown(self) -> Vec<Shown> {
        self.shown
    }

    fn find(&self, path: &'static str) -> Result<Option<(Value, Source)>, SettingsError> {
        let Some(key) = self.keys.get(path) else { return Ok(None) };
        match self.fixed.get(path).or_else(|| self.desk.get(path)) {
            Some((Written::Value(value), source)) => Ok(Some((value.clone(), source.clone()))),
            Some((Written::SecretFile(file), named_in)) => file::secret(key, file, named_in).map(Some),
            None => Ok(key.default.map(|text| (from_text(text, key.shape), Source::Default))),
        }
    }
}

/// A value from the form it has in the environment. What has not the key's shape stays a text, which is then refused.
fn from_text(text: &str, shape: Shape) -> Value {
    let as_written = || Value::String(text.to_owned());
    match shape {
        Shape::Text => as_written(),
        Shape::Number => text.trim().parse().map_or_else(|_| as_written(), Value::Integer),
        Shape::Table => inline(text).unwrap_or_else(as_written),
        Shape::List if text.trim_start().starts_with('[') => inline(text).unwrap_or_else(as_written),
        Shape::List => list(text),
    }
}

/// A list whose items are separated by commas or stand on lines of their own.
fn list(text: &str) -> Value {
    let items = text.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty());
    Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
}

fn inline(text: &str) -> Option<Value> {
    let mut document: toml::Table = format!("value = {}", text.trim()).parse().ok()?;
    (document.len() == 1).then(|| document.remove("value")).flatten()
}

/// The error for a key that does not exist, with those that exist beside it.
fn unknown(path: &str, source: Source, keys: &[Key]) -> SettingsError {
    let mut prefix = path;
    let allowed = loop {
        let Some((section, _)) = prefix.rsplit_once('.') else {
            break format!("the sections {}", sections(keys));
        };
        let inside = keys_inside(section, keys);
        if !inside.is_empty() {
            break format!("in [{section}] {}", inside.join(", "));
        }
        prefix = section;
    };
    SettingsError::Unknown { key: path.to_owned(), source_: source, allowed }
}

fn keys_inside(section: &str, keys: &[Key]) -> Vec<&'static str> {
    let mut inside: Vec<&str> =
        keys.iter().filter_map(|key| key.path.strip_prefix(section)?.strip_prefix('.')?.split('.').next()).collect();
    inside.dedup();
    inside
}

fn sections(keys: &[Key]) -> String {
    let mut sections: Vec<&str> = keys.iter().filter_map(|key| key.path.split('.').next()).collect();
    sections.dedup();
    sections.join(", ")
}

/// Adds one written value; a value and a file for it in the same place contradict each other.
fn insert(layer: &mut Layer, key: &Key, written: Written, source: Source) -> Result<(), SettingsError> {
    let is_file = matches!(written, Written::SecretFile(_));
    match layer.insert(key.path, (written, source.clone())) {
        None => Ok(()),
        Some((_, before)) => {
            let (value, file) = if is_file { (before, source) } else { (source, before) };
            Err(SettingsError::Twice { key: key.path.to_owned(), value, file })
        }
    }
}
