//! A calendar's text to its events (RFC 5545), tolerant of what real producers write, but for what says when something is:
//! that is read whole or not at all.

use crate::lines::{Line, Lines};
use crate::rule::{Frequency, Rule};
use crate::series::{Ends, Event, InsteadOf, Moment, Series, Standing};
use crate::value::{self, Written};
use crate::zone::{self, Clock, Defined, Observance};
use crate::{Error, Work, limits};
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// What was read of a calendar: everything that says when it blocks time.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub(crate) zones: Vec<Zone>,
    pub(crate) series: Vec<Series>,
    /// Periods of VFREEBUSY components that are not free.
    pub(crate) periods: Vec<(Moment, Ends, Standing)>,
}

/// A zone that the calendar names.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    /// That of whoever owns the calendar: of days, and of times without a zone.
    Owner,
    Known(Clock),
    Unknown(String),
}

/// The number of the owner's zone.
pub(crate) const OWNER: u32 = 0;
/// The number of UTC.
const UTC: u32 = 1;

impl Calendar {
    /// Reads a calendar, or several in one text. How large a text may be is the caller's to say; the depth, the number of
    /// components, the length of lines and the work are bounded here.
    ///
    /// # Errors
    /// What it is, or where it cannot be read. The calendar is then unknown, not free (rule 3.3).
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new();
        let mut lines = Lines::new(bytes);
        while let Some(line) = lines.next()? {
            reader.line(&line)?;
        }
        reader.end()
    }
}

/// A component that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Open {
    Calendar,
    Event,
    FreeBusy,
    Zone,
    Observance,
    Other(Vec<u8>),
}

struct Reader {
    calendar: Calendar,
    /// Where the series of a UID is.
    places: HashMap<String, usize>,
    open: Vec<Open>,
    components: usize,
    dates: usize,
    any: bool,
    work: Work,
    here: Here,
}

/// What belongs to the VCALENDAR that is open.
#[derive(Default)]
struct Here {
    cancels: bool,
    floating: Option<u32>,
    zone: Option<String>,
    names: Vec<(String, u32)>,
    definitions: Vec<(String, Vec<Observance>)>,
    event: Draft,
    zone_id: Option<String>,
    observances: Vec<Observance>,
}

/// What is known of the event that is open.
#[derive(Default)]
struct Draft {
    uid: String,
    start: Option<Moment>,
    end: Option<Moment>,
    duration: Option<value::Nominal>,
    rules: Vec<Rule>,
    dates: Vec<(Moment, Ends)>,
    without: Vec<Moment>,
    instead_of: Option<InsteadOf>,
    version: (i64, i64),
    free: bool,
    tentative: bool,
    line: usize,
    wrong: Option<Error>,
}

impl Reader {
    fn new() -> Self {
        let zones = vec![Zone::Owner, Zone::Known(Clock::Known(TimeZone::UTC))];
        Self {
            calendar: Calendar { zones, series: Vec::new(), periods: Vec::new() },
            places: HashMap::new(),
            open: Vec::new(),
            components: 0,
            dates: 0,
            any: false,
            work: Work::new(),
            here: Here::default(),
        }
    }

    fn line(&mut self, line: &Line<'_>) -> Result<(), Error> {
        match (line.name, self.open.last()) {
            ("BEGIN", _) => self.begin(line),
            ("END", _) => self.close(line),
            (_, Some(Open::Calendar)) => {
                self.of_calendar(line);
                Ok(())
            }
            (_, Some(Open::Event)) => self.of_event(line),
            ("FREEBUSY", Some(Open::FreeBusy)) => self.periods(line),
            ("TZID", Some(Open::Zone)) => {
                self.here.zone_id = Some(text(line.value));
                Ok(())
            }
            (_, Some(Open::Observance)) => self.of_observance(line),
            (_, None | Some(Open::FreeBusy | Open::Zone | Open::Other(_))) => Ok(()),
        }
    }

