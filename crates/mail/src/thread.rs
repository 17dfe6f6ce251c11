//! Whose words are whose: what the sender wrote, what they forwarded, and what is only history (rule 1.8).

use crate::body::Line;
use crate::labels::is_closing;
use crate::text::folded;

/// A mail's lines, sorted by who speaks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thread {
    /// What the sender wrote, without signature and footers.
    pub(crate) own: Vec<Line>,
    /// The mail that was forwarded.
    pub(crate) forwarded: Option<Forwarded>,
}

/// A forwarded mail's header, as far as it was copied, and its lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forwarded {
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) lines: Vec<Line>,
}

impl Forwarded {
    /// The value of a copied header under any of its names.
    pub(crate) fn header(&self, names: &[&str]) -> Option<&str> {
        self.headers.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.as_str())
    }
}

/// Names of copied headers in the languages of the usual mail programs.
pub(crate) const FROM: &[&str] = &["from", "von", "de", "da", "van", "fra", "fran", "od"];
pub(crate) const SENT: &[&str] = &[
    "date",
    "sent",
    "gesendet",
    "datum",
    "envoye",
    "enviado",
    "fecha",
    "data",
    "inviato",
    "verzonden",
    "dato",
    "skickat",
    "sendt",
];
pub(crate) const TO: &[&str] = &["to", "an", "a", "para", "aan", "til", "till", "cc", "bcc", "kopie"];
const SUBJECT: &[&str] = &["subject", "betreff", "objet", "asunto", "oggetto", "onderwerp", "assunto", "emne", "amne"];
const REPLY_TO: &[&str] = &["reply-to", "reply to", "antwort an"];
const OTHER: &[&str] = &["importance", "priority", "attachments", "bcc", "resent-from", "organization"];

/// Sorts the lines. A mail that answers another one may carry that one below it, and does not forward it.
pub(crate) fn split(lines: &[Line], is_reply: bool, is_forward: bool) -> Thread {
    let mut own = Vec::new();
    let mut at = 0;
    let mut forwarded = None;
    while at < lines.len() {
        let line = &lines[at];
        let words = line.words();
        let marker = marker(&words);
        if marker == Some(Marker::Forward) && (line.quote == 0 || (is_forward && !is_reply)) {
            forwarded = Some(forwarded_from(&lines[at + 1..]));
            break;
        }
        let quoted_forward = line.quote > 0 && is_forward && !is_reply && nothing_said(&own);
        if line.quote > 0 && !(quoted_forward && header_block(&lines[at..]).is_some()) {
            at += 1;
            continue;
        }
        if marker == Some(Marker::Original) || header_block(&lines[at..]).is_some() {
            if is_forward || (!is_reply && nothing_said(&own)) {
                let skip = usize::from(marker.is_some());
                forwarded = Some(forwarded_from(&lines[at + skip..]));
            }
            break;
        }
        if let Some(length) = attribution(&lines[at..]) {
            let next = lines[at + length..].iter().find(|l| !l.is_blank());
            if next.is_some_and(|l| l.quote > 0) {
                at += length;
                continue;
            }
            break;
        }
        own.push(line.clone());
        at += 1;
    }
    Thread { own: without_endings(&own), forwarded }
}

fn nothing_said(lines: &[Line]) -> bool {
    lines.iter().all(Line::is_blank)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Forward,
    Original,
}

fn marker(words: &str) -> Option<Marker> {
    let text = folded(words);
    let core = text.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | ' ' | '*' | ':' | '>' | '\u{2022}'));
    let ruled = text.trim_start().starts_with("--")
        || text.trim_start().starts_with("==")
        || text.trim_start().starts_with("__");
    let forward = [
        "forwarded message",
        "begin forwarded message",
        "weitergeleitete nachricht",
        "message transfere",
        "mensaje reenviado",
        "messaggio inoltrato",
        "doorgestuurd bericht",
        "mensagem encaminhada",
        "videresendt besked",
        "anfang der weitergeleiteten nachricht",
        "debut du message reexpedie",
        "inicio del mensaje reenviado",
        "vidarebefordrat meddelande",
        "forwarded mail",
        "fwd message",
    ];
    let original = [
        "original message",
        "ursprungliche nachricht",
        "message d'origine",
        "mensaje original",
        "messaggio originale",
        "oorspronkelijk bericht",
        "mensagem original",
        "original appointment",
        "original-nachricht",
        "oprindelig meddelelse",
        "reply message",
        "original email",
    ];
    if core.starts_with("forwarded message from") && ruled
        || forward.contains(&core)
            && (ruled
                || core.contains("begin")
                || core.contains("anfang")
                || core.contains("debut")
                || core.contains("inicio"))
    {
        return Some(Marker::Forward);
    }
    (ruled && original.contains(&core)).then_some(Marker::Original)
}

