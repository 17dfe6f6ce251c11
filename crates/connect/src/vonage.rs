//! Vonage: the SMS API (<https://developer.vonage.com/en/api/sms>) or the Messages API v1
//! (<https://developer.vonage.com/en/api/messages>), and their webhooks.

mod codes;
mod messages;
mod signature;
mod sms;
mod token;
mod webhook;

pub use signature::Proof;

use crate::http::{Answer, Body, Client, Failure, Signed};
use crate::{Arrived, Callback, Forged, Handed, Lookup, Refusal, StatusReport, Text};
use jiff::{SignedDuration, Timestamp};

/// How long the network may keep trying, in both APIs.
const SHORTEST: SignedDuration = SignedDuration::from_secs(20);
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// When Vonage does not say how long to wait; it never does.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// When it is busy: it counts by the second.
const BUSY: SignedDuration = SignedDuration::from_secs(2);

/// Whose texts they are.
#[derive(Clone)]
pub struct Account {
    /// The account.
    pub api_key: String,
    /// What proves it.
    pub api_secret: String,
    /// Who the texts are from: a number of the account, with or without a +, or a name where the country allows it.
    pub from: String,
    /// Which API takes the texts and brings reports and answers.
    pub api: Api,
    /// What the webhooks are signed with: the dashboard's signature secret.
    pub signature_secret: String,
    /// [`Api::base_url`], or a stand-in. Without a slash at the end.
    pub base_url: String,
}

/// Which API takes the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// The SMS API. Its webhooks are signed by parameters (`sig`).
    Sms,
    /// The Messages API v1. Its webhooks are signed by a token.
    Messages,
}

impl Api {
    /// Where Vonage has it.
    #[must_use]
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Sms => "https://rest.nexmo.com",
            Self::Messages => "https://api.nexmo.com",
        }
    }
}

/// Sends texts through Vonage.
#[derive(Clone)]
pub struct Vonage {
    account: Account,
    http: Client,
}

impl Vonage {
    /// Texts of this account.
    #[must_use]
    pub fn new(account: Account, http: Client) -> Self {
        Self { account, http }
    }

    /// Hands over one text, once. Vonage gives `reference` back and does not look whether it has had it before.
    pub async fn send(&self, text: &Text<'_>) -> Handed {
        if text.valid_for < SHORTEST {
            return Handed::Refused(Refusal::too_late());
        }
        let (path, body) = match self.account.api {
            Api::Sms => ("/sms/json", sms::request(&self.account, text)),
            Api::Messages => ("/v1/messages", messages::request(&self.account, text)),
        };
        match self.post(path, body).await {
            Ok(answer) => match self.account.api {
                Api::Sms => sms::handed(&answer, &self.unsaid(text)),
                Api::Messages => messages::handed(&answer, &self.unsaid(text)),
            },
            Err(Failure::NotSent(why)) => Handed::Later(TRY_AGAIN, why),
            Err(Failure::Ambiguous(why)) => Handed::Unknown(why),
        }
    }

    /// Vonage has no records that can be asked for a number: what is in doubt is settled by its reports, or by a human.
    #[must_use]
    pub fn find(&self) -> Lookup {
        Lookup::NoListing
    }

    /// Whether Vonage sent the request, and what is to come only once with it.
    ///
    /// # Errors
    /// When it was not Vonage, was not meant for this account or came too late, or cannot be told.
    pub fn verify(&self, request: &Callback<'_>, now: Timestamp) -> Result<Proof, Forged> {
        match self.account.api {
            Api::Sms => signature::verify(request, &self.account.signature_secret, now),
            Api::Messages => token::verify(request, &self.account.signature_secret, &self.account.api_key, now),
        }
    }

    /// A receipt, as `verify` has believed it. `None` if it is none.
    #[must_use]
    pub fn reported(&self, request: &Callback<'_>) -> Option<StatusReport> {
        match self.account.api {
            Api::Sms => webhook::receipt(&request.fields()),
            Api::Messages => webhook::status(&request.json()?),
        }
    }

    /// A text that came in, as `verify` has believed it. `None` if it is none.
    #[must_use]
    pub fn arrived(&self, request: &Callback<'_>) -> Option<Arrived> {
        match self.account.api {
            Api::Sms => webhook::inbound_sms(&request.fields()),
            Api::Messages => webhook::inbound_message(&request.json()?),
        }
    }

    /// A receipt of a text that nobody has, as Vonage would post it.
    #[must_use]
    pub fn sample(&self, now: Timestamp) -> Signed {
        let Account { api_key, signature_secret, api, .. } = &self.account;
        match api {
            Api::Sms => {
                let fields = [("api-key", api_key.as_str()), ("messageId", "0"), ("status", "accepted")];
                let signed = signature::sign(&fields, signature_secret, now);
                let fields: Vec<(&str, &str)> =
                    signed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                Signed { header: None, body: Body::form(&fields) }
            }
            Api::Messages => {
                let body = r#"{"message_uuid":"0","status":"submitted"}"#;
                let token = token::sign(body, signature_secret, api_key, now);
                Signed { header: Some(("authorization", format!("Bearer {token}"))), body: Body::Json(body.to_owned()) }
            }
        }
    }

    async fn post(&self, path: &str, body: Body) -> Result<Answer, Failure> {
        let url = format!("{}{path}", self.account.base_url);
        self.http.post(&url, Some((&self.account.api_key, &self.account.api_secret)), body).await
    }

    /// What no words of Vonage may repeat.
    fn unsaid<'a>(&'a self, text: &Text<'a>) -> [&'a str; 3] {
        [text.body, &self.account.api_secret, &self.account.signature_secret]
    }
}

/// A number as Vonage writes it.
fn bare(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

/// Where reports go. What stands in the query is not signed, and so is worth nothing.
fn report_to<'a>(text: &Text<'a>) -> &'a str {
    text.report_to.split(['?', '#']).next().unwrap_or_default()
}
