//! Booked sessions in the calendars of those who play (rules 6.2, 6.4, 7.4): by CalDAV into a real server, and by e-mail.

use crate::running::Running;
use crate::studio::Studio;
use axum::http::Method;
use firstcall_core::ids::BookingId;
use firstcall_store::messages::{self, Which};
use firstcall_store::testing::each_backend;
use firstcall_store::{Store, Tx};
use serde_json::{Value, json};
use std::process::Command;
use tempfile::TempDir;

/// Radicale, with an account of Ann's. Ends with the test.
struct Dav {
    url: String,
    folder: TempDir,
    _program: Running,
}

impl Dav {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let python = std::env::var("FIRSTCALL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../connect/tests/support/dav.py");
        let program = Running::start(Command::new(python).arg(script).arg("radicale").arg(folder.path()));
        let mut ports = std::iter::from_fn(|| program.line());
        let port: u16 = ports.find_map(|line| line.parse().ok()).expect("scripts/test installs it");
        // A calendar as Ann has made it.
        let calendar = folder.path().join("storage/collection-root/ann/gigs");
        std::fs::create_dir_all(&calendar).unwrap();
        std::fs::write(calendar.join(".Radicale.props"), r#"{"tag": "VCALENDAR", "D:displayname": "Gigs"}"#).unwrap();
        Self { url: format!("http://127.0.0.1:{port}/"), folder, _program: program }
    }

    /// What stands in the calendar.
    fn events(&self) -> Vec<String> {
        let folder = self.folder.path().join("storage/collection-root/ann/gigs");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let events = files.filter(|path| path.extension().is_some_and(|extension| extension == "ics"));
        events.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }
}

async fn connect(studio: &Studio, dav: &Dav, whose: &str) -> Value {
    let account =
        json!({ "kind": "caldav", "server": dav.url, "user": "ann", "password": "dav-s3cret", "writes": true });
    studio.post(&format!("/api/v1/{whose}/calendars"), &account).await.expect(201).json()
}

/// The calendar parts of what was mailed to somebody.
async fn mailed(store: &Store, booking: i64, address: &'static str) -> Vec<String> {
    let read = async move |tx: &mut Tx| {
        let mut found = Vec::new();
        for message in messages::list(tx, &Which::Of(BookingId(booking)), 0, 100).await? {
            if message.to == address {
                found.extend(messages::invitation(tx, message.id).await?);
            }
        }
        Ok::<_, firstcall_store::Error>(found)
    };
    store.read(read).await.unwrap()
}

/// A line of an event, or else of its calendar.
fn line<'a>(ics: &'a str, name: &str) -> &'a str {
    let (calendar, event) = ics.split_once("BEGIN:VEVENT").unwrap();
    let found = event
        .lines()
        .chain(calendar.lines())
        .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', ';'])));
    found.unwrap_or_else(|| panic!("no {name} in {ics}"))
}

/// Rule 6.2: one event in the musician's calendar and one in the studio's, with all that is to be known; moved and
/// removed with the session (7.2, 7.4); and they keep nobody from anything.
#[tokio::test]
async fn r6_2_a_session_stands_in_calendars_and_follows_the_booking() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let settings = [("FIRSTCALL__STUDIO__ADDRESS", "14 Canal Yard")];
    let studio = Studio::open(store, &["Ann: drums"], &settings).await;
    let (dav, room) = (Dav::open(), Dav::open());
    let ann = format!("musicians/{}", studio.id("Ann"));
    assert_eq!(connect(&studio, &dav, &ann).await["name"], "Gigs");
    connect(&studio, &room, "studio").await;
    let id = studio.book("m1", "drums", "10:00 AM").await;
    assert_eq!(dav.events().len(), 0, "nothing is written before it is booked");
    studio.yes(&studio.expect_text("Ann", "Drums").await).await;
    let event = dav.events().pop().unwrap();
    assert_eq!(line(&event, "DTSTART"), "DTSTART;TZID=America/New_York:20261208T100000");
    assert_eq!(line(&event, "SUMMARY"), "SUMMARY:Session at Fern Room: Drums");
    assert_eq!(line(&event, "LOCATION"), "LOCATION:14 Canal Yard");
    assert!(event.contains("Call sheet: http") && event.contains("SCHEDULE-AGENT") == event.contains("ORGANIZER"));
    assert!(line(&room.events()[0], "SUMMARY").contains("Tess Granger"));
    studio.pass(120).await;
    assert_eq!((dav.events().len(), room.events().len()), (1, 1), "exactly one");
    let to = json!({ "start": "2026-12-08T14:00:00-05:00", "end": "2026-12-08T15:00:00-05:00" });
    studio.post(&format!("/api/v1/bookings/{id}/move"), &to).await.expect(200);
    assert_eq!(line(&dav.events()[0], "DTSTART"), "DTSTART;TZID=America/New_York:20261208T140000");
    assert_eq!(dav.events().len(), 1);
    studio.post(&format!("/api/v1/bookings/{id}/cancel"), &json!({})).await.expect(200);
    assert_eq!((dav.events().len(), room.events().len()), (0, 0));
}