/// A copied header: at least the sender and two of date, addressee and subject. Gives its fields and how many lines it takes.
fn header_block(lines: &[Line]) -> Option<(Vec<(String, String)>, usize)> {
    let mut at = 0;
    // Outlook draws a line first.
    while at < lines.len().min(3) {
        let words = lines[at].words();
        if words.trim().is_empty() && at > 0
            || (words.len() >= 5 && words.chars().all(|c| matches!(c, '_' | '-' | '=')))
        {
            at += 1;
        } else {
            break;
        }
    }
    let (headers, used) = headers(&lines[at..]);
    let has = |names: &[&str]| headers.iter().any(|(name, _)| names.contains(&name.as_str()));
    let kinds = [SENT, TO, SUBJECT].iter().filter(|names| has(names)).count();
    let sender =
        headers.iter().any(|(name, value)| FROM.contains(&name.as_str()) && (value.contains('@') || kinds == 3));
    (sender && kinds >= 2).then_some((headers, at + used))
}

/// The "Name: value" lines at the beginning, with continued values.
fn headers(lines: &[Line]) -> (Vec<(String, String)>, usize) {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut used = 0;
    for line in lines.iter().take(16) {
        let words = line.words().replace('*', "");
        let words = words.trim();
        let split = words.split_once(':').map(|(name, value)| (folded(name.trim()), value.trim().to_owned()));
        match split {
            Some((name, value)) if is_header(&name) => found.push((name, value)),
            _ if words.is_empty() && found.is_empty() => {}
            _ if !words.is_empty()
                && found.last().is_some_and(|(name, value)| {
                    value.is_empty() || (TO.contains(&name.as_str()) && words.contains('@'))
                }) =>
            {
                if let Some((_, value)) = found.last_mut() {
                    value.push_str(words);
                }
            }
            _ => break,
        }
        used += 1;
    }
    (found, used)
}

fn is_header(name: &str) -> bool {
    [FROM, SENT, TO, SUBJECT, REPLY_TO, OTHER].iter().any(|names| names.contains(&name))
}

fn forwarded_from(lines: &[Line]) -> Forwarded {
    let start = lines.iter().position(|l| !l.is_blank()).unwrap_or(lines.len());
    let lines = &lines[start..];
    let depth = lines.first().map_or(0, |l| l.quote);
    let (headers, used) = match header_block(lines) {
        Some(block) => block,
        None => headers(lines),
    };
    let lines = lines[used.min(lines.len())..]
        .iter()
        .map(|l| Line { quote: l.quote.saturating_sub(depth), ..l.clone() })
        .collect();
    Forwarded { headers, lines }
}

/// "On Mon, Dec 7, 2026 at 10:15 AM Fern Room wrote:", perhaps over three lines; how many lines it takes.
fn attribution(lines: &[Line]) -> Option<usize> {
    const VERBS: &str = "wrote, a ecrit, schrieb, escribio, ha scritto, schreef, escreveu, skrev, kirjoitti, napisal, \
     wrote on";
    const LEADS: &[&str] =
        &["on ", "le ", "am ", "el ", "il ", "op ", "em ", "den ", "pa ", "a ", "w dniu", "von ", "from "];
    let first = folded(lines.first()?.words().trim());
    let led = LEADS.iter().any(|l| first.starts_with(l))
        || first.contains('@')
        || first.starts_with(|c: char| c.is_ascii_digit());
    if !led {
        return None;
    }
    let mut joined = String::new();
    for (at, line) in lines.iter().take(4).enumerate() {
        if line.is_blank() || (at > 0 && line.quote != lines[0].quote) {
            return None;
        }
        joined.push_str(&folded(line.words().trim()));
        joined.push(' ');
        let text = joined.trim_end();
        if text.ends_with(':')
            && VERBS.split(", ").any(|v| {
                text.contains(&format!("{v}:"))
                    || text.contains(&format!("{v} :"))
                    || (v == "schrieb" && text.contains("schrieb "))
            })
        {
            let dated = text.contains(|c: char| c.is_ascii_digit());
            return (dated || text.contains('@')).then_some(at + 1);
        }
    }
    None
}

