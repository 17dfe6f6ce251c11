//! Bringing the schema up to date, forward only.
//!
//! A migration is a file `migrations/NNNN_name.sql`. A line `-- sqlite`, `-- postgres` or `-- both` says which engine
//! what follows is for; at the start it is both. The words in braces of `sql.rs` are replaced. All that are missing are
//! applied in one transaction, and recorded in the table `migrations`.

use rusqlite::Connection;
use tokio_postgres::Client;

use crate::postgres::failed;
use crate::sqlite::refused;
use crate::{Backend, Error, sql};

/// A step of the schema.
#[derive(Debug)]
pub(crate) struct Migration {
    /// `NNNN_name`.
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        &[$(Migration { name: $name, text: include_str!(concat!("../migrations/", $name, ".sql")) }),*]
    };
}

/// Every migration, in order, numbered from 1.
pub(crate) const ALL: &[Migration] = migrations![
    "0001_bookings",
    "0002_taking_up",
    "0003_due",
    "0004_fewer_pages",
    "0005_texting",
    "0006_calendars",
    "0007_joining",
    "0008_settings",
    "0009_watches",
    "0010_accounts",
    "0011_desk",
    "0012_people",
    "0013_public",
    "0014_mail_bytes"
];

/// Whoever migrates holds this lock until the end of the transaction.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4711202611)";

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";
const APPLIED: &str = "SELECT version, name, checksum FROM migrations ORDER BY version";
const RECORD: &str = "INSERT INTO migrations (version, name, checksum) VALUES ($1, $2, $3)";

/// A migration that the database has.
struct Applied {
    version: i64,
    name: String,
    checksum: String,
}

/// Foreign keys are checked at the end instead of at every step, so that a table can be built anew under its old name.
pub(crate) fn sqlite(connection: &Connection, migrations: &[Migration]) -> Result<(), Error> {
    let said = |error: rusqlite::Error| refused("migration", &error);
    connection.execute_batch("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE").map_err(said)?;
    let migrated = sqlite_steps(connection, migrations);
    connection.execute_batch(if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" }).map_err(said)?;
    connection.execute_batch("PRAGMA foreign_keys = ON").map_err(said)?;
    migrated
}

fn sqlite_steps(connection: &Connection, migrations: &[Migration]) -> Result<(), Error> {
    let said = |error: rusqlite::Error| refused("migration", &error);
    connection.execute_batch(TABLE).map_err(said)?;
    let applied: Vec<_> = {
        let mut statement = connection.prepare(APPLIED).map_err(said)?;
        let read =
            |row: &rusqlite::Row<'_>| Ok(Applied { version: row.get(0)?, name: row.get(1)?, checksum: row.get(2)? });
        statement.query_map([], read).and_then(Iterator::collect).map_err(said)?
    };
    let missing = missing(&applied, migrations)?;
    for (version, migration) in missing {
        let broken = |error: rusqlite::Error| broken(migration, &error.to_string());
        connection.execute_batch(&part(migration, Backend::Sqlite)?).map_err(broken)?;
        let record = (version, migration.name, checksum(migration.text));
        connection.execute(RECORD, record).map_err(broken)?;
    }
    let deferred = "SELECT 1 FROM sqlite_schema WHERE sql LIKE '%INITIALLY DEFERRED%'";
    if connection.prepare(deferred).and_then(|mut check| check.exists([])).map_err(said)? {
        let reason = "a deferred foreign key would be checked when others' operations are committed as well";
        return Err(Error::Migration(reason.to_owned()));
    }
    let dangling = connection.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([]));
    if dangling.map_err(said)? {
        return Err(Error::Migration("a migration left rows that refer to rows that are gone".to_owned()));
    }
    Ok(())
}

/// On an error the caller drops the connection, and with it the transaction.
pub(crate) async fn postgres(client: &Client, migrations: &[Migration]) -> Result<(), Error> {
    let said = |error: tokio_postgres::Error| failed("migration", &error);
    let begin = format!("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; {LOCK}");
    client.batch_execute(&begin).await.map_err(said)?;
    client.batch_execute(&format!("SET LOCAL client_min_messages = warning; {TABLE}")).await.map_err(said)?;
    let rows = client.query(APPLIED, &[]).await.map_err(said)?;
    let applied: Vec<_> =
        rows.iter().map(|row| Applied { version: row.get(0), name: row.get(1), checksum: row.get(2) }).collect();
    for (version, migration) in missing(&applied, migrations)? {
        let broken = |error: tokio_postgres::Error| broken(migration, &failed("migration", &error).to_string());
        client.batch_execute(&part(migration, Backend::Postgres)?).await.map_err(broken)?;
        let checksum = checksum(migration.text);
        client.execute(RECORD, &[&version, &migration.name, &checksum]).await.map_err(broken)?;
    }
    client.batch_execute("COMMIT").await.map_err(said)
}

/// What is still to be applied, unless the database is not one this program can use.
fn missing<'a>(
    applied: &[Applied],
    migrations: &'a [Migration],
) -> Result<impl Iterator<Item = (i64, &'a Migration)>, Error> {
    let known = migrations.len();
    if let Some(last) = applied.last().filter(|last| usize::try_from(last.version).is_ok_and(|last| last > known)) {
        return Err(Error::Migration(format!(
            "the database has schema {}, and this program knows {known} at most: use the newer program",
            last.name
        )));
    }
    for (applied, migration) in applied.iter().zip(migrations) {
        if applied.name != migration.name || applied.checksum != checksum(migration.text) {
            return Err(Error::Migration(format!(
                "migration {} is not the one the database was made with, which was {}",
                migration.name, applied.name
            )));
        }
    }
    Ok((1..).zip(migrations).skip(applied.len()))
}

fn broken(migration: &Migration, reason: &str) -> Error {
    Error::Migration(format!("migration {}: {reason}", migration.name))
}

/// The statements of a migration for one engine.
fn part(migration: &Migration, backend: Backend) -> Result<String, Error> {
    let mut wanted = true;
    let mut part = String::new();
    for line in migration.text.lines() {
        match line.trim() {
            "-- both" => wanted = true,
            "-- sqlite" => wanted = backend == Backend::Sqlite,
            "-- postgres" => wanted = backend == Backend::Postgres,
            _ if wanted => part.extend([line, "\n"]),
            _ => {}
        }
    }
    sql::expand(&part, backend).map_err(|reason| broken(migration, &reason))
}

/// FNV-1a, which is enough to notice a change that nobody meant to hide. Line ends do not count.
fn checksum(text: &str) -> String {
    let bytes = text.lines().flat_map(|line| line.bytes().chain([b'\n']));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
