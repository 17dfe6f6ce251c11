//! Texts that arrived: kept before they are understood (rule 1.2), once each, however often the network brings them.

use crate::instants::At;
use crate::{Error, Row, ToValue, Tx, Value, params, statements};
use firstcall_core::ids::MusicianId;
use jiff::Timestamp;

/// The columns of an [`Inbound`], in one place.
macro_rules! select_inbound {
    ($rest:literal) => {
        concat!("SELECT id, sender, body, received_at, musician_id, understood, handled_at FROM inbound_texts ", $rest)
    };
}

statements! {
    /// Keeps a text that arrived, unless it is kept.
    INSERT_INBOUND = "INSERT INTO inbound_texts (sender, body, received_at, musician_id, network_id) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (network_id) DO NOTHING \
        RETURNING id, sender, body, received_at, musician_id, understood, handled_at";
    /// The text that the network knows by a number.
    INBOUND_BY_NETWORK_ID = select_inbound!("WHERE network_id = $1");
    /// What was made of it.
    SETTLE_INBOUND = "UPDATE inbound_texts SET understood = $2 WHERE id = $1";
    /// Texts of musicians that were not understood so far.
    INBOUND_LEFT = select_inbound!(
        "WHERE understood IS NULL AND musician_id IS NOT NULL AND received_at <= $1 ORDER BY id LIMIT $2"
    );
    /// What a musician wrote, newest first.
    INBOUND_FROM = select_inbound!("WHERE musician_id = $1 ORDER BY id DESC LIMIT $2");
    /// What several musicians wrote since a moment, newest first.
    INBOUND_SAID = select_inbound!(
        "WHERE musician_id IN {ints $1} AND received_at >= $2 ORDER BY id DESC LIMIT $3"
    );
    /// One text.
    INBOUND = select_inbound!("WHERE id = $1");
    /// What a musician wrote before a text, newest first.
    INBOUND_BEFORE = select_inbound!("WHERE musician_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    /// What came from a number while it was nobody's, before a text, newest first.
    INBOUND_OF_NUMBER = select_inbound!(
        "WHERE sender = $1 AND musician_id IS NULL AND id < $2 ORDER BY id DESC LIMIT $3"
    );
    /// What came last, from anybody, before a text, newest first.
    NEWEST_INBOUND = select_inbound!("WHERE id < $1 ORDER BY id DESC LIMIT $2");
    /// Texts that went to the manager and that nobody has seen to, who has waited longest first.
    UNHANDLED = select_inbound!(
        "WHERE understood IN ('passed_on', 'stranger') AND handled_at IS NULL ORDER BY id LIMIT $1"
    );
    /// Somebody saw to what a musician wrote, up to a text.
    HANDLE = "UPDATE inbound_texts SET handled_at = $3 WHERE musician_id = $1 AND id <= $2 AND handled_at IS NULL \
        AND understood IN ('passed_on', 'stranger')";
    /// Somebody saw to what came from a number while it was nobody's, up to a text.
    HANDLE_NUMBER = "UPDATE inbound_texts SET handled_at = $3 WHERE sender = $1 AND musician_id IS NULL AND id <= $2 \
        AND handled_at IS NULL AND understood IN ('passed_on', 'stranger')";
    /// How often somebody has written since a moment.
    COUNT_INBOUND = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM inbound_texts \
        WHERE musician_id = $1 AND received_at >= $2";
    /// Keeps a piece of a long text, unless it is kept.
    INSERT_PART = "INSERT INTO inbound_parts (sender, reference, part, parts, network_id, body, received_at, joined) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE) ON CONFLICT (network_id) DO NOTHING";
    /// The pieces of a long text that are there, in order.
    PARTS = "SELECT sender, reference, part, parts, network_id, body FROM inbound_parts \
        WHERE sender = $1 AND reference = $2 AND NOT joined ORDER BY part, id";
    /// Long texts with pieces that came before a moment: what is missing of them does not come any more.
    STALE_PARTS = "SELECT DISTINCT sender, reference FROM inbound_parts \
        WHERE (received_at <= $1 OR received_at > $2) AND NOT joined LIMIT $3";
    /// A text was put together of its pieces: they are kept, because the network may bring them again.
    JOIN_PARTS = "UPDATE inbound_parts SET joined = TRUE WHERE sender = $1 AND reference = $2 AND NOT joined";
}

/// A text that arrived.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Its number.
    pub id: i64,
    /// The number it came from.
    pub sender: String,
    /// Its words.
    pub body: String,
    /// When it came.
    pub received_at: Timestamp,
    /// Whose number that is.
    pub musician: Option<MusicianId>,
    /// What was made of it.
    pub understood: Option<String>,
    /// When somebody saw to it, where it went to the manager.
    pub handled_at: Option<Timestamp>,
}

