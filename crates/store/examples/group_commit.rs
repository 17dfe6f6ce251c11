//! How many transactions a second: 64 callers, two inserts each, every one on the disk when it is reported done; and how
//! many point reads.
//!
//! `cargo run --release -p firstcall-store --example group_commit [ADDRESS] [SECONDS] [CALLERS]`

use std::time::{Duration, Instant};

use firstcall_store::{Error, Store, params, statements};

statements! {
    /// One of the two.
    WRITE = "INSERT INTO inbound_texts (sender, body, received_at) VALUES ($1, $2, $3)";
    /// What is there.
    COUNT = "SELECT COUNT(*) AS count FROM inbound_texts";
    /// A point read.
    GET = "SELECT sender, body FROM inbound_texts WHERE id = $1";
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = tempfile::tempdir_in(".")?;
    let here = format!("sqlite://{}", directory.path().join("group_commit.db").display());
    let url = arguments.next().unwrap_or(here);
    let length = Duration::from_secs(arguments.next().as_deref().unwrap_or("3").parse()?);
    let callers: i64 = arguments.next().as_deref().unwrap_or("64").parse()?;

    let store = Store::open(&url).await?;
    let before = count(&store).await?;
    let start = Instant::now();
    let done = together(callers, |caller| write(store.clone(), caller, start, length)).await?;
    report("transactions", done, start);
    assert_eq!(count(&store).await? - before, 2 * done, "what was reported done is there");

    let start = Instant::now();
    let done = together(callers, |caller| read(store.clone(), caller, start, length)).await?;
    report("point reads", done, start);
    store.close().await;
    Ok(())
}

async fn together<F>(callers: i64, work: impl Fn(i64) -> F) -> Result<i64, Box<dyn std::error::Error>>
where
    F: Future<Output = Result<i64, Error>> + Send + 'static,
{
    let tasks: Vec<_> = (0..callers).map(|caller| tokio::spawn(work(caller))).collect();
    let mut done = 0;
    for task in tasks {
        done += task.await??;
    }
    Ok(done)
}

async fn write(store: Store, writer: i64, start: Instant, length: Duration) -> Result<i64, Error> {
    let mut done = 0;
    while start.elapsed() < length {
        let at = done;
        store
            .write(async move |tx| {
                tx.execute(&WRITE, params!["+15550100", "Y7", at]).await?;
                tx.execute(&WRITE, params!["+15550101", "N7", writer]).await
            })
            .await?;
        done += 1;
    }
    Ok(done)
}

async fn read(store: Store, reader: i64, start: Instant, length: Duration) -> Result<i64, Error> {
    let mut done = 0;
    while start.elapsed() < length {
        let id = reader * 7 + done % 1000 + 1;
        store.read(async move |tx| tx.query_opt(&GET, params![id]).await).await?;
        done += 1;
    }
    Ok(done)
}

async fn count(store: &Store) -> Result<i64, Error> {
    store.read(async |tx| tx.query_one(&COUNT, params![]).await?.get("count")).await
}

#[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
fn report(what: &str, done: i64, start: Instant) {
    println!("{:>9.0} {what} a second", done as f64 / start.elapsed().as_secs_f64());
}
