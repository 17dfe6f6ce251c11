//! The world of a story: a database, a process that works on it (`process`), a network, people, and the clock that all of
//! them go by.
//!
//! Time passes from one thing that is due to the next, as it does for the program. After each of them (`loops`) `checks`
//! looks at everything that must never happen, and `agreement` at what the second reading of the rules expects.

use crate::agreement;
use crate::checks::Checks;
use crate::meanwhile::Meanwhile;
use crate::model::Model;
use crate::musicians::Pieces;
use crate::network::Network;
use crate::probes;
use crate::process::Down;
use crate::story::Story;
use crate::studio;
use firstcall::clock::Clock;
use firstcall::engine::Engine;
use firstcall::settings::Settings;
use firstcall_core::booking::{Booking, Delivery, State};
use firstcall_core::ids::{BookingId, OfferNo};
use firstcall_core::roster::Roster;
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::testing::Crash;
use firstcall_store::{Error, Store, Tx, bookings, roster};
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

/// Why a story failed.
#[derive(Clone, Debug)]
pub struct Failure(pub String);

/// What everything here returns.
pub type Checked<T> = Result<T, Failure>;

/// How far the text of every offer has come.
pub(crate) type Deliveries = BTreeMap<(BookingId, OfferNo), Delivery>;

impl Failure {
    /// What kind of failure it is: its first words, without what differs from story to story.
    #[must_use]
    pub fn kind(&self) -> String {
        let first = self.0.lines().next().unwrap_or_default();
        first.chars().filter(|c| !c.is_ascii_digit()).take(60).collect()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(format!("the database: {error}"))
    }
}

/// The world of a story.
pub struct World {
    /// The story's seed.
    pub seed: u64,
    /// The database, as nobody but the simulator sees it.
    pub store: Store,
    /// The process at work.
    pub engine: Engine,
    /// Its clock.
    pub clock: Clock,
    /// When it will end, or stand still.
    pub crash: Crash,
    /// How many minutes pass between its end and another one's start.
    pub away: i64,
    /// What happens while the next thing that it is asked stands between two commits.
    pub meanwhile: Option<Meanwhile>,
    /// What has ended, until another one takes over.
    pub down: Option<Down>,
    /// The network.
    pub network: Network,
    /// What must never happen.
    pub checks: Checks,
    /// What the rules say should be there.
    pub model: Model,
    /// What happened, in lines.
    pub trace: String,
    /// Rare things that did happen.
    pub probes: BTreeMap<&'static str, u64>,
    /// The day on which the story began.
    pub day: usize,
    /// The mails that came.
    pub mailed: BTreeSet<u8>,
    /// The settings that it runs with.
    pub settings: Arc<Settings>,
    /// A long text of which a piece is missing.
    pub pieces: Option<Pieces>,
    /// When the auditor looks next.
    pub next_audit: Timestamp,
    /// What the database held after this many commits of the process.
    pub seen: RefCell<Option<(u64, Rc<Seen>)>>,
}

impl World {
    /// A fresh studio.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub async fn open(story: &Story, database: Store) -> Checked<Self> {
        let settings = studio::settings(story.settings);
        let clock = Clock::starting_at(studio::beginning(story.day), 0);
        let crash = Crash::default();
        let engine = Engine::new(database.crashing(crash.clone()), clock.clone(), Arc::clone(&settings));
        engine.take_up().await?;
        let mut model = Model::new(settings.policy());
        model.set_opening_hours(studio::opening_hours(story.settings));
        let mut world = Self {
            seed: story.seed,
            store: database,
            engine,
            clock,
            crash,
            away: 0,
            meanwhile: None,
            down: None,
            network: Network::default(),
            checks: Checks::default(),
            model,
            trace: String::new(),
            probes: BTreeMap::new(),
            day: story.day,
            mailed: BTreeSet::new(),
            settings,
            pieces: None,
            next_audit: studio::beginning(story.day),
            seen: RefCell::default(),
        };
        for musician in studio::people() {
            world.joins(musician).await?;
        }
        Ok(world)
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Writes a line into the trace.
    pub fn note(&mut self, line: &str) {
        let now = self.now();
        let _ = writeln!(self.trace, "{now} {line}");
    }

    /// Something rare happened.
    pub fn probe(&mut self, what: &'static str) {
        *self.probes.entry(what).or_default() += 1;
    }

