//! Operations that fail: by themselves, by their statements, by waiting, by panicking.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::testing::{Place, each_place};
use crate::{Error, params, statements};

use super::{ADD, COUNT, NUMBERS, TABLES, add, numbers};

statements! {
    /// No such table.
    ABSENT = "SELECT id FROM absent";
    /// Nothing like a statement.
    NONSENSE = "SELEC";
    /// A word that is not one.
    NO_WORD = "SELECT {thing}";
    /// Several rows.
    COUNTERS = "SELECT id FROM counters ORDER BY id";
    /// A row or none.
    COUNTER = "SELECT id FROM counters WHERE id = $1";
    /// A text.
    TEXT = "SELECT CAST($1 AS TEXT) AS text";
    /// A key that is taken.
    TAKEN = "INSERT INTO counters (id, count) VALUES (1, 0)";
}

/// An error of the caller's own.
#[derive(Debug, PartialEq)]
enum Mine {
    Refused,
    Store(Error),
}

impl From<Error> for Mine {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

#[tokio::test]
async fn the_callers_error_undoes_everything() {
    each_place(TABLES, async |store, _| {
        let refused = store
            .write(async |tx| {
                tx.execute(&ADD, params![1]).await?;
                Err::<(), _>(Mine::Refused)
            })
            .await;
        assert_eq!(refused, Err(Mine::Refused));
        add(&store, 2).await.unwrap();
        assert_eq!(numbers(&store).await, [2]);
    })
    .await;
}

#[tokio::test]
async fn a_failure_that_is_ignored_is_a_failure() {
    each_place(TABLES, async |store, _| {
        let ignored = store
            .write(async |tx| {
                tx.execute(&ADD, params![1]).await?;
                let first = tx.execute(&TAKEN, params![]).await;
                assert_eq!(tx.execute(&ADD, params![2]).await, first);
                Ok::<_, Mine>(())
            })
            .await;
        assert_eq!(ignored, Err(Mine::Store(Error::constraint_named("counters_pkey"))));
        assert_eq!(numbers(&store).await, [0_i64; 0]);
    })
    .await;
}

#[tokio::test]
async fn mistakes_are_named() {
    each_place(TABLES, async |store, _| {
        for (sql, params) in [
            (&ABSENT, params![]),
            (&NONSENSE, params![]),
            (&NO_WORD, params![]),
            (&COUNTER, params![]),
            (&COUNTER, params![1, 2]),
        ] {
            let params = params.to_vec();
            let error = store.read(async move |tx| tx.query(sql, &params).await).await.unwrap_err();
            let Error::Statement { statement, .. } = &error else { panic!("{error}") };
            assert_eq!(statement, sql.name());
        }
        let error = store.write(async |tx| tx.execute(&COUNTERS, params![]).await).await.unwrap_err();
        assert_eq!(error.to_string(), "statement COUNTERS: returns rows: use query");
        let error = store.read(async |tx| tx.query_one(&COUNTERS, params![]).await).await.unwrap_err();
        assert_eq!(error.to_string(), "statement COUNTERS: expected one row at most, found 2");
        let error = store.read(async |tx| tx.query_one(&COUNTER, params![9]).await).await.unwrap_err();
        assert_eq!(error.to_string(), "statement COUNTER: expected one row, found 0");
        assert!(store.read(async |tx| tx.query_opt(&COUNTER, params![9]).await).await.unwrap().is_none());
        let error = store.read(async |tx| tx.query(&TEXT, params!["a\0"]).await).await.unwrap_err();
        assert_eq!(error.to_string(), "statement TEXT: was given a text with the character 0");
        add(&store, 1).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_panic_undoes_everything_and_the_store_goes_on() {
    each_place(TABLES, async |store, _| {
        for _ in 0..20 {
            let panicked = store
                .write(async |tx| {
                    tx.execute(&ADD, params![1]).await?;
                    assert!(tx.query(&COUNT, params![]).await?.is_empty(), "on purpose");
                    Ok::<_, Error>(())
                })
                .await;
            assert_eq!(panicked, Err(Error::Panicked("on purpose".to_owned())));
            let panicked = store.read(async |_| -> Result<(), Error> { panic!("on {}", "purpose") }).await;
            assert_eq!(panicked, Err(Error::Panicked("on purpose".to_owned())));
        }
        add(&store, 2).await.unwrap();
        assert_eq!(numbers(&store).await, [2]);
    })
    .await;
}

#[tokio::test]
async fn an_operation_waits_for_nothing_else() {
    each_place(TABLES, async |store, place| {
        let waited = store.write(async |tx| {
            tx.execute(&ADD, params![1]).await?;
            std::future::pending::<()>().await;
            Ok::<_, Error>(())
        });
        if place != Place::Server {
            assert_eq!(waited.await, Err(Error::Waited));
        }
        let inner = store.clone();
        let nested = store.write(async move |tx| {
            tx.execute(&ADD, params![1]).await?;
            add(&inner, 2).await
        });
        assert_eq!(nested.await, Err(Error::Waited));
        let inner = store.clone();
        let nested = store.read(async move |_| inner.read(async |tx| tx.query(&NUMBERS, params![]).await).await);
        assert_eq!(nested.await.map(drop), Err(Error::Waited));
        add(&store, 3).await.unwrap();
        assert_eq!(numbers(&store).await, [3]);
    })
    .await;
}

#[tokio::test]
async fn reading_writes_nothing() {
    each_place(TABLES, async |store, _| {
        let refused = store.read(async |tx| tx.execute(&ADD, params![1]).await).await;
        assert_eq!(refused, Err(Error::ReadOnly { statement: "ADD".to_owned() }));
        add(&store, 2).await.unwrap();
        assert_eq!(numbers(&store).await, [2]);
    })
    .await;
}

#[tokio::test]
async fn closing_finishes_what_waits() {
    each_place(TABLES, async |store, _| {
        let ran = Arc::new(AtomicU32::new(0));
        let writes = (0..200).map(|number| {
            let (store, ran) = (store.clone(), Arc::clone(&ran));
            tokio::spawn(async move {
                let added = add(&store, number).await;
                ran.fetch_add(u32::from(added.is_ok()), Ordering::Relaxed);
                assert!(matches!(added, Ok(()) | Err(Error::Closed)), "{added:?}");
            })
        });
        let writes: Vec<_> = writes.collect();
        tokio::task::yield_now().await;
        store.close().await;
        for write in writes {
            write.await.unwrap();
        }
        assert!(ran.load(Ordering::Relaxed) > 0);
        assert_eq!(add(&store, 0).await, Err(Error::Closed));
        assert_eq!(store.read(async |tx| tx.query(&NUMBERS, params![]).await).await.map(drop), Err(Error::Closed));
        store.close().await;
    })
    .await;
}
