//! What holds on every engine.

mod constraints;
mod failures;
mod migrations;
mod schema;
mod sharing;
mod values;

use crate::migrate::Migration;
use crate::{Error, Store, params, statements};

/// Tables of the tests' own, with every kind of constraint.
static TABLES: &[Migration] = &[Migration { name: "0001_tests", text: include_str!("conformance/tables.sql") }];

statements! {
    /// A row with an id chosen by the engine.
    ADD = "INSERT INTO things (number) VALUES ($1)";
    /// All numbers in order.
    NUMBERS = "SELECT number FROM things ORDER BY number";
    /// How many rows there are.
    COUNT = "SELECT COUNT(*) AS count FROM things";
}

async fn add(store: &Store, number: i64) -> Result<(), Error> {
    store.write(async move |tx| tx.execute(&ADD, params![number]).await.map(drop)).await
}

async fn numbers(store: &Store) -> Vec<i64> {
    let rows = store.read(async |tx| tx.query(&NUMBERS, params![]).await).await.unwrap();
    rows.iter().map(|row| row.get("number").unwrap()).collect()
}
