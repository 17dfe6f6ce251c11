//! Operations at the same time, and callers that go away.

use std::time::Duration;

use futures_util::future::join_all;

use crate::testing::each_place;
use crate::{Error, Store, params, statements};

use super::{ADD, NUMBERS, TABLES, add, numbers};

statements! {
    /// What a counter is at.
    COUNTED = "SELECT count FROM counters WHERE id = $1 {for_update}";
    /// Without a lock, for readers.
    BOTH = "SELECT count FROM counters ORDER BY id";
    /// The first alone.
    ONE = "SELECT count FROM counters WHERE id = 1";
    /// Sets a counter.
    SET = "UPDATE counters SET count = $2 WHERE id = $1";
    /// Sums up both.
    SUM = "SELECT CAST(SUM(count) AS BIGINT) AS sum FROM counters";
}

/// Reads, then writes what it read and one more.
async fn increment(store: &Store, id: i64) -> Result<i64, Error> {
    store
        .write(async move |tx| {
            let count: i64 = tx.query_one(&COUNTED, params![id]).await?.get("count")?;
            tx.execute(&SET, params![id, count + 1]).await?;
            Ok(count)
        })
        .await
}

async fn sum(store: &Store) -> i64 {
    store
        .read(async |tx| tx.query_one(&SUM, params![]).await?.get("sum"))
        .await
        .unwrap_or_else(|error: Error| panic!("{error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_increments() {
    each_place(TABLES, async |store, _| {
        let writers = (0..20).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    increment(&store, 1).await.unwrap();
                }
            })
        });
        for writer in join_all(writers.collect::<Vec<_>>()).await {
            writer.unwrap();
        }
        assert_eq!(sum(&store).await, 1000);
    })
    .await;
}

#[tokio::test]
async fn one_that_fails_does_not_touch_the_others() {
    each_place(TABLES, async |store, place| {
        let writes = (0..300).map(async |number| {
            store
                .write(async move |tx| {
                    tx.execute(&ADD, params![number]).await?;
                    if number % 3 == 0 { Err(Error::Closed) } else { Ok(()) }
                })
                .await
        });
        let outcomes = join_all(writes).await;
        let kept: Vec<i64> = (0..300).filter(|number| number % 3 != 0).collect();
        assert!(outcomes.iter().zip(0..).all(|(outcome, number)| outcome.is_ok() == (number % 3 != 0)), "{place}");
        assert_eq!(numbers(&store).await, kept, "{place}");
    })
    .await;
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read() {
    each_place(TABLES, async |store, _| {
        for expected in 1..=50 {
            increment(&store, 2).await.unwrap();
            assert_eq!(sum(&store).await, expected);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_one_moment() {
    each_place(TABLES, async |store, place| {
        let writer = store.clone();
        let writing = tokio::spawn(async move {
            for count in 1..=200_i64 {
                let both = async move |tx: &mut crate::Tx| {
                    tx.execute(&SET, params![1, count]).await?;
                    tx.execute(&SET, params![2, count]).await
                };
                writer.write(both).await.unwrap_or_else(|error: Error| panic!("{error}"));
            }
        });
        while !writing.is_finished() {
            let read = store.read(async |tx| {
                let first = tx.query(&BOTH, params![]).await?;
                let second = tx.query(&BOTH, params![]).await?;
                [&first[0], &first[1], &second[0]].into_iter().map(|row| row.get("count")).collect()
            });
            let counts: Vec<i64> = read.await.unwrap_or_else(|error: Error| panic!("{error}"));
            assert!(counts.iter().all(|count| *count == counts[0]), "{place}: {counts:?}");
        }
        writing.await.unwrap();
    })
    .await;
}

/// Whatever moment a caller goes away at, its operation is done whole or not at all, and the connection it had is good.
#[tokio::test(flavor = "multi_thread")]
async fn callers_go_away() {
    each_place(TABLES, async |store, place| {
        for round in 0..300_u64 {
            let write = store.write(async move |tx| {
                let number = round.cast_signed();
                tx.execute(&ADD, params![number]).await?;
                let count: i64 = tx.query_one(&COUNTED, params![1]).await?.get("count")?;
                tx.execute(&SET, params![1, count + 1]).await?;
                tx.execute(&ADD, params![number]).await?;
                Ok::<_, Error>(())
            });
            let _ = tokio::time::timeout(Duration::from_micros(round * 10), write).await;
        }
        add(&store, -1).await.unwrap();
        // Some may still be on their way: what is there at any one moment was done whole.
        let look = store.read(async |tx| {
            let count = tx.query_one(&ONE, params![]).await?.get::<i64>("count")?;
            let rows = tx.query(&NUMBERS, params![]).await?;
            Ok((count, rows.iter().map(|row| row.get("number")).collect::<Result<Vec<i64>, _>>()?))
        });
        let (count, numbers) = look.await.unwrap_or_else(|error: Error| panic!("{error}"));
        assert_eq!(i64::try_from(numbers[1..].len()), Ok(2 * count), "{place}");
        assert!(numbers[1..].chunks(2).all(|pair| pair[0] == pair[1]), "{place}");
    })
    .await;
}
