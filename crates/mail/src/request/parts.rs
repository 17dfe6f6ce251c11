//! What the parts of a mail say: text against HTML, and the layers of forwarding.

use super::{DEEPEST, Found};
use crate::body::{self, Body, Line};
use crate::context::Context;
use crate::draft::{self, Draft};
use crate::instruments::Names;
use crate::message::Message;
use crate::prose;
use crate::reading::Field;
use crate::schedule;
use crate::text::folded;
use crate::thread::{self, Forwarded};

pub(super) fn found_in(message: &Message, context: &Context, names: &Names) -> Found {
    let kind = kind_of(message);
    let sender = message.from.as_ref().and_then(|f| f.name.as_deref());
    let reader = Reader { context, names, sender };
    let text = message.text.as_deref().map(body::of_text);
    let html = message.html.as_deref().map(body::of_html);
    let cut = message.cut || [&text, &html].iter().any(|b| b.as_ref().is_some_and(|b| b.cut));
    let layer = |body: Option<Body>| body.map(|b| reader.layered(&b.lines, kind, 0));
    let (text, html) = (layer(text), layer(html));
    let mut found = match (text, html) {
        (Some(text), Some(html)) => together(text, html),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => Found::default(),
    };
    found.problems.append(&mut found.draft.problems);
    if !found.draft.is_request()
        && let Some(inner) = message.forwarded.as_deref().filter(|_| kind.forward || found.draft.sentences.is_empty())
    {
        found = enclosed(inner, found, context, names);
    }
    if cut {
        found.problem(Field::Mail, "The mail is too long to be read whole. Check it against the original.", "");
    }
    found
}

/// A mail forwarded as a part of its own: its headers are the copied header.
fn enclosed(inner: &Message, outer: Found, context: &Context, names: &Names) -> Found {
    let mut found = found_in(inner, context, names);
    if !found.draft.is_request() {
        return outer;
    }
    if found.forwarded.is_none() {
        let mut headers = Vec::new();
        for (name, address) in [("from", inner.from.as_ref()), ("reply-to", inner.reply_to.first())] {
            if let Some(address) = address {
                headers
                    .push((name.to_owned(), format!("{} <{}>", address.name.as_deref().unwrap_or(""), address.email)));
            }
        }
        if let Some(date) = inner.date {
            headers.push(("date".to_owned(), date.to_string()));
        }
        found.forwarded = Some(Forwarded { headers, lines: Vec::new() });
    }
    found
}

/// What reading the lines of a mail takes.
struct Reader<'a> {
    context: &'a Context,
    names: &'a Names,
    /// The name in the From header.
    sender: Option<&'a str>,
}

/// Does the mail answer another one, or pass one on?
#[derive(Clone, Copy)]
struct Kind {
    reply: bool,
    forward: bool,
}

/// As the subject says, and the header that refers to another mail.
fn kind_of(message: &Message) -> Kind {
    const REPLY: &[&str] = &["re", "aw", "sv", "antw", "res", "ref", "odp", "ynt", "rif", "vs", "r"];
    const FORWARD: &[&str] = &["fw", "fwd", "wg", "tr", "rv", "enc", "doorst", "vb", "i", "pd", "forward"];
    let subject = folded(message.subject.as_deref().unwrap_or(""));
    let prefix = subject.split_once(':').map(|(prefix, _)| {
        prefix.trim().trim_end_matches(|c: char| matches!(c, '[' | ']' | '(' | ')') || c.is_ascii_digit())
    });
    let forward = prefix.is_some_and(|p| FORWARD.contains(&p));
    let reply = prefix.is_some_and(|p| REPLY.contains(&p)) || (message.reply && !forward);
    Kind { reply, forward }
}

impl Reader<'_> {
    /// What the sender says, or what they forward when they ask for nothing themselves (rule 1.8).
    fn layered(&self, lines: &[Line], kind: Kind, depth: usize) -> Found {
        let thread = thread::split(lines, kind.reply, kind.forward);
        let own = draft::read(&thread::without_name(&thread.own, self.sender), self.context, self.names);
        let Some(forwarded) = thread.forwarded.filter(|_| depth < DEEPEST) else {
            return Found { draft: own, ..Found::default() };
        };
        if own.labelled || own.is_whole() {
            return Found { draft: own, ..Found::default() };
        }
        let inner_subject = folded(forwarded.header(&["subject", "betreff", "objet"]).unwrap_or(""));
        let inner_forward = inner_subject.starts_with("fw");
        let inner_kind = Kind { reply: !inner_forward, forward: inner_forward };
        let mut inner = self.layered(&forwarded.lines, inner_kind, depth + 1);
        if !inner.draft.is_request() {
            return Found { draft: own, ..Found::default() };
        }
        if inner.forwarded.is_none() {
            inner.forwarded = Some(Forwarded { headers: forwarded.headers, lines: Vec::new() });
        }
        // What stands above a forward may change it: "same as below, but on Tuesday".
        for sentence in &own.sentences {
            let known = &inner.draft;
            if prose::turns_instruments(sentence, self.names, &known.chairs) {
                inner.problem(
                    Field::Instruments,
                    "A sentence above the forwarded mail seems to change its instruments. Check them.",
                    sentence,
                );
            } else if prose::turns_times(sentence, self.names, &known.schedule.slots, &self.context.parts_of_day) {
                inner.problem(
                    Field::Times,
                    "A sentence above the forwarded mail seems to change its times. Check them.",
                    sentence,
                );
            }
        }
        if let Some((why, said)) = prose::other_intent("", &own.sentences) {
            inner.problem(Field::Mail, why, &said);
        }
        inner
    }
}

