//! What the manager can do on a booking's page. Only what the booking's state allows is shown; the rules have the last word.

use super::acts::length_of;
use super::forms;
use super::view::{Names, View};
use super::words;
use crate::engine::{Choice, Player, Wanted};
use crate::web::{Web, when};
use firstcall_core::booking::{Booking, State as Stage};
use firstcall_core::ids::MusicianId;
use firstcall_core::wording::capital;
use firstcall_store::pending::Pending;

/// What the manager can do now.
#[derive(Default)]
pub struct Acts {
    /// Where a button leads, and what is written on it.
    pub buttons: Vec<(&'static str, &'static str)>,
    pub cancel: bool,
    /// Whose offers can be answered for them.
    pub answers: Vec<(u32, String)>,
    /// The chairs that can be taken back.
    pub held: Vec<(u16, String)>,
    /// The open chairs, by instrument.
    pub open: Vec<Open>,
    /// Whether times can be added.
    pub add: bool,
    /// The times that can be dropped: the start, and as people read it.
    pub times: Vec<(String, String)>,
    /// Whether the session can be moved.
    pub moves: bool,
    /// The time at hand, and how long it is, as forms have them.
    pub at: String,
    pub length: String,
}

/// The open chairs of an instrument, and who plays it.
pub struct Open {
    pub instrument: String,
    pub label: String,
    pub chairs: Vec<(u16, String)>,
    /// Who, and their name with why they would not be asked by themselves.
    pub players: Vec<(MusicianId, String)>,
}

/// An act that waits to be done, or that could not be.
pub struct Waiting {
    pub id: i64,
    /// "Cancels the booking".
    pub what: String,
    /// When, in milliseconds since 1970, and as it is said.
    pub at_ms: i64,
    pub left: String,
    /// Why it could not be done.
    pub why: String,
}

impl Acts {
    /// What can be done to a booking now.
    pub fn of(web: &Web, booking: &Booking, names: &Names, choices: Vec<Choice>) -> Self {
        let (now, zone) = (web.engine.clock().now(), &web.engine.settings().studio.time_zone);
        let view = View { names, said: &[], now, zone };
        let over = matches!(booking.state, Stage::Cancelled | Stage::Expired);
        let booked = matches!(booking.state, Stage::Booked { .. });
        let refill = matches!(booking.state, Stage::Booked { refill: Some(_), .. });
        let calls = matches!(booking.state, Stage::Calling { .. } | Stage::Exhausted { .. } | Stage::NoTimes);
        let buttons = [
            (matches!(booking.state, Stage::Calling { .. }), ("pause", "Pause")),
            (matches!(booking.state, Stage::Paused { .. }), ("resume", "Resume")),
            (calls || refill, ("next", "Ask the next now")),
        ];
        let time = booking.current().and_then(|no| booking.option(no)).map(|option| option.time);
        let time = time.or_else(|| booking.times.first().copied());
        Self {
            buttons: buttons.into_iter().filter_map(|(now, button)| now.then_some(button)).collect(),
            cancel: !over,
            answers: answers(booking, &view),
            held: held(booking, &view),
            open: choices.into_iter().map(|choice| open(booking, choice)).collect(),
            add: !booked && !matches!(booking.state, Stage::Cancelled),
            times: if over || booked { Vec::new() } else { times(booking, &view, web) },
            moves: booked,
            at: time.map(|time| forms::field(time.start, zone)).unwrap_or_default(),
            length: format!("{:#}", length_of(web, booking)),
        }
    }
}

fn answers(booking: &Booking, view: &View<'_>) -> Vec<(u32, String)> {
    let answerable = booking.offers.iter().filter(|offer| booking.is_live(offer.option) && offer.void.is_none());
    let answers = answerable.map(|offer| {
        let chair = booking.chair(offer.chair).label();
        (offer.no.0, format!("{}, {chair}, option {}", view.name(offer.musician), offer.option))
    });
    answers.collect()
}

fn held(booking: &Booking, view: &View<'_>) -> Vec<(u16, String)> {
    let held = booking.current().into_iter().flat_map(|option| {
        let held = booking.chair_nos().filter_map(move |no| Some((no, booking.holder(option, no)?)));
        held.map(|(no, offer)| (no.0, format!("{}: {}", booking.chair(no).label(), view.name(offer.musician))))
    });
    held.collect()
}

fn open(booking: &Booking, choice: Choice) -> Open {
    let player = |player: Player| {
        let why = player.why.map(|why| format!(" ({why})")).unwrap_or_default();
        (player.id, format!("{}{why}", player.name))
    };
    Open {
        label: capital(&choice.instrument.replace('_', " ")),
        instrument: choice.instrument,
        chairs: choice.chairs.iter().map(|no| (no.0, booking.chair(*no).label())).collect(),
        players: choice.players.into_iter().map(player).collect(),
    }
}

fn times(booking: &Booking, view: &View<'_>, web: &Web) -> Vec<(String, String)> {
    let ahead = booking.times.iter().filter(|time| web.engine.policy().end_of(time) > view.now);
    ahead.map(|time| (time.start.to_string(), when::local(*time, view.zone))).collect()
}

/// Whom an act that waits speaks of.
pub fn whom(pending: &Pending) -> Option<MusicianId> {
    Wanted::kept(&pending.act)?.musician()
}

impl Waiting {
    /// The act of a booking that waits, and the one that could not be done; there is one of them at the most.
    pub fn of(pending: Option<Pending>, booking: &Booking, view: &View<'_>) -> (Option<Self>, Option<Self>) {
        let Some(pending) = pending else { return (None, None) };
        let at = pending.due_at.unwrap_or(view.now);
        let wanted = Wanted::kept(&pending.act);
        let waiting = Self {
            id: pending.id,
            what: wanted.map_or_else(|| "Something".to_owned(), |wanted| words::wanted(&wanted, booking, view)),
            at_ms: at.as_millisecond(),
            left: when::until(at, view.now),
            why: pending.refused.map(|why| capital(&why)).unwrap_or_default(),
        };
        if pending.due_at.is_some() { (Some(waiting), None) } else { (None, Some(waiting)) }
    }
}
