//! Settings that were made on the desk. They are kept in the database, each in the form it has in the environment.

use super::{Key, Layer, Source, Written, from_text};
use std::collections::BTreeMap;

/// What decides where the database is, what is kept in it sealed, and who is let in from outside stands outside it.
const ELSEWHERE: [&str; 4] = ["server.listen", "database.url", "calendars.key", "api.keys"];
/// What mails mean is taught where they are mended.
const TAUGHT: [&str; 2] = ["intake.labels", "intake.instruments"];

/// What was set on the desk.
#[derive(Clone, Default)]
pub struct Desk {
    /// Another number, other settings.
    pub version: i64,
    /// The written form of each key.
    pub written: BTreeMap<String, String>,
}

impl Desk {
    /// Whether a key can be set on the desk.
    #[must_use]
    pub fn takes(path: &str) -> bool {
        !ELSEWHERE.contains(&path) && !TAUGHT.contains(&path)
    }

    /// Keys that this version does not know are another version's, and are left alone.
    pub(super) fn layer(&self, keys: &[Key]) -> Layer {
        let known = keys.iter().filter(|key| Self::takes(key.path));
        let written = known.filter_map(|key| Some((key, self.written.get(key.path)?)));
        let value =
            |(key, text): (&Key, &String)| (key.path, (Written::Value(from_text(text, key.shape)), Source::Desk));
        written.map(value).collect()
    }
}
