//! The world of a story: a database, a process that works on it and can end at any commit, a network, people, and the
//! clock that all of them go by.
//!
//! Time passes from one thing that is due to the next, as it does for the program. After each of them `checks` looks at
//! everything that must never happen, and `agreement` at what the second reading of the rules expects.

use crate::agreement::Agreement;
use crate::checks::Checks;
use crate::network::Network;
use crate::probes;
use crate::story::Story;
use crate::studio;
use firstcall::clock::Clock;
use firstcall::engine::{Claimed, Engine};
use firstcall::settings::Settings;
use firstcall::worker;
use firstcall_connect::{Handed, Report};
use firstcall_core::booking::{Booking, Delivery, State};
use firstcall_core::ids::{BookingId, OfferNo};
use firstcall_store::testing::Crash;
use firstcall_store::{Backend, Error, Store, Tx, bookings, messages};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// Why a story failed.
#[derive(Clone, Debug)]
pub struct Failure(pub String);

/// What everything here returns.
pub type Checked<T> = Result<T, Failure>;

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

/// How often the auditor looks, and when for the first time after a start; as in the program's worker.
const AUDIT_EVERY: SignedDuration = SignedDuration::from_mins(15);
const FIRST_AUDIT: SignedDuration = SignedDuration::from_secs(61);

/// What became of something that the process was asked to do.
#[derive(Clone, Debug)]
pub enum Did<T> {
    /// It said so.
    Said(T),
    /// It ended in the middle, after this many commits.
    Ended(u64),
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
    /// When it will end.
    pub crash: Crash,
    /// The network.
    pub network: Network,
    /// What must never happen.
    pub checks: Checks,
    /// What the rules say should be there.
    pub agreement: Agreement,
    /// What happened, in lines.
    pub trace: String,
    /// Rare things that did happen.
    pub probes: BTreeMap<&'static str, u64>,
    /// The day on which the story began.
    pub day: usize,
    /// The mails that came.
    pub mailed: BTreeSet<u8>,
    settings: Arc<Settings>,
    next_audit: Timestamp,
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
        let agreement = Agreement::new(settings.policy(), studio::opening_hours(story.settings));
        let mut world = Self {
            seed: story.seed,
            store: database,
            engine,
            clock,
            crash,
            network: Network::default(),
            checks: Checks::default(),
            agreement,
            trace: String::new(),
            probes: BTreeMap::new(),
            day: story.day,
            mailed: BTreeSet::new(),
            settings,
            next_audit: studio::beginning(story.day),
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

    /// What the process made of something it was asked to do. If it ended meanwhile, another one takes over.
    ///
    /// # Errors
    /// When the process did not end, and failed all the same.
    pub async fn outcome<T>(&mut self, before: u64, result: Result<T, Error>) -> Checked<Did<T>> {
        match result {
            Ok(done) if !self.crash.has_ended() => Ok(Did::Said(done)),
            Err(error) if !self.crash.has_ended() => Err(Failure(format!("the engine failed: {error}"))),
            Ok(_) | Err(_) => {
                let commits = self.crash.commits() - before;
                self.note(&format!("the process ended after {commits} commits"));
                self.probe(if commits == 0 { "ended before its first commit" } else { "ended between commits" });
                self.start_again().await?;
                Ok(Did::Ended(commits))
            }
        }
    }

    /// Another process takes over.
    async fn start_again(&mut self) -> Checked<()> {
        if self.store.backend() == Backend::Postgres {
            // What is young may be another node's: it is left alone for a minute.
            self.agreement.gives_up();
        }
        self.next_audit = self.now().saturating_add(FIRST_AUDIT).unwrap_or(Timestamp::MAX);
        self.crash = Crash::default();
        let store = self.store.crashing(self.crash.clone());
        self.engine = Engine::new(store, self.clock.clone(), Arc::clone(&self.settings));
        self.engine.take_up().await?;
        Ok(())
    }

    /// The process ends and is started again with other settings.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restarts_with(&mut self, variant: usize) -> Checked<()> {
        self.probe("other rules");
        self.settings = studio::settings(variant);
        self.agreement.rules_change(self.settings.policy(), studio::opening_hours(variant), self.clock.now());
        self.crash.now();
        self.start_again().await
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
        self.clock.set(end);
        self.settle().await
    }

