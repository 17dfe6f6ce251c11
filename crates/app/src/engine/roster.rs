//! Changes of the roster, and what they mean for bookings under way (rule 4.12).

use super::{Cause, Engine};
use firstcall_core::booking::DeadlineReason;
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::ClockRange;
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::span::Span;
use firstcall_store::consents::{self, ConsentKind};
use firstcall_store::messages::NewMessage;
use firstcall_store::roster::{self, Entry};
use firstcall_store::{Error, Tx, bookings, messages};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// A musician as somebody wants them to be. What is absent stays as it is; a new one needs name, phone and instruments.
#[derive(Clone, Debug, Default)]
pub struct MusicianChange {
    /// The name.
    pub name: Option<String>,
    /// The number.
    pub phone: Option<Phone>,
    /// The address; an empty one takes it away.
    pub email: Option<String>,
    /// The zone; new ones have the studio's.
    pub zone: Option<TimeZone>,
    /// What they play, each with a place in the call list; without one they come last.
    pub instruments: Option<Vec<(String, Option<u32>)>>,
    /// Notes; empty ones take them away.
    pub notes: Option<String>,
    /// Their own quiet hours; `Some(None)` takes them away.
    pub quiet_hours: Option<Option<ClockRange>>,
    /// Whether they may be asked.
    pub standing: Option<MusicianStanding>,
    /// When they were last booked.
    pub last_booked_at: Option<Timestamp>,
}

/// Why the roster cannot be changed like this.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// There is no such musician.
    #[error("there is no such musician")]
    Unknown,
    /// The number is somebody else's.
    #[error("this phone number belongs to another musician")]
    PhoneTaken,
    /// The number has said STOP.
    #[error("this number has opted out of texts: only START or JOIN, texted from it, takes that back")]
    Refused,
    /// Something a new musician needs is absent.
    #[error("{0} is needed")]
    Missing(&'static str),
    /// They wait to be approved.
    #[error("they wait to be approved: approve them, or take them off the roster")]
    Waits,
    /// They do not wait to be approved.
    #[error("they do not wait to be approved")]
    NotWaiting,
    /// The database.
    #[error(transparent)]
    Store(Error),
}

impl From<Error> for RosterError {
    fn from(error: Error) -> Self {
        if error.constraint() == Some("musicians_phone") { Self::PhoneTaken } else { Self::Store(error) }
    }
}

