//! The manager's hand (rules 4.11, 7.2, 7.4).

use crate::studio::Studio;
use axum::http::Method;
use firstcall_store::testing::each_backend;
use serde_json::{Value, json};

async fn act(studio: &Studio, id: i64, act: &str, body: Value, status: u16) -> Value {
    studio.post(&format!("/api/v1/bookings/{id}/{act}"), &body).await.expect(status).json()
}

/// Rule 4.11: paused, nothing leaves, answers count; resumed, patience is full again.
#[tokio::test]
async fn pause_and_resume() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums", "Cat: violin"], &[]).await;
        let id = studio.book("m1", "drums, violin", "10:00 AM").await;
        let cat = studio.expect_text("Cat", "Violin").await;
        assert_eq!(act(&studio, id, "pause", json!({}), 200).await["status"], "paused");
        act(&studio, id, "pause", json!({}), 409).await;
        studio.pass(180).await;
        studio.expect_silence(&["Ben", "Rosa"]).await;
        studio.yes(&cat).await;
        studio.pass(22 * 60).await;
        studio.expect_text("Rosa", "is still paused").await;
        act(&studio, id, "resume", json!({}), 200).await;
        studio.pass(59).await;
        studio.expect_silence(&["Ben"]).await;
        studio.pass(1).await;
        studio.expect_text("Ben", "Drums").await;
    })
    .await;
}

/// Rule 7.2: ask, fill, answer for, release; and what is impossible is refused with the reason.
#[tokio::test]
async fn the_manager_steps_in() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums", "Cat: violin"], &[]).await;
        let id = studio.book("m1", "drums, violin", "10:00 AM").await;
        studio.expect_text("Ann", "Drums").await;
        let ben = json!({"musician_id": studio.id("Ben"), "chair": "drums"});
        act(&studio, id, "ask", ben.clone(), 200).await;
        studio.expect_text("Ben", "Drums").await;
        act(&studio, id, "ask", ben.clone(), 409).await;
        let yes = json!({"musician_id": studio.id("Ann"), "answer": "yes"});
        assert_eq!(act(&studio, id, "answer", yes, 200).await["chairs"][0]["state"], "held");
        act(&studio, id, "fill", ben.clone(), 409).await;
        act(&studio, id, "release", json!({"chair": "drums"}), 200).await;
        studio.expect_text("Ann", "your hold is released").await;
        act(&studio, id, "fill", ben, 200).await;
        let cat = json!({"musician_id": studio.id("Cat"), "instrument": "violin"});
        assert_eq!(act(&studio, id, "fill", cat, 200).await["status"], "booked");
        studio.expect_text("Ben", "CONFIRMED").await;
        act(&studio, id, "next", json!({}), 409).await;
        act(&studio, id, "fill", json!({"musician_id": 1, "chair": "harp"}), 422).await;
        studio.post("/api/v1/bookings/999/next", &json!({})).await.expect(404);
    })
    .await;
}

/// Rule 7.4: a cancelled booking closes its offers and tells its holders.
#[tokio::test]
async fn cancelling_tells_the_holders() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: violin"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "Drums").await;
        studio.yes(&ann).await;
        studio.expect_text("Ann", "CONFIRMED").await;
        assert_eq!(act(&studio, id, "cancel", json!({}), 200).await["status"], "cancelled");
        studio.expect_text("Ann", "CANCELLED. Tue 8 Dec 10am is off").await;
        act(&studio, id, "cancel", json!({}), 409).await;
        let again = studio.book("m2", "drums", "10:00 AM").await;
        assert_eq!(studio.status(again).await, "calling");
    })
    .await;
}

/// Rule 7.2: a moved session asks its holders anew.
#[tokio::test]
async fn moving_asks_the_holders_anew() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "Drums").await;
        studio.yes(&ann).await;
        studio.expect_text("Ann", "CONFIRMED").await;
        let moved = act(&studio, id, "move", json!({"start": "2026-12-08T12:00:00-05:00"}), 200).await;
        assert_eq!((&moved["status"], &moved["booked_option"]), (&json!("booked"), &json!(2)));
        let asked = studio.expect_text("Ann", "CHANGED. Drums is now Tue 8 Dec 12pm-1pm ET (was Tue 8 Dec 10am)").await;
        studio.yes(&asked).await;
        studio.expect_text("Ann", "CONFIRMED. Drums, Tue 8 Dec 12pm").await;
        studio.pass(120).await;
        studio.expect_silence(&["Ben"]).await;
    })
    .await;
}

