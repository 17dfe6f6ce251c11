//! What would happen, without its happening: the next wave, with its texts.

use super::Engine;
use super::effects::moved_from;
use firstcall_core::booking::Booking;
use firstcall_core::ids::{BookingId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::roster::Roster;
use firstcall_core::step::{Effect, Event, step};
use firstcall_core::wording::About;
use firstcall_store::{Error, Tx, bookings};

/// A text that the next wave would send.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// To whom.
    pub musician: String,
    /// For which chair.
    pub chair: String,
    /// The text, with a link of the right length.
    pub body: String,
}

/// As long as every secret.
const SOME_TOKEN: &str = "................";

impl Engine {
    /// The texts that "ask the next now" would send at this moment; none when it would be refused, or asks nobody.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn next_wave(&self, id: BookingId) -> Result<Vec<Foreseen>, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let foresee = async move |tx: &mut Tx| {
            let Some(booking) = bookings::get(tx, id).await? else { return Ok::<_, Error>(Vec::new()) };
            let known = engine.known(tx, &booking, &[]).await?;
            let facts = known.facts();
            let stepped = step(booking, Event::Managed(Act::Next, facts), now, engine.policy());
            let asked = stepped.effects.iter().filter_map(|effect| match effect {
                Effect::Ask(no) => engine.foresee(&stepped.booking, *no, facts.roster),
                Effect::Tell(..)
                | Effect::TellManager(_)
                | Effect::TellClient(_)
                | Effect::Booked(_)
                | Effect::Log(_) => None,
            });
            Ok(asked.collect())
        };
        self.store().read(foresee).await
    }

    fn foresee(&self, booking: &Booking, no: OfferNo, people: &Roster) -> Option<Foreseen> {
        let offer = booking.offer(no)?;
        let time = booking.option(offer.option)?.time;
        let musician = people.get(offer.musician)?.name.clone();
        let chair = booking.chair(offer.chair).label();
        let about = About { chair: &chair, time, token: SOME_TOKEN, code: 1 };
        let body = match moved_from(booking, offer) {
            Some(from) => self.voice().moved(&about, from),
            None => self.voice().offer(&about),
        };
        Some(Foreseen { musician, chair, body })
    }
}
