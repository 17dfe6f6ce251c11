//! Calendars of others: what blocks time is read from them, and sessions are written into them (rules 3.1, 3.2 and 6.2).
//!
//! A calendar is read whole or not at all: whatever is missing of an answer is a [`Trouble`], never an omission, because
//! a calendar that cannot be read is unknown and not free (rule 3.3). Everything here may be done again after a
//! [`Trouble::Later`], writing too: what is there already counts as written.
//!
//! Addresses, credentials and tokens are secrets: `Debug` and the words of errors leave them out.

pub mod caldav;
pub mod feed;
pub mod google;

mod dav;
mod digest;

use crate::http::{Client, Failure, Fault, Whole, is_public};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use digest::{Challenge, Login};
use jiff::SignedDuration;
use reqwest::header::{AUTHORIZATION, HeaderMap, LOCATION};
use reqwest::{Method, Url};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// How often an answer may send us elsewhere.
const REDIRECTS: usize = 5;

/// Why a calendar could not be read or written. The cases differ in what may happen next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nothing is known, and it may be tried again: after so long, where the server asks for it. Why, in words for people.
    #[error("{1}")]
    Later(Option<SignedDuration>, String),
    /// Whoever owns the calendar, or runs this, must do something. Words for people that say what.
    #[error("{0}")]
    Refused(String),
}

/// What came of a calendar that was read before.
#[derive(Clone, PartialEq, Eq)]
pub enum Fetched<M> {
    /// It is as it was.
    Unchanged,
    /// All of it, whatever it is: a page that asks for a login is no calendar, which whoever reads it sees.
    Text {
        /// Unpacked.
        bytes: Vec<u8>,
        /// By what the server knows that we have this: to be kept as soon as the text was understood, and sent the next time.
        mark: M,
    },
}

/// What may be reached, and what it may cost.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Whether addresses in private networks are too, this machine among them.
    pub private: bool,
    /// Whether addresses without TLS are too.
    pub http: bool,
    /// The size of an answer, in bytes, unpacked.
    pub most: usize,
    /// For name look-up, TCP and TLS together.
    pub connect: Duration,
    /// For one reading or writing from beginning to end, with all that it asks.
    pub total: Duration,
}

/// The way to calendars whose addresses strangers name. Clones share it.
#[derive(Clone, Debug)]
pub struct Web {
    client: Client,
    reach: Reach,
}

/// A request that may be sent again.
struct Ask<'a> {
    method: Method,
    headers: HeaderMap,
    body: &'a str,
    /// Name and password.
    user: Option<(&'a str, &'a str)>,
}

impl Default for Reach {
    /// Public addresses with TLS, 10 MB, 5 s for a connection and 30 s in all.
    fn default() -> Self {
        let (connect, total) = (Duration::from_secs(5), Duration::from_secs(30));
        Self { private: false, http: false, most: 10_000_000, connect, total }
    }
}

impl Web {
    /// A way that reaches so far.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(reach: Reach) -> Result<Self, Trouble> {
        let client = Client::outside(reach.connect, reach.total, reach.private)?;
        Ok(Self { client, reach })
    }

    /// Reads an address as somebody enters it.
    fn address(&self, entered: &str) -> Result<Url, Trouble> {
        let url = Url::parse(entered.trim())
            .map_err(|_| refused("this is not an address: it must begin with https:// and name a server"))?;
        self.may_go(&url)?;
        Ok(url)
    }

    fn may_go(&self, url: &Url) -> Result<(), Trouble> {
        match url.scheme() {
            "https" => {}
            "http" if self.reach.http => {}
            "http" => return Err(refused("the address is not protected: it must begin with https://")),
            _ => return Err(refused("the address must begin with https://")),
        }
        let host = url.host_str().unwrap_or_default();
        // Whatever is meant as numbers has become numbers when it was read. IPv6 stands in brackets.
        let numbers = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if !self.reach.private && numbers.is_ok_and(|address| !is_public(address)) {
            return Err(private());
        }
        Ok(())
    }

    /// Asks, and goes where the answer sends us if `trusts` agrees. Where it came from in the end, and what came.
    async fn ask(
        &self,
        from: Url,
        ask: &Ask<'_>,
        trusts: impl Fn(&Url) -> Result<(), Trouble>,
    ) -> Result<(Url, Whole), Trouble> {
        let mut url = from;
        for _ in 0..=REDIRECTS {
            self.may_go(&url)?;
            trusts(&url)?;
            let mut answer = self.once(&url, ask, None).await?;
            if answer.status == 401
                && let Some(login) = answered(&answer, ask, &url)?
            {
                answer = self.once(&url, ask, Some(login)).await?;
            }
            if !matches!(answer.status, 301..=303 | 307 | 308) {
                return Ok((url, answer));
            }
            url = moved(&url, &answer)?;
        }
        Err(refused("the server sends us from one address to the next: check the address"))
    }

    /// Asks at one address, with this login or else with the password as it is.
    async fn once(&self, url: &Url, ask: &Ask<'_>, login: Option<String>) -> Result<Whole, Trouble> {
        let mut request = self.client.request(ask.method.clone(), url.clone()).headers(ask.headers.clone());
        if !ask.body.is_empty() {
            request = request.body(ask.body.to_owned());
        }
        request = match (login, ask.user) {
            (Some(login), _) => request.header(AUTHORIZATION, login),
            (None, Some((name, password))) => request.basic_auth(name, Some(password)),
            (None, None) => request,
        };
        Ok(self.client.whole(request, self.reach.most).await?)
    }

    /// What takes longer than it may ends.
    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
        let late = || Trouble::Later(None, "the server did not answer in time".to_owned());
        tokio::time::timeout(self.reach.total, work).await.unwrap_or_else(|_| Err(late()))
    }
}