/// Cuts off signatures and footers.
fn without_endings(lines: &[Line]) -> Vec<Line> {
    let end = lines.iter().position(is_signature_mark).unwrap_or(lines.len());
    let mut kept: Vec<Line> = lines[..end].to_vec();
    if let Some(footer) = kept.iter().position(|l| is_footer(&l.words())) {
        let more_below = kept[footer..].iter().any(is_request_label);
        if !more_below {
            kept.truncate(footer);
        }
    }
    kept.retain(|l| !is_footer(&l.words()));
    let closing = kept.iter().rposition(|l| is_closing(&l.words()) && l.cells.len() == 1);
    let closing =
        closing.and_then(|last| kept[..=last].iter().position(|l| is_closing(&l.words()) && l.cells.len() == 1));
    match closing {
        Some(at) => ending_at(&kept, at),
        None => kept,
    }
}

/// What the sender wrote before their name, where it stands alone below the request.
pub(crate) fn without_name(lines: &[Line], sender: Option<&str>) -> Vec<Line> {
    let name = folded(sender.unwrap_or(""));
    let first = name.split(' ').next().unwrap_or("");
    let is_name = |line: &Line| {
        let words = folded(&line.words());
        let words = words.trim_matches(|c: char| !c.is_alphanumeric());
        !words.is_empty() && (words == name || words == first)
    };
    let answers_a_label = |at: usize| {
        let above = lines[..at].iter().rfind(|l| !l.is_blank());
        above.is_some_and(|l| label_of(l).is_some_and(|(_, answer)| answer.is_empty()))
    };
    let labelled_below = |at: usize| {
        use crate::context::Label::{City, Email, Length, Links, Notes};
        let kept = |l: &Line| matches!(label_of(l), Some((Some(City | Email | Length | Links | Notes), _)));
        lines[at + 1..].iter().any(kept)
    };
    match lines.iter().rposition(is_name) {
        Some(at) if at > 0 && !answers_a_label(at) && !labelled_below(at) => ending_at(lines, at),
        Some(_) | None => lines.to_vec(),
    }
}

/// Cuts a signature off, unless the request goes on below it; what is added there still counts.
fn ending_at(lines: &[Line], at: usize) -> Vec<Line> {
    if lines[at + 1..].iter().any(is_request_label) {
        return lines.to_vec();
    }
    let mut kept = lines[..at].to_vec();
    if let Some(added) = lines[at..].iter().position(|l| is_postscript(&l.words())) {
        kept.push(Line::blank(0));
        kept.extend_from_slice(&lines[at + added..]);
    }
    kept
}

fn is_postscript(words: &str) -> bool {
    let text = folded(words);
    [
        "p.s",
        "ps:",
        "ps ",
        "ps.",
        "pps",
        "p.p.s",
        "edit:",
        "one more thing",
        "oh and",
        "also",
        "please",
        "actually",
        "correction",
        "sorry",
        "update",
        "we need",
        "i forgot",
        "forgot",
        "and ",
    ]
    .iter()
    .any(|p| text.trim_start().starts_with(p))
}

fn is_signature_mark(line: &Line) -> bool {
    line.words().trim() == "--"
}

/// A label of the request itself: where one follows, a word such as "Thanks!" is not the end.
fn is_request_label(line: &Line) -> bool {
    use crate::context::Label::{Date, Instruments, Times, Zone};
    matches!(label_of(line), Some((Some(Date | Instruments | Times | Zone), _)))
}

/// The label at the beginning of a line, and the answer beside it.
fn label_of(line: &Line) -> Option<(Option<crate::context::Label>, String)> {
    let first = line.cells.first().map_or("", String::as_str);
    let extra = std::collections::BTreeMap::new();
    let (caption, answer) = crate::captions::before_answer(&crate::labels::undecorated(first), &extra)?;
    let beside = line.cells.get(1).cloned().unwrap_or_default();
    Some((caption.label, format!("{answer}{beside}")))
}

const STARTS: &str = "sent from my, sent via , get outlook for, unsubscribe, to unsubscribe, you received this, \
     you are receiving this, you get this mail, you're receiving this, this email was sent, \
     this e-mail was sent, this message was sent, this form was, confidential, this email and any, \
     this e-mail and any, this message and any, this message is intended, \
     the information contained in this, the information in this, powered by, \
     view this email in your browser, view in browser, see all responses, sign in to see, sent by form, \
     sent from form, view response, view all responses, manage preferences, update your preferences, \
     this is an automated, this is an automatic, do not reply to this, please do not reply, \
     create your own, google forms, report abuse, privacy policy, legal notice, \
     please consider the environment, (c) , copyright, all rights reserved, sent from yahoo, sent with , \
     von meinem iphone, envoye de mon, edit response, edit your response, download the app, \
     this mail was sent, view submission, view entry, you can view, log in to view, disclaimer, \
     to stop receiving, this communication";

