//! Accounts of the desk, their recovery codes, and the keys of the interface that were made.

use crate::instants::At;
use crate::{Error, FromValue, Row, ToValue, Tx, Value, params, statements};
use jiff::Timestamp;

/// The columns of an [`Account`], in one place.
macro_rules! select_account {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, email, password, role, secret, secret_new, last_step, created_at, disabled_at FROM accounts ",
            $rest
        )
    };
}

statements! {
    /// Somebody gets an account.
    INSERT_ACCOUNT = "INSERT INTO accounts (name, name_key, email, email_key, password, role, last_step, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7) RETURNING id";
    /// The one of a number.
    ACCOUNT = select_account!("WHERE id = $1");
    /// The one that a name or an e-mail address says.
    ACCOUNT_NAMED = select_account!("WHERE name_key = $1 OR email_key = $1");
    /// All of them.
    ACCOUNTS = select_account!("ORDER BY name_key LIMIT $1");
    /// Nobody else makes or changes accounts until this transaction ends. The roster's row is the lock, as it is always there.
    LOCK_ACCOUNTS = "SELECT version FROM roster_version {for_update}";
    /// Those that manage.
    MANAGERS = "SELECT id FROM accounts WHERE role = 'manager' AND disabled_at IS NULL ORDER BY id LIMIT 2";
    /// Whether there is an account, or a key that was ever made.
    ANY_ACCOUNT = "SELECT EXISTS (SELECT 1 FROM accounts) OR EXISTS (SELECT 1 FROM api_keys) AS any_account";
    /// Another password.
    SET_PASSWORD = "UPDATE accounts SET password = $2 WHERE id = $1";
    /// Another role.
    SET_ROLE = "UPDATE accounts SET role = $2 WHERE id = $1 AND role <> $2";
    /// Nobody signs in any more, or again.
    SET_DISABLED = "UPDATE accounts SET disabled_at = $2 WHERE id = $1";
    /// A secret of codes is shown.
    SET_SECRET_NEW = "UPDATE accounts SET secret_new = $2 WHERE id = $1";
    /// It is known: codes are asked for from now on.
    CONFIRM_SECRET = "UPDATE accounts SET secret = secret_new, secret_new = NULL, last_step = $3 \
        WHERE id = $1 AND secret_new = $2";
    /// No codes are asked for.
    CLEAR_SECRET = "UPDATE accounts SET secret = NULL, secret_new = NULL WHERE id = $1";
    /// A code counts, unless it did.
    USE_STEP = "UPDATE accounts SET last_step = $2 WHERE id = $1 AND last_step < $2";
    /// A recovery code.
    INSERT_RECOVERY = "INSERT INTO recovery_codes (account_id, code_hash) VALUES ($1, $2)";
    /// One counts, and is used up.
    USE_RECOVERY = "DELETE FROM recovery_codes WHERE account_id = $1 AND code_hash = $2";
    /// All of somebody's.
    CLEAR_RECOVERY = "DELETE FROM recovery_codes WHERE account_id = $1";
    /// How many are left.
    COUNT_RECOVERY = "SELECT CAST(COUNT(*) AS BIGINT) AS number FROM recovery_codes WHERE account_id = $1";
    /// A key is made.
    INSERT_API_KEY = "INSERT INTO api_keys (name, name_key, key_hash, created_at) VALUES ($1, $2, $3, $4)";
    /// Whose key it is.
    API_KEY = "SELECT id, name, created_at FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL";
    /// Whether a key still opens something.
    API_KEY_LIVES = "SELECT id FROM api_keys WHERE id = $1 AND revoked_at IS NULL";
    /// All that open something.
    API_KEYS = "SELECT id, name, created_at FROM api_keys WHERE revoked_at IS NULL ORDER BY name_key";
    /// One is taken back.
    REVOKE_API_KEY = "UPDATE api_keys SET revoked_at = $2 WHERE name_key = $1 AND revoked_at IS NULL";
}

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Manager,
    /// Look.
    Viewer,
}

impl Role {
    /// The role's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Viewer => "viewer",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Manager, Self::Viewer].into_iter().find(|role| role.word() == word)
    }
}

impl ToValue for Role {
    fn to_value(&self) -> Value {
        Value::Text(self.word().to_owned())
    }
}

