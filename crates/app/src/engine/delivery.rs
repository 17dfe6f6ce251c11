//! Handing texts over, one at a time: claim, hand over with no transaction open, record.

use super::{Cause, Engine};
use crate::settings::SmsProvider;
use firstcall_core::booking::Delivery;
use firstcall_core::ids::{BookingId, OfferNo};
use firstcall_core::roster::MusicianStanding;
use firstcall_store::messages::{self, Message};
use firstcall_store::{Error, Tx};
use jiff::{SignedDuration, Timestamp};

/// After this long without a report a claimed message is looked at again.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Why a message is in doubt.
const ENDED: &str = "the program ended while it was handing this over";

/// A message that may be handed over, once, by whoever claimed it.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its number.
    pub id: i64,
    /// The number or address it goes to.
    pub to: String,
    /// Its words.
    pub body: String,
    offer: Option<(BookingId, OfferNo)>,
}

impl Claimed {
    /// Whether it goes to an address rather than to a number.
    #[must_use]
    pub fn is_email(&self) -> bool {
        self.to.contains('@')
    }
}

/// What a provider did with a message. The cases differ in what may happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// It took it.
    Taken,
    /// It certainly did not take it, and may after this long; and why.
    Later(SignedDuration, String),
    /// It refuses it for good.
    Refused(String),
    /// Nobody knows.
    Unknown(String),
}

/// What a provider reports, in its own time, of a message that it was handed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// It has it.
    Taken,
    /// The recipient has it.
    Delivered,
    /// It could not deliver it, and why.
    Failed(String),
}

