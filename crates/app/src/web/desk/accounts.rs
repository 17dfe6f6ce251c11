//! Everybody's accounts, for managers: who there is, invitations, roles, and links for a new password.

use super::access::{Access, Visitor, see_other};
use super::account::{OncePage, not_done};
use super::acts::{fields, value};
use super::{Frame, failed, nothing, notice, page};
use crate::engine::AccountError;
use crate::web::{Web, when};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_store::accounts::{self, Account, ApiKey, Role};
use firstcall_store::{Error, Tx};

/// More accounts than a studio has.
const MOST: i64 = 500;

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    frame: Frame,
    people: Vec<Person>,
    keys: Vec<(String, String)>,
}

struct Person {
    id: i64,
    name: String,
    email: String,
    manages: bool,
    disabled: bool,
    codes: bool,
    since: String,
}

/// The page.
pub async fn show(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let read = async |tx: &mut Tx| Ok::<_, Error>((accounts::list(tx, MOST).await?, accounts::keys(tx).await?));
    let (people, keys) = match web.engine.store().read(read).await {
        Ok(found) => found,
        Err(error) => return failed(&error),
    };
    let (now, zone) = (web.engine.clock().now(), &web.engine.settings().studio.time_zone);
    let person = |account: Account| Person {
        id: account.id,
        name: account.name,
        email: account.email.unwrap_or_default(),
        manages: account.role == Role::Manager,
        disabled: account.disabled_at.is_some(),
        codes: account.secret.is_some(),
        since: when::moment(account.created_at, now, zone),
    };
    let key = |key: ApiKey| (key.name, when::moment(key.created_at, now, zone));
    let accounts_page = AccountsPage {
        frame: Frame::new(&web, visitor, "Accounts"),
        people: people.into_iter().map(person).collect(),
        keys: keys.into_iter().map(key).collect(),
    };
    page(StatusCode::OK, &accounts_page)
}

/// Somebody is invited: the link is shown once.
pub async fn invite(State(web): State<Web>, Extension(visitor): Extension<Visitor>, body: Bytes) -> Response {
    if matches!(visitor.access, Access::OpenHere | Access::Demo) {
        let more = "Create the first manager; then others can be invited.";
        return notice(&web, visitor, StatusCode::CONFLICT, "Nobody has an account yet.", more, visitor.root);
    }
    let Some(role) = value(&fields(&body), "role").and_then(Role::of_word) else { return nothing(&web, visitor) };
    match web.engine.invite(role, visitor.who.name()).await {
        Ok(token) => {
            let first = format!("The link for a {}", role.word());
            once(&web, visitor, first, &format!("/invited/{token}"), "./accounts")
        }
        Err(error) => failed(&error),
    }
}

/// Something about an account is changed.
pub async fn change(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let (form, by) = (fields(&body), visitor.who.name());
    let done = match value(&form, "do") {
        Some("manager") => web.engine.set_role(id, Role::Manager, by).await,
        Some("viewer") => web.engine.set_role(id, Role::Viewer, by).await,
        Some("disable") => web.engine.set_disabled(id, true, by).await,
        Some("enable") => web.engine.set_disabled(id, false, by).await,
        Some("no_codes") => web.engine.take_codes_away(id, by).await,
        Some("reset") => return reset(&web, visitor, id).await,
        _ => return nothing(&web, visitor),
    };
    match done {
        Ok(()) => see_other("../accounts", None),
        Err(error) => refused(&web, visitor, &error),
    }
}

async fn reset(web: &Web, visitor: Visitor, id: i64) -> Response {
    match web.engine.reset_link(id, visitor.who.name()).await {
        Ok(token) => {
            let first = "The link for a new password".to_owned();
            once(web, visitor, first, &format!("/reset/{token}"), "../accounts")
        }
        Err(error) => refused(web, visitor, &error),
    }
}

fn refused(web: &Web, visitor: Visitor, error: &AccountError) -> Response {
    if matches!(error, AccountError::Unknown) { nothing(web, visitor) } else { not_done(web, visitor, error) }
}

fn once(web: &Web, visitor: Visitor, first: String, path: &str, back: &'static str) -> Response {
    let more = "Give it to them yourself: it opens once, within 24 hours, for whoever has it. It is not shown again."
        .to_owned();
    let frame = Frame::new(web, visitor, &first);
    page(StatusCode::OK, &OncePage { frame, first, more, lines: vec![web.url(path)], back })
}
