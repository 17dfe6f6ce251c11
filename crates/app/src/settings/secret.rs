//! Values that must not be seen in logs, errors or on screens.

use std::fmt;

/// What stands in the place of a secret wherever it would be shown.
pub(super) const MASK: &str = "********";

/// A secret. It is masked by `Debug` and `Display`; [`Secret::expose`] is the only way to its text, so that every use
/// can be found by that name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Where the data is. A `postgres` URL may carry a password, so it is masked like a [`Secret`], and shown without it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Reads `sqlite://PATH` or `postgres://…`; nothing for anything else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = ["sqlite://", "postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
        (!rest.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Whether it is a SQLite file that is not there yet: opening it would create it.
    #[must_use]
    pub fn is_absent_file(&self) -> bool {
        self.0.strip_prefix("sqlite://").is_some_and(|path| !std::path::Path::new(path).exists())
    }

    /// The SQLite file; none on PostgreSQL and in memory.
    #[must_use]
    pub fn file(&self) -> Option<&std::path::Path> {
        self.0.strip_prefix("sqlite://").map(std::path::Path::new)
    }

    /// The whole URL with its password.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return f.write_str(MASK);
        };
        if scheme == "sqlite" {
            return f.write_str(&self.0);
        }
        // A password may itself hold an @ or a /, and parameters may name another one: only what cannot be part of
        // either is shown.
        let (front, parameters) = rest.split_once('?').map_or((rest, ""), |(front, _)| (front, "?…"));
        match front.rsplit_once('@') {
            Some((login, host)) => {
                let user = login.split_once(':').map_or(login.to_owned(), |(user, _)| format!("{user}:{MASK}"));
                write!(f, "{scheme}://{user}@{host}{parameters}")
            }
            None => write!(f, "{scheme}://{front}{parameters}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_however_it_is_printed() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "******** ******** Some(********)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_database_url_is_shown_without_its_password() {
        for (url, shown) in [
            ("sqlite://firstcall.db", "sqlite://firstcall.db"),
            ("postgres://me@db/x", "postgres://me@db/x"),
            ("postgres://me:p@ss/w:d@db:5432/x", "postgres://me:********@db:5432/x"),
            ("postgres://db/x?password=pw", "postgres://db/x?…"),
            ("postgresql://me:pw@db/x?a=b@c", "postgresql://me:********@db/x?…"),
        ] {
            let url = DatabaseUrl::new(url).unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
        }
    }

    #[test]
    fn other_databases_are_refused() {
        for url in ["", "firstcall.db", "mysql://db", "sqlite://", "sqlite:firstcall.db"] {
            assert_eq!(DatabaseUrl::new(url), None, "{url}");
        }
    }
}
