//! Values in and out.

use bytes::Bytes;

use crate::testing::each_place;
use crate::{Error, FromValue, Value, params, statements};

use super::TABLES;

statements! {
    /// One of each type.
    PUT = "INSERT INTO things (number, text, flag, data, note) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    /// By id.
    GET = "SELECT number, text, flag, data, note FROM things WHERE id = $1";
    /// With the parameters out of order and one used twice.
    ORDER = "SELECT CAST($2 AS TEXT) AS second, CAST($1 AS BIGINT) AS first, CAST($2 AS TEXT) AS again";
    /// Lists.
    LISTED = "SELECT id FROM counters WHERE id IN {ints $1} AND 'b' IN {texts $2} ORDER BY id";
    /// What PostgreSQL makes a number of another kind.
    SUMS = "SELECT CAST(SUM(id) AS BIGINT) AS sum, COUNT(*) AS count, MAX(id) > 1 AS more FROM counters";
    /// Locks.
    LOCKED = "SELECT id FROM counters ORDER BY id LIMIT 1 {skip_locked}";
    /// Locks and waits.
    WAITED = "SELECT id FROM counters ORDER BY id LIMIT 1 {for_update}";
}

#[tokio::test]
async fn round_trips() {
    each_place(TABLES, async |store, _| {
        for (number, flag) in [(i64::MIN, true), (i64::MAX, false), (0, true)] {
            let row = store
                .write(async move |tx| {
                    let put = params![number, "é\n'{x}'", flag, [0_u8, 255], r#"{"a": 1}"#];
                    let id: i64 = tx.query_one(&PUT, put).await?.get("id")?;
                    tx.query_one(&GET, params![id]).await
                })
                .await
                .unwrap_or_else(|error: Error| panic!("{error}"));
            assert_eq!(row.get::<i64>("number"), Ok(number));
            assert_eq!(row.get::<String>("text").unwrap(), "é\n'{x}'");
            assert_eq!(row.get::<Option<bool>>("flag"), Ok(Some(flag)));
            assert_eq!(row.get::<[u8; 2]>("data"), Ok([0, 255]));
            assert_eq!(row.get::<String>(4).unwrap(), r#"{"a": 1}"#);
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_round_trips() {
    each_place(TABLES, async |store, _| {
        let row = store
            .write(async |tx| {
                let nothing = Value::Null;
                let put = params![None::<i64>, None::<&str>, None::<bool>, None::<Bytes>, nothing];
                let id: i64 = tx.query_one(&PUT, put).await?.get("id")?;
                tx.query_one(&GET, params![id]).await
            })
            .await
            .unwrap_or_else(|error: Error| panic!("{error}"));
        assert_eq!(row.get::<Option<i64>>("number"), Ok(None));
        assert_eq!(row.get::<Option<String>>("text"), Ok(None));
        assert_eq!(row.get::<Option<bool>>("flag"), Ok(None));
        assert_eq!(row.get::<Option<Bytes>>("data"), Ok(None));
        assert_eq!(row.get::<Value>("note"), Ok(Value::Null));
        let error = row.get::<i64>("number").unwrap_err();
        assert_eq!(error.to_string(), "column number: expected a number, found nothing");
        let error = row.get::<i64>("missing").unwrap_err();
        assert_eq!(error.to_string(), "column missing: absent from number, text, flag, data, note");
    })
    .await;
}

#[tokio::test]
async fn parameters_lists_and_words() {
    each_place(TABLES, async |store, _| {
        store
            .write(async |tx| {
                let row = tx.query_one(&ORDER, params![7, "two"]).await?;
                assert_eq!(row.columns().collect::<Vec<_>>(), ["second", "first", "again"]);
                assert_eq!(
                    (row.get::<String>(0)?, row.get(1)?, row.get::<String>(2)?),
                    ("two".into(), 7, "two".into())
                );
                let lists = params![Value::ints(&[1, 2, 9]), Value::texts(["a\"", "b"])];
                assert_eq!(tx.query(&LISTED, lists).await?.len(), 2);
                assert_eq!(tx.query(&LISTED, params![Value::ints(&[]), Value::texts(["b"])]).await?.len(), 0);
                let row = tx.query_one(&SUMS, params![]).await?;
                assert_eq!((row.get::<i64>("sum")?, row.get::<u8>("count")?, row.get::<bool>("more")?), (3, 2, true));
                assert_eq!(tx.query(&LOCKED, params![]).await?.len(), 1);
                assert_eq!(tx.query(&WAITED, params![]).await?.len(), 1);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}

#[test]
fn numbers_are_checked() {
    assert_eq!(u8::from_value(&Value::Int(256)), Err("256 is out of range".to_owned()));
    assert_eq!(u32::from_value(&Value::Int(5)), Ok(5));
    assert_eq!(bool::from_value(&Value::Int(1)), Ok(true));
    assert_eq!(bool::from_value(&Value::Int(2)), Err("expected a truth value, found a number".to_owned()));
    assert_eq!(i64::from_value(&Value::Bool(true)), Ok(1));
    assert_eq!(
        <[u8; 2]>::from_value(&Value::Bytes(Bytes::from_static(&[1]))),
        Err("expected 2 bytes, found 1".to_owned())
    );
}
