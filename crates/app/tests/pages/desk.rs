//! The desk: who may see it, what it shows, and what its buttons do.

use crate::house::{Answer, House};
use axum::http::StatusCode;
use firstcall::web::Mode;
use firstcall_core::booking::State;
use jiff::SignedDuration;

const TUE_10: &str = "2026-12-08T15:00:00Z";
const WED_10: &str = "2026-12-09T15:00:00Z";
const TEN: SignedDuration = SignedDuration::from_secs(10);
const KEY: &[(&str, &str)] = &[("FIRSTCALL__API__KEYS", "old-key-0123456789,desk-key-0123456789")];

async fn house() -> House {
    people(House::new().await).await
}

async fn people(house: House) -> House {
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician("Ben Castellano", 2, "drums").await;
    house.musician("Cleo Marsh", 3, "upright_bass").await;
    house
}

/// A mail that needs mending: its instrument is a choice, its time has no half of the day.
const DOUBTFUL: &str = "From: Theo <theo@example.com>\r\nTo: bookings@example.com\r\nSubject: a <script>session\r\n\
    Message-ID: <t1@example.com>\r\nDate: Tue, 1 Dec 2026 09:00:00 -0500\r\n\r\n\
    Instrument: keyboard or piano\r\nTime zone: Eastern\r\nDay: December 8\r\nTimes: 10:00 AM\r\n\
    Notes: <img src=x onerror=alert(1)>\r\n";

async fn doubtful(house: &House) {
    let answer = house.send("POST", "/workflow/email/letters", &[("content-type", "message/rfc822")], DOUBTFUL).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
}

#[tokio::test]
async fn the_board_says_what_needs_a_human_and_what_is_awaited() {
    let house = house().await;
    house.book(&[("drums", 1), ("upright_bass", 1)], &[TUE_10, WED_10]).await;
    house.post(&format!("/y/{}", house.token(3).await), "").await;
    house.book(&[("violin", 1)], &[TUE_10]).await;
    doubtful(&house).await;
    house.clock.set(house.clock.now() + SignedDuration::from_mins(17));
    let board = house.get("/").await;
    assert_eq!(board.status, StatusCode::OK);
    assert!(board.body.contains("<title>2 need you · 1 calling · First Call</title>"), "{}", board.body);
    assert!(board.body.contains("open on this computer only"));
    assert!(!board.body.contains("<script>session") && !board.body.contains("Maribel <b>"));
    insta::assert_snapshot!("board", board.text());
}

