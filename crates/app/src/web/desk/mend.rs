//! The form in which a mail is mended: filled in from what was read, taken apart again, and shown with what is wrong and
//! nothing lost.

use crate::engine::NewBooking;
use crate::web::when;
use firstcall_core::booking::{Chair, Request};
use firstcall_core::contact::EmailAddress;
use firstcall_core::policy::Policy;
use firstcall_core::span::Span;
use firstcall_mail::{Field, Problem, Reading};
use jiff::civil::DateTime;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use std::collections::BTreeMap;

/// More chairs than any session has.
const MOST_CHAIRS: u32 = 64;
/// More times than anybody offers.
const MOST_TIMES: usize = 500;

/// The form's fields, as somebody typed them.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// The client's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their number.
    pub phone: String,
    /// Where they live.
    pub city: String,
    /// Their zone.
    pub zone: String,
    /// How many of each instrument that is known.
    pub counts: Vec<Count>,
    /// One start in each line, in the client's local time.
    pub times: String,
    /// How long the session is.
    pub length: String,
    /// What else they said.
    pub notes: String,
    /// One link in each line.
    pub links: String,
    /// What is wrong, field by field.
    pub wrong: Vec<(&'static str, String)>,
}

/// How many of an instrument.
#[derive(Clone, Debug)]
pub struct Count {
    /// The instrument.
    pub instrument: String,
    /// As people say it.
    pub label: String,
    /// How many, as typed.
    pub number: String,
}

/// What there is to say of what was read from a mail, beside the form. Of a booking that is typed in there is nothing.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// What is doubtful.
    pub problems: Vec<Problem>,
    /// The times that were left out, and why.
    pub dropped: Vec<String>,
    /// The starts that were read, in the studio's time.
    pub starts: Vec<String>,
}

impl Remarks {
    /// Of what was read, for a studio in `zone`.
    #[must_use]
    pub fn of(reading: Reading, zone: &TimeZone) -> Self {
        let dropped = reading.dropped.iter().map(|time| format!("{} ({})", time.start, time.reason.replace('_', " ")));
        let starts = reading.times.iter().filter_map(|time| time.start.parse::<Zoned>().ok());
        Self {
            dropped: dropped.collect(),
            starts: starts.map(|start| when::start(start.timestamp(), zone)).collect(),
            problems: reading.problems,
        }
    }

    /// What is doubtful in a part of the form.
    #[must_use]
    pub fn doubts(&self, part: &str) -> Vec<&Problem> {
        self.problems.iter().filter(|problem| Self::part(problem) == part).collect()
    }

    /// The part of the form that a problem is about, as its anchor on the page.
    #[must_use]
    pub fn part(problem: &Problem) -> &'static str {
        match problem.field {
            Field::Client => "client",
            Field::TimeZone => "zone",
            Field::Instruments => "instruments",
            Field::Times => "times",
            Field::Length => "length",
            Field::Mail => "mail",
        }
    }
}

impl Form {
    /// What was read from a mail.
    #[must_use]
    pub fn of(reading: &Reading, instruments: &[String], length: SignedDuration) -> Self {
        let client = reading.client.clone();
        let count = |instrument: &String| {
            let read =
                reading.instruments.iter().filter(|count| count.instrument == *instrument).map(|count| count.count);
            let sum: u32 = read.sum();
            Count {
                instrument: instrument.clone(),
                label: instrument.replace('_', " "),
                number: if sum == 0 { String::new() } else { sum.to_string() },
            }
        };
        let starts = reading.times.iter().filter_map(|time| time.start.parse::<Zoned>().ok());
        let starts: Vec<String> = starts.map(|start| start.strftime("%Y-%m-%d %H:%M").to_string()).collect();
        let read = reading.times.first().and_then(|time| time.length.parse::<SignedDuration>().ok());
        Self {
            name: client.name.unwrap_or_default(),
            email: client.email.unwrap_or_default(),
            phone: client.phone.unwrap_or_default(),
            city: client.city.unwrap_or_default(),
            zone: reading.time_zone.clone().unwrap_or_default(),
            counts: instruments.iter().map(count).collect(),
            times: starts.join("\n"),
            length: format!("{:#}", read.unwrap_or(length)),
            notes: reading.notes.clone().unwrap_or_default(),
            links: reading.links.join("\n"),
            wrong: Vec::new(),
        }
    }

