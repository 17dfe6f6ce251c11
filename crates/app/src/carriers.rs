//! Who carries messages: the network for texts, the mail server for e-mails; and how fast.

use crate::email::Mailer;
use crate::engine::{Claimed, Doubt};
use crate::settings::{Secret, Settings, Sms, SmsProvider, VonageApi};
use firstcall_connect::{
    Arrived, Because, Callback, Forged, Handed, Lookup, Refusal, StatusReport, Text, http, twilio, vonage,
};
use firstcall_core::contact::Phone;
use firstcall_core::segments;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// The longest pause after a network that was too busy, again and again.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// Everybody who carries messages, and who reports of them.
pub struct Carriers {
    provider: SmsProvider,
    network: Network,
    mailer: Option<Mailer>,
    /// Where networks report to, without the message's mark.
    reports: String,
    pace: Pace,
}

/// Who carries texts.
enum Network {
    /// Nobody: pretended phones show what is recorded as sent.
    Phones,
    Twilio(twilio::Twilio, Vec<Secret>),
    Vonage(vonage::Vonage),
}

/// How fast texts are handed over: as fast as the network takes them, or as the settings allow.
struct Pace {
    per_second: Option<u32>,
    state: Mutex<PaceState>,
}

#[derive(Clone, Copy, Default)]
struct PaceState {
    /// Until then the network is left alone.
    pause_until: Timestamp,
    /// How often in a row it was too busy.
    busy: u32,
    /// The second that is counted, and how many texts were handed over in it.
    second: i64,
    texts: u32,
}

impl Carriers {
    /// Those of the settings.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let sms = &settings.sms;
        let network = match sms.provider {
            SmsProvider::Phones => Network::Phones,
            SmsProvider::Twilio => Network::Twilio(twilio_of(sms)?, signers(sms)),
            SmsProvider::Vonage => Network::Vonage(vonage_of(sms)?),
        };
        let reports = settings.server.public_url.join(&format!("/hooks/{}/status", sms.provider.word()));
        let pace = Pace { per_second: sms.per_second, state: Mutex::default() };
        Ok(Self { provider: sms.provider, network, mailer: Mailer::new(settings)?, reports, pace })
    }

    /// Hands one claimed message over. E-mails go to the mail server; pretended phones take every text.
    pub async fn carry(&self, message: &Claimed, now: Timestamp) -> Handed {
        if message.is_email() {
            return match &self.mailer {
                Some(mailer) => mailer.send(message).await,
                None => refused("smtp is not set up"),
            };
        }
        let handed = self.send(message).await;
        self.pace.heard(&handed, now);
        handed
    }

    async fn send(&self, message: &Claimed) -> Handed {
        let Ok(to) = Phone::new(&message.to) else { return refused("this is not a phone number") };
        let reference = message.mark().to_string();
        let report_to = format!("{}?m={reference}", self.reports);
        let text = Text {
            to: &to,
            body: &message.body,
            unicode: segments::size(&message.body).encoding == segments::Encoding::Ucs2,
            valid_for: message.valid_for,
            reference: &reference,
            report_to: &report_to,
        };
        match &self.network {
            Network::Phones => Handed::Taken(String::new()),
            Network::Twilio(twilio, _) => twilio.send(&text).await,
            Network::Vonage(vonage) => vonage.send(&text).await,
        }
    }

    /// What the network's records show for a number; `Err` says why they cannot be read.
    ///
    /// # Errors
    /// In words for people.
    pub async fn records(&self, to: &Phone, since: Timestamp) -> Result<Lookup, String> {
        match &self.network {
            Network::Twilio(twilio, _) => twilio.find(to, since).await.map_err(|error| error.to_string()),
            Network::Phones | Network::Vonage(_) => Ok(Lookup::NoListing),
        }
    }

    /// What the network's records show for the number of a text in doubt.
    ///
    /// # Errors
    /// As for any number.
    pub async fn look_up(&self, doubt: &Doubt) -> Result<Lookup, String> {
        let to = Phone::new(&doubt.to).map_err(|error| error.to_string())?;
        self.records(&to, doubt.since).await
    }

    /// Calls our own address for reports from here, as the network would: it has to be believed, and the same without a
    /// signature must not be. `Err` says what is wrong.
    ///
    /// # Errors
    /// In words for people.
    pub async fn prove_reports(&self, now: Timestamp) -> Result<(), String> {
        let signed = match &self.network {
            Network::Phones => return Ok(()),
            Network::Twilio(_, signers) => {
                twilio::sample(&self.reports, signers.first().map_or("", |token| token.expose()))
            }
            Network::Vonage(vonage) => vonage.sample(now),
        };
        let http = http::Client::new().map_err(|error| error.to_string())?;
        let unsigned = http::Signed { header: None, body: http::Body::form(&[("MessageSid", "SM0")]) };
        let lost = |error: http::Failure| format!("{} cannot be reached from here: {error}", self.reports);
        let believed = http.call(&self.reports, signed).await.map_err(lost)?.status;
        let refused = http.call(&self.reports, unsigned).await.map_err(lost)?.status;
        match (believed, refused) {
            (204, 403) => Ok(()),
            (204, other) => {
                Err(format!("a report without a signature got {other} instead of 403: what answers there?"))
            }
            (403, _) => {
                Err("a signed report was refused: does a proxy change the path, or has serve other settings?"
                    .to_owned())
            }
            (other, _) => Err(format!("a signed report got {other} instead of 204: is serve running there?")),
        }
    }

    /// What a network reports, if it is the network that carries our texts and it signed that.
    ///
    /// # Errors
    /// When it did not.
    pub fn report(&self, from: &str, request: &Callback<'_>, now: Timestamp) -> Result<Option<StatusReport>, Forged> {
        self.verify(from, request, now)?;
        Ok(match &self.network {
            Network::Phones => None,
            Network::Twilio(..) => twilio::reported(request),
            Network::Vonage(vonage) => vonage.reported(request),
        })
    }

    /// The text that a network brings, if it is the network that carries our texts and it signed that.
    ///
    /// # Errors
    /// When it did not.
    pub fn text(&self, from: &str, request: &Callback<'_>, now: Timestamp) -> Result<Option<Arrived>, Forged> {
        self.verify(from, request, now)?;
        Ok(match &self.network {
            Network::Phones => None,
            Network::Twilio(..) => twilio::arrived(request),
            Network::Vonage(vonage) => vonage.arrived(request),
        })
    }

    fn verify(&self, from: &str, request: &Callback<'_>, now: Timestamp) -> Result<(), Forged> {
        match &self.network {
            _ if from != self.provider.word() => Err(Forged::Wrong),
            Network::Phones => Err(Forged::Unsigned),
            Network::Twilio(_, signers) => {
                let signers: Vec<&str> = signers.iter().map(Secret::expose).collect();
                twilio::verify(request, &signers)
            }
            // What comes twice does nothing twice, so a copy of a request need not be told from its repetition.
            Network::Vonage(vonage) => vonage.verify(request, now).map(drop),
        }
    }

    /// How many more messages may be handed over now, `most` at the most.
    ///
    /// # Errors
    /// None at this moment: from when on, then.
    pub fn room(&self, most: i64, now: Timestamp) -> Result<i64, Timestamp> {
        self.pace.room(most, now)
    }
}

