//! Signing in to the desk, and staying so.
//!
//! A session is known by a token, of which the database has the fingerprint. The token is replaced every day, and when what
//! the account may do changes; whoever comes with one that was replaced longer ago than requests are under way has a copy,
//! so that the session ends.
//!
//! Tries in vain are counted before a password is looked at, under the name and under the address they come from, and each
//! makes the next wait longer. A browser in which somebody has signed in before is counted by itself, so that nobody
//! keeps others out of their account by failing in their name (OWASP: device cookies).

use super::Engine;
use super::accounts::{AccountError, choose_password, fingerprint, long_token};
use super::outbox::later;
use crate::hash::sha256;
use crate::{one_time_code, passwords};
use firstcall_store::accounts::{self, Account};
use firstcall_store::desk::{self, Link, LinkKind, Session};
use firstcall_store::{Error, Tx};
use jiff::{SignedDuration, Timestamp};
use std::net::IpAddr;
use subtle::ConstantTimeEq;

const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// A session ends when it was not used for so long.
pub const LONGEST_IDLE: SignedDuration = SignedDuration::from_hours(24 * 30);
/// A session ends after so long, whatever was done in it.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 90);
/// A token that was replaced counts for so long: requests are under way with it.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(1);
/// That a session was used is written down this often at the most.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// For so long a code is waited for.
const CODE_VALID: SignedDuration = SignedDuration::from_mins(10);
/// For so long tries in vain are remembered.
pub const REMEMBERED: SignedDuration = A_DAY;
/// So many tries in vain cost nothing: under a name or in a browser, and from an address.
const FREE: (i64, i64) = (5, 20);
/// What the next one costs; each doubles it, up to the longest.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// So many recovery codes are given.
const RECOVERY_CODES: usize = 10;
/// So many characters of a name that nobody has are recorded.
const LONGEST_RECORDED: usize = 64;

/// From where somebody signs in.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The address; none: this computer.
    pub address: Option<IpAddr>,
    /// The secret of a browser in which somebody has signed in before.
    pub browser: Option<String>,
    /// What the browser calls itself, in words.
    pub agent: String,
}

/// Somebody has signed in.
#[derive(Clone)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// What their browser presents from now on.
    pub token: String,
    /// By which the browser is known the next time.
    pub browser: String,
}

/// What became of a name and a password.
#[derive(Clone)]
pub enum Entered {
    /// They are signed in.
    In(Box<SignedIn>),
    /// A code has still to be given, with this secret.
    NeedsCode(String),
}

impl Engine {
    /// Somebody says who they are and gives their password.
    ///
    /// # Errors
    /// When that is not so ([`AccountError::WrongPassword`], also where there is no such account), or they have to wait.
    pub async fn sign_in(&self, name: &str, password: &str, origin: &Origin) -> Result<Entered, AccountError> {
        let (asked, browser) = (name.to_owned(), origin.browser.as_deref().map(fingerprint));
        let find = async move |tx: &mut Tx| {
            let account = accounts::named(tx, &asked).await?;
            let known = match (&account, &browser) {
                (Some(account), Some(browser)) => desk::knows_browser(tx, browser, account.id).await?,
                _ => false,
            };
            Ok::<_, Error>((account.filter(|account| account.disabled_at.is_none()), known))
        };
        let (account, known) = self.store().read(find).await?;
        let tries = Tries::of(self, name, origin, known);
        self.count(&tries).await?;
        let kept = account.as_ref().map(|account| account.password.as_str());
        let right = self.passwords().is_right(password, kept).await?;
        let Some(account) = account.filter(|_| right) else {
            self.audit(&cut(name), "could not sign in: wrong password".to_owned(), from(origin)).await;
            return Err(AccountError::WrongPassword);
        };
        if account.secret.is_none() {
            return self
                .begin(account, &tries, origin, None, "signed in")
                .await
                .map(|signed| Entered::In(Box::new(signed)));
        }
        let (token, now) = (long_token(), self.clock().now());
        let link = Link {
            kind: LinkKind::Code,
            account: Some(account.id),
            role: None,
            made_by: account.name.clone(),
            expires_at: later(now, CODE_VALID),
        };
        let hash = fingerprint(&token);
        let keep = async move |tx: &mut Tx| {
            tries.were_not_in_vain(tx).await?;
            desk::insert_link(tx, &hash, &link).await
        };
        self.store().write(keep).await?;
        Ok(Entered::NeedsCode(token))
    }

