//! A browser in front of the desk: it keeps cookies, and comes from somewhere.

use crate::studio::Studio;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use firstcall::engine::{AccountForm, Ticket};
use firstcall_store::accounts::{Account, Role};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use tower::ServiceExt;

pub const PASSWORD: &str = "four quiet rooms";

pub struct Browser<'a> {
    studio: &'a Studio,
    cookies: Mutex<BTreeMap<String, String>>,
    from: &'static str,
}

/// What was answered to a browser.
#[derive(Debug)]
pub struct Shown {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Shown {
    /// The same, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// What stands between two marks.
    #[track_caller]
    pub fn between(&self, before: &str, after: &str) -> String {
        let rest = self.body.split_once(before).unwrap_or_else(|| panic!("no {before} in {}", self.body)).1;
        rest.split_once(after).expect("an end").0.to_owned()
    }

    pub fn cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect()
    }
}

impl<'a> Browser<'a> {
    /// One that nobody has used.
    pub fn new(studio: &'a Studio) -> Self {
        Self::at(studio, "127.0.0.1:40000")
    }

    /// One elsewhere.
    pub fn at(studio: &'a Studio, from: &'static str) -> Self {
        Self { studio, cookies: Mutex::default(), from }
    }

    /// One in which somebody has just signed in.
    pub async fn signed_in(studio: &'a Studio, name: &str) -> Self {
        let browser = Self::new(studio);
        browser.sign_in(name, PASSWORD).await.expect(303);
        browser
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Shown {
        self.post("/sign-in", &form(&[("name", name), ("password", password)])).await
    }

    pub async fn get(&self, path: &str) -> Shown {
        self.show(self.ask("GET", path, String::new()).await).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Shown {
        self.show(self.ask("POST", path, form.to_owned()).await).await
    }

    /// The desk's events, as long as they come.
    pub async fn events(&self) -> BodyDataStream {
        let response = self.ask("GET", "/events", String::new()).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body().into_data_stream()
    }

    pub fn cookie(&self, name: &str) -> String {
        self.cookies.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// A copy of it, with what it has in its pockets.
    pub fn stolen(&self) -> Self {
        Self { studio: self.studio, cookies: Mutex::new(self.cookies.lock().unwrap().clone()), from: "198.51.100.66:1" }
    }

    async fn ask(&self, method: &str, path: &str, form: String) -> Response {
        let cookies: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64) Firefox/132.0")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies.join("; "))
            .extension(ConnectInfo(self.from.parse::<SocketAddr>().unwrap()));
        self.studio.router().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap()
    }

    async fn show(&self, response: Response) -> Shown {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let shown =
            Shown { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() };
        for cookie in shown.cookies() {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.set_cookie(name, value);
        }
        shown
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('&', "%26").replace('+', "%2B").replace(' ', "+");
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    pairs.join("&")
}

/// Somebody has an account.
pub async fn account(studio: &Studio, name: &str, role: Role) -> Account {
    let form = AccountForm { name: name.to_owned(), email: String::new(), password: PASSWORD.to_owned() };
    let ticket = match role {
        Role::Manager => Ticket::Admin,
        Role::Viewer => Ticket::Link(studio.engine.invite(role, "Rosa").await.unwrap()),
    };
    studio.engine.make_account(form, ticket, "a story").await.unwrap()
}
