//! What is `PostgreSQL`'s own: being run again, lost connections, the settings of a session.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;
use tokio::sync::Barrier;

use futures_util::future::join;

use crate::migrate::Migration;
use crate::testing::{Fresh, Place};
use crate::{Error, Sql, Store, Tx, Value, bookings, messages, offers, params, statements};

static TABLES: &[Migration] = &[Migration {
    name: "0001_tests",
    text: "CREATE TABLE counters (id BIGINT PRIMARY KEY, count BIGINT NOT NULL);
           INSERT INTO counters (id, count) VALUES (1, 0), (2, 0);
           CREATE TABLE parts (counter BIGINT REFERENCES counters (id) DEFERRABLE INITIALLY DEFERRED);
           CREATE TABLE fatal (id BIGINT);
           CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
           CREATE CONSTRAINT TRIGGER fatal_commit AFTER INSERT ON fatal DEFERRABLE INITIALLY DEFERRED
               FOR EACH ROW EXECUTE FUNCTION die();",
}];

statements! {
    /// Adds one.
    BUMP = "UPDATE counters SET count = count + 1 WHERE id = $1";
    /// Both.
    COUNTS = "SELECT count FROM counters ORDER BY id";
    /// The end of this connection.
    DIE = "SELECT CAST(pg_terminate_backend(pg_backend_pid()) AS TEXT) AS died";
    /// The end of this connection, at the commit.
    DIE_LATER = "INSERT INTO fatal (id) VALUES (1)";
    /// Refers to nothing, which is found at the commit.
    DANGLE = "INSERT INTO parts (counter) VALUES (99)";
    /// Two transactions that both read before they write are not serializable, and one is told.
    STRICT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
    /// What the session was told.
    SETTINGS = "SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS longest,
                current_setting('work_mem') AS memory";
    /// Tells the planner how much there is.
    ANALYZE = "ANALYZE";
    /// Connections of the other store.
    OTHERS = "SELECT COUNT(*) AS count FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'other'";
}

async fn open() -> (Fresh, Store) {
    let database = Fresh::new(Place::Server).await;
    let store = Store::open_with(database.url(), TABLES).await.unwrap();
    (database, store)
}

async fn counts(store: &Store) -> (i64, i64) {
    let rows = store.read(async |tx| tx.query(&COUNTS, params![]).await).await;
    let rows = rows.unwrap_or_else(|error: Error| panic!("{error}"));
    (rows[0].get(0).unwrap(), rows[1].get(0).unwrap())
}

async fn others(store: &Store) -> i64 {
    let count = store.read(async |tx| tx.query_one(&OTHERS, params![]).await?.get("count")).await;
    count.unwrap_or_else(|error: Error| panic!("{error}"))
}