    /// Somebody whose password was right gives a code, or one of their recovery codes.
    ///
    /// # Errors
    /// When it is not right or was used before, or too late, or they have to wait.
    pub async fn give_code(&self, token: &str, code: &str, origin: &Origin) -> Result<SignedIn, AccountError> {
        let link = self.opened_by(token).await?.filter(|link| link.kind == LinkKind::Code);
        let account = self.account(link.and_then(|link| link.account).ok_or(AccountError::LinkGone)?).await?;
        let (hash, id) = (origin.browser.as_deref().map(fingerprint), account.id);
        let find = async move |tx: &mut Tx| match &hash {
            Some(hash) => desk::knows_browser(tx, hash, id).await,
            None => Ok(false),
        };
        let known = self.store().read(find).await?;
        let tries = Tries::of(self, &account.name, origin, known);
        self.count(&tries).await?;
        let counts = self.code_counts(&account, code)?;
        match self.begin(account.clone(), &tries, origin, Some((fingerprint(token), counts)), "signed in").await {
            Err(AccountError::WrongCode) => {
                self.audit(&account.name, "could not sign in: wrong code".to_owned(), from(origin)).await;
                Err(AccountError::WrongCode)
            }
            begun => begun,
        }
    }

    /// Signs in who has just chosen a password by a link; one who gives codes gives one first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sign_in_by_link(&self, account: Account, origin: &Origin) -> Result<SignedIn, AccountError> {
        let tries = Tries(Vec::new());
        self.begin(account, &tries, origin, None, "signed in by a link").await
    }

    /// How a code would count: by its step of time, or as a recovery code.
    fn code_counts(&self, account: &Account, code: &str) -> Result<Counts, AccountError> {
        let Some(sealed) = &account.secret else { return Err(AccountError::LinkGone) };
        // With the seal lost, recovery codes are still good.
        let secret = self.seal().open(sealed).inspect_err(|error| tracing::error!(%error, "the secret of codes"));
        let step = secret.ok().and_then(|secret| one_time_code::step_of(&secret, code, self.clock().now()));
        Ok(step.map_or_else(|| Counts::Recovery(recovery_hash(account.id, code)), Counts::Step))
    }

    async fn begin(
        &self,
        account: Account,
        tries: &Tries,
        origin: &Origin,
        code: Option<(String, Counts)>,
        what: &'static str,
    ) -> Result<SignedIn, AccountError> {
        let (token, now, origin, tries) = (long_token(), self.clock().now(), origin.clone(), tries.clone());
        let begin = async move |tx: &mut Tx| {
            // The password may have been changed, or the account disabled, while this one was looked at.
            let is_so = accounts::get(tx, account.id)
                .await?
                .is_some_and(|now| now.password == account.password && now.disabled_at.is_none());
            if !is_so {
                return Err(AccountError::WrongPassword);
            }
            if let Some((link, counts)) = &code {
                if !counts.used(tx, account.id).await? {
                    return Err(AccountError::WrongCode);
                }
                desk::take_link(tx, link).await?.ok_or(AccountError::LinkGone)?;
            }
            tries.are_over(tx).await?;
            let id = desk::begin(tx, account.id, &fingerprint(&token), &origin.agent, now).await?;
            let browser = known_from_now(tx, &origin, account.id, now).await?;
            desk::record(tx, &account.name, what, &from(&origin), now).await?;
            Ok::<_, AccountError>(SignedIn { account: account.clone(), token: format!("{id}.{token}"), browser })
        };
        self.store().write(begin).await
    }

    /// Whose session a browser's token is of, and whether it is the newest token; none if it has ended.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn session(&self, presented: &str) -> Result<Option<(Session, bool)>, Error> {
        let Some((id, token)) = presented.split_once('.') else { return Ok(None) };
        let (Ok(id), hash, now) = (id.parse::<i64>(), fingerprint(token), self.clock().now()) else { return Ok(None) };
        let read = async move |tx: &mut Tx| desk::session(tx, id).await;
        let Some(session) = self.store().read(read).await? else { return Ok(None) };
        if has_ended(&session, now) {
            return Ok(None);
        }
        let is = |kept: &str| bool::from(kept.as_bytes().ct_eq(hash.as_bytes()));
        if is(&session.token_hash) {
            return Ok(Some((session, true)));
        }
        if !session.old_hash.as_deref().is_some_and(is) {
            return Ok(None);
        }
        if now < session.old_until {
            return Ok(Some((session, false)));
        }
        self.end_stolen(&session).await?;
        Ok(None)
    }

    async fn end_stolen(&self, session: &Session) -> Result<(), Error> {
        let (session, now) = (session.clone(), self.clock().now());
        let end = async move |tx: &mut Tx| {
            desk::end(tx, session.id, session.account).await?;
            let what = "was signed out: a token was used that had been replaced";
            desk::record(tx, &session.name, what, &session.agent, now).await
        };
        self.store().write(end).await
    }

    /// A page is looked at in a session whose newest token was presented: writes that down now and then. Returns a new
    /// token where the browser is to have one.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn seen(&self, session: &Session, may_replace: bool) -> Result<Option<String>, Error> {
        let now = self.clock().now();
        if may_replace && later(session.rotated_at, A_DAY) <= now {
            return self.replace_token(session).await;
        }
        if later(session.seen_at, SEEN_EVERY) <= now {
            let id = session.id;
            self.store().write(async move |tx: &mut Tx| desk::seen(tx, id, now).await).await?;
        }
        Ok(None)
    }

    async fn replace_token(&self, session: &Session) -> Result<Option<String>, Error> {
        let (token, session, now) = (long_token(), session.clone(), self.clock().now());
        let id = session.id;
        let hash = fingerprint(&token);
        let rotate = async move |tx: &mut Tx| desk::rotate(tx, &session, &hash, later(now, UNDER_WAY), now).await;
        Ok(self.store().write(rotate).await?.then(|| format!("{id}.{token}")))
    }

    /// The owner of a session signs out.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sign_out(&self, session: &Session) -> Result<(), Error> {
        let (session, now) = (session.clone(), self.clock().now());
        let end = async move |tx: &mut Tx| {
            desk::end(tx, session.id, session.account).await?;
            desk::record(tx, &session.name, "signed out", &session.agent, now).await
        };
        self.store().write(end).await?;
        self.ring();
        Ok(())
    }

    /// The owner of an account ends one of its sessions, or all but the one that they use.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn end_sessions(&self, account: &Account, one: Option<i64>, own: i64) -> Result<(), Error> {
        let (account, now) = (account.clone(), self.clock().now());
        let end = async move |tx: &mut Tx| {
            let what = if let Some(one) = one {
                desk::end(tx, one, account.id).await?;
                "ended a session"
            } else {
                desk::end_others(tx, account.id, Some(own)).await?;
                "ended all other sessions"
            };
            desk::record(tx, &account.name, what, &account.name, now).await
        };
        self.store().write(end).await?;
        self.ring();
        Ok(())
    }

    /// Whether the owner of an account is at it: they give their password once more before something that counts.
    ///
    /// # Errors
    /// When it is not right, or they have to wait.
    pub async fn is_owner(&self, account: &Account, password: &str) -> Result<(), AccountError> {
        let tries = Tries(vec![(format!("own:{}", account.id), FREE.0)]);
        self.count(&tries).await?;
        if !self.passwords().is_right(password, Some(&account.password)).await? {
            return Err(AccountError::WrongPassword);
        }
        Ok(self.store().write(async move |tx: &mut Tx| tries.are_over(tx).await).await?)
    }

    /// The owner of an account chooses another password: all sessions end but the one that they use, which gets a new token.
    ///
    /// # Errors
    /// When the old one is not right, the new one is not taken, or they have to wait.
    pub async fn change_password(
        &self,
        account: &Account,
        session: &Session,
        old: &str,
        new: &str,
    ) -> Result<Option<String>, AccountError> {
        self.is_owner(account, old).await?;
        passwords::judge(new, &[&account.name, account.email.as_deref().unwrap_or_default()])?;
        let (kept, account, own, now) =
            (self.passwords().hash(new).await?, account.clone(), session.id, self.clock().now());
        let set = async move |tx: &mut Tx| choose_password(tx, &account, &kept, Some(own), &account.name, now).await;
        self.store().write(set).await?;
        self.ring();
        Ok(self.replace_token(session).await?)
    }

    /// Offers an account a secret that makes codes.
    ///
    /// # Errors
    /// When there is nothing to seal it with, or the database cannot be asked.
    pub async fn offer_codes(&self, account: i64) -> Result<(), AccountError> {
        let sealed =
            self.seal().seal(&one_time_code::fresh()).map_err(|error| AccountError::Seal(error.to_string()))?;
        let keep = async move |tx: &mut Tx| accounts::offer_secret(tx, account, Some(&sealed)).await;
        Ok(self.store().write(keep).await?)
    }

    /// The secret that was offered to an account, while it waits for its first code.
    ///
    /// # Errors
    /// When it was sealed with another key.
    pub fn offered_secret(&self, account: &Account) -> Result<Option<String>, AccountError> {
        let open = |sealed: &String| self.seal().open(sealed).map_err(|error| AccountError::Seal(error.to_string()));
        account.secret_new.as_ref().map(open).transpose()
    }

    /// The first code of an offered secret is right: codes are asked for from now on. Returns the recovery codes.
    ///
    /// # Errors
    /// When it is not right, or there is no such offer any more.
    pub async fn confirm_codes(&self, account: &Account, code: &str) -> Result<Vec<String>, AccountError> {
        let (secret, now) = (self.offered_secret(account)?.ok_or(AccountError::LinkGone)?, self.clock().now());
        let step = one_time_code::step_of(&secret, code, now).ok_or(AccountError::WrongCode)?;
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
        let hashes: Vec<String> = codes.iter().map(|code| recovery_hash(account.id, code)).collect();
        let (account, sealed) = (account.clone(), account.secret_new.clone().unwrap_or_default());
        let confirm = async move |tx: &mut Tx| {
            if !accounts::confirm_secret(tx, account.id, &sealed, step, &hashes).await? {
                return Err(AccountError::LinkGone);
            }
            Ok(desk::record(tx, &account.name, "signs in with codes", &account.name, now).await?)
        };
        self.store().write(confirm).await?;
        Ok(codes)
    }

    /// Counts a try before it is made; refuses it while the tries before it make it wait.
    async fn count(&self, tries: &Tries) -> Result<(), AccountError> {
        let (tries, now) = (tries.clone(), self.clock().now());
        let count = async move |tx: &mut Tx| {
            for (subject, free) in &tries.0 {
                let (number, last) = desk::failures(tx, subject, now).await?;
                let until = if later(last, REMEMBERED) <= now { now } else { later(last, wait_after(number, *free)) };
                if until > now {
                    return Err(AccountError::Wait(until.duration_since(now)));
                }
            }
            for (subject, _) in &tries.0 {
                desk::count_failure(tx, subject, now, later(now, -REMEMBERED)).await?;
            }
            Ok(())
        };
        self.store().write(count).await
    }
}

