//! Joining: from the form on a phone to the first offer, and one's own page (rules 3.2, 4.7, 5.1, 8.5, 8.6).

use crate::feeds::Feeds;
use crate::network::{Does, Network};
use crate::studio::{Answer, Studio};
use axum::body::Body;
use axum::http::{Method, Request, header};
use firstcall_store::testing::each_backend;
use firstcall_store::{Tx, applicants};
use serde_json::{Value, json};

/// Ines's number.
const INES: &str = "+12125550177";
/// The session of [`Studio::book`] at ten, in New York.
const TEN: &str = "DTSTART;TZID=America/New_York:20261208T100000\nDTEND;TZID=America/New_York:20261208T110000";

/// Sends a form as a browser on our own page does.
async fn post(studio: &Studio, path: &str, form: &[(&str, &str)]) -> (Answer, String) {
    post_from(studio, path, form, "same-origin").await
}

async fn post_from(studio: &Studio, path: &str, form: &[(&str, &str)], site: &str) -> (Answer, String) {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", site);
    let body = serde_urlencoded::to_string(form).unwrap();
    let answer = studio.send_and_follow(request.body(Body::from(body)).unwrap()).await;
    studio.settle().await;
    answer
}

async fn page(studio: &Studio, path: &str) -> Answer {
    studio.send(Request::get(path).body(Body::empty()).unwrap()).await
}

fn form<'a>(phone: &'a str, plays: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", "Ines Moreau"),
        ("phone", phone),
        ("plays1", plays),
        ("plays2", ""),
        ("zone", "America/New_York"),
        ("quiet_from", ""),
        ("quiet_to", ""),
        ("email", "ines@example.com"),
        ("consent", "yes"),
    ]
}

/// Asks for a code, and returns where it is entered.
async fn asks(studio: &Studio, phone: &str) -> String {
    let (answer, to) = post(studio, "/join", &form(phone, "drums")).await;
    answer.expect(303);
    to.strip_prefix('.').expect("a path").to_owned()
}

/// The code that was texted for a link.
async fn code(studio: &Studio, link: &str) -> String {
    let token = link.rsplit('/').next().unwrap().to_owned();
    let find = async move |tx: &mut Tx| applicants::get(tx, &token).await;
    studio.engine.store().write(find).await.unwrap().expect("an applicant").code
}

/// Signs up and gives the code; returns the link of the own page.
async fn joins(studio: &mut Studio, phone: &str) -> String {
    let link = asks(studio, phone).await;
    let code = code(studio, &link).await;
    let (answer, to) = post(studio, &link, &[("code", &code)]).await;
    answer.expect(303);
    let found = studio.get("/api/v1/musicians?limit=200").await.json();
    let all = found["items"].as_array().unwrap();
    let id = all.iter().find(|one| one["phone"] == phone).expect("on the roster")["id"].as_i64().unwrap();
    studio.knows("Ines", id, phone);
    to.strip_prefix("..").expect("a path").to_owned()
}

async fn approved(studio: &mut Studio) -> String {
    let me = joins(studio, INES).await;
    studio.post(&format!("/api/v1/musicians/{}/approve", studio.id("Ines")), &json!({})).await.expect(200);
    studio.new_texts("Ines").await;
    studio.new_texts("Rosa").await;
    me
}

async fn who(studio: &Studio, name: &str) -> Value {
    studio.get(&format!("/api/v1/musicians/{}", studio.id(name))).await.expect(200).json()
}

