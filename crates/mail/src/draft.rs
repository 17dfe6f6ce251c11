//! One part's lines to a draft: what is asked for, before zone and calendar (rules 1.5 to 1.7).

mod relevance;

use jiff::SignedDuration;

use crate::body::Line;
use crate::captions;
use crate::context::{Context, Label};
use crate::instruments::{self, Chairs, Names};
use crate::labels::{Answer, Sorted, Sorter};
use crate::length;
use crate::prose;
use crate::reading::{Field, Problem};
use crate::scan::{self, Item, Mode};
use crate::schedule::{self, Schedule};
use crate::text::{folded, squeezed, without_links};
use crate::zones::{self, Words};

/// What a part of a mail asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) name: Option<String>,
    /// The labelled address; several where they contradict.
    pub(crate) emails: Vec<String>,
    pub(crate) phone: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) zone: Words,
    /// The zone as it is written.
    pub(crate) zone_text: String,
    pub(crate) chairs: Chairs,
    pub(crate) schedule: Schedule,
    pub(crate) length: Option<SignedDuration>,
    pub(crate) notes: Option<String>,
    pub(crate) links: Vec<String>,
    pub(crate) problems: Vec<Problem>,
    /// A label of the request stands in it (instruments, days, times).
    pub(crate) labelled: bool,
    /// The sentences beside the labels.
    pub(crate) sentences: Vec<String>,
}

impl Draft {
    /// Something is asked for, or seems to be.
    pub(crate) fn is_request(&self) -> bool {
        self.chairs.any || !self.schedule.slots.is_empty() || !self.schedule.doubts.is_empty() || self.labelled
    }

    /// Instruments and times are both there.
    pub(crate) fn is_whole(&self) -> bool {
        !self.chairs.counts.is_empty() && !self.schedule.slots.is_empty()
    }

    fn problem(&mut self, field: Field, message: &str, text: &str) {
        let text = squeezed(text);
        self.problems.push(Problem { field, message: message.to_owned(), text });
    }
}

/// Reads the lines of one speaker.
pub(crate) fn read(lines: &[Line], context: &Context, names: &Names) -> Draft {
    let relevant = |label: Label, line: &str| relevance::is_relevant(label, line, names);
    let complete = |label: Label, line: &str| relevance::is_complete(label, line, names);
    let rules = Sorter { extra: &context.labels, relevant: &relevant, complete: &complete };
    let mut sorted = rules.sort(lines);
    let mut draft = Draft::default();
    take_links(&mut sorted, &mut draft);
    draft.client(&sorted.answers);
    draft.notes(&sorted);
    draft.sentences = prose::sentences(&sorted.prose);
    let labelled = Labelled::of(&sorted.answers);
    draft.labelled = !labelled.instruments.is_empty() || !labelled.times.is_empty();
    let spoken = prose::read(&draft.sentences, names);
    draft.instruments(&labelled, &spoken, names);
    draft.times(&labelled, &spoken, names, context);
    draft.zone(&labelled, &spoken);
    draft.lengths(&labelled, &spoken);
    draft.unknown_labels(&sorted.answers);
    draft
}

/// The answers by what they are about.
struct Labelled<'a> {
    instruments: Vec<&'a Answer>,
    times: Vec<&'a Answer>,
    zone: Vec<&'a Answer>,
    length: Vec<&'a Answer>,
    end: Vec<&'a Answer>,
    counts: Vec<(usize, &'a Answer)>,
}

impl<'a> Labelled<'a> {
    fn of(answers: &'a [Answer]) -> Labelled<'a> {
        let mut labelled = Labelled {
            instruments: Vec::new(),
            times: Vec::new(),
            zone: Vec::new(),
            length: Vec::new(),
            end: Vec::new(),
            counts: Vec::new(),
        };
        for answer in answers.iter().filter(|a| !is_nothing(&a.lines.join(" "))) {
            match answer.caption.label {
                Some(Label::Instruments) => labelled.instruments.push(answer),
                Some(Label::Count) => labelled.counts.push((labelled.instruments.len(), answer)),
                Some(Label::Date | Label::Times) => labelled.times.push(answer),
                Some(Label::Zone) => labelled.zone.push(answer),
                Some(Label::Length) => labelled.length.push(answer),
                Some(Label::End) => labelled.end.push(answer),
                Some(
                    Label::Name
                    | Label::FirstName
                    | Label::LastName
                    | Label::Email
                    | Label::Phone
                    | Label::City
                    | Label::Notes
                    | Label::Links
                    | Label::Ignored,
                )
                | None => {}
            }
        }
        labelled
    }
}

impl Draft {
    // ---- client and notes ----------------------------------------------------------------------------------------

