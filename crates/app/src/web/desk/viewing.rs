//! What a viewer gets of a page: all of it but the forms that would change something. The server refuses those anyway; here
//! they are taken out in one place, so that no page can forget to, and nobody finds a button that does nothing.

use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// No page of the desk is longer.
const LONGEST: usize = 8 * 1024 * 1024;

/// Takes the forms out of a page.
pub(super) async fn without_forms(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/html") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(taken_out(&String::from_utf8_lossy(&bytes))))
}

/// What people wrote is escaped in our pages, so that `<form` begins a form of ours. Folded forms go with their fold; of a row
/// in a list, and of a list that can be ordered, the words stay and the buttons go; of others nothing stays. Who signs out
/// changes nothing here.
fn taken_out(html: &str) -> String {
    let unfolded = each_element(html, "details", |fold| if posts(fold) { String::new() } else { fold.to_owned() });
    each_element(&unfolded, "form", |form| {
        let tag = form.split('>').next().unwrap_or_default();
        if !posts(tag) || tag.contains("sign-out") {
            form.to_owned()
        } else if tag.contains("class=\"row\"") || tag.contains("id=\"order\"") {
            words_of(form)
        } else {
            String::new()
        }
    })
}

fn posts(html: &str) -> bool {
    html.contains("method=\"post\"")
}

/// Replaces every element of a kind, none of which holds another one of its kind.
fn each_element(html: &str, name: &str, replace: impl Fn(&str) -> String) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let (mut done, mut rest) = (String::with_capacity(html.len()), html);
    while let Some(start) = rest.find(&open) {
        let Some(length) = rest[start..].find(&close).map(|end| end + close.len()) else { break };
        done.push_str(&rest[..start]);
        done.push_str(&replace(&rest[start..start + length]));
        rest = &rest[start + length..];
    }
    done.push_str(rest);
    done
}

/// A form's words, without what can be pressed or filled in.
fn words_of(form: &str) -> String {
    let inside = form.split_once('>').map_or("", |(_, inside)| inside);
    let mut words = inside.trim_end_matches("</form>").to_owned();
    for name in ["button", "select", "textarea", "label"] {
        words = each_element(&words, name, |_| String::new());
    }
    while let Some(start) = words.find("<input") {
        let Some(end) = words[start..].find('>') else { break };
        words.replace_range(start..=start + end, "");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_changes_something() {
        for (page, left) in [
            (
                "<h1>a</h1><form method=\"post\" action=\"./1/pause\"><button>Pause</button></form><p>b</p>",
                "<h1>a</h1><p>b</p>",
            ),
            (
                "<li><form method=\"post\" class=\"row\">Tue <b>9</b> <input type=\"hidden\" name=\"x\"><button class=\"quiet\">Remove</button></form></li>",
                "<li>Tue <b>9</b> </li>",
            ),
            (
                "<form method=\"post\" id=\"order\"><ol><li>1. Ada <button name=\"up\">↑</button></li></ol></form>",
                "<ol><li>1. Ada </li></ol>",
            ),
            ("<details><summary>Fill</summary><form method=\"post\"></form></details>c", "c"),
            (
                "<details open><summary>Mail</summary>text</details>",
                "<details open><summary>Mail</summary>text</details>",
            ),
            (
                "<form method=\"get\" action=\"\"><button>Ask</button></form>",
                "<form method=\"get\" action=\"\"><button>Ask</button></form>",
            ),
            (
                "<form method=\"post\" action=\"./sign-out\"><button>Sign out</button></form>",
                "<form method=\"post\" action=\"./sign-out\"><button>Sign out</button></form>",
            ),
            ("<form id=\"a\" method=\"post\">x</form><form method=\"post\">y</form>é", "é"),
            ("&lt;form method=&quot;post&quot;&gt; <form", "&lt;form method=&quot;post&quot;&gt; <form"),
        ] {
            assert_eq!(taken_out(page), left);
        }
    }
}
