//! The roster on the desk: adding, changing and removing people, call lists, instruments, import and export; and who is
//! free when.

use crate::house::{Answer, House, phone};
use axum::http::StatusCode;

const FILE: &str = "multipart/form-data; boundary=line";

async fn house() -> House {
    let house = House::new().await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician("Ben Castellano", 2, "drums").await;
    house.musician("Cleo Marsh", 3, "drums").await;
    house
}

fn went(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.header("location"))
}

fn hidden(page: &Answer, name: &str) -> String {
    let field = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{}", page.body));
    field.split('"').next().unwrap().to_owned()
}

async fn upload(house: &House, file: &str) -> Answer {
    let body = format!(
        "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\nContent-Type: text/csv\r\n\r\n\
         {file}\r\n--line--\r\n"
    );
    house.send("POST", "/roster/import", &[("content-type", FILE)], &body).await
}

#[tokio::test]
async fn a_musician_is_added_with_every_mistake_told_beside_its_field() {
    let house = house().await;
    let wrong = "name=+&phone=555-0102&email=nobody&zone=EST&quiet_hours=late&notes=%3Cb%3E";
    let again = house.post("/roster/new", wrong).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.body.matches("class=\"wrong\"").count(), 7, "{}", again.text());
    for kept in ["value=\"555-0102\"", "value=\"nobody\"", "value=\"EST\"", "value=\"late\"", "&#60;b&#62;</textarea>"]
    {
        assert!(again.body.contains(kept), "{kept}\n{}", again.body);
    }
    let form = "name=Di+%3Ci%3EVos&phone=(212)+555-0104&email=di%40example.com&zone=America/Chicago&quiet_hours=22:00-08:00\
        &notes=loud%0D%0Agood&plays=drums&plays=violin&standing=active";
    assert_eq!(went(&house.post("/roster/new", form).await), (303, "./4"));
    let page = house.get("/roster/4").await;
    let text = page.text();
    for told in
        ["+12125550104", "America/Chicago", "22:00-08:00", "loud\ngood", "the manager vouches for their consent"]
    {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(page.body.contains(">drums</a> (4)") && page.body.contains(">violin</a> (1)"), "{}", page.body);
    assert!(!page.body.contains("<i>Vos"));
    let taken = house.post("/roster/new", &form.replace("555-0104", "555-0104+")).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.text().contains("This phone number belongs to another musician."), "{}", taken.text());
    let invited = house.post("/roster/new", "name=Eve&phone=2125550105&zone=UTC&plays=drums&standing=invited").await;
    assert_eq!(went(&invited), (303, "./5"));
    assert!(house.get("/roster/5").await.text().contains("invited"));
}

