//! The list of settings as `docs/settings.md` has it.

use super::kinds::Shape;
use super::{Key, Settings};
use std::fmt::Write;

/// Every key with its default, what may be written, its environment variable and its meaning, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = String::new();
    let mut section = "";
    for key in Settings::keys() {
        if key.section() != section {
            section = key.section();
            let _ = write!(page, "\n## [{section}]\n{}\n", key.about.trim());
        }
        // Writing to a text cannot fail.
        let _ = write!(page, "\n{}", entry(&key));
    }
    page
}

fn entry(key: &Key) -> String {
    let file = if key.secret { format!(", or `{}_FILE`", key.variable()) } else { String::new() };
    format!(
        "**`{}`** {}\n- default: {}\n- allowed: {}\n- environment: `{}`{file}\n",
        key.path,
        key.meaning.trim(),
        default(key),
        key.allowed,
        key.variable(),
    )
}

fn default(key: &Key) -> String {
    match (key.default, key.shape) {
        (None, _) => "not set".to_owned(),
        (Some("" | "{}"), _) => "none".to_owned(),
        (Some(number), Shape::Number) => format!("`{number}`"),
        (Some(list), Shape::List) => {
            let items: Vec<String> = list.split(',').map(|item| format!("\"{}\"", item.trim())).collect();
            format!("`[{}]`", items.join(", "))
        }
        (Some(text), Shape::Text | Shape::Table) => format!("`\"{text}\"`"),
    }
}
