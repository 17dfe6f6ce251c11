//! Connected calendars, when they block time, and when the studio is closed.

use crate::instants::{At, span};
use crate::{Error, Row, ToValue, Tx, Value, bookings, params, statements};
use bytes::Bytes;
use firstcall_core::availability::{Busy, BusyWith};
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::span::Span;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};

/// The columns of a [`Calendar`], in one place.
macro_rules! select_calendar {
    ($rest:literal) => {
        concat!(
            "SELECT id, musician_id, kind, name, blocks, writes, source, validators, read_at, trouble, failures, due_at ",
            "FROM calendars ",
            $rest
        )
    };
}

statements! {
    /// A calendar is connected.
    INSERT_CALENDAR = "INSERT INTO calendars (musician_id, kind, name, blocks, writes, source, failures, due_at, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7) RETURNING id";
    /// One of them.
    CALENDAR = select_calendar!("WHERE id = $1");
    /// A musician's.
    CALENDARS_OF = select_calendar!("WHERE musician_id = $1 ORDER BY id");
    /// The studio's.
    CALENDARS_OF_STUDIO = select_calendar!("WHERE musician_id IS NULL ORDER BY id");
    /// How many calendars people have, and how many of them cannot be read.
    CALENDAR_HEALTH_OF = "SELECT musician_id, CAST(COUNT(*) AS BIGINT) AS number, \
        CAST(SUM(CASE WHEN trouble IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS failing FROM calendars \
        WHERE musician_id IN {ints $1} AND blocks GROUP BY musician_id";
    /// Those that cannot be read.
    FAILING_CALENDARS = select_calendar!("WHERE trouble IS NOT NULL ORDER BY id LIMIT $1");
    /// Those that are to be read now.
    DUE_CALENDARS = select_calendar!(
        "WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY due_at LIMIT $2 {skip_locked}"
    );
    /// When the next one is to be read.
    NEXT_CALENDAR = "SELECT MIN(due_at) AS at FROM calendars WHERE due_at IS NOT NULL";
    /// Nobody else reads it meanwhile.
    LEASE_CALENDAR = "UPDATE calendars SET lease_until = $2 WHERE id = $1";
    /// The calendars of those who play something, and the studio's, that were not read lately and can be read.
    STALE_CALENDARS = select_calendar!(
        "WHERE blocks AND failures = 0 AND due_at IS NOT NULL AND (read_at IS NULL OR read_at < $2) \
        AND (lease_until IS NULL OR lease_until <= $1) AND (musician_id IS NULL OR musician_id IN ( \
            SELECT musician_id FROM musician_instruments WHERE instrument IN {texts $4})) \
        ORDER BY id LIMIT $3 {skip_locked}"
    );
    /// Nobody reads any: whoever did has gone.
    RELEASE_CALENDARS = "UPDATE calendars SET lease_until = NULL WHERE lease_until IS NOT NULL";
    /// It is to be read now.
    READ_SOON = "UPDATE calendars SET due_at = $2 WHERE id = $1";
    /// It was read.
    CALENDAR_READ = "UPDATE calendars SET read_at = $2, due_at = $3, validators = $4, trouble = NULL, failures = 0, \
        lease_until = NULL WHERE id = $1";
    /// It could not be read.
    CALENDAR_FAILED = "UPDATE calendars SET trouble = $2, failures = failures + 1, due_at = $3, lease_until = NULL \
        WHERE id = $1";
    /// Another way in: after consent was given again, or a token was replaced.
    SAVE_SOURCE = "UPDATE calendars SET source = $2 WHERE id = $1";
    /// Its source tells when it changes.
    INSERT_WATCH = "INSERT INTO watches (channel, calendar_id, secret, expires_at) VALUES ($1, $2, $3, $4)";
    /// Until when it does.
    WATCHED_UNTIL = "SELECT MAX(expires_at) AS at FROM watches WHERE calendar_id = $1";
    /// Which calendar a channel tells of.
    WATCH = "SELECT calendar_id, secret FROM watches WHERE channel = $1";
    /// Channels that have ended are forgotten.
    FORGET_WATCHES = "DELETE FROM watches WHERE calendar_id = $1 AND expires_at <= $2";
    /// Nor is a calendar watched any more.
    DELETE_WATCHES = "DELETE FROM watches WHERE calendar_id = $1";
    /// What a calendar is used for.
    CHANGE_CALENDAR = "UPDATE calendars SET name = $2, blocks = $3, writes = $4 WHERE id = $1";
    /// It is not connected any more.
    DELETE_CALENDAR = "DELETE FROM calendars WHERE id = $1";
    /// What it blocked is forgotten.
    DELETE_BUSY = "DELETE FROM calendar_busy WHERE calendar_id = $1";
    /// Nor is it asked whether it says the same as before.
    DELETE_VALIDATORS = "UPDATE calendars SET validators = NULL WHERE id = $1";
    /// What it said is forgotten.
    DELETE_TEXT = "DELETE FROM calendar_texts WHERE calendar_id = $1";
    /// It blocks time on a day.
    INSERT_BUSY = "INSERT INTO calendar_busy (calendar_id, day, starts_at, ends_at) VALUES ($1, $2, $3, $4)";
    /// When it blocks time.
    BUSY_OF = "SELECT starts_at, ends_at FROM calendar_busy WHERE calendar_id = $1 ORDER BY day, starts_at";
    /// What somebody's calendars have in a stretch of time.
    BUSY_WITH = "SELECT calendars.name AS name, calendar_busy.starts_at AS starts_at, calendar_busy.ends_at AS ends_at \
        FROM calendars JOIN calendar_busy ON calendar_busy.calendar_id = calendars.id \
        WHERE COALESCE(calendars.musician_id, 0) = $1 AND calendars.blocks AND calendar_busy.day >= $4 \
        AND calendar_busy.day <= $5 AND calendar_busy.ends_at > $2 AND calendar_busy.starts_at < $3 \
        ORDER BY calendar_busy.starts_at, calendars.id LIMIT 100";
    /// What a calendar says.
    SAVE_TEXT = "INSERT INTO calendar_texts (calendar_id, body) VALUES ($1, $2) \
        ON CONFLICT (calendar_id) DO UPDATE SET body = excluded.body";
    /// What a calendar said.
    TEXT_OF = "SELECT body FROM calendar_texts WHERE calendar_id = $1";
    /// Who is busy on some days.
    BUSY_ON_DAYS = "SELECT calendars.musician_id AS musician_id, calendar_busy.starts_at AS starts_at, \
        calendar_busy.ends_at AS ends_at FROM calendar_busy JOIN calendars ON calendars.id = calendar_busy.calendar_id \
        WHERE calendar_busy.day IN {ints $1} AND calendar_busy.ends_at > $2 AND calendar_busy.starts_at < $3 \
        AND calendars.blocks";
    /// When the studio is closed.
    CLOSED = "SELECT id, starts_at, ends_at, note FROM closures WHERE ends_at > $1 AND starts_at < $2 ORDER BY starts_at, id";
    /// Whether a calendar of the studio's is not known (rule 3.3).
    STUDIO_UNREAD = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM calendars \
        WHERE musician_id IS NULL AND blocks AND (read_at IS NULL OR read_at < $1)";
    /// Whether the studio is closed at a time, or a calendar of its has something then.
    STUDIO_BUSY = "SELECT id FROM closures WHERE ends_at > $1 AND starts_at < $2 \
        UNION ALL SELECT calendars.id FROM calendars JOIN calendar_busy ON calendar_busy.calendar_id = calendars.id \
        WHERE calendars.musician_id IS NULL AND calendars.blocks AND calendar_busy.day >= $3 AND calendar_busy.day <= $4 \
        AND calendar_busy.ends_at > $1 AND calendar_busy.starts_at < $2 LIMIT 1";
    /// Everything that takes the studio's time in a stretch of it.
    STUDIO_TAKEN = "SELECT starts_at, ends_at FROM sessions WHERE ends_at > $1 AND starts_at < $2 \
        UNION ALL SELECT starts_at, ends_at FROM closures WHERE ends_at > $1 AND starts_at < $2 \
        UNION ALL SELECT calendar_busy.starts_at, calendar_busy.ends_at \
        FROM calendars JOIN calendar_busy ON calendar_busy.calendar_id = calendars.id \
        WHERE calendars.musician_id IS NULL AND calendars.blocks AND calendar_busy.day >= $3 AND calendar_busy.day <= $4 \
        AND calendar_busy.ends_at > $1 AND calendar_busy.starts_at < $2";
    /// Wakes the bookings that may want the studio when one of its calendars has something.
    POKE_BUSY = "INSERT INTO pokes (booking_id, poked_at) SELECT DISTINCT booking_id, CAST($2 AS BIGINT) FROM open_times \
        WHERE ends_at > $2 AND EXISTS (SELECT 1 FROM calendar_busy WHERE calendar_id = $1 \
            AND day >= open_times.starts_at / 86400000000 AND day <= open_times.ends_at / 86400000000 \
            AND calendar_busy.ends_at > open_times.starts_at AND calendar_busy.starts_at < open_times.ends_at)";
    /// Wakes the bookings that may want the studio when it is closed.
    POKE_CLOSED = "INSERT INTO pokes (booking_id, poked_at) SELECT DISTINCT booking_id, CAST($3 AS BIGINT) FROM open_times \
        WHERE ends_at > $1 AND starts_at < $2";
    /// Sessions to come when one of the studio's calendars has something.
    SESSIONS_BUSY = "SELECT booking_id, starts_at, ends_at FROM sessions WHERE ends_at > $2 AND EXISTS ( \
        SELECT 1 FROM calendar_busy WHERE calendar_id = $1 \
            AND day >= sessions.starts_at / 86400000000 AND day <= sessions.ends_at / 86400000000 \
            AND calendar_busy.ends_at > sessions.starts_at AND calendar_busy.starts_at < sessions.ends_at) \
        ORDER BY starts_at LIMIT 100";
    /// Sessions that somebody has had or has.
    SESSIONS_OF = "SELECT starts_at, ends_at FROM entries WHERE musician_id = $1 AND ends_at > $2";
    /// The studio will be closed.
    INSERT_CLOSURE = "INSERT INTO closures (starts_at, ends_at, note) VALUES ($1, $2, $3) RETURNING id";
    /// It will not.
    DELETE_CLOSURE = "DELETE FROM closures WHERE id = $1";
    /// Closures, a page of them.
    LIST_CLOSURES = "SELECT id, starts_at, ends_at, note FROM closures WHERE id > $1 ORDER BY id LIMIT $2";
}

