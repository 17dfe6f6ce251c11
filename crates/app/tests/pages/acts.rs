//! The acts of a booking's page: what waits can be undone, what is impossible is refused with the reason, and nothing that
//! was typed is lost.

use crate::house::House;
use axum::http::StatusCode;
use firstcall_core::booking::State;
use firstcall_core::ids::BookingId;
use jiff::SignedDuration;

const TUE_10: &str = "2026-12-08T15:00:00Z";
const WED_10: &str = "2026-12-09T15:00:00Z";
const TEN: SignedDuration = SignedDuration::from_secs(10);

async fn house() -> House {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician("Ben Castellano", 2, "drums").await;
    house.musician("Cleo Marsh", 3, "upright_bass").await;
    house
}

/// What the page's undo button sends.
async fn undo_field(house: &House, id: BookingId) -> String {
    let page = house.get(&format!("/bookings/{id}")).await.body;
    let act = page.split("name=\"act\" value=\"").nth(1).expect("nothing waits").split('"').next().unwrap();
    format!("act={act}")
}

#[tokio::test]
async fn what_was_pressed_can_be_undone_for_ten_seconds() {
    let house = house().await;
    let id = house.book(&[("drums", 1)], &[TUE_10]).await;
    let at = format!("/bookings/{id}");
    house.post(&format!("{at}/cancel"), "").await;
    let page = house.get(&at).await.text();
    assert!(page.contains("Cancelling the booking\nin 10 s"), "{page}");
    let undo = undo_field(&house, id).await;
    house.pass(SignedDuration::from_secs(9)).await;
    assert_eq!(house.post(&format!("{at}/undo"), &undo).await.status, StatusCode::SEE_OTHER);
    house.pass(TEN).await;
    assert!(matches!(house.booking(id).await.state, State::Calling { .. }));
    let late = house.post(&format!("{at}/undo"), &undo).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("It was done, or undone, before"), "{}", late.text());
    house.post(&format!("{at}/cancel"), "").await;
    house.pass(TEN).await;
    assert!(matches!(house.booking(id).await.state, State::Cancelled));
    assert!(house.get(&at).await.text().contains("Cancelled.\nby the manager"));
}

#[tokio::test]
async fn what_has_become_impossible_meanwhile_is_said() {
    let house = house().await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[TUE_10]).await;
    let at = format!("/bookings/{id}");
    house.post(&format!("{at}/fill"), "chair=0&musician=2").await;
    house.post(&format!("/y/{}", house.token(1).await), "").await;
    house.pass(TEN).await;
    let why = "Giving drums to Ben Castellano could not be done any more";
    let board = house.get("/").await.text();
    assert!(board.contains(why) && board.contains("That chair is held: release it first."), "{board}");
    let page = house.get(&at).await.text();
    assert!(page.contains(why) && page.contains("What was pressed had become impossible"), "{page}");
    assert_eq!(house.post(&format!("{at}/noted"), "").await.status, StatusCode::SEE_OTHER);
    assert!(!house.get("/").await.text().contains("could not be done"));
}

#[tokio::test]
async fn an_impossible_act_is_refused_at_once_and_nothing_waits() {
    let house = house().await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[TUE_10]).await;
    let at = format!("/bookings/{id}");
    let refused = house.post(&format!("{at}/ask"), "chair=0&musician=1").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("They were asked about this time already"), "{}", refused.text());
    assert!(!refused.body.contains("hx-get"), "a page at the address of an act is not looked at again");
    assert!(!house.get(&at).await.body.contains("/undo"));
    assert_eq!(house.post(&format!("{at}/dance"), "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn somebody_is_asked_by_hand_and_times_are_added_dropped_and_moved() {
    let house = house().await;
    let id = house.book(&[("drums", 1)], &[TUE_10, WED_10]).await;
    let at = format!("/bookings/{id}");
    let page = house.get(&at).await.text();
    assert!(page.contains("Ada Okafor (was asked)\nBen Castellano\n"), "{page}");
    house.post(&format!("{at}/ask"), "chair=0&musician=2").await;
    house.pass(TEN).await;
    assert_eq!(house.booking(id).await.offers.len(), 2);
    house.post(&format!("{at}/add"), "at=2026-12-10T14:00&length=2h").await;
    house.pass(TEN).await;
    let added = house.booking(id).await.times[2];
    assert_eq!(
        (added.start.to_string().as_str(), added.length()),
        ("2026-12-10T19:00:00Z", SignedDuration::from_hours(2))
    );
    house.post(&format!("{at}/drop"), &format!("start={}", WED_10.replace(':', "%3A"))).await;
    house.pass(TEN).await;
    assert_eq!(house.booking(id).await.times.len(), 2);
    house.post(&format!("/y/{}", house.token(1).await), "").await;
    house.post(&format!("{at}/move"), "at=2026-12-10T09:00").await;
    house.pass(TEN).await;
    assert_eq!(house.booking(id).await.session().unwrap().start.to_string(), "2026-12-10T14:00:00Z");
}

/// Rule 2.4.
#[tokio::test]
async fn a_time_that_the_clock_skips_is_refused_and_what_was_typed_is_kept() {
    let house = house().await;
    let id = house.book(&[("drums", 1)], &[TUE_10]).await;
    let refused = house.post(&format!("/bookings/{id}/add"), "at=2027-03-14T02:30&length=90m").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("There is no 02:30 on that day"), "{}", refused.text());
    assert!(refused.body.contains("<details id=\"add\" open>"));
    assert!(refused.body.contains("value=\"2027-03-14T02:30\"") && refused.body.contains("value=\"90m\""));
}

