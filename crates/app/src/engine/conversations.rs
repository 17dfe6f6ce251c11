//! What the manager writes to a musician, as the studio: whether it may be sent, when it leaves, and once only.

use super::Engine;
use super::manage::storable;
use crate::hash::sha256;
use crate::settings::SmsProvider;
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::segments;
use firstcall_store::messages::{self, NewMessage};
use firstcall_store::roster::{self, Entry};
use firstcall_store::{Error, Tx, consents, inbound};
use jiff::{SignedDuration, Timestamp};

/// No text of the manager's takes more segments.
pub const MOST_SEGMENTS: usize = 6;
/// What is written within this time after somebody's text answers it (rule 4.7).
const ANSWERS: SignedDuration = SignedDuration::from_hours(24);

/// Whether, and when, a musician can be written to.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Why they are not texted (rule 4.12).
    pub refused: Option<String>,
    /// Whether what is written answers them: then it may leave in quiet hours (rule 4.7).
    pub answers: bool,
    /// When their quiet hours end, if it is in them now.
    pub quiet_until: Option<Timestamp>,
}

/// A text of the manager's.
#[derive(Clone, Debug)]
pub struct Writing {
    /// To whom.
    pub to: MusicianId,
    /// Its words, without the studio's name.
    pub words: String,
    /// By what a second press of the same button is known.
    pub token: String,
    /// The newest text of theirs that the manager had seen: it and those before it are answered.
    pub seen: i64,
    /// It waits for the end of their quiet hours, also if it could leave now.
    pub later: bool,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It leaves.
    Done,
    /// It does not, because of this.
    Refused(String),
    /// There is no such musician.
    Unknown,
}

impl Engine {
    /// Whether, and when, a musician can be written to. None: there is no such musician.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn reach(&self, tx: &mut Tx, id: MusicianId) -> Result<Option<(Entry, Reach)>, Error> {
        let now = self.clock().now();
        let Some(entry) = roster::get(tx, id).await? else { return Ok(None) };
        let theirs = inbound::from(tx, id, 1).await?;
        let since = now.saturating_sub(ANSWERS).unwrap_or(Timestamp::MIN);
        let answers = theirs.first().is_some_and(|text| text.received_at >= since || text.waits());
        let refused = self.refused(tx, &entry, answers).await?;
        let leaves = self.policy().may_leave(now, &entry.musician);
        Ok(Some((entry, Reach { refused, answers, quiet_until: (leaves > now).then_some(leaves) })))
    }

    async fn refused(&self, tx: &mut Tx, entry: &Entry, answers: bool) -> Result<Option<String>, Error> {
        let (musician, sms) = (&entry.musician, &self.settings().sms);
        let phone = musician.phone.as_str();
        if musician.standing == MusicianStanding::Removed {
            return Ok(Some("They are not on the roster any more: nothing is texted to them.".to_owned()));
        }
        if musician.standing == MusicianStanding::OptedOut || consents::has_refused(tx, &musician.phone).await? {
            return Ok(Some(format!("They want no more texts, so none is sent. Call them: {phone}")));
        }
        if musician.standing == MusicianStanding::Invited && !answers {
            let why = "They were invited and have not replied JOIN so far: nothing else is texted to them before.";
            return Ok(Some(why.to_owned()));
        }
        let countries = &sms.countries;
        if sms.provider != SmsProvider::Phones
            && !countries.is_empty()
            && !countries.iter().any(|code| phone.starts_with(code.as_str()))
        {
            return Ok(Some(format!(
                "Their number is in a country that sms.countries does not allow. Call them: {phone}"
            )));
        }
        // A number that cannot be texted pauses its musician until it is mended.
        let last = messages::with(tx, musician.id, i64::MAX, 1).await?;
        let failed = last.first().filter(|text| text.state == "failed" && text.to == phone);
        if let (MusicianStanding::Paused, Some(failed)) = (musician.standing, failed) {
            let why = failed.error.as_deref().unwrap_or("it was refused");
            return Ok(Some(format!("Their number could not be texted ({why}). Mend the number first, or call them.")));
        }
        Ok(None)
    }

    /// What a text of the manager's is in the end: who sends it, and the words without typographic marks.
    #[must_use]
    pub fn as_the_studio(&self, words: &str) -> String {
        segments::plain(&format!("{}: {}", self.settings().studio.name, storable(words).trim()))
    }

    /// Writes to a musician as the studio. The same text with the same token is written once.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn write_to(&self, writing: Writing) -> Result<Written, Error> {
        if writing.words.trim().is_empty() {
            return Ok(Written::Refused("Write something first.".to_owned()));
        }
        let body = self.as_the_studio(&writing.words);
        let size = segments::size(&body);
        if size.segments > MOST_SEGMENTS {
            let segments = size.segments;
            return Ok(Written::Refused(format!("This would be {segments} segments; {MOST_SEGMENTS} are the most.")));
        }
        let (engine, now) = (self.clone(), self.clock().now());
        let once = sha256(&[writing.token.as_bytes(), b"\0", body.as_bytes()]);
        let op = async move |tx: &mut Tx| {
            let Some((entry, reach)) = engine.reach(tx, writing.to).await? else { return Ok(Written::Unknown) };
            if let Some(why) = reach.refused {
                return Ok(Written::Refused(why));
            }
            let waits = writing.later || !reach.answers;
            let message = NewMessage {
                kind: if reach.answers { "reply" } else { "notice" },
                booking: None,
                musician: Some(writing.to),
                to: entry.musician.phone.as_str().to_owned(),
                body: body.clone(),
                once_key: Some(format!("written:{}:{once}", writing.to)),
                about: None,
                token: None,
                due_at: Some(reach.quiet_until.filter(|_| waits).unwrap_or(now)),
                at_once: false,
                error: None,
            };
            messages::insert(tx, &message, now).await?;
            engine.handle_up_to(tx, &entry, writing.seen, now).await?;
            Ok::<_, Error>(Written::Done)
        };
        let written = self.store().write(op).await?;
        self.ring();
        Ok(written)
    }

    /// The manager has seen to what a musician wrote, up to a text. False: there is no such musician.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn saw_to(&self, id: MusicianId, seen: i64) -> Result<bool, Error> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let Some(entry) = roster::get(tx, id).await? else { return Ok(false) };
            engine.handle_up_to(tx, &entry, seen, now).await.map(|()| true)
        };
        let done = self.store().write(op).await?;
        self.ring();
        Ok(done)
    }

    /// The manager has seen to what came from the number of a text while it was nobody's, up to text `seen`. False: there
    /// is no such text.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn saw_to_stranger(&self, text: i64, seen: i64) -> Result<bool, Error> {
        let now = self.clock().now();
        let op = async move |tx: &mut Tx| {
            let Some(text) = inbound::get(tx, text).await? else { return Ok(false) };
            inbound::handle_number(tx, &text.sender, seen, now).await.map(|()| true)
        };
        let done = self.store().write(op).await?;
        self.ring();
        Ok(done)
    }

    /// Also what they wrote before they were on the roster.
    async fn handle_up_to(&self, tx: &mut Tx, entry: &Entry, seen: i64, now: Timestamp) -> Result<(), Error> {
        inbound::handle(tx, entry.musician.id, seen, now).await?;
        inbound::handle_number(tx, entry.musician.phone.as_str(), seen, now).await
    }
}