/// A studio's calendar that was read longer ago than this is not known any more (rule 3.3).
pub const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Microseconds of a day of UTC.
const DAY: i64 = 86_400_000_000;

/// A connected calendar.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Its number.
    pub id: i64,
    /// Whose it is; none: the studio's.
    pub musician: Option<MusicianId>,
    /// How it is read.
    pub kind: CalendarKind,
    /// What people call it.
    pub name: String,
    /// Whether its entries block time.
    pub blocks: bool,
    /// Whether booked sessions are written into it.
    pub writes: bool,
    /// Where it is and how to get in, sealed.
    pub source: String,
    /// By which it says that nothing has changed.
    pub validators: Option<String>,
    /// When it was last read.
    pub read_at: Option<Timestamp>,
    /// Why it cannot be read.
    pub trouble: Option<String>,
    /// How often in a row it could not be read.
    pub failures: u32,
    /// When it is read next.
    pub due_at: Option<Timestamp>,
}

/// How a calendar is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarKind {
    /// An address that anybody who knows it can read.
    Feed,
    /// A server that wants a login (RFC 4791).
    CalDav,
    /// Google, with the owner's consent.
    Google,
    /// Uploaded once.
    File,
}

/// A calendar before it is connected.
#[derive(Clone, Debug)]
pub struct NewCalendar {
    /// Whose it is; none: the studio's.
    pub musician: Option<MusicianId>,
    /// How it is read.
    pub kind: CalendarKind,
    /// What people call it.
    pub name: String,
    /// Whether its entries block time.
    pub blocks: bool,
    /// Whether booked sessions are written into it.
    pub writes: bool,
    /// Where it is and how to get in, sealed.
    pub source: String,
}

