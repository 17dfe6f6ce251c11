//! Links that open something once: the first manager's account, an invitation, and a new password. Opening the page uses
//! nothing up; the form does.

use super::access::{Access, Visitor, from_elsewhere, is_from_here, see_other};
use super::acts::{fields, value};
use super::sign_in::{Caller, refusal, signed_in, waiting};
use super::{failed, nothing};
use crate::engine::{AccountError, AccountForm, Field, Origin, Ticket};
use crate::web::Web;
use crate::web::page::{Head, Reader, render};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use firstcall_store::accounts::{Account, Role};
use firstcall_store::desk::{Link, LinkKind};

/// The form in which somebody chooses a name and a password.
#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    head: Head,
    studio: String,
    kind: &'static str,
    role: &'static str,
    name: String,
    email: String,
    /// Field by field.
    wrong: Vec<(&'static str, String)>,
}

impl WelcomePage {
    fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(at, _)| *at == field).map(|(_, why)| why.as_str())
    }
}

#[derive(Template)]
#[template(path = "link_gone.html")]
struct LinkGonePage {
    head: Head,
}

/// A link's page.
pub async fn show(State(web): State<Web>, Path(token): Path<String>) -> Response {
    match web.engine.opened_by(&token).await {
        Ok(Some(link)) if link.kind != LinkKind::Code => {
            let name = match kept_name(&web, &link).await {
                Ok(name) => name,
                Err(response) => return response,
            };
            welcome(&web, StatusCode::OK, "../", &link, AccountForm { name, ..empty() }, Vec::new())
        }
        Ok(_) => gone(),
        Err(error) => failed(&error),
    }
}

/// The link's form.
pub async fn take(
    State(web): State<Web>,
    Path(token): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_from_here(&web, &headers) {
        return from_elsewhere();
    }
    let link = match web.engine.opened_by(&token).await {
        Ok(Some(link)) if link.kind != LinkKind::Code => link,
        Ok(_) => return gone(),
        Err(error) => return failed(&error),
    };
    let (mut form, same) = sent(&body);
    let done = if !same {
        Err(None)
    } else if link.kind == LinkKind::Reset {
        form.name = match kept_name(&web, &link).await {
            Ok(name) => name,
            Err(response) => return response,
        };
        web.engine.reset_by_link(&token, &form.password).await.map_err(Some)
    } else {
        web.engine.make_account(form.clone(), Ticket::Link(token), "").await.map_err(Some)
    };
    finish(&web, &headers, caller.0, "../", &link, form, done).await
}

/// The first manager's form, on a desk that is open on this computer.
pub async fn first(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    if visitor.access != Access::OpenHere {
        return nothing(&web, visitor);
    }
    welcome(&web, StatusCode::OK, "./", &first_link(), empty(), Vec::new())
}

/// The first manager is made there.
pub async fn make_first(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if visitor.access != Access::OpenHere {
        return nothing(&web, visitor);
    }
    let (form, same) = sent(&body);
    let done = if same {
        web.engine.make_account(form.clone(), Ticket::OpenDesk, &form.name).await.map_err(Some)
    } else {
        Err(None)
    };
    finish(&web, &headers, caller.0, "./", &first_link(), form, done).await
}

/// On to the desk, or back to the form with what is wrong in it. No error: the passwords differ.
async fn finish(
    web: &Web,
    headers: &HeaderMap,
    origin: Origin,
    root: &'static str,
    link: &Link,
    form: AccountForm,
    done: Result<Account, Option<AccountError>>,
) -> Response {
    let error = match done {
        // A link is not a code: who gives codes gives one.
        Ok(account) if account.secret.is_some() => return see_other(&format!("{root}sign-in"), None),
        Ok(account) => match web.engine.sign_in_by_link(account, &origin).await {
            Ok(signed) => {
                let to = if link.kind == LinkKind::First { format!("{root}set-up") } else { root.to_owned() };
                return signed_in(web, headers, &signed, &to).await;
            }
            // It is disabled, or the password was chosen anew once more.
            Err(AccountError::WrongPassword) => return see_other(&format!("{root}sign-in"), None),
            Err(error) => Some(error),
        },
        Err(error) => error,
    };
    let Some(error) = error else {
        let wrong = vec![("again", "These are two different passwords.".to_owned())];
        return welcome(web, StatusCode::UNPROCESSABLE_ENTITY, root, link, form, wrong);
    };
    if matches!(error, AccountError::LinkGone | AccountError::Unknown) {
        return gone();
    }
    let field = match error.field() {
        Some(Field::Name) => "name",
        Some(Field::Email) => "email",
        Some(Field::Password) => "password",
        None => "form",
    };
    let (status, why) = refusal(&error);
    waiting(welcome(web, status, root, link, form, vec![(field, why)]), &error)
}

fn welcome(
    web: &Web,
    status: StatusCode,
    root: &'static str,
    link: &Link,
    form: AccountForm,
    wrong: Vec<(&'static str, String)>,
) -> Response {
    let (kind, title) = match link.kind {
        LinkKind::First | LinkKind::Code => ("first", "The first manager"),
        LinkKind::Invitation => ("invited", "Your account"),
        LinkKind::Reset => ("reset", "A new password"),
    };
    let page = WelcomePage {
        head: Head::new(format!("{title} · First Call"), root),
        studio: web.engine.settings().studio.name.clone(),
        kind,
        role: link.role.unwrap_or(Role::Manager).word(),
        name: form.name,
        email: form.email,
        wrong,
    };
    render(status, Reader::Manager, &page)
}

fn gone() -> Response {
    render(
        StatusCode::GONE,
        Reader::Manager,
        &LinkGonePage { head: Head::new("This link is over · First Call", "../") },
    )
}

/// Whose password is chosen.
async fn kept_name(web: &Web, link: &Link) -> Result<String, Response> {
    let Some(id) = link.account else { return Ok(String::new()) };
    match web.engine.account(id).await {
        Ok(account) => Ok(account.name),
        Err(AccountError::Store(error)) => Err(failed(&error)),
        Err(_) => Err(gone()),
    }
}

/// What was filled in, and whether both passwords are the same.
fn sent(body: &[u8]) -> (AccountForm, bool) {
    let form = fields(body);
    let field = |name| value(&form, name).unwrap_or_default().to_owned();
    let same = value(&form, "password") == value(&form, "again");
    (AccountForm { name: field("name"), email: field("email"), password: field("password") }, same)
}

fn empty() -> AccountForm {
    AccountForm { name: String::new(), email: String::new(), password: String::new() }
}

fn first_link() -> Link {
    Link {
        kind: LinkKind::First,
        account: None,
        role: Some(Role::Manager),
        made_by: String::new(),
        expires_at: jiff::Timestamp::MAX,
    }
}
