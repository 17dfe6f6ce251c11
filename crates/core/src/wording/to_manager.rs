//! Texts to the manager.

use crate::ids::BookingId;
use crate::roster::MusicianStanding;
use crate::segments::{fitting, quoting};
use std::fmt::Display;

/// Texts to the manager. Each begins with the product's name and says what to do, with a link (rule 7.1).
#[derive(Clone, Copy, Debug)]
pub struct ToManager<'a> {
    /// Which booking.
    pub booking: BookingId,
    /// Its page.
    pub link: &'a str,
}

/// A musician's own words, as many of them as a text may have.
#[must_use]
pub fn writes(name: &str, words: &str) -> String {
    quoting(words, |words| format!("First Call: {name} writes: \"{words}\". Please answer them."))
}

/// A client's own words, as many of them as a text may have.
#[must_use]
pub fn client_writes(booking: BookingId, words: &str, link: &str) -> String {
    quoting(words, |words| {
        format!("First Call: the client of #{booking} writes: \"{words}\". Please answer them: {link}")
    })
}

/// A text that is no offer did not arrive.
#[must_use]
pub fn undelivered(kind: &str, why: &str, link: &str) -> String {
    quoting(why, |why| format!("First Call: a {kind} could not be delivered ({why}). Tell them yourself: {link}"))
}

/// Nobody knows whether a text arrived.
#[must_use]
pub fn doubtful(kind: &str, to: &str, why: &str, link: &str) -> String {
    quoting(why, |why| {
        format!("First Call: nobody knows whether the {kind} to {to} arrived ({why}). Ask them, then say so: {link}")
    })
}

/// As many texts as the settings allow have left today.
#[must_use]
pub fn spent(setting: &str, most: u32, link: &str) -> String {
    format!("First Call: {setting} = {most} is reached. Texts wait for tomorrow; raise it if that is too few: {link}")
}

/// The network takes no texts of ours until somebody mends that.
#[must_use]
pub fn refused(why: &str, link: &str) -> String {
    quoting(why, |why| {
        format!(
            "First Call: the text network refuses us ({why}). Texts wait. Run firstcall doctor on the server. {link}"
        )
    })
}

impl ToManager<'_> {
    /// One of these wordings, the best first.
    fn says<const N: usize>(&self, wordings: [impl Display; N]) -> String {
        fitting(wordings.map(|words| format!("First Call: #{} {words}: {}", self.booking, self.link)))
    }

    /// No time is possible.
    #[must_use]
    pub fn no_times(&self, closest: &str) -> String {
        quoting(closest, |closest| {
            self.says([
                format!("has no possible time. {closest} Add people or times. See why"),
                format!("has no possible time. {closest} Add people or times"),
            ])
        })
    }

    /// Everybody was asked.
    #[must_use]
    pub fn exhausted(&self, who_said_what: &str) -> String {
        quoting(who_said_what, |said| {
            self.says([
                format!("needs you: nobody is left to ask. {said} Add players or change the time"),
                format!("needs you: nobody is left. {said} Add players or change the time"),
                format!("needs you: nobody is left. {said} Add players"),
            ])
        })
    }

    /// The session is on.
    #[must_use]
    pub fn booked(&self, when: &str, chairs: usize) -> String {
        let Self { booking, link } = self;
        fitting([
            format!("First Call: #{booking} is booked. {when}, {chairs} of {chairs} chairs. {link}"),
            format!("First Call: #{booking} is booked. {when}. {link}"),
        ])
    }

    /// Somebody gave up a booked chair.
    #[must_use]
    pub fn dropped_out(&self, name: &str, chair: &str, when: &str, others_are_asked: bool) -> String {
        let (next, short) = if others_are_asked {
            ("Others are asked, if there are any", "Others are asked")
        } else {
            ("It is too late to ask others", "It is too late to ask")
        };
        self.says([
            format!("{name} ({chair}) is out of {when}. {next}. See who"),
            format!("{name} ({chair}) is out of {when}. {short}"),
        ])
    }

    /// Nobody steps in.
    #[must_use]
    pub fn nobody_steps_in(&self, chair: &str) -> String {
        self.says([
            format!("needs you. Nobody is left to step in for {chair}. Fill it by hand or move it"),
            format!("needs you. Nobody is left for {chair}. Fill it"),
        ])
    }

    /// The times have passed.
    #[must_use]
    pub fn expired(&self) -> String {
        self.says([
            "has expired: its times have passed and it was not filled. Tell the client",
            "has expired. Tell the client",
        ])
    }

    /// Still paused.
    #[must_use]
    pub fn still_paused(&self) -> String {
        self.says(["is still paused. Resume or cancel it"])
    }

    /// A text did not arrive.
    #[must_use]
    pub fn undeliverable(&self, name: &str, why: Option<&str>) -> String {
        let short = format!("could not text {name}. Check their number");
        match why {
            Some(why) => quoting(why, |why| {
                self.says([format!("could not text {name} ({why}). Mend that, or call them"), short.clone()])
            }),
            None => self.says([short]),
        }
    }

    /// A holder may not be texted.
    #[must_use]
    pub fn call_holder(&self, name: &str, chair: &str, standing: MusicianStanding) -> String {
        let (why, short) = match standing {
            MusicianStanding::OptedOut | MusicianStanding::Active => ("gets no more texts", "gets no texts"),
            MusicianStanding::Paused => ("is paused", "is paused"),
            MusicianStanding::Invited => ("has not agreed to be texted", "has not agreed"),
            MusicianStanding::Waiting => ("waits to be approved", "waits to be approved"),
            MusicianStanding::Removed => ("is off the roster", "is off the roster"),
        };
        self.says([
            format!("{name} holds {chair} but {why}. Please call them"),
            format!("please call {name}: holds {chair}, {short}"),
        ])
    }
}
