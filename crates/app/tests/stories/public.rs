//! Clients book by the form and follow their booking on a page of their own (rules 1.1, 2.1, 2.4, 3.1, 6.2, 8.3, 8.6).

use crate::studio::{Answer, Studio};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use firstcall_store::testing::each_backend;
use firstcall_store::{Tx, journal};
use jiff::Timestamp;
use serde_json::json;
use std::net::SocketAddr;

const HOURS: (&str, &str) =
    ("FIRSTCALL__STUDIO__OPENING_HOURS", "{ tue = ['10:00-14:00'], wed = ['10:00-14:00'], sun = ['00:00-05:00'] }");
/// Ten o'clock in New York on Tuesday 8 December, and an hour later.
const TEN: &str = "2026-12-08T15:00:00Z";
const ELEVEN: &str = "2026-12-08T16:00:00Z";

/// What somebody fills in.
fn form<'a>(key: &'a str, times: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("key", key),
        ("name", "Tess Granger"),
        ("email", "tess@example.com"),
        ("phone", ""),
        ("count-drums", "1"),
        ("count-violin", ""),
        ("minutes", "60"),
        ("zone", "Europe/Paris"),
        ("notes", "Two songs."),
        ("links", "example.com/demo"),
        ("website", ""),
        ("do", "book"),
    ];
    form.extend(times.iter().map(|time| ("time", *time)));
    form
}

fn with<'a>(mut form: Vec<(&'a str, &'a str)>, name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    form.iter_mut().filter(|(field, _)| *field == name).for_each(|(_, old)| *old = value);
    form
}

fn posted(path: &str, form: &[(&str, &str)], json: bool) -> Request<Body> {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = request.header(header::ACCEPT, if json { "application/json" } else { "text/html" });
    request.body(Body::from(serde_urlencoded::to_string(form).unwrap())).unwrap()
}

async fn page(studio: &Studio, path: &str) -> Answer {
    studio.send(Request::get(path).body(Body::empty()).unwrap()).await
}

/// The key in a form's page.
async fn key(studio: &Studio) -> String {
    let page = page(studio, "/book").await.expect(200).body;
    page.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn bookings(studio: &Studio) -> usize {
    studio.get("/api/v1/bookings").await.expect(200).json()["items"].as_array().unwrap().len()
}

/// Rules 1.1, 6.2: a form is a booking like any other, and its client sees how it goes.
#[tokio::test]
async fn a_form_becomes_a_booked_session() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann Marsh: drums"], &[HOURS]).await;
        let key = key(&studio).await;
        let (answer, to) = studio.send_and_follow(posted("/book", &form(&key, &[TEN, ELEVEN]), false)).await;
        answer.expect(303);
        let client = to.strip_prefix('.').unwrap().to_owned();
        studio.settle().await;
        let calling = page(&studio, &client).await.expect(200).body;
        assert!(calling.contains("We are asking musicians for Tue 8 Dec, 10:00–11:00 (New York)."), "{calling}");
        assert!(calling.contains("In your time: Tue 8 Dec, 16:00–17:00 (Paris)"), "{calling}");
        assert!(!calling.contains("Ann"), "{calling}");
        let booking = studio.booking(1).await;
        assert!(booking["client_url"].as_str().unwrap().ends_with(&client), "{booking}");
        assert_eq!(
            (&booking["time_zone"], &booking["links"]),
            (&json!("Europe/Paris"), &json!(["https://example.com/demo"]))
        );
        let offer = studio.expect_text("Ann Marsh", "Drums, Tue 8 Dec 10am-11am ET").await;
        studio.yes(&offer).await;
        let booked = page(&studio, &client).await.expect(200).body;
        assert!(booked.contains("Your session is booked: Tue 8 Dec, 10:00–11:00 (New York)."), "{booked}");
        assert!(booked.contains("Drums: Ann") && !booked.contains("Marsh"), "{booked}");
        let sheet = page(&studio, &client.replacen("/c/", "/s/", 1)).await.expect(200).body;
        assert!(sheet.contains("Drums: Ann") && !sheet.contains("Marsh") && !sheet.contains("Your chair"), "{sheet}");
        let event = page(&studio, &format!("{}.ics", client.replacen("/c/", "/s/", 1))).await.expect(200).body;
        assert!(event.contains("DTSTART;TZID=America/New_York:20261208T100000"), "{event}");
        let told = studio.messages(1).await.into_iter().find(|m| m["to"] == "tess@example.com").expect("a notice");
        assert!(told["body"].as_str().unwrap().contains(&client), "{told}");
    })
    .await;
}

