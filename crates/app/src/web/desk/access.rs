//! Who may see the desk: whoever has signed in with an account, or presents a key; and, as long as there is neither,
//! whoever sits at this computer. A viewer looks, and changes nothing but their own account.
//!
//! Whatever changes something must come from the desk's own pages, so that no other site can press its buttons; and whatever
//! was changed is recorded, here and not in each handler.

use super::audit::Deed;
use super::{notice, sign_in, viewing};
use crate::engine::{LONGEST_SESSION, desk_cookie, fingerprint_of_cookie, has_ended};
use crate::web::api::auth::{self, Key};
use crate::web::who::Who;
use crate::web::{Mode, Web};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use firstcall_store::accounts::{self, Role};
use firstcall_store::desk::{self, Session};
use firstcall_store::{Error, Tx};
use jiff::Timestamp;
use std::net::IpAddr;
use subtle::{Choice, ConstantTimeEq};

/// What the cookie of a key is called.
pub(super) const KEY_COOKIE: &str = "firstcall_desk";
/// For so long it lasts, in seconds: 30 days.
pub(super) const KEY_COOKIE_LASTS: i64 = 2_592_000;
/// For so long a browser is known, in seconds: 400 days, which is as long as browsers keep a cookie.
const BROWSER_COOKIE_LASTS: i64 = 34_560_000;

/// Why somebody may see the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// They have signed in with an account.
    Account {
        /// The session's number.
        session: i64,
        /// The account's number.
        account: i64,
    },
    /// They have one of `api.keys`.
    Key,
    /// They have a key that was made, of this number.
    MadeKey(i64),
    /// There are no accounts and no keys, and they sit at this computer.
    OpenHere,
    /// It is the demo, which holds nothing of anybody's.
    Demo,
}

impl Access {
    /// Whether it is still so: asked by what goes on for long.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn holds(self, tx: &mut Tx, now: Timestamp) -> Result<bool, Error> {
        match self {
            Self::Account { session, .. } => {
                Ok(desk::session(tx, session).await?.is_some_and(|session| !has_ended(&session, now)))
            }
            Self::MadeKey(id) => accounts::key_lives(tx, id).await,
            Self::OpenHere => Ok(!accounts::any(tx).await?),
            Self::Key | Self::Demo => Ok(true),
        }
    }
}

/// Who looks at a page of the desk, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Visitor {
    /// Why they may see it.
    pub access: Access,
    /// What they may do.
    pub role: Role,
    /// Who they are, in the log.
    pub who: Who,
    /// How the program's first page is reached from the page that they look at.
    pub root: &'static str,
}

/// Why somebody comes in, and the session they came with: its newest token, or the one before.
struct Admitted {
    access: Access,
    role: Role,
    who: Who,
    session: Option<(Session, bool)>,
}

impl Admitted {
    fn manages(access: Access, who: Who) -> Self {
        Self { access, role: Role::Manager, who, session: None }
    }
}

/// Lets only those through who may see the desk; others get the sign-in page.
pub async fn guard(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    if !looks && !is_from_here(&web, request.headers()) {
        return from_elsewhere();
    }
    let path = request.uri().path().to_owned();
    let admitted = match admit(&web, request.headers()).await {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return sign_in::page(&web, StatusCode::UNAUTHORIZED, &path, &path, None).await,
        Err(error) => return super::failed(&error),
    };
    let Admitted { access, role, who, session } = admitted;
    let visitor = Visitor { access, role, who, root: root_of(&path) };
    if role == Role::Viewer && !may_view(&path, looks) {
        let more = "Your account is for looking. Ask somebody who manages the desk to do it, or to change your role.";
        return notice(
            &web,
            visitor,
            StatusCode::FORBIDDEN,
            "You can look, and not change anything.",
            more,
            visitor.root,
        );
    }
    let fresh = used(&web, session.as_ref(), looks && path != "/events").await;
    request.extensions_mut().insert(visitor);
    if let Some((session, _)) = session {
        request.extensions_mut().insert(session);
    }
    let (request, deed) = if looks { (request, None) } else { Deed::of(request).await };
    let mut response = next.run(request).await;
    if let Some(deed) = deed.filter(|_| response.status().is_success() || response.status().is_redirection()) {
        web.engine.audit(who.name(), deed.what, deed.subject).await;
    }
    if role == Role::Viewer && !is_own(&path) {
        response = viewing::without_forms(response).await;
    }
    if let Some(token) = fresh {
        give_session(&web, &mut response, &token);
    }
    response
}

/// Their own account is theirs; the others' accounts and the record are the managers'.
fn may_view(path: &str, looks: bool) -> bool {
    let managers = path == "/audit" || path == "/accounts" || path.starts_with("/accounts/");
    is_own(path) || (looks && !managers)
}

fn is_own(path: &str) -> bool {
    path == "/account" || path.starts_with("/account/")
}

async fn used(web: &Web, session: Option<&(Session, bool)>, may_replace: bool) -> Option<String> {
    let (session, newest) = session?;
    if !newest {
        return None;
    }
    let seen = web.engine.seen(session, may_replace).await;
    seen.inspect_err(|error| tracing::warn!(%error, "that a session was used could not be written down")).ok()?
}

async fn admit(web: &Web, headers: &HeaderMap) -> Result<Option<Admitted>, Error> {
    if let Some(key) = auth::presented(web, headers).await? {
        return Ok(Some(with_key(&key)));
    }
    if let Some(token) = cookie_of(headers, session_cookie(web))
        && let Some((session, newest)) = web.engine.session(token).await?
    {
        let access = Access::Account { session: session.id, account: session.account };
        let who = Who::named(&session.name);
        return Ok(Some(Admitted { access, role: session.role, who, session: Some((session, newest)) }));
    }
    if let Some(key) = key_of_cookie(web, headers).await? {
        return Ok(Some(with_key(&key)));
    }
    if !web.engine.settings().api.keys.is_empty() || !is_at_this_computer(web, headers) {
        return Ok(None);
    }
    if web.mode == Mode::Demo {
        return Ok(Some(Admitted::manages(Access::Demo, Who::DESK)));
    }
    let open = !web.engine.has_accounts().await?;
    Ok(open.then(|| Admitted::manages(Access::OpenHere, Who::DESK)))
}

