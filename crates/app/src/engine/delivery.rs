//! What became of texts that were handed over: what the network said at once, and what it reports later.

use super::outbox::{Claimed, Mark, later};
use super::{Cause, Engine, Turned};
use crate::settings::SmsProvider;
use firstcall_connect::{Because, Handed, Refusal, Report};
use firstcall_core::booking::Delivery;
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::wording;
use firstcall_store::consents::{self, ConsentKind};
use firstcall_store::messages::{self, Message};
use firstcall_store::{Error, Tx, calendars, entries};
use jiff::{SignedDuration, Timestamp};

/// Why a message is in doubt.
const ENDED: &str = "the program ended while it was handing this over";
/// What the account lacks is mended by a human: until then, texts are offered to the network so often.
const ACCOUNT_AGAIN: SignedDuration = SignedDuration::from_mins(2);

impl Engine {
    /// Records what a network did with a claimed message.
    ///
    /// # Errors
    /// When the database cannot be asked; the message is then looked at again when its lease ends.
    pub async fn handed(&self, claimed: &Claimed, handed: Handed) -> Result<(), Error> {
        let (engine, now, id) = (self.clone(), self.clock().now(), claimed.id);
        let record = async move |tx: &mut Tx| {
            let Some(message) = messages::lock(tx, id).await? else { return Ok(None) };
            engine.record(tx, &message, &handed, now).await
        };
        let turned = self.write_again_if_beaten(record).await?;
        self.after(turned).await
    }

    /// Records what a network reports of a message. Reports come late, early, twice and in any order: what is known only
    /// moves forward.
    ///
    /// # Errors
    /// When the database cannot be asked: the network is to report again.
    pub async fn reported(&self, mark: Mark, network_id: Option<&str>, report: Report) -> Result<(), Error> {
        let (engine, now, number) = (self.clone(), self.clock().now(), network_id.unwrap_or_default().to_owned());
        let id = mark.id;
        let record = async move |tx: &mut Tx| {
            let Some(message) = messages::lock(tx, id).await? else { return Ok(None) };
            if !is_news(&message, mark.attempt, &number, &report) {
                return Ok(None);
            }
            let Report::Failed(refusal) = &report else {
                let turned = engine.record(tx, &message, &Handed::Taken(number.clone()), now).await?;
                if report == Report::Delivered {
                    messages::delivered(tx, id).await?;
                }
                return Ok(turned);
            };
            engine.record_refusal(tx, &message, refusal, now).await
        };
        let turned = self.write_again_if_beaten(record).await?;
        self.after(turned).await
    }

    /// Records what a network reports of a message that it knows by our mark, or by its own number.
    ///
    /// # Errors
    /// When the database cannot be asked: the network is to report again.
    pub async fn reported_as(&self, mark: Option<Mark>, network_id: &str, report: Report) -> Result<(), Error> {
        let number = network_id.to_owned();
        if let Some(mark) = mark {
            return self.reported(mark, Some(network_id), report).await;
        }
        let find = async move |tx: &mut Tx| messages::by_network_id(tx, &number).await;
        match self.store().read(find).await? {
            Some(Message { id, .. }) => self.reported(Mark { id, attempt: None }, Some(network_id), report).await,
            None => Ok(()),
        }
    }

