//! Who is signed in to the desk, the links that open something once, how often signing in was tried in vain, and the
//! record of who did what.

use crate::accounts::Role;
use crate::instants::At;
use crate::{Error, Row, Tx, params, statements};
use jiff::Timestamp;

statements! {
    /// Somebody signs in.
    INSERT_SESSION = "INSERT INTO sessions_of_desk (account_id, token_hash, old_until, agent, created_at, rotated_at, \
        seen_at) VALUES ($1, $2, 0, $3, $4, $4, $4) RETURNING id";
    /// A session and whose it is.
    SESSION = "SELECT s.id AS id, s.account_id AS account_id, s.token_hash AS token_hash, s.old_hash AS old_hash, \
        s.old_until AS old_until, s.agent AS agent, s.created_at AS created_at, s.rotated_at AS rotated_at, \
        s.seen_at AS seen_at, a.name AS name, a.role AS role \
        FROM sessions_of_desk s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1 AND a.disabled_at IS NULL";
    /// Somebody's sessions, the last used first.
    SESSIONS_OF = "SELECT s.id AS id, s.account_id AS account_id, s.token_hash AS token_hash, s.old_hash AS old_hash, \
        s.old_until AS old_until, s.agent AS agent, s.created_at AS created_at, s.rotated_at AS rotated_at, \
        s.seen_at AS seen_at, a.name AS name, a.role AS role \
        FROM sessions_of_desk s JOIN accounts a ON a.id = s.account_id WHERE s.account_id = $1 \
        ORDER BY s.seen_at DESC, s.id DESC";
    /// Another token; the one before counts a little longer.
    ROTATE_SESSION = "UPDATE sessions_of_desk SET old_hash = token_hash, old_until = $4, token_hash = $3, \
        rotated_at = $5, seen_at = $5 WHERE id = $1 AND token_hash = $2";
    /// It was used.
    SEE_SESSION = "UPDATE sessions_of_desk SET seen_at = $2 WHERE id = $1";
    /// The tokens of an account's sessions are to be replaced when they are used next.
    AGE_SESSIONS = "UPDATE sessions_of_desk SET rotated_at = 0 WHERE account_id = $1";
    /// One ends.
    END_SESSION = "DELETE FROM sessions_of_desk WHERE id = $1 AND account_id = $2";
    /// All of an account end but one.
    END_SESSIONS = "DELETE FROM sessions_of_desk WHERE account_id = $1 AND id <> $2";
    /// Those end that were not used since a moment, or are older than another.
    FORGET_SESSIONS = "DELETE FROM sessions_of_desk WHERE seen_at <= $1 OR created_at <= $2";
    /// Somebody has signed in in this browser.
    INSERT_BROWSER = "INSERT INTO known_browsers (token_hash, account_id, seen_at) VALUES ($1, $2, $3)";
    /// Whether somebody has, and is seen again.
    SEE_BROWSER = "UPDATE known_browsers SET seen_at = $3 WHERE token_hash = $1 AND account_id = $2";
    /// Whether somebody has.
    BROWSER = "SELECT account_id FROM known_browsers WHERE token_hash = $1 AND account_id = $2";
    /// Those are forgotten that were not seen since a moment.
    FORGET_BROWSERS = "DELETE FROM known_browsers WHERE seen_at <= $1";
    /// Those of an account are forgotten.
    FORGET_BROWSERS_OF = "DELETE FROM known_browsers WHERE account_id = $1";
    /// A link is made.
    INSERT_LINK = "INSERT INTO links (token_hash, kind, account_id, role, made_by, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// What a link opens.
    LINK = "SELECT kind, account_id, role, made_by, expires_at FROM links WHERE token_hash = $1";
    /// It is used: that happens once.
    TAKE_LINK = "DELETE FROM links WHERE token_hash = $1 RETURNING kind, account_id, role, made_by, expires_at";
    /// No link makes a first manager any more.
    END_FIRST_LINKS = "DELETE FROM links WHERE kind = 'first'";
    /// No link of these kinds is open for an account any more.
    END_LINKS_OF = "DELETE FROM links WHERE account_id = $1";
    /// Links that ended are forgotten.
    FORGET_LINKS = "DELETE FROM links WHERE expires_at <= $1";
    /// There is a row to hold on to.
    BEGIN_FAILURES = "INSERT INTO failures (subject, number, last_at) VALUES ($1, 0, $2) ON CONFLICT (subject) DO NOTHING";
    /// How often, and when last. Nobody else counts there until this transaction ends.
    FAILURES = "SELECT number, last_at FROM failures WHERE subject = $1 {for_update}";
    /// Once more; those of long ago do not count.
    COUNT_FAILURE = "INSERT INTO failures (subject, number, last_at) VALUES ($1, 1, $2) ON CONFLICT (subject) DO UPDATE \
        SET number = CASE WHEN failures.last_at <= $3 THEN 1 ELSE failures.number + 1 END, last_at = $2";
    /// It was not in vain.
    CLEAR_FAILURES = "DELETE FROM failures WHERE subject = $1";
    /// One of them was none.
    TAKE_FAILURE_BACK = "UPDATE failures SET number = number - 1 WHERE subject = $1 AND number > 0";
    /// Those of long ago are forgotten.
    FORGET_FAILURES = "DELETE FROM failures WHERE last_at <= $1";
    /// Somebody did something.
    INSERT_AUDIT = "INSERT INTO audit (at, who, what, subject) VALUES ($1, $2, $3, $4)";
    /// What was done before a line, newest first.
    AUDIT = "SELECT id, at, who, what, subject FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2";
    /// What was done before a moment is forgotten.
    FORGET_AUDIT = "DELETE FROM audit WHERE at <= $1";
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub account: i64,
    /// The account's name.
    pub name: String,
    /// What the account may do.
    pub role: Role,
    /// The token's fingerprint.
    pub token_hash: String,
    /// That of the token before.
    pub old_hash: Option<String>,
    /// Until when that one counts.
    pub old_until: Timestamp,
    /// What the browser calls itself, in words.
    pub agent: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When the token was made.
    pub rotated_at: Timestamp,
    /// When it was last used, to a few minutes.
    pub seen_at: Timestamp,
}