/// Two managers: the second is told, and loses nothing that was typed.
#[tokio::test]
async fn a_musician_is_changed_unless_somebody_else_did_meanwhile() {
    let house = house().await;
    let mark = hidden(&house.get("/roster/1/edit").await, "mark");
    let form = |name: &str, mark: &str| {
        format!("mark={mark}&name={name}&phone=%2B12125550101&zone=America/New_York&plays=drums&plays=violin")
    };
    assert_eq!(went(&house.post("/roster/1/edit", &form("Ada+First", &mark)).await), (303, "../1"));
    let second = house.post("/roster/1/edit", &form("Ada+Second", &mark)).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.text().contains("Somebody changed this musician meanwhile") && second.body.contains("Ada Second"));
    assert!(house.get("/roster/1").await.text().contains("Ada First"));
    let again = hidden(&second, "mark");
    assert_eq!(went(&house.post("/roster/1/edit", &form("Ada+Second", &again)).await), (303, "../1"));
    assert!(house.get("/roster/1").await.body.contains(">drums</a> (1)"), "the place stays");
    assert!(house.get("/roster/1/remove").await.text().contains("Take Ada Second off the roster?"));
    assert_eq!(went(&house.post("/roster/1/remove", "").await), (303, "../../roster"));
    assert!(!house.get("/roster").await.text().contains("Ada"));
    for path in ["/roster/1/edit", "/roster/99/edit", "/roster/99/remove"] {
        assert_eq!(house.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(house.post("/roster/99/edit", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn people_are_found_by_name_number_and_address() {
    let house = house().await;
    house.post("/roster/new", "name=100%25+D_i&phone=2125550104&email=di%40example.com&zone=UTC&plays=drums").await;
    for (words, found) in
        [("ada", "Ada"), ("555-01 03", "Cleo"), ("DI@EX", "100% D_i"), ("0%25", "100%"), ("d_I", "100%")]
    {
        let text = house.get(&format!("/roster?q={}", words.replace(' ', "+"))).await.text();
        assert!(text.contains(found), "{words}: {text}");
        assert_eq!(text.matches("active").count(), 1, "{words}: {text}");
    }
    for words in ["%25%25", "_", "%00", "zz", "!", "12"] {
        assert!(house.get(&format!("/roster?q={words}")).await.status.is_success(), "{words}");
    }
    assert!(house.get("/roster?q=zz").await.text().contains("Nobody has that."));
}

async fn order(house: &House) -> (Vec<String>, String) {
    let page = house.get("/roster/lists/drums").await;
    let known = ["Ada Okafor", "Ben Castellano", "Cleo Marsh"];
    let names = page.text().lines().filter(|line| known.contains(line)).map(str::to_owned).collect();
    (names, hidden(&page, "mark"))
}

#[tokio::test]
async fn a_call_list_is_ordered_by_buttons_and_by_dragging_and_says_so() {
    let house = house().await;
    for (act, after) in [
        ("up=3", ["Ada Okafor", "Cleo Marsh", "Ben Castellano"]),
        ("top=2", ["Ben Castellano", "Ada Okafor", "Cleo Marsh"]),
        ("down=2", ["Ada Okafor", "Ben Castellano", "Cleo Marsh"]),
        ("drop=1+after+3", ["Ben Castellano", "Cleo Marsh", "Ada Okafor"]),
        ("drop=1+before+2", ["Ada Okafor", "Ben Castellano", "Cleo Marsh"]),
        ("drop=1+before+3", ["Ben Castellano", "Ada Okafor", "Cleo Marsh"]),
        ("drop=1+before+1", ["Ben Castellano", "Ada Okafor", "Cleo Marsh"]),
        ("up=2", ["Ben Castellano", "Ada Okafor", "Cleo Marsh"]),
        ("down=3", ["Ben Castellano", "Ada Okafor", "Cleo Marsh"]),
    ] {
        let (_, mark) = order(&house).await;
        let moved = house.post("/roster/lists/drums", &format!("mark={mark}&{act}")).await;
        assert_eq!(moved.status, StatusCode::SEE_OTHER, "{act}");
        assert_eq!(order(&house).await.0, after, "{act}");
    }
    let page = house.get("/roster/lists/drums?moved=1&by=up").await;
    assert!(page.text().contains("Ada Okafor is number 2 of 3."), "{}", page.text());
    assert!(page.body.contains("aria-label=\"Ada Okafor up\" autofocus aria-describedby=\"moved\""), "{}", page.body);
    assert!(page.body.contains("order.js") && !page.body.contains("draggable"));
}

/// An order that changed meanwhile is told, and not overwritten.
#[tokio::test]
async fn a_stale_order_moves_nobody() {
    let house = house().await;
    let (_, mark) = order(&house).await;
    assert_eq!(house.post("/roster/lists/drums", &format!("mark={mark}&top=3")).await.status, StatusCode::SEE_OTHER);
    let stale = house.post("/roster/lists/drums", &format!("mark={mark}&top=2")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("Nothing was moved"), "{}", stale.text());
    assert_eq!(order(&house).await.0[0], "Cleo Marsh");
    let (_, mark) = order(&house).await;
    for (form, status) in
        [("top=99", 404), ("drop=1+before+99", 404), ("drop=x", 422), ("drop=1+beside+2", 422), ("", 422)]
    {
        let answer = house.post("/roster/lists/drums", &format!("mark={mark}&{form}")).await;
        assert_eq!(answer.status.as_u16(), status, "{form}");
    }
    assert_eq!(house.get("/roster/lists/kazoo").await.status, StatusCode::NOT_FOUND);
    assert!(house.get("/roster/lists/violin").await.text().contains("Nobody plays it so far."));
}

#[tokio::test]
async fn instruments_and_their_words_are_added_and_taken_back() {
    let house = house().await;
    assert_eq!(house.post("/roster/instruments", "said=Pedal+Steel").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        house.post("/roster/instruments", "instrument=pedal_steel&said=steel").await.status,
        StatusCode::SEE_OTHER
    );
    let page = house.get("/roster/instruments").await;
    assert!(page.text().contains("pedal steel") && page.body.contains("aria-label=\"Take back: steel\""));
    assert!(page.text().contains("Call list: 3"), "{}", page.text());
    assert!(house.get("/roster/new").await.body.contains("value=\"pedal_steel\""));
    assert!(house.get("/join").await.body.contains("pedal_steel"));
    assert_eq!(house.post("/roster/instruments", "said=Drums").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.post("/roster/instruments/1", "").await.status, StatusCode::SEE_OTHER);
    assert!(!house.get("/roster/instruments").await.body.contains("id=\"pedal_steel\""), "its words go with it");
    assert_eq!(house.post("/roster/instruments/1", "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_file_is_looked_at_before_it_is_imported_and_nothing_is_by_halves() {
    let house = house().await;
    let bad = upload(&house, "name,phone,instruments\nDi,2125550104,drums\nEve,555,kazoo\n").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text().contains("line 3, phone") && bad.text().contains("Nothing was imported"), "{}", bad.text());
    let file = format!(
        "name,phone,instruments,email\nAda Okafor,{},drums=1,\nBen B,{},drums=2,ben@example.com\nDi <b>,{},violin,\n",
        phone(1),
        phone(2),
        phone(4)
    );
    let kept = upload(&house, &file).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let at = format!("/roster{}", &kept.header("location")[1..]);
    let preview = house.get(&at).await;
    let text = preview.text();
    assert!(text.contains("1 to add, 1 to change, 1 the same. Nothing is imported yet."), "{text}");
    assert!(text.contains("Line 3: Ben B: other name, email") && !preview.body.contains("<b>,"), "{text}");
    assert!(!house.get("/roster").await.text().contains("Ben B"));
    let mark = hidden(&preview, "mark");
    house.post("/roster/new", &format!("name=Other&phone={}&zone=UTC&plays=drums", phone(4).replace('+', "%2B"))).await;
    let stale = house.post(&at, &format!("mark={mark}")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("0 to add, 2 to change"), "{}", stale.text());
    let done = house.post(&at, &format!("mark={}", hidden(&stale, "mark"))).await;
    assert_eq!(went(&done), (303, "../import?added=0&changed=2"));
    assert_eq!(house.post(&at, "mark=x").await.status, StatusCode::NOT_FOUND, "a second press finds nothing");
    let export = house.get("/roster/export").await;
    assert_eq!(export.header("content-type"), "text/csv; charset=utf-8");
    assert!(export.body.contains("Ben B,+12125550102,ben@example.com,America/New_York,drums=2,,"), "{}", export.body);
    let round = upload(&house, &export.body).await;
    let text = house.get(&format!("/roster{}", &round.header("location")[1..])).await.text();
    assert!(text.contains("0 to add, 0 to change, 4 the same"), "{text}");
    for odd in ["", "\0\0", "name,phone\n"] {
        assert_eq!(upload(&house, odd).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd:?}");
    }
    assert_eq!(house.get("/roster/import/nothing").await.status, StatusCode::NOT_FOUND);
    let example = house.get("/roster/import/example.csv").await.body;
    let looked = upload(&house, &example).await;
    assert_eq!(looked.status, StatusCode::SEE_OTHER, "{}", looked.text());
}

/// "No" and "late" are told apart, and what nobody answered.
#[tokio::test]
async fn a_musicians_page_has_their_history() {
    let house = house().await;
    house.book(&[("drums", 1)], &["2026-12-08T15:00:00Z"]).await;
    house.post(&format!("/n/{}", house.token(1).await), "").await;
    house.book(&[("drums", 1)], &["2026-12-09T15:00:00Z"]).await;
    house.post(&format!("/y/{}", house.token(1).await), "").await;
    house.book(&[("drums", 1)], &["2026-12-10T15:00:00Z"]).await;
    let text = house.get("/roster/1").await.text();
    assert!(text.contains("3 asked · 1 yes · 1 no · 0 late · 1 unanswered · 0 played"), "{text}");
    house.clock.set("2026-12-09T16:00:00Z".parse().unwrap());
    assert!(house.get("/roster/1").await.text().contains("1 played"));
}

/// 3.3 and the words of the page: never free when nothing is known, and nobody's entries are told.
#[tokio::test]
async fn availability_says_for_each_day_whether_somebody_is_free() {
    let house = House::with(
        &[
            ("FIRSTCALL__CALENDARS__KEY", "what seals calendars on pages"),
            (
                "FIRSTCALL__STUDIO__OPENING_HOURS",
                "{ tue = ['10:00-14:00'], wed = ['10:00-14:00'], thu = ['10:00-14:00'] }",
            ),
        ],
        firstcall::web::Mode::Serve,
    )
    .await;
    house.musician("Ada Okafor", 1, "drums").await;
    house.musician("Ben Castellano", 2, "drums").await;
    let gig = "--line\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nfile\r\n--line\r\n\
        Content-Disposition: form-data; name=\"text\"; filename=\"g.ics\"\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
        PRODID:-//example//EN\r\nBEGIN:VEVENT\r\nUID:1@example.com\r\nDTSTAMP:20261101T000000Z\r\n\
        DTSTART:20261208T150000Z\r\nDTEND:20261208T170000Z\r\nSUMMARY:Secret wedding\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n\r\n--line--\r\n";
    house.send("POST", "/roster/1/calendars", &[("content-type", FILE)], gig).await;
    let sources = firstcall::sources::Sources::new(&house.engine).unwrap();
    firstcall::worker::calendars_due(&house.engine, &sources).await.unwrap();
    house.post("/roster/1/away", "from=2026-12-09T00:00&to=2026-12-10T00:00").await;
    house.book(&[("drums", 1)], &["2026-12-15T15:00:00Z"]).await;
    house.post(&format!("/y/{}", house.token(1).await), "").await;
    let page = house.get("/availability?instrument=drums&from=2026-12-07").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("wedding") && !page.body.contains("style="));
    let row = |name: &str| {
        let row = page.body.split("<th scope=\"row\">").find(|row| row.contains(name)).unwrap().to_owned();
        let cells = row.split("<td class=\"").skip(1).map(|cell| cell.chars().next().unwrap());
        cells.collect::<String>()
    };
    assert_eq!(row("Ada"), "CPAFCCCCSFFCCC", "{}", page.text());
    assert_eq!(row("Ben"), "CUUUCCCCUUUCCC");
    assert!(page.body.contains("./roster/1?day=2026-12-08\">P<span class=\"hidden\">artly free</span>"));
    let why = house.get("/roster/1?day=2026-12-08").await.text();
    assert!(why.contains("busy by the calendar") && why.contains("Tue 8 Dec 10am-12pm"), "{why}");
    for odd in
        ["", "?instrument=kazoo", "?from=9999-12-31&days=28", "?from=x", "?skip=-4", "?days=7", "?from=-009999-01-01"]
    {
        assert_eq!(house.get(&format!("/availability{odd}")).await.status, StatusCode::OK, "{odd}");
    }
}

#[tokio::test]
async fn pages_stay_small_with_many_people() {
    let house = House::new().await;
    let rows = (0..1500).map(|number| format!("Musician Number {number},+1212555{number:04},drums;violin\n"));
    let file: String = std::iter::once("name,phone,instruments\n".to_owned()).chain(rows).collect();
    let kept = upload(&house, &file).await;
    let at = format!("/roster{}", &kept.header("location")[1..]);
    let preview = house.get(&at).await;
    assert!(preview.text().contains("1500 to add") && preview.text().contains("And 1400 more."));
    house.post(&at, &format!("mark={}", hidden(&preview, "mark"))).await;
    for path in [
        "/roster",
        "/roster?q=Number",
        "/roster/lists/drums",
        "/roster/lists/drums?skip=1400",
        "/availability?instrument=drums",
        "/availability?instrument=drums&days=28",
        "/roster/1",
    ] {
        let page = house.get(path).await;
        assert!(page.status.is_success() && page.body.len() < 100_000, "{path}: {}", page.body.len());
    }
    let last = house.get("/roster/lists/drums?skip=1400").await;
    let moved = house.post("/roster/lists/drums", &format!("mark={}&top=1500", hidden(&last, "mark"))).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    let first = house.get("/roster/lists/drums?moved=1500&by=top").await;
    assert!(first.text().contains("Musician Number 1499 is number 1 of 1500."), "{}", first.text());
}
