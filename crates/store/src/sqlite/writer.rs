//! Group commit: one thread that writes, and one wait for the disk for everybody who is waiting.
//!
//! Operations run one after the other in a shared transaction. When one of them fails, all are taken back and run again,
//! each inside a savepoint: so one that fails loses its own work only, and a group where none does pays for no savepoints.
//! Nobody hears of success before the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::{BUSY, control};
use crate::operation::run_at_once;
use crate::{Error, Tx};

/// The most operations that share a commit, and the longest one waits for others to be run before it is committed.
const GROUP: usize = 256;
const GROUP_TIME: Duration = Duration::from_millis(10);

/// After so long without work the log is moved into the database, so that nobody waits for that while answers come in.
const QUIET: Duration = Duration::from_millis(500);

/// How many may wait before further callers wait to wait.
const QUEUE: usize = 1024;

/// An operation that waits for the writer.
pub(super) trait Work: Send {
    /// Whether the caller has gone away before it began.
    fn is_unwanted(&self) -> bool;
    /// Runs it, and says whether its effects are to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Tells the caller: its own result, or why the whole group failed.
    fn finish(self: Box<Self>, committed: Result<(), Error>);
}

/// An operation, its result once it has run, and whom to tell.
pub(super) struct Waiting<T, E, F> {
    pub(super) op: F,
    pub(super) reply: oneshot::Sender<Result<T, E>>,
    pub(super) outcome: Option<Result<T, E>>,
}

impl<T, E, F> Work for Waiting<T, E, F>
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn is_unwanted(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, tx: &mut Tx) -> bool {
        let outcome = run_at_once(&mut self.op, tx);
        self.outcome.insert(outcome).is_ok()
    }

    fn finish(self: Box<Self>, committed: Result<(), Error>) {
        let outcome = match (self.outcome, committed) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(done)), Ok(())) => Ok(done),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(Error::Closed.into()),
        };
        // Nobody is there to be told if the caller has gone away.
        let _ = self.reply.send(outcome);
    }
}

enum Message {
    Work(Box<dyn Work>),
    Close(oneshot::Sender<()>),
}

/// The way to the thread that writes. The thread ends when the store is closed or dropped.
pub(crate) struct Writer(mpsc::Sender<Message>);

impl Writer {
    pub(super) fn start(tx: Tx) -> Result<Self, Error> {
        let (sender, queue) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new().name("sqlite-writer".to_owned());
        let clock = Builder::new_current_thread().enable_time().build();
        let clock = clock.map_err(|error| Error::Unavailable(error.to_string()))?;
        thread.spawn(move || run(tx, queue, &clock)).map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self(sender))
    }

    pub(super) async fn send(&self, work: Box<dyn Work>) -> Result<(), Error> {
        self.0.send(Message::Work(work)).await.map_err(|_| Error::Closed)
    }

    /// Everything that waits is still done.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.0.send(Message::Close(reply)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

fn run(mut tx: Tx, mut queue: mpsc::Receiver<Message>, clock: &Runtime) {
    let mut closing = Vec::new();
    let mut moved = false;
    loop {
        let next = clock.block_on(next(&mut queue, moved));
        moved = next.is_err();
        match next {
            Ok(Some(Message::Work(work))) => closing.extend(commit_group(&mut tx, work, &mut queue)),
            Ok(Some(Message::Close(reply))) => closing.push(reply),
            Ok(None) => break,
            Err(_) => checkpoint(&tx, "PRAGMA wal_checkpoint(PASSIVE)", BUSY),
        }
        if !closing.is_empty() {
            queue.close();
        }
    }
    // Not for long: the other's own checkpoint, or the next start, is as good.
    checkpoint(&tx, "PRAGMA wal_checkpoint(TRUNCATE)", Duration::from_secs(1));
    drop(tx);
    for reply in closing {
        let _ = reply.send(());
    }
}

/// The next message, none when there will be no more; an error when it is quiet, and there is a log to be moved.
async fn next(queue: &mut mpsc::Receiver<Message>, moved: bool) -> Result<Option<Message>, Elapsed> {
    if moved { Ok(queue.recv().await) } else { timeout(QUIET, queue.recv()).await }
}

