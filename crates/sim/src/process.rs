//! The process at work: it ends before or after any commit, is away for a while, and is followed by another one.

use crate::agreement::agree;
use crate::meanwhile::Meanwhile;
use crate::model::Deed;
use crate::musicians::Before;
use crate::studio;
use crate::world::{Checked, Failure, World};
use firstcall::engine::Engine;
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_core::step::Outcome;
use firstcall_store::testing::Crash;
use firstcall_store::{Error, Store, Tx, bookings, inbound};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::sync::Arc;

/// When the auditor looks for the first time after a start; as in the program's worker.
const FIRST_AUDIT: SignedDuration = SignedDuration::from_secs(61);

/// What became of something that the process was asked to do.
#[derive(Clone, Debug)]
pub enum Did<T> {
    /// It said so.
    Said(T),
    /// It ended in the middle, after this many commits.
    Ended(u64),
}

/// A process that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Down {
    /// When another one takes over.
    until: Timestamp,
}

/// A text that was kept and not answered.
#[derive(Clone, Debug)]
pub struct LeftText {
    id: i64,
    musician: MusicianId,
    words: String,
    /// How things stood before it is read.
    before: Before,
    /// What was said since counts more.
    superseded: bool,
}

impl World {
    /// What the process makes of something it is asked to do.
    ///
    /// # Errors
    /// When the process did not end, and failed all the same.
    pub async fn runs<T>(&mut self, asked: impl Future<Output = Result<T, Error>>) -> Checked<Did<T>> {
        let before = self.crash.commits();
        let done = asked.await;
        self.outcome(before, done).await
    }

    pub(crate) async fn outcome<T>(&mut self, before: u64, result: Result<T, Error>) -> Checked<Did<T>> {
        match result {
            Ok(done) if !self.crash.has_ended() => Ok(Did::Said(done)),
            Err(error) if !self.crash.has_ended() => Err(Failure(format!("the engine failed: {error}"))),
            Ok(_) | Err(_) => {
                let commits = self.crash.commits() - before;
                self.note(&format!("the process ended after {commits} commits"));
                self.probe(if commits == 0 { "ended before its first commit" } else { "ended between commits" });
                self.ends().await?;
                Ok(Did::Ended(commits))
            }
        }
    }

    /// The process ends. What it was about is told to the second reading, and then `catches_up` is called.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn ends(&mut self) -> Checked<()> {
        self.crash.now();
        self.finds_what_is_left().await?;
        let now = self.now();
        let until = now.saturating_add(SignedDuration::from_mins(self.away)).unwrap_or(Timestamp::MAX);
        self.down = Some(Down { until });
        self.away = 0;
        Ok(())
    }

    /// The second reading hears of what happened meanwhile; and where the process has ended, another one takes over.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub async fn catches_up(&mut self) -> Checked<()> {
        if let Some(Meanwhile::Happened(happened)) = self.meanwhile.take_if(|is| matches!(is, Meanwhile::Happened(_))) {
            self.hears_of(&happened)?;
        }
        if let Some(Down { until }) = self.down.take() {
            let now = self.now();
            self.model.wake(now);
            if until > now {
                self.probe("away between commits");
                self.note(&format!("nothing runs until {until}"));
                self.clock.set(until);
            }
            self.start_again().await?;
        }
        Ok(())
    }

    /// The second reading hears of what somebody did, and whether it was told the same.
    ///
    /// # Errors
    /// When it was not.
    pub fn did(&mut self, id: BookingId, deed: &Deed, outcome: Option<&Outcome>) -> Checked<()> {
        let said = self.model.does(id, deed, self.clock.now());
        outcome.map_or(Ok(()), |outcome| agree(said, outcome, || format!("{deed:?} in booking {id}")))
    }

    /// Everything that was left, or is due, is done.
    pub fn model_wakes(&mut self) {
        let now = self.now();
        self.model.cut_off(Vec::new(), now);
        self.model.wake(now);
    }

    /// Another process takes over.
    async fn start_again(&mut self) -> Checked<()> {
        self.next_audit = self.now().saturating_add(FIRST_AUDIT).unwrap_or(Timestamp::MAX);
        self.crash = Crash::default();
        let store = self.store.crashing(self.crash.clone());
        self.engine = Engine::new(store, self.clock.clone(), Arc::clone(&self.settings));
        let left = self.left_texts().await?;
        self.engine.take_up().await?;
        *self.seen.borrow_mut() = None;
        self.were_read(left).await
    }

    /// The texts that nobody has answered yet.
    pub(crate) async fn left_texts(&self) -> Checked<Vec<LeftText>> {
        let left = self.store.read(async |tx: &mut Tx| inbound::left(tx, Timestamp::MAX, 100).await).await?;
        let mut texts = Vec::new();
        for text in left {
            let Some(musician) = text.musician else { continue };
            let before = self.before(musician).await?;
            let superseded = self.is_superseded(&text, before).await?;
            texts.push(LeftText { id: text.id, musician, words: text.body, before, superseded });
        }
        Ok(texts)
    }

    /// Those of them that are answered now, are answered by the second reading too.
    pub(crate) async fn were_read(&mut self, texts: Vec<LeftText>) -> Checked<()> {
        let left = self.store.read(async |tx: &mut Tx| inbound::left(tx, Timestamp::MAX, 100).await).await?;
        for text in texts {
            if left.iter().any(|other| other.id == text.id) {
                continue;
            }
            self.probe("a text answered later");
            self.note(&format!("{:?} of musician {} is answered now", text.words, text.musician));
            if !text.superseded {
                self.understands(text.musician, &text.words, text.before).await?;
            }
        }
        self.finds_what_is_left().await
    }

    /// The second reading hears which bookings are still to be woken, and that the others have been.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn finds_what_is_left(&mut self) -> Checked<()> {
        let now = self.now();
        self.model.cut_off(due(&self.store, now).await?, now);
        Ok(())
    }

    /// The process ends and is started again with other settings.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restarts_with(&mut self, variant: usize) -> Checked<()> {
        self.probe("other rules");
        self.settings = studio::settings(variant);
        self.crash.now();
        self.model.set_opening_hours(studio::opening_hours(variant));
        self.model.set_policy(self.settings.policy(), self.clock.now());
        self.start_again().await
    }

    /// Nothing runs for a while.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub async fn is_down(&mut self, minutes: i64) -> Checked<()> {
        self.probe("nothing ran for a while");
        self.away = minutes;
        self.ends().await?;
        self.settle().await
    }
}

/// The bookings that are to be woken, in the order in which they will be.
pub(crate) async fn due(store: &Store, now: Timestamp) -> Result<Vec<BookingId>, Error> {
    store.read(async move |tx: &mut Tx| bookings::due(tx, now, 1000).await).await
}
