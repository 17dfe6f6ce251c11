//! A Google calendar from the consent to an offer that is not made, with npm `emulate` as Google, which somebody else wrote,
//! over real sockets (`scripts/test` installs it).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "../../connect/tests/support/node.rs"]
mod node;

use firstcall::carriers::Carriers;
use firstcall::clock::Clock;
use firstcall::engine::{Engine, MusicianChange, NewBooking};
use firstcall::settings::{Environment, Place, load};
use firstcall::sources::Sources;
use firstcall::{web, worker};
use firstcall_core::booking::{Chair, Request};
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use firstcall_core::span::Span;
use firstcall_store::calendars::{self, Calendar};
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::{Store, Tx};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, Url};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

const ANN: &str = "+12125550101";
const FORM: &str = "application/x-www-form-urlencoded";

struct House {
    engine: Engine,
    carriers: Arc<Carriers>,
    sources: Arc<Sources>,
    url: String,
    ann: MusicianId,
    browser: Client,
    _google: node::Server,
    google: String,
    _close: watch::Sender<bool>,
}

impl House {
    async fn open() -> Self {
        let google = node::google();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let at = |path: &str| format!("{}{path}", google.url);
        let [auth, token, calendar] = [at("/o/oauth2/v2/auth"), at("/oauth2/token"), at("/calendar/v3")];
        let environment: Environment = [
            ("FIRSTCALL__SERVER__PUBLIC_URL", url.as_str()),
            ("FIRSTCALL__STUDIO__NAME", "Fern Room"),
            ("FIRSTCALL__MANAGER__PHONE", "+12125550199"),
            ("FIRSTCALL__CALLING__QUIET_HOURS", "off"),
            ("FIRSTCALL__CALENDARS__KEY", "what seals calendars"),
            ("FIRSTCALL__GOOGLE__CLIENT_ID", "firstcall.apps.example.com"),
            ("FIRSTCALL__GOOGLE__CLIENT_SECRET", "secret"),
            ("FIRSTCALL__GOOGLE__AUTH_URL", auth.as_str()),
            ("FIRSTCALL__GOOGLE__TOKEN_URL", token.as_str()),
            ("FIRSTCALL__GOOGLE__CALENDAR_URL", calendar.as_str()),
        ]
        .into_iter()
        .collect();
        let settings = load(&Place::Nowhere, &environment).unwrap().settings;
        let clock = Clock::starting_at(Timestamp::now(), 0);
        let engine = Engine::new(Store::open("sqlite::memory:").await.unwrap(), clock, Arc::new(settings));
        let carriers = Arc::new(Carriers::new(engine.settings()).unwrap());
        let sources = Arc::new(Sources::new(&engine).unwrap());
        let (close, closing) = watch::channel(false);
        let router =
            web::router(engine.clone(), Arc::clone(&carriers), Arc::clone(&sources), closing.clone(), web::Mode::Serve);
        tokio::spawn(web::serve(listener, watch::channel(router).1, closing));
        let ann = MusicianChange {
            name: Some("Ann".to_owned()),
            phone: Some(Phone::new(ANN).unwrap()),
            instruments: Some(vec![("drums".to_owned(), None)]),
            ..MusicianChange::default()
        };
        let ann = engine.add_musician(ann).await.unwrap().musician.id;
        // Whoever was first has installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let browser = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let google_url = google.url.clone();
        Self { engine, carriers, sources, url, ann, browser, _google: google, google: google_url, _close: close }
    }

    async fn settle(&self) {
        loop {
            worker::freshen_due(&self.engine, &self.sources).await;
            let woken = worker::wake_due(&self.engine).await.unwrap();
            let sent = worker::send_due(&self.engine, &self.carriers).await.unwrap();
            let read = worker::calendars_due(&self.engine, &self.sources).await.unwrap();
            if woken + sent + read == 0 {
                return;
            }
        }
    }

    async fn texts(&self) -> Vec<Message> {
        self.engine.store().read(async |tx: &mut Tx| messages::list(tx, &Which::All, 0, 99).await).await.unwrap()
    }

    async fn calendars(&self) -> Vec<Calendar> {
        let ann = self.ann;
        self.engine.store().read(async move |tx: &mut Tx| calendars::of(tx, Some(ann)).await).await.unwrap()
    }

    /// The link of Ann's page, by a text.
    async fn page(&self) -> String {
        self.engine.text_arrived(&Phone::new(ANN).unwrap(), "ME").await.unwrap();
        self.settle().await;
        let text = self.texts().await.into_iter().rev().find(|text| text.body.contains("/me/")).unwrap();
        text.body.split_whitespace().find(|word| word.contains("/me/")).unwrap().to_owned()
    }

