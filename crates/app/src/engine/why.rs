//! Why somebody, or the studio, is not available at a time: everything there is, not only the first thing (rules 3.1–3.3).

use super::Engine;
use firstcall_core::availability::{BusyWith, Unavailable};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::roster::MusicianStanding;
use firstcall_core::span::Span;
use firstcall_core::wording;
use firstcall_store::calendars::{self, Calendar, KNOWN_FOR};
use firstcall_store::{Error, Tx, bookings, roster};
use jiff::{SignedDuration, Timestamp};

/// Whether somebody is available at a time, and why.
#[derive(Clone, Debug)]
pub struct Availability {
    /// Everything that keeps them from it, or that is not known.
    pub reasons: Vec<Reason>,
}

/// One thing that keeps somebody from being available, or known to be.
#[derive(Clone, Debug)]
pub struct Reason {
    /// What it is.
    pub kind: ReasonKind,
    /// When, where it has a time.
    pub span: Option<Span>,
    /// The booking that holds them.
    pub booking: Option<BookingId>,
    /// In words for people. Of a calendar's entry only that there is one.
    pub words: String,
}

/// What keeps somebody from being available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind {
    /// They are not asked at all: paused, opted out, invited or gone.
    Standing,
    /// A calendar has something then.
    Calendar,
    /// They are away, as the roster says.
    Block,
    /// They hold a time of a booking.
    Hold,
    /// They, or the studio, are booked.
    Session,
    /// The studio is not open then.
    Hours,
    /// The studio is closed then.
    Closure,
    /// It is not known: no calendar, or one that cannot be read.
    Unknown,
}

impl ReasonKind {
    /// Its word in the interface.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Standing => "standing",
            Self::Calendar => "calendar",
            Self::Block => "block",
            Self::Hold => "hold",
            Self::Session => "session",
            Self::Hours => "hours",
            Self::Closure => "closure",
            Self::Unknown => "unknown",
        }
    }
}

impl Availability {
    /// busy, unknown or free.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.reasons.as_slice() {
            [] => "free",
            reasons if reasons.iter().all(|reason| reason.kind == ReasonKind::Unknown) => "unknown",
            _ => "busy",
        }
    }
}

impl Engine {
    /// Whether a musician is available at a time, travel included (rule 3.2). None: there is no such musician.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn availability(&self, musician: MusicianId, time: Span) -> Result<Option<Availability>, Error> {
        let wide = time.widened(self.policy().travel_gap.max(SignedDuration::ZERO));
        let engine = self.clone();
        let read = async move |tx: &mut Tx| {
            let Some(entry) = roster::get(tx, musician).await? else { return Ok(None) };
            let mut reasons: Vec<Reason> = standing(entry.musician.standing).into_iter().collect();
            for busy in roster::holds_in(tx, musician, wide).await? {
                reasons.push(engine.taken(busy.span, busy.with));
            }
            for block in roster::blocks_in(tx, musician, wide).await? {
                let note = block.note.map(|note| format!(" ({note})")).unwrap_or_default();
                reasons.push(engine.reason(ReasonKind::Block, block.span, &format!("is away{note}")));
            }
            engine.by_calendar(tx, Some(musician), wide, &mut reasons).await?;
            Ok::<_, Error>(Some(Availability { reasons }))
        };
        self.store().read(read).await
    }

    /// Whether the studio is available at a time (rule 3.1).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn studio_availability(&self, time: Span) -> Result<Availability, Error> {
        let engine = self.clone();
        let read = async move |tx: &mut Tx| {
            let mut reasons = Vec::new();
            if !engine.policy().is_open(&time) {
                let words = "this is outside the opening hours".to_owned();
                reasons.push(Reason { kind: ReasonKind::Hours, span: None, booking: None, words });
            }
            for closure in calendars::closed(tx, time).await? {
                let note = closure.note.map(|note| format!(" ({note})")).unwrap_or_default();
                reasons.push(engine.reason(ReasonKind::Closure, closure.span, &format!("is closed{note}")));
            }
            for (booking, span) in bookings::sessions_in(tx, time).await? {
                reasons.push(engine.taken(span, BusyWith::Session(booking)));
            }
            engine.by_calendar(tx, None, time, &mut reasons).await?;
            Ok::<_, Error>(Availability { reasons })
        };
        self.store().read(read).await
    }

    async fn by_calendar(
        &self,
        tx: &mut Tx,
        owner: Option<MusicianId>,
        time: Span,
        reasons: &mut Vec<Reason>,
    ) -> Result<(), Error> {
        for (calendar, span) in calendars::busy_with(tx, owner, time).await? {
            reasons.push(self.reason(ReasonKind::Calendar, span, &format!("is busy by the calendar \"{calendar}\"")));
        }
        let connected = calendars::of(tx, owner).await?;
        let read: Vec<&Calendar> = connected.iter().filter(|calendar| calendar.blocks).collect();
        if read.is_empty() && owner.is_some() {
            let words = "no calendar is connected".to_owned();
            reasons.push(Reason { kind: ReasonKind::Unknown, span: None, booking: None, words });
        }
        let now = self.clock().now();
        let unread = read.into_iter().filter(|calendar| !is_known(calendar, now));
        reasons.extend(unread.map(|calendar| {
            let why = calendar.trouble.as_deref().unwrap_or("it has not been read yet");
            let words = format!("the calendar \"{}\" is not known: {why}", calendar.name);
            Reason { kind: ReasonKind::Unknown, span: None, booking: None, words }
        }));
        Ok(())
    }

    fn taken(&self, span: Span, with: BusyWith) -> Reason {
        let (kind, booking) = match with {
            BusyWith::Hold(id) => (ReasonKind::Hold, Some(id)),
            BusyWith::Session(id) => (ReasonKind::Session, Some(id)),
            BusyWith::Block => (ReasonKind::Block, None),
            BusyWith::Calendar => (ReasonKind::Calendar, None),
        };
        Reason { booking, ..self.reason(kind, span, &Unavailable::Busy(with).phrase()) }
    }

    fn reason(&self, kind: ReasonKind, span: Span, words: &str) -> Reason {
        let when = wording::when(span, &self.settings().studio.time_zone);
        Reason { kind, span: Some(span), booking: None, words: format!("{words}: {when}") }
    }
}

/// Whether what a calendar says is known: it can be read, and was not long ago.
#[must_use]
pub fn is_known(calendar: &Calendar, now: Timestamp) -> bool {
    let since = now.saturating_sub(KNOWN_FOR).unwrap_or(Timestamp::MIN);
    calendar.trouble.is_none() && calendar.read_at.is_some_and(|read| read >= since)
}

fn standing(standing: MusicianStanding) -> Option<Reason> {
    let why = match standing {
        MusicianStanding::Active => return None,
        MusicianStanding::Invited => Unavailable::Invited,
        MusicianStanding::Waiting => Unavailable::Waiting,
        MusicianStanding::Paused => Unavailable::Paused,
        MusicianStanding::OptedOut => Unavailable::OptedOut,
        MusicianStanding::Removed => Unavailable::Removed,
    };
    Some(Reason { kind: ReasonKind::Standing, span: None, booking: None, words: why.phrase() })
}
