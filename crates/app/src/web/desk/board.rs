//! The live board: what needs a human first, then the bookings in progress, then those that are booked.
//!
//! It is read in one transaction, and its cost is bounded by the size of its lists.

use super::access::Visitor;
use super::talks::snippet;
use super::view::{Names, Summary, View, people};
use super::{Frame, failed, page};
use crate::engine::stored_reading;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::booking::{Booking, State as Stage};
use firstcall_store::bookings::{self, Shown};
use firstcall_store::inbound::{self, Inbound};
use firstcall_store::mails::{self, Mail};
use firstcall_store::messages::{self, Message};
use firstcall_store::roster::Entry;
use firstcall_store::{Error, Tx, journal, roster};
use jiff::{SignedDuration, Timestamp};

/// How many of a kind are shown.
const MOST: i64 = 20;
/// How many booked sessions are shown; the others are on the list.
const MOST_BOOKED: i64 = 10;
/// For so long a text that is about no session and did not arrive is shown.
const TROUBLE_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// The board.
#[derive(Clone, Debug)]
pub struct Board {
    /// What needs a human.
    pub needs: Vec<Need>,
    /// The bookings in progress.
    pub progress: Vec<Summary>,
    /// The newest booked sessions.
    pub booked: Vec<Summary>,
    /// What the tab says.
    pub title: String,
    /// The number of the newest line of the log.
    pub last: i64,
}

/// Something that waits for the manager.
#[derive(Clone, Debug)]
pub struct Need {
    /// Its page, from the board.
    pub link: String,
    /// What it is.
    pub what: String,
    /// Why it waits, and what to do.
    pub why: String,
    /// The text in doubt that the manager can settle here.
    pub doubt: Option<i64>,
}

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    frame: Frame,
    board: Board,
    root: &'static str,
}

/// What the board is made of.
struct Found {
    mails: Vec<Mail>,
    stuck: Vec<Shown>,
    refills: Vec<Shown>,
    texts: Vec<Message>,
    newcomers: Vec<Entry>,
    /// Texts that want a reply.
    words: Vec<Inbound>,
    progress: Vec<Shown>,
    booked: Vec<Shown>,
    names: Names,
    last: i64,
}

/// The board's page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    match read(&web).await {
        Ok(board) => {
            let frame = Frame::new(&web, visitor, &board.title, board.last);
            page(StatusCode::OK, &BoardPage { frame, board, root: "./" })
        }
        Err(error) => failed(&error),
    }
}

/// The board as it is.
///
/// # Errors
/// When the database cannot be asked.
pub async fn read(web: &Web) -> Result<Board, Error> {
    let now = web.engine.clock().now();
    let found = web.engine.store().read(async move |tx: &mut Tx| find(tx, now).await).await?;
    let view = View { names: &found.names, now, zone: &web.engine.settings().studio.time_zone };
    let needs = needs(&found, &view);
    let calling = found.progress.len();
    let title = match (needs.len(), calling) {
        (0, 0) => "All quiet".to_owned(),
        (0, calling) => format!("{calling} calling"),
        (1, _) => "1 needs you".to_owned(),
        (many, _) => format!("{many} need you"),
    };
    Ok(Board {
        progress: found.progress.iter().map(|shown| view.summary(shown)).collect(),
        booked: found.booked.iter().map(|shown| view.summary(shown)).collect(),
        last: found.last,
        needs,
        title,
    })
}

async fn find(tx: &mut Tx, now: Timestamp) -> Result<Found, Error> {
    let mut stuck = bookings::list(tx, i64::MAX, Some("no_times"), MOST).await?;
    stuck.extend(bookings::list(tx, i64::MAX, Some("exhausted"), MOST).await?);
    let mut progress = bookings::list(tx, i64::MAX, Some("calling"), MOST).await?;
    progress.extend(bookings::list(tx, i64::MAX, Some("paused"), MOST).await?);
    progress.sort_by_key(|shown| (shown.due_at.unwrap_or(Timestamp::MAX), shown.booking.id));
    let refills = bookings::refills(tx, MOST).await?;
    let booked = bookings::list(tx, i64::MAX, Some("booked"), MOST_BOOKED).await?;
    let mut texts = messages::newest_in(tx, "failed", MOST).await?;
    texts.extend(messages::newest_in(tx, "in_doubt", MOST).await?);
    texts.retain(|text| matters(text, now));
    let all = stuck.iter().chain(&progress).chain(&refills).chain(&booked).map(|shown| &shown.booking);
    let mut who = people(all);
    who.extend(texts.iter().filter_map(|text| text.musician));
    let words = inbound::unhandled(tx, MOST).await?;
    who.extend(words.iter().filter_map(|text| text.musician));
    Ok(Found {
        newcomers: roster::waiting(tx, MOST).await?,
        mails: mails::list(tx, "needs_review", 0, MOST).await?,
        names: roster::names(tx, &who).await?,
        last: journal::last(tx).await?,
        stuck,
        refills,
        texts,
        words,
        progress,
        booked,
    })
}

