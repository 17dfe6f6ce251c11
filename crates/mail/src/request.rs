//! A whole mail to a reading: who speaks, what the parts say, and what is certain in it.

use jiff::civil::DateTime;

use crate::body::{self, Body, Line};
use crate::calendar::{self, Calendar, Sent};
use crate::client;
use crate::clocks;
use crate::context::Context;
use crate::draft::{self, Draft};
use crate::instruments::Names;
use crate::machine;
use crate::message::Message;
use crate::prose;
use crate::reading::{Field, Problem, Reading};
use crate::scan::{self, Item, Mode, Name};
use crate::schedule;
use crate::text::{folded, plain};
use crate::thread::{self, Forwarded};
use crate::zones::{self, Doubt, Zone};

/// So many forwards may be inside each other.
const DEEPEST: usize = 6;

/// What the parts of a mail say together.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) draft: Draft,
    /// The copied header of the forward that was read, if one was.
    pub(crate) forwarded: Option<Forwarded>,
    pub(crate) problems: Vec<Problem>,
}

impl Found {
    fn problem(&mut self, field: Field, message: &str, text: &str) {
        self.problems.push(Problem { field, message: message.to_owned(), text: text.to_owned() });
    }
}

/// Reads what a mail asks for.
pub(crate) fn read(message: &Message, context: &Context) -> Reading {
    let machine = Reading { machine: true, ..Reading::default() };
    if machine::wrote(message, context) {
        return machine;
    }
    let names = Names::new(&context.instruments);
    let mut found = found_in(message, context, &names);
    if message.list && !exempt(message, context) {
        let client_named = !found.draft.emails.is_empty() || found.draft.name.is_some();
        if !found.draft.is_whole() || (message.bulk && !client_named) {
            return machine;
        }
    }
    let mut reading =
        Reading { notes: found.draft.notes.clone(), links: found.draft.links.clone(), ..Reading::default() };
    reading.instruments = found.draft.chairs.counts.clone();
    intent(message, &mut found, &names);
    client::read(message, &mut found, &mut reading, context);
    let asked = found.draft.is_request();
    if found.draft.chairs.counts.is_empty() && !has(&found, Field::Instruments) {
        found.problem(Field::Instruments, "No instrument is asked for. Ask which ones are wanted.", "");
    }
    times(&mut found, message, &mut reading, context);
    if !asked {
        found.problem(
            Field::Mail,
            "There is no request for a session in this mail. Answer it yourself, or enter what is wanted.",
            "",
        );
    }
    reading.problems = distinct(found.problems);
    reading
}

fn exempt(message: &Message, context: &Context) -> bool {
    message.from.as_ref().is_some_and(|from| machine::is_form(&from.email, context))
}

fn has(found: &Found, field: Field) -> bool {
    found.problems.iter().any(|p| p.field == field)
}

fn distinct(problems: Vec<Problem>) -> Vec<Problem> {
    let mut out: Vec<Problem> = Vec::new();
    for problem in problems {
        if !out.contains(&problem) {
            out.push(problem);
        }
    }
    out.truncate(50);
    out
}

/// Cancelling, and asking for a price (rule 1.9).
fn intent(message: &Message, found: &mut Found, names: &Names) {
    let subject = if found.forwarded.is_some() { "" } else { message.subject.as_deref().unwrap_or("") };
    if let Some((why, said)) = prose::other_intent(subject, &found.draft.sentences) {
        found.problem(Field::Mail, why, &said);
    }
    if found.draft.labelled && prose::turns_instruments(subject, names, &found.draft.chairs) {
        let message = "The subject names other instruments than the labels. Check which ones are wanted.";
        found.problem(Field::Instruments, message, subject);
    }
}

// ---- parts -----------------------------------------------------------------------------------------------------------

