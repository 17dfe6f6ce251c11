//! What is wrong with the settings, in one line that names the key, where it stands, what was found and what is allowed.

use std::fmt;
use std::path::PathBuf;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the program's own value.
    Default,
    /// On the desk.
    Desk,
    /// In the settings file.
    File {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// In an environment variable of this name.
    Environment(String),
    /// In a file of its own, as secrets often are.
    SecretFile {
        /// Which file.
        path: PathBuf,
        /// Where the file was named.
        named_in: Box<Source>,
    },
}

impl SettingsError {
    /// The key that is wrong or missing.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Wrong { key, .. }
            | Self::Unknown { key, .. }
            | Self::Missing { key, .. }
            | Self::Twice { key, .. } => Some(key),
            Self::NoFile { .. } | Self::NotToml { .. } => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Desk => f.write_str("the desk"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::SecretFile { path, named_in } => write!(f, "{}, named in {named_in}", path.display()),
        }
    }
}

/// Why the program cannot start with these settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A value that its key does not allow.
    #[error("{key}: found {found} ({source_}); allowed: {allowed}")]
    Wrong {
        /// The key, as `section.key`.
        key: String,
        /// The value, or that it is secret.
        found: String,
        /// Where it is written.
        source_: Source,
        /// What may be written instead.
        allowed: String,
    },
    /// A key that does not exist.
    #[error("{key}: found an unknown key ({source_}); allowed: {allowed}")]
    Unknown {
        /// The key, as `section.key`.
        key: String,
        /// Where it is written.
        source_: Source,
        /// The keys that exist beside it.
        allowed: String,
    },
    /// A key that another setting makes necessary.
    #[error("{key}: found nothing, but {because}; allowed: {allowed}")]
    Missing {
        /// The key, as `section.key`.
        key: String,
        /// What makes it necessary.
        because: String,
        /// What may be written.
        allowed: String,
    },
    /// The same key twice in one place, once as a value and once as a file.
    #[error("{key}: found both a value ({value}) and a file ({file}); allowed: one of them")]
    Twice {
        /// The key, as `section.key`.
        key: String,
        /// Where the value is written.
        value: Source,
        /// Where the file is named.
        file: Source,
    },
    /// The settings file cannot be read.
    #[error("{path}: found no readable settings file: {reason}", path = path.display())]
    NoFile {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The settings file is not TOML.
    #[error("{source_}: found something that is not TOML: {reason}")]
    NotToml {
        /// File and line.
        source_: Source,
        /// What is wrong, without the text of the line, which may hold a secret.
        reason: String,
    },
}