/// A text that did not arrive is of interest while its session is ahead.
fn matters(text: &Message, now: Timestamp) -> bool {
    let over =
        text.time.map_or(text.created_at.saturating_add(TROUBLE_LASTS).unwrap_or(Timestamp::MAX), |time| time.end);
    over > now
}

fn needs(found: &Found, view: &View<'_>) -> Vec<Need> {
    let mails = found.mails.iter().map(mail);
    let bookings = found.refills.iter().chain(&found.stuck).map(|shown| stuck(&shown.booking, view));
    let texts = found.texts.iter().map(|text| trouble(text, view));
    let words = found.words.iter().map(|text| writes(text, view));
    mails.chain(bookings).chain(texts).chain(words).chain(found.newcomers.iter().map(newcomer)).collect()
}

fn newcomer(entry: &Entry) -> Need {
    let plays = entry.musician.instruments.iter().map(|(name, _)| name.replace('_', " "));
    Need {
        link: format!("newcomers/{}", entry.musician.id),
        what: format!("{} wants to be on the call list", entry.musician.name),
        why: format!("Plays {}. Approve or decline.", plays.collect::<Vec<_>>().join(", ")),
        doubt: None,
    }
}

fn writes(text: &Inbound, view: &View<'_>) -> Need {
    let (link, who) = match text.musician {
        Some(id) => (format!("messages/{id}"), view.name(id)),
        None => (format!("messages/unknown/{}", text.id), format!("{} (not on the roster)", text.sender)),
    };
    Need {
        what: format!("{who} writes: “{}”", snippet(&text.body)),
        why: "Reply, or say that it is done.".to_owned(),
        link,
        doubt: None,
    }
}

fn mail(mail: &Mail) -> Need {
    let from = mail.client.as_deref().unwrap_or("somebody");
    let subject = mail.subject.as_deref().unwrap_or("no subject");
    let reading = stored_reading(mail);
    let why: Vec<&str> = reading.problems.iter().map(|problem| problem.message.as_str()).take(2).collect();
    Need {
        link: format!("inbox/{}", mail.id),
        what: format!("Mail from {from}: {subject}"),
        why: if why.is_empty() { "It could not be read.".to_owned() } else { why.join(" ") },
        doubt: None,
    }
}

fn stuck(booking: &Booking, view: &View<'_>) -> Need {
    let open = booking.current().map(|option| booking.open_chairs(option)).unwrap_or_default();
    let open: Vec<String> = open.iter().map(|chair| booking.chair(*chair).label()).collect();
    let open = open.join(", ");
    let when = booking.session().map(|time| when::start(time.start, view.zone)).unwrap_or_default();
    let why = match &booking.state {
        Stage::NoTimes => "No time is possible. Add musicians or times, or cancel it.".to_owned(),
        Stage::Exhausted { .. } => {
            format!("Everybody was asked; open: {open}. Add musicians or times, or fill it by hand.")
        }
        Stage::Booked { refill: Some(refill), .. } if refill.nobody_left => {
            format!("{when}: {open} is open, and nobody is left to step in. Fill it by hand.")
        }
        Stage::Booked { .. } => format!("{when}: {open} is open after a drop-out. Others are being asked."),
        Stage::Calling { .. } | Stage::Paused { .. } | Stage::Expired | Stage::Cancelled => String::new(),
    };
    Need {
        link: format!("bookings/{}", booking.id),
        what: format!("#{} {}", booking.id, super::view::client(booking)),
        why,
        doubt: None,
    }
}

fn trouble(text: &Message, view: &View<'_>) -> Need {
    let to = text.musician.map_or_else(|| text.to.clone(), |id| view.name(id));
    let what = if text.state == "failed" { "could not be texted" } else { "may not have been texted" };
    let why = text.error.clone().unwrap_or_else(|| "Check their number".to_owned());
    Need {
        link: text.booking.map_or_else(|| "./".to_owned(), |id| format!("bookings/{id}")),
        what: format!("{to} {what} ({})", text.kind),
        why: if text.look_at.is_some() {
            format!("{why}. It is being looked up, and may settle by itself.")
        } else {
            why
        },
        doubt: (text.state == "in_doubt").then_some(text.id),
    }
}
