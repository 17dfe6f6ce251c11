//! What an offer's page says: its first line, what follows, and its buttons. Pure, so that every state can be shown.

use crate::engine::Answered;
use crate::web::when;
use firstcall_core::answers::{LateBecause, Standing};
use firstcall_core::booking::{Answer, Offer, State, Void};
use firstcall_core::span::Span;
use firstcall_core::step::{Clash, Outcome};
use firstcall_core::wording::capital;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Which of an offer's two links was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// `/y/`
    Yes,
    /// `/n/`
    No,
}

/// A button: what it sends, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button {
    /// The value of the field `press`.
    pub press: &'static str,
    /// What is written on it.
    pub label: &'static str,
    /// Whether it is the big one.
    pub big: bool,
}

/// How a page's first line is coloured; the words say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A question.
    Question,
    /// They are in.
    Good,
    /// They are not.
    Plain,
}

impl Tone {
    /// The class of the page.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Good => "good",
            Self::Plain => "plain",
        }
    }
}

/// What the page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The first line.
    pub first: String,
    /// Its colour.
    pub tone: Tone,
    /// What follows.
    pub more: String,
    /// The buttons, the big one first.
    pub buttons: Vec<Button>,
    /// Whether there is a call sheet.
    pub sheet: bool,
}

/// An offer, and everything its page depends on.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The offer with its booking, and what a press did.
    pub answered: &'a Answered,
    /// The offer itself.
    pub offer: &'a Offer,
    /// When its session would be.
    pub time: Span,
    /// What its musician holds elsewhere at that time.
    pub clash: Option<Clash>,
    /// Which link was opened.
    pub link: Link,
    /// The moment.
    pub now: Timestamp,
    /// The studio's zone.
    pub zone: &'a TimeZone,
}

const BACKUP: Button = Button { press: "standby", label: "Be first backup", big: true };

