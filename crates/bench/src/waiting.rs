//! What bookings cost that only wait: an empty look for what is due, and memory.

use crate::Bench;
use crate::answers::{fill, sqlite};
use crate::child::Child;
use crate::report::{Aim, Report, median};
use crate::stock::{self, Offers};
use anyhow::Context;
use firstcall::carriers::Carriers;
use firstcall::clock::Clock;
use firstcall::engine::Engine;
use firstcall::settings::{self, Environment, Place};
use firstcall::worker;
use firstcall_store::Store;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Every figure.
pub fn measure(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    for waiting in [100, 10_000, 1_000_000] {
        let directory = tempfile::tempdir()?;
        let url = sqlite(directory.path());
        bench.runtime.block_on(fill(&url, 100, Offers::Asked(stock::in_an_hour())))?;
        multiply(&directory.path().join("bench.db"), waiting)?;
        if waiting == 10_000 {
            let product = Child::product(&bench.program, &url)?;
            sleep(Duration::from_secs(3));
            report.add("resident with 10,000 waiting", product.resident()?, "MB", None, Aim::AtMost(40.0));
            continue;
        }
        let look = bench.runtime.block_on(empty_look(&url))?;
        report.add(&format!("an empty wake-up, {waiting} waiting"), look, "ms", None, Aim::AtMost(1.0));
    }
    Ok(())
}

/// Copies bookings, and texts that are to leave later, until there are so many.
fn multiply(file: &Path, wanted: i64) -> anyhow::Result<()> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF; BEGIN")?;
    loop {
        let have: i64 = connection.query_row("SELECT COUNT(*) FROM bookings", [], |row| row.get(0))?;
        if have >= wanted {
            break;
        }
        connection.execute(
            "INSERT INTO bookings (status, body, created_at, due_at, due_reason, version)
             SELECT status, body, created_at, due_at + id, due_reason, 0 FROM bookings LIMIT ?1",
            [wanted - have],
        )?;
    }
    connection.execute(
        "INSERT INTO messages (kind, recipient, body, asked_again, state, due_at, created_at, standby)
         SELECT 'notice', '+12125550100', 'later', 0, 'queued', due_at, created_at, 0 FROM bookings",
        [],
    )?;
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Everything that the worker does when it looks and nothing is due.
async fn empty_look(url: &str) -> anyhow::Result<f64> {
    let settings = settings::load(&Place::Nowhere, &Environment::default()).context("settings")?.settings;
    let store = Store::open(url).await?;
    let carriers = Carriers::new(&settings)?;
    let engine = Engine::new(store.clone(), Clock::System, Arc::new(settings));
    let mut looks = Vec::new();
    for _ in 0..500 {
        let start = Instant::now();
        worker::wake_due(&engine).await?;
        engine.next_booking_due().await?;
        worker::send_due(&engine, &carriers).await?;
        engine.next_message_due().await?;
        looks.push(start.elapsed().as_secs_f64() * 1e3);
    }
    store.close().await;
    Ok(median(looks))
}
