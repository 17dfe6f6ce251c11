//! The form's fields: as they were typed, and checked as a booking that is typed in.

use super::times;
use crate::engine::NewBooking;

use crate::token;
use crate::web::Web;
use crate::web::api::bookings::LONGEST_NOTES;
use crate::web::desk::value;
use crate::web::join::{sentence, zone_of};
use crate::web::when;
use firstcall_core::booking::{Chair, Request};
use firstcall_core::contact::EmailAddress;
use firstcall_core::span::Span;
use firstcall_mail::InstrumentName;
use firstcall_store::Error;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// No line of the form is longer.
const LONGEST: usize = 200;
/// No link is longer.
const LONGEST_LINK: usize = 2000;
/// More links than anybody sends.
const MOST_LINKS: usize = 20;
/// More chairs than any session has.
const MOST_CHAIRS: u16 = 64;
/// More times than anybody ticks.
const MOST_TIMES: usize = 50;
/// A form that was opened longer ago is shown again: what is known of forms that were sent is kept for a day.
const OLDEST: SignedDuration = SignedDuration::from_hours(20);
/// The usual lengths of sessions, in minutes.
const LENGTHS: [i64; 8] = [60, 90, 120, 180, 240, 300, 360, 480];

/// The form.
#[derive(Clone, Debug)]
pub struct Form {
    pub name: String,
    pub email: String,
    pub phone: String,
    /// The roster's name, as people say it, and how many, as it was typed.
    pub counts: Vec<(String, String, String)>,
    /// The length in minutes.
    pub minutes: i64,
    /// The client's zone, as it was typed.
    pub zone: String,
    /// The first day that is shown, in the client's zone.
    pub from: Option<Date>,
    pub times: Vec<Timestamp>,
    pub notes: String,
    pub links: String,
    /// What only machines fill in.
    pub website: String,
    /// By which the form is known again when it is sent twice.
    pub key: String,
    pub embedded: bool,
    /// Whether the script may set the zone: nobody has chosen one.
    pub fresh: bool,
    /// What is wrong, field by field.
    pub wrong: Vec<(&'static str, String)>,
}

/// The lengths that are offered, in minutes and in words, the studio's own among them.
pub fn lengths(usual: SignedDuration) -> Vec<(i64, String)> {
    let mut minutes = LENGTHS.to_vec();
    minutes.push(usual.as_mins());
    minutes.sort_unstable();
    minutes.dedup();
    minutes.into_iter().map(|minutes| (minutes, when::span_words(SignedDuration::from_mins(minutes)))).collect()
}

impl Form {
    /// An empty form, or with what a link says: `zone`, `from` and `minutes`.
    pub fn new(web: &Web, known: Vec<InstrumentName>, query: &[(String, String)]) -> Self {
        let mut form = Self::sent(web, known, query);
        form.fresh = form.zone.is_empty();
        if form.fresh {
            form.zone = web.zone_name();
        }
        form.renew(web);
        form
    }

    /// What was sent.
    pub fn sent(web: &Web, known: Vec<InstrumentName>, fields: &[(String, String)]) -> Self {
        let settings = web.engine.settings();
        let text = |name: &str| value(fields, name).unwrap_or_default().trim().to_owned();
        let times = fields.iter().filter(|(name, text)| name == "time" && !text.is_empty());
        let mut wrong = Vec::new();
        let mut times: Vec<Timestamp> = times
            .filter_map(|(_, text)| {
                let time = instant(text);
                if time.is_none() && wrong.is_empty() {
                    wrong.push(("times", format!("We can't read the time \"{}\".", shortened(text))));
                }
                time
            })
            .collect();
        times.sort_unstable();
        times.dedup();
        let minutes = text("minutes").parse().ok().filter(|minutes| (1..=24 * 60).contains(minutes));
        if minutes.is_none() && !text("minutes").is_empty() {
            wrong.push(("minutes", "Please choose how long the session is.".to_owned()));
        }
        Self {
            name: text("name"),
            email: text("email"),
            phone: text("phone"),
            counts: known
                .into_iter()
                .map(|one| {
                    let said = text(&format!("count-{}", one.name));
                    let label = one.name.replace('_', " ");
                    (one.name, label, said)
                })
                .collect(),
            minutes: minutes.unwrap_or_else(|| settings.sessions.length.as_mins()),
            zone: text("zone"),
            from: text("from").parse().ok(),
            times,
            notes: text("notes").replace("\r\n", "\n"),
            links: text("links").replace("\r\n", "\n"),
            website: text("website"),
            key: text("key"),
            embedded: text("embed") == "1",
            fresh: false,
            wrong,
        }
    }

