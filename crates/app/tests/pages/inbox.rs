//! The inbox: what waits and what is settled, mending beside the original, and what is taught on the way.

use crate::house::{Answer, House};
use axum::http::StatusCode;
use firstcall::web::Mode;

/// A mail whose instrument is a choice, and which nobody can take for a page.
const DOUBTFUL: &str = "Instrument: keyboard or piano\r\nTime zone: Eastern\r\nDay: December 8\r\nTimes: 10:00 AM\r\n\
    Notes: <img src=x onerror=alert(1)>\r\n";
/// A mail of a form with a label of its own.
const LABELLED: &str = "Instrument: drums\r\nTime zone: Eastern\r\nPrefered slot: December 8, 2026 at 10:00 AM\r\n";

async fn house() -> House {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    house
}

async fn mail(house: &House, id: u8, lines: &str) -> Answer {
    let raw = format!(
        "From: Theo <theo@example.com>\r\nTo: bookings@example.com\r\nSubject: a <script>session {id}\r\n\
         Message-ID: <t{id}@example.com>\r\nDate: Tue, 1 Dec 2026 09:00:00 -0500\r\n\r\n{lines}"
    );
    house.send("POST", "/workflow/email/letters", &[("content-type", "message/rfc822")], &raw).await
}

fn went(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.header("location"))
}

#[tokio::test]
async fn what_waits_comes_first_and_what_was_put_aside_can_be_brought_back() {
    let house = house().await;
    for id in 1..=3 {
        assert_eq!(mail(&house, id, DOUBTFUL).await.status, StatusCode::ACCEPTED);
    }
    assert_eq!(went(&house.post("/inbox/2/dismiss", "").await), (303, "../../inbox"));
    let page = house.get("/inbox").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("<script>session") && page.body.contains("<title>2 in the inbox"));
    let text = page.text();
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}\n{text}"));
    assert!(place("session 1") < place("session 3") && place("session 3") < place("Settled"), "{text}");
    assert!(place("Settled") < place("session 2") && text.contains("put aside"), "{text}");
    assert!(house.get("/inbox?state=booked").await.text().contains("None."));
    assert!(house.get("/inbox/2").await.text().contains("Bring it back"));
    assert_eq!(went(&house.post("/inbox/2/restore", "").await), (303, "../2"));
    assert_eq!(house.post("/inbox/2/restore", "").await.status, StatusCode::CONFLICT);
    assert!(house.get("/inbox/2").await.text().contains("Make a booking of it"));
    assert!(house.get("/inbox").await.body.contains("<title>3 in the inbox"));
}

#[tokio::test]
async fn long_inboxes_are_paged() {
    let house = house().await;
    for id in 0..=120 {
        mail(&house, id, DOUBTFUL).await;
    }
    for id in 1..=60 {
        house.post(&format!("/inbox/{id}/dismiss"), "").await;
    }
    let page = house.get("/inbox").await;
    assert_eq!(page.body.matches("<li>").count(), 100);
    assert!(page.body.contains("./inbox?after=110") && page.body.contains("./inbox?before=11"), "{}", page.text());
    assert_eq!(house.get("/inbox?after=110&before=11").await.body.matches("<li>").count(), 21);
    assert!(page.body.len() < 100_000, "{}", page.body.len());
}

/// Rule 1.4: the fields beside the original, and in it the words that are doubtful.
#[tokio::test]
async fn doubtful_words_are_marked_in_the_original_and_told_beside_their_field() {
    let house = house().await;
    mail(&house, 1, DOUBTFUL).await;
    let page = house.get("/inbox/1").await;
    assert!(page.body.contains("Instrument: <mark>keyboard or piano</mark>"), "{}", page.body);
    assert!(!page.body.contains("<img") && page.body.contains("&#60;img src=x"), "{}", page.body);
    let beside = page.body.split("id=\"instruments\"").nth(1).unwrap();
    assert!(beside.split("</fieldset>").next().unwrap().contains("<q>keyboard or piano</q>"), "{}", page.body);
    assert!(page.text().contains("Read, in the studio's time: Tue 8 Dec, 10:00"), "{}", page.text());
}

#[tokio::test]
async fn what_was_typed_is_kept_for_later() {
    let house = house().await;
    mail(&house, 1, DOUBTFUL).await;
    let typed = "name=Theodora&email=theo%40example.com&zone=America/New_York&count.violin=2&times=2026-12-08+10:00\
        &length=1h&notes=first%0D%0Asecond";
    assert_eq!(went(&house.post("/inbox/1/save", typed).await), (303, "../1?done=saved"));
    let page = house.get("/inbox/1?done=saved").await;
    for kept in ["value=\"Theodora\"", "first\nsecond", "name=\"count.violin\" inputmode=\"numeric\" value=\"2\""] {
        assert!(page.body.contains(kept), "{kept}\n{}", page.body);
    }
    assert!(page.text().contains("Kept. Nothing is booked yet."));
    let early = page.body.find("formaction=\"./1/save\"").unwrap();
    assert!(early < page.body.find("Book it and call").unwrap(), "the Enter key books nothing");
    assert_eq!(house.post("/inbox/9/save", typed).await.status, StatusCode::CONFLICT);
}

