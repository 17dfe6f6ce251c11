//! The engine: the only code that changes a booking. Load, step, save and write down what must be done about it, in one
//! transaction; then ring for those who do it.
//!
//! `accounts` says who may sign in to the desk, and `sessions` who has. `joining` lets people ask to be on the list, and
//! `own_page` is what they do on their own page; `clients` is what clients do by themselves. `intake` makes bookings, `lessons`
//! is what the manager teaches it, `answers` takes YES and NO by link and `replies` by text, `manage` the manager's acts.
//! `outbox` says which texts may leave, `pending` lets the manager undo for a while, `delivery` what became of them, and
//! `doubt` settles what nobody knows. All of them end in
//! `Engine::turn`. `effects` turns what a step decided into rows. Nothing here waits for anything
//! but the database: what talks to the world is in `worker`.

mod accounts;
mod answers;
mod calendars;
mod call_lists;
mod clients;
mod conversations;
mod delivery;
mod doubt;
mod effects;
mod entries;
mod facts;
mod imports;
mod intake;
mod joining;
mod lessons;
mod manage;
mod outbox;
mod own_page;
mod pending;
mod policy;
mod preview;
mod replies;
mod roster;
mod sessions;
pub mod settings;
mod why;

pub use accounts::{
    AccountError, AccountForm, Field, LINK_VALID, Ticket, desk_cookie, fingerprint_of_cookie, key_fingerprint,
};
pub use answers::{Answered, Press};
pub use calendars::{CalendarError, Connection, can_be_written};
pub use call_lists::{Moved, Step, order_mark};
pub use clients::{ByForm, OfClient};
pub use conversations::{MOST_SEGMENTS, Reach, Writing, Written};
pub use doubt::{Doubt, Settled};
pub use entries::{Entered, ToWrite};
pub use imports::Import;
pub use intake::{ReadMail, Receipt, Received, draft, stored_reading};
pub use joining::{Asked, Asking, Confirmed};
pub use lessons::LessonError;
pub use manage::NewBooking;
pub use outbox::{Claimed, Mark};
pub use own_page::{Forgotten, OwnPage};
pub use pending::{Granted, Wanted};
pub use preview::{Choice, Foreseen, Player};
pub use replies::TextReply;
pub use roster::{MusicianChange, RosterError};
pub use sessions::{Entered as SignInStep, LONGEST as LONGEST_SESSION, Origin, SignedIn, has_ended};
pub use why::{Availability, Reason, ReasonKind};

use crate::clock::Clock;
use crate::passwords::Passwords;
use crate::seal::Seal;
use crate::settings::Settings;
use facts::RosterCache;
use firstcall_core::booking::{Booking, Deadline, DeadlineReason, Delivery};
use firstcall_core::ids::{BookingId, MusicianId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::policy::Policy;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::step::{By, Effect, Event, Outcome, Outside, Stepped, step};
use firstcall_store::bookings::{self, Kept};
use firstcall_store::{Backend, Changed, Error, Store, Tx, finding, journal};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::{Notify, watch};

/// The engine. Clones are the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    settings: Arc<Settings>,
    policy: Policy,
    roster: RosterCache,
    seal: Arc<Seal>,
    passwords: Passwords,
    /// Whether anybody has an account, once it is known.
    has_accounts: AtomicBool,
    bells: Bells,
}

/// Who is told that there is something to do. Losing a ring delays, it does not lose: everybody also looks by themselves.
struct Bells {
    due: Notify,
    outbox: Notify,
    calendars: Notify,
    journal: watch::Sender<u64>,
    settings: Notify,
}

/// What a booking is changed by.
#[derive(Clone, Debug)]
enum Cause {
    Created,
    Woken,
    Answered(OfferNo, bool, By),
    StandsBy(OfferNo),
    DropsOut(OfferNo),
    Delivered(OfferNo, Delivery),
    AskedNoMore(MusicianId, MusicianStanding),
    Managed(Act),
}

/// What a turn did.
#[derive(Clone, Debug)]
struct Turned {
    booking: Booking,
    outcome: Outcome,
    /// When it wanted to be woken before.
    deadline_before: Option<Deadline>,
    /// When it wants to be woken.
    deadline: Option<Deadline>,
    /// The bookings that want to be woken at once.
    poked: Changed,
    /// Something else in the same transaction may have poked some too.
    more: bool,
    /// There may be something to send.
    messages: bool,
    /// There may be something to write into calendars.
    entries: bool,
}

