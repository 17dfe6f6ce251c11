//! A booking and everything that can be read off it: who holds what, what is still open, and what it waits for.
//!
//! Nothing here changes a booking. What may change it is in [`crate::step`], and follows the file names there:
//! `calling` (waves), `answers` (YES and NO), `manage` (the manager's hand). What it waits for is in `deadline`.

mod chair;
mod deadline;
mod offer;
mod option;
mod state;

pub use chair::Chair;
pub use deadline::{Deadline, DeadlineReason};
pub use offer::{Answer, Delivery, Offer, OfferReason, Void};
pub use option::{Dead, Fate, SessionOption};
pub use state::{Refill, State, Urgent};

use crate::ids::{BookingId, ChairNo, MusicianId, OfferNo, OptionNo};
use crate::span::Span;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One client's request for one recording session, and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// Its number.
    pub id: BookingId,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the client asked for, in their words, which never change.
    pub request: Arc<Request>,
    /// The seats to fill.
    pub chairs: Vec<Chair>,
    /// Every candidate start that can still be tried: asked for, not dropped by the manager, and not that of an option
    /// that is dead. A time that the manager adds once more is tried once more, as a new option.
    pub times: Vec<Span>,
    /// The possible times, in the order of their numbers. Numbers of options that were called never change.
    pub options: Vec<SessionOption>,
    /// Every offer that was ever made for it, in the order of their numbers. Stored as messages, not with the booking.
    #[serde(skip)]
    pub offers: Vec<Offer>,
    /// How far it has come.
    pub state: State,
    /// What must be called without waiting for patience to pass.
    pub urgent: Urgent,
}

/// What the client asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Their name.
    pub client_name: Option<String>,
    /// Where they are written to.
    pub client_email: Option<String>,
    /// Their telephone number, as they wrote it.
    pub client_phone: Option<String>,
    /// Where they live.
    pub client_city: Option<String>,
    /// The zone in which they spoke: an IANA name or a fixed offset such as `-05:00`.
    pub time_zone: String,
    /// What else they said.
    pub notes: Option<String>,
    /// Demos, charts, videos.
    pub links: Vec<String>,
}

/// Somebody's time that is kept for a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hold {
    /// Through which offer.
    pub offer: OfferNo,
    /// For which option.
    pub option: OptionNo,
    /// On which chair.
    pub chair: ChairNo,
    /// Who.
    pub musician: MusicianId,
    /// When.
    pub time: Span,
}

impl Booking {
    /// A booking nobody has been called for.
    #[must_use]
    pub fn new(id: BookingId, created_at: Timestamp, request: Request, chairs: Vec<Chair>, times: Vec<Span>) -> Self {
        Self {
            id,
            created_at,
            request: Arc::new(request),
            chairs,
            times,
            options: Vec::new(),
            offers: Vec::new(),
            state: State::NoTimes,
            urgent: Urgent::Nothing,
        }
    }

    /// Whether nothing but its offers differs from another state of the same booking.
    #[must_use]
    pub fn differs_in_offers_only(&self, other: &Self) -> bool {
        let Self { id, created_at, request, chairs, times, options, offers: _, state, urgent } = self;
        (id, created_at, state, urgent) == (&other.id, &other.created_at, &other.state, &other.urgent)
            && (times, options, chairs, request) == (&other.times, &other.options, &other.chairs, &other.request)
    }

