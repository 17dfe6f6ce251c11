//! `SQLite`: one connection that writes, a few that read, all in WAL mode with every commit on disk.
//!
//! The database in memory has a single connection, used in turns on the callers' own threads.

mod backup;
mod constraint;
mod memory;
mod readers;
mod session;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::oneshot;

#[cfg(test)]
pub(crate) use constraint::indexes;
pub(crate) use session::{Session, refused};

use crate::migrate::Migration;
use crate::operation::run_at_once;
use crate::sqlite::{
    memory::Memory,
    readers::Readers,
    writer::{Waiting, Writer},
};
use crate::tx::Session as Engine;
use crate::{Error, Tx, migrate};

/// How long to wait for another process that writes to the same file.
const BUSY: Duration = Duration::from_secs(10);
/// Whoever is not made to wait tries again after so long.
const AGAIN: Duration = Duration::from_millis(10);

/// The engine of a store on `SQLite`.
pub(crate) enum Sqlite {
    File { path: PathBuf, writer: Writer, readers: Readers },
    Memory(Box<Memory>),
}

impl Sqlite {
    pub(crate) fn open_file(path: &Path, migrations: &[Migration]) -> Result<Self, Error> {
        let connection = open(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        if write_ahead(&connection)? != "wal" {
            return Err(Error::Unavailable(format!("{} cannot be used with a write-ahead log", path.display())));
        }
        migrate::sqlite(&connection, migrations)?;
        let writer = Writer::start(Tx::new(Engine::Sqlite(Session::new(connection, false))))?;
        Ok(Self::File { path: path.to_owned(), writer, readers: Readers::new(path.to_owned()) })
    }

    pub(crate) fn open_memory(migrations: &[Migration]) -> Result<Self, Error> {
        let connection = Connection::open_in_memory().map_err(|error| refused("open", &error))?;
        configure(&connection)?;
        migrate::sqlite(&connection, migrations)?;
        Ok(Self::Memory(Box::new(Memory::new(connection))))
    }

    pub(crate) async fn write<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match self {
            Self::File { writer, .. } => {
                let (reply, outcome) = oneshot::channel();
                writer.send(Box::new(Waiting { op, reply, outcome: None })).await?;
                outcome.await.unwrap_or_else(|_| Err(Error::Closed.into()))
            }
            Self::Memory(memory) => memory.write(op),
        }
    }

    pub(crate) fn read<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E>,
        E: From<Error>,
    {
        match self {
            Self::File { readers, .. } => readers.read(op),
            Self::Memory(memory) => memory.read(op),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::File { writer, readers, .. } => {
                readers.close();
                writer.close().await;
            }
            Self::Memory(memory) => memory.close(),
        }
    }

    pub(crate) async fn backup_to(&self, target: PathBuf) -> Result<(), Error> {
        match self {
            Self::File { path, .. } => {
                let source = open(path, OpenFlags::empty())?;
                let copied = tokio::task::spawn_blocking(move || backup::copy(&source, &target)).await;
                copied.unwrap_or_else(|panic| Err(Error::Panicked(panic.to_string())))
            }
            Self::Memory(memory) => memory.backup_to(&target),
        }
    }
}

/// A connection to a file with what every connection needs.
fn open(path: &Path, extra: OpenFlags) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | extra;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| Error::Unavailable(format!("{}: {error}", path.display())))?;
    configure(&connection)?;
    Ok(connection)
}

/// Turns the write-ahead log on, and says which journal there is then. Of two who do that at once one is told that the
/// file is locked without being made to wait, because each would wait for the other: it tries again.
fn write_ahead(connection: &Connection) -> Result<String, Error> {
    let until = Instant::now() + BUSY;
    loop {
        let turned = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
        match turned {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < until => {
                thread::sleep(AGAIN);
            }
            turned => return turned.map_err(|error| refused("journal_mode", &error)),
        }
    }
}

/// FULL makes a commit wait for the disk. The log is moved into the database when it is quiet; where it never is, every
/// 130 MB: whoever answers then waits for that, and it is less than one in a hundred also with 64 connections. It is cut
/// back after a long reader has let it grow. A plan that once was made is kept, whatever the parameters: else statements
/// are prepared anew for every other value.
fn configure(connection: &Connection) -> Result<(), Error> {
    connection.set_prepared_statement_cache_capacity(1000);
    let configured = connection.busy_timeout(BUSY).and_then(|()| {
        connection.execute_batch(
            "PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -12000;
             PRAGMA wal_autocheckpoint = 32000;
             PRAGMA journal_size_limit = 134217728;",
        )
    });
    let configured = configured.and_then(|()| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true));
    configured.map(drop).map_err(|error| refused("configure", &error))
}

/// Issues BEGIN, COMMIT and the like.
fn control(tx: &Tx, text: &str) -> Result<(), Error> {
    tx.sqlite().map_or(Ok(()), |session| session.control(text))
}

/// Runs an operation in a transaction of its own that writes nothing. The connection is good for another one only if
/// it says so.
fn read<T, E, F>(tx: &mut Tx, mut op: F) -> (Result<T, E>, bool)
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    tx.forget_failure();
    if let Err(error) = control(tx, "BEGIN") {
        return (Err(error.into()), false);
    }
    let outcome = run_at_once(&mut op, tx);
    (outcome, control(tx, "ROLLBACK").is_ok())
}
