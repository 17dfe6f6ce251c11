//! `WebDAV`'s answer for several resources (RFC 4918, section 13), as far as calendars need it.

use roxmltree::{Document, Node, ParsingOptions};

const DAV: &str = "DAV:";
const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// Apple's, which others took over.
const SERVER: &str = "http://calendarserver.org/ns/";

/// No server needs more: elements in elements, and bytes of one tag. What an answer costs to read grows with their square.
const DEPTH: usize = 32;
const TAG: usize = 2_048;
/// Elements and texts in one answer: some 20,000 entries.
const NODES: u32 = 500_000;

/// What is said of one resource. Only properties with status 200 count.
#[derive(Default)]
pub(super) struct Found {
    pub href: String,
    /// The status of the resource as a whole, where it has one instead of properties.
    pub status: Option<u16>,
    pub is_calendar: bool,
    pub name: Option<String>,
    pub principal: Option<String>,
    pub homes: Vec<String>,
    /// Whether we may write; nobody says in a server without access control.
    pub writable: Option<bool>,
    /// The kinds of entries that it takes; nobody says where it takes all.
    pub kinds: Option<Vec<String>>,
    pub ctag: Option<String>,
    pub sync_token: Option<String>,
    pub etag: Option<String>,
    pub data: Option<String>,
}

impl Found {
    /// By what a change of the collection shows.
    pub(super) fn mark(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.ctag, &self.sync_token].into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join("\n"))
    }

    fn property(&mut self, property: Node<'_, '_>) {
        let tag = property.tag_name();
        match (tag.namespace().unwrap_or_default(), tag.name()) {
            (DAV, "resourcetype") => {
                self.is_calendar = property.children().any(|kind| kind.has_tag_name((CALDAV, "calendar")));
            }
            (DAV, "displayname") => self.name = text(property),
            (DAV, "current-user-principal") => self.principal = hrefs(property).next(),
            (CALDAV, "calendar-home-set") => self.homes = hrefs(property).collect(),
            (DAV, "current-user-privilege-set") => self.writable = Some(may_write(property)),
            (CALDAV, "supported-calendar-component-set") => self.kinds = Some(kinds(property)),
            (SERVER, "getctag") => self.ctag = text(property),
            (DAV, "sync-token") => self.sync_token = text(property),
            (DAV, "getetag") => self.etag = text(property),
            (CALDAV, "calendar-data") => self.data = text(property),
            _ => {}
        }
    }
}

/// All that is said, or nothing where it cannot be read to its end.
pub(super) fn read(body: &[u8]) -> Option<Vec<Found>> {
    let document = document(body)?;
    let root = document.root_element();
    if !root.has_tag_name((DAV, "multistatus")) {
        return None;
    }
    root.children().filter(|each| each.has_tag_name((DAV, "response"))).map(response).collect()
}

fn document(body: &[u8]) -> Option<Document<'_>> {
    let text = std::str::from_utf8(body).ok()?;
    let options = ParsingOptions { nodes_limit: NODES, ..ParsingOptions::default() };
    is_modest(text).then(|| Document::parse_with_options(text, options).ok())?
}

/// Whether it is nested no deeper and has no longer tags than answers have. Whether it is XML is not asked here.
fn is_modest(text: &str) -> bool {
    let (mut rest, mut depth) = (text, 0_usize);
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let apart = [("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")];
        let end = match apart.into_iter().find(|(start, _)| rest.starts_with(start)) {
            Some((_, end)) => rest.find(end),
            None => end_of_tag(rest),
        };
        let Some(end) = end else { return false };
        if rest.starts_with("</") {
            depth = depth.saturating_sub(1);
        } else if !rest.starts_with("<!") && !rest.starts_with("<?") && !rest[..end].ends_with('/') {
            depth += 1;
        }
        if depth > DEPTH {
            return false;
        }
        rest = &rest[end..];
    }
    true
}

/// Where the tag ends that begins here. What is quoted does not end it.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    text.bytes().take(TAG).position(|byte| {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
        quote.is_none() && byte == b'>'
    })
}

