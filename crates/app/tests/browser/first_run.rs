//! As a new manager goes: from an empty machine to the first booked session, and on to every other part of the desk.

use crate::chromium::{
    ENTER, LAPTOP, PHONE, SMALL_PHONE_WITHOUT_SCRIPTS, Window, accessible, driver, fill, narrow, picture, press, says,
};
use crate::program::{post, until};
use crate::running::Running;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::{Client, Locator};
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::json;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const PASSWORD: &str = "four quiet oboes play";

/// A machine on which the program runs for the first time.
struct Machine {
    home: TempDir,
    site: String,
    first_link: String,
    _program: Running,
}

impl Machine {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_firstcall"));
        serve
            .arg("serve")
            .env("FIRSTCALL__SERVER__LISTEN", "127.0.0.1:0")
            .env("FIRSTCALL__CALLING__QUIET_HOURS", "off");
        serve.current_dir(home.path()).env("HOME", home.path());
        let program = Running::start(&mut serve);
        let site = program.says("First Call listens on ");
        let first_link = format!("/first-run/{}", program.says("/first-run/"));
        Self { home, site, first_link, _program: program }
    }

    async fn go(&self, page: &Client, path: &str) {
        page.goto(&format!("{}{path}", self.site)).await.unwrap();
    }

    /// The first manager has an account, and Ada and Ben are on the roster.
    async fn is_set_up(&self, page: &Client) {
        self.go(page, &self.first_link).await;
        takes_an_account(page, "Rosa").await;
        says(page, "Set-up").await;
        self.imports(page).await;
    }

    async fn imports(&self, page: &Client) {
        let list = self.home.path().join("musicians.csv");
        std::fs::write(&list, "name,phone,instruments\nAda Okafor,+12125550101,drums\nBen Castle,+12125550102,drums\n")
            .unwrap();
        self.go(page, "/roster/import").await;
        fill(page, "file", list.to_str().unwrap()).await;
        press(page, "main button.main").await;
        says(page, "2 to add").await;
        press(page, "main button.main").await;
        says(page, "To the roster").await;
    }

    /// The link in the newest text to a musician, as it stands on the desk.
    async fn offer(&self, desk: &Client, musician: u32) -> String {
        let asked = async || {
            self.go(desk, &format!("/messages/{musician}")).await;
            let text = text_of(desk, "#talk").await;
            let (_, token) = text.rsplit_once("/y/")?;
            Some(format!("/y/{}", token.split_whitespace().next()?))
        };
        until("an offer", asked).await
    }
}

async fn text_of(page: &Client, what: &str) -> String {
    page.find(Locator::Css(what)).await.unwrap_or_else(|_| panic!("no {what}")).text().await.unwrap()
}

async fn takes_an_account(page: &Client, name: &str) {
    fill(page, "name", name).await;
    fill(page, "password", PASSWORD).await;
    fill(page, "again", PASSWORD).await;
    press(page, "button.big").await;
}

/// Ten in the morning in ten days, as somebody types it.
fn in_ten_days() -> String {
    let day: Zoned = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).checked_add(10.days()).unwrap();
    format!("{} 10:00", day.date())
}

