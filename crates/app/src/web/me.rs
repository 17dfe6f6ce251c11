//! Somebody's own page, which a link that was texted to them opens: their calendars, when they are away, a pause, what we
//! hold about them, and an end. Opening it changes nothing; each form says what it does in the field `do`.

mod calendars;
mod held;

use super::brand::Brand;
use super::desk::access::see_other;
use super::desk::{fields, value};
use super::google;
use super::join::{elsewhere, plain, quiet_hours};
use super::offers::{Contact, Token, contact, notice, unreadable};
use super::page::{Head, Reader, may_lead_to, render};
use super::{Web, when};
use crate::engine::{MusicianChange, OwnPage, RosterError};
use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use firstcall_core::availability::BusyWith;
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::span::Span;
use firstcall_store::calendars::Calendar;
use firstcall_store::roster::{Block, Entry};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Nobody is away for longer at a time.
const LONGEST_AWAY_DAYS: i32 = 731;

/// The page.
#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    head: Head,
    studio: Brand,
    contact: Contact,
    token: String,
    first: String,
    more: String,
    tone: &'static str,
    standing: &'static str,
    plays: String,
    holds: Vec<String>,
    calendars: Vec<Shown>,
    google: bool,
    away: Vec<(i64, String)>,
    quiet: (String, String),
    zone: String,
    /// Which form has something wrong, and what.
    wrong: Option<(&'static str, String)>,
    feed: String,
    server: String,
    user: String,
}

/// A calendar, and how it is.
struct Shown {
    id: i64,
    name: String,
    kind: &'static str,
    state: String,
    failing: bool,
    google: bool,
    writes: bool,
}

