//! Calendars on a server of somebody's own or of a provider (`CalDAV`: RFC 4791, found by RFC 6764 without look-ups of SRV
//! and TXT records). With a name and a password; providers want one made for programs.

mod places;
mod read;
mod write;

use super::{Ask, Fetched, Trouble, Web, by_status, dav, later, refused};
use crate::http::Whole;
use firstcall_core::span::Span;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, Url};
use std::fmt;
use write::resource;

/// Providers whose servers have many names.
const PROVIDERS: [&str; 1] = ["icloud.com"];

/// Whose calendars they are, and where.
#[derive(Clone)]
pub struct Account {
    base: Url,
    user: String,
    password: String,
    web: Web,
}

/// A calendar on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its absolute address.
    pub href: String,
    /// What its owner calls it.
    pub name: String,
    /// Whether the server lets us write into it, as far as it says.
    pub writable: bool,
}

/// What is expected where something is written.
#[derive(Clone, Copy)]
pub enum Expect<'a> {
    /// Nothing.
    New,
    /// What had this `ETag`.
    Etag(&'a str),
    /// Whatever there is.
    Any,
}

/// What came of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is there as it was sent. With its `ETag`, as far as the server says.
    Done(Option<String>),
    /// Something else than expected is there, with the same UID: what an earlier attempt wrote, whose answer was lost,
    /// or what somebody made of it since. With its `ETag`, for writing over it.
    There(Option<String>),
    /// What was expected is not there any more: somebody removed it.
    Missing,
}

impl Account {
    /// An account at the address that somebody entered: of the server, of their own place there, or of one calendar.
    ///
    /// # Errors
    /// [`Trouble::Refused`] where the address is none, or not one that may be reached.
    pub fn new(entered: &str, user: &str, password: &str, web: Web) -> Result<Self, Trouble> {
        let mut base = web.address(entered)?;
        // What stands there would be sent in the place of the user and the password.
        if !base.username().is_empty() || base.password().is_some() {
            return Err(refused("the address must not have a name or a password in it: enter them beside it"));
        }
        base.set_fragment(None);
        Ok(Self { base, user: user.to_owned(), password: password.to_owned(), web })
    }

    /// The account's calendars that can have events.
    ///
    /// # Errors
    /// When they cannot be found.
    pub async fn list(&self) -> Result<Vec<Collection>, Trouble> {
        self.web.in_time(self.discover()).await
    }

    /// Reads what may be in the range, unless the calendar is as it was when it had the mark `known`: to be given for
    /// the same range only.
    ///
    /// # Errors
    /// Then nothing is known of it.
    pub async fn read(&self, href: &str, range: Span, known: Option<&str>) -> Result<Fetched<Option<String>>, Trouble> {
        self.web.in_time(self.fetch(href, range, known)).await
    }

    /// Writes one VCALENDAR with one event under this name in a calendar. What is there already and has the same UID is no
    /// error.
    ///
    /// # Errors
    /// Then it may be there or not; writing it again is harmless.
    pub async fn put(&self, href: &str, name: &str, ics: &str, expect: Expect<'_>) -> Result<Written, Trouble> {
        let url = resource(self.own(href)?, name)?;
        self.web.in_time(self.write(url, ics, expect)).await
    }

    /// Removes what has this name in a calendar, whoever has changed it. What is not there is removed.
    ///
    /// # Errors
    /// Then it may be there or not; removing it again is harmless.
    pub async fn delete(&self, href: &str, name: &str) -> Result<(), Trouble> {
        let url = resource(self.own(href)?, name)?;
        let (_, answer) = self.web.in_time(self.ask("DELETE", url, HeaderMap::new(), "")).await?;
        match answer.status {
            200 | 202 | 204 | 404 | 410 => Ok(()),
            _ => Err(self.not_written(&answer)),
        }
    }

