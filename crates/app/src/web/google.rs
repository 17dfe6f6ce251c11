//! Google's consent: the way there from somebody's own page or the studio's, and the way back.
//!
//! The way back is a GET that acts, because OAuth has it so (RFC 6749, section 4.1.2). It does so once: the state in it is
//! one that we made, for the page it was begun on and for the browser that has the cookie, and it is used up by it.

use super::Web;
use super::desk::access::see_other;
use super::desk::{fields, value};
use super::join::elsewhere;
use super::me;
use super::offers::{Token, notice, unreadable};
use crate::engine::{CalendarError, Connection};
use crate::sources::Source;
use crate::token;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use firstcall_connect::calendars::google::{Google, Tokens};
use firstcall_core::ids::MusicianId;
use firstcall_core::roster::MusicianStanding;
use firstcall_store::calendars::Calendar;
use firstcall_store::pages::{self, Grant};
use firstcall_store::{Tx, calendars};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

const COOKIE: &str = "firstcall_google";
const NOT_HERE: &str = "Google calendars can't be connected here.";
/// For so long an answer is waited for.
const VALID: SignedDuration = SignedDuration::from_mins(10);

/// What only we and the browser know of a consent that was asked for.
#[derive(Serialize, Deserialize)]
struct Secret {
    /// By which the code is ours (RFC 7636).
    verifier: String,
    /// What the cookie says.
    browser: String,
}

/// What Google sends people back with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    code: String,
    state: String,
    error: String,
}

/// Whose calendar it is to be.
struct Whose {
    /// None: the studio's.
    owner: Option<MusicianId>,
    /// The page on which it was begun.
    home: String,
}

/// What stands in the place of a page's token where the studio's page is meant.
const STUDIO: &str = "studio";

/// Where the consent is given, as pages' policies name it.
pub(super) fn origin(web: &Web) -> &str {
    let url = web.engine.settings().google.auth_url.as_str();
    let end = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
    &url[..end]
}

/// Somebody wants to connect their Google calendar, or to connect one again: on to Google.
pub async fn ask(State(web): State<Web>, token: Token, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = elsewhere(&web, &headers) {
        return refused;
    }
    let (page, own) = match me::owner(&web, &token).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    if own.entry.musician.standing == MusicianStanding::Removed {
        return not_done(&web, NOT_HERE);
    }
    begin(&web, page, &own.calendars, &body).await
}

/// The manager wants to connect a Google calendar of the studio's. The desk has looked at who asks.
pub async fn ask_for_studio(State(web): State<Web>, body: Bytes) -> Response {
    let known = web.engine.store().read(async |tx: &mut Tx| calendars::of(tx, None).await).await;
    match known {
        Ok(known) => begin(&web, STUDIO.to_owned(), &known, &body).await,
        Err(error) => unreadable(&web, &error),
    }
}

/// On to Google from a page whose calendars are `known`.
async fn begin(web: &Web, page: String, known: &[Calendar], body: &[u8]) -> Response {
    let Some(google) = web.sources.google() else { return not_done(web, NOT_HERE) };
    let calendar = value(&fields(body), "calendar").and_then(|id| id.parse::<i64>().ok());
    let calendar = calendar.filter(|id| known.iter().any(|known| known.id == *id));
    let (state, browser) = (format!("{}{}", token::fresh(), token::fresh()), token::fresh());
    let verifier = format!("{}{}{}", token::fresh(), token::fresh(), token::fresh());
    let to = match google.authorize_url(&state, &verifier) {
        Ok(url) => url,
        Err(trouble) => return not_done(web, &trouble.to_string()),
    };
    let secret = serde_json::to_string(&Secret { verifier, browser: browser.clone() }).unwrap_or_default();
    let secret = match web.engine.seal().seal(&secret) {
        Ok(sealed) => sealed,
        Err(error) => return not_done(web, &error.to_string()),
    };
    let expires_at = web.engine.clock().now().saturating_add(VALID).unwrap_or(Timestamp::MAX);
    let grant = Grant { page, calendar, secret, expires_at };
    let keep = async move |tx: &mut Tx| pages::insert_grant(tx, &state, &grant).await;
    match web.engine.store().write(keep).await {
        Ok(()) => see_other(&to, Some(&cookie(web, &browser, VALID.as_secs()))),
        Err(error) => unreadable(web, &error),
    }
}

/// Who began it, if they still may.
async fn whose(web: &Web, page: &str) -> Result<Whose, Response> {
    if page == STUDIO {
        return Ok(Whose { owner: None, home: "../studio".to_owned() });
    }
    let (page, own) = me::owner(web, &Ok(Path(page.to_owned()))).await?;
    if own.entry.musician.standing == MusicianStanding::Removed {
        return Err(not_done(web, NOT_HERE));
    }
    Ok(Whose { owner: Some(own.entry.musician.id), home: format!("../me/{page}") })
}

