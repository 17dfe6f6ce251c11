//! Fresh databases for tests, on every engine, and what is to hold on both.
//!
//! `PostgreSQL` is never skipped: a machine without it fails these tests (`apt-get install -y postgresql`). A run of the
//! tests starts one server, in a temporary directory; `FIRSTCALL_TEST_POSTGRES=postgres://…` names another to use.

// These functions are tests' own, and fail as tests do.
#![allow(clippy::expect_used, clippy::missing_panics_doc, clippy::panic)]

mod cluster;
mod crash;

pub use crash::Crash;

use std::sync::atomic::{AtomicU32, Ordering};
use std::{fmt, process};

use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::migrate::{self, Migration};
use crate::{Sql, Store};

/// Where a store can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `sqlite::memory:`
    Memory,
    /// A `SQLite` file.
    File,
    /// A database of a `PostgreSQL` server.
    Server,
}

impl Place {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Memory, Self::File, Self::Server];
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "SQLite in memory",
            Self::File => "SQLite in a file",
            Self::Server => "PostgreSQL",
        })
    }
}

/// Runs the same test on a fresh, migrated database of every engine, and says which one it failed on.
pub async fn each_backend(test: impl AsyncFn(Store)) {
    each_place(migrate::ALL, async |store, _| test(store).await).await;
}

pub(crate) async fn each_place(migrations: &'static [Migration], test: impl AsyncFn(Store, Place)) {
    for place in Place::ALL {
        let database = Fresh::new(place).await;
        let store = Store::open_with(database.url(), migrations).await.expect("a fresh database opens");
        let failing = SaysWhere(place);
        test(store.clone(), place).await;
        drop(failing);
        store.close().await;
        database.remove().await;
    }
}

/// A fresh, empty database, to be opened by address as often as the test likes.
pub struct Fresh {
    url: String,
    directory: Option<TempDir>,
}

impl Fresh {
    /// Makes one.
    pub async fn new(place: Place) -> Self {
        match place {
            Place::Memory => Self { url: "sqlite::memory:".to_owned(), directory: None },
            Place::File => {
                let directory = tempfile::tempdir().expect("a temporary directory");
                let url = format!("sqlite://{}", directory.path().join("test.db").display());
                Self { url, directory: Some(directory) }
            }
            Place::Server => Self { url: create_on_server().await, directory: None },
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it with the schema up to date.
    pub async fn open(&self) -> Store {
        Store::open(&self.url).await.expect("a fresh database opens")
    }

    /// Removes it. One that a failing test leaves goes with the server.
    pub async fn remove(self) {
        if self.directory.is_none() && self.url.starts_with("postgres") {
            let (_, name) = cluster::split(&self.url);
            on_server(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn create_on_server() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    on_server(&format!("CREATE DATABASE {name}")).await;
    cluster::database_url(&name)
}

/// Executes a statement on the server itself, which is started if need be.
async fn on_server(statement: &str) {
    let url = cluster::database_url("postgres");
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("the test server can be reached");
    let connection = tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    drop(client);
    let _ = connection.await;
}

/// Names the engine when a test fails on it.
struct SaysWhere(Place);

impl Drop for SaysWhere {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this was on {}", self.0);
        }
    }
}

/// Prepares every statement on both engines and compares what they take and give: the stand-in for queries that are
/// checked when they are compiled.
pub async fn assert_prepare(statements: &[&'static Sql]) {
    let mut problems = Vec::new();
    let (memory, server) = (Fresh::new(Place::Memory).await, Fresh::new(Place::Server).await);
    let (sqlite, postgres) = (memory.open().await, server.open().await);
    for &sql in statements {
        let on_sqlite = sqlite.write(async move |tx| tx.describe(sql).await).await;
        let on_postgres = postgres.write(async move |tx| tx.describe(sql).await).await;
        match (on_sqlite, on_postgres) {
            (Ok(one), Ok(other)) if one == other => {}
            (Ok(one), Ok(other)) => problems.push(format!("{}: SQLite {one:?}, PostgreSQL {other:?}", sql.name())),
            (Err(error), _) => problems.push(format!("SQLite: {error}")),
            (_, Err(error)) => problems.push(format!("PostgreSQL: {error}")),
        }
    }
    postgres.close().await;
    server.remove().await;
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
