//! Bookings that want the same people and the same studio (rules 4.8, 5.4, 6.1, 6.3, 8.2).

use crate::studio::Studio;
use firstcall_store::testing::each_backend;
use futures_util::future::join;
use serde_json::json;

/// Rules 4.8, 5.4: holding one closes the other, a YES to it is a conflict, and counts once the first is gone.
#[tokio::test]
async fn two_bookings_want_the_same_drummer() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: violin", "Cat: trumpet"], &[]).await;
        let one = studio.book("m1", "drums, violin", "10:00 AM").await;
        let first = studio.expect_text("Ann", "10am").await;
        let two = studio.book("m2", "drums, trumpet", "10:00 AM").await;
        let second = studio.expect_text("Ann", "10am").await;
        studio.yes(&first).await;
        let closed = studio.offer_to(two, "Ann").await;
        assert_eq!((&closed["answer"], &closed["closed_reason"]), (&json!("no"), &json!("overlap")));
        studio.yes(&second).await;
        assert_eq!(studio.offer_to(two, "Ann").await["answer"], "conflict");
        assert_eq!(studio.booking(two).await["chairs"][0]["state"], "open");
        studio.post(&format!("/api/v1/bookings/{one}/cancel"), &json!({})).await.expect(200);
        studio.yes(&second).await;
        assert_eq!(studio.booking(two).await["chairs"][0]["musician_id"], json!(studio.id("Ann")));
    })
    .await;
}

/// Rules 6.1, 6.3: the studio is taken once; the other booking's option dies, its holders are released, it goes on.
#[tokio::test]
async fn two_bookings_want_the_same_hour() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: violin", "Cat: trumpet"], &[]).await;
        let one = studio.book("m1", "drums", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "10am").await;
        let two = studio.book("m2", "violin, trumpet", "10:00 AM, 2:00 PM").await;
        let ben = studio.expect_text("Ben", "10am").await;
        studio.expect_text("Cat", "10am").await;
        studio.yes(&ben).await;
        studio.yes(&ann).await;
        assert_eq!(studio.status(one).await, "booked");
        let other = studio.booking(two).await;
        assert_eq!(
            (&other["options"][0]["state"], &other["options"][0]["reason"]),
            (&json!("dead"), &json!("studio_taken"))
        );
        let texts = studio.new_texts("Ben").await;
        assert!(texts[0].body.contains("your hold is released"), "{texts:?}");
        assert!(texts[1].body.contains("2pm"), "{texts:?}");
        let held = studio.messages(two).await;
        let held = held.iter().find(|m| m["kind"] == "offer" && m["answer"] == "yes").unwrap();
        assert!(held["released_at"].is_string());
    })
    .await;
}

/// Rule 8.2: whoever is faster, a person and a studio are never taken twice.
#[tokio::test]
async fn answers_race_across_bookings() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: violin"], &[]).await;
        let one = studio.book("r1", "drums", "10:00 AM").await;
        let two = studio.book("r2", "violin", "10:00 AM").await;
        let (ann, ben) = (studio.expect_text("Ann", "10am").await, studio.expect_text("Ben", "10am").await);
        let (a, b) = join(studio.press("y", &ann), studio.press("y", &ben)).await;
        assert_eq!((a.status.as_u16(), b.status.as_u16()), (200, 200));
        let statuses = [studio.status(one).await, studio.status(two).await];
        assert_eq!(statuses.iter().filter(|status| *status == "booked").count(), 1, "{statuses:?}");
    })
    .await;
}
