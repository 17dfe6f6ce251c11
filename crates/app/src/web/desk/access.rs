//! Who may see the desk: whoever presents one of `api.keys`, or signed in with one; and, as long as there are no keys,
//! whoever sits at this computer.
//!
//! Whatever changes something must come from the desk's own pages, so that no other site can press its buttons.

use crate::hash::sha256;
use crate::web::api::auth::presents_key;
use crate::web::page::{Head, Reader, render};
use crate::web::{Mode, Web};
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use subtle::{Choice, ConstantTimeEq};

const COOKIE: &str = "firstcall_desk";

/// Why somebody may see the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// They have a key.
    Key,
    /// There are no keys, and they sit at this computer.
    OpenHere,
    /// It is the demo, which holds nothing of anybody's.
    Demo,
}

/// Who looks at a page of the desk, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Visitor {
    /// Why they may see it.
    pub access: Access,
    /// How the program's first page is reached from the page that they look at.
    pub root: &'static str,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    head: Head,
    next: String,
    wrong: bool,
    no_keys: bool,
}

/// Lets only those through who may see the desk; others get the sign-in page.
pub async fn guard(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !matches!(*request.method(), Method::GET | Method::HEAD) && !is_from_here(&web, headers) {
        let text = "This was sent from another site, so nothing was done. Open the desk itself and try again.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let Some(access) = access(&web, headers) else {
        let path = request.uri().path().to_owned();
        return sign_in_page(&web, StatusCode::UNAUTHORIZED, &path, &path, false);
    };
    let root = root_of(request.uri().path());
    request.extensions_mut().insert(Visitor { access, root });
    next.run(request).await
}

fn access(web: &Web, headers: &HeaderMap) -> Option<Access> {
    if presents_key(web, headers) || has_cookie(web, headers) {
        return Some(Access::Key);
    }
    let open = web.engine.settings().api.keys.is_empty() && is_at_this_computer(web, headers);
    open.then_some(if web.mode == Mode::Demo { Access::Demo } else { Access::OpenHere })
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

/// Browsers say where a form was sent from; programs say nothing, and have no cookie that somebody could borrow.
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

/// What the cookie says for a key: it cannot be turned back into the key.
fn cookie_value(key: &str) -> String {
    sha256(&[b"desk\0", key.as_bytes()])
}

fn has_cookie(web: &Web, headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let named = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let values = named.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value);
    values.into_iter().any(|value| {
        let keys = web.engine.settings().api.keys.iter();
        let matches = keys.map(|key| value.as_bytes().ct_eq(cookie_value(key.expose()).as_bytes()));
        matches.fold(Choice::from(0), |any, this| any | this).into()
    })
}

/// The sign-in page itself.
pub async fn show(State(web): State<Web>) -> Response {
    sign_in_page(&web, StatusCode::OK, "/sign-in", "/", false)
}

/// Somebody presents a key.
pub async fn sign_in(State(web): State<Web>, headers: HeaderMap, body: Bytes) -> Response {
    let form = super::acts::fields(&body);
    let field = |name| super::acts::value(&form, name).unwrap_or_default();
    let (key, next) = (field("key").trim(), field("next"));
    if !is_from_here(&web, &headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let keys = web.engine.settings().api.keys.iter();
    let matches = keys.map(|known| key.as_bytes().ct_eq(known.expose().as_bytes()));
    if !bool::from(matches.fold(Choice::from(0), |any, this| any | this)) {
        return sign_in_page(&web, StatusCode::UNAUTHORIZED, "/sign-in", next, true);
    }
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', ':']);
    let to = format!(".{}", if inside { next } else { "/" });
    see_other(&to, Some(&cookie(&web, &cookie_value(key), "2592000")))
}

/// Somebody leaves.
pub async fn sign_out(State(web): State<Web>, headers: HeaderMap) -> Response {
    if !is_from_here(&web, &headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    see_other("./sign-in", Some(&cookie(&web, "", "0")))
}

fn cookie(web: &Web, value: &str, seconds: &str) -> String {
    let secure = if web.engine.settings().server.public_url.as_str().starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
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

fn sign_in_page(web: &Web, status: StatusCode, at: &str, next: &str, wrong: bool) -> Response {
    let page = SignInPage {
        head: Head::new("Sign in · First Call", root_of(at)),
        next: next.to_owned(),
        wrong,
        no_keys: web.engine.settings().api.keys.is_empty(),
    };
    render(status, Reader::Manager, &page)
}

/// How the program's first page is reached from a path.
fn root_of(path: &str) -> &'static str {
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
}