    /// Gives it a key of its own.
    pub fn renew(&mut self, web: &Web) {
        self.key = format!("{}.{}", web.engine.clock().now().as_second(), token::of_client());
    }

    /// Looks at another week.
    pub fn look(&mut self, word: &str) {
        self.wrong.clear();
        let week = match word {
            "earlier" => -7,
            "later" => 7,
            _ => return,
        };
        self.from = self.from.and_then(|from| from.checked_add(week.days()).ok());
    }

    /// The client's zone; the studio's, where theirs cannot be read.
    pub fn zone(&self, web: &Web) -> TimeZone {
        zone_of(&self.zone).unwrap_or_else(|_| web.engine.settings().studio.time_zone.clone())
    }

    /// The length of the session.
    pub fn length(&self) -> SignedDuration {
        SignedDuration::from_mins(self.minutes)
    }

    pub fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, why)| why.as_str())
    }

    pub fn has(&self, time: Timestamp) -> bool {
        self.times.contains(&time)
    }

    /// What is asked for, whatever the form's key.
    pub fn said(&self) -> String {
        let counts: Vec<String> = self.counts.iter().map(|(name, _, count)| format!("{name}={count}")).collect();
        let times: Vec<String> = self.times.iter().map(ToString::to_string).collect();
        let (counts, times, minutes) = (counts.join(","), times.join(","), self.minutes.to_string());
        let texts = [&self.name, &self.email, &self.phone, &self.zone, &self.notes, &self.links];
        let mut all: Vec<&str> = texts.into_iter().map(String::as_str).collect();
        all.extend([counts.as_str(), times.as_str(), minutes.as_str()]);
        super::content(&all)
    }

    /// What was asked for, and the key under which it is kept; none when something is wrong, which is then said.
    pub fn checked(&mut self, web: &Web, body: &[u8]) -> Option<(NewBooking, String)> {
        let mut wrong = std::mem::take(&mut self.wrong);
        if self.name.is_empty() {
            wrong.push(("name", "Please write your name.".to_owned()));
        }
        for (field, text) in [("name", &self.name), ("phone", &self.phone)] {
            if text.len() > LONGEST || text.chars().any(char::is_control) {
                wrong.push((field, format!("One line of at most {LONGEST} characters, please.")));
            }
        }
        let email = EmailAddress::new(&self.email);
        let email = email.map_err(|why| wrong.push(("email", sentence(&why.to_string())))).ok();
        let chairs = chairs(&self.counts).map_err(|why| wrong.push(("counts", why))).ok();
        let zone = zone_of(&self.zone).map_err(|why| wrong.push(("zone", why))).ok();
        if self.notes.len() > LONGEST_NOTES {
            wrong.push(("notes", format!("At most {LONGEST_NOTES} characters, please.")));
        }
        let links = links(&self.links).map_err(|why| wrong.push(("links", why))).ok();
        if !self.website.is_empty() {
            wrong.push(("website", "Please leave this empty: it is here to tell machines from people.".to_owned()));
        }
        if self.times.is_empty() {
            wrong.push(("times", "Please choose a time, better several.".to_owned()));
        } else if self.times.len() > MOST_TIMES {
            wrong.push(("times", format!("At most {MOST_TIMES} times, please.")));
        }
        let key = self.known_key(web, body);
        if key.is_none() {
            self.renew(web);
            wrong.push(("form", "This page was open for long. Please look through it and send it again.".to_owned()));
        }
        self.wrong = wrong;
        if !self.wrong.is_empty() {
            return None;
        }
        let line = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let request = Request {
            client_name: line(&self.name),
            client_email: Some(email?.as_str().to_owned()),
            client_phone: line(&self.phone),
            client_city: None,
            time_zone: zone?.iana_name().unwrap_or("UTC").to_owned(),
            notes: line(&plain(&self.notes)),
            links: links?,
        };
        let times = self.times.iter().map(|start| Span::new(*start, self.length())).collect();
        Some((NewBooking { request, chairs: chairs?, times }, key?))
    }

    /// The form's own key, unless it is too old; what a program sends without one is known by its content.
    fn known_key(&self, web: &Web, body: &[u8]) -> Option<String> {
        if self.key.is_empty() {
            return Some(format!("content {}", crate::hash::sha256(&[body])));
        }
        let opened = self.key.split('.').next()?.parse().ok()?;
        let oldest = web.engine.clock().now().saturating_sub(OLDEST).unwrap_or(Timestamp::MIN);
        (Timestamp::from_second(opened).ok()? >= oldest).then(|| self.key.clone())
    }

    /// Whether some of the times cannot be had; what is wrong with each is then said, and it is taken out.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn impossible(&mut self, web: &Web, new: &NewBooking) -> Result<bool, Error> {
        let (policy, now) = (web.engine.policy(), web.engine.clock().now());
        let mut gone = times::gone(web, &new.times).await?;
        gone.retain(|(time, _)| policy.end_of(time) > now);
        let late = new.times.iter().filter(|time| policy.end_of(time) <= now);
        gone.extend(late.map(|time| (*time, if time.start <= now { "has passed" } else { "is too soon" })));
        let far = now.saturating_add(times::FARTHEST).unwrap_or(Timestamp::MAX);
        let far = new.times.iter().filter(|time| time.start > far);
        gone.extend(far.map(|time| (*time, "is more than a year ahead")));
        self.say_gone(web, &gone);
        Ok(!gone.is_empty())
    }

    /// Takes out the times at which the studio was taken meanwhile.
    pub fn take_out(&mut self, web: &Web, taken: &[Span]) {
        let gone: Vec<(Span, &str)> = taken.iter().map(|time| (*time, "has just been taken")).collect();
        self.say_gone(web, &gone);
    }

    /// The week of the first of them is shown, so that others can be chosen.
    fn say_gone(&mut self, web: &Web, gone: &[(Span, &'static str)]) {
        let Some((first, _)) = gone.first() else { return };
        let zone = self.zone(web);
        let words = gone.iter().take(5).map(|(time, why)| format!("{} {why}.", when::start(time.start, &zone)));
        let words = format!("{} Please choose others.", words.collect::<Vec<_>>().join(" "));
        self.wrong.push(("times", words));
        self.times.retain(|start| !gone.iter().any(|(time, _)| time.start == *start));
        self.from = Some(first.start.to_zoned(zone).date());
    }
}

/// Minutes since 1970, as the form writes them, or RFC 3339.
fn instant(text: &str) -> Option<Timestamp> {
    let minutes = text.parse::<i64>().ok().and_then(|minutes| minutes.checked_mul(60));
    minutes.and_then(|seconds| Timestamp::from_second(seconds).ok()).or_else(|| text.parse().ok())
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// What both databases keep and pages show: no control characters but line breaks.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect()
}

fn chairs(counts: &[(String, String, String)]) -> Result<Vec<Chair>, String> {
    let mut wanted = Vec::new();
    for (name, label, said) in counts.iter().filter(|(_, _, said)| !said.is_empty()) {
        let count = said.parse::<u16>().map_err(|_| format!("How many of {label}? Please write a number."))?;
        wanted.push((name.as_str(), count));
    }
    wanted.retain(|(_, count)| *count > 0);
    let sum = wanted.iter().fold(0_u16, |sum, (_, count)| sum.saturating_add(*count));
    match sum {
        0 => Err("Please say who is to play: how many of each.".to_owned()),
        1..=MOST_CHAIRS => Ok(Chair::list(wanted)),
        _ => Err(format!("At most {MOST_CHAIRS} musicians, please.")),
    }
}

/// One on each line; "example.com/demo" is one too.
fn links(text: &str) -> Result<Vec<String>, String> {
    let mut links = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let with_scheme = if line.contains("://") { line.to_owned() } else { format!("https://{line}") };
        let host = with_scheme.split("://").nth(1).unwrap_or_default();
        let is_link = crate::web::sheet::is_web(&with_scheme)
            && host.contains('.')
            && !line.contains(char::is_whitespace)
            && !line.contains(char::is_control)
            && line.len() <= LONGEST_LINK;
        if !is_link {
            return Err(format!("\"{}\" is not a link such as https://example.com/demo.", shortened(line)));
        }
        links.push(with_scheme);
    }
    if links.len() > MOST_LINKS { Err(format!("At most {MOST_LINKS} links, please.")) } else { Ok(links) }
}