    /// How far it has come, in the word that the interface uses.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.state {
            State::Calling { .. } => "calling",
            State::Paused { .. } => "paused",
            State::NoTimes => "no_times",
            State::Exhausted { .. } => "exhausted",
            State::Booked { .. } => "booked",
            State::Expired => "expired",
            State::Cancelled => "cancelled",
        }
    }

    /// The numbers of its chairs.
    pub fn chair_nos(&self) -> impl Iterator<Item = ChairNo> + use<> {
        (0..u16::try_from(self.chairs.len()).unwrap_or(u16::MAX)).map(ChairNo)
    }

    /// A chair by its number.
    #[must_use]
    pub fn chair(&self, no: ChairNo) -> &Chair {
        &self.chairs[usize::from(no.0)]
    }

    /// An option by its number.
    #[must_use]
    pub fn option(&self, no: OptionNo) -> Option<&SessionOption> {
        self.options.iter().find(|option| option.no == no)
    }

    /// An offer by its number.
    #[must_use]
    pub fn offer(&self, no: OfferNo) -> Option<&Offer> {
        self.offers.get(usize::try_from(no.0).ok()?.checked_sub(1)?)
    }

    /// The offers of one option.
    pub fn offers_at(&self, option: OptionNo) -> impl Iterator<Item = &Offer> {
        self.offers.iter().filter(move |offer| offer.option == option)
    }

    /// The offer that holds a chair of an option.
    #[must_use]
    pub fn holder(&self, option: OptionNo, chair: ChairNo) -> Option<&Offer> {
        self.offers_at(option).find(|offer| offer.chair == chair && offer.holds())
    }

    /// The chairs of an option that nobody holds.
    #[must_use]
    pub fn open_chairs(&self, option: OptionNo) -> Vec<ChairNo> {
        self.chair_nos().filter(|&chair| self.holder(option, chair).is_none()).collect()
    }

    /// The option being called, last called, or booked: the one whose chairs are shown.
    #[must_use]
    pub fn current(&self) -> Option<OptionNo> {
        match self.state {
            State::Calling { option, .. }
            | State::Paused { option, .. }
            | State::Exhausted { option }
            | State::Booked { option, .. } => Some(option),
            State::NoTimes | State::Expired | State::Cancelled => None,
        }
    }

    /// Whether an option can still be booked or filled by those who were asked (rule 5.2).
    #[must_use]
    pub fn is_live(&self, option: OptionNo) -> bool {
        match self.state {
            State::Calling { .. } | State::Paused { .. } | State::Exhausted { .. } => {
                self.option(option).is_some_and(|o| o.fate == Fate::Called)
            }
            State::Booked { option: booked, .. } => {
                booked == option && self.option(option).is_some_and(|o| o.fate == Fate::Called)
            }
            State::NoTimes | State::Expired | State::Cancelled => false,
        }
    }

    /// Whether any option can still be booked.
    #[must_use]
    pub fn has_live_option(&self) -> bool {
        self.options.iter().any(|option| self.is_live(option.no))
    }

    /// Whether an offer's musician would hold the chair by saying YES now.
    #[must_use]
    pub fn is_answerable(&self, offer: &Offer) -> bool {
        offer.void.is_none()
            && self.is_live(offer.option)
            && self.holder(offer.option, offer.chair).is_none()
            && !self.holds_a_chair(offer.musician, offer.option)
    }

    /// Whether somebody holds a chair of an option, whichever it is.
    #[must_use]
    pub fn holds_a_chair(&self, musician: MusicianId, option: OptionNo) -> bool {
        self.offers_at(option).any(|offer| offer.musician == musician && offer.holds())
    }

    /// Whether an offer's musician still has to say if they can play at the time to which their session was moved: until
    /// patience passes the chair counts as theirs (rule 7.2).
    #[must_use]
    pub fn awaits_move(&self, offer: &Offer) -> bool {
        let moved = matches!(&self.state, State::Booked { option, refill: Some(refill) }
            if *option == offer.option && refill.moved);
        let silent = offer.reason == OfferReason::Moved && matches!(offer.answer, None | Some(Answer::Conflict(_)));
        moved && silent && self.is_answerable(offer)
    }

    /// Every hold, the booked ones too.
    #[must_use]
    pub fn holds(&self) -> Vec<Hold> {
        let held = self.offers.iter().filter(|offer| offer.holds());
        held.filter_map(|offer| {
            let time = self.option(offer.option)?.time;
            Some(Hold { offer: offer.no, option: offer.option, chair: offer.chair, musician: offer.musician, time })
        })
        .collect()
    }

    /// The time for which the studio is taken.
    #[must_use]
    pub fn session(&self) -> Option<Span> {
        match self.state {
            State::Booked { option, .. } => self.option(option).map(|o| o.time),
            State::Calling { .. }
            | State::Paused { .. }
            | State::NoTimes
            | State::Exhausted { .. }
            | State::Expired
            | State::Cancelled => None,
        }
    }

    /// In whose calendars the session is to stand: the studio's (then there is no musician), and those of everybody who
    /// plays, or who after a move has still to say whether they do (rules 6.2, 7.2, 7.4).
    #[must_use]
    pub fn in_calendars(&self) -> Vec<(Option<MusicianId>, Span)> {
        let State::Booked { option, .. } = self.state else { return Vec::new() };
        let Some(time) = self.session() else { return Vec::new() };
        let plays = self.offers_at(option).filter(|offer| offer.holds() || self.awaits_move(offer));
        std::iter::once(None).chain(plays.map(|offer| Some(offer.musician))).map(|whose| (whose, time)).collect()
    }

    /// The times that can still be booked, whether called or waiting: those that a session of another booking would end.
    #[must_use]
    pub fn live_times(&self) -> Vec<(OptionNo, Span)> {
        let open = matches!(self.state, State::Calling { .. } | State::Paused { .. } | State::Exhausted { .. });
        let live = self.options.iter().filter(|o| open && !matches!(o.fate, Fate::Dead(_)));
        live.map(|o| (o.no, o.time)).collect()
    }
}