    fn client(&mut self, answers: &[Answer]) {
        let first = |label: Label| {
            answers
                .iter()
                .filter(|a| a.caption.label == Some(label))
                .find_map(|a| a.lines.first())
                .map(|l| squeezed(l))
                .filter(|l| !l.is_empty())
        };
        let parts: Vec<String> = [first(Label::FirstName), first(Label::LastName)].into_iter().flatten().collect();
        self.name = if parts.len() == 2 {
            Some(parts.join(" "))
        } else {
            first(Label::Name).or_else(|| parts.into_iter().next())
        };
        self.phone = first(Label::Phone);
        self.city = first(Label::City);
        for answer in answers.iter().filter(|a| {
            a.caption.label == Some(Label::Email)
                || (a.caption.words == "from" && a.lines.iter().any(|l| l.contains('@')))
        }) {
            let text = answer.lines.join(" ");
            let found = addresses(&text);
            if found.is_empty() && !is_nothing(&text) {
                self.problem(Field::Client, "The e-mail address in the mail cannot be read. Enter it.", &text);
            }
            for address in found {
                if !self.emails.iter().any(|e| e.eq_ignore_ascii_case(&address)) {
                    self.emails.push(address);
                }
            }
        }
    }

    /// The labelled notes, and what stands under labels that are not the request's.
    fn notes(&mut self, sorted: &Sorted) {
        let mut parts: Vec<String> = Vec::new();
        for answer in &sorted.answers {
            let text = answer.lines.join("\n");
            match answer.caption.label {
                Some(Label::Notes | Label::Links) => parts.push(text),
                None if !text.is_empty() => parts.push(format!("{}: {text}", answer.caption.words)),
                Some(_) | None => {}
            }
        }
        parts.retain(|p| !p.trim().is_empty());
        if parts.is_empty() && !sorted.answers.iter().any(|a| a.caption.label.is_some()) {
            parts.extend(sorted.prose.iter().cloned());
        }
        self.notes = (!parts.is_empty()).then(|| parts.join("\n"));
    }

    // ---- instruments ---------------------------------------------------------------------------------------------

    fn instruments(&mut self, labelled: &Labelled<'_>, spoken: &prose::Spoken, names: &Names) {
        if labelled.instruments.is_empty() {
            self.chairs = spoken.chairs.clone();
        } else {
            let text = self.joined_instruments(labelled);
            self.chairs = instruments::read(&text, names, Mode::Labelled);
            self.chairs.any = true;
            for sentence in self.sentences.clone() {
                if prose::turns_instruments(&sentence, names, &self.chairs) {
                    self.problem(
                        Field::Instruments,
                        "A sentence beside the labelled instruments seems to change them. Check them.",
                        &sentence,
                    );
                }
            }
        }
        for (message, text) in self.chairs.doubts.clone() {
            self.problem(Field::Instruments, &message, &text);
        }
    }

    fn joined_instruments(&mut self, labelled: &Labelled<'_>) -> String {
        let mut texts: Vec<String> = Vec::new();
        for (at, answer) in labelled.instruments.iter().enumerate() {
            let mut text = answer.lines.join("\n");
            let hint = folded(&answer.caption.hint);
            if hint.contains("not ") || hint.contains("no ") {
                self.problem(
                    Field::Instruments,
                    "The label of the instruments was not understood. Check them.",
                    &answer.caption.hint,
                );
            }
            for (_, count) in labelled.counts.iter().filter(|(after, _)| *after == at + 1) {
                text = format!("{} {text}", count.lines.join(" "));
            }
            if texts.contains(&text) && answer.caption.number.is_none() {
                continue;
            }
            let same_label = |other: &&Answer| {
                other.caption.words == answer.caption.words && other.caption.number == answer.caption.number
            };
            if at > 0 && labelled.instruments[..at].iter().any(same_label) && labelled.counts.is_empty() {
                self.problem(
                    Field::Instruments,
                    "The instruments are given twice and differently. Check which ones are wanted.",
                    &text,
                );
            }
            texts.push(text);
        }
        texts.join("\n")
    }

