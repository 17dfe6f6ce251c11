//! Connecting calendars on one's own page. What opens an account goes through the browser sealed, and only between two
//! pages of one form.

use super::Failed;
use crate::engine::{CalendarError, Connection};
use crate::sources::Source;
use crate::web::Web;
use crate::web::brand::Brand;
use crate::web::desk::value;
use crate::web::offers::{Contact, contact};
use crate::web::page::{Head, Reader, render};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_connect::calendars::caldav::Collection;
use firstcall_core::ids::MusicianId;
use serde::{Deserialize, Serialize};

/// Nobody has more calendars than this.
const MOST: usize = 20;

/// Which calendars of an account are meant.
#[derive(Template)]
#[template(path = "me_choose.html")]
struct ChoosePage {
    head: Head,
    studio: Brand,
    contact: Contact,
    token: String,
    account: String,
    found: Vec<Collection>,
}

/// An account between the two pages.
#[derive(Serialize, Deserialize)]
struct Account {
    page: String,
    server: String,
    user: String,
    password: String,
    /// Address, name, and whether it can be written into.
    found: Vec<(String, String, bool)>,
}

/// It is to be read now.
pub(super) async fn read(web: &Web, owner: MusicianId, id: i64) -> Result<(), Failed> {
    of_calendar("calendars", web.engine.read_calendar_soon(Some(owner), id).await.map(drop))
}

/// It is to be forgotten.
pub(super) async fn remove(web: &Web, owner: MusicianId, id: i64) -> Result<(), Failed> {
    of_calendar("calendars", web.engine.disconnect_calendar(Some(owner), id).await)
}

/// An address that anybody who knows it can read.
pub(super) async fn feed(web: &Web, owner: MusicianId, url: &str) -> Result<(), Failed> {
    let wrong = |why: String| Failed::Wrong("feed", firstcall_core::wording::capital(&why));
    if url.is_empty() {
        return Err(wrong("Please paste the address of your calendar.".to_owned()));
    }
    web.sources.check_feed(url).map_err(|trouble| wrong(trouble.to_string()))?;
    let source = Source::Feed { url: url.to_owned() };
    connect(web, owner, "Calendar feed".to_owned(), source, false, "feed").await
}

/// An account on a CalDAV server. With several calendars the page on which they are chosen.
pub(super) async fn caldav(
    web: &Web,
    token: &str,
    owner: MusicianId,
    form: &[(String, String)],
) -> Result<Option<Response>, Failed> {
    let wrong = |why: String| Failed::Wrong("caldav", firstcall_core::wording::capital(&why));
    let text = |name: &str| value(form, name).unwrap_or_default().trim().to_owned();
    let [server, user, password] = ["server", "user", "password"].map(text);
    if server.is_empty() || user.is_empty() || password.is_empty() {
        return Err(wrong("Please fill in the server, the user name and the app password.".to_owned()));
    }
    let found = web.sources.discover(&server, &user, &password).await.map_err(|trouble| wrong(trouble.to_string()))?;
    match found.as_slice() {
        [] => Err(wrong("This account has no calendar.".to_owned())),
        [only] => {
            let source = Source::CalDav { server, user, password, href: only.href.clone() };
            connect(web, owner, only.name.clone(), source, only.writable, "caldav").await.map(|()| None)
        }
        _ => {
            let listed = found.iter().map(|one| (one.href.clone(), one.name.clone(), one.writable)).collect();
            let account = Account { page: token.to_owned(), server, user, password, found: listed };
            let text = serde_json::to_string(&account).unwrap_or_default();
            let account = web.engine.seal().seal(&text).map_err(|error| wrong(error.to_string()))?;
            let page = ChoosePage {
                head: Head::new("Which calendars are yours?", "../"),
                studio: web.brand(),
                contact: contact(web),
                token: token.to_owned(),
                account,
                found,
            };
            Ok(Some(render(StatusCode::OK, Reader::Filling, &page)))
        }
    }
}

/// The calendars of an account that were ticked; booked sessions are written into one of them.
pub(super) async fn choose(web: &Web, token: &str, owner: MusicianId, form: &[(String, String)]) -> Result<(), Failed> {
    let wrong = |why: &str| Failed::Wrong("caldav", why.to_owned());
    let sealed = value(form, "account").unwrap_or_default();
    let opened = web.engine.seal().open(sealed).ok().and_then(|text| serde_json::from_str::<Account>(&text).ok());
    let account = opened.filter(|account| account.page == token);
    let account = account.ok_or_else(|| wrong("Please enter your account again."))?;
    let ticked: Vec<usize> =
        form.iter().filter(|(name, _)| name == "blocks").filter_map(|(_, at)| at.parse().ok()).take(MOST).collect();
    if ticked.is_empty() {
        return Err(wrong("No calendar was ticked, so none is connected."));
    }
    let into = value(form, "writes").and_then(|at| at.parse::<usize>().ok());
    for (at, (href, name, writable)) in account.found.into_iter().enumerate() {
        if !ticked.contains(&at) {
            continue;
        }
        let (server, user, password) = (account.server.clone(), account.user.clone(), account.password.clone());
        let source = Source::CalDav { server, user, password, href };
        connect(web, owner, name, source, writable && into == Some(at), "caldav").await?;
    }
    Ok(())
}

async fn connect(
    web: &Web,
    owner: MusicianId,
    name: String,
    source: Source,
    writes: bool,
    form: &'static str,
) -> Result<(), Failed> {
    let connection = Connection { owner: Some(owner), name, source, blocks: true, writes, text: None };
    of_calendar(form, web.engine.connect_calendar(connection).await.map(drop))
}

fn of_calendar(form: &'static str, done: Result<(), CalendarError>) -> Result<(), Failed> {
    match done {
        // What is gone already need not be forgotten.
        Ok(()) | Err(CalendarError::Unknown(_)) => Ok(()),
        Err(CalendarError::Refused(why)) => Err(Failed::Wrong(form, firstcall_core::wording::capital(&why))),
        Err(CalendarError::Store(error)) => Err(Failed::Store(error)),
    }
}
