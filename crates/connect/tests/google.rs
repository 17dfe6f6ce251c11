//! Google Calendar as npm `emulate` plays it, and as the documents say it behaves where that does not (rules 3.3, 6.2, 6.4).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "support/calendars.rs"]
mod calendars;
#[path = "support/node.rs"]
mod node;
#[path = "support/google.rs"]
mod scripted;
mod support;

use calendars::{at, event, is_later, is_refused, span};
use firstcall_connect::calendars::Trouble;
use firstcall_connect::calendars::google::{
    Failed, Google, PRIMARY, Placed, SCOPE_BUSY, SCOPE_WRITE, Tokens, event_id,
};
use firstcall_core::span::Span;
use jiff::{SignedDuration, Timestamp};
use scripted::{
    ACCESS, REDIRECT, REFRESH, SECRET, STATE, UID, VERIFIER, at_ten, body, google, new_york, problem, query, says,
    scripted, trouble,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use support::{Act, answer};

/// Somebody looks at the page and agrees; the code and the state that they come back with.
async fn consent(google: &Google, emulate: &str) -> (String, String) {
    let page = google.authorize_url(STATE, VERIFIER).unwrap();
    let browser = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    assert_eq!(browser.get(&page).send().await.unwrap().status(), 200);
    let mut form = query(&page);
    form.insert("email".to_owned(), "testuser@gmail.com".to_owned());
    let request = browser.post(format!("{emulate}/o/oauth2/v2/auth/callback"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(serde_urlencoded::to_string(&form).unwrap()).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with(REDIRECT), "{back}");
    let mut query = query(&back);
    (query.remove("code").unwrap(), query.remove("state").unwrap())
}

#[tokio::test]
async fn from_consent_to_an_event_and_back() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let emulate = node::google();
    let google = google(&emulate.url);
    let (code, state) = consent(&google, &emulate.url).await;
    assert_eq!(state, STATE);
    is_refused(google.exchange(&code, "another verifier, which nobody sent there").await);
    let (code, _) = consent(&google, &emulate.url).await;
    let tokens = google.exchange(&code, VERIFIER).await.unwrap();
    assert!(tokens.may_write() && tokens.valid_for == SignedDuration::from_hours(1), "{tokens:?}");
    assert!(is_refused(google.exchange(&code, VERIFIER).await).contains("connect the calendar again"));

    let refresh = tokens.refresh.unwrap();
    let again = google.refresh(&refresh).await.unwrap();
    assert!(again.access != tokens.access && again.refresh.is_none());
    assert!(is_refused(google.refresh("another").await).contains("withdrawn"));

    let access = again.access.as_str();
    let start = Timestamp::now() + SignedDuration::from_hours(24 * 100);
    let start = Timestamp::from_second(start.as_second()).unwrap();
    let time = Span { start, end: start + SignedDuration::from_hours(1) };
    // Two parts, and the event in the second.
    let range =
        Span { start: start - SignedDuration::from_hours(24 * 80), end: time.end + SignedDuration::from_hours(1) };
    let busy = async || google.busy(access, &[PRIMARY, "unknown", "cal_team"], range).await.unwrap();
    let before = busy().await;
    assert_eq!((&before[0], &before[2]), (&Ok(vec![]), &Ok(vec![])));
    assert!(is_later(before[1].clone()).contains("leaves this calendar out"));
    let zone = new_york();
    // The emulator gives an event an id of its own.
    let placed = google.insert(access, "cal_team", &event_id(UID, 0), &event(UID, time, &zone)).await.unwrap();
    let Placed::Done(id) = placed else { panic!("{placed:?}") };
    assert_eq!(busy().await[2], Ok(vec![time]));
    for _ in 0..2 {
        google.delete(access, "cal_team", &id).await.unwrap();
    }
    assert_eq!(busy().await[2], Ok(vec![]));
    let nowhere = google.insert(access, "gone", &id, &event(UID, time, &zone)).await;
    assert_eq!(nowhere, Ok(Placed::NoCalendar));
}

/// What the documents ask for, and what otherwise goes wrong the second time.
#[test]
fn the_page_asks_for_lasting_access_to_little() {
    let url =
        google("https://example.com").authorize_url(STATE, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    let expected = [
        ("client_id", "firstcall.apps.example.com"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        (
            "scope",
            "https://www.googleapis.com/auth/calendar.events.freebusy https://www.googleapis.com/auth/calendar.app.created",
        ),
        ("state", STATE),
        // RFC 7636, appendix B.
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("include_granted_scopes", "true"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query(&url), HashMap::from(expected));
    assert!(!url.contains(SECRET));
}

fn granted() -> Value {
    json!({ "access_token": ACCESS, "expires_in": 3599, "refresh_token": REFRESH, "token_type": "Bearer",
        "scope": format!("openid {SCOPE_WRITE} {SCOPE_BUSY}") })
}

#[tokio::test]
async fn a_consent_that_is_not_enough_is_refused() {
    let (server, google) = scripted(&[says("200 OK", &granted())]).await;
    let tokens = google.exchange("c0de", VERIFIER).await.unwrap();
    assert_eq!((tokens.access.as_str(), tokens.refresh.as_deref()), (ACCESS, Some(REFRESH)));
    assert!(!format!("{tokens:?}").contains("acc3ss") && !format!("{tokens:?}").contains("r3fresh"));
    let expected = [
        ("client_id", "firstcall.apps.example.com"),
        ("client_secret", SECRET),
        ("code", "c0de"),
        ("code_verifier", VERIFIER),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
    ];
    assert_eq!(server.only_request().form(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));

    for (field, value, said) in [
        ("refresh_token", Value::Null, "no lasting access"),
        ("refresh_token", json!(""), "no lasting access"),
        ("scope", json!(SCOPE_WRITE), "not ticked"),
        ("scope", json!(""), "not ticked"),
    ] {
        let mut less = granted();
        less[field] = value;
        let (_server, google) = scripted(&[says("200 OK", &less)]).await;
        assert!(is_refused(google.exchange("c0de", VERIFIER).await).contains(said));
    }
    let mut less = granted();
    less["scope"] = json!(SCOPE_BUSY);
    let (_server, google) = scripted(&[says("200 OK", &less)]).await;
    assert!(!google.exchange("c0de", VERIFIER).await.unwrap().may_write());
}

#[tokio::test]
async fn tokens_that_do_not_come_say_why() {
    let refresh = async |act: Act| -> Result<Tokens, Trouble> {
        let (_server, google) = scripted(&[act]).await;
        let refreshed = google.refresh(REFRESH).await;
        let words = format!("{refreshed:?} {google:?}");
        assert!(!words.contains("s3cret") && !words.contains("r3fresh") && !words.contains("127.0.0.1"), "{words}");
        refreshed
    };
    let error = |error: &str| json!({ "error": error, "error_description": format!("{REFRESH} {SECRET}") });
    assert!(is_refused(refresh(says("400 No", &error("invalid_grant"))).await).contains("connect it again"));
    for wrong in ["invalid_client", "unauthorized_client"] {
        assert!(is_refused(refresh(says("401 No", &error(wrong))).await).contains("registration"));
    }
    for status in ["429 No", "500 No", "503 No"] {
        is_later(refresh(says(status, &error("internal_failure"))).await);
    }
    for act in
        [says("200 OK", &json!({})), Act::Answer(answer("200 OK", "", "<html>")), Act::Cut, Act::Silence, Act::Endless]
    {
        is_later(refresh(act).await);
    }
}

fn calendars(of: &Value) -> Act {
    says("200 OK", &json!({ "kind": "calendar#freeBusy", "calendars": of }))
}

/// Rule 3.3: whatever is not said of a calendar, it is not free.
#[tokio::test]
async fn a_calendar_that_google_cannot_read_is_not_free() {
    let range = span("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let busy = json!([{ "start": "2026-12-08T10:00:00-05:00", "end": "2026-12-08T16:00:00Z" }]);
    let errors = |reason: &str| json!({ "errors": [{ "domain": "global", "reason": reason }], "busy": [] });
    let answer = json!({
        "primary": { "busy": busy }, "none@example.com": errors("notFound"), "odd@example.com": errors("internalError"),
        "half@example.com": {}, "back@example.com": { "busy": [{ "start": "2026-12-08T16:00:00Z", "end": "2026-12-08T15:00:00Z" }] },
    });
    let (server, google) = scripted(&[calendars(&answer)]).await;
    let ids = [
        "primary",
        "none@example.com",
        "odd@example.com",
        "half@example.com",
        "back@example.com",
        "Primary",
        "primary",
    ];
    let found = google.busy(ACCESS, &ids, range).await.unwrap();
    assert_eq!((&found[0], &found[6]), (&Ok(vec![at_ten()]), &Ok(vec![at_ten()])));
    assert!(is_refused(found[1].clone()).contains("does not show us"));
    for unknown in &found[2..6] {
        is_later(unknown.clone());
    }
    let request = server.only_request();
    assert_eq!(request.line, "POST /calendar/v3/freeBusy HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer ya29.acc3ss"));
    let body = body(&request);
    assert_eq!((&body["timeMin"], &body["timeMax"]), (&json!("2026-12-01T00:00:00Z"), &json!("2027-01-01T00:00:00Z")));
    assert_eq!(body["items"][1], json!({ "id": "none@example.com" }));

    for (act, words) in [
        (says("200 OK", &json!({})), "cannot be read"),
        (Act::Answer(support::answer("200 OK", "", "<html>")), "cannot be read"),
        (
            says("200 OK", &json!({ "calendars": { "primary": { "busy": [{ "start": "soon", "end": "later" }] } } })),
            "cannot be read",
        ),
        (Act::Cut, "broke"),
        (Act::Silence, "in time"),
        (Act::Endless, "cannot be read"),
    ] {
        let (_server, google) = scripted(&[act]).await;
        let found = is_later(trouble(google.busy(ACCESS, &["primary"], range).await));
        assert!(found.contains(words), "{found}");
    }
}

/// Google refuses long ranges, and takes 50 calendars at once.
#[tokio::test]
async fn long_ranges_and_many_calendars_are_asked_for_in_parts() {
    let range = span("2026-12-01T00:00:00Z", "2027-03-31T00:00:00Z");
    let ids: Vec<String> = (0..51).map(|n| format!("c{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let all = |spans: Value| {
        let each = ids.iter().map(|id| ((*id).to_owned(), json!({ "busy": spans.clone() })));
        json!(each.collect::<serde_json::Map<_, _>>())
    };
    let early = json!([{ "start": "2027-01-29T20:00:00Z", "end": "2027-01-30T00:00:00Z" }, { "start": "2026-12-02T00:00:00Z", "end": "2026-12-03T00:00:00Z" }]);
    let late = json!([{ "start": "2027-01-30T00:00:00Z", "end": "2027-01-30T02:00:00Z" }]);
    let mut missing = all(late.clone());
    missing.as_object_mut().unwrap().remove("c7");
    let (server, google) = scripted(&[calendars(&all(early)), calendars(&missing), calendars(&all(json!([])))]).await;
    let found = google.busy(ACCESS, &ids, range).await.unwrap();
    let expected = vec![
        span("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z"),
        span("2027-01-29T20:00:00Z", "2027-01-30T02:00:00Z"),
    ];
    for (nth, known) in found.iter().enumerate() {
        match nth {
            7 => drop(is_later(known.clone())),
            50 => assert_eq!(known, &Ok(vec![])),
            _ => assert_eq!(known, &Ok(expected.clone())),
        }
    }
    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            let body = body(request);
            let time = |name: &str| at(body[name].as_str().unwrap());
            (body["items"].as_array().unwrap().len(), time("timeMin"), time("timeMax"))
        })
        .collect();
    let (start, middle, end) = (range.start, at("2027-01-30T00:00:00Z"), range.end);
    assert_eq!(asked, [(50, start, middle), (50, middle, end), (1, start, middle), (1, middle, end)]);
}

/// What each refusal asks for.
#[tokio::test]
async fn refusals_say_who_has_to_do_something() {
    let range = span("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let ask = async |act: Act| {
        let (_server, google) = scripted(&[act]).await;
        let zone = new_york();
        let busy = google.busy(ACCESS, &[PRIMARY], range).await.err();
        let deleted = google.delete(ACCESS, "c", "id").await.err();
        let updated = google.update(ACCESS, "c", "id", &event(UID, at_ten(), &zone)).await.err();
        assert!(busy == deleted && busy == updated, "{busy:?} {deleted:?} {updated:?}");
        let words = format!("{busy:?}");
        assert!(!words.contains("acc3ss") && !words.contains("127.0.0.1"), "{words}");
        busy.unwrap()
    };
    assert_eq!(ask(problem(401, "authError")).await, Failed::Expired);
    let after = async |act: Act| match ask(act).await {
        Failed::Trouble(Trouble::Later(wait, _)) => wait.map(|wait| wait.as_secs()),
        other @ (Failed::Expired | Failed::Trouble(Trouble::Refused(_))) => panic!("{other:?}"),
    };
    for (status, reason) in [
        (403, "rateLimitExceeded"),
        (403, "userRateLimitExceeded"),
        (429, "rateLimitExceeded"),
        (429, ""),
        (500, "backendError"),
        (503, ""),
    ] {
        assert_eq!(after(problem(status, reason)).await, None, "{status} {reason}");
    }
    for reason in ["quotaExceeded", "dailyLimitExceeded", "calendarUsageLimitsExceeded"] {
        assert_eq!(after(problem(403, reason)).await, Some(4 * 3600), "{reason}");
    }
    let busy = Act::Answer(answer("503 No", "Retry-After: 90\r\n", ""));
    assert_eq!(after(busy).await, Some(90));
    for (status, reason, said) in [
        (403, "insufficientPermissions", "all boxes ticked"),
        (403, "forbidden", "all boxes ticked"),
        (403, "accessNotConfigured", "whoever runs it"),
        (400, "timeRangeTooLong", "No timeRangeTooLong for …"),
    ] {
        let Failed::Trouble(Trouble::Refused(words)) = ask(problem(status, reason)).await else { panic!("{reason}") };
        assert!(words.contains(said), "{words}");
    }
}

fn kept(status: &str, uid: &str) -> Act {
    says("200 OK", &json!({ "id": "abc", "status": status, "extendedProperties": { "private": { "firstcall": uid } } }))
}

/// Rule 6.4.
#[tokio::test]
async fn an_event_is_made_once() {
    let zone = new_york();
    let insert = async |acts: &[Act]| {
        let (server, google) = scripted(acts).await;
        (google.insert(ACCESS, "c/1", "abc", &event(UID, at_ten(), &zone)).await, server)
    };
    let (placed, server) = insert(&[kept("confirmed", UID)]).await;
    assert_eq!(placed, Ok(Placed::Done("abc".to_owned())));
    let request = server.only_request();
    assert_eq!(request.line, "POST /calendar/v3/calendars/c%2F1/events?sendUpdates=none HTTP/1.1");
    assert_eq!(
        body(&request),
        json!({
            "id": "abc", "summary": "Session: drums & bass, Café", "location": "Fern Room", "description": "Bring sticks;\nand \\ ears",
            "start": { "dateTime": "2026-12-08T10:00:00-05:00", "timeZone": "America/New_York" },
            "end": { "dateTime": "2026-12-08T11:00:00-05:00", "timeZone": "America/New_York" },
            "status": "confirmed", "transparency": "opaque", "extendedProperties": { "private": { "firstcall": UID } },
            "source": { "title": "Session: drums & bass, Café", "url": "https://calls.example.com/s/17" },
        })
    );

    let taken = || problem(409, "duplicate");
    let (placed, server) = insert(&[taken(), kept("confirmed", UID)]).await;
    assert_eq!(placed, Ok(Placed::There("abc".to_owned())));
    assert_eq!(server.requests()[1].line, "GET /calendar/v3/calendars/c%2F1/events/abc HTTP/1.1");
    assert_eq!(insert(&[taken(), kept("cancelled", UID)]).await.0, Ok(Placed::Deleted));
    assert_eq!(insert(&[taken(), problem(404, "notFound")]).await.0, Ok(Placed::Deleted));
    is_refused(trouble(insert(&[taken(), kept("confirmed", "another")]).await.0));
    is_refused(trouble(insert(&[taken(), says("200 OK", &json!({ "id": "abc", "status": "confirmed" }))]).await.0));
    is_later(trouble(insert(&[taken(), problem(503, "")]).await.0));
    assert_eq!(insert(&[problem(404, "notFound")]).await.0, Ok(Placed::NoCalendar));
    is_later(trouble(insert(&[Act::Cut]).await.0));
    is_later(trouble(insert(&[Act::Answer(answer("200 OK", "", "<html>"))]).await.0));
}

#[tokio::test]
async fn an_event_is_changed_and_removed() {
    let zone = new_york();
    let update = async |act: Act| {
        let (server, google) = scripted(&[act]).await;
        (google.update(ACCESS, "c", "abc", &event(UID, at_ten(), &zone)).await, server)
    };
    let (placed, server) = update(kept("confirmed", UID)).await;
    assert_eq!(placed, Ok(Placed::Done("abc".to_owned())));
    assert_eq!(server.only_request().line, "PUT /calendar/v3/calendars/c/events/abc?sendUpdates=none HTTP/1.1");
    for act in [problem(404, "notFound"), problem(410, "deleted"), kept("cancelled", UID)] {
        assert_eq!(update(act).await.0, Ok(Placed::Deleted));
    }
    for act in [Act::Answer(answer("204 Done", "", "")), problem(404, "notFound"), problem(410, "deleted")] {
        let (server, google) = scripted(&[act]).await;
        assert_eq!(google.delete(ACCESS, "c", "abc").await, Ok(()));
        assert_eq!(server.only_request().line, "DELETE /calendar/v3/calendars/c/events/abc?sendUpdates=none HTTP/1.1");
    }
    let (server, google) = scripted(&[says("200 OK", &json!({ "id": "made@group.calendar.google.com" }))]).await;
    let made = google.create_calendar(ACCESS, "First Call", &zone).await;
    assert_eq!(made.as_deref(), Ok("made@group.calendar.google.com"));
    let request = server.only_request();
    assert_eq!(request.line, "POST /calendar/v3/calendars HTTP/1.1");
    assert_eq!(body(&request), json!({ "summary": "First Call", "timeZone": "America/New_York" }));
}
