//! Calendars: who is truly free (rules 3.1–3.3).

use crate::feeds::{Feeds, Says, calendar};
use crate::studio::Studio;
use axum::http::Method;
use firstcall_store::testing::each_backend;
use serde_json::{Value, json};

/// The session of [`Studio::book`] at ten, in New York.
const TEN: &str = "DTSTART;TZID=America/New_York:20261208T100000\nDTEND;TZID=America/New_York:20261208T110000";

async fn connect(studio: &Studio, whose: &str, body: Value) -> Value {
    studio.post(&format!("/api/v1/{whose}/calendars"), &body).await.expect(201).json()
}

async fn connect_feed(studio: &Studio, name: &str, url: &str) -> Value {
    connect(studio, &format!("musicians/{}", studio.id(name)), json!({ "kind": "feed", "url": url })).await
}

async fn calendars(studio: &Studio, whose: &str) -> Vec<Value> {
    let list = studio.get(&format!("/api/v1/{whose}/calendars")).await.expect(200).json();
    list["items"].as_array().unwrap().clone()
}

async fn why(studio: &Studio, whose: &str) -> Value {
    let path = format!("/api/v1/{whose}/availability?start=2026-12-08T10:00:00-05:00&end=2026-12-08T11:00:00-05:00");
    studio.get(&path).await.expect(200).json()
}

/// Rule 3.2: who has something in their calendar is not asked, and the next is; the manager can see why.
#[tokio::test]
async fn r3_2_a_calendar_entry_blocks_time() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        let feeds = Feeds::open().await;
        connect_feed(&studio, "Ann", &feeds.has("ann", &[TEN])).await;
        let ann = format!("musicians/{}", studio.id("Ann"));
        assert_eq!(calendars(&studio, &ann).await[0]["state"], "ok");
        studio.book("m1", "drums", "10:00 AM").await;
        studio.expect_silence(&["Ann"]).await;
        studio.expect_text("Ben", "Drums").await;
        let why = why(&studio, &ann).await;
        assert_eq!((&why["availability"], &why["reasons"][0]["kind"]), (&json!("busy"), &json!("calendar")), "{why}");
        assert_eq!(why["reasons"][0]["start"], "2026-12-08T15:00:00Z");
    })
    .await;
}

/// Rule 3.2: what was entered a moment ago counts, because calendars are read before somebody is asked; and the travel
/// gap is kept free too.
#[tokio::test]
async fn r3_2_calendars_are_read_before_somebody_is_asked() {
    each_backend(async |store| {
        let settings = [("FIRSTCALL__SESSIONS__TRAVEL_GAP", "30m")];
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums", "Cy: drums"], &settings).await;
        let feeds = Feeds::open().await;
        for name in ["Ann", "Ben", "Cy"] {
            connect_feed(&studio, name, &feeds.has(name, &[])).await;
        }
        studio.pass(5).await;
        let close = "DTSTART:20261208T161500Z\nDTEND:20261208T170000Z";
        feeds.has("Ann", &[close]);
        let id = studio.book("m1", "drums", "10:00 AM").await;
        studio.expect_silence(&["Ann"]).await;
        studio.expect_text("Ben", "Drums").await;
        feeds.has("Cy", &[TEN]);
        studio.pass(61).await;
        studio.expect_silence(&["Cy"]).await;
        assert_eq!(studio.status(id).await, "exhausted");
    })
    .await;
}

/// Rule 3.3: a calendar that cannot be read is unknown: its owner is asked like others, and the manager is told once.
#[tokio::test]
async fn r3_3_a_calendar_that_fails_is_unknown() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let feeds = Feeds::open().await;
        connect_feed(&studio, "Ann", &feeds.says("ann", Says::Status(503))).await;
        let ann = format!("musicians/{}", studio.id("Ann"));
        let failing = calendars(&studio, &ann).await.remove(0);
        assert_eq!((&failing["state"], &failing["read_at"]), (&json!("failing"), &Value::Null), "{failing}");
        assert_eq!(why(&studio, &ann).await["availability"], "unknown");
        studio.book("m1", "drums", "10:00 AM").await;
        studio.expect_text("Ann", "Drums").await;
        studio.pass(30).await;
        let told = studio.expect_text("Rosa", "cannot be read").await;
        assert!(told.body.contains("Ann") && !told.body.contains(&feeds.url), "{}", told.body);
        studio.pass(12 * 60).await;
        studio.expect_text("Rosa", "needs you").await;
        feeds.has("ann", &[TEN]);
        // It is tried again after six hours, and a quarter more at the most.
        studio.pass(8 * 60).await;
        assert_eq!(why(&studio, &ann).await["availability"], "busy");
    })
    .await;
}

