//! A mail taken apart: the headers that matter and the decoded text, however the mail arrived.
//!
//! What the text says is none of this module's business; see `body` for its lines.

use jiff::Timestamp;
use mail_parser::{
    Encoding, HeaderValue, MessageParser, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

use crate::machine;
use crate::text::squeezed;
use std::borrow::Cow;

/// A mail taken apart. Whatever cannot be read is simply absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact of the header, in any combination")]
pub struct Message {
    /// The sender.
    pub from: Option<Address>,
    /// Where answers should go.
    pub reply_to: Vec<Address>,
    /// The decoded subject.
    pub subject: Option<String>,
    /// When the sender says it was written.
    pub date: Option<Timestamp>,
    /// The Message-ID without its angle brackets.
    pub message_id: Option<String>,
    /// The text part, decoded.
    pub text: Option<String>,
    /// The HTML part, decoded.
    pub html: Option<String>,
    /// The names of the attachments: they are kept, not read.
    pub attachments: Vec<String>,
    /// A mail that was forwarded as a part of its own.
    pub forwarded: Option<Box<Message>>,
    /// What marks a machine's mail (rule 1.9), in words; the first that was found.
    pub machine: Option<String>,
    /// The mail came over a mailing list (List-Id).
    pub list: bool,
    /// The mail is marked as one of many (one-click unsubscribing, or bulk precedence).
    pub bulk: bool,
    /// The mail answers another one (In-Reply-To).
    pub reply: bool,
    /// Some of the mail was not looked at, because there was too much of it.
    pub cut: bool,
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
    /// `Name <address>` or a bare address.
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

/// No mail that a person or a form writes has more parts than this.
const MOST_PARTS: usize = 64;

impl Message {
    /// Takes an RFC 5322 message apart. Never panics.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Message {
        let raw = without_attachments(raw);
        let (raw, cut) = bounded(&raw);
        let Some(mail) = MessageParser::default().parse(raw) else {
            return Message { cut, ..Message::default() };
        };
        let mut message = of_parsed(&mail);
        if mail.parts.iter().any(|p| p.is_encoding_problem)
            && let Some(closed) = closed(raw)
            && let Some(mail) = MessageParser::default().parse(&closed)
        {
            message = of_parsed(&mail);
        }
        message.cut |= cut;
        if message.text.is_none() && message.html.is_none() {
            message.add_lost_parts(&mail);
        }
        message
    }

    /// A message from fields that somebody else decoded.
    #[must_use]
    pub fn from_fields(fields: Fields) -> Message {
        let mut head = String::new();
        for (name, value) in [("From", &fields.from), ("Reply-To", &fields.reply_to)] {
            if let Some(value) = value {
                head.extend([name, ": ", &squeezed(value), "\r\n"]);
            }
        }
        head.push_str("\r\n");
        let addresses = Message::parse(head.as_bytes());
        let id = fields.message_id.as_deref().map(|id| id.trim().trim_matches(['<', '>']).to_owned());
        let mut message = Message {
            from: addresses.from,
            reply_to: addresses.reply_to,
            subject: fields.subject.filter(|s| !s.trim().is_empty()),
            date: fields.date.as_deref().and_then(instant_of),
            message_id: id.filter(|id| !id.is_empty()),
            text: fields.text.filter(|t| !t.trim().is_empty()),
            html: fields.html.filter(|h| !h.trim().is_empty()),
            ..Message::default()
        };
        message.machine = machine::sender(message.from.as_ref());
        message
    }

    /// The decoded subject and text, normalised: two deliveries of one mail have the same (rule 1.3).
    #[must_use]
    pub fn content_key(&self) -> String {
        let part = |text: &Option<String>| text.as_deref().map(squeezed).unwrap_or_default();
        let body = if self.text.is_some() { part(&self.text) } else { part(&self.html) };
        format!("{}\n{}", part(&self.subject), body)
    }

    /// A multipart whose boundary is missing or wrong: the first line that looks like one is taken for it.
    fn add_lost_parts(&mut self, mail: &mail_parser::Message<'_>) {
        let [root] = mail.parts.as_slice() else { return };
        if !root.content_type().is_some_and(|c| c.ctype().eq_ignore_ascii_case("multipart")) {
            return;
        }
        let raw = mail.raw_message();
        let body = raw.get(root.raw_body_offset() as usize..).unwrap_or_default();
        let Some(boundary) = first_boundary(body) else { return };
        let mut mended = format!("Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n").into_bytes();
        mended.extend_from_slice(body);
        if let Some(mail) = MessageParser::default().parse(&mended) {
            let found = of_parsed(&mail);
            (self.text, self.html) = (found.text, found.html);
        }
    }
}

/// A mail that was cut off, with the boundaries closed that it opens; nothing when all of them are.
fn closed(raw: &[u8]) -> Option<Vec<u8>> {
    let head = String::from_utf8_lossy(&raw[..raw.len().min(256 * 1024)]).into_owned();
    let lower = head.to_ascii_lowercase();
    let mut missing = Vec::new();
    for (at, mark) in lower.match_indices("boundary=").take(MOST_PARTS) {
        let value = head[at + mark.len()..].trim_start_matches('"');
        let name = value.split(['"', ';', '\r', '\n', ' ']).next().unwrap_or("");
        if !name.is_empty() && !head.contains(&format!("--{name}--")) {
            missing.push(format!("\r\n--{name}--"));
        }
    }
    missing.reverse();
    (!missing.is_empty()).then(|| [raw, missing.concat().as_bytes(), b"\r\n"].concat())
}

/// A mail without its large attachments, which are not read: of the lines of base64 (RFC 2045 §6.8) of a part that is no
/// text only the first is left.
fn without_attachments(raw: &[u8]) -> Cow<'_, [u8]> {
    const LARGE: usize = 64 * 1024;
    let mut kept = Vec::new();
    let (mut from, mut at, mut attached) = (0, 0, false);
    while let Some(end) = raw[at..].iter().position(|byte| *byte == b'\n') {
        let length = end + 1;
        let line = &raw[at..at + length];
        attached = is_no_text(line) || attached && !line.starts_with(b"--");
        let alike = raw[at..].chunks_exact(length).take_while(|line| attached && is_base64(line)).count() * length;
        if alike > LARGE {
            kept.extend_from_slice(&raw[from..at + length]);
            from = at + alike;
        }
        at += alike.max(length);
    }
    if from == 0 {
        return Cow::Borrowed(raw);
    }
    kept.extend_from_slice(&raw[from..]);
    Cow::Owned(kept)
}

