//! The manager's desk. It shows what needs a human first, and takes the manager's acts as plain forms, so that it works
//! without a script; with one it is live.
//!
//! `access` says who may see it and `viewing` how much a viewer gets; `sign_in`, `welcome`, `account`, `accounts` and `audit`
//! are about people who sign in; `view` and `words` how a booking is told, `board`, `list`, `booking`, `mails`, `inbox`,
//! `teach`, `roster`, `person`, `call_list`, `instruments`, `transfer`, `availability`, `talks` and `studio` are its pages,
//! `acts` and `calendars` what its buttons do; `choices` are the acts that a booking's page offers, `forms` the times that are
//! typed; `set_up`, `settings` and `diagnostics` are about the program itself.

pub mod access;
mod account;
mod accounts;
mod acts;
mod audit;
mod availability;
mod board;
mod booking;
mod calendars;
mod call_list;
mod choices;
mod diagnostics;
mod forms;
mod history;
mod inbox;
mod instruments;
mod list;
mod mails;
mod mend;
mod new;
mod newcomers;
mod original;
mod person;
mod roster;
mod set_up;
mod settings;
mod sign_in;
mod studio;
mod talk;
mod talks;
mod teach;
mod transfer;
pub mod view;
mod viewing;
mod welcome;
pub mod words;

pub(super) use acts::{fields, value};
pub(super) use board::{Board, read as read_board};

use super::page::{Head, Reader, render};
use super::{Web, events, google, when};
use crate::settings::SmsProvider;
use access::{Access, Visitor};
use askama::Template;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use firstcall_store::Error;
use firstcall_store::accounts::Role;

/// What the frame around every page of the desk shows.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's head.
    pub head: Head,
    /// The studio's name.
    pub studio: String,
    /// The moment, in milliseconds since 1970: countdowns go by it.
    pub now_ms: i64,
    /// How fast the clock runs.
    pub speed: u32,
    /// The moment at the studio, for people.
    pub clock: String,
    /// The studio's zone, by its name and for people.
    pub zone: (String, String),
    /// The number of the newest line of the log that is shown, on a page that keeps itself up to date.
    pub live: Option<i64>,
    /// Why the page may be seen.
    pub access: Access,
    /// Whether who looks may act, too.
    pub may_act: bool,
    /// Whether this is a dry run.
    pub dry_run: bool,
    /// Where the pretended phones are, if texts go to these.
    pub phones: Option<&'static str>,
    /// When the studio's quiet hours end, in which no offer leaves (rule 4.7).
    pub quiet_until: Option<String>,
}

impl Frame {
    /// The frame of a page.
    #[must_use]
    pub fn new(web: &Web, visitor: Visitor, title: &str) -> Self {
        let (now, settings) = (web.engine.clock().now(), web.engine.settings());
        let zone = &settings.studio.time_zone;
        let leaves = web.engine.policy().may_leave(now, zone);
        Self {
            head: Head::new(format!("{title} · First Call"), visitor.root),
            studio: settings.studio.name.clone(),
            now_ms: now.as_millisecond(),
            speed: web.engine.clock().speed(),
            clock: when::start(now, zone),
            zone: (web.zone_name(), when::place(now, zone)),
            live: None,
            access: visitor.access,
            may_act: visitor.role == Role::Manager,
            dry_run: settings.sms.dry_run.is_on(),
            phones: match settings.sms.provider {
                _ if visitor.access == Access::Demo => Some("demo"),
                SmsProvider::Phones => Some("phones"),
                SmsProvider::Twilio | SmsProvider::Vonage => None,
            },
            quiet_until: (leaves > now).then(|| when::moment(leaves, now, zone)),
        }
    }

    /// Whether there are no accounts and no keys, so that only this computer sees the desk.
    #[must_use]
    pub fn open_here(&self) -> bool {
        self.access == Access::OpenHere
    }

    /// Whether this is the demo.
    #[must_use]
    pub fn demo(&self) -> bool {
        self.access == Access::Demo
    }

    /// The frame of a page that shows the log up to line `last`, and keeps itself up to date from there.
    #[must_use]
    pub fn live(self, last: i64) -> Self {
        Self { live: Some(last), ..self }
    }
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "desk_notice.html")]
struct DeskNotice {
    frame: Frame,
    first: String,
    more: String,
    back: String,
}

/// An uploaded calendar or roster is not larger, in bytes.
const LARGEST_FILE: usize = 10 * 1024 * 1024;

