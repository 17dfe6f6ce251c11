//! A studio to tell stories about: the real routes, engine, worker steps and database; a clock that the story moves.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use firstcall::carriers::Carriers;
use firstcall::clock::Clock;
use firstcall::engine::{Engine, MusicianChange};
use firstcall::settings::{Environment, Place, Settings, load};
use firstcall::sources::Sources;
use firstcall::{web, worker};
use firstcall_core::contact::Phone;
use firstcall_store::{Store, Tx, messages};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tower::ServiceExt;

pub const KEY: &str = "test-key";
pub const TOKEN: &str = "test-token";
/// A Tuesday morning in New York, when nobody's quiet hours are on.
pub const BEGIN: &str = "2026-12-01T10:00:00-05:00";

/// A studio.
pub struct Studio {
    pub engine: Engine,
    pub carriers: Arc<Carriers>,
    pub sources: Arc<Sources>,
    router: Router,
    people: HashMap<String, (i64, Phone)>,
    read: Mutex<HashMap<String, i64>>,
    _close: watch::Sender<bool>,
}

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e} in {}", self.body))
    }

    /// The same answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }
}

/// A text somebody got.
#[derive(Debug)]
pub struct Text {
    pub body: String,
    pub code: Option<u32>,
    token: Option<String>,
    phone: String,
}

impl Studio {
    /// A studio with these musicians ("Ann: drums, violin") and these settings beside the usual ones.
    pub async fn open(store: Store, musicians: &[&str], settings: &[(&str, &str)]) -> Self {
        let begin: Timestamp = BEGIN.parse().unwrap();
        let engine = Engine::new(store, Clock::starting_at(begin, 0), usual_settings(settings));
        let carriers = Arc::new(Carriers::new(engine.settings()).unwrap());
        let sources = Arc::new(Sources::new(&engine).unwrap());
        let (close, closing) = watch::channel(false);
        let router =
            web::router(engine.clone(), Arc::clone(&carriers), Arc::clone(&sources), closing, web::Mode::Serve);
        let manager = HashMap::from([("Rosa".to_owned(), (0, Phone::new("+12125550199").unwrap()))]);
        let mut studio =
            Self { engine, carriers, sources, router, people: manager, read: Mutex::default(), _close: close };
        for musician in musicians {
            studio.add(musician).await;
        }
        studio
    }

    /// Puts somebody on the roster: "Ann: drums, violin".
    pub async fn add(&mut self, musician: &str) {
        let (name, plays) = musician.split_once(": ").unwrap();
        let phone = Phone::new(&format!("+1212555{:04}", 100 + self.people.len())).unwrap();
        let change = MusicianChange {
            name: Some(name.to_owned()),
            phone: Some(phone.clone()),
            instruments: Some(plays.split(", ").map(|plays| (plays.to_owned(), None)).collect()),
            ..MusicianChange::default()
        };
        let entry = self.engine.add_musician(change).await.unwrap();
        self.people.insert(name.to_owned(), (entry.musician.id.0, phone));
    }

    /// Asks somebody to join the list.
    pub async fn invite(&mut self, name: &str, plays: &str) {
        let phone = Phone::new(&format!("+1212555{:04}", 100 + self.people.len())).unwrap();
        let body = json!({ "name": name, "phone": phone.as_str(), "instruments": [plays], "status": "invited" });
        let id = self.post("/api/v1/musicians", &body).await.expect(201).json()["id"].as_i64().unwrap();
        self.people.insert(name.to_owned(), (id, phone));
    }

    pub fn id(&self, name: &str) -> i64 {
        self.people[name].0
    }

    pub fn phone(&self, name: &str) -> &Phone {
        &self.people[name].1
    }

    /// Does everything that is due, as the worker would.
    pub async fn settle(&self) {
        loop {
            worker::freshen_due(&self.engine, &self.sources).await;
            let woken = worker::wake_due(&self.engine).await.unwrap();
            let sent = worker::send_due(&self.engine, &self.carriers).await.unwrap();
            let followed = worker::calendars_due(&self.engine, &self.sources).await.unwrap();
            if woken + sent + followed == 0 {
                return;
            }
        }
    }

