//! Bookings: loaded whole, saved as the difference.

use crate::calendars::{STUDIO_BUSY, studio_busy};
use crate::instants::{At, micros, span};
use crate::{Changed, Error, Row, Tx, messages, offers, params, statements};
use firstcall_core::booking::{Booking, Deadline};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::span::Span;
use firstcall_core::step::{Clash, Outside};
use jiff::{SignedDuration, Timestamp};

statements! {
    /// A booking, to be changed: nobody else changes it meanwhile.
    LOCK_BOOKING = "SELECT id, body, due_at, due_reason FROM bookings WHERE id = $1 {for_update}";
    /// A booking, to be read.
    READ_BOOKING = "SELECT id, body FROM bookings WHERE id = $1";
    /// A new booking.
    INSERT_BOOKING = "INSERT INTO bookings (mail_id, client_token, status, body, created_at, version) \
        VALUES ($1, $2, 'new', '', $3, 0) RETURNING id";
    /// A changed booking.
    SAVE_BOOKING = "UPDATE bookings SET status = $2, body = $3, due_at = $4, due_reason = $5, \
        version = version + 1 WHERE id = $1";
    /// When a booking wants to be woken, where nothing else of it changed.
    SAVE_DEADLINE = "UPDATE bookings SET due_at = $2, due_reason = $3 WHERE id = $1";
    /// The bookings of a page, newest first.
    LIST_BOOKINGS = "SELECT id, body, client_token, due_at, due_reason FROM bookings \
        WHERE id < $1 AND (CAST($2 AS TEXT) IS NULL OR status = $2) ORDER BY id DESC LIMIT $3";
    /// Booked sessions that look for somebody to step in: those that wait for something, the most urgent first.
    LIST_REFILLS = "SELECT id, body, client_token, due_at, due_reason FROM bookings \
        WHERE status = 'booked' AND due_at IS NOT NULL ORDER BY due_at LIMIT $1";
    /// The mail that a booking was made of.
    MAIL_OF_BOOKING = "SELECT mail_id FROM bookings WHERE id = $1";
    /// A booking and its deadline, to be read.
    SHOW_BOOKING = "SELECT id, body, client_token, due_at, due_reason FROM bookings WHERE id = $1";
    /// The booking of a client's page.
    BOOKING_OF_CLIENT = "SELECT id, body FROM bookings WHERE client_token = $1";
    /// The secret of a booking's client.
    CLIENT_OF_BOOKING = "SELECT client_token FROM bookings WHERE id = $1";
    /// How many bookings there are in each state.
    COUNT_BOOKINGS = "SELECT status, CAST(COUNT(*) AS BIGINT) AS number FROM bookings GROUP BY status";
    /// A chair is held.
    INSERT_HOLD = "INSERT INTO holds (booking_id, option_no, chair_no, musician_id, starts_at, ends_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// A chair is not held.
    DELETE_HOLD = "DELETE FROM holds WHERE booking_id = $1 AND option_no = $2 AND chair_no = $3 AND musician_id = $4";
    /// The studio is taken.
    INSERT_SESSION = "INSERT INTO sessions (booking_id, starts_at, ends_at) VALUES ($1, $2, $3)";
    /// The studio is free again.
    DELETE_SESSION = "DELETE FROM sessions WHERE booking_id = $1";
    /// A time may be booked.
    INSERT_OPEN_TIME = "INSERT INTO open_times (booking_id, option_no, starts_at, ends_at) VALUES ($1, $2, $3, $4)";
    /// A time may not be booked any more.
    DELETE_OPEN_TIME = "DELETE FROM open_times WHERE booking_id = $1 AND option_no = $2";
    /// What a musician holds for other bookings at an overlapping time.
    CLASHES = "SELECT booking_id, starts_at, ends_at FROM holds \
        WHERE musician_id = $1 AND booking_id <> $2 AND ends_at > $3 AND starts_at < $4 ORDER BY starts_at LIMIT 1";
    /// The first session of another booking that ends after a moment. Sessions do not overlap each other, so no later one
    /// begins before this one.
    NEXT_SESSION = "SELECT starts_at FROM sessions WHERE booking_id <> $1 AND ends_at > $2 ORDER BY ends_at LIMIT 1";
    /// Sessions in a stretch of time.
    SESSIONS_IN = "SELECT booking_id, starts_at, ends_at FROM sessions WHERE ends_at > $1 AND starts_at < $2 \
        ORDER BY starts_at LIMIT 100";
    /// Wakes the other bookings that have an open offer to a musician at an overlapping time (rule 4.8). A booking that is
    /// found twice is marked twice and woken once: to find out would cost each YES more than that.
    POKE_OVERLAPPING_OFFERS = "INSERT INTO pokes (booking_id, poked_at) \
        SELECT booking_id, CAST($5 AS BIGINT) FROM messages \
        WHERE kind = 'offer' AND answer IS NULL AND musician_id = $1 AND booking_id <> $2 \
        AND ends_at > $3 AND starts_at < $4 AND state <> 'void'";
    /// Wakes the other bookings that may want the studio at an overlapping time (rule 6.1).
    POKE_OVERLAPPING_TIMES = "INSERT INTO pokes (booking_id, poked_at) \
        SELECT booking_id, CAST($4 AS BIGINT) FROM open_times \
        WHERE booking_id <> $1 AND ends_at > $2 AND starts_at < $3";
    /// Wakes a booking.
    POKE = "INSERT INTO pokes (booking_id, poked_at) VALUES ($1, $2)";
    /// Under which rules the deadlines were derived.
    SAVE_RULES = "UPDATE rules SET derived_under = $1 WHERE derived_under <> $1";
    /// Wakes every booking that waits for something.
    POKE_ALL = "INSERT INTO pokes (booking_id, poked_at) \
        SELECT id, CAST($1 AS BIGINT) FROM bookings WHERE due_at IS NOT NULL";
    /// A booking was woken.
    CLEAR_POKES = "DELETE FROM pokes WHERE booking_id = $1";
    /// Bookings that must be woken because something outside them changed.
    POKED = "SELECT DISTINCT booking_id FROM pokes ORDER BY booking_id LIMIT $1";
    /// Bookings whose deadline has come.
    DUE = "SELECT id FROM bookings WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    /// Bookings that should have been woken before, and have not been.
    OVERDUE_BOOKINGS = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM bookings WHERE due_at <= $1";
    /// When the next booking must be woken, or the next act of the manager's done.
    NEXT_DUE = "SELECT MIN(at) AS at FROM (SELECT MIN(due_at) AS at FROM bookings WHERE due_at IS NOT NULL \
        UNION ALL SELECT MIN(due_at) AS at FROM pending_acts WHERE due_at IS NOT NULL) AS next";
}

