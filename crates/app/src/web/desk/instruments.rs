//! The instruments: who plays them, what people call them, and more of both.

use super::access::Visitor;
use super::calendars::refused;
use super::teach::learned;
use super::{Frame, failed, fields, page, value};
use crate::engine::LessonError;
use crate::reading::plain;
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_mail::InstrumentName;
use firstcall_store::lessons::{self, Lesson, LessonKind};
use firstcall_store::{Error, Tx, roster};
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "instruments.html")]
struct InstrumentsPage {
    frame: Frame,
    instruments: Vec<Row>,
}

/// An instrument.
struct Row {
    name: String,
    label: String,
    players: i64,
    /// Words that are built in, or fixed in the settings.
    fixed: Vec<String>,
    /// Words that were taught, with their numbers.
    taught: Vec<(i64, String)>,
    /// The number by which the instrument itself was added.
    added: Option<i64>,
}

/// The instruments' page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let read = async |tx: &mut Tx| Ok::<_, Error>((lessons::all(tx).await?, roster::count_players(tx).await?));
    match web.engine.store().read(read).await {
        Ok((lessons, players)) => {
            let known = crate::reading::instruments(&web.engine.settings().intake, &lessons);
            let instruments = known.into_iter().map(|instrument| row(instrument, &lessons, &players)).collect();
            let frame = Frame::new(&web, visitor, "Instruments");
            page(StatusCode::OK, &InstrumentsPage { frame, instruments })
        }
        Err(error) => failed(&error),
    }
}

fn row(instrument: InstrumentName, lessons: &[Lesson], players: &HashMap<String, i64>) -> Row {
    let InstrumentName { name, aliases } = instrument;
    let mine = |kind| lessons.iter().filter(move |lesson| lesson.kind == kind);
    let taught = mine(LessonKind::Alias).filter(|lesson| lesson.meaning == name);
    let taught: Vec<(i64, String)> = taught.map(|lesson| (lesson.id, lesson.word.clone())).collect();
    let is_taught = |alias: &String| taught.iter().any(|(_, word)| plain(word) == plain(alias));
    Row {
        label: name.replace('_', " "),
        players: players.get(&name).copied().unwrap_or_default(),
        fixed: aliases.into_iter().filter(|alias| !is_taught(alias)).collect(),
        added: mine(LessonKind::Instrument).find(|lesson| lesson.meaning == name).map(|lesson| lesson.id),
        taught,
        name,
    }
}

/// Adds an instrument, or a word for one.
pub async fn add(State(web): State<Web>, Extension(visitor): Extension<Visitor>, body: Bytes) -> Response {
    let (sent, back) = (fields(&body), format!("{}roster/instruments", visitor.root));
    let said = value(&sent, "said").unwrap_or_default();
    let done = match value(&sent, "instrument") {
        Some(instrument) => web.engine.teach_alias(said, instrument).await,
        None => web.engine.add_instrument(said).await.map(drop),
    };
    learned(&web, visitor, done, &back).await
}

/// Takes a word back, or an instrument that nobody plays.
pub async fn take_back(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(lesson): Path<i64>,
) -> Response {
    let back = format!("{}roster/instruments", visitor.root);
    match web.engine.take_back(lesson).await {
        Err(LessonError::Refused(why)) => refused(&web, visitor, &format!("{why}."), &back),
        done => learned(&web, visitor, done, &back).await,
    }
}
