//! Signing in to the desk: what lets somebody in, what keeps them in, and what does not.

use crate::browser::{Browser, PASSWORD, account, form};
use crate::studio::Studio;
use axum::body::Body;
use axum::http::{Request, header};
use firstcall::engine::{AccountError, AccountForm, Origin, Ticket};
use firstcall::one_time_code;
use firstcall_store::accounts::{self, Role};
use firstcall_store::testing::each_backend;
use firstcall_store::{Tx, desk};
use futures_util::StreamExt;
use jiff::SignedDuration;
use std::time::Duration;
use tokio::time::timeout;

const SESSION: &str = "firstcall";

async fn studio(store: firstcall_store::Store) -> Studio {
    let studio = Studio::open(store, &["Ann: drums"], &[]).await;
    account(&studio, "Rosa", Role::Manager).await;
    studio
}

async fn recorded(studio: &Studio) -> Vec<String> {
    let read = async |tx: &mut Tx| desk::recorded(tx, i64::MAX, 200).await;
    let acts = studio.engine.store().read(read).await.unwrap();
    acts.into_iter().map(|act| format!("{} {} {}", act.who, act.what, act.subject)).collect()
}

fn pass(studio: &Studio, time: SignedDuration) {
    studio.engine.clock().set(studio.engine.clock().now() + time);
}

fn new_account(name: &str) -> String {
    form(&[("name", name), ("email", ""), ("password", PASSWORD), ("again", PASSWORD)])
}

/// The booking log and the record say who it was.
#[tokio::test]
async fn who_signs_in_acts_under_their_name_and_is_recorded() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let browser = Browser::new(&studio);
        browser.get("/").await.expect(401);
        let signed = browser.sign_in(" rosa ", PASSWORD).await.expect(303);
        assert_eq!(signed.headers[header::LOCATION], "./");
        let cookie = signed.cookies()[0].to_owned();
        assert!(
            cookie.starts_with("firstcall=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000"),
            "{cookie}"
        );
        browser.get("/").await.expect(200);
        browser.post(&format!("/bookings/{id}/pause"), "").await.expect(303);
        browser.post(&format!("/bookings/{id}/next"), "").await.expect(409);
        let log = studio.get(&format!("/api/v1/bookings/{id}/log")).await.expect(200).json();
        let paused = log["items"].as_array().unwrap().iter().find(|line| line["kind"] == "paused").unwrap();
        assert_eq!(paused["actor"], "Rosa");
        let page = browser.get(&format!("/bookings/{id}")).await;
        assert!(page.body.contains("by Rosa"), "{}", page.body);
        browser.post("/sign-out", "").await.expect(303);
        browser.get("/").await.expect(401);
        let acts = recorded(&studio).await;
        let expected = [
            "Rosa signed out Firefox on Linux".to_owned(),
            format!("Rosa paused a booking /bookings/{id}/pause"),
            "Rosa signed in from this computer, Firefox on Linux".to_owned(),
            "a story made the account of a manager Rosa".to_owned(),
        ];
        assert_eq!(acts, expected, "what was refused did nothing, and is not recorded");
    })
    .await;
}

/// A link opens once, also for two who come at the same moment.
#[tokio::test]
async fn a_link_opens_once() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let path = format!("/invited/{}", studio.engine.invite(Role::Viewer, "Rosa").await.unwrap());
        let (one, other) = (Browser::new(&studio), Browser::new(&studio));
        one.get(&path).await.expect(200);
        one.get(&path).await.expect(200);
        let (ben, cleo) = (new_account("Ben"), new_account("Cleo"));
        let (first, second) = tokio::join!(one.post(&path, &ben), other.post(&path, &cleo));
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410], "{}\n{}", first.body, second.body);
        one.get(&path).await.expect(410);
        let everybody = studio.engine.store().read(async |tx: &mut Tx| accounts::list(tx, 10).await).await.unwrap();
        assert_eq!(everybody.len(), 2);
        let late = format!("/invited/{}", studio.engine.invite(Role::Viewer, "Rosa").await.unwrap());
        pass(&studio, SignedDuration::from_hours(24));
        one.post(&late, &new_account("Dora")).await.expect(410);
    })
    .await;
}

