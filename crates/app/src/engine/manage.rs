//! The manager's acts, and bookings that are typed in (rules 1.1, 7.2).

use super::{Cause, Engine, Turned};
use crate::token;
use firstcall_core::booking::{Booking, Chair, Request};
use firstcall_core::ids::{BookingId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::span::Span;
use firstcall_core::step::{By, Outcome};
use firstcall_store::bookings::{self, Kept};
use firstcall_store::{Error, Tx, journal};
use jiff::Timestamp;

/// A booking before it has a number.
#[derive(Clone, Debug)]
pub struct NewBooking {
    /// What the client asked for.
    pub request: Request,
    /// The seats to fill.
    pub chairs: Vec<Chair>,
    /// The candidate times.
    pub times: Vec<Span>,
}

impl NewBooking {
    /// What is to be played.
    #[must_use]
    pub fn instruments(&self) -> Vec<String> {
        self.chairs.iter().map(|chair| chair.instrument.clone()).collect()
    }
}

impl Engine {
    /// Makes a booking that was typed in, and calls for it. If the call carried an idempotency key, the key leads to the
    /// booking from the same moment on.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn book(&self, new: NewBooking, actor: &str, key: Option<String>) -> Result<Booking, Error> {
        let (engine, actor, now) = (self.clone(), actor.to_owned(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let turned = engine.insert(tx, None, new.clone(), &actor, now).await?;
            if let Some(key) = &key {
                journal::book_key(tx, key, turned.booking.id).await?;
            }
            Ok::<_, Error>(turned)
        };
        let turned = self.store().write(op).await?;
        self.ring();
        Ok(turned.booking)
    }

    /// Makes a booking in this transaction.
    pub(super) async fn insert(
        &self,
        tx: &mut Tx,
        mail: Option<i64>,
        new: NewBooking,
        actor: &str,
        now: Timestamp,
    ) -> Result<Turned, Error> {
        let id = bookings::insert(tx, mail, &token::of_client(), now).await?;
        let mut request = new.request;
        // This one becomes the recipient of messages.
        request.client_email = request.client_email.as_deref().map(storable);
        let booking = Booking::new(id, now, request, new.chairs, new.times);
        self.step_and_save(tx, Kept::numbered(booking), Cause::Created, actor, now).await
    }

    /// Does what the manager asks for; the outcome says whether the booking's state allowed it. None: no such booking.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn manage(&self, id: BookingId, act: Act, actor: &str) -> Result<Option<Outcome>, Error> {
        Ok(self.change(id, Cause::Managed(act), actor).await?.map(|turned| turned.outcome))
    }

    /// Answers an offer for its musician.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn answer_for(
        &self,
        id: BookingId,
        offer: OfferNo,
        yes: bool,
        actor: &str,
    ) -> Result<Option<Outcome>, Error> {
        Ok(self.change(id, Cause::Answered(offer, yes, By::Manager), actor).await?.map(|turned| turned.outcome))
    }
}

/// A text that both databases keep: PostgreSQL has no character 0.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
