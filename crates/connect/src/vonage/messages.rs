//! A text to the Messages API v1, and its answer.

use super::{Account, BUSY, LONGEST, bare, codes, report_to};
use crate::http::{Answer, Body, Outcome};
use crate::words::fit;
use crate::{Because, Handed, Refusal, Text};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Submitted {
    message_uuid: String,
}

pub fn request(account: &Account, text: &Text<'_>) -> Body {
    let request = json!({
        "channel": "sms",
        "message_type": "text",
        "from": bare(&account.from),
        "to": bare(text.to.as_str()),
        "text": text.body,
        "ttl": text.valid_for.min(LONGEST).as_secs(),
        "client_ref": text.reference,
        "webhook_url": report_to(text),
        "webhook_version": "v1",
        "sms": { "encoding_type": if text.unicode { "unicode" } else { "text" } },
    });
    Body::Json(request.to_string())
}

pub fn handed(answer: &Answer, unsaid: &[&str]) -> Handed {
    let unclear = |why: &str| Handed::Unknown(format!("status {}{why}", answer.status));
    match answer.outcome() {
        Outcome::Done => match serde_json::from_slice::<Submitted>(&answer.body) {
            Ok(submitted) if !submitted.message_uuid.is_empty() => Handed::Taken(submitted.message_uuid),
            _ => unclear(", and an answer that cannot be read"),
        },
        Outcome::Later => Handed::Later(answer.wait_or(BUSY), "too many requests".to_owned()),
        Outcome::Refused => {
            let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let refusal = codes::problem(&problem, &format!("status {}", answer.status), Because::Account);
            let throttled = refusal.code.as_deref() == Some(codes::THROTTLED);
            let words = fit(&refusal.words, unsaid);
            if throttled { Handed::Later(BUSY, words) } else { Handed::Refused(Refusal { words, ..refusal }) }
        }
        Outcome::Unknown => unclear(""),
    }
}