/// What a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The account of the first manager is made.
    First,
    /// An account is made.
    Invitation,
    /// A password is chosen anew.
    Reset,
    /// The password was right, and a code has still to be given.
    Code,
}

impl LinkKind {
    fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::Code => "code",
        }
    }
}

/// A link that opens something once.
#[derive(Clone, Debug)]
pub struct Link {
    /// What it opens.
    pub kind: LinkKind,
    /// Whose password is chosen, or who gives a code.
    pub account: Option<i64>,
    /// What a new account may do.
    pub role: Option<Role>,
    /// Who made it.
    pub made_by: String,
    /// Until when it opens.
    pub expires_at: Timestamp,
}

/// A line of the record.
#[derive(Clone, Debug)]
pub struct Act {
    /// Its number.
    pub id: i64,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub who: String,
    /// What was done.
    pub what: String,
    /// On what.
    pub subject: String,
}

/// Somebody signs in; returns the session's number.
///
/// # Errors
/// When the database cannot be asked.
pub async fn begin(tx: &mut Tx, account: i64, token_hash: &str, agent: &str, now: Timestamp) -> Result<i64, Error> {
    tx.query_one(&INSERT_SESSION, params![account, token_hash, agent, At(now)]).await?.get("id")
}

/// A session, unless it has ended or nobody may sign in with its account.
///
/// # Errors
/// When the database cannot be asked.
pub async fn session(tx: &mut Tx, id: i64) -> Result<Option<Session>, Error> {
    tx.query_opt(&SESSION, params![id]).await?.as_ref().map(read_session).transpose()
}

/// An account's sessions, the last used first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn sessions_of(tx: &mut Tx, account: i64) -> Result<Vec<Session>, Error> {
    tx.query(&SESSIONS_OF, params![account]).await?.iter().map(read_session).collect()
}