/// Runs what waits, commits, tells everybody. Gives back a request to close that it came across.
fn commit_group(tx: &mut Tx, first: Box<dyn Work>, queue: &mut mpsc::Receiver<Message>) -> Option<oneshot::Sender<()>> {
    let mut group = Group { queue, members: Vec::new(), close: None };
    let committed = group.run(tx, first);
    if committed.is_err() {
        // Fails if the engine has rolled back by itself, which is as good.
        let _ = control(tx, "ROLLBACK");
    }
    for work in group.members {
        let _ = catch_unwind(AssertUnwindSafe(|| work.finish(committed.clone())));
    }
    group.close
}

/// Operations that share a commit.
struct Group<'a> {
    queue: &'a mut mpsc::Receiver<Message>,
    members: Vec<Box<dyn Work>>,
    close: Option<oneshot::Sender<()>>,
}

impl Group<'_> {
    /// An error is everybody's.
    fn run(&mut self, tx: &mut Tx, first: Box<dyn Work>) -> Result<(), Error> {
        if let Err(error) = control(tx, "BEGIN IMMEDIATE") {
            // Whoever else waits is not made to find out for themselves, one time-out after the other.
            self.members.push(first);
            while let Some(work) = self.next() {
                self.members.push(work);
            }
            return Err(error);
        }
        if self.run_together(tx, first) {
            return control(tx, "COMMIT");
        }
        // Fails if the engine has rolled back by itself, which is as good.
        let _ = control(tx, "ROLLBACK");
        if self.members.len() > 1 { self.run_apart(tx) } else { Ok(()) }
    }

    /// False as soon as one failed.
    fn run_together(&mut self, tx: &mut Tx, first: Box<dyn Work>) -> bool {
        let start = Instant::now();
        let mut next = Some(first);
        while let Some(mut work) = next {
            tx.forget_failure();
            let kept = work.is_unwanted() || work.run(tx);
            self.members.push(work);
            if !kept {
                return false;
            }
            let room = self.members.len() < GROUP && start.elapsed() < GROUP_TIME;
            next = if room { self.next() } else { None };
        }
        true
    }

    fn run_apart(&mut self, tx: &mut Tx) -> Result<(), Error> {
        control(tx, "BEGIN IMMEDIATE")?;
        for work in &mut self.members {
            if !work.is_unwanted() {
                run_in_savepoint(tx, &mut **work)?;
            }
        }
        control(tx, "COMMIT")
    }

    fn next(&mut self) -> Option<Box<dyn Work>> {
        match self.queue.try_recv().ok()? {
            Message::Work(work) => Some(work),
            Message::Close(reply) => {
                self.close = Some(reply);
                None
            }
        }
    }
}

/// An error is that of the whole group: some errors make the engine roll back everything.
fn run_in_savepoint(tx: &mut Tx, work: &mut dyn Work) -> Result<(), Error> {
    tx.forget_failure();
    control(tx, "SAVEPOINT operation")?;
    if work.run(tx) {
        return control(tx, "RELEASE operation");
    }
    let lost = tx.sqlite().is_some_and(|session| session.connection().is_autocommit());
    if lost {
        return Err(tx.failure().cloned().unwrap_or(Error::Unavailable("the engine rolled back".to_owned())));
    }
    control(tx, "ROLLBACK TO operation")?;
    control(tx, "RELEASE operation")
}

/// Moves the log into the database, as far as nobody reads it (`PASSIVE`), or all of it (`TRUNCATE`): then another process
/// that reads is waited for with this patience.
fn checkpoint(tx: &Tx, how: &str, patience: Duration) {
    let Some(session) = tx.sqlite() else { return };
    let connection = session.connection();
    let moved = connection.busy_timeout(patience).and_then(|()| connection.query_row(how, [], |_| Ok(())));
    if let Err(error) = moved {
        tracing::warn!(%error, "the write-ahead log could not be moved into the database");
    }
}
