//! Call sheets (rule 6.5).

use crate::house::House;
use axum::http::StatusCode;

const WED_10: &str = "2026-12-02T15:00:00Z";

async fn booked() -> (House, String) {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician_in("Cleo Marsh", 3, "upright_bass", "Europe/Berlin").await;
    house.book(&[("drums", 1), ("upright_bass", 1)], &[WED_10]).await;
    let (ada, cleo) = (house.token(1).await, house.token(3).await);
    house.post(&format!("/y/{ada}"), "").await;
    let early = house.get(&format!("/s/{cleo}")).await;
    assert!(early.text().starts_with("This session is not booked yet."), "{}", early.text());
    house.post(&format!("/y/{cleo}"), "").await;
    house.settle().await;
    (house, cleo)
}

#[tokio::test]
async fn who_plays_sees_where_when_and_with_whom() {
    let (house, cleo) = booked().await;
    let page = house.get(&format!("/s/{cleo}")).await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("sheet", page.text());
    assert!(!page.body.contains("+12125550101") && !page.body.contains("javascript:"));
    assert!(page.body.contains("rel=\"noopener nofollow\">https://example.com/lantern.mp3"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.body.len() < 8_000);
}

#[tokio::test]
async fn the_event_is_the_same_for_everybody_and_every_time() {
    let (house, cleo) = booked().await;
    let file = house.get(&format!("/s/{cleo}.ics")).await;
    assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8; method=PUBLISH");
    for line in [
        "UID:booking-1@127.0.0.1",
        "DTSTART;TZID=America/New_York:20261202T100000",
        "LOCATION:14 Canal Yard\\, New York",
    ] {
        assert!(file.body.contains(&format!("{line}\r\n")), "{line}\n{}", file.body);
    }
}

#[tokio::test]
async fn nobody_else_gets_a_call_sheet() {
    let (house, cleo) = booked().await;
    house.post(&format!("/n/{cleo}"), "").await;
    let out = house.get(&format!("/s/{cleo}")).await;
    assert!(out.text().starts_with("You are not on this session."));
    assert!(!out.body.contains("Okafor"));
    assert_eq!(house.get("/s/AAAAAAAAAAAAAAAA").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/s/AAAAAAAAAAAAAAAA.ics").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.post(&format!("/s/{cleo}"), "").await.status, StatusCode::METHOD_NOT_ALLOWED);
}
