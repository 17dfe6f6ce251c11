//! Pretended phones, where no network is connected (`sms.provider = "phones"`): what every musician was texted, with a way
//! to answer for each. In the demo they stand beside the live board, with a clock that can be hurried and a sample mail.

use super::desk::access::{Visitor, see_other};
use super::desk::{self, Board, Frame};
use super::page::{Reader, render};
use super::{Mode, Web, when};
use crate::engine::Press;
use crate::inbound::Content;
use crate::settings::SmsProvider;
use crate::token;
use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use firstcall_core::contact::Phone;
use firstcall_store::inbound::{self, Inbound};
use firstcall_store::messages::{self, Message};
use firstcall_store::roster::{self, Entry};
use firstcall_store::{Error, Tx, bookings, journal};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The sample mail, as a form service would send it.
const MAIL: &str = include_str!("../../demo/sample.eml");
/// More phones than fit beside one another.
const MOST_PHONES: i64 = 24;
/// So many messages of a phone are shown.
const MOST_MESSAGES: i64 = 12;
/// How fast the clock can run; 0 stands still.
const SPEEDS: [(u32, &str); 4] = [(0, "Pause"), (1, "1×"), (60, "60×"), (600, "600×")];

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage {
    frame: Frame,
    board: Board,
    root: &'static str,
    phones: Vec<PhoneView>,
    speeds: Vec<Speed>,
}

struct Speed {
    times: u32,
    label: &'static str,
    now: bool,
}

#[derive(Template)]
#[template(path = "phones.html")]
struct PhonesPage {
    frame: Frame,
    phones: Vec<PhoneView>,
}

/// A phone and what is on it.
struct PhoneView {
    id: i64,
    name: String,
    what: String,
    number: String,
    can_reply: bool,
    bubbles: Vec<Bubble>,
}

/// One message on a phone.
struct Bubble {
    at: Timestamp,
    clock: String,
    mine: bool,
    parts: Vec<Part>,
    token: Option<String>,
    answered: Option<String>,
}

/// A piece of a message's words; a link is shown without its scheme, as phones do.
struct Part {
    text: String,
    link: Option<String>,
}

/// The routes of the phones, and of the demo; none where texts go to a network.
pub fn router(web: &Web) -> Router<Web> {
    let routes = match web.mode {
        Mode::Demo => Router::new()
            .route("/demo", get(show_demo))
            .route("/demo/reply", post(reply))
            .route("/demo/tap", post(tap))
            .route("/demo/speed", post(speed))
            .route("/demo/mail", post(mail)),
        Mode::Serve if web.engine.settings().sms.provider == SmsProvider::Phones => Router::new()
            .route("/phones", get(show))
            .route("/phones/reply", post(reply))
            .route("/phones/tap", post(tap)),
        Mode::Serve => return Router::new(),
    };
    routes.layer(middleware::from_fn_with_state(web.clone(), desk::access::guard))
}

/// The phones alone.
async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let read = async || {
        let last = web.engine.store().read(async |tx: &mut Tx| journal::last(tx).await).await?;
        Ok::<_, Error>((last, phones(&web).await?))
    };
    match read().await {
        Ok((last, phones)) => {
            let frame = Frame::new(&web, visitor, "Phones").live(last);
            render(StatusCode::OK, Reader::Manager, &PhonesPage { frame, phones })
        }
        Err(error) => desk::failed(&error),
    }
}

/// The phones beside the board.
async fn show_demo(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let (board, phones) = match (desk::read_board(&web).await, phones(&web).await) {
        (Ok(board), Ok(phones)) => (board, phones),
        (Err(error), _) | (_, Err(error)) => return desk::failed(&error),
    };
    let at = web.engine.clock().speed();
    let speeds = SPEEDS.map(|(speed, label)| Speed { times: speed, label, now: speed == at });
    let frame = Frame::new(&web, visitor, "Demo").live(board.last);
    let page = DemoPage { frame, board, root: visitor.root, phones, speeds: speeds.into() };
    render(StatusCode::OK, Reader::Manager, &page)
}

