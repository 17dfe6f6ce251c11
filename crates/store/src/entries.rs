//! Booked sessions in the calendars of those who play, and of the studio: what is to stand there, and what does.

use crate::instants::{At, span};
use crate::{Error, Row, Tx, params, statements};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::span::Span;
use jiff::Timestamp;

/// The columns of an [`Entry`], in one place.
macro_rules! select_entry {
    ($rest:literal) => {
        concat!(
            "SELECT id, booking_id, musician_id, calendar_id, starts_at, ends_at, present, sequence, written, ",
            "generation, trouble, failures FROM entries ",
            $rest
        )
    };
}

statements! {
    /// A booking's.
    ENTRIES_OF = select_entry!("WHERE booking_id = $1 ORDER BY musician_id");
    /// A session is to stand in somebody's calendar.
    INSERT_ENTRY = "INSERT INTO entries (booking_id, musician_id, starts_at, ends_at, present, sequence, generation, \
        failures, due_at) VALUES ($1, $2, $3, $4, TRUE, 0, 0, 0, $5)";
    /// It is to stand there differently, or not any more.
    CHANGE_ENTRY = "UPDATE entries SET starts_at = $2, ends_at = $3, present = $4, sequence = sequence + 1, \
        due_at = $5, failures = 0, trouble = NULL WHERE id = $1";
    /// Others play than before: those that stand in calendars say so.
    CHANGE_LINE_UP = "UPDATE entries SET sequence = sequence + 1, due_at = $2, failures = 0 \
        WHERE booking_id = $1 AND present AND calendar_id IS NOT NULL AND due_at IS NULL";
    /// Those that are to be written now.
    DUE_ENTRIES = select_entry!(
        "WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY due_at LIMIT $2 {skip_locked}"
    );
    /// When the next one is to be written.
    NEXT_ENTRY = "SELECT MIN(due_at) AS at FROM entries WHERE due_at IS NOT NULL";
    /// Nobody else writes it meanwhile.
    LEASE_ENTRY = "UPDATE entries SET lease_until = $2 WHERE id = $1";
    /// Nobody writes any: whoever did has gone.
    RELEASE_ENTRIES = "UPDATE entries SET lease_until = NULL WHERE lease_until IS NOT NULL";
    /// It is where it belongs, unless it was changed meanwhile.
    ENTRY_WRITTEN = "UPDATE entries SET written = $2, calendar_id = $3, generation = $4, trouble = $5, failures = 0, \
        lease_until = NULL, due_at = CASE WHEN sequence = $2 THEN NULL ELSE due_at END WHERE id = $1";
    /// It could not be written.
    ENTRY_FAILED = "UPDATE entries SET trouble = $2, failures = failures + 1, due_at = $3, lease_until = NULL \
        WHERE id = $1";
}

/// A session in a calendar.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// The session's booking.
    pub booking: BookingId,
    /// Whose calendar; none: the studio's.
    pub musician: Option<MusicianId>,
    /// The calendar in which it stands; none: it was sent by e-mail, or stands nowhere.
    pub calendar: Option<i64>,
    /// When the session is.
    pub time: Span,
    /// Whether it is to stand there.
    pub present: bool,
    /// How often it was changed.
    pub sequence: i64,
    /// The change that is where it belongs.
    pub written: Option<i64>,
    /// Counts how often it was deleted there and had to be made under another id.
    pub generation: i64,
    /// Why it does not stand there.
    pub trouble: Option<String>,
    /// How often in a row it could not be written.
    pub failures: u32,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// It is to be written, changed or removed.
    Waiting,
    /// That fails, and is tried again.
    Failing,
    /// It stands in a calendar.
    Written,
    /// It was sent by e-mail.
    Mailed,
    /// There is no calendar to write into, and no address.
    Nowhere,
    /// It does not stand there any more.
    Removed,
}

impl EntryState {
    /// Its word in the interface.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Failing => "failing",
            Self::Written => "written",
            Self::Mailed => "mailed",
            Self::Nowhere => "nowhere",
            Self::Removed => "removed",
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Waiting => "not written yet",
            Self::Failing => "cannot be written",
            Self::Written => "in their calendar",
            Self::Mailed => "invited by e-mail",
            Self::Nowhere => "in no calendar",
            Self::Removed => "taken out again",
        }
    }
}

