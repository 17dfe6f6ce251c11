//! A database in memory: one connection, used in turns on the callers' own threads.
//!
//! There is no thread of its own, so that a simulation on one thread stays on one thread.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::{Session, backup, control};
use crate::operation::run_at_once;
use crate::tx::Session as Engine;
use crate::{Error, Tx};

/// The connection, until the store is closed and the database is gone.
pub(crate) struct Memory(Mutex<Option<Tx>>);

impl Memory {
    pub(super) fn new(connection: Connection) -> Self {
        Self(Mutex::new(Some(Tx::new(Engine::Sqlite(Session::new(connection, false))))))
    }

    pub(super) fn read<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E>,
        E: From<Error>,
    {
        self.with(|tx| {
            set_read_only(tx, true);
            let (outcome, _) = super::read(tx, op);
            set_read_only(tx, false);
            outcome
        })
    }

    pub(super) fn write<T, E, F>(&self, mut op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E>,
        E: From<Error>,
    {
        self.with(|tx| {
            tx.forget_failure();
            control(tx, "BEGIN IMMEDIATE")?;
            let outcome = run_at_once(&mut op, tx).and_then(|done| {
                control(tx, "COMMIT")?;
                Ok(done)
            });
            if outcome.is_err() {
                // Fails if the engine has rolled back by itself, which is as good.
                let _ = control(tx, "ROLLBACK");
            }
            outcome
        })
    }

    pub(super) fn backup_to(&self, target: &Path) -> Result<(), Error> {
        self.with(|tx| tx.sqlite().map_or(Ok(()), |session| backup::copy(session.connection(), target)))
    }

    pub(super) fn close(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn with<T, E: From<Error>>(&self, job: impl FnOnce(&mut Tx) -> Result<T, E>) -> Result<T, E> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(tx) => job(tx),
            None => Err(Error::Closed.into()),
        }
    }
}

fn set_read_only(tx: &mut Tx, read_only: bool) {
    if let Some(session) = tx.sqlite_mut() {
        session.set_read_only(read_only);
    }
}
