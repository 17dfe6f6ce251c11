//! The pages of joining and of one's own: what they say, that they are small, and what they forbid.

use crate::house::{House, phone};
use axum::http::StatusCode;
use firstcall_core::contact::Phone;
use firstcall_store::{Tx, applicants, messages};

const FORM: &str = "name=Ines+Moreau&phone=%2B12125550177&plays1=drums&plays2=violin&zone=Paris&quiet_from=&quiet_to=\
    &email=&consent=yes";

async fn house() -> House {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    house
}

fn is_small_and_guarded(page: &crate::house::Answer) {
    assert!(page.body.len() < 20_000, "{}", page.body.len());
    assert!(!page.body.contains("<script") && !page.body.contains(" style="), "{}", page.body);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("script-src"), "{policy}");
    assert_eq!((page.header("cache-control"), page.header("x-robots-tag")), ("no-store", "noindex, nofollow"));
    assert_eq!(page.header("referrer-policy"), "same-origin");
}

#[tokio::test]
async fn every_page_says_its_state_first() {
    let house = house().await;
    let mut seen = Vec::new();
    let mut look = async |name: &str, path: String| {
        let page = house.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        is_small_and_guarded(&page);
        seen.push(format!("## {name}\n{}\n", page.text()));
    };
    look("the form", "/join".to_owned()).await;
    let asked = house.post("/join", FORM).await;
    let link = asked.header("location").replacen("./", "/", 1);
    look("the code", link.clone()).await;
    let token = link.rsplit('/').next().unwrap().to_owned();
    let find = async move |tx: &mut Tx| applicants::get(tx, &token).await;
    let code = house.engine.store().write(find).await.unwrap().unwrap().code;
    let me = house.post(&link, &format!("code={code}")).await.header("location").replacen("..", "", 1);
    house.post(&me, "do=away&from=2026-12-24&to=2026-12-26").await;
    look("waiting", me.clone()).await;
    let number = Phone::new(&phone(1)).unwrap();
    house.engine.text_arrived(&number, "LINK").await.unwrap();
    house.settle().await;
    let sent = async move |tx: &mut Tx| messages::received_by(tx, &phone(1), 1).await;
    let text = house.engine.store().read(sent).await.unwrap().remove(0).body;
    let ada =
        text.split_whitespace().find(|word| word.contains("/me/")).unwrap().rsplit_once("/me").unwrap().1.to_owned();
    let ada = format!("/me{ada}");
    look("active", ada.clone()).await;
    house.post(&ada, "do=pause").await;
    look("paused", ada.clone()).await;
    look("what we hold", format!("{ada}/data")).await;
    look("delete?", format!("{ada}/delete")).await;
    let known = seen
        .join("\n")
        .replace(ada.trim_start_matches("/me/"), "TOKEN")
        .replace(me.trim_start_matches("/me/"), "TOKEN");
    insta::assert_snapshot!("joining", known);
}

#[tokio::test]
async fn what_was_typed_stays_and_is_escaped() {
    let house = house().await;
    let page = house.post("/join", "name=%3Cb%3E%22Ines&phone=1&zone=Nowhere").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    is_small_and_guarded(&page);
    assert!(!page.body.contains("<b>") && page.body.contains("&#60;b&#62;"), "{}", page.body);
    let other = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example.com")];
    assert_eq!(house.send("POST", "/join", &other, FORM).await.status, StatusCode::FORBIDDEN);
}
