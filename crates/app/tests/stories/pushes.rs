//! Google tells when a calendar changes.

use crate::studio::{BEGIN, Studio};
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::routing::post;
use axum::{Json, Router};
use firstcall::engine::Connection;
use firstcall::sources::Source;
use firstcall_core::ids::MusicianId;
use firstcall_store::testing::each_backend;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// As much of Google as this needs: tokens, busy times that the story sets, and channels.
#[derive(Clone, Default)]
struct Google(Arc<Mutex<(Vec<Value>, Vec<Value>)>>);

impl Google {
    async fn open(&self) -> String {
        let busy = async |State(google): State<Self>| {
            let busy = google.0.lock().unwrap().0.clone();
            Json(json!({ "calendars": { "primary": { "busy": busy } } }))
        };
        let watch = async |State(google): State<Self>, Json(body): Json<Value>| {
            let mut google = google.0.lock().unwrap();
            google.1.push(body);
            // The first ends a day and an hour after the story begins, the next a day later.
            let hours = if google.1.len() == 1 { 25 } else { 49 };
            let end = BEGIN.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours);
            Json(json!({ "resourceId": "r", "expiration": end.as_millisecond().to_string() }))
        };
        let tokens = async || Json(json!({ "access_token": "a", "expires_in": 3599, "token_type": "Bearer" }));
        let routes = Router::new()
            .route("/token", post(tokens))
            .route("/v3/freeBusy", post(busy))
            .route("/v3/calendars/primary/events/watch", post(watch))
            .with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }

    fn channels(&self) -> Vec<Value> {
        self.0.lock().unwrap().1.clone()
    }
}

async fn tells(studio: &Studio, channel: &str, token: &str) -> u16 {
    let request = Request::post("/hooks/google/calendar")
        .header("x-goog-channel-id", channel)
        .header("x-goog-channel-token", token)
        .header("x-goog-resource-state", "exists");
    studio.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
}

async fn availability(studio: &Studio) -> Value {
    let time = "start=2026-12-08T10:00:00-05:00&end=2026-12-08T11:00:00-05:00";
    studio.get(&format!("/api/v1/musicians/{}/availability?{time}", studio.id("Ann"))).await.expect(200).json()
}

/// Rule 3.2: what Google tells of is known within a minute, and not after half an hour; only Google is believed, and however
/// often it tells, a calendar is read once a minute; the channel is renewed before it ends.
#[tokio::test]
async fn a_change_that_google_tells_of_is_read_soon() {
    each_backend(async |store| {
        let google = Google::default();
        let url = google.open().await;
        let (token, api) = (format!("{url}/token"), format!("{url}/v3"));
        let settings = [
            ("FIRSTCALL__SERVER__PUBLIC_URL", "https://calls.example.com"),
            ("FIRSTCALL__GOOGLE__CLIENT_ID", "id"),
            ("FIRSTCALL__GOOGLE__CLIENT_SECRET", "secret"),
            ("FIRSTCALL__GOOGLE__TOKEN_URL", &token),
            ("FIRSTCALL__GOOGLE__CALENDAR_URL", &api),
        ];
        let studio = Studio::open(store, &["Ann: drums"], &settings).await;
        let connection = Connection {
            owner: Some(MusicianId(studio.id("Ann"))),
            name: "Ann's".to_owned(),
            source: Source::Google { refresh: "r".to_owned(), ours: None },
            blocks: true,
            writes: false,
            text: None,
        };
        studio.engine.connect_calendar(connection).await.unwrap();
        studio.settle().await;
        let channels = google.channels();
        assert_eq!(channels.len(), 1);
        assert_eq!(channels[0]["address"], "https://calls.example.com/hooks/google/calendar");
        let (id, token) = (channels[0]["id"].as_str().unwrap(), channels[0]["token"].as_str().unwrap());
        assert_eq!(availability(&studio).await["availability"], "free");

        google.0.lock().unwrap().0 = vec![json!({ "start": "2026-12-08T15:00:00Z", "end": "2026-12-08T16:00:00Z" })];
        assert_eq!(tells(&studio, id, "another").await, 404);
        assert_eq!(tells(&studio, "another", token).await, 404);
        studio.pass(2).await;
        assert_eq!(availability(&studio).await["availability"], "free", "somebody else was believed");
        assert_eq!((tells(&studio, id, token).await, tells(&studio, id, token).await), (204, 204));
        studio.pass(1).await;
        assert_eq!(availability(&studio).await["availability"], "busy");
        assert_eq!(google.channels().len(), 1);
        // It is due in an hour, and done at the next reading: three quarters of an hour later at the most.
        studio.pass(105).await;
        assert_eq!(google.channels().len(), 2, "the channel was not renewed");
    })
    .await;
}
