//! Who is free when (rules 3.1–3.3).

use crate::ids::{BookingId, MusicianId};
use crate::policy::Policy;
use crate::roster::{Musician, MusicianStanding, Roster};
use crate::span::Span;
use jiff::Timestamp;
use std::collections::HashMap;

/// What is known of the world outside one booking at one moment: everything that its planning depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The people.
    pub roster: &'a Roster,
    /// What keeps them, and the studio, from being free. Nothing of the booking itself is in it.
    pub busy: &'a Busy,
}

/// Time that is taken, by musician and for the studio.
#[derive(Clone, Debug, Default)]
pub struct Busy {
    /// By their start.
    musicians: HashMap<MusicianId, Vec<BusySpan>>,
    studio: Vec<BusySpan>,
    studio_unread: bool,
}

/// One stretch of taken time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusySpan {
    /// When.
    pub span: Span,
    /// By what.
    pub with: BusyWith,
}

/// What takes somebody's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusyWith {
    /// A block entered on the roster; of the studio, a closure.
    Block,
    /// An entry in one of their calendars.
    Calendar,
    /// A hold of another booking.
    Hold(BookingId),
    /// A booked session of another booking.
    Session(BookingId),
}

/// Why somebody or something cannot be had at a time; one phrase of rule 3.8's sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// Has not agreed to be texted so far.
    Invited,
    /// Waits to be approved.
    Waiting,
    /// Not asked at present.
    Paused,
    /// Said STOP.
    OptedOut,
    /// Left the roster.
    Removed,
    /// Something overlaps.
    Busy(BusyWith),
    /// The studio is not open then.
    Closed,
    /// A calendar of the studio's cannot be read: whether it is free is not known (rule 3.3).
    Unread,
}

impl Busy {
    /// Notes that a musician's time is taken.
    pub fn add(&mut self, musician: MusicianId, span: Span, with: BusyWith) {
        let spans = self.musicians.entry(musician).or_default();
        let at = spans.partition_point(|busy| busy.span.start <= span.start);
        spans.insert(at, BusySpan { span, with });
    }

    /// Notes that the studio is taken.
    pub fn add_studio(&mut self, span: Span, with: BusyWith) {
        self.studio.push(BusySpan { span, with });
    }

    /// Notes that a calendar of the studio's cannot be read: it is not free at any time (rule 3.3).
    pub fn studio_is_unread(&mut self) {
        self.studio_unread = true;
    }

    /// What overlaps a time of a musician's, travel included (rule 3.2).
    #[must_use]
    pub fn of(&self, musician: MusicianId, time: &Span, policy: &Policy) -> Option<BusySpan> {
        let wide = time.widened(policy.travel_gap);
        self.musicians.get(&musician)?.iter().find(|busy| busy.span.overlaps(&wide)).copied()
    }

    /// For each of `times`, which are in the order of their ends, whether anything of a musician's overlaps it.
    pub(crate) fn taken(&self, musician: MusicianId, times: &[Span]) -> impl Iterator<Item = bool> {
        let mut spans = self.musicians.get(&musician).map_or(&[][..], Vec::as_slice).iter().peekable();
        let mut reached = Timestamp::MIN;
        times.iter().map(move |time| {
            while let Some(busy) = spans.next_if(|busy| busy.span.start < time.end) {
                reached = reached.max(busy.span.end);
            }
            reached > time.start
        })
    }

    /// The hold or session of another booking that overlaps a time of a musician's (rules 4.8, 5.4).
    #[must_use]
    pub fn commitment(&self, musician: MusicianId, time: &Span, policy: &Policy) -> Option<BusySpan> {
        let wide = time.widened(policy.travel_gap);
        let committed = |busy: &&BusySpan| {
            matches!(busy.with, BusyWith::Hold(_) | BusyWith::Session(_)) && busy.span.overlaps(&wide)
        };
        self.musicians.get(&musician)?.iter().find(committed).copied()
    }

    /// What takes the studio at a time: the session of another booking, a closure, a calendar's entry.
    #[must_use]
    pub fn in_studio(&self, time: &Span) -> Option<BusySpan> {
        self.studio.iter().find(|busy| busy.span.overlaps(time)).copied()
    }
}

impl Facts<'_> {
    /// Why a musician is not available at a time; none when they are (rule 3.2). What they play is not looked at.
    #[must_use]
    pub fn why_not(&self, musician: &Musician, time: &Span, policy: &Policy) -> Option<Unavailable> {
        match musician.standing {
            MusicianStanding::Invited => return Some(Unavailable::Invited),
            MusicianStanding::Waiting => return Some(Unavailable::Waiting),
            MusicianStanding::Paused => return Some(Unavailable::Paused),
            MusicianStanding::OptedOut => return Some(Unavailable::OptedOut),
            MusicianStanding::Removed => return Some(Unavailable::Removed),
            MusicianStanding::Active => {}
        }
        self.busy.of(musician.id, time, policy).map(|busy| Unavailable::Busy(busy.with))
    }

    /// Whether the manager can put a session there by hand: outside opening hours too, but not where something is.
    pub(crate) fn studio_can_be_had(&self, time: &Span) -> Result<(), String> {
        let Some(busy) = self.busy.in_studio(time) else { return Ok(()) };
        Err(format!("the studio {} at that time", Unavailable::of_studio(busy).phrase()))
    }

    /// Whether the studio certainly cannot be had at a time. What is only not known ends no option.
    #[must_use]
    pub fn studio_is_gone(&self, time: &Span, policy: &Policy) -> bool {
        self.why_no_studio(time, policy).is_some_and(|why| why != Unavailable::Unread)
    }

    /// Why the studio cannot be had at a time; none when it can (rule 3.1).
    #[must_use]
    pub fn why_no_studio(&self, time: &Span, policy: &Policy) -> Option<Unavailable> {
        if !policy.is_open(time) {
            return Some(Unavailable::Closed);
        }
        if let Some(busy) = self.busy.in_studio(time) {
            return Some(Unavailable::of_studio(busy));
        }
        self.busy.studio_unread.then_some(Unavailable::Unread)
    }
}

impl Unavailable {
    fn of_studio(busy: BusySpan) -> Self {
        if busy.with == BusyWith::Block { Self::Closed } else { Self::Busy(busy.with) }
    }

    /// As it follows a musician's name: "Ada is in a session".
    #[must_use]
    pub fn phrase(&self) -> String {
        match self {
            Self::Invited => "has not agreed to be texted".to_owned(),
            Self::Waiting => "waits to be approved".to_owned(),
            Self::Paused => "is paused".to_owned(),
            Self::OptedOut => "has opted out".to_owned(),
            Self::Removed => "has left the roster".to_owned(),
            Self::Busy(BusyWith::Block) => "is away".to_owned(),
            Self::Busy(BusyWith::Calendar) => "is busy by calendar".to_owned(),
            Self::Busy(BusyWith::Hold(id)) => format!("is holding #{id}"),
            Self::Busy(BusyWith::Session(id)) => format!("is in session #{id}"),
            Self::Closed => "is closed".to_owned(),
            Self::Unread => "has a calendar that cannot be read".to_owned(),
        }
    }
}
