//! Running an operation on a connection, and again where that may help.

use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::task::spawn_local;

use super::session::{COMMIT, Kind, Session};
use crate::operation::{guarded, settle};
use crate::tx::Session as Engine;
use crate::{Error, Tx};

/// Pauses double from 5 ms to 200 ms, so the last attempt is about a second after the first.
const ATTEMPTS: u32 = 10;

/// An attempt that failed, and whether another may not.
struct Failed<E> {
    error: E,
    again: bool,
}

impl<E: From<Error>> From<Error> for Failed<E> {
    fn from(error: Error) -> Self {
        Self { again: may_help(&error), error: error.into() }
    }
}

pub(super) async fn write<T, E, F>(pool: &Pool, op: &mut F) -> Result<T, E>
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    run(pool, op, Kind::Write).await
}

pub(super) async fn read<T, E, F>(pool: &Pool, op: &mut F) -> Result<T, E>
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    run(pool, op, Kind::Read).await
}

async fn run<T, E, F>(pool: &Pool, op: &mut F, kind: Kind) -> Result<T, E>
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    let mut attempt = 1;
    loop {
        match run_once(pool, op, kind).await {
            Ok(done) => return Ok(done),
            Err(failed) if failed.again && attempt < ATTEMPTS => {
                tracing::debug!(attempt, "an operation is run again");
                tokio::time::sleep(Duration::from_millis(200.min(5 << attempt))).await;
            }
            Err(failed) => return Err(failed.error),
        }
        attempt += 1;
    }
}

async fn run_once<T, E, F>(pool: &Pool, op: &mut F, kind: Kind) -> Result<T, Failed<E>>
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    let mut tx = Tx::new(Engine::Postgres(Session::begin(pool, kind).await?));
    let outcome = guarded(async { op(&mut tx).await }).await;
    let again = tx.failure().is_some_and(may_help);
    match settle(outcome, &tx) {
        Ok(done) => {
            match kind {
                Kind::Write => end(tx, COMMIT).await?,
                // A reader has what it came for.
                Kind::Read => drop(spawn_local(end(tx, COMMIT))),
            }
            Ok(done)
        }
        Err(error) => {
            // Should it fail, the connection is dropped, which is as good.
            let _ = end(tx, "ROLLBACK").await;
            Err(Failed { error, again })
        }
    }
}

async fn end(mut tx: Tx, how: &'static str) -> Result<(), Error> {
    match tx.postgres_mut() {
        Some(session) => session.end(how).await,
        None => Ok(()),
    }
}

fn may_help(error: &Error) -> bool {
    matches!(error, Error::Contended(_) | Error::Connection(_))
}