#[tokio::test]
async fn why_somebody_is_not_free_is_answered_on_the_page() {
    let house = house().await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[TUE_10]).await;
    house.post(&format!("/y/{}", house.token(3).await), "").await;
    let page = house.get(&format!("/bookings/{id}?who=3&at=2026-12-08T10:00")).await;
    assert!(page.text().contains("Not free."), "{}", page.text());
    assert!(page.text().contains("Is holding #1"), "{}", page.text());
    let free = house.get(&format!("/bookings/{id}?who=3&at=2026-12-08T12:00")).await.text();
    assert!(free.contains("Not known: asked like those who are free."), "{free}");
}

#[tokio::test]
async fn a_booking_is_typed_in_once_and_nothing_typed_is_lost() {
    let house = house().await;
    let empty = house.get("/bookings/new").await;
    assert!(empty.body.contains("value=\"America/New_York\"") && empty.body.contains("name=\"key\""));
    let wrong = house.post("/bookings/new", "key=k&name=Theo&count.drums=many&times=soon&length=1h&zone=Nowhere").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in ["value=\"Theo\"", "value=\"many\"", "value=\"Nowhere\"", ">soon<", "name=\"key\" value=\"k\""] {
        assert!(wrong.body.contains(kept), "{kept}\n{}", wrong.body);
    }
    let form = "key=k&name=Theo&count.drums=1&times=2026-12-08+10:00&length=1h&zone=America/New_York";
    for _ in 0..2 {
        let booked = house.post("/bookings/new", form).await;
        assert_eq!((booked.status.as_u16(), booked.header("location")), (303, "./1"));
    }
    assert_eq!(house.get("/bookings").await.body.matches("<tr").count(), 2, "pressing twice books once");
}

/// Starts are chosen, too; what cannot be had stays beside the others.
#[tokio::test]
async fn starts_are_chosen_or_typed() {
    let house = house().await;
    let form = "key=k&name=Theo&count.drums=1&times=2026-12-08+10:00&length=1h&zone=America/New_York\
        &start=2026-12-09T14:00&start=&start=2020-01-01T10:00";
    let wrong = house.post("/bookings/new", form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(">2026-12-08 10:00\n2026-12-09 14:00\n2020-01-01 10:00<"), "{}", wrong.body);
    let booked = house.post("/bookings/new", &form.replace("2020-01-01T10:00", "")).await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER);
    assert_eq!(house.booking(BookingId(1)).await.times.len(), 2);
}

/// What was written and waits for the morning is said before more are asked.
#[tokio::test]
async fn texts_that_wait_for_the_morning_are_counted() {
    let house = house().await;
    house.pass(SignedDuration::from_hours(12)).await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[WED_10]).await;
    let page = house.get(&format!("/bookings/{id}")).await.text();
    assert!(page.contains("2 texts wait for the end of quiet hours, until"), "{page}");
}

/// Who said what, in their own words; and whom the next wave asks.
#[tokio::test]
async fn the_board_has_their_own_words_and_who_is_next() {
    let house = house().await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[TUE_10]).await;
    let code = house.offer(1).await.code.unwrap();
    let phone = firstcall_core::contact::Phone::new(&crate::house::phone(1)).unwrap();
    house.engine.text_arrived(&phone, &format!("N{code} away at my sister's")).await.unwrap();
    house.settle().await;
    let board = house.get("/").await;
    assert!(board.text().contains("away at my sister's"), "{}", board.text());
    assert!(board.text().contains("asks Ben Castellano\nin 1 h"), "{}", board.text());
    let page = house.get(&format!("/bookings/{id}")).await.body;
    assert!(page.contains("<title>0/2 · drums, upright bass waiting · #1 · First Call</title>"));
}

/// What happened at night is folded.
#[tokio::test]
async fn nights_are_folded_in_the_log() {
    let house = house().await;
    let id = house.book(&[("drums", 1)], &[TUE_10]).await;
    house.pass(SignedDuration::from_hours(13)).await;
    house.post(&format!("/y/{}", house.token(1).await), "").await;
    let page = house.get(&format!("/bookings/{id}")).await;
    assert!(page.text().contains("Night: 4 lines"), "{}", page.text());
}
