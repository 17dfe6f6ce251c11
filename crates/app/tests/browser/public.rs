//! The pages of clients and musicians in a real browser: at three sizes, by day and by night, with scripts and without, by
//! keyboard alone, in a frame on another site, and looked through by axe-core.

use crate::chromium::{
    ENTER, FIRST_PAINT_MS, PHONE, SMALL_PHONE_WITHOUT_SCRIPTS, Window, accessible, driver, fill, first_paint, key,
    narrow, picture, press, says, tab_to, transferred,
};
use crate::program::until;
use crate::running::Running;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use fantoccini::{Client, Locator};
use firstcall_store::{Store, Tx, messages};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A studio in New York that is open from ten to two on every day, with a drummer.
struct Studio {
    home: TempDir,
    site: String,
    _program: Running,
}

impl Studio {
    fn open(embed_from: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let roster = "name,phone,instruments\nAda Okafor,+12125550101,drums\n";
        std::fs::write(home.path().join("roster.csv"), roster).unwrap();
        let mut hours = "{".to_owned();
        for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] {
            write!(hours, "{day} = ['10:00-14:00'],").unwrap();
        }
        let hours = format!("{}}}", hours.trim_end_matches(','));
        let firstcall = |arguments: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_firstcall"));
            command
                .args(arguments.split(' '))
                .env("FIRSTCALL__DATABASE__URL", format!("sqlite://{}", Self::file(home.path())));
            command.env("FIRSTCALL__SERVER__LISTEN", "127.0.0.1:0");
            command.env("FIRSTCALL__STUDIO__NAME", "Fern Room").env("FIRSTCALL__STUDIO__COLOUR", "#f2b705");
            command.env("FIRSTCALL__STUDIO__ADDRESS", "14 Canal Yard, New York");
            command.env("FIRSTCALL__STUDIO__OPENING_HOURS", &hours).env("FIRSTCALL__MANAGER__NAME", "Rosa");
            command.env("FIRSTCALL__CALLING__QUIET_HOURS", "off").env("FIRSTCALL__BOOK__EMBED_FROM", embed_from);
            command.current_dir(home.path()).env("HOME", home.path());
            command
        };
        assert!(firstcall("import musicians roster.csv --yes").status().unwrap().success());
        let program = Running::start(&mut firstcall("serve"));
        Self { home, site: program.says("First Call listens on "), _program: program }
    }

    fn file(home: &Path) -> String {
        home.join("firstcall.db").to_str().unwrap().to_owned()
    }

    async fn go(&self, page: &Client, path: &str) {
        page.goto(&format!("{}{path}", self.site)).await.unwrap();
    }

    /// The path of the newest offer to Ada.
    async fn offer(&self) -> String {
        let store = Store::open(&format!("sqlite://{}", Self::file(self.home.path()))).await.unwrap();
        let read = async |tx: &mut Tx| messages::received_by(tx, "+12125550101", 20).await;
        let asked = async || store.read(read).await.unwrap().into_iter().find_map(|text| text.token);
        format!("/y/{}", until("Ada is asked", asked).await)
    }
}

async fn next_month(page: &Client) {
    press(page, "[aria-label='Next month']").await;
    later_month(page).await;
}

/// The calendar shows a month after this one.
async fn later_month(page: &Client) {
    page.wait().for_element(Locator::Css("[aria-label='Month before']:not(:disabled)")).await.unwrap();
}

async fn describe(page: &Client) {
    fill(page, "count-drums", "1").await;
    fill(page, "name", "Tess Granger").await;
    fill(page, "email", "tess@example.com").await;
}

/// Rules 1.1, 2.1, 6.2: from the form on a telephone in Halifax, whose clocks change with the studio's, to the call sheet.
#[tokio::test]
async fn a_client_in_halifax_taps_times_and_gets_a_session() {
    let studio = Studio::open("");
    let (_driver, port) = driver("America/Halifax");
    let page = PHONE.open(&port).await;
    studio.go(&page, "/book").await;
    says(&page, "Times are in your zone, America/Halifax.").await;
    assert!(transferred(&page).await <= 20_000, "{}", transferred(&page).await);
    next_month(&page).await;
    press(&page, ".cal button:not(:disabled)").await;
    says(&page, "11:00 10:00 at the studio").await;
    press(&page, ".slots button:nth-child(1)").await;
    press(&page, ".slots button:nth-child(2)").await;
    says(&page, "2 times chosen:").await;
    says(&page, "11:00 your time (10:00 at the studio)").await;
    narrow(&page).await;
    accessible(&page, "the calendar").await;
    press(&page, ".chosen li:nth-child(2) button").await;
    says(&page, "1 time chosen:").await;
    describe(&page).await;
    press(&page, "button.big").await;
    says(&page, "We are asking musicians for").await;
    says(&page, "10:00–11:00 (New York)").await;
    says(&page, "11:00–12:00 (Halifax)").await;
    assert!(transferred(&page).await <= 20_000);
    let client = page.current_url().await.unwrap().path().to_owned();
    studio.go(&page, &studio.offer().await).await;
    assert!(transferred(&page).await <= 20_000);
    press(&page, "button.big").await;
    says(&page, "The session is confirmed.").await;
    studio.go(&page, &client).await;
    says(&page, "Your session is booked:").await;
    says(&page, "Drums: Ada").await;
    narrow(&page).await;
    fill(&page, "message", "Could we begin later?").await;
    press(&page, "form button").await;
    says(&page, "Your message was passed on to Rosa").await;
    press(&page, "a.big").await;
    says(&page, "Change or cancel").await;
    assert!(transferred(&page).await <= 20_000);
    page.close().await.unwrap();
}

