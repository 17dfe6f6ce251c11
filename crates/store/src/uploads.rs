//! Files that were uploaded and looked at, and wait to be used.

use crate::instants::At;
use crate::{Error, ToValue, Tx, params, statements};
use bytes::Bytes;
use jiff::Timestamp;

statements! {
    /// Keeps a file.
    KEEP_UPLOAD = "INSERT INTO uploads (token, uploaded_at, body) VALUES ($1, $2, $3)";
    /// A file.
    UPLOAD = "SELECT body FROM uploads WHERE token = $1";
    /// It was used.
    DELETE_UPLOAD = "DELETE FROM uploads WHERE token = $1";
    /// Nobody used them.
    FORGET_UPLOADS = "DELETE FROM uploads WHERE uploaded_at < $1";
}

/// Keeps a file under a secret name, and forgets those that were kept before `since`.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keep(tx: &mut Tx, token: &str, body: &[u8], now: Timestamp, since: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_UPLOADS, params![At(since)]).await?;
    let row = [token.to_value(), At(now).to_value(), body.to_value()];
    tx.execute(&KEEP_UPLOAD, &row).await.map(drop)
}

/// A file by its secret name.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, token: &str) -> Result<Option<Bytes>, Error> {
    tx.query_opt(&UPLOAD, params![token]).await?.map(|row| row.get("body")).transpose()
}

/// Forgets a file. False when it is not kept: somebody else used it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn delete(tx: &mut Tx, token: &str) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE_UPLOAD, params![token]).await? == 1)
}
