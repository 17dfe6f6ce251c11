//! Digest access authentication (RFC 7616), which some CalDAV servers ask for instead of Basic: a name and a password as the
//! answer to a challenge.

use crate::signed::hex;
use md5::{Digest, Md5};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use sha2::Sha256;
use std::collections::HashMap;

/// What a server wants to be answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// As the server writes it; none: MD5 (section 3.3).
    algorithm: Option<String>,
    /// Whether `auth` is among the qualities of protection; servers of RFC 2069 know none.
    qop: bool,
}

/// A request that is to be answered for.
pub(super) struct Login<'a> {
    pub(super) name: &'a str,
    pub(super) password: &'a str,
    pub(super) method: &'a str,
    /// Path and query.
    pub(super) target: &'a str,
    /// What nobody can guess.
    pub(super) cnonce: &'a str,
}

impl Challenge {
    /// The best challenge that we can answer: SHA-256 before MD5.
    pub(super) fn best(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let all = lines.flat_map(challenges).filter(|challenge| challenge.hash().is_some());
        all.max_by_key(|challenge| challenge.is("SHA-256"))
    }

    /// The `Authorization` header with which the request is made once more.
    pub(super) fn answer(&self, login: &Login<'_>) -> Option<String> {
        let hash = self.hash()?;
        let Login { name, password, method, target, cnonce } = login;
        let mut secret = hash(&format!("{name}:{}:{password}", self.realm));
        if self.algorithm.as_deref().is_some_and(|name| name.to_ascii_uppercase().ends_with("-SESS")) {
            secret = hash(&format!("{secret}:{}:{cnonce}", self.nonce));
        }
        let request = hash(&format!("{method}:{target}"));
        let middle = if self.qop { format!("{}:{COUNT}:{cnonce}:auth", self.nonce) } else { self.nonce.clone() };
        let response = hash(&format!("{secret}:{middle}:{request}"));
        let mut header = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\"",
            quoted(name),
            quoted(&self.realm),
            quoted(&self.nonce),
            quoted(target),
        );
        let mut add = |part: String| header.extend([", ", &part]);
        if let Some(algorithm) = &self.algorithm {
            add(format!("algorithm={algorithm}"));
        }
        if let Some(opaque) = &self.opaque {
            add(format!("opaque={}", quoted(opaque)));
        }
        if self.qop {
            add(format!("qop=auth, nc={COUNT}, cnonce={}", quoted(cnonce)));
        }
        Some(header)
    }

    fn hash(&self) -> Option<fn(&str) -> String> {
        if self.is("SHA-256") {
            return Some(|text| hex(&Sha256::digest(text)));
        }
        (self.algorithm.is_none() || self.is("MD5")).then_some(|text| hex(&Md5::digest(text)))
    }

    fn is(&self, algorithm: &str) -> bool {
        let name = self.algorithm.as_deref().unwrap_or_default().to_ascii_uppercase();
        name.strip_suffix("-SESS").unwrap_or(&name) == algorithm
    }
}

/// A challenge is answered once.
const COUNT: &str = "00000001";

/// The Digest challenges of a `WWW-Authenticate` header, which may hold several of several schemes (RFC 9110, section
/// 11.6.1).
fn challenges(line: &str) -> Vec<Challenge> {
    let mut all: Vec<(String, HashMap<String, String>)> = Vec::new();
    for part in parts(line) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        // A scheme stands before the first of its parameters.
        let name = match name.trim().rsplit_once(' ') {
            Some((scheme, name)) => {
                all.push((scheme.trim().to_ascii_lowercase(), HashMap::new()));
                name
            }
            None if value.is_empty() => {
                all.push((name.trim().to_ascii_lowercase(), HashMap::new()));
                continue;
            }
            None => name,
        };
        if let Some((_, parameters)) = all.last_mut() {
            parameters.insert(name.trim().to_ascii_lowercase(), unquoted(value.trim()));
        }
    }
    let digests = all.into_iter().filter(|(scheme, _)| scheme == "digest");
    digests.filter_map(|(_, parameters)| challenge(parameters)).collect()
}

fn challenge(mut parameters: HashMap<String, String>) -> Option<Challenge> {
    let qualities = parameters.remove("qop");
    let qop = qualities.as_deref().is_some_and(|all| all.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
    if qualities.is_some() && !qop {
        return None;
    }
    Some(Challenge {
        realm: parameters.remove("realm")?,
        nonce: parameters.remove("nonce")?,
        opaque: parameters.remove("opaque"),
        algorithm: parameters.remove("algorithm"),
        qop,
    })
}

/// What stands between commas that are not quoted.
fn parts(line: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quote, mut escaped) = (Vec::new(), 0, false, false);
    for (at, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quote => escaped = true,
            '"' => quote = !quote,
            ',' if !quote => {
                parts.push(line[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(line[from..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.to_owned() };
    let mut text = String::new();
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    const MUFASA: Login<'_> = Login {
        name: "Mufasa",
        password: "Circle of Life",
        method: "GET",
        target: "/dir/index.html",
        cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    };

    fn best(lines: &[&'static str]) -> Option<Challenge> {
        Challenge::best(&lines.iter().map(|line| (WWW_AUTHENTICATE, HeaderValue::from_static(line))).collect())
    }

    /// RFC 7616, section 3.9.1.
    #[test]
    fn the_answers_are_those_of_the_rfc() {
        let sha = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, \
            nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let md5 = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, \
            nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        for (lines, response) in [
            (&[md5][..], "response=\"8ca523f5e9506fed4657c9700eebdbec\""),
            (&[md5, sha], "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""),
            (&["Basic realm=\"a, Digest b\", charset=\"UTF-8\"", md5], "response=\"8ca523f5e9506fed4657c9700eebdbec\""),
        ] {
            let answer = best(lines).unwrap().answer(&MUFASA).unwrap();
            assert!(answer.contains(response), "{answer}");
            assert!(answer.contains("qop=auth, nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\""));
            assert!(!answer.contains("Circle"));
        }
    }

    /// RFC 2617, section 3.5 (with a quality of protection), and RFC 2069, as its erratum 749 has it (without).
    #[test]
    fn older_servers_are_answered_too() {
        let old = Login { password: "Circle Of Life", cnonce: "0a4f113b", ..MUFASA };
        let line = "Basic realm=\"x\", Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
            nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        assert!(best(&[line]).unwrap().answer(&old).unwrap().contains("6629fae49393a05397450978507c4ef1"));
        let oldest = Login { password: "CircleOfLife", ..MUFASA };
        let line = "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
        let answer = best(&[line]).unwrap().answer(&oldest).unwrap();
        assert!(answer.contains("1949323746fe6a43ef61f9606e7febea") && !answer.contains("qop"), "{answer}");
    }

    #[test]
    fn what_cannot_be_answered_is_not() {
        for line in [
            "Basic realm=\"x\"",
            "Digest realm=\"x\"",
            "Negotiate",
            "",
            "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\"",
            "Digest realm=\"x\", nonce=\"y\", algorithm=SHA-512-256",
        ] {
            assert_eq!(best(&[line]), None, "{line}");
        }
    }
}