    // ---- times ---------------------------------------------------------------------------------------------------

    fn times(&mut self, labelled: &Labelled<'_>, spoken: &prose::Spoken, names: &Names, context: &Context) {
        let mut answers: Vec<schedule::Answer> = if labelled.times.is_empty() {
            let sentences = spoken.times.iter();
            sentences.map(|text| schedule::Answer { text: text.clone(), number: None, mode: Mode::Prose }).collect()
        } else {
            labelled.times.iter().map(|a| answer_of(a)).collect()
        };
        with_end(&mut answers, labelled);
        self.schedule = schedule::read(&answers, &context.parts_of_day);
        if !labelled.times.is_empty() {
            for sentence in self.sentences.clone() {
                if prose::turns_times(&sentence, names, &self.schedule.slots, &context.parts_of_day) {
                    self.problem(
                        Field::Times,
                        "A sentence beside the labelled times seems to change them. Check them.",
                        &sentence,
                    );
                }
            }
            for answer in &labelled.times {
                self.time_hint(answer);
            }
        }
        self.end_label(labelled, context);
        for (message, text) in self.schedule.doubts.clone() {
            self.problem(Field::Times, &message, &text);
        }
    }

    /// "Time (ET)": a zone in the label. Other words in brackets are let pass unless they say something about the time.
    fn time_hint(&mut self, answer: &Answer) {
        let hint = folded(&answer.caption.hint);
        if hint.is_empty() {
            return;
        }
        let words = zones::words_of(&hint);
        if !words.said.is_empty() && words.unknown.is_empty() {
            for said in words.said {
                if !self.schedule.zones.contains(&said) {
                    self.schedule.zones.push(said);
                }
            }
            return;
        }
        let half =
            hint.split(|c: char| !c.is_alphanumeric()).any(|w| matches!(w, "am" | "pm" | "not" | "except" | "no"));
        if half {
            self.problem(
                Field::Times,
                "The label of the times was not understood. Check the times.",
                &answer.caption.hint,
            );
        }
    }

    /// "Start: 2 pm / End: 5 pm": the length of the session, or a range to choose from?
    fn end_label(&mut self, labelled: &Labelled<'_>, context: &Context) {
        let Some(end) = labelled.end.first() else { return };
        let one = |s: &schedule::Slot| s.to.is_some_and(|to| to.duration_since(s.from) == context.length);
        let available = end.caption.words.contains("available");
        let clear = available || !labelled.length.is_empty() || self.schedule.slots.iter().all(one);
        if !clear || labelled.end.len() > 1 || self.schedule.slots.is_empty() {
            self.problem(
                Field::Times,
                "A start and an end are given. It is not certain whether the session fills that time or may start \
                 anywhere in it. Enter the starts.",
                &end.lines.join(" "),
            );
        }
    }

    // ---- zone and length -----------------------------------------------------------------------------------------

    fn zone(&mut self, labelled: &Labelled<'_>, spoken: &prose::Spoken) {
        for answer in &labelled.zone {
            let text = answer.lines.join(" ");
            let words = zones::words_of(&text);
            for said in words.said {
                if !self.zone.said.contains(&said) {
                    self.zone.said.push(said);
                }
            }
            self.zone.unknown.extend(words.unknown);
            if !self.zone_text.is_empty() {
                self.zone_text.push(' ');
            }
            self.zone_text.push_str(&text);
        }
        for said in spoken.zones.iter().chain(&self.schedule.zones) {
            if !self.zone.said.contains(said) {
                self.zone.said.push(said.clone());
            }
        }
        for doubt in &spoken.zone_doubts {
            self.problem(Field::TimeZone, "A sentence about the time zone was not understood. Enter the zone.", doubt);
        }
    }

