//! Importing musicians from an uploaded file, looked at before anything is changed, and exporting them: by the same code as
//! `firstcall import` and `export`.

use super::access::{Visitor, see_other};
use super::{Frame, failed, fields, notice, page, value};
use crate::engine::{Import, MusicianChange, RosterError};
use crate::hash::sha256;
use crate::roster_csv::{self, Mistake, Row, Vocabulary};
use crate::token;
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use firstcall_store::{Error, Tx, roster, uploads};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// An uploaded file waits for so long.
const WAITS: SignedDuration = SignedDuration::from_hours(24);
/// So many lines of a kind are shown.
const MOST: usize = 100;

/// A file as one is imported, to be filled in. The numbers are nobody's.
const EXAMPLE: &str = "\
name,phone,instruments,email,time_zone,notes
Ana Example,+1 212 555 0101,violin,ana@example.com,America/New_York,
Bo Example,+1 212 555 0102,keyboard;live_piano,,,prefers mornings
Cy Example,+1 212 555 0103,drums,cy@example.com,,
";

/// What was imported just now.
#[derive(Deserialize, Default)]
pub struct Done {
    added: Option<usize>,
    changed: Option<usize>,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    wrong: String,
    said: String,
    mistakes: Vec<String>,
    more_mistakes: usize,
}

#[derive(Template)]
#[template(path = "import_preview.html")]
struct PreviewPage {
    frame: Frame,
    mark: String,
    changed_meanwhile: bool,
    added: Vec<String>,
    changed: Vec<String>,
    added_number: usize,
    changed_number: usize,
    unchanged: usize,
}

/// A file that was read, with what it would change.
struct Looked {
    rows: Vec<Row>,
    changes: Vec<MusicianChange>,
    imports: Vec<Import>,
}

impl Looked {
    /// What stands for everything that the file would change: when the roster changes meanwhile, it may be another.
    fn mark(&self) -> String {
        let all = format!("{:?}", self.imports);
        sha256(&[all.as_bytes()]).chars().take(16).collect()
    }
}

/// Why a file cannot be looked at.
enum Bad {
    Mistakes(Vec<Mistake>),
    Refused(String),
    Store(Error),
}

impl From<RosterError> for Bad {
    fn from(error: RosterError) -> Self {
        match error {
            RosterError::Store(error) => Self::Store(error),
            RosterError::Unknown
            | RosterError::PhoneTaken
            | RosterError::Refused
            | RosterError::Missing(_)
            | RosterError::Waits
            | RosterError::NotWaiting => Self::Refused(error.to_string()),
        }
    }
}

/// The form with which a file is uploaded.
pub async fn form(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    done: Result<Query<Done>, QueryRejection>,
) -> Response {
    let Done { added, changed } = done.map(|Query(done)| done).unwrap_or_default();
    let said = added.map(|added| format!("{added} added, {} changed.", changed.unwrap_or_default()));
    import_page(&web, visitor, StatusCode::OK, "", said.unwrap_or_default(), &[])
}

fn import_page(
    web: &Web,
    visitor: Visitor,
    status: StatusCode,
    wrong: &str,
    said: String,
    mistakes: &[Mistake],
) -> Response {
    let template = ImportPage {
        frame: Frame::new(web, visitor, "Import musicians"),
        wrong: wrong.to_owned(),
        more_mistakes: mistakes.len().saturating_sub(MOST),
        mistakes: mistakes.iter().take(MOST).map(|mistake| mistake.to_string().chars().take(300).collect()).collect(),
        said,
    };
    page(status, &template)
}

/// Keeps an uploaded file, if it has no mistakes, to be looked at.
pub async fn upload(State(web): State<Web>, Extension(visitor): Extension<Visitor>, form: Multipart) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(bytes) = file(form).await else {
        return import_page(&web, visitor, status, "Choose a file, of 10 MB at the most.", String::new(), &[]);
    };
    match look(&web, &bytes).await {
        Ok(_) => {}
        Err(Bad::Mistakes(mistakes)) => return import_page(&web, visitor, status, "", String::new(), &mistakes),
        Err(Bad::Refused(why)) => return import_page(&web, visitor, status, &why, String::new(), &[]),
        Err(Bad::Store(error)) => return failed(&error),
    }
    let (name, now) = (token::fresh(), web.engine.clock().now());
    let since = now.saturating_sub(WAITS).unwrap_or(Timestamp::MIN);
    let to = format!("./import/{name}");
    let keep = async move |tx: &mut Tx| uploads::keep(tx, &name, &bytes, now, since).await;
    match web.engine.store().write(keep).await {
        Ok(()) => see_other(&to, None),
        Err(error) => failed(&error),
    }
}

/// The first field of the form that has something in it.
async fn file(mut form: Multipart) -> Option<Vec<u8>> {
    while let Some(field) = form.next_field().await.ok()? {
        let bytes = field.bytes().await.ok()?;
        if !bytes.is_empty() {
            return Some(bytes.to_vec());
        }
    }
    None
}

