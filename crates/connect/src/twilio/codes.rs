//! Twilio's statuses and error codes (<https://www.twilio.com/docs/api/errors>). Twilio says that codes change, so they
//! are taken by family, and each family has a default.

use crate::words::fit;
use crate::{Because, Refusal, Report};

/// Nothing was done: too many requests, or the sender's queue is full.
pub const LATER: [u32; 3] = [14107, 20429, 21611];
/// The account may send no more texts today.
pub const DAY_USED_UP: u32 = 63038;

/// What a message status means, with the error code of a text that failed.
pub fn report(status: &str, code: Option<u32>, words: &str) -> Report {
    match status {
        "delivered" | "read" => Report::Delivered,
        "sent" | "partially_delivered" => Report::Sent,
        "failed" | "undelivered" | "canceled" => {
            let words = fit(words, &[]);
            let words = if words.is_empty() { format!("Twilio says: {status}") } else { words };
            Report::Failed(code.map_or_else(|| unknown(&words), |code| refusal(code, words.clone())))
        }
        // Queued, accepted, scheduled, sending, and what Twilio may think of next: nothing final.
        _ => Report::Taken,
    }
}

/// Who has to do something after this code.
pub fn refusal(code: u32, words: String) -> Refusal {
    let because = match code {
        // The receiver has sent STOP; the carrier or the phone blocks us.
        21610 | 30004 => Because::OptedOut,
        // Not a number, not reachable from anywhere, not a mobile, unknown, a landline, a short code, a premium number.
        21211 | 21214 | 21217 | 21265 | 21614 | 21635 | 30005 | 30006 => Because::BadNumber,
        // No text, too long, filtered by a carrier, too large, a one-time password, a trial's limit of length.
        21602 | 21617 | 30007 | 30019 | 30038 | 30044 => Because::Content,
        // Every text would meet the same: credentials, the account, our sender; toll-free or A2P registration is missing or
        // not enough.
        20003..=20008
        | 20403
        | 20404
        | 21212
        | 21603
        | 21606
        | 21659..=21661
        | 21701..=21710
        | 30002
        | 30032..=30035
        | 30037
        | 90010 => Because::Account,
        // Off, out of reach, expired in the queue, a carrier's trouble or its daily limit; a region or a receiver that the
        // account may not text; and what Twilio may think of next.
        _ => Because::Unreachable,
    };
    Refusal { because, code: Some(code.to_string()), words }
}

fn unknown(words: &str) -> Refusal {
    Refusal { because: Because::Unreachable, code: None, words: words.to_owned() }
}