fn found_in(message: &Message, context: &Context, names: &Names) -> Found {
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
        let own = draft::read(without_name(&thread.own, self.sender), self.context, self.names);
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

/// The name that a mail ends with is no part of the last answer.
fn without_name<'a>(lines: &'a [Line], sender: Option<&str>) -> &'a [Line] {
    let Some(name) = sender.map(folded) else { return lines };
    let Some(last) = lines.iter().rposition(|l| !l.is_blank()) else { return lines };
    let words = folded(&lines[last].words());
    let words = words.trim_matches(|c: char| !c.is_alphanumeric());
    let first = name.split(' ').next().unwrap_or("");
    if last > 0 && !words.is_empty() && (words == name || words == first) { &lines[..last] } else { lines }
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

// ---- zone and times --------------------------------------------------------------------------------------------------

fn times(found: &mut Found, message: &Message, reading: &mut Reading, context: &Context) {
    let zone = zone_of(found, context);
    if found.draft.schedule.slots.is_empty() && !has(found, Field::Times) {
        found.problem(Field::Times, "No day and time is given that can be read. Ask for it.", "");
    }
    let Some(zone) = zone else {
        if !found.draft.schedule.slots.is_empty() {
            without_zone(found, message, context);
        }
        return;
    };
    reading.time_zone = Some(zone.name.clone());
    let length = found.draft.length.unwrap_or(context.length);
    let result = calendar::resolve(
        &found.draft.schedule.slots,
        &zone,
        found.draft.city.as_deref(),
        sent(found, message, context),
        length,
        context,
    );
    let had_slots = !found.draft.schedule.slots.is_empty();
    take(result, had_slots, found, reading);
}

/// Without a zone there are no instants, but a date that does not exist is as wrong in any zone.
fn without_zone(found: &mut Found, message: &Message, context: &Context) {
    let utc = Zone { name: "UTC".to_owned(), clock: jiff::tz::TimeZone::UTC };
    let length = found.draft.length.unwrap_or(context.length);
    let plain: Vec<_> =
        found.draft.schedule.slots.iter().map(|s| crate::schedule::Slot { zones: Vec::new(), ..s.clone() }).collect();
    // Two days of grace cover every zone.
    let earlier = Context {
        now: context.now - jiff::SignedDuration::from_hours(48),
        notice: jiff::SignedDuration::ZERO,
        ..context.clone()
    };
    let result = calendar::resolve(&plain, &utc, None, sent(found, message, context), length, &earlier);
    let mut ignored = Reading::default();
    take(result, true, found, &mut ignored);
}

fn take(result: Calendar, had_slots: bool, found: &mut Found, reading: &mut Reading) {
    for (message, text) in &result.doubts {
        found.problem(Field::Times, message, text);
    }
    for text in &result.other_zone {
        found.problem(
            Field::TimeZone,
            "This time is given in two zones that do not mean the same moment. Ask which one is right.",
            text,
        );
    }
    for text in &result.too_short {
        found.problem(
            Field::Length,
            "The session is longer than the range it should fit into. Ask for more time, or a shorter session.",
            text,
        );
    }
    let explained = !result.doubts.is_empty()
        || !result.too_short.is_empty()
        || !result.other_zone.is_empty()
        || has(found, Field::Times);
    if had_slots && result.times.is_empty() && !explained {
        let over = result.dropped.iter().all(|d| matches!(d.reason.as_str(), "past" | "notice"));
        let message = if over {
            "All the times are over, or too soon. Ask for new ones."
        } else {
            "None of the times exists on the clock that night. Ask for new ones."
        };
        found.problem(Field::Times, message, "");
    }
    reading.times = result.times;
    reading.dropped = result.dropped;
}

fn zone_of(found: &mut Found, context: &Context) -> Option<Zone> {
    let draft = &found.draft;
    let mut words = draft.zone.clone();
    // Zones beside single times: the first is the client's, and the calendar compares the others.
    let beside = draft.schedule.slots.iter().map(|s| &s.zones).find(|z| !z.is_empty());
    let labelled = !words.said.is_empty() || !words.unknown.is_empty();
    if !labelled && let Some(zones) = beside {
        words.said.extend(zones.iter().cloned());
    }
    let settled = zones::settle(&words, draft.city.as_deref(), context.now);
    let text = if draft.zone_text.is_empty() {
        beside.map(|_| slot_text(draft)).unwrap_or_default()
    } else {
        draft.zone_text.clone()
    };
    match settled {
        Ok(zone) => {
            city_against_offset(found, &zone, context);
            Some(zone)
        }
        Err(doubt) => {
            let message = message_of(&doubt);
            found.problem(Field::TimeZone, &message, &text);
            None
        }
    }
}