async fn look(web: &Web, bytes: &[u8]) -> Result<Looked, Bad> {
    let studio_zone = web.engine.settings().studio.time_zone.clone();
    let instruments = web.engine.instruments().await.map_err(Bad::Store)?;
    let vocabulary = Vocabulary { instruments, studio_zone };
    let rows = roster_csv::read(bytes, &vocabulary).map_err(Bad::Mistakes)?;
    let changes = roster_csv::changes(&rows, &vocabulary.studio_zone).map_err(|why| Bad::Refused(why.to_string()))?;
    let imports = web.engine.preview_import(&changes).await?;
    Ok(Looked { rows, changes, imports })
}

/// What an uploaded file would change.
pub async fn preview(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Response {
    match uploaded(&web, &name).await {
        Ok(Some(looked)) => preview_page(&web, visitor, StatusCode::OK, &looked, false),
        Ok(None) => gone(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// The file of this name, looked at anew. One that has mistakes by now (an instrument was removed) is as good as gone.
async fn uploaded(web: &Web, name: &str) -> Result<Option<Looked>, Error> {
    if !token::is_one(name) {
        return Ok(None);
    }
    let name = name.to_owned();
    let bytes = web.engine.store().read(async move |tx: &mut Tx| uploads::get(tx, &name).await).await?;
    let Some(bytes) = bytes else { return Ok(None) };
    match look(web, &bytes).await {
        Ok(looked) => Ok(Some(looked)),
        Err(Bad::Mistakes(_) | Bad::Refused(_)) => Ok(None),
        Err(Bad::Store(error)) => Err(error),
    }
}

fn gone(web: &Web, visitor: Visitor) -> Response {
    let why =
        "This file was imported already, waited for more than a day, or cannot be read any more. Upload it again.";
    notice(
        web,
        visitor,
        StatusCode::NOT_FOUND,
        "There is nothing to import.",
        why,
        &format!("{}roster/import", visitor.root),
    )
}

fn preview_page(web: &Web, visitor: Visitor, status: StatusCode, looked: &Looked, changed_meanwhile: bool) -> Response {
    let (mut added, mut changed, mut unchanged) = (Vec::new(), Vec::new(), 0);
    for (Row { line, musician }, import) in looked.rows.iter().zip(&looked.imports) {
        let plays: Vec<String> =
            musician.instruments.iter().map(|(name, place)| format!("{} ({place})", name.replace('_', " "))).collect();
        match import {
            Import::Added => {
                added.push(format!("Line {line}: {}, {}, {}", musician.name, musician.phone, plays.join(", ")));
            }
            Import::Changed(fields) => {
                changed.push(format!("Line {line}: {}: other {}", musician.name, fields.join(", ")));
            }
            Import::Unchanged => unchanged += 1,
        }
    }
    let (added_number, changed_number) = (added.len(), changed.len());
    added.truncate(MOST);
    changed.truncate(MOST);
    let frame = Frame::new(web, visitor, "Look at the import");
    let mark = looked.mark();
    page(
        status,
        &PreviewPage { frame, mark, changed_meanwhile, added, changed, added_number, changed_number, unchanged },
    )
}

/// Imports an uploaded file, if it still changes what was looked at.
pub async fn import(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let looked = match uploaded(&web, &name).await {
        Ok(Some(looked)) => looked,
        Ok(None) => return gone(&web, visitor),
        Err(error) => return failed(&error),
    };
    if value(&fields(&body), "mark") != Some(looked.mark().as_str()) {
        return preview_page(&web, visitor, StatusCode::CONFLICT, &looked, true);
    }
    let changed = looked.imports.iter().filter(|import| matches!(import, Import::Changed(_))).count();
    // Whoever takes the file imports it: a second press finds none.
    let take = async move |tx: &mut Tx| uploads::delete(tx, &name).await;
    match web.engine.store().write(take).await {
        Ok(true) => {}
        Ok(false) => return gone(&web, visitor),
        Err(error) => return failed(&error),
    }
    match web.engine.import(looked.changes).await {
        Ok(added) => see_other(&format!("../import?added={added}&changed={changed}"), None),
        Err(RosterError::Store(error)) => failed(&error),
        Err(why) => import_page(&web, visitor, StatusCode::CONFLICT, &why.to_string(), String::new(), &[]),
    }
}

/// A file to fill in.
pub async fn example() -> Response {
    csv("example.csv", EXAMPLE.to_owned())
}

/// Everybody on the roster, as a file.
pub async fn export(State(web): State<Web>) -> Response {
    let entries = web.engine.store().read(async |tx: &mut Tx| roster::list(tx, 0, i64::MAX).await).await;
    let rows = match entries {
        Ok(entries) => roster_csv::rows(entries, &web.engine.settings().studio.time_zone),
        Err(error) => return failed(&error),
    };
    csv("musicians.csv", roster_csv::write(&rows).unwrap_or_default())
}

fn csv(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, text).into_response()
}
