//! What the manager presses at the desk waits ten seconds: it is done once, by whoever is there, also after a crash.

use crate::studio::{Studio, usual_settings};
use firstcall::engine::{Engine, Granted, Wanted};
use firstcall::worker;
use firstcall_core::ids::BookingId;
use firstcall_core::manage::Act;
use firstcall_store::testing::each_backend;
use firstcall_store::{Tx, journal, pending};
use jiff::SignedDuration;

async fn kinds(studio: &Studio, id: BookingId) -> Vec<String> {
    let read = async move |tx: &mut Tx| journal::of(tx, id, 0, 500).await;
    studio.engine.store().read(read).await.unwrap().into_iter().map(|line| line.kind).collect()
}

fn later(studio: &Studio, seconds: i64) {
    studio.engine.clock().set(studio.engine.clock().now() + SignedDuration::from_secs(seconds));
}

/// Rules 7.2, 7.4: two nodes look at the same moment, and the session is cancelled once.
#[tokio::test]
async fn what_waits_is_done_once_whoever_looks() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &["Ann: drums"], &[]).await;
        let id = BookingId(studio.book("m1", "drums", "10:00 AM").await);
        studio.expect_text("Ann", "Drums").await;
        let waits = studio.engine.want(id, Wanted::Act(Act::Cancel), "desk").await.unwrap().unwrap();
        let due = studio.engine.clock().now() + SignedDuration::from_secs(10);
        assert_eq!(waits, Granted::Waits(due));
        assert_eq!(studio.engine.next_booking_due().await.unwrap(), Some(due), "the worker sleeps until then");
        later(&studio, 9);
        studio.settle().await;
        assert!(!kinds(&studio, id).await.contains(&"cancelled".to_owned()));
        // The process that took it has ended; these two begin anew.
        let other = Engine::new(store, studio.engine.clock().clone(), usual_settings(&[]));
        later(&studio, 1);
        let (one, two) = tokio::join!(worker::wake_due(&studio.engine), worker::wake_due(&other));
        one.unwrap();
        two.unwrap();
        assert_eq!(kinds(&studio, id).await.iter().filter(|kind| *kind == "cancelled").count(), 1);
        let read = async move |tx: &mut Tx| pending::of(tx, id).await;
        assert!(studio.engine.store().read(read).await.unwrap().is_none());
    })
    .await;
}

/// Pausing is at once and does what waits first; an act that is impossible does not wait.
#[tokio::test]
async fn another_act_does_what_waits_first() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        let id = BookingId(studio.book("m1", "drums", "10:00 AM").await);
        studio.engine.want(id, Wanted::Act(Act::Next), "desk").await.unwrap().unwrap();
        let paused = studio.engine.want(id, Wanted::Act(Act::Pause), "desk").await.unwrap().unwrap();
        assert_eq!(paused, Granted::Done);
        let log = kinds(&studio, id).await;
        assert_eq!(&log[log.len() - 3..], ["wave", "asked", "paused"], "{log:?}");
        let refused = studio.engine.want(id, Wanted::Act(Act::Next), "desk").await.unwrap().unwrap();
        assert_eq!(refused, Granted::Refused("it is paused: resume it first".to_owned()));
        assert_eq!(studio.engine.want(BookingId(99), Wanted::Act(Act::Next), "desk").await.unwrap(), None);
    })
    .await;
}
