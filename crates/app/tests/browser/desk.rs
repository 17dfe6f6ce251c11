//! The program in a real browser: musicians' pages on a phone-sized window without scripts, and the desk with and without.

use crate::chromium::{
    ENTER, FIRST_PAINT_MS, LAPTOP, PHONE, SMALL_PHONE_WITHOUT_SCRIPTS, Window, accessible, devtools, driver, fill,
    first_paint, key, narrow, picture, press, says, tab_to,
};
use crate::program::{post, until};
use crate::running::Running;
use fantoccini::{Client, Locator};
use serde_json::json;
use std::process::Command;
use std::time::Duration;

const ZONE: &str = "America/New_York";

/// Rules 5.1 and 5.2, and the board of the desk: live, without being loaded again.
#[tokio::test]
async fn a_yes_is_tapped_and_the_board_tells() {
    let (_driver, port) = driver(ZONE);
    let (_demo, site) = demo().await;
    let laptop = LAPTOP.open(&port).await;
    laptop.goto(&format!("{site}/demo")).await.unwrap();
    let offer = Locator::XPath("//article[contains(@aria-label, 'Ada')]//a[contains(@href, '/y/')]");
    let offer = laptop.wait().at_most(Duration::from_secs(20)).for_element(offer).await.expect("an offer to Ada");
    let link = offer.attr("href").await.unwrap().expect("a link");
    says(&laptop, "asked").await;

    let phone = SMALL_PHONE_WITHOUT_SCRIPTS.open(&port).await;
    phone.goto(&link).await.unwrap();
    says(&phone, "Drums").await;
    says(&phone, "10:00–11:00 (New York)").await;
    narrow(&phone).await;
    press(&phone, "button").await;
    says(&phone, "You said yes at").await;
    says(&phone, "Your time is held").await;

    let held = Locator::XPath("//li[contains(@class, 'chair') and contains(., 'Drums')]/b[text()='held']");
    laptop.wait().at_most(Duration::from_secs(20)).for_element(held).await.expect("the board tells by itself");
    phone.close().await.unwrap();
    laptop.close().await.unwrap();
}

/// Somebody joins on a phone without scripts, in the demo, and ends on their own page.
#[tokio::test]
async fn somebody_joins_on_a_small_phone_without_scripts() {
    let (_driver, port) = driver(ZONE);
    let (_demo, site) = demo().await;
    let phone = SMALL_PHONE_WITHOUT_SCRIPTS.open(&port).await;
    phone.goto(&format!("{site}/join")).await.unwrap();
    says(&phone, "Join the call list of").await;
    fill(&phone, "name", "Ines Moreau").await;
    fill(&phone, "phone", "+12125550177").await;
    phone.find(Locator::Id("plays1")).await.unwrap().select_by_label("violin").await.unwrap();
    phone.find(Locator::Id("consent")).await.unwrap().send_keys(" ").await.unwrap();
    narrow(&phone).await;
    press(&phone, "button.big").await;
    says(&phone, "We texted you a code.").await;
    narrow(&phone).await;
    let body = phone.find(Locator::Css("main")).await.unwrap().text().await.unwrap();
    let code = body.split("the code is ").nth(1).expect("the demo shows it").split('.').next().unwrap().to_owned();
    fill(&phone, "code", &code).await;
    press(&phone, "button.big").await;
    says(&phone, "Your number is confirmed.").await;
    narrow(&phone).await;
    let own = phone.current_url().await.unwrap();
    let away = phone.find(Locator::Id("from")).await.unwrap();
    away.send_keys("12242026").await.unwrap();
    press(&phone, "button[value=away]").await;
    says(&phone, "Thu 24 Dec 2026").await;
    phone.close().await.unwrap();
    let phone = PHONE.open(&port).await;
    for page in ["", "/data", "/delete"] {
        phone.goto(&format!("{own}{page}")).await.unwrap();
        narrow(&phone).await;
        accessible(&phone, &format!("/me{page}")).await;
    }
    phone.goto(own.as_str()).await.unwrap();
    picture(&phone, "me").await;
    phone.close().await.unwrap();
}

/// The demo, whose clock runs as the one on the wall, so that nothing happens only because a test takes long: its address.
async fn demo() -> (Running, String) {
    let demo = &mut Command::new(env!("CARGO_BIN_EXE_firstcall"));
    let demo = Running::start(demo.args(["demo", "--listen", "127.0.0.1:0"]));
    let site = demo.says("The demo is at ").trim_end_matches('/').trim_end_matches("/demo").to_owned();
    let slowed = post(&format!("{site}/demo/speed"), "application/x-www-form-urlencoded", "speed=1").await;
    assert_eq!(slowed, 200);
    (demo, site)
}

/// Pages of the desk: each is held against axe-core, the width of a small phone, and the size that it may have.
const DESK: [&str; 23] = [
    "/",
    "/bookings",
    "/bookings/1",
    "/bookings/1/cancel",
    "/bookings/new",
    "/demo",
    "/inbox",
    "/inbox/words",
    "/messages",
    "/messages/1",
    "/roster",
    "/roster/1",
    "/roster/1/edit",
    "/roster/new",
    "/roster/import",
    "/roster/instruments",
    "/roster/lists/drums",
    "/availability",
    "/studio",
    "/settings/studio",
    "/settings/texts",
    "/set-up",
    "/diagnostics",
];
/// A page of the desk and everything that it loads has no more bytes.
const MOST_BYTES: u64 = 100 * 1024;