#[tokio::test]
async fn a_deadlock_is_run_again() {
    let (database, store) = open().await;
    let runs = Arc::new(AtomicU32::new(0));
    let both_have_their_first = Arc::new(Barrier::new(2));
    let both_ways = async |first: i64, second: i64| {
        let (runs, both_have_their_first) = (Arc::clone(&runs), Arc::clone(&both_have_their_first));
        let mut again = false;
        store
            .write(async move |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                tx.execute(&BUMP, params![first]).await?;
                if !std::mem::replace(&mut again, true) {
                    both_have_their_first.wait().await;
                }
                tx.execute(&BUMP, params![second]).await
            })
            .await
    };
    let outcomes: (Result<_, Error>, Result<_, Error>) = join(both_ways(1, 2), both_ways(2, 1)).await;
    assert_eq!(outcomes, (Ok(1), Ok(1)));
    assert_eq!(counts(&store).await, (2, 2));
    assert!(runs.load(Ordering::Relaxed) > 2, "one was run again");
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn a_serialization_failure_is_run_again() {
    let (database, store) = open().await;
    let writes = (0..8).map(async |_| {
        store
            .write(async |tx| {
                tx.execute(&STRICT, params![]).await?;
                tx.query(&COUNTS, params![]).await?;
                tx.execute(&BUMP, params![1]).await
            })
            .await
    });
    for outcome in futures_util::future::join_all(writes).await {
        assert_eq!(outcome, Ok::<_, Error>(1));
    }
    assert_eq!(counts(&store).await, (8, 0));
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn a_connection_lost_before_the_commit_is_replaced() {
    let (database, store) = open().await;
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let bumped = store
        .write(async move |tx| {
            tx.execute(&BUMP, params![1]).await?;
            if counted.fetch_add(1, Ordering::Relaxed) < 2 {
                tx.query(&DIE, params![]).await?;
            }
            tx.execute(&BUMP, params![2]).await
        })
        .await;
    assert_eq!(bumped, Ok::<_, Error>(1));
    assert_eq!(runs.load(Ordering::Relaxed), 3);
    assert_eq!(counts(&store).await, (1, 1));
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn a_connection_lost_in_the_commit_is_in_doubt() {
    let (database, store) = open().await;
    let lost: Result<u64, Error> = store.write(async |tx| tx.execute(&DIE_LATER, params![]).await).await;
    assert!(matches!(lost, Err(Error::InDoubt(_))), "{lost:?}");
    let refused: Result<u64, Error> = store.write(async |tx| tx.execute(&DANGLE, params![]).await).await;
    assert_eq!(refused, Err(Error::constraint_named("foreign_key")));
    assert_eq!(counts(&store).await, (0, 0));
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn sessions_are_set_up() {
    let database = Fresh::new(Place::Server).await;
    let url = format!("{}&options=-c%20work_mem=5MB", database.url());
    let store = Store::open_with(&url, TABLES).await.unwrap();
    let row = store.read(async |tx| tx.query_one(&SETTINGS, params![]).await).await;
    let row = row.unwrap_or_else(|error: Error| panic!("{error}"));
    assert_eq!(row.get::<String>("name").unwrap(), "firstcall");
    assert_eq!(row.get::<String>("longest").unwrap(), "30s");
    assert_eq!(row.get::<String>("memory").unwrap(), "5MB");
    store.close().await;
    database.remove().await;
}

/// A plan is kept until much has changed, and some are made while nothing is there.
#[tokio::test]
async fn an_answer_reads_no_whole_table_even_if_it_was_planned_while_that_was_empty() {
    let database = Fresh::new(Place::Server).await;
    let store = Store::open(database.url()).await.unwrap();
    let asked: [(&Sql, Vec<Value>); 5] = [
        (&messages::OFFER_BY_TOKEN, params!["token"].to_vec()),
        (&bookings::LOCK_BOOKING, params![1].to_vec()),
        (&offers::OFFERS_OF, params![1].to_vec()),
        (&bookings::CLASHES, params![1, 1, 0, 1].to_vec()),
        (&bookings::NEXT_SESSION, params![1, 0].to_vec()),
    ];
    for (sql, values) in asked {
        let explain: &'static str = format!("EXPLAIN {}", sql.text()).leak();
        let explain: &'static Sql = Box::leak(Box::new(Sql::new(sql.name(), explain)));
        let planned = async move |tx: &mut Tx| {
            tx.execute(&ANALYZE, params![]).await?;
            tx.query(explain, &values).await
        };
        let plan = store.write(planned).await;
        let plan = plan.unwrap_or_else(|error: Error| panic!("{}: {error}", sql.name()));
        let plan: Vec<String> = plan.iter().map(|row| row.get(0).unwrap()).collect();
        assert!(plan.iter().any(|line| line.contains("Index")), "{}: {plan:#?}", sql.name());
        assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{}: {plan:#?}", sql.name());
    }
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn closing_ends_the_connections() {
    let (database, store) = open().await;
    let url = format!("{}&application_name=other", database.url());
    let other = Store::open_with(&url, TABLES).await.unwrap();
    counts(&other).await;
    assert_ne!(others(&store).await, 0);
    other.close().await;
    let start = Instant::now();
    while others(&store).await > 0 {
        assert!(start.elapsed().as_secs() < 10, "they are still there");
    }
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("postgres://ann:secret@/x?host={}", directory.path().display());
    let error = Store::open(&url).await.err().unwrap();
    assert!(matches!(error, Error::Connection(_)), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    let error = Store::open("postgres://ann:secret@localhost:port/x").await.err().unwrap();
    assert!(matches!(error, Error::Address(_)), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    let error = Store::open("postgres://ann:secret@127.0.0.1:1/x").await.err().unwrap();
    assert!(matches!(error, Error::Connection(_)), "{error}");
}
