//! A booking from the first text to the confirmation with npm `emulate` as Twilio, which somebody else wrote: texts, signed
//! reports and signed answers, over real sockets (`scripts/test` installs it).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "../../connect/tests/support/node.rs"]
mod node;

use firstcall::carriers::Carriers;
use firstcall::clock::Clock;
use firstcall::engine::{Engine, MusicianChange, NewBooking};
use firstcall::settings::{Environment, Place, load};
use firstcall::sources::Sources;
use firstcall::{web, worker};
use firstcall_connect::http::{Body, Client};
use firstcall_connect::{Listed, Lookup};
use firstcall_core::booking::{Booking, Chair, Request};
use firstcall_core::contact::Phone;
use firstcall_core::span::Span;
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::{Store, Tx, bookings};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// The account and the number that `emulate` begins with.
const SID: &str = "AC00000000000000000000000000000000";
const TOKEN: &str = "twilio_test_auth_token";
const OURS: &str = "+15551234567";
const ANN: &str = "+15555550101";

/// Asks again and again until there is an answer.
async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(20), asking).await.unwrap_or_else(|_| panic!("{what} did not happen"))
}

async fn ask(url: &str, fields: &[(&str, &str)]) {
    let answer = Client::new().unwrap().post(url, Some((SID, TOKEN)), Body::form(fields)).await.unwrap();
    assert!((200..300).contains(&answer.status), "{}", String::from_utf8_lossy(&answer.body));
}

/// The network calls us at this address when somebody writes to our number.
async fn answers_go_to(emulate: &str, url: &str) {
    let numbers = format!("{emulate}/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers");
    let answer = Client::new().unwrap().get(&format!("{numbers}.json"), Some((SID, TOKEN))).await.unwrap();
    let all: Value = serde_json::from_slice(&answer.body).unwrap();
    let sid = all["incoming_phone_numbers"][0]["sid"].as_str().unwrap();
    ask(&format!("{numbers}/{sid}.json"), &[("SmsUrl", url), ("SmsMethod", "POST")]).await;
}

async fn all(engine: &Engine) -> Vec<Message> {
    engine.store().read(async |tx: &mut Tx| messages::list(tx, &Which::All, 0, 99).await).await.unwrap()
}

async fn booking(engine: &Engine, id: firstcall_core::ids::BookingId) -> Booking {
    engine.store().read(async move |tx: &mut Tx| bookings::get(tx, id).await).await.unwrap().unwrap()
}

/// Rules 4.2, 5.1, 6.2, 8.4: offer, report, answer and confirmation, each once.
#[tokio::test(flavor = "multi_thread")]
async fn a_booking_is_filled_over_twilio() {
    let emulate = node::emulate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public_url = format!("http://{}", listener.local_addr().unwrap());
    let environment: Environment = [
        ("FIRSTCALL__SERVER__PUBLIC_URL", public_url.as_str()),
        ("FIRSTCALL__CALLING__QUIET_HOURS", "off"),
        ("FIRSTCALL__SMS__PROVIDER", "twilio"),
        ("FIRSTCALL__SMS__TWILIO__ACCOUNT_SID", SID),
        ("FIRSTCALL__SMS__TWILIO__AUTH_TOKEN", TOKEN),
        ("FIRSTCALL__SMS__TWILIO__FROM", OURS),
        ("FIRSTCALL__SMS__TWILIO__BASE_URL", &emulate.url),
    ]
    .into_iter()
    .collect();
    let settings = load(&Place::Nowhere, &environment).unwrap().settings;
    let engine = Engine::new(Store::open("sqlite::memory:").await.unwrap(), Clock::System, Arc::new(settings));
    let carriers = Arc::new(Carriers::new(engine.settings()).unwrap());
    let sources = Arc::new(Sources::new(&engine).unwrap());
    let (close, closing) = watch::channel(false);
    let loops = worker::start(&engine, Arc::clone(&carriers), Arc::clone(&sources), closing.clone());
    let router =
        web::router(engine.clone(), Arc::clone(&carriers), Arc::clone(&sources), closing.clone(), web::Mode::Serve);
    let serving = tokio::spawn(web::serve(listener, watch::channel(router).1, closing));
    answers_go_to(&emulate.url, &format!("{public_url}/hooks/twilio/inbound")).await;

    let ann = MusicianChange {
        name: Some("Ann".to_owned()),
        phone: Some(Phone::new(ANN).unwrap()),
        instruments: Some(vec![("drums".to_owned(), None)]),
        ..MusicianChange::default()
    };
    engine.add_musician(ann).await.unwrap();
    let began = Timestamp::now();
    let start = began + SignedDuration::from_hours(48);
    let times = vec![Span { start, end: start + SignedDuration::from_hours(1) }];
    let new = NewBooking { request: Request::default(), chairs: Chair::list([("drums", 1)]), times };
    let id = engine.book(new, "test", None).await.unwrap().id;

    let offer = until("the offer's leaving", async || {
        all(&engine).await.into_iter().find(|text| text.kind == "offer" && text.network_id.is_some())
    })
    .await;
    let fields = [("MessageSid", offer.network_id.as_deref().unwrap()), ("Status", "delivered")];
    ask(&format!("{}/_twilio/simulate/message-status", emulate.url), &fields).await;
    until("its delivery", async || all(&engine).await.into_iter().find(|text| text.state == "delivered")).await;

    let answer = format!("Yes please {}", offer.code.unwrap());
    let fields = [("From", ANN), ("To", OURS), ("Body", answer.as_str())];
    ask(&format!("{}/_twilio/simulate/inbound-message", emulate.url), &fields).await;
    until("the booking", async || (booking(&engine, id).await.status() == "booked").then_some(())).await;
    let confirmation = until("the confirmation's leaving", async || {
        all(&engine).await.into_iter().find(|text| text.kind == "confirmation" && text.network_id.is_some())
    })
    .await;

    let Ok(Lookup::Listed(theirs)) = carriers.records(&Phone::new(ANN).unwrap(), began).await else { panic!() };
    let ids: Vec<Option<String>> = theirs.iter().map(|Listed { network_id, .. }| Some(network_id.clone())).collect();
    assert!(ids.len() == 2 && ids.contains(&offer.network_id) && ids.contains(&confirmation.network_id), "{theirs:?}");
    close.send(true).unwrap();
    loops.end().await;
    serving.await.unwrap();
}