/// One machine has one first manager, however many links were printed and used at the same moment.
#[tokio::test]
async fn there_is_one_first_manager() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[("FIRSTCALL__API__KEYS", "")]).await;
        let mut links = Vec::new();
        for _ in 0..3 {
            links.push(studio.engine.first_link().await.unwrap().expect("nobody has an account"));
        }
        let form =
            |name: &str| AccountForm { name: name.to_owned(), email: String::new(), password: PASSWORD.to_owned() };
        let (a, b, c) = tokio::join!(
            studio.engine.make_account(form("Ann"), Ticket::Link(links[0].clone()), ""),
            studio.engine.make_account(form("Ben"), Ticket::Link(links[1].clone()), ""),
            studio.engine.make_account(form("Cleo"), Ticket::OpenDesk, "Cleo"),
        );
        let made = [a, b, c].into_iter().flatten().count();
        assert_eq!(made, 1);
        assert!(studio.engine.opened_by(&links[2]).await.unwrap().is_none());
        assert!(studio.engine.first_link().await.unwrap().is_none());
    })
    .await;
}

/// The token is replaced every day; the one before counts for a minute.
#[tokio::test]
async fn whoever_comes_with_a_token_that_was_replaced_ends_the_session() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let browser = Browser::signed_in(&studio, "Rosa").await;
        let thief = browser.stolen();
        let before = browser.cookie(SESSION);
        pass(&studio, SignedDuration::from_hours(23));
        browser.get("/").await.expect(200);
        assert_eq!(browser.cookie(SESSION), before);
        pass(&studio, SignedDuration::from_hours(2));
        browser.get("/").await.expect(200);
        assert_ne!(browser.cookie(SESSION), before, "a day is over");
        let under_way = thief.get("/").await.expect(200);
        assert!(under_way.cookies().is_empty(), "who comes with the old one gets no new one");
        pass(&studio, SignedDuration::from_secs(59));
        thief.get("/").await.expect(200);
        browser.get("/").await.expect(200);
        pass(&studio, SignedDuration::from_secs(2));
        thief.get("/").await.expect(401);
        browser.get("/").await.expect(401);
        assert!(recorded(&studio).await[0].contains("a token was used that had been replaced"));
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let (idle, busy) = (Browser::signed_in(&studio, "Rosa").await, Browser::signed_in(&studio, "Rosa").await);
        for _ in 0..4 {
            pass(&studio, SignedDuration::from_hours(24 * 20));
            busy.get("/").await.expect(200);
        }
        idle.get("/").await.expect(401);
        pass(&studio, SignedDuration::from_hours(24 * 10));
        busy.get("/").await.expect(401);
        studio.engine.forget_what_is_old().await.unwrap();
        let left = studio.engine.store().read(async |tx: &mut Tx| desk::sessions_of(tx, 1).await).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    })
    .await;
}

/// Nobody is signed in with a token that was in the browser before (session fixation).
#[tokio::test]
async fn a_token_that_was_there_before_is_never_taken_over() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let attacker = Browser::signed_in(&studio, "Rosa").await;
        let planted = attacker.cookie(SESSION);
        for value in [planted.as_str(), "1.chosenbyanattacker", "garbage", "99999999999999999999.x"] {
            let victim = Browser::new(&studio);
            victim.set_cookie(SESSION, value);
            victim.sign_in("Rosa", PASSWORD).await.expect(303);
            assert_ne!(victim.cookie(SESSION), value);
            victim.get("/").await.expect(200);
        }
        attacker.get("/").await.expect(401);
    })
    .await;
}

