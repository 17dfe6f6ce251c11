//! The facts of one booking, and what can be read from them without looking further.

use super::view::Told;
use firstcall_core::booking::{Chair, Delivery};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo, OptionNo};
use firstcall_core::span::Span;
use jiff::Timestamp;

/// One booking.
#[derive(Clone)]
pub struct Booking {
    pub id: BookingId,
    pub chairs: Vec<Chair>,
    /// The times that may be tried, called or not; what the manager dropped is not among them.
    pub times: Vec<Span>,
    /// The options that were possible when the last one was called, and have not been called.
    pub waiting: Vec<Span>,
    /// Those of them that died without having been called: their times count until they have passed.
    pub gone: Vec<Span>,
    /// The options called so far, in order.
    pub options: Vec<Called>,
    /// The option being called, called last, or booked.
    pub current: Option<OptionNo>,
    pub offers: Vec<Offer>,
    pub state: State,
    /// Chairs to which rule 4.3 or 7.3 is to be applied at once.
    pub urgent: Vec<ChairNo>,
    /// Rule 4.3 is to be applied at once, whatever is open.
    pub all_urgent: bool,
    pub has_client_email: bool,
    pub told: Vec<Told>,
    /// As it was worked out when something last happened here (rule 4.4).
    pub deadline: Option<Timestamp>,
}

/// An option that was called.
#[derive(Clone)]
pub struct Called {
    pub no: OptionNo,
    pub time: Span,
    pub dead: bool,
    /// It died by its start's having come (rule 4.10).
    pub ended: bool,
}

/// How far a booking has come.
#[derive(Clone)]
pub enum State {
    /// Patience counts from `since` when no offer left later.
    Calling {
        since: Timestamp,
    },
    /// `asked`: when the manager last decided, or was asked, to leave it so.
    Paused {
        asked: Timestamp,
    },
    NoTimes,
    Exhausted,
    /// With whoever is looked for to step in (rule 7.3).
    Booked {
        refill: Option<Refill>,
    },
    Expired,
    Cancelled,
}

/// A booked session with an open chair.
#[derive(Clone)]
pub struct Refill {
    pub since: Timestamp,
    /// The open chairs of which the manager was told that nobody is left.
    pub nobody: Vec<ChairNo>,
    /// Whether holders of a moved session may still take their time to answer (rule 7.2).
    pub moved: bool,
}

/// One question to one musician.
#[derive(Clone)]
pub struct Offer {
    pub no: OfferNo,
    pub option: OptionNo,
    pub chair: ChairNo,
    pub musician: MusicianId,
    pub delivery: Delivery,
    pub reply: Option<Reply>,
    /// Closed for good.
    pub shut: Option<Shut>,
    pub standby: bool,
    /// It asks a holder of a moved session anew (rule 7.2).
    pub moved: bool,
    /// It asks somebody on standby once more (rule 7.3).
    pub again: bool,
    /// What the manager was told about it, so that it is told once.
    pub manager_told: Vec<&'static str>,
}

/// What was said to an offer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Held,
    Released,
    No,
    Overlap,
    Late,
    Conflict,
}

/// Why an offer was closed for good.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    Superseded,
    OptedOut,
    Paused,
    Removed,
    Withdrawn,
}

impl Shut {
    /// As a view says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::OptedOut => "opted_out",
            Self::Paused => "paused",
            Self::Removed => "removed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Reply {
    /// As a view says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::No => "no",
            Self::Overlap => "overlap",
            Self::Late => "late",
            Self::Conflict => "conflict",
        }
    }
}

impl State {
    /// As the API says it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Calling { .. } => "calling",
            Self::Paused { .. } => "paused",
            Self::NoTimes => "no_times",
            Self::Exhausted => "exhausted",
            Self::Booked { .. } => "booked",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Offer {
    /// Whether its chair is theirs.
    pub fn holds(&self) -> bool {
        self.reply == Some(Reply::Held)
    }

    /// Whether its text can have reached anybody, or still will.
    pub fn reaches(&self) -> bool {
        !matches!(self.delivery, Delivery::Failed(_) | Delivery::Void)
    }

    /// Whether they were asked and may still say something.
    pub fn unanswered(&self) -> bool {
        self.reply.is_none() && self.shut.is_none() && self.reaches()
    }

    /// Whether its text was called back before it left, so that its musician was never asked (rule 4.8).
    pub fn never_left(&self) -> bool {
        let called_back = matches!(self.shut, None | Some(Shut::Superseded));
        self.delivery == Delivery::Void && self.reply.is_none() && called_back
    }
}

impl Booking {
    /// A booking for which nothing has been done.
    pub fn new(id: BookingId, chairs: Vec<Chair>, times: Vec<Span>, has_client_email: bool) -> Self {
        Self {
            id,
            chairs,
            times,
            waiting: Vec::new(),
            gone: Vec::new(),
            options: Vec::new(),
            current: None,
            offers: Vec::new(),
            state: State::NoTimes,
            urgent: Vec::new(),
            all_urgent: false,
            has_client_email,
            told: Vec::new(),
            deadline: None,
        }
    }

    /// All its chairs.
    pub fn chair_numbers(&self) -> Vec<ChairNo> {
        (0..).map(ChairNo).take(self.chairs.len()).collect()
    }

    /// What is played on a chair.
    pub fn instrument(&self, chair: ChairNo) -> Option<&str> {
        self.chairs.get(usize::from(chair.0)).map(|chair| chair.instrument.as_str())
    }

    /// An option that was called.
    pub fn option(&self, no: OptionNo) -> Option<&Called> {
        self.options.iter().find(|option| option.no == no)
    }

    /// The option being called, called last, or booked.
    pub fn current_option(&self) -> Option<&Called> {
        self.current.and_then(|no| self.option(no))
    }

    /// For when an offer is.
    pub fn time_of(&self, offer: &Offer) -> Span {
        self.option(offer.option).map_or(Span { start: Timestamp::MIN, end: Timestamp::MIN }, |option| option.time)
    }

    /// Whether an offer is for the option being called, called last, or booked.
    pub fn is_current(&self, offer: &Offer) -> bool {
        self.current == Some(offer.option)
    }

    /// Who holds a chair.
    pub fn holder(&self, option: OptionNo, chair: ChairNo) -> Option<MusicianId> {
        let held = self.offers.iter().find(|offer| offer.option == option && offer.chair == chair && offer.holds());
        held.map(|offer| offer.musician)
    }

    /// The chairs of an option that nobody holds.
    pub fn open_chairs(&self, option: OptionNo) -> Vec<ChairNo> {
        self.chair_numbers().into_iter().filter(|chair| self.holder(option, *chair).is_none()).collect()
    }

    /// The open chairs of the current option.
    pub fn open_now(&self) -> Vec<ChairNo> {
        self.current.map_or_else(Vec::new, |option| self.open_chairs(option))
    }

    /// Whether there is an offer to somebody about any chair of an option (rule 4.8).
    pub fn knows(&self, option: OptionNo, musician: MusicianId) -> bool {
        self.offers.iter().any(|offer| offer.option == option && offer.musician == musician)
    }

    /// Rule 4.3 or 7.3 is to be applied to this chair at once.
    pub fn hurry(&mut self, chair: ChairNo) {
        if !self.urgent.contains(&chair) {
            self.urgent.push(chair);
        }
    }

    /// The search for somebody to step in, begun if there is none.
    pub fn refill(&mut self, now: Timestamp) -> Option<&mut Refill> {
        let State::Booked { refill } = &mut self.state else { return None };
        Some(refill.get_or_insert(Refill { since: now, nobody: Vec::new(), moved: false }))
    }
}
