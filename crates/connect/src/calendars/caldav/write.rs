//! An event into a calendar, once.

use super::super::dav;
use super::{Account, Expect, Trouble, Whole, Written, gone, not_let_in, not_read, refused, unreadable};
use crate::words::fit;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};

impl Account {
    pub(super) async fn write(&self, url: Url, ics: &str, expect: Expect<'_>) -> Result<Written, Trouble> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
        let mut expecting = |name: HeaderName, value: &str| match HeaderValue::from_str(value) {
            Ok(value) => Ok(headers.insert(name, value)),
            Err(_) => Err(refused("what is expected there is no ETag")),
        };
        match expect {
            Expect::New => expecting(IF_NONE_MATCH, "*")?,
            Expect::Etag(etag) => expecting(IF_MATCH, etag)?,
            Expect::Any => None,
        };
        let (at, answer) = self.ask("PUT", url, headers, ics).await?;
        match answer.status {
            200..=299 => Ok(Written::Done(match answer.header(&ETAG) {
                Some(etag) => Some(etag.to_owned()),
                // A server that keeps something else than was sent does not say (RFC 4791, section 5.3.4). It is written
                // all the same.
                None => self.there(at).await.ok().flatten().and_then(|(etag, _)| etag),
            })),
            412 => match self.there(at).await? {
                None => Ok(Written::Missing),
                Some((etag, text)) if is_same(&text, ics) => Ok(Written::There(etag)),
                Some(_) => Err(refused("another event has the same name in the calendar: remove it there")),
            },
            _ => Err(self.not_written(&answer)),
        }
    }

    /// What there is, with its `ETag`.
    async fn there(&self, url: Url) -> Result<Option<(Option<String>, String)>, Trouble> {
        let (_, answer) = self.ask("GET", url, HeaderMap::new(), "").await?;
        match answer.status {
            200 => {
                let etag = answer.header(&ETAG).map(str::to_owned);
                Ok(Some((etag, String::from_utf8_lossy(&answer.body).into_owned())))
            }
            404 | 410 => Ok(None),
            _ => Err(not_read(&answer)),
        }
    }

    /// Which condition of RFC 4791, section 5.3.2.1, was not met, or what else there was.
    pub(super) fn not_written(&self, answer: &Whole) -> Trouble {
        let (condition, words) = dav::refusal(&answer.body).unwrap_or_default();
        let words = words.map(|words| fit(&words, &[&self.password])).filter(|words| !words.is_empty());
        match (answer.status, condition.as_str()) {
            (401 | 408 | 421 | 423 | 425 | 429 | 500..=506 | 508.., _) => not_let_in(answer),
            (507, _) => refused("the calendar's server has no room left: make some"),
            (_, "no-uid-conflict") => {
                refused("the event is in the calendar under another name: remove it there, from its bin too")
            }
            (403, "" | "need-privileges") => refused("the calendar is not ours to write into: let its owner allow it"),
            (404 | 409 | 410, "") => gone(),
            (status, _) => {
                let why = words.unwrap_or_else(|| format!("status {status} {condition}").trim_end().to_owned());
                Trouble::Refused(format!("the calendar's server refuses the event: {why}"))
            }
        }
    }
}

pub(super) fn resource(mut collection: Url, name: &str) -> Result<Url, Trouble> {
    if name.is_empty() || name.chars().all(|c| c == '.') {
        return Err(refused("an event needs a name in the calendar"));
    }
    collection.path_segments_mut().map_err(|()| unreadable())?.pop_if_empty().push(name);
    Ok(collection)
}

/// Whether two texts describe the same event. A server may write lines in its own way.
fn is_same(theirs: &str, ours: &str) -> bool {
    let ours = uids(ours);
    !ours.is_empty() && uids(theirs).iter().any(|uid| ours.contains(uid))
}

fn uids(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let uid = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.split(';').next()?.eq_ignore_ascii_case("UID").then(|| value.trim().to_owned())
    };
    text.lines().filter_map(uid).collect()
}
