//! Who agreed to be texted, or wants no more: when, over which channel and by which words. Kept as proof, never changed.

use crate::instants::At;
use crate::{Error, Row, Tx, params, statements};
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use jiff::Timestamp;

statements! {
    /// Somebody agreed, or wants no more.
    INSERT_CONSENT = "INSERT INTO consents (musician_id, phone, given_at, kind, channel, wording) \
        SELECT id, phone, $2, $3, $4, $5 FROM musicians WHERE id = $1";
    /// A number that is nobody's wants no more, or takes that back.
    INSERT_SAID = "INSERT INTO consents (musician_id, phone, given_at, kind, channel, wording) \
        VALUES (NULL, $1, $2, $3, 'text', $4)";
    /// What was last said from a number itself.
    LAST_SAID = "SELECT kind FROM consents WHERE phone = $1 AND channel IN ('text', 'network', 'web') \
        ORDER BY id DESC LIMIT 1";
    /// What somebody agreed to, newest first.
    CONSENTS_OF = "SELECT id, musician_id, phone, given_at, kind, channel, wording FROM consents \
        WHERE musician_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
}

/// What somebody agreed to, or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentKind {
    /// They were asked to join the list.
    Invited,
    /// They agreed.
    Joined,
    /// The manager says that they agreed.
    Vouched,
    /// They want no more texts.
    OptedOut,
}

impl ConsentKind {
    /// Its word in the database and the interface.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::Vouched => "vouched",
            Self::OptedOut => "opted_out",
        }
    }
}

/// One line of proof.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Its number.
    pub id: i64,
    /// Who.
    pub musician: MusicianId,
    /// The number they had.
    pub phone: String,
    /// When.
    pub at: Timestamp,
    /// invited, joined, vouched or `opted_out`.
    pub kind: String,
    /// How it was said: text, network, web, desk, api or import.
    pub channel: String,
    /// The words.
    pub wording: String,
}

/// Keeps what a musician agreed to, or refused.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keep(
    tx: &mut Tx,
    musician: MusicianId,
    kind: ConsentKind,
    channel: &str,
    wording: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(&INSERT_CONSENT, params![musician, At(now), kind.word(), channel, wording]).await.map(drop)
}

/// Keeps that a number that is nobody's wants no more.
///
/// # Errors
/// When the database cannot be asked.
pub async fn refuse(tx: &mut Tx, phone: &Phone, wording: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(&INSERT_SAID, params![phone, At(now), ConsentKind::OptedOut.word(), wording]).await.map(drop)
}

/// Keeps that a number that is nobody's may be texted again.
///
/// # Errors
/// When the database cannot be asked.
pub async fn take_back(tx: &mut Tx, phone: &Phone, wording: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(&INSERT_SAID, params![phone, At(now), ConsentKind::Joined.word(), wording]).await.map(drop)
}

/// Whether a number itself has said that it wants no more, and has not taken that back. Only it can (rule 8.5).
///
/// # Errors
/// When the database cannot be asked.
pub async fn has_refused(tx: &mut Tx, phone: &Phone) -> Result<bool, Error> {
    let Some(row) = tx.query_opt(&LAST_SAID, params![phone]).await? else { return Ok(false) };
    Ok(row.get::<String>("kind")? == ConsentKind::OptedOut.word())
}

/// Up to `limit` lines about a musician before line `before`, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of(tx: &mut Tx, musician: MusicianId, before: i64, limit: i64) -> Result<Vec<Consent>, Error> {
    tx.query(&CONSENTS_OF, params![musician, before, limit]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Consent, Error> {
    Ok(Consent {
        id: row.get("id")?,
        musician: row.get("musician_id")?,
        phone: row.get("phone")?,
        at: row.get::<At>("given_at")?.0,
        kind: row.get("kind")?,
        channel: row.get("channel")?,
        wording: row.get("wording")?,
    })
}
