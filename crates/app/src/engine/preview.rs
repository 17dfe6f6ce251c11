//! What would happen, without its happening: the next wave, with its texts.

use super::Engine;
use super::effects::moved_from;
use firstcall_core::availability::Facts;
use firstcall_core::booking::Booking;
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::policy::Policy;
use firstcall_core::roster::{Musician, MusicianStanding, Roster};
use firstcall_core::step::{Effect, Event, step};
use firstcall_core::wording::About;
use firstcall_store::{Error, Tx, bookings};
use std::collections::HashMap;

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

/// Who can be put on the open chairs of one instrument by hand.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is played.
    pub instrument: String,
    /// Its chairs that nobody holds at the option at hand.
    pub chairs: Vec<ChairNo>,
    /// Who plays it: those who play it first come first.
    pub players: Vec<Player>,
}

/// Somebody who plays it.
#[derive(Clone, Debug)]
pub struct Player {
    /// Who.
    pub id: MusicianId,
    /// Their name.
    pub name: String,
    /// Why they would not be asked by themselves, as it follows their name.
    pub why: Option<String>,
}

/// So many can be chosen from.
const MOST_PLAYERS: usize = 100;

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

    /// Whom the next wave of each of these bookings would ask; nothing of a booking that asks nobody.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn who_is_next(&self, ids: Vec<BookingId>) -> Result<HashMap<BookingId, Vec<MusicianId>>, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let foresee = async move |tx: &mut Tx| {
            let mut next = HashMap::new();
            for &id in &ids {
                let Some(booking) = bookings::get(tx, id).await? else { continue };
                let known = engine.known(tx, &booking, &[]).await?;
                let before = booking.offers.len();
                let stepped = step(booking, Event::Managed(Act::Next, known.facts()), now, engine.policy());
                let asked = stepped.booking.offers.iter().skip(before).map(|offer| offer.musician);
                next.insert(id, asked.collect());
            }
            Ok::<_, Error>(next)
        };
        self.store().read(foresee).await
    }

    /// Who can be put on the open chairs of the option at hand, with a word on each who would not be asked by themselves.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn choices(&self, id: BookingId) -> Result<Vec<Choice>, Error> {
        let engine = self.clone();
        let find = async move |tx: &mut Tx| {
            let Some(booking) = bookings::get(tx, id).await? else { return Ok::<_, Error>(Vec::new()) };
            let known = engine.known(tx, &booking, &[]).await?;
            Ok(choices(&booking, &known.facts(), engine.policy()))
        };
        self.store().read(find).await
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

fn choices(booking: &Booking, facts: &Facts<'_>, policy: &Policy) -> Vec<Choice> {
    let Some(option) = booking.current().and_then(|no| booking.option(no)).filter(|o| booking.is_live(o.no)) else {
        return Vec::new();
    };
    let mut choices: Vec<Choice> = Vec::new();
    for no in booking.open_chairs(option.no) {
        let instrument = &booking.chair(no).instrument;
        match choices.iter_mut().find(|choice| choice.instrument == *instrument) {
            Some(choice) => choice.chairs.push(no),
            None => choices.push(Choice { instrument: instrument.clone(), chairs: vec![no], players: Vec::new() }),
        }
    }
    for choice in &mut choices {
        let can = facts.roster.call_list(&choice.instrument).map(|(_, musician)| musician);
        let can = can.filter(|m| matches!(m.standing, MusicianStanding::Active | MusicianStanding::Paused));
        let player = |musician: &Musician| {
            let asked = booking.offers_at(option.no).any(|offer| offer.musician == musician.id);
            let why = facts.why_not(musician, &option.time, policy).map(|why| why.phrase());
            let why = why.or_else(|| asked.then(|| "was asked".to_owned()));
            Player { id: musician.id, name: musician.name.clone(), why }
        };
        choice.players = can.take(MOST_PLAYERS).map(player).collect();
    }
    choices
}
