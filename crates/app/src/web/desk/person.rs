//! Adding a musician, changing one, and taking one off the roster.

use super::access::{Visitor, see_other};
use super::{Frame, failed, fields, nothing, page, value};
use crate::engine::{MusicianChange, RosterError};
use crate::hash::sha256;
use crate::settings::{clock_range, zone};
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::contact::{EmailAddress, Phone};
use firstcall_core::ids::MusicianId;
use firstcall_core::policy::ClockRange;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::wording::capital;
use firstcall_store::roster::{self, Entry, clock_words};
use firstcall_store::{Error, Tx, inbound};
use serde::Deserialize;

/// No line of the form is longer, in characters.
const LONGEST_LINE: usize = 200;
/// No notes are.
const LONGEST_NOTES: usize = 10_000;

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    /// The musician who is changed; none: somebody is added.
    id: Option<i64>,
    title: String,
    form: Form,
}

#[derive(Template)]
#[template(path = "person_remove.html")]
struct RemovePage {
    frame: Frame,
    id: i64,
    name: String,
}

/// The form's fields, as somebody typed them.
#[derive(Default)]
struct Form {
    name: String,
    phone: String,
    email: String,
    zone: String,
    quiet_hours: String,
    notes: String,
    /// The instruments: by name, for people, and whether they play it.
    plays: Vec<(String, String, bool)>,
    invite: bool,
    /// What stands for the musician as they were when the form was filled in.
    mark: String,
    wrong: Vec<(&'static str, String)>,
}

impl Form {
    fn blank(known: &[String], zone: String) -> Self {
        Self { zone, plays: plays(known, |_| false), ..Self::default() }
    }

    fn of(entry: &Entry, known: &[String]) -> Self {
        let musician = &entry.musician;
        Self {
            name: musician.name.clone(),
            phone: musician.phone.as_str().to_owned(),
            email: entry.email.clone().unwrap_or_default(),
            zone: musician.zone.iana_name().unwrap_or("UTC").to_owned(),
            quiet_hours: musician.quiet_hours.map(clock_words).unwrap_or_default(),
            notes: entry.notes.clone().unwrap_or_default(),
            plays: plays(known, |name| musician.plays(name)),
            invite: false,
            mark: mark(entry),
            wrong: Vec::new(),
        }
    }

    fn sent(sent: &[(String, String)], known: &[String]) -> Self {
        let text = |name: &str| {
            let text = value(sent, name).unwrap_or_default().replace('\0', "\u{fffd}").replace("\r\n", "\n");
            text.trim().to_owned()
        };
        Self {
            name: text("name"),
            phone: text("phone"),
            email: text("email"),
            zone: text("zone"),
            quiet_hours: text("quiet_hours"),
            notes: text("notes"),
            plays: plays(known, |name| sent.iter().any(|(field, value)| field == "plays" && value == name)),
            invite: text("standing") == "invited",
            mark: text("mark"),
            wrong: Vec::new(),
        }
    }

    fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, what)| what.as_str())
    }

    /// The change that the form asks for; none when something is wrong with it.
    fn checked(&mut self) -> Option<MusicianChange> {
        let mut wrong = Vec::new();
        let said = |why: &dyn ToString| format!("{}.", capital(&why.to_string()));
        if self.name.is_empty() {
            wrong.push(("name", "Write a name.".to_owned()));
        }
        for (field, text) in [("name", &self.name), ("email", &self.email)] {
            if text.chars().count() > LONGEST_LINE || text.chars().any(char::is_control) {
                wrong.push((field, format!("One line of at most {LONGEST_LINE} characters.")));
            }
        }
        if self.notes.chars().count() > LONGEST_NOTES {
            wrong.push(("notes", format!("At most {LONGEST_NOTES} characters.")));
        }
        let phone = Phone::new(&self.phone).map_err(|why| wrong.push(("phone", said(&why)))).ok();
        let email = match self.email.as_str() {
            "" => Some(String::new()),
            text => match EmailAddress::new(text) {
                Ok(address) => Some(address.as_str().to_owned()),
                Err(why) => {
                    wrong.push(("email", said(&why)));
                    None
                }
            },
        };
        let zone = zone(&self.zone).map_err(|why| wrong.push(("zone", said(&why)))).ok();
        let quiet = hours(&self.quiet_hours).map_err(|why| wrong.push(("quiet_hours", why.to_owned()))).ok();
        let plays: Vec<_> =
            self.plays.iter().filter(|(.., plays)| *plays).map(|(name, ..)| (name.clone(), None)).collect();
        if plays.is_empty() {
            wrong.push(("plays", "Choose what they play.".to_owned()));
        }
        self.wrong = wrong;
        if !self.wrong.is_empty() {
            return None;
        }
        Some(MusicianChange {
            name: Some(self.name.clone()),
            phone: Some(phone?),
            email: Some(email?),
            zone: Some(zone?),
            instruments: Some(plays),
            notes: Some(self.notes.clone()),
            quiet_hours: Some(quiet?),
            standing: self.invite.then_some(MusicianStanding::Invited),
            last_booked_at: None,
        })
    }
}

fn plays(known: &[String], plays: impl Fn(&str) -> bool) -> Vec<(String, String, bool)> {
    known.iter().map(|name| (name.clone(), name.replace('_', " "), plays(name))).collect()
}

fn hours(text: &str) -> Result<Option<ClockRange>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let hours = clock_range(text).filter(|hours| hours.from != hours.to);
    hours.map(Some).ok_or("Write hours such as 22:00-08:00, or leave it empty.")
}

/// What stands for a musician as they are: by it a change that somebody else made meanwhile is noticed.
fn mark(entry: &Entry) -> String {
    let musician = &entry.musician;
    let mut plays: Vec<&str> = musician.instruments.iter().map(|(name, _)| name.as_str()).collect();
    plays.sort_unstable();
    let zone = musician.zone.iana_name().unwrap_or_default();
    let all = format!(
        "{:?}",
        (
            &musician.name,
            musician.phone.as_str(),
            zone,
            musician.quiet_hours.map(clock_words),
            plays,
            &entry.email,
            &entry.notes
        )
    );
    sha256(&[all.as_bytes()]).chars().take(16).collect()
}

/// From whose text somebody is added.
#[derive(Deserialize, Default)]
pub struct From {
    text: Option<i64>,
}

/// The form for somebody new, with the number of a text where they have written.
pub async fn blank(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    from: Result<Query<From>, QueryRejection>,
) -> Response {
    let text = from.ok().and_then(|Query(from)| from.text).unwrap_or(0);
    let read = async move |tx: &mut Tx| inbound::get(tx, text).await;
    match (known(&web).await, web.engine.store().read(read).await) {
        (Ok(known), Ok(text)) => {
            let phone = text.map(|text| text.sender).unwrap_or_default();
            let form = Form { phone, ..Form::blank(&known, web.zone_name()) };
            person_page(&web, visitor, StatusCode::OK, None, form)
        }
        (Err(error), _) | (_, Err(error)) => failed(&error),
    }
}

/// Adds a musician.
pub async fn add(State(web): State<Web>, Extension(visitor): Extension<Visitor>, body: Bytes) -> Response {
    let known = match known(&web).await {
        Ok(known) => known,
        Err(error) => return failed(&error),
    };
    let mut form = Form::sent(&fields(&body), &known);
    let Some(change) = form.checked() else {
        return person_page(&web, visitor, StatusCode::UNPROCESSABLE_ENTITY, None, form);
    };
    match web.engine.add_musician(change).await {
        Ok(entry) => see_other(&format!("./{}", entry.musician.id), None),
        Err(error) => wrong(&web, visitor, None, form, &error),
    }
}

