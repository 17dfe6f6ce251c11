//! The call list of an instrument: who is asked in which order (rule 3.6), and changes of that order.

use crate::{Error, Tx, params, roster, statements};
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::MusicianStanding;

statements! {
    /// A page of a call list.
    CALL_LIST = "SELECT musicians.id AS id, musicians.name AS name, musicians.standing AS standing \
        FROM musician_instruments JOIN musicians ON musicians.id = musician_instruments.musician_id \
        WHERE musician_instruments.instrument = $1 AND musicians.standing <> 'removed' \
        ORDER BY musician_instruments.place, musicians.id LIMIT $2 OFFSET $3";
    /// The instruments that somebody plays.
    PLAYED = "SELECT DISTINCT instrument FROM musician_instruments \
        WHERE EXISTS (SELECT 1 FROM musicians WHERE musicians.id = musician_id AND standing <> 'removed')";
    /// A whole call list: who, and at which place.
    ORDER = "SELECT musicians.id AS id, musician_instruments.place AS place \
        FROM musician_instruments JOIN musicians ON musicians.id = musician_instruments.musician_id \
        WHERE musician_instruments.instrument = $1 AND musicians.standing <> 'removed' \
        ORDER BY musician_instruments.place, musicians.id";
    /// A place that several have.
    SHARED_PLACE = "SELECT place FROM musician_instruments WHERE instrument = $1 \
        GROUP BY place HAVING COUNT(*) > 1 LIMIT 1";
    /// Gives everybody a place of their own, in the order that there is.
    RENUMBER = "UPDATE musician_instruments SET place = ranked.place FROM ( \
            SELECT musician_id, CAST(ROW_NUMBER() OVER (ORDER BY place, musician_id) AS BIGINT) AS place \
            FROM musician_instruments WHERE instrument = $1) AS ranked \
        WHERE musician_instruments.instrument = $1 AND musician_instruments.musician_id = ranked.musician_id";
    /// Those from one place to before another one move by one.
    SHIFT = "UPDATE musician_instruments SET place = place + $4 WHERE instrument = $1 AND place >= $2 AND place < $3";
    /// Somebody has a place.
    PUT = "UPDATE musician_instruments SET place = $3 WHERE instrument = $1 AND musician_id = $2";
    /// Nobody else changes any call list until this transaction ends.
    LOCK_ORDER = "SELECT version FROM roster_version {for_update}";
}

/// Somebody in a call list.
#[derive(Clone, Debug)]
pub struct Player {
    /// Who.
    pub id: MusicianId,
    /// What they are called.
    pub name: String,
    /// Whether they may be asked.
    pub standing: MusicianStanding,
}

/// Where somebody is moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Just before somebody.
    Before(MusicianId),
    /// Just after somebody.
    After(MusicianId),
}

/// Up to `limit` people of a call list behind the first `skip`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn page(tx: &mut Tx, instrument: &str, skip: i64, limit: i64) -> Result<Vec<Player>, Error> {
    let rows = tx.query(&CALL_LIST, params![instrument, limit, skip]).await?;
    let player = |row: &crate::Row| {
        let word: String = row.get("standing")?;
        let standing = roster::standing(&word);
        let unknown = || Error::Column { column: "standing".to_owned(), reason: format!("unknown: {word}") };
        Ok(Player { id: row.get("id")?, name: row.get("name")?, standing: standing.ok_or_else(unknown)? })
    };
    rows.iter().map(player).collect()
}

/// The instruments that somebody plays.
///
/// # Errors
/// When the database cannot be asked.
pub async fn played(tx: &mut Tx) -> Result<Vec<String>, Error> {
    tx.query(&PLAYED, params![]).await?.iter().map(|row| row.get("instrument")).collect()
}

/// Everybody in a call list, in order.
///
/// # Errors
/// When the database cannot be asked.
pub async fn order(tx: &mut Tx, instrument: &str) -> Result<Vec<MusicianId>, Error> {
    Ok(places(tx, instrument).await?.into_iter().map(|(id, _)| id).collect())
}

/// The same, and nobody else changes it until this transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn lock(tx: &mut Tx, instrument: &str) -> Result<Vec<MusicianId>, Error> {
    tx.query(&LOCK_ORDER, params![]).await?;
    order(tx, instrument).await
}

/// Moves somebody to another place of a call list; the order of the others stays. False: one of them is not in it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn put(tx: &mut Tx, instrument: &str, who: MusicianId, beside: Beside) -> Result<bool, Error> {
    if tx.query_opt(&SHARED_PLACE, params![instrument]).await?.is_some() {
        tx.execute(&RENUMBER, params![instrument]).await?;
    }
    let places = places(tx, instrument).await?;
    let place_of = |id: MusicianId| places.iter().find(|(other, _)| *other == id).map(|(_, place)| *place);
    let (other, after) = match beside {
        Beside::Before(other) => (other, 0),
        Beside::After(other) => (other, 1),
    };
    let (Some(from), Some(at)) = (place_of(who), place_of(other)) else { return Ok(false) };
    // Behind `from` everybody moves down by one, so that the place that was meant does too.
    let (first, end, step, to) =
        if from < at { (from + 1, at + after, -1, at + after - 1) } else { (at + after, from, 1, at + after) };
    if who != other {
        tx.execute(&SHIFT, params![instrument, first, end, step]).await?;
        tx.execute(&PUT, params![instrument, who, to]).await?;
        roster::changed(tx).await?;
    }
    Ok(true)
}

async fn places(tx: &mut Tx, instrument: &str) -> Result<Vec<(MusicianId, i64)>, Error> {
    let rows = tx.query(&ORDER, params![instrument]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("place")?))).collect()
}
