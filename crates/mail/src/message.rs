//! A mail taken apart: the headers that matter and the decoded text, however the mail arrived.

/// A mail taken apart. Whatever cannot be read is simply absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The sender.
    pub from: Option<Address>,
    /// Where answers should go.
    pub reply_to: Vec<Address>,
    /// The decoded subject.
    pub subject: Option<String>,
    /// When the sender says it was written: RFC 3339 with the sender's offset.
    pub date: Option<jiff::Timestamp>,
    /// The Message-ID without its angle brackets.
    pub message_id: Option<String>,
    /// The text part, decoded.
    pub text: Option<String>,
    /// The HTML part, decoded.
    pub html: Option<String>,
    /// The names of the attachments: they are kept, not read.
    pub attachments: Vec<String>,
    /// What marks a machine's mail (rule 1.9), in words; the first that was found.
    pub machine: Option<String>,
}

/// A mail address with the name beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The display name.
    pub name: Option<String>,
    /// The address itself.
    pub email: String,
}

/// A mail's fields as a web hook posts them, already decoded. A date may be RFC 2822 or RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// "Name <address>" or a bare address.
    pub from: Option<String>,
    /// As `from`.
    pub reply_to: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// RFC 2822 or RFC 3339.
    pub date: Option<String>,
    /// With or without angle brackets.
    pub message_id: Option<String>,
    /// The plain text.
    pub text: Option<String>,
    /// The HTML.
    pub html: Option<String>,
}

impl Message {
    /// Takes an RFC 5322 message apart. Never panics.
    #[must_use]
    pub fn parse(_raw: &[u8]) -> Message {
        Message::default()
    }

    /// A message from fields that somebody else decoded.
    #[must_use]
    pub fn from_fields(fields: Fields) -> Message {
        Message {
            subject: fields.subject,
            text: fields.text,
            html: fields.html,
            ..Message::default()
        }
    }

    /// The decoded subject and text, normalised: two deliveries of one mail have the same (rule 1.3).
    #[must_use]
    pub fn content_key(&self) -> String {
        format!("{:?}\n{:?}", self.subject, self.text)
    }
}
