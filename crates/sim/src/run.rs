//! Playing whole stories: one after the other, on as many threads as there are cores, and making short what failed.

use crate::story::Story;
use crate::world::{Failure, World};
use firstcall_store::Store;
use firstcall_store::testing::{Fresh, Place};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How long faults stay away before everything has to be at rest.
const SETTLES_IN: i64 = 15;

/// How a story went.
#[derive(Debug)]
pub struct Ending {
    /// What happened, in lines.
    pub trace: String,
    /// What was wrong, if anything was.
    pub failure: Option<Failure>,
    /// Rare things that did happen.
    pub probes: BTreeMap<&'static str, u64>,
    /// How many hours bookings were there, together.
    pub booking_hours: i64,
}

/// Plays a story on a fresh database. A panic is a failure like any other.
#[must_use]
pub fn play(story: &Story, place: Place) -> Ending {
    let played = catch_unwind(AssertUnwindSafe(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string()).map(|runtime| runtime.block_on(play_at(story, place)))
    }));
    let wrong = |why: String| Ending {
        trace: String::new(),
        failure: Some(Failure(why)),
        probes: BTreeMap::new(),
        booking_hours: 0,
    };
    match played {
        Ok(Ok(ending)) => ending,
        Ok(Err(why)) => wrong(why),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
            wrong(format!("a panic: {}", said.unwrap_or_default()))
        }
    }
}

async fn play_at(story: &Story, place: Place) -> Ending {
    let fresh = Fresh::new(place).await;
    let database = fresh.open().await;
    let ending = play_on(story, database.clone()).await;
    database.close().await;
    fresh.remove().await;
    ending
}

async fn play_on(story: &Story, database: Store) -> Ending {
    let mut world = match World::open(story, database).await {
        Ok(world) => world,
        Err(failure) => {
            return Ending { trace: String::new(), failure: Some(failure), probes: BTreeMap::new(), booking_hours: 0 };
        }
    };
    let failure = to_the_end(&mut world, story).await.err();
    let booking_hours = world.booking_hours().await;
    Ending { trace: world.trace, failure, probes: world.probes, booking_hours }
}

async fn to_the_end(world: &mut World, story: &Story) -> Result<(), Failure> {
    for one in &story.moves {
        world.plays(one).await?;
    }
    world.calms_down();
    world.pass(SETTLES_IN).await?;
    world.checks.at_rest(&world.store).await?;
    world.note("everything is at rest");
    world.pass(SignedDuration::from_hours(24 * 8).as_mins()).await?;
    world.has_ended().await
}

/// The shortest story found that fails as this one does: moves are left out, many at a time and then one by one, as long
/// as the failure stays.
#[must_use]
pub fn shorten(story: &Story, place: Place, kind: &str) -> Story {
    let mut best = story.clone();
    let mut size = best.moves.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < best.moves.len() {
            let shorter = best.without(from, size);
            let fails = play(&shorter, place).failure.is_some_and(|failure| failure.kind() == kind);
            if fails { best = shorter } else { from += size }
        }
        size /= 2;
    }
    best
}
