//! Answers by the press of a button on an offer's page (rule 5.1). Those by text are in `replies`.

use super::{Cause, Engine, Turned};
use firstcall_core::booking::Booking;
use firstcall_core::ids::OfferNo;
use firstcall_core::step::{By, Outcome};
use firstcall_store::messages::{self, Linked};
use firstcall_store::{Error, Tx, bookings};
use jiff::tz::TimeZone;

/// A button on an offer's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// YES.
    Yes,
    /// NO, also to take a YES back.
    No,
    /// Be first backup.
    StandBy,
}

/// An offer, as its page shows it.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Its booking, as it is now.
    pub booking: Booking,
    /// Which of the booking's offers it is.
    pub offer: OfferNo,
    /// What a press did; none when the page was only opened.
    pub outcome: Option<Outcome>,
    /// Its musician's zone.
    pub zone: Option<TimeZone>,
}

impl Engine {
    /// The offer behind a secret link. Changes nothing (rules 5.1, 8.6).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn offer(&self, token: &str) -> Result<Option<Answered>, Error> {
        let token = token.to_owned();
        let find = async move |tx: &mut Tx| {
            let Some(linked) = messages::offer_by_token(tx, &token).await? else { return Ok::<_, Error>(None) };
            let Some(booking) = bookings::get(tx, linked.booking).await? else { return Ok(None) };
            Ok(Some(Answered { booking, offer: linked.offer, outcome: None, zone: linked.zone }))
        };
        self.store().read(find).await
    }

    /// A button was pressed on an offer's page. When this returns, the answer is on the disk.
    ///
    /// # Errors
    /// When the database cannot be asked: then nothing was recorded.
    pub async fn press(&self, token: &str, press: Press) -> Result<Option<Answered>, Error> {
        let (engine, token) = (self.clone(), token.to_owned());
        let answer = async move |tx: &mut Tx| {
            let Some(linked) = messages::offer_by_token(tx, &token).await? else { return Ok::<_, Error>(None) };
            let Linked { booking, offer, zone } = linked;
            let cause = match press {
                Press::Yes => Cause::Answered(offer, true, By::Musician),
                Press::No => Cause::Answered(offer, false, By::Musician),
                Press::StandBy => Cause::StandsBy(offer),
            };
            let Some(turned) = engine.turn(tx, booking, cause, "link").await? else { return Ok(None) };
            Ok(Some((turned, offer, zone)))
        };
        let Some((turned, offer, zone)) = self.write_again_if_beaten(answer).await? else { return Ok(None) };
        self.ring_for(&turned);
        let Turned { booking, outcome, .. } = self.follow(turned).await?;
        Ok(Some(Answered { booking, offer, outcome: Some(outcome), zone }))
    }
}
