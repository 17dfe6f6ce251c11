//! The words of every text. Each names who sends it first, says one thing and tells the one next step.

mod to_manager;

pub use to_manager::ToManager;

use crate::answers::LateBecause;
use crate::booking::Dead;
use crate::span::Span;
use crate::step::Clash;
use jiff::Timestamp;
use jiff::tz::TimeZone;

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

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Voice<'_> {
    fn says(&self, text: &str) -> String {
        format!("{}: {text}", self.studio)
    }

    /// The question.
    #[must_use]
    pub fn offer(&self, about: &About<'_>) -> String {
        let About { token, code, .. } = about;
        self.says(&format!(
            "{}, {}. Yes: {url}/y/{token} No: {url}/n/{token} or reply Y{code} / N{code}",
            capital(about.chair),
            when(about.time, self.zone),
            url = self.public_url,
        ))
    }

    /// The question again, for another time.
    #[must_use]
    pub fn moved(&self, about: &About<'_>, from: Span) -> String {
        let About { token, code, .. } = about;
        self.says(&format!(
            "CHANGED. {} is now {} (was {}). Still OK? {}/y/{token} Reply Y{code} or OUT{code}",
            capital(about.chair),
            when(about.time, self.zone),
            start(from.start, self.zone),
            self.public_url,
        ))
    }

    /// The session is on.
    #[must_use]
    pub fn confirmed(&self, about: &About<'_>) -> String {
        let About { token, code, .. } = about;
        self.says(&format!(
            "CONFIRMED. {}, {}. Map, calendar, call sheet: {}/s/{token} If you can't play, reply OUT{code}.",
            capital(about.chair),
            when(about.time, self.zone),
            self.public_url,
        ))
    }

    /// A hold is over.
    #[must_use]
    pub fn released(&self, time: Span) -> String {
        let when = start(time.start, self.zone);
        self.says(&format!("{when} is not going ahead at that time, so your hold is released. Thank you."))
    }

    /// A hold is over because the manager chose otherwise.
    #[must_use]
    pub fn not_needed(&self, time: Span) -> String {
        let when = start(time.start, self.zone);
        self.says(&format!("you are not needed for {when} after all, so your hold is released. Thank you."))
    }

    /// The session is off.
    #[must_use]
    pub fn cancelled(&self, about: &About<'_>) -> String {
        let when = start(about.time.start, self.zone);
        self.says(&format!(
            "CANCELLED. {when} is off, please don't travel. Reply OK{} so we know you saw this.",
            about.code
        ))
    }

    /// Reply to a YES that holds.
    #[must_use]
    pub fn held(&self, about: &About<'_>) -> String {
        let when = start(about.time.start, self.zone);
        self.says(&format!(
            "your YES is in. {}, {when} is held for you. We'll text again when the session is confirmed.",
            capital(about.chair)
        ))
    }

    /// Reply to a NO.
    #[must_use]
    pub fn said_no(&self) -> String {
        self.says("no problem, thanks for answering. Your place on the list hasn't changed.")
    }

    /// Reply to giving up a booked chair.
    #[must_use]
    pub fn dropped_out(&self, about: &About<'_>) -> String {
        let when = start(about.time.start, self.zone);
        self.says(&format!("you are out of {when}. Thanks for telling us; we'll find somebody else."))
    }

    /// Reply to a YES that comes too late.
    #[must_use]
    pub fn late(&self, about: &About<'_>, why: LateBecause) -> String {
        let (day, code) = (day(about.time.start, self.zone), about.code);
        self.says(&match why {
            LateBecause::Filled => format!(
                "thanks for the YES. {} on {day} was filled before you. You are NOT booked. Want to be backup? Reply B{code}.",
                capital(about.chair)
            ),
            LateBecause::Cancelled | LateBecause::Expired => {
                format!("that session is off, so you are NOT booked for {day}. Thanks for answering.")
            }
            LateBecause::BookedElsewhere
            | LateBecause::Void(_)
            | LateBecause::Dead(Dead::TooLate | Dead::StudioTaken | Dead::Unfillable | Dead::Dropped) => format!(
                "that offer is closed, so you are NOT booked for {day}. Want to be first backup? Reply B{code}."
            ),
        })
    }

    /// Reply to a YES of somebody who is held elsewhere.
    #[must_use]
    pub fn conflict(&self, about: &About<'_>, clash: Clash) -> String {
        self.says(&format!(
            "you already hold {} with us, so you are NOT booked for {}. If that one goes, reply Y{} again.",
            start(clash.time.start, self.zone),
            start(about.time.start, self.zone),
            about.code,
        ))
    }

    /// Reply to the same YES again.
    #[must_use]
    pub fn already_held(&self, about: &About<'_>) -> String {
        self.says(&format!(
            "we already have your YES for {}. Nothing more to do. Changed your mind? Reply OUT{}.",
            day(about.time.start, self.zone),
            about.code
        ))
    }

    /// Reply to "B7".
    #[must_use]
    pub fn stands_by(&self, about: &About<'_>) -> String {
        let day = day(about.time.start, self.zone);
        self.says(&format!(
            "thank you. You are first backup for {day}. You are NOT booked; you are asked first if somebody drops out."
        ))
    }

    /// Reply to "B7" when the chair can simply be taken.
    #[must_use]
    pub fn chair_is_open(&self, about: &About<'_>) -> String {
        let day = day(about.time.start, self.zone);
        self.says(&format!("{day} is still open. To take it reply Y{}. Nothing is booked yet.", about.code))
    }

    /// Reply to giving up something that is not held.
    #[must_use]
    pub fn holds_nothing(&self) -> String {
        self.says("you hold nothing under that code, so there is nothing to give up.")
    }

    /// Reply to a bare yes or no when several offers are open, or none.
    #[must_use]
    pub fn which_one(&self, open: &[About<'_>]) -> String {
        if open.is_empty() {
            return self.says("no offer is open for you right now. Nothing is booked by this text.");
        }
        let choices: Vec<String> =
            open.iter().map(|about| format!("Y{} for {}", about.code, day(about.time.start, self.zone))).collect();
        self.says(&format!("{} offers are open. Reply {}. Nothing is booked yet.", open.len(), choices.join(" or ")))
    }

    /// Reply to a code that is none of the sender's.
    #[must_use]
    pub fn unknown_code(&self, code: u32) -> String {
        self.says(&format!("{code} is not the code of an offer to you. Nothing is booked by this text."))
    }

    /// Reply to words that are passed on.
    #[must_use]
    pub fn passed_on(&self, manager: &str, open: Option<u32>) -> String {
        let how = open.map_or_else(String::new, |code| format!(" To answer the offer reply Y{code} or N{code}."));
        self.says(&format!("passed to {manager}, who will reply here. Nothing is booked by this text.{how}"))
    }

    /// Reply to HELP.
    #[must_use]
    pub fn help(&self, contact: &str) -> String {
        self.says(&format!("we text session offers. Reply with the code in an offer to answer it. Questions: {contact}. STOP to opt out."))
    }

    /// Reply to JOIN or START.
    #[must_use]
    pub fn joined(&self) -> String {
        self.says("you're on our call list. We text you when a session fits. HELP for help, STOP to opt out.")
    }

    /// Reply to "OK7".
    #[must_use]
    pub fn seen(&self) -> String {
        self.says("thank you, noted.")
    }
}
