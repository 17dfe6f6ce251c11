//! Musicians' own pages: their links, the consents to Google that were begun on them, and what is erased when somebody
//! wants to be forgotten.

use crate::instants::At;
use crate::{Error, Row, Tx, params, statements};
use firstcall_core::ids::MusicianId;
use jiff::Timestamp;

statements! {
    /// A link is texted.
    INSERT_PAGE = "INSERT INTO pages (token, musician_id, expires_at) VALUES ($1, $2, $3)";
    /// Whose page a link opens, and until when.
    PAGE = "SELECT musician_id, expires_at FROM pages WHERE token = $1";
    /// Links that ended before a moment are forgotten.
    FORGET_PAGES = "DELETE FROM pages WHERE expires_at <= $1";
    /// Somebody's links are forgotten.
    FORGET_PAGES_OF = "DELETE FROM pages WHERE musician_id = $1";
    /// A consent to Google is asked for.
    INSERT_GRANT = "INSERT INTO grants (state, page, calendar_id, secret, expires_at) VALUES ($1, $2, $3, $4, $5)";
    /// It was answered: that happens once.
    TAKE_GRANT = "DELETE FROM grants WHERE state = $1 RETURNING page, calendar_id, secret, expires_at";
    /// Those that were not answered in time are forgotten.
    FORGET_GRANTS = "DELETE FROM grants WHERE expires_at <= $1";
    /// Who wants to be forgotten has no name, and is not on the roster.
    FORGET_MUSICIAN = "UPDATE musicians SET name = '(deleted)', email = NULL, notes = NULL, quiet_hours = NULL, \
        standing = 'removed' WHERE id = $1";
    /// Nor do they play anything.
    FORGET_INSTRUMENTS = "DELETE FROM musician_instruments WHERE musician_id = $1";
    /// When they were away is forgotten.
    FORGET_BLOCKS = "DELETE FROM blocks WHERE musician_id = $1";
    /// What we wrote to them, but for what is on its way.
    FORGET_MESSAGES = "UPDATE messages SET body = '(deleted)' WHERE musician_id = $1 \
        AND state IN ('sent', 'delivered', 'failed', 'void')";
    /// What they wrote.
    FORGET_INBOUND = "UPDATE inbound_texts SET body = '(deleted)' WHERE musician_id = $1";
    /// The pieces of what they wrote.
    FORGET_PARTS = "DELETE FROM inbound_parts WHERE sender = (SELECT phone FROM musicians WHERE id = $1)";
    /// What we wrote to a musician, newest first.
    TEXTS_TO = "SELECT body, created_at, state FROM messages WHERE musician_id = $1 ORDER BY id DESC LIMIT $2";
}

/// Where a link leads.
#[derive(Clone, Copy, Debug)]
pub struct PageOf {
    /// Whose page it is.
    pub musician: MusicianId,
    /// Until when it opens.
    pub expires_at: Timestamp,
}

/// A consent to Google that was asked for.
#[derive(Clone)]
pub struct Grant {
    /// The link of the page on which it was begun.
    pub page: String,
    /// The calendar that is connected again; none: a new one.
    pub calendar: Option<i64>,
    /// What only we know of it, sealed.
    pub secret: String,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
}

/// A text to a musician.
#[derive(Clone, Debug)]
pub struct TextTo {
    /// Its words.
    pub body: String,
    /// When it was decided.
    pub at: Timestamp,
    /// What became of it.
    pub state: String,
}

/// Keeps a link.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert(tx: &mut Tx, token: &str, musician: MusicianId, expires_at: Timestamp) -> Result<(), Error> {
    tx.execute(&INSERT_PAGE, params![token, musician, At(expires_at)]).await.map(drop)
}

/// Where a link leads, also when it opens nothing any more.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, token: &str) -> Result<Option<PageOf>, Error> {
    let Some(row) = tx.query_opt(&PAGE, params![token]).await? else { return Ok(None) };
    Ok(Some(PageOf { musician: row.get("musician_id")?, expires_at: row.get::<At>("expires_at")?.0 }))
}

/// Forgets the links that ended before a moment, and the consents to Google that were not answered by `now`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget(tx: &mut Tx, before: Timestamp, now: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_PAGES, params![At(before)]).await?;
    tx.execute(&FORGET_GRANTS, params![At(now)]).await.map(drop)
}

/// Keeps a consent that is asked for.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert_grant(tx: &mut Tx, state: &str, grant: &Grant) -> Result<(), Error> {
    let row = params![state, grant.page, grant.calendar, grant.secret, At(grant.expires_at)];
    tx.execute(&INSERT_GRANT, row).await.map(drop)
}

/// Takes a consent that is answered; a second answer finds none.
///
/// # Errors
/// When the database cannot be asked.
pub async fn take_grant(tx: &mut Tx, state: &str) -> Result<Option<Grant>, Error> {
    let read = |row: &Row| {
        Ok(Grant {
            page: row.get("page")?,
            calendar: row.get("calendar_id")?,
            secret: row.get("secret")?,
            expires_at: row.get::<At>("expires_at")?.0,
        })
    };
    tx.query_opt(&TAKE_GRANT, params![state]).await?.as_ref().map(read).transpose()
}

/// Up to `limit` texts to a musician, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn texts_to(tx: &mut Tx, musician: MusicianId, limit: i64) -> Result<Vec<TextTo>, Error> {
    let rows = tx.query(&TEXTS_TO, params![musician, limit]).await?;
    let read =
        |row: &Row| Ok(TextTo { body: row.get("body")?, at: row.get::<At>("created_at")?.0, state: row.get("state")? });
    rows.iter().map(read).collect()
}

/// Takes somebody off the roster and forgets what was known of them. Their number stays, beside what they agreed to.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget_musician(tx: &mut Tx, id: MusicianId) -> Result<(), Error> {
    let all = [
        &FORGET_PARTS,
        &FORGET_MUSICIAN,
        &FORGET_INSTRUMENTS,
        &FORGET_BLOCKS,
        &FORGET_MESSAGES,
        &FORGET_INBOUND,
        &FORGET_PAGES_OF,
    ];
    for statement in all {
        tx.execute(statement, params![id]).await?;
    }
    crate::roster::changed(tx).await
}