fn slot_text(draft: &Draft) -> String {
    draft.schedule.slots.iter().find(|s| !s.zones.is_empty()).map(|s| s.text.clone()).unwrap_or_default()
}

fn message_of(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Missing => "No time zone is named. Ask for it.".to_owned(),
        Doubt::Ambiguous(word) if word.is_empty() => {
            "There are several places of this name, in different time zones. Ask which one is meant.".to_owned()
        }
        Doubt::Ambiguous(word) => format!("{word} is the name of several time zones. Ask for the city."),
        Doubt::Contradiction => {
            "Two time zones are given that contradict each other. Ask which one is right.".to_owned()
        }
        Doubt::Unknown(word) => format!("The time zone cannot be read because of \"{word}\". Ask for it."),
    }
}

/// A bare offset that the client's labelled city does not have on the day is one of two readings.
fn city_against_offset(found: &mut Found, zone: &Zone, context: &Context) {
    if zone.clock.iana_name().is_some() {
        return;
    }
    let Some(city) = found.draft.city.clone() else { return };
    let cities = zones::city_zones(&city);
    let [only] = cities.as_slice() else { return };
    let Ok(clock) = jiff::tz::TimeZone::get(only) else { return };
    let differs = found.draft.schedule.slots.iter().any(|slot| {
        let Name::Date { month, day, year } = slot.day.name else { return false };
        let year = year.unwrap_or_else(|| context.now.to_zoned(clock.clone()).year());
        let Ok(date) = jiff::civil::Date::new(year, month, day) else { return false };
        let wall = date.to_datetime(slot.from);
        clock.to_ambiguous_timestamp(wall).compatible().ok()
            != zone.clock.to_ambiguous_timestamp(wall).compatible().ok()
    });
    if differs {
        found.problem(
            Field::TimeZone,
            "The city has another time on that day than the zone says. Ask which one is right.",
            &format!("{city}, {}", zone.name),
        );
    }
}

/// When the mail, or the forwarded mail in it, was written.
fn sent(found: &Found, message: &Message, context: &Context) -> Sent {
    let outer = message.date.unwrap_or(context.now);
    let Some(forwarded) = &found.forwarded else { return Sent::At(outer) };
    let Some(text) = forwarded.header(thread::SENT) else { return Sent::Unreadable(outer) };
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Sent::At(instant);
    }
    wall_clock(text).map_or(Sent::Unreadable(outer), Sent::Wall)
}

/// "Mon, Nov 30, 2026 at 4:12 PM" in a copied header.
fn wall_clock(text: &str) -> Option<DateTime> {
    let items = scan::items(&folded(&plain(text)), Mode::Labelled);
    let days: Vec<_> =
        items.iter().filter_map(|(item, _)| if let Item::Day(day) = item { Some(day) } else { None }).collect();
    let date = days.iter().find_map(|day| match day.name {
        Name::Date { year: Some(year), month, day } => jiff::civil::Date::new(year, month, day).ok(),
        Name::Date { .. } | Name::Numbers { .. } | Name::Weekday | Name::Today | Name::Tomorrow => None,
    })?;
    let clock = items.iter().find_map(|(item, _)| if let Item::Clock(clock) = item { Some(*clock) } else { None });
    let entry = clock.map(|from| clocks::Entry { from, to: None });
    let time = entry.and_then(|e| clocks::settled(&[e], clocks::Habit::default()).into_iter().next().flatten());
    Some(date.to_datetime(time.map_or(jiff::civil::Time::midnight(), |(from, _)| from)))
}