/// The whole way; the code is in no list of messages, the consent is kept with its words, JOIN does not let anybody in.
#[tokio::test]
async fn somebody_joins_and_gets_their_first_offer() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &["Ann: violin"], &[]).await;
        assert!(page(&studio, "/join").await.expect(200).body.contains("Join the call list of Fern Room"));
        let link = asks(&studio, "(212) 555-0177").await;
        let right = code(&studio, &link).await;
        studio.knows("Ines", 0, INES);
        let text = studio.expect_text("Ines", "your code is ******").await;
        assert!(!text.body.contains(&right));
        let listed = studio.get("/api/v1/messages?limit=200").await.expect(200).body;
        assert!(listed.contains("******") && !listed.contains(&right));
        let (answer, to) = post(&studio, &link, &[("code", &right)]).await;
        answer.expect(303);
        let me = to.strip_prefix("..").unwrap().to_owned();
        let newcomers = studio.get("/api/v1/musicians?limit=200").await.json();
        let ines = newcomers["items"].as_array().unwrap().iter().find(|one| one["phone"] == INES).unwrap().clone();
        assert_eq!((&ines["status"], &ines["email"]), (&json!("waiting"), &json!("ines@example.com")));
        studio.knows("Ines", ines["id"].as_i64().unwrap(), INES);
        let told = studio.expect_text("Rosa", "Ines Moreau (drums) wants to be on your call list").await;
        assert!(told.body.contains(&format!("/newcomers/{}", ines["id"])), "{}", told.body);
        let own = page(&studio, &me).await.expect(200).body;
        assert!(own.contains("Your number is confirmed. Rosa has your request."), "{own}");

        studio.texts("Ines", "JOIN").await;
        studio.expect_text("Ines", "Rosa looks at it").await;
        assert_eq!(who(&studio, "Ines").await["status"], "waiting");
        let id = studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(studio.status(id).await, "no_times");
        studio.expect_silence(&["Ines"]).await;
        studio.new_texts("Rosa").await;

        let desk = studio.get("/").await.expect(200).body;
        assert!(desk.contains("Ines Moreau wants to be on the call list"), "{desk}");
        let path = format!("/newcomers/{}", ines["id"]);
        assert!(studio.get(&path).await.expect(200).body.contains(INES));
        let form = Request::post(&path)
            .header(header::AUTHORIZATION, format!("Bearer {}", crate::studio::KEY))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        studio.send(form.body(Body::from("decision=approve")).unwrap()).await.expect(303);
        studio.settle().await;
        studio.get(&path).await.expect(409);
        let welcome = studio.expect_text("Ines", "You're in, Ines. Save this number as Fern Room.").await;
        let link = welcome.body.split("http://127.0.0.1:8080").nth(1).expect("a link").to_owned();
        assert!(page(&studio, &link).await.expect(200).body.contains("You are on the list of Fern Room."));
        studio.book("m2", "drums", "10:00 AM").await;
        studio.expect_text("Ines", "Drums").await;
        let proof = studio.get(&format!("/api/v1/musicians/{}/consents", ines["id"])).await.json();
        assert_eq!((&proof["items"][0]["kind"], &proof["items"][0]["channel"]), (&json!("joined"), &json!("web")));
        assert!(proof["items"][0]["wording"].as_str().unwrap().starts_with("Yes, Fern Room may text me"));
        assert_eq!(proof["items"].as_array().unwrap().len(), 1, "the manager vouches for nothing: {proof}");
    })
    .await;
}

/// Each wrong field is named beside it, and what was typed stays; nothing is texted, nor to a form of another site.
#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[("FIRSTCALL__SMS__COUNTRIES", "+1")]).await;
        let wrong = [
            ("name", ""),
            ("phone", "12345"),
            ("plays1", "kazoo"),
            ("zone", "EST"),
            ("quiet_from", "22:00"),
            ("email", "ines"),
        ];
        let (answer, _) = post(&studio, "/join", &wrong).await;
        let body = answer.expect(422).body;
        for said in ["write your name", "No country code", "kazoo", "time zone, such as", "both hours", "tick the box"]
        {
            assert!(body.contains(said), "{said}: {body}");
        }
        assert!(body.contains("value=\"12345\"") && body.contains("value=\"22:00\""), "{body}");
        let (answer, _) = post_from(&studio, "/join", &form(INES, "drums"), "cross-site").await;
        answer.expect(403);
        let mut all_day = form(INES, "drums");
        all_day[5].1 = "00:00";
        all_day[6].1 = "24:00";
        post(&studio, "/join", &all_day).await.0.expect(422);
        assert!(studio.get("/api/v1/messages").await.json()["items"].as_array().unwrap().is_empty());
    })
    .await;
}

