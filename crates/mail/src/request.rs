//! A whole mail to a reading: who speaks, what the parts say, and what is certain in it.

mod parts;
mod times;

use crate::client;
use crate::context::Context;
use crate::draft::Draft;
use crate::instruments::Names;
use crate::machine;
use crate::message::Message;
use crate::prose;
use crate::reading::{Field, Problem, Reading};
use crate::thread::Forwarded;

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
    let names = Names::of(&context.instruments);
    let mut found = parts::found_in(message, context, &names);
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
    times::times(&mut found, message, &mut reading, context);
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
