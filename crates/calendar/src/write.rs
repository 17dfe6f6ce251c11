//! A session as an iCalendar file, or as the calendar part of an invitation (RFC 5545; RFC 5546 for methods).

use crate::zone::moment;
use firstcall_core::span::Span;
use jiff::tz::{Offset, TimeZone, TimeZoneTransition};
use jiff::{SignedDuration, Timestamp, civil};

/// A session, as somebody's calendar is to have it.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// What makes it the same event when it is sent again.
    pub uid: &'a str,
    /// How often it was changed: a calendar takes no description that is older than what it has.
    pub sequence: u32,
    /// When this description of it was made.
    pub stamp: Timestamp,
    /// When it is. Parts of a second are cut off.
    pub time: Span,
    /// The zone in which it is told. One without an IANA name is written as UTC.
    pub zone: &'a TimeZone,
    /// Its name.
    pub title: &'a str,
    /// Where it is.
    pub place: Option<&'a str>,
    /// What else is to be known.
    pub description: &'a str,
    /// Its page.
    pub url: Option<&'a str>,
    /// Who invites. An invitation needs one, with the address that it is sent from.
    pub organizer: Option<Person<'a>>,
    /// Who is invited, and has said YES.
    pub attendee: Option<Person<'a>>,
    /// Whether it is on.
    pub status: Status,
}

/// Somebody with an address.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// What they are called.
    pub name: &'a str,
    /// Their e-mail address.
    pub email: &'a str,
}

/// Whether a session is on (RFC 5545, 3.8.1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It may be.
    Tentative,
    /// It is.
    Confirmed,
    /// It is not any more.
    Cancelled,
}

/// What whoever gets it is to do with it (RFC 5546, 1.4). The MIME part must name the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Add it; no answer is wanted.
    Publish,
    /// An invitation, or a change of one.
    Request,
    /// Take it out again. It is then cancelled whatever its status.
    Cancel,
}

impl Event<'_> {
    /// The text. Without a method it is what a CalDAV server keeps (RFC 4791, 4.1), and asks that server to send no
    /// invitations of its own (RFC 6638, 7.1).
    #[must_use]
    pub fn to_ics(&self, method: Option<Method>) -> String {
        let mut lines: Vec<String> =
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//First Call//First Call//EN", "CALSCALE:GREGORIAN"]
                .map(str::to_owned)
                .into();
        lines.extend(method.map(|method| format!("METHOD:{}", method.name())));
        let zone = self.zone.iana_name().filter(|_| !is_utc(self.zone));
        if let Some(name) = zone {
            lines.extend(definition(name, self.zone, self.time));
        }
        lines.extend(["BEGIN:VEVENT".to_owned(), format!("UID:{}", text(self.uid))]);
        lines.extend([format!("DTSTAMP:{}", utc(self.stamp)), format!("SEQUENCE:{}", self.sequence)]);
        lines.push(format!("DTSTART{}", self.at(zone, self.time.start)));
        lines.push(format!("DTEND{}", self.at(zone, self.time.end)));
        lines.push(format!("SUMMARY:{}", text(self.title)));
        lines.extend(self.place.map(|place| format!("LOCATION:{}", text(place))));
        if !self.description.is_empty() {
            lines.push(format!("DESCRIPTION:{}", text(self.description)));
        }
        lines.extend(self.url.map(|url| format!("URL:{}", plain(url))));
        let kept = if method.is_none() { ";SCHEDULE-AGENT=CLIENT" } else { "" };
        lines.extend(self.organizer.map(|who| format!("ORGANIZER{kept}{}", person(who))));
        lines.extend(
            self.attendee
                .map(|who| format!("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE{kept}{}", person(who))),
        );
        let status = if method == Some(Method::Cancel) { Status::Cancelled } else { self.status };
        lines.push(format!("STATUS:{}", status.name()));
        lines.extend(["TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR"].map(str::to_owned));
        lines.iter().map(|line| fold(line) + "\r\n").collect()
    }

    /// A time with its zone. The second pass of an hour that is there twice can be told in UTC only (3.3.5).
    fn at(&self, zone: Option<&str>, at: Timestamp) -> String {
        let at = moment(at.as_second());
        let wall = self.zone.to_datetime(at);
        match zone {
            Some(name) if self.zone.to_ambiguous_timestamp(wall).compatible().is_ok_and(|read| read == at) => {
                format!(";TZID={name}:{}", shown(wall))
            }
            _ => format!(":{}", utc(at)),
        }
    }
}

