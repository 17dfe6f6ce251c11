//! Answers: each click is the YES of another offer, and holds a chair.

use crate::child::Child;
use crate::load::{self, Load};
use crate::report::{Aim, Report, median};
use crate::stock::{self, Offers};
use crate::{Bench, stock::CHAIRS};
use firstcall_store::Store;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How many connections click, and how often in one turn.
const TURNS: [(usize, usize); 3] = [(1, 1_000), (8, 6_000), (64, 12_000)];
/// How many people are asked: so many that each has a few dozen offers open.
pub const MUSICIANS: i64 = 2_000;
const HELD: &str = "Your time is held";

/// The offers of a stock of bookings, one after the other.
pub struct Clicks {
    next: usize,
    /// How many chairs of a booking are answered.
    chairs: usize,
}

impl Clicks {
    /// From booking 0 on. With one chair left out, no click completes a booking.
    pub fn new(chairs: usize) -> Self {
        Self { next: 0, chairs }
    }

    /// The next `count` clicks. Those that follow each other are of different bookings.
    pub fn take(&mut self, count: usize) -> Vec<Vec<u8>> {
        let bookings = count.div_ceil(self.chairs);
        let first = self.next;
        self.next += bookings;
        let click = |at: usize| {
            let booking = i64::try_from(first + at % bookings).unwrap_or_default();
            load::post(&format!("/y/{}", stock::token(booking, at / bookings)), "text/plain", b"")
        };
        (0..count).map(click).collect()
    }
}

/// Fills a database with bookings that wait for answers.
pub async fn fill(url: &str, bookings: usize, offers: Offers) -> anyhow::Result<()> {
    let store = Store::open(url).await?;
    stock::roster(&store, usize::try_from(MUSICIANS)?).await?;
    stock::bookings(&store, MUSICIANS, 0, i64::try_from(bookings)?, offers).await?;
    store.close().await;
    Ok(())
}

/// What one turn took.
struct Turn {
    load: Load,
    /// Of the server, in milliseconds for each click.
    cpu: f64,
}

fn turn(child: &Child, connections: usize, clicks: &[Vec<u8>], expected: &str) -> anyhow::Result<Turn> {
    let before = child.cpu()?;
    let load = load::run(child.address, connections, clicks, expected)?;
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    let cpu = (child.cpu()? - before) * 1e3 / clicks.len() as f64;
    Ok(Turn { load, cpu })
}

/// Answers a second, their delays and their cost, beside the yardstick's.
pub fn measure(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let url = sqlite(directory.path());
    let holding: usize = TURNS.iter().map(|(_, clicks)| clicks.div_ceil(CHAIRS.len() - 1) * (bench.rounds + 1)).sum();
    let completing = 4_000;
    let bookings = holding + completing / CHAIRS.len();
    bench.runtime.block_on(fill(&url, bookings, Offers::Asked(stock::in_an_hour())))?;
    let product = Child::product(&bench.program, &url)?;
    product.settle()?;
    let yardstick = Child::yardstick(&directory.path().join("yardstick.db"))?;
    let mut clicks = Clicks::new(CHAIRS.len() - 1);
    for (connections, count) in TURNS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=bench.rounds {
            let clicks = clicks.take(count);
            let (our, their) =
                (turn(&product, connections, &clicks, HELD)?, turn(&yardstick, connections, &clicks, "thanks")?);
            // The first of each only warms up.
            if round > 0 {
                ours.push(our);
                theirs.push(their);
            }
        }
        compare(report, connections, &ours, &theirs);
    }
    let clicks = Clicks { next: holding, chairs: CHAIRS.len() }.take(completing);
    let booked = turn(&product, 8, &clicks, "You said yes")?;
    report.add("answers/s, 8 connections, each 4th books", booked.load.per_second, "/s", None, Aim::None);
    Ok(())
}

fn compare(report: &mut Report, connections: usize, ours: &[Turn], theirs: &[Turn]) {
    let of = |turns: &[Turn], value: fn(&Turn) -> f64| median(turns.iter().map(value));
    let share = match connections {
        8 => Aim::ShareOf(0.5),
        64 => Aim::ShareOf(0.25),
        _ => Aim::None,
    };
    let mut add = |name: &str, unit, value: fn(&Turn) -> f64, aim| {
        let name = format!("answers, {connections} connections: {name}");
        report.add(&name, of(ours, value), unit, Some(of(theirs, value)), aim);
    };
    add("a second", "/s", |turn| turn.load.per_second, share);
    add("p50", "ms", |turn| turn.load.percentile(0.5), Aim::None);
    add("p99", "ms", |turn| turn.load.percentile(0.99), Aim::TimesAtMost(3.0));
    add("server's CPU each", "ms", |turn| turn.cpu, Aim::AtMost(0.1));
}

/// The delay of answers while a mail of 20 MB is posted, against without.
pub fn beside_large_mails(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let count = 6_000;
    let directory = tempfile::tempdir()?;
    let url = sqlite(directory.path());
    let bookings = count / (CHAIRS.len() - 1) * 2 * (bench.rounds + 1);
    bench.runtime.block_on(fill(&url, bookings, Offers::Asked(stock::in_an_hour())))?;
    let product = Child::product(&bench.program, &url)?;
    product.settle()?;
    let mut clicks = Clicks::new(CHAIRS.len() - 1);
    let (mut with, mut without, mut slowest, mut mails) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=bench.rounds {
        let quiet = turn(&product, 8, &clicks.take(count), HELD)?;
        let (address, mail) = (product.address, vec![crate::mails::large(round, 20 * 1024 * 1024)]);
        let posted = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            load::run(address, 1, &mail, "HTTP/1.1 20")
        });
        let busy = turn(&product, 8, &clicks.take(count), HELD)?;
        let posted = posted.join().map_err(|_| anyhow::anyhow!("the mail's thread ended"))??;
        if round > 0 {
            without.push(quiet.load.percentile(0.99));
            with.push(busy.load.percentile(0.99));
            slowest.push(busy.load.percentile(1.0));
            mails.push(posted.percentile(1.0));
        }
    }
    let name = "answers, 8 connections: p99 beside a mail of 20 MB";
    report.add(name, median(with), "ms", Some(median(without)), Aim::TimesAtMost(1.5));
    report.add("the slowest answer beside it", median(slowest), "ms", None, Aim::None);
    report.add("a mail of 20 MB, beside answers", median(mails), "ms", None, Aim::None);
    Ok(())
}

/// The address of a database in a directory.
pub fn sqlite(directory: &Path) -> String {
    format!("sqlite://{}", directory.join("bench.db").display())
}
