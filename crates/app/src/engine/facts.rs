//! What the engine knows of the world outside one booking, gathered in the transaction that decides.

use super::Engine;
use firstcall_core::availability::{Busy, Facts};
use firstcall_core::booking::Booking;
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::planning::{Impossible, impossible};
use firstcall_core::roster::Roster;
use firstcall_core::span::Span;
use firstcall_store::{Error, Tx, bookings, calendars, roster};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The roster as it was last read, with the number that its last change had.
#[derive(Default)]
pub(super) struct RosterCache(Mutex<Option<(i64, Arc<Roster>)>>);

impl RosterCache {
    fn at(&self, version: i64) -> Option<Arc<Roster>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(known, _)| *known == version).map(|(_, roster)| Arc::clone(roster))
    }

    fn keep(&self, version: i64, roster: &Arc<Roster>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, Arc::clone(roster)));
    }
}

/// Facts that are owned.
pub(super) struct Known {
    roster: Arc<Roster>,
    busy: Busy,
}

impl Known {
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts { roster: &self.roster, busy: &self.busy }
    }
}

impl Engine {
    /// Why each of a booking's times that cannot be had now cannot be had (rule 3.8). Changes nothing.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn why_impossible(&self, id: BookingId) -> Result<Vec<Impossible>, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let read = async move |tx: &mut Tx| {
            let Some(booking) = bookings::get(tx, id).await? else { return Ok::<_, Error>(Vec::new()) };
            let known = engine.known(tx, &booking, &[]).await?;
            Ok(impossible(&booking, now, &known.facts(), engine.policy()))
        };
        self.store().read(read).await
    }

    /// The roster as this transaction sees it.
    pub(super) async fn roster(&self, tx: &mut Tx) -> Result<Arc<Roster>, Error> {
        let version = roster::version(tx).await?;
        if let Some(known) = self.0.roster.at(version) {
            return Ok(known);
        }
        let fresh = Arc::new(roster::load(tx).await?);
        self.0.roster.keep(version, &fresh);
        Ok(fresh)
    }

    /// The roster, or those on it who were asked for a booking: whoever is told something. Each booked session changes the
    /// roster, so that reading it anew for those few would be most of the work.
    pub(super) async fn people_of(&self, tx: &mut Tx, booking: &Booking) -> Result<Arc<Roster>, Error> {
        let version = roster::version(tx).await?;
        if let Some(known) = self.0.roster.at(version) {
            return Ok(known);
        }
        let asked: BTreeSet<MusicianId> = booking.offers.iter().map(|offer| offer.musician).collect();
        roster::load_some(tx, asked).await.map(Arc::new)
    }

    /// Everything that planning a booking depends on, for its own times and `more`.
    pub(super) async fn known(&self, tx: &mut Tx, booking: &Booking, more: &[Span]) -> Result<Known, Error> {
        let times = booking.times.iter().chain(booking.options.iter().map(|option| &option.time)).chain(more);
        let gap = self.0.policy.travel_gap.max(SignedDuration::ZERO);
        let times: Vec<Span> = times.map(|time| time.widened(gap)).collect();
        let roster = self.roster(tx).await?;
        let Some(range) = Span::around(&times) else { return Ok(Known { roster, busy: Busy::default() }) };
        let mut busy = roster::busy(tx, booking.id, range).await?;
        calendars::add_busy(tx, &mut busy, &times, self.clock().now()).await?;
        Ok(Known { roster, busy })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Engine, MusicianChange};
    use crate::clock::Clock;
    use crate::settings::{Environment, Place, load};
    use firstcall_core::contact::Phone;
    use firstcall_core::roster::MusicianStanding;
    use firstcall_store::{Error, Store, Tx, roster};
    use std::sync::Arc;

    #[tokio::test]
    async fn a_change_that_was_taken_back_is_not_remembered() {
        let store = Store::open("sqlite::memory:").await.unwrap();
        let settings = load(&Place::Nowhere, &Environment::default()).unwrap().settings;
        let engine = Engine::new(store.clone(), Clock::System, Arc::new(settings));
        let ann = MusicianChange {
            name: Some("Ann".to_owned()),
            phone: Some(Phone::new("+12125550101").unwrap()),
            instruments: Some(vec![("drums".to_owned(), None)]),
            ..MusicianChange::default()
        };
        let id = engine.add_musician(ann).await.unwrap().musician.id;
        let reader = engine.clone();
        let taken_back = async move |tx: &mut Tx| {
            roster::set_standing(tx, id, MusicianStanding::Paused).await?;
            reader.roster(tx).await?;
            Err::<(), _>(Error::Closed)
        };
        store.write(taken_back).await.unwrap_err();
        store
            .write(async move |tx: &mut Tx| roster::set_standing(tx, id, MusicianStanding::Removed).await)
            .await
            .unwrap();
        let people = store.read(async move |tx: &mut Tx| engine.roster(tx).await).await.unwrap();
        assert_eq!(people.get(id).unwrap().standing, MusicianStanding::Removed);
    }
}
