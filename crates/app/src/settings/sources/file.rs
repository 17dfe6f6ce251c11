//! Settings in the settings file, and secrets in files of their own.

use super::{Environment, Key, Layer, SettingsError, Source, Written, insert, list, unknown};
use crate::settings::kinds::Shape;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Value;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Where the settings file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Somebody named it, so it must be there.
    Named(PathBuf),
    /// Where it is when nobody names one; it need not be there.
    Usual(PathBuf),
    /// Nowhere: there is no home directory to look in.
    Nowhere,
}

impl Place {
    /// The file named on the command line, else by `FIRSTCALL_CONFIG`, else the one at the XDG place.
    #[must_use]
    pub fn find(named: Option<&Path>, environment: &Environment) -> Self {
        if let Some(path) = named {
            return Self::Named(path.to_owned());
        }
        if let Some(path) = environment.get("FIRSTCALL_CONFIG") {
            return Self::Named(PathBuf::from(path));
        }
        // The XDG specification has relative paths ignored.
        let xdg = environment.get("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || environment.get("HOME").map(|home| Path::new(home).join(".config"));
        match xdg.or_else(home) {
            Some(directory) => Self::Usual(directory.join("firstcall/config.toml")),
            None => Self::Nowhere,
        }
    }
}

pub(super) fn layer(place: &Place, keys: &[Key]) -> Result<Layer, SettingsError> {
    let (path, needed) = match place {
        Place::Named(path) => (path, true),
        Place::Usual(path) => (path, false),
        Place::Nowhere => return Ok(Layer::new()),
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Reader { path, text: &text, keys, layer: Layer::new() }.read(),
        Err(error) if is_absence(&error) && !needed => Ok(Layer::new()),
        Err(error) => Err(SettingsError::NoFile { path: path.clone(), reason: error.to_string() }),
    }
}

/// A home that is no directory, as `/dev/null` for a service, has no settings file either.
fn is_absence(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    keys: &'a [Key],
    layer: Layer,
}

impl Reader<'_> {
    fn read(mut self) -> Result<Layer, SettingsError> {
        let document = DeTable::parse(self.text).map_err(|error| SettingsError::NotToml {
            source_: self.at(error.span().map_or(0, |span| span.start)),
            reason: error.message().lines().collect::<Vec<_>>().join(" "),
        })?;
        self.table("", document.get_ref())?;
        Ok(self.layer)
    }

    /// Goes through a section. Its entries are keys, files for secret keys, or sections inside it.
    fn table(&mut self, section: &str, table: &DeTable<'_>) -> Result<(), SettingsError> {
        for (name, value) in table {
            let path =
                if section.is_empty() { name.get_ref().to_string() } else { format!("{section}.{}", name.get_ref()) };
            let source = self.at(name.span().start);
            let named = |path: &str| self.keys.iter().find(|key| key.path == path);
            if let Some(key) = named(&path) {
                let value = Value::deserialize(ValueDeserializer::from(value.clone()));
                let value = value.map_err(|error| SettingsError::Wrong {
                    key: path.clone(),
                    found: format!("a value outside TOML's limits, {}", error.message()),
                    source_: source.clone(),
                    allowed: key.allowed.to_owned(),
                })?;
                insert(&mut self.layer, key, Written::Value(value), source)?;
            } else if let Some(key) = path.strip_suffix("_file").and_then(named).filter(|key| key.secret) {
                let file = value.get_ref().as_str().ok_or_else(|| wrong_file(&path, "no text", source.clone()))?;
                let file = self.path.parent().unwrap_or(Path::new("")).join(file);
                insert(&mut self.layer, key, Written::SecretFile(file), source)?;
            } else if self.is_section(&path) {
                self.section(&path, value.get_ref(), source)?;
            } else {
                return Err(unknown(&path, source, self.keys));
            }
        }
        Ok(())
    }

    fn section(&mut self, path: &str, value: &DeValue<'_>, source: Source) -> Result<(), SettingsError> {
        match value.as_table() {
            Some(table) => self.table(path, table),
            None => Err(SettingsError::Wrong {
                key: path.to_owned(),
                found: format!("{} (not shown)", value.type_str()),
                source_: source,
                allowed: format!("a section [{path}]"),
            }),
        }
    }

    fn is_section(&self, path: &str) -> bool {
        let inside = |key: &Key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        self.keys.iter().any(inside)
    }

    fn at(&self, offset: usize) -> Source {
        let before = self.text.as_bytes().iter().take(offset);
        Source::File { path: self.path.to_owned(), line: before.filter(|byte| **byte == b'\n').count() + 1 }
    }
}

/// Reads a secret from its file. Space around it is not part of it: editors and `echo` end files with a line break.
pub(super) fn secret(key: &Key, file: &Path, named_in: &Source) -> Result<(Value, Source), SettingsError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| wrong_file(key.path, &format!("{}: {error}", file.display()), named_in.clone()))?;
    let source = Source::SecretFile { path: file.to_owned(), named_in: Box::new(named_in.clone()) };
    if text.trim().is_empty() {
        return Err(wrong_file(key.path, "an empty file", source));
    }
    // Brackets and braces are part of a secret, not TOML.
    let value = match key.shape {
        Shape::List => list(&text),
        Shape::Text | Shape::Number | Shape::Table => Value::String(text.trim().to_owned()),
    };
    Ok((value, source))
}

fn wrong_file(key: &str, found: &str, source: Source) -> SettingsError {
    SettingsError::Wrong {
        key: key.to_owned(),
        found: found.to_owned(),
        source_: source,
        allowed: "the path of a readable file that holds the secret".to_owned(),
    }
}
