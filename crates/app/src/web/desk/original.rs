//! A mail as it came, for people: its head, and its text. What it says is shown as text, never as a page.

use crate::inbound::{self, Content};
use crate::web::Web;
use firstcall_mail::Message;
use firstcall_store::{Error, Tx, mails};

/// The most of a mail that is shown.
const MOST: usize = 20_000;

/// A mail as it came.
#[derive(Clone, Debug, Default)]
pub struct Original {
    /// "Maribel <maribel@example.com>".
    pub from: String,
    /// What it is about.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The names of what was attached: kept, not read.
    pub attachments: Vec<String>,
    /// Whether there is more text than is shown.
    pub cut: bool,
}

/// A mail as it came; none when there is no such mail.
///
/// # Errors
/// When the database cannot be asked.
pub async fn read(web: &Web, id: i64) -> Result<Option<Original>, Error> {
    let raw = web.engine.store().read(async move |tx: &mut Tx| mails::raw(tx, id).await).await?;
    let Some((bytes, media_type)) = raw else { return Ok(None) };
    let content = inbound::decode(&media_type, &bytes).await.unwrap_or(Content::Mime(bytes));
    let message = tokio::task::spawn_blocking(move || match content {
        Content::Mime(bytes) => Message::parse(&bytes),
        Content::Fields(fields, _) => Message::from_fields(*fields),
    });
    Ok(Some(message.await.map(original).unwrap_or_default()))
}

fn original(message: Message) -> Original {
    let inner = message.forwarded.as_deref().filter(|_| message.text.is_none() && message.html.is_none());
    let shown = inner.unwrap_or(&message);
    let plain = shown.text.clone().filter(|text| !text.trim().is_empty());
    let text = plain.or_else(|| shown.html.as_deref().map(words_of)).unwrap_or_default();
    let cut = text.chars().count() > MOST;
    let from = message.from.as_ref().map(|from| match &from.name {
        Some(name) => format!("{name} <{}>", from.email),
        None => from.email.clone(),
    });
    Original {
        from: from.unwrap_or_default(),
        subject: message.subject.clone().unwrap_or_default(),
        text: if cut { text.chars().take(MOST).collect() } else { text },
        attachments: message.attachments,
        cut,
    }
}

/// The words of a page, roughly: what was read is beside it, and this is only for looking.
fn words_of(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        if matches!(name.as_str(), "br" | "p" | "div" | "tr" | "li" | "h1" | "h2" | "h3" | "table") {
            text.push('\n');
        } else if matches!(name.as_str(), "td" | "th") {
            text.push(' ');
        }
        let hidden = matches!(name.as_str(), "style" | "script" | "head" | "title") && !tag.starts_with('/');
        rest = if hidden { after.split_once(&format!("</{name}")).map_or("", |(_, rest)| rest) } else { after };
        if hidden {
            rest = rest.split_once('>').map_or("", |(_, rest)| rest);
        }
    }
    text.push_str(rest);
    let named = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let text = named.into_iter().fold(text, |text, (name, letter)| text.replace(name, letter));
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !(line.is_empty() && lines.last().is_none_or(String::is_empty)) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_shown_as_their_words() {
        let html = "<html><head><title>t</title></head><style>p{}</style><p>Drums &amp; bass</p><br><br>\
            <table><tr><td>Day</td><td>8 Dec</td></tr></table>a &lt;b&gt;";
        let words = words_of(html);
        assert_eq!(
            words.split('\n').filter(|line| !line.is_empty()).collect::<Vec<_>>(),
            ["Drums & bass", "Day 8 Dec", "a <b>"]
        );
        assert!(!words.contains("\n\n\n"));
    }
}
