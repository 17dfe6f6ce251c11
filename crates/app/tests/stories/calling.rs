//! The main job: who is asked when, until the session is booked or the manager is told (rules 4 and 6).

use crate::studio::Studio;
use firstcall::worker;
use firstcall_store::testing::each_backend;
use jiff::SignedDuration;
use serde_json::json;

/// Rules 4.1, 5.2, 6.1, 6.2: from the mail to the session, with every text.
#[tokio::test]
async fn a_mail_becomes_a_booked_session() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums", "Cleo: upright_bass"], &[]).await;
        let id = studio.book("m1", "drums, upright bass", "10:00 AM, 2:00 PM").await;
        let ann = studio.expect_text("Ann", "Fern Room: Drums, Tue 8 Dec 10am-11am ET. Yes: http").await;
        let cleo = studio.expect_text("Cleo", "Upright bass, Tue 8 Dec 10am").await;
        studio.expect_silence(&["Ben", "Rosa"]).await;
        let page = studio.yes(&ann).await;
        assert!(page.body.contains("Your time is held"), "{}", page.body);
        assert_eq!(studio.booking(id).await["chairs"][0]["state"], "held");
        studio.expect_silence(&["Ann", "Rosa"]).await;
        studio.yes(&cleo).await;
        let booking = studio.booking(id).await;
        assert_eq!((&booking["status"], &booking["booked_option"]), (&json!("booked"), &json!(1)));
        assert_eq!(
            booking["chairs"][1],
            json!({"instrument": "upright_bass", "number": 1, "chair": "upright bass",
            "musician_id": studio.id("Cleo"), "state": "booked"})
        );
        assert_eq!(booking["options"][1]["state"], "dead");
        assert_eq!(booking["next_deadline"], json!(null));
        studio.expect_text("Ann", "CONFIRMED. Drums, Tue 8 Dec 10am-11am").await;
        studio.expect_text("Cleo", "CONFIRMED. Upright bass").await;
        studio.expect_text("Rosa", &format!("First Call: #{id} is booked. Tue 8 Dec 10am, 2 of 2 chairs.")).await;
        studio.pass(24 * 60).await;
        studio.expect_silence(&["Ann", "Ben", "Cleo", "Rosa"]).await;
    })
    .await;
}

/// Rules 4.3, 4.5, 4.9: silence, the next wave, the next option, exhausted; and a late YES that books all the same.
#[tokio::test]
async fn silence_leads_to_the_next_wave_the_next_option_and_the_manager() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM, 2:00 PM").await;
        let first = studio.expect_text("Ann", "10am").await;
        studio.pass(59).await;
        studio.expect_silence(&["Ben"]).await;
        studio.pass(1).await;
        studio.expect_text("Ben", "10am").await;
        studio.expect_silence(&["Ann"]).await;
        studio.pass(60).await;
        studio.expect_text("Ann", "2pm").await;
        assert_eq!(studio.booking(id).await["options"][0]["state"], "left");
        studio.pass(60).await;
        studio.expect_text("Ben", "2pm").await;
        assert_eq!(studio.status(id).await, "calling");
        studio.pass(60).await;
        assert_eq!(studio.status(id).await, "exhausted");
        studio.expect_text("Rosa", "needs you").await;
        studio.yes(&first).await;
        let booking = studio.booking(id).await;
        assert_eq!((&booking["status"], &booking["booked_option"]), (&json!("booked"), &json!(1)));
        studio.expect_text("Ann", "CONFIRMED").await;
    })
    .await;
}

/// Rule 4.6: NO waits for patience, also when it was the last musician's; with `after_no = "next"` it does not.
#[tokio::test]
async fn a_no_advances_only_where_the_studio_wants_it() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        studio.book("m1", "drums", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "10am").await;
        studio.no(&ann).await;
        studio.pass(59).await;
        studio.expect_silence(&["Ben"]).await;
        studio.pass(1).await;
        studio.expect_text("Ben", "10am").await;
    })
    .await;
    each_backend(async |store| {
        let next = [("FIRSTCALL__CALLING__AFTER_NO", "next")];
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &next).await;
        studio.book("m1", "drums", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "10am").await;
        studio.no(&ann).await;
        studio.expect_text("Ben", "10am").await;
    })
    .await;
}

