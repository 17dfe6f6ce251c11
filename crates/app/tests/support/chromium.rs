//! A real browser, and the program that it looks at.

use super::program::{Program, chromedriver};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// What drives browsers whose clock is in a zone.
pub fn driver(zone: &str) -> (Program, String) {
    chromedriver(|command| command.env("TZ", zone))
}

/// A window of a size.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub size: (u32, u32),
    pub scripts: bool,
    pub dark: bool,
}

impl Window {
    pub async fn open(self, driver: &str) -> Client {
        let directory = tempfile::tempdir().unwrap().keep();
        let mut options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            format!("--blink-settings=preferredColorScheme={}", i32::from(!self.dark)),
            format!("--user-data-dir={}", directory.display()),
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
        key(page, "\u{e004}").await;
    }
    panic!("the keyboard does not come to {there}");
}