/// A booking beside its deadline, as the desk and the interface show it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The booking.
    pub booking: Booking,
    /// When it will be woken.
    pub due_at: Option<Timestamp>,
    /// Why, in the word of the interface.
    pub due_reason: Option<String>,
    /// The secret of its client's page.
    pub client_token: String,
}

/// A booking as it is kept, to be changed: nobody else changes it until this transaction ends.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The booking.
    pub booking: Booking,
    /// Its deadline as it is stored; none when nothing of the booking is.
    deadline: Option<(Option<i64>, Option<String>)>,
}

impl Kept {
    /// A booking that has a number, and nothing else so far.
    #[must_use]
    pub fn numbered(booking: Booking) -> Self {
        Self { booking, deadline: None }
    }

    fn read(row: &Row, offers: &[Row]) -> Result<Self, Error> {
        let deadline = Some((row.get("due_at")?, row.get("due_reason")?));
        Ok(Self { booking: read(row, offers)?, deadline })
    }
}

/// A booking that nobody else changes until this transaction ends.
///
/// # Errors
/// When the database cannot be asked, or holds what cannot be read.
pub async fn lock(tx: &mut Tx, id: BookingId) -> Result<Option<Kept>, Error> {
    let [booking, offers] = tx.query_all([(&LOCK_BOOKING, params![id]), (&offers::OFFERS_OF, params![id])]).await?;
    booking.first().map(|row| Kept::read(row, &offers)).transpose()
}

/// A booking, to be read.
///
/// # Errors
/// When the database cannot be asked, or holds what cannot be read.
pub async fn get(tx: &mut Tx, id: BookingId) -> Result<Option<Booking>, Error> {
    let row = tx.query_opt(&READ_BOOKING, params![id]).await?;
    whole(tx, row).await
}

/// The booking whose client has this secret, to be read.
///
/// # Errors
/// When the database cannot be asked, or holds what cannot be read.
pub async fn of_client(tx: &mut Tx, token: &str) -> Result<Option<Booking>, Error> {
    let row = tx.query_opt(&BOOKING_OF_CLIENT, params![token]).await?;
    whole(tx, row).await
}