    /// Everybody who waits for what was recorded is woken.
    pub(super) async fn after(&self, turned: Option<Turned>) -> Result<(), Error> {
        if let Some(turned) = turned {
            self.ring_for(&turned);
            self.follow(turned).await?;
        } else {
            self.wake_poked().await?;
            self.ring();
        }
        Ok(())
    }

    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        message: &Message,
        handed: &Handed,
        now: Timestamp,
    ) -> Result<Option<Turned>, Error> {
        match handed {
            Handed::Taken(number) => {
                if !number.is_empty() {
                    messages::number(tx, message.id, number).await?;
                }
                self.move_on(tx, message, Delivery::Sent(now), None, now).await
            }
            Handed::Later(after, why) => {
                self.move_on(tx, message, Delivery::Queued(later(now, *after)), Some(why), now).await
            }
            Handed::Refused(refusal) if refusal.because == Because::Account => {
                self.tell_account(tx, refusal, now).await?;
                let again = Delivery::Queued(later(now, ACCOUNT_AGAIN));
                self.move_on(tx, message, again, Some(&refusal.words), now).await
            }
            Handed::Refused(refusal) => self.record_refusal(tx, message, refusal, now).await,
            Handed::Unknown(why) => {
                let turned = self.move_on(tx, message, Delivery::InDoubt(now), Some(why), now).await?;
                self.doubt(tx, message, now).await?;
                Ok(turned)
            }
        }
    }

    /// A text that will not arrive: its chair moves on, and the manager is told what to mend (rules 4.6, 7.1). A network
    /// that knows of a STOP, or that a number is none for texts, is believed.
    pub(super) async fn record_refusal(
        &self,
        tx: &mut Tx,
        message: &Message,
        refusal: &Refusal,
        now: Timestamp,
    ) -> Result<Option<Turned>, Error> {
        let why = match &refusal.code {
            Some(code) if !refusal.words.contains(code.as_str()) => format!("{}, {code}", refusal.words),
            _ => refusal.words.clone(),
        };
        // Who has answered has the text.
        let arrived = has_left(message) && message.answer.as_deref().is_some_and(|answer| answer != "overlap");
        let mut turned =
            if arrived { None } else { self.move_on(tx, message, Delivery::Failed(now), Some(&why), now).await? };
        let Some(musician) = message.musician else {
            if let Some(phone) = Phone::new(&message.to).ok().filter(|_| message.is_code())
                && refusal.because == Because::OptedOut
            {
                consents::refuse(tx, &phone, &refusal.words, now).await?;
            }
            return Ok(turned);
        };
        if let Some(turned) = &mut turned {
            turned.more = matches!(refusal.because, Because::OptedOut | Because::BadNumber);
        }
        match refusal.because {
            Because::OptedOut => {
                consents::keep(tx, musician, ConsentKind::OptedOut, "network", &refusal.words, now).await?;
                self.stand(tx, musician, MusicianStanding::OptedOut, "network", now).await?;
            }
            // Whoever said STOP before stays opted out.
            Because::BadNumber if !arrived && self.is_asked(tx, musician).await? => {
                self.stand(tx, musician, MusicianStanding::Paused, "network", now).await?;
            }
            Because::BadNumber | Because::Content | Because::Account | Because::Unreachable => {}
        }
        Ok(turned)
    }

    /// Lets a message come as far as `delivery` says, and its booking with it.
    pub(super) async fn move_on(
        &self,
        tx: &mut Tx,
        message: &Message,
        delivery: Delivery,
        why: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Turned>, Error> {
        if why.is_some() && (!has_left(message) || matches!(delivery, Delivery::Failed(_))) {
            // First: what the manager is told of an offer gives the reason.
            messages::explain(tx, message.id, why).await?;
        }
        if let Some((booking, offer)) = message.booking.zip(message.offer) {
            return self.turn(tx, booking, Cause::Delivered(offer, delivery), "provider").await;
        }
        let state = match delivery {
            Delivery::Queued(until) => {
                messages::postpone(tx, message.id, until).await?;
                return Ok(None);
            }
            Delivery::Sent(_) => "sent",
            Delivery::Failed(_) => "failed",
            Delivery::InDoubt(_) => "in_doubt",
            Delivery::Void => "void",
            Delivery::OnHold | Delivery::Sending => return Ok(None),
        };
        messages::settle(tx, message.id, state, why, now).await?;
        if state == "failed" && !self.is_manager(&message.to) && !message.is_code() {
            self.tell_undelivered(tx, message, why.unwrap_or("it was refused"), now).await?;
        }
        Ok(None)
    }

    async fn is_asked(&self, tx: &mut Tx, musician: MusicianId) -> Result<bool, Error> {
        let people = self.roster(tx).await?;
        Ok(people.get(musician).is_some_and(|musician| musician.standing == MusicianStanding::Active))
    }

    pub(super) fn is_manager(&self, to: &str) -> bool {
        let manager = &self.settings().manager;
        manager.phone.as_ref().is_some_and(|phone| phone.as_str() == to)
            || manager.email.as_ref().is_some_and(|address| address.as_str() == to)
    }

    /// Rule 7.1: what cannot be delivered is the manager's to mend. Offers say so through their booking.
    async fn tell_undelivered(&self, tx: &mut Tx, message: &Message, why: &str, now: Timestamp) -> Result<(), Error> {
        let link = self.page_about(message);
        let words = wording::undelivered(&message.kind, why, &link);
        self.tell_manager(tx, message.booking, Some(&format!("undelivered:{}", message.id)), words, now).await
    }

    /// The page on which the manager sees a message.
    pub(super) fn page_about(&self, message: &Message) -> String {
        let page = message.booking.map_or_else(|| "/".to_owned(), |id| format!("/bookings/{id}"));
        self.settings().server.public_url.join(&page)
    }

    /// Once an hour: nothing leaves until somebody mends the account.
    async fn tell_account(&self, tx: &mut Tx, refusal: &Refusal, now: Timestamp) -> Result<(), Error> {
        let link = self.settings().server.public_url.join("/");
        let words = wording::refused(&refusal.words, &link);
        let key = format!("account:{}", now.as_second() / 3600);
        self.tell_manager(tx, None, Some(&key), words, now).await
    }

    /// Looks at messages that were claimed and never reported, because their process ended in between.
    ///
    /// The pretended phones take a text by its being recorded as sent, so one that was not recorded was not taken, and
    /// may leave again. A network or mail server may have taken it: it is in doubt (rule 8.4).
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
        for message in self.store().read(find).await? {
            let claimed = Claimed::of(message, SignedDuration::ZERO);
            let shown = self.settings().sms.provider == SmsProvider::Phones && !claimed.is_email();
            let ended = || ENDED.to_owned();
            let handed = if shown { Handed::Later(SignedDuration::ZERO, ended()) } else { Handed::Unknown(ended()) };
            self.handed(&claimed, handed).await?;
        }
        Ok(())
    }

    /// Gives up every claim: to be called when this process begins to work alone on its database. Other nodes' leases end
    /// by themselves.
    pub(super) async fn release_claims(&self) -> Result<(), Error> {
        let now = self.clock().now();
        let release = async move |tx: &mut Tx| {
            messages::release_claims(tx, now).await?;
            calendars::release_claims(tx).await?;
            entries::release_claims(tx).await
        };
        self.store().write(release).await
    }
}

/// Whether the network has a text, as is known.
fn has_left(message: &Message) -> bool {
    matches!(message.state.as_str(), "sent" | "delivered")
}

/// Whether a report says more than what is known. What is on the phone is delivered. That a first attempt failed is not said
/// of the second; but it may have arrived all the same, also while the second waits.
fn is_news(message: &Message, attempt: Option<u32>, network_id: &str, report: &Report) -> bool {
    let failed = matches!(report, Report::Failed(_));
    let earlier = attempt.is_some_and(|attempt| attempt < message.attempt);
    let another = message.network_id.as_deref().is_some_and(|known| !network_id.is_empty() && known != network_id);
    match message.state.as_str() {
        "sending" | "sent" | "in_doubt" => !(failed && (earlier || another)),
        "queued" => message.resent && !failed,
        _ => false,
    }
}
