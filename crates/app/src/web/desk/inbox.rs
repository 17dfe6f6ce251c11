//! One mail that waits: its text beside what was read and what is doubtful, and the form that makes a booking of it
//! (rule 1.4).

use super::access::{Visitor, see_other};
use super::acts::fields;
use super::mend::Form;
use super::original::{self, Original};
use super::{Frame, failed, nothing, notice, page};
use crate::engine::stored_reading;
use crate::reading;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_store::mails::{self, Mail};
use firstcall_store::{Error, Tx};

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    frame: Frame,
    id: i64,
    from: String,
    received: String,
    state: String,
    booking: Option<i64>,
    problems: Vec<firstcall_mail::Problem>,
    dropped: Vec<String>,
    original: Original,
    form: Form,
    studio_zone: String,
}

/// A mail's page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse() else { return nothing(&web, visitor) };
    match find(&web, id).await {
        Ok(Some((mail, original))) => {
            let form = Form::of(&stored_reading(&mail), &instruments(&web), web.engine.settings().sessions.length);
            mail_page(&web, visitor, StatusCode::OK, &mail, original, form)
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
    let mut form = Form::sent(&fields(&body), &instruments(&web));
    let Some(draft) = form.checked(web.engine.clock().now(), web.engine.policy()) else {
        return match find(&web, id).await {
            Ok(Some((mail, original))) => {
                mail_page(&web, visitor, StatusCode::UNPROCESSABLE_ENTITY, &mail, original, form)
            }
            Ok(None) => nothing(&web, visitor),
            Err(error) => failed(&error),
        };
    };
    web.sources.freshen(&web.engine, &draft.instruments()).await;
    match web.engine.mend(id, draft, visitor.who.name()).await {
        Ok(Some(shown)) => see_other(&format!("../bookings/{}", shown.booking.id), None),
        Ok(None) => settled(&web, visitor, &format!("./{id}")),
        Err(error) => failed(&error),
    }
}

/// Puts a mail aside.
pub async fn dismiss(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Path(id): Path<i64>) -> Response {
    match web.engine.dismiss(id).await {
        Ok(true) => see_other("../../", None),
        Ok(false) => settled(&web, visitor, &format!("../{id}")),
        Err(error) => failed(&error),
    }
}

fn settled(web: &Web, visitor: Visitor, back: &str) -> Response {
    let why = "This mail does not wait any more: somebody settled it, or there is none with this number.";
    notice(web, visitor, StatusCode::CONFLICT, "That could not be done.", why, back)
}

async fn find(web: &Web, id: i64) -> Result<Option<(Mail, Original)>, Error> {
    let mail = web.engine.store().read(async move |tx: &mut Tx| mails::get(tx, id).await).await?;
    let Some(mail) = mail else { return Ok(None) };
    Ok(original::read(web, id).await?.map(|original| (mail, original)))
}

/// Every instrument that is known.
pub(super) fn instruments(web: &Web) -> Vec<String> {
    reading::instruments(&web.engine.settings().intake).into_iter().map(|instrument| instrument.name).collect()
}

fn mail_page(web: &Web, visitor: Visitor, status: StatusCode, mail: &Mail, original: Original, form: Form) -> Response {
    let (reading, zone) = (stored_reading(mail), &web.engine.settings().studio.time_zone);
    let from = mail.client.clone().unwrap_or_else(|| "somebody".to_owned());
    let dropped = reading.dropped.iter().map(|time| format!("{} ({})", time.start, time.reason.replace('_', " ")));
    let template = InboxPage {
        frame: Frame::new(web, visitor, &format!("Mail from {from}"), 0),
        id: mail.id,
        received: when::moment(mail.received_at, web.engine.clock().now(), zone),
        state: mail.state.clone(),
        booking: mail.booking.map(|id| id.0),
        dropped: dropped.collect(),
        problems: reading.problems,
        studio_zone: web.zone_name(),
        from,
        original,
        form,
    };
    page(status, &template)
}