/// "Always read this label as": this mail and the others that wait are read again, what was typed stays, and nobody is
/// called for it; the next mail of that form needs nobody.
#[tokio::test]
async fn a_label_is_taught_and_waiting_mails_are_read_again() {
    let house = house().await;
    assert_eq!(mail(&house, 1, LABELLED).await.status, StatusCode::ACCEPTED);
    assert_eq!(mail(&house, 2, LABELLED).await.status, StatusCode::ACCEPTED);
    let page = house.get("/inbox/1").await;
    assert!(page.body.contains("name=\"said.label0\" value=\"Prefered slot\""), "{}", page.body);
    let form = "name=Theodora&notes=mine&teach=label0&said.label0=Prefered+slot&as.label0=times";
    assert_eq!(went(&house.post("/inbox/1/teach", form).await), (303, "../1?done=taught"));
    let page = house.get("/inbox/1").await;
    for kept in ["value=\"Theodora\"", ">mine</textarea>"] {
        assert!(page.body.contains(kept), "{kept}\n{}", page.body);
    }
    assert!(house.get("/inbox/2").await.body.contains(">2026-12-08 10:00</textarea>"), "the other mail was read again");
    let list = house.get("/inbox").await.text();
    assert!(list.contains("Nothing is doubtful any more"), "{list}");
    assert!(list.contains("2\nWait for you"), "nobody is called for a word: {list}");
    assert_eq!(mail(&house, 3, LABELLED).await.status, StatusCode::CREATED, "the next one needs nobody");
    let words = house.get("/inbox/words").await;
    assert!(words.text().contains("Prefered slot\nasks for the times"), "{}", words.text());
    assert_eq!(went(&house.post("/inbox/words/1", "").await), (303, "../../inbox/words"));
    assert!(!house.get("/inbox/2").await.body.contains(">2026-12-08 10:00</textarea>"));
    assert_eq!(house.post("/inbox/words/1", "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_word_for_an_instrument_is_taught() {
    let house = house().await;
    let kazoo = "Instrument: tubs\r\nTime zone: Eastern\r\nDay: December 8\r\nTimes: 10:00 AM\r\n";
    assert_eq!(mail(&house, 1, kazoo).await.status, StatusCode::ACCEPTED);
    assert!(house.get("/inbox/1").await.body.contains("name=\"said.word0\" value=\"tubs\""));
    let form = "teach=word0&said.word0=tubs&as.word0=drums";
    assert_eq!(house.post("/inbox/1/teach", form).await.status, StatusCode::SEE_OTHER);
    assert!(house.get("/inbox/1").await.body.contains("name=\"count.drums\" inputmode=\"numeric\" value=\"1\""));
    assert_eq!(mail(&house, 2, kazoo).await.status, StatusCode::CREATED);
}

/// What the settings fix stays, and is told.
#[tokio::test]
async fn what_the_settings_fix_is_not_taught_otherwise() {
    let fixed = &[
        ("FIRSTCALL__INTAKE__LABELS", "{ notes = ['Prefered slot'] }"),
        ("FIRSTCALL__INTAKE__INSTRUMENTS", "{ violin = ['geige'] }"),
    ];
    let house = House::with(fixed, Mode::Serve).await;
    mail(&house, 1, LABELLED).await;
    for (form, says) in [
        ("teach=label0&said.label0=Prefered+Slot:&as.label0=times", "is fixed in the settings (intake.labels)"),
        ("teach=word0&said.word0=Geige&as.word0=drums", "is fixed in the settings (intake.instruments)"),
        ("teach=word0&said.word0=Violin&as.word0=drums", "is the name of an instrument"),
        ("teach=word0&said.word0=tubs&as.word0=kazoo", "Choose one of the instruments"),
        ("teach=label0&said.label0=When&as.label0=nonsense", "Choose what the label asks for"),
        ("teach=label0&said.label0=+&as.label0=times", "Write one to 80 characters"),
        ("teach=label0&said.label0=%00%00&as.label0=times", "A word needs a letter"),
        ("teach=nothing", "Write one to 80 characters"),
    ] {
        let answer = house.post("/inbox/1/teach", &format!("{form}&notes=typed")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.body.contains(says) || answer.text().contains(says), "{form}: {}", answer.text());
        assert!(answer.body.contains(">typed</textarea>"), "{form}");
    }
    assert!(house.get("/inbox/words").await.text().contains("Fixed in the settings\nPrefered slot\nasks for notes"));
}

#[tokio::test]
async fn nonsense_breaks_no_page_of_the_inbox() {
    let house = house().await;
    mail(&house, 1, DOUBTFUL).await;
    let long = "x".repeat(1_000_000);
    let typed = format!("name=%00%3Cb%3E&notes={long}");
    assert_eq!(house.post("/inbox/1/save", &typed).await.status, StatusCode::SEE_OTHER);
    assert!(!house.get("/inbox/1").await.body.contains("<b>"));
    for path in ["/inbox?before=x&state=nothing", "/inbox?after=-9"] {
        assert_eq!(house.get(path).await.status, StatusCode::OK, "{path}");
    }
    for path in ["/inbox/99/teach", "/inbox/99/dismiss", "/inbox/99/restore", "/inbox/99"] {
        assert_eq!(house.post(path, "").await.status, StatusCode::CONFLICT, "{path}");
    }
}
