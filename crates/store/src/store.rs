//! The store: opening a database and running operations on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::migrate::{self, Migration};
use crate::operation::is_inside;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::{Backend, Error, Tx};

/// A database. Clones are the same database.
///
/// An *operation* is an async closure over a [`Tx`]. It must be a function of the database and of what it captured: it
/// may be run again from the start (on `PostgreSQL`, when other transactions are in the way or the connection is lost
/// before the commit), and may await nothing but its transaction. It runs to its end even if the caller goes away, so a
/// request that is cancelled never leaves half of it behind.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Engine>,
    #[cfg(feature = "testing")]
    crash: Option<crate::testing::Crash>,
}

enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Store {
    /// Opens a database and brings its schema up to date.
    ///
    /// - `sqlite://PATH` (so `sqlite:///var/lib/x.db` is absolute): the file is created if it is absent.
    /// - `sqlite::memory:`: a private one that is gone with the store.
    /// - `postgres://user:password@host:port/database`, also `postgres:///database?host=/run/postgresql&user=name` for
    ///   a Unix socket. Connections are not encrypted: use a socket, or a network of your own. Sessions give up on a
    ///   statement after 30 s and on a lock after 10 s, unless the address says otherwise
    ///   (`options=-c%20lock_timeout=60s`).
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unavailable`], [`Error::Connection`], or [`Error::Migration`] if the database
    /// belongs to a newer program.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, migrate::ALL).await
    }

    pub(crate) async fn open_with(url: &str, migrations: &'static [Migration]) -> Result<Self, Error> {
        let engine = match Address::parse(url)? {
            Address::File(path) => Engine::Sqlite(blocking(move || Sqlite::open_file(&path, migrations)).await?),
            Address::Memory => Engine::Sqlite(Sqlite::open_memory(migrations)?),
            Address::Server => Engine::Postgres(Postgres::open(url, migrations).await?),
        };
        Ok(Self {
            engine: Arc::new(engine),
            #[cfg(feature = "testing")]
            crash: None,
        })
    }

    /// The same database, used by a process that can be made to crash.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn crashing(&self, crash: crate::testing::Crash) -> Self {
        Self { crash: Some(crash), ..self.clone() }
    }

    /// Runs an operation in a transaction. When this returns `Ok`, what it wrote is on the disk.
    ///
    /// # Errors
    /// The operation's own, and then nothing is written; or an [`Error`] of the database.
    pub async fn write<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if is_inside() {
            return Err(Error::Waited.into());
        }
        #[cfg(feature = "testing")]
        self.crash.as_ref().map_or(Ok(()), crate::testing::Crash::before_commit)?;
        let done = match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(op).await,
            Engine::Postgres(postgres) => postgres.write(op).await,
        };
        #[cfg(feature = "testing")]
        if let Some(crash) = &self.crash {
            crash.after_commit().await?;
        }
        done
    }

    /// Runs an operation that reads, on one consistent snapshot. On `SQLite` it runs on the calling thread, so it should
    /// be short.
    ///
    /// # Errors
    /// The operation's own, or an [`Error`] of the database; [`Error::ReadOnly`] if it writes.
    pub async fn read<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if is_inside() {
            return Err(Error::Waited.into());
        }
        #[cfg(feature = "testing")]
        self.crash.as_ref().map_or(Ok(()), crate::testing::Crash::is_up)?;
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(op),
            Engine::Postgres(postgres) => postgres.read(op).await,
        }
    }

    /// The engine behind it.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match &*self.engine {
            Engine::Sqlite(_) => Backend::Sqlite,
            Engine::Postgres(_) => Backend::Postgres,
        }
    }

    /// Finishes what waits and lets go of the database; later operations get [`Error::Closed`].
    pub async fn close(&self) {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }

    /// Copies the database, as it is at one moment, to a new file, while it goes on being used. `SQLite` only.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the file exists or cannot be written, and on `PostgreSQL`, which has tools of its own.
    pub async fn backup_to(&self, target: impl AsRef<Path>) -> Result<(), Error> {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.backup_to(target.as_ref().to_owned()).await,
            Engine::Postgres(_) => Err(Error::Unavailable("a PostgreSQL database is copied with pg_dump".to_owned())),
        }
    }
}

/// Where a database is.
#[derive(Debug, PartialEq, Eq)]
enum Address {
    File(PathBuf),
    Memory,
    Server,
}

impl Address {
    fn parse(url: &str) -> Result<Self, Error> {
        if url == "sqlite::memory:" {
            return Ok(Self::Memory);
        }
        if let Some(path) = url.strip_prefix("sqlite://").filter(|path| !path.is_empty()) {
            return Ok(Self::File(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Server);
        }
        Err(Error::Address("it must begin with sqlite:// or postgres://, or be sqlite::memory:".to_owned()))
    }
}

async fn blocking<T: Send + 'static>(job: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(job).await;
    done.unwrap_or_else(|panic| Err(Error::Panicked(panic.to_string())))
}
