//! The record: who did what on the desk. Lines are written by the guard, for every form that did something, and by the
//! engine for accounts and signing in; here they are put into words and shown.

use super::access::Visitor;
use super::acts::{fields, value};
use super::{Frame, failed, page};
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use firstcall_store::{Tx, desk};
use serde::Deserialize;

/// So many lines are on a page.
const LINES: i64 = 100;
/// No form of the desk is longer, but for uploads, which are not looked into.
const LONGEST_FORM: usize = 2 * 1024 * 1024;
/// What the buttons of forms are called that do several things.
const BUTTONS: [&str; 7] = ["do", "act", "decision", "standing", "settled", "answer", "role"];
/// These write their own lines, which say more.
const OWN: [&str; 3] = ["account", "accounts", "first-run"];

/// What a form does, if it succeeds.
pub(super) struct Deed {
    /// What.
    pub(super) what: String,
    /// On what.
    pub(super) subject: String,
}

impl Deed {
    /// What a request is about to do. Its body is read for the button that was pressed, and is handed on.
    pub(super) async fn of(request: Request) -> (Request, Option<Self>) {
        let path = request.uri().path().to_owned();
        if path.split('/').nth(1).is_some_and(|first| OWN.contains(&first)) {
            return (request, None);
        }
        let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let (request, button) = pressed(request).await;
        // The acts on a booking have one route.
        let route = matched.map(|route| route.replace("{act}", path.rsplit('/').next().unwrap_or_default()));
        let mut what = words(route.as_deref().unwrap_or(&path));
        if let Some(button) = button {
            what = format!("{what}: {button}");
        }
        // What opens a list that was looked at stays with whoever looked at it.
        let secret = route.is_some_and(|route| route.ends_with("{token}"));
        let subject = path.rsplit_once('/').filter(|_| secret).map_or(path.as_str(), |(before, _)| before).to_owned();
        (request, Some(Self { what, subject }))
    }
}

/// The word of the button that was pressed.
async fn pressed(request: Request) -> (Request, Option<String>) {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    // One that is too long is refused by its handler, which gets nothing.
    let bytes = to_bytes(body, LONGEST_FORM).await.unwrap_or_default();
    let form = fields(&bytes);
    let word = BUTTONS.iter().find_map(|name| value(&form, name)).filter(|word| is_word(word));
    let word = word.map(|word| word.replace('_', " "));
    (Request::from_parts(parts, Body::from(bytes)), word)
}

fn is_word(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_')
}

/// What is done at a route. One that has no words of its own is named as it is.
fn words(route: &str) -> String {
    let words = match route {
        "/bookings/new" => "typed a booking in",
        "/bookings/{id}/add" => "added a time",
        "/bookings/{id}/ask" => "had a musician asked",
        "/bookings/{id}/cancel" => "cancelled a booking",
        "/bookings/{id}/drop" => "dropped a time",
        "/bookings/{id}/move" => "moved a session",
        "/bookings/{id}/noted" => "saw that an act had become impossible",
        "/bookings/{id}/undo" => "undid an act",
        "/bookings/{id}/pause" => "paused a booking",
        "/bookings/{id}/resume" => "resumed a booking",
        "/bookings/{id}/next" => "had the next asked",
        "/bookings/{id}/answer" => "answered for a musician",
        "/bookings/{id}/release" => "released a musician",
        "/bookings/{id}/fill" => "filled a chair",
        "/inbox/words" | "/inbox/{id}/teach" => "taught how mails are read",
        "/inbox/words/{lesson}" | "/roster/instruments/{lesson}" => "took back what was taught",
        "/inbox/{id}/restore" => "brought a mail back",
        "/inbox/{id}/save" => "kept a mail for later",
        "/messages/{id}" | "/messages/unknown/{id}" => "answered a text",
        "/phones/reply" | "/phones/tap" => "answered on a pretended phone",
        "/newcomers/{id}" => "decided about a newcomer",
        "/roster/import" => "looked at a list of musicians",
        "/roster/import/{token}" => "imported musicians",
        "/roster/instruments" => "taught an instrument",
        "/roster/lists/{instrument}" => "changed a call list",
        "/roster/new" => "added a musician",
        "/roster/{id}/edit" => "changed a musician",
        "/roster/{id}/remove" => "removed a musician",
        "/roster/{id}/standing" => "changed whether a musician is asked",
        "/roster/{id}/away" => "entered that a musician is away",
        "/roster/{id}/away/{block}" => "removed that a musician is away",
        "/roster/{id}/calendars" => "connected a musician's calendar",
        "/roster/{id}/calendars/{calendar}" => "changed a musician's calendar",
        "/set-up/live" => "went live",
        "/set-up/test" => "texted themselves as a test",
        "/set-up/token" => "made a new address for booking mails",
        "/settings/{page}" => "changed settings",
        "/studio/closures" => "closed the studio for a time",
        "/studio/closures/{id}" => "opened the studio again",
        "/studio/calendars" => "connected a calendar of the studio",
        "/studio/google" => "began to connect a Google calendar",
        "/studio/calendars/{calendar}" => "changed a calendar of the studio",
        "/texts/{id}" => "settled a text in doubt",
        "/inbox/{id}" => "made a booking of a mail",
        "/inbox/{id}/dismiss" => "put a mail aside",
        other => return format!("sent {other}"),
    };
    words.to_owned()
}