/// The link that is opened once, the set-up, a list of musicians, a booking typed in, and a YES on a telephone.
#[tokio::test]
async fn from_an_empty_machine_to_the_first_booked_session() {
    let machine = Machine::new();
    let (_driver, port) = driver("America/New_York");
    let desk = LAPTOP.open(&port).await;
    machine.go(&desk, &machine.first_link).await;
    says(&desk, "Create the first manager").await;
    accessible(&desk, "the first run").await;
    picture(&desk, "first-run").await;
    takes_an_account(&desk, "Rosa").await;
    says(&desk, "0 of 7 done").await;
    machine.go(&desk, "/settings/studio?next=set-up").await;
    says(&desk, "Address").await;
    let name = desk.find(Locator::Id("studio.name")).await.unwrap();
    name.clear().await.unwrap();
    name.send_keys("Fern Room").await.unwrap();
    fill(&desk, "studio.address", "14 Canal Yard, New York").await;
    press(&desk, "main button.main").await;
    says(&desk, "1 of 7 done").await;
    machine.go(&desk, "/settings/manager?next=set-up").await;
    fill(&desk, "manager.phone", "+12125550199").await;
    press(&desk, "main button.main").await;
    says(&desk, "2 of 7 done").await;
    machine.imports(&desk).await;
    machine.go(&desk, "/set-up").await;
    says(&desk, "2 musicians can be asked.").await;
    accessible(&desk, "the set-up").await;
    picture(&desk, "set-up").await;

    machine.go(&desk, "/bookings/new").await;
    fill(&desk, "name", "Tess Granger").await;
    fill(&desk, "email", "tess@example.com").await;
    fill(&desk, "count.drums", "1").await;
    fill(&desk, "times", &in_ten_days()).await;
    press(&desk, "main button.main").await;
    says(&desk, "Ada Okafor").await;
    let offer = machine.offer(&desk, 1).await;
    machine.go(&desk, "/phones").await;
    says(&desk, "Fern Room: Drums").await;
    accessible(&desk, "the phones").await;
    picture(&desk, "phones").await;
    machine.go(&desk, "/bookings/1").await;
    let phone = SMALL_PHONE_WITHOUT_SCRIPTS.open(&port).await;
    machine.go(&phone, &offer).await;
    says(&phone, "Fern Room").await;
    press(&phone, "button.big").await;
    says(&phone, "The session is confirmed.").await;
    says(&desk, "yes at").await;
    phone.close().await.unwrap();
    desk.close().await.unwrap();
}

/// A mail that is doubtful is mended beside its original, and books; another is put aside and brought back.
#[tokio::test]
async fn a_doubtful_mail_is_mended() {
    let machine = Machine::new();
    let (_driver, port) = driver("America/New_York");
    let desk = LAPTOP.open(&port).await;
    machine.is_set_up(&desk).await;
    machine.go(&desk, "/set-up").await;
    press(&desk, "form[action='./set-up/token'] button").await;
    says(&desk, "it is not shown again").await;
    let address = text_of(&desk, "pre.mail").await;
    let (_, token) = address.trim().split_once("/workflow/email/").expect("an address");
    let address = format!("{}/workflow/email/{token}", machine.site);
    for (id, subject) in [("one@example.com", "Session"), ("two@example.com", "Prices?")] {
        let mail = json!({
            "from": "Tess Granger <tess@example.com>", "subject": subject, "message_id": id,
            "body": "Instruments: drums\nTimes: some day soon, at ten\n",
        });
        // The address is taken up a moment after it is shown; a doubtful mail is answered with 202.
        let accepted = async || (post(&address, "application/json", &mail.to_string()).await == 202).then_some(());
        until("the mail is accepted", accepted).await;
    }
    machine.go(&desk, "/inbox").await;
    says(&desk, "Tess Granger").await;
    machine.go(&desk, "/inbox/2").await;
    press(&desk, "button[formaction$=dismiss]").await;
    says(&desk, "Wait for you").await;
    machine.go(&desk, "/inbox/2").await;
    press(&desk, "form[action$=restore] button").await;
    says(&desk, "Make a booking of it").await;
    machine.go(&desk, "/inbox/1").await;
    accessible(&desk, "a doubtful mail").await;
    picture(&desk, "inbox-mail").await;
    desk.find(Locator::Id("times")).await.unwrap().clear().await.unwrap();
    fill(&desk, "times", "some day").await;
    press(&desk, "#mend button.main").await;
    says(&desk, "Nothing was booked yet").await;
    desk.find(Locator::Id("times")).await.unwrap().clear().await.unwrap();
    fill(&desk, "times", &in_ten_days()).await;
    fill(&desk, "zone", "America/New_York").await;
    press(&desk, "#mend button.main").await;
    says(&desk, "Ada Okafor").await;
    desk.close().await.unwrap();
}

