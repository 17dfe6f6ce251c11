//! A booking that the manager types in: the fields of a mail that is mended, and the same checks (rule 1.1).

use super::access::{Visitor, see_other};
use super::acts::{fields, value};
use super::mend::{Form, Remarks};
use super::{Frame, failed, inbox, notice, page};
use crate::engine::NewBooking;
use crate::hash::sha256;
use crate::token;
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_store::journal::{self, Key};
use firstcall_store::{Error, Tx};

#[derive(Template)]
#[template(path = "new.html")]
struct NewPage {
    frame: Frame,
    form: Form,
    /// Pressing the button twice books once.
    key: String,
    studio_zone: String,
    remarks: Remarks,
}

/// The empty form.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let length = web.engine.settings().sessions.length;
    let mut form = match inbox::instruments(&web).await {
        Ok(instruments) => Form::sent(&[], &instruments),
        Err(error) => return failed(&error),
    };
    (form.zone, form.length) = (web.zone_name(), format!("{length:#}"));
    form_page(&web, visitor, StatusCode::OK, form, token::fresh())
}

/// Makes the booking, or says what is wrong beside the fields.
pub async fn create(State(web): State<Web>, Extension(visitor): Extension<Visitor>, body: Bytes) -> Response {
    let sent = fields(&body);
    let key = value(&sent, "key").unwrap_or_default().to_owned();
    let mut form = match inbox::instruments(&web).await {
        Ok(instruments) => Form::sent(&sent, &instruments),
        Err(error) => return failed(&error),
    };
    let Some(new) = form.checked(web.engine.clock().now(), web.engine.policy()) else {
        return form_page(&web, visitor, StatusCode::UNPROCESSABLE_ENTITY, form, key);
    };
    match book(&web, visitor, new, &key).await {
        Ok(Some(id)) => see_other(&format!("./{id}"), None),
        Ok(None) => {
            let back = format!("{}bookings", visitor.root);
            let more = "It was sent twice, and is being made. You find it in the list.";
            notice(&web, visitor, StatusCode::CONFLICT, "It is being booked.", more, &back)
        }
        Err(error) => failed(&error),
    }
}

/// The number of the booking; none while the same form, sent before, makes it.
async fn book(web: &Web, visitor: Visitor, new: NewBooking, key: &str) -> Result<Option<String>, Error> {
    let key = sha256(&[b"desk form\0", key.as_bytes()]);
    let (taken, now) = (key.clone(), web.engine.clock().now());
    let take = async move |tx: &mut Tx| journal::take_key(tx, &taken, "desk form", now).await;
    match web.engine.store().write(take).await? {
        Key::Taken => {}
        Key::Answered(_, id) => return Ok(Some(id)),
        Key::Booked(id) => return Ok(Some(id.to_string())),
        Key::Busy | Key::Misused => return Ok(None),
    }
    web.sources.freshen(&web.engine, &new.instruments()).await;
    let id = web.engine.book(new, visitor.who.name(), Some(key.clone())).await?.id.to_string();
    let answered = id.clone();
    let answer = async move |tx: &mut Tx| journal::answer_key(tx, &key, 303, &answered).await;
    web.engine.store().write(answer).await?;
    Ok(Some(id))
}

fn form_page(web: &Web, visitor: Visitor, status: StatusCode, form: Form, key: String) -> Response {
    let frame = Frame::new(web, visitor, "Type in a booking");
    page(status, &NewPage { frame, form, key, studio_zone: web.zone_name(), remarks: Remarks::default() })
}
