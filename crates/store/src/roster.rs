//! The roster, and what keeps its people from being free.

use crate::instants::{At, span};
use crate::{Error, FromValue, Row, ToValue, Tx, Value, params, statements};
use firstcall_core::availability::{Busy, BusySpan, BusyWith};
use firstcall_core::contact::Phone;
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::policy::ClockRange;
use firstcall_core::roster::{Musician, MusicianStanding, Roster};
use firstcall_core::span::Span;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// The columns of an [`Entry`], in one place.
macro_rules! select_musician {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, phone, email, time_zone, quiet_hours, notes, standing, last_booked_at, created_at FROM musicians ",
            $rest
        )
    };
}

statements! {
    /// A number that each change of the roster makes another.
    ROSTER_VERSION = "SELECT version FROM roster_version";
    /// The roster changed. Counting would not do: after a change that was taken back the next one had its number again.
    BUMP_ROSTER = "UPDATE roster_version SET version = {random}";
    /// Everybody.
    MUSICIANS = select_musician!("ORDER BY id");
    /// A page of those who are on the roster.
    LIST_MUSICIANS = select_musician!("WHERE id > $1 AND standing <> 'removed' ORDER BY id LIMIT $2");
    /// A page of those on the roster whose name, number or address has something in it.
    FIND_MUSICIANS = select_musician!(
        "WHERE id > $1 AND standing <> 'removed' AND (name LIKE $3 ESCAPE '!' OR LOWER(name) LIKE $4 ESCAPE '!' \
        OR LOWER(email) LIKE $4 ESCAPE '!' OR phone LIKE $5) ORDER BY id LIMIT $2"
    );
    /// Those who have one of these numbers.
    MUSICIANS_BY_PHONE = select_musician!("WHERE phone IN {texts $1} AND standing <> 'removed'");
    /// How many people on the roster play each instrument.
    COUNT_PLAYERS = "SELECT musician_instruments.instrument AS instrument, CAST(COUNT(*) AS BIGINT) AS number \
        FROM musician_instruments JOIN musicians ON musicians.id = musician_instruments.musician_id \
        WHERE musicians.standing <> 'removed' GROUP BY musician_instruments.instrument";
    /// One of them.
    MUSICIAN = select_musician!("WHERE id = $1");
    /// Some of them.
    SOME_MUSICIANS = select_musician!("WHERE id IN {ints $1}");
    /// What some of them play.
    INSTRUMENTS_OF_SOME = "SELECT musician_id, instrument, place FROM musician_instruments \
        WHERE musician_id IN {ints $1} ORDER BY musician_id, place, instrument";
    /// What some of them are called.
    NAMES = "SELECT id, name FROM musicians WHERE id IN {ints $1}";
    /// Those who wait to be approved, and have waited longest.
    WAITING_MUSICIANS = select_musician!("WHERE standing = 'waiting' ORDER BY id LIMIT $1");
    /// Whose number it is.
    MUSICIAN_BY_PHONE = select_musician!("WHERE phone = $1 AND standing <> 'removed'");
    /// Who can be asked to play an instrument, in the order of its call list.
    PLAYERS = "SELECT musicians.id AS id, musicians.name AS name FROM musician_instruments \
        JOIN musicians ON musicians.id = musician_instruments.musician_id \
        WHERE musician_instruments.instrument = $1 AND musicians.standing = 'active' \
        ORDER BY musician_instruments.place, musicians.id LIMIT $2";
    /// What everybody plays.
    INSTRUMENTS = "SELECT musician_id, instrument, place FROM musician_instruments ORDER BY musician_id, place, instrument";
    /// What one of them plays.
    INSTRUMENTS_OF = "SELECT musician_id, instrument, place FROM musician_instruments WHERE musician_id = $1 \
        ORDER BY place, instrument";
    /// Whether somebody on the roster plays an instrument.
    IS_PLAYED = "SELECT musician_instruments.musician_id AS id FROM musician_instruments \
        JOIN musicians ON musicians.id = musician_instruments.musician_id \
        WHERE musician_instruments.instrument = $1 AND musicians.standing <> 'removed' LIMIT 1";
    /// The last place in each call list.
    LAST_PLACES = "SELECT instrument, MAX(place) AS place FROM musician_instruments GROUP BY instrument";
    /// A new musician.
    INSERT_MUSICIAN = "INSERT INTO musicians (name, phone, email, time_zone, notes, standing, last_booked_at, \
        last_code, created_at, quiet_hours) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9) RETURNING id";
    /// A changed musician.
    UPDATE_MUSICIAN = "UPDATE musicians SET name = $2, phone = $3, email = $4, time_zone = $5, notes = $6, \
        standing = $7, last_booked_at = $8, quiet_hours = $9 WHERE id = $1";
    /// Somebody was booked (rule 3.6).
    SET_LAST_BOOKED = "UPDATE musicians SET last_booked_at = $2 WHERE id = $1";
    /// Whether somebody may be asked.
    SET_STANDING = "UPDATE musicians SET standing = $2 WHERE id = $1";
    /// Forgets what somebody plays.
    DELETE_INSTRUMENTS = "DELETE FROM musician_instruments WHERE musician_id = $1";
    /// Somebody plays something.
    INSERT_INSTRUMENT = "INSERT INTO musician_instruments (musician_id, instrument, place) VALUES ($1, $2, $3)";
    /// Holds of other bookings in a stretch of time, and whether they are booked.
    BUSY_HOLDS = "SELECT holds.musician_id AS musician_id, holds.booking_id AS booking_id, \
        holds.starts_at AS starts_at, holds.ends_at AS ends_at, \
        CASE WHEN sessions.booking_id IS NULL THEN 0 ELSE 1 END AS booked \
        FROM holds LEFT JOIN sessions ON sessions.booking_id = holds.booking_id \
        WHERE holds.booking_id <> $1 AND holds.ends_at > $2 AND holds.starts_at < $3";
    /// Blocks in a stretch of time.
    BUSY_BLOCKS = "SELECT musician_id, starts_at, ends_at FROM blocks WHERE ends_at > $1 AND starts_at < $2";
    /// Sessions of other bookings in a stretch of time.
    BUSY_STUDIO = "SELECT booking_id, starts_at, ends_at FROM sessions \
        WHERE booking_id <> $1 AND ends_at > $2 AND starts_at < $3";
    /// A musician's blocks.
    LIST_BLOCKS = "SELECT id, musician_id, starts_at, ends_at, note FROM blocks \
        WHERE musician_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// A musician's blocks in a stretch of time.
    BLOCKS_IN = "SELECT id, musician_id, starts_at, ends_at, note FROM blocks \
        WHERE musician_id = $1 AND ends_at > $2 AND starts_at < $3 ORDER BY starts_at, id LIMIT 100";
    /// What a musician holds in a stretch of time, and whether it is booked.
    HOLDS_IN = "SELECT holds.booking_id AS booking_id, holds.starts_at AS starts_at, holds.ends_at AS ends_at, \
        CASE WHEN sessions.booking_id IS NULL THEN 0 ELSE 1 END AS booked \
        FROM holds LEFT JOIN sessions ON sessions.booking_id = holds.booking_id \
        WHERE holds.musician_id = $1 AND holds.ends_at > $2 AND holds.starts_at < $3 ORDER BY holds.starts_at LIMIT 100";
    /// A new block.
    INSERT_BLOCK = "INSERT INTO blocks (musician_id, starts_at, ends_at, note) VALUES ($1, $2, $3, $4) RETURNING id";
    /// A block is lifted.
    DELETE_BLOCK = "DELETE FROM blocks WHERE id = $1 AND musician_id = $2";
}

