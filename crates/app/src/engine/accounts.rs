//! Accounts: made by whoever has the link for it, changed by managers and by `firstcall admin`. Each change is recorded in
//! the transaction that makes it.

use super::Engine;
use super::outbox::later;
use crate::hash::sha256;
use crate::passwords::{self, Failure, Weak};
use crate::token;
use firstcall_core::contact::EmailAddress;
use firstcall_store::accounts::{self, Account, NewAccount, Role};
use firstcall_store::desk::{self, KeptSince, Link, LinkKind};
use firstcall_store::{Error, Tx};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::Ordering;

/// For so long a link opens what it opens.
pub const LINK_VALID: SignedDuration = SignedDuration::from_hours(24);
/// For so long the record is kept, and a browser is known.
const A_YEAR: SignedDuration = SignedDuration::from_hours(24 * 366);
/// A name has as many characters at the most.
const LONGEST_NAME: usize = 40;
/// Who else stands in the log of bookings: nobody has such a name.
const OTHERS: [&str; 9] = ["api", "clock", "desk", "link", "mail", "manager", "provider", "text", "firstcall admin"];

/// Why something about an account is not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The name is none.
    #[error("{0}")]
    Name(&'static str),
    /// Somebody has it.
    #[error("somebody has this name")]
    NameTaken,
    /// It is no e-mail address.
    #[error("this is no e-mail address")]
    Email,
    /// Somebody has it.
    #[error("somebody has this e-mail address")]
    EmailTaken,
    /// The password is guessed too soon.
    #[error(transparent)]
    Weak(#[from] Weak),
    /// The link opens nothing.
    #[error("this link was used, or has ended")]
    LinkGone,
    /// Nobody would manage any more.
    #[error("nobody would be left who manages: make somebody else a manager first")]
    LastManager,
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// There is no such key.
    #[error("there is no key of this name")]
    UnknownKey,
    /// The password at hand is not the account's.
    #[error("this is not your password")]
    WrongPassword,
    /// The code is not the one of this moment.
    #[error("this is not the code of this moment")]
    WrongCode,
    /// There were too many tries in vain.
    #[error("too many tries in vain: try again in {}", in_words(*.0))]
    Wait(SignedDuration),
    /// Too many sign in at this moment, or a password cannot be worked out.
    #[error(transparent)]
    Password(#[from] Failure),
    /// What seals secrets is not there.
    #[error("{0}")]
    Seal(String),
    /// The database does not.
    #[error(transparent)]
    Store(Error),
}

/// Where in a form something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The name.
    Name,
    /// The e-mail address.
    Email,
    /// The password.
    Password,
}

impl AccountError {
    /// The field that it is about; none: the whole form.
    #[must_use]
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Name(_) | Self::NameTaken => Some(Field::Name),
            Self::Email | Self::EmailTaken => Some(Field::Email),
            Self::Weak(_) => Some(Field::Password),
            Self::LinkGone
            | Self::LastManager
            | Self::Unknown
            | Self::UnknownKey
            | Self::WrongPassword
            | Self::WrongCode
            | Self::Wait(_)
            | Self::Password(_)
            | Self::Seal(_)
            | Self::Store(_) => None,
        }
    }
}

impl From<Error> for AccountError {
    fn from(error: Error) -> Self {
        match error.constraint() {
            Some("accounts_name" | "api_keys_name") => Self::NameTaken,
            Some("accounts_email") => Self::EmailTaken,
            _ => Self::Store(error),
        }
    }
}

/// A span of waiting, for people.
fn in_words(wait: SignedDuration) -> String {
    match wait.as_secs() {
        ..=1 => "a second".to_owned(),
        seconds @ 2..=90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", (seconds + 59) / 60),
    }
}

/// What somebody enters who gets an account.
#[derive(Clone)]
pub struct AccountForm {
    /// The name to sign in with.
    pub name: String,
    /// The e-mail address; empty: none.
    pub email: String,
    /// The password.
    pub password: String,
}

