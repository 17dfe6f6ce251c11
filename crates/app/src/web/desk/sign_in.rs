//! Signing in, with a name and a password and perhaps a code, or with an API key; and signing out.

use super::access::{
    KEY_COOKIE, KEY_COOKIE_LASTS, browser_cookie, cookie_of, from_elsewhere, give_browser, give_cookie, give_session,
    is_from_here, key_of_cookie, root_of, see_other, session_cookie,
};
use super::acts::{fields, value};
use super::failed;
use crate::engine::{AccountError, Origin, SignInStep, SignedIn, desk_cookie};
use crate::web::api::auth;
use crate::web::page::{Head, Reader, render};
use crate::web::{Web, limits};
use askama::Template;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::convert::Infallible;
use std::net::SocketAddr;

/// A page that leads to more: what was wrong, and where to go afterwards.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    head: Head,
    next: String,
    name: String,
    wrong: Option<String>,
    by_key: bool,
    nobody: bool,
}

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    head: Head,
    next: String,
    step: String,
    wrong: Option<String>,
}

/// From where somebody signs in.
pub struct Caller(pub Origin);

impl FromRequestParts<Web> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let browser = cookie_of(&parts.headers, browser_cookie(web)).map(str::to_owned);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let address = peer.and_then(|peer| limits::client(peer, &parts.headers));
        Ok(Self(Origin { address, browser, agent: agent_words(agent) }))
    }
}

/// What a browser calls itself, as people say it.
fn agent_words(agent: &str) -> String {
    let browsers = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ];
    let find =
        |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

/// The sign-in page itself.
pub async fn show(State(web): State<Web>) -> Response {
    page(&web, StatusCode::OK, "/sign-in", "/", None).await
}

/// The sign-in page, at a path of the desk.
pub(super) async fn page(web: &Web, status: StatusCode, at: &str, next: &str, wrong: Option<String>) -> Response {
    let nobody = web.engine.settings().api.keys.is_empty() && !web.engine.has_accounts().await.unwrap_or(true);
    let head = Head::new("Sign in · First Call", root_of(at));
    let (next, name) = (next.to_owned(), String::new());
    render(status, Reader::Manager, &SignInPage { head, next, name, wrong, by_key: false, nobody })
}

/// Somebody gives their name and password, a code, or a key.
pub async fn sign_in(State(web): State<Web>, caller: Caller, headers: HeaderMap, body: Bytes) -> Response {
    if !is_from_here(&web, &headers) {
        return from_elsewhere();
    }
    let form = fields(&body);
    let field = |name| value(&form, name).unwrap_or_default();
    let (next, Caller(origin)) = (field("next"), caller);
    if let Some(step) = value(&form, "step") {
        return match web.engine.give_code(step, field("code"), &origin).await {
            Ok(signed) => signed_in(&web, &headers, &signed, &inside(next)).await,
            Err(error) => code_again(&web, next, step, &error).await,
        };
    }
    if value(&form, "name").is_none() {
        return with_key(&web, field("key").trim(), next, &origin).await;
    }
    match web.engine.sign_in(field("name"), field("password"), &origin).await {
        Ok(SignInStep::In(signed)) => signed_in(&web, &headers, &signed, &inside(next)).await,
        Ok(SignInStep::NeedsCode(step)) => code_page(StatusCode::OK, next, &step, None),
        Err(error) => again(next, field("name"), false, &error),
    }
}

async fn with_key(web: &Web, key: &str, next: &str, origin: &Origin) -> Response {
    match auth::known(web, key).await {
        Ok(Some(known)) => {
            web.engine.audit(known.who().name(), "signed in with an API key".to_owned(), origin.agent.clone()).await;
            let mut response = see_other(&inside(next), None);
            give_cookie(web, &mut response, (KEY_COOKIE, &desk_cookie(key)), "Strict", KEY_COOKIE_LASTS);
            response
        }
        Ok(None) => again(next, "", true, &AccountError::WrongPassword),
        Err(error) => failed(&error),
    }
}

/// Gives the browser a session of its own, and goes on. A session that it had before ends: nobody is signed in with a
/// token that was there before they were.
pub(super) async fn signed_in(web: &Web, headers: &HeaderMap, signed: &SignedIn, to: &str) -> Response {
    if let Some(token) = cookie_of(headers, session_cookie(web))
        && let Ok(Some((before, _))) = web.engine.session(token).await
        && let Err(error) = web.engine.sign_out(&before).await
    {
        tracing::warn!(%error, "the session before could not be ended");
    }
    let mut response = see_other(to, None);
    give_session(web, &mut response, &signed.token);
    give_browser(web, &mut response, &signed.browser);
    response
}

