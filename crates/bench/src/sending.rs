//! How soon texts leave: after a deadline, and after the YES that completes a booking.

use crate::answers::{Clicks, fill, sqlite};
use crate::child::Child;
use crate::report::{Aim, Report, median};
use crate::stock::{self, CHAIRS, Offers};
use crate::{Bench, load};
use anyhow::bail;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Both figures.
pub fn measure(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let mut last = Vec::new();
    for _ in 0..bench.rounds {
        last.push(after_a_deadline(bench)?);
    }
    report.add("from a deadline to the last of 100 texts", median(last) / 1e3, "s", None, Aim::AtMost(0.5));
    let mut delays = after_completing(bench)?;
    delays.sort_by(f64::total_cmp);
    let slowest = delays.last().copied().unwrap_or_default();
    let name = "from the completing YES to its confirmations";
    report.add(name, median(delays), "ms", None, Aim::AtMost(20.0));
    report.add(&format!("{name}: slowest of 40"), slowest, "ms", None, Aim::AtMost(20.0));
    Ok(())
}

/// Twenty-five bookings lose patience in the same moment, and ask four more musicians each.
fn after_a_deadline(bench: &Bench) -> anyhow::Result<f64> {
    let directory = tempfile::tempdir()?;
    let url = sqlite(directory.path());
    let deadline = Timestamp::now() + SignedDuration::from_secs(3);
    bench.runtime.block_on(fill(&url, 100 / CHAIRS.len(), Offers::Asked(deadline)))?;
    let _product = Child::product(&bench.program, &url)?;
    let sent =
        "SELECT COUNT(*), MAX(sent_at) FROM messages WHERE kind = 'offer' AND reason = 'wave 2' AND state = 'sent'";
    let at = wait_for(directory.path(), sent, 100)?;
    Ok(milliseconds(deadline, at))
}

/// One booking after the other is completed.
fn after_completing(bench: &Bench) -> anyhow::Result<Vec<f64>> {
    const BOOKINGS: usize = 40;
    let directory = tempfile::tempdir()?;
    let url = sqlite(directory.path());
    bench.runtime.block_on(fill(&url, BOOKINGS, Offers::OneMissing(stock::in_an_hour())))?;
    let product = Child::product(&bench.program, &url)?;
    let all: Vec<_> = Clicks::new(CHAIRS.len()).take(BOOKINGS * CHAIRS.len());
    let mut delays = Vec::new();
    for (number, click) in all[BOOKINGS * (CHAIRS.len() - 1)..].iter().enumerate() {
        let begun = Timestamp::now();
        load::run(product.address, 1, std::slice::from_ref(click), "The session is confirmed")?;
        let sent = format!(
            "SELECT COUNT(*), MAX(sent_at) FROM messages WHERE kind = 'confirmation' AND state = 'sent' AND booking_id = {}",
            number + 1
        );
        delays.push(milliseconds(begun, wait_for(directory.path(), &sent, CHAIRS.len())?));
        sleep(Duration::from_millis(50));
    }
    Ok(delays)
}

fn milliseconds(from: Timestamp, to: Timestamp) -> f64 {
    from.duration_until(to).as_secs_f64() * 1e3
}

/// Waits until there are so many, and says when the last one left.
fn wait_for(directory: &Path, query: &str, wanted: usize) -> anyhow::Result<Timestamp> {
    let connection = Connection::open_with_flags(directory.join("bench.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    for _ in 0..2_000 {
        let (count, last): (i64, Option<i64>) =
            connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some(last) = last
            && usize::try_from(count)? >= wanted
        {
            return Ok(Timestamp::from_microsecond(last)?);
        }
        sleep(Duration::from_millis(10));
    }
    bail!("{wanted} texts did not leave within 20 s")
}
