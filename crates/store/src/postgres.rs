//! `PostgreSQL`: a pool of connections, used from one thread of its own.
//!
//! The thread is what makes an operation whole: a caller that goes away stops waiting, and nothing else. So no
//! connection goes back to the pool in the middle of a transaction.

mod attempt;
mod pool;
mod session;
#[cfg(test)]
mod tests;
mod value;

use std::thread;

use deadpool_postgres::Pool;
use futures_util::future::LocalBoxFuture;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

pub(crate) use session::{Session, failed};

use crate::migrate::Migration;
use crate::{Error, Tx};

/// What the thread is asked to start.
type Job = Box<dyn FnOnce(Pool) -> LocalBoxFuture<'static, ()> + Send>;

enum Message {
    Job(Job),
    Close(oneshot::Sender<()>),
}

/// The engine of a store on `PostgreSQL`: the way to its thread, which ends when the store is closed or dropped.
pub(crate) struct Postgres(mpsc::UnboundedSender<Message>);

impl Postgres {
    pub(crate) async fn open(url: &str, migrations: &'static [Migration]) -> Result<Self, Error> {
        let pool = pool::pool(url)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Unavailable(error.to_string()))?;
        let (sender, queue) = mpsc::unbounded_channel();
        let thread = thread::Builder::new().name("postgres".to_owned());
        thread.spawn(move || run(&runtime, &pool, queue)).map_err(|error| Error::Unavailable(error.to_string()))?;
        let postgres = Self(sender);
        postgres.start(async move |pool| pool::migrate(&pool, migrations).await).await?;
        Ok(postgres)
    }

    pub(crate) async fn write<T, E, F>(&self, mut op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.start(async move |pool| attempt::write(&pool, &mut op).await).await
    }

    pub(crate) async fn read<T, E, F>(&self, mut op: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.start(async move |pool| attempt::read(&pool, &mut op).await).await
    }

    /// Everything that waits is still done.
    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.0.send(Message::Close(reply)).is_ok() {
            let _ = closed.await;
        }
    }

    /// Has the thread run something, unless the caller has gone away before it begins.
    async fn start<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Pool) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        let job: Job = Box::new(move |pool| {
            Box::pin(async move {
                if !reply.is_closed() {
                    let _ = reply.send(job(pool).await);
                }
            })
        });
        self.0.send(Message::Job(job)).map_err(|_| Error::Closed)?;
        outcome.await.unwrap_or_else(|_| Err(Error::Closed.into()))
    }
}

fn run(runtime: &Runtime, pool: &Pool, mut queue: mpsc::UnboundedReceiver<Message>) {
    let running = LocalSet::new();
    let closing = running.block_on(runtime, async {
        let mut closing = Vec::new();
        while let Some(message) = queue.recv().await {
            match message {
                Message::Job(job) => drop(spawn_local(job(pool.clone()))),
                Message::Close(reply) => {
                    queue.close();
                    closing.push(reply);
                }
            }
        }
        closing
    });
    runtime.block_on(running);
    pool.close();
    for reply in closing {
        let _ = reply.send(());
    }
}