#[tokio::test]
async fn a_booking_is_told_with_its_offers_texts_log_and_request() {
    let house = house().await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[TUE_10, WED_10]).await;
    house.post(&format!("/n/{}", house.token(1).await), "").await;
    house.post(&format!("/y/{}", house.token(3).await), "").await;
    house.pass(SignedDuration::from_hours(1)).await;
    let page = house.get(&format!("/bookings/{id}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let mut text = page.text();
    for number in [1, 2, 3] {
        text = text.replace(&house.token(number).await, "TOKEN");
    }
    insta::assert_snapshot!("booking", text);
    assert!(page.body.contains("rel=\"noopener noreferrer nofollow\"") && !page.body.contains("href=\"javascript"));
    house.post(&format!("/y/{}", house.token(2).await), "").await;
    assert!(house.get(&format!("/bookings/{id}")).await.text().contains("Booked: option 1 (Tue 8 Dec, 10:00)."));
    for path in ["/bookings/99", "/bookings/x", "/inbox/99", "/inbox/x"] {
        assert_eq!(house.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// Rule 3.8: the reason per time and chair.
#[tokio::test]
async fn a_booking_without_a_possible_time_says_why() {
    let house = house().await;
    house.book(&[("drums", 1), ("upright_bass", 1)], &[TUE_10]).await;
    house.post(&format!("/y/{}", house.token(3).await), "").await;
    let id = house.book(&[("upright_bass", 1)], &[TUE_10]).await;
    let page = house.get(&format!("/bookings/{id}")).await.text();
    let why = "Why these times cannot be had\nTue 8 Dec, 10:00–11:00\n: no upright bass: Cleo Marsh";
    assert!(page.contains(why), "{page}");
}

#[tokio::test]
async fn the_manager_s_buttons_work_without_a_script() {
    let house = house().await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[TUE_10]).await;
    let at = format!("/bookings/{id}");
    let went = |answer: &Answer| (answer.status.as_u16(), answer.header("location").to_owned());
    let home = (303, format!("../{id}"));
    assert_eq!(went(&house.post(&format!("{at}/pause"), "").await), home);
    let refused = house.post(&format!("{at}/next"), "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().starts_with("That could not be done.\nIt is paused: resume it first"), "{}", refused.text());
    assert_eq!(went(&house.post(&format!("{at}/resume"), "").await), home);
    assert_eq!(went(&house.post(&format!("{at}/answer"), "offer=1&answer=yes").await), home);
    assert_eq!(house.booking(id).await.holds().len(), 1);
    assert_eq!(went(&house.post(&format!("{at}/release"), "chair=0").await), home);
    assert_eq!(house.booking(id).await.holds().len(), 1, "it can be undone");
    house.pass(TEN).await;
    assert_eq!(house.booking(id).await.holds().len(), 0);
    assert_eq!(went(&house.post(&format!("{at}/fill"), "chair=1&musician=3").await), home);
    assert_eq!(went(&house.post(&format!("{at}/fill"), "chair=0&musician=2").await), home);
    assert_eq!(house.booking(id).await.holds().len(), 1, "another act does the one that waits");
    house.pass(TEN).await;
    assert!(matches!(house.booking(id).await.state, State::Booked { .. }));
    let question = house.get(&format!("{at}/cancel")).await.text();
    assert!(question.contains("2 musicians hold a chair and are told by text."), "{question}");
    assert_eq!(went(&house.post(&format!("{at}/cancel"), "").await), home);
    assert_eq!(house.post(&format!("{at}/cancel"), "").await.status, StatusCode::CONFLICT);
    for (act, form) in [("fill", "chair=9&musician=1"), ("release", ""), ("answer", "offer=1&answer=maybe")] {
        assert_eq!(house.post(&format!("{at}/{act}"), form).await.status, StatusCode::CONFLICT, "{act}");
    }
    assert_eq!(house.post("/bookings/99/pause", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_mail_is_mended_beside_its_original_and_nothing_typed_is_lost() {
    let house = house().await;
    doubtful(&house).await;
    let page = house.get("/inbox/1").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("What is doubtful") && !page.body.contains("<img"));
    assert!(page.body.contains("keyboard or piano"));
    let wrong = "name=Theo&email=theo&zone=Nowhere&count.drums=two&times=soon%0A2026-12-08+10:00&length=1x&notes=Quiet+%26+slow";
    let again = house.post("/inbox/1", wrong).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in [
        "value=\"Theo\"",
        "value=\"theo\"",
        "value=\"Nowhere\"",
        "value=\"two\"",
        "soon\n2026-12-08 10:00",
        "Quiet &#38; slow",
    ] {
        assert!(again.body.contains(kept), "{kept}\n{}", again.body);
    }
    assert_eq!(again.body.matches("class=\"wrong\"").count(), 6, "{}", again.text());
    let form = "name=Theo&email=theo%40example.com&zone=America/Chicago&count.drums=1&count.violin=0&times=2026-12-08+9am&length=2h";
    let mended = house.post("/inbox/1", form).await;
    assert_eq!((mended.status.as_u16(), mended.header("location")), (303, "../bookings/1"));
    let booking = house.booking(firstcall_core::ids::BookingId(1)).await;
    assert_eq!(booking.times[0].start.to_string(), TUE_10);
    assert_eq!(booking.times[0].length(), SignedDuration::from_hours(2));
    assert_eq!(house.post("/inbox/1", form).await.status, StatusCode::CONFLICT);
    assert_eq!(house.post("/inbox/1/dismiss", "").await.status, StatusCode::CONFLICT);
    assert!(house.get("/bookings/1").await.body.contains("keyboard or piano"), "the original mail is shown");
}

#[tokio::test]
async fn a_mail_that_is_no_booking_is_put_aside() {
    let house = house().await;
    doubtful(&house).await;
    assert_eq!(house.post("/inbox/1/dismiss", "").await.status, StatusCode::SEE_OTHER);
    assert!(!house.get("/").await.text().contains("Needs you"));
}

#[tokio::test]
async fn without_keys_only_this_computer_sees_the_desk() {
    let house = house().await;
    for headers in [
        &[("host", "calls.example.com")][..],
        &[("x-forwarded-for", "198.51.100.7")],
        &[("x-forwarded-host", "calls.example.com")],
        &[("forwarded", "for=198.51.100.7")],
        &[("x-real-ip", "198.51.100.7")],
    ] {
        for path in ["/", "/bookings", "/bookings/1", "/inbox/1", "/events"] {
            let answer = house.send("GET", path, headers, "").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {headers:?}");
            assert!(answer.body.contains("Sign in to the desk"));
        }
    }
    let elsewhere = people(House::with(&[("FIRSTCALL__SERVER__LISTEN", "0.0.0.0:8080")], Mode::Serve).await).await;
    assert_eq!(elsewhere.get("/").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_has_a_key_signs_in_and_out() {
    let house = people(House::with(KEY, Mode::Serve).await).await;
    assert_eq!(house.get("/").await.status, StatusCode::UNAUTHORIZED);
    let bearer = ("authorization", "Bearer desk-key-0123456789");
    assert_eq!(house.send("GET", "/", &[bearer], "").await.status, StatusCode::OK);
    assert_eq!(house.post("/sign-in", "key=wrong").await.status, StatusCode::UNAUTHORIZED);
    let signed = house.post("/sign-in", "key=desk-key-0123456789&next=/bookings/1").await;
    assert_eq!((signed.status.as_u16(), signed.header("location")), (303, "./bookings/1"));
    let cookie = signed.header("set-cookie").to_owned();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000") && !cookie.contains("desk-key"));
    let cookie = cookie.split(';').next().unwrap();
    let page = house.send("GET", "/", &[("cookie", cookie), ("host", "calls.example.com")], "").await;
    assert!(page.status == StatusCode::OK && !page.body.contains("open on this computer"));
    assert_eq!(
        house.send("GET", "/", &[("cookie", "firstcall_desk=desk-key-0123456789")], "").await.status.as_u16(),
        401
    );
    assert!(house.post("/sign-out", "").await.header("set-cookie").starts_with("firstcall_desk=; "));
    let away = house.post("/sign-in", "key=desk-key-0123456789&next=//example.com").await;
    assert_eq!(away.header("location"), "./");
    let https = [KEY[0], ("FIRSTCALL__SERVER__PUBLIC_URL", "https://calls.example.com")];
    let https = House::with(&https, Mode::Serve).await;
    assert!(https.post("/sign-in", "key=old-key-0123456789").await.header("set-cookie").ends_with("; Secure"));
}

/// Another site's page must not press the desk's buttons, nor sign anybody in.
#[tokio::test]
async fn other_sites_press_nothing() {
    let house = house().await;
    let id = house.book(&[("drums", 1)], &[TUE_10]).await;
    let (pause, log) = (format!("/bookings/{id}/pause"), house.log_length().await);
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://example.com")],
        &[("origin", "null")],
    ] {
        assert_eq!(house.send("POST", &pause, headers, "").await.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(house.send("POST", "/sign-in", headers, "key=x").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(house.log_length().await, log);
    let own = [("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")];
    assert_eq!(house.send("POST", &pause, &own, "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn opening_the_desk_changes_nothing_and_its_lists_are_paged() {
    let house = house().await;
    for _ in 0..53 {
        house.book(&[("violin", 1)], &[TUE_10]).await;
    }
    let log = house.log_length().await;
    let first = house.get("/bookings").await;
    assert_eq!(first.body.matches("<tr").count(), 51);
    assert!(first.body.contains("href=\"./bookings?before=4\""), "the next page begins below the last number");
    assert_eq!(house.get("/bookings?before=4&status=no_times").await.body.matches("<tr").count(), 4);
    assert!(house.get("/bookings?status=booked&before=x").await.status.is_success());
    assert!(house.get("/").await.text().contains("Needs you"));
    for path in ["/", "/bookings", "/bookings/1", "/bookings/1/cancel", "/bookings/new", "/sign-in"] {
        assert_eq!(house.send("HEAD", path, &[], "").await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(house.log_length().await, log);
}

/// Whoever mistypes an address in a browser gets a page, and a program what it can read.
#[tokio::test]
async fn an_unknown_address_is_told_as_it_was_asked_for() {
    let house = house().await;
    let page = house.send("GET", "/settingz/of/texts", &[("accept", "text/html,*/*;q=0.8")], "").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("There is no such page."), "{}", page.text());
    assert!(page.body.contains("href=\"../../assets/"), "{}", page.body);
    let program = house.send("GET", "/settingz", &[("accept", "*/*")], "").await;
    assert_eq!((program.status, program.header("content-type")), (StatusCode::NOT_FOUND, "application/problem+json"));
}

#[tokio::test]
async fn pages_of_the_desk_run_no_foreign_script() {
    let house = house().await;
    let page = house.get("/").await;
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert!(!page.body.contains("<style") && !page.body.contains("style=") && !page.body.contains("onclick"));
    assert!(!page.body.contains("hx-on") && !page.body.contains("js:"), "nothing is evaluated");
    let scripts: Vec<&str> = page.body.split("src=\".").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(scripts.len(), 3);
    for script in scripts {
        let script = house.get(script).await;
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    }
    assert_eq!(house.get("/assets/x/nothing.js").await.status, StatusCode::NOT_FOUND);
}
