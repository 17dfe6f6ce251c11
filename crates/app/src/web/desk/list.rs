//! Every booking, newest first, a page at a time: filtered, and searched for by the client's name, address or the number.

use super::access::Visitor;
use super::view::{Summary, View, people};
use super::{Frame, failed, inbox, page};
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::ids::{BookingId, MusicianId};
use firstcall_store::finding::{self, Wanted};
use firstcall_store::{Error, Tx, bookings, journal, roster};
use jiff::civil::Date;
use serde::Deserialize;

const PAGE: i64 = 50;
/// Of the roster so many can be chosen from.
const MOST_PEOPLE: i64 = 300;
const STATUSES: [&str; 7] = ["calling", "paused", "no_times", "exhausted", "booked", "expired", "cancelled"];

/// What is looked for, as the form has it.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct Looked {
    before: String,
    status: String,
    instrument: String,
    musician: String,
    from: String,
    to: String,
    q: String,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    looked: Looked,
    statuses: [&'static str; 7],
    instruments: Vec<String>,
    people: Vec<(MusicianId, String)>,
    rows: Vec<Summary>,
    /// Where the page with older ones is.
    older: Option<String>,
}

/// What the page is made of.
struct Found {
    rows: Vec<Summary>,
    people: Vec<(MusicianId, String)>,
    instruments: Vec<String>,
    last: i64,
}

/// The list's page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    looked: Result<Query<Looked>, QueryRejection>,
) -> Response {
    let Query(looked) = looked.unwrap_or_default();
    match read(&web, &looked).await {
        Ok(Found { mut rows, people, last, instruments }) => {
            let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
            let more = rows.len() > most;
            rows.truncate(most);
            let older = rows.last().filter(|_| more).map(|row| looked.older_than(row.id));
            let frame = Frame::new(&web, visitor, "Bookings").live(last);
            page(StatusCode::OK, &ListPage { frame, looked, statuses: STATUSES, instruments, people, rows, older })
        }
        Err(error) => failed(&error),
    }
}

async fn read(web: &Web, looked: &Looked) -> Result<Found, Error> {
    let (wanted, number) = (looked.wanted(), looked.number());
    let op = async move |tx: &mut Tx| {
        let list = match number {
            Some(id) => bookings::show(tx, id).await?.into_iter().collect(),
            None => finding::find(tx, &wanted, PAGE + 1).await?,
        };
        let names = roster::names(tx, &people(list.iter().map(|shown| &shown.booking))).await?;
        let on_list = roster::list(tx, 0, MOST_PEOPLE).await?;
        Ok::<_, Error>((list, names, on_list, journal::last(tx).await?))
    };
    let (found, names, on_list, last) = web.engine.store().read(op).await?;
    let zone = &web.engine.settings().studio.time_zone;
    let view = View { names: &names, said: &[], now: web.engine.clock().now(), zone };
    let mut people: Vec<_> = on_list.into_iter().map(|entry| (entry.musician.id, entry.musician.name)).collect();
    people.sort_by(|a, b| a.1.cmp(&b.1));
    let rows = found.iter().map(|shown| view.summary(shown)).collect();
    Ok(Found { rows, people, instruments: inbox::instruments(web).await?, last })
}

impl Looked {
    /// What is not understood is not asked.
    fn wanted(&self) -> Wanted {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let (from, to) = (self.from.parse::<Date>().ok(), self.to.parse::<Date>().ok());
        let days = (from.is_some() || to.is_some()).then(|| (from.unwrap_or(Date::ZERO), to.unwrap_or(Date::MAX)));
        Wanted {
            before: self.before.parse().ok(),
            status: some(&self.status).filter(|status| STATUSES.contains(&status.as_str())),
            instrument: some(&self.instrument),
            musician: self.musician.parse().ok().map(MusicianId),
            days,
            words: self.words(),
            needs: self.status == "needs_me",
        }
    }

    /// An address as a whole, and other words one by one.
    fn words(&self) -> Vec<String> {
        let typed = self.q.split_whitespace().map(str::to_lowercase);
        typed.flat_map(|word| if word.contains('@') { vec![word] } else { finding::words(&word) }).collect()
    }

    /// "#214" or "214" is that booking.
    fn number(&self) -> Option<BookingId> {
        let typed = self.q.trim();
        typed.strip_prefix('#').unwrap_or(typed).parse().ok().map(BookingId)
    }

    fn older_than(&self, id: i64) -> String {
        let (before, all) = (id.to_string(), self);
        let fields = [
            ("before", &before),
            ("status", &all.status),
            ("instrument", &all.instrument),
            ("musician", &all.musician),
            ("from", &all.from),
            ("to", &all.to),
            ("q", &all.q),
        ];
        let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        format!("./bookings?{}", serde_urlencoded::to_string(fields).unwrap_or_default())
    }
}
