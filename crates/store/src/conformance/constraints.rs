//! A violated constraint has the same name everywhere.

use crate::bookings::INSERT_HOLD;
use crate::testing::each_place;
use crate::{Error, Store, Value, migrate, params, statements};

use super::TABLES;

statements! {
    /// A row with the columns that most cases set.
    PUT = "INSERT INTO guarded (id, once, state, owner, name, inline, positive, required, parent, starts, ends)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Moves a row onto another.
    MOVE = "UPDATE guarded SET once = 1 WHERE id = $1";
    /// A row whose key has two columns.
    PAIR = "INSERT INTO pairs (a, b) VALUES ($1, $2)";
    /// A row with an id that the engine usually chooses.
    THING = "INSERT INTO things (id) VALUES ($1)";
    /// Takes no notice of what is there.
    UNLESS_THERE = "INSERT INTO pairs (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING";
}

/// The columns of `PUT` that a case changes; the others violate nothing.
fn put(id: i64, changes: &[(usize, Value)]) -> Vec<Value> {
    let mut params = vec![Value::Null; 11];
    params[0] = Value::Int(id);
    params[7] = Value::Int(1);
    for (column, value) in changes {
        params[*column] = value.clone();
    }
    params
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

async fn violated(store: &Store, params: Vec<Value>) -> Option<String> {
    let put = store.write(async move |tx| tx.execute(&PUT, &params).await).await;
    put.err().map(|error: Error| error.constraint().unwrap_or_else(|| panic!("{error}")).to_owned())
}

#[tokio::test]
async fn names_are_the_same() {
    each_place(TABLES, async |store, place| {
        let first = [
            (1, Value::Int(1)),
            (2, text("won")),
            (3, Value::Int(7)),
            (4, text("Ann")),
            (5, Value::Int(3)),
            (9, Value::Int(10)),
            (10, Value::Int(20)),
        ];
        assert_eq!(violated(&store, put(1, &first)).await, None);
        let cases: [(&str, Vec<Value>); 10] = [
            ("guarded_pkey", put(1, &[])),
            ("guarded_once", put(2, &[(1, Value::Int(1))])),
            ("guarded_one_winner", put(2, &[(2, text("won")), (3, Value::Int(7))])),
            ("guarded_name", put(2, &[(4, text("ANN"))])),
            ("guarded_inline_key", put(2, &[(5, Value::Int(3))])),
            ("guarded_positive", put(2, &[(6, Value::Int(0))])),
            ("guarded_required_not_null", put(2, &[(7, Value::Null)])),
            ("foreign_key", put(2, &[(8, Value::Int(99))])),
            ("guarded_apart", put(2, &[(9, Value::Int(19)), (10, Value::Int(30))])),
            ("guarded_apart", put(2, &[(9, Value::Int(0)), (10, Value::Int(11))])),
        ];
        for (name, params) in cases {
            assert_eq!(violated(&store, params).await.as_deref(), Some(name), "{place}");
        }
        let beside = put(2, &[(2, text("lost")), (3, Value::Int(7)), (9, Value::Int(20)), (10, Value::Int(30))]);
        assert_eq!(violated(&store, beside).await, None);
        let moved = store.write(async |tx| tx.execute(&MOVE, params![2]).await).await;
        assert_eq!(moved, Err(Error::constraint_named("guarded_once")));
    })
    .await;
}

#[tokio::test]
async fn primary_keys() {
    each_place(TABLES, async |store, _| {
        let twice = store
            .write(async |tx| {
                tx.execute(&PAIR, params![1, 2]).await?;
                tx.execute(&PAIR, params![1, 2]).await
            })
            .await;
        assert_eq!(twice, Err(Error::constraint_named("pairs_pkey")));
        let twice =
            store.write(async |tx| tx.execute_many(&THING, &[vec![Value::Int(1)], vec![Value::Int(1)]]).await).await;
        assert_eq!(twice, Err(Error::constraint_named("things_pkey")));
    })
    .await;
}

#[tokio::test]
async fn what_is_there_already_is_not_a_failure() {
    each_place(TABLES, async |store, _| {
        let changed = store
            .write(async |tx| {
                let first = tx.execute(&UNLESS_THERE, params![1, 2]).await?;
                let second = tx.execute(&UNLESS_THERE, params![1, 2]).await?;
                Ok::<_, Error>((first, second, tx.execute(&UNLESS_THERE, params![1, 3]).await?))
            })
            .await;
        assert_eq!(changed, Ok((1, 0, 1)));
    })
    .await;
}

/// Rules 5.6, 8.1 and 8.2: the schema has the last word on who holds what.
#[tokio::test]
async fn holds_exclude_each_other() {
    each_place(migrate::ALL, async |store, place| {
        let hold = async |booking: i64, option: i64, chair: i64, musician: i64, starts: i64, ends: i64| {
            let row = params![booking, option, chair, musician, starts, ends].to_vec();
            let held = store.write(async move |tx| tx.execute(&INSERT_HOLD, &row).await).await;
            held.err().map(|error: Error| error.constraint().unwrap_or_else(|| panic!("{error}")).to_owned())
        };
        assert_eq!(hold(1, 1, 0, 7, 100, 200).await, None, "{place}");
        let refused: [(_, Option<String>); 6] = [
            ("holds_one_per_chair", hold(1, 1, 0, 8, 100, 200).await),
            ("holds_one_per_musician", hold(1, 1, 1, 7, 100, 200).await),
            ("holds_overlap", hold(2, 1, 0, 7, 199, 300).await),
            ("holds_overlap", hold(2, 1, 0, 7, 0, 101).await),
            ("holds_overlap", hold(2, 1, 0, 7, 120, 130).await),
            ("holds_end_after_start", hold(3, 1, 0, 9, 200, 200).await),
        ];
        for (name, violated) in refused {
            assert_eq!(violated.as_deref(), Some(name), "{place}");
        }
        // Another option of the same booking, another musician, and a time that only touches.
        for (booking, option, chair, musician, starts, ends) in
            [(1, 2, 0, 7, 150, 250), (1, 1, 1, 8, 100, 200), (2, 1, 0, 7, 250, 300), (2, 2, 0, 7, 0, 100)]
        {
            assert_eq!(hold(booking, option, chair, musician, starts, ends).await, None, "{place}");
        }
    })
    .await;
}
