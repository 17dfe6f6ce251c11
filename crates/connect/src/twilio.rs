//! Twilio: REST API 2010-04-01 (`twilio_api_v2010.json` of twilio-oai) and its webhooks.

mod codes;
mod webhook;

pub use webhook::{arrived, reported, sample, sign, verify};

use crate::http::{Answer, Body, Client, Failure, Outcome};
use crate::words::fit;
use crate::{Because, Handed, Listed, Lookup, Refusal, Report, Text};
use firstcall_core::contact::Phone;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Where Twilio is.
pub const BASE_URL: &str = "https://api.twilio.com";

/// `ValidityPeriod`, in seconds.
const SHORTEST: i64 = 1;
const LONGEST: i64 = 36_000;
/// When Twilio does not say how long to wait.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// When a busy Twilio does not say how long to wait.
const BUSY: SignedDuration = SignedDuration::from_secs(2);
/// After the account's texts of a day are used up.
const TOMORROW: SignedDuration = SignedDuration::from_hours(1);
/// Texts on a page of a listing, and pages that are read. Nobody gets more texts from one studio.
const PAGE_SIZE: usize = 500;
const PAGES: usize = 10;

/// Whose texts they are.
#[derive(Clone)]
pub struct Account {
    /// `AC…`
    pub account_sid: String,
    /// The account's primary token.
    pub auth_token: String,
    /// Who the texts are from.
    pub sender: Sender,
    /// [`BASE_URL`], or a stand-in. Without a slash at the end.
    pub base_url: String,
}

/// Who the texts are from.
#[derive(Clone, Debug)]
pub enum Sender {
    /// One of the account's numbers.
    From(Phone),
    /// A Messaging Service, `MG…`, which chooses the number.
    Service(String),
}

/// Sends texts through Twilio.
#[derive(Clone)]
pub struct Twilio {
    account: Account,
    http: Client,
}

/// A Message resource, as far as it matters.
#[derive(Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    error_code: Option<u32>,
    #[serde(default, rename = "error_message")]
    error: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
    next_page_uri: Option<String>,
}

/// What Twilio answers when it refuses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: Option<u32>,
    message: String,
}

impl Twilio {
    /// Texts of this account.
    #[must_use]
    pub fn new(account: Account, http: Client) -> Self {
        Self { account, http }
    }

    /// Hands over one text, once. Twilio knows no key that would make a second time harmless.
    pub async fn send(&self, text: &Text<'_>) -> Handed {
        let valid = text.valid_for.as_secs();
        if valid < SHORTEST {
            return Handed::Refused(Refusal::too_late());
        }
        let valid = valid.min(LONGEST).to_string();
        let sender = match &self.account.sender {
            Sender::From(number) => ("From", number.as_str()),
            Sender::Service(sid) => ("MessagingServiceSid", sid.as_str()),
        };
        let form = [
            ("To", text.to.as_str()),
            sender,
            ("Body", text.body),
            ("StatusCallback", text.report_to),
            ("ValidityPeriod", valid.as_str()),
        ];
        let url = format!("{}{}", self.account.base_url, self.messages());
        match self.http.post(&url, Some(self.credentials()), Body::form(&form)).await {
            Ok(answer) => self.handed(&answer, text.body),
            Err(Failure::NotSent(why)) => Handed::Later(TRY_AGAIN, why),
            Err(Failure::Ambiguous(why)) => Handed::Unknown(why),
        }
    }

    /// All texts to a number that Twilio has had since then, by Twilio's clock. It is not asked by `DateSent`, which a
    /// text that waits at Twilio does not have: a text in doubt would seem not to be there, and be sent again.
    ///
    /// # Errors
    /// When Twilio's records cannot be read to their end. Then nothing is known.
    pub async fn find(&self, to: &Phone, since: Timestamp) -> Result<Lookup, Failure> {
        let mut found = Vec::new();
        let mut next = format!("{}?{}", self.messages(), page_of(to));
        for _ in 0..PAGES {
            let page = self.page(&next).await?;
            for message in page.messages {
                let listed = message.listed().ok_or_else(|| unreadable("a text without a date"))?;
                if listed.created_at.as_second() >= since.as_second() {
                    found.push(listed);
                }
            }
            match page.next_page_uri {
                None => return Ok(Lookup::Listed(found)),
                Some(uri) => next = uri,
            }
        }
        Err(unreadable("more texts than anybody gets"))
    }

