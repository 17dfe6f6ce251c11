//! The set-up: what is needed from an empty machine to the first session, step by step, with what is done ticked off. Every
//! step leads to the page that can change it later, too.

use super::access::{Visitor, see_other};
use super::account::OncePage;
use super::settings::unusable;
use super::{Frame, failed, notice, page};
use crate::engine::settings::{Changes, NotSet};
use crate::settings::{Settings, SmsProvider};
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::contact::Phone;
use firstcall_core::roster::MusicianStanding;
use firstcall_core::wording::capital;
use firstcall_store::messages::{self, Message};
use firstcall_store::{Error, Tx, bookings, calendars, journal, roster};

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    frame: Frame,
    steps: Vec<Step>,
    /// How many steps are done, of those that are needed.
    done: (usize, usize),
    /// Whether the manager can be texted as a proof.
    can_test: bool,
    tested: Option<String>,
    has_token: bool,
    /// Where booking mails are posted, without the token.
    mails: String,
    dry_run: bool,
    calling: i64,
    can_be_asked: usize,
}

/// One step.
struct Step {
    title: &'static str,
    done: bool,
    /// Whether the studio can work without it.
    optional: bool,
    words: String,
    /// Where it is changed, and what the link says.
    link: (&'static str, &'static str),
    /// What else is on it.
    more: More,
}

#[derive(PartialEq, Eq)]
enum More {
    Nothing,
    Texts,
    Mails,
    Live,
}

/// What the database knows of it.
struct Known {
    can_be_asked: usize,
    calendars: usize,
    tested: Option<Message>,
    calling: i64,
    last: i64,
}

/// The page, by the settings that are kept now: whoever saved some a moment ago sees that they count.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let kept = match web.engine.kept_settings().await {
        Ok(kept) => kept,
        Err(error) => return unusable(&web, visitor, &error),
    };
    match known(&web).await {
        Ok(known) => page(StatusCode::OK, &set_up_page(&web, visitor, &kept.settings, known)),
        Err(error) => failed(&error),
    }
}

async fn known(web: &Web) -> Result<Known, Error> {
    let read = async |tx: &mut Tx| {
        let people = roster::load(tx).await?;
        let active = people.musicians().iter().filter(|musician| musician.standing == MusicianStanding::Active);
        let counts = bookings::count(tx).await?;
        Ok::<_, Error>(Known {
            can_be_asked: active.count(),
            calendars: calendars::of(tx, None).await?.len(),
            tested: messages::last_under(tx, "test").await?,
            last: journal::last(tx).await?,
            calling: counts.iter().filter(|(status, _)| status == "calling").map(|(_, number)| number).sum(),
        })
    };
    web.engine.store().read(read).await
}

fn set_up_page(web: &Web, visitor: Visitor, settings: &Settings, known: Known) -> SetUpPage {
    let steps = steps(settings, &known);
    let needed = steps.iter().filter(|step| !step.optional);
    let done = (needed.clone().filter(|step| step.done).count(), needed.count());
    let now = web.engine.clock().now();
    let tested = known.tested.map(|text| {
        let at = when::moment(text.created_at, now, &settings.studio.time_zone);
        let why = text.error.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        format!("{at}, {}{why}", text.state.replace('_', " "))
    });
    SetUpPage {
        frame: Frame::new(web, visitor, "Set-up").live(known.last),
        steps,
        done,
        can_test: sends(settings) && settings.manager.phone.is_some(),
        tested,
        has_token: settings.intake.token.is_some(),
        mails: settings.server.public_url.join("/workflow/email/"),
        dry_run: settings.sms.dry_run.is_on(),
        calling: known.calling,
        can_be_asked: known.can_be_asked,
    }
}

/// A step without which the studio cannot work.
fn needed(title: &'static str, done: bool, words: impl Into<String>, link: (&'static str, &'static str)) -> Step {
    Step { title, done, optional: false, words: words.into(), link, more: More::Nothing }
}

impl Step {
    fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    fn with(self, more: More) -> Self {
        Self { more, ..self }
    }
}

fn steps(settings: &Settings, known: &Known) -> Vec<Step> {
    let mut steps = vec![the_studio(settings), hours(settings), the_manager(settings), musicians(known)];
    steps.extend([
        address(settings),
        texts(settings, known),
        the_calendar(known),
        mails(settings),
        email(settings),
        live(settings),
    ]);
    steps
}

fn the_studio(settings: &Settings) -> Step {
    let studio = &settings.studio;
    let words = format!("{}, {}", studio.name, studio.time_zone.iana_name().unwrap_or("UTC"));
    needed("The studio", studio.address.is_some(), words, ("settings/studio", "Name, address, zone"))
}

fn hours(settings: &Settings) -> Step {
    let set = settings.studio.opening_hours.is_some();
    let words = if set { "They are set." } else { "Always open." };
    needed("Opening hours", set, words, ("settings/studio", "Change the hours")).optional()
}