/// What lets somebody make an account.
#[derive(Clone, Debug)]
pub enum Ticket {
    /// A link: of the first manager, or of an invitation.
    Link(String),
    /// The desk is open to them, because nobody has an account.
    OpenDesk,
    /// They run `firstcall admin`.
    Admin,
}

/// What a link's token is known by.
pub(super) fn fingerprint(token: &str) -> String {
    sha256(&[b"token\0", token.as_bytes()])
}

/// A secret that is not meant to be typed: 192 bits.
pub(super) fn long_token() -> String {
    format!("{}{}", token::fresh(), token::fresh())
}

impl Engine {
    /// Whether anybody has an account or a key that was made: then the desk wants to know who comes. Asked of the database
    /// until it is so, and remembered from then on.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn has_accounts(&self) -> Result<bool, Error> {
        let known = &self.0.has_accounts;
        if known.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let any = self.store().read(async |tx: &mut Tx| accounts::any(tx).await).await?;
        known.store(any, Ordering::Relaxed);
        Ok(any)
    }

    /// A link that makes the first manager; none where somebody has an account, or a key.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn first_link(&self) -> Result<Option<String>, Error> {
        if !self.settings().api.keys.is_empty() || self.has_accounts().await? {
            return Ok(None);
        }
        self.link(LinkKind::First, None, Some(Role::Manager), "serve").await.map(Some)
    }

    /// A link by which somebody makes an account of a role.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn invite(&self, role: Role, by: &str) -> Result<String, Error> {
        self.link(LinkKind::Invitation, None, Some(role), by).await
    }

    /// A link by which the owner of an account chooses another password.
    ///
    /// # Errors
    /// When there is no such account, or the database cannot be asked.
    pub async fn reset_link(&self, account: i64, by: &str) -> Result<String, AccountError> {
        self.account(account).await?;
        Ok(self.link(LinkKind::Reset, Some(account), None, by).await?)
    }

    async fn link(&self, kind: LinkKind, account: Option<i64>, role: Option<Role>, by: &str) -> Result<String, Error> {
        let (token, now) = (long_token(), self.clock().now());
        let link = Link { kind, account, role, made_by: by.to_owned(), expires_at: later(now, LINK_VALID) };
        let hash = fingerprint(&token);
        let keep = async move |tx: &mut Tx| {
            desk::insert_link(tx, &hash, &link).await?;
            let (what, on) = match (link.kind, link.role) {
                (LinkKind::Reset, _) => ("made a link for a new password", name_of(tx, link.account).await?),
                (LinkKind::Invitation, Some(role)) => ("made an invitation", format!("for a {}", role.word())),
                _ => return Ok(()),
            };
            desk::record(tx, &link.made_by, what, &on, now).await
        };
        self.store().write(keep).await?;
        Ok(token)
    }

    /// What a link opens; none if nothing any more.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn opened_by(&self, token: &str) -> Result<Option<Link>, Error> {
        let (hash, now) = (fingerprint(token), self.clock().now());
        let read = async move |tx: &mut Tx| {
            let link = desk::link(tx, &hash).await?.filter(|link| link.expires_at > now);
            let first = link.as_ref().is_some_and(|link| link.kind == LinkKind::First);
            Ok::<_, Error>(if first && accounts::any(tx).await? { None } else { link })
        };
        self.store().read(read).await
    }

    /// Makes an account for whoever has the ticket for one. A link is used up by it.
    ///
    /// # Errors
    /// When the name, the address or the password is not taken, or the ticket opens nothing.
    pub async fn make_account(&self, form: AccountForm, ticket: Ticket, by: &str) -> Result<Account, AccountError> {
        let (name, email) = (tidy_name(&form.name)?, tidy_email(&form.email)?);
        passwords::judge(&form.password, &[&name, email.as_deref().unwrap_or_default()])?;
        // Nobody without a ticket makes this computer work.
        if let Ticket::Link(token) = &ticket {
            self.opened_by(token).await?.ok_or(AccountError::LinkGone)?;
        }
        let password = self.passwords().hash(&form.password).await?;
        let new = NewAccount { name, email, password, role: Role::Manager };
        let (now, by) = (self.clock().now(), by.to_owned());
        let make = async move |tx: &mut Tx| {
            accounts::one_by_one(tx).await?;
            let mut new = new.clone();
            let (role, by) = admitted(tx, &ticket, &new.name, &by, now).await?;
            new.role = role;
            let id = accounts::insert(tx, &new, now).await?;
            desk::end_first_links(tx).await?;
            desk::record(tx, &by, &format!("made the account of a {}", new.role.word()), &new.name, now).await?;
            accounts::get(tx, id).await?.ok_or(AccountError::Unknown)
        };
        let account = self.store().write(make).await?;
        self.0.has_accounts.store(true, Ordering::Relaxed);
        Ok(account)
    }

    /// Chooses another password by a link, which is used up; everybody who was signed in with the account is not any more.
    ///
    /// # Errors
    /// When the password is not taken, or the link opens nothing.
    pub async fn reset_by_link(&self, token: &str, password: &str) -> Result<Account, AccountError> {
        let link = self.opened_by(token).await?.filter(|link| link.kind == LinkKind::Reset);
        let account = self.account(link.and_then(|link| link.account).ok_or(AccountError::LinkGone)?).await?;
        passwords::judge(password, &[&account.name, account.email.as_deref().unwrap_or_default()])?;
        let (kept, hash, now) = (self.passwords().hash(password).await?, fingerprint(token), self.clock().now());
        let set = async move |tx: &mut Tx| {
            let used = desk::take_link(tx, &hash).await?.filter(|link| link.expires_at > now);
            used.ok_or(AccountError::LinkGone)?;
            choose_password(tx, &account, &kept, None, &account.name, now).await?;
            accounts::get(tx, account.id).await?.ok_or(AccountError::Unknown)
        };
        self.store().write(set).await
    }

    /// Sets the password of an account for its owner, and takes the codes away if they are lost.
    ///
    /// # Errors
    /// When the password is not taken, or there is no such account.
    pub async fn set_password(
        &self,
        name: &str,
        password: &str,
        without_code: bool,
        by: &str,
    ) -> Result<Account, AccountError> {
        let account = self.account_named(name).await?;
        passwords::judge(password, &[&account.name, account.email.as_deref().unwrap_or_default()])?;
        let (kept, now, by) = (self.passwords().hash(password).await?, self.clock().now(), by.to_owned());
        let set = async move |tx: &mut Tx| {
            choose_password(tx, &account, &kept, None, &by, now).await?;
            if without_code {
                take_codes(tx, &account, &by, now).await?;
            }
            Ok::<_, AccountError>(account.clone())
        };
        self.store().write(set).await
    }

    /// Takes the codes of an account away.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn take_codes_away(&self, account: i64, by: &str) -> Result<(), AccountError> {
        let (account, now, by) = (self.account(account).await?, self.clock().now(), by.to_owned());
        let take = async move |tx: &mut Tx| take_codes(tx, &account, &by, now).await;
        Ok(self.store().write(take).await?)
    }

    /// Gives an account another role. Its sessions get other tokens when they are used next.
    ///
    /// # Errors
    /// When nobody would manage any more, or there is no such account.
    pub async fn set_role(&self, id: i64, role: Role, by: &str) -> Result<(), AccountError> {
        let (account, now, by) = (self.account(id).await?, self.clock().now(), by.to_owned());
        let set = async move |tx: &mut Tx| {
            accounts::one_by_one(tx).await?;
            if role != Role::Manager {
                somebody_else_manages(tx, id).await?;
            }
            if accounts::set_role(tx, id, role).await? {
                desk::age(tx, id).await?;
                desk::record(tx, &by, &format!("made somebody a {}", role.word()), &account.name, now).await?;
            }
            Ok(())
        };
        self.store().write(set).await
    }

    /// Lets nobody sign in with an account, at once: its sessions end. Or lets them again.
    ///
    /// # Errors
    /// When nobody would manage any more, or there is no such account.
    pub async fn set_disabled(&self, id: i64, disabled: bool, by: &str) -> Result<(), AccountError> {
        let (account, now, by) = (self.account(id).await?, self.clock().now(), by.to_owned());
        let set = async move |tx: &mut Tx| {
            accounts::one_by_one(tx).await?;
            if disabled {
                somebody_else_manages(tx, id).await?;
                desk::end_others(tx, id, None).await?;
                desk::end_links_of(tx, id).await?;
            }
            accounts::set_disabled(tx, id, disabled.then_some(now)).await?;
            let what = if disabled { "disabled an account" } else { "enabled an account" };
            Ok::<_, AccountError>(desk::record(tx, &by, what, &account.name, now).await?)
        };
        self.store().write(set).await?;
        self.ring();
        Ok(())
    }

    /// Makes a key of the interface, which is shown once.
    ///
    /// # Errors
    /// When the name is none, or there is a key of this name.
    pub async fn make_key(&self, name: &str, by: &str) -> Result<String, AccountError> {
        let (name, key, now, by) = (tidy_name(name)?, long_token(), self.clock().now(), by.to_owned());
        let hash = key_fingerprint(&key);
        let make = async move |tx: &mut Tx| {
            accounts::insert_key(tx, &name, &hash, now).await?;
            Ok::<_, AccountError>(desk::record(tx, &by, "made an API key", &name, now).await?)
        };
        self.store().write(make).await?;
        self.0.has_accounts.store(true, Ordering::Relaxed);
        Ok(key)
    }

    /// Takes a key back.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn revoke_key(&self, name: &str, by: &str) -> Result<(), AccountError> {
        let (name, now, by) = (name.to_owned(), self.clock().now(), by.to_owned());
        let revoke = async move |tx: &mut Tx| {
            if !accounts::revoke_key(tx, &name, now).await? {
                return Err(AccountError::UnknownKey);
            }
            Ok(desk::record(tx, &by, "took an API key back", &name, now).await?)
        };
        self.store().write(revoke).await
    }

    /// The account of a number.
    ///
    /// # Errors
    /// When there is none.
    pub async fn account(&self, id: i64) -> Result<Account, AccountError> {
        let read = async move |tx: &mut Tx| accounts::get(tx, id).await;
        self.store().read(read).await?.ok_or(AccountError::Unknown)
    }

    /// The account of a name or an e-mail address.
    ///
    /// # Errors
    /// When there is none.
    pub async fn account_named(&self, name: &str) -> Result<Account, AccountError> {
        let name = name.to_owned();
        let read = async move |tx: &mut Tx| accounts::named(tx, &name).await;
        self.store().read(read).await?.ok_or(AccountError::Unknown)
    }

    /// Records what somebody did on the desk. That it was done stands, whether it can be recorded or not.
    pub async fn audit(&self, who: &str, what: String, subject: String) {
        let (who, now) = (who.to_owned(), self.clock().now());
        let record = async move |tx: &mut Tx| desk::record(tx, &who, &what, &subject, now).await;
        if let Err(error) = self.store().write(record).await {
            tracing::error!(%error, "what was done on the desk could not be recorded");
        }
    }
}

