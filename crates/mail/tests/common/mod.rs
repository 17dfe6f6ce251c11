//! Short ways to write a mail and to say what must be read from it.

use firstcall_mail::{Context, Message, Reading, read};
use jiff::tz::TimeZone;

/// Tuesday, 1 December 2026, a quarter of an hour after the mail was written.
pub const NOW: &str = "2026-12-01T09:15:00-05:00";

/// The settings of a new installation at [`NOW`].
#[allow(dead_code, reason = "each test file uses some of these")]
pub fn context() -> Context {
    Context::new(NOW.parse().unwrap(), TimeZone::get("America/New_York").unwrap())
}

/// A mail of a person with this body.
#[allow(dead_code, reason = "each test file uses some of these")]
pub fn mail(body: &str) -> Vec<u8> {
    mail_with("", body)
}

/// A mail of a person with further headers.
#[allow(dead_code, reason = "each test file uses some of these")]
pub fn mail_with(headers: &str, body: &str) -> Vec<u8> {
    let subject = if headers.contains("Subject:") { "" } else { "Subject: Booking request\r\n" };
    let from = if headers.contains("From:") { "" } else { "From: Wren Halloway <wren@example.com>\r\n" };
    format!(
        "{from}{subject}To: bookings@example.com\r\nDate: Tue, 1 Dec 2026 09:00:00 -0500\r\n{headers}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Reads a mail at [`NOW`].
#[allow(dead_code, reason = "each test file uses some of these")]
pub fn reading(raw: &[u8]) -> Reading {
    read(&Message::parse(raw), &context())
}

/// The starts by the client's clock, as "12-11 15:00"; the year only where it is not 2026.
#[allow(dead_code, reason = "each test file uses some of these")]
pub fn starts(reading: &Reading) -> String {
    let starts: Vec<String> = reading
        .times
        .iter()
        .map(|t| {
            let start = t.start.strip_prefix("2026-").unwrap_or(&t.start);
            let end = start.find('T').unwrap() + 6;
            let length = if t.length == "PT1H" { String::new() } else { format!(" {}", t.length) };
            format!("{}{length}", start[..end].replace('T', " "))
        })
        .collect();
    starts.join(", ")
}

/// The fields of the problems, each once and in order.
#[allow(dead_code, reason = "each test file uses some of these")]
pub fn fields(reading: &Reading) -> String {
    let mut fields: Vec<_> = reading.problems.iter().map(|p| p.field).collect();
    fields.sort_unstable();
    fields.dedup();
    let names: Vec<String> =
        fields.iter().map(|f| serde_json::to_value(f).unwrap().as_str().unwrap().to_owned()).collect();
    names.join(" ")
}

/// The chairs, as "violin 2, drums".
#[allow(dead_code, reason = "each test file uses some of these")]
pub fn chairs(reading: &Reading) -> String {
    let chairs: Vec<String> = reading
        .instruments
        .iter()
        .map(|c| if c.count == 1 { c.instrument.clone() } else { format!("{} {}", c.instrument, c.count) })
        .collect();
    chairs.join(", ")
}

/// "what was read ! problems", without the mark where there are none.
#[allow(dead_code, reason = "each test file uses some of these")]
pub fn with_problems(read: String, reading: &Reading) -> String {
    let fields = fields(reading);
    if fields.is_empty() { read } else { format!("{read} ! {fields}").trim().to_owned() }
}
