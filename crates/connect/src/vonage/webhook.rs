//! What Vonage brings: receipts and texts, of both APIs.

use super::codes;
use crate::signed::Fields;
use crate::{Arrived, Because, Part, Refusal, Report, StatusReport};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// A delivery receipt of the SMS API. There is one for each part of a long text.
pub fn receipt(fields: &Fields) -> Option<StatusReport> {
    let network_id = fields.get("messageId")?.to_owned();
    let status = fields.get("status")?;
    let code = fields.get("err-code").unwrap_or_default();
    let report = match status {
        "delivered" => Report::Delivered,
        "expired" | "failed" | "rejected" => Report::Failed(Refusal {
            because: codes::undelivered(code),
            code: (!code.is_empty()).then(|| code.to_owned()),
            words: format!("Vonage says: {status}"),
        }),
        // Accepted, buffered, unknown, and what Vonage may think of next: nothing final.
        _ => Report::Taken,
    };
    Some(StatusReport { network_id, reference: reference(fields.get("client-ref")), report })
}

/// A text of the SMS API, or a part of one.
pub fn inbound_sms(fields: &Fields) -> Option<Arrived> {
    let text = |name| fields.get(name).map(str::to_owned);
    // Receipts have a status, and texts a type.
    fields.get("type").or_else(|| fields.get("text"))?;
    Some(Arrived {
        network_id: text("messageId")?,
        from: text("msisdn")?,
        to: text("to")?,
        body: text("text").unwrap_or_default(),
        opt_out: None,
        part: part(fields),
        sent_at: fields.get("message-timestamp").and_then(in_utc),
    })
}

/// A status of the Messages API.
pub fn status(body: &Value) -> Option<StatusReport> {
    let network_id = body["message_uuid"].as_str()?.to_owned();
    let status = body["status"].as_str()?;
    let report = match status {
        "delivered" | "read" => Report::Delivered,
        "submitted" => Report::Sent,
        "rejected" | "undeliverable" => {
            Report::Failed(codes::problem(&body["error"], &format!("Vonage says: {status}"), Because::Unreachable))
        }
        _ => Report::Taken,
    };
    Some(StatusReport { network_id, reference: reference(body["client_ref"].as_str()), report })
}

/// A text of the Messages API.
pub fn inbound_message(body: &Value) -> Option<Arrived> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    // Statuses have no type.
    body["message_type"].as_str()?;
    Some(Arrived {
        network_id: text("message_uuid")?,
        from: text("from")?,
        to: text("to")?,
        body: text("text").unwrap_or_default(),
        opt_out: None,
        part: None,
        sent_at: body["timestamp"].as_str().and_then(|at| at.parse().ok()),
    })
}

fn reference(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn part(fields: &Fields) -> Option<Part> {
    if fields.get("concat") != Some("true") {
        return None;
    }
    let number = |name| fields.get(name).and_then(|number| number.parse().ok());
    let (number, of): (u16, u16) = (number("concat-part")?, number("concat-total")?);
    let reference = fields.get("concat-ref")?.to_owned();
    (number >= 1 && number <= of).then_some(Part { reference, number, of })
}

/// `2026-01-01 12:00:00`
fn in_utc(text: &str) -> Option<Timestamp> {
    let at: DateTime = text.parse().ok()?;
    at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}
