//! What the settings are and where each comes from, secrets masked.

use super::Source;
use serde_json::json;
use std::fmt::Write;
use toml::Value;

/// One setting as it takes effect.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its name, as `section.key`.
    pub key: &'static str,
    /// Its value, masked if it is secret; none when it is not set.
    pub value: Option<Value>,
    /// Where the value comes from; a key that is not set has its default, which is none.
    pub source: Source,
}

impl Shown {
    pub(super) fn set(key: &'static str, value: Value, source: Source) -> Self {
        Self { key, value: Some(value), source }
    }

    pub(super) fn unset(key: &'static str) -> Self {
        Self { key, value: None, source: Source::Default }
    }
}

/// One line for each setting. The lines are TOML; those that are not set are comments.
#[must_use]
pub fn as_text(shown: &[Shown]) -> String {
    let mut text = String::new();
    for Shown { key, value, source } in shown {
        let line = match value {
            Some(value) => format!("{key} = {}", on_one_line(value)),
            None => format!("# {key} is not set"),
        };
        // Writing to a text cannot fail.
        let _ = match value {
            Some(_) => writeln!(text, "{line:<58} # {source}"),
            None => writeln!(text, "{line}"),
        };
    }
    text
}

/// A value as TOML. A text with line breaks is escaped, where the library would write it on several lines.
fn on_one_line(value: &Value) -> String {
    match value {
        Value::String(text) => json!(text).to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(on_one_line).collect::<Vec<_>>().join(", ")),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Table(_) => {
            value.to_string()
        }
    }
}

/// An object with a value and a source for each setting.
#[must_use]
pub fn as_json(shown: &[Shown]) -> serde_json::Value {
    let entry = |Shown { key, value, source }: &Shown| {
        ((*key).to_owned(), json!({ "value": value, "source": source.to_string() }))
    };
    serde_json::Value::Object(shown.iter().map(entry).collect())
}
