//! Doubts about texts, and how they are settled (rule 8.4): by a report, by the network's records, or by the manager.
//!
//! A network that lists what it has is asked at the moments of `sms.settle_after`. Only when its records never had the
//! text is it handed over a second time, with the same link; if that one is in doubt again, or the network has no
//! records, the manager is asked. A second time that has to wait is looked up once more before it leaves.

use super::outbox::{Mark, later};
use super::{Cause, Engine, Turned};
use firstcall_connect::{Handed, Listed, Lookup};
use firstcall_core::booking::Delivery;
use firstcall_core::wording;
use firstcall_store::messages::{self, Message};
use firstcall_store::{Error, Tx};
use jiff::{SignedDuration, Timestamp};

/// The network's clock may be behind ours, and its records begin with the day.
const BEFORE: SignedDuration = SignedDuration::from_mins(5);
/// Records that cannot be read are asked for again after this long.
const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(2);
/// For so long it is as if they had been looked at this moment.
const AS_GOOD_AS_NOW: SignedDuration = SignedDuration::from_secs(2);
/// For so long they are asked for.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(24);

/// A text of which nobody knows whether the network has it.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// Its number.
    pub id: i64,
    /// The number it went to.
    pub to: String,
    /// From when on the network's records are of interest.
    pub since: Timestamp,
    body: String,
    token: Option<String>,
    doubted_at: Option<Timestamp>,
    looks: u32,
}

/// What the manager says of a text in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It arrived.
    Arrived,
    /// It is to be sent again.
    Again,
}

impl Doubt {
    fn of(message: Message) -> Self {
        let since = later(message.created_at, -BEFORE);
        let Message { id, to, body, token, doubted_at, looks, .. } = message;
        Self { id, to, since, body, token, doubted_at, looks }
    }

    /// The text, if this is still what is known of it: another node may have looked as well.
    async fn still(&self, tx: &mut Tx) -> Result<Option<Message>, Error> {
        let known = (self.doubted_at, self.looks);
        let message = messages::lock(tx, self.id).await?;
        Ok(message.filter(|text| text.state == "in_doubt" && (text.doubted_at, text.looks) == known))
    }

    /// Whether a text in the records is this one: by its link, which no other text has, else by all of its words. A trial
    /// account's texts begin with words of the network.
    fn is(&self, listed: &Listed) -> bool {
        match &self.token {
            Some(token) => listed.body.contains(token.as_str()),
            None => listed.body.ends_with(&self.body),
        }
    }
}