/// A secret is shown until its first code; then a code is wanted, and each counts once.
#[tokio::test]
async fn codes_are_wanted_beside_the_password_and_count_once() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let browser = Browser::signed_in(&studio, "Rosa").await;
        browser.post("/account", &form(&[("do", "codes"), ("password", "wrong")])).await.expect(422);
        browser.get("/account/code").await.expect(303);
        browser.post("/account", &form(&[("do", "codes"), ("password", PASSWORD)])).await.expect(303);
        let shown = browser.get("/account/code").await.expect(200);
        let secret = shown.between("<code>", "</code>").replace(' ', "");
        let picture = browser.get("/account/code.svg").await.expect(200);
        assert_eq!(picture.headers[header::CONTENT_TYPE], "image/svg+xml");
        assert!(picture.body.contains("<svg") && !picture.body.contains(&secret));
        let code = || one_time_code::code_at(&secret, studio.engine.clock().now()).unwrap();
        Browser::new(&studio).sign_in("Rosa", PASSWORD).await.expect(303);
        browser.post("/account", "do=confirm&code=000000").await.expect(422);
        let recovery = browser.post("/account", &form(&[("do", "confirm"), ("code", &code())])).await.expect(200);
        let recovery: Vec<String> =
            recovery.between("<pre class=\"mail\">", "</pre>").lines().map(str::to_owned).collect();
        assert_eq!(recovery.len(), 10);
        browser.get("/account/code").await.expect(303);
        let step = async |browser: &Browser| {
            let asked = browser.sign_in("Rosa", PASSWORD).await.expect(200);
            asked.between("name=\"step\" value=\"", "\"")
        };
        let give = async |browser: &Browser, step: &str, code: &str| {
            browser.post("/sign-in", &form(&[("step", step), ("code", code), ("next", "/roster")])).await
        };
        let phone = Browser::new(&studio);
        let at = step(&phone).await;
        phone.get("/").await.expect(401);
        give(&phone, &at, &code()).await.expect(401);
        pass(&studio, SignedDuration::from_secs(60));
        give(&phone, &at, "123").await.expect(401);
        let fresh = code();
        assert_eq!(give(&phone, &at, &fresh).await.expect(303).headers[header::LOCATION], "./roster");
        phone.get("/").await.expect(200);
        give(&phone, &at, &fresh).await.expect(401);
        let thief = Browser::new(&studio);
        let again = step(&thief).await;
        give(&thief, &again, &fresh).await.expect(401);
        give(&thief, &again, &recovery[0].to_uppercase()).await.expect(303);
        let last = step(&thief).await;
        give(&thief, &last, &recovery[0]).await.expect(401);
        pass(&studio, SignedDuration::from_mins(10));
        give(&thief, &last, &code()).await.expect(401);
        let page = browser.get("/account").await;
        assert!(page.body.contains("9 recovery codes are left"), "{}", page.body);
        browser.post("/account", &form(&[("do", "no_codes"), ("password", PASSWORD)])).await.expect(303);
        Browser::new(&studio).sign_in("Rosa", PASSWORD).await.expect(303);
    })
    .await;
}

/// Tries in vain cost more and more; while somebody has to wait, no password is worked out.
#[tokio::test]
async fn tries_in_vain_make_the_next_wait() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let known = Browser::signed_in(&studio, "Rosa").await;
        known.post("/sign-out", "").await.expect(303);
        let attacker = Browser::at(&studio, "198.51.100.7:1234");
        for _ in 0..5 {
            attacker.sign_in("Rosa", "not this one").await.expect(401);
        }
        let checked = studio.engine.passwords().checked();
        let refused = attacker.sign_in("ROSA", PASSWORD).await.expect(429);
        assert_eq!(refused.headers[header::RETRY_AFTER], "30");
        assert!(
            refused.body.contains("Try again in 30 seconds") || refused.body.contains("try again in 30 seconds"),
            "{}",
            refused.body
        );
        Browser::at(&studio, "203.0.113.9:1").sign_in("Rosa", PASSWORD).await.expect(429);
        assert_eq!(studio.engine.passwords().checked(), checked, "no password was worked out");
        known.sign_in("Rosa", PASSWORD).await.expect(303);
        pass(&studio, SignedDuration::from_secs(31));
        attacker.sign_in("Rosa", "not this one").await.expect(401);
        let longer = attacker.sign_in("Rosa", "not this one").await.expect(429);
        assert_eq!(longer.headers[header::RETRY_AFTER], "60");
        for _ in 0..12 {
            pass(&studio, SignedDuration::from_mins(15));
            attacker.sign_in("Rosa", "not this one").await.expect(401);
        }
        pass(&studio, SignedDuration::from_mins(15));
        Browser::new(&studio).sign_in("Rosa", PASSWORD).await.expect(303);
        let acts = recorded(&studio).await;
        assert!(
            acts.contains(&"Rosa could not sign in: wrong password from 198.51.100.7, Firefox on Linux".to_owned()),
            "{acts:?}"
        );
        assert!(acts.iter().all(|act| !act.contains("not this one")));
    })
    .await;
}

