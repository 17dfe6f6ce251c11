//! Messages: the conversations that want a reply, those that went on last, and one person's with the form to answer it.
//! No number is in an address: whoever is not on the roster goes by the number of one of their texts.

use super::access::{Visitor, see_other};
use super::talk::{Line, lines, state};
use super::{Frame, failed, fields, nothing, notice, page, value};
use crate::engine::{MOST_SEGMENTS, Reach, Writing, Written};
use crate::token;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use firstcall_core::contact::Phone;
use firstcall_core::ids::MusicianId;
use firstcall_core::segments;
use firstcall_store::inbound::{self, Inbound};
use firstcall_store::messages::{self, Message};
use firstcall_store::{Error, Tx, journal, roster};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;

/// So many texts of each kind are looked at for a list, or shown of one conversation.
const PAGE: i64 = 60;
/// So many texts that want a reply are listed.
const MOST_WAITING: i64 = 50;
/// So much of a text is shown in a list, in characters.
const SNIPPET: usize = 140;

/// Texts before these: of ours, and of theirs.
#[derive(Deserialize, Default)]
pub struct Before {
    ours: Option<i64>,
    theirs: Option<i64>,
    sent: Option<String>,
}

#[derive(Template)]
#[template(path = "talks.html")]
struct TalksPage {
    frame: Frame,
    waiting: Vec<Talk>,
    latest: Vec<Talk>,
    older: Option<(i64, i64)>,
}

/// A conversation, as a line.
struct Talk {
    link: String,
    who: String,
    at: String,
    ours: bool,
    words: String,
    state: String,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "talk.html")]
struct TalkPage {
    frame: Frame,
    who: String,
    /// Where the person is on the desk, if they are on the roster.
    person: Option<i64>,
    /// By which number this page goes, and where it is posted to.
    at: String,
    /// The number of a text, for whoever is not on the roster.
    stranger: Option<i64>,
    lines: Vec<Line>,
    older: Option<(i64, i64)>,
    waits: bool,
    seen: i64,
    reply: Option<Composer>,
    refused: Option<String>,
    said: &'static str,
}

/// The form for a text.
struct Composer {
    token: String,
    words: String,
    wrong: String,
    /// How the text would look, and what it takes.
    preview: Option<(String, usize, usize)>,
    /// The hour of their quiet hours, and when these end.
    quiet: Option<(String, String)>,
    answers: bool,
    most: usize,
}

/// The list of conversations.
pub async fn list(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    before: Result<Query<Before>, QueryRejection>,
) -> Response {
    let before = before.map(|Query(before)| before).unwrap_or_default();
    match talks_page(&web, visitor, before).await {
        Ok(shown) => page(StatusCode::OK, &shown),
        Err(error) => failed(&error),
    }
}

async fn talks_page(web: &Web, visitor: Visitor, before: Before) -> Result<TalksPage, Error> {
    let (ours, theirs) = (before.ours.unwrap_or(i64::MAX), before.theirs.unwrap_or(i64::MAX));
    let read = async move |tx: &mut Tx| {
        let waiting = inbound::unhandled(tx, MOST_WAITING).await?;
        let to = messages::newest_to_musicians(tx, ours, PAGE).await?;
        let from = inbound::newest(tx, theirs, PAGE).await?;
        let people = waiting.iter().chain(&from).filter_map(|text| text.musician);
        let people: Vec<MusicianId> = people.chain(to.iter().filter_map(|message| message.musician)).collect();
        let names = roster::names(tx, &people).await?;
        Ok::<_, Error>((waiting, to, from, names, journal::last(tx).await?))
    };
    let (waiting, to, from, names, last) = web.engine.store().read(read).await?;
    let lister = Lister { web, names };
    let mut seen = Vec::new();
    let waiting: Vec<Talk> =
        waiting.iter().filter(|text| is_new(&mut seen, &key(text))).map(|t| lister.theirs(t)).collect();
    let full = to.len() + from.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
    let older =
        full.then(|| (to.last().map_or(ours, |message| message.id), from.last().map_or(theirs, |text| text.id)));
    let mut all: Vec<(Timestamp, String, Talk)> = Vec::new();
    for message in &to {
        all.push((
            message.created_at,
            message.musician.map(|id| id.to_string()).unwrap_or_default(),
            lister.ours(message),
        ));
    }
    all.extend(from.iter().map(|text| (text.received_at, key(text), lister.theirs(text))));
    all.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let mut seen = Vec::new();
    let latest = all.into_iter().filter(|(_, key, _)| is_new(&mut seen, key)).map(|(.., talk)| talk).collect();
    Ok(TalksPage { frame: Frame::new(web, visitor, "Messages").live(last), waiting, latest, older })
}