impl Engine {
    /// An engine on a database.
    #[must_use]
    pub fn new(store: Store, clock: Clock, settings: Arc<Settings>) -> Self {
        let policy = settings.policy();
        let bells = Bells {
            due: Notify::new(),
            outbox: Notify::new(),
            calendars: Notify::new(),
            journal: watch::Sender::new(0),
            settings: Notify::new(),
        };
        let seal = Arc::new(Seal::new(&settings));
        Self(Arc::new(Inner {
            store,
            clock,
            settings,
            policy,
            roster: RosterCache::default(),
            seal,
            passwords: Passwords::default(),
            has_accounts: AtomicBool::new(false),
            bells,
        }))
    }

    /// The database, for reading.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The clock that everything goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The settings, as the rules read them.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Returns when a deadline may have changed.
    pub async fn due_changed(&self) {
        self.0.bells.due.notified().await;
    }

    /// Returns when a message may have been written.
    pub async fn outbox_changed(&self) {
        self.0.bells.outbox.notified().await;
    }

    /// Returns when calendars are to be read, or sessions to be written into them.
    pub async fn calendars_due(&self) {
        self.0.bells.calendars.notified().await;
    }

    /// What seals the ways into calendars.
    #[must_use]
    pub fn seal(&self) -> Arc<Seal> {
        Arc::clone(&self.0.seal)
    }

