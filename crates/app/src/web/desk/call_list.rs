//! The call list of an instrument: its order, changed by buttons or by dragging, and never over somebody else's change.

use super::access::{Visitor, see_other};
use super::{Frame, failed, fields, nothing, notice, page, value};
use crate::engine::{Moved, Step, order_mark};
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::Ranking;
use firstcall_store::call_lists::{self, Beside, Player};
use firstcall_store::roster::standing_word;
use firstcall_store::{Error, Tx};
use serde::Deserialize;

const PAGE: i64 = 100;

/// Which page, and who was moved just now by which button.
#[derive(Deserialize, Default)]
pub struct Wanted {
    skip: Option<i64>,
    moved: Option<i64>,
    by: Option<String>,
}

#[derive(Template)]
#[template(path = "call_list.html")]
struct CallListPage {
    frame: Frame,
    /// What decides who is asked first.
    ranking: &'static str,
    instrument: String,
    label: String,
    people: Vec<Row>,
    number: usize,
    mark: String,
    skip: i64,
    earlier: Option<i64>,
    later: Option<i64>,
    /// "Ada Okafor is number 2 of 14."
    said: String,
    moved: i64,
    by: String,
}

/// Somebody in the list.
struct Row {
    id: i64,
    at: i64,
    name: String,
    standing: &'static str,
    first: bool,
    last: bool,
}

/// The list's page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(instrument): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let wanted = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    match list_page(&web, visitor, instrument, wanted).await {
        Ok(Some(shown)) => page(StatusCode::OK, &shown),
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

async fn list_page(
    web: &Web,
    visitor: Visitor,
    instrument: String,
    wanted: Wanted,
) -> Result<Option<CallListPage>, Error> {
    let known = web.engine.instruments().await?.iter().any(|known| known.name == instrument);
    let (name, skip, moved) = (instrument.clone(), wanted.skip.unwrap_or(0).max(0), wanted.moved.unwrap_or(0));
    let read = async move |tx: &mut Tx| {
        let order = call_lists::order(tx, &name).await?;
        // Whoever was moved is shown, wherever they went.
        let at = order.iter().position(|id| id.0 == moved).and_then(|at| i64::try_from(at).ok());
        let skip = at.map_or(skip, |at| at / PAGE * PAGE);
        Ok::<_, Error>((call_lists::page(tx, &name, skip, PAGE).await?, order, skip))
    };
    let (people, order, skip) = web.engine.store().read(read).await?;
    if !known && order.is_empty() {
        return Ok(None);
    }
    let people = rows(people, skip, order.len());
    let said = people.iter().find(|row| row.id == moved).map(|row| {
        let (name, at, number) = (&row.name, row.at, order.len());
        format!("{name} is number {at} of {number}.")
    });
    let label = instrument.replace('_', " ");
    let end = skip.saturating_add(PAGE);
    let ranking = match web.engine.policy().ranking {
        Ranking::RecentFirst => {
            "Who was booked most recently is asked first; this order decides ties, and among those never booked."
        }
        Ranking::RestedFirst => "Who has not been booked for longest is asked first; this order decides ties.",
        Ranking::CallList => "Who comes first is asked first.",
    };
    Ok(Some(CallListPage {
        ranking,
        frame: Frame::new(web, visitor, &format!("Call list: {label}")),
        mark: order_mark(&order),
        number: order.len(),
        earlier: (skip > 0).then(|| (skip - PAGE).max(0)),
        later: (i64::try_from(order.len()).unwrap_or(i64::MAX) > end).then_some(end),
        said: said.unwrap_or_default(),
        by: wanted.by.unwrap_or_default(),
        instrument,
        label,
        people,
        skip,
        moved,
    }))
}

fn rows(people: Vec<Player>, skip: i64, number: usize) -> Vec<Row> {
    let row = |(at, player): (i64, Player)| Row {
        id: player.id.0,
        at,
        name: player.name,
        standing: standing_word(player.standing),
        first: at == 1,
        last: usize::try_from(at).is_ok_and(|at| at == number),
    };
    (skip + 1..).zip(people).map(row).collect()
}

/// Moves somebody.
pub async fn change(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(instrument): Path<String>,
    body: Bytes,
) -> Response {
    let sent = fields(&body);
    let back = format!("./{instrument}");
    let Some((who, step, by)) = wished(&sent) else {
        let why = "Press one of the buttons beside a name.";
        return notice(&web, visitor, StatusCode::UNPROCESSABLE_ENTITY, "That could not be done.", why, &back);
    };
    let seen = value(&sent, "mark").unwrap_or_default();
    match web.engine.move_in_list(&instrument, MusicianId(who), step, seen).await {
        Ok(Moved::Done) => see_other(&format!("{back}?moved={who}&by={by}#p{who}"), None),
        Ok(Moved::Changed) => {
            let why = "Somebody changed this call list meanwhile, or who is on it. Nothing was moved: look at it as it is now.";
            notice(&web, visitor, StatusCode::CONFLICT, "The order is another one by now.", why, &back)
        }
        Ok(Moved::Unknown) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// Who is moved, where to, and by which button: "up=3", or what was dropped, as "3 before 7".
fn wished(sent: &[(String, String)]) -> Option<(i64, Step, &'static str)> {
    for (by, step) in [("up", Step::Up), ("down", Step::Down), ("top", Step::Top)] {
        if let Some(who) = value(sent, by) {
            return Some((who.parse().ok()?, step, by));
        }
    }
    let mut words = value(sent, "drop")?.split(' ');
    let (who, side, other) = (words.next()?.parse().ok()?, words.next()?, words.next()?.parse().ok()?);
    let beside = match side {
        "before" => Beside::Before(MusicianId(other)),
        "after" => Beside::After(MusicianId(other)),
        _ => return None,
    };
    Some((who, Step::To(beside), "drop"))
}