    fn lengths(&mut self, labelled: &Labelled<'_>, spoken: &prose::Spoken) {
        let mut found: Vec<SignedDuration> = Vec::new();
        for answer in &labelled.length {
            let text = answer.lines.join(" ");
            let label = format!("{} {}", answer.caption.words, folded(&answer.caption.hint));
            let unit = if label.contains("minute") {
                Some(1)
            } else if label.contains("hour") || label.contains("hrs") {
                Some(60)
            } else {
                None
            };
            match length::labelled(&folded(&text), unit) {
                Some(length) => found.push(length),
                None => self.problem(Field::Length, "The length of the session cannot be read. Enter it.", &text),
            }
        }
        for doubt in &spoken.length_doubts {
            self.problem(
                Field::Length,
                "A sentence seems to be about the length of the session. Enter the length.",
                doubt,
            );
        }
        for length in self.schedule.lengths.iter().chain(&spoken.lengths) {
            if *length > SignedDuration::ZERO && *length <= SignedDuration::from_hours(24) {
                found.push(*length);
            }
        }
        found.dedup();
        if found.len() > 1 && found.iter().any(|l| *l != found[0]) {
            self.problem(Field::Length, "Different lengths are given. Enter the right one.", "");
        }
        self.length = found.first().copied();
    }

    // ---- labels that nobody knows --------------------------------------------------------------------------------

    fn unknown_labels(&mut self, answers: &[Answer]) {
        for answer in answers.iter().filter(|a| a.caption.label.is_none() && !a.lines.is_empty()) {
            let text = format!("{}: {}", answer.caption.words, answer.lines.join(" "));
            match captions::is_suspicious(&answer.caption) {
                Some(Label::Instruments) => {
                    self.problem(
                        Field::Instruments,
                        "This label was not understood. Check whether it is about the instruments that are wanted.",
                        &text,
                    );
                }
                Some(_) => self.problem(
                    Field::Times,
                    "This label was not understood. Check whether it is about the times.",
                    &text,
                ),
                None => {}
            }
        }
    }
}

/// Makes a range of the start, in the last answer with a time, and the end that has a label of its own.
fn with_end(answers: &mut [schedule::Answer], labelled: &Labelled<'_>) {
    let Some(end) = labelled.end.first() else { return };
    let clocks = |text: &str| {
        scan::items(text, Mode::Labelled).iter().filter(|(item, _)| matches!(item, Item::Clock(_))).count()
    };
    if let Some(start) = answers.iter_mut().rev().find(|a| clocks(&a.text) > 0).filter(|a| clocks(&a.text) == 1) {
        start.text = format!("{} - {}", start.text, folded(&end.lines.join(" ")));
    }
}

fn answer_of(answer: &Answer) -> schedule::Answer {
    let text = without_links(&answer.lines.join("\n")).0;
    schedule::Answer { text: folded(&text), number: answer.caption.number, mode: Mode::Labelled }
}

/// Takes the links out of everything that is read.
fn take_links(sorted: &mut Sorted, draft: &mut Draft) {
    let mut links = std::mem::take(&mut sorted.links);
    let answered = sorted.answers.iter_mut().flat_map(|a| a.lines.iter_mut().map(|l| (a.caption.label, l)));
    for (label, line) in answered {
        let (rest, found) = without_links(line);
        links.extend(found);
        if !matches!(label, Some(Label::Notes | Label::Links | Label::Ignored) | None) {
            *line = squeezed(&rest);
        }
    }
    for answer in &mut sorted.answers {
        answer.lines.retain(|l| !l.is_empty());
    }
    for paragraph in &mut sorted.prose {
        let (rest, found) = without_links(paragraph);
        links.extend(found);
        *paragraph = rest;
    }
    for link in links {
        let known = folded(&link);
        let service = [
            "unsubscribe",
            "optout",
            "opt-out",
            "/login",
            "forms.gle/edit",
            "preferences",
            "viewform",
            "/spam",
            "edit2=",
        ]
        .iter()
        .any(|s| known.contains(s));
        if !service && !draft.links.contains(&link) {
            draft.links.push(link);
        }
    }
}

fn is_nothing(text: &str) -> bool {
    matches!(folded(text.trim()).as_str(), "" | "-" | "n/a" | "na" | "none" | "--" | "n.a.")
}

/// The mail addresses in a text.
pub(crate) fn addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '(' | ')' | '"' | '[' | ']' | '|'))
    {
        let word = word.strip_prefix("mailto:").unwrap_or(word).trim_matches(['.', ':', '*', '\'', '?', '!']);
        let word = word.split('?').next().unwrap_or(word);
        let Some((local, domain)) = word.split_once('@') else { continue };
        let valid = !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
            && word.len() <= 254
            && domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
        if valid && !found.iter().any(|f| f.eq_ignore_ascii_case(word)) {
            found.push(word.to_owned());
        }
    }
    found
}
