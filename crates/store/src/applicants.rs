//! Whoever asked to be on the list by themselves, until they have shown that the number is theirs.

use crate::instants::At;
use crate::roster::{clock_range, clock_words, zone_name};
use crate::{Error, Row, Tx, Value, params, statements};
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::ClockRange;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The columns of an [`Applicant`], in one place.
macro_rules! select_applicant {
    ($rest:literal) => {
        concat!(
            "SELECT id, token, phone, name, email, time_zone, instruments, quiet_hours, wording, code, tries, asked_at, \
             musician_id FROM applicants ",
            $rest
        )
    };
}

statements! {
    /// Somebody asks to be on the list.
    INSERT_APPLICANT = "INSERT INTO applicants (token, phone, name, email, time_zone, instruments, quiet_hours, wording, \
        code, tries, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)";
    /// The one of a secret link.
    APPLICANT = select_applicant!("WHERE token = $1 {for_update}");
    /// How often a number was asked for since a moment.
    ASKED_BY_NUMBER = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM applicants WHERE phone = $1 AND asked_at > $2";
    /// How often any number was asked for since a moment.
    ASKED_BY_ALL = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM applicants WHERE asked_at > $1";
    /// A code was tried.
    TRY_CODE = "UPDATE applicants SET tries = tries + 1 WHERE token = $1";
    /// The number is theirs: they are on the roster.
    CONFIRM_APPLICANT = "UPDATE applicants SET musician_id = $2 WHERE token = $1";
    /// Whether somebody has this link.
    APPLICANT_IS_KNOWN = "SELECT id FROM applicants WHERE token = $1";
    /// Nobody else asks until this transaction ends.
    LOCK_APPLICANTS = "SELECT version FROM roster_version {for_update}";
    /// The texts of codes that were asked for before a moment are forgotten.
    FORGET_CODES = "DELETE FROM messages WHERE state NOT IN ('queued', 'sending') \
        AND token IN (SELECT token FROM applicants WHERE asked_at <= $1)";
    /// What was asked for before a moment is forgotten.
    FORGET_APPLICANTS = "DELETE FROM applicants WHERE asked_at <= $1";
    /// What a number asked for is forgotten.
    FORGET_APPLICANTS_OF = "DELETE FROM applicants WHERE phone = $1";
}

/// Somebody who asks to be on the list.
#[derive(Clone)]
pub struct Applicant {
    /// The secret of their link.
    pub token: String,
    /// The number that they say is theirs.
    pub phone: Phone,
    /// Their name.
    pub name: String,
    /// Where they are written to.
    pub email: Option<String>,
    /// Where they live.
    pub zone: TimeZone,
    /// What they play, in their order.
    pub instruments: Vec<String>,
    /// When they want no offers, instead of the studio's quiet hours.
    pub quiet_hours: Option<ClockRange>,
    /// What they agreed to, as it was shown to them.
    pub wording: String,
    /// What was texted to the number; empty where none was.
    pub code: String,
    /// How often one was tried.
    pub tries: u32,
    /// When they asked.
    pub asked_at: Timestamp,
    /// Who they are, once the number is known to be theirs.
    pub musician: Option<MusicianId>,
}

/// Keeps somebody who asks.
///
/// # Errors
/// When the database cannot be asked.
pub async fn insert(tx: &mut Tx, new: &Applicant) -> Result<(), Error> {
    let row = params![
        new.token,
        new.phone,
        new.name,
        new.email,
        zone_name(&new.zone),
        new.instruments.join("\n"),
        new.quiet_hours.map(clock_words),
        new.wording,
        new.code,
        At(new.asked_at)
    ];
    tx.execute(&INSERT_APPLICANT, row).await.map(drop)
}

/// Who has a secret link; nobody else changes it until this transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, token: &str) -> Result<Option<Applicant>, Error> {
    tx.query_opt(&APPLICANT, params![token]).await?.as_ref().map(read).transpose()
}

/// Whether somebody has a secret link.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_known(tx: &mut Tx, token: &str) -> Result<bool, Error> {
    Ok(tx.query_opt(&APPLICANT_IS_KNOWN, params![token]).await?.is_some())
}

/// Lets others who ask wait until this transaction ends, so that they are counted one by one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn one_by_one(tx: &mut Tx) -> Result<(), Error> {
    tx.query_opt(&LOCK_APPLICANTS, params![]).await.map(drop)
}

/// How often since a moment: for this number, and for all.
///
/// # Errors
/// When the database cannot be asked.
pub async fn asked_since(tx: &mut Tx, phone: &Phone, since: Timestamp) -> Result<(i64, i64), Error> {
    let (one, all) = (
        [crate::ToValue::to_value(phone), crate::ToValue::to_value(&At(since))],
        Value::Int(crate::instants::micros(since)),
    );
    let [one, all] = tx.query_all([(&ASKED_BY_NUMBER, &one[..]), (&ASKED_BY_ALL, &[all])]).await?;
    let number = |rows: &[Row]| rows.first().map_or(Ok(0), |row| row.get("number"));
    Ok((number(&one)?, number(&all)?))
}

/// A code was tried.
///
/// # Errors
/// When the database cannot be asked.
pub async fn tried(tx: &mut Tx, token: &str) -> Result<(), Error> {
    tx.execute(&TRY_CODE, params![token]).await.map(drop)
}

/// The number is theirs.
///
/// # Errors
/// When the database cannot be asked.
pub async fn confirm(tx: &mut Tx, token: &str, musician: MusicianId) -> Result<(), Error> {
    tx.execute(&CONFIRM_APPLICANT, params![token, musician]).await.map(drop)
}

/// Forgets who asked before a moment, and the texts of their codes.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_CODES, params![At(before)]).await?;
    tx.execute(&FORGET_APPLICANTS, params![At(before)]).await.map(drop)
}

/// Forgets what a number asked for.
///
/// # Errors
/// When the database cannot be asked.
pub async fn forget_of(tx: &mut Tx, phone: &Phone) -> Result<(), Error> {
    tx.execute(&FORGET_APPLICANTS_OF, params![phone]).await.map(drop)
}

fn read(row: &Row) -> Result<Applicant, Error> {
    let zone: String = row.get("time_zone")?;
    let wrong = |_| Error::Column { column: "time_zone".to_owned(), reason: format!("unknown: {zone}") };
    let (instruments, quiet): (String, Option<String>) = (row.get("instruments")?, row.get("quiet_hours")?);
    Ok(Applicant {
        token: row.get("token")?,
        phone: row.get("phone")?,
        name: row.get("name")?,
        email: row.get("email")?,
        zone: TimeZone::get(&zone).map_err(wrong)?,
        instruments: instruments.lines().map(str::to_owned).collect(),
        quiet_hours: quiet.as_deref().and_then(clock_range),
        wording: row.get("wording")?,
        code: row.get("code")?,
        tries: row.get("tries")?,
        asked_at: row.get::<At>("asked_at")?.0,
        musician: row.get("musician_id")?,
    })
}