/// A time at which the studio is closed beside its weekly hours.
#[derive(Clone, Debug)]
pub struct Closure {
    /// Its number.
    pub id: i64,
    /// When.
    pub span: Span,
    /// Why.
    pub note: Option<String>,
}

impl CalendarKind {
    /// Its word in the database and the interface.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::CalDav => "caldav",
            Self::Google => "google",
            Self::File => "file",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Feed, Self::CalDav, Self::Google, Self::File].into_iter().find(|kind| kind.word() == word)
    }
}

/// Connects a calendar, to be read at once, and returns its number.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert(tx: &mut Tx, new: &NewCalendar, now: Timestamp) -> Result<i64, Error> {
    let row = params![new.musician, new.kind.word(), new.name, new.blocks, new.writes, new.source, At(now)];
    tx.query_one(&INSERT_CALENDAR, row).await?.get("id")
}

/// One calendar.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Calendar>, Error> {
    tx.query_opt(&CALENDAR, params![id]).await?.as_ref().map(read).transpose()
}

/// A musician's calendars, or the studio's.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of(tx: &mut Tx, owner: Option<MusicianId>) -> Result<Vec<Calendar>, Error> {
    let rows = match owner {
        Some(musician) => tx.query(&CALENDARS_OF, params![musician]).await?,
        None => tx.query(&CALENDARS_OF_STUDIO, params![]).await?,
    };
    rows.iter().map(read).collect()
}

