//! A small studio on a database in memory, whose clock stands still.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, Request, StatusCode};
use firstcall::carriers::Carriers;
use firstcall::clock::Clock;
use firstcall::engine::{Engine, MusicianChange, NewBooking};
use firstcall::settings::{Environment, Place, load};
use firstcall::sources::Sources;
use firstcall::{web, worker};
use firstcall_core::booking::{Booking, Chair, Request as Wanted};
use firstcall_core::contact::Phone;
use firstcall_core::ids::BookingId;
use firstcall_core::span::Span;
use firstcall_store::messages::Message;
use firstcall_store::{Store, bookings, journal, messages, roster};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::watch;
use tower::ServiceExt;

/// A Tuesday morning, 09:30 in New York.
pub const BEGIN: &str = "2026-12-01T14:30:00Z";

pub struct House {
    pub engine: Engine,
    pub carriers: Arc<Carriers>,
    pub clock: Clock,
    pub close: watch::Sender<bool>,
    router: Router,
}

/// What was answered to a request.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl House {
    pub async fn new() -> Self {
        Self::with(&[], web::Mode::Serve).await
    }

    pub async fn with(own: &[(&str, &str)], mode: web::Mode) -> Self {
        let fixed = [
            ("FIRSTCALL__STUDIO__NAME", "Fern Room"),
            ("FIRSTCALL__STUDIO__ADDRESS", "14 Canal Yard, New York"),
            ("FIRSTCALL__STUDIO__PHONE", "+12125550100"),
            ("FIRSTCALL__MANAGER__NAME", "Rosa"),
            ("FIRSTCALL__MANAGER__PHONE", "+12125550199"),
            ("FIRSTCALL__INTAKE__TOKEN", "letters"),
        ];
        let environment = fixed.iter().chain(own).copied().collect::<Environment>();
        let settings = load(&Place::Nowhere, &environment).unwrap().settings;
        let clock = Clock::starting_at(BEGIN.parse().unwrap(), 0);
        let store = Store::open("sqlite::memory:").await.unwrap();
        let engine = Engine::new(store, clock.clone(), Arc::new(settings));
        let carriers = Arc::new(Carriers::new(engine.settings()).unwrap());
        let sources = Arc::new(Sources::new(&engine).unwrap());
        let (close, closing) = watch::channel(false);
        let router = web::router(engine.clone(), Arc::clone(&carriers), Arc::clone(&sources), closing, mode);
        Self { engine, carriers, clock, close, router }
    }

    /// Adds a musician who lives where the studio is.
    pub async fn musician(&self, name: &str, number: u8, plays: &str) {
        self.musician_in(name, number, plays, "America/New_York").await;
    }

    pub async fn musician_in(&self, name: &str, number: u8, plays: &str, zone: &str) {
        let change = MusicianChange {
            name: Some(name.to_owned()),
            phone: Some(Phone::new(&phone(number)).unwrap()),
            zone: Some(jiff::tz::TimeZone::get(zone).unwrap()),
            instruments: Some(vec![(plays.to_owned(), None)]),
            ..MusicianChange::default()
        };
        self.engine.add_musician(change).await.unwrap();
    }

    /// A booking for these chairs, one hour long, at each of these starts; its first texts have left.
    pub async fn book(&self, chairs: &[(&str, u16)], starts: &[&str]) -> BookingId {
        let hour = SignedDuration::from_hours(1);
        let times = starts.iter().map(|start| Span::new(start.parse::<Timestamp>().unwrap(), hour)).collect();
        let request = Wanted {
            client_name: Some("Maribel <b>Ostrander".to_owned()),
            client_email: Some("maribel@example.com".to_owned()),
            time_zone: "America/Chicago".to_owned(),
            notes: Some("Two songs, both mid-tempo.".to_owned()),
            links: vec!["https://example.com/lantern.mp3".to_owned(), "javascript:alert(1)".to_owned()],
            ..Wanted::default()
        };
        let new = NewBooking { request, chairs: Chair::list(chairs.iter().copied()), times };
        let id = self.engine.book(new, "desk", None).await.unwrap().id;
        self.settle().await;
        id
    }

    /// Lets everything happen that is due.
    pub async fn settle(&self) {
        loop {
            let woken = worker::wake_due(&self.engine).await.unwrap();
            let sent = worker::send_due(&self.engine, &self.carriers).await.unwrap();
            if woken + sent == 0 {
                return;
            }
        }
    }

    pub async fn pass(&self, time: SignedDuration) {
        self.clock.set(self.clock.now() + time);
        self.settle().await;
    }

    pub async fn booking(&self, id: BookingId) -> Booking {
        self.engine.store().read(async move |tx| bookings::get(tx, id).await).await.unwrap().unwrap()
    }

    /// The newest offer to the musician with this number.
    pub async fn offer(&self, number: u8) -> Message {
        let phone = Phone::new(&phone(number)).unwrap();
        let read = async move |tx: &mut firstcall_store::Tx| {
            let entry = roster::by_phone(tx, &phone).await?.unwrap();
            messages::offers_to(tx, entry.musician.id, 1).await
        };
        self.engine.store().read(read).await.unwrap().remove(0)
    }

    pub async fn token(&self, number: u8) -> String {
        self.offer(number).await.token.unwrap()
    }

    /// How many lines the log has: a request that changed nothing leaves it as it was.
    pub async fn log_length(&self) -> i64 {
        self.engine.store().read(async |tx| journal::last(tx).await).await.unwrap()
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// The router, for answers that never end.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.ask(request(method, path, headers, body)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.send("POST", path, &[("content-type", "application/x-www-form-urlencoded")], form).await
    }
}

/// A request as a browser on this computer makes it.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080");
    for (name, value) in headers {
        if *name == "host" {
            request.headers_mut().unwrap().remove("host");
        }
        request = request.header(name.parse::<HeaderName>().unwrap(), *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

pub fn phone(number: u8) -> String {
    format!("+121255501{number:02}")
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What somebody reads: the text of the page's main part, one line for each element.
    pub fn text(&self) -> String {
        let main = self.body.split("<main").nth(1).unwrap_or(&self.body);
        let main = main.split_once('>').map_or(main, |(_, rest)| rest);
        let main = main.split("</main>").next().unwrap();
        let mut text = String::new();
        let mut inside = false;
        for letter in main.chars() {
            match letter {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push('\n');
                }
                _ if !inside => text.push(letter),
                _ => {}
            }
        }
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n").replace("&#39;", "'")
    }
}
