//! Pages about signing in: the first manager, what a viewer gets, and what other sites cannot do.

use crate::house::{Answer, House};
use axum::http::StatusCode;
use firstcall::engine::{AccountForm, Ticket};
use firstcall::web::Mode;
use firstcall_store::Tx;
use firstcall_store::accounts::{Account, Role};
use firstcall_store::desk;

const TUE_10: &str = "2026-12-08T15:00:00Z";
const PASSWORD: &str = "four quiet rooms";
const NEW: &str = "name=Rosa&email=rosa%40example.com&password=four+quiet+rooms&again=four+quiet+rooms";

async fn account(house: &House, name: &str, role: Role) -> Account {
    let form = AccountForm { name: name.to_owned(), email: String::new(), password: PASSWORD.to_owned() };
    let ticket = match role {
        Role::Manager => Ticket::Admin,
        Role::Viewer => Ticket::Link(house.engine.invite(role, "Rosa").await.unwrap()),
    };
    house.engine.make_account(form, ticket, "a test").await.unwrap()
}

/// The cookies that an answer gives, as a browser sends them back.
fn cookies(answer: &Answer) -> String {
    let given = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    given.map(|cookie| cookie.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

async fn signed_in(house: &House, name: &str) -> String {
    let answer = house.post("/sign-in", &format!("name={name}&password=four+quiet+rooms")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    cookies(&answer)
}

async fn acts(house: &House) -> usize {
    house.engine.store().read(async |tx: &mut Tx| desk::recorded(tx, i64::MAX, 1000).await).await.unwrap().len()
}

/// The routes of the desk that a method goes to, as they are written where they are made.
fn routes(method: &str) -> Vec<String> {
    let source = include_str!("../../src/web/desk/mod.rs");
    let source = source.split_once("pub fn router").unwrap().1.replace("\n        ", "");
    let routes = source.split(".route(\"").skip(1).filter_map(|route| {
        let (path, rest) = route.split_once('"')?;
        let rest = rest.split(".layer(").next()?;
        rest.contains(&format!("{method}(")).then(|| path.to_owned())
    });
    let numbered = |path: String| {
        path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/")
    };
    routes.map(numbered).collect()
}

#[tokio::test]
async fn an_empty_machine_leads_to_its_first_manager() {
    let house = House::new().await;
    let board = house.get("/").await;
    assert!(board.body.contains("open on this computer only") && board.body.contains("href=\"./first-run\""));
    assert_eq!(house.get("/first-run").await.status, StatusCode::OK);
    let wrong =
        house.post("/first-run", "name=Rosa&email=nowhere&password=four+quiet+rooms&again=four+quiet+rooms").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"Rosa\"") && wrong.body.contains("value=\"nowhere\""), "{}", wrong.body);
    assert!(wrong.text().contains("This is no e-mail address."), "{}", wrong.text());
    for (form, why) in [
        ("name=Rosa&password=short&again=short", "At least 10 characters, please."),
        ("name=Rosa+Marchetti&password=rosa+marchetti&again=rosa+marchetti", "The name is the first that is guessed."),
        ("name=Rosa&password=password123&again=password123", "This one is among the first that are guessed."),
        ("name=Rosa&password=four+quiet+rooms&again=five+quiet+rooms", "These are two different passwords."),
        ("name=&password=four+quiet+rooms&again=four+quiet+rooms", "Choose a name."),
    ] {
        let refused = house.post("/first-run", form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.text().contains(why), "{form}: {}", refused.text());
        assert!(!refused.body.contains("four quiet"), "a password is never sent back");
    }
    let made = house.post("/first-run", NEW).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (303, "./set-up"));
    assert_eq!(house.get("/").await.status, StatusCode::UNAUTHORIZED, "the desk wants to know who comes, here too");
    assert_eq!(house.get("/events").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.post("/first-run", NEW).await.status, StatusCode::UNAUTHORIZED);
    let board = house.send("GET", "/", &[("cookie", &cookies(&made))], "").await;
    assert!(board.status == StatusCode::OK && !board.body.contains("on this computer"), "{}", board.body);
}