/// Rule 7.2: times are added and dropped.
#[tokio::test]
async fn times_come_and_go() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM, 2:00 PM").await;
        studio.expect_text("Ann", "10am").await;
        let dropped = act(&studio, id, "drop_times", json!({"times": ["2026-12-08T10:00:00-05:00"]}), 200).await;
        assert_eq!(dropped["options"][0]["state"], "dead");
        studio.expect_text("Ann", "2pm").await;
        let added = act(&studio, id, "add_times", json!({"times": ["2026-12-09T10:00:00-05:00"]}), 200).await;
        assert_eq!(added["options"].as_array().unwrap().len(), 3);
    })
    .await;
}

/// Rules 7.1, 7.3: somebody who drops out, is put back and drops out again is two drop-outs, and both are told.
#[tokio::test]
async fn every_drop_out_is_told() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "Drums").await;
        studio.yes(&ann).await;
        for time in 1..=2 {
            studio.new_texts("Rosa").await;
            studio.replies(&ann, "OUT#").await;
            let told = studio.new_texts("Rosa").await;
            let outs = told.iter().filter(|text| text.body.contains("Ann (drums) is out of")).count();
            assert_eq!(outs, 1, "drop-out {time}: {told:?}");
            act(&studio, id, "fill", json!({"musician_id": studio.id("Ann"), "chair": "drums"}), 200).await;
            studio.pass(1).await;
        }
    })
    .await;
}

/// Rules 4.12, 8.5: whoever is paused or taken off the roster did not opt out, and nobody is told that they did: neither by
/// the interface, nor on the board, nor in the text that asks the manager to call who holds a chair.
#[tokio::test]
async fn who_is_paused_or_removed_did_not_opt_out() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums", "Cat: drums", "Dee: violin"], &[]).await;
        let id = studio.book("m1", "drums, violin", "10:00 AM").await;
        studio.replies(&studio.expect_text("Dee", "Violin").await, "Y#").await;
        studio.new_texts("Rosa").await;
        let path = |name: &str| format!("/api/v1/musicians/{}", studio.id(name));
        studio.call(Method::PATCH, &path("Ann"), &json!({ "status": "paused" })).await.expect(200);
        studio.call(Method::DELETE, &path("Ben"), &json!({})).await.expect(204);
        studio.texts("Cat", "STOP").await;
        let board = studio.get(&format!("/bookings/{id}")).await.expect(200).body;
        for (name, reason, said, line) in [
            ("Ann", "paused", "paused", "Ann is paused and not asked any more"),
            ("Ben", "removed", "off the roster", "Ben was taken off the roster"),
            ("Cat", "opted_out", "opted out of texts", "Cat is not texted any more"),
        ] {
            assert_eq!(studio.offer_to(id, name).await["closed_reason"], reason);
            assert!(board.contains(said) && board.contains(line), "{name}: {board}");
        }
        studio.call(Method::PATCH, &path("Dee"), &json!({ "status": "paused" })).await.expect(200);
        let told = studio.new_texts("Rosa").await;
        assert!(told.iter().any(|text| text.body.contains("Dee holds violin but is paused")), "{told:#?}");
    })
    .await;
}

/// Rule 4.12: to a holder who is paused or taken off the roster nothing is texted, neither that the session is on nor that it
/// is off: the manager was asked to call them. Whom the manager chooses by hand all the same is told.
#[tokio::test]
async fn a_holder_who_is_paused_or_removed_gets_no_texts() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: violin", "Cat: trumpet", "Dee: drums"], &[]).await;
        let id = studio.book("m1", "drums, violin, trumpet", "10:00 AM").await;
        for name in ["Ann", "Ben"] {
            let offer = studio.new_texts(name).await.remove(0);
            studio.yes(&offer).await;
        }
        let path = |name: &str| format!("/api/v1/musicians/{}", studio.id(name));
        studio.call(Method::PATCH, &path("Ann"), &json!({ "status": "paused" })).await.expect(200);
        studio.call(Method::DELETE, &path("Ben"), &json!({})).await.expect(204);
        for name in ["Ann", "Ben"] {
            studio.new_texts(name).await;
        }
        studio.yes(&studio.expect_text("Cat", "Trumpet").await).await;
        assert_eq!(studio.status(id).await, "booked");
        studio.expect_text("Cat", "CONFIRMED").await;
        studio.expect_silence(&["Ann", "Ben"]).await;
        studio.call(Method::PATCH, &path("Dee"), &json!({ "status": "paused" })).await.expect(200);
        act(&studio, id, "release", json!({"chair": "drums"}), 200).await;
        act(&studio, id, "fill", json!({"musician_id": studio.id("Dee"), "chair": "drums"}), 200).await;
        studio.pass(1).await;
        studio.expect_text("Dee", "CONFIRMED").await;
        act(&studio, id, "cancel", json!({}), 200).await;
        studio.expect_text("Cat", "CANCELLED").await;
        studio.expect_silence(&["Ann", "Ben"]).await;
    })
    .await;
}
