//! Vonage's statuses and error codes (<https://developer.vonage.com/en/api-errors>,
//! <https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts>).

use crate::words::fit;
use crate::{Because, Refusal};
use serde_json::Value;

/// Of the Messages API.
pub const THROTTLED: &str = "1000";
/// More than this is no code.
const LONGEST_CODE: usize = 40;

/// Who has to do something when the SMS API does not accept a part; nobody if it is to be tried again.
pub fn refuses(status: &str) -> Option<Because> {
    match status {
        // Throttled, an internal error, too many connections.
        "1" | "5" | "10" => None,
        // On a list of numbers that may not be texted.
        "7" => Some(Because::OptedOut),
        "12" => Some(Because::Content),
        // Deactivated.
        "33" => Some(Because::BadNumber),
        // Every text would meet the same: credentials, the account, its quota, our sender.
        "4" | "8" | "9" | "11" | "14" | "15" | "32" => Some(Because::Account),
        // This text alone: a parameter, a network, a receiver that a trial may not text.
        _ => Some(Because::Unreachable),
    }
}

/// Who has to do something after a receipt of the SMS API (`err-code`).
pub fn undelivered(code: &str) -> Because {
    match code {
        // The receiver bars us: with the carrier, or by STOP.
        "4" | "9" | "29" => Because::OptedOut,
        // No longer active.
        "3" => Because::BadNumber,
        // Spam, an illegal message, one of a country's filters.
        "6" | "10" | "50" | "51" | "52" | "53" => Because::Content,
        // No route, the quota, an illegal sender, a country's regulation.
        "11" | "16" | "39" | "54" => Because::Account,
        _ => Because::Unreachable,
    }
}

/// A problem of the Messages API (RFC 9457), in an answer or in a status. Of a code that is not known, or missing, only
/// the caller can tell what is likely.
pub fn problem(problem: &Value, words: &str, likely: Because) -> Refusal {
    let text = |name: &str| match &problem[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    let (kind, title, detail) = (text("type"), text("title"), text("detail"));
    let named = kind.rsplit_once('#').map_or(title.as_str(), |(_, code)| code);
    let code = (!named.is_empty() && named.len() <= LONGEST_CODE).then(|| named.to_owned());
    let words = [&detail, &title].into_iter().find(|words| !words.is_empty()).map_or(words, String::as_str);
    let because = code.as_deref().and_then(because).unwrap_or(likely);
    Refusal { because, words: fit(words, &[]), code }
}

fn because(code: &str) -> Option<Because> {
    Some(match code.parse::<u16>().ok()? {
        // Barred, or STOP was sent.
        1050 | 1240 => Because::OptedOut,
        // Not a number, no longer active, not a mobile.
        1170 | 1190 | 1300 | 1310 => Because::BadNumber,
        // Too long, spam.
        1090 | 1210 => Because::Content,
        // Parameters, account, credit, sender, a trial's receivers, no route.
        1010..=1022 | 1040 | 1060..=1080 | 1110..=1160 | 1250 => Because::Account,
        // Off, out of reach, ported, the carrier's or the receiver's trouble, expired.
        1030 | 1100 | 1180 | 1200 | 1220 | 1230 | 1241 | 1260..=1290 | 1330 | 1340 | 1360 => Because::Unreachable,
        _ => return None,
    })
}
