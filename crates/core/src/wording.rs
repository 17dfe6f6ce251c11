//! The words of every text. Each names who sends it first, says one thing and tells the one next step.
//!
//! Where long names or a long address would make two segments of a text, shorter wordings follow the best one. All of them
//! keep who sends it, when, and whole links and codes.

mod joining;
mod to_manager;

pub use joining::{MASK, wants_to_join};
pub use to_manager::{ToManager, client_writes, doubtful, refused, spent, undelivered, writes};

use crate::answers::LateBecause;
use crate::booking::Dead;
use crate::segments::fitting;
use crate::span::Span;
use crate::step::Clash;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Display;

/// What every text needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    /// The studio's name.
    pub studio: &'a str,
    /// The studio's zone: texts give its local time (rule 2.1).
    pub zone: &'a TimeZone,
    /// Where links begin, without a slash at the end.
    pub public_url: &'a str,
}

/// One offer, as texts about it need it.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The chair, as people say it.
    pub chair: &'a str,
    /// When.
    pub time: Span,
    /// The secret of its links.
    pub token: &'a str,
    /// The number in "Y7".
    pub code: u32,
}

/// "Wed 2 Dec".
#[must_use]
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b").to_string()
}

/// "10am", "9.30pm".
#[must_use]
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let format = if local.minute() == 0 { "%-I%P" } else { "%-I.%M%P" };
    local.strftime(format).to_string()
}

/// "Wed 2 Dec 10am".
#[must_use]
pub fn start(at: Timestamp, zone: &TimeZone) -> String {
    format!("{} {}", day(at, zone), clock(at, zone))
}

/// "Wed 2 Dec 10am-1pm ET".
#[must_use]
pub fn when(time: Span, zone: &TimeZone) -> String {
    format!("{}-{} {}", start(time.start, zone), clock(time.end, zone), zone_name(time.start, zone))
}

/// How a zone is written in a text: "ET" in New York, summer and winter; elsewhere its usual abbreviation or offset.
/// "ET" is where New York's time is: in Panama it is "EST" in summer, as in Phoenix it is "MST".
#[must_use]
pub fn zone_name(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let american = zone.iana_name().is_some_and(|name| name.starts_with("America/") || name.starts_with("US/"));
    let name = local.strftime("%Z").to_string();
    let short = match name.as_str() {
        "EST" | "EDT" if american => Some(("ET", "America/New_York")),
        "CST" | "CDT" if american => Some(("CT", "America/Chicago")),
        "MST" | "MDT" if american => Some(("MT", "America/Denver")),
        "PST" | "PDT" if american => Some(("PT", "America/Los_Angeles")),
        "" => return local.strftime("%:z").to_string(),
        _ => None,
    };
    let is_there = |place: &str| TimeZone::get(place).is_ok_and(|place| place.to_offset(at) == local.offset());
    short.filter(|(_, place)| is_there(place)).map_or(name, |(short, _)| short.to_owned())
}