    /// Lets time pass: every deadline on the way fires at its moment.
    pub async fn pass(&self, minutes: i64) {
        let end = self.engine.clock().now() + SignedDuration::from_mins(minutes);
        self.settle().await;
        loop {
            let bookings = self.engine.next_booking_due().await.unwrap();
            let texts = self.engine.next_message_due().await.unwrap();
            let texts = texts.map(|due| match self.carriers.room(1, self.engine.clock().now()) {
                Ok(_) => due,
                Err(until) => due.max(until),
            });
            let calendars = self.engine.next_calendar_due().await.unwrap();
            let entries = self.engine.next_entry_due().await.unwrap();
            match bookings.into_iter().chain(texts).chain(calendars).chain(entries).min().filter(|next| *next <= end) {
                Some(next) => self.engine.clock().set(next.max(self.engine.clock().now())),
                None => break,
            }
            self.settle().await;
        }
        self.engine.clock().set(end);
        self.settle().await;
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// The routes, for requests that need more than a body.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The answer, and where it sends people.
    pub async fn send_and_follow(&self, request: Request<Body>) -> (Answer, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (Answer { status, body: String::from_utf8_lossy(&bytes).into_owned() }, to.unwrap_or_default())
    }

    /// From here on somebody is known by this name.
    pub fn knows(&mut self, name: &str, id: i64, phone: &str) {
        self.people.insert(name.to_owned(), (id, Phone::new(phone).unwrap()));
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {KEY}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {KEY}"))
            .header(header::CONTENT_TYPE, "application/json");
        let answer = self.send(request.body(Body::from(body.to_string())).unwrap()).await;
        self.settle().await;
        answer
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    /// Posts a mail with these lines.
    pub async fn mail(&self, id: &str, lines: &str) -> Answer {
        let raw = format!(
            "From: Tess Granger <tess@example.com>\r\nTo: bookings@example.com\r\nSubject: Session\r\n\
             Date: Tue, 1 Dec 2026 09:58:00 -0500\r\nMessage-ID: <{id}@mail.example.com>\r\n\r\n{lines}\r\n"
        );
        let request = Request::post("/workflow/email")
            .header("x-firstcall-token", TOKEN)
            .header(header::CONTENT_TYPE, "message/rfc822");
        let answer = self.send(request.body(Body::from(raw)).unwrap()).await;
        self.settle().await;
        answer
    }

    /// Posts a mail that asks for these instruments at these times of 8 December, and returns its booking's number.
    pub async fn book(&self, id: &str, instruments: &str, times: &str) -> i64 {
        let lines = format!(
            "Name: Tess Granger\r\nInstruments: {instruments}\r\nDate: Tuesday, December 8, 2026\r\nTimes: {times}\r\n\
             Time zone: Eastern Time"
        );
        self.mail(id, &lines).await.expect(201).json()["booking_id"].as_i64().unwrap()
    }

    pub async fn booking(&self, id: i64) -> Value {
        self.get(&format!("/api/v1/bookings/{id}")).await.expect(200).json()
    }

    pub async fn status(&self, id: i64) -> String {
        self.booking(id).await["status"].as_str().unwrap().to_owned()
    }

    pub async fn messages(&self, id: i64) -> Vec<Value> {
        let page = self.get(&format!("/api/v1/bookings/{id}/messages?limit=200")).await.expect(200).json();
        page["items"].as_array().unwrap().clone()
    }

    /// The newest offer to somebody about a booking, as the interface shows it.
    pub async fn offer_to(&self, id: i64, name: &str) -> Value {
        let musician = self.id(name);
        let offers = self.messages(id).await;
        let theirs = |m: &&Value| m["kind"] == "offer" && m["musician_id"] == json!(musician);
        offers.iter().rev().find(theirs).unwrap_or_else(|| panic!("{name} was not asked")).clone()
    }

    /// Everything somebody got that the story has not read yet, oldest first.
    pub async fn new_texts(&self, name: &str) -> Vec<Text> {
        let phone = self.phone(name).as_str().to_owned();
        let after = self.read.lock().unwrap().get(name).copied().unwrap_or(0);
        let number = phone.clone();
        let read = async move |tx: &mut Tx| messages::received_by(tx, &number, 500).await;
        let mut new = self.engine.store().read(read).await.unwrap();
        new.retain(|message| message.id > after);
        new.reverse();
        if let Some(last) = new.last() {
            self.read.lock().unwrap().insert(name.to_owned(), last.id);
        }
        let text = |m: messages::Message| Text { body: m.body, code: m.code, token: m.token, phone: phone.clone() };
        new.into_iter().map(text).collect()
    }

    /// Somebody got exactly one new text, and it says this.
    pub async fn expect_text(&self, name: &str, says: &str) -> Text {
        let mut texts = self.new_texts(name).await;
        assert_eq!(texts.len(), 1, "{name} was to get one text that says {says:?}, and got {texts:#?}");
        let text = texts.remove(0);
        assert!(text.body.contains(says), "{name} was to be told {says:?}, not {:?}", text.body);
        text
    }

    /// Nobody of these got anything new.
    pub async fn expect_silence(&self, names: &[&str]) {
        for name in names {
            let texts = self.new_texts(name).await;
            assert!(texts.is_empty(), "{name} was to get nothing, and got {texts:#?}");
        }
    }

    /// Presses the button of an offer's link.
    pub async fn press(&self, link: &str, text: &Text) -> Answer {
        let path = format!("/{link}/{}", text.token.as_deref().expect("an offer"));
        let answer = self.send(Request::post(path).body(Body::empty()).unwrap()).await;
        self.settle().await;
        answer
    }

    pub async fn yes(&self, text: &Text) -> Answer {
        self.press("y", text).await.expect(200)
    }

    pub async fn no(&self, text: &Text) -> Answer {
        self.press("n", text).await.expect(200)
    }

    /// Somebody texts the studio.
    pub async fn texts(&self, name: &str, words: &str) {
        self.engine.text_arrived(self.phone(name), words).await.unwrap();
        self.settle().await;
    }

    /// Answers a text by text; `#` stands for its code.
    pub async fn replies(&self, text: &Text, words: &str) {
        let code = text.code.map(|code| code.to_string()).unwrap_or_default();
        let phone = Phone::new(&text.phone).unwrap();
        self.engine.text_arrived(&phone, &words.replace('#', &code)).await.unwrap();
        self.settle().await;
    }
}

/// The settings that every studio has, and these beside them.
pub fn usual_settings(more: &[(&str, &str)]) -> Arc<Settings> {
    let usual = [
        ("FIRSTCALL__API__KEYS", KEY),
        ("FIRSTCALL__INTAKE__TOKEN", TOKEN),
        ("FIRSTCALL__CALENDARS__KEY", "what seals calendars in stories"),
        ("FIRSTCALL__CALENDARS__PRIVATE_ADDRESSES", "on"),
        ("FIRSTCALL__STUDIO__NAME", "Fern Room"),
        ("FIRSTCALL__MANAGER__NAME", "Rosa"),
        ("FIRSTCALL__MANAGER__PHONE", "+12125550199"),
    ];
    let environment: Environment = usual.into_iter().chain(more.iter().copied()).collect();
    Arc::new(load(&Place::Nowhere, &environment).expect("settings").settings)
}