    /// What was sent.
    #[must_use]
    pub fn sent(fields: &[(String, String)], instruments: &[String]) -> Self {
        // Browsers end the lines of a text field with both characters.
        let value =
            |name: &str| super::acts::value(fields, name).unwrap_or_default().replace("\r\n", "\n").trim().to_owned();
        let count = |instrument: &String| Count {
            instrument: instrument.clone(),
            label: instrument.replace('_', " "),
            number: value(&format!("count.{instrument}")),
        };
        let chosen = fields.iter().filter(|(name, start)| name == "start" && !start.is_empty());
        let typed = value("times");
        let times: Vec<String> =
            typed.lines().map(str::to_owned).chain(chosen.map(|(_, start)| start.replace('T', " "))).collect();
        Self {
            name: value("name"),
            email: value("email"),
            phone: value("phone"),
            city: value("city"),
            zone: value("zone"),
            counts: instruments.iter().map(count).collect(),
            times: times.join("\n"),
            length: value("length"),
            notes: value("notes"),
            links: value("links"),
            wrong: Vec::new(),
        }
    }

    /// The fields by name.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let fixed = [
            ("name", &self.name),
            ("email", &self.email),
            ("phone", &self.phone),
            ("city", &self.city),
            ("zone", &self.zone),
            ("times", &self.times),
            ("length", &self.length),
            ("notes", &self.notes),
            ("links", &self.links),
        ];
        let fixed = fixed.into_iter().map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        let counts = self.counts.iter().map(|count| (format!("count.{}", count.instrument), count.number.clone()));
        fixed.chain(counts).collect()
    }

    /// What somebody typed where it differs from what was read, as it is kept with the mail.
    #[must_use]
    pub fn typed(&self, read: &Self) -> String {
        let read = read.fields();
        let typed: BTreeMap<String, String> = self.fields().into_iter().filter(|field| !read.contains(field)).collect();
        serde_json::to_string(&typed).unwrap_or_default()
    }

    /// What was read, and over it what somebody typed.
    #[must_use]
    pub fn with_typed(&self, typed: Option<&str>, instruments: &[String]) -> Self {
        let typed: BTreeMap<String, String> =
            typed.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let mut fields = self.fields();
        for (name, value) in &mut fields {
            if let Some(typed) = typed.get(name) {
                value.clone_from(typed);
            }
        }
        Self::sent(&fields, instruments)
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, what)| what.as_str())
    }

    /// The booking that the form asks for; none when something is wrong with it.
    pub fn checked(&mut self, now: Timestamp, policy: &Policy) -> Option<NewBooking> {
        self.wrong.clear();
        self.check_client();
        let zone = self.zone();
        let length = self.length();
        let chairs = self.chairs();
        let times = self.spans(zone.as_ref(), length.unwrap_or(SignedDuration::from_hours(1)), now, policy);
        if !self.wrong.is_empty() {
            return None;
        }
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let links = self.links.lines().map(str::trim).filter(|link| !link.is_empty()).map(str::to_owned);
        Some(NewBooking {
            chairs,
            times,
            request: Request {
                client_name: some(&self.name),
                client_email: some(&self.email),
                client_phone: some(&self.phone),
                client_city: some(&self.city),
                time_zone: self.zone.clone(),
                notes: some(&self.notes),
                links: links.collect(),
            },
        })
    }

    fn wrong(&mut self, field: &'static str, what: impl Into<String>) {
        self.wrong.push((field, what.into()));
    }

    fn check_client(&mut self) {
        if self.name.is_empty() && self.email.is_empty() && self.phone.is_empty() {
            self.wrong("client", "Say who asks: a name, an e-mail address or a phone number.");
        }
        if let Err(error) = EmailAddress::new(&self.email)
            && !self.email.is_empty()
        {
            self.wrong("email", format!("This is {error}."));
        }
    }

    fn zone(&mut self) -> Option<TimeZone> {
        let zone = DateTimeParser::new().parse_time_zone(&self.zone).ok().filter(|_| !self.zone.is_empty());
        if zone.is_none() {
            self.wrong("zone", "Name a zone such as America/New_York, or an offset such as -05:00.");
        }
        zone
    }

    fn length(&mut self) -> Option<SignedDuration> {
        let length = self.length.parse::<SignedDuration>().ok();
        let length = length.filter(|length| length.is_positive() && *length <= SignedDuration::from_hours(24));
        if length.is_none() {
            self.wrong("length", "Write a length such as 1h, 90m or 1h 30m; a day at the most.");
        }
        length
    }

    fn chairs(&mut self) -> Vec<Chair> {
        let mut counts: Vec<(String, u16)> = Vec::new();
        for count in self.counts.clone() {
            match count.number.parse::<u16>() {
                Ok(0) => {}
                Ok(number) => counts.push((count.instrument, number)),
                Err(_) if count.number.is_empty() => {}
                Err(_) => self.wrong("instruments", format!("{}: \"{}\" is not a number.", count.label, count.number)),
            }
        }
        let sum: u32 = counts.iter().map(|(_, number)| u32::from(*number)).sum();
        if sum > MOST_CHAIRS {
            self.wrong("instruments", format!("{MOST_CHAIRS} chairs are the most."));
            return Vec::new();
        }
        if sum == 0 && self.wrong_with("instruments").is_none() {
            self.wrong("instruments", "Say how many of what are needed.");
        }
        Chair::list(counts.iter().map(|(name, number)| (name.as_str(), *number)))
    }

    /// A line is one start. What has passed is refused rather than dropped: somebody has just typed it.
    fn spans(&mut self, zone: Option<&TimeZone>, length: SignedDuration, now: Timestamp, policy: &Policy) -> Vec<Span> {
        let lines: Vec<String> =
            self.times.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        if lines.is_empty() || lines.len() > MOST_TIMES {
            self.wrong("times", "Write each start on a line of its own, such as 2026-12-08 10:00.");
            return Vec::new();
        }
        let mut spans = Vec::new();
        for line in lines {
            match span(&line, zone, length) {
                Ok(Some(span)) if policy.end_of(&span) <= now => {
                    self.wrong("times", format!("{line}: this has passed, or is too soon."));
                }
                Ok(span) => spans.extend(span),
                Err(what) => self.wrong("times", format!("{line}: {what}")),
            }
        }
        spans
    }
}