/// Five tries, and fifteen minutes; then not even the right code counts.
#[tokio::test]
async fn wrong_codes_end() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[]).await;
        let link = asks(&studio, INES).await;
        let right = code(&studio, &link).await;
        let wrong = if right == "000000" { "000001" } else { "000000" };
        for left in (1..5).rev() {
            let body = post(&studio, &link, &[("code", wrong)]).await.0.expect(422).body;
            assert!(body.contains(&format!("You can try {left} more")), "{body}");
        }
        post(&studio, &link, &[("code", wrong)]).await.0.expect(409);
        post(&studio, &link, &[("code", &right)]).await.0.expect(409);
        let link = asks(&studio, INES).await;
        let right = code(&studio, &link).await;
        studio.pass(16).await;
        assert!(post(&studio, &link, &[("code", &right)]).await.0.expect(409).body.contains("counts no more"));
        assert!(studio.get("/api/v1/musicians").await.json()["items"].as_array().unwrap().is_empty());
        // Who has not given their code within a day is forgotten, with the text of it.
        studio.pass(25 * 60).await;
        firstcall::worker::audit(&studio.engine).await.unwrap();
        page(&studio, &link).await.expect(404);
        assert!(studio.get("/api/v1/messages").await.json()["items"].as_array().unwrap().is_empty());
    })
    .await;
}

/// Three codes an hour for a number; the fourth is refused, also for one that is on the roster.
#[tokio::test]
async fn codes_are_few() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &["Ann: drums"], &[]).await;
        studio.knows("Ines", 0, INES);
        let ann = studio.phone("Ann").as_str().to_owned();
        for phone in [INES, ann.as_str()] {
            for _ in 0..3 {
                asks(&studio, phone).await;
            }
            let (answer, _) = post(&studio, "/join", &form(phone, "drums")).await;
            assert!(answer.expect(429).body.contains("try again in an hour"));
        }
        assert_eq!((studio.new_texts("Ines").await.len(), studio.new_texts("Ann").await.len()), (3, 3));
        studio.pass(61).await;
        asks(&studio, INES).await;
    })
    .await;
}

/// Nobody learns who is on the list: the pages are the same. Whoever is on it gets the link of their page.
#[tokio::test]
async fn nobody_learns_who_is_on_the_list() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let ann = studio.phone("Ann").as_str().to_owned();
        let (known, unknown) = (asks(&studio, &ann).await, asks(&studio, INES).await);
        let bodies = [page(&studio, &known).await.expect(200).body, page(&studio, &unknown).await.expect(200).body];
        assert_eq!(bodies[0], bodies[1]);
        let right = code(&studio, &unknown).await;
        let wrong = if right == "000000" { "000001" } else { "000000" };
        let known_says = post(&studio, &known, &[("code", wrong)]).await.0.expect(422).body;
        assert_eq!(known_says, post(&studio, &unknown, &[("code", wrong)]).await.0.expect(422).body);
        post(&studio, &known, &[("code", "")]).await.0.expect(422);
        let text = studio.expect_text("Ann", "your page:").await;
        let link = text.body.split_whitespace().find(|word| word.contains("/me/")).unwrap();
        let link = link.strip_prefix("http://127.0.0.1:8080").unwrap();
        assert!(page(&studio, link).await.expect(200).body.contains("You are on the list"));
        studio.knows("Ines", 0, INES);
        studio.expect_text("Ines", "your code is").await;
    })
    .await;
}

/// Rule 8.5: a number that has said STOP is texted nothing, not even a code, before it says START; whether or not it is on
/// the roster.
#[tokio::test]
async fn r8_5_a_number_that_said_stop_gets_no_code() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &["Ann: drums"], &[]).await;
        studio.knows("Ines", 0, INES);
        for name in ["Ann", "Ines"] {
            studio.texts(name, "STOP").await;
            let phone = studio.phone(name).as_str().to_owned();
            let (answer, _) = post(&studio, "/join", &form(&phone, "drums")).await;
            assert!(answer.expect(409).body.contains("Text START from it"));
        }
        studio.expect_silence(&["Ann", "Ines"]).await;
        studio.texts("Ines", "START").await;
        // Between the form and the text they change their mind again: what is queued does not leave.
        joins(&mut studio, INES).await;
        assert_eq!(who(&studio, "Ines").await["status"], "waiting");
        studio.texts("Ines", "STOP").await;
        assert_eq!(who(&studio, "Ines").await["status"], "removed", "they ask no more");
        studio.texts("Ines", "START").await;
        assert_eq!(who(&studio, "Ines").await["status"], "removed", "nobody is let in without approval");
    })
    .await;
}