    fn begin(&mut self, line: &Line<'_>) -> Result<(), Error> {
        self.components += 1;
        if self.components > limits::COMPONENTS {
            return Err(Error::TooMuch("components"));
        }
        if self.open.len() == limits::DEPTH {
            return Err(Error::TooMuch("components in components"));
        }
        let name = line.value.to_ascii_uppercase();
        let open = match (name.as_slice(), self.open.last()) {
            (b"VCALENDAR", None) => Open::Calendar,
            (_, None) => return Err(Error::NotACalendar),
            (b"VEVENT", Some(Open::Calendar)) => Open::Event,
            (b"VFREEBUSY", Some(Open::Calendar)) => Open::FreeBusy,
            (b"VTIMEZONE", Some(Open::Calendar)) => Open::Zone,
            (b"STANDARD" | b"DAYLIGHT", Some(Open::Zone)) => Open::Observance,
            _ => Open::Other(name),
        };
        match open {
            Open::Calendar => (self.here, self.any) = (Here::default(), true),
            Open::Event => self.here.event = Draft { line: line.number, ..Draft::default() },
            Open::Zone => (self.here.zone_id, self.here.observances) = (None, Vec::new()),
            Open::Observance => self.here.observances.push(Observance::default()),
            Open::FreeBusy | Open::Other(_) => {}
        }
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self, line: &Line<'_>) -> Result<(), Error> {
        let name = line.value.to_ascii_uppercase();
        let open = self.open.pop();
        let right = match &open {
            None => false,
            Some(Open::Calendar) => name == b"VCALENDAR",
            Some(Open::Event) => name == b"VEVENT",
            Some(Open::FreeBusy) => name == b"VFREEBUSY",
            Some(Open::Zone) => name == b"VTIMEZONE",
            Some(Open::Observance) => name == b"STANDARD" || name == b"DAYLIGHT",
            Some(Open::Other(begun)) => name == *begun,
        };
        match open {
            _ if !right => Err(Error::Value { line: line.number, name: "END" }),
            Some(Open::Calendar) => self.zones(),
            Some(Open::Event) => self.event(),
            Some(Open::Zone) => {
                let observances = std::mem::take(&mut self.here.observances);
                let name = self.here.zone_id.take();
                if self.here.definitions.len() >= limits::ZONES {
                    return Err(Error::TooMuch("zones"));
                }
                self.here.definitions.extend(name.map(|name| (name, observances)));
                Ok(())
            }
            None | Some(Open::FreeBusy | Open::Observance | Open::Other(_)) => Ok(()),
        }
    }

    fn end(self) -> Result<Calendar, Error> {
        match (self.any, self.open.is_empty()) {
            (false, _) => Err(Error::NotACalendar),
            (true, false) => Err(Error::Cut),
            (true, true) => Ok(self.calendar),
        }
    }

    fn of_calendar(&mut self, line: &Line<'_>) {
        if line.name == "METHOD" {
            self.here.cancels = line.value.eq_ignore_ascii_case(b"CANCEL");
        } else if line.name == "X-WR-TIMEZONE" {
            self.here.zone = Some(text(line.value));
        }
    }

    fn of_event(&mut self, line: &Line<'_>) -> Result<(), Error> {
        if !matches!(line.name, "DTSTART" | "DTEND" | "DURATION" | "RRULE" | "RDATE" | "EXDATE" | "RECURRENCE-ID") {
            self.about_event(line);
        } else if self.when(line)?.is_none() {
            self.here.event.wrong.get_or_insert(Error::Value { line: line.number, name: line.name });
        }
        Ok(())
    }

    /// What says when the event is. Nothing where it cannot be read.
    fn when(&mut self, line: &Line<'_>) -> Result<Option<()>, Error> {
        match line.name {
            "DTSTART" => self.here.event.start = self.moment(line, line.value)?,
            "DTEND" => self.here.event.end = self.moment(line, line.value)?,
            "DURATION" => self.here.event.duration = value::length(line.value),
            "RRULE" => {
                self.listed()?;
                let Some(rule) = Rule::read(line.value) else { return Ok(None) };
                self.here.event.rules.push(rule);
            }
            "RECURRENCE-ID" => {
                let range = line.parameter("RANGE").unwrap_or_default();
                let and_future = range.eq_ignore_ascii_case(b"THISANDFUTURE");
                let instance = self.moment(line, line.value)?;
                self.here.event.instead_of = instance.map(|instance| InsteadOf { instance, and_future });
            }
            "RDATE" => {
                for item in items(line.value) {
                    let Some(date) = self.date_or_period(line, item)? else { return Ok(None) };
                    self.here.event.dates.push(date);
                }
            }
            _ => {
                for item in items(line.value) {
                    self.listed()?;
                    let Some(date) = self.moment(line, item)? else { return Ok(None) };
                    self.here.event.without.push(date);
                }
            }
        }
        let event = &self.here.event;
        let there = match line.name {
            "DTSTART" => event.start.is_some(),
            "DTEND" => event.end.is_some(),
            "DURATION" => event.duration.is_some(),
            "RECURRENCE-ID" => event.instead_of.is_some(),
            _ => true,
        };
        Ok(there.then_some(()))
    }

