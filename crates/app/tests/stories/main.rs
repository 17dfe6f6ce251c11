//! Stories: what people do and get, told over HTTP and by text, on SQLite in memory, SQLite in a file and PostgreSQL.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod answers;
mod api;
mod calendars;
mod calling;
mod competition;
mod delivery;
mod entries;
mod feeds;
mod intake;
mod interruptions;
mod joining;
mod manager;
mod network;
mod public;
mod studio;
mod texting;
