//! Signing up: a form, and the code that shows that a number is theirs. Nothing here says who is on the list.

use super::brand::Brand;
use super::desk::access::{is_from_here, see_other};
use super::desk::{fields, value};
use super::offers::{Contact, Token, contact, notice, unreadable};
use super::page::{Head, Reader, render};
use super::{Mode, Web};
use crate::engine::{Asked, Asking, Confirmed};
use crate::settings::{clock_range, zone};
use crate::{reading, token};
use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use firstcall_core::contact::{EmailAddress, Phone};
use firstcall_core::policy::ClockRange;
use firstcall_mail::InstrumentName;
use firstcall_store::{Tx, applicants};
use jiff::tz::TimeZone;

/// No line of the form is longer.
const LONGEST: usize = 200;
/// So many instruments somebody can name.
const INSTRUMENTS: usize = 4;
/// Zones that are offered; others are typed.
pub(super) const ZONES: [&str; 16] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Toronto",
    "America/Vancouver",
    "America/Mexico_City",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Madrid",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Australia/Sydney",
];

/// The form.
#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    head: Head,
    studio: Brand,
    contact: Contact,
    known: Vec<(String, String)>,
    zones: [&'static str; ZONES.len()],
    consent: String,
    form: Form,
}

/// The form's fields, as somebody typed them.
#[derive(Clone, Default)]
struct Form {
    name: String,
    phone: String,
    email: String,
    plays: Vec<String>,
    zone: String,
    quiet_from: String,
    quiet_to: String,
    consent: bool,
    /// What is wrong, field by field.
    wrong: Vec<(&'static str, String)>,
}

/// Where the code is entered.
#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    head: Head,
    studio: Brand,
    contact: Contact,
    wrong: Option<String>,
    shown: Option<String>,
}

/// The routes.
pub fn router() -> Router<Web> {
    Router::new().route("/join", get(form).post(ask)).route("/join/{token}", get(enter).post(confirm))
}

async fn form(State(web): State<Web>) -> Response {
    let form = Form { zone: web.zone_name(), plays: vec![String::new(); INSTRUMENTS], ..Form::default() };
    match web.engine.instruments().await {
        Ok(known) => form_page(&web, StatusCode::OK, form, known),
        Err(error) => unreadable(&web, &error),
    }
}

fn form_page(web: &Web, status: StatusCode, form: Form, known: Vec<InstrumentName>) -> Response {
    let studio = web.engine.settings().studio.name.clone();
    let known = known.into_iter();
    let page = JoinPage {
        head: Head::new(format!("Join the call list of {studio}"), "./"),
        contact: contact(web),
        known: known.map(|instrument| (instrument.name.replace('_', " "), instrument.name)).collect(),
        zones: ZONES,
        consent: consent(&studio),
        studio: web.brand(),
        form,
    };
    render(status, Reader::Filling, &page)
}

/// What is agreed to: shown beside its box, and kept as the proof.
fn consent(studio: &str) -> String {
    format!(
        "Yes, {studio} may text me session offers and news of my sessions at this number, about 2 a month. Message and \
         data rates may apply. I can text STOP at any time, or HELP for help."
    )
}

/// Refuses what was sent from another site.
pub(super) fn elsewhere(web: &Web, headers: &HeaderMap) -> Option<Response> {
    let first = "This was sent from another site, so nothing was done.";
    let refuse = || notice(web, StatusCode::FORBIDDEN, first, "Open the page itself and try again.");
    (!is_from_here(web, headers)).then(refuse)
}