/// Rule 3.3: a page that asks for a login is no calendar without entries.
#[tokio::test]
async fn r3_3_what_is_no_calendar_is_unknown() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let feeds = Feeds::open().await;
        connect_feed(&studio, "Ann", &feeds.says("ann", Says::Page("<html>Please sign in</html>"))).await;
        let ann = format!("musicians/{}", studio.id("Ann"));
        let failing = calendars(&studio, &ann).await.remove(0);
        assert_eq!(failing["error"], "this is not a calendar");
        assert_eq!(why(&studio, &ann).await["availability"], "unknown");
    })
    .await;
}

/// A feed is asked whether it has changed; what it said is read anew as days pass.
#[tokio::test]
async fn a_feed_that_has_not_changed_is_not_sent_again() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let feeds = Feeds::open().await;
        let weekly = format!("{TEN}\nRRULE:FREQ=WEEKLY");
        connect_feed(&studio, "Ann", &feeds.has("ann", &[weekly.as_str()])).await;
        studio.pass(120).await;
        let answers = feeds.answers("ann");
        assert!(
            answers.len() > 2 && answers[0] == 200 && answers[1..].iter().all(|status| *status == 304),
            "{answers:?}"
        );
        assert_eq!(why(&studio, &format!("musicians/{}", studio.id("Ann"))).await["availability"], "busy");
    })
    .await;
}

/// Rule 3.3: an address that was gone for a while and is back with what it said before is read again: what was forgotten
/// is not taken for known.
#[tokio::test]
async fn r3_3_a_feed_that_was_gone_and_is_back_is_read_again() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let (feeds, ann) = (Feeds::open().await, format!("musicians/{}", studio.id("Ann")));
        connect_feed(&studio, "Ann", &feeds.has("ann", &[TEN])).await;
        feeds.says("ann", Says::Status(404));
        studio.pass(45).await;
        assert_eq!(why(&studio, &ann).await["availability"], "unknown");
        feeds.has("ann", &[TEN]);
        // It is tried again after six hours, and a quarter more at the most.
        studio.pass(8 * 60).await;
        assert_eq!(why(&studio, &ann).await["availability"], "busy");
        assert_eq!(calendars(&studio, &ann).await[0]["state"], "ok");
    })
    .await;
}

/// An uploaded file blocks time, with days in the owner's zone; ignored, it does not; taken away, it is forgotten.
#[tokio::test]
async fn a_file_blocks_time_until_it_is_ignored() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let ann = format!("musicians/{}", studio.id("Ann"));
        studio.call(Method::PATCH, &format!("/api/v1/{ann}"), &json!({"time_zone": "Asia/Tokyo"})).await.expect(200);
        // In Tokyo the session is in the first hours of the ninth.
        let day = calendar(&["DTSTART;VALUE=DATE:20261209"]);
        let file = connect(&studio, &ann, json!({ "kind": "file", "text": day })).await;
        assert_eq!(why(&studio, &ann).await["availability"], "busy");
        let path = format!("/api/v1/{ann}/calendars/{}", file["id"]);
        studio.call(Method::PATCH, &path, &json!({"blocks": false})).await.expect(200);
        assert_eq!(why(&studio, &ann).await["availability"], "unknown");
        studio.call(Method::PATCH, &path, &json!({"blocks": true})).await.expect(200);
        studio.call(Method::DELETE, &path, &json!({})).await.expect(204);
        assert_eq!(why(&studio, &ann).await["reasons"][0]["message"], "no calendar is connected");
        studio.post(&format!("/api/v1/{ann}/calendars"), &json!({"kind": "file", "text": "hello"})).await.expect(422);
        studio.post("/api/v1/musicians/999/calendars", &json!({"kind": "file", "text": day})).await.expect(404);
    })
    .await;
}