/// How many calendars each of these people has who has some, and how many of them cannot be read.
///
/// # Errors
/// When the database cannot be asked.
pub async fn health(tx: &mut Tx, of: &[MusicianId]) -> Result<HashMap<MusicianId, (i64, i64)>, Error> {
    let ids: Vec<i64> = of.iter().map(|id| id.0).collect();
    let rows = tx.query(&CALENDAR_HEALTH_OF, &[Value::ints(&ids)]).await?;
    rows.iter().map(|row| Ok((row.get("musician_id")?, (row.get("number")?, row.get("failing")?)))).collect()
}

/// Calendars that cannot be read.
///
/// # Errors
/// When the database cannot be asked.
pub async fn failing(tx: &mut Tx, limit: i64) -> Result<Vec<Calendar>, Error> {
    tx.query(&FAILING_CALENDARS, params![limit]).await?.iter().map(read).collect()
}

/// Takes calendars to be read now; nobody else takes them before `lease_until`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn claim_due(
    tx: &mut Tx,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
) -> Result<Vec<Calendar>, Error> {
    let rows = tx.query(&DUE_CALENDARS, params![At(now), limit]).await?;
    lease(tx, &rows, lease_until).await
}

async fn lease(tx: &mut Tx, rows: &[Row], until: Timestamp) -> Result<Vec<Calendar>, Error> {
    let taken: Vec<Calendar> = rows.iter().map(read).collect::<Result<_, _>>()?;
    for calendar in &taken {
        tx.execute(&LEASE_CALENDAR, params![calendar.id, At(until)]).await?;
    }
    Ok(taken)
}

/// When the next calendar is to be read.
///
/// # Errors
/// When the database cannot be asked.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>, Error> {
    Ok(tx.query_one(&NEXT_CALENDAR, params![]).await?.get::<Option<At>>("at")?.map(|At(at)| at))
}

/// Takes the calendars of those who play one of `instruments`, and the studio's, that were not read since `since`, to be
/// read now; nobody else takes them before `lease_until`. Those that failed the last time are left to their next turn.
///
/// # Errors
/// When the database cannot be asked.
pub async fn claim_stale(
    tx: &mut Tx,
    instruments: &[String],
    since: Timestamp,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
) -> Result<Vec<Calendar>, Error> {
    let rows = params![At(now), At(since), limit, Value::texts(instruments)];
    let rows = tx.query(&STALE_CALENDARS, rows).await?;
    lease(tx, &rows, lease_until).await
}

