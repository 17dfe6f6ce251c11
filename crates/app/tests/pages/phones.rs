//! Pretended phones: in the demo, and wherever no network is connected.

use crate::house::{House, phone};
use axum::http::StatusCode;
use firstcall::web::Mode;
use firstcall_core::ids::BookingId;
use jiff::SignedDuration;

async fn demo() -> House {
    let house = House::with(&[], Mode::Demo).await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician_in("Cleo Marsh", 2, "upright_bass", "America/Los_Angeles").await;
    house.musician("Esme Tran", 3, "live_piano").await;
    house
}

#[tokio::test]
async fn a_demo_is_played_on_its_phones() {
    let house = demo().await;
    assert_eq!(house.post("/demo/mail", "").await.header("location"), "../demo");
    house.settle().await;
    let page = house.get("/demo").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Rosa") && page.body.contains("Fern Room: Drums, Tue 8 Dec 10am-11am ET."));
    assert!(!page.body.contains("open on this computer only"));
    let tap = format!("token={}&press=yes", house.token(1).await);
    assert_eq!(house.post("/demo/tap", &tap).await.status, StatusCode::SEE_OTHER);
    for (number, text) in [(2, "yes"), (3, "Y1")] {
        let form = format!("phone=%2B{}&text={text}", &phone(number)[1..]);
        // Los Angeles sleeps until nine.
        house.pass(SignedDuration::from_hours(3)).await;
        assert_eq!(house.post("/demo/reply", &form).await.status, StatusCode::SEE_OTHER);
    }
    house.settle().await;
    assert_eq!(house.booking(BookingId(1)).await.status(), "booked");
    let page = house.get("/demo").await.text();
    assert!(page.contains("You said yes") && page.contains("Fern Room: CONFIRMED."), "{page}");
    assert!(page.contains("First Call: #1 is booked."), "{page}");
}

#[tokio::test]
async fn the_clock_runs_as_fast_as_is_wanted() {
    let house = demo().await;
    house.post("/demo/speed", "speed=600").await;
    assert_eq!(house.clock.speed(), 600);
    for odd in ["speed=7", "speed=x", ""] {
        assert_eq!(house.post("/demo/speed", odd).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(house.clock.speed(), 600);
    house.post("/demo/speed", "speed=0").await;
    assert!(house.get("/demo").await.body.contains("value=\"0\" aria-pressed=\"true\""));
}

#[tokio::test]
async fn each_sample_mail_is_a_booking_of_its_own() {
    let house = demo().await;
    for _ in 0..5 {
        house.post("/demo/mail", "").await;
    }
    for id in 1..=5 {
        assert!(!house.booking(BookingId(id)).await.options.is_empty());
    }
}

#[tokio::test]
async fn a_real_program_has_no_such_pages() {
    let house = House::new().await;
    assert_eq!(house.get("/demo").await.status, StatusCode::NOT_FOUND);
    for path in ["reply", "tap", "speed", "mail"] {
        assert_eq!(house.post(&format!("/demo/{path}"), "").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn it_is_tried_out_on_phones_until_a_network_is_connected() {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    let id = house.book(&[("drums", 1)], &["2026-12-08T15:00:00Z"]).await;
    house.settle().await;
    assert!(house.get("/").await.body.contains("You are trying it out"));
    let page = house.get("/phones").await;
    assert!(page.text().contains("Fern Room: Drums, Tue 8 Dec 10am-11am ET.") && !page.body.contains("/demo"));
    assert!(page.body.contains(&format!("href=\"./y/{}\"", house.token(1).await)), "{}", page.body);
    let tap = format!("token={}&press=yes", house.token(1).await);
    assert_eq!(house.post("/phones/tap", &tap).await.header("location"), "../phones");
    assert_eq!(house.booking(id).await.status(), "booked");
    assert!(house.get("/set-up").await.text().contains("Try it now"));
    assert!(!page.body.contains("It is quiet hours"));
    house.pass(SignedDuration::from_hours(12)).await;
    assert!(house.get("/phones").await.body.contains("It is quiet hours: offers leave at"));

    let settings = [
        ("FIRSTCALL__SMS__PROVIDER", "twilio"),
        ("FIRSTCALL__SMS__TWILIO__ACCOUNT_SID", "AC00000000000000000000000000000001"),
        ("FIRSTCALL__SMS__TWILIO__AUTH_TOKEN", "invented"),
        ("FIRSTCALL__SMS__TWILIO__FROM", "+12125550100"),
    ];
    let house = House::with(&settings, Mode::Serve).await;
    assert_eq!(house.get("/phones").await.status, StatusCode::NOT_FOUND);
    assert!(!house.get("/").await.body.contains("You are trying it out"));
}