async fn ask(State(web): State<Web>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = elsewhere(&web, &headers) {
        return refused;
    }
    let mut form = Form::sent(&fields(&body));
    let known = match web.engine.instruments().await {
        Ok(known) => known,
        Err(error) => return unreadable(&web, &error),
    };
    let Some(asking) = form.checked(&web, &known) else {
        return form_page(&web, StatusCode::UNPROCESSABLE_ENTITY, form, known);
    };
    let (status, why) = match web.engine.ask_to_join(asking).await {
        Ok(Asked::Texted(token)) => return see_other(&format!("./join/{token}"), None),
        Ok(Asked::OptedOut) => (
            StatusCode::CONFLICT,
            "This number has opted out of our texts, so we sent none. Text START from it, then send this again.",
        ),
        Ok(Asked::OutOfReach) => (StatusCode::UNPROCESSABLE_ENTITY, "We can't text numbers of this country."),
        Ok(Asked::TooOften) => {
            (StatusCode::TOO_MANY_REQUESTS, "Too many codes were asked for. Please try again in an hour.")
        }
        Err(error) => return unreadable(&web, &error),
    };
    form.wrong.push(("phone", why.to_owned()));
    form_page(&web, status, form, known)
}

async fn enter(State(web): State<Web>, token: Token) -> Response {
    let Some(token) = plain(&token) else { return unknown(&web) };
    match web.engine.asks_to_join(token).await {
        Ok(true) => code_page(&web, StatusCode::OK, token, None).await,
        Ok(false) => unknown(&web),
        Err(error) => unreadable(&web, &error),
    }
}

/// In the demo nobody has the phone, so the page shows what it would say.
async fn code_page(web: &Web, status: StatusCode, token: &str, wrong: Option<String>) -> Response {
    let mut shown = None;
    if web.mode == Mode::Demo {
        let token = token.to_owned();
        let find = async move |tx: &mut Tx| applicants::get(tx, &token).await;
        shown = web.engine.store().write(find).await.ok().flatten().map(|applicant| applicant.code);
    }
    let page = CodePage {
        head: Head::new("Enter the code that we texted", "../"),
        studio: web.brand(),
        contact: contact(web),
        wrong,
        shown: shown.filter(|code| !code.is_empty()),
    };
    render(status, Reader::Filling, &page)
}

async fn confirm(State(web): State<Web>, token: Token, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = elsewhere(&web, &headers) {
        return refused;
    }
    let Some(token) = plain(&token) else { return unknown(&web) };
    let form = fields(&body);
    let code: String = value(&form, "code").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    if code.len() != 6 {
        let why = "The code has six digits.".to_owned();
        return code_page(&web, StatusCode::UNPROCESSABLE_ENTITY, token, Some(why)).await;
    }
    match web.engine.confirm_number(token, &code).await {
        Ok(Confirmed::Page(page)) => see_other(&format!("../me/{page}"), None),
        Ok(Confirmed::Wrong(left @ 1..)) => {
            let why = format!("This is not the code that we texted. You can try {left} more.");
            code_page(&web, StatusCode::UNPROCESSABLE_ENTITY, token, Some(why)).await
        }
        Ok(Confirmed::Wrong(_) | Confirmed::Over) => over(&web),
        Ok(Confirmed::OptedOut) => {
            let first = "This number has opted out of our texts.";
            notice(&web, StatusCode::CONFLICT, first, "Text START from it, then sign up again.")
        }
        Ok(Confirmed::Unknown) => unknown(&web),
        Err(error) => unreadable(&web, &error),
    }
}

fn over(web: &Web) -> Response {
    let first = "This code counts no more.";
    let more = "It was tried too often, or is older than 15 minutes. Please sign up again: you get another one.";
    notice(web, StatusCode::CONFLICT, first, more)
}

fn unknown(web: &Web) -> Response {
    let more = "It may be older than a day. Please sign up again.";
    notice(web, StatusCode::NOT_FOUND, "We can't find this page.", more)
}

/// What looks like a token.
pub(super) fn plain(token: &Token) -> Option<&str> {
    let Ok(Path(token)) = token else { return None };
    let token = token.trim_end_matches(['.', ',', ')', '/']);
    token::is_one(token).then_some(token)
}