/// Replaces a session's token; false if another request was first. The one before counts until `old_until`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn rotate(
    tx: &mut Tx,
    session: &Session,
    token_hash: &str,
    old_until: Timestamp,
    now: Timestamp,
) -> Result<bool, Error> {
    let row = params![session.id, session.token_hash, token_hash, At(old_until), At(now)];
    Ok(tx.execute(&ROTATE_SESSION, row).await? == 1)
}

/// A session was used.
///
/// # Errors
/// When the database cannot be asked.
pub async fn seen(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), Error> {
    tx.execute(&SEE_SESSION, params![id, At(now)]).await.map(drop)
}

/// Lets the tokens of an account's sessions be replaced when they are used next.
///
/// # Errors
/// When the database cannot be asked.
pub async fn age(tx: &mut Tx, account: i64) -> Result<(), Error> {
    tx.execute(&AGE_SESSIONS, params![account]).await.map(drop)
}

/// Ends a session of an account; whether there was one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn end(tx: &mut Tx, id: i64, account: i64) -> Result<bool, Error> {
    Ok(tx.execute(&END_SESSION, params![id, account]).await? == 1)
}

/// Ends all sessions of an account but one; returns how many.
///
/// # Errors
/// When the database cannot be asked.
pub async fn end_others(tx: &mut Tx, account: i64, but: Option<i64>) -> Result<u64, Error> {
    tx.execute(&END_SESSIONS, params![account, but.unwrap_or(0)]).await
}

/// Somebody has signed in in a browser.
///
/// # Errors
/// When the database cannot be asked.
pub async fn know_browser(tx: &mut Tx, token_hash: &str, account: i64, now: Timestamp) -> Result<(), Error> {
    if tx.execute(&SEE_BROWSER, params![token_hash, account, At(now)]).await? == 0 {
        tx.execute(&INSERT_BROWSER, params![token_hash, account, At(now)]).await?;
    }
    Ok(())
}

/// Whether somebody has signed in in a browser.
///
/// # Errors
/// When the database cannot be asked.
pub async fn knows_browser(tx: &mut Tx, token_hash: &str, account: i64) -> Result<bool, Error> {
    Ok(tx.query_opt(&BROWSER, params![token_hash, account]).await?.is_some())
}

/// Forgets the browsers in which an account signed in.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget_browsers(tx: &mut Tx, account: i64) -> Result<(), Error> {
    tx.execute(&FORGET_BROWSERS_OF, params![account]).await.map(drop)
}

/// Keeps a link.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert_link(tx: &mut Tx, token_hash: &str, link: &Link) -> Result<(), Error> {
    let row = params![token_hash, link.kind.word(), link.account, link.role, link.made_by, At(link.expires_at)];
    tx.execute(&INSERT_LINK, row).await.map(drop)
}

/// What a link opens, also when it has ended.
///
/// # Errors
/// When the database cannot be asked.
pub async fn link(tx: &mut Tx, token_hash: &str) -> Result<Option<Link>, Error> {
    tx.query_opt(&LINK, params![token_hash]).await?.as_ref().map(read_link).transpose()
}

/// Uses a link up; a second one who comes with it finds none.
///
/// # Errors
/// When the database cannot be asked.
pub async fn take_link(tx: &mut Tx, token_hash: &str) -> Result<Option<Link>, Error> {
    tx.query_opt(&TAKE_LINK, params![token_hash]).await?.as_ref().map(read_link).transpose()
}

/// Ends all links that make a first manager.
///
/// # Errors
/// When the database cannot be asked.
pub async fn end_first_links(tx: &mut Tx) -> Result<(), Error> {
    tx.execute(&END_FIRST_LINKS, params![]).await.map(drop)
}

/// Ends the links of an account.
///
/// # Errors
/// When the database cannot be asked.
pub async fn end_links_of(tx: &mut Tx, account: i64) -> Result<(), Error> {
    tx.execute(&END_LINKS_OF, params![account]).await.map(drop)
}