fn is_footer(words: &str) -> bool {
    let text = folded(words);
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    STARTS.split(", ").any(|s| text.starts_with(s))
        || text.contains("unsubscribe") && text.contains("http")
        || text.contains("wordpress (http")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::of_text;

    fn own(text: &str, reply: bool, forward: bool) -> String {
        let thread = split(&of_text(text).lines, reply, forward);
        thread.own.iter().map(Line::words).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn history_is_cut_in_many_languages() {
        for attribution in [
            "On Mon, Dec 7, 2026 at 10:15 AM Fern Room <b@example.com> wrote:",
            "On Mon, Dec 7, 2026 at 10:15 AM Fern Room\n<b@example.com> wrote:",
            "Le lun. 7 d\u{e9}c. 2026 \u{e0} 10:15, Fern Room <b@example.com> a \u{e9}crit :",
            "Am Mo., 7. Dez. 2026 um 10:15 Uhr schrieb Fern Room <b@example.com>:",
            "Am 07.12.2026 um 10:15 schrieb Fern Room:",
            "El lun, 7 dic 2026 a las 10:15, Fern Room (<b@example.com>) escribi\u{f3}:",
            "Il giorno lun 7 dic 2026 alle ore 10:15 Fern Room <b@example.com> ha scritto:",
            "-----Original Message-----",
            "________________________________\nFrom: Fern Room <b@example.com>\nSent: Monday, December 7, 2026 10:15 AM\nTo: Oren\nSubject: x",
            "From: Fern Room <b@example.com>\nSent: Monday, December 7, 2026 10:15 AM\nTo: Oren\nSubject: x",
        ] {
            assert_eq!(
                own(&format!("Drums\n\n{attribution}\nViolin"), true, false).trim_end_matches('|'),
                "Drums",
                "{attribution}"
            );
        }
    }

    #[test]
    fn what_stands_below_a_quotation_is_new() {
        assert_eq!(own("On 7 Dec 2026 Fern Room wrote:\n> which one?\n\nDrums", true, false), "|Drums");
    }

    #[test]
    fn forwards_are_found_in_many_styles() {
        for mark in [
            "---------- Forwarded message ---------\nFrom: A <a@example.com>\nDate: Mon, Nov 30, 2026 at 4:12 PM\nSubject: x\nTo: <b@example.com>\n",
            "Begin forwarded message:\n\n> From: A <a@example.com>\n> Subject: x\n> Date: November 30, 2026 at 4:12:00 PM EST\n> To: b@example.com\n>",
            "-----Original Message-----\nFrom: A <a@example.com>\nSent: Monday, November 30, 2026 4:12 PM\nTo: B\nSubject: x\n",
            "________________________________\nFrom: A <a@example.com>\nSent: Monday, November 30, 2026 4:12 PM\nTo: B\nSubject: x\n",
            "-------- Forwarded Message --------\nSubject: \tx\nDate: \tMon, 30 Nov 2026 16:12:00 -0500\nFrom: \tA <a@example.com>\nTo: \tb@example.com\n",
        ] {
            let body = if mark.contains("> From") { "> Drums" } else { "Drums" };
            let thread = split(&of_text(&format!("see below\n\n{mark}\n{body}")).lines, false, true);
            let forwarded = thread.forwarded.expect(mark);
            assert!(forwarded.header(FROM).is_some_and(|f| f.contains("a@example.com")), "{mark}");
            assert!(forwarded.header(SENT).is_some(), "{mark}");
            assert_eq!(forwarded.lines.iter().map(Line::words).collect::<String>(), "Drums", "{mark}");
            assert!(forwarded.lines.iter().all(|l| l.quote == 0), "{mark}");
        }
    }

    #[test]
    fn signatures_and_footers_end_a_mail() {
        assert_eq!(own("Instrument: drums\n\n-- \nOffice hours 9-5", false, false), "Instrument: drums|");
        assert_eq!(own("Instrument: drums\nThanks,\nBob\nBob's Violin Shop", false, false), "Instrument: drums");
        assert_eq!(
            own("Thanks for reading.\nInstrument: drums\nSent from my iPhone", false, false),
            "Thanks for reading.|Instrument: drums"
        );
        assert_eq!(
            own("Instrument: drums\nCheers, Bob\nP.S. also a violin", false, false),
            "Instrument: drums||P.S. also a violin"
        );
    }
}