impl Form {
    fn sent(form: &[(String, String)]) -> Self {
        let text = |name: &str| value(form, name).unwrap_or_default().trim().to_owned();
        Self {
            name: text("name"),
            phone: text("phone"),
            email: text("email"),
            plays: (1..=INSTRUMENTS).map(|place| text(&format!("plays{place}"))).collect(),
            zone: text("zone"),
            quiet_from: text("quiet_from"),
            quiet_to: text("quiet_to"),
            consent: !text("consent").is_empty(),
            wrong: Vec::new(),
        }
    }

    fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, why)| why.as_str())
    }

    /// What was asked for; none when something is wrong, which is then said.
    fn checked(&mut self, web: &Web, known: &[InstrumentName]) -> Option<Asking> {
        let mut wrong = Vec::new();
        if self.name.is_empty() {
            wrong.push(("name", "Please write your name.".to_owned()));
        }
        for (field, text) in [("name", &self.name), ("email", &self.email)] {
            if text.len() > LONGEST || text.chars().any(char::is_control) {
                wrong.push((field, format!("One line of at most {LONGEST} characters, please.")));
            }
        }
        let phone = Phone::new(&self.phone).map_err(|why| wrong.push(("phone", sentence(&why.to_string())))).ok();
        let email = Some(self.email.as_str()).filter(|text| !text.is_empty()).map(EmailAddress::new).transpose();
        let email = email.map_err(|why| wrong.push(("email", sentence(&why.to_string())))).ok();
        let instruments = instruments(known, &self.plays).map_err(|why| wrong.push(("plays", why))).ok();
        let zone = zone_of(&self.zone).map_err(|why| wrong.push(("zone", why))).ok();
        let quiet = quiet_hours(&self.quiet_from, &self.quiet_to).map_err(|why| wrong.push(("quiet", why))).ok();
        if !self.consent {
            wrong.push(("consent", "Without your consent we can't text you: please tick the box.".to_owned()));
        }
        self.wrong = wrong;
        if !self.wrong.is_empty() {
            return None;
        }
        Some(Asking {
            name: self.name.clone(),
            phone: phone?,
            email: email?.map(|email| email.as_str().to_owned()),
            zone: zone?,
            instruments: instruments?,
            quiet_hours: quiet?,
            wording: consent(&web.engine.settings().studio.name),
        })
    }
}

pub(super) fn sentence(why: &str) -> String {
    format!("{}.", firstcall_core::wording::capital(why))
}

/// What somebody plays, each once, in their order.
fn instruments(known: &[InstrumentName], plays: &[String]) -> Result<Vec<String>, String> {
    let mut named: Vec<String> = Vec::new();
    for said in plays.iter().filter(|said| !said.is_empty()) {
        let name = reading::instrument_named(known, said);
        let name = name.ok_or_else(|| format!("We don't know the instrument \"{said}\"."))?;
        if !named.contains(&name) {
            named.push(name);
        }
    }
    if named.is_empty() { Err("Please choose what you play.".to_owned()) } else { Ok(named) }
}

/// A zone by its name, or by its city where there is one such.
pub(super) fn zone_of(text: &str) -> Result<TimeZone, String> {
    if let Ok(zone) = zone(text) {
        return Ok(zone);
    }
    let city = text.trim().to_lowercase().replace(' ', "_");
    let named = jiff::tz::db().available().map(|name| name.to_string());
    let mut of_city = named.filter(|name| name.to_lowercase().rsplit('/').next() == Some(&city) && name.contains('/'));
    let found =
        of_city.next().and_then(|name| zone(&name).ok()).filter(|_| !city.is_empty() && of_city.next().is_none());
    found.ok_or_else(|| "Please choose your time zone, such as America/New_York or Paris.".to_owned())
}

/// Both, or neither.
pub(super) fn quiet_hours(from: &str, to: &str) -> Result<Option<ClockRange>, String> {
    match (from, to) {
        ("", "") => Ok(None),
        (from, to) => {
            let range = clock_range(&format!("{from}-{to}")).filter(|hours| hours.from != hours.to);
            range.map(Some).ok_or_else(|| "Please give both hours, such as 22:00 and 08:00, or neither.".to_owned())
        }
    }
}