/// Who is declined is forgotten; the number may ask again.
#[tokio::test]
async fn who_is_declined_is_forgotten() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &[], &[]).await;
        let me = joins(&mut studio, INES).await;
        studio.new_texts("Ines").await;
        let path = format!("/api/v1/musicians/{}", studio.id("Ines"));
        studio.call(Method::PATCH, &path, &json!({ "status": "paused" })).await.expect(409);
        studio.call(Method::PATCH, &path, &json!({ "status": "waiting" })).await.expect(422);
        studio.call(Method::DELETE, &path, &json!({})).await.expect(204);
        let gone = who(&studio, "Ines").await;
        assert_eq!((&gone["name"], &gone["email"]), (&json!("(deleted)"), &Value::Null));
        studio.expect_silence(&["Ines"]).await;
        page(&studio, &me).await.expect(404);
        studio.post(&format!("{path}/approve"), &json!({})).await.expect(409);
        asks(&studio, INES).await;
    })
    .await;
}

/// Pausing and coming back on one's own page; opening it changes nothing (rule 8.6).
#[tokio::test]
async fn a_pause_on_the_own_page() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let me = approved(&mut studio).await;
        page(&studio, &format!("{me}?do=pause")).await.expect(200);
        assert_eq!(who(&studio, "Ines").await["status"], "active");
        post_from(&studio, &me, &[("do", "pause")], "cross-site").await.0.expect(403);
        assert_eq!(who(&studio, "Ines").await["status"], "active");
        post(&studio, &me, &[("do", "pause")]).await.0.expect(303);
        assert_eq!(who(&studio, "Ines").await["status"], "paused");
        assert!(page(&studio, &me).await.body.contains("You are paused"));
        studio.book("m1", "drums", "10:00 AM").await;
        studio.pass(61).await;
        studio.expect_silence(&["Ines"]).await;
        post(&studio, &me, &[("do", "resume")]).await.0.expect(303);
        studio.new_texts("Ann").await;
        studio.book("m2", "drums (2)", "2:00 PM").await;
        studio.expect_text("Ines", "Drums").await;
    })
    .await;
}

/// Rule 3.2: away dates are days of their own zone, and keep offers away until they are lifted.
#[tokio::test]
async fn r3_2_away_dates_block() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &[], &[]).await;
        let me = approved(&mut studio).await;
        let away = |from: &'static str, to: &'static str| [("do", "away"), ("from", from), ("to", to)];
        for (from, to) in
            [("2026-12-09", "2026-12-08"), ("2026-11-01", "2026-11-02"), ("soon", ""), ("2026-12-08", "9999-12-31")]
        {
            assert!(post(&studio, &me, &away(from, to)).await.0.expect(422).body.contains("role=\"alert\""));
        }
        post(&studio, &me, &away("2026-12-07", "2026-12-08")).await.0.expect(303);
        let own = page(&studio, &me).await.body;
        assert!(own.contains("Mon 7 Dec 2026 – Tue 8 Dec 2026"), "{own}");
        let id = studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(studio.status(id).await, "no_times");
        let block = own.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        post(&studio, &me, &[("do", "back"), ("id", &block)]).await.0.expect(303);
        studio.book("m2", "drums", "10:00 AM").await;
        studio.expect_text("Ines", "Drums").await;
    })
    .await;
}