/// By which a key of the interface is known. What a browser has for a key ([`crate::web`]) is the inner fingerprint, so
/// that the database alone opens nothing.
#[must_use]
pub fn key_fingerprint(key: &str) -> String {
    fingerprint_of_cookie(&desk_cookie(key))
}

/// What the desk's cookie says for a key: it cannot be turned back into the key.
#[must_use]
pub fn desk_cookie(key: &str) -> String {
    sha256(&[b"desk\0", key.as_bytes()])
}

/// By which the cookie of a made key is known.
#[must_use]
pub fn fingerprint_of_cookie(cookie: &str) -> String {
    sha256(&[b"key\0", cookie.as_bytes()])
}

/// What a ticket lets somebody be, and who that is in the record.
async fn admitted(
    tx: &mut Tx,
    ticket: &Ticket,
    name: &str,
    by: &str,
    now: Timestamp,
) -> Result<(Role, String), AccountError> {
    let Ticket::Link(token) = ticket else {
        if matches!(ticket, Ticket::OpenDesk) && accounts::any(tx).await? {
            return Err(AccountError::LinkGone);
        }
        return Ok((Role::Manager, by.to_owned()));
    };
    let link = desk::take_link(tx, &fingerprint(token)).await?.filter(|link| link.expires_at > now);
    let link = link.ok_or(AccountError::LinkGone)?;
    match (link.kind, link.role) {
        (LinkKind::First, _) if !accounts::any(tx).await? => Ok((Role::Manager, name.to_owned())),
        (LinkKind::Invitation, Some(role)) => Ok((role, name.to_owned())),
        _ => Err(AccountError::LinkGone),
    }
}

