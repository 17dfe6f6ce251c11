//! Messages: who wants a reply, conversations, and the manager's texts as the studio.

use crate::house::{Answer, House, phone};
use axum::http::StatusCode;
use firstcall_core::contact::Phone;
use firstcall_store::Tx;
use firstcall_store::messages::{self, Message};

async fn house() -> House {
    let house = House::new().await;
    house.musician("Ada <b>Okafor", 1, "drums").await;
    house.musician_in("Ben Castellano", 2, "drums", "Asia/Tokyo").await;
    house
}

async fn writes(house: &House, number: u8, words: &str) {
    house.engine.text_arrived(&Phone::new(&phone(number)).unwrap(), words).await.unwrap();
    house.settle().await;
}

async fn to(house: &House, number: u8) -> Vec<Message> {
    let phone = phone(number);
    house.engine.store().read(async move |tx: &mut Tx| messages::received_by(tx, &phone, 50).await).await.unwrap()
}

fn field(page: &Answer, name: &str) -> String {
    let field = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{}", page.body));
    field.split('"').next().unwrap().to_owned()
}

fn went(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.header("location"))
}

#[tokio::test]
async fn somebody_writes_and_is_answered_once() {
    let house = house().await;
    writes(&house, 1, "Can I bring my own <i>kit?").await;
    let board = house.get("/").await;
    assert!(board.body.contains("href=\"./messages/1\""), "{}", board.text());
    assert!(board.text().contains("writes: “Can I bring my own"), "{}", board.text());
    let list = house.get("/messages").await;
    assert!(
        list.text().starts_with("Messages\nWant a reply\n1")
            && !list.body.contains("<i>")
            && !list.body.contains("<b>O")
    );
    let page = house.get("/messages/1").await;
    assert!(page.text().contains("wants a reply") && page.text().contains("Done: no reply needed"), "{}", page.text());
    let form = format!("token={}&seen={}&do=now&words=Yes,+bring+it.", field(&page, "token"), field(&page, "seen"));
    let before = to(&house, 1).await.len();
    assert_eq!(went(&house.post("/messages/1", &form).await), (303, "./1?sent=now#reply"));
    assert_eq!(house.post("/messages/1", &form).await.status, StatusCode::SEE_OTHER, "a second press");
    house.settle().await;
    let sent = to(&house, 1).await;
    assert_eq!(sent.len(), before + 1, "one text");
    assert_eq!((sent[0].body.as_str(), sent[0].kind.as_str()), ("Fern Room: Yes, bring it.", "reply"));
    assert!(house.post("/messages/1", &form.replace("Yes", "No")).await.status.is_redirection());
    house.settle().await;
    assert_eq!(to(&house, 1).await.len(), before + 2, "other words are another text");
    assert!(!house.get("/").await.text().contains("writes:"));
    let text = house.get("/messages/1?sent=now").await.text();
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}\n{text}"));
    assert!(at("Can I bring") < at("Fern Room: Yes, bring it.") && !text.contains("wants a reply"), "{text}");
}

#[tokio::test]
async fn what_needs_no_reply_is_done_and_what_came_meanwhile_is_not() {
    let house = house().await;
    writes(&house, 1, "thanks, that was a great session").await;
    let seen = field(&house.get("/messages/1").await, "seen");
    writes(&house, 1, "one more thing: where do I park").await;
    assert_eq!(house.post("/messages/1", &format!("do=done&seen={seen}")).await.status, StatusCode::SEE_OTHER);
    assert!(house.get("/").await.text().contains("where do I park"));
    let seen = field(&house.get("/messages/1").await, "seen");
    house.post("/messages/1", &format!("do=done&seen={seen}")).await;
    assert!(!house.get("/").await.text().contains("writes:"));
}

/// Rules 4.7 and 8.5: a reply may leave in quiet hours, what nobody asked for waits for their end. It is 23:30 in Tokyo.
#[tokio::test]
async fn quiet_hours_are_told_and_kept() {
    let house = house().await;
    let page = house.get("/messages/2").await;
    assert!(page.text().contains("It is 23:30 for them: quiet hours"), "{}", page.text());
    assert!(page.body.contains("value=\"later\"") && !page.body.contains("value=\"now\""));
    let form = format!("token={}&do=now&words=Call+me", field(&page, "token"));
    house.post("/messages/2", &form).await;
    house.settle().await;
    assert_eq!(to(&house, 2).await.len(), 0, "not even when somebody asks for it");
    writes(&house, 2, "are you there").await;
    let page = house.get("/messages/2").await;
    assert!(page.body.contains("value=\"now\"") && page.body.contains("value=\"later\""), "{}", page.body);
    let (token, replies) = (field(&page, "token"), to(&house, 2).await.len());
    house.post("/messages/2", &format!("token={token}&do=later&words=Tomorrow")).await;
    house.settle().await;
    assert_eq!(to(&house, 2).await.len(), replies);
    assert!(
        house.get("/messages/2").await.text().contains("leaves 19:00"),
        "{}",
        house.get("/messages/2").await.text()
    );
    house.post("/messages/2", &format!("token={token}&do=now&words=Now")).await;
    house.settle().await;
    assert_eq!(to(&house, 2).await[0].body, "Fern Room: Now");
    house.pass(jiff::SignedDuration::from_hours(12)).await;
    let texts: Vec<String> = to(&house, 2).await.into_iter().map(|text| text.body).collect();
    assert!(texts.contains(&"Fern Room: Tomorrow".to_owned()) && texts.contains(&"Fern Room: Call me".to_owned()));
}