/// A header that says that what follows is no text.
fn is_no_text(line: &[u8]) -> bool {
    const NAME: &[u8] = b"content-type:";
    const KINDS: [&[u8]; 4] = [b"application/", b"audio/", b"image/", b"video/"];
    let begins =
        |text: &[u8], with: &[u8]| text.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    begins(line, NAME) && KINDS.iter().any(|kind| begins(line[NAME.len()..].trim_ascii_start(), kind))
}

/// A full line of an encoder, with its end.
#[expect(clippy::needless_bitwise_bool, reason = "without an early end many bytes are looked at at a time")]
fn is_base64(line: &[u8]) -> bool {
    let digits = line.trim_ascii_end();
    let of_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() | (*byte == b'+') | (*byte == b'/');
    digits.len() >= 60 && digits.iter().fold(true, |all, byte| all & of_alphabet(byte))
}

/// What is left of a mail when absurd amounts of parts are cut off: the parser's work grows with their square.
fn bounded(raw: &[u8]) -> (&[u8], bool) {
    const LONGEST: usize = 40 * 1024 * 1024;
    let mut end = raw.len().min(LONGEST);
    let mut seen = 0;
    let mut at = 0;
    while let Some(found) = raw[at..end].iter().position(|b| *b == b'/') {
        let slash = at + found;
        at = slash + 1;
        let before = &raw[slash.saturating_sub(9)..slash];
        let kind =
            |word: &[u8]| before.len() >= word.len() && before[before.len() - word.len()..].eq_ignore_ascii_case(word);
        if kind(b"multipart") || kind(b"message") {
            seen += 1;
            if seen > MOST_PARTS {
                end = slash;
            }
        }
        if at >= end {
            break;
        }
    }
    (&raw[..end], end < raw.len())
}