/// Rule 8: a double tap, a reload, and both at the same moment make one booking.
#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_booking() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let key = key(&studio).await;
        let once = || studio.send_and_follow(posted("/book", &form(&key, &[TEN]), false));
        let ((first, to), (second, too), (third, three)) = tokio::join!(once(), once(), once());
        first.expect(303);
        second.expect(303);
        third.expect(303);
        assert!(to == too && too == three, "{to} {too} {three}");
        assert_eq!(once().await.1, to);
        assert_eq!(bookings(&studio).await, 1);
        let changed = with(form(&key, &[TEN]), "count-violin", "2");
        let refused = studio.send(posted("/book", &changed, false)).await.expect(409).body;
        assert!(refused.contains("You sent this form before") && refused.contains(&to), "{refused}");
        assert!(!refused.contains(&key), "the form has a new key");
        assert_eq!(bookings(&studio).await, 1);
    })
    .await;
}

#[tokio::test]
async fn programs_are_answered_in_json_and_their_form_needs_no_key() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[HOURS]).await;
        let first = studio.send(posted("/book", &form("", &[TEN]), true)).await.expect(201).json();
        assert_eq!(
            (&first["booking_id"], &first["status"], &first["options"]),
            (&json!(1), &json!("calling"), &json!(1))
        );
        let again = studio.send(posted("/book", &form("", &[TEN]), true)).await.expect(200).json();
        assert_eq!(first["booking_id"], again["booking_id"]);
        let wrong = with(with(form("", &[]), "name", ""), "zone", "Mars/Olympus");
        let refused = studio.send(posted("/book", &wrong, true)).await.expect(422).json();
        let message = refused["message"].as_str().unwrap();
        assert!(["name:", "zone:", "times:"].iter().all(|field| message.contains(field)), "{message}");
        assert_eq!(bookings(&studio).await, 1);
    })
    .await;
}

/// Rule 3.1: what the studio cannot do is refused beside the field, with others to choose from; what was typed is kept.
#[tokio::test]
async fn times_that_the_studio_cannot_do_are_refused() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[HOURS, ("FIRSTCALL__SESSIONS__NOTICE", "2h")]).await;
        let refused = async |time: &str, why: &str| {
            let page = studio.send(posted("/book", &form(&key(&studio).await, &[time]), false)).await.expect(422).body;
            assert!(page.contains(why), "{why}: {page}");
            assert!(page.contains("value=\"Tess Granger\"") && page.contains("Two songs."), "{page}");
        };
        refused("2026-12-08T19:00:00Z", "the studio is closed then").await;
        refused("2026-12-01T14:00:00Z", "has passed").await;
        refused("2026-12-01T16:00:00Z", "is too soon").await;
        refused("2028-01-04T15:00:00Z", "is more than a year ahead").await;
        refused("soon", "We can&#39;t read the time").await;
        assert_eq!(bookings(&studio).await, 0);
    })
    .await;
}

