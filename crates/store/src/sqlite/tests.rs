//! What is `SQLite`'s own: the shared commit, other processes, a full disk, copies.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rusqlite::Connection;

use crate::migrate::Migration;
use crate::testing::{Fresh, Place};
use crate::{Error, Row, Sql, Store, params, statements};

static TABLES: &[Migration] = &[Migration {
    name: "0001_tests",
    text: "CREATE TABLE things (number BIGINT PRIMARY KEY, filling TEXT);
           CREATE TABLE parts (thing BIGINT NOT NULL REFERENCES things (number));",
}];
static DEFERRED: &[Migration] = &[Migration {
    name: "0001_deferred",
    text: "CREATE TABLE a (id BIGINT PRIMARY KEY);
           CREATE TABLE b (a BIGINT REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED);",
}];

statements! {
    /// A thing.
    ADD = "INSERT INTO things (number) VALUES ($1)";
    /// A thing that takes room.
    FILL = "INSERT INTO things (number, filling) VALUES ($1, $2)";
    /// A part of a thing.
    PART = "INSERT INTO parts (thing) VALUES ($1)";
    /// All of them.
    NUMBERS = "SELECT number FROM things ORDER BY number";
    /// Has foreign keys checked at the commit only, as nothing else here does.
    LATER = "PRAGMA defer_foreign_keys = ON";
    /// 2 is FULL.
    SYNCHRONOUS = "PRAGMA synchronous";
    /// With a log that readers and the writer share.
    JOURNAL = "PRAGMA journal_mode";
    /// A disk with no room left.
    NO_ROOM = "PRAGMA max_page_count = 1";
    /// A disk with room again.
    ROOM = "PRAGMA max_page_count = 1000000";
}

async fn open() -> (Fresh, Store) {
    let database = Fresh::new(Place::File).await;
    let store = Store::open_with(database.url(), TABLES).await.unwrap();
    (database, store)
}

fn path(database: &Fresh) -> PathBuf {
    PathBuf::from(database.url().strip_prefix("sqlite://").unwrap())
}

async fn add(store: &Store, number: i64) -> Result<(), Error> {
    store.write(async move |tx| tx.execute(&ADD, params![number]).await.map(drop)).await
}

async fn all(store: &Store, sql: &'static Sql) -> Vec<Row> {
    store.write(async move |tx| tx.query(sql, params![]).await).await.unwrap_or_else(|error: Error| panic!("{error}"))
}

async fn count(store: &Store) -> usize {
    all(store, &NUMBERS).await.len()
}

#[tokio::test]
async fn commits_reach_the_disk() {
    let (database, store) = open().await;
    assert_eq!(all(&store, &SYNCHRONOUS).await[0].get::<i64>(0), Ok(2));
    assert_eq!(all(&store, &JOURNAL).await[0].get::<String>(0).unwrap(), "wal");
    let other = Connection::open(path(&database)).unwrap();
    for number in 1..=20 {
        add(&store, number).await.unwrap();
        let seen = other.query_row("SELECT COUNT(*) FROM things", [], |row| row.get::<_, i64>(0));
        assert_eq!(seen, Ok(number));
    }
    store.close().await;
    let log = path(&database).with_extension("db-wal");
    assert!(std::fs::metadata(log).map_or(0, |log| log.len()) == 0, "the log is empty once the store is closed");
}

/// The file alone then has everything.
#[tokio::test]
async fn the_log_is_moved_into_the_database_when_it_is_quiet() {
    let (database, store) = open().await;
    add(&store, 1).await.unwrap();
    let copy = path(&database).with_extension("copy");
    let copied = || {
        std::fs::copy(path(&database), &copy).unwrap();
        let copy = Connection::open(&copy).unwrap();
        copy.query_row("SELECT COUNT(*) FROM things", [], |row| row.get::<_, i64>(0)).unwrap_or(0)
    };
    let patience = Instant::now() + Duration::from_secs(30);
    while copied() == 0 && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(copied(), 1);
    store.close().await;
}

/// All that wait for another process share the commit that follows; one of them makes it fail.
#[tokio::test]
async fn when_the_commit_fails_nobody_is_told_it_was_done() {
    let (database, store) = open().await;
    let other = Connection::open(path(&database)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writes = (0..50).map(async |number| {
        store
            .write(async move |tx| {
                tx.execute(&ADD, params![number]).await?;
                if number == 30 {
                    tx.query(&LATER, params![]).await?;
                    tx.execute(&PART, params![1000]).await?;
                }
                Ok::<_, Error>(())
            })
            .await
    });
    let release = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        other.execute_batch("ROLLBACK").unwrap();
    };
    let (outcomes, ()) = futures_util::future::join(join_all(writes), release).await;
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert!(failed > 40, "{failed} of 50 shared the commit");
    assert_eq!(count(&store).await, 50 - failed);
    add(&store, 1000).await.unwrap();
    assert_eq!(count(&store).await, 51 - failed);
}