/// It comes back with people who come from Google's site, so it is not `Strict`.
fn cookie(web: &Web, value: &str, seconds: i64) -> String {
    let secure = if web.engine.settings().server.public_url.as_str().starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn has_cookie(headers: &HeaderMap, browser: &str) -> bool {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value);
    values.any(|value| value.as_bytes().ct_eq(browser.as_bytes()).into())
}

/// Google tells that a calendar changed. It is read within a minute.
pub async fn changed(State(web): State<Web>, headers: HeaderMap) -> StatusCode {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    match web.engine.calendar_changed(said("x-goog-channel-id"), &said("x-goog-channel-token")).await {
        Ok(true) => StatusCode::NO_CONTENT,
        Ok(false) => StatusCode::NOT_FOUND,
        Err(error) => {
            tracing::warn!(%error, "what Google tells could not be written down");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Somebody comes back from Google.
pub async fn answered(
    State(web): State<Web>,
    headers: HeaderMap,
    query: Result<Query<Answer>, QueryRejection>,
) -> Response {
    let answer = query.map(|Query(answer)| answer).unwrap_or_default();
    let (grant, secret) = match taken(&web, &headers, answer.state.clone()).await {
        Ok(taken) => taken,
        Err(response) => return response,
    };
    let whose = match whose(&web, &grant.page).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let Some(google) = web.sources.google() else { return not_done(&web, NOT_HERE) };
    if answer.code.is_empty() {
        let declined = answer.error == "access_denied" || answer.error.is_empty();
        let why = if declined { "You did not agree at Google." } else { "Google did not let us in." };
        return not_done(&web, why);
    }
    match connect(&web, google, &answer.code, &secret, whose.owner, grant.calendar).await {
        Ok(()) => see_other(&whose.home, Some(&cookie(&web, "", 0))),
        Err(response) => response,
    }
}

/// What was asked for with this state, which is used up; or the page that says why it does not count.
async fn taken(web: &Web, headers: &HeaderMap, state: String) -> Result<(Grant, Secret), Response> {
    let take = async move |tx: &mut Tx| pages::take_grant(tx, &state).await;
    let grant = web.engine.store().write(take).await.map_err(|error| unreadable(web, &error))?;
    let grant = grant.ok_or_else(|| not_done(web, "This answer of Google's is not known, or was used already."))?;
    if grant.expires_at <= web.engine.clock().now() {
        return Err(not_done(web, "It took longer than 10 minutes."));
    }
    let opened = web.engine.seal().open(&grant.secret).ok();
    let secret: Option<Secret> = opened.and_then(|text| serde_json::from_str(&text).ok());
    let secret = secret.filter(|secret| has_cookie(headers, &secret.browser));
    let secret =
        secret.ok_or_else(|| not_done(web, "It was begun in another browser, or this one keeps no cookies."))?;
    Ok((grant, secret))
}

async fn connect(
    web: &Web,
    google: &Google,
    code: &str,
    secret: &Secret,
    owner: Option<MusicianId>,
    again: Option<i64>,
) -> Result<(), Response> {
    let tokens = google.exchange(code, &secret.verifier).await;
    let tokens = tokens.map_err(|trouble| not_done(web, &sentence(&trouble.to_string())))?;
    let writes = tokens.may_write();
    let Tokens { refresh: Some(refresh), .. } = tokens else {
        return Err(not_done(web, "Google gives no lasting access."));
    };
    let kept = async |id: i64| web.engine.store().read(async move |tx: &mut Tx| calendars::get(tx, id).await).await;
    let done = match again {
        // Whoever removed it meanwhile connects a new one.
        Some(id) if kept(id).await.map_err(|error| unreadable(web, &error))?.is_some() => {
            web.engine.reconnect_calendar(owner, id, &refresh, writes).await
        }
        Some(_) | None => {
            let source = Source::Google { refresh, ours: None };
            let name = "Google Calendar".to_owned();
            let connection = Connection { owner, name, source, blocks: true, writes, text: None };
            web.engine.connect_calendar(connection).await.map(drop)
        }
    };
    match done {
        Ok(()) => Ok(()),
        Err(CalendarError::Store(error)) => Err(unreadable(web, &error)),
        Err(error) => Err(not_done(web, &sentence(&error.to_string()))),
    }
}

fn sentence(why: &str) -> String {
    format!("{}.", firstcall_core::wording::capital(why.trim_end_matches('.')))
}

fn not_done(web: &Web, why: &str) -> Response {
    let more = format!("{why} Nothing was changed. Open the page that you came from, and try again.");
    notice(web, StatusCode::CONFLICT, "Your Google calendar is not connected.", &more)
}
