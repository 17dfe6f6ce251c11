//! What we hold about somebody: as a page, as a file, and the end of it.

use super::owner;
use crate::engine::{Forgotten, OwnPage, RosterError};
use crate::web::brand::Brand;
use crate::web::join::elsewhere;
use crate::web::offers::{Contact, Token, contact, notice, unreadable};
use crate::web::page::{Head, Reader, render};
use crate::web::{Web, when};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use firstcall_core::ids::MusicianId;
use firstcall_core::span::Span;
use firstcall_store::calendars;
use firstcall_store::consents::{self, Consent};
use firstcall_store::inbound::{self, Inbound};
use firstcall_store::messages::{self, Message};
use firstcall_store::pages::{self, TextTo};
use firstcall_store::roster::{clock_words, standing_word};
use firstcall_store::{Error, Tx};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// So much of each is in the file.
const MOST: i64 = 10_000;
/// And so much on the page, newest first.
const MOST_SHOWN: usize = 25;

#[derive(Template)]
#[template(path = "me_data.html")]
struct DataPage {
    head: Head,
    studio: Brand,
    contact: Contact,
    token: String,
    facts: Vec<(&'static str, String)>,
    lists: Vec<List>,
}

/// Some of what we hold: its heading, its newest lines, and how many there are beside them.
struct List {
    heading: &'static str,
    lines: Vec<String>,
    more: usize,
}

#[derive(Template)]
#[template(path = "me_delete.html")]
struct DeletePage {
    head: Head,
    studio: Brand,
    contact: Contact,
    token: String,
    holds: Vec<String>,
}

/// Everything that is kept beside what the page itself shows.
struct Held {
    /// When each calendar says that they are busy.
    busy: Vec<Vec<Span>>,
    consents: Vec<Consent>,
    offers: Vec<Message>,
    to: Vec<TextTo>,
    from: Vec<Inbound>,
}

async fn held(web: &Web, id: MusicianId) -> Result<Held, Error> {
    let read = async move |tx: &mut Tx| {
        let mut busy = Vec::new();
        for calendar in calendars::of(tx, Some(id)).await? {
            busy.push(calendars::busy_of(tx, calendar.id).await?);
        }
        Ok::<_, Error>(Held {
            busy,
            consents: consents::of(tx, id, i64::MAX, MOST).await?,
            offers: messages::offers_to(tx, id, MOST).await?,
            to: pages::texts_to(tx, id, MOST).await?,
            from: inbound::from(tx, id, MOST).await?,
        })
    };
    web.engine.store().read(read).await
}

/// The page.
pub async fn show(State(web): State<Web>, token: Token) -> Response {
    let (token, page) = match owner(&web, &token).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match held(&web, page.entry.musician.id).await {
        Ok(held) => shown(&web, token, &page, &held),
        Err(error) => unreadable(&web, &error),
    }
}

fn shown(web: &Web, token: String, page: &OwnPage, held: &Held) -> Response {
    let (musician, zone) = (&page.entry.musician, &page.entry.musician.zone);
    let at = |at| when::start(at, zone);
    let plays: Vec<String> = musician.instruments.iter().map(|(name, _)| name.replace('_', " ")).collect();
    let facts = vec![
        ("Name", musician.name.clone()),
        ("Number", musician.phone.as_str().to_owned()),
        ("E-mail", page.entry.email.clone().unwrap_or_else(|| "none".to_owned())),
        ("Time zone", zone.iana_name().unwrap_or("UTC").to_owned()),
        ("Plays", plays.join(", ")),
        ("Quiet hours", musician.quiet_hours.map_or_else(|| "the studio's".to_owned(), clock_words)),
        ("Standing", standing_word(musician.standing).replace('_', " ")),
        ("Notes", page.entry.notes.clone().unwrap_or_else(|| "none".to_owned())),
        ("Since", at(page.entry.created_at)),
    ];
    let calendars = page.calendars.iter().map(|one| (one, one.kind.word())).map(|(one, kind)| {
        format!("{} ({kind}): when you are busy, what a feed said last, and what opens it, sealed", one.name)
    });
    let consents = held
        .consents
        .iter()
        .map(|one| format!("{}: {} by {}: {}", at(one.at), one.kind.replace('_', " "), one.channel, one.wording));
    let lists = vec![
        list("What you agreed to", consents.collect()),
        list("Calendars", calendars.collect()),
        list("Away", page.away.iter().map(|block| super::days(block, zone)).collect()),
        list("Offers and your answers", held.offers.iter().map(|offer| offered(offer, zone)).collect()),
        list("Texts to you", held.to.iter().map(|text| format!("{}: {}", at(text.at), text.body)).collect()),
        list(
            "Texts from you",
            held.from.iter().map(|text| format!("{}: {}", at(text.received_at), text.body)).collect(),
        ),
    ];
    let template = DataPage {
        head: Head::new("What we hold about you", "../../"),
        studio: web.brand(),
        contact: contact(web),
        token,
        facts,
        lists,
    };
    render(StatusCode::OK, Reader::Filling, &template)
}

fn list(heading: &'static str, mut lines: Vec<String>) -> List {
    let more = lines.len().saturating_sub(MOST_SHOWN);
    lines.truncate(MOST_SHOWN);
    List { heading, lines, more }
}

fn offered(offer: &Message, zone: &TimeZone) -> String {
    let what = offer.chair.clone().unwrap_or_default();
    let time = offer.time.map(|time| when::with_zone(time, zone)).unwrap_or_default();
    format!("{what}, {time}: {}", offer.answer.as_deref().unwrap_or("no answer"))
}

/// The same as a file, with all of it.
pub async fn download(State(web): State<Web>, token: Token) -> Response {
    let (_, page) = match owner(&web, &token).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let held = match held(&web, page.entry.musician.id).await {
        Ok(held) => held,
        Err(error) => return unreadable(&web, &error),
    };
    let mut text = serde_json::to_string_pretty(&as_json(&page, &held)).unwrap_or_default();
    text.push('\n');
    let fixed = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"what-we-hold.json\""),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let mut response = (fixed, text).into_response();
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}