#[tokio::test]
async fn deferred_foreign_keys_are_refused() {
    let database = Fresh::new(Place::File).await;
    let refused = Store::open_with(database.url(), DEFERRED).await.err().unwrap();
    assert!(matches!(refused, Error::Migration(_)), "{refused}");
}

#[tokio::test]
async fn another_process_is_waited_for() {
    let (database, store) = open().await;
    let other = Connection::open(path(&database)).unwrap();
    for number in 0..5 {
        other.execute_batch("BEGIN IMMEDIATE; DELETE FROM things").unwrap();
        let release = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            other.execute_batch("COMMIT").unwrap();
        };
        let (added, ()) = futures_util::future::join(add(&store, number), release).await;
        added.unwrap();
        assert_eq!(count(&store).await, 1);
    }
}

#[tokio::test]
async fn a_full_disk_is_an_error_until_there_is_room() {
    let (_database, store) = open().await;
    all(&store, &NO_ROOM).await;
    let filling = "x".repeat(100_000);
    let fill = async move |tx: &mut crate::Tx| tx.execute(&FILL, params![1, filling]).await;
    let refused = store.write(fill.clone()).await;
    assert_eq!(refused, Err(Error::Unavailable("database or disk is full".to_owned())));
    assert!(refused.is_err_and(|error| error.is_temporary()));
    all(&store, &ROOM).await;
    assert_eq!(store.write(fill).await, Ok(1));
    assert_eq!(count(&store).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_of_one_moment() {
    let (database, store) = open().await;
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for number in 0..400 {
            let pair = async move |tx: &mut crate::Tx| {
                tx.execute(&ADD, params![number]).await?;
                tx.execute(&ADD, params![-1 - number]).await
            };
            writer.write(pair).await.unwrap_or_else(|error: Error| panic!("{error}"));
        }
    });
    while count(&store).await < 100 {}
    let copy = path(&database).with_extension("copy");
    store.backup_to(&copy).await.unwrap();
    assert!(matches!(store.backup_to(&copy).await, Err(Error::Unavailable(_))), "an existing file is not replaced");
    writing.await.unwrap();
    let copied = Store::open_with(&format!("sqlite://{}", copy.display()), TABLES).await.unwrap();
    let count = count(&copied).await;
    assert!(count >= 100 && count.is_multiple_of(2), "{count}");
}

#[tokio::test]
async fn a_database_in_memory_can_be_kept() {
    let database = Fresh::new(Place::File).await;
    let store = Store::open_with("sqlite::memory:", TABLES).await.unwrap();
    add(&store, 1).await.unwrap();
    store.backup_to(path(&database)).await.unwrap();
    assert_eq!(count(&Store::open_with(database.url(), TABLES).await.unwrap()).await, 1);
}

#[tokio::test]
async fn an_address_that_leads_nowhere() {
    let error = Store::open("sqlite:///no/such/directory/x.db").await.err().unwrap();
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
    assert!(error.to_string().contains("/no/such/directory/x.db"), "{error}");
    for address in ["", "sqlite:", "sqlite://", "mysql://x", "/var/lib/x.db"] {
        assert!(matches!(Store::open(address).await, Err(Error::Address(_))), "{address}");
    }
}

/// Killed while many write, whatever was reported done is there.
#[tokio::test]
async fn what_was_done_survives_a_crash() {
    const CHILD: &str = "FIRSTCALL_TEST_CRASH";
    if let Ok(url) = std::env::var(CHILD) {
        write_until_killed(&url).await;
    }
    let (database, store) = open().await;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "sqlite::tests::what_was_done_survives_a_crash"])
        .env(CHILD, database.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut done = lines.filter_map(|line| line.strip_prefix("done ").map(|number| number.parse::<i64>().unwrap()));
    let mut reported: BTreeSet<_> = done.by_ref().take(1000).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    reported.extend(done);
    let rows = all(&store, &NUMBERS).await;
    let kept: BTreeSet<i64> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    assert!(reported.len() >= 1000, "{}", reported.len());
    assert!(reported.is_subset(&kept));
    assert!(kept.iter().all(|number| kept.contains(&-number)), "nothing is done by halves");
}

/// Says so for each write, in a line of its own.
async fn write_until_killed(url: &str) -> ! {
    let store = Store::open_with(url, TABLES).await.unwrap();
    println!();
    loop {
        static NEXT: AtomicI64 = AtomicI64::new(1);
        join_all((0..50).map(async |_| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let both = async move |tx: &mut crate::Tx| {
                tx.execute(&ADD, params![number]).await?;
                tx.execute(&ADD, params![-number]).await
            };
            store.write(both).await.unwrap_or_else(|error: Error| panic!("{error}"));
            println!("done {number}");
        }))
        .await;
    }
}