    /// Lets time pass: whatever is due on the way happens at its moment.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub async fn pass(&mut self, minutes: i64) -> Checked<()> {
        let end = self.now().saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX);
        let zone = &self.engine.policy().zone;
        if zone.to_offset(self.now()) != zone.to_offset(end) {
            self.probe("a clock change passed");
        }
        self.settle().await?;
        let mut steps = 0;
        while let Some(next) = self.next_event().await?.filter(|next| *next <= end) {
            let only_the_auditor = next == self.next_audit && self.next_due().await?.is_none_or(|due| due > next);
            self.clock.set(next.max(self.now()));
            if !only_the_auditor || self.audits().await? {
                self.settle().await?;
            }
            steps += 1;
            if steps > 5000 {
                return Err(Failure(format!("4.4: something is always due: {next} at {}", self.now())));
            }
        }
        // It may have been away for longer.
        self.clock.set(end.max(self.now()));
        self.settle().await
    }

    /// Nothing goes wrong any more.
    pub fn calms_down(&mut self) {
        self.network.calm = true;
        self.crash.spare();
        self.meanwhile = None;
        self.away = 0;
    }

    /// How many hours bookings have been there, together.
    pub async fn booking_hours(&self) -> i64 {
        let all = self.bookings().await.unwrap_or_default();
        all.iter().map(|booking| self.now().duration_since(booking.created_at).as_hours().max(0)).sum()
    }

    /// Once all times have passed, every booking has ended, or waits for the manager.
    ///
    /// # Errors
    /// When one has not.
    pub async fn has_ended(&self) -> Checked<()> {
        for booking in self.bookings().await? {
            let ended = match &booking.state {
                State::Booked { refill, .. } => refill.is_none(),
                State::Expired | State::Cancelled => true,
                // Nothing leaves until the manager says so, who is asked every day.
                State::Paused { .. } => booking.next_deadline(self.now(), self.engine.policy()).is_some(),
                // The manager took all of its times away, and knows.
                State::NoTimes => booking.times.is_empty(),
                State::Calling { .. } | State::Exhausted { .. } => false,
            };
            if !ended {
                return Err(Failure(format!("8.7: it never ends: {booking:?}")));
            }
        }
        Ok(())
    }

    async fn next_event(&self) -> Checked<Option<Timestamp>> {
        Ok(self.next_due().await?.into_iter().chain([self.next_audit]).min())
    }

    async fn next_due(&self) -> Checked<Option<Timestamp>> {
        let find = async |tx: &mut Tx| {
            let booking = bookings::next_due(tx).await?;
            Ok::<_, Error>(booking.into_iter().chain(messages::next_due(tx).await?).min())
        };
        let due = self.store.read(find).await?;
        let pieces = self.pieces.as_ref().map(|pieces| pieces.due);
        Ok(due.into_iter().chain(self.network.next_report()).chain(pieces).min())
    }

    /// What the database holds. It is read again when the process has written something since.
    pub(crate) async fn seen(&self) -> Checked<Rc<Seen>> {
        let commits = self.crash.commits();
        let known = self.seen.borrow().as_ref().filter(|(at, _)| *at == commits).map(|(_, seen)| Rc::clone(seen));
        if let Some(seen) = known {
            return Ok(seen);
        }
        let seen = Rc::new(Seen::read(&self.store).await?);
        *self.seen.borrow_mut() = Some((commits, Rc::clone(&seen)));
        Ok(seen)
    }

    /// Every booking there is.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn bookings(&self) -> Checked<Vec<Booking>> {
        Ok(self.seen().await?.bookings.iter().map(|(booking, _)| booking.clone()).collect())
    }

    /// How far every offer's text has come.
    pub(crate) async fn deliveries(&self) -> Checked<Deliveries> {
        let seen = self.seen().await?;
        let offers =
            seen.bookings.iter().flat_map(|(b, _)| b.offers.iter().map(|offer| ((b.id, offer.no), offer.delivery)));
        Ok(offers.collect())
    }

    /// How far texts have come is the network's doing, not the rules': the second reading is told of it. True when any has
    /// come further than was `known`.
    pub(crate) async fn note_deliveries(&mut self, known: &mut Deliveries) -> Checked<bool> {
        let (now, mut any) = (self.now(), false);
        let before = std::mem::replace(known, self.deliveries().await?);
        for (key, delivery) in known.iter() {
            let Some(before) = before.get(key).filter(|before| *before != delivery) else { continue };
            any = true;
            if let Some(report) = reported(*before, *delivery, now) {
                self.model.delivered(key.0, key.1, report, now);
            }
        }
        if any && self.model.is_cut_off() {
            self.finds_what_is_left().await?;
        }
        Ok(any)
    }

    /// While something is under way the second reading may be ahead.
    pub(crate) async fn look(&mut self, busy: bool) -> Checked<()> {
        let seen = self.seen().await?;
        for what in seen.bookings.iter().flat_map(|(booking, _)| probes::of(booking)) {
            self.probe(what);
        }
        let (policy, now) = (self.engine.policy(), self.clock.now());
        self.checks.look(&seen, &self.network, policy, now)?;
        if busy { Ok(()) } else { agreement::compare(&self.model, &seen, policy, now) }
    }
}

/// What the database holds at one moment.
pub struct Seen {
    /// Every booking, and when it will be woken.
    pub bookings: Vec<(Booking, Option<Timestamp>)>,
    /// Every message.
    pub texts: Vec<Message>,
    /// Everybody on the roster.
    pub people: Roster,
}

impl Seen {
    async fn read(store: &Store) -> Checked<Self> {
        let read = async |tx: &mut Tx| {
            let bookings = bookings::list(tx, i64::MAX, None, 1000).await?;
            let bookings = bookings.into_iter().rev().map(|shown| (shown.booking, shown.due_at)).collect();
            let texts = messages::list(tx, &Which::All, 0, 10_000).await?;
            Ok::<_, Error>(Self { bookings, texts, people: roster::load(tx).await? })
        };
        Ok(store.read(read).await?)
    }
}

/// What the network's doing was, if a text has come from `before` to `after`. What the rules themselves decide is not told
/// to the second reading: it has to come to that by itself.
fn reported(before: Delivery, after: Delivery, now: Timestamp) -> Option<Delivery> {
    match (before, after) {
        (_, Delivery::Sending | Delivery::Sent(_) | Delivery::Failed(_) | Delivery::InDoubt(_))
        | (Delivery::Sending | Delivery::Queued(_) | Delivery::InDoubt(_), Delivery::Queued(_)) => Some(after),
        // It was to leave later, and then the rules held it back.
        (Delivery::Sending | Delivery::InDoubt(_), Delivery::OnHold | Delivery::Void) => Some(Delivery::Queued(now)),
        (_, Delivery::Queued(_) | Delivery::OnHold | Delivery::Void) => None,
    }
}
