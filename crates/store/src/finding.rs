//! Bookings as they are looked for: by status, instrument, musician, days, what needs the manager, and the client's words.
//!
//! `finders` says by which instruments, days and words a booking is found. Each statement begins where least is to be looked
//! at, and goes down the numbers from there, a page at a time; no statement reads every booking to find a few.

use crate::bookings::{Shown, shown};
use crate::{Error, Tx, Value, params, statements};
use firstcall_core::booking::Booking;
use firstcall_core::ids::{BookingId, MusicianId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// A page of bookings: `$from` gives their numbers as `id`, and the rest holds for each of them.
macro_rules! find {
    ($from:literal, $here:literal) => {
        concat!(
            "SELECT b.id AS id, b.body AS body, b.client_token AS client_token, b.due_at AS due_at, b.due_reason AS due_reason FROM ",
            $from,
            " WHERE ",
            $here,
            " AND b.id < $1 \
            AND (CAST($3 AS TEXT) IS NULL OR b.status = $3) \
            AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM finders AS f WHERE f.kind = 'instrument' \
                AND f.word = $4 AND f.booking_id = b.id)) \
            AND (CAST($5 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM messages AS m WHERE m.kind = 'offer' \
                AND m.booking_id = b.id AND m.musician_id = $5)) \
            AND (CAST($6 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM finders AS f WHERE f.booking_id = b.id \
                AND f.kind = 'day' AND f.word >= $6 AND f.word <= $7)) \
            AND (CAST($8 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM finders AS f WHERE f.booking_id = b.id \
                AND f.kind = 'word' AND f.word >= $8 AND f.word < $9)) \
            AND (CAST($10 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM finders AS f WHERE f.booking_id = b.id \
                AND f.kind = 'word' AND f.word >= $10 AND f.word < $11)) \
            ORDER BY b.id DESC LIMIT $2"
        )
    };
}

/// Where those begin that need the manager.
macro_rules! needs {
    () => {
        "(SELECT id FROM bookings WHERE status = 'no_times' UNION SELECT id FROM bookings WHERE status = 'exhausted' \
         UNION SELECT id FROM bookings WHERE status = 'booked' AND due_at IS NOT NULL \
         UNION SELECT booking_id AS id FROM pending_acts WHERE due_at IS NULL)"
    };
}

statements! {
    /// A booking is found by this.
    INSERT_FINDER = "INSERT INTO finders (kind, word, booking_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    /// Bookings by which nothing was written down how they are found.
    UNFOUND = "SELECT id FROM bookings WHERE id > $1 \
        AND NOT EXISTS (SELECT 1 FROM finders WHERE finders.booking_id = bookings.id) ORDER BY id LIMIT $2";
    /// Any, newest first.
    FIND_ANY = find!("bookings AS b", "b.id > 0");
    /// Of one status, which few have.
    FIND_BY_STATUS = find!("(SELECT id FROM bookings WHERE status = $3 AND id < $1 ORDER BY id DESC) AS d \
        JOIN bookings AS b ON b.id = d.id", "b.id > 0");
    /// By an instrument.
    FIND_BY_INSTRUMENT = find!("(SELECT booking_id AS id FROM finders WHERE kind = 'instrument' AND word = $4 \
        AND booking_id < $1 ORDER BY booking_id DESC) AS d JOIN bookings AS b ON b.id = d.id", "b.id > 0");
    /// By a musician who was asked.
    FIND_BY_MUSICIAN = find!("(SELECT DISTINCT booking_id AS id FROM messages WHERE kind = 'offer' \
        AND musician_id = $5 AND booking_id < $1 ORDER BY booking_id DESC) AS d \
        JOIN bookings AS b ON b.id = d.id", "b.id > 0");
    /// By days.
    FIND_BY_DAY = find!("(SELECT DISTINCT booking_id AS id FROM finders WHERE kind = 'day' AND word >= $6 \
        AND word <= $7 AND booking_id < $1 ORDER BY booking_id DESC) AS d JOIN bookings AS b ON b.id = d.id", "b.id > 0");
    /// By the beginning of a word.
    FIND_BY_WORD = find!("(SELECT DISTINCT booking_id AS id FROM finders WHERE kind = 'word' AND word >= $8 \
        AND word < $9 AND booking_id < $1 ORDER BY booking_id DESC) AS d JOIN bookings AS b ON b.id = d.id", "b.id > 0");
    /// Those that need the manager.
    FIND_NEEDS = concat!("SELECT b.id AS id, b.body AS body, b.client_token AS client_token, b.due_at AS due_at, b.due_reason AS due_reason FROM ",
        needs!(), " AS d JOIN bookings AS b ON b.id = d.id WHERE b.id < $1 ORDER BY b.id DESC LIMIT $2");
}

/// What is looked for; what is none or empty is not asked.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Below this number.
    pub before: Option<i64>,
    /// In this status.
    pub status: Option<String>,
    /// With a chair for this instrument.
    pub instrument: Option<String>,
    /// Of which this musician was asked.
    pub musician: Option<MusicianId>,
    /// With a time from this day on, and until this one.
    pub days: Option<(Date, Date)>,
    /// Beginnings of words of the client: two at the most are looked for.
    pub words: Vec<String>,
    /// Those that need the manager; nothing else is asked then.
    pub needs: bool,
}

