//! Stories: what people do and get, told over HTTP and by text, on SQLite in memory, SQLite in a file and PostgreSQL.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod accounts;
mod answers;
mod api;
mod browser;
mod calendars;
mod call_lists;
mod calling;
mod competition;
mod conversations;
mod delivery;
mod entries;
mod feeds;
mod intake;
mod interruptions;
mod joining;
mod lessons;
mod manager;
mod network;
mod public;
mod pushes;
#[path = "../support/running.rs"]
mod running;
mod settings;
mod studio;
mod texting;
mod undo;