async fn phones(web: &Web) -> Result<Vec<PhoneView>, Error> {
    let settings = web.engine.settings();
    let (now, manager) = (web.engine.clock().now(), settings.manager.phone.clone());
    let read = async move |tx: &mut Tx| {
        let mut found = Vec::new();
        for entry in roster::list(tx, 0, MOST_PHONES).await? {
            let got = messages::received_by(tx, entry.musician.phone.as_str(), MOST_MESSAGES).await?;
            let sent = inbound::from(tx, entry.musician.id, MOST_MESSAGES).await?;
            found.push((entry, got, sent));
        }
        let notices = match &manager {
            Some(phone) => messages::received_by(tx, phone.as_str(), MOST_MESSAGES).await?,
            None => Vec::new(),
        };
        Ok::<_, Error>((found, notices))
    };
    let (found, notices) = web.engine.store().read(read).await?;
    let zone = &settings.studio.time_zone;
    // The demo is nowhere else than where its links lead.
    let base = (web.mode == Mode::Serve).then(|| settings.server.public_url.as_str());
    let manager = PhoneView {
        id: 0,
        name: settings.manager.name.clone(),
        what: "manager".to_owned(),
        number: String::new(),
        can_reply: false,
        bubbles: bubbles(&notices, &[], now, zone, base),
    };
    let musicians = found.into_iter().map(|(entry, got, sent)| musician(&entry, &got, &sent, now, zone, base));
    Ok(std::iter::once(manager).chain(musicians).collect())
}

fn musician(
    entry: &Entry,
    got: &[Message],
    sent: &[Inbound],
    now: Timestamp,
    studio: &TimeZone,
    base: Option<&str>,
) -> PhoneView {
    let musician = &entry.musician;
    let plays: Vec<String> = musician.instruments.iter().map(|(name, _)| name.replace('_', " ")).collect();
    let away = (musician.zone != *studio).then(|| format!(", {}", when::place(now, &musician.zone)));
    PhoneView {
        id: musician.id.0,
        name: musician.name.clone(),
        what: plays.join(", ") + &away.unwrap_or_default(),
        number: musician.phone.as_str().to_owned(),
        can_reply: true,
        bubbles: bubbles(got, sent, now, &musician.zone, base),
    }
}

/// What arrived and what was written back, oldest first.
fn bubbles(got: &[Message], sent: &[Inbound], now: Timestamp, zone: &TimeZone, base: Option<&str>) -> Vec<Bubble> {
    let got = got.iter().map(|message| {
        let at = message.sent_at.unwrap_or(message.created_at);
        let token = message.token.clone().filter(|_| message.kind == "offer" && message.answer.is_none());
        let answered = message.answer.as_deref().map(answered);
        let clock = when::moment(at, now, zone);
        Bubble { at, clock, mine: false, parts: parts(&message.body, base), token, answered }
    });
    let sent = sent.iter().map(|text| {
        let parts = vec![Part { text: text.body.clone(), link: None }];
        let clock = when::moment(text.received_at, now, zone);
        Bubble { at: text.received_at, clock, mine: true, parts, token: None, answered: None }
    });
    let mut all: Vec<Bubble> = got.rev().chain(sent.rev()).collect();
    all.sort_by_key(|bubble| bubble.at);
    all
}

fn answered(answer: &str) -> String {
    match answer {
        "yes" => "You said yes",
        "no" => "You said no",
        "overlap" => "Closed: you hold another session then",
        "late" => "You said yes, too late",
        "conflict" => "You said yes, but hold another session then",
        other => other,
    }
    .to_owned()
}

