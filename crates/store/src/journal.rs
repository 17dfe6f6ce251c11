//! The log of what happened, and answers that are given again.

use crate::instants::At;
use crate::{Error, Row, Tx, params, statements};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OptionNo};
use firstcall_core::step::Entry;
use jiff::{SignedDuration, Timestamp};

statements! {
    /// Something happened.
    INSERT_ENTRY = "INSERT INTO journal (booking_id, happened_at, actor, kind, option_no, chair_no, musician_id, detail) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A booking's log, in order.
    ENTRIES_OF = "SELECT id, booking_id, happened_at, actor, kind, option_no, chair_no, musician_id, detail \
        FROM journal WHERE booking_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Everybody's log, in order.
    ENTRIES = "SELECT id, booking_id, happened_at, actor, kind, option_no, chair_no, musician_id, detail \
        FROM journal WHERE id > $1 ORDER BY id LIMIT $2";
    /// The number of the newest entry.
    LAST_ENTRY = "SELECT COALESCE(MAX(id), 0) AS id FROM journal";
    /// Takes an idempotency key, unless it is taken.
    TAKE_KEY = "INSERT INTO idempotency (key_hash, request_hash, created_at) VALUES ($1, $2, $3) \
        ON CONFLICT (key_hash) DO NOTHING";
    /// What was answered under a key.
    READ_KEY = "SELECT request_hash, status, response, created_at FROM idempotency WHERE key_hash = $1";
    /// Takes a key over whose call was never answered.
    RETAKE_KEY = "UPDATE idempotency SET created_at = $3 WHERE key_hash = $1 AND status IS NULL AND created_at <= $2";
    /// A key leads to the booking that was made under it.
    BOOK_KEY = "UPDATE idempotency SET booking_id = $2 WHERE key_hash = $1";
    /// The booking that was made under a key.
    BOOKING_OF_KEY = "SELECT booking_id FROM idempotency WHERE key_hash = $1";
    /// What was booked under a key, and by which call.
    BOOKED_UNDER = "SELECT request_hash, booking_id FROM idempotency WHERE key_hash = $1 AND booking_id IS NOT NULL";
    /// Keeps the answer that was given under a key.
    ANSWER_KEY = "UPDATE idempotency SET status = $2, response = $3 WHERE key_hash = $1";
    /// Gives a key back.
    RELEASE_KEY = "DELETE FROM idempotency WHERE key_hash = $1 AND status IS NULL";
    /// Forgets old keys.
    FORGET_KEYS = "DELETE FROM idempotency WHERE created_at < $1";
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number.
    pub id: i64,
    /// The booking it speaks of.
    pub booking: Option<BookingId>,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// What happened, in one word.
    pub kind: String,
    /// About which option.
    pub option: Option<OptionNo>,
    /// About which chair.
    pub chair: Option<ChairNo>,
    /// About whom.
    pub musician: Option<MusicianId>,
    /// What the kind alone does not say.
    pub detail: String,
}

/// What is known of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// It is this call's.
    Taken,
    /// The same call was answered before.
    Answered(u16, String),
    /// The same call made this booking, and its answer got lost.
    Booked(BookingId),
    /// The same call is being answered.
    Busy,
    /// It was used for another call.
    Misused,
}

/// Writes a line into the log.
///
/// # Errors
/// When the database cannot be asked.
pub async fn write(
    tx: &mut Tx,
    booking: Option<BookingId>,
    actor: &str,
    entry: &Entry,
    now: Timestamp,
) -> Result<(), Error> {
    let Entry { kind, option, chair, musician, detail } = entry;
    let line = params![booking, At(now), actor, *kind, *option, *chair, *musician, detail];
    tx.queue(&INSERT_ENTRY, line).await
}

/// A booking's log after line `after`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of(tx: &mut Tx, booking: BookingId, after: i64, limit: i64) -> Result<Vec<Line>, Error> {
    tx.query(&ENTRIES_OF, params![booking, after, limit]).await?.iter().map(read).collect()
}

/// Everybody's log after line `after`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn since(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Line>, Error> {
    tx.query(&ENTRIES, params![after, limit]).await?.iter().map(read).collect()
}

/// The number of the newest line; 0 when there is none.
///
/// # Errors
/// When the database cannot be asked.
pub async fn last(tx: &mut Tx) -> Result<i64, Error> {
    tx.query_one(&LAST_ENTRY, params![]).await?.get("id")
}

/// Takes an idempotency key for a call.
///
/// # Errors
/// When the database cannot be asked.
pub async fn take_key(tx: &mut Tx, key: &str, request: &str, now: Timestamp) -> Result<Key, Error> {
    if tx.execute(&TAKE_KEY, params![key, request, At(now)]).await? == 1 {
        return Ok(Key::Taken);
    }
    let row = tx.query_one(&READ_KEY, params![key]).await?;
    if row.get::<String>("request_hash")? != request {
        return Ok(Key::Misused);
    }
    if let (Some(status), Some(response)) = (row.get::<Option<u16>>("status")?, row.get::<Option<String>>("response")?)
    {
        return Ok(Key::Answered(status, response));
    }
    // The process that took it ended in the middle. What it made under the key is found, else the call is made again.
    let given_up = now.saturating_sub(LONGEST_CALL).unwrap_or(Timestamp::MIN);
    if tx.execute(&RETAKE_KEY, params![key, At(given_up), At(now)]).await? == 0 {
        return Ok(Key::Busy);
    }
    let booking = tx.query_one(&BOOKING_OF_KEY, params![key]).await?.get::<Option<BookingId>>("booking_id")?;
    Ok(booking.map_or(Key::Taken, Key::Booked))
}

/// A call that was not answered after this long never will be.
const LONGEST_CALL: SignedDuration = SignedDuration::from_secs(30);

/// Lets a key lead to the booking that is made under it, in the transaction that makes it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn book_key(tx: &mut Tx, key: &str, booking: BookingId) -> Result<(), Error> {
    tx.execute(&BOOK_KEY, params![key, booking]).await.map(drop)
}

/// The call that made a booking under a key, and the booking; none when no booking was made under it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn booked_under(tx: &mut Tx, key: &str) -> Result<Option<(String, BookingId)>, Error> {
    let row = tx.query_opt(&BOOKED_UNDER, params![key]).await?;
    row.map(|row| Ok((row.get("request_hash")?, row.get("booking_id")?))).transpose()
}

/// Keeps the answer that was given under a key.
///
/// # Errors
/// When the database cannot be asked.
pub async fn answer_key(tx: &mut Tx, key: &str, status: u16, response: &str) -> Result<(), Error> {
    tx.execute(&ANSWER_KEY, params![key, status, response]).await.map(drop)
}

/// Gives a key back whose call was not carried out.
///
/// # Errors
/// When the database cannot be asked.
pub async fn release_key(tx: &mut Tx, key: &str) -> Result<(), Error> {
    tx.execute(&RELEASE_KEY, params![key]).await.map(drop)
}

/// Forgets keys that were taken before `before`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget_keys(tx: &mut Tx, before: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_KEYS, params![At(before)]).await.map(drop)
}

fn read(row: &Row) -> Result<Line, Error> {
    Ok(Line {
        id: row.get("id")?,
        booking: row.get("booking_id")?,
        at: row.get::<At>("happened_at")?.0,
        actor: row.get("actor")?,
        kind: row.get("kind")?,
        option: row.get("option_no")?,
        chair: row.get("chair_no")?,
        musician: row.get("musician_id")?,
        detail: row.get("detail")?,
    })
}