impl Entry {
    /// What became of it.
    #[must_use]
    pub fn state(&self) -> EntryState {
        let done = self.written == Some(self.sequence);
        match self.calendar {
            _ if !done && self.failures > 0 => EntryState::Failing,
            _ if !done => EntryState::Waiting,
            _ if !self.present => EntryState::Removed,
            Some(_) => EntryState::Written,
            None if self.trouble.is_some() => EntryState::Nowhere,
            None => EntryState::Mailed,
        }
    }
}

/// Makes what stands in calendars follow a booking: `wanted` says whose, and when the session is.
///
/// # Errors
/// When the database cannot be asked.
pub async fn follow(
    tx: &mut Tx,
    booking: BookingId,
    wanted: &[(Option<MusicianId>, Span)],
    now: Timestamp,
) -> Result<(), Error> {
    let known = of(tx, booking).await?;
    for (whose, time) in wanted {
        let (start, end) = (At(time.start), At(time.end));
        match known.iter().find(|entry| entry.musician == *whose) {
            None => _ = tx.execute(&INSERT_ENTRY, params![booking, number(*whose), start, end, At(now)]).await?,
            Some(entry) if entry.present && entry.time == *time => {}
            Some(entry) => _ = tx.execute(&CHANGE_ENTRY, params![entry.id, start, end, true, At(now)]).await?,
        }
    }
    let gone = |entry: &&Entry| entry.present && !wanted.iter().any(|(whose, _)| *whose == entry.musician);
    for entry in known.iter().filter(gone) {
        let (start, end) = (At(entry.time.start), At(entry.time.end));
        tx.execute(&CHANGE_ENTRY, params![entry.id, start, end, false, At(now)]).await?;
    }
    tx.execute(&CHANGE_LINE_UP, params![booking, At(now)]).await.map(drop)
}

/// A booking's entries; the studio's first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of(tx: &mut Tx, booking: BookingId) -> Result<Vec<Entry>, Error> {
    tx.query(&ENTRIES_OF, params![booking]).await?.iter().map(read).collect()
}

/// Takes entries to be written now; nobody else takes them before `lease_until`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn claim_due(tx: &mut Tx, now: Timestamp, lease_until: Timestamp, limit: i64) -> Result<Vec<Entry>, Error> {
    let rows = tx.query(&DUE_ENTRIES, params![At(now), limit]).await?;
    let due: Vec<Entry> = rows.iter().map(read).collect::<Result<_, _>>()?;
    for entry in &due {
        tx.execute(&LEASE_ENTRY, params![entry.id, At(lease_until)]).await?;
    }
    Ok(due)
}

/// Takes the entries back from a process that has gone.
///
/// # Errors
/// When the database cannot be asked.
pub async fn release_claims(tx: &mut Tx) -> Result<(), Error> {
    tx.execute(&RELEASE_ENTRIES, params![]).await.map(drop)
}

/// When the next entry is to be written.
///
/// # Errors
/// When the database cannot be asked.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>, Error> {
    Ok(tx.query_one(&NEXT_ENTRY, params![]).await?.get::<Option<At>>("at")?.map(|At(at)| at))
}

/// Records that an entry, as it was taken, is where it belongs: in `calendar`, or, without one, in a mail or nowhere;
/// `remark` says why nowhere.
///
/// # Errors
/// When the database cannot be asked.
pub async fn written(
    tx: &mut Tx,
    entry: &Entry,
    calendar: Option<i64>,
    generation: i64,
    remark: Option<&str>,
) -> Result<(), Error> {
    let row = params![entry.id, entry.sequence, calendar, generation, remark];
    tx.execute(&ENTRY_WRITTEN, row).await.map(drop)
}

/// Records that an entry could not be written, and when that is tried again; without a moment it is not.
///
/// # Errors
/// When the database cannot be asked.
pub async fn failed(tx: &mut Tx, id: i64, why: &str, next: Option<Timestamp>) -> Result<(), Error> {
    tx.execute(&ENTRY_FAILED, params![id, why, next.map(At)]).await.map(drop)
}

/// The studio is nobody's number.
fn number(whose: Option<MusicianId>) -> i64 {
    whose.map_or(0, |musician| musician.0)
}

fn read(row: &Row) -> Result<Entry, Error> {
    let musician: i64 = row.get("musician_id")?;
    Ok(Entry {
        id: row.get("id")?,
        booking: row.get("booking_id")?,
        musician: (musician != 0).then_some(MusicianId(musician)),
        calendar: row.get("calendar_id")?,
        time: span(row)?,
        present: row.get("present")?,
        sequence: row.get("sequence")?,
        written: row.get("written")?,
        generation: row.get("generation")?,
        trouble: row.get("trouble")?,
        failures: row.get("failures")?,
    })
}