    /// Where passwords are worked out.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    fn ring_for_calendars(&self) {
        self.0.bells.calendars.notify_one();
    }

    /// Sees a new number whenever something was written into the log by this process.
    #[must_use]
    pub fn journal(&self) -> watch::Receiver<u64> {
        self.0.bells.journal.subscribe()
    }

    /// Rings for everybody: something was written, or the clock was set.
    pub fn ring(&self) {
        self.0.bells.due.notify_one();
        self.0.bells.outbox.notify_one();
        self.0.bells.calendars.notify_one();
        self.0.bells.journal.send_modify(|number| *number = number.wrapping_add(1));
    }

    /// Takes up what a process left that ended in the middle: to be called before this one begins to work. Deadlines that
    /// were derived under other rules are derived anew.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn take_up(&self) -> Result<(), Error> {
        let alone = self.0.store.backend() == Backend::Sqlite;
        // Beside other nodes, what is young may be theirs.
        let left_for = if alone { SignedDuration::ZERO } else { SignedDuration::from_secs(60) };
        self.read_left_mails(left_for).await?;
        self.read_left_texts(left_for).await?;
        if alone {
            self.release_claims().await?;
        }
        self.follow_rules().await
    }

    /// Derives deadlines anew that were derived under other rules.
    async fn follow_rules(&self) -> Result<(), Error> {
        let (rules, now) = (format!("{:?}", self.0.policy), self.0.clock.now());
        let derive_anew = async move |tx: &mut Tx| bookings::follow_rules(tx, &rules, now).await;
        self.0.store.write(derive_anew).await?;
        self.make_found().await
    }

    /// Writes down by what bookings are found that were made before that was written down.
    async fn make_found(&self) -> Result<(), Error> {
        let mut last = 0;
        loop {
            let zone = self.0.policy.zone.clone();
            let op = async move |tx: &mut Tx| {
                let ids = finding::unfound(tx, last, 500).await?;
                for &id in &ids {
                    if let Some(booking) = bookings::get(tx, id).await? {
                        finding::keep(tx, &booking, &zone).await?;
                    }
                }
                Ok::<_, Error>(ids.last().map(|id| id.0))
            };
            match self.0.store.write(op).await? {
                Some(id) => last = id,
                None => return Ok(()),
            }
        }
    }

    /// Wakes a booking: everything that is due for it now is done. No booking, nothing done.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn wake(&self, id: BookingId) -> Result<(), Error> {
        self.commit(id, Cause::Woken, "clock").await.map(drop)
    }

    /// The bookings that must be woken now.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn due(&self, limit: i64) -> Result<Vec<BookingId>, Error> {
        let now = self.0.clock.now();
        self.0.store.read(async move |tx| bookings::due(tx, now, limit).await).await
    }

    /// When the next booking must be woken, or the next act of the manager's is due.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn next_booking_due(&self) -> Result<Option<Timestamp>, Error> {
        self.0.store.read(async |tx| bookings::next_due(tx).await).await
    }

    /// Tells the manager that something is late (rule 4.4), once an hour at the most.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn tell_overdue(&self, overdue: i64) -> Result<(), Error> {
        let now = self.0.clock.now();
        let body = format!("First Call: {overdue} deadlines or texts are late. Run `firstcall doctor` on the server.");
        let key = format!("overdue:{}", now.as_second() / 3600);
        let engine = self.clone();
        let tell = async move |tx: &mut Tx| engine.tell_manager(tx, None, Some(&key), body.clone(), now).await;
        self.0.store.write(tell).await?;
        self.ring();
        Ok(())
    }

    /// Forgets what was answered under idempotency keys a day ago, who asked to join and gave no code by then, links that
    /// ended, and what was recorded a year ago.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn forget_what_is_old(&self) -> Result<(), Error> {
        let now = self.0.clock.now();
        let before = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        let forget = async move |tx: &mut Tx| {
            journal::forget_keys(tx, before).await?;
            joining::forget(tx, now).await?;
            accounts::forget(tx, now).await
        };
        self.0.store.write(forget).await
    }

    /// One turn of a booking in a transaction of its own, and everything that has to follow at once.
    async fn change(&self, id: BookingId, cause: Cause, actor: &str) -> Result<Option<Turned>, Error> {
        match self.commit(id, cause, actor).await? {
            Some(turned) => self.follow(turned).await.map(Some),
            None => Ok(None),
        }
    }

    /// What has to follow a turn at once: the booking's own next call, and the other bookings that it concerns.
    async fn follow(&self, mut turned: Turned) -> Result<Turned, Error> {
        let mut poked = turned.poked.any() || turned.more;
        if turned.deadline.is_some_and(|deadline| deadline.reason == DeadlineReason::AtOnce)
            && let Some(woken) = self.commit(turned.booking.id, Cause::Woken, "clock").await?
        {
            turned.booking = woken.booking;
            poked |= woken.poked.any();
        }
        if poked {
            self.wake_poked().await?;
        }
        Ok(turned)
    }

    async fn wake_poked(&self) -> Result<(), Error> {
        let poked = self.0.store.read(async |tx| bookings::poked(tx, 100).await).await?;
        for id in poked {
            self.wake(id).await?;
        }
        Ok(())
    }

    async fn commit(&self, id: BookingId, cause: Cause, actor: &str) -> Result<Option<Turned>, Error> {
        let (engine, actor) = (self.clone(), actor.to_owned());
        let op = async move |tx: &mut Tx| engine.turn(tx, id, cause.clone(), &actor).await;
        let turned = self.write_again_if_beaten(op).await?;
        if let Some(turned) = &turned {
            self.ring_for(turned);
        }
        Ok(turned)
    }

    /// Rings for those whom a turn concerns. An answer that changes no deadline and sends nothing wakes nobody but the
    /// desks that are watching.
    fn ring_for(&self, turned: &Turned) {
        let bells = &self.0.bells;
        if turned.deadline != turned.deadline_before || turned.poked.any() || turned.more {
            bells.due.notify_one();
        }
        if turned.messages {
            bells.outbox.notify_one();
        }
        if turned.entries {
            bells.calendars.notify_one();
        }
        bells.journal.send_modify(|number| *number = number.wrapping_add(1));
    }

    /// Runs an operation, and again when another transaction was first to take a chair, a musician's time, the studio
    /// or a mail's key: then it sees what the other one wrote, and decides anew.
    async fn write_again_if_beaten<T, F>(&self, op: F) -> Result<T, Error>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, Error> + Clone + Send + 'static,
        T: Send + 'static,
    {
        const BEATEN: [&str; 5] =
            ["holds_overlap", "holds_one_per_chair", "sessions_overlap", "mails_first", "bookings_one_per_mail"];
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.0.store.write(op.clone()).await {
                Err(error) if attempt < 5 && error.constraint().is_some_and(|name| BEATEN.contains(&name)) => {}
                outcome => return outcome,
            }
        }
    }

    /// Load, step, save, and write down what must be done about it.
    async fn turn(&self, tx: &mut Tx, id: BookingId, cause: Cause, actor: &str) -> Result<Option<Turned>, Error> {
        let Some(kept) = bookings::lock(tx, id).await? else { return Ok(None) };
        let now = self.0.clock.now();
        self.step_and_save(tx, kept, cause, actor, now).await.map(Some)
    }

    async fn step_and_save(
        &self,
        tx: &mut Tx,
        kept: Kept,
        cause: Cause,
        actor: &str,
        now: Timestamp,
    ) -> Result<Turned, Error> {
        let (policy, before) = (&self.0.policy, &kept.booking);
        let (woken, created) = (matches!(cause, Cause::Woken), matches!(cause, Cause::Created));
        let stepped = self.stepped(tx, before, cause, now).await?;
        let (booking, outcome) = (stepped.booking, stepped.outcome);
        let deadline = booking.next_deadline(now, policy);
        let mut poked = Changed::default();
        // A wake is saved also if it changed nothing: its deadline may count from now.
        if woken || booking != *before || !stepped.effects.is_empty() {
            poked = bookings::save(tx, &kept, &booking, deadline, now, policy.travel_gap).await?;
            if created || booking.times != before.times || booking.options.len() != before.options.len() {
                finding::keep(tx, &booking, &policy.zone).await?;
            }
            self.write_effects(tx, &booking, &stepped.effects, actor, now).await?;
            self.follow_in_calendars(tx, before, &booking, now).await?;
        }
        if woken {
            bookings::clear_pokes(tx, booking.id).await?;
        }
        let deadline_before = before.next_deadline(now, policy);
        let queued =
            |booking: &Booking| booking.offers.iter().filter(|o| matches!(o.delivery, Delivery::Queued(_))).count();
        let messages = queued(&booking) != queued(before) || !stepped.effects.iter().all(is_record);
        let entries = booking.in_calendars() != before.in_calendars();
        Ok(Turned { booking, outcome, deadline_before, deadline, poked, more: false, messages, entries })
    }

    /// What an event would make of a booking, which is not saved.
    async fn stepped(&self, tx: &mut Tx, before: &Booking, cause: Cause, now: Timestamp) -> Result<Stepped, Error> {
        let policy = &self.0.policy;
        Ok(match cause {
            Cause::Answered(offer, yes, by) => {
                let outside = self.outside(tx, before, offer, yes).await?;
                step(before.clone(), Event::Answered { offer, yes, by, outside }, now, policy)
            }
            Cause::StandsBy(offer) => {
                let outside = self.outside(tx, before, offer, true).await?;
                step(before.clone(), Event::StandsBy { offer, outside }, now, policy)
            }
            Cause::DropsOut(offer) => step(before.clone(), Event::DropsOut(offer), now, policy),
            Cause::Delivered(offer, delivery) => {
                step(before.clone(), Event::Delivered { offer, delivery }, now, policy)
            }
            Cause::AskedNoMore(musician, standing) => {
                step(before.clone(), Event::AskedNoMore(musician, standing), now, policy)
            }
            Cause::Created => {
                let known = self.known(tx, before, &[]).await?;
                step(before.clone(), Event::Created(known.facts()), now, policy)
            }
            Cause::Woken => {
                let known = self.known(tx, before, &[]).await?;
                step(before.clone(), Event::Woken(known.facts()), now, policy)
            }
            Cause::Managed(act) => {
                let known = self.known(tx, before, act.times()).await?;
                step(before.clone(), Event::Managed(act, known.facts()), now, policy)
            }
        })
    }

    /// What other bookings have to do with an answer. A NO is never in anybody's way.
    async fn outside(&self, tx: &mut Tx, booking: &Booking, offer: OfferNo, yes: bool) -> Result<Outside, Error> {
        let asked = booking.offer(offer).filter(|_| yes);
        let Some((offer, time)) = asked.and_then(|o| Some((o, booking.option(o.option)?.time))) else {
            return Ok(Outside::default());
        };
        bookings::outside(tx, offer.musician, booking.id, time, self.0.policy.travel_gap).await
    }
}

/// Whether an effect only records something.
fn is_record(effect: &Effect) -> bool {
    match effect {
        Effect::Log(_) | Effect::Booked(_) => true,
        Effect::Ask(_) | Effect::Tell(..) | Effect::TellManager(_) | Effect::TellClient(_) => false,
    }
}
