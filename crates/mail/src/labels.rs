//! Lines to labelled answers and the prose between them (rule 1.5).
//!
//! A label may stand before its answer with a colon, on the line above it, or in a table's cell. Which words make a label
//! is in `captions`.

use std::collections::BTreeMap;

use crate::body::Line;
use crate::captions::{self, Caption};
use crate::context::Label;
use crate::text::{among, folded, squeezed};

/// A labelled answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) caption: Caption,
    /// The answer's lines.
    pub(crate) lines: Vec<String>,
}

/// The lines of a request, sorted out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sorted {
    pub(crate) answers: Vec<Answer>,
    /// Paragraphs that no label claims.
    pub(crate) prose: Vec<String>,
    pub(crate) links: Vec<String>,
}

/// Knows the labels, and whether a line has to do with a label's answer.
pub(crate) struct Sorter<'a> {
    /// The manager's own labels.
    pub(crate) extra: &'a BTreeMap<String, Label>,
    /// Whether a line says something that the field would have to understand.
    pub(crate) relevant: &'a dyn Fn(Label, &str) -> bool,
    /// Whether a line can stand in this field all by itself.
    pub(crate) complete: &'a dyn Fn(Label, &str) -> bool,
}

/// Where the lines that follow go.
struct State {
    answers: Vec<Answer>,
    prose: Vec<String>,
    paragraph: Vec<String>,
    links: Vec<String>,
    /// The label whose answer goes on.
    open: bool,
    /// A blank line stands between the answer and the next line.
    gap: bool,
    /// The captions of a table whose first row is its head.
    head: Option<Vec<Caption>>,
}

impl Sorter<'_> {
    /// Sorts lines.
    pub(crate) fn sort(&self, lines: &[Line]) -> Sorted {
        let mut state = State {
            answers: Vec::new(),
            prose: Vec::new(),
            paragraph: Vec::new(),
            links: Vec::new(),
            open: false,
            gap: false,
            head: None,
        };
        for line in lines {
            state.links.extend(line.links.iter().cloned());
            self.line(line, &mut state);
        }
        state.end_paragraph();
        Sorted { answers: state.answers, prose: state.prose, links: state.links }
    }

    fn line(&self, line: &Line, state: &mut State) {
        if line.is_blank() {
            state.gap = true;
            state.head = None;
            state.end_paragraph();
            return;
        }
        if line.cells.len() > 1 && self.row(&line.cells, state) {
            return;
        }
        state.head = None;
        for cell in line.cells.iter().flat_map(|c| c.lines()) {
            self.words(cell, state);
        }
    }

    /// A table's row: a head, values under a head, or labels beside their answers.
    fn row(&self, cells: &[String], state: &mut State) -> bool {
        if let Some(head) = state.head.take()
            && head.len() == cells.len()
            && !cells.iter().all(|c| self.caption(c).is_some())
        {
            {
                for (caption, cell) in head.iter().zip(cells) {
                    state.answer(caption.clone(), std::slice::from_ref(cell));
                }
                state.open = false;
                state.head = Some(head);
                return true;
            }
        }
        let captions: Vec<Option<Caption>> = cells.iter().map(|c| self.caption(c)).collect();
        if cells.len() > 1 && captions.iter().all(|c| c.as_ref().is_some_and(|c| c.label.is_some())) {
            state.head = Some(captions.into_iter().flatten().collect());
            state.open = false;
            return true;
        }
        let labels_at_even = captions.iter().step_by(2).all(Option::is_some) && cells.len().is_multiple_of(2);
        if labels_at_even && captions.iter().skip(1).step_by(2).all(Option::is_none) {
            for (pair, caption) in cells.chunks(2).zip(captions.iter().step_by(2)) {
                if let (Some(caption), Some(value)) = (caption, pair.get(1)) {
                    let lines: Vec<String> = value.lines().map(str::to_owned).collect();
                    state.answer(caption.clone(), &lines);
                }
            }
            state.open = false;
            return true;
        }
        if let Some(Some(caption)) = captions.first() {
            let lines: Vec<String> = cells[1..].iter().flat_map(|c| c.lines()).map(str::to_owned).collect();
            state.answer(caption.clone(), &lines);
            state.open = false;
            return true;
        }
        false
    }

    /// The caption that a whole cell or line is.
    fn caption(&self, cell: &str) -> Option<Caption> {
        if cell.contains('\n') {
            return None;
        }
        captions::whole(cell, self.extra)
    }

    fn words(&self, line: &str, state: &mut State) {
        let line = undecorated(line);
        if line.is_empty() {
            return;
        }
        if let Some((first, rest)) = captions::two_in_one(&line, self.extra) {
            self.words(first, state);
            self.words(rest, state);
            return;
        }
        if let Some((caption, answer)) = captions::before_answer(&line, self.extra) {
            let inside_notes = state.open
                && state.answers.last().is_some_and(|a| a.caption.label == Some(Label::Notes) && !a.lines.is_empty());
            let unknown = caption.label.is_none();
            let head = line.split([':', '?']).next().unwrap_or("");
            let suspicious = captions::is_suspicious(&caption).is_some();
            let goes_on = if inside_notes { !state.gap } else { !suspicious && self.goes_on(head, state) };
            if !unknown || !goes_on {
                state.end_paragraph();
                let given = !answer.is_empty();
                // A sentence with a colon in it is still a sentence.
                let sentence = !given || self.is_request(&line) || captions::is_sentence(&caption.words);
                if unknown && !suspicious && sentence {
                    state.open = false;
                    state.paragraph.push(line);
                    return;
                }
                state.answer(caption, if given { std::slice::from_ref(&answer) } else { &[] });
                return;
            }
        }
        if state.open && self.goes_on(&line, state) {
            if let Some(answer) = state.answers.last_mut() {
                answer.lines.push(line);
            }
            state.gap = false;
            return;
        }
        state.open = false;
        state.gap = false;
        state.paragraph.push(line);
    }

    fn is_request(&self, line: &str) -> bool {
        (self.relevant)(Label::Instruments, line) || (self.relevant)(Label::Times, line)
    }

    /// Does a line belong to the answer before it?
    fn goes_on(&self, line: &str, state: &State) -> bool {
        let Some(answer) = state.answers.last().filter(|_| state.open) else { return false };
        let empty = answer.lines.is_empty();
        let Some(label) = answer.caption.label else {
            return empty || !state.gap;
        };
        match label {
            Label::Notes => true,
            Label::Links | Label::Ignored => empty || !state.gap,
            Label::Name
            | Label::FirstName
            | Label::LastName
            | Label::Email
            | Label::Phone
            | Label::City
            | Label::Count => empty,
            Label::Instruments | Label::Zone | Label::Date | Label::Times | Label::End | Label::Length => {
                if is_closing(line) {
                    return false;
                }
                if empty {
                    return true;
                }
                if state.gap { (self.complete)(label, line) } else { (self.relevant)(label, line) }
            }
        }
    }
}