impl Inbound {
    /// Whether it went to the manager, and nobody has seen to it.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.handled_at.is_none() && matches!(self.understood.as_deref(), Some("passed_on" | "stranger"))
    }
}

/// A text before it is kept.
#[derive(Clone, Debug)]
pub struct NewInbound {
    /// The number it came from.
    pub sender: String,
    /// Its words.
    pub body: String,
    /// Whose number that is.
    pub musician: Option<MusicianId>,
    /// By which number the network knows it; with the same number again it is not kept again.
    pub network_id: Option<String>,
}

/// A piece of a long text.
#[derive(Clone, Debug)]
pub struct InboundPart {
    /// The number it came from.
    pub sender: String,
    /// What the pieces of one text have in common. Numbers come again after some texts.
    pub reference: String,
    /// Which piece it is, from 1.
    pub part: u32,
    /// How many there are.
    pub parts: u32,
    /// By which number the network knows it.
    pub network_id: String,
    /// Its words.
    pub body: String,
}

/// Keeps a text that arrived; one that is kept already is returned as it is.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keep(tx: &mut Tx, new: &NewInbound, now: Timestamp) -> Result<Inbound, Error> {
    let row = params![new.sender, new.body, At(now), new.musician, new.network_id];
    match tx.query_opt(&INSERT_INBOUND, row).await? {
        Some(row) => read(&row),
        None => read(&tx.query_one(&INBOUND_BY_NETWORK_ID, params![new.network_id]).await?),
    }
}

/// Records what was made of a text that arrived.
///
/// # Errors
/// When the database cannot be asked.
pub async fn settle(tx: &mut Tx, id: i64, understood: &str) -> Result<(), Error> {
    tx.execute(&SETTLE_INBOUND, params![id, understood]).await.map(drop)
}

/// What a musician wrote, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn from(tx: &mut Tx, musician: MusicianId, limit: i64) -> Result<Vec<Inbound>, Error> {
    tx.query(&INBOUND_FROM, params![musician, limit]).await?.iter().map(read).collect()
}

/// Up to `limit` texts that several musicians wrote since a moment, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn said(tx: &mut Tx, who: &[MusicianId], since: Timestamp, limit: i64) -> Result<Vec<Inbound>, Error> {
    let who: Vec<i64> = who.iter().map(|id| id.0).collect();
    let rows = tx.query(&INBOUND_SAID, &[Value::ints(&who), At(since).to_value(), limit.to_value()]).await?;
    rows.iter().map(read).collect()
}

/// One text.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Inbound>, Error> {
    tx.query_opt(&INBOUND, params![id]).await?.as_ref().map(read).transpose()
}

/// Up to `limit` texts of a musician's before number `before`, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn before(tx: &mut Tx, musician: MusicianId, before: i64, limit: i64) -> Result<Vec<Inbound>, Error> {
    tx.query(&INBOUND_BEFORE, params![musician, before, limit]).await?.iter().map(read).collect()
}

/// Up to `limit` texts from a number while it was nobody's, before number `before`, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of_number(tx: &mut Tx, number: &str, before: i64, limit: i64) -> Result<Vec<Inbound>, Error> {
    tx.query(&INBOUND_OF_NUMBER, params![number, before, limit]).await?.iter().map(read).collect()
}

