//! Settings, set-up and diagnostics on the desk.

use crate::house::House;
use axum::http::StatusCode;
use firstcall::web;

const KEYS: &[(&str, &str)] = &[("FIRSTCALL__CALENDARS__KEY", "what seals secrets on pages")];

/// What the environment fixes is shown as fixed; the rest is saved, and the page says what is kept.
#[tokio::test]
async fn settings_are_shown_with_what_fixes_them() {
    let house = House::with(KEYS, web::Mode::Serve).await;
    let page = house.get("/settings/studio").await;
    assert!(page.body.contains("Fixed by FIRSTCALL__STUDIO__NAME."), "{}", page.text());
    // "Always" is still chosen, and cannot be meant.
    let hours = "studio.name=Other&studio.time_zone=America/New_York&studio.opening_hours=always\
        &studio.opening_hours.mon=10:00+%E2%80%93+2pm,+15-6&studio.opening_hours.sat=";
    assert_eq!(
        house.post("/settings/studio", hours).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "15-6 may be meant as 3 to 6 in the afternoon"
    );
    let saved = house.post("/settings/studio", &hours.replace("15-6", "15-18")).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "../settings/studio?saved=yes"));
    let page = house.get("/settings/studio?saved=yes").await;
    assert!(page.text().contains("Saved."), "{}", page.text());
    assert!(page.body.contains("10:00-14:00, 15:00-18:00"), "{}", page.text());
    assert!(page.body.contains("value=\"Fern Room\""), "a fixed setting is not changed");
    let always = "studio.time_zone=America/New_York&studio.opening_hours=always&studio.opening_hours.mon=10:00-14:00";
    assert_eq!(house.post("/settings/studio", always).await.status, StatusCode::SEE_OTHER);
    assert!(!house.get("/settings/studio").await.body.contains("15:00-18:00"));
}

/// A browser's field of a colour always has one: the usual one stands for none.
#[tokio::test]
async fn the_usual_colour_is_none() {
    let house = House::with(KEYS, web::Mode::Serve).await;
    assert!(house.get("/settings/studio").await.body.contains("type=\"color\" value=\"#12614a\""));
    let kept = async || house.engine.kept_settings().await.unwrap().settings.studio.colour.map(|c| c.to_string());
    let form = |colour: &str| format!("studio.time_zone=America/New_York&studio.colour=%23{colour}");
    for (colour, is) in [("12614a", None), ("aa3300", Some("#aa3300")), ("12614a", None)] {
        assert_eq!(house.post("/settings/studio", &form(colour)).await.status, StatusCode::SEE_OTHER);
        assert_eq!(kept().await.as_deref(), is);
    }
}

/// The provider at hand is open, and what was refused in another; what is seldom needed is folded.
#[tokio::test]
async fn of_the_providers_the_one_at_hand_is_open() {
    let own = [KEYS, &[("FIRSTCALL__SMS__DRY_RUN", "on")]].concat();
    let house = House::with(&own, web::Mode::Serve).await;
    let open = |page: &str, name: &str| page.contains(&format!("<details open><summary>{name}</summary>"));
    let page = house.get("/settings/texts").await.body;
    assert!(!open(&page, "Twilio: account and number") && !open(&page, "Vonage: account and number"), "{page}");
    let unfinished = house.post("/settings/texts", "sms.provider=vonage&sms.vonage.from=Fern&sms.per_second=0").await;
    assert!(open(&unfinished.body, "Seldom needed"), "{}", unfinished.body);
    let vonage = "sms.provider=vonage&sms.vonage.from=Fern&sms.vonage.api_key=k&sms.vonage.api_secret=hush\
        &sms.vonage.signature_secret=hush";
    assert_eq!(house.post("/settings/texts", vonage).await.status, StatusCode::SEE_OTHER);
    let page = house.get("/settings/texts").await.body;
    assert!(open(&page, "Vonage: account and number") && !open(&page, "Twilio: account and number"), "{page}");
}