/// A musician as the desk and the interface show them.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As the rules see them.
    pub musician: Musician,
    /// Where they are written to.
    pub email: Option<String>,
    /// What the manager noted.
    pub notes: Option<String>,
    /// Since when they are on the roster.
    pub created_at: Timestamp,
}

/// Time that a musician does not have, entered by hand.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its number.
    pub id: i64,
    /// Whose time.
    pub musician: MusicianId,
    /// When.
    pub span: Span,
    /// Why.
    pub note: Option<String>,
}

impl ToValue for Phone {
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
}

impl FromValue for Phone {
    fn from_value(value: &Value) -> Result<Self, String> {
        String::from_value(value).and_then(|text| Self::new(&text).map_err(|e| e.to_string()))
    }
}

/// The word of the interface for whether somebody may be asked.
#[must_use]
pub fn standing_word(standing: MusicianStanding) -> &'static str {
    match standing {
        MusicianStanding::Invited => "invited",
        MusicianStanding::Waiting => "waiting",
        MusicianStanding::Active => "active",
        MusicianStanding::Paused => "paused",
        MusicianStanding::OptedOut => "opted_out",
        MusicianStanding::Removed => "removed",
    }
}

/// What such a word means.
#[must_use]
pub fn standing(word: &str) -> Option<MusicianStanding> {
    use MusicianStanding::{Active, Invited, OptedOut, Paused, Removed, Waiting};
    [Invited, Waiting, Active, Paused, OptedOut, Removed].into_iter().find(|standing| standing_word(*standing) == word)
}