/// The secret of a booking's client; none when there is no such booking.
///
/// # Errors
/// When the database cannot be asked.
pub async fn client_of(tx: &mut Tx, id: BookingId) -> Result<Option<String>, Error> {
    tx.query_opt(&CLIENT_OF_BOOKING, params![id]).await?.map(|row| row.get("client_token")).transpose()
}

/// A booking and its deadline, to be read.
///
/// # Errors
/// When the database cannot be asked, or holds what cannot be read.
pub async fn show(tx: &mut Tx, id: BookingId) -> Result<Option<Shown>, Error> {
    match tx.query_opt(&SHOW_BOOKING, params![id]).await? {
        Some(row) => shown(tx, row).await.map(Some),
        None => Ok(None),
    }
}

/// Up to `limit` bookings with numbers below `before`, newest first, of one status or of all.
///
/// # Errors
/// When the database cannot be asked, or holds what cannot be read.
pub async fn list(tx: &mut Tx, before: i64, status: Option<&str>, limit: i64) -> Result<Vec<Shown>, Error> {
    let mut list = Vec::new();
    for row in tx.query(&LIST_BOOKINGS, params![before, status, limit]).await? {
        list.push(shown(tx, row).await?);
    }
    Ok(list)
}

/// Up to `limit` booked sessions with a chair that is open again (rule 7.3), the most urgent first.
///
/// # Errors
/// When the database cannot be asked, or holds what cannot be read.
pub async fn refills(tx: &mut Tx, limit: i64) -> Result<Vec<Shown>, Error> {
    let mut list = Vec::new();
    for row in tx.query(&LIST_REFILLS, params![limit]).await? {
        list.push(shown(tx, row).await?);
    }
    Ok(list)
}

/// The mail that a booking was made of; none where it was typed in.
///
/// # Errors
/// When the database cannot be asked.
pub async fn mail_of(tx: &mut Tx, id: BookingId) -> Result<Option<i64>, Error> {
    match tx.query_opt(&MAIL_OF_BOOKING, params![id]).await? {
        Some(row) => row.get("mail_id"),
        None => Ok(None),
    }
}

/// How many bookings there are in each state.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count(tx: &mut Tx) -> Result<Vec<(String, i64)>, Error> {
    let rows = tx.query(&COUNT_BOOKINGS, params![]).await?;
    rows.iter().map(|row| Ok((row.get("status")?, row.get("number")?))).collect()
}

pub(crate) async fn shown(tx: &mut Tx, row: Row) -> Result<Shown, Error> {
    let due_at = row.get::<Option<At>>("due_at")?.map(|At(at)| at);
    let (due_reason, client_token) = (row.get("due_reason")?, row.get("client_token")?);
    let booking = whole(tx, Some(row)).await?.ok_or(Error::Closed)?;
    Ok(Shown { booking, due_at, due_reason, client_token })
}

async fn whole(tx: &mut Tx, row: Option<Row>) -> Result<Option<Booking>, Error> {
    let Some(row) = row else { return Ok(None) };
    let offers = tx.query(&offers::OFFERS_OF, params![row.get::<BookingId>("id")?]).await?;
    read(&row, &offers).map(Some)
}

fn read(row: &Row, offers: &[Row]) -> Result<Booking, Error> {
    let body = row.text("body")?.unwrap_or_default();
    let unreadable = |e: serde_json::Error| Error::Column { column: "body".to_owned(), reason: e.to_string() };
    let mut booking: Booking = serde_json::from_str(body).map_err(unreadable)?;
    booking.id = row.get("id")?;
    booking.offers = offers::read_all(offers)?;
    Ok(booking)
}

/// A number for a new booking, from this mail or from none. `client_token` is the secret of its client's page.
///
/// # Errors
/// [`Error::Constraint`] `bookings_one_per_mail` when the mail has one.
pub async fn insert(tx: &mut Tx, mail: Option<i64>, client_token: &str, now: Timestamp) -> Result<BookingId, Error> {
    tx.query_one(&INSERT_BOOKING, params![mail, client_token, At(now)]).await?.get("id")
}