fn refused(why: &str) -> Handed {
    Handed::Refused(Refusal { because: Because::Unreachable, code: None, words: why.to_owned() })
}

/// The settings were checked when they were read: what is needed is there.
fn twilio_of(sms: &Sms) -> anyhow::Result<twilio::Twilio> {
    let settings = &sms.twilio;
    let sender = match (&settings.messaging_service_sid, &settings.from) {
        (Some(service), _) => twilio::Sender::Service(service.clone()),
        (None, Some(number)) => twilio::Sender::From(number.clone()),
        (None, None) => anyhow::bail!("sms.twilio.from is not set"),
    };
    let account = twilio::Account {
        account_sid: settings.account_sid.clone().unwrap_or_default(),
        auth_token: secret(settings.auth_token.as_ref()),
        sender,
        base_url: settings.base_url.as_str().to_owned(),
    };
    Ok(twilio::Twilio::new(account, http::Client::new()?))
}

/// What may sign Twilio's callbacks.
fn signers(sms: &Sms) -> Vec<Secret> {
    let twilio = &sms.twilio;
    [&twilio.auth_token, &twilio.auth_token_next, &twilio.shared_secret].into_iter().flatten().cloned().collect()
}

fn vonage_of(sms: &Sms) -> anyhow::Result<vonage::Vonage> {
    let settings = &sms.vonage;
    let (api, base_url) = match settings.api {
        VonageApi::Sms => (vonage::Api::Sms, &settings.base_url),
        VonageApi::Messages => (vonage::Api::Messages, &settings.messages_url),
    };
    let account = vonage::Account {
        api_key: settings.api_key.clone().unwrap_or_default(),
        api_secret: secret(settings.api_secret.as_ref()),
        from: settings.from.clone().unwrap_or_default(),
        signature_secret: secret(settings.signature_secret.as_ref()),
        api,
        base_url: base_url.as_str().to_owned(),
    };
    Ok(vonage::Vonage::new(account, http::Client::new()?))
}

fn secret(setting: Option<&Secret>) -> String {
    setting.map_or_else(String::new, |secret| secret.expose().to_owned())
}

impl Pace {
    fn room(&self, most: i64, now: Timestamp) -> Result<i64, Timestamp> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if now < state.pause_until {
            return Err(state.pause_until);
        }
        let Some(per_second) = self.per_second else { return Ok(most) };
        if state.second != now.as_second() {
            (state.second, state.texts) = (now.as_second(), 0);
        }
        let room = i64::from(per_second.saturating_sub(state.texts)).min(most);
        if room == 0 {
            return Err(Timestamp::from_second(state.second + 1).unwrap_or(now));
        }
        state.texts = state.texts.saturating_add(u32::try_from(room).unwrap_or(u32::MAX));
        Ok(room)
    }

    /// A network that is too busy, or refuses the account, is left alone for a while; longer each time, and for nobody
    /// the same while.
    fn heard(&self, handed: &Handed, now: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let after = match handed {
            Handed::Taken(_) => {
                state.busy = 0;
                return;
            }
            Handed::Later(after, _) => *after,
            Handed::Refused(refusal) if refusal.because == Because::Account => LONGEST_PAUSE / 5,
            Handed::Refused(_) | Handed::Unknown(_) => return,
        };
        if now < state.pause_until {
            return;
        }
        let pause = after.checked_mul(1 << state.busy.min(8)).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE.max(after));
        state.busy += 1;
        let more = pause.as_millis() * i128::from(jitter() % 500) / 1000;
        let more = SignedDuration::from_millis(i64::try_from(more).unwrap_or_default());
        state.pause_until = now.saturating_add(pause + more).unwrap_or(now);
    }
}

fn jitter() -> u32 {
    // Without randomness everybody tries again at the same moment; nothing worse.
    getrandom::u32().unwrap_or_default()
}