impl Engine {
    /// Adds a musician.
    ///
    /// # Errors
    /// When something is absent, or the number is somebody else's.
    pub async fn add_musician(&self, change: MusicianChange) -> Result<Entry, RosterError> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| engine.insert_musician(tx, &change, "roster", now).await;
        let entry = self.store().write(op).await?;
        self.ring();
        Ok(entry)
    }

    pub(super) async fn insert_musician(
        &self,
        tx: &mut Tx,
        change: &MusicianChange,
        channel: &str,
        now: Timestamp,
    ) -> Result<Entry, RosterError> {
        let blank = Musician {
            id: MusicianId(0),
            name: change.name.clone().ok_or(RosterError::Missing("name"))?,
            phone: change.phone.clone().ok_or(RosterError::Missing("phone"))?,
            zone: self.settings().studio.time_zone.clone(),
            quiet_hours: None,
            instruments: Vec::new(),
            standing: MusicianStanding::Active,
            last_booked_at: None,
        };
        let blank = Entry { musician: blank, email: None, notes: None, created_at: now };
        let mut entry = self.changed(tx, blank, change).await?;
        let asked = matches!(entry.musician.standing, MusicianStanding::Active | MusicianStanding::Invited);
        if asked && consents::has_refused(tx, &entry.musician.phone).await? {
            // Also after they were taken off the roster (rule 8.5).
            entry.musician.standing = MusicianStanding::OptedOut;
            entry.musician.id = roster::insert(tx, &entry).await?;
            return Ok(entry);
        }
        entry.musician.id = roster::insert(tx, &entry).await?;
        self.may_be_asked(tx, &entry.musician, channel, now).await?;
        Ok(entry)
    }

    /// What it takes to be asked: somebody who was invited has to agree; of the others the manager says that they did.
    async fn may_be_asked(&self, tx: &mut Tx, musician: &Musician, channel: &str, now: Timestamp) -> Result<(), Error> {
        match musician.standing {
            MusicianStanding::Active => {
                let wording = "the manager vouches for their consent";
                consents::keep(tx, musician.id, ConsentKind::Vouched, channel, wording, now).await
            }
            MusicianStanding::Invited => {
                let invitation = self.voice().invitation(&self.settings().manager.name);
                consents::keep(tx, musician.id, ConsentKind::Invited, channel, &invitation, now).await?;
                self.notify(tx, musician, invitation, None, now).await
            }
            MusicianStanding::OptedOut => {
                let wording = "the manager says that they want no more texts";
                consents::keep(tx, musician.id, ConsentKind::OptedOut, channel, wording, now).await
            }
            MusicianStanding::Waiting | MusicianStanding::Paused | MusicianStanding::Removed => Ok(()),
        }
    }

    /// Tells somebody something outside their quiet hours; under a known key nothing.
    pub(super) async fn notify(
        &self,
        tx: &mut Tx,
        musician: &Musician,
        body: String,
        once_key: Option<String>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let message = NewMessage {
            kind: "notice",
            booking: None,
            musician: Some(musician.id),
            to: musician.phone.as_str().to_owned(),
            body,
            once_key,
            about: None,
            token: None,
            due_at: Some(self.policy().may_leave(now, musician)),
            at_once: false,
            error: None,
        };
        messages::insert(tx, &message, now).await
    }

    /// A musician with a change made to them.
    pub(super) async fn changed(&self, tx: &mut Tx, mut entry: Entry, change: &MusicianChange) -> Result<Entry, Error> {
        let change = change.clone();
        if let Some(instruments) = change.instruments {
            // An import says every place, and looks at no list for each of its rows.
            let unplaced = instruments.iter().any(|(_, place)| place.is_none());
            let mut last = if unplaced { roster::last_places(tx).await? } else { HashMap::new() };
            let placed = instruments.into_iter().map(|(name, place)| {
                let kept = entry.musician.instruments.iter().find(|known| known.0 == name).map(|known| known.1);
                let end = last.entry(name.clone()).or_default();
                let place = place.or(kept).unwrap_or(end.saturating_add(1));
                *end = place.max(*end);
                (name, place)
            });
            entry.musician.instruments = placed.collect();
        }
        let musician = &mut entry.musician;
        musician.name = change.name.unwrap_or_else(|| musician.name.clone());
        musician.phone = change.phone.unwrap_or_else(|| musician.phone.clone());
        musician.zone = change.zone.unwrap_or_else(|| musician.zone.clone());
        musician.quiet_hours = change.quiet_hours.unwrap_or(musician.quiet_hours);
        musician.standing = change.standing.unwrap_or(musician.standing);
        musician.last_booked_at = change.last_booked_at.or(musician.last_booked_at);
        let or_none = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        entry.email = or_none(change.email.or(entry.email));
        entry.notes = or_none(change.notes.or(entry.notes));
        Ok(entry)
    }

    /// Changes a musician. Who may not be asked any more gets nothing more; who holds something keeps it, and the
    /// manager is asked to call them (rule 4.12).
    ///
    /// # Errors
    /// When there is no such musician, or the number is somebody else's.
    pub async fn change_musician(
        &self,
        id: MusicianId,
        change: MusicianChange,
        actor: &str,
    ) -> Result<Entry, RosterError> {
        let (engine, actor, now) = (self.clone(), actor.to_owned(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let before = roster::get(tx, id).await?.ok_or(RosterError::Unknown)?;
            let after = engine.changed(tx, before.clone(), &change).await?;
            let asked = matches!(after.musician.standing, MusicianStanding::Active | MusicianStanding::Invited);
            let new =
                (before.musician.standing, &before.musician.phone) != (after.musician.standing, &after.musician.phone);
            if asked && new && consents::has_refused(tx, &after.musician.phone).await? {
                return Err(RosterError::Refused);
            }
            let [stood, stands] = [&before, &after].map(|entry| entry.musician.standing);
            let waited = stood == MusicianStanding::Waiting;
            if waited
                && !matches!(stands, MusicianStanding::Waiting | MusicianStanding::Active | MusicianStanding::Removed)
            {
                return Err(RosterError::Waits);
            }
            roster::update(tx, &after).await?;
            if waited && stands == MusicianStanding::Active {
                engine.welcome(tx, &after.musician, now).await?;
            } else if waited && stands == MusicianStanding::Removed {
                engine.forget(tx, id).await?;
            } else if stood != stands {
                engine.may_be_asked(tx, &after.musician, &actor, now).await?;
            }
            if stands == MusicianStanding::OptedOut {
                messages::void_for(tx, id, "they have opted out of texts").await?;
            }
            if stood == MusicianStanding::Active && stands != MusicianStanding::Active {
                engine.close_offers_of(tx, id, stands, &actor, now).await?;
            }
            Ok::<_, RosterError>(after)
        };
        let after = self.store().write(op).await?;
        self.wake_poked().await?;
        self.ring();
        Ok(after)
    }

    /// Lets somebody be asked, or not, from now on. With STOP nothing more leaves for them (rules 5.7, 8.5). Whoever waits
    /// to be approved waits, whatever they say, unless they want nothing more: then they have not asked.
    pub(super) async fn stand(
        &self,
        tx: &mut Tx,
        id: MusicianId,
        standing: MusicianStanding,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(stood) = self.roster(tx).await?.get(id).map(|known| known.standing) else { return Ok(()) };
        let standing = match (stood, standing) {
            (stood, standing) if stood == standing => return Ok(()),
            (MusicianStanding::Waiting, MusicianStanding::Active | MusicianStanding::Paused) => return Ok(()),
            (MusicianStanding::Waiting, MusicianStanding::OptedOut) => MusicianStanding::Removed,
            (_, standing) => standing,
        };
        roster::set_standing(tx, id, standing).await?;
        if matches!(standing, MusicianStanding::OptedOut | MusicianStanding::Removed) {
            messages::void_for(tx, id, "they have opted out of texts").await?;
        }
        if standing != MusicianStanding::Active {
            self.close_offers_of(tx, id, standing, actor, now).await?;
        }
        Ok(())
    }

    /// In the transaction that says so: nobody is asked any more who may not be, wherever they were asked.
    async fn close_offers_of(
        &self,
        tx: &mut Tx,
        id: MusicianId,
        standing: MusicianStanding,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        for booking in messages::bookings_offered_to(tx, id, now).await? {
            let closed = self.turn(tx, booking, Cause::AskedNoMore(id, standing), actor).await?;
            if closed.is_some_and(|turned| turned.deadline.is_some_and(|d| d.reason == DeadlineReason::AtOnce)) {
                bookings::poke(tx, booking, now).await?;
            }
        }
        Ok(())
    }

    /// Enters time that a musician does not have. None: no such musician.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn block(&self, id: MusicianId, time: Span, note: Option<String>) -> Result<Option<i64>, Error> {
        let op = async move |tx: &mut Tx| match roster::get(tx, id).await? {
            Some(_) => roster::insert_block(tx, id, time, note.as_deref()).await.map(Some),
            None => Ok::<_, Error>(None),
        };
        self.store().write(op).await
    }

    /// Lifts a block. False: no such block.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn unblock(&self, id: MusicianId, block: i64) -> Result<bool, Error> {
        self.store().write(async move |tx| roster::delete_block(tx, id, block).await).await
    }
}