/// Under what a try is counted, and how many in vain cost nothing there.
#[derive(Clone)]
struct Tries(Vec<(String, i64)>);

impl Tries {
    /// `server.rate_limits = "off"` is for those at this computer alone.
    fn of(engine: &Engine, name: &str, origin: &Origin, known: bool) -> Self {
        if origin.address.is_none() && !engine.settings().server.rate_limits.is_on() {
            return Self(Vec::new());
        }
        let key = sha256(&[accounts::key_of(name).as_bytes()]);
        let who = match origin.browser.as_deref().filter(|_| known) {
            Some(browser) => format!("browser:{}", fingerprint(browser)),
            None => format!("name:{key}"),
        };
        let mut tries = vec![(who, FREE.0)];
        tries.extend(origin.address.map(|address| (format!("address:{}", network(address)), FREE.1)));
        Self(tries)
    }

    /// The one that was counted is taken back.
    async fn were_not_in_vain(&self, tx: &mut Tx) -> Result<(), Error> {
        for (subject, _) in &self.0 {
            desk::take_failure_back(tx, subject).await?;
        }
        Ok(())
    }

    /// Whoever has signed in has no tries behind them. Those of their address stay: others may be there too.
    async fn are_over(&self, tx: &mut Tx) -> Result<(), Error> {
        for (at, (subject, _)) in self.0.iter().enumerate() {
            if at == 0 {
                desk::clear_failures(tx, subject).await?;
            } else {
                desk::take_failure_back(tx, subject).await?;
            }
        }
        Ok(())
    }
}