/// The same without scripts, on the smallest telephone: another week and another zone lose nothing that was typed.
#[tokio::test]
async fn a_client_without_scripts_ticks_times() {
    let studio = Studio::open("");
    let (_driver, port) = driver("America/Halifax");
    let page = SMALL_PHONE_WITHOUT_SCRIPTS.open(&port).await;
    studio.go(&page, "/book").await;
    describe(&page).await;
    narrow(&page).await;
    press(&page, "details:last-of-type summary").await;
    let box_of = "details:last-of-type input[name=time]";
    page.find(Locator::Css(box_of)).await.unwrap().send_keys(" ").await.unwrap();
    let zone = page.find(Locator::Id("zone")).await.unwrap();
    zone.clear().await.unwrap();
    zone.send_keys("Halifax").await.unwrap();
    press(&page, "button[value=later]").await;
    says(&page, "in Halifax time, beside the studio").await;
    narrow(&page).await;
    let kept = page.find(Locator::Css("#when > label input:checked")).await;
    kept.expect("the time of the week before is still chosen");
    assert_eq!(page.find(Locator::Id("name")).await.unwrap().prop("value").await.unwrap().unwrap(), "Tess Granger");
    press(&page, "details:first-of-type summary").await;
    says(&page, "11:00 10:00 at the studio").await;
    press(&page, "button.big").await;
    says(&page, "We are asking musicians for").await;
    narrow(&page).await;
    page.close().await.unwrap();
}

/// Everything can be reached and done by keyboard alone.
#[tokio::test]
async fn a_client_books_by_keyboard_alone() {
    let studio = Studio::open("");
    let (_driver, port) = driver("America/New_York");
    let page = Window { size: (1280, 900), scripts: true, dark: true }.open(&port).await;
    studio.go(&page, "/book").await;
    says(&page, "Choose a day.").await;
    tab_to(&page, "e.name === 'count-drums'").await;
    key(&page, "1").await;
    tab_to(&page, "e.getAttribute('aria-label') === 'Next month'").await;
    key(&page, ENTER).await;
    later_month(&page).await;
    tab_to(&page, "Boolean(e.dataset.day)").await;
    key(&page, "\u{e014}").await;
    key(&page, "\u{e015}").await;
    key(&page, ENTER).await;
    says(&page, "Times on").await;
    let day = page.execute("return document.activeElement.dataset.day.slice(8)", Vec::new()).await.unwrap();
    assert_eq!(day, "09", "one to the right of the first, and a week on");
    tab_to(&page, "Boolean(e.dataset.at)").await;
    key(&page, " ").await;
    says(&page, "1 time chosen:").await;
    tab_to(&page, "e.id === 'name'").await;
    key(&page, "Tess Granger").await;
    tab_to(&page, "e.id === 'email'").await;
    key(&page, "tess@example.com").await;
    key(&page, ENTER).await;
    says(&page, "We are asking musicians for").await;
    page.close().await.unwrap();
}

