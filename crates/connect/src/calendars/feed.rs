//! A calendar that is published under an address (webcal: and https:), often a secret one.

use super::{Ask, Fetched, Trouble, Web, by_status, later, refused};
use reqwest::header::{
    ACCEPT, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use reqwest::{Method, Url};
use std::fmt;

/// A calendar to read. Whoever knows its address can read it too.
#[derive(Clone)]
pub struct Feed {
    url: Url,
    web: Web,
}

/// By what a server knows what we have (RFC 9110, section 8.8), in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`
    pub etag: Option<String>,
    /// `Last-Modified`
    pub last_modified: Option<String>,
}

impl Feed {
    /// A feed with the address that somebody entered.
    ///
    /// # Errors
    /// [`Trouble::Refused`] where the address is none, or not one that may be read.
    pub fn new(entered: &str, web: Web) -> Result<Self, Trouble> {
        let url = web.address(&with_https(entered.trim()))?;
        Ok(Self { url, web })
    }

    /// Reads it, unless it is as it was when a server gave us `known`.
    ///
    /// # Errors
    /// Then nothing is known of it.
    pub async fn fetch(&self, known: &Validators) -> Result<Fetched<Validators>, Trouble> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/calendar, */*;q=0.1"));
        let known = [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.last_modified)];
        for (name, value) in known {
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        let asked = headers.len() > 1;
        let ask = Ask { method: Method::GET, headers, body: "", user: None };
        let (_, answer) = self.web.in_time(self.web.ask(self.url.clone(), &ask, |_| Ok(()))).await?;
        let validator = |name: HeaderName| answer.header(&name).map(str::to_owned);
        match answer.status {
            200 => {
                let validators = Validators { etag: validator(ETAG), last_modified: validator(LAST_MODIFIED) };
                Ok(Fetched::Text { bytes: answer.body, mark: validators })
            }
            304 if asked => Ok(Fetched::Unchanged),
            304 => Err(later("the calendar's server says that nothing has changed, which nobody asked")),
            401 | 403 => Err(refused(
                "the calendar's server does not let us read it: publish it again and enter its new address",
            )),
            404 | 410 => {
                Err(refused("the calendar is not at its address any more: publish it again and enter its new address"))
            }
            _ => Err(by_status(&answer)),
        }
    }
}

/// The schemes that programs take as a wish to subscribe.
fn with_https(entered: &str) -> String {
    let rest = entered
        .split_once("://")
        .filter(|(scheme, _)| ["webcal", "webcals"].iter().any(|each| scheme.eq_ignore_ascii_case(each)));
    rest.map_or_else(|| entered.to_owned(), |(_, rest)| format!("https://{rest}"))
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reach;
    use super::*;

    #[test]
    fn a_wish_to_subscribe_is_an_address() {
        let web = Web::new(Reach::default()).unwrap();
        for (entered, url) in [
            ("webcal://example.com/a.ics?t=1", "https://example.com/a.ics?t=1"),
            (" WebCals://example.com/a.ics\n", "https://example.com/a.ics"),
            ("HTTPS://Example.com", "https://example.com/"),
        ] {
            assert_eq!(Feed::new(entered, web.clone()).unwrap().url.as_str(), url);
        }
        for entered in ["", "example.com/a.ics", "webcal:a.ics", "ftp://example.com/", "file:///etc/passwd", "https://"]
        {
            assert!(matches!(Feed::new(entered, web.clone()), Err(Trouble::Refused(_))), "{entered}");
        }
    }
}