/// Mistakes stand beside their fields, what was typed is kept, and nothing is saved.
#[tokio::test]
async fn mistakes_stand_beside_their_fields() {
    let house = House::with(KEYS, web::Mode::Serve).await;
    let form = "sessions.length=forever&calling.patience=20m&calling.quiet_hours=late";
    let answer = house.post("/settings/calling", form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body.matches("role=\"alert\"").count(), 3, "{}", answer.text());
    assert!(answer.body.contains("value=\"20m\"") && answer.body.contains("value=\"forever\""));
    assert!(
        house
            .get("/settings/calling")
            .await
            .body
            .contains("id=\"calling.patience\" name=\"calling.patience\" value=\"1h\"")
    );
}

/// A secret is never shown, stays when its field is left empty, and can be removed.
#[tokio::test]
async fn secrets_are_kept_and_not_shown() {
    let house = House::with(KEYS, web::Mode::Serve).await;
    let smtp =
        "smtp.host=mail.example.com&smtp.port=2525&smtp.from=studio@example.com&smtp.username=u&smtp.password=hush";
    assert_eq!(house.post("/settings/email", smtp).await.status, StatusCode::SEE_OTHER);
    let page = house.get("/settings/email").await;
    assert!(!page.body.contains("hush") && page.body.contains("set; leave empty to keep it"));
    let again = smtp.replace("hush", "").replace("2525", "465");
    assert_eq!(house.post("/settings/email", &again).await.status, StatusCode::SEE_OTHER);
    let kept = house.engine.kept_settings().await.unwrap().settings.smtp;
    assert_eq!((kept.port, kept.password.unwrap().expose()), (465, "hush"));
    let none = "smtp.host=&smtp.port=465&smtp.from=&smtp.username=&smtp.password=&smtp.password-remove=on";
    assert_eq!(house.post("/settings/email", none).await.status, StatusCode::SEE_OTHER);
    assert!(house.engine.kept_settings().await.unwrap().settings.smtp.password.is_none());
}

/// Whoever connects a provider rehearses first: musicians are texted when the manager says so.
#[tokio::test]
async fn connecting_a_provider_begins_with_a_dry_run() {
    let house = House::with(KEYS, web::Mode::Serve).await;
    let twilio =
        "sms.provider=twilio&sms.twilio.account_sid=AC0&sms.twilio.auth_token=hush&sms.twilio.from=%2B12125550198";
    assert_eq!(house.post("/settings/texts", twilio).await.status, StatusCode::SEE_OTHER);
    let kept = house.engine.kept_settings().await.unwrap().settings.sms;
    assert!(kept.dry_run.is_on());
    assert_eq!(house.post("/set-up/live", "").await.status, StatusCode::SEE_OTHER);
    assert!(!house.engine.kept_settings().await.unwrap().settings.sms.dry_run.is_on());
}

#[tokio::test]
async fn the_set_up_says_what_is_left_to_do() {
    let house = House::with(KEYS, web::Mode::Serve).await;
    insta::assert_snapshot!("set_up", house.get("/set-up").await.text());
    house.musician("Ada Okafor", 1, "drums").await;
    assert!(house.get("/set-up").await.body.contains("1 musician can be asked."));
}

/// Whoever helps gets no names, numbers, addresses or secrets.
#[tokio::test]
async fn the_file_for_support_names_nobody() {
    let house = House::with(KEYS, web::Mode::Serve).await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.book(&[("drums", 1)], &["2026-12-02T15:00:00Z"]).await;
    let page = house.get("/diagnostics").await;
    assert!(page.text().contains("1 musician can be asked"));
    assert!(page.body.contains("<a href=\"./settings/email\">Change it</a>"), "{}", page.body);
    let file = house.get("/diagnostics/bundle").await.body;
    assert!(file.contains("\"calling\"") && file.contains("America/New_York"), "{file}");
    for secret in ["Ada", "Fern", "Rosa", "Canal", "2125550", "letters", "seals", "maribel", "Maribel"] {
        assert!(!file.contains(secret), "{secret} is in it:\n{file}");
    }
}
