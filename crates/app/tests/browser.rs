//! The demo in a real browser: a YES is tapped on a phone-sized page without scripts, and the board beside it tells.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A program that is ended when the test ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program and returns what its output says after `mark`, up to a blank.
fn start(command: &mut Command, mark: &str) -> (Program, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("scripts/test installs it");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let program = Program(child);
    let said = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, rest) = line.split_once(mark)?;
        Some(rest.split_whitespace().next()?.trim_end_matches('.').to_owned())
    });
    std::thread::spawn(move || lines.for_each(drop));
    (program, said.expect("it says where it listens"))
}

async fn browser(driver: &str, size: &str, scripts: bool) -> Client {
    let directory = tempfile::tempdir().unwrap().keep();
    let mut options = json!({ "args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        format!("--window-size={size}"), format!("--user-data-dir={}", directory.display()),
    ] });
    if !scripts {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    let capabilities = Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)]);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{driver}")).await.expect("chromium")
}

/// Waits until a page says this: a click returns before the page that it leads to is there.
async fn says(page: &Client, words: &str) {
    let found = format!("//body[contains(., '{words}')]");
    let found = page.wait().at_most(Duration::from_secs(20)).for_element(Locator::XPath(&found)).await;
    found.unwrap_or_else(|error| panic!("the page does not say {words:?}: {error}"));
}

/// Rules 5.1 and 5.2, and the board of the desk: live, without being loaded again.
#[tokio::test]
async fn a_yes_is_tapped_and_the_board_tells() {
    let (_driver, port) = start(Command::new("chromedriver").arg("--port=0"), "started successfully on port ");
    let demo = &mut Command::new(env!("CARGO_BIN_EXE_firstcall"));
    let (_demo, url) = start(demo.args(["demo", "--listen", "127.0.0.1:0"]), "The demo is at ");

    let laptop = browser(&port, "1440,900", true).await;
    laptop.goto(&url).await.unwrap();
    let offer = Locator::XPath("//article[contains(@aria-label, 'Ada')]//a[contains(@href, '/y/')]");
    let offer = laptop.wait().at_most(Duration::from_secs(20)).for_element(offer).await.expect("an offer to Ada");
    let link = offer.attr("href").await.unwrap().expect("a link");
    says(&laptop, "asked").await;

    let phone = browser(&port, "320,640", false).await;
    phone.goto(&link).await.unwrap();
    says(&phone, "Drums").await;
    says(&phone, "10:00–11:00 (New York)").await;
    let width = phone.find(Locator::Css("html")).await.unwrap().rectangle().await.unwrap().2;
    assert!(width <= 500.0, "the page is wider than the window: {width}");
    phone.find(Locator::Css("button")).await.unwrap().click().await.unwrap();
    says(&phone, "You said yes at").await;
    says(&phone, "Your time is held").await;

    let held = Locator::XPath("//li[contains(@class, 'chair') and contains(., 'Drums')]/b[text()='held']");
    laptop.wait().at_most(Duration::from_secs(10)).for_element(held).await.expect("the board tells by itself");
    phone.close().await.unwrap();
    laptop.close().await.unwrap();
}

/// Somebody joins on a phone without scripts, in the demo, and ends on their own page.
#[tokio::test]
async fn somebody_joins_on_a_small_phone_without_scripts() {
    let (_driver, port) = start(Command::new("chromedriver").arg("--port=0"), "started successfully on port ");
    let demo = &mut Command::new(env!("CARGO_BIN_EXE_firstcall"));
    let (_demo, url) = start(demo.args(["demo", "--listen", "127.0.0.1:0"]), "The demo is at ");
    let site = url.trim_end_matches('/').trim_end_matches("/demo").to_owned();
    let phone = browser(&port, "320,640", false).await;
    phone.goto(&format!("{site}/join")).await.unwrap();
    says(&phone, "Join the call list of").await;
    let fill = async |name: &str, text: &str| {
        phone.find(Locator::Id(name)).await.unwrap().send_keys(text).await.unwrap();
    };
    fill("name", "Ines Moreau").await;
    fill("phone", "+12125550177").await;
    phone.find(Locator::Id("plays1")).await.unwrap().select_by_label("violin").await.unwrap();
    press(&phone, "#consent", " ").await;
    narrow(&phone).await;
    press(&phone, "button.big", "\u{e007}").await;
    says(&phone, "We texted you a code.").await;
    narrow(&phone).await;
    let body = phone.find(Locator::Css("main")).await.unwrap().text().await.unwrap();
    let code = body.split("the code is ").nth(1).expect("the demo shows it").split('.').next().unwrap().to_owned();
    fill("code", &code).await;
    press(&phone, "button.big", "\u{e007}").await;
    says(&phone, "Your number is confirmed.").await;
    narrow(&phone).await;
    let away = phone.find(Locator::Id("from")).await.unwrap();
    away.send_keys("12242026").await.unwrap();
    press(&phone, "button[value=away]", "\u{e007}").await;
    says(&phone, "Thu 24 Dec 2026").await;
    phone.close().await.unwrap();
}

async fn narrow(page: &Client) {
    let script = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    let fits = page.execute(script, Vec::new()).await.unwrap();
    assert_eq!(fits, json!(true), "the page is wider than the window");
}

/// By a key: where a page scrolls to what is clicked, the click may come before it is there.
async fn press(page: &Client, what: &str, key: &str) {
    page.find(Locator::Css(what)).await.unwrap().send_keys(key).await.unwrap();
}