/// Rule 4.7: their own quiet hours count instead of the studio's, on their page and in the interface.
#[tokio::test]
async fn r4_7_quiet_hours_of_their_own() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &[], &[]).await;
        let me = approved(&mut studio).await;
        let hours = [("do", "quiet"), ("quiet_from", "09:30"), ("quiet_to", "12:00")];
        post(&studio, &me, &hours).await.0.expect(303);
        assert_eq!(who(&studio, "Ines").await["quiet_hours"], "09:30-12:00");
        studio.book("m1", "drums", "10:00 AM").await;
        studio.expect_silence(&["Ines"]).await;
        studio.pass(119).await;
        studio.expect_silence(&["Ines"]).await;
        studio.pass(2).await;
        studio.expect_text("Ines", "Drums").await;
        let path = format!("/api/v1/musicians/{}", studio.id("Ines"));
        studio.call(Method::PATCH, &path, &json!({ "quiet_hours": "00:00-24:00" })).await.expect(422);
        let none = studio.call(Method::PATCH, &path, &json!({ "quiet_hours": "" })).await.expect(200).json();
        assert_eq!(none["quiet_hours"], Value::Null);
    })
    .await;
}

/// Rule 3.2: a feed that was connected on the own page blocks, before approval too; its health is shown, and it can be
/// removed. Another one's calendars cannot be touched.
#[tokio::test]
async fn calendars_on_the_own_page() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &["Ann: violin"], &[]).await;
        let feeds = Feeds::open().await;
        let me = joins(&mut studio, INES).await;
        let url = feeds.has("ines", &[TEN]);
        let bad = post(&studio, &me, &[("do", "feed"), ("url", "ftp://example.com/a")]).await.0.expect(422).body;
        assert!(bad.contains("must begin with") && bad.contains("value=\"ftp://example.com/a\""), "{bad}");
        post(&studio, &me, &[("do", "feed"), ("url", &url)]).await.0.expect(303);
        let own = page(&studio, &me).await.body;
        assert!(own.contains("Calendar feed") && own.contains("Read at 10:00."), "{own}");
        assert!(!own.contains(&url), "what opens a calendar is not shown");
        studio.post(&format!("/api/v1/musicians/{}/approve", studio.id("Ines")), &json!({})).await.expect(200);
        let id = studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(studio.status(id).await, "no_times");
        let (path, body) =
            (format!("/api/v1/musicians/{}/calendars", studio.id("Ann")), json!({ "kind": "feed", "url": url }));
        let ann = studio.post(&path, &body).await.expect(201).json()["id"].to_string();
        post(&studio, &me, &[("do", "remove"), ("id", &ann)]).await.0.expect(303);
        assert_eq!(studio.get(&path).await.json()["items"].as_array().unwrap().len(), 1);
        let theirs = own.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        post(&studio, &me, &[("do", "remove"), ("id", &theirs)]).await.0.expect(303);
        studio.book("m2", "drums", "10:00 AM").await;
        assert_eq!(studio.new_texts("Ines").await.last().map(|text| text.body.contains("Drums")), Some(true));
    })
    .await;
}

/// What we hold, as a page and as a file; who deletes themselves is gone, and is not texted again. Not while they hold
/// something.
#[tokio::test]
async fn what_we_hold_and_its_end() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &["Bo: bass_guitar"], &[]).await;
        let me = approved(&mut studio).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let offer = studio.expect_text("Ines", "Drums").await;
        studio.yes(&offer).await;
        assert_eq!(studio.status(id).await, "booked");
        let data: Value = page(&studio, &format!("{me}/data.json")).await.expect(200).json();
        assert_eq!((&data["name"], &data["phone"]), (&json!("Ines Moreau"), &json!(INES)));
        assert_eq!((&data["offers"][0]["answer"], &data["consents"][0]["channel"]), (&json!("yes"), &json!("web")));
        assert!(data["texts_to_you"].as_array().unwrap().len() >= 3, "{data}");
        let shown = page(&studio, &format!("{me}/data")).await.expect(200).body;
        for said in ["Ines Moreau", "ines@example.com", "Yes, Fern Room may text me", "Drums"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        assert!(page(&studio, &format!("{me}/delete")).await.expect(200).body.contains("still down for a session"));
        post(&studio, &format!("{me}/delete"), &[]).await.0.expect(409);
        studio.replies(&offer, "OUT#").await;
        studio.new_texts("Ines").await;
        let asked = studio.book("m2", "drums", "11:00 AM").await;
        studio.expect_text("Ines", "Drums").await;
        post_from(&studio, &format!("{me}/delete"), &[], "cross-site").await.0.expect(403);
        page(&studio, &format!("{me}/delete")).await.expect(200);
        assert_eq!(who(&studio, "Ines").await["name"], "Ines Moreau");
        let gone = post(&studio, &format!("{me}/delete"), &[]).await.0.expect(200).body;
        assert!(gone.contains("You are off the list"), "{gone}");
        let left = who(&studio, "Ines").await;
        assert_eq!(
            (&left["name"], &left["email"], &left["status"]),
            (&json!("(deleted)"), &Value::Null, &json!("removed"))
        );
        assert_ne!(studio.status(asked).await, "calling", "their open offer is closed");
        page(&studio, &me).await.expect(404);
        for id in [id, asked] {
            let texts = studio.messages(id).await;
            let theirs = texts.iter().filter(|text| text["musician_id"] == json!(studio.id("Ines")));
            assert!(theirs.clone().all(|text| text["body"] == "(deleted)"), "{texts:?}");
        }
        // Also not when the manager enters them again.
        let again = json!({ "name": "Ines", "phone": INES, "instruments": ["drums"] });
        assert_eq!(studio.post("/api/v1/musicians", &again).await.expect(201).json()["status"], "opted_out");
    })
    .await;
}

