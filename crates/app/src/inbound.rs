//! Bodies in which mails are posted, decoded to what the reader takes.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart};
use axum::http::{Request, header};
use bytes::Bytes;
use firstcall_mail::Fields;
use std::collections::HashMap;

/// A mail as it was posted, decoded but not read.
#[derive(Clone, Debug)]
pub enum Content {
    /// A whole RFC 5322 message.
    Mime(Bytes),
    /// Fields that somebody else decoded, and that somebody's own id for the mail.
    Fields(Box<Fields>, Option<String>),
}

/// Why a body is no mail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Not a form in which mails are taken.
    #[error(
        "\"{0}\" is not taken here: post application/json, application/x-www-form-urlencoded, multipart/form-data or \
         message/rfc822"
    )]
    MediaType(String),
    /// It does not have the form that it says it has.
    #[error("the body cannot be decoded: {0}")]
    Malformed(String),
    /// Nothing that could be read.
    #[error(
        "there is no mail in it: name the text body_plain (or body, text, data), the HTML body_html (or html), or post \
         the whole message as raw (or email)"
    )]
    Empty,
}

/// Decodes a body of one of the forms in which mails are posted.
///
/// # Errors
/// When it has another form, is malformed, or holds nothing.
pub async fn decode(media_type: &str, bytes: &Bytes) -> Result<Content, BodyError> {
    let kind = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fields = match kind.as_str() {
        "message/rfc822" | "message/global" => return whole(bytes.clone()),
        "application/json" => from_json(bytes)?,
        "application/x-www-form-urlencoded" => from_form(bytes)?,
        "multipart/form-data" => from_multipart(media_type, bytes).await?,
        _ => return Err(BodyError::MediaType(media_type.to_owned())),
    };
    from_posted(&fields)
}

type Posted = HashMap<String, Bytes>;

fn whole(bytes: Bytes) -> Result<Content, BodyError> {
    if bytes.iter().all(u8::is_ascii_whitespace) { Err(BodyError::Empty) } else { Ok(Content::Mime(bytes)) }
}

/// Names are compared without case, and with `-` as `_`: services write `body-plain`, `Body Plain`, `BodyPlain`.
fn name_of(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

fn from_json(bytes: &[u8]) -> Result<Posted, BodyError> {
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| BodyError::Malformed(e.to_string()))?;
    let serde_json::Value::Object(object) = value else {
        return Err(BodyError::Malformed("it must be a JSON object".to_owned()));
    };
    let mut posted = Posted::new();
    for (name, value) in object {
        let name = name_of(&name);
        let known = KNOWN.iter().any(|names| names.contains(&name.as_str()));
        match value {
            serde_json::Value::String(text) => _ = posted.insert(name, text.into()),
            serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_)
                if known =>
            {
                return Err(BodyError::Malformed(format!("the field \"{name}\" must be a text")));
            }
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => {}
        }
    }
    Ok(posted)
}

fn from_form(bytes: &[u8]) -> Result<Posted, BodyError> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(bytes).map_err(|e| BodyError::Malformed(e.to_string()))?;
    Ok(pairs.into_iter().map(|(name, value)| (name_of(&name), value.into())).collect())
}

async fn from_multipart(media_type: &str, bytes: &Bytes) -> Result<Posted, BodyError> {
    let malformed = |e: &dyn std::fmt::Display| BodyError::Malformed(e.to_string());
    let request = Request::builder()
        .header(header::CONTENT_TYPE, media_type)
        .body(Body::from(bytes.clone()))
        .map_err(|e| malformed(&e))?;
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|e| malformed(&e.body_text()))?;
    let mut posted = Posted::new();
    while let Some(field) = multipart.next_field().await.map_err(|e| malformed(&e.body_text()))? {
        let Some(name) = field.name().map(name_of) else { continue };
        let value = field.bytes().await.map_err(|e| malformed(&e.body_text()))?;
        posted.insert(name, value);
    }
    Ok(posted)
}