    fn about_event(&mut self, line: &Line<'_>) {
        let event = &mut self.here.event;
        let is = |word: &str| line.value.eq_ignore_ascii_case(word.as_bytes());
        match line.name {
            "UID" => event.uid = text(line.value),
            "SEQUENCE" => event.version.0 = value::number(line.value).unwrap_or_default(),
            "DTSTAMP" => event.version.1 = value::written(line.value).map_or(0, |stamp| stamp.wall),
            "STATUS" => {
                event.free |= is("CANCELLED");
                event.tentative |= is("TENTATIVE");
            }
            "TRANSP" => event.free |= is("TRANSPARENT"),
            "X-MICROSOFT-CDO-BUSYSTATUS" => {
                event.free |= is("FREE");
                event.tentative |= is("TENTATIVE");
            }
            _ => {}
        }
    }

    /// The event that ends here. A free one matters for its UID, its version and what it stands for, and for nothing else.
    fn event(&mut self) -> Result<(), Error> {
        let draft = std::mem::take(&mut self.here.event);
        let free = draft.free || self.here.cancels;
        let nowhere = Moment { wall: 0, zone: UTC, date: false };
        if let Some(wrong) = draft.wrong
            && (!free || matches!(wrong, Error::Value { name: "RECURRENCE-ID", .. }))
        {
            return Err(wrong);
        }
        let start = match draft.start {
            Some(start) => start,
            None if free => nowhere,
            None => return Err(Error::Value { line: draft.line, name: "DTSTART" }),
        };
        let ends = match (draft.end, draft.duration) {
            (Some(end), _) => Ends::At(end),
            (None, Some(length)) => Ends::After(length),
            (None, None) => Ends::Unsaid,
        };
        if !free && backwards(start, ends) {
            return Err(Error::Value { line: draft.line, name: "DTEND" });
        }
        // A day has no hours that could come again.
        if !free && start.date && draft.rules.iter().any(|rule| rule.frequency < Frequency::Daily) {
            return Err(Error::Value { line: draft.line, name: "RRULE" });
        }
        let standing = match (free, draft.tentative) {
            (true, _) => Standing::Free,
            (false, true) => Standing::Tentative,
            (false, false) => Standing::Busy,
        };
        let Draft { uid, rules, dates, without, instead_of, version, line, .. } = draft;
        self.keep(uid, Event { line, standing, version, start, ends, rules, dates, without, instead_of });
        Ok(())
    }

    /// An event without a UID belongs to no other.
    fn keep(&mut self, uid: String, event: Event) {
        let next = self.calendar.series.len();
        let place = if uid.is_empty() { next } else { *self.places.entry(uid.clone()).or_insert(next) };
        if place == next {
            self.calendar.series.push(Series { uid, ..Series::default() });
        }
        self.calendar.series[place].add(event);
    }

    /// FREEBUSY (3.8.2.6): what is not said to be free is busy, also by a word that nobody knows (3.2.9).
    fn periods(&mut self, line: &Line<'_>) -> Result<(), Error> {
        let kind = line.parameter("FBTYPE").unwrap_or(b"BUSY");
        if kind.eq_ignore_ascii_case(b"FREE") {
            return Ok(());
        }
        let tentative = kind.eq_ignore_ascii_case(b"BUSY-TENTATIVE");
        let standing = if tentative { Standing::Tentative } else { Standing::Busy };
        for item in items(line.value) {
            match self.date_or_period(line, item)? {
                Some((start, ends)) if !backwards(start, ends) => self.calendar.periods.push((start, ends, standing)),
                _ => return Err(Error::Value { line: line.number, name: "FREEBUSY" }),
            }
        }
        Ok(())
    }