/// A text's words; links that begin with `ours` lead to where the page is read.
fn parts(body: &str, ours: Option<&str>) -> Vec<Part> {
    let words = body.split_inclusive(' ');
    let mut parts: Vec<Part> = Vec::new();
    for word in words {
        let bare = word.trim_end();
        let scheme = ["http://", "https://"].into_iter().find_map(|scheme| bare.strip_prefix(scheme));
        if let Some(shown) = scheme {
            let path = ours.and_then(|ours| bare.strip_prefix(ours));
            let link = path.map_or_else(|| bare.to_owned(), |path| format!(".{path}"));
            parts.push(Part { text: shown.to_owned(), link: Some(link) });
            parts.push(Part { text: " ".to_owned(), link: None });
        } else if let Some(Part { text, link: None }) = parts.last_mut() {
            text.push_str(word);
        } else {
            parts.push(Part { text: word.to_owned(), link: None });
        }
    }
    parts
}

/// Somebody writes a text.
async fn reply(State(web): State<Web>, body: Bytes) -> Response {
    let form = desk::fields(&body);
    let field = |name| desk::value(&form, name).unwrap_or_default();
    let Ok(phone) = Phone::new(field("phone")) else { return back(&web) };
    if field("text").trim().is_empty() {
        return back(&web);
    }
    match web.engine.text_arrived(&phone, field("text")).await {
        Ok(_) => back(&web),
        Err(error) => desk::failed(&error),
    }
}

/// Somebody opens a link and presses its button, in one tap.
async fn tap(State(web): State<Web>, body: Bytes) -> Response {
    let form = desk::fields(&body);
    let press = match desk::value(&form, "press") {
        Some("yes") => Press::Yes,
        Some("no") => Press::No,
        _ => return back(&web),
    };
    let token = desk::value(&form, "token").filter(|token| token::is_one(token)).unwrap_or_default();
    match web.engine.press(token, press).await {
        Ok(_) => back(&web),
        Err(error) => desk::failed(&error),
    }
}

/// The clock runs at another speed from now on.
async fn speed(State(web): State<Web>, body: Bytes) -> Response {
    let form = desk::fields(&body);
    let wanted = desk::value(&form, "speed").and_then(|speed| speed.parse().ok());
    if let Some(speed) = wanted.filter(|wanted| SPEEDS.iter().any(|(speed, _)| speed == wanted)) {
        web.engine.clock().set_speed(speed);
    }
    back(&web)
}

/// One more sample mail: from somebody else, for another day.
async fn mail(State(web): State<Web>) -> Response {
    let count = async |tx: &mut Tx| bookings::count(tx).await;
    let number = match web.engine.store().read(count).await {
        Ok(counts) => counts.iter().map(|(_, number)| *number).sum::<i64>(),
        Err(error) => return desk::failed(&error),
    };
    let bytes: Bytes = sample(number, &token::fresh()).into();
    match web.engine.receive("message/rfc822", bytes.clone(), Content::Mime(bytes)).await {
        Ok(_) => back(&web),
        Err(error) => desk::failed(&error),
    }
}

fn sample(number: i64, unique: &str) -> String {
    let others = [
        ("Maribel Ostrander", "maribel.ostrander", "Tuesday, December 8"),
        ("Theo Vantongeren", "theo.vantongeren", "Wednesday, December 9"),
        ("Lucinda Abara", "lucinda.abara", "Thursday, December 10"),
        ("Jonah Whitfield", "jonah.whitfield", "Friday, December 11"),
    ];
    let (name, address, day) = others[usize::try_from(number).unwrap_or_default() % others.len()];
    let id = format!("sample.{unique}@");
    let changes = [(others[0].0, name), (others[0].1, address), (others[0].2, day), ("sample.1@", id.as_str())];
    changes.into_iter().fold(MAIL.to_owned(), |mail, (from, to)| mail.replace(from, to))
}

fn back(web: &Web) -> Response {
    let at = match web.mode {
        Mode::Demo => "../demo",
        Mode::Serve => "../phones",
    };
    see_other(at, None).into_response()
}