impl Method {
    /// Its name, for the MIME part too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A VTIMEZONE (3.6.5) with every change of the clock that matters to the years of a span, each as an observance of its
/// own: what the tz database says, without guessing the rule behind it.
fn definition(name: &str, zone: &TimeZone, time: Span) -> Vec<String> {
    let year = |at: Timestamp, later: i16| {
        let first = civil::date(zone.to_datetime(at).year().saturating_add(later).clamp(-9998, 9998), 1, 1);
        zone.to_timestamp(first.into()).unwrap_or(at)
    };
    let (from, to) = (year(time.start, 0), year(time.end, 1));
    let mut lines = vec!["BEGIN:VTIMEZONE".to_owned(), format!("TZID:{name}")];
    let before = zone.preceding(from).next();
    if before.is_none() {
        let info = zone.to_offset_info(from);
        let offset = info.offset();
        let start = civil::date(1970, 1, 1).into();
        lines.extend(observance(info.dst().is_dst(), start, offset, offset, info.abbreviation()));
    }
    lines.extend(before.iter().flat_map(|change| observance_of(zone, change)));
    let changes = zone.following(from - SignedDuration::from_nanos(1)).take_while(|change| change.timestamp() < to);
    lines.extend(changes.flat_map(|change| observance_of(zone, &change)));
    lines.push("END:VTIMEZONE".to_owned());
    lines
}

fn observance_of(zone: &TimeZone, change: &TimeZoneTransition<'_>) -> [String; 6] {
    let before = change.timestamp() - SignedDuration::from_secs(1);
    let from = zone.to_offset(before);
    // An onset is told by the clock that it ends.
    let start = from.to_datetime(change.timestamp());
    observance(change.dst().is_dst(), start, from, change.offset(), change.abbreviation())
}

fn observance(daylight: bool, start: civil::DateTime, from: Offset, to: Offset, name: &str) -> [String; 6] {
    let kind = if daylight { "DAYLIGHT" } else { "STANDARD" };
    [
        format!("BEGIN:{kind}"),
        format!("DTSTART:{}", shown(start)),
        format!("TZOFFSETFROM:{}", offset(from)),
        format!("TZOFFSETTO:{}", offset(to)),
        format!("TZNAME:{}", text(name)),
        format!("END:{kind}"),
    ]
}

/// "-0500"; seconds only where there are any (3.3.14).
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hour, minute, second) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    if second == 0 { format!("{sign}{hour:02}{minute:02}") } else { format!("{sign}{hour:02}{minute:02}{second:02}") }
}

fn is_utc(zone: &TimeZone) -> bool {
    *zone == TimeZone::UTC || matches!(zone.iana_name(), Some("UTC" | "Etc/UTC"))
}

fn utc(at: Timestamp) -> String {
    shown(Offset::UTC.to_datetime(at)) + "Z"
}

fn shown(wall: civil::DateTime) -> String {
    wall.strftime("%Y%m%dT%H%M%S").to_string()
}

/// A text with what means something in the format escaped (3.3.11).
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

/// A name, where there is one, and an address. A quoted name may have anything but quotes (3.2).
fn person(who: Person<'_>) -> String {
    let name: String = who
        .name
        .chars()
        .filter(|letter| !letter.is_control())
        .map(|letter| if letter == '"' { '\'' } else { letter })
        .collect();
    let name = if name.is_empty() { name } else { format!(";CN=\"{name}\"") };
    format!("{name}:mailto:{}", plain(who.email))
}

/// An address, of which nothing can begin another line.
fn plain(address: &str) -> String {
    address.chars().filter(|letter| !letter.is_control() && !letter.is_whitespace()).collect()
}

/// Lines have at most 75 octets; what is longer goes on behind a blank, and no character is cut (3.1).
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
