//! A mail as it came, for people: its head, and its text. What it says is shown as text, never as a page.

use crate::inbound::{self, Content};
use crate::web::Web;
use firstcall_mail::Message;
use firstcall_store::{Error, Tx, mails};
use std::ops::Range;

/// The most of a mail that is shown.
const MOST: usize = 20_000;

/// The same words are not marked more often.
const MOST_MARKS: usize = 20;

/// A mail as it came.
#[derive(Clone, Debug, Default)]
pub struct Original {
    /// "Maribel <maribel@example.com>".
    pub from: String,
    /// What it is about.
    pub subject: String,
    /// Its text in pieces, each marked or not.
    pub parts: Vec<(bool, String)>,
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
    Ok(message(web, id).await?.map(|message| Original::of(&message)))
}

/// A mail as it came, taken apart.
///
/// # Errors
/// When the database cannot be asked.
pub async fn message(web: &Web, id: i64) -> Result<Option<Message>, Error> {
    let raw = web.engine.store().read(async move |tx: &mut Tx| mails::raw(tx, id).await).await?;
    let Some((bytes, media_type)) = raw else { return Ok(None) };
    let content = inbound::decode(&media_type, &bytes).await.unwrap_or(Content::Mime(bytes));
    let message = tokio::task::spawn_blocking(move || match content {
        Content::Mime(bytes) => Message::parse(&bytes),
        Content::Fields(fields, _) => Message::from_fields(*fields),
    });
    Ok(message.await.ok())
}

impl Original {
    /// A mail for people.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let inner = message.forwarded.as_deref().filter(|_| message.text.is_none() && message.html.is_none());
        let shown = inner.unwrap_or(message);
        let plain = shown.text.clone().filter(|text| !text.trim().is_empty());
        let text = plain.or_else(|| shown.html.as_deref().map(words_of)).unwrap_or_default();
        let cut = text.chars().count() > MOST;
        let from = message.from.as_ref().map(|from| match &from.name {
            Some(name) => format!("{name} <{}>", from.email),
            None => from.email.clone(),
        });
        let text: String = if cut { text.chars().take(MOST).collect() } else { text };
        Self {
            from: from.unwrap_or_default(),
            subject: message.subject.clone().unwrap_or_default(),
            parts: vec![(false, text)],
            attachments: message.attachments.clone(),
            cut,
        }
    }

    /// The same, with these words marked wherever they stand.
    #[must_use]
    pub fn marked<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        let text: String = self.parts.iter().map(|(_, part)| part.as_str()).collect();
        let mut places: Vec<Range<usize>> = words.into_iter().flat_map(|words| places(&text, words)).collect();
        places.sort_by_key(|place| (place.start, place.end));
        self.parts.clear();
        let mut at = 0;
        for place in places.into_iter().filter(|place| !place.is_empty()) {
            if place.start > at {
                self.parts.push((false, text[at..place.start].to_owned()));
            }
            if place.end > at {
                self.parts.push((true, text[place.start.max(at)..place.end].to_owned()));
                at = place.end;
            }
        }
        self.parts.push((false, text[at..].to_owned()));
        self
    }
}

/// Where words stand in a text as words of their own, whatever their case and the blanks between them.
fn places(text: &str, words: &str) -> Vec<Range<usize>> {
    let wanted: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let Some(first) = wanted.first() else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(start) = next_word(text, rest, first) {
        let (mut end, mut all) = (start.end, true);
        for word in &wanted[1..] {
            let blanks: usize = text[end..].chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
            match begins_with(&text[end + blanks..], word) {
                Some(length) if blanks > 0 => end += blanks + length,
                _ => all = false,
            }
        }
        let ends = |at: usize| text[at..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        if all && (ends(end) || !words.ends_with(char::is_alphanumeric)) {
            found.push(start.start..end);
            if found.len() == MOST_MARKS {
                break;
            }
        }
        rest = start.end;
    }
    found
}

/// Where a word begins next, not inside another one.
fn next_word(text: &str, from: usize, word: &str) -> Option<Range<usize>> {
    let inside = |at: usize| text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let starts = text[from..].char_indices().map(|(at, _)| from + at);
    let starts = starts.filter(|at| !inside(*at) || !word.starts_with(char::is_alphanumeric));
    starts.into_iter().find_map(|at| Some(at..at + begins_with(&text[at..], word)?))
}

/// How many bytes of a text are this word, which is in lower case.
fn begins_with(text: &str, word: &str) -> Option<usize> {
    let mut wanted = word.chars().peekable();
    let mut length = 0;
    for letter in text.chars() {
        if wanted.peek().is_none() {
            break;
        }
        for lower in letter.to_lowercase() {
            if wanted.next() != Some(lower) {
                return None;
            }
        }
        length += letter.len_utf8();
    }
    (length > 0 && wanted.peek().is_none()).then_some(length)
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

    fn marks(text: &str, words: &[&str]) -> String {
        let original = Original { parts: vec![(false, text.to_owned())], ..Original::default() };
        let parts = original.marked(words.iter().copied()).parts.into_iter();
        parts.map(|(marked, part)| if marked { format!("[{part}]") } else { part }).collect()
    }

    #[test]
    fn doubtful_words_are_marked_as_they_stand_in_the_mail() {
        assert_eq!(
            marks("Instrument: Keyboard  or\npiano, 3", &["keyboard or piano", "3"]),
            "Instrument: [Keyboard  or\npiano], [3]"
        );
        assert_eq!(marks("30 and 3 and 3pm", &["3"]), "30 and [3] and 3pm");
        assert_eq!(marks("a b c", &["a b", "b c", "", "x"]), "[a b][ c]");
        assert_eq!(marks("Äpfel äpfel", &["äpfel"]), "[Äpfel] [äpfel]");
        assert_eq!(marks("at 10?", &["10?"]), "at [10?]");
        assert_eq!(marks(&"3 ".repeat(30), &["3"]).matches('[').count(), MOST_MARKS);
    }
}
