//! Calendars on loopback under addresses: what stands in each, and what the server makes of a request, is for the story.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What a server says of a calendar.
#[derive(Clone, Debug)]
pub enum Says {
    /// This is in it.
    Calendar(String),
    /// This status.
    Status(u16),
    /// A page.
    Page(&'static str),
}

/// A server with calendars.
#[derive(Clone)]
pub struct Feeds {
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    calendars: Mutex<HashMap<String, Says>>,
    asked: Mutex<Vec<(String, u16)>>,
}

impl Feeds {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let router = Router::new().route("/{name}", get(answer)).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    /// From now on the server says this of a calendar. Returns its address.
    pub fn says(&self, name: &str, says: Says) -> String {
        self.shared.calendars.lock().unwrap().insert(name.to_owned(), says);
        format!("{}/{name}", self.url)
    }

    /// A calendar with these events: "DTSTART…" and what follows, each with a UID of its own.
    pub fn has(&self, name: &str, events: &[&str]) -> String {
        self.says(name, Says::Calendar(calendar(events)))
    }

    /// How a calendar was answered, request by request.
    pub fn answers(&self, name: &str) -> Vec<u16> {
        let asked = self.shared.asked.lock().unwrap();
        asked.iter().filter(|(asked, _)| asked == name).map(|(_, status)| *status).collect()
    }
}

/// A calendar with these events.
pub fn calendar(events: &[&str]) -> String {
    let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned(), "PRODID:-//example//EN".to_owned()];
    for (number, event) in events.iter().enumerate() {
        let uid = if event.contains("UID:") { String::new() } else { format!("UID:event-{number}@example.com\r\n") };
        lines.push(format!(
            "BEGIN:VEVENT\r\n{uid}DTSTAMP:20261101T000000Z\r\n{}\r\nEND:VEVENT",
            event.replace('\n', "\r\n")
        ));
    }
    lines.push("END:VCALENDAR\r\n".to_owned());
    lines.join("\r\n")
}

async fn answer(State(shared): State<Arc<Shared>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let says = shared.calendars.lock().unwrap().get(&name).cloned().unwrap_or(Says::Status(404));
    let response = match says {
        Says::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Says::Page(page) => page.into_response(),
        Says::Calendar(text) => {
            let tag = format!("\"{}\"", text.len());
            if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
                StatusCode::NOT_MODIFIED.into_response()
            } else {
                ([(header::CONTENT_TYPE, "text/calendar".to_owned()), (header::ETAG, tag)], text).into_response()
            }
        }
    };
    shared.asked.lock().unwrap().push((name, response.status().as_u16()));
    response
}