/// The demo's first booking is there.
async fn first_booking(page: &Client, site: &str) {
    let there = async || {
        page.goto(&format!("{site}/bookings/1")).await.unwrap();
        page.find(Locator::Id("glance")).await.ok()
    };
    until("the demo's booking", there).await;
}

/// Every page can be used by whoever cannot see it, or not well, in light and dark; is there at once, and small.
#[tokio::test]
async fn the_desk_s_pages_are_accessible_narrow_and_small() {
    let (_driver, port) = driver(ZONE);
    let (_demo, site) = demo().await;
    for dark in [false, true] {
        let page = Window { dark, ..LAPTOP }.open(&port).await;
        first_booking(&page, &site).await;
        for path in DESK {
            page.goto(&format!("{site}{path}")).await.unwrap();
            if !dark {
                let paint = first_paint(&page).await;
                assert!(paint <= FIRST_PAINT_MS, "{path} shows nothing for {paint} ms");
                picture(&page, &pictured(path)).await;
            }
            accessible(&page, &format!("{path}, dark: {dark}")).await;
        }
        page.close().await.unwrap();
    }
    let page = Window { size: (320, 640), ..PHONE }.open(&port).await;
    for path in DESK {
        page.goto(&format!("{site}{path}")).await.unwrap();
        narrow(&page).await;
        let sizes = "return performance.getEntries().reduce((sum, one) => sum + (one.encodedBodySize || 0), 0)";
        let bytes = page.execute(sizes, Vec::new()).await.unwrap().as_u64().unwrap();
        assert!(bytes > 2_000 && bytes <= MOST_BYTES, "{path} loads {bytes} bytes");
    }
    page.close().await.unwrap();
    let page = PHONE.open(&port).await;
    for path in ["/", "/bookings/1"] {
        page.goto(&format!("{site}{path}")).await.unwrap();
        picture(&page, &format!("{}-phone", pictured(path))).await;
    }
    page.close().await.unwrap();
}

/// "/roster/1/edit" is in the picture "roster-1-edit".
fn pictured(path: &str) -> String {
    if path == "/" { "today".to_owned() } else { path.trim_matches('/').replace('/', "-") }
}

/// Opens a part of a booking's page by its summary, fills in its form, and sends it.
async fn act(page: &Client, site: &str, part: &str, fields: &[(&str, &str)], button: &str) {
    page.goto(&format!("{site}/bookings/1")).await.unwrap();
    press(page, &format!("#{part} summary")).await;
    for (field, text) in fields {
        page.find(Locator::Id(field)).await.unwrap().send_keys(text).await.unwrap();
    }
    press(page, &format!("#{part} {button}")).await;
}

/// Rule 7.2, on a laptop with scripts and on a phone without: every act of the page, and the way back.
#[tokio::test]
async fn every_act_is_done_by_a_form_with_and_without_scripts() {
    let (_driver, port) = driver(ZONE);
    for window in [LAPTOP, Window { scripts: false, ..PHONE }] {
        let (_demo, site) = demo().await;
        let page = window.open(&port).await;
        first_booking(&page, &site).await;
        press(&page, "#pause button").await;
        says(&page, "Resume").await;
        press(&page, "#resume button").await;
        says(&page, "Pause").await;
        act(&page, &site, "add", &[("add-at", "12102026\u{e004}0200PM"), ("add-length", "2h")], "button").await;
        says(&page, "Adding Thu 10 Dec, 14:00–16:00").await;
        press(&page, "#undo button").await;
        gone(&page, "#undo").await;
        act(&page, &site, "ask", &[("who-drums", "Ben")], "form button").await;
        says(&page, "Asking Ben Castellano for drums").await;
        // Another act does the one that waits.
        act(&page, &site, "answer", &[], "button[value=yes]").await;
        says(&page, "Ben Castellano is asked: drums").await;
        says(&page, "Ada Okafor said yes").await;
        act(&page, &site, "release", &[], "button").await;
        says(&page, "Taking drums back").await;
        act(&page, &site, "drop", &[], "button").await;
        says(&page, "Dropping Tue 8 Dec").await;
        press(&page, "#next button").await;
        says(&page, "Asking the next musicians").await;
        press(&page, "#undo button").await;
        gone(&page, "#undo").await;
        page.goto(&format!("{site}/bookings/1/cancel")).await.unwrap();
        press(&page, "button.danger").await;
        says(&page, "Cancelling the booking").await;
        // The same once more: the first is done now, and the second is impossible.
        page.goto(&format!("{site}/bookings/1/cancel")).await.unwrap();
        press(&page, "button.danger").await;
        says(&page, "It is cancelled already").await;
        page.close().await.unwrap();
    }
}

