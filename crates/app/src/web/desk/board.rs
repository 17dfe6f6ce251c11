//! The live board: what needs a human first, then the bookings in progress, then those that are booked.
//!
//! It is read in one transaction, and its cost is bounded by the size of its lists.

use super::access::Visitor;
use super::choices::{self, Waiting};
use super::talks::snippet;
use super::view::{Names, Said, Summary, View, asks, people};
use super::{Frame, failed, page};
use crate::engine::stored_reading;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::booking::{Booking, State as Stage};
use firstcall_core::ids::BookingId;
use firstcall_store::bookings::{self, Shown};
use firstcall_store::inbound::{self, Inbound};
use firstcall_store::mails::{self, Mail};
use firstcall_store::messages::{self, Message};
use firstcall_store::pending::{self, Pending};
use firstcall_store::roster::Entry;
use firstcall_store::{Error, Tx, journal, roster};
use jiff::{SignedDuration, Timestamp};

/// How many of a kind are shown.
const MOST: i64 = 20;
/// How many booked sessions are shown; the others are on the list.
const MOST_BOOKED: i64 = 10;
/// Of so many bookings it is said whom they ask next.
const MOST_NEXT: usize = 12;
/// How many of those that are over are shown.
const MOST_DONE: i64 = 5;
/// Of what musicians wrote so much is looked at.
const MOST_SAID: i64 = 400;
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
    /// Those that are over, newest first.
    pub done: Vec<Summary>,
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
    /// What mends it: where a button leads, from the board, and what is written on it.
    pub fixes: Vec<(String, &'static str)>,
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
    done: Vec<Shown>,
    refused: Vec<(Pending, Booking)>,
    said: Vec<Said>,
    names: Names,
    last: i64,
}

/// The board's page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    match read(&web).await {
        Ok(board) => {
            let frame = Frame::new(&web, visitor, &board.title).live(board.last);
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
    let view = View { names: &found.names, said: &found.said, now, zone: &web.engine.settings().studio.time_zone };
    let needs = needs(&found, &view);
    let calling = found.progress.len();
    let mut progress: Vec<Summary> = found.progress.iter().map(|shown| view.summary(shown)).collect();
    let asking = found.progress.iter().filter(|shown| shown.due_reason.as_deref() == Some("patience"));
    let next = web.engine.who_is_next(asking.take(MOST_NEXT).map(|shown| shown.booking.id).collect()).await?;
    let names = next.values().flatten().copied().collect::<Vec<_>>();
    let names = web.engine.store().read(async move |tx: &mut Tx| roster::names(tx, &names).await).await?;
    let asked = View { names: &names, ..view };
    for row in &mut progress {
        let next = next.get(&BookingId(row.id));
        row.next = next.map(|next| asks(&next.iter().map(|id| asked.name(*id)).collect::<Vec<_>>()));
    }
    let title = match (needs.len(), calling) {
        (0, 0) => "All quiet".to_owned(),
        (0, 1) => progress.first().map_or_else(String::new, |row| row.title.clone()),
        (0, calling) => format!("{calling} calling"),
        (1, 0) => "1 needs you".to_owned(),
        (many, 0) => format!("{many} need you"),
        (1, calling) => format!("1 needs you · {calling} calling"),
        (many, calling) => format!("{many} need you · {calling} calling"),
    };
    Ok(Board {
        progress,
        done: found.done.iter().map(|shown| view.summary(shown)).collect(),
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
    let mut done = bookings::list(tx, i64::MAX, Some("cancelled"), MOST_DONE).await?;
    done.extend(bookings::list(tx, i64::MAX, Some("expired"), MOST_DONE).await?);
    done.sort_by_key(|shown| std::cmp::Reverse(shown.booking.id));
    let mut refused = Vec::new();
    for act in pending::refused(tx, MOST).await? {
        if let Some(booking) = bookings::get(tx, act.booking).await? {
            refused.push((act, booking));
        }
    }
    let mut texts = messages::newest_in(tx, "failed", MOST).await?;
    texts.extend(messages::newest_in(tx, "in_doubt", MOST).await?);
    texts.retain(|text| matters(text, now));
    let open = || progress.iter().chain(&refills).chain(&stuck).map(|shown| &shown.booking);
    let since = open().map(|booking| booking.created_at).min().unwrap_or(now);
    let said = inbound::said(tx, &people(open()), since, MOST_SAID).await?;
    let over = booked.iter().chain(&done).map(|shown| &shown.booking);
    let mut who = people(open().chain(over).chain(refused.iter().map(|(_, booking)| booking)));
    who.extend(refused.iter().filter_map(|(act, _)| choices::whom(act)));
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
        done,
        refused,
        said: said.into_iter().map(Said::from).collect(),
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
    let refused = found.refused.iter().map(|(act, booking)| refused(act, booking, view));
    let words = found.words.iter().map(|text| writes(text, view));
    let newcomers = found.newcomers.iter().map(newcomer);
    refused.chain(mails).chain(bookings).chain(texts).chain(words).chain(newcomers).collect()
}

/// What the manager pressed, and had become impossible.
fn refused(act: &Pending, booking: &Booking, view: &View<'_>) -> Need {
    let (_, refused) = Waiting::of(Some(act.clone()), booking, view);
    let (what, why) = refused.map(|act| (act.what, act.why)).unwrap_or_default();
    Need {
        link: format!("bookings/{}", booking.id),
        what: format!("#{}: {what} could not be done any more", booking.id),
        why: format!("{why}."),
        doubt: None,
        fixes: vec![(format!("bookings/{}/noted", booking.id), "All right")],
    }
}

fn newcomer(entry: &Entry) -> Need {
    let plays = entry.musician.instruments.iter().map(|(name, _)| name.replace('_', " "));
    Need {
        link: format!("newcomers/{}", entry.musician.id),
        what: format!("{} wants to be on the call list", entry.musician.name),
        why: format!("Plays {}. Approve or decline.", plays.collect::<Vec<_>>().join(", ")),
        doubt: None,
        fixes: Vec::new(),
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
        fixes: Vec::new(),
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
        fixes: vec![(format!("inbox/{}/dismiss", mail.id), "Put it aside")],
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
        fixes: vec![(format!("bookings/{}/next", booking.id), "Ask the next now")],
    }
}

fn trouble(text: &Message, view: &View<'_>) -> Need {
    let to = text.musician.map_or_else(|| text.to.clone(), |id| view.name(id));
    let what = if text.state == "failed" { "could not be texted" } else { "may not have been texted" };
    let why = text.error.clone().unwrap_or_else(|| "Check their number".to_owned());
    let page = match (text.musician, text.booking) {
        (Some(id), _) if text.state == "failed" => format!("roster/{id}"),
        (_, Some(id)) => format!("bookings/{id}"),
        (_, None) => "./".to_owned(),
    };
    Need {
        link: page,
        what: format!("{to} {what} ({})", text.kind),
        why: if text.look_at.is_some() {
            format!("{why}. It is being looked up, and may settle by itself.")
        } else {
            why
        },
        doubt: (text.state == "in_doubt").then_some(text.id),
        fixes: Vec::new(),
    }
}