/// Takes the calendars back from a process that has gone.
///
/// # Errors
/// When the database cannot be asked.
pub async fn release_claims(tx: &mut Tx) -> Result<(), Error> {
    tx.execute(&RELEASE_CALENDARS, params![]).await.map(drop)
}

/// Asks for one calendar to be read now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn read_soon(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), Error> {
    tx.execute(&READ_SOON, params![id, At(now)]).await.map(drop)
}

/// Records that a calendar was read: when it blocks time, and when it is read next. Returns whether it blocks other times
/// than before.
///
/// # Errors
/// When the database cannot be asked.
pub async fn was_read(
    tx: &mut Tx,
    id: i64,
    busy: &[Span],
    validators: Option<&str>,
    now: Timestamp,
    next: Timestamp,
) -> Result<bool, Error> {
    tx.execute(&CALENDAR_READ, params![id, At(now), At(next), validators]).await?;
    let pieces: Vec<(i64, Span)> = busy.iter().flat_map(by_day).collect();
    let known = tx.query(&BUSY_OF, params![id]).await?;
    let known: Vec<Span> = known.iter().map(span).collect::<Result<_, _>>()?;
    if known.iter().eq(pieces.iter().map(|(_, piece)| piece)) {
        return Ok(false);
    }
    tx.execute(&DELETE_BUSY, params![id]).await?;
    for (day, piece) in pieces {
        tx.queue(&INSERT_BUSY, params![id, day, At(piece.start), At(piece.end)]).await?;
    }
    Ok(true)
}

/// Records that a calendar could not be read, and when that is tried again. With `forget`, what was known of it is not
/// true any more: its owner took it back.
///
/// # Errors
/// When the database cannot be asked.
pub async fn failed(tx: &mut Tx, id: i64, why: &str, next: Option<Timestamp>, forget: bool) -> Result<(), Error> {
    tx.execute(&CALENDAR_FAILED, params![id, why, next.map(At)]).await?;
    if forget {
        for forget in [&DELETE_BUSY, &DELETE_TEXT, &DELETE_VALIDATORS] {
            tx.execute(forget, params![id]).await?;
        }
    }
    Ok(())
}

/// Saves another way in.
///
/// # Errors
/// When the database cannot be asked.
pub async fn save_source(tx: &mut Tx, id: i64, source: &str) -> Result<(), Error> {
    tx.execute(&SAVE_SOURCE, params![id, source]).await.map(drop)
}

/// Saves what a calendar is called and used for.
///
/// # Errors
/// When the database cannot be asked.
pub async fn change(tx: &mut Tx, calendar: &Calendar) -> Result<(), Error> {
    let row = params![calendar.id, calendar.name, calendar.blocks, calendar.writes];
    tx.execute(&CHANGE_CALENDAR, row).await.map(drop)
}

/// Forgets a calendar and everything that it said.
///
/// # Errors
/// When the database cannot be asked.
pub async fn delete(tx: &mut Tx, id: i64) -> Result<(), Error> {
    for forget in [&DELETE_BUSY, &DELETE_TEXT, &DELETE_WATCHES, &DELETE_CALENDAR] {
        tx.execute(forget, params![id]).await?;
    }
    Ok(())
}

/// Keeps where the source of a calendar tells of its changes, known by what `secret` is the fingerprint of. Channels that
/// have ended by `now` are forgotten.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keep_watch(
    tx: &mut Tx,
    id: i64,
    channel: &str,
    secret: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(&FORGET_WATCHES, params![id, At(now)]).await?;
    tx.execute(&INSERT_WATCH, params![channel, id, secret, At(expires_at)]).await.map(drop)
}

/// Until when the source of a calendar tells of its changes.
///
/// # Errors
/// When the database cannot be asked.
pub async fn watched_until(tx: &mut Tx, id: i64) -> Result<Option<Timestamp>, Error> {
    Ok(tx.query_one(&WATCHED_UNTIL, params![id]).await?.get::<Option<At>>("at")?.map(|At(at)| at))
}