impl Asked<'_> {
    /// What the page says.
    #[must_use]
    pub fn says(&self) -> Said {
        match &self.answered.outcome {
            Some(Outcome::Conflict(clash)) => self.conflict(*clash),
            Some(Outcome::DroppedOut) => self.dropped_out(),
            Some(Outcome::Late(why)) => self.closed(*why),
            Some(Outcome::StandsBy) => standing_by(),
            Some(Outcome::SaidNo | Outcome::AlreadyNo) => self.said_no("No problem, thanks for answering."),
            Some(Outcome::AlreadyHeld) if !self.offer.holds() => plain(
                "You already hold another chair of this session.",
                "Nothing more to do: this offer is not needed.",
                Vec::new(),
            ),
            Some(Outcome::Refused(_) | Outcome::HoldsNothing) => plain("Nothing was changed.", "", Vec::new()),
            Some(Outcome::Done | Outcome::Held | Outcome::Booked | Outcome::AlreadyHeld | Outcome::ChairIsOpen)
            | None => self.stands(),
        }
    }

    fn stands(&self) -> Said {
        match self.answered.booking.standing(self.offer) {
            Standing::Open => match (self.offer.answer, self.clash) {
                (Some(Answer::Conflict(_)), Some(clash)) => self.conflict(clash),
                _ => self.open(),
            },
            Standing::SaidNo => self.said_no(self.why_no()),
            Standing::Held(at) => self.held(at),
            Standing::Confirmed(at) => self.confirmed(at),
            Standing::Released => self.released(),
            Standing::Closed(why) if self.offer.standby && !is_over(why) => standing_by(),
            Standing::Closed(_) if matches!(self.offer.answer, Some(Answer::No(_) | Answer::Overlap(_))) => {
                let first = format!("You said no{}. This offer is closed.", self.at_answer());
                plain(&first, "You are not booked. Thanks for answering.", Vec::new())
            }
            Standing::Closed(why) => self.closed(why),
        }
    }

    fn open(&self) -> Said {
        let chair = capital(&self.answered.booking.chair(self.offer.chair).label());
        let more = match self.offer.answer {
            _ if self.answered.booking.awaits_move(self.offer) => {
                "This session was moved to this time. Can you still play?"
            }
            Some(Answer::Late(_) | Answer::Released { .. }) => "It is open again. Say yes to take it.",
            Some(Answer::Conflict(_)) => "The other session is gone. Say yes again to take this one.",
            Some(Answer::Held(_) | Answer::No(_) | Answer::Overlap(_)) | None => "",
        };
        Said {
            first: format!("{chair} · {}", when::with_zone(self.time, self.zone)),
            tone: Tone::Question,
            more: more.to_owned(),
            buttons: self.both("Yes, I'll do it", "No, not this one"),
            sheet: false,
        }
    }

    /// The button of the link that was opened is the big one.
    fn both(&self, yes: &'static str, no: &'static str) -> Vec<Button> {
        let yes = Button { press: "yes", label: yes, big: self.link == Link::Yes };
        let no = Button { press: "no", label: no, big: self.link == Link::No };
        if self.link == Link::Yes { vec![yes, no] } else { vec![no, yes] }
    }

    fn held(&self, at: Timestamp) -> Said {
        let again = Button { press: "no", label: "Change my answer to no", big: self.link == Link::No };
        Said {
            first: format!("You said yes at {}. Your time is held.", self.moment(at)),
            tone: Tone::Good,
            more: "We text you when the session is confirmed. Nothing more to do.".to_owned(),
            buttons: vec![again],
            sheet: false,
        }
    }

    fn confirmed(&self, at: Timestamp) -> Said {
        let out = Button { press: "no", label: "I can't play after all", big: self.link == Link::No };
        Said {
            first: format!("You said yes at {}. The session is confirmed.", self.moment(at)),
            tone: Tone::Good,
            more: "See you there.".to_owned(),
            buttons: vec![out],
            sheet: true,
        }
    }

    fn why_no(&self) -> &'static str {
        match self.offer.answer {
            Some(Answer::Overlap(_)) => "You hold another session at that time, so this counts as a no.",
            _ => "Changed your mind? It is still open.",
        }
    }

    fn said_no(&self, more: &str) -> Said {
        let open = self.answered.booking.standing(self.offer) == Standing::SaidNo;
        let button = Button { press: "yes", label: "Yes, I'll do it after all", big: self.link == Link::Yes };
        plain(&format!("You said no{}.", self.at_answer()), more, open.then_some(button).into_iter().collect())
    }

    fn dropped_out(&self) -> Said {
        let first = format!("You are out of {}.", when::start(self.time.start, self.zone));
        plain(&first, "Thanks for telling us; we'll find somebody else.", Vec::new())
    }

    fn conflict(&self, clash: Clash) -> Said {
        let first = format!(
            "You are already holding {} for another session. You are not booked for this one.",
            when::start(clash.time.start, self.zone)
        );
        let no = Button { press: "no", label: "No, not this one", big: self.link == Link::No };
        plain(&first, "If that one goes, open this link and say yes again.", vec![no])
    }

    fn released(&self) -> Said {
        if matches!(self.answered.booking.state, State::Cancelled) {
            return plain(
                "This session was cancelled. You are not booked.",
                "Please don't travel. Thank you.",
                Vec::new(),
            );
        }
        let when = when::start(self.time.start, self.zone);
        let more = format!("{when} is not going ahead at that time. Thank you.");
        plain("Your hold is released. You are not booked.", &more, self.backup())
    }

    fn closed(&self, why: LateBecause) -> Said {
        let late = matches!(self.offer.answer, Some(Answer::Late(_)));
        let (first, more) = match why {
            LateBecause::Filled if late => ("Filled a moment before you. You are not booked.", "Thanks for the yes."),
            LateBecause::Filled => ("This chair is filled. You are not booked.", ""),
            LateBecause::BookedElsewhere => {
                ("This offer is closed. You are not booked.", "The session is booked at another time.")
            }
            LateBecause::Cancelled => ("This session was cancelled. You are not booked.", "Thanks for answering."),
            LateBecause::Expired => ("This offer has expired. You are not booked.", "Its time has passed."),
            LateBecause::Dead(_) | LateBecause::Void(_) => ("This offer is closed. You are not booked.", ""),
        };
        plain(first, more, if is_over(why) { Vec::new() } else { self.backup() })
    }

    /// Rule 5.3, unless they said so already.
    fn backup(&self) -> Vec<Button> {
        if self.offer.standby || self.time.start <= self.now { Vec::new() } else { vec![BACKUP] }
    }

    fn at_answer(&self) -> String {
        match self.offer.answer {
            Some(Answer::No(at)) => format!(" at {}", self.moment(at)),
            Some(
                Answer::Held(_) | Answer::Released { .. } | Answer::Overlap(_) | Answer::Late(_) | Answer::Conflict(_),
            )
            | None => String::new(),
        }
    }

    fn moment(&self, at: Timestamp) -> String {
        when::moment(at, self.now, self.zone)
    }
}

/// Whether nobody is asked to step in any more.
fn is_over(why: LateBecause) -> bool {
    match why {
        LateBecause::Cancelled | LateBecause::Expired => true,
        LateBecause::Void(why) => matches!(why, Void::OptedOut | Void::Paused | Void::Removed),
        LateBecause::Filled | LateBecause::BookedElsewhere | LateBecause::Dead(_) => false,
    }
}

fn standing_by() -> Said {
    plain("You are first backup. You are not booked.", "We text you if it opens up.", Vec::new())
}

fn plain(first: &str, more: &str, buttons: Vec<Button>) -> Said {
    Said { first: first.to_owned(), tone: Tone::Plain, more: more.to_owned(), buttons, sheet: false }
}