fn the_manager(settings: &Settings) -> Step {
    let phone = settings.manager.phone.as_ref().map(Phone::as_str);
    let words = phone.map_or("You are told by text when something needs you.".to_owned(), |phone| {
        format!("{}, {phone}", settings.manager.name)
    });
    needed("You", phone.is_some(), words, ("settings/manager", "Name, number, e-mail"))
}

fn musicians(known: &Known) -> Step {
    let words = match known.can_be_asked {
        0 => "Nobody is on the roster. Musicians can also sign up by themselves, at /join.".to_owned(),
        1 => "1 musician can be asked.".to_owned(),
        many => format!("{many} musicians can be asked."),
    };
    needed("Musicians", known.can_be_asked > 0, words, ("roster/import", "Import a list"))
}

fn address(settings: &Settings) -> Step {
    let url = &settings.server.public_url;
    let words = format!("Links in texts begin with {url}.");
    needed("The address", !url.is_local(), words, ("settings/server", "Change the address"))
}

fn texts(settings: &Settings, known: &Known) -> Step {
    let arrived = known.tested.as_ref().is_some_and(|text| matches!(text.state.as_str(), "sent" | "delivered"));
    let words = if sends(settings) {
        format!("Texts go through {}.", settings.sms.provider.word())
    } else {
        "Texts are shown on pretended phones: see Phones. Connect Twilio or Vonage to send them.".to_owned()
    };
    needed("Texts", sends(settings) && arrived, words, ("settings/texts", "Connect a provider")).with(More::Texts)
}

/// Whether texts go to a network at all.
fn sends(settings: &Settings) -> bool {
    settings.sms.provider != SmsProvider::Phones
}

fn the_calendar(known: &Known) -> Step {
    let words = "What is in it blocks the studio. Musicians connect theirs on their own pages.";
    needed("The studio's calendar", known.calendars > 0, words, ("studio", "Connect a calendar")).optional()
}

fn mails(settings: &Settings) -> Step {
    let words = "Your form or mail service posts them to an address that only it knows.";
    let made = settings.intake.token.is_some();
    needed("Booking mails", made, words, ("settings/mails", "How mails are read")).with(More::Mails)
}

fn email(settings: &Settings) -> Step {
    let words = "By a mail server of yours clients hear that they are booked, and you of what needs you.";
    needed("E-mail", settings.smtp.host.is_some(), words, ("settings/email", "Connect a mail server")).optional()
}

fn live(settings: &Settings) -> Step {
    let live = sends(settings) && !settings.sms.dry_run.is_on();
    let words = match live {
        true => "Musicians are texted.",
        false if sends(settings) => "This is a dry run: everything is real, but texts and e-mails go to you only.",
        false => "Nobody is texted yet.",
    };
    let link = if sends(settings) { "Dry run on or off" } else { "Connect a provider first" };
    needed("Go live", live, words, ("settings/texts", link)).with(More::Live)
}

/// Texts the manager, to show that texts arrive.
pub async fn test(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    match web.engine.try_text().await {
        Ok(()) => back(visitor),
        Err(error) => failed(&error),
    }
}

/// Makes a token for booking mails, which is shown this once.
pub async fn token(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let token = crate::token::fresh();
    match web.engine.change_settings(Changes::from([("intake.token", Some(token.clone()))])).await {
        Ok(()) => {
            let kept = match web.engine.kept_settings().await {
                Ok(kept) => kept.settings,
                Err(error) => return unusable(&web, visitor, &error),
            };
            let address = kept.server.public_url.join(&format!("/workflow/email/{token}"));
            let first = "Booking mails are posted to this address.".to_owned();
            let more = "Keep it: it is not shown again. An older address does not work any more.".to_owned();
            let frame = Frame::new(&web, visitor, &first);
            page(StatusCode::OK, &OncePage { frame, first, more, lines: vec![address], back: "../set-up" })
        }
        Err(error) => not_set(&web, visitor, error),
    }
}

/// From now on musicians are texted.
pub async fn go_live(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    match web.engine.change_settings(Changes::from([("sms.dry_run", Some("off".to_owned()))])).await {
        Ok(()) => back(visitor),
        Err(error) => not_set(&web, visitor, error),
    }
}

fn back(visitor: Visitor) -> Response {
    see_other(&format!("{}set-up", visitor.root), None)
}

fn not_set(web: &Web, visitor: Visitor, error: NotSet) -> Response {
    match error {
        NotSet::Store(error) => failed(&error),
        error @ (NotSet::Wrong(_) | NotSet::Sealed(_)) => {
            let why = capital(&error.to_string());
            notice(web, visitor, StatusCode::CONFLICT, "That could not be done.", &why, "../set-up")
        }
    }
}
