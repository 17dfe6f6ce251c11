//! What is taught on the desk is kept and used, on every database.

use crate::studio::{KEY, Studio};
use axum::body::Body;
use axum::http::{Request, header};
use firstcall_store::testing::each_backend;

/// Posts a form of the desk.
pub async fn form(studio: &Studio, path: &str, form: &str) -> (u16, String) {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {KEY}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let (answer, to) = studio.send_and_follow(request.body(Body::from(form.to_owned())).unwrap()).await;
    studio.settle().await;
    (answer.status.as_u16(), to)
}

const LINES: &str = "Name: Tess Granger\r\nWho plays: tubs\r\nPrefered slot: December 8, 2026, 10:00 AM\r\n\
    Time zone: Eastern Time";

#[tokio::test]
async fn a_mail_that_nobody_understood_is_understood_once_its_words_are_taught() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let id = studio.mail("1", LINES).await.expect(202).json()["inbox_id"].as_i64().unwrap();
        let teach = format!("/inbox/{id}/teach");
        for lesson in [
            "teach=label0&said.label0=Who+plays&as.label0=instruments&notes=typed+by+hand",
            "teach=label0&said.label0=Prefered+slot&as.label0=notes&notes=typed+by+hand",
            "teach=label0&said.label0=prefered+SLOT%3F&as.label0=times&notes=typed+by+hand",
            "teach=word0&said.word0=Tubs&as.word0=drums&notes=typed+by+hand",
        ] {
            let (status, to) = form(&studio, &teach, lesson).await;
            assert_eq!((status, to.as_str()), (303, format!("../{id}?done=taught").as_str()), "{lesson}");
        }
        let page = studio.get(&format!("/inbox/{id}")).await.expect(200).body;
        assert!(page.contains("Nothing is doubtful any more") && page.contains(">typed by hand</textarea>"), "{page}");
        studio.expect_silence(&["Ann"]).await;
        let again = studio.mail("2", LINES).await.expect(201).json()["booking_id"].as_i64().unwrap();
        assert_eq!(studio.status(again).await, "calling");
        studio.expect_text("Ann", "Drums, Tue 8 Dec 10am").await;
    })
    .await;
}

#[tokio::test]
async fn an_instrument_that_was_added_can_be_asked_for() {
    each_backend(async |store| {
        let mut studio = Studio::open(store, &[], &[]).await;
        assert_eq!(studio.engine.add_instrument(" Pedal  Steel ").await.unwrap(), "pedal_steel");
        studio.engine.teach_alias("steel", "pedal_steel").await.unwrap();
        for refused in ["Pedal-steel", "steel", "drummer", "8va", "Flügelhorn", "", "\0"] {
            studio.engine.add_instrument(refused).await.unwrap_err();
        }
        studio.invite("Ann", "steel").await;
        studio.texts("Ann", "JOIN").await;
        studio.new_texts("Ann").await;
        studio.book("1", "pedal steel", "10:00 AM").await;
        studio.expect_text("Ann", "Pedal steel, Tue 8 Dec 10am").await;
        let lessons = studio.engine.lessons().await.unwrap();
        studio.engine.take_back(lessons[0].id).await.expect_err("Ann plays it");
        studio.engine.take_back(lessons[1].id).await.unwrap();
        studio.engine.take_back(lessons[1].id).await.expect_err("it is not taught any more");
    })
    .await;
}