/// Another password ends all sessions but one, and the links that were made for the old one.
pub(super) async fn choose_password(
    tx: &mut Tx,
    account: &Account,
    kept: &str,
    but: Option<i64>,
    by: &str,
    now: Timestamp,
) -> Result<(), Error> {
    accounts::set_password(tx, account.id, kept).await?;
    desk::end_others(tx, account.id, but).await?;
    desk::end_links_of(tx, account.id).await?;
    desk::record(tx, by, "chose a new password", &account.name, now).await
}

async fn take_codes(tx: &mut Tx, account: &Account, by: &str, now: Timestamp) -> Result<(), Error> {
    accounts::clear_secret(tx, account.id).await?;
    if account.secret.is_none() {
        return Ok(());
    }
    desk::record(tx, by, "took the codes of an account away", &account.name, now).await
}

async fn somebody_else_manages(tx: &mut Tx, but: i64) -> Result<(), AccountError> {
    let managers = accounts::managers(tx).await?;
    if managers == [but] { Err(AccountError::LastManager) } else { Ok(()) }
}

async fn name_of(tx: &mut Tx, account: Option<i64>) -> Result<String, Error> {
    let Some(id) = account else { return Ok(String::new()) };
    Ok(accounts::get(tx, id).await?.map_or_else(String::new, |account| account.name))
}

fn tidy_name(name: &str) -> Result<String, AccountError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(AccountError::Name("choose a name"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(AccountError::Name("at most 40 characters, please"));
    }
    if name.contains('@') || name.chars().any(char::is_control) {
        return Err(AccountError::Name("a name has letters and no @: the e-mail address has a field of its own"));
    }
    if OTHERS.contains(&accounts::key_of(&name).as_str()) {
        return Err(AccountError::Name("this name means something else in the log: choose another one"));
    }
    Ok(name)
}

fn tidy_email(email: &str) -> Result<Option<String>, AccountError> {
    let email = email.trim();
    if email.is_empty() {
        return Ok(None);
    }
    let address = EmailAddress::new(email).map_err(|_| AccountError::Email)?;
    Ok(Some(address.as_str().to_owned()))
}

/// Forgets sessions and links that have ended, and what was recorded a year ago.
pub(super) async fn forget(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    let kept = KeptSince {
        used: later(now, -super::sessions::LONGEST_IDLE),
        begun: later(now, -super::sessions::LONGEST),
        failures: later(now, -super::sessions::REMEMBERED),
        record: later(now, -A_YEAR),
    };
    desk::forget(tx, kept, now).await
}