/// Many names from one address are limited too, and those at this computer by their name alone.
#[tokio::test]
async fn an_address_that_guesses_names_has_to_wait() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[("FIRSTCALL__SERVER__RATE_LIMITS", "off")]).await;
        account(&studio, "Rosa", Role::Manager).await;
        let attacker = Browser::at(&studio, "[2001:db8:1:2::7]:1");
        for number in 0..20 {
            attacker.sign_in(&format!("somebody {number}"), "not this one").await.expect(401);
        }
        Browser::at(&studio, "[2001:db8:1:2:ffff::8]:1").sign_in("Rosa", PASSWORD).await.expect(429);
        Browser::at(&studio, "[2001:db8:1:3::7]:1").sign_in("Rosa", PASSWORD).await.expect(303);
        let here = Browser::new(&studio);
        for _ in 0..8 {
            here.sign_in("Rosa", "not this one").await.expect(401);
        }
    })
    .await;
}

/// Whoever tries at the same moment is counted before any password is looked at.
#[tokio::test]
async fn tries_at_the_same_moment_are_all_counted() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let browsers: Vec<Browser> = (0..12).map(|_| Browser::at(&studio, "198.51.100.7:1")).collect();
        let tries = browsers.iter().map(|browser| browser.sign_in("Rosa", "not this one"));
        let statuses: Vec<u16> =
            futures_util::future::join_all(tries).await.iter().map(|shown| shown.status.as_u16()).collect();
        let looked_at = statuses.iter().filter(|status| **status == 401).count();
        assert_eq!(looked_at, 5, "{statuses:?}");
    })
    .await;
}