/// Which calendar a channel tells of, and the fingerprint of its secret.
///
/// # Errors
/// When the database cannot be asked.
pub async fn watch(tx: &mut Tx, channel: &str) -> Result<Option<(i64, String)>, Error> {
    let row = tx.query_opt(&WATCH, params![channel]).await?;
    row.map(|row| Ok((row.get("calendar_id")?, row.get("secret")?))).transpose()
}

/// Keeps what a calendar says.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keep_text(tx: &mut Tx, id: i64, body: &[u8]) -> Result<(), Error> {
    tx.execute(&SAVE_TEXT, &[id.to_value(), body.to_value()]).await.map(drop)
}

/// What a calendar said.
///
/// # Errors
/// When the database cannot be asked.
pub async fn text(tx: &mut Tx, id: i64) -> Result<Option<Bytes>, Error> {
    tx.query_opt(&TEXT_OF, params![id]).await?.map(|row| row.get("body")).transpose()
}

/// When a calendar blocks time: pieces of a day of UTC at the most, in order.
///
/// # Errors
/// When the database cannot be asked.
pub async fn busy_of(tx: &mut Tx, id: i64) -> Result<Vec<Span>, Error> {
    tx.query(&BUSY_OF, params![id]).await?.iter().map(span).collect()
}

/// What somebody's calendars, or the studio's, have at a time: which calendar, and when; never what it is.
///
/// # Errors
/// When the database cannot be asked.
pub async fn busy_with(tx: &mut Tx, owner: Option<MusicianId>, time: Span) -> Result<Vec<(String, Span)>, Error> {
    let owner = owner.map_or(0, |musician| musician.0);
    let row = params![owner, At(time.start), At(time.end), day(time.start), day(time.end)];
    let rows = tx.query(&BUSY_WITH, row).await?;
    rows.iter().map(|row| Ok((row.get("name")?, span(row)?))).collect()
}

/// When the studio is closed in a stretch of time.
///
/// # Errors
/// When the database cannot be asked.
pub async fn closed(tx: &mut Tx, time: Span) -> Result<Vec<Closure>, Error> {
    tx.query(&CLOSED, params![At(time.start), At(time.end)]).await?.iter().map(closure).collect()
}

/// Adds what calendars and closures say of `times`: who is busy, and whether the studio can be had.
///
/// # Errors
/// When the database cannot be asked.
pub async fn add_busy(tx: &mut Tx, busy: &mut Busy, times: &[Span], now: Timestamp) -> Result<(), Error> {
    let Some(range) = Span::around(times) else { return Ok(()) };
    let (days, start, end) = (days(times), At(range.start), At(range.end));
    let [entries, closures, unread] = tx
        .query_all([
            (&BUSY_ON_DAYS, params![days, start, end]),
            (&CLOSED, params![start, end]),
            (&STUDIO_UNREAD, params![At(known_since(now))]),
        ])
        .await?;
    for row in &entries {
        match row.get::<Option<MusicianId>>("musician_id")? {
            Some(musician) => busy.add(musician, span(row)?, BusyWith::Calendar),
            None => busy.add_studio(span(row)?, BusyWith::Calendar),
        }
    }
    for row in &closures {
        busy.add_studio(span(row)?, BusyWith::Block);
    }
    if unread.first().map(|row| row.get::<i64>("number")).transpose()?.is_some_and(|number| number > 0) {
        busy.studio_is_unread();
    }
    Ok(())
}

/// When something has the studio in a stretch of time: sessions, closures, entries of its calendars; not which.
///
/// # Errors
/// When the database cannot be asked.
pub async fn studio_taken(tx: &mut Tx, within: Span) -> Result<Vec<Span>, Error> {
    tx.query(&STUDIO_TAKEN, &studio_busy(within)).await?.iter().map(span).collect()
}

/// What [`STUDIO_BUSY`] is asked.
pub(crate) fn studio_busy(time: Span) -> [Value; 4] {
    [At(time.start).to_value(), At(time.end).to_value(), day(time.start).to_value(), day(time.end).to_value()]
}

