//! A process that ends in the middle: at the commit that a simulation chooses, before or after it.

use crate::Error;
use std::sync::{Arc, Mutex, PoisonError};

/// The life of a pretended process. After its crash nothing of it reaches the database any more: whatever it was doing
/// gets [`Error::Closed`], and what was not committed is not there.
#[derive(Clone, Debug, Default)]
pub struct Crash(Arc<Mutex<Life>>);

#[derive(Debug, Default)]
struct Life {
    ended: bool,
    commits: u64,
    ends_before: Option<u64>,
    ends_after: Option<u64>,
}

impl Crash {
    /// The process ends right before its commit number `commit`, counted from 1 and from now.
    pub fn before(&self, commit: u64) {
        self.life(|life| life.ends_before = Some(life.commits + commit));
    }

    /// The process ends when its commit number `commit` is on the disk, and before it knows of it.
    pub fn after(&self, commit: u64) {
        self.life(|life| life.ends_after = Some(life.commits + commit));
    }

    /// The process ends now.
    pub fn now(&self) {
        self.life(|life| life.ended = true);
    }

    /// Whether the process has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.life(|life| life.ended)
    }

    /// How many transactions it has committed.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.life(|life| life.commits)
    }

    /// A crash that was meant to come does not come.
    pub fn spare(&self) {
        self.life(|life| (life.ends_before, life.ends_after) = (None, None));
    }

    pub(crate) fn is_up(&self) -> Result<(), Error> {
        if self.has_ended() { Err(Error::Closed) } else { Ok(()) }
    }

    pub(crate) fn before_commit(&self) -> Result<(), Error> {
        self.life(|life| life.ended |= life.ends_before == Some(life.commits + 1));
        self.is_up()
    }

    pub(crate) fn after_commit(&self) -> Result<(), Error> {
        self.life(|life| {
            life.commits += 1;
            life.ended |= life.ends_after == Some(life.commits);
        });
        self.is_up()
    }

    fn life<T>(&self, look: impl FnOnce(&mut Life) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