fn is_new(seen: &mut Vec<String>, key: &str) -> bool {
    let new = !seen.iter().any(|known| known == key);
    if new {
        seen.push(key.to_owned());
    }
    new
}

/// Whose text it is.
fn key(text: &Inbound) -> String {
    text.musician.map_or_else(|| text.sender.clone(), |id| id.to_string())
}

struct Lister<'a> {
    web: &'a Web,
    names: HashMap<MusicianId, String>,
}

impl Lister<'_> {
    fn name(&self, id: MusicianId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| format!("musician {id}"))
    }

    fn ours(&self, message: &Message) -> Talk {
        let id = message.musician.unwrap_or(MusicianId(0));
        let (state, tone) = state(self.web, message);
        Talk {
            state,
            tone,
            ..self.talk(format!("messages/{id}"), self.name(id), message.created_at, true, &message.body)
        }
    }

    fn theirs(&self, text: &Inbound) -> Talk {
        let (link, who) = match text.musician {
            Some(id) => (format!("messages/{id}"), self.name(id)),
            None => (format!("messages/unknown/{}", text.id), format!("{} (not on the roster)", text.sender)),
        };
        self.talk(link, who, text.received_at, false, &text.body)
    }

    fn talk(&self, link: String, who: String, at: Timestamp, ours: bool, words: &str) -> Talk {
        let zone = &self.web.engine.settings().studio.time_zone;
        let at = when::moment(at, self.web.engine.clock().now(), zone);
        Talk { link, who, at, ours, words: snippet(words), state: String::new(), tone: "" }
    }
}

/// The beginning of a text, on one line.
pub(super) fn snippet(words: &str) -> String {
    let mut short: String = words.chars().take(SNIPPET).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}