    /// Nothing runs for a while.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub async fn is_down(&mut self, minutes: i64) -> Checked<()> {
        self.probe("nothing ran for a while");
        self.crash.now();
        self.clock.set(self.now().saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX));
        self.start_again().await?;
        self.settle().await
    }

    /// Nothing goes wrong any more.
    pub fn calms_down(&mut self) {
        self.network.calm = true;
        self.crash.spare();
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
        Ok(due.into_iter().chain(self.network.next_report()).min())
    }

    /// Does everything that is due, as the loops of the worker would, and looks at what has become of it.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub async fn settle(&mut self) -> Checked<()> {
        for round in 0.. {
            let busy =
                self.wake_due().await? | self.send_due().await? | self.take_reports().await? | self.audits().await?;
            self.look(busy).await?;
            if !busy {
                break;
            }
            if round > 200 {
                return Err(Failure("it never comes to rest".to_owned()));
            }
        }
        self.checks.nothing_is_overdue(&self.store, self.now()).await
    }

    async fn wake_due(&mut self) -> Checked<bool> {
        let mut any = false;
        let mut rounds = 0;
        while self.wake_some().await? {
            any = true;
            rounds += 1;
            if rounds > 200 {
                return Err(Failure(format!("4.4: woken in vain: {:?}", self.bookings().await?)));
            }
        }
        self.agreement.wakes(self.clock.now());
        Ok(any)
    }

    /// False when nothing is due.
    async fn wake_some(&mut self) -> Checked<bool> {
        let before = self.crash.commits();
        let due = self.engine.due(64).await;
        let Did::Said(due) = self.outcome(before, due).await? else { return Ok(true) };
        for id in &due {
            let before = self.crash.commits();
            let woken = self.engine.wake(*id).await;
            if let Did::Ended(_) = self.outcome(before, woken).await? {
                return Ok(true);
            }
        }
        Ok(!due.is_empty())
    }

    async fn send_due(&mut self) -> Checked<bool> {
        let known = self.deliveries().await?;
        let before = self.crash.commits();
        let recovered = self.engine.recover_abandoned().await;
        let _ = self.outcome(before, recovered).await?;
        let settled = self.settle_doubts().await?;
        let before = self.crash.commits();
        let claimed = self.engine.claim(64).await;
        let claimed = self.outcome(before, claimed).await?;
        let moved = self.note_deliveries(&known).await?;
        let Did::Said(claimed) = claimed else { return Ok(true) };
        for message in &claimed {
            if !self.hand_over(message).await? {
                return Ok(true);
            }
        }
        Ok(moved || settled || !claimed.is_empty())
    }

    /// Looks up the texts of which nobody knows whether the network has them.
    async fn settle_doubts(&mut self) -> Checked<bool> {
        let doubts = self.engine.doubts(64).await?;
        for doubt in &doubts {
            let records = self.network.look_up(doubt, self.seed);
            self.note(&format!("text {} is looked up: {records:?}", doubt.id));
            self.probe(if records.is_ok() { "a doubt looked up" } else { "records that could not be read" });
            let before = self.crash.commits();
            let looked = self.engine.looked_up(doubt, records).await;
            if let Did::Ended(_) = self.outcome(before, looked).await? {
                break;
            }
        }
        Ok(!doubts.is_empty())
    }

    /// One text. False when the process ended over it.
    async fn hand_over(&mut self, message: &Claimed) -> Checked<bool> {
        let now = self.now();
        let fate = self.network.decide(message, self.seed, now);
        if fate.takes {
            self.note(&format!("text {} to {} is taken", message.id, message.to));
            self.checks.takes(&self.store, &self.network, message, self.engine.policy(), now).await?;
            let id = message.id;
            let text = self.store.read(async move |tx: &mut Tx| messages::get(tx, id).await).await?;
            if text.is_some_and(|text| text.resent) {
                self.probe("a text handed over a second time");
            }
            self.network.takes(message, now);
        }
        if let Some(report) = fate.early {
            self.probe("a report before its text was recorded");
            self.is_reported(message.id, report).await?;
        }
        let Some(handed) = fate.says else {
            self.note(&format!("the process ends over text {}", message.id));
            self.probe("ended while handing over");
            self.crash.now();
            self.start_again().await?;
            return Ok(false);
        };
        if matches!(handed, Handed::Later(..)) {
            self.probe("a text that had to wait for the network");
        }
        if !matches!(handed, Handed::Taken(_)) {
            self.note(&format!("text {}: {handed:?}", message.id));
        }
        let known = self.deliveries().await?;
        let before = self.crash.commits();
        let recorded = self.engine.handed(message, handed.clone()).await;
        let recorded = self.outcome(before, recorded).await?;
        self.note_deliveries(&known).await?;
        if matches!(recorded, Did::Said(())) {
            self.checks.was_recorded(&self.store, message.id, &handed).await?;
        }
        Ok(matches!(recorded, Did::Said(())))
    }

    async fn take_reports(&mut self) -> Checked<bool> {
        let mut any = false;
        while let Some((id, report)) = self.network.report(self.now()) {
            any = true;
            self.is_reported(id, report).await?;
        }
        Ok(any)
    }

    /// The auditor looks every 15 minutes, and finds nothing.
    async fn audits(&mut self) -> Checked<bool> {
        let now = self.now();
        if now < self.next_audit && self.next_audit.duration_since(now) <= AUDIT_EVERY {
            return Ok(false);
        }
        self.next_audit = now.saturating_add(AUDIT_EVERY).unwrap_or(Timestamp::MAX);
        let before = self.crash.commits();
        let audited = worker::audit(&self.engine).await;
        match self.outcome(before, audited).await? {
            Did::Said(overdue) if overdue > 0 => Err(Failure(format!("4.4: the auditor finds {overdue} overdue"))),
            // It always writes once: what is old is forgotten.
            Did::Said(_) => Ok(self.crash.commits() > before + 1),
            Did::Ended(_) => Ok(true),
        }
    }

    async fn is_reported(&mut self, id: i64, report: Report) -> Checked<()> {
        self.note(&format!("text {id} is reported: {report:?}"));
        let known = self.deliveries().await?;
        let before = self.crash.commits();
        let taken = self.engine.reported(id, None, report.clone()).await;
        if let Did::Ended(_) = self.outcome(before, taken).await? {
            let now = self.now();
            self.network.report_again(id, report, now);
        }
        self.note_deliveries(&known).await.map(drop)
    }

    /// Every booking there is.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn bookings(&self) -> Checked<Vec<Booking>> {
        let all = async |tx: &mut Tx| {
            let mut all = Vec::new();
            for shown in bookings::list(tx, i64::MAX, None, 1000).await? {
                all.push(shown.booking);
            }
            Ok::<_, Error>(all)
        };
        let mut all = self.store.read(all).await?;
        all.reverse();
        Ok(all)
    }

    async fn deliveries(&self) -> Checked<BTreeMap<(BookingId, OfferNo), Delivery>> {
        let all = self.bookings().await?;
        let offers = all.iter().flat_map(|b| b.offers.iter().map(|offer| ((b.id, offer.no), offer.delivery)));
        Ok(offers.collect())
    }

    /// How far texts have come is the network's doing, not the rules': the second reading is told of it.
    async fn note_deliveries(&mut self, known: &BTreeMap<(BookingId, OfferNo), Delivery>) -> Checked<bool> {
        let now = self.now();
        let mut any = false;
        for (key, delivery) in self.deliveries().await? {
            let Some(before) = known.get(&key).filter(|before| **before != delivery) else { continue };
            any = true;
            if let Some(report) = reported(*before, delivery, now) {
                self.agreement.delivered(key.0, key.1, report, now);
            }
        }
        Ok(any)
    }

    /// While something is under way the second reading may be ahead.
    async fn look(&mut self, busy: bool) -> Checked<()> {
        let all = self.bookings().await?;
        for what in all.iter().flat_map(probes::of) {
            self.probe(what);
        }
        self.checks.look(&self.store, &all, &self.network, self.engine.policy(), self.clock.now()).await?;
        if busy { Ok(()) } else { self.agreement.look(&self.store, &all, self.engine.policy(), self.clock.now()).await }
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