/// By what a code counts.
#[derive(Clone)]
enum Counts {
    /// It is the one of this step of time.
    Step(i64),
    /// It may be the recovery code with this fingerprint.
    Recovery(String),
}

impl Counts {
    async fn used(&self, tx: &mut Tx, account: i64) -> Result<bool, Error> {
        match self {
            Self::Step(step) => accounts::use_step(tx, account, *step).await,
            Self::Recovery(hash) => accounts::use_recovery(tx, account, hash).await,
        }
    }
}

/// How long the next try waits after so many in vain.
fn wait_after(number: i64, free: i64) -> SignedDuration {
    // Beyond ten doublings it is the longest by far.
    let Ok(over) = u32::try_from(number.saturating_sub(free).min(10)) else { return SignedDuration::ZERO };
    (FIRST_WAIT * (1 << over)).min(LONGEST_WAIT)
}

/// Whoever has an address of IPv6 has as many as they like of its network.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

/// Whether a session has not been used for too long, or is too old.
#[must_use]
pub fn has_ended(session: &Session, now: Timestamp) -> bool {
    later(session.created_at, LONGEST) <= now || later(session.seen_at, LONGEST_IDLE) <= now
}

/// A browser keeps the secret by which it is known for an account, or gets one.
async fn known_from_now(tx: &mut Tx, origin: &Origin, account: i64, now: Timestamp) -> Result<String, Error> {
    let mut browser = long_token();
    if let Some(presented) = &origin.browser
        && desk::knows_browser(tx, &fingerprint(presented), account).await?
    {
        browser.clone_from(presented);
    }
    desk::know_browser(tx, &fingerprint(&browser), account, now).await?;
    Ok(browser)
}