/// A local time that clocks skip or show twice is nobody's to guess (rule 2.4).
fn span(line: &str, zone: Option<&TimeZone>, length: SignedDuration) -> Result<Option<Span>, &'static str> {
    let start = local(line).ok_or("write it as 2026-12-08 10:00 or 2026-12-08 2:30 pm, or choose it below.")?;
    let Some(zone) = zone else { return Ok(None) };
    let start = zone.to_ambiguous_zoned(start).unambiguous();
    let start = start.map_err(|_| "clocks change then, so this time does not exist or happens twice.")?;
    Ok(Some(Span::new(start.timestamp(), length)))
}

fn local(line: &str) -> Option<DateTime> {
    let line = line.to_ascii_uppercase();
    let forms = [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %I:%M %p",
        "%Y-%m-%d %I:%M%p",
        "%Y-%m-%d %I %p",
        "%Y-%m-%d %I%p",
    ];
    forms.into_iter().find_map(|form| DateTime::strptime(form, &line).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_read_as_people_type_them() {
        let nine: DateTime = "2026-12-08T09:00:00".parse().unwrap();
        for line in ["2026-12-08 09:00", "2026-12-08T09:00", "2026-12-08 9:00 am", "2026-12-08 9am", "2026-12-08 9 AM"]
        {
            assert_eq!(local(line), Some(nine), "{line}");
        }
        assert_eq!(local("tomorrow at nine"), None);
        let zone = TimeZone::get("America/New_York").unwrap();
        let hour = SignedDuration::from_hours(1);
        assert!(span("2027-03-14 02:30", Some(&zone), hour).is_err(), "this time does not exist");
        assert!(span("2026-11-01 01:30", Some(&zone), hour).is_err(), "this time happens twice");
    }
}