    async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Response {
        let body = serde_urlencoded::to_string(fields).unwrap();
        self.browser.post(url).header(CONTENT_TYPE, FORM).body(body).send().await.unwrap()
    }

    /// Off to Google: its page, and our cookie.
    async fn asks(&self, page: &str, fields: &[(&str, &str)]) -> (Url, String) {
        let sent = self.post(&format!("{page}/google"), fields).await;
        assert_eq!(sent.status(), 303);
        let cookie = sent.headers()[SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        (Url::parse(sent.headers()[LOCATION].to_str().unwrap()).unwrap(), cookie)
    }

    /// Somebody agrees on Google's page; where that sends them.
    async fn agrees(&self, at: &Url, scope: Option<&str>) -> String {
        assert!(self.browser.get(at.clone()).send().await.unwrap().text().await.unwrap().contains("Sign in to Google"));
        let asked: HashMap<String, String> = at.query_pairs().into_owned().collect();
        let mut fields: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if let Some(scope) = scope {
            fields.retain(|(name, _)| *name != "scope");
            fields.push(("scope", scope));
        }
        fields.push(("email", "testuser@gmail.com"));
        let sent = self.post(&format!("{}/o/oauth2/v2/auth/callback", self.google), &fields).await;
        sent.headers().get(LOCATION).unwrap().to_str().unwrap().to_owned()
    }

    async fn comes_back(&self, to: &str, cookie: &str) -> (u16, String) {
        let answer = self.browser.get(to).header(COOKIE, cookie).send().await.unwrap();
        let (status, to) = (answer.status().as_u16(), answer.headers().get(LOCATION).cloned());
        let body = answer.text().await.unwrap();
        (status, to.map_or(body, |to| to.to_str().unwrap().to_owned()))
    }

    /// Puts something into her Google calendar, and returns what gives us access to it.
    async fn enters(&self, calendar: &Calendar, time: Span) -> String {
        let source: Value = serde_json::from_str(&self.engine.seal().open(&calendar.source).unwrap()).unwrap();
        let refresh = source["refresh"].as_str().unwrap().to_owned();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let tokens = self.post(&format!("{}/oauth2/token", self.google), &form).await.text().await.unwrap();
        let tokens: Value = serde_json::from_str(&tokens).unwrap();
        let event = json!({ "summary": "Tour", "start": { "dateTime": time.start }, "end": { "dateTime": time.end } });
        let url = format!("{}/calendar/v3/calendars/primary/events", self.google);
        let request = self.browser.post(url).bearer_auth(tokens["access_token"].as_str().unwrap());
        let request = request.header(CONTENT_TYPE, "application/json").body(event.to_string());
        assert_eq!(request.send().await.unwrap().status(), 200);
        refresh
    }

    /// Makes a booking an hour long; says whether Ann was asked.
    async fn asked_at(&self, start: Timestamp) -> bool {
        let before = self.texts().await.iter().filter(|text| text.kind == "offer").count();
        let times = vec![Span::new(start, SignedDuration::from_hours(1))];
        let new = NewBooking { request: Request::default(), chairs: Chair::list([("drums", 1)]), times };
        self.engine.book(new, "test", None).await.unwrap();
        self.settle().await;
        self.texts().await.iter().filter(|text| text.kind == "offer").count() > before
    }
}

/// Rules 3.2, 3.3: agreed, connected, read; what is busy is not asked about. Withdrawn, its owner is told once, agrees
/// again, and it is the same calendar.
#[tokio::test(flavor = "multi_thread")]
async fn r3_2_a_google_calendar_from_consent_to_offer() {
    let house = House::open().await;
    let page = house.page().await;
    let shown = house.browser.get(&page).send().await.unwrap();
    let policy = shown.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains(&format!("form-action 'self' {};", house.google)), "{policy}");
    assert!(shown.text().await.unwrap().contains("Connect Google Calendar"));

    let (at, cookie) = house.asks(&page, &[]).await;
    let back = house.agrees(&at, None).await;
    assert!(back.starts_with(&format!("{}/calendars/google?", house.url)), "{back}");
    let (status, to) = house.comes_back(&back, &cookie).await;
    assert_eq!((status, to.starts_with("../me/")), (303, true), "{to}");
    house.settle().await;
    let connected = house.calendars().await;
    assert_eq!((connected.len(), connected[0].writes, connected[0].trouble.clone()), (1, true, None));
    assert!(connected[0].read_at.is_some());
    let (status, again) = house.comes_back(&back, &cookie).await;
    assert!(status == 409 && again.contains("was used already"), "{again}");
    assert_eq!(house.calendars().await.len(), 1);