/// A musician's conversation.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    before: Result<Query<Before>, QueryRejection>,
) -> Response {
    let mut before = before.map(|Query(before)| before).unwrap_or_default();
    if headers.contains_key("hx-request") {
        // A page that follows what happens says once what was done.
        before.sent = None;
    }
    match talk_page(&web, visitor, MusicianId(id), &before, None).await {
        Ok(Some(shown)) => page(StatusCode::OK, &shown),
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// What was typed, and what is to be said of it.
struct Typed {
    words: String,
    token: String,
    wrong: String,
    preview: bool,
}

async fn talk_page(
    web: &Web,
    visitor: Visitor,
    id: MusicianId,
    before: &Before,
    typed: Option<Typed>,
) -> Result<Option<TalkPage>, Error> {
    let (ours, theirs) = (before.ours.unwrap_or(i64::MAX), before.theirs.unwrap_or(i64::MAX));
    let engine = web.engine.clone();
    let read = async move |tx: &mut Tx| {
        let Some((entry, reach)) = engine.reach(tx, id).await? else { return Ok(None) };
        let to = messages::with(tx, id, ours, PAGE).await?;
        let mut from = inbound::before(tx, id, theirs, PAGE).await?;
        from.extend(inbound::of_number(tx, entry.musician.phone.as_str(), theirs, PAGE).await?);
        Ok::<_, Error>(Some((entry, reach, to, from, journal::last(tx).await?)))
    };
    let Some((entry, reach, to, from, last)) = web.engine.store().read(read).await? else { return Ok(None) };
    let musician = entry.musician;
    let waits = from.iter().any(Inbound::waits);
    let seen = from.iter().map(|text| text.id).max().unwrap_or(0);
    let (lines, older) = lines(web, &to, &from, PAGE, (ours, theirs));
    let said = match before.sent.as_deref() {
        Some("now") => "It leaves now.",
        Some("later") => "It leaves when their quiet hours end.",
        Some("done") => "Done.",
        _ => "",
    };
    let mut frame = Frame::new(web, visitor, &format!("Messages: {}", musician.name));
    if typed.is_none() {
        frame = frame.live(last);
    }
    let reply = reach.refused.is_none().then(|| composer(web, &reach, &musician.zone, typed));
    Ok(Some(TalkPage {
        frame,
        who: musician.name,
        person: Some(id.0),
        at: id.to_string(),
        stranger: None,
        refused: reach.refused,
        lines,
        older,
        waits,
        seen,
        reply,
        said,
    }))
}

fn composer(web: &Web, reach: &Reach, zone: &jiff::tz::TimeZone, typed: Option<Typed>) -> Composer {
    let now = web.engine.clock().now();
    let typed = typed.unwrap_or_else(|| Typed {
        words: String::new(),
        token: token::fresh(),
        wrong: String::new(),
        preview: false,
    });
    let preview = (typed.preview && !typed.words.trim().is_empty()).then(|| {
        let text = web.engine.as_the_studio(&typed.words);
        let (characters, size) = (text.chars().count(), segments::size(&text));
        (text, characters, size.segments)
    });
    Composer {
        quiet: reach.quiet_until.map(|until| (when::clock(now, zone), when::moment(until, now, zone))),
        answers: reach.answers,
        most: MOST_SEGMENTS,
        token: typed.token,
        words: typed.words,
        wrong: typed.wrong,
        preview,
    }
}

/// Writes to a musician as the studio, shows how the text would look, or notes that nothing has to be written.
pub async fn act(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let sent = fields(&body);
    let text = |name: &str| value(&sent, name).unwrap_or_default().replace("\r\n", "\n");
    let (act, seen) = (text("do"), text("seen").parse().unwrap_or(0));
    let musician = MusicianId(id);
    if act == "done" {
        return match web.engine.saw_to(musician, seen).await {
            Ok(true) => see_other(&format!("./{id}?sent=done"), None),
            Ok(false) => nothing(&web, visitor),
            Err(error) => failed(&error),
        };
    }
    let token = Some(text("token")).filter(|token| token::is_one(token)).unwrap_or_else(token::fresh);
    let words = text("words");
    let mut typed = Typed { words: words.clone(), token: token.clone(), wrong: String::new(), preview: true };
    let mut status = StatusCode::OK;
    if act != "preview" {
        let later = act == "later";
        match web.engine.write_to(Writing { to: musician, words, token, seen, later }).await {
            Ok(Written::Done) => {
                return see_other(&format!("./{id}?sent={}#reply", if later { "later" } else { "now" }), None);
            }
            Ok(Written::Refused(why)) => (typed.wrong, status) = (why, StatusCode::UNPROCESSABLE_ENTITY),
            Ok(Written::Unknown) => return nothing(&web, visitor),
            Err(error) => return failed(&error),
        }
    }
    match talk_page(&web, visitor, musician, &Before::default(), Some(typed)).await {
        Ok(Some(shown)) => page(status, &shown),
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// What somebody wrote who is not on the roster: nothing is texted to them.
pub async fn show_unknown(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    before: Result<Query<Before>, QueryRejection>,
) -> Response {
    let before = before.map(|Query(before)| before).unwrap_or_default();
    match stranger_page(&web, visitor, id, before.theirs.unwrap_or(i64::MAX)).await {
        Ok(Some(shown)) => page(StatusCode::OK, &shown),
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

async fn stranger_page(web: &Web, visitor: Visitor, id: i64, theirs: i64) -> Result<Option<TalkPage>, Error> {
    let read = async move |tx: &mut Tx| {
        let Some(text) = inbound::get(tx, id).await?.filter(|text| text.musician.is_none()) else { return Ok(None) };
        let from = inbound::of_number(tx, &text.sender, theirs, PAGE).await?;
        let known = match Phone::new(&text.sender) {
            Ok(phone) => roster::by_phone(tx, &phone).await?,
            Err(_) => None,
        };
        Ok::<_, Error>(Some((text, from, known, journal::last(tx).await?)))
    };
    let Some((text, from, known, last)) = web.engine.store().read(read).await? else { return Ok(None) };
    let (lines, older) = lines(web, &[], &from, PAGE, (i64::MAX, theirs));
    let who = text.sender;
    Ok(Some(TalkPage {
        frame: Frame::new(web, visitor, "Messages: not on the roster").live(last),
        person: known.map(|entry| entry.musician.id.0),
        at: id.to_string(),
        stranger: Some(id),
        waits: from.iter().any(Inbound::waits),
        seen: from.iter().map(|text| text.id).max().unwrap_or(0),
        refused: None,
        reply: None,
        said: "",
        lines,
        older,
        who,
    }))
}

/// Notes that somebody saw to what a stranger wrote.
pub async fn act_unknown(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let sent = fields(&body);
    if value(&sent, "do") != Some("done") {
        let why = "Only who is on the roster is texted. Add them first.";
        return notice(
            &web,
            visitor,
            StatusCode::UNPROCESSABLE_ENTITY,
            "That could not be done.",
            why,
            &format!("./{id}"),
        );
    }
    let seen = value(&sent, "seen").and_then(|seen| seen.parse().ok()).unwrap_or(0);
    match web.engine.saw_to_stranger(id, seen).await {
        Ok(true) => see_other("../../messages", None),
        Ok(false) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}