impl State {
    fn answer(&mut self, caption: Caption, lines: &[String]) {
        self.end_paragraph();
        self.gap = false;
        self.open = true;
        let lines = lines.iter().map(|l| undecorated(l)).filter(|l| !l.is_empty()).collect();
        self.answers.push(Answer { caption, lines });
    }

    fn end_paragraph(&mut self) {
        if !self.paragraph.is_empty() {
            self.prose.push(std::mem::take(&mut self.paragraph).join("\n"));
        }
    }
}

/// A line without bullets, mark-up and the letters of "Q:" and "A:".
pub(crate) fn undecorated(line: &str) -> String {
    let mut rest = line.trim();
    loop {
        let before = rest;
        rest = rest.trim_start_matches(['\u{2022}', '*', '#', '_', ' ', '\u{b7}']).trim_start();
        if let Some(after) = rest.strip_prefix("- ").or_else(|| rest.strip_prefix("-- ")) {
            rest = after;
        }
        for lead in ["Q:", "A:", "Q.", "A."] {
            rest = rest.strip_prefix(lead).map_or(rest, str::trim_start);
        }
        if rest == before {
            break;
        }
    }
    let out = without_emphasis(&rest.replace("**", "").replace("__", ""));
    squeezed(&out)
}

/// Takes the stars and underscores of *bold* and _italic_ words away, but none inside a word.
fn without_emphasis(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let inside = |at: usize| {
        let letter = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '/');
        letter(at.checked_sub(1).and_then(|b| chars.get(b))) && letter(chars.get(at + 1))
    };
    let kept = chars
        .iter()
        .enumerate()
        .filter(|(at, c)| !matches!(c, '*' | '_') || inside(*at) || text.contains('@') && **c == '_');
    kept.map(|(_, c)| *c).collect()
}

/// Words with which a mail ends.
pub(crate) fn is_closing(line: &str) -> bool {
    const CLOSINGS: &str = "thanks, thank you, many thanks, cheers, best, best wishes, best regards, regards, kind regards, \
     warm regards, warmly, sincerely, yours, yours truly, yours sincerely, all the best, thx, ciao, \
     take care, talk soon, love, thanks so much, thanks a lot, thanks again, thank you so much, \
     thank you very much, thanks in advance, peace, with thanks, much appreciated, looking forward, \
     see you, see you soon, have a great day, have a good day, bye, respectfully, with best wishes, \
     with kind regards, thanks and best wishes, gratefully, cordially, rock on, speak soon";
    let trimmed = line.trim().trim_matches(|c: char| !c.is_alphanumeric());
    let end = trimmed.find([',', '!', '.', '-']).unwrap_or(trimmed.len());
    let after: Vec<&str> = trimmed[end..].split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).collect();
    let names = after.len() <= 3 && after.iter().all(|w| w.starts_with(|c: char| !c.is_lowercase()));
    among(CLOSINGS, &folded(trimmed[..end].trim())) && names
}
