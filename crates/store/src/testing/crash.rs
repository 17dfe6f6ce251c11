//! A process that ends in the middle, or stands still there: at the commit that a simulation chooses.

use crate::Error;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// The life of a pretended process. After its crash nothing of it reaches the database any more: whatever it was doing
/// gets [`Error::Closed`], and what was not committed is not there.
#[derive(Clone, Debug, Default)]
pub struct Crash(Arc<Process>);

#[derive(Debug, Default)]
struct Process {
    life: Mutex<Life>,
    stands: Notify,
    goes_on: Notify,
}

#[derive(Debug, Default)]
struct Life {
    ended: bool,
    commits: u64,
    ends_before: Option<u64>,
    ends_after: Option<u64>,
    stands_after: Option<u64>,
    stands: bool,
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

    /// Whether it is going to end by itself.
    #[must_use]
    pub fn will_end(&self) -> bool {
        self.life(|life| life.ends_before.is_some() || life.ends_after.is_some())
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

    /// Whoever makes commit number `commit`, counted from 1 and from now, stands still after it until
    /// [`goes_on`](Self::goes_on). Everybody else goes on.
    pub fn stands_still_after(&self, commit: u64) {
        self.life(|life| life.stands_after = Some(life.commits + commit));
    }

    /// Returns true when somebody stands still, and false when nobody will any more.
    pub async fn stands_still(&self) -> bool {
        loop {
            let (stands, waits) = self.life(|life| (life.stands, life.stands_after.is_some()));
            if stands || !waits {
                return stands;
            }
            self.0.stands.notified().await;
        }
    }

    /// Whoever stands still goes on; nobody is made to from now on.
    pub fn goes_on(&self) {
        self.life(|life| (life.stands_after, life.stands) = (None, false));
        self.0.stands.notify_one();
        self.0.goes_on.notify_one();
    }

    pub(crate) fn is_up(&self) -> Result<(), Error> {
        if self.has_ended() { Err(Error::Closed) } else { Ok(()) }
    }

    pub(crate) fn before_commit(&self) -> Result<(), Error> {
        self.life(|life| life.ended |= life.ends_before == Some(life.commits + 1));
        self.is_up()
    }

    pub(crate) async fn after_commit(&self) -> Result<(), Error> {
        let stands = self.life(|life| {
            life.commits += 1;
            life.ended |= life.ends_after == Some(life.commits);
            let stands = life.stands_after.take_if(|at| *at <= life.commits).is_some();
            life.stands |= stands;
            stands
        });
        if stands {
            self.0.stands.notify_one();
            while self.life(|life| life.stands) {
                self.0.goes_on.notified().await;
            }
        }
        self.is_up()
    }

    fn life<T>(&self, look: impl FnOnce(&mut Life) -> T) -> T {
        look(&mut self.0.life.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
