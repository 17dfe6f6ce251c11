//! The schema itself, on both engines: what is called what.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;
use tokio_postgres::NoTls;

use crate::migrate::{self, Migration};
use crate::sqlite::indexes;
use crate::statements;
use crate::testing::{Fresh, Place, assert_prepare, each_backend};

/// Constraints of the server that a violation can name; those of system columns and types are not ours.
const NAMED: &str = "
    SELECT conname::TEXT, contype::TEXT FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'f'
    UNION ALL
    SELECT class.relname::TEXT, 'u' FROM pg_index JOIN pg_class AS class ON class.oid = indexrelid
     WHERE indisunique AND class.relnamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)";

/// All the text `SQLite` keeps of the schema.
fn on_sqlite(migrations: &'static [Migration]) -> (BTreeSet<String>, String) {
    let connection = Connection::open_in_memory().unwrap();
    migrate::sqlite(&connection, migrations).unwrap();
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut names = BTreeSet::new();
    for table in tables.iter().filter(|table| !table.starts_with("sqlite_")) {
        let mut columns = BTreeSet::new();
        for index in indexes(&connection, table).unwrap() {
            let distinct = index.columns.iter().any(String::is_empty) || columns.insert(index.columns.clone());
            assert!(distinct, "{table}: SQLite cannot tell two unique indexes on {:?} apart", index.columns);
            names.insert(index.constraint(table));
        }
    }
    let text = connection.query_row("SELECT group_concat(sql, ';') FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    (names, text)
}

async fn agree(migrations: &'static [Migration]) {
    let (unique, text) = on_sqlite(migrations);
    let database = Fresh::new(Place::Server).await;
    let store = crate::Store::open_with(database.url(), migrations).await.unwrap();
    let (client, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    for row in client.query(NAMED, &[]).await.unwrap() {
        let (name, kind): (String, String) = (row.get(0), row.get(1));
        let raised = text.contains(&format!("'constraint:{name}'"));
        let known = match kind.as_str() {
            // A key that is the row's number has no index of its own, and its name is derived.
            "u" | "p" => unique.contains(&name) || name.ends_with("_pkey") || raised,
            "c" => text.contains(&format!("CONSTRAINT {name} CHECK")),
            _ => raised,
        };
        assert!(known, "SQLite has no {name}");
    }
    drop(client);
    let _ = connection.await;
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn constraints_have_the_same_names() {
    agree(super::TABLES).await;
    agree(migrate::ALL).await;
}

#[tokio::test]
async fn the_schema_opens() {
    each_backend(async |store| {
        let _ = store.backend();
    })
    .await;
}

#[test]
fn every_file_is_a_migration() {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap();
    let files: BTreeSet<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let known: Vec<_> = migrate::ALL.iter().map(|migration| format!("{}.sql", migration.name)).collect();
    assert_eq!(files.into_iter().collect::<Vec<_>>(), known);
    for (migration, number) in migrate::ALL.iter().zip(1..) {
        assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
    }
}

statements! {
    /// Differs in its columns.
    UNNAMED = "SELECT 1 + 1";
    /// Differs in what is read.
    SUMMED = "SELECT SUM(CAST(1 AS BIGINT)) AS sum";
}

#[tokio::test]
#[should_panic(expected = "column sum is numeric")]
async fn differences_are_found() {
    assert_prepare(&[&UNNAMED, &SUMMED]).await;
}

#[tokio::test]
async fn every_statement_prepares_on_both() {
    assert_prepare(&crate::STATEMENTS.concat()).await;
}
