//! The labels of a mail that nobody knows, so that somebody can say what they ask for.

use crate::body::{self, Line};
use crate::captions;
use crate::context::Context;
use crate::labels::undecorated;
use crate::message::Message;

/// A mail has not more of them, and a page shows no more.
const MOST: usize = 12;

/// What looks like a label in a mail and is not known as one, as it is written, in the order of the mail.
///
/// These are suggestions for people: nothing is read by them.
#[must_use]
pub fn unknown_labels(message: &Message, context: &Context) -> Vec<String> {
    let shown = message.forwarded.as_deref().filter(|_| message.text.is_none() && message.html.is_none());
    let shown = shown.unwrap_or(message);
    let text = shown.text.as_deref().filter(|text| !text.trim().is_empty()).map(|text| body::of_text(text).lines);
    let lines = text.or_else(|| shown.html.as_deref().map(|html| body::of_html(html).lines)).unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| line.quote == 0) {
        let Some(label) = unknown(line, context) else { continue };
        let plain = captions::plain_label(&label);
        if !plain.is_empty() && !found.iter().any(|known| captions::plain_label(known) == plain) {
            found.push(label);
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// "Prefered slot: Tuesday", or the first of a table's two cells.
fn unknown(line: &Line, context: &Context) -> Option<String> {
    let head = match line.cells.as_slice() {
        [label, answer] if !label.contains('\n') && !answer.trim().is_empty() => undecorated(label),
        [only] if !only.contains('\n') => {
            let words = undecorated(only);
            let (head, answer) = words.split_once(':')?;
            if answer.starts_with(|c: char| c.is_ascii_digit() || c == '/') {
                return None;
            }
            head.to_owned()
        }
        _ => return None,
    };
    let head = head.trim().trim_end_matches([':', '?', '*', ' ']);
    let caption = captions::of(head, &context.labels);
    let known = caption.label.is_some() || caption.is_listed;
    (!known && captions::is_label_like(head)).then(|| head.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Label;
    use crate::message::Fields;
    use jiff::{Timestamp, tz::TimeZone};

    fn unknown_in(text: Option<&str>, html: Option<&str>, known: &[(&str, Label)]) -> Vec<String> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let message = Message::from_fields(Fields { text: own(text), html: own(html), ..Fields::default() });
        let mut context = Context::new(Timestamp::UNIX_EPOCH, TimeZone::UTC);
        context.labels = known.iter().map(|(word, label)| ((*word).to_owned(), *label)).collect();
        unknown_labels(&message, &context)
    }

    #[test]
    fn labels_that_are_not_known_are_named_once() {
        let mail = "Instrument: drums\nPrefered slot: Tuesday 10 am\n* Prefered Slot: Wednesday\nRoom wanted: A\n\
            See https://example.com/a\nat 10:30 please\n> Mood board: x\n";
        assert_eq!(unknown_in(Some(mail), None, &[]), ["Prefered slot", "Room wanted"]);
        assert_eq!(unknown_in(Some(mail), None, &[("prefered slot", Label::Times)]), ["Room wanted"]);
    }

    #[test]
    fn labels_in_a_table_count_too() {
        let html =
            "<table><tr><td>Instrument</td><td>drums</td></tr><tr><td>Prefered slot</td><td>Tuesday</td></tr></table>";
        assert_eq!(unknown_in(None, Some(html), &[]), ["Prefered slot"]);
    }

    #[test]
    fn a_long_mail_suggests_a_few() {
        let lines: Vec<String> = ('a'..='z').map(|c| format!("Zq{c}{c} thing: x")).collect();
        assert_eq!(unknown_in(Some(&lines.join("\n")), None, &[]).len(), MOST);
    }
}
