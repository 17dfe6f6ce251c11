//! The inbox: the mails that wait first, those that are settled below them, a page at a time.

use super::access::Visitor;
use super::{Frame, failed, page};
use crate::engine::stored_reading;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_store::mails::{self, Mail};
use firstcall_store::{Error, Tx, journal};
use serde::Deserialize;

const PAGE: usize = 50;
/// The states of mails that wait for nobody, by their word and for people.
const STATES: [(&str, &str); 4] =
    [("dismissed", "put aside"), ("booked", "booked"), ("ignored", "written by machines"), ("duplicate", "sent again")];

/// Which page.
#[derive(Deserialize, Default)]
pub struct Wanted {
    /// Settled mails before this one.
    before: Option<i64>,
    /// Waiting mails after this one.
    after: Option<i64>,
    state: Option<String>,
}

#[derive(Template)]
#[template(path = "mails.html")]
struct MailsPage {
    frame: Frame,
    number: i64,
    waiting: Vec<Line>,
    later: Option<i64>,
    settled: Vec<Line>,
    older: Option<i64>,
    state: String,
    states: [(&'static str, &'static str); 4],
}

/// A mail, as a line.
struct Line {
    id: i64,
    from: String,
    subject: String,
    received: String,
    state: String,
    booking: Option<i64>,
    why: String,
}

/// What the page is made of.
struct Found {
    number: i64,
    waiting: Vec<Mail>,
    settled: Vec<Mail>,
    /// The newest line of the log.
    last: i64,
}

/// The inbox's page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let Wanted { before, after, state } = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let state = state.filter(|state| STATES.iter().any(|(word, _)| word == state));
    match read(&web, after.unwrap_or(0), before.unwrap_or(i64::MAX), state.clone()).await {
        Ok(Found { number, mut waiting, mut settled, last }) => {
            let (later, older) = (cut(&mut waiting), cut(&mut settled));
            let lines = |mails: Vec<Mail>| mails.iter().map(|mail| line(&web, mail)).collect();
            let template = MailsPage {
                frame: Frame::new(&web, visitor, &title(number)).live(last),
                number,
                waiting: lines(waiting),
                later,
                settled: lines(settled),
                older,
                state: state.unwrap_or_default(),
                states: STATES,
            };
            page(StatusCode::OK, &template)
        }
        Err(error) => failed(&error),
    }
}

fn title(number: i64) -> String {
    if number == 0 { "Inbox".to_owned() } else { format!("{number} in the inbox") }
}

async fn read(web: &Web, after: i64, before: i64, state: Option<String>) -> Result<Found, Error> {
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let op = async move |tx: &mut Tx| {
        Ok::<_, Error>(Found {
            number: mails::count_in(tx, "needs_review").await?,
            waiting: mails::list(tx, "needs_review", after, most).await?,
            settled: mails::settled(tx, state.as_deref(), before, most).await?,
            last: journal::last(tx).await?,
        })
    };
    web.engine.store().read(op).await
}

/// Cuts a list to one page; the last number on it, when there is more.
fn cut(mails: &mut Vec<Mail>) -> Option<i64> {
    let more = mails.len() > PAGE;
    mails.truncate(PAGE);
    mails.last().filter(|_| more).map(|mail| mail.id)
}

fn line(web: &Web, mail: &Mail) -> Line {
    let zone = &web.engine.settings().studio.time_zone;
    let waits = mail.state == "needs_review";
    let problems = if waits { stored_reading(mail).problems } else { Vec::new() };
    let why = match problems.as_slice() {
        [] if waits => "Nothing is doubtful any more: look at it and book it.".to_owned(),
        problems => problems.iter().map(|problem| problem.message.as_str()).take(2).collect::<Vec<_>>().join(" "),
    };
    let state = STATES.iter().find(|(word, _)| *word == mail.state).map_or("", |(_, words)| words);
    Line {
        id: mail.id,
        from: mail.client.clone().unwrap_or_else(|| "somebody".to_owned()),
        subject: mail.subject.clone().unwrap_or_else(|| "no subject".to_owned()),
        received: when::moment(mail.received_at, web.engine.clock().now(), zone),
        state: state.to_owned(),
        booking: mail.booking.map(|id| id.0),
        why,
    }
}