/// Wakes the bookings that may want the studio when one of its calendars has something, and returns the sessions then.
///
/// # Errors
/// When the database cannot be asked.
pub async fn poke_busy(tx: &mut Tx, id: i64, now: Timestamp) -> Result<Vec<(BookingId, Span)>, Error> {
    tx.execute(&POKE_BUSY, params![id, At(now)]).await?;
    let rows = tx.query(&SESSIONS_BUSY, params![id, At(now)]).await?;
    rows.iter().map(|row| Ok((row.get("booking_id")?, span(row)?))).collect()
}

/// Wakes the bookings that may want the studio in a stretch of time, and returns the sessions then.
///
/// # Errors
/// When the database cannot be asked.
pub async fn poke_closed(tx: &mut Tx, time: Span, now: Timestamp) -> Result<Vec<(BookingId, Span)>, Error> {
    tx.execute(&POKE_CLOSED, params![At(time.start), At(time.end), At(now)]).await?;
    bookings::sessions_in(tx, time).await
}

/// Sessions of somebody's that end after a moment, whatever became of them: what a calendar shows that tells nobody's
/// events apart may be one of them.
///
/// # Errors
/// When the database cannot be asked.
pub async fn sessions_of(tx: &mut Tx, musician: MusicianId, after: Timestamp) -> Result<Vec<Span>, Error> {
    tx.query(&SESSIONS_OF, params![musician, At(after)]).await?.iter().map(span).collect()
}

/// Closes the studio for a time, and returns the closure's number.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert_closure(tx: &mut Tx, time: Span, note: Option<&str>) -> Result<i64, Error> {
    tx.query_one(&INSERT_CLOSURE, params![At(time.start), At(time.end), note]).await?.get("id")
}

/// Opens it again. False: there is no such closure.
///
/// # Errors
/// When the database cannot be asked.
pub async fn delete_closure(tx: &mut Tx, id: i64) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE_CLOSURE, params![id]).await? == 1)
}

/// Closures after number `after`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn closures(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Closure>, Error> {
    tx.query(&LIST_CLOSURES, params![after, limit]).await?.iter().map(closure).collect()
}

fn closure(row: &Row) -> Result<Closure, Error> {
    Ok(Closure { id: row.get("id")?, span: span(row)?, note: row.get("note")? })
}

fn known_since(now: Timestamp) -> Timestamp {
    now.saturating_sub(KNOWN_FOR).unwrap_or(Timestamp::MIN)
}

/// The days of UTC that some times touch.
fn days(times: &[Span]) -> Value {
    let touched = times.iter().flat_map(|time| day(time.start)..=day(time.end));
    Value::ints(&touched.collect::<BTreeSet<i64>>())
}

pub(crate) fn day(at: Timestamp) -> i64 {
    at.as_microsecond().div_euclid(DAY)
}

/// A span in pieces that lie within one day of UTC.
fn by_day(span: &Span) -> Vec<(i64, Span)> {
    let at = |micros: i64| Timestamp::from_microsecond(micros).unwrap_or(span.end);
    let pieces = (day(span.start)..=day(span.end)).map(|day| {
        let (start, end) = (at(day.saturating_mul(DAY)), at(day.saturating_add(1).saturating_mul(DAY)));
        (day, Span { start: span.start.max(start), end: span.end.min(end) })
    });
    pieces.filter(|(_, piece)| piece.start < piece.end).collect()
}

fn read(row: &Row) -> Result<Calendar, Error> {
    let word: String = row.get("kind")?;
    let kind = CalendarKind::of(&word)
        .ok_or_else(|| Error::Column { column: "kind".to_owned(), reason: format!("unknown: {word}") })?;
    let at = |column: &str| Ok::<_, Error>(row.get::<Option<At>>(column)?.map(|At(at)| at));
    Ok(Calendar {
        id: row.get("id")?,
        musician: row.get("musician_id")?,
        kind,
        name: row.get("name")?,
        blocks: row.get("blocks")?,
        writes: row.get("writes")?,
        source: row.get("source")?,
        validators: row.get("validators")?,
        read_at: at("read_at")?,
        trouble: row.get("trouble")?,
        failures: row.get("failures")?,
        due_at: at("due_at")?,
    })
}
