//! Mails as they arrived, and what became of them (rules 1.2–1.4).

use crate::instants::At;
use crate::{Error, Row, ToValue, Tx, Value, params, statements};
use bytes::Bytes;
use firstcall_core::ids::BookingId;
use jiff::Timestamp;

/// The columns of a [`Mail`], in one place.
macro_rules! select_mail {
    ($rest:literal) => {
        concat!(
            "SELECT id, content_hash, media_type, received_at, state, same_as, booking_id, reading, client, subject, typed \
             FROM mails ",
            $rest
        )
    };
}

statements! {
    /// Keeps a mail, unless the same bytes are kept already.
    INSERT_MAIL = "INSERT INTO mails (media_type, received_at, arrival_key, state) \
        VALUES ($1, $2, $3, 'received') ON CONFLICT (arrival_key) DO NOTHING";
    /// Keeps the bytes of a mail.
    INSERT_BYTES = "INSERT INTO mail_bytes (mail_id, raw) SELECT id, $2 FROM mails WHERE arrival_key = $1";
    /// The mail of an arrival.
    MAIL_BY_ARRIVAL = select_mail!("WHERE arrival_key = $1");
    /// The first mail with a key.
    MAIL_BY_KEY = select_mail!("WHERE first_key = $1");
    /// A mail.
    MAIL = select_mail!("WHERE id = $1");
    /// A mail that nobody else settles meanwhile.
    LOCK_MAIL = select_mail!("WHERE id = $1 {for_update}");
    /// The bytes of a mail.
    MAIL_RAW = "SELECT mail_bytes.raw AS raw, mails.media_type AS media_type \
        FROM mails JOIN mail_bytes ON mail_bytes.mail_id = mails.id WHERE mails.id = $1";
    /// A mail is the first with its key.
    MAIL_IS_FIRST = "UPDATE mails SET first_key = $2, content_hash = $3 WHERE id = $1";
    /// A mail says what another one said before.
    MAIL_IS_SAME = "UPDATE mails SET state = 'duplicate', same_as = $2 WHERE id = $1";
    /// What became of a mail.
    SETTLE_MAIL = "UPDATE mails SET state = $2, booking_id = $3, reading = $4, client = $5, subject = $6 WHERE id = $1";
    /// Mails in a state, oldest first.
    LIST_INBOX = select_mail!("WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3");
    /// Mails that wait for nobody, newest first.
    LIST_SETTLED = select_mail!("WHERE id < $1 AND state NOT IN ('needs_review', 'received') ORDER BY id DESC LIMIT $2");
    /// Mails that wait for nobody, in one state, newest first.
    LIST_SETTLED_IN = select_mail!("WHERE state = $3 AND id < $1 ORDER BY id DESC LIMIT $2");
    /// How many mails are in a state.
    COUNT_MAILS_IN = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM mails WHERE state = $1";
    /// What somebody typed into a mail's form.
    SAVE_TYPED = "UPDATE mails SET typed = $2 WHERE id = $1 AND state = 'needs_review'";
    /// Mails that were kept and never read to the end.
    UNREAD_MAILS = "SELECT id FROM mails WHERE state = 'received' AND received_at <= $1 ORDER BY id LIMIT $2";
}

/// A mail without its bytes.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its number.
    pub id: i64,
    /// What it says, hashed; once it was read.
    pub content_hash: Option<String>,
    /// In which form it came.
    pub media_type: String,
    /// When it came.
    pub received_at: Timestamp,
    /// received, booked, `needs_review`, ignored, dismissed or duplicate.
    pub state: String,
    /// The mail that said the same before.
    pub same_as: Option<i64>,
    /// The booking that was made of it.
    pub booking: Option<BookingId>,
    /// What was read out of it, as JSON.
    pub reading: Option<String>,
    /// Who it is from, for lists.
    pub client: Option<String>,
    /// What it is about, for lists.
    pub subject: Option<String>,
    /// What somebody typed into its form, as JSON.
    pub typed: Option<String>,
}

/// What became of a mail.
#[derive(Clone, Debug)]
pub struct Settled<'a> {
    /// booked, `needs_review`, ignored or dismissed.
    pub state: &'a str,
    /// The booking that was made of it.
    pub booking: Option<BookingId>,
    /// What was read out of it, as JSON.
    pub reading: &'a str,
    /// Who it is from.
    pub client: Option<&'a str>,
    /// What it is about.
    pub subject: Option<&'a str>,
}

/// A mail as it came, ready to be kept: its form, when it came, its key and its bytes, which may be many and are not copied
/// again on their way.
#[derive(Debug)]
pub struct Arrived([Value; 4]);

impl Arrived {
    /// A mail; `arrival` is the same for the same bytes.
    #[must_use]
    pub fn new(arrival: &str, media_type: &str, raw: Bytes, now: Timestamp) -> Self {
        Self([media_type.to_value(), At(now).to_value(), arrival.to_value(), Value::Bytes(raw)])
    }
}

