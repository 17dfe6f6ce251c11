//! What is left when a process ends between two of its commits, and what other settings change (rules 4.4, 5.1, 5.7, 8.5).

use crate::studio::{Studio, usual_settings};
use firstcall::engine::Engine;
use firstcall::worker;
use firstcall_connect::Arrived;
use firstcall_store::Store;
use firstcall_store::testing::{Crash, each_backend};
use jiff::SignedDuration;

/// A process of the studio's that ends after its commit number `commit`.
fn ending(studio: &Studio, store: &Store, commit: u64) -> Engine {
    let crash = Crash::default();
    crash.after(commit);
    Engine::new(store.crashing(crash), studio.engine.clock().clone(), usual_settings(&[]))
}

fn seconds_pass(studio: &Studio, seconds: i64) {
    let clock = studio.engine.clock();
    clock.set(clock.now() + SignedDuration::from_secs(seconds));
}

/// Another process begins to work, late enough to know that nobody else is at what was left.
async fn another_takes_over(studio: &Studio) {
    seconds_pass(studio, 61);
    studio.engine.take_up().await.unwrap();
    studio.settle().await;
}

/// Rule 5.1: a text that was kept is answered once, wherever the process ended that was about to.
#[tokio::test]
async fn a_text_that_was_left_is_answered_once() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &["Ann: drums", "Ben: violin"], &[]).await;
        // After the second the answer is on record, and after the third there is a word about it too.
        let cases = [
            (1, "10:00 AM", "your YES is in"),
            (2, "12:00 PM", "we already have your YES"),
            (3, "2:00 PM", "your YES is in"),
        ];
        for (commit, time, says) in cases {
            let id = studio.book(time, "drums, violin", time).await;
            let asked = studio.expect_text("Ann", "Drums").await;
            let yes = format!("Y{}", asked.code.unwrap());
            let ended = ending(&studio, &store, commit).text_arrived(studio.phone("Ann"), &yes).await;
            assert!(ended.is_err(), "it ends after commit {commit}");
            another_takes_over(&studio).await;
            studio.expect_text("Ann", says).await;
            assert_eq!(studio.offer_to(id, "Ann").await["answer"], "yes");
            another_takes_over(&studio).await;
            studio.expect_silence(&["Ann"]).await;
        }
    })
    .await;
}

/// Rules 5.1, 5.5: what somebody said since counts more than a text that was left.
#[tokio::test]
async fn a_text_that_was_left_takes_nothing_back() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &["Ann: drums", "Ben: violin"], &[]).await;
        let id = studio.book("m1", "drums, violin", "10:00 AM").await;
        let asked = studio.expect_text("Ann", "Drums").await;
        let no = format!("N{}", asked.code.unwrap());
        ending(&studio, &store, 1).text_arrived(studio.phone("Ann"), &no).await.unwrap_err();
        seconds_pass(&studio, 20);
        studio.yes(&asked).await;
        another_takes_over(&studio).await;
        assert_eq!(studio.offer_to(id, "Ann").await["answer"], "yes");
        studio.expect_silence(&["Ann"]).await;
    })
    .await;
}

/// Rules 5.7, 8.5: START that was left does not undo a STOP that came after it.
#[tokio::test]
async fn a_start_that_was_left_undoes_no_stop() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &["Ann: drums", "Ben: violin"], &[]).await;
        ending(&studio, &store, 1).text_arrived(studio.phone("Ann"), "START").await.unwrap_err();
        seconds_pass(&studio, 20);
        studio.texts("Ann", "STOP").await;
        another_takes_over(&studio).await;
        studio.book("m1", "violin", "10:00 AM").await;
        studio.book("m2", "drums", "10:00 AM").await;
        studio.expect_silence(&["Ann"]).await;
    })
    .await;
}

/// Rules 5.5, 5.7, 8.5: the network brings a text again that was left; it undoes nothing that was said since.
#[tokio::test]
async fn a_text_that_was_left_and_is_brought_again_undoes_nothing() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &["Ann: drums", "Ben: violin"], &[]).await;
        let brought = |words: &str| Arrived {
            network_id: words.to_owned(),
            from: studio.phone("Ann").as_str().to_owned(),
            to: "+12125550198".to_owned(),
            body: words.to_owned(),
            opt_out: None,
            part: None,
            sent_at: None,
        };
        let id = studio.book("m1", "drums, violin", "10:00 AM").await;
        let asked = studio.expect_text("Ann", "Drums").await;
        let yes = brought(&format!("Y{}", asked.code.unwrap()));
        for (left, said, since) in [(yes, "N#", "no"), (brought("START"), "STOP", "no")] {
            ending(&studio, &store, 1).text_brought(&left).await.unwrap_err();
            seconds_pass(&studio, 20);
            studio.replies(&asked, said).await;
            studio.new_texts("Ann").await;
            studio.engine.text_brought(&left).await.unwrap();
            studio.settle().await;
            assert_eq!(studio.offer_to(id, "Ann").await["answer"], since);
            studio.expect_silence(&["Ann"]).await;
        }
        let ann = studio.get(&format!("/api/v1/musicians/{}", studio.id("Ann"))).await.json();
        assert_eq!(ann["status"], "opted_out");
    })
    .await;
}

/// Rules 4.12, 5.7: STOP closes every open offer in the moment in which it is known, and not one booking after the other.
#[tokio::test]
async fn stop_closes_all_offers_at_once() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &["Ann: drums", "Ben: drums"], &[]).await;
        let one = studio.book("m1", "drums", "10:00 AM").await;
        let two = studio.book("m2", "drums", "12:00 PM").await;
        // The first commit keeps the text.
        ending(&studio, &store, 2).text_arrived(studio.phone("Ann"), "STOP").await.unwrap_err();
        for id in [one, two] {
            assert_eq!(studio.offer_to(id, "Ann").await["closed_reason"], "opted_out", "booking {id}");
        }
        another_takes_over(&studio).await;
        assert_eq!(studio.new_texts("Ben").await.len(), 2, "both chairs were called for");
    })
    .await;
}

/// Rules 4.3, 4.4: other settings count from the start on, also for bookings under way.
#[tokio::test]
async fn a_changed_patience_moves_deadlines() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &["Ann: drums", "Ben: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(studio.booking(id).await["next_deadline"]["at"], "2026-12-01T16:00:00Z");
        for (patience, deadline) in [("3h", "2026-12-01T18:00:00Z"), ("20m", "2026-12-01T15:20:00Z")] {
            let settings = usual_settings(&[("FIRSTCALL__CALLING__PATIENCE", patience)]);
            let other = Engine::new(store.clone(), studio.engine.clock().clone(), settings);
            other.take_up().await.unwrap();
            worker::wake_due(&other).await.unwrap();
            assert_eq!(studio.booking(id).await["next_deadline"]["at"], deadline, "patience {patience}");
        }
    })
    .await;
}