/// A name that nobody has costs the same work as one that somebody has, and is answered the same.
#[tokio::test]
async fn nobody_learns_which_names_there_are() {
    each_backend(async |store| {
        let studio = studio(store).await;
        account(&studio, "Ben", Role::Manager).await;
        let ben = studio.engine.account_named("ben").await.unwrap().id;
        studio.engine.set_disabled(ben, true, "Rosa").await.unwrap();
        let mut answers = Vec::new();
        for name in ["Rosa", "Nobody", "Ben"] {
            let before = studio.engine.passwords().checked();
            let password = if name == "Ben" { PASSWORD } else { "not this one" };
            let shown = Browser::new(&studio).sign_in(name, password).await.expect(401);
            assert_eq!(studio.engine.passwords().checked(), before + 1, "{name}");
            answers.push(shown.body.replace(name, "NAME"));
        }
        assert_eq!((&answers[0], &answers[0]), (&answers[1], &answers[2]));
    })
    .await;
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let ben = account(&studio, "Ben", Role::Viewer).await;
        let browser = Browser::signed_in(&studio, "Ben").await;
        let mut events = browser.events().await;
        assert!(events.next().await.is_some());
        Browser::signed_in(&studio, "Rosa")
            .await
            .post(&format!("/accounts/{}", ben.id), "do=disable")
            .await
            .expect(303);
        let ended = async { while events.next().await.is_some() {} };
        timeout(Duration::from_secs(20), ended).await.expect("the stream ends");
        browser.get("/").await.expect(401);
        browser.sign_in("Ben", PASSWORD).await.expect(401);
        studio.engine.set_disabled(ben.id, false, "Rosa").await.unwrap();
        browser.get("/").await.expect(401);
        browser.sign_in("Ben", PASSWORD).await.expect(303);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let (own, other) = (Browser::signed_in(&studio, "Rosa").await, Browser::signed_in(&studio, "Rosa").await);
        let (before, change) = (own.cookie(SESSION), |old: &str, new: &str, again: &str| {
            form(&[("do", "password"), ("old", old), ("new", new), ("again", again)])
        });
        for (old, new, again) in [
            ("not this one", "five quiet rooms", "five quiet rooms"),
            (PASSWORD, "five quiet rooms", "six quiet rooms"),
            (PASSWORD, "short", "short"),
            (PASSWORD, "password123", "password123"),
        ] {
            own.post("/account", &change(old, new, again)).await.expect(422);
        }
        other.get("/").await.expect(200);
        own.post("/account", &change(PASSWORD, "five quiet rooms", "five quiet rooms")).await.expect(303);
        assert_ne!(own.cookie(SESSION), before);
        own.get("/").await.expect(200);
        other.get("/").await.expect(401);
        other.sign_in("Rosa", PASSWORD).await.expect(401);
        other.sign_in("Rosa", "five quiet rooms").await.expect(303);
        own.post("/account", "do=end_others").await.expect(303);
        other.get("/").await.expect(401);
        own.get("/").await.expect(200);
    })
    .await;
}

/// Another role: a new token for the next request, and only what the role may do.
#[tokio::test]
async fn a_role_takes_effect_at_once() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let ben = account(&studio, "Ben", Role::Manager).await;
        let browser = Browser::signed_in(&studio, "Ben").await;
        let before = browser.cookie(SESSION);
        studio.engine.set_role(ben.id, Role::Viewer, "Rosa").await.unwrap();
        browser.post("/bookings/1/pause", "").await.expect(403);
        browser.get("/").await.expect(200);
        assert_ne!(browser.cookie(SESSION), before);
        browser.get("/audit").await.expect(403);
    })
    .await;
}

/// Somebody always manages, whoever is taken away at the same moment.
#[tokio::test]
async fn somebody_always_manages() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let ben = account(&studio, "Ben", Role::Manager).await.id;
        let rosa = studio.engine.account_named("Rosa").await.unwrap().id;
        let (one, other) =
            tokio::join!(studio.engine.set_role(rosa, Role::Viewer, "x"), studio.engine.set_disabled(ben, true, "x"));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        assert!(matches!(one.and(other), Err(AccountError::LastManager)));
    })
    .await;
}

/// A link for a new password signs everybody else out; it is no way around the codes.
#[tokio::test]
async fn a_password_is_chosen_anew_by_a_link() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let rosa = studio.engine.account_named("Rosa").await.unwrap();
        let browser = Browser::signed_in(&studio, "Rosa").await;
        let link = async || format!("/reset/{}", studio.engine.reset_link(rosa.id, "Ben").await.unwrap());
        let (one, two) = (link().await, link().await);
        let choose = form(&[("password", "five quiet rooms"), ("again", "five quiet rooms")]);
        let fresh = Browser::new(&studio);
        fresh.post(&one, &form(&[("password", "rosa rosa"), ("again", "rosa rosa")])).await.expect(422);
        assert_eq!(fresh.post(&one, &choose).await.expect(303).headers[header::LOCATION], "../");
        fresh.get("/").await.expect(200);
        browser.get("/").await.expect(401);
        browser.post(&two, &choose).await.expect(410);
        studio.engine.offer_codes(rosa.id).await.unwrap();
        let offered = studio.engine.account(rosa.id).await.unwrap();
        let secret = studio.engine.offered_secret(&offered).unwrap().unwrap();
        let code = one_time_code::code_at(&secret, studio.engine.clock().now()).unwrap();
        studio.engine.confirm_codes(&offered, &code).await.unwrap();
        let by_link = Browser::new(&studio);
        assert_eq!(by_link.post(&link().await, &choose).await.expect(303).headers[header::LOCATION], "../sign-in");
        by_link.get("/").await.expect(401);
        studio.engine.set_password("rosa", "six quiet rooms", true, "admin").await.unwrap();
        by_link.sign_in("Rosa", "six quiet rooms").await.expect(303);
    })
    .await;
}

