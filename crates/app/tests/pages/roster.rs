//! The roster and the studio on the desk: calendars, time away, closures, and why not.

use crate::house::House;
use axum::http::StatusCode;
use firstcall::worker;

const KEYS: &[(&str, &str)] = &[("FIRSTCALL__CALENDARS__KEY", "what seals calendars on pages")];
/// An uploaded calendar, as a browser posts it.
const FORM: &str = "multipart/form-data; boundary=line";

fn upload(events: &str) -> String {
    let field = |name: &str, value: &str| {
        format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = format!(
        "--line\r\nContent-Disposition: form-data; name=\"text\"; filename=\"gigs.ics\"\r\nContent-Type: text/calendar\r\n\r\n\
         BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\n{events}END:VCALENDAR\r\n\r\n"
    );
    format!("{}{}{file}--line--\r\n", field("kind", "file"), field("name", "Gigs"))
}

const GIG: &str = "BEGIN:VEVENT\r\nUID:1@example.com\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261208T150000Z\r\n\
    DTEND:20261208T170000Z\r\nSUMMARY:Secret wedding\r\nEND:VEVENT\r\n";

async fn house() -> House {
    let house = House::with(KEYS, firstcall::web::Mode::Serve).await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician("Ben Castellano", 2, "upright_bass").await;
    house
}

async fn read_calendars(house: &House) {
    let sources = firstcall::sources::Sources::new(&house.engine).unwrap();
    worker::calendars_due(&house.engine, &sources).await.unwrap();
}

#[tokio::test]
async fn the_roster_shows_people_and_how_their_calendars_are() {
    let house = house().await;
    house.send("POST", "/roster/1/calendars", &[("content-type", FORM)], &upload(GIG)).await;
    read_calendars(&house).await;
    let page = house.get("/roster").await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("roster", page.text());
}

/// 7 of the calendars' issue: which calendar keeps somebody busy, and when, but never with what.
#[tokio::test]
async fn a_musicians_page_says_why_they_are_not_free_and_not_what_they_do() {
    let house = house().await;
    let connected = house.send("POST", "/roster/1/calendars", &[("content-type", FORM)], &upload(GIG)).await;
    assert_eq!(connected.status, StatusCode::SEE_OTHER, "{}", connected.body);
    read_calendars(&house).await;
    house.post("/roster/1/away", "from=2026-12-10T09:00&to=2026-12-12T18:00&note=tour").await;
    let page = house.get("/roster/1?from=2026-12-08T10:00&to=2026-12-08T11:00").await;
    assert!(!page.body.contains("wedding"), "{}", page.body);
    insta::assert_snapshot!("musician_on_the_roster", page.text());
    house.post("/roster/1/away/1", "").await;
    house.post("/roster/1/calendars/1", "act=ignore").await;
    let page = house.get("/roster/1?from=2026-12-08T10:00&to=2026-12-08T11:00").await;
    assert!(page.body.contains("ignored") && page.body.contains("Nothing is entered"), "{}", page.body);
    house.post("/roster/1/calendars/1", "act=remove").await;
    assert!(house.get("/roster/1").await.body.contains("None is connected"));
}

/// Rule 5.7: by the desk too, in any wording; it can be taken back from there only by who said it by text.
#[tokio::test]
async fn somebody_is_paused_and_opted_out_on_the_desk() {
    let house = house().await;
    house.post("/roster/1/standing", "standing=paused").await;
    assert!(house.get("/roster/1").await.body.contains("paused"));
    house.post("/roster/1/standing", "standing=opted_out").await;
    let page = house.get("/roster/1").await;
    assert!(page.body.contains("opted out") && page.body.contains("the manager says that they want no more texts"));
    assert_eq!(house.post("/roster/1/standing", "standing=boss").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.get("/roster/99").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_studio_is_closed_and_opened_on_its_page() {
    let house = house().await;
    house.send("POST", "/studio/calendars", &[("content-type", FORM)], &upload(GIG)).await;
    read_calendars(&house).await;
    house.post("/studio/closures", "from=2026-12-24T00:00&to=2026-12-27T00:00&note=Christmas").await;
    let page = house.get("/studio?from=2026-12-08T11:30&to=2026-12-08T12:30").await;
    insta::assert_snapshot!("studio", page.text());
    assert_eq!(house.post("/studio/closures", "from=soon&to=later").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.post("/studio/closures/1", "").await;
    assert!(house.get("/studio").await.body.contains("No closure is entered"));
}

/// What cannot be connected is refused with what to do.
#[tokio::test]
async fn what_is_no_calendar_is_not_connected() {
    let house = house().await;
    let form = "--line\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nfeed\r\n--line\r\n\
        Content-Disposition: form-data; name=\"url\"\r\n\r\nhttp://192.168.0.7/private.ics\r\n--line--\r\n";
    let answer = house.send("POST", "/roster/1/calendars", &[("content-type", FORM)], form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("must begin with https://"), "{}", answer.body);
    let empty = house.send("POST", "/roster/1/calendars", &[("content-type", FORM)], "--line--\r\n").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
}