/// The answer to a server that takes no password as it is, and asks for a digest of it.
fn answered(answer: &Whole, ask: &Ask<'_>, url: &Url) -> Result<Option<String>, Trouble> {
    let (Some((name, password)), Some(challenge)) = (ask.user, Challenge::best(&answer.headers)) else {
        return Ok(None);
    };
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|_| later("the system has no randomness"))?;
    let cnonce = URL_SAFE_NO_PAD.encode(random);
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let login = Login { name, password, method: ask.method.as_str(), target: &target, cnonce: &cnonce };
    Ok(challenge.answer(&login))
}

/// Where an answer sends us (RFC 9110, section 10.2.2).
fn moved(from: &Url, answer: &Whole) -> Result<Url, Trouble> {
    let to = answer.header(&LOCATION).and_then(|to| from.join(to).ok());
    let to = to.ok_or_else(|| refused("the server sends us elsewhere and does not say where: check the address"))?;
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(refused("the server sends us to an address that is not protected: check the address"));
    }
    Ok(to)
}

/// What a status says that nobody has read before.
fn by_status(answer: &Whole) -> Trouble {
    let words = format!("the calendar's server answers with status {}", answer.status);
    match answer.status {
        408 | 421 | 423 | 425 | 429 | 500.. => Trouble::Later(answer.retry_after(), words),
        _ => Trouble::Refused(format!("{words}: check the address")),
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(words) | Failure::Ambiguous(words) => Self::Later(None, words),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Private => private(),
            Fault::TooLarge => refused("the calendar is larger than it may be: leave old entries out of it"),
            Fault::Failed(failure) => failure.into(),
        }
    }
}

fn private() -> Trouble {
    refused("the address is in a private network, where we do not go: give a public one")
}

fn refused(words: &str) -> Trouble {
    Trouble::Refused(words.to_owned())
}

fn later(words: &str) -> Trouble {
    Trouble::Later(None, words.to_owned())
}

/// What stands in somebody's calendar is theirs.
impl<M> fmt::Debug for Fetched<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged => write!(f, "Unchanged"),
            Self::Text { bytes, .. } => write!(f, "Text({} bytes)", bytes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::feed::{Feed, Validators};
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[test]
    fn no_redirect_takes_the_protection_away() {
        let leads = |from: &str, to: &'static str| {
            let headers = HeaderMap::from_iter([(LOCATION, reqwest::header::HeaderValue::from_static(to))]);
            moved(&from.parse().unwrap(), &Whole { status: 302, headers, body: Vec::new() }).map(String::from)
        };
        assert_eq!(leads("https://example.com/a/b", "c?d"), Ok("https://example.com/a/c?d".to_owned()));
        assert_eq!(leads("http://example.com/", "https://example.com/"), Ok("https://example.com/".to_owned()));
        for to in ["http://example.com/a", "HTTP://other.example/"] {
            assert!(matches!(leads("https://example.com/a", to), Err(Trouble::Refused(_))), "{to}");
        }
        assert!(matches!(leads("https://example.com/", "https://"), Err(Trouble::Refused(_))));
    }

    /// The first server seems to be a public one; where it sends us is looked at again.
    #[tokio::test]
    async fn a_redirect_does_not_lead_into_a_private_network() {
        let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = inside.local_addr().unwrap().port();
        for to in ["127.0.0.1", "localhost", "[::1]", "[::ffff:7f00:1]"] {
            let outside = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = outside.local_addr().unwrap();
            let client = Client::misled("calendar.example.com", address).unwrap();
            let web = Web { client, reach: Reach { http: true, ..Reach::default() } };
            let feed = Feed::new(&format!("http://calendar.example.com:{}/a.ics", address.port()), web).unwrap();
            let known = Validators::default();
            let answering = async {
                let (mut stream, _) = outside.accept().await.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let answer =
                    format!("HTTP/1.1 302 Found\r\nLocation: http://{to}:{port}/\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            };
            let (fetched, ()) = tokio::join!(feed.fetch(&known), answering);
            assert_eq!(fetched, Err(private()), "{to}");
        }
        let visited = tokio::time::timeout(Duration::from_millis(1), inside.accept()).await;
        assert!(visited.is_err(), "nobody came");
    }
}
