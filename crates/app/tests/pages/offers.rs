//! The answer pages (rules 5.1–5.8).

use crate::house::House;
use axum::http::StatusCode;
use firstcall_core::ids::ChairNo;
use firstcall_core::manage::Act;
use jiff::SignedDuration;

const WED_10: &str = "2026-12-02T15:00:00Z";
const THU_10: &str = "2026-12-03T15:00:00Z";

/// Ada (01) and Ben (02) play drums, Cleo (03) bass and lives in Berlin; Ada and Cleo were asked for Wednesday.
async fn house() -> House {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician("Ben Castellano", 2, "drums").await;
    house.musician_in("Cleo Marsh", 3, "upright_bass", "Europe/Berlin").await;
    house
}

#[tokio::test]
async fn every_state_has_its_own_first_line() {
    let house = house().await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[WED_10, THU_10]).await;
    let (ada, cleo) = (house.token(1).await, house.token(3).await);
    let mut seen = Vec::new();
    let mut look = async |state: &str, path: String| {
        let page = house.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{state}");
        assert!(page.body.len() < 20_000);
        for somebody in ["Okafor", "Castellano", "Marsh", "Ostrander"] {
            assert!(!page.body.contains(somebody), "{state}: {somebody} (rule 5.8)");
        }
        seen.push(format!("## {state}\n{}\n", page.text()));
    };
    look("open", format!("/y/{ada}")).await;
    look("open, the NO link", format!("/n/{ada}")).await;
    look("open, from another zone", format!("/y/{cleo}")).await;
    house.post(&format!("/n/{ada}"), "").await;
    look("said no", format!("/y/{ada}")).await;
    house.post(&format!("/y/{cleo}"), "").await;
    look("held", format!("/y/{cleo}")).await;
    look("held, the NO link", format!("/n/{cleo}")).await;
    house.pass(SignedDuration::from_hours(1)).await;
    let ben = house.token(2).await;
    house.post(&format!("/y/{ben}"), "").await;
    look("confirmed", format!("/y/{ben}")).await;
    look("said no, and filled since", format!("/y/{ada}")).await;
    house.post(&format!("/y/{ada}"), "").await;
    look("late", format!("/y/{ada}")).await;
    house.post(&format!("/y/{ada}"), "press=standby").await;
    look("standby noted", format!("/y/{ada}")).await;
    house.engine.manage(id, Act::Cancel, "desk").await.unwrap();
    look("cancelled", format!("/y/{ben}")).await;
    look("cancelled, not held", format!("/y/{ada}")).await;
    insta::assert_snapshot!("states", seen.join("\n"));
}

#[tokio::test]
async fn what_a_press_did_is_said_at_once() {
    let house = house().await;
    house.book(&[("drums", 1)], &[WED_10]).await;
    let ada = house.token(1).await;
    house.pass(SignedDuration::from_hours(1)).await;
    let ben = house.token(2).await;
    let mut seen = Vec::new();
    for (path, form) in [
        (format!("/n/{ben}"), ""),
        (format!("/n/{ben}"), ""),
        (format!("/y/{ben}"), "press=standby"),
        (format!("/n/{ben}"), "press=yes"),
        (format!("/y/{ben}"), "press=yes"),
        (format!("/y/{ada}"), ""),
        (format!("/y/{ada}"), "press=standby"),
        (format!("/y/{ada}"), "press=standby"),
        (format!("/y/{ben}"), "press=no"),
        (format!("/y/{ben}"), "press=no"),
        (format!("/y/{ada}"), ""),
    ] {
        let page = house.post(&path, form).await;
        assert_eq!(page.status, StatusCode::OK);
        let link = path.replace(&ada, "ada").replace(&ben, "ben");
        seen.push(format!("## POST {link} {form}\n{}\n", page.text()));
    }
    insta::assert_snapshot!("presses", seen.join("\n"));
}

#[tokio::test]
async fn who_holds_elsewhere_is_told_so_and_can_answer_when_that_is_gone() {
    let house = house().await;
    let first = house.book(&[("drums", 1), ("upright_bass", 1)], &[WED_10]).await;
    let one = house.token(1).await;
    house.book(&[("drums", 1)], &[WED_10]).await;
    let other = house.token(1).await;
    assert_ne!(one, other);
    house.post(&format!("/y/{one}"), "").await;
    let closed = house.get(&format!("/y/{other}")).await.text();
    assert!(closed.contains("You hold another session at that time, so this counts as a no."), "{closed}");
    let refused = house.post(&format!("/y/{other}"), "").await.text();
    assert!(refused.starts_with("You are already holding Wed 2 Dec, 10:00 for another session."), "{refused}");
    assert_eq!(house.get(&format!("/y/{other}")).await.text(), refused);
    house.engine.manage(first, Act::Cancel, "desk").await.unwrap();
    let open = house.get(&format!("/y/{other}")).await.text();
    assert!(open.contains("The other session is gone. Say yes again to take this one."), "{open}");
    let booked = house.post(&format!("/y/{other}"), "").await.text();
    assert!(booked.contains("The session is confirmed."), "{booked}");
}

#[tokio::test]
async fn releases_and_closed_offers_say_that_nobody_is_booked() {
    let house = house().await;
    let id = house.book(&[("drums", 1), ("upright_bass", 1)], &[WED_10, THU_10]).await;
    let (ada, cleo) = (house.token(1).await, house.token(3).await);
    house.post(&format!("/y/{ada}"), "").await;
    house.engine.manage(id, Act::Release(ChairNo(0)), "desk").await.unwrap();
    let released = house.get(&format!("/y/{ada}")).await.text();
    assert!(released.starts_with("Your hold is released. You are not booked."), "{released}");
    house.clock.set("2026-12-05T15:00:00Z".parse().unwrap());
    house.settle().await;
    let expired = house.get(&format!("/y/{cleo}")).await.text();
    assert!(expired.starts_with("This offer has expired. You are not booked."), "{expired}");
}

