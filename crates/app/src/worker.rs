//! What happens without being asked: deadlines fire, texts leave, an auditor looks.
//!
//! The loops only sleep, wake and spawn; [`Engine::wake`], [`deliver_one`] and [`settle_doubts`] do one thing each and are
//! what tests call.
//! A ring shortens a sleep; none is needed, because every loop also looks by itself, once a second at the least. That
//! second is also what notices a clock that was set.

use crate::carriers::Carriers;
use crate::engine::{Claimed, Engine};
use crate::sources::Sources;
use firstcall_core::ids::BookingId;
use firstcall_store::{Error, bookings, messages};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// Nobody sleeps longer, so that a clock that was set, or another node's work, is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// After a database error, before the next try.
const AFTER_ERROR: Duration = Duration::from_millis(500);
/// How many bookings are taken at a time, and how many messages are handed over at once.
const BATCH: i64 = 64;
/// How many calendars are read or written at once.
const CALENDARS: i64 = 16;
/// For so long the end of the program waits for what is being handed over.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// How often the auditor looks (rule 4.4).
const AUDIT_EVERY: SignedDuration = SignedDuration::from_mins(15);
/// What is later than this is overdue.
const OVERDUE: SignedDuration = SignedDuration::from_secs(60);

/// The loops of the worker.
pub struct Loops {
    looking: JoinSet<()>,
    sending: JoinHandle<()>,
}

/// Runs all loops until they are ended; no message is taken up any more once `closing` turns true.
pub fn start(engine: &Engine, carriers: Arc<Carriers>, sources: Arc<Sources>, closing: watch::Receiver<bool>) -> Loops {
    let mut looking = JoinSet::new();
    let (waking, sending, auditing) = (engine.clone(), engine.clone(), engine.clone());
    let fresh = Arc::clone(&sources);
    looking.spawn(async move { wake_bookings(&waking, &fresh).await });
    looking.spawn(async move { audit_now_and_then(&auditing).await });
    let calendars = engine.clone();
    looking.spawn(async move { follow_calendars(&calendars, sources).await });
    let sending = tokio::spawn(async move { send_messages(&sending, carriers, closing).await });
    Loops { looking, sending }
}

impl Loops {
    /// Ends them, after `closing` has turned true: what is being handed over is recorded first.
    pub async fn end(mut self) {
        self.looking.shutdown().await;
        if timeout(LAST_WORDS, self.sending).await.is_err() {
            tracing::warn!("a network did not answer in time: its texts are in doubt");
        }
    }
}

