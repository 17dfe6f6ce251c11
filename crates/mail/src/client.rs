//! Who asks (rule 1.6).

use crate::context::Context;
use crate::draft::addresses;
use crate::machine;
use crate::message::{Address, Message};
use crate::reading::{Field, Problem, Reading};
use crate::request::Found;
use crate::text::squeezed;
use crate::thread::FROM;

/// The labelled address; else Reply-To; else From, unless that is a form service or the manager.
pub(crate) fn read(message: &Message, found: &mut Found, reading: &mut Reading, context: &Context) {
    let draft = &found.draft;
    reading.client.phone.clone_from(&draft.phone);
    reading.client.city.clone_from(&draft.city);
    reading.client.name.clone_from(&draft.name);
    let known: Vec<Address> = people(message, found);
    let problem = match draft.emails.as_slice() {
        [only] => {
            reading.client.email = Some(only.clone());
            None
        }
        [] => unlabelled(message, found, reading, context),
        several => Some(("Several e-mail addresses are given. Enter the client's.", several.join(", "))),
    };
    if let Some((message, text)) = problem
        && !found.problems.iter().any(|p| p.field == Field::Client)
    {
        found.problems.push(Problem { field: Field::Client, message: message.to_owned(), text });
    }
    if reading.client.name.is_none() {
        let email = reading.client.email.as_deref().unwrap_or("");
        let named = known.iter().find(|a| a.email.eq_ignore_ascii_case(email)).and_then(|a| a.name.clone());
        reading.client.name = named.filter(|n| !n.contains('@'));
    }
}

/// Everyone whose name the headers tell.
fn people(message: &Message, found: &Found) -> Vec<Address> {
    let mut all: Vec<Address> = message.reply_to.clone();
    all.extend(message.from.clone());
    all.extend(inner_sender(found));
    all
}

fn inner_sender(found: &Found) -> Option<Address> {
    let forwarded = found.forwarded.as_ref()?;
    let value = forwarded.header(&["reply-to"]).or_else(|| forwarded.header(FROM))?;
    let email = addresses(value).into_iter().next()?;
    let name = squeezed(value.split(['<', '[', '(']).next().unwrap_or("")).trim_matches(['"', '\'']).to_owned();
    Some(Address { name: (!name.is_empty() && !name.contains('@')).then_some(name), email })
}

fn unlabelled(
    message: &Message,
    found: &Found,
    reading: &mut Reading,
    context: &Context,
) -> Option<(&'static str, String)> {
    if found.problems.iter().any(|p| p.field == Field::Client) {
        return None;
    }
    let manager = |email: &str| context.manager_email.as_deref().is_some_and(|m| m.trim().eq_ignore_ascii_case(email));
    let usable = |a: &&Address| !manager(&a.email) && !machine::is_form(&a.email, context) && !is_nobody(&a.email);
    if found.forwarded.is_some() {
        return forwarded(message, found, reading, &manager, context);
    }
    let mut answers: Vec<&Address> = message.reply_to.iter().filter(usable).collect();
    answers.dedup_by(|a, b| a.email.eq_ignore_ascii_case(&b.email));
    if answers.is_empty() {
        answers.extend(message.from.as_ref().filter(usable));
    }
    match answers.as_slice() {
        [only] => {
            reading.client.email = Some(only.email.clone());
            None
        }
        [] => Some(("The mail does not say who asks. Enter the client's e-mail address.", String::new())),
        several => {
            let all: Vec<&str> = several.iter().map(|a| a.email.as_str()).collect();
            Some(("Several addresses are given to answer to. Enter the client's.", all.join(", ")))
        }
    }
}

/// A forward without a labelled address: who forwarded it, or who wrote it?
fn forwarded(
    message: &Message,
    found: &Found,
    reading: &mut Reading,
    manager: &impl Fn(&str) -> bool,
    context: &Context,
) -> Option<(&'static str, String)> {
    let usable = |a: &Address| !manager(&a.email) && !machine::is_form(&a.email, context) && !is_nobody(&a.email);
    let inner = inner_sender(found).filter(usable);
    let outer = message.reply_to.first().or(message.from.as_ref()).cloned().filter(usable);
    match (inner, outer) {
        (Some(inner), None) => {
            reading.client.email = Some(inner.email);
            None
        }
        (Some(inner), Some(outer)) if inner.email.eq_ignore_ascii_case(&outer.email) => {
            reading.client.email = Some(inner.email);
            None
        }
        (Some(inner), Some(outer)) => {
            reading.client.email = Some(inner.email.clone());
            Some((
                "The mail was forwarded. Check whether the client is the one who wrote it or the one who forwarded it.",
                format!("{}, {}", inner.email, outer.email),
            ))
        }
        (None, _) => {
            Some(("The forwarded mail does not say who asks. Enter the client's e-mail address.", String::new()))
        }
    }
}

/// An address that nobody reads: a form's, or a system's.
fn is_nobody(email: &str) -> bool {
    let local = email.split('@').next().unwrap_or("").to_ascii_lowercase();
    let plain: String = local.chars().filter(char::is_ascii_alphabetic).collect();
    ["noreply", "donotreply", "mailerdaemon", "formnotify", "postmaster"].iter().any(|n| plain.contains(n))
        || matches!(
            plain.as_str(),
            "wordpress"
                | "notify"
                | "notifications"
                | "notification"
                | "forms"
                | "form"
                | "webform"
                | "webforms"
                | "mailer"
                | "formsreceipts"
                | "submissions"
                | "formsubmit"
                | "zapier"
        )
}
