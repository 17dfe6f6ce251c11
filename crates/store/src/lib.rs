//! The database: SQLite with group commit, or PostgreSQL, behind one SQL text per query.
//!
//! A [`Store`] is opened from an address and runs operations: async closures over a [`Tx`], which issues registered
//! statements ([`Sql`], made with [`statements!`]) and returns [`Row`]s of [`Value`]s. Nothing here decides anything
//! about a booking.
//!
//! ```
//! use firstcall_store::{Error, Store, params, statements};
//!
//! statements! {
//!     /// What is kept under a key.
//!     SETTING = "SELECT $1 AS key, CAST($2 AS BIGINT) AS value";
//! }
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let store = Store::open("sqlite::memory:").await?;
//! let key = String::from("grace_s");
//! let value: i64 = store
//!     .read(async move |tx| {
//!         let row = tx.query_one(&SETTING, params![key, 90]).await?;
//!         row.get("value")
//!     })
//!     .await?;
//! assert_eq!(value, 90);
//! # Ok::<(), Error>(()) }).unwrap();
//! ```
//!
//! Read next: `store.rs` for what an operation may rely on, `sqlite/writer.rs` for group commit, `sql.rs` for the words
//! in braces that differ between the engines, `migrate.rs` for the schema's files.

pub mod accounts;
pub mod applicants;
pub mod bookings;
pub mod calendars;
pub mod call_lists;
#[cfg(test)]
mod conformance;
pub mod consents;
pub mod desk;
pub mod entries;
mod error;
pub mod finding;
pub mod inbound;
pub mod instants;
pub mod journal;
pub mod lessons;
pub mod mails;
pub mod messages;
mod migrate;
pub mod occupied;
mod offers;
mod operation;
pub mod pages;
pub mod pending;
mod postgres;
pub mod roster;
mod row;
pub mod settings;
mod sql;
mod sqlite;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tx;
pub mod uploads;
mod value;

pub use error::Error;
pub use row::{Column, Row};
pub use sql::{Backend, Sql};
pub use store::Store;
pub use tx::{Changed, Tx};
pub use value::{FromValue, ToValue, Value};

/// Every statement of the program, so that one test can prepare each on both engines.
pub static STATEMENTS: &[&[&Sql]] = &[
    accounts::ALL,
    applicants::ALL,
    bookings::ALL,
    calendars::ALL,
    call_lists::ALL,
    consents::ALL,
    desk::ALL,
    entries::ALL,
    finding::ALL,
    inbound::ALL,
    journal::ALL,
    lessons::ALL,
    mails::ALL,
    messages::ALL,
    occupied::ALL,
    offers::ALL,
    pages::ALL,
    pending::ALL,
    roster::ALL,
    settings::ALL,
    uploads::ALL,
];
