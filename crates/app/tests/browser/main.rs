//! The program in a real browser: from the first run to a booked session, the desk with and without scripts, and the pages of
//! clients and musicians.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod chromium;
mod desk;
mod first_run;
mod program;
mod public;
#[path = "../support/running.rs"]
mod running;