/// What was typed into a form that was not accepted.
#[derive(Default)]
struct Typed {
    wrong: Option<(&'static str, String)>,
    feed: String,
    server: String,
    user: String,
}

/// The routes.
pub fn router() -> Router<Web> {
    Router::new()
        .route("/me/{token}", get(show).post(act))
        .route("/me/{token}/google", post(google::ask))
        .route("/me/{token}/data", get(held::show))
        .route("/me/{token}/data.json", get(held::download))
        .route("/me/{token}/delete", get(held::confirm).post(held::delete))
}

/// Whose page a link opens, unless it opens none; then the page that says so.
pub(super) async fn owner(web: &Web, token: &Token) -> Result<(String, OwnPage), Response> {
    let Some(token) = plain(token) else { return Err(unknown(web)) };
    match web.engine.own_page(token).await {
        Ok(Some(page)) if page.over => Err(over(web)),
        Ok(Some(page)) => Ok((token.to_owned(), page)),
        Ok(None) => Err(unknown(web)),
        Err(error) => Err(unreadable(web, &error)),
    }
}

fn unknown(web: &Web) -> Response {
    let more = "The link may be cut off: please open it again from the text message, or text ME to get another one.";
    notice(web, StatusCode::NOT_FOUND, "We can't find this page.", more)
}

fn over(web: &Web) -> Response {
    let more = "Links work for 30 days. Text ME to our number, and you get another one.";
    notice(web, StatusCode::OK, "This link has ended.", more)
}

async fn show(State(web): State<Web>, token: Token) -> Response {
    match owner(&web, &token).await {
        Ok((token, page)) => shown(&web, &token, page, Typed::default()),
        Err(response) => response,
    }
}

fn shown(web: &Web, token: &str, page: OwnPage, typed: Typed) -> Response {
    let (settings, now) = (web.engine.settings(), web.engine.clock().now());
    let OwnPage { entry, calendars, away, holds, .. } = page;
    let musician = &entry.musician;
    let (first, more, tone) = state(web, musician.standing);
    let plays = musician.instruments.iter().map(|(name, _)| name.replace('_', " "));
    let studio = &settings.studio.time_zone;
    let hold = |held: &firstcall_core::availability::BusySpan| {
        let word = if matches!(held.with, BusyWith::Session(_)) { "Booked" } else { "Held for you" };
        format!("{word}: {}", when::with_zone(held.span, studio))
    };
    let quiet = musician.quiet_hours.map(|hours| [hours.from, hours.to].map(|at| at.strftime("%H:%M").to_string()));
    let [from, to] = quiet.unwrap_or_default();
    let status = if typed.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let google = web.sources.google().is_some();
    let template = MePage {
        head: Head::new(first.clone(), "../"),
        studio: web.brand(),
        contact: contact(web),
        token: token.to_owned(),
        first,
        more,
        tone,
        standing: firstcall_store::roster::standing_word(musician.standing),
        plays: plays.collect::<Vec<_>>().join(", "),
        holds: holds.iter().map(hold).collect(),
        calendars: calendars.iter().map(|calendar| calendar_shown(calendar, now, &musician.zone)).collect(),
        google,
        away: away.iter().map(|block| (block.id, days(block, &musician.zone))).collect(),
        quiet: (from, to),
        zone: musician.zone.iana_name().unwrap_or("UTC").to_owned(),
        wrong: typed.wrong,
        feed: typed.feed,
        server: typed.server,
        user: typed.user,
    };
    let mut response = render(status, Reader::Filling, &template);
    if google {
        may_lead_to(&mut response, google::origin(web));
    }
    response
}

/// The first line, what follows, and its colour.
fn state(web: &Web, standing: MusicianStanding) -> (String, String, &'static str) {
    let settings = web.engine.settings();
    let (studio, manager) = (&settings.studio.name, &settings.manager.name);
    match standing {
        MusicianStanding::Active => (
            format!("You are on the list of {studio}."),
            "Connect a calendar and we only ask when you're free.".to_owned(),
            "good",
        ),
        MusicianStanding::Waiting => (
            format!("Your number is confirmed. {manager} has your request."),
            "We text you as soon as you are on the list. Connect a calendar and we only ask when you're free."
                .to_owned(),
            "question",
        ),
        MusicianStanding::Paused => (
            "You are paused: we don't ask you.".to_owned(),
            "Your place on the list hasn't changed.".to_owned(),
            "plain",
        ),
        MusicianStanding::Invited => (
            format!("You are invited to the list of {studio}."),
            "Reply JOIN to our text, and we ask you when a session fits.".to_owned(),
            "question",
        ),
        MusicianStanding::OptedOut => (
            format!("You get no texts from {studio}."),
            "You have opted out. To come back, text START to our number.".to_owned(),
            "plain",
        ),
        MusicianStanding::Removed => {
            (format!("You are not on the list of {studio}."), "We don't ask you.".to_owned(), "plain")
        }
    }
}

fn calendar_shown(calendar: &Calendar, now: Timestamp, zone: &TimeZone) -> Shown {
    let state = match (&calendar.trouble, calendar.read_at) {
        (Some(trouble), _) => format!("It can't be read: {trouble}. Until it can, we may ask when you are busy."),
        (None, Some(at)) => format!("Read at {}.", when::moment(at, now, zone)),
        (None, None) => "It is being read for the first time.".to_owned(),
    };
    Shown {
        id: calendar.id,
        name: calendar.name.clone(),
        kind: calendar.kind.word(),
        state,
        failing: calendar.trouble.is_some(),
        google: calendar.kind == firstcall_store::calendars::CalendarKind::Google,
        writes: calendar.writes,
    }
}

/// "Wed 2 Dec – Sun 6 Dec" for whole days, else with the hours.
fn days(block: &Block, zone: &TimeZone) -> String {
    let [start, end] = [block.span.start, block.span.end].map(|at| at.to_zoned(zone.clone()));
    let whole = |at: &jiff::Zoned| at.start_of_day().is_ok_and(|day| day == *at);
    if !whole(&start) || !whole(&end) {
        return when::local(block.span, zone);
    }
    let last = end.date().saturating_sub(1.day());
    let day = |date: Date| date.strftime("%a %-d %b %Y").to_string();
    if start.date() == last { day(last) } else { format!("{} – {}", day(start.date()), day(last)) }
}

async fn act(State(web): State<Web>, token: Token, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = elsewhere(&web, &headers) {
        return refused;
    }
    let (token, page) = match owner(&web, &token).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let form = fields(&body);
    let text = |name: &str| value(&form, name).unwrap_or_default().trim().to_owned();
    let number = || text("id").parse::<i64>().unwrap_or_default();
    let musician = page.entry.musician.id;
    if page.entry.musician.standing == MusicianStanding::Removed {
        return shown(&web, &token, page, Typed::default());
    }
    let done = match text("do").as_str() {
        "pause" => web.engine.rest(musician, true).await.map_err(Failed::from),
        "resume" => web.engine.rest(musician, false).await.map_err(Failed::from),
        "quiet" => quiet(&web, musician, &text("quiet_from"), &text("quiet_to")).await,
        "away" => away(&web, &page.entry, &text("from"), &text("to")).await,
        "back" => web.engine.unblock(musician, number()).await.map(drop).map_err(Failed::from),
        "read" => calendars::read(&web, musician, number()).await,
        "remove" => calendars::remove(&web, musician, number()).await,
        "feed" => calendars::feed(&web, musician, &text("url")).await,
        "caldav" => match calendars::caldav(&web, &token, musician, &form).await {
            Ok(Some(choice)) => return choice,
            Ok(None) => Ok(()),
            Err(failed) => Err(failed),
        },
        "choose" => calendars::choose(&web, &token, musician, &form).await,
        // What is no act does nothing.
        _ => Ok(()),
    };
    match done {
        Ok(()) => see_other(&format!("./{token}"), None),
        Err(Failed::Wrong(field, why)) => {
            let typed =
                Typed { wrong: Some((field, why)), feed: text("url"), server: text("server"), user: text("user") };
            shown(&web, &token, page, typed)
        }
        Err(Failed::Store(error)) => unreadable(&web, &error),
    }
}

/// Why something was not done.
enum Failed {
    /// What is wrong, and in which form.
    Wrong(&'static str, String),
    /// The database.
    Store(firstcall_store::Error),
}

impl From<firstcall_store::Error> for Failed {
    fn from(error: firstcall_store::Error) -> Self {
        Self::Store(error)
    }
}

async fn quiet(web: &Web, musician: MusicianId, from: &str, to: &str) -> Result<(), Failed> {
    let hours = quiet_hours(from, to).map_err(|why| Failed::Wrong("quiet", why))?;
    let change = MusicianChange { quiet_hours: Some(hours), ..MusicianChange::default() };
    match web.engine.change_musician(musician, change, "page").await {
        Ok(_) => Ok(()),
        Err(RosterError::Store(error)) => Err(Failed::Store(error)),
        Err(error) => Err(Failed::Wrong("quiet", error.to_string())),
    }
}

/// Whole days in their own zone, the first and the last included.
async fn away(web: &Web, entry: &Entry, from: &str, to: &str) -> Result<(), Failed> {
    let wrong = |why: &str| Failed::Wrong("away", why.to_owned());
    let (musician, now) = (&entry.musician, web.engine.clock().now());
    let date = |text: &str| text.parse::<Date>().map_err(|_| wrong("Please choose the first and the last day."));
    let first = date(from)?;
    let last = if to.is_empty() { first } else { date(to)? };
    if last < first {
        return Err(wrong("The last day is before the first."));
    }
    if last < now.to_zoned(musician.zone.clone()).date() {
        return Err(wrong("These days have passed."));
    }
    if first.until(last).map_or(i32::MAX, |span| span.get_days()) > LONGEST_AWAY_DAYS {
        return Err(wrong("That is longer than two years: pause instead."));
    }
    let start = |day: Date| day.to_zoned(musician.zone.clone()).map(|start| start.timestamp());
    let end = last.tomorrow().and_then(start);
    let (Ok(start), Ok(end)) = (start(first), end) else { return Err(wrong("These days are too far away.")) };
    web.engine.block(musician.id, Span { start, end }, Some("away".to_owned())).await?;
    Ok(())
}