/// A text that begins with a capital.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Voice<'_> {
    /// One of these wordings, the best first.
    fn says<const N: usize>(&self, wordings: [impl Display; N]) -> String {
        fitting(wordings.map(|words| format!("{}: {words}", self.studio)))
    }

    /// The question.
    #[must_use]
    pub fn offer(&self, about: &About<'_>) -> String {
        let About { token, code, .. } = about;
        let what = format!("{}, {}", capital(about.chair), when(about.time, self.zone));
        let (yes, no) = (format!("{}/y/{token}", self.public_url), format!("{}/n/{token}", self.public_url));
        self.says([
            format!("{what}. Yes: {yes} No: {no} or reply Y{code} / N{code}"),
            format!("{what}. Yes: {yes} No: {no} or Y{code} / N{code}"),
            format!("{what}. Y{code} or {yes} N{code} or {no}"),
        ])
    }

    /// The question again, for another time.
    #[must_use]
    pub fn moved(&self, about: &About<'_>, from: Span) -> String {
        let About { token, code, .. } = about;
        let (chair, when) = (capital(about.chair), when(about.time, self.zone));
        let (was, yes) = (start(from.start, self.zone), format!("{}/y/{token}", self.public_url));
        self.says([
            format!("CHANGED. {chair} is now {when} (was {was}). Still OK? {yes} Reply Y{code} or OUT{code}"),
            format!("CHANGED. {chair}: {when} (was {was}). OK? {yes} Y{code} or OUT{code}"),
            format!("CHANGED. {chair}: {when}. {yes} Y{code} or OUT{code}"),
        ])
    }

    /// The session is on.
    #[must_use]
    pub fn confirmed(&self, about: &About<'_>) -> String {
        let About { token, code, .. } = about;
        let what = format!("CONFIRMED. {}, {}", capital(about.chair), when(about.time, self.zone));
        let sheet = format!("{}/s/{token}", self.public_url);
        self.says([
            format!("{what}. Map, calendar, call sheet: {sheet} If you can't play, reply OUT{code}."),
            format!("{what}. Call sheet: {sheet} If you can't play, reply OUT{code}."),
            format!("{what}. {sheet} Can't play? Reply OUT{code}."),
        ])
    }

    /// A hold is over.
    #[must_use]
    pub fn released(&self, time: Span) -> String {
        let when = start(time.start, self.zone);
        self.says([
            format!("{when} is not going ahead at that time, so your hold is released. Thank you."),
            format!("{when} is not going ahead, so your hold is released."),
        ])
    }

    /// A hold is over because the manager chose otherwise.
    #[must_use]
    pub fn not_needed(&self, time: Span) -> String {
        let when = start(time.start, self.zone);
        self.says([
            format!("you are not needed for {when} after all, so your hold is released. Thank you."),
            format!("you are not needed for {when}, so your hold is released."),
        ])
    }

    /// The session is off.
    #[must_use]
    pub fn cancelled(&self, about: &About<'_>) -> String {
        let (when, code) = (start(about.time.start, self.zone), about.code);
        self.says([
            format!("CANCELLED. {when} is off, please don't travel. Reply OK{code} so we know you saw this."),
            format!("CANCELLED. {when} is off. Please reply OK{code}."),
        ])
    }

    /// Reply to a YES that holds.
    #[must_use]
    pub fn held(&self, about: &About<'_>) -> String {
        let (chair, when) = (capital(about.chair), start(about.time.start, self.zone));
        self.says([
            format!("your YES is in. {chair}, {when} is held for you. We'll text again when the session is confirmed."),
            format!("your YES is in. {chair}, {when} is held for you. We'll text when it's confirmed."),
            format!("YES noted. {chair}, {when} is held for you, not yet confirmed."),
        ])
    }

    /// Reply to a NO.
    #[must_use]
    pub fn said_no(&self) -> String {
        self.says([
            "no problem, thanks for answering. Your place on the list hasn't changed.",
            "no problem, thanks for answering.",
        ])
    }

    /// Reply to giving up a booked chair.
    #[must_use]
    pub fn dropped_out(&self, about: &About<'_>) -> String {
        let when = start(about.time.start, self.zone);
        self.says([
            format!("you are out of {when}. Thanks for telling us; we'll find somebody else."),
            format!("you are out of {when}. Thanks for telling us."),
        ])
    }

    /// Reply to a YES that comes too late.
    #[must_use]
    pub fn late(&self, about: &About<'_>, why: LateBecause) -> String {
        let (day, code) = (day(about.time.start, self.zone), about.code);
        let chair = capital(about.chair);
        match why {
            LateBecause::Filled => self.says([
                format!(
                    "thanks for the YES. {chair} on {day} was filled before you. You are NOT booked. \
                    Want to be backup? Reply B{code}."
                ),
                format!("{chair} on {day} was filled before you. You are NOT booked. Be backup? Reply B{code}."),
            ]),
            LateBecause::Cancelled | LateBecause::Expired => self.says([
                format!("that session is off, so you are NOT booked for {day}. Thanks for answering."),
                format!("that session is off, so you are NOT booked for {day}."),
            ]),
            LateBecause::BookedElsewhere
            | LateBecause::Void(_)
            | LateBecause::Dead(Dead::TooLate | Dead::StudioTaken | Dead::Unfillable | Dead::Dropped) => self.says([
                format!(
                    "that offer is closed, so you are NOT booked for {day}. Want to be first backup? Reply B{code}."
                ),
                format!("offer closed. You are NOT booked for {day}. Be backup? Reply B{code}."),
            ]),
        }
    }

    /// Reply to a YES of somebody who is held elsewhere.
    #[must_use]
    pub fn conflict(&self, about: &About<'_>, clash: Clash) -> String {
        let (other, this) = (start(clash.time.start, self.zone), start(about.time.start, self.zone));
        let code = about.code;
        self.says([
            format!(
                "you already hold {other} with us, so you are NOT booked for {this}. If that one goes, reply Y{code} again."
            ),
            format!("you hold {other}, so you are NOT booked for {this}. If that goes, reply Y{code} again."),
        ])
    }

    /// Reply to the same YES again.
    #[must_use]
    pub fn already_held(&self, about: &About<'_>) -> String {
        let (day, code) = (day(about.time.start, self.zone), about.code);
        self.says([
            format!("we already have your YES for {day}. Nothing more to do. Changed your mind? Reply OUT{code}."),
            format!("we already have your YES for {day}. Changed your mind? Reply OUT{code}."),
        ])
    }

    /// Reply to "B7".
    #[must_use]
    pub fn stands_by(&self, about: &About<'_>) -> String {
        let day = day(about.time.start, self.zone);
        self.says([
            format!(
                "thank you. You are first backup for {day}. You are NOT booked; you are asked first if somebody drops out."
            ),
            format!("you are first backup for {day}. You are NOT booked."),
        ])
    }

    /// Reply to "B7" when the chair can simply be taken.
    #[must_use]
    pub fn chair_is_open(&self, about: &About<'_>) -> String {
        let (day, code) = (day(about.time.start, self.zone), about.code);
        self.says([
            format!("{day} is still open. To take it reply Y{code}. Nothing is booked yet."),
            format!("{day} is still open. Reply Y{code} to take it."),
        ])
    }

    /// Reply to giving up something that is not held.
    #[must_use]
    pub fn holds_nothing(&self) -> String {
        self.says([
            "you hold nothing under that code, so there is nothing to give up.",
            "you hold nothing under that code.",
        ])
    }

    /// Reply to a bare yes or no when several offers are open, or none.
    #[must_use]
    pub fn which_one(&self, open: &[About<'_>]) -> String {
        if open.is_empty() {
            return self.says([
                "no offer is open for you right now. Nothing is booked by this text.",
                "no offer is open for you. Nothing is booked.",
            ]);
        }
        let list = |between: &str, or: &str| {
            let choices = open.iter().map(|about| format!("Y{}{between}{}", about.code, self.told_apart(about, open)));
            choices.collect::<Vec<_>>().join(or)
        };
        self.says([
            format!("{} offers are open. Reply {}. Nothing is booked yet.", open.len(), list(" for ", " or ")),
            format!("reply {}. Nothing is booked yet.", list(" for ", " or ")),
            format!("reply {}.", list(" ", " or ")),
        ])
    }

    /// The day of an offer; with the hour, and the chair, where others are on that day, or at that time.
    fn told_apart(&self, about: &About<'_>, all: &[About<'_>]) -> String {
        let [day, start] = [day, start].map(|words| words(about.time.start, self.zone));
        let others = || all.iter().filter(|other| other.code != about.code);
        if others().any(|other| other.time.start == about.time.start) {
            return format!("{} {start}", about.chair);
        }
        if others().any(|other| crate::wording::day(other.time.start, self.zone) == day) { start } else { day }
    }

    /// Reply to a code that is none of the sender's.
    #[must_use]
    pub fn unknown_code(&self, code: u32) -> String {
        self.says([
            format!("{code} is not the code of an offer to you. Nothing is booked by this text."),
            format!("no offer to you has the code {code}. Nothing is booked."),
        ])
    }

    /// Reply to words that are passed on.
    #[must_use]
    pub fn passed_on(&self, manager: &str, open: Option<u32>) -> String {
        let how = open.map_or_else(String::new, |code| format!(" To answer the offer reply Y{code} or N{code}."));
        self.says([
            format!("passed to {manager}, who will reply here. Nothing is booked by this text.{how}"),
            format!("passed to {manager}. Nothing is booked by this text.{how}"),
        ])
    }

    /// Reply to HELP.
    #[must_use]
    pub fn help(&self, contact: &str) -> String {
        self.says([
            format!(
                "we text session offers. Reply with the code in an offer to answer it. Questions: {contact}. STOP to opt out."
            ),
            format!("we text session offers. Questions: {contact}. STOP to opt out."),
        ])
    }

    /// Reply to JOIN or START.
    #[must_use]
    pub fn joined(&self) -> String {
        self.says([
            "you're on our call list. We text you when a session fits. HELP for help, STOP to opt out.",
            "you're on our call list. HELP for help, STOP to opt out.",
        ])
    }

    /// Reply to "OK7".
    #[must_use]
    pub fn seen(&self) -> String {
        self.says(["thank you, noted."])
    }

    /// Asks somebody to join the list.
    #[must_use]
    pub fn invitation(&self, manager: &str) -> String {
        let studio = self.studio;
        let how = "Reply JOIN for offers by text (about 2 a month). HELP for help, STOP to opt out.";
        fitting([
            format!("{studio} here. {manager} added you to our session call list. {how}"),
            format!("{studio}: you are on our session call list. {how}"),
            format!("{studio}: {how}"),
        ])
    }
}
