//! The real program, killed at random moments while mails, answers and the manager's acts come in: whatever it
//! acknowledged is there afterwards, and nothing happened twice (rules 8.1–8.4, 8.9).
//!
//! The moments come from a seed, which is printed; `FIRSTCALL_TEST_SEED` plays them again, as far as a scheduler lets it.
//! `FIRSTCALL_TEST_KILLS` is how often each engine is killed.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod checks;
mod dice;
mod ledger;
mod program;
#[path = "../support/running.rs"]
mod running;
mod users;

use dice::Dice;
use firstcall_store::mails;
use firstcall_store::testing::{Fresh, Place};
use jiff::Timestamp;
use ledger::Ledger;
use program::{Program, killed_after, spawn};
use std::time::{Duration, Instant};

/// How often each engine is killed.
const KILLS: u64 = 110;
/// So many of the kills come while the database is made.
const WHILE_MIGRATING: u64 = 8;
/// What was acknowledged to so many bookings is looked at after each restart.
const LOOKED_AT: usize = 6;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

async fn survives(place: Place) {
    let began = Instant::now();
    let seed = from_environment("FIRSTCALL_TEST_SEED").unwrap_or_else(dice::any_seed);
    let kills = from_environment("FIRSTCALL_TEST_KILLS").unwrap_or(KILLS);
    println!("FIRSTCALL_TEST_SEED={seed}");
    let mut dice = Dice::new(seed);
    let database = Fresh::new(place).await;
    for _ in 0..WHILE_MIGRATING.min(kills) {
        killed_after(spawn(database.url()), Duration::from_millis(dice.below(150)));
    }
    let program = Program::start(database.url());
    let hired = users::hire(program.address);
    drop(program);
    let mut ledger = Ledger::default();
    for cycle in WHILE_MIGRATING..kills {
        if dice.below(4) == 0 {
            killed_after(spawn(database.url()), Duration::from_millis(dice.below(250)));
            continue;
        }
        let program = Program::start(database.url());
        for _ in 0..LOOKED_AT.min(ledger.touched.len()) {
            let which = dice.index(ledger.touched.len());
            checks::still_there(program.address, &ledger.bookings[&ledger.touched.swap_remove(which)]);
        }
        let alive = Duration::from_millis(20 + dice.below(500));
        let old = ledger.lend();
        ledger.take_back(users::use_until(program, alive, cycle, &mut dice, old));
    }
    let program = Program::start(database.url());
    checks::everything(program.address, &ledger, &hired);
    nothing_is_unread(&database).await;
    drop(program);
    println!("{place}: {kills} kills in {:?}; {}", began.elapsed(), ledger.summary());
    database.remove().await;
}

/// Rules 1.2, 8.9: also the mails that nobody was told of are read, the one in hand when it was killed included. Where
/// several programs may share the database, that takes a minute.
async fn nothing_is_unread(database: &Fresh) {
    let store = database.open().await;
    let mut unread = Vec::new();
    for _ in 0..100 {
        unread = store.read(async |tx| mails::unread(tx, Timestamp::now(), 100).await).await.expect("the mails");
        if unread.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(750)).await;
    }
    assert!(unread.is_empty(), "mails that were kept and never read: {unread:?}");
    store.close().await;
}

#[tokio::test]
async fn sqlite_survives_being_killed() {
    survives(Place::File).await;
}

#[tokio::test]
async fn postgres_survives_being_killed() {
    survives(Place::Server).await;
}