/// Settings on the smallest phone without scripts: what is wrong is said beside its field and nothing is lost, what is right
/// counts, and what the environment fixes is shown and cannot be changed. The studio closes for a day.
#[tokio::test]
async fn settings_are_changed_and_the_studio_closes() {
    let machine = Machine::new();
    let (_driver, port) = driver("America/New_York");
    let desk = SMALL_PHONE_WITHOUT_SCRIPTS.open(&port).await;
    machine.is_set_up(&desk).await;
    machine.go(&desk, "/settings/calling").await;
    says(&desk, "Fixed by").await;
    let fixed = desk.find(Locator::Id("calling.quiet_hours")).await.unwrap();
    assert_eq!(fixed.prop("disabled").await.unwrap().as_deref(), Some("true"));
    for (patience, told) in [("soon", ", but"), ("20m", "Saved.")] {
        desk.find(Locator::Id("calling.patience")).await.unwrap().clear().await.unwrap();
        fill(&desk, "calling.patience", patience).await;
        press(&desk, "main button.main").await;
        says(&desk, told).await;
        let kept = desk.find(Locator::Id("calling.patience")).await.unwrap().prop("value").await.unwrap();
        assert_eq!(kept.as_deref(), Some(patience));
        narrow(&desk).await;
    }
    machine.go(&desk, "/studio").await;
    press(&desk, "#closures summary").await;
    for (field, at) in [("closed-from", "12242027\u{e004}0900AM"), ("closed-to", "12272027\u{e004}0900AM")] {
        desk.find(Locator::Id(field)).await.unwrap().send_keys(at).await.unwrap();
    }
    fill(&desk, "note", "Christmas").await;
    press(&desk, "#closures details button").await;
    says(&desk, "Christmas").await;
    press(&desk, "#closures li button").await;
    says(&desk, "No closure is entered.").await;
    desk.close().await.unwrap();
}

/// A call list is ordered by dragging, and by its buttons without scripts; what was moved stays so.
#[tokio::test]
async fn a_call_list_is_ordered_by_hand() {
    let machine = Machine::new();
    let (_driver, port) = driver("America/New_York");
    let desk = LAPTOP.open(&port).await;
    machine.is_set_up(&desk).await;
    machine.go(&desk, "/roster/lists/drums").await;
    says(&desk, "1. Ada Okafor").await;
    drag(&desk, "#p2 > span", "#p1 > span").await;
    says(&desk, "1. Ben Castle").await;
    let cookies = desk.get_all_cookies().await.unwrap();
    let phone = Window { scripts: false, ..PHONE }.open(&port).await;
    machine.go(&phone, "/sign-in").await;
    for cookie in cookies {
        phone.add_cookie(cookie).await.unwrap();
    }
    machine.go(&phone, "/roster/lists/drums").await;
    says(&phone, "1. Ben Castle").await;
    narrow(&phone).await;
    press(&phone, "button[aria-label='Ada Okafor up']").await;
    says(&phone, "1. Ada Okafor").await;
    machine.go(&desk, "/roster/lists/drums").await;
    says(&desk, "1. Ada Okafor").await;
    phone.close().await.unwrap();
    desk.close().await.unwrap();
}

/// With the mouse, from the middle of one thing to the upper half of another.
async fn drag(page: &Client, from: &str, onto: &str) {
    let place = async |what: &str| {
        let (x, y, width, height) = page.find(Locator::Css(what)).await.unwrap().rectangle().await.unwrap();
        (x + width / 2.0, y + height / 4.0)
    };
    let ((x, y), (to_x, to_y)) = (place(from).await, place(onto).await);
    let go = |x: f64, y: f64| PointerAction::MoveTo { duration: Some(Duration::from_millis(50)), x, y };
    let mouse = MouseActions::new("mouse".to_owned())
        .then(go(x, y))
        .then(PointerAction::Down { button: 0 })
        .then(go(x, y - 10.0))
        .then(go(to_x, to_y))
        .then(go(to_x, to_y - 1.0))
        .then(PointerAction::Up { button: 0 });
    page.perform_actions(mouse).await.unwrap();
}