/// The form for somebody on the roster.
pub async fn edit(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<i64>) -> Response {
    match find(&web, id).await {
        Ok(Some((entry, known))) => person_page(&web, visitor, StatusCode::OK, Some(id), Form::of(&entry, &known)),
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// Changes a musician, unless somebody else did meanwhile.
pub async fn change(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let (entry, known) = match find(&web, id).await {
        Ok(Some(found)) => found,
        Ok(None) => return nothing(&web, visitor),
        Err(error) => return failed(&error),
    };
    let mut form = Form::sent(&fields(&body), &known);
    form.invite = false;
    if form.mark != mark(&entry) {
        let what = "Somebody changed this musician meanwhile. Nothing was saved: what you typed is below; save again to \
            have it so, or open the page anew to see the other change.";
        form.mark = mark(&entry);
        form.wrong.push(("all", what.to_owned()));
        return person_page(&web, visitor, StatusCode::CONFLICT, Some(id), form);
    }
    let Some(change) = form.checked() else {
        return person_page(&web, visitor, StatusCode::UNPROCESSABLE_ENTITY, Some(id), form);
    };
    match web.engine.change_musician(MusicianId(id), change, visitor.who.name()).await {
        Ok(_) => see_other(&format!("../{id}"), None),
        Err(error) => wrong(&web, visitor, Some(id), form, &error),
    }
}

/// Asks whether somebody is to be taken off the roster.
pub async fn ask_remove(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
) -> Response {
    match find(&web, id).await {
        Ok(Some((entry, _))) => {
            let name = entry.musician.name;
            let frame = Frame::new(&web, visitor, &format!("Remove {name}?"));
            page(StatusCode::OK, &RemovePage { frame, id, name })
        }
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// Takes somebody off the roster.
pub async fn remove(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<i64>) -> Response {
    let change = MusicianChange { standing: Some(MusicianStanding::Removed), ..MusicianChange::default() };
    match web.engine.change_musician(MusicianId(id), change, visitor.who.name()).await {
        Ok(_) => see_other("../../roster", None),
        Err(RosterError::Unknown) => nothing(&web, visitor),
        Err(RosterError::Store(error)) => failed(&error),
        Err(other) => super::calendars::refused(&web, visitor, &other.to_string(), &format!("../{id}")),
    }
}

fn wrong(web: &Web, visitor: Visitor, id: Option<i64>, mut form: Form, error: &RosterError) -> Response {
    let field = match error {
        RosterError::Store(error) => return failed(error),
        RosterError::Unknown => return nothing(web, visitor),
        RosterError::PhoneTaken | RosterError::Refused => "phone",
        RosterError::Missing(_) | RosterError::Waits | RosterError::NotWaiting => "all",
    };
    form.wrong.push((field, format!("{}.", capital(&error.to_string()))));
    person_page(web, visitor, StatusCode::CONFLICT, id, form)
}

fn person_page(web: &Web, visitor: Visitor, status: StatusCode, id: Option<i64>, form: Form) -> Response {
    let title = id.map_or_else(|| "Add a musician".to_owned(), |_| format!("Change {}", form.name));
    page(status, &PersonPage { frame: Frame::new(web, visitor, &title), id, title, form })
}

async fn known(web: &Web) -> Result<Vec<String>, Error> {
    Ok(web.engine.instruments().await?.into_iter().map(|instrument| instrument.name).collect())
}

/// Somebody who is on the roster, and the instruments; those that they play too, whatever became of these.
async fn find(web: &Web, id: i64) -> Result<Option<(Entry, Vec<String>)>, Error> {
    let mut known = known(web).await?;
    let entry = web.engine.store().read(async move |tx: &mut Tx| roster::get(tx, MusicianId(id)).await).await?;
    let Some(entry) = entry.filter(|entry| entry.musician.standing != MusicianStanding::Removed) else {
        return Ok(None);
    };
    for (name, _) in &entry.musician.instruments {
        if !known.contains(name) {
            known.push(name.clone());
        }
    }
    Ok(Some((entry, known)))
}