/// Rules 4.12 and 8.5.
#[tokio::test]
async fn who_opted_out_or_never_agreed_is_not_written_to() {
    let house = house().await;
    writes(&house, 1, "STOP").await;
    house.post("/roster/new", "name=Eve&phone=2125550105&zone=America/New_York&plays=drums&standing=invited").await;
    for (id, says) in [(1, "They want no more texts"), (3, "have not replied JOIN")] {
        let page = house.get(&format!("/messages/{id}")).await;
        assert!(page.text().contains(says) && !page.body.contains("<textarea"), "{}", page.text());
        let answer = house.post(&format!("/messages/{id}"), "do=now&words=please").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{id}");
    }
    house.settle().await;
    assert!(to(&house, 1).await.is_empty());
}

/// Nobody's number is in an address; nothing is texted to who is not on the roster.
#[tokio::test]
async fn what_strangers_write_is_seen_to() {
    let house = house().await;
    writes(&house, 77, "hello, do you need a harpist?").await;
    let board = house.get("/").await;
    assert!(
        board.body.contains("href=\"./messages/unknown/1\"") && !board.body.contains("messages/+1"),
        "{}",
        board.body
    );
    let page = house.get("/messages/unknown/1").await;
    assert!(page.text().contains("do you need a harpist?") && !page.body.contains("<textarea"), "{}", page.text());
    assert!(
        house.get("/roster/new?text=1").await.body.contains(&format!("value=\"{}\"", phone(77).replace('+', "&#43;")))
            || house.get("/roster/new?text=1").await.body.contains(&format!("value=\"{}\"", phone(77)))
    );
    assert_eq!(house.post("/messages/unknown/1", "do=now&words=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(went(&house.post("/messages/unknown/1", "do=done&seen=1").await), (303, "../../messages"));
    assert!(!house.get("/").await.text().contains("harpist"));
    house.musician("Hana", 77, "violin").await;
    assert!(house.get("/messages/3").await.text().contains("harpist"), "it belongs to their conversation");
    assert!(house.get("/messages/unknown/1").await.text().contains("on the roster by now"));
    house.engine.text_arrived(&Phone::new("+12125550199").unwrap(), "note to self").await.unwrap();
    assert!(!house.get("/").await.text().contains("note to self"), "the manager's own words");
}

#[tokio::test]
async fn a_text_is_counted_and_too_long_a_one_refused() {
    let house = house().await;
    let looked = house.post("/messages/1", "do=preview&words=It%E2%80%99s+on").await;
    assert_eq!(looked.status, StatusCode::OK);
    assert!(looked.text().contains("18 characters, 1 segment of 6:\nFern Room: It's on"), "{}", looked.text());
    let long = format!("do=now&words={}", "x".repeat(1_000_000));
    let refused = house.post("/messages/1", &long).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("segments; 6 are the most"));
    for (form, status) in [("do=now&words=+", 422), ("", 422), ("do=now&words=%00&token=x", 303)] {
        assert_eq!(house.post("/messages/1", form).await.status.as_u16(), status, "{form}");
    }
    for path in ["/messages/99", "/messages/unknown/99"] {
        assert_eq!(house.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(house.post(path, "do=done").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(house.post("/messages/99", "do=now&words=x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn long_conversations_are_paged() {
    let house = house().await;
    for number in 0..90 {
        let at = house.clock.now() + jiff::SignedDuration::from_mins(2);
        house.clock.set(at);
        writes(&house, 1, &format!("words number {number}")).await;
    }
    let page = house.get("/messages/1").await;
    assert!(page.body.len() < 100_000 && page.text().contains("words number 89"));
    assert!(!page.text().contains("words number 10\n"));
    let older = page.body.split("href=\"./1?").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let before = house.get(&format!("/messages/1?{older}")).await;
    let first = page.text().lines().find(|line| line.starts_with("words number")).unwrap().to_owned();
    let number: usize = first.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(before.text().contains(&format!("words number {}\n", number - 1)), "{first}\n{}", before.text());
    assert!(!before.text().contains(&format!("words number {number}\n")));
    assert!(house.get("/messages").await.body.len() < 100_000);
}

/// What somebody has typed and looks at is left alone.
#[tokio::test]
async fn lists_and_conversations_keep_themselves_up_to_date() {
    let house = house().await;
    writes(&house, 9, "Who is this?").await;
    for path in ["/messages", "/messages/1", "/messages/unknown/1", "/inbox"] {
        assert!(house.get(path).await.body.contains("hx-sse:connect"), "{path}");
    }
    let looked_at = house.post("/messages/1", "do=preview&words=Yes").await;
    assert!(!looked_at.body.contains("hx-sse:connect"));
}