/// Saves what a step changed: the booking, its offers, holds, session and open times; and marks the other bookings that
/// a new hold or session concerns, to be woken; after the commit it is known whether there are such. A hold concerns
/// times that overlap it with `travel_gap` on both sides (rule 3.2).
///
/// Holds go before the session, always: two bookings that want both never wait for each other in a circle.
///
/// # Errors
/// [`Error::Constraint`] `holds_overlap`, `holds_one_per_chair` or `sessions_overlap` when another transaction was first.
pub async fn save(
    tx: &mut Tx,
    kept: &Kept,
    after: &Booking,
    deadline: Option<Deadline>,
    now: Timestamp,
    travel_gap: SignedDuration,
) -> Result<Changed, Error> {
    let (before, poked) = (&kept.booking, Changed::default());
    offers::save(tx, before, after).await?;
    save_holds(tx, before, after, now, travel_gap, &poked).await?;
    save_session(tx, before, after, now, &poked).await?;
    save_open_times(tx, before, after).await?;
    let reason = deadline.map(|d| serde_json::to_value(d.reason).unwrap_or_default());
    let reason = reason.as_ref().and_then(|reason| reason.as_str());
    let due_at = deadline.map(|d| micros(d.at));
    if kept.deadline.is_none() || !before.differs_in_offers_only(after) {
        let body = serde_json::to_string(after)
            .map_err(|e| Error::Column { column: "body".to_owned(), reason: e.to_string() })?;
        tx.queue(&SAVE_BOOKING, params![after.id, after.status(), body, due_at, reason]).await?;
    } else if kept.deadline.as_ref().is_some_and(|(at, why)| *at != due_at || why.as_deref() != reason) {
        tx.queue(&SAVE_DEADLINE, params![after.id, due_at, reason]).await?;
    }
    Ok(poked)
}

async fn save_holds(
    tx: &mut Tx,
    before: &Booking,
    after: &Booking,
    now: Timestamp,
    travel_gap: SignedDuration,
    poked: &Changed,
) -> Result<(), Error> {
    let (old, new) = (before.holds(), after.holds());
    if !without(&old, &new).is_empty() {
        // Another offer for a chair that is open again may overlap what its musician holds elsewhere (rule 4.8).
        tx.queue_counted(&POKE, params![after.id, At(now)], poked).await?;
    }
    for hold in without(&old, &new) {
        tx.queue(&DELETE_HOLD, params![after.id, hold.option, hold.chair, hold.musician]).await?;
    }
    for hold in without(&new, &old) {
        let (start, end) = (At(hold.time.start), At(hold.time.end));
        tx.queue(&INSERT_HOLD, params![after.id, hold.option, hold.chair, hold.musician, start, end]).await?;
        let wide = hold.time.widened(travel_gap);
        let (start, end) = (At(wide.start), At(wide.end));
        let others = params![hold.musician, after.id, start, end, At(now)];
        tx.queue_counted(&POKE_OVERLAPPING_OFFERS, others, poked).await?;
    }
    Ok(())
}

async fn save_session(
    tx: &mut Tx,
    before: &Booking,
    after: &Booking,
    now: Timestamp,
    poked: &Changed,
) -> Result<(), Error> {
    if before.session() == after.session() {
        return Ok(());
    }
    if before.session().is_some() {
        tx.queue(&DELETE_SESSION, params![after.id]).await?;
    }
    let Some(time) = after.session() else { return Ok(()) };
    let (start, end) = (At(time.start), At(time.end));
    tx.queue(&INSERT_SESSION, params![after.id, start, end]).await?;
    tx.queue_counted(&POKE_OVERLAPPING_TIMES, params![after.id, start, end, At(now)], poked).await
}

async fn save_open_times(tx: &mut Tx, before: &Booking, after: &Booking) -> Result<(), Error> {
    let (old, new) = (before.live_times(), after.live_times());
    if old == new {
        return Ok(());
    }
    for (option, _) in without(&old, &new) {
        tx.queue(&DELETE_OPEN_TIME, params![after.id, *option]).await?;
    }
    for (option, time) in without(&new, &old) {
        tx.queue(&INSERT_OPEN_TIME, params![after.id, *option, At(time.start), At(time.end)]).await?;
    }
    Ok(())
}

/// Those of a few that are not among a few others.
fn without<'a, T: PartialEq>(these: &'a [T], others: &[T]) -> Vec<&'a T> {
    these.iter().filter(|one| !others.contains(one)).collect()
}