/// How often something was tried in vain, and when last. Nobody else counts there until this transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn failures(tx: &mut Tx, subject: &str, now: Timestamp) -> Result<(i64, Timestamp), Error> {
    tx.execute(&BEGIN_FAILURES, params![subject, At(now)]).await?;
    let row = tx.query_one(&FAILURES, params![subject]).await?;
    Ok((row.get("number")?, row.get::<At>("last_at")?.0))
}

/// Counts one more; those up to `long_ago` do not count any more.
///
/// # Errors
/// When the database cannot be asked.
pub async fn count_failure(tx: &mut Tx, subject: &str, now: Timestamp, long_ago: Timestamp) -> Result<(), Error> {
    tx.execute(&COUNT_FAILURE, params![subject, At(now), At(long_ago)]).await.map(drop)
}

/// Forgets what was tried in vain.
///
/// # Errors
/// When the database cannot be asked.
pub async fn clear_failures(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    tx.execute(&CLEAR_FAILURES, params![subject]).await.map(drop)
}

/// One that was counted was not in vain.
///
/// # Errors
/// When the database cannot be asked.
pub async fn take_failure_back(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    tx.execute(&TAKE_FAILURE_BACK, params![subject]).await.map(drop)
}

/// Records what somebody did.
///
/// # Errors
/// When the database cannot be asked.
pub async fn record(tx: &mut Tx, who: &str, what: &str, subject: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(&INSERT_AUDIT, params![At(now), who, what, subject]).await.map(drop)
}

/// Up to `limit` lines of the record before a line, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn recorded(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<Act>, Error> {
    let read = |row: &Row| {
        Ok(Act {
            id: row.get("id")?,
            at: row.get::<At>("at")?.0,
            who: row.get("who")?,
            what: row.get("what")?,
            subject: row.get("subject")?,
        })
    };
    tx.query(&AUDIT, params![before, limit]).await?.iter().map(read).collect()
}

/// Until when things are kept: what is older is forgotten.
#[derive(Clone, Copy, Debug)]
pub struct KeptSince {
    /// Sessions that were used.
    pub used: Timestamp,
    /// Sessions, used or not.
    pub begun: Timestamp,
    /// What was tried in vain.
    pub failures: Timestamp,
    /// The record, and browsers.
    pub record: Timestamp,
}

/// Forgets what has ended and what is old.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget(tx: &mut Tx, kept: KeptSince, now: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_SESSIONS, params![At(kept.used), At(kept.begun)]).await?;
    tx.execute(&FORGET_LINKS, params![At(now)]).await?;
    tx.execute(&FORGET_FAILURES, params![At(kept.failures)]).await?;
    tx.execute(&FORGET_BROWSERS, params![At(kept.record)]).await?;
    tx.execute(&FORGET_AUDIT, params![At(kept.record)]).await.map(drop)
}

fn read_session(row: &Row) -> Result<Session, Error> {
    Ok(Session {
        id: row.get("id")?,
        account: row.get("account_id")?,
        name: row.get("name")?,
        role: row.get("role")?,
        token_hash: row.get("token_hash")?,
        old_hash: row.get("old_hash")?,
        old_until: row.get::<At>("old_until")?.0,
        agent: row.get("agent")?,
        created_at: row.get::<At>("created_at")?.0,
        rotated_at: row.get::<At>("rotated_at")?.0,
        seen_at: row.get::<At>("seen_at")?.0,
    })
}

fn read_link(row: &Row) -> Result<Link, Error> {
    let word: String = row.get("kind")?;
    let kinds = [LinkKind::First, LinkKind::Invitation, LinkKind::Reset, LinkKind::Code];
    let kind = kinds.into_iter().find(|kind| kind.word() == word);
    Ok(Link {
        kind: kind.ok_or_else(|| Error::column(&"kind", format!("no kind of link: {word}")))?,
        account: row.get("account_id")?,
        role: row.get("role")?,
        made_by: row.get("made_by")?,
        expires_at: row.get::<At>("expires_at")?.0,
    })
}