impl FromValue for Role {
    fn from_value(value: &Value) -> Result<Self, String> {
        let word = String::from_value(value)?;
        Self::of_word(&word).ok_or_else(|| format!("no role: {word}"))
    }
}

/// Somebody's account.
#[derive(Clone)]
pub struct Account {
    /// Its number.
    pub id: i64,
    /// The name that they sign in with, as it is shown.
    pub name: String,
    /// Where they are written to; it signs in too.
    pub email: Option<String>,
    /// The password's PHC string.
    pub password: String,
    /// What they may do.
    pub role: Role,
    /// What makes their codes, sealed.
    pub secret: Option<String>,
    /// The same, before a code has shown that they have it.
    pub secret_new: Option<String>,
    /// The step of time of the last code that counted.
    pub last_step: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when nobody signs in with it.
    pub disabled_at: Option<Timestamp>,
}

/// An account before it has a number.
#[derive(Clone)]
pub struct NewAccount {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The password's PHC string.
    pub password: String,
    /// What they may do.
    pub role: Role,
}

/// A key of the interface that was made.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its number.
    pub id: i64,
    /// What uses it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How a name or an address is compared: without regard to case, and to blanks around it.
#[must_use]
pub fn key_of(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Makes an account; returns its number.
///
/// # Errors
/// When the name (`accounts_name`) or the address (`accounts_email`) is taken, or the database cannot be asked.
pub async fn insert(tx: &mut Tx, new: &NewAccount, now: Timestamp) -> Result<i64, Error> {
    let email_key = new.email.as_deref().map(key_of);
    let row = params![new.name, key_of(&new.name), new.email, email_key, new.password, new.role, At(now)];
    tx.query_one(&INSERT_ACCOUNT, row).await?.get("id")
}

/// The account of a number.
///
/// # Errors
/// When the database cannot be asked.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Account>, Error> {
    tx.query_opt(&ACCOUNT, params![id]).await?.as_ref().map(read).transpose()
}

/// The account that a name or an e-mail address says.
///
/// # Errors
/// When the database cannot be asked.
pub async fn named(tx: &mut Tx, name: &str) -> Result<Option<Account>, Error> {
    tx.query_opt(&ACCOUNT_NAMED, params![key_of(name)]).await?.as_ref().map(read).transpose()
}

/// Up to `limit` accounts, by name.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Account>, Error> {
    tx.query(&ACCOUNTS, params![limit]).await?.iter().map(read).collect()
}

/// Lets others who make or change accounts wait until this transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn one_by_one(tx: &mut Tx) -> Result<(), Error> {
    tx.query_opt(&LOCK_ACCOUNTS, params![]).await.map(drop)
}

/// The numbers of those who manage, two of them at the most.
///
/// # Errors
/// When the database cannot be asked.
pub async fn managers(tx: &mut Tx) -> Result<Vec<i64>, Error> {
    tx.query(&MANAGERS, params![]).await?.iter().map(|row| row.get("id")).collect()
}

/// Whether there is an account, or a key that was ever made.
///
/// # Errors
/// When the database cannot be asked.
pub async fn any(tx: &mut Tx) -> Result<bool, Error> {
    tx.query_one(&ANY_ACCOUNT, params![]).await?.get("any_account")
}

/// Sets another password.
///
/// # Errors
/// When the database cannot be asked.
pub async fn set_password(tx: &mut Tx, id: i64, password: &str) -> Result<(), Error> {
    tx.execute(&SET_PASSWORD, params![id, password]).await.map(drop)
}

/// Gives an account a role; whether it had another one.
///
/// # Errors
/// When the database cannot be asked.
pub async fn set_role(tx: &mut Tx, id: i64, role: Role) -> Result<bool, Error> {
    Ok(tx.execute(&SET_ROLE, params![id, role]).await? == 1)
}

/// Lets nobody sign in with an account since a moment; none: lets them again.
///
/// # Errors
/// When the database cannot be asked.
pub async fn set_disabled(tx: &mut Tx, id: i64, since: Option<Timestamp>) -> Result<(), Error> {
    tx.execute(&SET_DISABLED, params![id, since.map(At)]).await.map(drop)
}

