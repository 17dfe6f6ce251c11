//! The list of bookings: filtered, searched, a page at a time.

use crate::house::House;
use firstcall::engine::NewBooking;
use firstcall_core::booking::{Chair, Request};
use firstcall_core::span::Span;
use jiff::{SignedDuration, Timestamp};

async fn book(house: &House, name: &str, chairs: &[(&str, u16)], start: &str) {
    let request = Request {
        client_name: Some(name.to_owned()),
        client_email: Some(format!("{}@example.com", name.split(' ').next().unwrap().to_lowercase())),
        time_zone: "America/New_York".to_owned(),
        ..Request::default()
    };
    let start: Timestamp = start.parse().unwrap();
    let times = vec![Span::new(start, SignedDuration::from_hours(1))];
    house
        .engine
        .book(NewBooking { request, chairs: Chair::list(chairs.iter().copied()), times }, "desk", None)
        .await
        .unwrap();
    house.settle().await;
}

/// The numbers of the bookings on a page.
async fn numbers(house: &House, query: &str) -> Vec<String> {
    let page = house.get(&format!("/bookings?{query}")).await.body;
    let rows = page.split("<tr id=\"b").skip(1).map(|row| row.split('"').next().unwrap().to_owned());
    rows.collect()
}

#[tokio::test]
async fn bookings_are_found_by_what_is_known_of_them() {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician("Ben Castellano", 2, "upright_bass").await;
    book(&house, "Maribel O'Strander", &[("drums", 1)], "2026-12-08T15:00:00Z").await;
    book(&house, "Theo March", &[("drums", 1), ("upright_bass", 1)], "2026-12-09T15:00:00Z").await;
    book(&house, "Mary Stone", &[("violin", 1)], "2026-12-10T03:00:00Z").await;
    house.post(&format!("/y/{}", house.token(2).await), "").await;
    for (query, found) in [
        ("", &["3", "2", "1"][..]),
        ("q=mar", &["3", "2", "1"]),
        ("q=MARIBEL", &["1"]),
        ("q=o%27strander", &["1"]),
        ("q=theo%40example.com", &["2"]),
        ("q=stone+mary", &["3"]),
        ("q=stone+theo", &[]),
        ("q=%232", &["2"]),
        ("q=3", &["3"]),
        ("q=nobody", &[]),
        ("status=needs_me", &["3"]),
        ("status=calling", &["2", "1"]),
        ("status=booked", &[]),
        ("instrument=drums", &["2", "1"]),
        ("instrument=drums&q=theo", &["2"]),
        ("instrument=violin&status=calling", &[]),
        ("musician=2", &["2"]),
        ("musician=1&instrument=upright_bass", &["2"]),
        ("from=2026-12-09", &["3", "2"]),
        ("to=2026-12-08", &["1"]),
        ("from=2026-12-09&to=2026-12-09&instrument=violin", &["3"]),
        ("from=soon&musician=x&status=odd&before=y", &["3", "2", "1"]),
        ("before=3", &["2", "1"]),
    ] {
        assert_eq!(numbers(&house, query).await, found, "{query}");
    }
}
