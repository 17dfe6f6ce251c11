//! A real browser, and the program that it looks at.

use crate::program::chromedriver;
use crate::running::Running;
use axum::http::Method;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Url;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

pub const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";

/// What drives browsers whose clock is in a zone.
pub fn driver(zone: &str) -> (Running, String) {
    chromedriver(|command| command.env("TZ", zone))
}

/// A window of a size.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub size: (u32, u32),
    pub scripts: bool,
    pub dark: bool,
}

pub const LAPTOP: Window = Window { size: (1280, 900), scripts: true, dark: false };
pub const PHONE: Window = Window { size: (390, 844), scripts: true, dark: false };
pub const SMALL_PHONE_WITHOUT_SCRIPTS: Window = Window { size: (320, 640), scripts: false, dark: false };

impl Window {
    pub async fn open(self, driver: &str) -> Client {
        let mut options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            format!("--blink-settings=preferredColorScheme={}", i32::from(!self.dark)),
        ] });
        if !self.scripts {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        // A window of the desktop is 500 pixels wide at the least; an emulated telephone is as wide as it is.
        options["mobileEmulation"] = json!({ "deviceMetrics": {
            "width": self.size.0, "height": self.size.1, "pixelRatio": 1.0, "touch": false, "mobile": false
        } });
        let capabilities = Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{driver}")).await.expect("chromium")
    }
}

/// Waits until a page says this: a click returns before the page that it leads to is there.
pub async fn says(page: &Client, words: &str) {
    let found = format!("//body[contains(normalize-space(.), \"{words}\")]");
    let found = page.wait().at_most(Duration::from_secs(20)).for_element(Locator::XPath(&found)).await;
    if let Err(error) = found {
        let body = page.find(Locator::Css("body")).await.unwrap().text().await.unwrap();
        panic!("the page does not say {words:?}: {error}\n{body}");
    }
}

/// No page is wider than its window.
pub async fn narrow(page: &Client) {
    let script = "const root = document.documentElement; if (root.scrollWidth <= root.clientWidth) return []; \
        return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > root.clientWidth) \
            .map(e => e.outerHTML.slice(0, 120))";
    let wide = page.execute(script, Vec::new()).await.unwrap();
    assert_eq!(wide, json!([]), "the page is wider than the window: {wide:#}");
}

/// axe-core finds nothing that keeps people from using the page.
pub async fn accessible(page: &Client, what: &str) {
    let node = std::env::var("FIRSTCALL_TEST_NODE").expect("scripts/test sets FIRSTCALL_TEST_NODE");
    let axe = PathBuf::from(node).join("node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(&axe).unwrap_or_else(|error| panic!("{}: {error}", axe.display()));
    page.execute(&axe, Vec::new()).await.unwrap();
    let run = "const done = arguments[arguments.length - 1]; axe.run(document).then(found => done(found.violations.map( \
        one => [one.id, ...one.nodes.map(node => node.html + ' ' + node.failureSummary)])), error => done(String(error)))";
    let found = page.execute_async(run, Vec::new()).await.unwrap();
    assert_eq!(found, json!([]), "{what}: {found:#}");
}

/// The bytes that a page and everything on it took on the wire.
pub async fn transferred(page: &Client) -> u64 {
    let script = "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')] \
        .reduce((sum, one) => sum + one.transferSize, 0)";
    page.execute(script, Vec::new()).await.unwrap().as_u64().unwrap()
}

/// Into the only field of that name.
pub async fn fill(page: &Client, name: &str, text: &str) {
    let field = format!("[name='{name}']");
    page.find(Locator::Css(&field)).await.unwrap_or_else(|_| panic!("no field {name}")).send_keys(text).await.unwrap();
}

/// By a key: where a page scrolls to what is clicked, the click may come before it is there.
pub async fn press(page: &Client, what: &str) {
    let found = page.wait().for_element(Locator::Css(what)).await.unwrap_or_else(|_| panic!("no {what}"));
    found.send_keys(ENTER).await.unwrap();
}

/// What only the browser's own protocol can do.
pub async fn devtools(page: &Client, method: &str, params: &Value) -> Value {
    page.issue_cmd(Devtools(json!({ "cmd": method, "params": params }))).await.unwrap()
}

#[derive(Debug)]
struct Devtools(Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

/// A picture of the page as it is in `docs/pages`. It is taken in every run, and written with `UPDATE=1`; a page of which
/// the documentation has no picture fails.
pub async fn picture(page: &Client, name: &str) {
    let shot = devtools(page, "Page.captureScreenshot", &json!({ "format": "webp", "quality": 60 })).await;
    let shot = BASE64_STANDARD.decode(shot["data"].as_str().expect("a picture")).unwrap();
    assert!(shot.len() > 1_000, "the picture of {name} has {} bytes", shot.len());
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let file = docs.join(format!("pages/{name}.webp"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, shot).unwrap();
    }
    assert!(file.exists(), "no picture of {name}: UPDATE=1 takes it");
    let listed = std::fs::read_to_string(docs.join("pages.md")).unwrap();
    assert!(listed.contains(&format!("(pages/{name}.webp)")), "docs/pages.md does not show {name}");
}

/// How long the page took to show something, at its best of a few times: the machine has other things to do as well.
pub async fn first_paint(page: &Client) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let script = "const done = arguments[arguments.length - 1]; const look = () => { \
            const paint = performance.getEntriesByName('first-contentful-paint')[0]; \
            paint ? done(paint.startTime) : setTimeout(look, 10) }; look()";
        best = page.execute_async(script, Vec::new()).await.unwrap().as_f64().unwrap().min(best);
        if best <= FIRST_PAINT_MS {
            break;
        }
        page.refresh().await.unwrap();
    }
    best
}

/// When a page shows something at the latest, in milliseconds.
pub const FIRST_PAINT_MS: f64 = 500.0;

/// Presses a key where the focus is.
pub async fn key(page: &Client, key: &str) {
    page.active_element().await.unwrap().send_keys(key).await.unwrap();
}

/// Goes on with the tabulator until the focus is where a script says.
pub async fn tab_to(page: &Client, there: &str) {
    for _ in 0..120 {
        let script = format!("const e = document.activeElement; return {there}");
        if page.execute(&script, Vec::new()).await.unwrap() == json!(true) {
            return;
        }
        key(page, TAB).await;
    }
    panic!("the keyboard does not come to {there}");
}
