//! Somebody else acts while the process stands between two commits of something that it was asked to do.

use crate::model::Deed;
use crate::process::{Did, due};
use crate::world::{Checked, World};
use firstcall::engine::{Engine, Press};
use firstcall_core::ids::{BookingId, OfferNo};
use firstcall_core::manage::Act;
use firstcall_core::step::{By, Outcome};
use firstcall_store::Error;
use std::fmt;
use std::future::Future;

/// What happens while something else stands between two commits.
#[derive(Clone, Debug)]
pub enum Meanwhile {
    /// Not settled yet: after which commit, and who does what.
    Somebody(u64),
    /// The second reading has still to hear of it.
    Happened(Box<Happened>),
}

/// What happened while something else stood between two commits.
#[derive(Clone, Debug)]
pub struct Happened {
    what: Other,
    outcome: Option<Outcome>,
    /// The bookings for which everything else was left when it happened.
    left: Vec<BookingId>,
    /// And after it.
    left_then: Vec<BookingId>,
}

/// The secret of an offer's link: no trace has it, because no two runs have the same.
#[derive(Clone)]
pub(crate) struct Link(pub String);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the link")
    }
}

/// What somebody else can do.
#[derive(Clone, Debug)]
pub(crate) enum Other {
    /// A button is pressed.
    Presses(Link, Press, BookingId, OfferNo),
    /// The manager answers for somebody.
    AnswersFor(BookingId, OfferNo, bool),
    /// The manager acts.
    Acts(BookingId, Act),
    /// The worker wakes whatever is due.
    Wakes,
}

impl World {
    /// What the process makes of something it is asked to do. Somebody else may act meanwhile, after the commit in which
    /// it is decided, which is commit number `decided`.
    ///
    /// # Errors
    /// When the process did not end, and failed all the same.
    pub async fn asks<T>(&mut self, decided: u64, asked: impl Future<Output = Result<T, Error>>) -> Checked<Did<T>> {
        match self.meanwhile {
            Some(Meanwhile::Somebody(luck)) if !self.crash.will_end() => {
                self.meanwhile = None;
                self.asks_in_company(decided, luck, asked).await
            }
            _ => self.runs(asked).await,
        }
    }

    async fn asks_in_company<T>(
        &mut self,
        decided: u64,
        luck: u64,
        asked: impl Future<Output = Result<T, Error>>,
    ) -> Checked<Did<T>> {
        let mut luck = fastrand::Rng::with_seed(luck);
        let (after, what) = (decided + luck.u64(..2), self.something_else(&mut luck).await?);
        let (store, engine, crash, now) = (self.store.clone(), self.engine.clone(), self.crash.clone(), self.now());
        crash.stands_still_after(after);
        let first = async {
            let done = asked.await;
            crash.goes_on();
            done
        };
        let second = async {
            if !crash.stands_still().await {
                return Ok(None);
            }
            let left = due(&store, now).await?;
            let outcome = Box::pin(what.happens(&engine)).await?;
            let left_then = due(&store, now).await?;
            crash.goes_on();
            Ok::<_, Error>(Some(Happened { what: what.clone(), outcome, left, left_then }))
        };
        let (done, happened) = tokio::join!(first, second);
        if let Some(happened) = happened? {
            self.probe("somebody acted between two commits");
            self.note(&format!("meanwhile, after commit {after}: {:?}: {:?}", happened.what, happened.outcome));
            self.model.cut_off(happened.left.clone(), now);
            self.meanwhile = Some(Meanwhile::Happened(Box::new(happened)));
        }
        self.outcome(self.crash.commits(), done).await
    }

    /// The second reading hears of it.
    pub(crate) fn hears_of(&mut self, happened: &Happened) -> Checked<()> {
        let Happened { what, outcome, left_then, .. } = happened;
        let outcome = outcome.as_ref();
        match what {
            Other::Presses(_, press, id, no) => self.heard(*id, *no, (*press, By::Musician), outcome)?,
            Other::AnswersFor(id, no, yes) => {
                self.heard(*id, *no, (if *yes { Press::Yes } else { Press::No }, By::Manager), outcome)?;
            }
            Other::Acts(id, act) => self.did(*id, &Deed::Acts(act.clone()), outcome)?,
            Other::Wakes => {}
        }
        let now = self.now();
        self.model.cut_off(left_then.clone(), now);
        self.model_wakes();
        Ok(())
    }
}

impl Other {
    async fn happens(&self, engine: &Engine) -> Result<Option<Outcome>, Error> {
        match self {
            Self::Presses(Link(token), press, ..) => {
                Ok(engine.press(token, *press).await?.and_then(|answered| answered.outcome))
            }
            Self::AnswersFor(id, no, yes) => engine.answer_for(*id, *no, *yes, "manager").await,
            Self::Acts(id, act) => engine.manage(*id, act.clone(), "manager").await,
            Self::Wakes => {
                for id in engine.due(64).await? {
                    engine.wake(id).await?;
                }
                Ok(None)
            }
        }
    }
}