/// Rules 7.2 and 7.3, with scripts and without: why somebody cannot be had, chairs that are filled without asking, and the
/// session that is booked with the last of them moved.
#[tokio::test]
async fn a_session_is_filled_by_hand_and_moved() {
    let (_driver, port) = driver(ZONE);
    for window in [LAPTOP, Window { scripts: false, ..PHONE }] {
        let (_demo, site) = demo().await;
        let page = window.open(&port).await;
        first_booking(&page, &site).await;
        act(&page, &site, "why", &[("why-who", "Ben"), ("why-at", "12082026\u{e004}1000AM")], "button").await;
        says(&page, "No calendar is connected").await;
        for (instrument, giving) in
            [("drums", "Giving drums"), ("upright_bass", "Giving upright bass"), ("live_piano", "Giving live piano")]
        {
            // Another act does the one that waits.
            act(&page, &site, "ask", &[], &format!("#ask-{instrument} button[formaction]")).await;
            says(&page, giving).await;
        }
        let booked = async || {
            page.goto(&format!("{site}/bookings/1")).await.unwrap();
            page.find(Locator::Id("move")).await.ok()
        };
        until("the session is booked", booked).await;
        act(&page, &site, "move", &[("move-at", "12102026\u{e004}0200PM")], "button").await;
        says(&page, "Moving").await;
        press(&page, "#undo button").await;
        gone(&page, "#undo").await;
        page.close().await.unwrap();
    }
}

async fn gone(page: &Client, what: &str) {
    until(&format!("a page without {what}"), async || page.find(Locator::Css(what)).await.err()).await;
}

/// Two windows: what is done in one is seen in the other, where somebody is typing and a part is open; the line is lost and
/// comes back.
#[tokio::test]
async fn a_second_window_follows_and_leaves_what_is_typed() {
    let (_driver, port) = driver(ZONE);
    let (_demo, site) = demo().await;
    let (one, two) = (LAPTOP.open(&port).await, LAPTOP.open(&port).await);
    first_booking(&one, &site).await;
    first_booking(&two, &site).await;
    press(&two, "#add summary").await;
    two.find(Locator::Id("add-length")).await.unwrap().send_keys("90m").await.unwrap();
    press(&one, "#pause button").await;
    says(&two, "Resume").await;
    says(&two, "Paused.").await;
    let typed = two.find(Locator::Id("add-length")).await.unwrap().prop("value").await.unwrap();
    assert_eq!(typed.as_deref(), Some("90m"));
    let focused = two.execute("return document.activeElement.id + document.getElementById('add').open", Vec::new());
    assert_eq!(focused.await.unwrap(), json!("add-lengthtrue"));
    let title = two.title().await.unwrap();
    assert!(title.starts_with("0/3 · paused · #1"), "{title}");
    let offline =
        |offline| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    devtools(&two, "Network.enable", &json!({})).await;
    devtools(&two, "Network.emulateNetworkConditions", &offline(true)).await;
    two.execute("document.getElementById('connection')._htmx.sse.reader.cancel()", Vec::new()).await.unwrap();
    says(&two, "Connection lost").await;
    press(&one, "#resume button").await;
    says(&one, "Resumed.").await;
    devtools(&two, "Network.emulateNetworkConditions", &offline(false)).await;
    says(&two, "Resumed.").await;
    one.close().await.unwrap();
    two.close().await.unwrap();
}

/// A conversation that is open goes on by itself, also while somebody types a reply.
#[tokio::test]
async fn a_conversation_goes_on_in_an_open_window() {
    let (_driver, port) = driver(ZONE);
    let (_demo, site) = demo().await;
    let (desk, phones) = (LAPTOP.open(&port).await, LAPTOP.open(&port).await);
    first_booking(&desk, &site).await;
    desk.goto(&format!("{site}/messages/1")).await.unwrap();
    fill(&desk, "words", "Is the kit").await;
    phones.goto(&format!("{site}/demo")).await.unwrap();
    let reply = phones.find(Locator::Css("[aria-label='Text from Ada Okafor']")).await.unwrap();
    reply.send_keys("How long is the drive?\u{e007}").await.unwrap();
    says(&desk, "How long is the drive?").await;
    says(&desk, "Done: no reply needed").await;
    let typed = desk.find(Locator::Id("words")).await.unwrap().prop("value").await.unwrap();
    assert_eq!(typed.as_deref(), Some("Is the kit"));
    desk.close().await.unwrap();
    phones.close().await.unwrap();
}

/// With Tab and Enter alone, somebody is asked.
#[tokio::test]
async fn an_act_is_done_by_keyboard_alone() {
    let (_driver, port) = driver(ZONE);
    let (_demo, site) = demo().await;
    let page = LAPTOP.open(&port).await;
    first_booking(&page, &site).await;
    tab_to(&page, "e.tagName === 'SUMMARY' && e.parentElement.id === 'ask'").await;
    key(&page, ENTER).await;
    tab_to(&page, "e.id === 'who-drums'").await;
    key(&page, "B").await;
    tab_to(&page, "e.tagName === 'BUTTON' && e.form.id === 'ask-drums'").await;
    key(&page, ENTER).await;
    says(&page, "Asking Ben Castellano for drums").await;
    page.close().await.unwrap();
}