/// Sixteen letters and digits in groups of four: 80 bits, so that a copy of the database helps nobody to guess one.
fn recovery_code() -> String {
    let code = one_time_code::fresh()[..16].to_lowercase();
    [&code[..4], &code[4..8], &code[8..12], &code[12..]].join("-")
}

fn recovery_hash(account: i64, code: &str) -> String {
    let code: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    sha256(&[b"recovery\0", &account.to_be_bytes(), code.as_bytes()])
}

fn from(origin: &Origin) -> String {
    let from = origin.address.map_or_else(|| "from this computer".to_owned(), |address| format!("from {address}"));
    if origin.agent.is_empty() { from } else { format!("{from}, {}", origin.agent) }
}

/// What somebody entered as their name, as it is recorded.
fn cut(name: &str) -> String {
    let shown = name.trim().chars().filter(|letter| !letter.is_control());
    let cut: String = shown.take(LONGEST_RECORDED).collect();
    if cut.is_empty() { "nobody".to_owned() } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<i64> = (0..13).map(|number| wait_after(number, 5).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(wait_after(i64::MAX, 5), LONGEST_WAIT);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:aaaa::1"), of("2001:db8:1:2:bbbb::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn what_was_entered_as_a_name_is_recorded_short_and_in_one_line() {
        assert_eq!(cut(&"é".repeat(100)).chars().count(), 64);
        assert_eq!(cut(" a\nb\0 "), "ab");
        assert_eq!(cut("\n"), "nobody");
    }
}
