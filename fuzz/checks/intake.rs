//! What holds for any body that is posted as a mail: the first line is its media type.

use std::collections::BTreeMap;

use firstcall::inbound::{BodyError, Content, decode};
use firstcall_mail::{Fields, Message};

/// Checks the decoding of this body.
pub fn holds(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let media_type = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let body = bytes.get(end + 1..).unwrap_or_default();
    let decoded = decoded(&media_type, body);
    assert_eq!(told(&decoded), told(&self::decoded(&media_type, body)), "decoded differently the second time");
    match decoded {
        Ok(Content::Mime(raw)) => {
            assert!(raw.iter().any(|byte| !byte.is_ascii_whitespace()), "nothing is no mail");
            let _ = Message::parse(&raw);
        }
        Ok(Content::Fields(fields, id)) => {
            let said = [&fields.text, &fields.html, &fields.subject];
            assert!(said.into_iter().flatten().any(|text| !text.trim().is_empty()), "nothing is no mail");
            let _ = Message::from_fields((*fields).clone());
            the_same_in_every_form(&fields, id.as_deref());
        }
        Err(BodyError::Malformed(why)) => assert!(!why.trim().is_empty(), "malformed without a reason"),
        Err(BodyError::MediaType(_) | BodyError::Empty) => {}
    }
}

fn decoded(media_type: &str, body: &[u8]) -> Result<Content, BodyError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(decode(media_type, &body.to_vec().into()))
}

fn told(decoded: &Result<Content, BodyError>) -> String {
    format!("{decoded:?}")
}

/// The fields of a mail are the same whether they come as JSON, as a form or in parts.
fn the_same_in_every_form(fields: &Fields, id: Option<&str>) {
    let all = [
        ("from", fields.from.as_deref()),
        ("reply_to", fields.reply_to.as_deref()),
        ("subject", fields.subject.as_deref()),
        ("date", fields.date.as_deref()),
        ("message_id", fields.message_id.as_deref()),
        ("body_plain", fields.text.as_deref()),
        ("body_html", fields.html.as_deref()),
        ("provider_id", id),
    ];
    // A text of nothing says that there is none, but names the field.
    let posted: BTreeMap<&str, &str> =
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).chain([("text", "")]).collect();
    let json = serde_json::to_vec(&posted).expect("JSON");
    let form = serde_urlencoded::to_string(&posted).expect("a form").into_bytes();
    for (media_type, body) in [("application/json", json), ("application/x-www-form-urlencoded", form), parts(&posted)]
    {
        match decoded(media_type, &body) {
            Ok(Content::Fields(again, id_again)) => {
                assert_eq!(*fields, *again, "{media_type}");
                assert_eq!(id, id_again.as_deref(), "{media_type}");
            }
            other => panic!("{media_type}: {other:?}"),
        }
    }
}

fn parts(posted: &BTreeMap<&str, &str>) -> (&'static str, Vec<u8>) {
    let boundary = "=_what-nobody-writes-9f3b2c";
    let part = |(name, value): (&&str, &&str)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body: Vec<String> = posted.iter().map(part).chain([format!("--{boundary}--\r\n")]).collect();
    ("multipart/form-data; boundary=\"=_what-nobody-writes-9f3b2c\"", body.concat().into_bytes())
}
