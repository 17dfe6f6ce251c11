//! Somebody's own account: password, codes, and where they are signed in.

use super::access::{Access, Visitor, give_session, see_other};
use super::acts::{fields, value};
use super::sign_in::{refusal, waiting};
use super::{Frame, nothing, notice, page};
use crate::engine::AccountError;
use crate::one_time_code;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use firstcall_store::accounts::{self, Account, Role};
use firstcall_store::desk::{self, Session};
use firstcall_store::{Error, Tx};
use qrcode::QrCode;
use qrcode::render::svg;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    name: String,
    email: Option<String>,
    role: &'static str,
    manages: bool,
    codes: bool,
    recovery_left: i64,
    sessions: Vec<SessionLine>,
    /// What was not done, and in which form.
    wrong: Option<(&'static str, String)>,
}

struct SessionLine {
    id: i64,
    agent: String,
    since: String,
    seen: String,
    own: bool,
}

#[derive(Template)]
#[template(path = "account_code.html")]
struct CodePage {
    frame: Frame,
    secret: String,
    wrong: Option<String>,
}

/// Something that is shown once.
#[derive(Template)]
#[template(path = "once.html")]
pub(super) struct OncePage {
    pub(super) frame: Frame,
    pub(super) first: String,
    pub(super) more: String,
    pub(super) lines: Vec<String>,
    pub(super) back: &'static str,
}

/// Whose account it is; a page that says so where they have none.
async fn own(web: &Web, visitor: Visitor) -> Result<Account, Response> {
    let Access::Account { account, .. } = visitor.access else {
        let first = "You have no account.";
        let more = "You are here with an API key, or because the desk is open on this computer. Managers find all accounts under /accounts.";
        return Err(notice(web, visitor, StatusCode::OK, first, more, &format!("{}accounts", visitor.root)));
    };
    web.engine.account(account).await.map_err(|error| not_done(web, visitor, &error))
}

/// The page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    match own(&web, visitor).await {
        Ok(account) => shown(&web, visitor, StatusCode::OK, account, None).await,
        Err(response) => response,
    }
}