const TEXT: &[&str] = &["body_plain", "body", "text", "data", "textbody", "plain"];
const HTML: &[&str] = &["body_html", "html", "htmlbody"];
const RAW: &[&str] = &["raw", "email", "body_mime"];
const SUBJECT: &[&str] = &["subject"];
const FROM: &[&str] = &["from", "sender"];
const REPLY_TO: &[&str] = &["reply_to", "replyto"];
const DATE: &[&str] = &["date"];
const MESSAGE_ID: &[&str] = &["message_id"];
const PROVIDER_ID: &[&str] = &["provider_id", "messageid", "event_id", "id"];
const KNOWN: &[&[&str]] = &[TEXT, HTML, RAW, SUBJECT, FROM, REPLY_TO, DATE, MESSAGE_ID];

fn from_posted(posted: &Posted) -> Result<Content, BodyError> {
    let bytes = |names: &[&str]| names.iter().find_map(|name| posted.get(*name).filter(|value| !value.is_empty()));
    let text = |names: &[&str]| bytes(names).map(|value| String::from_utf8_lossy(value).into_owned());
    if let Some(raw) = bytes(RAW) {
        return whole(raw.clone());
    }
    let named = TEXT.iter().chain(HTML).any(|name| posted.contains_key(*name));
    let fields = Fields {
        from: text(FROM),
        reply_to: text(REPLY_TO),
        subject: text(SUBJECT),
        date: text(DATE),
        message_id: text(MESSAGE_ID),
        text: text(TEXT),
        html: text(HTML),
    };
    let blank = |field: &Option<String>| field.as_deref().is_none_or(|text| text.trim().is_empty());
    if !named || [&fields.text, &fields.html, &fields.subject].into_iter().all(blank) {
        return Err(BodyError::Empty);
    }
    Ok(Content::Fields(Box::new(fields), text(PROVIDER_ID)))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fields(media_type: &str, body: &str) -> Fields {
        match decode(media_type, &Bytes::copy_from_slice(body.as_bytes())).await.unwrap() {
            Content::Fields(fields, _) => *fields,
            Content::Mime(_) => panic!("a whole message"),
        }
    }

    #[tokio::test]
    async fn every_form_gives_the_same_fields() {
        let json = fields("application/json; charset=utf-8", r#"{"Body-Plain":"hi","from":"a@example.com"}"#).await;
        let form = fields("application/x-www-form-urlencoded", "body=hi&from=a%40example.com").await;
        let multipart = "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--x\r\n\
            Content-Disposition: form-data; name=\"from\"\r\n\r\na@example.com\r\n--x--\r\n";
        let multipart = fields("multipart/form-data; boundary=x", multipart).await;
        assert_eq!(json, form);
        assert_eq!(json, multipart);
        assert_eq!(json.text.as_deref(), Some("hi"));
    }

    #[tokio::test]
    async fn whole_messages_are_taken_as_they_are() {
        for (media_type, body) in
            [("message/rfc822", "Subject: x\r\n\r\nhi"), ("application/json", r#"{"raw":"Subject: x\r\n\r\nhi"}"#)]
        {
            assert!(
                matches!(decode(media_type, &Bytes::copy_from_slice(body.as_bytes())).await, Ok(Content::Mime(_))),
                "{media_type}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_no_mail_is_named() {
        let error = async |media_type, body: &str| {
            decode(media_type, &Bytes::copy_from_slice(body.as_bytes())).await.unwrap_err()
        };
        assert!(matches!(error("text/csv", "a,b").await, BodyError::MediaType(_)));
        assert!(matches!(error("application/json", "{").await, BodyError::Malformed(_)));
        assert!(matches!(error("application/json", "[]").await, BodyError::Malformed(_)));
        assert!(matches!(error("application/json", r#"{"text":7}"#).await, BodyError::Malformed(_)));
        assert_eq!(error("application/json", "{}").await, BodyError::Empty);
        assert_eq!(error("application/json", r#"{"subject":"x"}"#).await, BodyError::Empty);
        assert_eq!(error("message/rfc822", " \r\n").await, BodyError::Empty);
    }
}
