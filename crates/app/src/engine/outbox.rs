//! What may leave now: messages are claimed for whoever hands them over (rules 4.7, 8.4, 8.5).
//!
//! A claim is durable before anything is handed over, and looks once more at everything that may have changed since the
//! message was written: who is texted, at which number, whether they still want it, the hour, and what may be spent.

use super::doubt::has_waited;
use super::{Cause, Engine};
use crate::settings::SmsProvider;
use firstcall_connect::{Because, Refusal};
use firstcall_core::booking::Delivery;
use firstcall_core::contact::{EmailAddress, Phone};
use firstcall_core::roster::{Musician, MusicianStanding};
use firstcall_core::wording;
use firstcall_store::messages::{self, Message};
use firstcall_store::{Error, Tx};
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// After this long without a report a claimed message is looked at again.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// The longest that a network keeps trying.
const LONGEST_VALID: SignedDuration = SignedDuration::from_hours(10);
/// A text that would have less than this before quiet hours waits for their end.
const SHORTEST_VALID: SignedDuration = SignedDuration::from_mins(1);

const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// A message that may be handed over, once, by whoever claimed it.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its number.
    pub id: i64,
    /// Which attempt to hand it over this is, from 1.
    pub attempt: u32,
    /// The number or address it goes to.
    pub to: String,
    /// Its words.
    pub body: String,
    /// The calendar part of an e-mail that is an invitation (RFC 6047).
    pub invitation: Option<String>,
    /// How long the network may keep trying: not into quiet hours, and not beyond the end of its offer.
    pub valid_for: SignedDuration,
}

impl Claimed {
    pub(super) fn of(message: Message, valid_for: SignedDuration) -> Self {
        let Message { id, attempt, to, body, .. } = message;
        Self { id, attempt, to, body, invitation: None, valid_for }
    }

    /// By what the network's reports name it.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { id: self.id, attempt: Some(self.attempt) }
    }

    /// Whether it goes to an address rather than to a number.
    #[must_use]
    pub fn is_email(&self) -> bool {
        self.to.contains('@')
    }
}

/// What a network is given with a text, and gives back with its reports: "17-2" is the second attempt of message 17.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The message.
    pub id: i64,
    /// The attempt. A mark may leave it out.
    pub attempt: Option<u32>,
}