/// A key that was made opens what `api.keys` opens, under its name, until it is taken back.
#[tokio::test]
async fn a_made_key_works_like_one_of_the_settings() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let id = studio.book("m1", "drums", "10:00 AM").await;
        let key = studio.engine.make_key("Scheduler", "Rosa").await.unwrap();
        assert!(matches!(studio.engine.make_key("scheduler", "Rosa").await, Err(AccountError::NameTaken)));
        let call = async |key: &str| {
            let request =
                Request::post(format!("/api/v1/bookings/{id}/pause")).header("authorization", format!("Bearer {key}"));
            studio.send(request.body(Body::empty()).unwrap()).await
        };
        call("another key").await.expect(401);
        call(&key).await.expect(200);
        let log = studio.get(&format!("/api/v1/bookings/{id}/log")).await.json();
        let paused = log["items"].as_array().unwrap().iter().find(|line| line["kind"] == "paused").unwrap();
        assert_eq!(paused["actor"], "Scheduler");
        let browser = Browser::new(&studio);
        browser.post("/sign-in", &form(&[("key", &key)])).await.expect(303);
        browser.post(&format!("/bookings/{id}/resume"), "").await.expect(303);
        assert!(recorded(&studio).await[0].starts_with("Scheduler resumed a booking"));
        studio.engine.revoke_key("Scheduler", "Rosa").await.unwrap();
        call(&key).await.expect(401);
        browser.get("/").await.expect(401);
        studio.engine.make_key("Scheduler", "Rosa").await.unwrap();
        call(&key).await.expect(401);
    })
    .await;
}

#[tokio::test]
async fn names_and_addresses_are_each_somebodys_own() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let make = async |name: &str, email: &str| {
            let form = AccountForm { name: name.to_owned(), email: email.to_owned(), password: PASSWORD.to_owned() };
            studio.engine.make_account(form, Ticket::Admin, "x").await
        };
        assert!(matches!(make(" ROSA", "").await, Err(AccountError::NameTaken)));
        make("Ben", "Ben@example.com").await.unwrap();
        assert!(matches!(make("Cleo", "ben@EXAMPLE.com").await, Err(AccountError::EmailTaken)));
        assert!(matches!(make("Cleo", "nowhere").await, Err(AccountError::Email)));
        for name in ["", "  ", "ben@example.com", "clock", "API", "a\u{7}b", &"x".repeat(41)] {
            assert!(matches!(make(name, "").await, Err(AccountError::Name(_))), "{name}");
        }
        Browser::new(&studio).sign_in("BEN@example.com", PASSWORD).await.expect(303);
    })
    .await;
}

/// What was entered as a name is recorded, up to 64 characters of it.
#[tokio::test]
async fn the_record_is_kept_for_a_year() {
    each_backend(async |store| {
        let studio = studio(store).await;
        let origin = Origin::default();
        let _ = studio.engine.sign_in(&"n".repeat(1000), "p", &origin).await;
        assert!(recorded(&studio).await[0].starts_with(&format!("{} could not", "n".repeat(64))));
        pass(&studio, SignedDuration::from_hours(24 * 365));
        studio.engine.forget_what_is_old().await.unwrap();
        assert_eq!(recorded(&studio).await.len(), 2);
        pass(&studio, SignedDuration::from_hours(24 * 2));
        studio.engine.forget_what_is_old().await.unwrap();
        assert!(recorded(&studio).await.is_empty());
    })
    .await;
}
