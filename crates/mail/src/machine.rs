//! What marks a machine's mail (rule 1.9).

use crate::context::Context;
use crate::message::{Address, Message};

/// The first mark of a machine among the headers (names in lower case).
pub(crate) fn mark(headers: &[(String, String)], from: Option<&Address>) -> Option<String> {
    headers.iter().find_map(|(name, value)| mark_of(name, &value.to_ascii_lowercase())).or_else(|| sender(from))
}

fn mark_of(name: &str, value: &str) -> Option<String> {
    let word = value.split(';').next().unwrap_or("").trim();
    let marked = match name {
        "auto-submitted" => !without_comment(word).is_empty() && without_comment(word) != "no",
        "x-autoreply" => !matches!(word, "" | "no"),
        "precedence" => matches!(word, "auto_reply" | "auto-reply"),
        "content-type" => word == "multipart/report",
        "return-path" => matches!(value.trim(), "" | "<>"),
        _ => false,
    };
    let mailer = name == "return-path" && is_daemon(value.trim_matches(['<', '>', ' ']));
    (marked || mailer).then(|| format!("{name}: {value}"))
}

/// RFC 3834 allows a comment after the word.
fn without_comment(word: &str) -> &str {
    word.split('(').next().unwrap_or("").trim()
}

/// A sender that is a mail system itself.
pub(crate) fn sender(from: Option<&Address>) -> Option<String> {
    let from = from?;
    is_daemon(&from.email.to_ascii_lowercase()).then(|| format!("from: {}", from.email))
}

fn is_daemon(email: &str) -> bool {
    email.split('@').next() == Some("mailer-daemon")
}

/// Sent to many at once.
pub(crate) fn is_bulk(headers: &[(String, String)]) -> bool {
    headers.iter().any(|(name, value)| {
        name == "list-unsubscribe-post"
            || (name == "precedence" && matches!(value.to_ascii_lowercase().trim(), "bulk" | "junk"))
    })
}

/// A machine wrote this mail, and it is not one of the manager's own forms.
pub(crate) fn wrote(message: &Message, context: &Context) -> bool {
    message.machine.is_some() && !message.from.as_ref().is_some_and(|from| is_form(&from.email, context))
}

/// The address belongs to a form service that the manager has named.
pub(crate) fn is_form(email: &str, context: &Context) -> bool {
    let email = email.to_ascii_lowercase();
    context.form_senders.iter().map(|s| s.trim().to_ascii_lowercase()).any(|sender| {
        email == sender
            || (sender.starts_with('@') && email.ends_with(&sender))
            || (!sender.contains('@') && email.ends_with(&format!("@{sender}")))
    })
}