/// Statuses that few bookings have at a time.
const FEW: [&str; 4] = ["calling", "paused", "no_times", "exhausted"];

/// Up to `limit` bookings, newest first.
///
/// # Errors
/// When the database cannot be asked, or holds what cannot be read.
pub async fn find(tx: &mut Tx, wanted: &Wanted, limit: i64) -> Result<Vec<Shown>, Error> {
    let before = wanted.before.unwrap_or(i64::MAX);
    let rows = if wanted.needs {
        tx.query(&FIND_NEEDS, params![before, limit]).await?
    } else {
        let few = wanted.status.as_deref().is_some_and(|status| FEW.contains(&status));
        let statement = match wanted {
            Wanted { words, .. } if !words.is_empty() => &FIND_BY_WORD,
            Wanted { musician: Some(_), .. } => &FIND_BY_MUSICIAN,
            Wanted { days: Some(_), .. } => &FIND_BY_DAY,
            Wanted { .. } if few => &FIND_BY_STATUS,
            Wanted { instrument: Some(_), .. } => &FIND_BY_INSTRUMENT,
            Wanted { status: Some(_), .. } => &FIND_BY_STATUS,
            Wanted { .. } => &FIND_ANY,
        };
        tx.query(statement, &values(wanted, before, limit)).await?
    };
    let mut found = Vec::new();
    for row in rows {
        found.push(shown(tx, row).await?);
    }
    Ok(found)
}

fn values(wanted: &Wanted, before: i64, limit: i64) -> Vec<Value> {
    let days = wanted.days.map(|(from, to)| (from.to_string(), to.to_string()));
    let mut words: Vec<&String> = wanted.words.iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let range =
        |word: Option<&&String>| (word.map(|word| (*word).clone()), word.map(|word| format!("{word}\u{10ffff}")));
    let (first, second) = (range(words.first()), range(words.get(1)));
    params![
        before,
        limit,
        wanted.status,
        wanted.instrument,
        wanted.musician,
        days.as_ref().map(|(from, _)| from.clone()),
        days.map(|(_, to)| to),
        first.0,
        first.1,
        second.0,
        second.1
    ]
    .to_vec()
}

/// Writes down by what a booking is found.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keep(tx: &mut Tx, booking: &Booking, studio: &TimeZone) -> Result<(), Error> {
    for (kind, word) in finders(booking, studio) {
        tx.queue(&INSERT_FINDER, params![kind, word, booking.id]).await?;
    }
    Ok(())
}

/// Up to `limit` bookings above a number of which it is not written down by what they are found.
///
/// # Errors
/// When the database cannot be asked.
pub async fn unfound(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<BookingId>, Error> {
    tx.query(&UNFOUND, params![after, limit]).await?.iter().map(|row| row.get("id")).collect()
}

/// By what a booking is found: its instruments, the studio's days of its times, and the client's name, addresses and city.
#[must_use]
pub fn finders(booking: &Booking, studio: &TimeZone) -> BTreeSet<(&'static str, String)> {
    let request = &booking.request;
    let instruments = booking.chairs.iter().map(|chair| ("instrument", chair.instrument.clone()));
    let times = booking.times.iter().chain(booking.options.iter().map(|option| &option.time));
    let days = times.map(|time| ("day", time.start.to_zoned(studio.clone()).date().to_string()));
    let client = [&request.client_name, &request.client_email, &request.client_phone, &request.client_city];
    let said = client.into_iter().flatten().flat_map(|text| words(text));
    instruments.chain(days).chain(said.map(|word| ("word", word))).collect()
}

/// The words of a text in small letters; an address is a word, and so are its parts.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let small = text.to_lowercase();
    let mut words: Vec<String> = Vec::new();
    for piece in small.split_whitespace() {
        let parts = piece.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
        words.extend(parts.map(str::to_owned));
        if piece.contains('@') {
            words.push(piece.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_found_by_their_words() {
        assert_eq!(words("Maribel O'Strander"), ["maribel", "o", "strander"]);
        assert_eq!(words("<Mar.Ost@example.com>"), ["mar", "ost", "example", "com", "mar.ost@example.com"]);
    }
}