async fn shown(
    web: &Web,
    visitor: Visitor,
    status: StatusCode,
    account: Account,
    wrong: Option<(&'static str, String)>,
) -> Response {
    let id = account.id;
    let read = async move |tx: &mut Tx| {
        Ok::<_, Error>((desk::sessions_of(tx, id).await?, accounts::recovery_left(tx, id).await?))
    };
    let (sessions, recovery_left) = match web.engine.store().read(read).await {
        Ok(found) => found,
        Err(error) => return super::failed(&error),
    };
    let (now, zone) = (web.engine.clock().now(), &web.engine.settings().studio.time_zone);
    let line = |session: Session| SessionLine {
        id: session.id,
        own: matches!(visitor.access, Access::Account { session: own, .. } if own == session.id),
        since: when::moment(session.created_at, now, zone),
        seen: when::moment(session.seen_at, now, zone),
        agent: if session.agent.is_empty() { "Some program".to_owned() } else { session.agent },
    };
    let account_page = AccountPage {
        frame: Frame::new(web, visitor, "Your account"),
        name: account.name,
        email: account.email,
        role: account.role.word(),
        manages: account.role == Role::Manager,
        codes: account.secret.is_some(),
        recovery_left,
        sessions: sessions.into_iter().map(line).collect(),
        wrong,
    };
    page(status, &account_page)
}

/// The owner changes something.
pub async fn change(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    session: Option<Extension<Session>>,
    body: Bytes,
) -> Response {
    let account = match own(&web, visitor).await {
        Ok(account) => account,
        Err(response) => return response,
    };
    let Some(Extension(session)) = session else { return nothing(&web, visitor) };
    let form = fields(&body);
    let field = |name| value(&form, name).unwrap_or_default();
    let act = field("do");
    let done = match act {
        "password" if field("new") != field("again") => {
            let wrong = Some(("password", "These are two different passwords.".to_owned()));
            return shown(&web, visitor, StatusCode::UNPROCESSABLE_ENTITY, account, wrong).await;
        }
        "password" => web.engine.change_password(&account, &session, field("old"), field("new")).await,
        "codes" => offer_codes(&web, &account, field("password")).await,
        "no_codes" => take_codes_away(&web, &account, field("password")).await,
        "end" => match field("id").parse() {
            Ok(id) => end(&web, &account, Some(id), &session).await,
            Err(_) => return nothing(&web, visitor),
        },
        "end_others" => end(&web, &account, None, &session).await,
        "confirm" => return confirm(&web, visitor, account, field("code")).await,
        _ => return nothing(&web, visitor),
    };
    match done {
        Ok(token) => {
            let mut response = see_other(if act == "codes" { "./account/code" } else { "./account" }, None);
            if let Some(token) = token {
                give_session(&web, &mut response, &token);
            }
            response
        }
        Err(error) => {
            let (status, why) = refusal(&error);
            let at = if act == "password" { "password" } else { "codes" };
            waiting(shown(&web, visitor, status, account, Some((at, why))).await, &error)
        }
    }
}

type Done = Result<Option<String>, AccountError>;

async fn offer_codes(web: &Web, account: &Account, password: &str) -> Done {
    web.engine.is_owner(account, password).await?;
    web.engine.offer_codes(account.id).await.map(|()| None)
}

async fn take_codes_away(web: &Web, account: &Account, password: &str) -> Done {
    web.engine.is_owner(account, password).await?;
    web.engine.take_codes_away(account.id, &account.name).await.map(|()| None)
}

async fn end(web: &Web, account: &Account, one: Option<i64>, session: &Session) -> Done {
    Ok(web.engine.end_sessions(account, one, session.id).await.map(|()| None)?)
}

/// The first code is entered; with the right one the recovery codes are shown, once.
async fn confirm(web: &Web, visitor: Visitor, account: Account, code: &str) -> Response {
    match web.engine.confirm_codes(&account, code).await {
        Ok(lines) => {
            let first = "Codes are asked for from now on.".to_owned();
            let more =
                "Keep these ten recovery codes where your phone is not: each signs you in once, instead of a code. \
                They are not shown again."
                    .to_owned();
            let frame = Frame::new(web, visitor, "Recovery codes");
            page(StatusCode::OK, &OncePage { frame, first, more, lines, back: "./account" })
        }
        Err(AccountError::WrongCode) => {
            let wrong = "That is not the code of this moment. Is the phone's clock right?";
            code_page(web, visitor, StatusCode::UNPROCESSABLE_ENTITY, &account, Some(wrong.to_owned()))
        }
        Err(error) => not_done(web, visitor, &error),
    }
}

/// The secret of codes, as a picture and as text, until one has been entered.
pub async fn code(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    match own(&web, visitor).await {
        Ok(account) => code_page(&web, visitor, StatusCode::OK, &account, None),
        Err(response) => response,
    }
}

fn code_page(web: &Web, visitor: Visitor, status: StatusCode, account: &Account, wrong: Option<String>) -> Response {
    match web.engine.offered_secret(account) {
        Ok(Some(secret)) => {
            // In groups of four it can be typed.
            let groups: Vec<&str> =
                secret.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
            let frame = Frame::new(web, visitor, "Codes");
            page(status, &CodePage { frame, secret: groups.join(" "), wrong })
        }
        Ok(None) => see_other(&format!("{}account", visitor.root), None),
        Err(error) => not_done(web, visitor, &error),
    }
}

/// The picture that an authenticator app reads.
pub async fn picture(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let account = match own(&web, visitor).await {
        Ok(account) => account,
        Err(response) => return response,
    };
    let Ok(Some(secret)) = web.engine.offered_secret(&account) else { return nothing(&web, visitor) };
    let address = one_time_code::address(&secret, &web.engine.settings().studio.name, &account.name);
    let Ok(code) = QrCode::new(address) else { return nothing(&web, visitor) };
    // Dark on white whatever the colours of the page: cameras want it so.
    let (dark, light) = (svg::Color("#000"), svg::Color("#fff"));
    let picture = code.render().min_dimensions(240, 240).dark_color(dark).light_color(light).build();
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, picture).into_response()
}

/// A page that says why something was not done.
pub(super) fn not_done(web: &Web, visitor: Visitor, error: &AccountError) -> Response {
    let (status, why) = refusal(error);
    notice(web, visitor, status, "That could not be done.", &why, &format!("{}account", visitor.root))
}