/// A number that each change of the roster makes another: by it a copy in memory knows when it is stale.
///
/// # Errors
/// When the database cannot be asked.
pub async fn version(tx: &mut Tx) -> Result<i64, Error> {
    tx.query_one(&ROSTER_VERSION, params![]).await?.get("version")
}

/// Everybody, those who were removed too.
///
/// # Errors
/// When the database cannot be asked.
pub async fn load(tx: &mut Tx) -> Result<Roster, Error> {
    let [musicians, instruments] = tx.query_all([(&MUSICIANS, &[]), (&INSTRUMENTS, &[])]).await?;
    roster(&musicians, &instruments)
}

/// Some of them.
///
/// # Errors
/// When the database cannot be asked.
pub async fn load_some(tx: &mut Tx, ids: impl IntoIterator<Item = MusicianId>) -> Result<Roster, Error> {
    let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
    let ids = &[Value::ints(&ids)];
    let [musicians, instruments] = tx.query_all([(&SOME_MUSICIANS, ids), (&INSTRUMENTS_OF_SOME, ids)]).await?;
    roster(&musicians, &instruments)
}

fn roster(musicians: &[Row], instruments: &[Row]) -> Result<Roster, Error> {
    let instruments = by_musician(instruments)?;
    let entries = musicians.iter().map(|row| read(row, &instruments)).collect::<Result<Vec<_>, _>>()?;
    Ok(Roster::new(entries.into_iter().map(|entry| entry.musician).collect()))
}

/// Up to `limit` musicians after number `after`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Entry>, Error> {
    let rows = tx.query(&LIST_MUSICIANS, params![after, limit]).await?;
    entries(tx, &rows).await
}

/// Up to `limit` of those on the roster after number `after` in whose name, number or address these words are.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(tx: &mut Tx, words: &str, after: i64, limit: i64) -> Result<Vec<Entry>, Error> {
    let like = |text: &str| {
        let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        format!("%{escaped}%")
    };
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    // A few digits are in every number, and no digits in all of them.
    let phone = if digits.len() < 3 { String::from("nothing") } else { format!("%{digits}%") };
    let (as_said, small) = (like(words), like(&words.to_lowercase()));
    let rows = tx.query(&FIND_MUSICIANS, params![after, limit, as_said, small, phone]).await?;
    entries(tx, &rows).await
}