    async fn page(&self, path: &str) -> Result<Page, Failure> {
        // The credentials go where the first page came from, and nowhere else.
        if !path.starts_with('/') {
            return Err(unreadable("the next page is elsewhere"));
        }
        let url = format!("{}{path}", self.account.base_url);
        let answer = self.http.get(&url, Some(self.credentials())).await?;
        if answer.status != 200 {
            return Err(unreadable(&format!("status {}", answer.status)));
        }
        serde_json::from_slice(&answer.body).map_err(|_| unreadable("not the answer of Twilio"))
    }

    fn messages(&self) -> String {
        format!("/2010-04-01/Accounts/{}/Messages.json", self.account.account_sid)
    }

    fn credentials(&self) -> (&str, &str) {
        (&self.account.account_sid, &self.account.auth_token)
    }

    /// What the answer to a text says of it.
    fn handed(&self, answer: &Answer, body: &str) -> Handed {
        match answer.outcome() {
            Outcome::Done => match serde_json::from_slice::<Message>(&answer.body) {
                Ok(message) if !message.sid.is_empty() => self.created(message, body),
                _ => Handed::Unknown(format!("status {}, and an answer that cannot be read", answer.status)),
            },
            Outcome::Later | Outcome::Refused => self.refused(answer, body),
            Outcome::Unknown => Handed::Unknown(format!("status {}", answer.status)),
        }
    }

    /// A text that Twilio has made may have failed at once.
    fn created(&self, message: Message, body: &str) -> Handed {
        match message.report() {
            Report::Failed(refusal) => {
                let words = fit(&refusal.words, &[body, &self.account.auth_token]);
                Handed::Refused(Refusal { words, ..refusal })
            }
            Report::Taken | Report::Sent | Report::Delivered => Handed::Taken(message.sid),
        }
    }

    fn refused(&self, answer: &Answer, body: &str) -> Handed {
        let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
        let words = fit(&problem.message, &[body, &self.account.auth_token]);
        let words = if words.is_empty() { format!("status {}", answer.status) } else { words };
        let account = |code: Option<u32>, words| {
            let code = code.map(|code| code.to_string());
            Handed::Refused(Refusal { because: Because::Account, code, words })
        };
        match (answer.status, problem.code) {
            (_, Some(codes::DAY_USED_UP)) => Handed::Later(answer.wait_or(TOMORROW), words),
            (429, _) => Handed::Later(answer.wait_or(BUSY), words),
            (_, Some(code)) if codes::LATER.contains(&code) => Handed::Later(answer.wait_or(BUSY), words),
            (401 | 403, code) => account(code, words),
            (_, Some(code)) => Handed::Refused(codes::refusal(code, words)),
            (_, None) => account(None, words),
        }
    }
}

impl Message {
    fn listed(self) -> Option<Listed> {
        let created_at = rfc2822::parse(self.date_created.as_deref()?).ok()?.timestamp();
        let report = self.report();
        Some(Listed { network_id: self.sid, body: self.body.unwrap_or_default(), report, created_at })
    }

    fn report(&self) -> Report {
        codes::report(&self.status, self.error_code, self.error.as_deref().unwrap_or_default())
    }
}

fn page_of(to: &Phone) -> String {
    let size = PAGE_SIZE.to_string();
    serde_urlencoded::to_string([("To", to.as_str()), ("PageSize", size.as_str())]).unwrap_or_default()
}

fn unreadable(why: &str) -> Failure {
    Failure::Ambiguous(format!("Twilio's records cannot be read: {why}"))
}