/// Text and HTML of one mail. Where one of them is silent the other counts; where both speak they must agree (rule 1.8).
fn together(text: Found, html: Found) -> Found {
    if !text.draft.is_request() {
        return with_links(html, &text);
    }
    if !html.draft.is_request() {
        return with_links(text, &html);
    }
    let fewer = html.draft.problems.len() <= text.draft.problems.len();
    let (mut best, other) = if fewer { (html, text) } else { (text, html) };
    let disagree = "The text and the HTML of this mail disagree. Check which one is right.";
    let (a, b) = (&best.draft, &other.draft);
    let mut fields: Vec<Field> = Vec::new();
    if a.chairs.any && b.chairs.any && sorted_counts(a) != sorted_counts(b) {
        fields.push(Field::Instruments);
    }
    if !a.schedule.slots.is_empty() && !b.schedule.slots.is_empty() && !same_slots(a, b) {
        fields.push(Field::Times);
    }
    let one_has_times = a.schedule.slots.is_empty() != b.schedule.slots.is_empty();
    if one_has_times && (!a.schedule.doubts.is_empty() || !b.schedule.doubts.is_empty()) {
        fields.push(Field::Times);
    }
    let zone = |d: &Draft| (d.zone.clone(), d.city.as_deref().map(folded));
    if zone(a) != zone(b) && !a.zone.said.is_empty() && !b.zone.said.is_empty() && a.zone != b.zone {
        fields.push(Field::TimeZone);
    }
    if a.length.is_some() && b.length.is_some() && a.length != b.length {
        fields.push(Field::Length);
    }
    let differ = |one: &[String], other: &[String]| {
        !one.is_empty() && !other.is_empty() && !one.iter().any(|e| other.iter().any(|o| o.eq_ignore_ascii_case(e)))
    };
    if differ(&a.emails, &b.emails) {
        fields.push(Field::Client);
    }
    for field in fields {
        best.problem(field, disagree, "");
    }
    fill(&mut best.draft, &other.draft);
    with_links(best, &other)
}

/// Takes over what only the other part says.
fn fill(best: &mut Draft, other: &Draft) {
    if !best.chairs.any {
        best.chairs = other.chairs.clone();
        best.problems.extend(other.problems.iter().filter(|p| p.field == Field::Instruments).cloned());
    }
    if best.schedule.slots.is_empty() && best.schedule.doubts.is_empty() {
        best.schedule = other.schedule.clone();
        best.problems.extend(other.problems.iter().filter(|p| p.field == Field::Times).cloned());
    }
    if best.zone.said.is_empty() && best.zone.unknown.is_empty() {
        best.zone = other.zone.clone();
        best.zone_text.clone_from(&other.zone_text);
    }
    best.length = best.length.or(other.length);
    for (mine, theirs) in [
        (&mut best.name, &other.name),
        (&mut best.phone, &other.phone),
        (&mut best.city, &other.city),
        (&mut best.notes, &other.notes),
    ] {
        if mine.is_none() {
            mine.clone_from(theirs);
        }
    }
    if best.emails.is_empty() {
        best.emails.clone_from(&other.emails);
    }
    for sentence in &other.sentences {
        if !best.sentences.contains(sentence) {
            best.sentences.push(sentence.clone());
        }
    }
}

fn with_links(mut found: Found, other: &Found) -> Found {
    for link in &other.draft.links {
        if !found.draft.links.contains(link) {
            found.draft.links.push(link.clone());
        }
    }
    found
}

fn sorted_counts(draft: &Draft) -> Vec<(String, u32)> {
    let mut counts: Vec<(String, u32)> = draft.chairs.counts.iter().map(|c| (c.instrument.clone(), c.count)).collect();
    counts.sort();
    counts
}

/// Do two parts say the same days and times, perhaps in other words?
fn same_slots(one: &Draft, other: &Draft) -> bool {
    let within = |a: &Draft, b: &Draft| {
        a.schedule.slots.iter().all(|x| {
            b.schedule.slots.iter().any(|y| {
                let zones = x.zones.is_empty() || y.zones.is_empty() || x.zones == y.zones;
                schedule::same_day(&x.day, &y.day) && x.from == y.from && x.to == y.to && zones
            })
        })
    };
    within(one, other) && within(other, one)
}