/// ME brings the link; it ends after thirty days; nobody else's opens anything of theirs.
#[tokio::test]
async fn links_are_texted_and_end() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        studio.texts("Ann", "Me").await;
        let text = studio.expect_text("Ann", "your page: http").await;
        let link = text.body.split_whitespace().find(|word| word.contains("/me/")).unwrap();
        let me = link.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
        let own = page(&studio, &me).await.expect(200).body;
        assert!(own.contains("You are on the list of Fern Room."), "{own}");
        page(&studio, "/me/AAAAAAAAAAAAAAAA").await.expect(404);
        page(&studio, "/me/short").await.expect(404);
        post(&studio, "/me/AAAAAAAAAAAAAAAA", &[("do", "pause")]).await.0.expect(404);
        studio.engine.clock().set(studio.engine.clock().now() + jiff::SignedDuration::from_hours(24 * 30));
        let over = page(&studio, &me).await.expect(200).body;
        assert!(over.contains("This link has ended.") && !over.contains("Drums") && !over.contains("drums"), "{over}");
        post(&studio, &me, &[("do", "pause")]).await.0.expect(200);
        assert_eq!(who(&studio, "Ann").await["status"], "active");
        let data = page(&studio, &format!("{me}/data.json")).await.expect(200).body;
        assert!(data.contains("This link has ended.") && !data.contains("Ann"), "{data}");
    })
    .await;
}

/// Rules 8.4, 8.5: the network gets the code, once; after STOP it gets nothing; and a code whose handing over is in doubt is
/// found in the network's records by its words.
#[tokio::test]
async fn r8_4_a_code_goes_through_the_network_once() {
    each_backend(async |store| {
        let network = Network::open().await;
        let mut studio = Studio::open(store, &[], &network.settings()).await;
        network.goes_by(studio.engine.clock());
        studio.knows("Ines", 0, INES);
        network.does([Does::TakesAndCuts]);
        let link = asks(&studio, INES).await;
        let right = code(&studio, &link).await;
        let says = format!("Fern Room: your code is {right}. It is valid for 15 minutes.");
        let posted = network.posted_to(INES);
        assert!(posted.len() == 1 && posted[0].body.starts_with(&says), "{posted:?}");
        assert!(posted[0].valid_s <= 15 * 60, "{posted:?}");
        studio.pass(12).await;
        assert_eq!(network.posted_to(INES).len(), 1, "it is in the records");
        studio.expect_silence(&["Rosa"]).await;
        // What is refused, the manager need not mend: whoever typed the number sees that nothing comes.
        network.does([Does::Refuses(400, 21614)]);
        asks(&studio, INES).await;
        studio.expect_silence(&["Rosa"]).await;
        // What waits while the network is busy does not leave after STOP.
        network.does([Does::Refuses(429, 20429)]);
        asks(&studio, INES).await;
        studio.texts("Ines", "STOP").await;
        let before = network.posted_to(INES).len();
        studio.pass(14).await;
        assert_eq!(network.posted_to(INES).len(), before);
    })
    .await;
}
