//! What the manager pressed at the desk and can still undo: an act that texts somebody, or takes something from somebody,
//! is tried, kept for ten seconds, and then done by the worker, once, through the same turn as every act.

use super::{Cause, Engine, Turned};
use firstcall_core::booking::Booking;
use firstcall_core::ids::{BookingId, MusicianId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::step::{By, Entry, Outcome};
use firstcall_store::pending::{self, Pending};
use firstcall_store::{Error, Tx, bookings, journal};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// For so long an act can be undone, by the clock on the wall.
const UNDO_FOR: SignedDuration = SignedDuration::from_secs(10);

/// What the manager pressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// An act.
    Act(Act),
    /// An answer for a musician: YES or NO.
    Answer(OfferNo, bool),
}

impl Wanted {
    /// Whether it waits, so that it can be undone. A pause is undone by resuming, and a YES is never late for waiting.
    #[must_use]
    pub fn waits(&self) -> bool {
        !matches!(self, Self::Act(Act::Pause | Act::Resume) | Self::Answer(_, true))
    }

    /// What was kept; none where another program kept it.
    #[must_use]
    pub fn kept(act: &str) -> Option<Self> {
        serde_json::from_str(act).ok()
    }

    /// Whom it speaks of by their number.
    #[must_use]
    pub fn musician(&self) -> Option<MusicianId> {
        match self {
            Self::Act(Act::Ask(who, _) | Act::Fill(who, _)) => Some(*who),
            Self::Act(_) | Self::Answer(..) => None,
        }
    }

    fn cause(self) -> Cause {
        match self {
            Self::Act(act) => Cause::Managed(act),
            Self::Answer(offer, yes) => Cause::Answered(offer, yes, By::Manager),
        }
    }
}

/// What became of what was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// It was done.
    Done,
    /// It will be done at this moment, unless it is undone.
    Waits(Timestamp),
    /// It cannot be done, and why.
    Refused(String),
}

impl Granted {
    fn of(outcome: &Outcome) -> Self {
        outcome.refusal().map_or(Self::Done, Self::Refused)
    }
}

impl Engine {
    /// Does what the manager pressed at the desk, or lets it wait where it can be undone; what waited before is done first.
    /// None: no such booking.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn want(&self, id: BookingId, wanted: Wanted, actor: &str) -> Result<Option<Granted>, Error> {
        self.do_waiting(id, Timestamp::MAX).await?;
        if !wanted.waits() {
            let turned = self.change(id, wanted.cause(), actor).await?;
            return Ok(turned.map(|turned| Granted::of(&turned.outcome)));
        }
        loop {
            let (engine, wanted, actor) = (self.clone(), wanted.clone(), actor.to_owned());
            let op = async move |tx: &mut Tx| engine.let_wait(tx, id, &wanted, &actor).await;
            match self.store().write(op).await? {
                Tried::Nothing => return Ok(None),
                Tried::Refused(why) => return Ok(Some(Granted::Refused(why))),
                Tried::Waits(due_at) => {
                    self.ring_for_act();
                    return Ok(Some(Granted::Waits(due_at)));
                }
                // Somebody else pressed in between.
                Tried::Occupied => self.do_waiting(id, Timestamp::MAX).await.map(drop)?,
            }
        }
    }

    /// Undoes act `act` of a booking. False: it was done, or undone, before.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn undo(&self, id: BookingId, act: i64) -> Result<bool, Error> {
        let undone = self.store().write(async move |tx: &mut Tx| pending::undo(tx, id, act).await).await?;
        self.ring_for_act();
        Ok(undone)
    }

    /// The manager has read that an act of theirs could not be done. False: there was none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn noted(&self, id: BookingId) -> Result<bool, Error> {
        let noted = self.store().write(async move |tx: &mut Tx| pending::forget_refused(tx, id).await).await?;
        self.ring_for_act();
        Ok(noted)
    }

    /// Up to `limit` bookings with an act that is due.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn acts_due(&self, limit: i64) -> Result<Vec<BookingId>, Error> {
        let now = self.clock().now();
        self.store().read(async move |tx: &mut Tx| pending::due(tx, now, limit).await).await
    }

    /// Does a booking's act that is due. Nothing is due, nothing done.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn act_due(&self, id: BookingId) -> Result<(), Error> {
        self.do_waiting(id, self.clock().now()).await.map(drop)
    }

    fn ring_for_act(&self) {
        self.0.bells.due.notify_one();
        self.0.bells.journal.send_modify(|number| *number = number.wrapping_add(1));
    }

    /// Tries an act without doing it, and lets it wait if it is possible.
    async fn let_wait(&self, tx: &mut Tx, id: BookingId, wanted: &Wanted, actor: &str) -> Result<Tried, Error> {
        let Some(kept) = bookings::lock(tx, id).await? else { return Ok(Tried::Nothing) };
        let now = self.clock().now();
        let tried = self.stepped(tx, &kept.booking, wanted.clone().cause(), now).await?;
        if let Some(why) = tried.outcome.refusal() {
            return Ok(Tried::Refused(why));
        }
        let speed = i32::try_from(self.clock().speed().max(1)).unwrap_or(i32::MAX);
        let due_at = now.saturating_add(UNDO_FOR.saturating_mul(speed)).unwrap_or(Timestamp::MAX);
        let act = serde_json::to_string(wanted)
            .map_err(|error| Error::Column { column: "act".to_owned(), reason: error.to_string() })?;
        let waits = pending::insert(tx, id, &act, actor, due_at).await?;
        Ok(if waits { Tried::Waits(due_at) } else { Tried::Occupied })
    }

    /// Does the act that waits of a booking, if it is due at `until`.
    async fn do_waiting(&self, id: BookingId, until: Timestamp) -> Result<Option<Booking>, Error> {
        let engine = self.clone();
        let op = async move |tx: &mut Tx| engine.do_in(tx, id, until).await;
        let Some(turned) = self.write_again_if_beaten(op).await? else { return Ok(None) };
        self.ring_for(&turned);
        self.follow(turned).await.map(|turned| Some(turned.booking))
    }

    /// The act is taken in the transaction that does it: it is done once, whoever else looks, and not lost by a crash.
    async fn do_in(&self, tx: &mut Tx, id: BookingId, until: Timestamp) -> Result<Option<Turned>, Error> {
        if pending::of(tx, id).await?.and_then(|act| act.due_at).is_none() {
            return Ok(None);
        }
        let Some(kept) = bookings::lock(tx, id).await? else { return Ok(None) };
        let Some(act) = pending::take(tx, id, until).await? else { return Ok(None) };
        let now = self.clock().now();
        let Some(wanted) = Wanted::kept(&act.act) else {
            self.could_not(tx, &act, "it was kept by another version of the program", now).await?;
            return Ok(None);
        };
        let turned = self.step_and_save(tx, kept, wanted.cause(), &act.actor, now).await?;
        if let Some(why) = turned.outcome.refusal() {
            self.could_not(tx, &act, &why, now).await?;
        }
        Ok(Some(turned))
    }

    async fn could_not(&self, tx: &mut Tx, act: &Pending, why: &str, now: Timestamp) -> Result<(), Error> {
        let entry = Entry { kind: "act_refused", option: None, chair: None, musician: None, detail: why.to_owned() };
        pending::refuse(tx, act, why).await?;
        journal::write(tx, Some(act.booking), &act.actor, &entry, now).await
    }
}

/// What came of trying an act.
enum Tried {
    /// There is no such booking.
    Nothing,
    Refused(String),
    Waits(Timestamp),
    /// Another act of the booking waits.
    Occupied,
}