fn of_parsed(mail: &mail_parser::Message<'_>) -> Message {
    let raw = mail.raw_message();
    let headers = headers_of(mail);
    let mut message = Message {
        from: addresses(mail.from()).into_iter().next(),
        reply_to: addresses(mail.reply_to()),
        subject: mail.subject().map(str::to_owned).filter(|s| !s.trim().is_empty()),
        date: mail.date().filter(|d| d.is_valid()).and_then(|d| Timestamp::from_second(d.to_timestamp()).ok()),
        message_id: mail.message_id().map(str::to_owned),
        attachments: mail.attachments().filter_map(|p| p.attachment_name().map(str::to_owned)).collect(),
        list: headers.iter().any(|(name, _)| name == "list-id"),
        bulk: machine::is_bulk(&headers),
        reply: headers.iter().any(|(name, value)| name == "in-reply-to" && !value.is_empty()),
        forwarded: only_enclosed(mail),
        ..Message::default()
    };
    message.text = joined(mail.text_bodies().filter(|p| is_plain(p)).map(|p| text_of(p, raw)));
    message.html = joined(mail.html_bodies().filter(|p| is_html(p)).map(|p| text_of(p, raw)));
    message.machine = machine::mark(&headers, message.from.as_ref());
    message
}

fn headers_of(mail: &mail_parser::Message<'_>) -> Vec<(String, String)> {
    mail.headers_raw().take(2_000).map(|(name, value)| (name.trim().to_ascii_lowercase(), squeezed(value))).collect()
}

fn addresses(list: Option<&mail_parser::Address<'_>>) -> Vec<Address> {
    let Some(list) = list else { return Vec::new() };
    list.iter()
        .take(50)
        .filter_map(|a| {
            let email = a.address.as_deref()?.trim().trim_matches(['<', '>']).to_owned();
            let name = a.name.as_deref().map(squeezed).filter(|n| !n.is_empty());
            is_address(&email).then_some(Address { name, email })
        })
        .collect()
}

/// What a damaged header leaves of an address is nobody's.
fn is_address(text: &str) -> bool {
    let whole = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>,;:".contains(c));
    text.split_once('@').is_some_and(|(local, domain)| whole(local) && whole(domain))
}

fn only_enclosed(mail: &mail_parser::Message<'_>) -> Option<Box<Message>> {
    let mut enclosed = mail.attachments().filter_map(|p| match &p.body {
        PartType::Message(inner) => Some(inner),
        PartType::Text(_)
        | PartType::Html(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Multipart(_) => None,
    });
    let only = enclosed.next()?;
    enclosed.next().is_none().then(|| Box::new(shallow(only)))
}

/// An enclosed mail without the mails that it encloses in turn.
fn shallow(mail: &mail_parser::Message<'_>) -> Message {
    let raw = mail.raw_message();
    Message {
        from: addresses(mail.from()).into_iter().next(),
        reply_to: addresses(mail.reply_to()),
        subject: mail.subject().map(str::to_owned),
        date: mail.date().filter(|d| d.is_valid()).and_then(|d| Timestamp::from_second(d.to_timestamp()).ok()),
        text: joined(mail.text_bodies().filter(|p| is_plain(p)).map(|p| text_of(p, raw))),
        html: joined(mail.html_bodies().filter(|p| is_html(p)).map(|p| text_of(p, raw))),
        ..Message::default()
    }
}

fn is_html(part: &MessagePart<'_>) -> bool {
    matches!(part.body, PartType::Html(_)) && !is_attached(part)
}

fn is_attached(part: &MessagePart<'_>) -> bool {
    part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment)
}

