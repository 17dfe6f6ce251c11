//! Running one operation: what is common to both engines.

use std::any::Any;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use crate::{Error, Tx};

thread_local! {
    /// Whether this thread is polling an operation at this moment.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether the caller is itself part of an operation. One that opened another could wait for itself for ever.
pub(crate) fn is_inside() -> bool {
    INSIDE.get()
}

/// Resets the mark, also when the poll panics.
struct Mark;

impl Mark {
    fn set() -> Self {
        INSIDE.set(true);
        Self
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        INSIDE.set(false);
    }
}

/// Awaits an operation's future while `is_inside` says so, and turns its panic into an error.
pub(crate) async fn guarded<T, E: From<Error>>(future: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let mut future = pin!(future);
    poll_fn(|context| poll_guarded(future.as_mut(), context)).await
}

fn poll_guarded<T, E, P>(future: Pin<&mut P>, context: &mut Context<'_>) -> Poll<Result<T, E>>
where
    P: Future<Output = Result<T, E>>,
    E: From<Error>,
{
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let _mark = Mark::set();
        future.poll(context)
    }));
    polled.unwrap_or_else(|panic| Poll::Ready(Err(Error::Panicked(message(&*panic)).into())))
}

/// Runs an operation that never really waits, which is what operations on `SQLite` are, and says with which result.
pub(crate) fn run_at_once<T, E, F>(op: &mut F, tx: &mut Tx) -> Result<T, E>
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    let ready = {
        let future = pin!(guarded(async { op(tx).await }));
        future.poll(&mut Context::from_waker(Waker::noop()))
    };
    match ready {
        Poll::Ready(outcome) => settle(outcome, tx),
        Poll::Pending => Err(Error::Waited.into()),
    }
}

/// An operation cannot succeed if one of its statements failed, even if it took no notice.
pub(crate) fn settle<T, E: From<Error>>(outcome: Result<T, E>, tx: &Tx) -> Result<T, E> {
    match tx.failure() {
        Some(failure) => outcome.and_then(|_| Err(failure.clone().into())),
        None => outcome,
    }
}

/// What a panic said.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message").to_owned()
}