fn as_json(page: &OwnPage, held: &Held) -> Value {
    let entry = &page.entry;
    let musician = &entry.musician;
    let span = |span: &Span| json!({ "start": span.start, "end": span.end });
    let calendars = page.calendars.iter().zip(&held.busy).map(|(one, busy)| {
        json!({ "busy": busy.iter().map(span).collect::<Vec<_>>(), "name": one.name, "kind": one.kind.word(), "read_at": one.read_at, "error": one.trouble,
            "blocks": one.blocks, "writes": one.writes })
    });
    let consents = held.consents.iter().map(|one| {
        json!({ "at": one.at, "kind": one.kind, "channel": one.channel, "phone": one.phone, "wording": one.wording })
    });
    let offers = held.offers.iter().map(|one| {
        json!({ "chair": one.chair, "time": one.time.as_ref().map(span), "asked_at": one.created_at,
            "sent_at": one.sent_at, "answer": one.answer, "answered_at": one.answered_at })
    });
    let to = held.to.iter().map(|one| json!({ "at": one.at, "body": one.body, "state": one.state }));
    let from = held.from.iter().map(|one| json!({ "at": one.received_at, "body": one.body }));
    json!({
        "name": musician.name,
        "phone": musician.phone.as_str(),
        "email": entry.email,
        "time_zone": musician.zone.iana_name(),
        "instruments": musician.instruments.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "quiet_hours": musician.quiet_hours.map(clock_words),
        "status": standing_word(musician.standing),
        "notes": entry.notes,
        "since": entry.created_at,
        "last_booked_at": musician.last_booked_at,
        "consents": consents.collect::<Vec<_>>(),
        "calendars": calendars.collect::<Vec<_>>(),
        "away": page.away.iter().map(|block| span(&block.span)).collect::<Vec<_>>(),
        "offers": offers.collect::<Vec<_>>(),
        "texts_to_you": to.collect::<Vec<_>>(),
        "texts_from_you": from.collect::<Vec<_>>(),
    })
}

/// Asks once more.
pub async fn confirm(State(web): State<Web>, token: Token) -> Response {
    match owner(&web, &token).await {
        Ok((token, page)) => delete_page(&web, StatusCode::OK, token, &page),
        Err(response) => response,
    }
}

fn delete_page(web: &Web, status: StatusCode, token: String, page: &OwnPage) -> Response {
    let studio = &web.engine.settings().studio;
    let template = DeletePage {
        head: Head::new("Delete what we hold about you?", "../../"),
        studio: web.brand(),
        contact: contact(web),
        token,
        holds: page.holds.iter().map(|held| when::with_zone(held.span, &studio.time_zone)).collect(),
    };
    render(status, Reader::Filling, &template)
}

/// Deletes it.
pub async fn delete(State(web): State<Web>, token: Token, headers: HeaderMap) -> Response {
    if let Some(refused) = elsewhere(&web, &headers) {
        return refused;
    }
    let (token, page) = match owner(&web, &token).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match web.engine.forget_me(page.entry.musician.id).await {
        Ok(Forgotten::Done) => {
            let more =
                "We don't text you any more. If you want to come back, text START to our number and sign up again.";
            notice(&web, StatusCode::OK, "You are off the list, and what we held about you is deleted.", more)
        }
        Ok(Forgotten::Holds) => match owner(&web, &Ok(axum::extract::Path(token.clone()))).await {
            Ok((token, page)) => delete_page(&web, StatusCode::CONFLICT, token, &page),
            Err(response) => response,
        },
        Err(RosterError::Store(error)) => unreadable(&web, &error),
        Err(error) => notice(&web, StatusCode::CONFLICT, "That could not be done.", &error.to_string()),
    }
}