/// Rules 5.1 and 8.6: previews, scanners and browsers that look ahead open links.
#[tokio::test]
async fn opening_a_link_changes_nothing() {
    let house = house().await;
    let id = house.book(&[("drums", 1)], &[WED_10]).await;
    let (ada, log, before) = (house.token(1).await, house.log_length().await, house.booking(id).await);
    for link in [format!("/y/{ada}"), format!("/n/{ada}")] {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"] {
            let answer = house.send(method, &link, &[("purpose", "prefetch"), ("user-agent", "bot")], "").await;
            let expected = if ["GET", "HEAD"].contains(&method) { 200 } else { 405 };
            assert_eq!(answer.status.as_u16(), expected, "{method}");
        }
        assert_eq!(house.get(&format!("{link}?press=yes&answer=yes")).await.status, StatusCode::OK);
    }
    assert_eq!((house.log_length().await, house.booking(id).await), (log, before));
}

#[tokio::test]
async fn a_post_answers_in_whatever_form_it_comes() {
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"press\"\r\n\r\nno\r\n--x--\r\n";
    for (kind, body, first) in [
        ("", "", "You said yes"),
        ("application/json", "{}", "You said yes"),
        ("application/json", "{\"press\":\"no\"}", "You said no"),
        ("application/x-www-form-urlencoded", "press=no", "You said no"),
        ("multipart/form-data; boundary=x", multipart, "You said no"),
        ("multipart/form-data", "", "You said yes"),
        ("text/plain", "hello", "You said yes"),
        ("image/png", "\u{0}\u{1}", "You said yes"),
    ] {
        let house = house().await;
        house.book(&[("drums", 1)], &[WED_10]).await;
        let headers = [("content-type", kind)];
        let headers = if kind.is_empty() { &[][..] } else { &headers[..] };
        let page = house.send("POST", &format!("/y/{}", house.token(1).await), headers, body).await;
        assert_eq!(page.status, StatusCode::OK, "{kind}");
        assert!(page.text().starts_with(first), "{kind} {body}: {}", page.text());
    }
}

#[tokio::test]
async fn unknown_links_say_whom_to_text() {
    let house = house().await;
    for token in ["AAAAAAAAAAAAAAAA", "short", "%00%00%00%00%00%00%00%00", "..%2f..%2fetc%2fpasswd"] {
        for answer in [house.get(&format!("/y/{token}")).await, house.post(&format!("/n/{token}"), "").await] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{token}");
            assert!(answer.text().starts_with("We can't find this offer. Text the studio."));
            assert!(answer.body.contains("+12125550100"));
        }
    }
    house.book(&[("drums", 1)], &[WED_10]).await;
    let linked_with_its_full_stop = format!("/y/{}.", house.token(1).await);
    assert_eq!(house.get(&linked_with_its_full_stop).await.status, StatusCode::OK);
}

/// Rules 4.2, 5.8: a link is that link or none; whatever befell it in between, it is nobody else's.
#[tokio::test]
async fn a_damaged_link_is_unknown_and_answers_nothing() {
    let house = house().await;
    house.book(&[("drums", 1), ("upright_bass", 1)], &[WED_10]).await;
    let token = house.token(1).await;
    let mut damaged = vec![token[1..].to_owned(), token[..15].to_owned(), format!("{token}A"), format!("A{token}")];
    for at in 0..token.len() {
        let (before, after) = (&token[..at], &token[at + 1..]);
        damaged.extend(["A", "b", "-", "%20", "%0A", "é"].map(|other| format!("{before}{other}{after}")));
        damaged.push(format!("{before}{after}"));
    }
    let turned = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    damaged.push(token.chars().map(turned).collect());
    damaged.retain(|other| *other != token);
    for other in damaged {
        for path in [format!("/y/{other}"), format!("/n/{other}")] {
            let path = path.replace('é', "%C3%A9");
            assert_eq!(house.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(house.post(&path, "").await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert!(house.get(&format!("/y/{token}")).await.text().contains("Yes, I'll do it"), "it is still open");
}

#[tokio::test]
async fn pages_with_a_secret_keep_it() {
    let house = house().await;
    house.book(&[("drums", 1)], &[WED_10]).await;
    let page = house.get(&format!("/y/{}", house.token(1).await)).await;
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex, nofollow"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(!page.body.contains("<script") && !page.body.contains("style="));
    let style = page.body.split("href=\"..").nth(1).unwrap().split('"').next().unwrap();
    let style = house.get(style).await;
    assert_eq!((style.status, style.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
    assert!(style.body.len() < 13_500, "the style sheet has {} bytes", style.body.len());
    assert!(page.body.len() + style.body.len() < 20_000);
}

/// Rule 8.3: without a database there are no thanks.
#[tokio::test]
async fn without_a_database_nothing_is_promised() {
    let house = house().await;
    house.book(&[("drums", 1)], &[WED_10]).await;
    let ada = house.token(1).await;
    house.engine.store().close().await;
    let pressed = house.post(&format!("/y/{ada}"), "").await;
    assert_eq!(pressed.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(pressed.text().starts_with("Your answer was not recorded. Please try again."), "{}", pressed.text());
    assert_eq!(house.get(&format!("/y/{ada}")).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