/// Somebody else books while the form is filled in.
#[tokio::test]
async fn a_time_that_was_taken_meanwhile_is_refused_and_others_are_offered() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Bob: drums"], &[HOURS]).await;
        let own = key(&studio).await;
        let minutes = |time: &str| (time.parse::<Timestamp>().unwrap().as_second() / 60).to_string();
        let times = page(&studio, "/book/times?from=2026-12-08&days=1&minutes=60").await.expect(200).json();
        assert!(times["starts"].as_array().unwrap().contains(&json!(minutes(TEN).parse::<i64>().unwrap())), "{times}");
        studio.send(posted("/book", &form(&key(&studio).await, &[TEN]), false)).await.expect(303);
        studio.settle().await;
        let offer = studio.expect_text("Ann", "10am").await;
        studio.yes(&offer).await;
        let refused = studio.send(posted("/book", &form(&own, &[TEN, ELEVEN]), false)).await.expect(422).body;
        assert!(refused.contains("Tue 8 Dec, 16:00 is not available any more. Please choose others."), "{refused}");
        let slot = |time: &str| format!("name=\"time\" value=\"{}\"", minutes(time));
        assert!(!refused.contains(&slot(TEN)), "{refused}");
        assert!(refused.contains(&format!("{} checked", slot(ELEVEN))), "{refused}");
        assert_eq!(bookings(&studio).await, 1);
        // The same key still makes a booking: the first try made none.
        studio.send(posted("/book", &form(&own, &[ELEVEN]), false)).await.expect(303);
        assert_eq!(bookings(&studio).await, 2);
    })
    .await;
}

/// The form tells that the studio cannot be had, and never why; nothing of who plays.
#[tokio::test]
async fn closures_are_not_offered_and_not_explained() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[HOURS]).await;
        let closure =
            json!({ "start": "2026-12-08T15:30:00Z", "end": "2026-12-08T17:00:00Z", "note": "Tuning the piano" });
        studio.post("/api/v1/studio/closures", &closure).await.expect(201);
        let page = page(&studio, "/book?from=2026-12-08&zone=America/Chicago").await.expect(200).body;
        assert!(!page.contains("Tuning") && !page.contains("Ann"), "{page}");
        // Open from ten to two: ten and eleven are closed, noon and one are left.
        assert!(page.contains("Tue 8 Dec <span class=\"soft\">2 times"), "{page}");
        assert!(page.contains("11:00 <small>12:00 at the studio</small>"), "{page}");
    })
    .await;
}

/// Rule 2.4: on the night on which New York's clock goes back, one o'clock comes twice and both can be told apart; on the
/// one on which it goes forward, two o'clock does not exist.
#[tokio::test]
async fn the_nights_on_which_clocks_change_are_told_right() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[HOURS]).await;
        let back = page(&studio, "/book?from=2027-11-07&zone=America/New_York").await.expect(200).body;
        let labels = ["00:00", "01:00 EDT", "01:00 EST", "02:00", "03:00", "04:00"];
        assert!(labels.iter().all(|label| back.contains(&format!("<span>{label}</span>"))), "{back}");
        let forward = page(&studio, "/book?from=2027-03-14&zone=America/New_York").await.expect(200).body;
        assert!(forward.contains("<span>01:00</span>") && forward.contains("<span>03:00</span>"), "{forward}");
        assert!(!forward.contains("<span>02:00"), "{forward}");
        // Paris goes back a week before: there two in the morning comes twice, and each is another hour in New York.
        let paris = page(&studio, "/book?from=2027-10-31&zone=Europe/Paris").await.expect(200).body;
        assert!(paris.contains("05:00 <small>00:00 at the studio</small>"), "{paris}");
        let own = key(&studio).await;
        let ambiguous = with(form(&own, &["2027-11-07T05:00:00Z"]), "zone", "America/New_York");
        studio.send(posted("/book", &ambiguous, true)).await.expect(201);
        assert_eq!(studio.booking(1).await["options"][0]["start"], "2027-11-07T05:00:00Z");
    })
    .await;
}

