//! The schema's files.

use bytes::Bytes;
use futures_util::future::join_all;

use crate::migrate::{self, Migration};
use crate::testing::{Fresh, Place};
use crate::{Error, Store, mails, params, statements};

static ONE: &[Migration] = &[FIRST];
static TWO: &[Migration] = &[FIRST, SECOND];
static CHANGED: &[Migration] = &[Migration { name: "0001_first", text: "CREATE TABLE first (b BIGINT);" }];
static BROKEN: &[Migration] = &[
    FIRST,
    Migration { name: "0002_broken", text: "CREATE TABLE second (id {identity}); INSERT INTO absent VALUES (1);" },
];
static WORDLESS: &[Migration] = &[Migration { name: "0001_wordless", text: "CREATE TABLE first (a {long});" }];

const FIRST: Migration = Migration {
    name: "0001_first",
    text: "CREATE TABLE first (a BIGINT, j TEXT DEFAULT '{}');
           -- sqlite
           INSERT INTO first (a) VALUES (1);
           -- postgres
           INSERT INTO first (a) VALUES (2);
           -- both
           INSERT INTO first (a) VALUES (3);",
};
const SECOND: Migration = Migration { name: "0002_second", text: "CREATE TABLE second (id {identity});" };

statements! {
    /// What the first migration put there.
    FIRSTS = "SELECT a FROM first ORDER BY a";
    /// There after the second.
    SECONDS = "SELECT id FROM second";
    /// A mail as it was kept before its bytes had a table.
    WHOLE_MAIL = "INSERT INTO mails (arrival_key, media_type, raw, received_at, state) \
        VALUES ('a', 'message/rfc822', $1, 0, 'received')";
}

async fn count(store: &Store, sql: &'static crate::Sql) -> Result<usize, Error> {
    store.read(async move |tx| Ok(tx.query(sql, params![]).await?.len())).await
}

/// A database in memory is a new one each time.
async fn each_lasting(test: impl AsyncFn(&Fresh)) {
    for place in [Place::File, Place::Server] {
        let database = Fresh::new(place).await;
        test(&database).await;
        database.remove().await;
    }
}

#[tokio::test]
async fn applied_once_and_in_parts() {
    each_lasting(async |database| {
        for migrations in [ONE, ONE, TWO, TWO] {
            let store = Store::open_with(database.url(), migrations).await.unwrap();
            assert_eq!(count(&store, &FIRSTS).await, Ok(2));
            assert_eq!(count(&store, &SECONDS).await.is_ok(), migrations.len() == 2);
            store.close().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once() {
    each_lasting(async |database| {
        let opened = join_all((0..4).map(|_| Store::open_with(database.url(), TWO))).await;
        for store in opened {
            let store = store.unwrap();
            assert_eq!(count(&store, &FIRSTS).await, Ok(2));
            store.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn another_programs_schema_is_refused() {
    each_lasting(async |database| {
        Store::open_with(database.url(), TWO).await.unwrap().close().await;
        let newer = Store::open_with(database.url(), ONE).await.err().unwrap();
        let said = "the database has schema 0002_second, and this program knows 1 at most: use the newer program";
        assert_eq!(newer, Error::Migration(said.to_owned()));
    })
    .await;
    each_lasting(async |database| {
        Store::open_with(database.url(), ONE).await.unwrap().close().await;
        let changed = Store::open_with(database.url(), CHANGED).await.err().unwrap();
        let said = "migration 0001_first is not the one the database was made with, which was 0001_first";
        assert_eq!(changed, Error::Migration(said.to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_broken_one_leaves_nothing() {
    each_lasting(async |database| {
        let broken = Store::open_with(database.url(), BROKEN).await.err().unwrap();
        assert!(broken.to_string().starts_with("migration 0002_broken: "), "{broken}");
        let wordless = Store::open_with(database.url(), WORDLESS).await.err().unwrap();
        assert_eq!(wordless.to_string(), "migration 0001_wordless: {long} is not one of the words in braces");
        let store = Store::open_with(database.url(), TWO).await.unwrap();
        assert_eq!(count(&store, &FIRSTS).await, Ok(2));
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_bytes_of_a_mail_move() {
    static BEFORE: &[Migration] = migrate::ALL.split_at(13).0;
    each_lasting(async |database| {
        let bytes = Bytes::from_static(b"Subject: x\r\n\r\n\0\xff");
        let store = Store::open_with(database.url(), BEFORE).await.unwrap();
        let whole = bytes.clone();
        let kept: Result<_, Error> = store.write(async move |tx| tx.execute(&WHOLE_MAIL, params![whole]).await).await;
        assert_eq!(kept, Ok(1));
        store.close().await;
        let store = Store::open(database.url()).await.unwrap();
        let raw: Result<_, Error> = store.read(async |tx| mails::raw(tx, 1).await).await;
        assert_eq!(raw, Ok(Some((bytes, "message/rfc822".to_owned()))));
        store.close().await;
    })
    .await;
}
