//! What the manager writes as the studio, on every database.

use crate::studio::Studio;
use firstcall::engine::{Writing, Written};
use firstcall_core::ids::MusicianId;
use firstcall_store::testing::each_backend;
use firstcall_store::{Tx, inbound};

fn writing(to: i64, words: &str, seen: i64) -> Writing {
    let token = "AAAAAAAAAAAAAAAA".to_owned();
    Writing { to: MusicianId(to), words: words.to_owned(), token, seen, later: false }
}

/// Rule 8.4: two presses at the same moment are one text; and it answers what was seen.
#[tokio::test]
async fn what_the_manager_writes_is_sent_once_and_answers() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        studio.texts("Ann", "shall I bring cymbals").await;
        studio.new_texts("Ann").await;
        let waiting =
            async || studio.engine.store().read(async |tx: &mut Tx| inbound::unhandled(tx, 9).await).await.unwrap();
        let seen = waiting().await[0].id;
        let text = writing(studio.id("Ann"), "Please do", seen);
        let (one, other) = tokio::join!(studio.engine.write_to(text.clone()), studio.engine.write_to(text.clone()));
        assert_eq!((one.unwrap(), other.unwrap()), (Written::Done, Written::Done));
        studio.settle().await;
        studio.expect_text("Ann", "Fern Room: Please do").await;
        assert!(waiting().await.is_empty());
        assert_eq!(studio.engine.write_to(writing(99, "hello", 0)).await.unwrap(), Written::Unknown);
    })
    .await;
}

/// Rule 5.7: STOP between writing and leaving.
#[tokio::test]
async fn who_stops_gets_nothing_that_was_written_before() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        studio.engine.write_to(writing(studio.id("Ann"), "Hello", 0)).await.unwrap();
        studio.engine.text_arrived(studio.phone("Ann"), "STOP").await.unwrap();
        studio.settle().await;
        studio.expect_silence(&["Ann"]).await;
        let refused = studio.engine.write_to(writing(studio.id("Ann"), "Still there?", 0)).await.unwrap();
        assert!(matches!(refused, Written::Refused(why) if why.contains("no more texts")));
    })
    .await;
}
