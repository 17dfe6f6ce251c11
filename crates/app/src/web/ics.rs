//! One event as an iCalendar file (RFC 5545), for "add to calendar".

use firstcall_core::span::Span;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// An event.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// What makes it the same event when it is sent again.
    pub uid: &'a str,
    /// When this description of it was made.
    pub stamp: Timestamp,
    /// When it is.
    pub time: Span,
    /// Its name.
    pub summary: &'a str,
    /// Where it is.
    pub location: Option<&'a str>,
    /// What else is to be known.
    pub description: &'a str,
    /// Its page.
    pub url: &'a str,
}

impl Event<'_> {
    /// The file.
    #[must_use]
    pub fn file(&self) -> String {
        let mut lines = vec![
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//First Call//Call sheet//EN".to_owned(),
            "CALSCALE:GREGORIAN".to_owned(),
            "METHOD:PUBLISH".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", text(self.uid)),
            format!("DTSTAMP:{}", utc(self.stamp)),
            format!("DTSTART:{}", utc(self.time.start)),
            format!("DTEND:{}", utc(self.time.end)),
            format!("SUMMARY:{}", text(self.summary)),
        ];
        lines.extend(self.location.map(|place| format!("LOCATION:{}", text(place))));
        lines.push(format!("DESCRIPTION:{}", text(self.description)));
        lines.push(format!("URL:{}", self.url.replace(['\r', '\n'], "")));
        lines.extend(["STATUS:CONFIRMED", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR"].map(str::to_owned));
        lines.iter().map(|line| fold(line) + "\r\n").collect()
    }
}

/// "20261202T150000Z".
#[must_use]
pub fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text with what means something in the format escaped (section 3.3.11).
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for letter in value.replace("\r\n", "\n").chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' | '\r' => escaped.push_str("\\n"),
            letter if letter.is_control() && letter != '\t' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Lines have at most 75 octets; what is longer goes on behind a blank, and no character is cut (section 3.1).
fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len());
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > 75 {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push(letter);
        octets += letter.len_utf8();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_what_calendars_read() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let event = Event {
            uid: "booking-7@calls.example.com",
            stamp: at("2026-12-01T14:30:00Z"),
            time: Span { start: at("2026-12-02T15:00:00Z"), end: at("2026-12-02T16:00:00Z") },
            summary: "Session: drums; Fern Room",
            location: Some("14 Canal Yard, New York"),
            description: "Line-up:\nAda Okafor\\drums – and a line that is long enough to be folded, ééééééééééééééééééé",
            url: "https://calls.example.com/s/x",
        };
        let file = event.file();
        assert!(file.lines().all(|line| line.len() <= 75), "{file}");
        assert!(file.split("\r\n").all(|line| !line.contains('\n')), "every line ends with CRLF");
        let unfolded = file.replace("\r\n ", "");
        for line in [
            "UID:booking-7@calls.example.com",
            "DTSTAMP:20261201T143000Z",
            "DTSTART:20261202T150000Z",
            "DTEND:20261202T160000Z",
            "SUMMARY:Session: drums\\; Fern Room",
            "LOCATION:14 Canal Yard\\, New York",
            "DESCRIPTION:Line-up:\\nAda Okafor\\\\drums – and a line that is long enough to be folded\\, ééééééééééééééééééé",
        ] {
            assert!(unfolded.split("\r\n").any(|found| found == line), "{line}\n{unfolded}");
        }
    }
}