#[tokio::test]
async fn whatever_is_sent_is_refused_in_words() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let key = key(&studio).await;
        for (name, value) in [
            ("name", "Tess\0"),
            ("email", "nobody"),
            ("email", "a\0@example.com"),
            ("zone", "Europe/Atlantis\0"),
            ("count-drums", "-1"),
            ("count-drums", "65"),
            ("count-drums", "0"),
            ("minutes", "99999999999"),
            ("links", "javascript:alert(1)"),
            ("website", "https://example.com"),
            ("key", "12.old"),
        ] {
            let answer = studio.send(posted("/book", &with(form(&key, &[TEN]), name, value), false)).await;
            assert!(answer.expect(422).body.contains("class=\"wrong\""), "{name}={value}");
        }
        let notes = "x".repeat(1 << 20);
        studio.send(posted("/book", &with(form(&key, &[TEN]), "notes", &notes), false)).await.expect(413);
        studio.send(posted("/book", &with(form(&key, &[TEN]), "notes", &notes[..30_000]), true)).await.expect(422);
        studio.send(Request::post("/book").body(Body::from(vec![0xff; 1000])).unwrap()).await.expect(422);
        for path in [
            "/book?from=yesterday&zone=%00&minutes=-1&embed=2",
            "/book?from=-9999-01-01",
            "/book?from=9999-12-31",
            "/book?%ff",
        ] {
            page(&studio, path).await.expect(200);
        }
        for path in
            ["/book/times", "/book/times?from=x&days=1&minutes=1", "/book/times?from=2026-12-01&days=46&minutes=60"]
        {
            page(&studio, path).await.expect(400);
        }
        page(&studio, "/book/times?from=9999-12-31&days=45&minutes=1440").await.expect(200);
        assert_eq!(bookings(&studio).await, 0);
        // What notes must not hold is left out, and the rest is kept.
        let odd = with(form(&key, &[TEN]), "notes", "Two\0 songs\u{7}.");
        studio.send(posted("/book", &odd, true)).await.expect(201);
        assert_eq!(studio.booking(1).await["notes"], "Two songs.");
    })
    .await;
}

/// What a client writes goes to the manager, once, and changes nothing (rules 7.1, 8.6).
#[tokio::test]
async fn a_client_writes_to_the_manager() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[HOURS]).await;
        let id = studio.book("m1", "drums", "10 AM").await;
        studio.new_texts("Rosa").await;
        let link = studio.booking(id).await["client_url"].as_str().unwrap().to_owned();
        let path = link.split("8080").nth(1).unwrap().to_owned();
        let log = async || studio.engine.store().read(async |tx: &mut Tx| journal::last(tx).await).await.unwrap();
        let before = log().await;
        page(&studio, &path).await.expect(200);
        assert_eq!(log().await, before, "opening it changes nothing");
        studio.send(posted(&path, &[("message", " ")], false)).await.expect(422);
        studio.send(posted(&path, &[("message", &"x".repeat(2001))], false)).await.expect(422);
        for _ in 0..2 {
            let words = [("message", "Could we begin at noon?\r\nThanks")];
            let (answer, to) = studio.send_and_follow(posted(&path, &words, false)).await;
            answer.expect(303);
            assert!(to.ends_with("?told=1"), "{to}");
        }
        studio.settle().await;
        studio
            .expect_text("Rosa", "the client of #1 writes: \"Could we begin at noon? Thanks\". Please answer them")
            .await;
        assert_eq!(studio.status(id).await, "calling");
        let token = path.rsplit('/').next().unwrap();
        let unknown = page(&studio, "/c/AAAAAAAAAAAAAAAAAAAAAA").await.expect(404).body;
        assert!(unknown.contains("We can&#39;t find this booking.") && !unknown.contains(token), "{unknown}");
        page(&studio, "/c/%00").await.expect(404);
        studio.send(posted("/c/AAAAAAAAAAAAAAAAAAAAAA", &[("message", "hello")], false)).await.expect(404);
    })
    .await;
}

/// One address cannot set off any number of texts.
#[tokio::test]
async fn an_address_that_sends_too_many_forms_waits() {
    let store = firstcall_store::Store::open("sqlite::memory:").await.unwrap();
    let studio = Studio::open(store, &["Ann: drums"], &[]).await;
    let send = async |number: usize| {
        let notes = number.to_string();
        let mut request = posted("/book", &with(form("", &[TEN]), "notes", &notes), true);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 1000))));
        studio.send(request).await.status.as_u16()
    };
    for number in 0..20 {
        assert_eq!(send(number).await, 201);
    }
    assert_eq!(send(20).await, 429);
}