impl Engine {
    /// Claims up to `limit` messages that may leave now. Whoever must not be texted now is checked once more here:
    /// opted out, or quiet hours that have begun since the message was written (rules 4.7, 8.5).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn claim(&self, limit: i64) -> Result<Vec<Claimed>, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let mut claimed = Vec::new();
            for id in messages::due(tx, now, limit).await? {
                let Some(message) = messages::get(tx, id).await? else { continue };
                if engine.may_leave(tx, &message, now).await? && messages::claim(tx, id, later(now, LEASE)).await? {
                    claimed.push(of(message));
                }
            }
            Ok::<_, Error>(claimed)
        };
        if !self.anything_to_send(now).await? {
            return Ok(Vec::new());
        }
        self.store().write(op).await
    }

    /// Looks before writing, so that an idle outbox costs one short read.
    async fn anything_to_send(&self, now: Timestamp) -> Result<bool, Error> {
        let next = self.store().read(async |tx| messages::next_due(tx).await).await?;
        Ok(next.is_some_and(|at| at <= now))
    }

    async fn may_leave(&self, tx: &mut Tx, message: &Message, now: Timestamp) -> Result<bool, Error> {
        let Some(musician) = message.musician else { return Ok(true) };
        let people = self.roster(tx).await?;
        let Some(musician) = people.get(musician) else { return Ok(true) };
        if musician.standing == MusicianStanding::OptedOut {
            messages::settle(tx, message.id, "void", Some("they have opted out of texts"), now).await?;
            return Ok(false);
        }
        let waits =
            matches!(message.kind.as_str(), "offer" | "release") && message.reason.as_deref() != Some("at_once");
        let earliest = self.policy().may_leave(now, &musician.zone);
        if waits && earliest > now {
            messages::postpone(tx, message.id, earliest).await?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Records what a provider did with a claimed message.
    ///
    /// # Errors
    /// When the database cannot be asked; the message is then looked at again when its lease ends.
    pub async fn handed(&self, claimed: &Claimed, handed: Handed) -> Result<(), Error> {
        let now = self.clock().now();
        let (delivery, state, why) = match handed {
            Handed::Later(after, why) => (Delivery::Queued(later(now, after)), "queued", Some(why)),
            Handed::Taken => (Delivery::Sent(now), "sent", None),
            Handed::Refused(why) => (Delivery::Failed(now), "failed", Some(why)),
            Handed::Unknown(why) => (Delivery::InDoubt(now), "in_doubt", Some(why)),
        };
        let id = claimed.id;
        if let Some((booking, offer)) = claimed.offer {
            self.change(booking, Cause::Delivered(offer, delivery), "provider").await?;
            if let Some(why) = why {
                self.store().write(async move |tx| messages::explain(tx, id, Some(&why)).await).await?;
            }
            return Ok(());
        }
        let (engine, to, refused) = (self.clone(), claimed.to.clone(), state == "failed");
        let op = async move |tx: &mut Tx| {
            if let Delivery::Queued(until) = delivery {
                messages::postpone(tx, id, until).await?;
                return messages::explain(tx, id, why.as_deref()).await;
            }
            messages::settle(tx, id, state, why.as_deref(), now).await?;
            match messages::get(tx, id).await? {
                Some(message) if refused && !engine.is_manager(&to) => engine.tell_undelivered(tx, &message, now).await,
                Some(_) | None => Ok(()),
            }
        };
        self.store().write(op).await?;
        self.ring();
        Ok(())
    }

    /// Records what a provider reports of a message. Reports come late, early, twice and in any order: what is known only
    /// moves forward.
    ///
    /// # Errors
    /// When the database cannot be asked: the provider is to report again.
    pub async fn reported(&self, id: i64, report: Report) -> Result<(), Error> {
        let find = async move |tx: &mut Tx| messages::get(tx, id).await;
        let Some(message) = self.store().read(find).await? else { return Ok(()) };
        if !matches!(message.state.as_str(), "sending" | "sent" | "in_doubt" | "delivered") {
            return Ok(());
        }
        let handed = match &report {
            Report::Taken | Report::Delivered => Handed::Taken,
            Report::Failed(why) => Handed::Refused(why.clone()),
        };
        self.handed(&of(message), handed).await?;
        if report == Report::Delivered {
            self.store().write(async move |tx| messages::delivered(tx, id).await).await?;
        }
        Ok(())
    }

    fn is_manager(&self, to: &str) -> bool {
        let manager = &self.settings().manager;
        manager.phone.as_ref().is_some_and(|phone| phone.as_str() == to)
            || manager.email.as_ref().is_some_and(|address| address.as_str() == to)
    }

    /// Rule 7.1: what cannot be delivered is the manager's to mend. Offers say so through their booking.
    async fn tell_undelivered(&self, tx: &mut Tx, message: &Message, now: Timestamp) -> Result<(), Error> {
        let link = match message.booking {
            Some(id) => self.settings().server.public_url.join(&format!("/bookings/{id}")),
            None => self.settings().server.public_url.join("/"),
        };
        let why = message.error.as_deref().unwrap_or("it was refused");
        let words =
            format!("First Call: a {} could not be delivered ({why}). Tell them yourself: {link}", message.kind);
        self.tell_manager(tx, message.booking, &format!("undelivered:{}", message.id), words, now).await
    }

    /// Looks at messages that were claimed and never reported, because their process ended in between.
    ///
    /// The pretended phones take a text by its being recorded as sent, so one that was not recorded was not taken, and
    /// may leave again. A provider or mail server may have taken it: it is in doubt, and the desk shows it (rule 8.4).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn recover_abandoned(&self) -> Result<(), Error> {
        let now = self.clock().now();
        let find = async move |tx: &mut Tx| {
            let mut left = Vec::new();
            for id in messages::abandoned(tx, now, 100).await? {
                left.extend(messages::get(tx, id).await?);
            }
            Ok::<_, Error>(left)
        };
        for message in self.store().read(find).await?.into_iter().map(of) {
            let shown = self.settings().sms.provider == SmsProvider::Phones && !message.is_email();
            let ended = || ENDED.to_owned();
            let handed = if shown { Handed::Later(SignedDuration::ZERO, ended()) } else { Handed::Unknown(ended()) };
            self.handed(&message, handed).await?;
        }
        Ok(())
    }

    /// Gives up every claim: to be called when this process begins to work alone on its database. Other nodes' leases end
    /// by themselves.
    pub(super) async fn release_claims(&self) -> Result<(), Error> {
        let now = self.clock().now();
        self.store().write(async move |tx| messages::release_claims(tx, now).await).await
    }

    /// When the next message may leave, or the next unreported one is looked at.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn next_message_due(&self) -> Result<Option<Timestamp>, Error> {
        self.store().read(async |tx| messages::next_due(tx).await).await
    }
}

fn later(now: Timestamp, after: SignedDuration) -> Timestamp {
    now.saturating_add(after).unwrap_or(Timestamp::MAX)
}

fn of(message: Message) -> Claimed {
    let offer = message.booking.zip(message.offer);
    Claimed { id: message.id, to: message.to, body: message.body, offer }
}