/// axe-core, and no page wider than its window: every public page, by day and by night.
#[tokio::test]
async fn every_page_can_be_used_by_everybody() {
    let studio = Studio::open("");
    let (_driver, port) = driver("America/New_York");
    let mut client = String::new();
    for (size, dark) in [((320, 640), true), ((390, 844), false), ((1280, 900), true), ((1280, 900), false)] {
        let page = Window { size, scripts: true, dark }.open(&port).await;
        let look = async |what: &str| {
            narrow(&page).await;
            accessible(&page, &format!("{what} at {size:?}, dark: {dark}")).await;
        };
        studio.go(&page, "/book").await;
        says(&page, "Choose a day.").await;
        next_month(&page).await;
        press(&page, ".cal button:not(:disabled)").await;
        press(&page, ".slots button").await;
        look("the form").await;
        if size == PHONE.size {
            picture(&page, "book").await;
        }
        page.execute("document.getElementById('book').noValidate = true", Vec::new()).await.unwrap();
        press(&page, "button.big").await;
        says(&page, "Please write your name.").await;
        says(&page, "1 time chosen:").await;
        look("what is wrong").await;
        if client.is_empty() {
            describe(&page).await;
            press(&page, "button.big").await;
            says(&page, "We are asking musicians for").await;
            client = page.current_url().await.unwrap().path().to_owned();
        }
        let offer = studio.offer().await;
        for path in [&client, &offer, "/join", "/c/AAAAAAAAAAAAAAAAAAAAAA", "/book?embed=1"] {
            studio.go(&page, path).await;
            look(path).await;
            let shown = [(client.as_str(), "client"), (offer.as_str(), "offer"), ("/join", "join")];
            if let Some((_, name)) = shown.iter().find(|shown| size == PHONE.size && shown.0 == path) {
                let paint = first_paint(&page).await;
                assert!(paint <= FIRST_PAINT_MS, "{name} shows nothing for {paint} ms");
                picture(&page, name).await;
            }
        }
        if dark && size.0 == 1280 {
            studio.go(&page, &offer).await;
            press(&page, "button.big").await;
            says(&page, "The session is confirmed.").await;
        }
        for path in [&offer, &offer.replacen("/y/", "/s/", 1), &client, &client.replacen("/c/", "/s/", 1)] {
            studio.go(&page, path).await;
            look(path).await;
        }
        if !dark && size == (1280, 900) {
            studio.go(&page, &offer.replacen("/y/", "/s/", 1)).await;
            picture(&page, "call-sheet").await;
        }
        page.close().await.unwrap();
    }
    // Without scripts the form is another one; axe-core needs scripts, so what the program sent is put back.
    let page = PHONE.open(&port).await;
    studio.go(&page, "/book").await;
    says(&page, "Choose a day.").await;
    let put_back = "const done = arguments[arguments.length - 1]; fetch('/book?zone=Europe/Paris').then(page => page.text()) \
        .then(text => { const sent = new DOMParser().parseFromString(text, 'text/html').querySelector('main'); \
        document.querySelector('main').replaceWith(sent); done(true); })";
    page.execute_async(put_back, Vec::new()).await.unwrap();
    press(&page, "summary").await;
    says(&page, "at the studio").await;
    narrow(&page).await;
    accessible(&page, "the form without scripts").await;
    page.close().await.unwrap();
}

/// The form works in a frame on a site that the settings name, and only there.
#[tokio::test]
async fn the_form_works_in_a_frame_on_the_studio_s_own_site() {
    let (_driver, port) = driver("America/New_York");
    let (own, foreign) = (frames().await, frames().await);
    let studio = Studio::open(&own.origin);
    let page = PHONE.open(&port).await;
    for site in [&own, &foreign] {
        *site.frame.lock().unwrap() = format!("{}/book?embed=1", studio.site);
    }
    page.goto(&foreign.origin).await.unwrap();
    page.find(Locator::Css("iframe")).await.unwrap().enter_frame().await.unwrap();
    assert!(page.find(Locator::Id("book")).await.is_err(), "another site shows the form in a frame");
    page.goto(&own.origin).await.unwrap();
    page.find(Locator::Css("iframe")).await.unwrap().enter_frame().await.unwrap();
    says(&page, "Choose a day.").await;
    assert!(page.find(Locator::Css("header")).await.is_err(), "a frame has no header");
    next_month(&page).await;
    press(&page, ".cal button:not(:disabled)").await;
    press(&page, ".slots button").await;
    describe(&page).await;
    press(&page, "button.big").await;
    says(&page, "We are asking musicians for").await;
    fill(&page, "message", "Hello").await;
    press(&page, "form button").await;
    says(&page, "Your message was passed on").await;
    page.close().await.unwrap();
}

/// A site whose only page has a frame.
struct Site {
    origin: String,
    frame: std::sync::Arc<std::sync::Mutex<String>>,
}

async fn frames() -> Site {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let frame = std::sync::Arc::<std::sync::Mutex<String>>::default();
    let shown = std::sync::Arc::clone(&frame);
    let page = move || async move {
        Html(format!(
            "<!doctype html><title>x</title><iframe src=\"{}\" width=380 height=700></iframe>",
            shown.lock().unwrap()
        ))
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(page))).await });
    Site { origin, frame }
}