/// Rules 3.4, 3.8: a doubler fills one chair, and a time that cannot be filled is not offered to anybody.
#[tokio::test]
async fn one_person_never_fills_two_chairs() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &["Ann: acoustic_guitar, electric_guitar"], &[]).await;
        let id = studio.book("m1", "acoustic guitar, electric guitar", "10:00 AM").await;
        assert_eq!(studio.status(id).await, "no_times");
        studio.expect_text("Rosa", "has no possible time").await;
        studio.expect_silence(&["Ann"]).await;
        studio.add("Ben: acoustic_guitar").await;
        studio.post(&format!("/api/v1/bookings/{id}/next"), &json!({})).await.expect(200);
        studio.expect_text("Ann", "Electric guitar").await;
        studio.expect_text("Ben", "Acoustic guitar").await;
    })
    .await;
}

/// Rule 4.7: nothing leaves in the recipient's quiet hours, and patience counts from when it left.
#[tokio::test]
async fn offers_wait_for_the_morning() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        studio.pass(10 * 60 + 30).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        studio.expect_text("Ann", "10am").await;
        studio.pass(60).await;
        studio.expect_silence(&["Ben"]).await;
        assert_eq!(studio.offer_to(id, "Ben").await["state"], "queued");
        studio.pass(11 * 60 + 29).await;
        studio.expect_silence(&["Ben"]).await;
        studio.pass(1).await;
        studio.expect_text("Ben", "10am").await;
        assert_eq!(studio.booking(id).await["next_deadline"]["at"], "2026-12-02T15:00:00Z");
    })
    .await;
}

/// Rules 7.1, 7.3: a drop-out is told, the session stays booked, and others are asked one at a time, standby first; that it
/// is complete again is told too.
#[tokio::test]
async fn somebody_steps_in_for_a_drop_out() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums", "Cat: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "10am").await;
        studio.pass(60).await;
        let ben = studio.expect_text("Ben", "10am").await;
        studio.yes(&ann).await;
        studio.expect_text("Ann", "CONFIRMED").await;
        studio.new_texts("Rosa").await;
        studio.replies(&ben, "Y#").await;
        studio.expect_text("Ben", "filled before you. You are NOT booked. Want to be backup? Reply B1.").await;
        studio.replies(&ben, "B#").await;
        studio.expect_text("Ben", "first backup").await;
        studio.replies(&ann, "OUT#").await;
        studio.expect_text("Ann", "you are out of Tue 8 Dec").await;
        studio.expect_text("Rosa", "Ann (drums) is out of Tue 8 Dec 10am").await;
        let booking = studio.booking(id).await;
        assert_eq!((&booking["status"], &booking["chairs"][0]["state"]), (&json!("booked"), &json!("open")));
        let again = studio.expect_text("Ben", "Drums, Tue 8 Dec 10am").await;
        studio.expect_silence(&["Cat"]).await;
        studio.pass(60).await;
        studio.expect_text("Cat", "Drums, Tue 8 Dec 10am").await;
        studio.yes(&again).await;
        studio.expect_text("Ben", "CONFIRMED").await;
        studio.expect_text("Rosa", "is booked. Tue 8 Dec 10am, 1 of 1 chairs").await;
        assert_eq!(studio.booking(id).await["chairs"][0]["musician_id"], json!(studio.id("Ben")));
    })
    .await;
}

/// Rule 4.4: a deadline is in the database: whoever opens it next fires it, also when the clock has jumped.
#[tokio::test]
async fn deadlines_survive_a_clock_that_jumps() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums", "Cat: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        studio.expect_text("Ann", "10am").await;
        let clock = studio.engine.clock();
        clock.set(clock.now() - SignedDuration::from_hours(2));
        studio.settle().await;
        studio.expect_silence(&["Ann", "Ben"]).await;
        clock.set(clock.now() + SignedDuration::from_hours(5));
        studio.settle().await;
        studio.expect_text("Ben", "10am").await;
        studio.expect_silence(&["Ann", "Cat"]).await;
        assert_eq!(studio.status(id).await, "calling");
    })
    .await;
}

/// Rule 4.4: the auditor sees what is overdue, and tells the manager once an hour at the most.
#[tokio::test]
async fn the_auditor_tells_what_is_overdue() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(worker::audit(&studio.engine).await.unwrap(), 0);
        let clock = studio.engine.clock();
        clock.set(clock.now() + SignedDuration::from_mins(62));
        assert_eq!(worker::audit(&studio.engine).await.unwrap(), 1);
        assert_eq!(worker::audit(&studio.engine).await.unwrap(), 1);
        worker::send_due(&studio.engine, &studio.carriers).await.unwrap();
        studio.expect_text("Rosa", "1 deadlines or texts are late").await;
        studio.settle().await;
        studio.expect_text("Ben", "10am").await;
        assert_eq!(worker::audit(&studio.engine).await.unwrap(), 0);
    })
    .await;
}