/// From where on.
#[derive(Deserialize)]
pub struct Before {
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    lines: Vec<Line>,
    older: Option<i64>,
}

struct Line {
    at: String,
    who: String,
    what: String,
    subject: String,
}

/// The record, newest first.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    before: Result<Query<Before>, QueryRejection>,
) -> Response {
    let before = before.ok().and_then(|Query(asked)| asked.before).unwrap_or(i64::MAX);
    let read = async move |tx: &mut Tx| desk::recorded(tx, before, LINES + 1).await;
    let mut acts = match web.engine.store().read(read).await {
        Ok(acts) => acts,
        Err(error) => return failed(&error),
    };
    let most = usize::try_from(LINES).unwrap_or(usize::MAX);
    let more = acts.len() > most;
    acts.truncate(most);
    let older = acts.last().filter(|_| more).map(|act| act.id);
    let (now, zone) = (web.engine.clock().now(), &web.engine.settings().studio.time_zone);
    let line = |act: desk::Act| Line {
        at: when::moment(act.at, now, zone),
        who: act.who,
        what: act.what,
        subject: act.subject,
    };
    let lines = acts.into_iter().map(line).collect();
    page(StatusCode::OK, &AuditPage { frame: Frame::new(&web, visitor, "Who did what"), lines, older })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_deed_names_the_button_and_hands_the_form_on() {
        let form = "note=act&act=remove";
        let request =
            Request::post("/roster/3/calendars/1").header("content-type", "application/x-www-form-urlencoded");
        let (request, deed) = Deed::of(request.body(Body::from(form)).unwrap()).await;
        let deed = deed.unwrap();
        assert_eq!(
            (deed.what.as_str(), deed.subject.as_str()),
            ("sent /roster/3/calendars/1: remove", "/roster/3/calendars/1")
        );
        assert_eq!(to_bytes(request.into_body(), 100).await.unwrap(), form);
    }

    #[tokio::test]
    async fn what_is_typed_is_not_recorded() {
        for form in ["note=secret&do=My+password+is+hunter2", "act=<script>", "do="] {
            let request = Request::post("/x").header("content-type", "application/x-www-form-urlencoded");
            let (_, deed) = Deed::of(request.body(Body::from(form)).unwrap()).await;
            assert_eq!(deed.unwrap().what, "sent /x", "{form}");
        }
        let (_, deed) = Deed::of(Request::post("/accounts/1").body(Body::empty()).unwrap()).await;
        assert!(deed.is_none());
    }
}
