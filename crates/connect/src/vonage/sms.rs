//! A text to the SMS API, and its answer: 200 even when nothing was accepted.

use super::{Account, BUSY, LONGEST, bare, codes, report_to};
use crate::http::{Answer, Body, Outcome};
use crate::words::fit;
use crate::{Because, Handed, Refusal, Text};
use serde::Deserialize;

#[derive(Deserialize)]
struct Submitted {
    #[serde(rename = "message-count")]
    count: String,
    messages: Vec<Part>,
}

/// One part of the text.
#[derive(Deserialize)]
struct Part {
    status: String,
    #[serde(default, rename = "message-id")]
    id: String,
    #[serde(default, rename = "error-text")]
    words: String,
}

pub fn request(account: &Account, text: &Text<'_>) -> Body {
    let ttl = text.valid_for.min(LONGEST).as_millis().to_string();
    Body::form(&[
        ("from", bare(&account.from)),
        ("to", bare(text.to.as_str())),
        ("text", text.body),
        ("type", if text.unicode { "unicode" } else { "text" }),
        ("ttl", &ttl),
        ("callback", report_to(text)),
        ("client-ref", text.reference),
    ])
}

pub fn handed(answer: &Answer, unsaid: &[&str]) -> Handed {
    match answer.outcome() {
        Outcome::Done => match serde_json::from_slice::<Submitted>(&answer.body) {
            Ok(submitted) => submitted.handed(unsaid),
            Err(_) => Handed::Unknown(format!("status {}, and an answer that cannot be read", answer.status)),
        },
        Outcome::Later => Handed::Later(answer.wait_or(BUSY), "too many requests".to_owned()),
        Outcome::Refused => {
            let words = format!("status {}", answer.status);
            Handed::Refused(Refusal { because: Because::Account, code: None, words })
        }
        Outcome::Unknown => Handed::Unknown(format!("status {}", answer.status)),
    }
}

impl Submitted {
    /// All parts must be accepted, or none.
    fn handed(&self, unsaid: &[&str]) -> Handed {
        let all = self.messages.len();
        let accepted = self.messages.iter().filter(|part| part.status == "0").count();
        let Some(first) = self.messages.first().filter(|_| self.count == all.to_string()) else {
            return Handed::Unknown("the answer does not say what became of each part".to_owned());
        };
        if accepted == all && !first.id.is_empty() {
            return Handed::Taken(first.id.clone());
        }
        if accepted > 0 {
            return Handed::Unknown(format!("only {accepted} of {all} parts of the text were accepted"));
        }
        let refused = self.messages.iter().find(|part| codes::refuses(&part.status).is_some()).unwrap_or(first);
        let words = fit(&refused.words, unsaid);
        match codes::refuses(&refused.status) {
            Some(because) => Handed::Refused(Refusal { because, code: Some(refused.status.clone()), words }),
            None => Handed::Later(BUSY, words),
        }
    }
}