/// Those on the roster who have one of these numbers.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_phones(tx: &mut Tx, phones: &[Phone]) -> Result<Vec<Entry>, Error> {
    let rows = tx.query(&MUSICIANS_BY_PHONE, &[Value::texts(phones.iter().map(Phone::as_str))]).await?;
    entries(tx, &rows).await
}

/// How many people on the roster play each instrument that somebody plays.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count_players(tx: &mut Tx) -> Result<HashMap<String, i64>, Error> {
    let rows = tx.query(&COUNT_PLAYERS, params![]).await?;
    rows.iter().map(|row| Ok((row.get("instrument")?, row.get("number")?))).collect()
}

/// Musicians with what they play, in two questions, however many they are.
async fn entries(tx: &mut Tx, rows: &[Row]) -> Result<Vec<Entry>, Error> {
    let ids: Vec<i64> = rows.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
    let instruments = by_musician(&tx.query(&INSTRUMENTS_OF_SOME, &[Value::ints(&ids)]).await?)?;
    rows.iter().map(|row| read(row, &instruments)).collect()
}

/// Up to `limit` of those who wait to be approved, who has waited longest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn waiting(tx: &mut Tx, limit: i64) -> Result<Vec<Entry>, Error> {
    let rows = tx.query(&WAITING_MUSICIANS, params![limit]).await?;
    entries(tx, &rows).await
}

/// One of them.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, id: MusicianId) -> Result<Option<Entry>, Error> {
    match tx.query_opt(&MUSICIAN, params![id]).await? {
        Some(row) => with_instruments(tx, &row).await.map(Some),
        None => Ok(None),
    }
}

/// What these musicians are called.
///
/// # Errors
/// When the database cannot be asked.
pub async fn names(tx: &mut Tx, musicians: &[MusicianId]) -> Result<HashMap<MusicianId, String>, Error> {
    let ids: Vec<i64> = musicians.iter().map(|id| id.0).collect();
    let rows = tx.query(&NAMES, &[Value::ints(&ids)]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("name")?))).collect()
}

/// Up to `limit` of those who can be asked to play an instrument, in the order of its call list.
///
/// # Errors
/// When the database cannot be asked.
pub async fn players(tx: &mut Tx, instrument: &str, limit: i64) -> Result<Vec<(MusicianId, String)>, Error> {
    let rows = tx.query(&PLAYERS, params![instrument, limit]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("name")?))).collect()
}

/// Whether somebody on the roster plays an instrument.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_played(tx: &mut Tx, instrument: &str) -> Result<bool, Error> {
    Ok(tx.query_opt(&IS_PLAYED, params![instrument]).await?.is_some())
}

/// Whose number it is.
///
/// # Errors
/// When the database cannot be asked.
pub async fn by_phone(tx: &mut Tx, phone: &Phone) -> Result<Option<Entry>, Error> {
    match tx.query_opt(&MUSICIAN_BY_PHONE, params![phone]).await? {
        Some(row) => with_instruments(tx, &row).await.map(Some),
        None => Ok(None),
    }
}

/// The last place in each instrument's call list.
///
/// # Errors
/// When the database cannot be asked.
pub async fn last_places(tx: &mut Tx) -> Result<HashMap<String, u32>, Error> {
    let rows = tx.query(&LAST_PLACES, params![]).await?;
    rows.iter().map(|row| Ok((row.get("instrument")?, row.get("place")?))).collect()
}

/// Adds a musician; their id is not looked at.
///
/// # Errors
/// [`Error::Constraint`] `musicians_phone` when the number is somebody's already.
pub async fn insert(tx: &mut Tx, entry: &Entry) -> Result<MusicianId, Error> {
    let m = &entry.musician;
    let row = params![
        m.name,
        m.phone,
        entry.email,
        zone_name(&m.zone),
        entry.notes,
        standing_word(m.standing),
        m.last_booked_at.map(At),
        At(entry.created_at),
        m.quiet_hours.map(clock_words)
    ];
    let id = tx.query_one(&INSERT_MUSICIAN, row).await?.get("id")?;
    save_instruments(tx, id, &m.instruments).await?;
    Ok(id)
}