/// What other bookings have to do with a YES for a time: what the musician holds then, with `travel_gap` on both sides
/// (rule 5.4), and whether something else has the studio (rules 3.1, 6.1).
///
/// # Errors
/// When the database cannot be asked.
pub async fn outside(
    tx: &mut Tx,
    musician: MusicianId,
    but: BookingId,
    time: Span,
    travel_gap: SignedDuration,
) -> Result<Outside, Error> {
    let wide = time.widened(travel_gap);
    let clash = params![musician, but, At(wide.start), At(wide.end)];
    let session = params![but, At(time.start)];
    let [clash, session, closed] =
        tx.query_all([(&CLASHES, clash), (&NEXT_SESSION, session), (&STUDIO_BUSY, &studio_busy(time))]).await?;
    let starts_at = session.first().map(|row| row.get::<At>("starts_at")).transpose()?;
    let studio_taken = !closed.is_empty() || starts_at.is_some_and(|At(start)| start < time.end);
    Ok(Outside { clash: first_clash(&clash)?, studio_taken })
}

/// Booked sessions at a time.
///
/// # Errors
/// When the database cannot be asked.
pub async fn sessions_in(tx: &mut Tx, time: Span) -> Result<Vec<(BookingId, Span)>, Error> {
    let rows = tx.query(&SESSIONS_IN, params![At(time.start), At(time.end)]).await?;
    rows.iter().map(|row| Ok((row.get("booking_id")?, span(row)?))).collect()
}

/// What a musician holds for another booking at a time (rule 5.4).
///
/// # Errors
/// When the database cannot be asked.
pub async fn clash(tx: &mut Tx, musician: MusicianId, but: BookingId, time: Span) -> Result<Option<Clash>, Error> {
    first_clash(&tx.query(&CLASHES, params![musician, but, At(time.start), At(time.end)]).await?)
}

fn first_clash(rows: &[Row]) -> Result<Option<Clash>, Error> {
    rows.first().map(|row| Ok(Clash { booking: row.get("booking_id")?, time: span(row)? })).transpose()
}

/// Notes the rules that deadlines are derived under. If they are others than before, every open booking is marked to be
/// woken, and derives its deadline anew; and texts that wait are looked at anew, as quiet hours may be others.
///
/// # Errors
/// When the database cannot be asked.
pub async fn follow_rules(tx: &mut Tx, rules: &str, now: Timestamp) -> Result<(), Error> {
    if tx.execute(&SAVE_RULES, params![rules]).await? > 0 {
        tx.execute(&POKE_ALL, params![At(now)]).await?;
        messages::look_anew(tx, now).await?;
    }
    Ok(())
}

/// Marks a booking to be woken at once.
///
/// # Errors
/// When the database cannot be asked.
pub async fn poke(tx: &mut Tx, id: BookingId, now: Timestamp) -> Result<(), Error> {
    tx.execute(&POKE, params![id, At(now)]).await.map(drop)
}

/// Forgets that a booking had to be woken; to be called in the transaction that wakes it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn clear_pokes(tx: &mut Tx, id: BookingId) -> Result<(), Error> {
    tx.queue(&CLEAR_POKES, params![id]).await
}

/// Up to `limit` bookings that must be woken now, those whose deadline is oldest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<BookingId>, Error> {
    let [poked, due] = tx.query_all([(&POKED, params![limit]), (&DUE, params![At(now), limit])]).await?;
    let mut ids = poked.iter().map(|row| row.get("booking_id")).collect::<Result<Vec<BookingId>, _>>()?;
    for row in &due {
        ids.push(row.get("id")?);
    }
    Ok(ids)
}

/// The bookings that were poked and have not been woken since.
///
/// # Errors
/// When the database cannot be asked.
pub async fn poked(tx: &mut Tx, limit: i64) -> Result<Vec<BookingId>, Error> {
    tx.query(&POKED, params![limit]).await?.iter().map(|row| row.get("booking_id")).collect()
}

/// When the next booking must be woken, or an act of the manager's is due.
///
/// # Errors
/// When the database cannot be asked.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>, Error> {
    Ok(tx.query_one(&NEXT_DUE, params![]).await?.get::<Option<At>>("at")?.map(|At(at)| at))
}

/// How many bookings should have been woken before `since` and have not been.
///
/// # Errors
/// When the database cannot be asked.
pub async fn overdue(tx: &mut Tx, since: Timestamp) -> Result<i64, Error> {
    tx.query_one(&OVERDUE_BOOKINGS, params![At(since)]).await?.get("number")
}
