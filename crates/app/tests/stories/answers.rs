//! Answers: by link and by text, in time and too late (rule 5).

use crate::studio::Studio;
use axum::body::Body;
use axum::http::{Method, Request};
use firstcall_core::ids::BookingId;
use firstcall_core::manage::Act;
use firstcall_store::testing::each_backend;
use futures_util::future::join_all;
use serde_json::json;

/// Rules 5.1, 8.6: opening a link, by whoever and however often, answers nothing.
#[tokio::test]
async fn bots_that_open_links_answer_nothing() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let offer = studio.offer_to(id, "Ann").await;
        let body = offer["body"].as_str().unwrap();
        let links = body.split_whitespace().filter_map(|word| word.strip_prefix("http://127.0.0.1:8080"));
        for path in links {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                let request =
                    Request::builder().method(method).uri(path).header("user-agent", "facebookexternalhit/1.1");
                studio.send(request.body(Body::empty()).unwrap()).await;
            }
        }
        assert_eq!(studio.offer_to(id, "Ann").await["answer"], json!(null));
        assert_eq!(studio.status(id).await, "calling");
    })
    .await;
}

/// Rules 5.6, 8.1: three hundred people answer one chair in the same instant; one holds it, all others are late.
#[tokio::test]
async fn three_hundred_answers_have_one_winner() {
    each_backend(async |store| {
        let names: Vec<String> = (0..300).map(|n| format!("P{n}: drums")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let studio = Studio::open(store, &names, &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        for _ in 1..300 {
            studio.engine.manage(BookingId(id), Act::Next, "story").await.unwrap();
        }
        studio.settle().await;
        let mut offers = Vec::new();
        for n in 0..300 {
            offers.extend(studio.new_texts(&format!("P{n}")).await);
        }
        assert_eq!(offers.len(), 300);
        let answers = join_all(offers.iter().map(|offer| studio.press("y", offer))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        assert_eq!(studio.status(id).await, "booked");
        let mut counts = std::collections::BTreeMap::new();
        for page in 0..2 {
            let cursor = page * 200;
            let path = format!("/api/v1/bookings/{id}/messages?limit=200&cursor={cursor}");
            for message in studio.get(&path).await.expect(200).json()["items"].as_array().unwrap() {
                if message["kind"] == "offer" {
                    *counts.entry(message["answer"].as_str().unwrap_or("none").to_owned()).or_insert(0) += 1;
                }
            }
        }
        assert_eq!(counts.get("yes"), Some(&1), "{counts:?}");
    })
    .await;
}

/// Rule 5.5: the same answer again changes nothing; a changed one counts until the session is booked.
#[tokio::test]
async fn answers_can_be_repeated_and_changed() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: violin"], &[]).await;
        let id = studio.book("m1", "drums, violin", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "Drums").await;
        let deadline = studio.booking(id).await["next_deadline"].clone();
        studio.yes(&ann).await;
        studio.yes(&ann).await;
        assert_eq!(studio.offer_to(id, "Ann").await["answer"], "yes");
        studio.no(&ann).await;
        assert_eq!(studio.booking(id).await["chairs"][0]["state"], "open");
        assert_eq!(studio.booking(id).await["next_deadline"], deadline);
        studio.yes(&ann).await;
        assert_eq!(studio.booking(id).await["chairs"][0]["state"], "held");
    })
    .await;
}

/// Rule 5.1: by text, with and without a code.
#[tokio::test]
async fn texts_answer_too() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let one = studio.book("m1", "drums", "10:00 AM").await;
        studio.expect_text("Ann", "10am").await;
        let two = studio.book("m2", "drums", "2:00 PM").await;
        studio.expect_text("Ann", "2pm").await;
        studio.texts("Ann", "yes").await;
        studio.expect_text("Ann", "2 offers are open. Reply Y1 for Tue 8 Dec 10am or Y2 for Tue 8 Dec 2pm.").await;
        studio.texts("Ann", "n 1").await;
        studio.expect_text("Ann", "no problem").await;
        assert_eq!(studio.offer_to(one, "Ann").await["answer"], "no");
        studio.texts("Ann", "Yes!").await;
        assert_eq!(studio.status(two).await, "booked");
        studio.expect_text("Ann", "CONFIRMED").await;
        studio.texts("Ann", "see you there, is there parking?").await;
        studio.expect_text("Ann", "passed to Rosa").await;
        let told = studio.new_texts("Rosa").await;
        assert!(told.last().unwrap().body.contains("is there parking?"));
    })
    .await;
}

/// Rules 4.6, 5.7, 8.5: STOP closes open offers, the chair moves on at once, and nothing more is sent.
#[tokio::test]
async fn stop_ends_everything_for_that_person() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let ann = studio.expect_text("Ann", "10am").await;
        studio.texts("Ann", "STOP").await;
        studio.expect_text("Ben", "10am").await;
        studio.yes(&ann).await;
        assert_eq!(studio.offer_to(id, "Ann").await["answer"], "late");
        studio.book("m2", "drums", "2:00 PM").await;
        studio.pass(600).await;
        studio.expect_silence(&["Ann"]).await;
    })
    .await;
}

/// Rule 5.8: an unknown link is 404, and says whom to text.
#[tokio::test]
async fn unknown_links_are_404() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[]).await;
        for path in ["/y/AAAAAAAAAAAAAAAA", "/n/short", "/y/..%2f..%2fetc", "/s/AAAAAAAAAAAAAAAA"] {
            studio.get(path).await.expect(404);
            studio.send(Request::post(path).body(Body::empty()).unwrap()).await;
        }
    })
    .await;
}