/// Saves a changed musician.
///
/// # Errors
/// [`Error::Constraint`] `musicians_phone` when the number is somebody else's already.
pub async fn update(tx: &mut Tx, entry: &Entry) -> Result<(), Error> {
    let m = &entry.musician;
    let row = params![
        m.id,
        m.name,
        m.phone,
        entry.email,
        zone_name(&m.zone),
        entry.notes,
        standing_word(m.standing),
        m.last_booked_at.map(At),
        m.quiet_hours.map(clock_words)
    ];
    tx.execute(&UPDATE_MUSICIAN, row).await?;
    tx.execute(&DELETE_INSTRUMENTS, params![m.id]).await?;
    save_instruments(tx, m.id, &m.instruments).await
}

async fn save_instruments(tx: &mut Tx, id: MusicianId, instruments: &[(String, u32)]) -> Result<(), Error> {
    for (instrument, place) in instruments {
        tx.execute(&INSERT_INSTRUMENT, params![id, instrument, *place]).await?;
    }
    tx.execute(&BUMP_ROSTER, params![]).await.map(drop)
}

/// The roster was changed by other statements than these.
pub(crate) async fn changed(tx: &mut Tx) -> Result<(), Error> {
    tx.execute(&BUMP_ROSTER, params![]).await.map(drop)
}

/// These musicians were booked at `now`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn booked(tx: &mut Tx, musicians: &[MusicianId], now: Timestamp) -> Result<(), Error> {
    for musician in musicians {
        tx.execute(&SET_LAST_BOOKED, params![*musician, At(now)]).await?;
    }
    tx.execute(&BUMP_ROSTER, params![]).await.map(drop)
}

/// Changes whether somebody may be asked.
///
/// # Errors
/// When the database cannot be asked.
pub async fn set_standing(tx: &mut Tx, id: MusicianId, standing: MusicianStanding) -> Result<(), Error> {
    tx.execute(&SET_STANDING, params![id, standing_word(standing)]).await?;
    tx.execute(&BUMP_ROSTER, params![]).await.map(drop)
}

/// What keeps people and the studio from being free for a booking within `range`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn busy(tx: &mut Tx, but: BookingId, range: Span) -> Result<Busy, Error> {
    let (start, end) = (At(range.start), At(range.end));
    let mut busy = Busy::default();
    for row in tx.query(&BUSY_HOLDS, params![but, start, end]).await? {
        busy.add(row.get("musician_id")?, span(&row)?, held(&row)?);
    }
    for row in tx.query(&BUSY_BLOCKS, params![start, end]).await? {
        busy.add(row.get("musician_id")?, span(&row)?, BusyWith::Block);
    }
    for row in tx.query(&BUSY_STUDIO, params![but, start, end]).await? {
        busy.add_studio(span(&row)?, BusyWith::Session(row.get("booking_id")?));
    }
    Ok(busy)
}

/// A musician's blocks after number `after`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn blocks(tx: &mut Tx, musician: MusicianId, after: i64, limit: i64) -> Result<Vec<Block>, Error> {
    tx.query(&LIST_BLOCKS, params![musician, after, limit]).await?.iter().map(block).collect()
}

/// A musician's blocks at a time.
///
/// # Errors
/// When the database cannot be asked.
pub async fn blocks_in(tx: &mut Tx, musician: MusicianId, time: Span) -> Result<Vec<Block>, Error> {
    tx.query(&BLOCKS_IN, params![musician, At(time.start), At(time.end)]).await?.iter().map(block).collect()
}

