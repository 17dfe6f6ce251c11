//! Server-sent events: the log as it is written, resumed where somebody left off.

use crate::house::{House, request};
use axum::body::BodyDataStream;
use axum::http::StatusCode;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;
use tower::ServiceExt;

const TUE_10: &str = "2026-12-08T15:00:00Z";

/// Somebody who listens.
struct Listener(BodyDataStream);

impl Listener {
    async fn at(house: &House, path: &str, headers: &[(&str, &str)]) -> Self {
        let response = house.router().oneshot(request("GET", path, headers, "")).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body().into_data_stream())
    }

    /// The next piece; none when the stream has ended.
    async fn next(&mut self) -> Option<String> {
        let next = timeout(Duration::from_secs(20), self.0.next()).await.expect("nothing came");
        next.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap())
    }

    /// The numbers of the lines, up to the one of this kind.
    async fn until(&mut self, kind: &str) -> Vec<i64> {
        let mut ids = Vec::new();
        loop {
            let piece = self.next().await.unwrap();
            if let Some(id) = piece.lines().find_map(|line| line.strip_prefix("id: ")) {
                ids.push(id.parse().unwrap());
            }
            if piece.contains(&format!("\"kind\":\"{kind}\"")) {
                return ids;
            }
        }
    }
}

async fn house() -> House {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    house
}

#[tokio::test]
async fn each_line_of_the_log_is_one_event() {
    let house = house().await;
    let mut listener = Listener::at(&house, "/events", &[]).await;
    assert!(listener.next().await.unwrap().contains("retry: 2000"));
    house.book(&[("drums", 1)], &[TUE_10]).await;
    let ids = listener.until("asked").await;
    assert_eq!(ids, (1..=house.log_length().await).collect::<Vec<_>>());
    house.post(&format!("/y/{}", house.token(1).await), "").await;
    assert_eq!(listener.until("booked").await, [5, 6]);
}

#[tokio::test]
async fn who_was_away_catches_up() {
    let house = house().await;
    house.book(&[("drums", 1)], &[TUE_10]).await;
    let mut by_header = Listener::at(&house, "/events?since=0", &[("last-event-id", "2")]).await;
    assert_eq!(by_header.until("asked").await, [3, 4]);
    let mut by_query = Listener::at(&house, "/events?since=3", &[]).await;
    assert_eq!(by_query.until("asked").await, [4]);
    let mut odd = Listener::at(&house, "/events?since=x", &[("last-event-id", "y")]).await;
    assert!(odd.next().await.unwrap().contains("retry"));
}

#[tokio::test]
async fn streams_end_when_the_program_does() {
    let house = house().await;
    let mut listener = Listener::at(&house, "/events", &[]).await;
    listener.next().await.unwrap();
    house.close.send(true).unwrap();
    assert_eq!(listener.next().await, None);
}