/// Rule 6.4: a calendar that cannot be written is tried again, is visible, and never undoes the booking.
#[tokio::test]
async fn r6_4_a_calendar_that_fails_is_tried_again() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let studio = Studio::open(store, &["Ann: drums"], &[]).await;
    let dav = Dav::open();
    let ann = format!("musicians/{}", studio.id("Ann"));
    connect(&studio, &dav, &ann).await;
    let id = studio.book("m1", "drums", "10:00 AM").await;
    let offer = studio.expect_text("Ann", "Drums").await;
    // Somebody else's file where the folder was: the server can write nothing.
    let folder = dav.folder.path().join("storage/collection-root/ann/gigs");
    let aside = dav.folder.path().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    studio.yes(&offer).await;
    assert_eq!(studio.status(id).await, "booked");
    studio.pass(30).await;
    let told = studio.new_texts("Rosa").await;
    assert!(told.iter().any(|text| text.body.contains("is booked")), "{told:?}");
    assert!(told.iter().any(|text| text.body.contains("could not be written into the calendar of Ann")), "{told:?}");
    std::fs::rename(&aside, &folder).unwrap();
    studio.pass(6 * 60).await;
    assert_eq!(dav.events().len(), 1);
    assert!(!studio.new_texts("Rosa").await.iter().any(|text| text.body.contains("could not be written")));
}

/// Rule 6.2: where nothing can be written an invitation goes by e-mail, once for each change, under one UID with a higher
/// sequence, and its end as CANCEL (RFC 5546).
#[tokio::test]
async fn r6_2_an_invitation_goes_by_mail_where_nothing_can_be_written() {
    each_backend(async |store| {
        let settings = [
            ("FIRSTCALL__SMTP__HOST", "127.0.0.1"),
            ("FIRSTCALL__SMTP__FROM", "studio@example.com"),
            ("FIRSTCALL__SMTP__PORT", "9"),
        ];
        let studio = Studio::open(store.clone(), &["Ann: drums"], &settings).await;
        let ann = format!("/api/v1/musicians/{}", studio.id("Ann"));
        studio.call(Method::PATCH, &ann, &json!({ "email": "ann@example.com" })).await.expect(200);
        let id = studio.book("m1", "drums", "10:00 AM").await;
        studio.yes(&studio.expect_text("Ann", "Drums").await).await;
        studio.settle().await;
        let to = json!({ "start": "2026-12-08T14:00:00-05:00", "end": "2026-12-08T15:00:00-05:00" });
        studio.post(&format!("/api/v1/bookings/{id}/move"), &to).await.expect(200);
        studio.post(&format!("/api/v1/bookings/{id}/cancel"), &json!({})).await.expect(200);
        let mails = mailed(&store, id, "ann@example.com").await;
        let methods: Vec<&str> = mails.iter().map(|ics| line(ics, "METHOD")).collect();
        assert_eq!(methods, ["METHOD:REQUEST", "METHOD:REQUEST", "METHOD:CANCEL"], "{mails:?}");
        let sequences: Vec<&str> = mails.iter().map(|ics| line(ics, "SEQUENCE")).collect();
        assert_eq!(sequences, ["SEQUENCE:0", "SEQUENCE:1", "SEQUENCE:2"]);
        assert!(mails.iter().all(|ics| line(ics, "UID") == line(&mails[0], "UID")));
        assert!(line(&mails[2], "STATUS").ends_with("CANCELLED"));
        assert!(line(&mails[0], "ORGANIZER").ends_with("mailto:studio@example.com"), "{}", mails[0]);
        assert!(mails[0].replace("\r\n ", "").contains("mailto:ann@example.com"), "{}", mails[0]);
    })
    .await;
}