/// Keeps a mail as it came, unless the same bytes are kept already; and returns the one that is kept.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keep(tx: &mut Tx, Arrived(mail): &Arrived) -> Result<Mail, Error> {
    if tx.execute(&INSERT_MAIL, &mail[..3]).await? == 1 {
        tx.execute(&INSERT_BYTES, &mail[2..]).await?;
    }
    read(&tx.query_one(&MAIL_BY_ARRIVAL, &mail[2..3]).await?)
}

/// One mail.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Mail>, Error> {
    tx.query_opt(&MAIL, params![id]).await?.as_ref().map(read).transpose()
}

/// The first mail with a key.
///
/// # Errors
/// When the database cannot be asked.
pub async fn first(tx: &mut Tx, key: &str) -> Result<Option<Mail>, Error> {
    tx.query_opt(&MAIL_BY_KEY, params![key]).await?.as_ref().map(read).transpose()
}

/// Makes a mail the first with a key.
///
/// # Errors
/// [`Error::Constraint`] `mails_first` when another transaction was first.
pub async fn make_first(tx: &mut Tx, id: i64, key: &str, content_hash: &str) -> Result<(), Error> {
    tx.execute(&MAIL_IS_FIRST, params![id, key, content_hash]).await.map(drop)
}

/// Records that a mail says what another one said before.
///
/// # Errors
/// When the database cannot be asked.
pub async fn make_same(tx: &mut Tx, id: i64, first: i64) -> Result<(), Error> {
    tx.execute(&MAIL_IS_SAME, params![id, first]).await.map(drop)
}

/// One mail that nobody else settles until this transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<Option<Mail>, Error> {
    tx.query_opt(&LOCK_MAIL, params![id]).await?.as_ref().map(read).transpose()
}

/// A mail's bytes and the form in which they came.
///
/// # Errors
/// When the database cannot be asked.
pub async fn raw(tx: &mut Tx, id: i64) -> Result<Option<(Bytes, String)>, Error> {
    let row = tx.query_opt(&MAIL_RAW, params![id]).await?;
    row.map(|row| Ok((row.get("raw")?, row.get("media_type")?))).transpose()
}

/// Records what became of a mail.
///
/// # Errors
/// When the database cannot be asked.
pub async fn settle(tx: &mut Tx, id: i64, settled: &Settled<'_>) -> Result<(), Error> {
    let Settled { state, booking, reading, client, subject } = settled;
    tx.execute(&SETTLE_MAIL, params![id, *state, *booking, *reading, *client, *subject]).await.map(drop)
}

/// Up to `limit` mails in a state after number `after`, oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(tx: &mut Tx, state: &str, after: i64, limit: i64) -> Result<Vec<Mail>, Error> {
    tx.query(&LIST_INBOX, params![state, after, limit]).await?.iter().map(read).collect()
}

/// Up to `limit` mails before number `before` that wait for nobody, or those of them in one state, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn settled(tx: &mut Tx, state: Option<&str>, before: i64, limit: i64) -> Result<Vec<Mail>, Error> {
    let rows = match state {
        Some(state) => tx.query(&LIST_SETTLED_IN, params![before, limit, state]).await?,
        None => tx.query(&LIST_SETTLED, params![before, limit]).await?,
    };
    rows.iter().map(read).collect()
}

/// How many mails are in a state.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count_in(tx: &mut Tx, state: &str) -> Result<i64, Error> {
    tx.query_one(&COUNT_MAILS_IN, params![state]).await?.get("number")
}

/// Keeps what somebody typed into the form of a mail. False when it does not wait any more.
///
/// # Errors
/// When the database cannot be asked.
pub async fn save_typed(tx: &mut Tx, id: i64, typed: &str) -> Result<bool, Error> {
    Ok(tx.execute(&SAVE_TYPED, params![id, typed]).await? == 1)
}

/// Mails that were kept before `before` and never read to the end.
///
/// # Errors
/// When the database cannot be asked.
pub async fn unread(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<i64>, Error> {
    tx.query(&UNREAD_MAILS, params![At(before), limit]).await?.iter().map(|row| row.get("id")).collect()
}

fn read(row: &Row) -> Result<Mail, Error> {
    Ok(Mail {
        id: row.get("id")?,
        content_hash: row.get("content_hash")?,
        media_type: row.get("media_type")?,
        received_at: row.get::<At>("received_at")?.0,
        state: row.get("state")?,
        same_as: row.get("same_as")?,
        booking: row.get("booking_id")?,
        reading: row.get("reading")?,
        client: row.get("client")?,
        subject: row.get("subject")?,
        typed: row.get("typed")?,
    })
}