    fn of_observance(&mut self, line: &Line<'_>) -> Result<(), Error> {
        let Some(observance) = self.here.observances.last_mut() else { return Ok(()) };
        match line.name {
            "DTSTART" => observance.start = value::written(line.value).map(|start| start.wall),
            "TZOFFSETFROM" => observance.from = value::offset(line.value),
            "TZOFFSETTO" => observance.to = value::offset(line.value),
            "RRULE" => {
                let rule = Rule::read(line.value);
                observance.wrong |= rule.is_none();
                observance.rules.extend(rule);
                self.dates += 1;
            }
            "RDATE" => {
                for item in items(line.value) {
                    let date = value::written(item);
                    observance.wrong |= date.is_none();
                    observance.dates.extend(date);
                    self.dates += 1;
                }
            }
            _ => {}
        }
        if self.dates > limits::DATES { Err(Error::TooMuch("dates")) } else { Ok(()) }
    }

    fn listed(&mut self) -> Result<(), Error> {
        self.dates += 1;
        if self.dates > limits::DATES { Err(Error::TooMuch("dates")) } else { Ok(()) }
    }

    /// A date, or a period with its end or its length (3.3.9).
    fn date_or_period(&mut self, line: &Line<'_>, item: &[u8]) -> Result<Option<(Moment, Ends)>, Error> {
        self.listed()?;
        let Some(slash) = item.iter().position(|&byte| byte == b'/') else {
            return Ok(self.moment(line, item)?.map(|start| (start, Ends::Unsaid)));
        };
        let (start, end) = (&item[..slash], &item[slash + 1..]);
        let Some(start) = self.moment(line, start)? else { return Ok(None) };
        if let Some(length) = value::length(end) {
            return Ok(Some((start, Ends::After(length))));
        }
        Ok(self.moment(line, end)?.map(|end| (start, Ends::At(end))))
    }

    /// A date or a time with the zone that its line names. Nothing where it cannot be read.
    fn moment(&mut self, line: &Line<'_>, text: &[u8]) -> Result<Option<Moment>, Error> {
        let Some(Written { wall, date, utc }) = value::written(text) else { return Ok(None) };
        let zone = match line.parameter("TZID") {
            _ if date => OWNER,
            _ if utc => UTC,
            Some(name) if !name.is_empty() => self.zone(name)?,
            _ => self.floating()?,
        };
        Ok(Some(Moment { wall, zone, date }))
    }

    /// The number of a zone. What it means is settled when its calendar ends, because it may be defined last.
    fn zone(&mut self, name: &[u8]) -> Result<u32, Error> {
        if let Some((_, number)) = self.here.names.iter().find(|(known, _)| known.as_bytes() == name) {
            return Ok(*number);
        }
        let name = text(name);
        let number = self.new_zone(Zone::Unknown(name.chars().take(64).collect()))?;
        self.here.names.push((name, number));
        Ok(number)
    }

    fn floating(&mut self) -> Result<u32, Error> {
        if self.here.floating.is_none() {
            self.here.floating = Some(self.new_zone(Zone::Owner)?);
        }
        Ok(self.here.floating.unwrap_or(OWNER))
    }

    fn new_zone(&mut self, zone: Zone) -> Result<u32, Error> {
        let number = self.calendar.zones.len();
        if number >= limits::ZONES {
            return Err(Error::TooMuch("zones"));
        }
        self.calendar.zones.push(zone);
        Ok(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// Settles what the zones of the calendar that ends here are. Times without a zone are told in the one that the
    /// calendar says it is in (X-WR-TIMEZONE), else in its owner's.
    fn zones(&mut self) -> Result<(), Error> {
        let here = std::mem::take(&mut self.here);
        let floating = here.zone.zip(here.floating);
        for (name, number) in here.names.into_iter().chain(floating) {
            let defined = match here.definitions.iter().rfind(|(defined, _)| *defined == name) {
                Some((_, observances)) => Defined::new(observances, &mut self.work)?,
                None => None,
            };
            if let Some(clock) = zone::clock(&name, defined) {
                self.calendar.zones[number as usize] = Zone::Known(clock);
            }
        }
        Ok(())
    }
}

fn backwards(start: Moment, ends: Ends) -> bool {
    match ends {
        Ends::At(end) => end.zone == start.zone && end.date == start.date && end.wall < start.wall,
        Ends::After(length) => length.days < 0 || length.seconds < 0,
        Ends::Unsaid => false,
    }
}

fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').filter(|item| !item.trim_ascii().is_empty())
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
