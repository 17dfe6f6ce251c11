//! What happens without being asked: deadlines fire, texts leave, an auditor looks.
//!
//! The loops only sleep, wake and spawn; [`Engine::wake`] and [`deliver_one`] do one thing each and are what tests call.
//! A ring shortens a sleep; none is needed, because every loop also looks by itself, once a second at the least. That
//! second is also what notices a clock that was set.

use crate::email::Mailer;
use crate::engine::{Claimed, Engine, Handed};
use firstcall_core::ids::BookingId;
use firstcall_store::{Error, bookings, messages};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Nobody sleeps longer, so that a clock that was set, or another node's work, is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// After a database error, before the next try.
const AFTER_ERROR: Duration = Duration::from_millis(500);
/// How many bookings or messages are taken at a time.
const BATCH: i64 = 64;
/// How often the auditor looks (rule 4.4).
const AUDIT_EVERY: SignedDuration = SignedDuration::from_mins(15);
/// What is later than this is overdue.
const OVERDUE: SignedDuration = SignedDuration::from_secs(60);

/// Runs all loops until the returned set is dropped.
///
/// # Errors
/// When the settings of the mail server cannot be used.
pub fn start(engine: &Engine) -> anyhow::Result<JoinSet<()>> {
    let mailer = Mailer::new(engine.settings())?;
    let mut loops = JoinSet::new();
    let (waking, sending, auditing) = (engine.clone(), engine.clone(), engine.clone());
    loops.spawn(async move { wake_bookings(&waking).await });
    loops.spawn(async move { send_messages(&sending, mailer.as_ref()).await });
    loops.spawn(async move { audit_now_and_then(&auditing).await });
    Ok(loops)
}

async fn wake_bookings(engine: &Engine) {
    loop {
        match wake_due(engine).await {
            Ok(0) => {
                let next = engine.next_booking_due().await.ok().flatten();
                let wait = engine.clock().wait_for(next, LONGEST_SLEEP);
                let _ = timeout(wait, engine.due_changed()).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "deadlines could not be looked at");
                sleep(AFTER_ERROR).await;
            }
        }
    }
}

/// Wakes the bookings that are due, and says how many there were.
///
/// # Errors
/// When the database cannot be asked.
pub async fn wake_due(engine: &Engine) -> Result<usize, Error> {
    let due: Vec<BookingId> = engine.due(BATCH).await?;
    for woken in join_all(due.iter().map(|&id| engine.wake(id))).await {
        woken?;
    }
    Ok(due.len())
}

async fn send_messages(engine: &Engine, mailer: Option<&Mailer>) {
    loop {
        match send_due(engine, mailer).await {
            Ok(0) => {
                let next = engine.next_message_due().await.ok().flatten();
                let wait = engine.clock().wait_for(next, LONGEST_SLEEP);
                let _ = timeout(wait, engine.outbox_changed()).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "messages could not be sent");
                sleep(AFTER_ERROR).await;
            }
        }
    }
}

/// Hands over the messages that are due, and says how many there were.
///
/// # Errors
/// When the database cannot be asked.
pub async fn send_due(engine: &Engine, mailer: Option<&Mailer>) -> Result<usize, Error> {
    engine.recover_abandoned().await?;
    let claimed = engine.claim(BATCH).await?;
    for delivered in join_all(claimed.iter().map(|message| deliver_one(engine, mailer, message))).await {
        delivered?;
    }
    Ok(claimed.len())
}

/// Hands one claimed message over and records what became of it. E-mails go to the mail server; the pretended phones
/// take every text: they show what is recorded as sent.
///
/// # Errors
/// When the database cannot be asked.
pub async fn deliver_one(engine: &Engine, mailer: Option<&Mailer>, message: &Claimed) -> Result<(), Error> {
    let handed = match mailer {
        Some(mailer) if message.is_email() => mailer.send(message).await,
        None if message.is_email() => Handed::Refused("smtp is not set up".to_owned()),
        _ => Handed::Taken,
    };
    engine.handed(message, handed).await
}

async fn audit_now_and_then(engine: &Engine) {
    let mut next = engine.clock().now();
    // What a process left that was killed a moment ago is too young at the first look, and not made to wait long for it.
    let mut pause = OVERDUE + SignedDuration::from_secs(1);
    loop {
        let now = engine.clock().now();
        if now >= next || next.duration_since(now) > AUDIT_EVERY {
            next = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
            pause = AUDIT_EVERY;
            if let Err(error) = audit(engine).await {
                tracing::warn!(%error, "the auditor could not look");
            }
        }
        sleep(engine.clock().wait_for(Some(next), LONGEST_SLEEP)).await;
    }
}

/// Proves that nothing is overdue, and tells the manager if something is (rule 4.4). Mails and texts that were kept and
/// never read are read now. Returns how much was overdue.
///
/// # Errors
/// When the database cannot be asked.
pub async fn audit(engine: &Engine) -> Result<i64, Error> {
    engine.read_left_mails(OVERDUE).await?;
    engine.read_left_texts(OVERDUE).await?;
    let late = engine.clock().now().saturating_sub(OVERDUE).unwrap_or(Timestamp::MIN);
    let look = async move |tx: &mut firstcall_store::Tx| {
        Ok::<_, Error>(bookings::overdue(tx, late).await? + messages::overdue(tx, late).await?)
    };
    let overdue = engine.store().read(look).await?;
    if overdue > 0 {
        tracing::error!(overdue, "deadlines or messages are overdue");
        engine.tell_overdue(overdue).await?;
    }
    engine.forget_old_keys().await?;
    Ok(overdue)
}