/// From wherever it is opened, and only until somebody has an account.
#[tokio::test]
async fn the_printed_link_makes_the_first_manager_from_anywhere() {
    let settings = [("FIRSTCALL__SERVER__PUBLIC_URL", "https://calls.example.com")];
    let house = House::with(&settings, Mode::Serve).await;
    let path = format!("/first-run/{}", house.engine.first_link().await.unwrap().unwrap());
    let form = [("host", "calls.example.com"), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(house.send("GET", "/", &form[..1], "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.send("GET", "/first-run", &form[..1], "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.send("GET", "/first-run/x", &form[..1], "").await.status, StatusCode::GONE);
    for method in ["GET", "HEAD"] {
        assert_eq!(house.send(method, &path, &form[..1], "").await.status, StatusCode::OK, "looking uses nothing up");
    }
    let page = house.send("GET", &path, &form[..1], "").await;
    assert!(page.body.contains("autocomplete=\"new-password\"") && page.body.contains("minlength=\"10\""));
    let made = house.send("POST", &path, &form, NEW).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (303, "../set-up"));
    let given: Vec<_> = made.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    for (cookie, name) in given.iter().zip(["__Host-firstcall=", "__Host-firstcall-browser="]) {
        assert!(cookie.starts_with(name) && cookie.contains("; Path=/; HttpOnly; SameSite=Lax;"), "{cookie}");
        assert!(cookie.ends_with("; Secure") && !cookie.contains("Domain"), "{cookie}");
    }
    let again = house.send("POST", &path, &form, "name=Eve&password=four+quiet+rooms&again=four+quiet+rooms").await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(house.engine.first_link().await.unwrap().is_none());
}

/// The demo holds nothing of anybody's, and a key in the settings is a way in already.
#[tokio::test]
async fn nobody_is_led_where_there_is_a_way_in() {
    let demo = House::with(&[], Mode::Demo).await;
    assert!(!demo.get("/").await.body.contains("first-run"));
    assert_eq!(demo.get("/first-run").await.status, StatusCode::NOT_FOUND);
    let keyed = House::with(&[("FIRSTCALL__API__KEYS", "desk-key-0123456789")], Mode::Serve).await;
    assert!(keyed.engine.first_link().await.unwrap().is_none());
    let bearer = [("authorization", "Bearer desk-key-0123456789")];
    assert_eq!(keyed.send("GET", "/first-run", &bearer, "").await.status, StatusCode::NOT_FOUND);
    assert!(keyed.send("GET", "/accounts", &bearer, "").await.text().contains("Nobody has an account yet."));
}

#[tokio::test]
async fn a_viewer_sees_every_page_and_no_button() {
    let house = House::with(&[("FIRSTCALL__CALENDARS__KEY", "what seals calendars on pages")], Mode::Serve).await;
    house.musician("Ada Okafor", 1, "drums").await;
    let id = house.book(&[("drums", 1)], &[TUE_10]).await;
    house.post("/roster/1/away", "from=2026-12-10T09:00&to=2026-12-12T18:00&note=tour").await;
    house.post("/studio/closures", "from=2026-12-24T00:00&to=2026-12-27T00:00&note=Christmas").await;
    let manager = account(&house, "Rosa", Role::Manager).await;
    account(&house, "Vera", Role::Viewer).await;
    let (vera, rosa) = (signed_in(&house, "Vera").await, signed_in(&house, "Rosa").await);
    let see = async |who: &str, path: &str| house.send("GET", path, &[("cookie", who)], "").await;
    for path in [
        "/",
        "/bookings",
        &format!("/bookings/{id}"),
        &format!("/bookings/{id}/cancel"),
        "/roster",
        "/roster/1",
        "/studio",
    ] {
        let (seen, all) = (see(&vera, path).await, see(&rosa, path).await);
        assert_eq!(seen.status, StatusCode::OK, "{path}");
        let forms: Vec<_> = seen.body.match_indices("method=\"post\"").map(|(at, _)| &seen.body[at..at + 60]).collect();
        assert!(forms.len() == 1 && forms[0].contains("sign-out"), "{path}: {forms:?}");
        assert!(!all.body.contains("/cancel\"") || !seen.body.contains("/cancel\""), "{path}");
        assert_eq!(seen.body.matches("<section").count(), all.body.matches("<section").count(), "{path}");
    }
    assert!(see(&vera, "/roster/1").await.body.contains("tour"), "what is in a row stays");
    assert!(see(&vera, "/studio").await.body.contains("Christmas"));
    let before = (house.log_length().await, acts(&house).await);
    let posts = routes("post");
    assert!(posts.len() > 20, "{posts:?}");
    let form = [("cookie", vera.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    for path in posts.iter().filter(|path| path.as_str() != "/account") {
        if ["/sign-in", "/sign-out", "/first-run/1", "/invited/1", "/reset/1"].contains(&path.as_str()) {
            continue;
        }
        let refused = house.send("POST", path, &form, "do=disable&role=manager&standing=paused").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(refused.text().contains("You can look, and not change anything."), "{path}");
    }
    for path in ["/accounts", "/audit"] {
        assert_eq!(see(&vera, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!((house.log_length().await, acts(&house).await), before);
    assert!(house.engine.account(manager.id).await.unwrap().disabled_at.is_none());
    assert_eq!(see(&vera, "/account").await.status, StatusCode::OK);
    assert_eq!(house.send("POST", "/account", &form, "do=end_others").await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.send("POST", "/sign-out", &form, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(see(&vera, "/").await.status, StatusCode::UNAUTHORIZED);
}

/// Every form, signed in or not: what another site sends does nothing.
#[tokio::test]
async fn no_form_is_taken_from_another_site() {
    let house = House::new().await;
    account(&house, "Rosa", Role::Manager).await;
    let rosa = signed_in(&house, "Rosa").await;
    let invitation = house.engine.invite(Role::Manager, "Rosa").await.unwrap();
    let mut posts = routes("post");
    posts.push(format!("/invited/{invitation}"));
    let before = (house.log_length().await, acts(&house).await);
    for path in &posts {
        for headers in [
            [("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080")],
            [("sec-fetch-site", "same-site"), ("x-a", "b")],
            [("origin", "https://example.com"), ("x-a", "b")],
            [("origin", "null"), ("x-a", "b")],
        ] {
            let mut all = vec![("cookie", rosa.as_str()), ("content-type", "application/x-www-form-urlencoded")];
            all.extend(headers);
            let refused = house.send("POST", path, &all, NEW).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    assert_eq!((house.log_length().await, acts(&house).await), before);
    assert_eq!(house.send("GET", "/", &[("cookie", &rosa)], "").await.status, StatusCode::OK, "nobody was signed out");
}

#[tokio::test]
async fn a_manager_looks_after_accounts() {
    let house = House::new().await;
    account(&house, "Rosa", Role::Manager).await;
    let rosa = signed_in(&house, "Rosa").await;
    let form = [("cookie", rosa.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let invited = house.send("POST", "/accounts", &form, "role=viewer").await;
    assert_eq!(invited.status, StatusCode::OK);
    let link =
        invited.body.split("http://127.0.0.1:8080").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let page = house.get(&link).await;
    assert!(page.text().contains("You can look at everything, and change nothing."), "{}", page.text());
    let taken = house.post(&link, "name=rosa&password=four+quiet+rooms&again=four+quiet+rooms").await;
    assert!(taken.status == StatusCode::UNPROCESSABLE_ENTITY && taken.text().contains("Somebody has this name."));
    assert_eq!(
        house.post(&link, "name=Vera&password=four+quiet+rooms&again=four+quiet+rooms").await.status.as_u16(),
        303
    );
    for act in ["manager", "viewer", "disable", "enable"] {
        let done = house.send("POST", "/accounts/2", &form, &format!("do={act}")).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "../accounts"), "{act}");
    }
    let last = house.send("POST", "/accounts/1", &form, "do=viewer").await;
    assert!(
        last.status == StatusCode::CONFLICT && last.text().contains("nobody would be left who manages")
            || last.text().contains("Nobody would be left who manages"),
        "{}",
        last.text()
    );
    let reset = house.send("POST", "/accounts/2", &form, "do=reset").await;
    assert!(reset.body.contains("http://127.0.0.1:8080/reset/"), "{}", reset.body);
    assert_eq!(house.send("POST", "/accounts/99", &form, "do=disable").await.status, StatusCode::NOT_FOUND);
    let people = house.send("GET", "/accounts", &form[..1], "").await;
    insta::assert_snapshot!("accounts", people.text());
    let record = house.send("GET", "/audit", &form[..1], "").await;
    insta::assert_snapshot!("audit", record.text());
}

#[tokio::test]
async fn the_record_is_paged() {
    let house = House::new().await;
    account(&house, "Rosa", Role::Manager).await;
    let rosa = signed_in(&house, "Rosa").await;
    for number in 0..150 {
        house.engine.audit("Rosa", format!("did {number}"), String::new()).await;
    }
    let first = house.send("GET", "/audit", &[("cookie", &rosa)], "").await;
    assert!(first.body.contains("did 149") && first.body.contains("did 50") && !first.body.contains("did 49 <"));
    let older = first.body.split("href=\"./audit?before=").nth(1).unwrap().split('"').next().unwrap();
    let rest = house.send("GET", &format!("/audit?before={older}"), &[("cookie", &rosa)], "").await;
    assert!(rest.body.contains("did 49 <") && rest.body.contains("did 0 <") && !rest.body.contains("Older"));
}
