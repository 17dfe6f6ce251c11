//! Settings in the environment.

use super::{Key, Layer, SettingsError, Source, Written, from_text, insert, unknown};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

const PREFIX: &str = "FIRSTCALL__";

/// The environment variables of the process, or of a test.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os().collect()
    }

    /// The value of a variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsString> {
        self.0.get(name).filter(|value| !value.is_empty())
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    /// Names that are not Unicode are nobody's setting and are left out.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let named = |(name, value): (N, V)| Some((name.into().into_string().ok()?, value.into()));
        Self(variables.into_iter().filter_map(named).collect())
    }
}

pub(super) fn layer(environment: &Environment, keys: &[Key]) -> Result<Layer, SettingsError> {
    let mut layer = Layer::new();
    for (name, value) in &environment.0 {
        if name.starts_with(PREFIX) {
            let source = Source::Environment(name.clone());
            let (key, written) = read(name, value, keys)?;
            insert(&mut layer, key, written, source)?;
        }
    }
    Ok(layer)
}

fn read<'a>(name: &str, value: &OsString, keys: &'a [Key]) -> Result<(&'a Key, Written), SettingsError> {
    let named = |name: &str| keys.iter().find(|key| key.variable() == name);
    if let Some(key) = named(name) {
        let text = value.to_str().ok_or_else(|| SettingsError::Wrong {
            key: key.path.to_owned(),
            found: "bytes that are not UTF-8".to_owned(),
            source_: Source::Environment(name.to_owned()),
            allowed: key.allowed.to_owned(),
        })?;
        return Ok((key, Written::Value(from_text(text, key.shape))));
    }
    if let Some(key) = name.strip_suffix("_FILE").and_then(named).filter(|key| key.secret) {
        return Ok((key, Written::SecretFile(PathBuf::from(value))));
    }
    let path = name.trim_start_matches(PREFIX).to_lowercase().replace("__", ".");
    Err(unknown(&path, Source::Environment(name.to_owned()), keys))
}
