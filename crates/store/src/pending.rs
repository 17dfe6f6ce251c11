//! What the manager pressed and can still undo, and what could not be done when its time had come.

use crate::instants::At;
use crate::{Error, Row, Tx, params, statements};
use firstcall_core::ids::BookingId;
use jiff::Timestamp;

/// The columns of a [`Pending`], in one place.
macro_rules! select_pending {
    ($rest:literal) => {
        concat!("SELECT id, booking_id, act, actor, due_at, refused FROM pending_acts ", $rest)
    };
}

statements! {
    /// An act waits, unless one of its booking does.
    INSERT_PENDING = "INSERT INTO pending_acts (booking_id, act, actor, due_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (booking_id) DO NOTHING";
    /// The act of a booking is done now, by whoever takes it.
    TAKE_PENDING = "DELETE FROM pending_acts WHERE booking_id = $1 AND due_at <= $2 \
        RETURNING id, booking_id, act, actor, due_at, refused";
    /// An act is undone.
    UNDO_PENDING = "DELETE FROM pending_acts WHERE id = $1 AND booking_id = $2 AND due_at IS NOT NULL";
    /// An act could not be done.
    REFUSE_PENDING = "INSERT INTO pending_acts (booking_id, act, actor, refused) VALUES ($1, $2, $3, $4)";
    /// The manager has read why an act could not be done.
    FORGET_REFUSED = "DELETE FROM pending_acts WHERE booking_id = $1 AND due_at IS NULL";
    /// What waits of a booking.
    PENDING_OF = select_pending!("WHERE booking_id = $1");
    /// What could not be done, newest first.
    REFUSED = select_pending!("WHERE due_at IS NULL ORDER BY id DESC LIMIT $1");
    /// The bookings whose acts are done now.
    DUE_ACTS = "SELECT booking_id FROM pending_acts WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
}

/// An act that waits, or that could not be done.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Its number.
    pub id: i64,
    /// The booking.
    pub booking: BookingId,
    /// What is to be done, as JSON.
    pub act: String,
    /// Who pressed it.
    pub actor: String,
    /// When it is done; none: it could not be.
    pub due_at: Option<Timestamp>,
    /// Why it could not be done.
    pub refused: Option<String>,
}

/// Lets an act wait. False: another one of the booking does.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert(tx: &mut Tx, booking: BookingId, act: &str, actor: &str, due_at: Timestamp) -> Result<bool, Error> {
    tx.execute(&FORGET_REFUSED, params![booking]).await?;
    Ok(tx.execute(&INSERT_PENDING, params![booking, act, actor, At(due_at)]).await? == 1)
}

/// Takes a booking's act that is due at `now`, to be done in this transaction: nobody else gets it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn take(tx: &mut Tx, booking: BookingId, now: Timestamp) -> Result<Option<Pending>, Error> {
    tx.query_opt(&TAKE_PENDING, params![booking, At(now)]).await?.as_ref().map(read).transpose()
}

/// Undoes an act. False: it was done, or undone, before.
///
/// # Errors
/// When the database cannot be asked.
pub async fn undo(tx: &mut Tx, booking: BookingId, id: i64) -> Result<bool, Error> {
    Ok(tx.execute(&UNDO_PENDING, params![id, booking]).await? == 1)
}

/// Keeps why an act that was taken could not be done.
///
/// # Errors
/// When the database cannot be asked.
pub async fn refuse(tx: &mut Tx, act: &Pending, why: &str) -> Result<(), Error> {
    tx.execute(&REFUSE_PENDING, params![act.booking, act.act, act.actor, why]).await.map(drop)
}

/// Forgets that an act of a booking could not be done.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget_refused(tx: &mut Tx, booking: BookingId) -> Result<bool, Error> {
    Ok(tx.execute(&FORGET_REFUSED, params![booking]).await? == 1)
}

/// What waits of a booking, or could not be done.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of(tx: &mut Tx, booking: BookingId) -> Result<Option<Pending>, Error> {
    tx.query_opt(&PENDING_OF, params![booking]).await?.as_ref().map(read).transpose()
}

/// Up to `limit` acts that could not be done, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn refused(tx: &mut Tx, limit: i64) -> Result<Vec<Pending>, Error> {
    tx.query(&REFUSED, params![limit]).await?.iter().map(read).collect()
}

/// Up to `limit` bookings whose acts are due at `now`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<BookingId>, Error> {
    tx.query(&DUE_ACTS, params![At(now), limit]).await?.iter().map(|row| row.get("booking_id")).collect()
}

fn read(row: &Row) -> Result<Pending, Error> {
    Ok(Pending {
        id: row.get("id")?,
        booking: row.get("booking_id")?,
        act: row.get("act")?,
        actor: row.get("actor")?,
        due_at: row.get::<Option<At>>("due_at")?.map(|At(at)| at),
        refused: row.get("refused")?,
    })
}
