//! One mail that waits: its text beside what was read and what is doubtful, and the form that makes a booking of it
//! (rule 1.4).

use super::access::{Visitor, see_other};
use super::acts::fields;
use super::mend::{Form, Remarks};
use super::original::{self, Original};
use super::teach::{Suggestions, suggestions};
use super::{Frame, failed, nothing, notice, page};
use crate::engine::stored_reading;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_mail::InstrumentName;
use firstcall_store::lessons;
use firstcall_store::mails::{self, Mail};
use firstcall_store::{Error, Tx};
use serde::Deserialize;

/// What was done just now.
#[derive(Deserialize, Default)]
pub struct Done {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    frame: Frame,
    id: i64,
    from: String,
    received: String,
    state: String,
    booking: Option<i64>,
    same_as: Option<i64>,
    remarks: Remarks,
    original: Original,
    form: Form,
    teach: Suggestions,
    studio_zone: String,
    said: &'static str,
}

/// A mail that waits, with everything that its page needs.
pub(super) struct Waiting {
    pub(super) mail: Mail,
    pub(super) instruments: Vec<InstrumentName>,
    original: Original,
    suggestions: Suggestions,
}

impl Waiting {
    pub(super) fn names(&self) -> Vec<String> {
        self.instruments.iter().map(|instrument| instrument.name.clone()).collect()
    }

    /// Says why something could not be taught.
    pub(super) fn refuse(&mut self, why: String) {
        self.suggestions.wrong = Some(why);
    }

    /// The form as it was read, without what was typed.
    fn read(&self, web: &Web) -> Form {
        Form::of(&stored_reading(&self.mail), &self.names(), web.engine.settings().sessions.length)
    }

    fn form(&self, web: &Web) -> Form {
        self.read(web).with_typed(self.mail.typed.as_deref(), &self.names())
    }
}

/// A mail's page.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    done: Result<Query<Done>, QueryRejection>,
) -> Response {
    let Ok(id) = id.parse() else { return nothing(&web, visitor) };
    let said = match done.map(|Query(done)| done).unwrap_or_default().done.as_deref() {
        Some("saved") => "Kept. Nothing is booked yet.",
        Some("taught") => "Learned. This mail and the others that wait were read again with it.",
        _ => "",
    };
    match find(&web, id).await {
        Ok(Some(found)) => {
            let form = found.form(&web);
            mail_page(&web, visitor, StatusCode::OK, found, form, said)
        }
        Ok(None) => nothing(&web, visitor),
        Err(error) => failed(&error),
    }
}

/// Makes a booking of a mail, with the fields as the manager mended them.
pub async fn mend(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let found = match find(&web, id).await {
        Ok(Some(found)) => found,
        Ok(None) => return settled(&web, visitor, &format!("./{id}")),
        Err(error) => return failed(&error),
    };
    let mut form = Form::sent(&fields(&body), &found.names());
    let Some(draft) = form.checked(web.engine.clock().now(), web.engine.policy()) else {
        return mail_page(&web, visitor, StatusCode::UNPROCESSABLE_ENTITY, found, form, "");
    };
    web.sources.freshen(&web.engine, &draft.instruments()).await;
    match web.engine.mend(id, draft, visitor.who.name()).await {
        Ok(Some(shown)) => see_other(&format!("../bookings/{}", shown.booking.id), None),
        Ok(None) => settled(&web, visitor, &format!("./{id}")),
        Err(error) => failed(&error),
    }
}

/// Keeps what was typed, for later or for somebody else.
pub async fn save(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    match keep(&web, id, &fields(&body)).await {
        Ok(Some(_)) => see_other(&format!("../{id}?done=saved"), None),
        Ok(None) => settled(&web, visitor, &format!("../{id}")),
        Err(error) => failed(&error),
    }
}

/// Keeps what was typed into a mail's form. None: it does not wait.
pub(super) async fn keep(web: &Web, id: i64, sent: &[(String, String)]) -> Result<Option<Waiting>, Error> {
    let Some(found) = find(web, id).await? else { return Ok(None) };
    let typed = Form::sent(sent, &found.names()).typed(&found.read(web));
    Ok(web.engine.keep_typed(id, typed).await?.then_some(found))
}

/// Puts a mail aside.
pub async fn dismiss(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<i64>) -> Response {
    match web.engine.dismiss(id).await {
        Ok(true) => see_other("../../inbox", None),
        Ok(false) => settled(&web, visitor, &format!("../{id}")),
        Err(error) => failed(&error),
    }
}

/// Lets a mail wait again that was put aside.
pub async fn bring_back(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
) -> Response {
    match web.engine.bring_back(id).await {
        Ok(true) => see_other(&format!("../{id}"), None),
        Ok(false) => {
            let why = "This mail was not put aside, or somebody has brought it back.";
            notice(&web, visitor, StatusCode::CONFLICT, "That could not be done.", why, &format!("../{id}"))
        }
        Err(error) => failed(&error),
    }
}

pub(super) fn settled(web: &Web, visitor: Visitor, back: &str) -> Response {
    let why = "This mail does not wait any more: somebody settled it, or there is none with this number.";
    notice(web, visitor, StatusCode::CONFLICT, "That could not be done.", why, back)
}

/// The names of all instruments.
pub(super) async fn instruments(web: &Web) -> Result<Vec<String>, Error> {
    Ok(web.engine.instruments().await?.into_iter().map(|known| known.name).collect())
}

pub(super) async fn find(web: &Web, id: i64) -> Result<Option<Waiting>, Error> {
    let read = async move |tx: &mut Tx| Ok::<_, Error>((mails::get(tx, id).await?, lessons::all(tx).await?));
    let (Some(mail), lessons) = web.engine.store().read(read).await? else { return Ok(None) };
    let Some(message) = original::message(web, id).await? else { return Ok(None) };
    let (settings, now) = (web.engine.settings(), web.engine.clock().now());
    let context = crate::reading::context(settings, &lessons, now);
    let reading = stored_reading(&mail);
    let original = Original::of(&message).marked(reading.problems.iter().map(|problem| problem.text.as_str()));
    let waits = mail.state == "needs_review";
    let suggestions = if waits { suggestions(&message, &context, &reading) } else { Suggestions::default() };
    Ok(Some(Waiting { mail, instruments: context.instruments, original, suggestions }))
}

pub(super) fn mail_page(
    web: &Web,
    visitor: Visitor,
    status: StatusCode,
    found: Waiting,
    form: Form,
    said: &'static str,
) -> Response {
    let Waiting { mail, original, suggestions, .. } = found;
    let (reading, zone) = (stored_reading(&mail), &web.engine.settings().studio.time_zone);
    let from = mail.client.clone().unwrap_or_else(|| "somebody".to_owned());
    let template = InboxPage {
        frame: Frame::new(web, visitor, &format!("Mail from {from}")),
        id: mail.id,
        received: when::moment(mail.received_at, web.engine.clock().now(), zone),
        booking: mail.booking.map(|id| id.0),
        same_as: mail.same_as,
        remarks: Remarks::of(reading, zone),
        studio_zone: web.zone_name(),
        state: mail.state,
        teach: suggestions,
        said,
        from,
        original,
        form,
    };
    page(status, &template)
}
