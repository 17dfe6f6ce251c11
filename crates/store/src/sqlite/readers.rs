//! Reading a file, on the calling thread.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::OpenFlags;

use super::{Session, open};
use crate::tx::Session as Engine;
use crate::{Error, Tx};

/// Reads take no longer than it takes to fetch what a page shows, so about as many happen at once as there are threads.
const KEPT: usize = 16;

/// Connections opened as they are needed, and kept; none once the store is closed.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Option<Vec<Tx>>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Some(Vec::new())) }
    }

    pub(super) fn read<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E>,
        E: From<Error>,
    {
        let mut tx = self.take()?;
        let (outcome, reusable) = super::read(&mut tx, op);
        if reusable {
            self.give_back(tx);
        }
        outcome
    }

    pub(super) fn close(&self) {
        drop(self.idle().take());
    }

    fn take(&self) -> Result<Tx, Error> {
        let idle = self.idle().as_mut().ok_or(Error::Closed)?.pop();
        idle.map_or_else(|| self.connect(), Ok)
    }

    fn connect(&self) -> Result<Tx, Error> {
        let connection = open(&self.path, OpenFlags::empty())?;
        Ok(Tx::new(Engine::Sqlite(Session::new(connection, true))))
    }

    fn give_back(&self, tx: Tx) {
        if let Some(idle) = self.idle().as_mut().filter(|idle| idle.len() < KEPT) {
            idle.push(tx);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Tx>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