    async fn ask(&self, method: &str, url: Url, mut headers: HeaderMap, body: &str) -> Result<(Url, Whole), Trouble> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| unreadable())?;
        if !headers.contains_key(CONTENT_TYPE) && !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
        }
        let ask = Ask { method, headers, body, user: Some((&self.user, &self.password)) };
        self.web.ask(url, &ask, |url| self.trusts(url)).await
    }

    /// An address that was kept, or that belongs to the server.
    fn own(&self, href: &str) -> Result<Url, Trouble> {
        self.within(&self.base, href)
    }

    fn within(&self, at: &Url, href: &str) -> Result<Url, Trouble> {
        let url = at.join(href).map_err(|_| unreadable())?;
        self.trusts(&url)?;
        Ok(url)
    }

    /// The password goes where its owner meant it to go, and nowhere else: to the same host and those under it, to the
    /// hosts of the same provider, and never from a protected address to one that is not.
    fn trusts(&self, url: &Url) -> Result<(), Trouble> {
        let (ours, theirs) = (self.base.host_str().unwrap_or_default(), url.host_str().unwrap_or_default());
        let same =
            is_under(theirs, ours) || PROVIDERS.iter().any(|each| is_under(theirs, each) && is_under(ours, each));
        if !same {
            let words = format!(
                "the server sends us to {theirs}, which would get the password: if that is right, enter that address"
            );
            return Err(Trouble::Refused(words));
        }
        if url.scheme() != "https" && self.base.scheme() == "https" {
            return Err(refused("the server sends us to an address that is not protected: check the address"));
        }
        Ok(())
    }
}

/// Whether a host is this one or one under it. Numbers have nothing under them.
fn is_under(host: &str, of: &str) -> bool {
    let before = host.strip_suffix(of);
    before.is_some_and(|before| {
        before.is_empty() || before.ends_with('.') && of.contains(|c: char| c.is_ascii_alphabetic())
    })
}

fn with_depth(depth: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(HeaderName::from_static("depth"), HeaderValue::from_static(depth))])
}

fn not_let_in(answer: &Whole) -> Trouble {
    let offers = |scheme: &str| {
        let all = answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(','))
            .any(|each| each.trim().get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
    };
    match answer.status {
        401 if offers("digest") && !offers("basic") => refused(
            "the calendar's server takes passwords only in a way (Digest) that is not known here: let it take Basic",
        ),
        401 => refused(
            "the calendar's server does not take the name and the password: enter them again (many providers want a password made for programs)",
        ),
        403 => refused("the calendar's server does not let this account in: check the address and the account"),
        _ => by_status(answer),
    }
}

fn not_read(answer: &Whole) -> Trouble {
    let (condition, _) = dav::refusal(&answer.body).unwrap_or_default();
    match answer.status {
        // RFC 4791, section 7.8.
        403 | 507 if condition == "number-of-matches-within-limits" => {
            refused("the calendar has more entries than its server sends at once: leave old ones out of it")
        }
        404 | 410 => gone(),
        200..=299 => unreadable(),
        _ => not_let_in(answer),
    }
}

fn gone() -> Trouble {
    refused("the calendar is not there any more: choose another one")
}

fn unreadable() -> Trouble {
    later("the calendar's server gives an answer that cannot be read")
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reach;
    use super::*;

    #[test]
    fn the_password_stays_where_it_belongs() {
        let trusted = |base: &str, url: &str| {
            let web = Web::new(Reach { http: true, private: true, ..Reach::default() }).unwrap();
            Account::new(base, "ann", "x", web).unwrap().trusts(&url.parse().unwrap()).is_ok()
        };
        for (base, url) in [
            ("https://example.com/", "https://example.com/a"),
            ("https://example.com/", "https://EXAMPLE.com:8443/"),
            ("https://example.com/", "https://dav.example.com/"),
            ("http://example.com/", "https://example.com/"),
            ("https://caldav.icloud.com/", "https://p42-caldav.icloud.com/1/calendars/"),
            ("https://10.0.0.1/", "https://10.0.0.1:8443/"),
        ] {
            assert!(trusted(base, url), "{base} {url}");
        }
        for (base, url) in [
            ("https://example.com/", "http://example.com/"),
            ("https://example.com/", "https://badexample.com/"),
            ("https://example.com/", "https://example.com.evil.example/"),
            ("https://dav.example.com/", "https://example.com/"),
            ("https://dav.example.com/", "https://www.example.com/"),
            ("https://caldav.icloud.com/", "https://evilicloud.com/"),
            ("https://example.com/", "https://caldav.icloud.com/"),
            ("https://10.0.0.1/", "https://10.0.0.2/"),
        ] {
            assert!(!trusted(base, url), "{base} {url}");
        }
    }
}