fn response(response: Node<'_, '_>) -> Option<Found> {
    let mut found = Found { href: text(child(response, "href")?)?, ..Found::default() };
    if let Some(status) = child(response, "status") {
        found.status = Some(status_of(status)?);
    }
    for propstat in response.children().filter(|each| each.has_tag_name((DAV, "propstat"))) {
        if status_of(child(propstat, "status")?)? == 200 {
            child(propstat, "prop")?.children().for_each(|property| found.property(property));
        }
    }
    Some(found)
}

/// What a server says of its refusal: which condition was not met (RFC 4918, section 16), and words for people, which
/// `SabreDAV` adds.
pub(super) fn refusal(body: &[u8]) -> Option<(String, Option<String>)> {
    let document = document(body)?;
    let root = document.root_element();
    if !root.has_tag_name((DAV, "error")) {
        return None;
    }
    let words = root.children().find(|each| each.tag_name().name() == "message").and_then(text);
    let condition = root.children().find(|each| matches!(each.tag_name().namespace(), Some(DAV | CALDAV)));
    Some((condition.map(|each| each.tag_name().name().to_owned()).unwrap_or_default(), words))
}

fn child<'a, 'd>(of: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    of.children().find(|each| each.has_tag_name((DAV, name)))
}

/// `HTTP/1.1 200 OK`
fn status_of(status: Node<'_, '_>) -> Option<u16> {
    text(status)?.split_whitespace().nth(1)?.parse().ok()
}

fn hrefs(of: Node<'_, '_>) -> impl Iterator<Item = String> {
    of.children().filter(|each| each.has_tag_name((DAV, "href"))).filter_map(text)
}

/// To add an entry one must be allowed to bind it (RFC 3744, section 3.9), alone or as part of more.
fn may_write(privileges: Node<'_, '_>) -> bool {
    let named = |name| privileges.descendants().any(|each| each.has_tag_name((DAV, name)));
    ["bind", "write", "write-content", "all"].into_iter().any(named)
}

fn kinds(set: Node<'_, '_>) -> Vec<String> {
    let named = set.children().filter(|each| each.has_tag_name((CALDAV, "comp")));
    named.filter_map(|each| each.attribute("name")).map(str::to_ascii_uppercase).collect()
}

/// The text in all its pieces, if there is any.
fn text(of: Node<'_, '_>) -> Option<String> {
    let all: String = of.descendants().filter(Node::is_text).filter_map(|each| each.text()).collect();
    let all = all.trim();
    (!all.is_empty()).then(|| all.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// What a server may send costs no more than a moment, whatever it is.
    #[test]
    fn hostile_answers_are_soon_done_with() {
        let many = 60_000;
        let numbered = |what: fn(usize) -> String| (0..many).map(what).collect::<String>();
        for inside in [
            format!("{}{}", "<a>".repeat(many), "</a>".repeat(many)),
            "<a>".repeat(many),
            "<a/>".repeat(many),
            format!("<a {}/>", numbered(|n| format!("a{n}=\"\" "))),
            format!("<a {}/>", numbered(|n| format!("xmlns:a{n}=\"u{n}\" "))),
            numbered(|n| format!("<a xmlns:a{n}=\"u{n}\">")),
            numbered(|n| format!("<a xmlns:a{n}=\"u{n}\"/>")),
            numbered(|n| format!("<a xmlns:a=\"u{n}\"></a>")),
            format!("<a a=\">\" {}/>", numbered(|n| format!("a{n}=\"\" "))),
            format!("<a {}", numbered(|n| format!("a{n}=\"\" "))),
            "<![CDATA[x]]>&amp;<!-- > -->".repeat(many),
            "<![CDATA[".repeat(many),
            "<".repeat(many),
        ] {
            let started = Instant::now();
            let body =
                format!(r#"<multistatus xmlns="DAV:"><response><href>x</href>{inside}</response></multistatus>"#);
            let _ = read(body.as_bytes());
            assert!(started.elapsed() < Duration::from_secs(3), "{}", &inside[..40]);
        }
    }
}
