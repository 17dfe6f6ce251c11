//! Outgoing e-mail: notices to the client, and to the manager where an address is set (rules 6.2, 7.1).

use crate::engine::Claimed;
use crate::settings::{Security, Settings, Smtp};
use firstcall_connect::{Because, Handed, Refusal};
use jiff::SignedDuration;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::error::Error;
use std::time::Duration;

/// A server that takes longer is as good as gone.
const TIMEOUT: Duration = Duration::from_secs(20);
/// After a server that could not be reached, or asked for patience.
const TRY_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// The longest subject that every mail program shows.
const LONGEST_SUBJECT: usize = 78;

/// Sends e-mails through the mail server of the settings.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// RFC 3834 section 5: nobody's absence note answers this mail.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mailer {
    /// A mailer, if the settings name a mail server.
    ///
    /// # Errors
    /// When the server's name or the sender's address cannot be used.
    pub fn new(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let Smtp { host: Some(host), from: Some(from), .. } = &settings.smtp else { return Ok(None) };
        let builder = match settings.smtp.security {
            Security::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host)?,
            Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host)?,
            Security::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
        };
        let mut builder = builder.port(settings.smtp.port).timeout(Some(TIMEOUT));
        if let (Some(name), Some(password)) = (&settings.smtp.username, &settings.smtp.password) {
            builder = builder.credentials(Credentials::new(name.clone(), password.expose().to_owned()));
        }
        let from = Mailbox::new(Some(settings.studio.name.clone()), from.as_str().parse()?);
        Ok(Some(Self { transport: builder.build(), from }))
    }

    /// Hands one message to the mail server.
    pub async fn send(&self, message: &Claimed) -> Handed {
        let mail = match self.compose(message) {
            Ok(mail) => mail,
            Err(error) => return refused(format!("{error:#}")),
        };
        match self.transport.send(mail).await {
            Ok(_) => Handed::Taken(String::new()),
            Err(error) if error.is_permanent() => refused(error.to_string()),
            Err(error) if error.is_timeout() => Handed::Unknown(error.to_string()),
            Err(error) => {
                tracing::warn!(%error, "the mail server did not take a message; it is tried again");
                Handed::Later(TRY_AGAIN, error.to_string())
            }
        }
    }

    fn compose(&self, message: &Claimed) -> anyhow::Result<Message> {
        // The same message has the same Message-ID, however often it is tried.
        let id = format!("<message-{}@{}>", message.id, self.from.email.domain());
        let mail = Message::builder()
            .from(self.from.clone())
            .to(message.to.parse()?)
            .subject(subject(&message.body))
            .message_id(Some(id))
            .header(AutoSubmitted);
        let Some(ics) = &message.invitation else {
            return Ok(mail.singlepart(SinglePart::plain(message.body.clone()))?);
        };
        // RFC 6047 section 2.4: the last alternative, which names the method that is in the calendar too.
        let method = ics.lines().find_map(|line| line.strip_prefix("METHOD:")).unwrap_or("REQUEST");
        let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={method}"))?;
        let invitation = SinglePart::builder().header(kind).body(ics.clone());
        let parts = MultiPart::alternative().singlepart(SinglePart::plain(message.body.clone())).singlepart(invitation);
        Ok(mail.multipart(parts)?)
    }
}

fn refused(words: String) -> Handed {
    Handed::Refused(Refusal { because: Because::Unreachable, code: None, words })
}

/// The first sentence, as far as it fits.
fn subject(body: &str) -> String {
    let line = body.lines().next().unwrap_or_default();
    let sentence = line.split_once(". ").map_or(line, |(first, _)| first);
    sentence.chars().take(LONGEST_SUBJECT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_is_the_first_sentence() {
        assert_eq!(subject("First Call: #2 is booked. Tue 8 Dec 10am."), "First Call: #2 is booked");
        assert_eq!(subject(&"x".repeat(200)).len(), LONGEST_SUBJECT);
    }
}