    let start = Timestamp::from_second(Timestamp::now().as_second() / 3600 * 3600 + 48 * 3600).unwrap();
    let busy = Span::new(start, SignedDuration::from_hours(2));
    let refresh = house.enters(&connected[0], busy).await;
    house.engine.read_calendar_soon(Some(house.ann), connected[0].id).await.unwrap();
    house.settle().await;
    assert!(!house.asked_at(start).await, "she is busy");
    assert!(house.asked_at(busy.end).await, "and free afterwards");

    house.post(&format!("{}/oauth2/revoke", house.google), &[("token", &refresh)]).await;
    for _ in 0..2 {
        house.engine.read_calendar_soon(Some(house.ann), connected[0].id).await.unwrap();
        house.settle().await;
    }
    let lost = |text: &&Message| text.to == ANN && text.body.contains("can no longer see your Google calendar");
    let texts = house.texts().await;
    let told: Vec<&Message> = texts.iter().filter(lost).collect();
    assert_eq!(told.len(), 1, "{texts:?}");
    assert!(texts.iter().any(|text| text.musician.is_none() && text.body.contains("cannot be read")), "{texts:?}");

    let link = told[0].body.split_whitespace().find(|word| word.contains("/me/")).unwrap();
    let shown = house.browser.get(link).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("Connect it again") && shown.contains("withdrawn"), "{shown}");
    let id = connected[0].id.to_string();
    let (at, cookie) = house.asks(link, &[("calendar", &id)]).await;
    let back = house.agrees(&at, None).await;
    assert_eq!(house.comes_back(&back, &cookie).await.0, 303);
    house.settle().await;
    let again = house.calendars().await;
    assert_eq!((again.len(), again[0].id, again[0].trouble.clone()), (1, connected[0].id, None));
}

/// What is not agreed to, comes from elsewhere or too late connects nothing, and the page says why.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_consent_connects_nothing() {
    let house = House::open().await;
    let page = house.page().await;
    let declined = |at: &Url| {
        let state = at.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        format!("{}/calendars/google?error=access_denied&state={state}", house.url)
    };
    let (at, cookie) = house.asks(&page, &[]).await;
    let (status, body) = house.comes_back(&declined(&at), &cookie).await;
    assert!(status == 409 && body.contains("You did not agree at Google."), "{body}");

    let (at, cookie) = house.asks(&page, &[]).await;
    let back = house.agrees(&at, Some("https://www.googleapis.com/auth/calendar.app.created")).await;
    let (status, body) = house.comes_back(&back, &cookie).await;
    assert!(status == 409 && body.contains("was not ticked"), "{body}");

    let (at, _) = house.asks(&page, &[]).await;
    let back = house.agrees(&at, None).await;
    let (status, body) = house.comes_back(&back, "firstcall_google=AAAAAAAAAAAAAAAA").await;
    assert!(status == 409 && body.contains("begun in another browser"), "{body}");

    let forged = format!("{}/calendars/google?code=abc&state=AAAAAAAAAAAAAAAA", house.url);
    let (status, body) = house.comes_back(&forged, &cookie).await;
    assert!(status == 409 && body.contains("is not known"), "{body}");
    assert_eq!(house.comes_back(&format!("{}/calendars/google", house.url), &cookie).await.0, 409);

    let (at, cookie) = house.asks(&page, &[]).await;
    let back = house.agrees(&at, None).await;
    house.engine.clock().set(house.engine.clock().now() + SignedDuration::from_mins(10));
    let (status, body) = house.comes_back(&back, &cookie).await;
    assert!(status == 409 && body.contains("longer than 10 minutes"), "{body}");
    assert!(house.calendars().await.is_empty());
}

/// Rule 3.1: the studio's Google calendar is connected on its page of the desk, and what stands in it takes the studio.
#[tokio::test(flavor = "multi_thread")]
async fn r3_1_the_studios_google_calendar_takes_the_studio() {
    let house = House::open().await;
    let page = format!("{}/studio", house.url);
    assert!(house.browser.get(&page).send().await.unwrap().text().await.unwrap().contains("Connect a Google calendar"));
    let (at, cookie) = house.asks(&page, &[]).await;
    let back = house.agrees(&at, None).await;
    assert_eq!(house.comes_back(&back, &cookie).await, (303, "../studio".to_owned()));
    house.settle().await;
    let read = async |tx: &mut Tx| calendars::of(tx, None).await;
    let studios = house.engine.store().read(read).await.unwrap();
    assert_eq!((studios.len(), studios[0].trouble.clone(), house.calendars().await.len()), (1, None, 0));
    let start = Timestamp::from_second(Timestamp::now().as_second() / 3600 * 3600 + 48 * 3600).unwrap();
    house.enters(&studios[0], Span::new(start, SignedDuration::from_hours(2))).await;
    house.engine.read_calendar_soon(None, studios[0].id).await.unwrap();
    house.settle().await;
    assert!(!house.asked_at(start).await, "something else has the studio");
}