/// Somebody leaves.
pub async fn sign_out(State(web): State<Web>, headers: HeaderMap) -> Response {
    if !is_from_here(&web, &headers) {
        return from_elsewhere();
    }
    let mut response = see_other("./sign-in", None);
    match key_of_cookie(&web, &headers).await {
        Ok(Some(key)) => web.engine.audit(key.who().name(), "signed out".to_owned(), String::new()).await,
        Ok(None) => {}
        Err(error) => return failed(&error),
    }
    give_cookie(&web, &mut response, (KEY_COOKIE, ""), "Strict", 0);
    if let Some(token) = cookie_of(&headers, session_cookie(&web)) {
        let ended = match web.engine.session(token).await {
            Ok(Some((session, _))) => web.engine.sign_out(&session).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            return failed(&error);
        }
        give_cookie(&web, &mut response, (session_cookie(&web), ""), "Lax", 0);
    }
    response
}

/// Only to our own pages.
fn inside(next: &str) -> String {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', ':']);
    format!(".{}", if inside { next } else { "/" })
}

fn again(next: &str, name: &str, by_key: bool, error: &AccountError) -> Response {
    let (status, wrong) = if !matches!(error, AccountError::WrongPassword) {
        refusal(error)
    } else if by_key {
        (StatusCode::UNAUTHORIZED, "That is not one of the keys.".to_owned())
    } else {
        (StatusCode::UNAUTHORIZED, "The name or the password is not right.".to_owned())
    };
    let head = Head::new("Sign in · First Call", "./");
    let (next, name) = (next.to_owned(), name.to_owned());
    let page = SignInPage { head, next, name, wrong: Some(wrong), by_key, nobody: false };
    waiting(render(status, Reader::Manager, &page), error)
}

async fn code_again(web: &Web, next: &str, step: &str, error: &AccountError) -> Response {
    if matches!(error, AccountError::LinkGone | AccountError::Unknown | AccountError::WrongPassword) {
        let wrong = Some("That took too long. Please begin again.".to_owned());
        return page(web, StatusCode::UNAUTHORIZED, "/sign-in", next, wrong).await;
    }
    let (status, wrong) = if matches!(error, AccountError::WrongCode) {
        let wrong = "That is not the code of this moment, or it was used. Wait for the next one.";
        (StatusCode::UNAUTHORIZED, wrong.to_owned())
    } else {
        refusal(error)
    };
    waiting(code_page(status, next, step, Some(wrong)), error)
}

fn code_page(status: StatusCode, next: &str, step: &str, wrong: Option<String>) -> Response {
    let head = Head::new("Your code · First Call", "./");
    render(status, Reader::Manager, &CodePage { head, next: next.to_owned(), step: step.to_owned(), wrong })
}

/// The status and the words of what is not done.
pub(super) fn refusal(error: &AccountError) -> (StatusCode, String) {
    let status = match error {
        AccountError::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
        AccountError::Store(error) => {
            tracing::error!(%error, "an account could not be read or changed");
            let words = "The database is busy or unreachable. Nothing was changed. Please try again.";
            return (StatusCode::SERVICE_UNAVAILABLE, words.to_owned());
        }
        AccountError::Password(error) => {
            tracing::warn!(%error, "a password could not be looked at");
            let words = "Too many are signing in at this moment. Please try again.";
            return (StatusCode::SERVICE_UNAVAILABLE, words.to_owned());
        }
        AccountError::LastManager | AccountError::LinkGone => StatusCode::CONFLICT,
        AccountError::Unknown | AccountError::UnknownKey => StatusCode::NOT_FOUND,
        AccountError::Name(_)
        | AccountError::NameTaken
        | AccountError::Email
        | AccountError::EmailTaken
        | AccountError::Weak(_)
        | AccountError::WrongPassword
        | AccountError::WrongCode
        | AccountError::Seal(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    (status, format!("{}.", firstcall_core::wording::capital(&error.to_string())))
}

/// Says to programs, too, when to try again.
pub(super) fn waiting(mut response: Response, error: &AccountError) -> Response {
    if let AccountError::Wait(wait) = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_as_people_say_it() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0",
                "Edge on Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
            ("curl/8.5.0", ""),
        ] {
            assert_eq!(agent_words(agent), words);
        }
    }

    #[test]
    fn one_goes_on_inside_only() {
        for (next, to) in [
            ("/bookings/1", "./bookings/1"),
            ("//example.com", "./"),
            ("https://example.com", "./"),
            ("/\\example.com", "./"),
            ("", "./"),
        ] {
            assert_eq!(inside(next), to);
        }
    }
}