async fn wake_bookings(engine: &Engine, sources: &Arc<Sources>) {
    loop {
        freshen_due(engine, sources).await;
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

/// Before somebody is asked, their calendars are read.
pub async fn freshen_due(engine: &Engine, sources: &Arc<Sources>) {
    match engine.instruments_due(BATCH).await {
        Ok(instruments) => sources.freshen(engine, &instruments).await,
        Err(error) => tracing::warn!(%error, "calendars could not be looked at"),
    }
}

/// Does what the manager pressed and did not undo, wakes the bookings that are due, and says how many there were.
///
/// # Errors
/// When the database cannot be asked.
pub async fn wake_due(engine: &Engine) -> Result<usize, Error> {
    let pressed: Vec<BookingId> = engine.acts_due(BATCH).await?;
    for done in join_all(pressed.iter().map(|&id| engine.act_due(id))).await {
        done?;
    }
    let due: Vec<BookingId> = engine.due(BATCH).await?;
    for woken in join_all(due.iter().map(|&id| engine.wake(id))).await {
        woken?;
    }
    Ok(pressed.len() + due.len())
}

async fn send_messages(engine: &Engine, carriers: Arc<Carriers>, mut closing: watch::Receiver<bool>) {
    let mut under_way = JoinSet::new();
    while !*closing.borrow() {
        while under_way.try_join_next().is_some() {}
        let busy = i64::try_from(under_way.len()).unwrap_or(BATCH);
        match take_up(engine, &carriers, BATCH - busy).await {
            Ok(Taken::Messages(messages)) => {
                for message in messages {
                    let (engine, carriers) = (engine.clone(), Arc::clone(&carriers));
                    under_way.spawn(async move { deliver_and_log(&engine, &carriers, &message).await });
                }
            }
            Ok(Taken::NothingUntil(next)) => {
                let wait = engine.clock().wait_for(next, LONGEST_SLEEP);
                tokio::select! {
                    _ = timeout(wait, engine.outbox_changed()) => {}
                    Some(_) = under_way.join_next() => {}
                    _ = closing.changed() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "messages could not be sent");
                sleep(AFTER_ERROR).await;
            }
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// What there is to hand over.
enum Taken {
    Messages(Vec<Claimed>),
    /// Nothing before that moment, as far as is known.
    NothingUntil(Option<Timestamp>),
}

async fn take_up(engine: &Engine, carriers: &Carriers, most: i64) -> Result<Taken, Error> {
    let now = engine.clock().now();
    let next = engine.next_message_due().await?;
    if most == 0 || next.is_none_or(|next| next > now) {
        return Ok(Taken::NothingUntil(next.filter(|next| *next > now)));
    }
    settle_doubts(engine, carriers).await?;
    engine.recover_abandoned().await?;
    let room = match carriers.room(most, now) {
        Ok(room) => room,
        Err(until) => return Ok(Taken::NothingUntil(Some(until))),
    };
    let claimed = engine.claim(room).await?;
    if !claimed.is_empty() {
        return Ok(Taken::Messages(claimed));
    }
    // What is due all the same, another node has in hand.
    let next = engine.next_message_due().await?;
    Ok(Taken::NothingUntil(next.filter(|next| *next > now)))
}

async fn deliver_and_log(engine: &Engine, carriers: &Carriers, message: &Claimed) {
    if let Err(error) = deliver_one(engine, carriers, message).await {
        tracing::warn!(%error, message = message.id, "what became of a message could not be recorded");
    }
}

/// Hands over the messages that are due, and says how many there were.
///
/// # Errors
/// When the database cannot be asked.
pub async fn send_due(engine: &Engine, carriers: &Carriers) -> Result<usize, Error> {
    let Taken::Messages(claimed) = take_up(engine, carriers, BATCH).await? else { return Ok(0) };
    for delivered in join_all(claimed.iter().map(|message| deliver_one(engine, carriers, message))).await {
        delivered?;
    }
    Ok(claimed.len())
}

/// Hands one claimed message over and records what became of it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn deliver_one(engine: &Engine, carriers: &Carriers, message: &Claimed) -> Result<(), Error> {
    let handed = carriers.carry(message, engine.clock().now()).await;
    engine.handed(message, handed).await
}

/// Looks up the texts of which nobody knows whether the network has them (rule 8.4).
///
/// # Errors
/// When the database cannot be asked.
pub async fn settle_doubts(engine: &Engine, carriers: &Carriers) -> Result<(), Error> {
    let doubts = engine.doubts(BATCH).await?;
    let looks = join_all(doubts.iter().map(|doubt| carriers.look_up(doubt))).await;
    // One after the other: of two texts with the same words, each has its own record.
    for (doubt, records) in doubts.iter().zip(looks) {
        engine.looked_up(doubt, records).await?;
    }
    Ok(())
}

/// Reads the calendars that are to be read and writes sessions into those where they are to stand, a few at a time.
async fn follow_calendars(engine: &Engine, sources: Arc<Sources>) {
    let mut under_way = JoinSet::new();
    loop {
        while under_way.try_join_next().is_some() {}
        let room = CALENDARS - i64::try_from(under_way.len()).unwrap_or(CALENDARS);
        match take_up_calendars(engine, &sources, &mut under_way, room).await {
            Ok(0) => {
                let next = next_in_calendars(engine).await.ok().flatten();
                let wait = engine.clock().wait_for(next.filter(|_| room > 0), LONGEST_SLEEP);
                tokio::select! {
                    _ = timeout(wait, engine.calendars_due()) => {}
                    Some(_) = under_way.join_next() => {}
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "calendars could not be looked at");
                sleep(AFTER_ERROR).await;
            }
        }
    }
}

async fn next_in_calendars(engine: &Engine) -> Result<Option<Timestamp>, Error> {
    let (read, write) = (engine.next_calendar_due().await?, engine.next_entry_due().await?);
    Ok(read.into_iter().chain(write).min())
}

async fn take_up_calendars(
    engine: &Engine,
    sources: &Arc<Sources>,
    under_way: &mut JoinSet<()>,
    room: i64,
) -> Result<usize, Error> {
    if room <= 0 {
        return Ok(0);
    }
    let (calendars, entries) = (engine.claim_calendars(room).await?, engine.claim_entries(room).await?);
    let taken = calendars.len() + entries.len();
    for calendar in calendars {
        let (engine, sources) = (engine.clone(), Arc::clone(sources));
        under_way.spawn(async move { sources.refresh_and_log(&engine, &calendar).await });
    }
    for entry in entries {
        let (engine, sources) = (engine.clone(), Arc::clone(sources));
        under_way.spawn(async move {
            if let Err(error) = sources.write(&engine, &entry).await {
                tracing::warn!(%error, entry = entry.id, "what became of a calendar's entry could not be recorded");
            }
        });
    }
    Ok(taken)
}

/// Reads what is to be read and writes what is to be written in calendars, and says how much there was.
///
/// # Errors
/// When the database cannot be asked.
pub async fn calendars_due(engine: &Engine, sources: &Sources) -> Result<usize, Error> {
    let (calendars, entries) = (engine.claim_calendars(BATCH).await?, engine.claim_entries(BATCH).await?);
    for read in join_all(calendars.iter().map(|calendar| sources.refresh(engine, calendar))).await {
        read?;
    }
    for written in join_all(entries.iter().map(|entry| sources.write(engine, entry))).await {
        written?;
    }
    Ok(calendars.len() + entries.len())
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
        if let Err(error) = engine.take_left_pieces().await {
            tracing::warn!(%error, "texts that came in pieces could not be looked at");
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
    engine.forget_what_is_old().await?;
    Ok(overdue)
}