/// Keeps a secret of codes until one has shown that it is known.
///
/// # Errors
/// When the database cannot be asked.
pub async fn offer_secret(tx: &mut Tx, id: i64, sealed: Option<&str>) -> Result<(), Error> {
    tx.execute(&SET_SECRET_NEW, params![id, sealed]).await.map(drop)
}

/// The secret that was offered is known, by the code of a step of time; false if another one was offered since. The
/// fingerprints are those of the recovery codes that go with it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn confirm_secret(tx: &mut Tx, id: i64, sealed: &str, step: i64, codes: &[String]) -> Result<bool, Error> {
    if tx.execute(&CONFIRM_SECRET, params![id, sealed, step]).await? == 0 {
        return Ok(false);
    }
    tx.execute(&CLEAR_RECOVERY, params![id]).await?;
    let rows: Vec<Vec<Value>> = codes.iter().map(|code| vec![id.to_value(), code.to_value()]).collect();
    tx.execute_many(&INSERT_RECOVERY, &rows).await?;
    Ok(true)
}

/// Asks for no codes any more.
///
/// # Errors
/// When the database cannot be asked.
pub async fn clear_secret(tx: &mut Tx, id: i64) -> Result<(), Error> {
    tx.execute(&CLEAR_SECRET, params![id]).await?;
    tx.execute(&CLEAR_RECOVERY, params![id]).await.map(drop)
}

/// Whether the code of a step of time counts: none of that step or a later one has.
///
/// # Errors
/// When the database cannot be asked.
pub async fn use_step(tx: &mut Tx, id: i64, step: i64) -> Result<bool, Error> {
    Ok(tx.execute(&USE_STEP, params![id, step]).await? == 1)
}

/// Whether a recovery code counts: it does once.
///
/// # Errors
/// When the database cannot be asked.
pub async fn use_recovery(tx: &mut Tx, id: i64, code_hash: &str) -> Result<bool, Error> {
    Ok(tx.execute(&USE_RECOVERY, params![id, code_hash]).await? == 1)
}

/// How many recovery codes are left.
///
/// # Errors
/// When the database cannot be asked.
pub async fn recovery_left(tx: &mut Tx, id: i64) -> Result<i64, Error> {
    tx.query_one(&COUNT_RECOVERY, params![id]).await?.get("number")
}

/// Keeps a key that was made.
///
/// # Errors
/// When the name is taken (`api_keys_name`), or the database cannot be asked.
pub async fn insert_key(tx: &mut Tx, name: &str, key_hash: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(&INSERT_API_KEY, params![name, key_of(name), key_hash, At(now)]).await.map(drop)
}

/// The key with a fingerprint.
///
/// # Errors
/// When the database cannot be asked.
pub async fn key(tx: &mut Tx, key_hash: &str) -> Result<Option<ApiKey>, Error> {
    tx.query_opt(&API_KEY, params![key_hash]).await?.as_ref().map(read_key).transpose()
}

/// Whether a key still opens something.
///
/// # Errors
/// When the database cannot be asked.
pub async fn key_lives(tx: &mut Tx, id: i64) -> Result<bool, Error> {
    Ok(tx.query_opt(&API_KEY_LIVES, params![id]).await?.is_some())
}

/// The keys that open something, by name.
///
/// # Errors
/// When the database cannot be asked.
pub async fn keys(tx: &mut Tx) -> Result<Vec<ApiKey>, Error> {
    tx.query(&API_KEYS, params![]).await?.iter().map(read_key).collect()
}

/// Takes a key back; false if there is none of this name.
///
/// # Errors
/// When the database cannot be asked.
pub async fn revoke_key(tx: &mut Tx, name: &str, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&REVOKE_API_KEY, params![key_of(name), At(now)]).await? == 1)
}

fn read(row: &Row) -> Result<Account, Error> {
    Ok(Account {
        id: row.get("id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        password: row.get("password")?,
        role: row.get("role")?,
        secret: row.get("secret")?,
        secret_new: row.get("secret_new")?,
        last_step: row.get("last_step")?,
        created_at: row.get::<At>("created_at")?.0,
        disabled_at: row.get::<Option<At>>("disabled_at")?.map(|at| at.0),
    })
}

fn read_key(row: &Row) -> Result<ApiKey, Error> {
    Ok(ApiKey { id: row.get("id")?, name: row.get("name")?, created_at: row.get::<At>("created_at")?.0 })
}