impl Mark {
    /// A mark as a network gives it back.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (id, attempt) = match text.split_once('-') {
            Some((id, attempt)) => (id, Some(attempt.parse().ok()?)),
            None => (text, None),
        };
        Some(Self { id: id.parse().ok()?, attempt })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempt {
            Some(attempt) => write!(f, "{}-{attempt}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

/// What becomes of a message that is due.
enum Verdict {
    /// It leaves, and the network may try until then.
    Leaves(Timestamp),
    /// It leaves later.
    Waits(Timestamp, Option<String>),
    /// It never leaves.
    Void(&'static str),
    /// It cannot be sent.
    Refused(Refusal),
}

impl Engine {
    /// Claims up to `limit` messages that may leave now.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn claim(&self, limit: i64) -> Result<Vec<Claimed>, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let mut claimed = Vec::new();
            for id in messages::due(tx, now, limit).await? {
                if let Some(message) = messages::get(tx, id).await? {
                    claimed.extend(engine.claim_one(tx, message, now).await?);
                }
            }
            Ok::<_, Error>(claimed)
        };
        self.store().write(op).await
    }

    async fn claim_one(&self, tx: &mut Tx, mut message: Message, now: Timestamp) -> Result<Option<Claimed>, Error> {
        if has_waited(&message, now) {
            return self.doubt_again(tx, &message, now).await.map(|()| None);
        }
        match self.judge(tx, &mut message, now).await? {
            Verdict::Leaves(until) => {
                if messages::claim(tx, message.id, later(now, LEASE)).await? {
                    let musician = message.musician;
                    let mut claimed = Claimed::of(message, until.duration_since(now));
                    if claimed.is_email() {
                        claimed.invitation = messages::invitation(tx, claimed.id).await?;
                    }
                    if self.is_diverted(&claimed.to) {
                        let people = self.roster(tx).await?;
                        let name = musician.and_then(|id| people.get(id)).map(|musician| musician.name.as_str());
                        self.divert(&mut claimed, name);
                    }
                    return Ok(Some(claimed));
                }
            }
            Verdict::Waits(until, why) => {
                if why.is_some() {
                    messages::explain(tx, message.id, why.as_deref()).await?;
                }
                self.wait(tx, &message, until).await?;
            }
            Verdict::Void(why) => messages::settle(tx, message.id, "void", Some(why), now).await?,
            Verdict::Refused(refusal) => _ = self.record_refusal(tx, &message, &refusal, now).await?,
        }
        Ok(None)
    }

    async fn judge(&self, tx: &mut Tx, message: &mut Message, now: Timestamp) -> Result<Verdict, Error> {
        if message.to.contains('@') {
            let manager = &self.settings().manager.email;
            return Ok(if self.is_diverted(&message.to) && manager.is_none() {
                Verdict::Void("this is a dry run, and manager.email is not set")
            } else {
                Verdict::Leaves(later(now, LONGEST_VALID))
            });
        }
        let verdict = self.recipient(tx, message, now).await?;
        let Verdict::Leaves(until) = verdict else { return Ok(verdict) };
        if self.settings().sms.provider == SmsProvider::Phones {
            return Ok(Verdict::Leaves(until));
        }
        let countries = &self.settings().sms.countries;
        if !countries.is_empty() && !countries.iter().any(|code| message.to.starts_with(code.as_str())) {
            let words = "their number is in a country that sms.countries does not allow".to_owned();
            return Ok(Verdict::Refused(Refusal { because: Because::BadNumber, code: None, words }));
        }
        self.spend(tx, message, until, now).await
    }

    /// Looks at who is texted: until when the network may try, or why the message does not leave. Only musicians and the
    /// manager are ever texted, at the number they have now.
    async fn recipient(&self, tx: &mut Tx, message: &mut Message, now: Timestamp) -> Result<Verdict, Error> {
        if let Some(token) = message.token.clone().filter(|_| message.is_code()) {
            // Beside them only whoever wants to join is texted: their code.
            return Ok(match self.coded(tx, message, &token, now).await? {
                Ok((body, until)) => {
                    message.body = body;
                    Verdict::Leaves(until)
                }
                Err(why) => Verdict::Void(why),
            });
        }
        let Some(musician) = message.musician else {
            let known = self.is_manager(&message.to);
            let stranger = Verdict::Void("this is not the manager's number");
            return Ok(if known { Verdict::Leaves(later(now, LONGEST_VALID)) } else { stranger });
        };
        let people = self.roster(tx).await?;
        let Some(musician) = people.get(musician) else { return Ok(Verdict::Void("they are not on the roster")) };
        if musician.standing == MusicianStanding::OptedOut {
            return Ok(Verdict::Void("they have opted out of texts"));
        }
        if message.to != musician.phone.as_str() {
            musician.phone.as_str().clone_into(&mut message.to);
            messages::readdress(tx, message.id, &message.to).await?;
        }
        Ok(self.hour(message, musician, now))
    }

    /// Whether what is for somebody goes to the manager: in a dry run.
    fn is_diverted(&self, to: &str) -> bool {
        self.settings().sms.dry_run.is_on() && !self.is_manager(to)
    }

    /// Who really gets what is for `to`.
    pub(super) fn reaches(&self, to: String) -> String {
        let manager = &self.settings().manager;
        let address = if to.contains('@') {
            manager.email.as_ref().map(EmailAddress::as_str)
        } else {
            manager.phone.as_ref().map(Phone::as_str)
        };
        address.filter(|_| self.is_diverted(&to)).map_or(to, str::to_owned)
    }

    fn divert(&self, claimed: &mut Claimed, name: Option<&str>) {
        claimed.body = format!("(Dry run, for {}) {}", name.unwrap_or(&claimed.to), claimed.body);
        claimed.to = self.reaches(std::mem::take(&mut claimed.to));
        claimed.invitation = None;
    }

    /// Rule 4.7: until when the network may try, or until when the message waits.
    fn hour(&self, message: &Message, to: &Musician, now: Timestamp) -> Verdict {
        let mut until = later(now, LONGEST_VALID);
        if let (Some(time), "offer") = (message.time, message.kind.as_str()) {
            until = until.min(self.policy().end_of(&time)).max(now);
        }
        let waits = matches!(message.kind.as_str(), "offer" | "release" | "notice");
        if !waits || message.reason.as_deref() == Some("at_once") {
            return Verdict::Leaves(until);
        }
        let earliest = self.policy().may_leave(now, to);
        if earliest > now {
            return Verdict::Waits(earliest, None);
        }
        let Some(quiet) = self.policy().quiet_from(now, to) else { return Verdict::Leaves(until) };
        let shown = self.settings().sms.provider == SmsProvider::Phones;
        if !shown && quiet.duration_since(now) < SHORTEST_VALID {
            return Verdict::Waits(self.policy().may_leave(quiet, to), None);
        }
        Verdict::Leaves(until.min(quiet))
    }

    /// Counts a text against what may be spent on one day of the studio's. What is told to the manager never waits.
    async fn spend(&self, tx: &mut Tx, message: &Message, until: Timestamp, now: Timestamp) -> Result<Verdict, Error> {
        let sms = &self.settings().sms;
        let zone = &self.settings().studio.time_zone;
        let day = now.to_zoned(zone.clone()).date();
        let mut scopes = vec![
            ("all".to_owned(), sms.per_day, "sms.per_day"),
            (format!("number {}", message.to), sms.per_number, "sms.per_number"),
        ];
        scopes.extend(message.booking.map(|id| (format!("booking {id}"), sms.per_booking, "sms.per_booking")));
        for (scope, most, key) in &scopes {
            if (message.musician.is_some() || message.is_code())
                && messages::sent_on(tx, &day.to_string(), scope).await? >= *most
            {
                let link = self.settings().server.public_url.join("/");
                let words = wording::spent(key, *most, &link);
                self.tell_manager(tx, None, Some(&format!("spent:{day}:{scope}")), words, now).await?;
                let tomorrow = day.tomorrow().and_then(|day| day.to_zoned(zone.clone()));
                let tomorrow = tomorrow.map_or(later(now, A_DAY), |at| at.timestamp());
                return Ok(Verdict::Waits(tomorrow, Some(format!("{key} = {most} is reached for today"))));
            }
        }
        for (scope, ..) in &scopes {
            messages::count_sent(tx, &day.to_string(), scope).await?;
        }
        Ok(Verdict::Leaves(until))
    }

    /// Lets a message leave later. The deadline of its booking counts from when it leaves.
    async fn wait(&self, tx: &mut Tx, message: &Message, until: Timestamp) -> Result<(), Error> {
        match message.booking.zip(message.offer) {
            Some((id, offer)) => {
                let later = Cause::Delivered(offer, Delivery::Queued(until));
                self.turn(tx, id, later, "clock").await.map(drop)
            }
            None => messages::postpone(tx, message.id, until).await,
        }
    }

    /// When the next message may leave, an unreported one is looked at, or a doubt is to be settled.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn next_message_due(&self) -> Result<Option<Timestamp>, Error> {
        self.store().read(async |tx| messages::next_due(tx).await).await
    }
}

pub(super) fn later(now: Timestamp, after: SignedDuration) -> Timestamp {
    now.saturating_add(after).unwrap_or(Timestamp::MAX)
}