fn is_plain(part: &MessagePart<'_>) -> bool {
    matches!(part.body, PartType::Text(_))
        && !is_attached(part)
        && part.content_type().is_none_or(|c| c.subtype().is_none_or(|s| s.eq_ignore_ascii_case("plain")))
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.filter(|p| !p.trim().is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// A part's text. Where the declared character set does not fit the bytes, the one that fits is taken.
fn text_of(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let declared = part.text_contents().unwrap_or_default();
    let charset = part.content_type().and_then(|c| c.attribute("charset")).unwrap_or("").to_ascii_lowercase();
    let text = fitting(part, raw, declared, &charset).unwrap_or_else(|| declared.to_owned());
    let flowed =
        part.content_type().and_then(|c| c.attribute("format")).is_some_and(|f| f.eq_ignore_ascii_case("flowed"));
    if flowed { unflowed(&text) } else { text }
}

fn fitting(part: &MessagePart<'_>, raw: &[u8], declared: &str, charset: &str) -> Option<String> {
    let western = charset.starts_with("iso-8859-1") || charset.starts_with("windows-1252") || charset == "latin1";
    let doubtful = declared.contains('\u{FFFD}') || (western && !declared.is_ascii());
    let ascii_by_name = matches!(charset, "" | "us-ascii" | "ascii") && !declared.is_ascii();
    if !doubtful && !ascii_by_name {
        return None;
    }
    let bytes = bytes_of(part, raw)?;
    match std::str::from_utf8(&bytes) {
        Ok(utf8) => Some(utf8.to_owned()),
        Err(_) if declared.contains('\u{FFFD}') && !charset.starts_with("utf-16") || ascii_by_name => {
            Some(windows_1252(&bytes))
        }
        Err(_) => None,
    }
}

fn bytes_of(part: &MessagePart<'_>, raw: &[u8]) -> Option<Vec<u8>> {
    let body = raw.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize)?;
    match part.encoding {
        Encoding::None => Some(body.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(body),
        Encoding::Base64 => base64_decode(body),
    }
}

fn windows_1252(bytes: &[u8]) -> String {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    bytes.iter().map(|&b| if (0x80..0xA0).contains(&b) { HIGH[usize::from(b - 0x80)] } else { char::from(b) }).collect()
}

/// Joins the soft line breaks of `format=flowed` (RFC 3676).
fn unflowed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let depth = |line: &str| line.len() - line.trim_start_matches('>').len();
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let quotes = depth(line);
        let words = &line[quotes..];
        let words = words.strip_prefix(' ').unwrap_or(words);
        match open {
            Some(before) if before == quotes && words != "-- " => out.push_str(words),
            Some(_) | None => {
                if open.is_some() {
                    out.push('\n');
                }
                out.push_str(&line[..quotes]);
                if quotes > 0 {
                    out.push(' ');
                }
                out.push_str(words);
            }
        }
        open = (words.ends_with(' ') && words != "-- ").then_some(quotes);
        if open.is_none() {
            out.push('\n');
        }
    }
    out
}

fn first_boundary(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]);
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("--")
            && !name.is_empty()
            && name.len() <= 70
            && lines.peek().is_some_and(|next| next.to_ascii_lowercase().starts_with("content-"))
        {
            return Some(name.replace(['"', '\\'], ""));
        }
    }
    None
}

fn instant_of(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let head = format!("Date: {}\r\n\r\n", squeezed(text));
    let mail = MessageParser::default().parse(head.as_bytes())?;
    match mail.header("Date")? {
        HeaderValue::DateTime(date) if date.is_valid() => Timestamp::from_second(date.to_timestamp()).ok(),
        HeaderValue::DateTime(_)
        | HeaderValue::Address(_)
        | HeaderValue::Text(_)
        | HeaderValue::TextList(_)
        | HeaderValue::ContentType(_)
        | HeaderValue::Received(_)
        | HeaderValue::Empty => None,
    }
}