/// What a musician holds, or is booked for, at a time.
///
/// # Errors
/// When the database cannot be asked.
pub async fn holds_in(tx: &mut Tx, musician: MusicianId, time: Span) -> Result<Vec<BusySpan>, Error> {
    let rows = tx.query(&HOLDS_IN, params![musician, At(time.start), At(time.end)]).await?;
    rows.iter().map(|row| Ok(BusySpan { span: span(row)?, with: held(row)? })).collect()
}

fn block(row: &Row) -> Result<Block, Error> {
    Ok(Block { id: row.get("id")?, musician: row.get("musician_id")?, span: span(row)?, note: row.get("note")? })
}

fn held(row: &Row) -> Result<BusyWith, Error> {
    let id: BookingId = row.get("booking_id")?;
    Ok(if row.get::<bool>("booked")? { BusyWith::Session(id) } else { BusyWith::Hold(id) })
}

/// Adds a block and returns its number.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert_block(tx: &mut Tx, musician: MusicianId, time: Span, note: Option<&str>) -> Result<i64, Error> {
    let row = params![musician, At(time.start), At(time.end), note];
    tx.query_one(&INSERT_BLOCK, row).await?.get("id")
}

/// Lifts a block. False when the musician has no such block.
///
/// # Errors
/// When the database cannot be asked.
pub async fn delete_block(tx: &mut Tx, musician: MusicianId, block: i64) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE_BLOCK, params![block, musician]).await? == 1)
}

/// Hours as they are kept: "22:00-08:00".
#[must_use]
pub fn clock_words(hours: ClockRange) -> String {
    format!("{}-{}", hours.from.strftime("%H:%M"), hours.to.strftime("%H:%M"))
}

pub(crate) fn clock_range(words: &str) -> Option<ClockRange> {
    let (from, to) = words.split_once('-')?;
    let at = |text: &str| Time::strptime("%H:%M", text).ok();
    // Hours without end would let nothing leave, ever.
    Some(ClockRange { from: at(from)?, to: at(to)? }).filter(|hours| hours.from != hours.to)
}

pub(crate) fn zone_name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

type Instruments = HashMap<MusicianId, Vec<(String, u32)>>;

fn by_musician(rows: &[Row]) -> Result<Instruments, Error> {
    let mut instruments = Instruments::new();
    for row in rows {
        let musician: MusicianId = row.get("musician_id")?;
        instruments.entry(musician).or_default().push((row.get("instrument")?, row.get("place")?));
    }
    Ok(instruments)
}

async fn with_instruments(tx: &mut Tx, row: &Row) -> Result<Entry, Error> {
    let id: MusicianId = row.get("id")?;
    let instruments = by_musician(&tx.query(&INSTRUMENTS_OF, params![id]).await?)?;
    read(row, &instruments)
}

fn read(row: &Row, instruments: &Instruments) -> Result<Entry, Error> {
    let id = row.get("id")?;
    let zone: String = row.get("time_zone")?;
    let wrong =
        |column: &str, found: &str| Error::Column { column: column.to_owned(), reason: format!("unknown: {found}") };
    let word: String = row.get("standing")?;
    let quiet: Option<String> = row.get("quiet_hours")?;
    let quiet_hours = quiet.map(|words| clock_range(&words).ok_or_else(|| wrong("quiet_hours", &words)));
    Ok(Entry {
        musician: Musician {
            id,
            name: row.get("name")?,
            phone: row.get("phone")?,
            zone: TimeZone::get(&zone).map_err(|_| wrong("time_zone", &zone))?,
            quiet_hours: quiet_hours.transpose()?,
            instruments: instruments.get(&id).cloned().unwrap_or_default(),
            standing: standing(&word).ok_or_else(|| wrong("standing", &word))?,
            last_booked_at: row.get::<Option<At>>("last_booked_at")?.map(|At(at)| at),
        },
        email: row.get("email")?,
        notes: row.get("notes")?,
        created_at: row.get::<At>("created_at")?.0,
    })
}