/// Up to `limit` texts from anybody before number `before`, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn newest(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<Inbound>, Error> {
    tx.query(&NEWEST_INBOUND, params![before, limit]).await?.iter().map(read).collect()
}

/// Up to `limit` texts that went to the manager and that nobody has seen to, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn unhandled(tx: &mut Tx, limit: i64) -> Result<Vec<Inbound>, Error> {
    tx.query(&UNHANDLED, params![limit]).await?.iter().map(read).collect()
}

/// Somebody saw to what a musician wrote, up to text `last`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn handle(tx: &mut Tx, musician: MusicianId, last: i64, now: Timestamp) -> Result<(), Error> {
    tx.execute(&HANDLE, params![musician, last, At(now)]).await.map(drop)
}

/// Somebody saw to what came from a number while it was nobody's, up to text `last`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn handle_number(tx: &mut Tx, number: &str, last: i64, now: Timestamp) -> Result<(), Error> {
    tx.execute(&HANDLE_NUMBER, params![number, last, At(now)]).await.map(drop)
}

/// How often a musician has written since a moment.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count_since(tx: &mut Tx, musician: MusicianId, since: Timestamp) -> Result<i64, Error> {
    tx.query_one(&COUNT_INBOUND, params![musician, At(since)]).await?.get("number")
}

/// Up to `limit` texts of musicians that arrived before `before` and have not been understood, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn left(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<Inbound>, Error> {
    tx.query(&INBOUND_LEFT, params![At(before), limit]).await?.iter().map(read).collect()
}

/// Keeps a piece of a long text, and returns all of its pieces that are there, in order.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keep_part(tx: &mut Tx, new: &InboundPart, now: Timestamp) -> Result<Vec<InboundPart>, Error> {
    let InboundPart { sender, reference, part, parts, network_id, body } = new;
    tx.execute(&INSERT_PART, params![sender, reference, *part, *parts, network_id, body, At(now)]).await?;
    parts_of(tx, sender, reference).await
}

/// The pieces of a long text that are there, in order.
///
/// # Errors
/// When the database cannot be asked.
pub async fn parts_of(tx: &mut Tx, sender: &str, reference: &str) -> Result<Vec<InboundPart>, Error> {
    tx.query(&PARTS, params![sender, reference]).await?.iter().map(read_part).collect()
}

/// Up to `limit` long texts, as sender and reference, with pieces that came up to `before`, or after `after`: the clock was set
/// back since.
///
/// # Errors
/// When the database cannot be asked.
pub async fn stale_parts(
    tx: &mut Tx,
    before: Timestamp,
    after: Timestamp,
    limit: i64,
) -> Result<Vec<(String, String)>, Error> {
    let rows = tx.query(&STALE_PARTS, params![At(before), At(after), limit]).await?;
    rows.iter().map(|row| Ok((row.get("sender")?, row.get("reference")?))).collect()
}

/// A text was put together of its pieces.
///
/// # Errors
/// When the database cannot be asked.
pub async fn join_parts(tx: &mut Tx, sender: &str, reference: &str) -> Result<(), Error> {
    tx.execute(&JOIN_PARTS, params![sender, reference]).await.map(drop)
}

fn read(row: &Row) -> Result<Inbound, Error> {
    Ok(Inbound {
        id: row.get("id")?,
        sender: row.get("sender")?,
        body: row.get("body")?,
        received_at: row.get::<At>("received_at")?.0,
        musician: row.get("musician_id")?,
        understood: row.get("understood")?,
        handled_at: row.get::<Option<At>>("handled_at")?.map(|At(at)| at),
    })
}

fn read_part(row: &Row) -> Result<InboundPart, Error> {
    Ok(InboundPart {
        sender: row.get("sender")?,
        reference: row.get("reference")?,
        part: row.get("part")?,
        parts: row.get("parts")?,
        network_id: row.get("network_id")?,
        body: row.get("body")?,
    })
}
