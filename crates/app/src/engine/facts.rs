//! What the engine knows of the world outside one booking, gathered in the transaction that decides.

use super::Engine;
use firstcall_core::availability::{Busy, Facts};
use firstcall_core::booking::Booking;
use firstcall_core::ids::BookingId;
use firstcall_core::planning::{Impossible, impossible};
use firstcall_core::roster::Roster;
use firstcall_core::span::Span;
use firstcall_store::{Error, Tx, bookings, roster};
use jiff::SignedDuration;
use std::sync::{Arc, Mutex, PoisonError};

/// The roster as it was last read, with the number of changes it had seen then.
#[derive(Default)]
pub(super) struct RosterCache(Mutex<Option<(i64, Arc<Roster>)>>);

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
        let cache = || self.0.roster.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, roster)) = &*cache()
            && *known == version
        {
            return Ok(Arc::clone(roster));
        }
        let fresh = Arc::new(roster::load(tx).await?);
        *cache() = Some((version, Arc::clone(&fresh)));
        Ok(fresh)
    }

    /// Everything that planning a booking depends on, for its own times and `more`.
    pub(super) async fn known(&self, tx: &mut Tx, booking: &Booking, more: &[Span]) -> Result<Known, Error> {
        let times = booking.times.iter().chain(booking.options.iter().map(|option| &option.time)).chain(more);
        let range =
            times.copied().reduce(|all, time| Span { start: all.start.min(time.start), end: all.end.max(time.end) });
        let roster = self.roster(tx).await?;
        let Some(range) = range else { return Ok(Known { roster, busy: Busy::default() }) };
        let range = range.widened(self.0.policy.travel_gap.max(SignedDuration::ZERO));
        Ok(Known { roster, busy: roster::busy(tx, booking.id, range).await? })
    }
}