/// The desk's routes.
pub fn router(web: &Web) -> Router<Web> {
    let guarded = Router::new()
        .route("/", get(board::show))
        .route("/events", get(events::listen))
        .route("/bookings", get(list::show))
        .route("/bookings/new", get(new::show).post(new::create))
        .route("/bookings/{id}", get(booking::show))
        .route("/bookings/{id}/cancel", get(acts::confirm_cancel).post(acts::cancel))
        .route("/bookings/{id}/undo", post(acts::undo))
        .route("/bookings/{id}/noted", post(acts::noted))
        .route("/bookings/{id}/{act}", post(acts::act))
        .route("/newcomers/{id}", get(newcomers::show).post(newcomers::decide))
        .route("/roster", get(roster::list))
        .route("/roster/new", get(person::blank).post(person::add))
        .route("/roster/instruments", get(instruments::show).post(instruments::add))
        .route("/roster/instruments/{lesson}", post(instruments::take_back))
        .route("/roster/lists/{instrument}", get(call_list::show).post(call_list::change))
        .route("/roster/import", get(transfer::form).post(transfer::upload).layer(DefaultBodyLimit::max(LARGEST_FILE)))
        .route("/roster/import/example.csv", get(transfer::example))
        .route("/roster/import/{token}", get(transfer::preview).post(transfer::import))
        .route("/roster/export", get(transfer::export))
        .route("/roster/{id}/edit", get(person::edit).post(person::change))
        .route("/roster/{id}/remove", get(person::ask_remove).post(person::remove))
        .route("/messages", get(talks::list))
        .route("/messages/{id}", get(talks::show).post(talks::act))
        .route("/messages/unknown/{id}", get(talks::show_unknown).post(talks::act_unknown))
        .route("/availability", get(availability::show))
        .route("/roster/{id}", get(roster::show))
        .route("/roster/{id}/standing", post(roster::stand))
        .route("/roster/{id}/away", post(roster::block))
        .route("/roster/{id}/away/{block}", post(roster::unblock))
        .route("/roster/{id}/calendars", post(calendars::connect).layer(DefaultBodyLimit::max(LARGEST_FILE)))
        .route("/roster/{id}/calendars/{calendar}", post(calendars::change))
        .route("/diagnostics", get(diagnostics::show))
        .route("/diagnostics/bundle", get(diagnostics::bundle))
        .route("/set-up", get(set_up::show))
        .route("/set-up/test", post(set_up::test))
        .route("/set-up/token", post(set_up::token))
        .route("/set-up/live", post(set_up::go_live))
        .route("/settings", get(settings::index))
        .route("/settings/{page}", get(settings::show).post(settings::save))
        .route("/studio", get(studio::show))
        .route("/studio/closures", post(studio::close))
        .route("/studio/closures/{id}", post(studio::open))
        .route("/studio/calendars", post(calendars::connect_studio).layer(DefaultBodyLimit::max(LARGEST_FILE)))
        .route("/studio/google", post(google::ask_for_studio))
        .route("/studio/calendars/{calendar}", post(calendars::change_studio))
        .route("/texts/{id}", post(acts::settle_text))
        .route("/inbox", get(mails::show))
        .route("/inbox/words", get(teach::words).post(teach::add_label))
        .route("/inbox/words/{lesson}", post(teach::take_back_label))
        .route("/inbox/{id}", get(inbox::show).post(inbox::mend))
        .route("/inbox/{id}/save", post(inbox::save))
        .route("/inbox/{id}/teach", post(teach::teach))
        .route("/inbox/{id}/dismiss", post(inbox::dismiss))
        .route("/account", get(account::show).post(account::change))
        .route("/account/code", get(account::code))
        .route("/account/code.svg", get(account::picture))
        .route("/accounts", get(accounts::show).post(accounts::invite))
        .route("/accounts/{id}", post(accounts::change))
        .route("/audit", get(audit::show))
        .route("/first-run", get(welcome::first).post(welcome::make_first))
        .route("/inbox/{id}/restore", post(inbox::bring_back))
        .layer(middleware::from_fn_with_state(web.clone(), access::guard));
    guarded
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/first-run/{token}", get(welcome::show).post(welcome::take))
        .route("/invited/{token}", get(welcome::show).post(welcome::take))
        .route("/reset/{token}", get(welcome::show).post(welcome::take))
}

/// A page of the desk.
fn page(status: StatusCode, template: &impl Template) -> Response {
    render(status, Reader::Manager, template)
}

/// A page of the desk that only says something.
fn notice(web: &Web, visitor: Visitor, status: StatusCode, first: &str, more: &str, back: &str) -> Response {
    let frame = Frame::new(web, visitor, first);
    page(status, &DeskNotice { frame, first: first.to_owned(), more: more.to_owned(), back: back.to_owned() })
}

fn nothing(web: &Web, visitor: Visitor) -> Response {
    notice(
        web,
        visitor,
        StatusCode::NOT_FOUND,
        "There is no such thing here.",
        "It may have another number.",
        visitor.root,
    )
}

/// The database is of no help: nothing was changed.
pub(super) fn failed(error: &Error) -> Response {
    tracing::error!(%error, "the desk could not be shown");
    let text = "The database is busy or unreachable. Nothing was changed. Please try again.\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], text).into_response()
}