impl Engine {
    /// Up to `limit` texts in doubt that are to be looked up now.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn doubts(&self, limit: i64) -> Result<Vec<Doubt>, Error> {
        let now = self.clock().now();
        let mut found = self.store().read(async move |tx| messages::doubtful(tx, now, limit).await).await?;
        for message in found.iter_mut().filter(|message| message.is_code()) {
            self.uncover(message).await?;
        }
        Ok(found.into_iter().map(|text| Doubt { to: self.reaches(text.to.clone()), ..Doubt::of(text) }).collect())
    }

    /// Records what a network's records show of a text in doubt; `Err` says why they could not be read.
    ///
    /// # Errors
    /// When the database cannot be asked: it is then looked up again.
    pub async fn looked_up(&self, doubt: &Doubt, records: Result<Lookup, String>) -> Result<(), Error> {
        match records {
            Ok(Lookup::Listed(listed)) => {
                let found: Vec<Listed> = listed.into_iter().filter(|listed| doubt.is(listed)).collect();
                match self.record_of(doubt, found).await? {
                    Some(found) => {
                        let mark = Mark { id: doubt.id, attempt: None };
                        self.reported(mark, Some(&found.network_id), found.report).await
                    }
                    None => self.not_in_records(doubt).await,
                }
            }
            Ok(Lookup::NoListing) => {
                self.cannot_look(doubt, None, "the network keeps no records that can be read").await
            }
            Err(why) => self.cannot_look(doubt, Some(ASK_AGAIN), &why).await,
        }
    }

    /// The record of this text, among those with its words: another message's record is not its own.
    async fn record_of(&self, doubt: &Doubt, found: Vec<Listed>) -> Result<Option<Listed>, Error> {
        let id = doubt.id;
        let choose = async move |tx: &mut Tx| {
            for record in &found {
                let known = messages::by_network_id(tx, &record.network_id).await?;
                if known.is_none_or(|message| message.id == id) {
                    return Ok(Some(record.clone()));
                }
            }
            Ok::<_, Error>(None)
        };
        self.store().read(choose).await
    }

    /// The manager settles a doubt. None: there is no such text. `Err` inside: its
    /// state does not allow that.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn settle_doubt(
        &self,
        id: i64,
        settled: Settled,
        actor: &str,
    ) -> Result<Option<Result<(), String>>, Error> {
        let (engine, now, actor) = (self.clone(), self.clock().now(), actor.to_owned());
        let op = async move |tx: &mut Tx| {
            let Some(message) = messages::lock(tx, id).await? else { return Ok(None) };
            if message.state != "in_doubt" {
                return Ok(Some(Err(format!("it is {}, not in doubt", message.state))));
            }
            let turned = match settled {
                Settled::Arrived => engine.record(tx, &message, &Handed::Taken(String::new()), now).await?,
                Settled::Again => engine.send_again(tx, &message, None, &actor, now).await?,
            };
            Ok::<_, Error>(Some(Ok(turned)))
        };
        match self.write_again_if_beaten(op).await? {
            Some(Ok(turned)) => self.after(turned).await.map(|()| Some(Ok(()))),
            Some(Err(why)) => Ok(Some(Err(why))),
            None => Ok(None),
        }
    }

    /// A text is in doubt from now on.
    pub(super) async fn doubt(&self, tx: &mut Tx, message: &Message, now: Timestamp) -> Result<(), Error> {
        let first = self.settings().sms.settle_after.first().map(|after| later(now, *after));
        let is_text = !message.to.contains('@');
        messages::doubt(tx, message.id, now, first.filter(|_| is_text)).await
    }

    /// A text that was to go again had to wait. It is in doubt as before, and one look decides.
    pub(super) async fn doubt_again(&self, tx: &mut Tx, message: &Message, now: Timestamp) -> Result<(), Error> {
        let looks = self.settings().sms.settle_after.len().saturating_sub(1);
        self.move_on(
            tx,
            message,
            Delivery::InDoubt(now),
            Some("it had to wait, so the network is asked once more"),
            now,
        )
        .await?;
        messages::doubt_again(tx, message.id, now, u32::try_from(looks).unwrap_or(u32::MAX)).await
    }

    /// The records do not have it. After the last look it is handed over a second time.
    async fn not_in_records(&self, doubt: &Doubt) -> Result<(), Error> {
        let (engine, now, looked, id) = (self.clone(), self.clock().now(), doubt.clone(), doubt.id);
        let op = async move |tx: &mut Tx| {
            let Some(message) = looked.still(tx).await? else { return Ok(None) };
            let looks = message.looks + 1;
            if let Some(next) = engine.look_after(&message, looks) {
                messages::look_up(tx, id, Some(next.max(now)), looks).await?;
                return Ok(None);
            }
            if message.resent {
                messages::look_up(tx, id, None, looks).await?;
                engine.ask(tx, &message, "it was handed over twice and is in no record", now).await?;
                return Ok(None);
            }
            engine.send_again(tx, &message, Some(now), "network", now).await
        };
        let turned = self.write_again_if_beaten(op).await?;
        self.after(turned).await
    }

    /// When a text is looked up that the records did not have so often; never after the last time.
    fn look_after(&self, message: &Message, looks: u32) -> Option<Timestamp> {
        let after = self.settings().sms.settle_after.get(usize::try_from(looks).ok()?)?;
        Some(later(message.doubted_at?, *after))
    }

    /// Hands a text over once more, with the same link; an offer that nobody can take any more is called back.
    async fn send_again(
        &self,
        tx: &mut Tx,
        message: &Message,
        looked_at: Option<Timestamp>,
        actor: &str,
        now: Timestamp,
    ) -> Result<Option<Turned>, Error> {
        messages::resend(tx, message.id, looked_at).await?;
        match message.booking.zip(message.offer) {
            Some((id, offer)) => self.turn(tx, id, Cause::Delivered(offer, Delivery::Queued(now)), actor).await,
            None => messages::postpone(tx, message.id, now).await.map(|()| None),
        }
    }

    /// The records cannot be looked at, now or ever. A report may settle the doubt all the same; once the last moment has
    /// passed the manager is asked.
    async fn cannot_look(&self, doubt: &Doubt, again: Option<SignedDuration>, why: &str) -> Result<(), Error> {
        let (engine, now, looked, id, why) =
            (self.clone(), self.clock().now(), doubt.clone(), doubt.id, why.to_owned());
        let op = async move |tx: &mut Tx| {
            let Some(message) = looked.still(tx).await? else { return Ok(()) };
            let since = message.doubted_at.unwrap_or(now);
            let last = engine.settings().sms.settle_after.last().map_or(now, |after| later(since, *after));
            let again = again.filter(|_| now < later(since, GIVE_UP)).map(|after| later(now, after));
            if now < last {
                return messages::look_up(tx, id, Some(again.unwrap_or(last).min(last)), message.looks).await;
            }
            messages::look_up(tx, id, again, message.looks).await?;
            engine.ask(tx, &message, &why, now).await
        };
        self.store().write(op).await?;
        self.ring();
        Ok(())
    }

    async fn ask(&self, tx: &mut Tx, message: &Message, why: &str, now: Timestamp) -> Result<(), Error> {
        if message.is_code() {
            // Whoever waits for a code that does not come asks again by themselves.
            return messages::settle(tx, message.id, "failed", Some(why), now).await;
        }
        let who = match message.musician {
            Some(id) => self.roster(tx).await?.get(id).map(|musician| musician.name.clone()),
            None => None,
        };
        let link = self.page_about(message);
        let who = who.as_deref().unwrap_or("you");
        let words = wording::doubtful(&message.kind, who, why, &link);
        self.tell_manager(tx, message.booking, Some(&format!("in_doubt:{}", message.id)), words, now).await
    }
}

/// Whether a text that is to go again has waited since the records did not have it: its first attempt may be there by now.
pub(super) fn has_waited(message: &Message, now: Timestamp) -> bool {
    message.looked_at.is_some_and(|looked_at| {
        message.due_at.is_some_and(|due_at| due_at > looked_at) || now.duration_since(looked_at) > AS_GOOD_AS_NOW
    })
}