fn with_key(key: &Key) -> Admitted {
    match key {
        Key::Set => Admitted::manages(Access::Key, Who::DESK),
        Key::Made(made) => Admitted::manages(Access::MadeKey(made.id), key.who()),
    }
}

/// A request that came through a proxy, or for another name, is somebody else's.
fn is_at_this_computer(web: &Web, headers: &HeaderMap) -> bool {
    let forwarded = headers.keys().any(|name| {
        let name = name.as_str();
        name == "forwarded" || name == "x-real-ip" || name == "via" || name.starts_with("x-forwarded")
    });
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    web.engine.settings().server.listen.ip().is_loopback() && !forwarded && is_loopback(host)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a form was sent from our own pages.
///
/// No token in each form is needed for that: browsers say where a request comes from (`Sec-Fetch-Site`, Fetch Metadata; older
/// ones `Origin`, which they send with every POST), pages cannot forge either, and what is not ours is refused: OWASP's
/// Cross-Site Request Forgery Prevention Cheat Sheet has both as defences of their own. Cookies are `SameSite` besides.
/// Programs say nothing, and have no cookie that somebody could borrow.
pub(in crate::web) fn is_from_here(web: &Web, headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = said("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = said("origin") else { return true };
    let public = web.engine.settings().server.public_url.as_str();
    let same_host = said("host").is_some_and(|host| origin.split_once("://").is_some_and(|(_, name)| name == host));
    same_host || public == origin || public.starts_with(&format!("{origin}/"))
}

/// What another site's page gets.
pub(super) fn from_elsewhere() -> Response {
    let text = "This was sent from another site, so nothing was done. Open the desk itself and try again.\n";
    (StatusCode::FORBIDDEN, text).into_response()
}

fn is_https(web: &Web) -> bool {
    web.engine.settings().server.public_url.as_str().starts_with("https://")
}

/// With `__Host-` no other host of the domain, and nobody on the way without TLS, can have set the cookie.
pub(super) fn session_cookie(web: &Web) -> &'static str {
    if is_https(web) { "__Host-firstcall" } else { "firstcall" }
}

pub(super) fn browser_cookie(web: &Web) -> &'static str {
    if is_https(web) { "__Host-firstcall-browser" } else { "firstcall_browser" }
}

/// The value of a cookie.
pub(super) fn cookie_of<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut named = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    named.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// The key that a browser has signed in with.
pub(super) async fn key_of_cookie(web: &Web, headers: &HeaderMap) -> Result<Option<Key>, Error> {
    let Some(value) = cookie_of(headers, KEY_COOKIE).filter(|value| !value.is_empty()) else { return Ok(None) };
    let keys = web.engine.settings().api.keys.iter();
    let matches = keys.map(|key| value.as_bytes().ct_eq(desk_cookie(key.expose()).as_bytes()));
    if matches.fold(Choice::from(0), |any, this| any | this).into() {
        return Ok(Some(Key::Set));
    }
    auth::made(web, fingerprint_of_cookie(value)).await
}

/// Gives a browser a cookie for so many seconds; 0 takes it away.
pub(super) fn give_cookie(web: &Web, response: &mut Response, pair: (&str, &str), same_site: &str, seconds: i64) {
    let secure = if is_https(web) { "; Secure" } else { "" };
    let (name, value) = pair;
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}; Max-Age={seconds}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Gives a browser a session's token. `Lax`, and not `Strict`: the manager comes by links in texts and mails, and is to be
/// signed in there; forms of other sites still come without it, and opening a page changes nothing.
pub(super) fn give_session(web: &Web, response: &mut Response, token: &str) {
    give_cookie(web, response, (session_cookie(web), token), "Lax", LONGEST_SESSION.as_secs());
}

/// Gives a browser that by which it is known the next time.
pub(super) fn give_browser(web: &Web, response: &mut Response, browser: &str) {
    give_cookie(web, response, (browser_cookie(web), browser), "Lax", BROWSER_COOKIE_LASTS);
}

/// On to another page, which is fetched with GET.
pub(in crate::web) fn see_other(to: &str, cookie: Option<&str>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::LOCATION, to);
    set(header::CACHE_CONTROL, "no-store");
    if let Some(cookie) = cookie {
        set(header::SET_COOKIE, cookie);
    }
    response
}

/// How the program's first page is reached from a path.
pub fn root_of(path: &str) -> &'static str {
    match path.matches('/').count() {
        0 | 1 => "./",
        2 => "../",
        3 => "../../",
        _ => "../../../",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_computer_s_own_names_are_loopback() {
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "[::1]", "127.8.8.8"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["", "calls.example.com", "127.0.0.1.example.com", "localhost.example.com:80", "10.0.0.1", "0.0.0.0"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_viewer_looks_and_keeps_their_own_account() {
        for (path, looks, may) in [
            ("/", true, true),
            ("/bookings/1", true, true),
            ("/bookings/1/pause", false, false),
            ("/account", false, true),
            ("/account/code", true, true),
            ("/accounts", true, false),
            ("/accounts/1", false, false),
            ("/accountsx", false, false),
            ("/audit", true, false),
        ] {
            assert_eq!(may_view(path, looks), may, "{path}");
        }
    }
}
