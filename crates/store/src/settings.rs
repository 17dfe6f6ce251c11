//! Settings that were made on the desk, each in its written form; secrets sealed.

use crate::{Error, Tx, params, statements};
use std::collections::BTreeMap;

statements! {
    /// Which settings are kept: another number, other settings.
    SETTINGS_VERSION = "SELECT version FROM settings_version";
    /// They were changed.
    BUMP_SETTINGS = "UPDATE settings_version SET version = {random}";
    /// All of them.
    SETTINGS = "SELECT key, value FROM settings ORDER BY key";
    /// One is set.
    SET = "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    /// One has its default again.
    UNSET = "DELETE FROM settings WHERE key = $1";
}

/// Settings as they are kept.
#[derive(Clone, Default)]
pub struct Kept {
    /// Another number means that they were changed.
    pub version: i64,
    /// Keys and their written values.
    pub values: BTreeMap<String, String>,
}

/// Which settings are kept: another number, other settings.
///
/// # Errors
/// When the database cannot be asked.
pub async fn version(tx: &mut Tx) -> Result<i64, Error> {
    tx.query_one(&SETTINGS_VERSION, params![]).await?.get("version")
}

/// Every setting that is kept.
///
/// # Errors
/// When the database cannot be asked.
pub async fn load(tx: &mut Tx) -> Result<Kept, Error> {
    let version = version(tx).await?;
    let rows = tx.query(&SETTINGS, params![]).await?;
    let values = rows.iter().map(|row| Ok((row.get("key")?, row.get("value")?))).collect::<Result<_, Error>>()?;
    Ok(Kept { version, values })
}

/// Keeps the written value of a key, or, without one, forgets it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn set(tx: &mut Tx, key: &str, value: Option<&str>) -> Result<(), Error> {
    match value {
        Some(value) => tx.execute(&SET, params![key, value]).await?,
        None => tx.execute(&UNSET, params![key]).await?,
    };
    tx.execute(&BUMP_SETTINGS, params![]).await.map(drop)
}