/// The studio writes to a musician, after a look at what would leave.
#[tokio::test]
async fn a_musician_is_texted_as_the_studio() {
    let machine = Machine::new();
    let (_driver, port) = driver("America/New_York");
    let desk = LAPTOP.open(&port).await;
    machine.is_set_up(&desk).await;
    machine.go(&desk, "/messages/1").await;
    says(&desk, "Nothing was texted so far.").await;
    fill(&desk, "words", "Is the drum kit in the van?").await;
    press(&desk, "button[value=preview]").await;
    says(&desk, "characters, 1 segment of").await;
    press(&desk, "button[value=now]").await;
    says(&desk, "It leaves now.").await;
    accessible(&desk, "a conversation").await;
    desk.close().await.unwrap();
}

/// Accounts: a viewer is invited, looks, and changes nothing; codes are asked for; signing out and in; who did what.
#[tokio::test]
async fn a_viewer_is_invited_and_codes_are_asked_for() {
    let machine = Machine::new();
    let (_driver, port) = driver("America/New_York");
    let desk = LAPTOP.open(&port).await;
    machine.is_set_up(&desk).await;
    machine.go(&desk, "/accounts").await;
    accessible(&desk, "the accounts").await;
    picture(&desk, "accounts").await;
    press(&desk, "#invite ~ form button[value=viewer]").await;
    says(&desk, "/invited/").await;
    let link = text_of(&desk, "pre.mail").await;
    let (_, token) = link.trim().split_once("/invited/").expect("a link");
    let viewer = PHONE.open(&port).await;
    machine.go(&viewer, &format!("/invited/{token}")).await;
    says(&viewer, "You can look at everything, and change nothing.").await;
    accessible(&viewer, "an invitation").await;
    narrow(&viewer).await;
    takes_an_account(&viewer, "Vera").await;
    says(&viewer, "Sign out").await;
    machine.go(&viewer, "/roster/lists/drums").await;
    says(&viewer, "1. Ada Okafor").await;
    assert!(viewer.find(Locator::Css("#desk button")).await.is_err(), "a viewer can press something");
    viewer.close().await.unwrap();

    machine.go(&desk, "/roster/lists/drums").await;
    says(&desk, "1. Ada Okafor").await;
    machine.go(&desk, "/account").await;
    accessible(&desk, "an account").await;
    picture(&desk, "account").await;
    fill(&desk, "password", PASSWORD).await;
    press(&desk, "button[value=codes]").await;
    says(&desk, "Scan this with an authenticator app").await;
    accessible(&desk, "the codes").await;
    fill(&desk, "code", "00000").await;
    desk.find(Locator::Id("code")).await.unwrap().send_keys(ENTER).await.unwrap();
    says(&desk, "That is not the code of this moment.").await;
    machine.go(&desk, "/audit").await;
    says(&desk, "Vera").await;
    accessible(&desk, "who did what").await;
    picture(&desk, "audit").await;
    press(&desk, "form[action$=sign-out] button").await;
    says(&desk, "Sign in to the desk").await;
    machine.go(&desk, "/roster").await;
    says(&desk, "Sign in to the desk").await;
    accessible(&desk, "signing in").await;
    picture(&desk, "sign-in").await;
    fill(&desk, "name", "Rosa").await;
    desk.find(Locator::Id("password")).await.unwrap().send_keys("not it").await.unwrap();
    press(&desk, "button.big").await;
    says(&desk, "is not right").await;
    desk.find(Locator::Id("password")).await.unwrap().send_keys(PASSWORD).await.unwrap();
    press(&desk, "button.big").await;
    says(&desk, "Ada Okafor").await;
    desk.close().await.unwrap();
}