/// Rule 3.1: what stands in the studio's calendar takes the studio; noticed while a booking is open, that time is not
/// offered any more and those who hold it are told.
#[tokio::test]
async fn r3_1_the_studios_calendar_takes_the_studio() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: violin"], &[]).await;
        let feeds = Feeds::open().await;
        connect(&studio, "studio", json!({ "kind": "feed", "url": feeds.has("room", &[]) })).await;
        let id = studio.book("m1", "drums, violin", "10:00 AM, 2:00 PM").await;
        let ann = studio.expect_text("Ann", "10am").await;
        studio.yes(&ann).await;
        studio.expect_text("Ben", "10am").await;
        feeds.has("room", &[TEN]);
        studio.pass(45).await;
        let told: Vec<String> = studio.new_texts("Ann").await.into_iter().map(|text| text.body).collect();
        assert!(told.len() == 2 && told[0].contains("released") && told[1].contains("2pm"), "{told:?}");
        let booking = studio.booking(id).await;
        assert_eq!(
            (&booking["options"][0]["state"], &booking["options"][1]["state"]),
            (&json!("dead"), &json!("calling"))
        );
        studio.expect_text("Ben", "2pm").await;
        assert_eq!(why(&studio, "studio").await["reasons"][0]["kind"], "calendar");
    })
    .await;
}

/// Rule 3.1: closed for a day: what is open is called elsewhere, what is booked stays, and the manager is told.
#[tokio::test]
async fn r3_1_a_closure_ends_what_is_open_and_tells_of_what_is_booked() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: violin"], &[]).await;
        let booked = studio.book("m1", "drums", "10:00 AM").await;
        studio.yes(&studio.expect_text("Ann", "10am").await).await;
        studio.expect_text("Rosa", "is booked").await;
        let open = studio.book("m2", "violin", "2:00 PM").await;
        let ben = studio.expect_text("Ben", "2pm").await;
        let day = json!({"start": "2026-12-08T00:00:00-05:00", "end": "2026-12-09T00:00:00-05:00", "note": "floor"});
        let closure = studio.post("/api/v1/studio/closures", &day).await.expect(201).json();
        assert_eq!((studio.status(booked).await, studio.status(open).await), ("booked".to_owned(), "exhausted".to_owned()));
        let told = studio.new_texts("Rosa").await;
        assert!(told.iter().any(|text| text.body.contains("but the studio is closed then")), "{told:?}");
        let late = studio.press("y", &ben).await.expect(200);
        assert!(late.body.contains("not booked"), "{}", late.body);
        let again = studio.mail("m3", "Name: Tess Granger\r\nInstruments: violin\r\nDate: Tuesday, December 8, 2026\r\nTimes: 4:00 PM\r\nTime zone: Eastern Time").await;
        assert_eq!(again.expect(201).json()["status"], "no_times");
        let path = format!("/api/v1/studio/closures/{}", closure["id"]);
        studio.call(Method::DELETE, &path, &json!({})).await.expect(204);
        studio.book("m4", "violin", "5:00 PM").await;
        studio.expect_text("Ben", "5pm").await;
    })
    .await;
}

/// Rule 3.3: while a calendar of the studio's is not known, the studio is not free; the manager is told why.
#[tokio::test]
async fn r3_3_a_studio_whose_calendar_is_unknown_is_not_free() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let feeds = Feeds::open().await;
        connect(&studio, "studio", json!({ "kind": "feed", "url": feeds.says("room", Says::Status(500)) })).await;
        let lines = "Name: Tess Granger\r\nInstruments: drums\r\nDate: Tuesday, December 8, 2026\r\nTimes: 10:00 AM\r\n\
            Time zone: Eastern Time";
        assert_eq!(studio.mail("m1", lines).await.expect(201).json()["status"], "no_times");
        studio.expect_text("Rosa", "the studio has a calendar that cannot be read").await;
        studio.expect_silence(&["Ann"]).await;
    })
    .await;
}

/// 6.2: what we wrote into somebody's calendar does not keep them from their own session, nor from another.
#[tokio::test]
async fn our_own_events_block_nothing() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let feeds = Feeds::open().await;
        let ours = format!("UID:booking-7-1@127.0.0.1\n{TEN}");
        connect_feed(&studio, "Ann", &feeds.has("ann", &[ours.as_str()])).await;
        studio.book("m1", "drums", "10:00 AM").await;
        studio.expect_text("Ann", "Drums").await;
    })
    .await;
}

/// What opens a calendar is shown to nobody, and is not in the database as it was entered.
#[tokio::test]
async fn addresses_are_sealed() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &["Ann: drums"], &[]).await;
        let feeds = Feeds::open().await;
        let connected = connect_feed(&studio, "Ann", &feeds.has("very-secret", &[])).await;
        assert!(!connected.to_string().contains("very-secret"), "{connected}");
        let id = connected["id"].as_i64().unwrap();
        let kept = store.read(async move |tx| firstcall_store::calendars::get(tx, id).await).await.unwrap().unwrap();
        assert!(!format!("{kept:?}").contains("very-secret"));
    })
    .await;
}
