//! Mails: every body, twice, at once, doubtful, by machines (rule 1).

use crate::studio::{Studio, TOKEN};
use axum::body::Body;
use axum::http::{Request, header};
use firstcall_store::testing::each_backend;
use futures_util::future::join_all;
use serde_json::{Value, json};

const LINES: &str = "Name: Tess Granger\r\nInstrument: drums\r\nDate: December 8, 2026\r\nTime: 10:00 AM\r\n\
    Time zone: Eastern Time";

async fn post(studio: &Studio, media_type: &str, body: impl Into<Body>) -> (u16, Value) {
    let request = Request::post(format!("/workflow/email/{TOKEN}")).header(header::CONTENT_TYPE, media_type);
    let answer = studio.send(request.body(body.into()).unwrap()).await;
    (answer.status.as_u16(), answer.json())
}

/// Rule 1.1: every form in which mails are posted gives the same booking.
#[tokio::test]
async fn every_body_is_taken() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let fields = json!({"body_plain": LINES, "from": "tess@example.com", "subject": "Session",
            "date": "Tue, 1 Dec 2026 09:58:00 -0500", "message_id": "<json@example.com>"});
        let form =
            format!("body={}&from=tess%40example.com&message_id=form%40example.com", LINES.replace("\r\n", "%0A"));
        let multipart = format!(
            "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n{LINES}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\ntess@example.com\r\n--x--\r\n"
        );
        let mime = format!("From: tess@example.com\r\nMessage-ID: <mime@example.com>\r\n\r\n{LINES}\r\n");
        let raw = json!({"raw": format!("From: tess@example.com\r\nMessage-ID: <raw@example.com>\r\n\r\n{LINES}\r\n")});
        for (media_type, body) in [
            ("application/json", fields.to_string()),
            ("application/x-www-form-urlencoded", form),
            ("multipart/form-data; boundary=x", multipart),
            ("message/rfc822", mime),
            ("application/json", raw.to_string()),
        ] {
            let (status, body) = post(&studio, media_type, body).await;
            assert_eq!(
                (status, &body["status"], &body["options"]),
                (201, &json!("calling"), &json!(1)),
                "{media_type}: {body}"
            );
        }
    })
    .await;
}

/// Rule 1.3: twenty copies at once are one booking; the same id with other content is a question.
#[tokio::test]
async fn copies_are_one_booking() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let copies = join_all((0..20).map(|n| {
            let raw = format!("Received: by relay{n}.example.com\r\nFrom: tess@example.com\r\nMessage-ID: <same@example.com>\r\n\r\n{LINES}\r\n");
            post(&studio, "message/rfc822", raw)
        }))
        .await;
        assert_eq!(copies.iter().filter(|(status, _)| *status == 201).count(), 1, "{copies:?}");
        assert_eq!(copies.iter().filter(|(status, _)| *status == 200).count(), 19);
        let id = &copies[0].1["booking_id"];
        assert!(copies.iter().all(|(_, body)| body["booking_id"] == *id));
        let other = LINES.replace("10:00 AM", "2:00 PM");
        let raw = format!("From: tess@example.com\r\nMessage-ID: <same@example.com>\r\n\r\n{other}\r\n");
        let (status, body) = post(&studio, "message/rfc822", raw.clone()).await;
        assert_eq!((status, &body["status"]), (202, &json!("needs_review")));
        assert_eq!(body["problems"][0]["field"], "mail");
        let (again, same) = post(&studio, "message/rfc822", raw).await;
        assert_eq!((again, &same["inbox_id"]), (200, &body["inbox_id"]));
        assert_eq!(studio.get("/api/v1/bookings").await.json()["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

/// Rules 1.4, 7.1: with problems it waits, the manager is told once, and can mend it or put it aside.
#[tokio::test]
async fn doubtful_mails_wait_for_the_manager() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let lines = LINES.replace("drums", "kazoo");
        let answer = studio.mail("q1", &lines).await.expect(202).json();
        assert_eq!(
            (&answer["status"], &answer["problems"][0]["field"]),
            (&json!("needs_review"), &json!("instruments"))
        );
        studio.expect_text("Rosa", "a mail from Tess Granger needs you").await;
        studio.mail("q1", &lines).await.expect(200);
        studio.expect_silence(&["Rosa", "Ann"]).await;
        let item = answer["inbox_id"].as_i64().unwrap();
        let inbox = studio.get("/api/v1/inbox").await.expect(200).json();
        assert_eq!(inbox["items"][0]["reading"]["client"]["email"], "tess@example.com");
        let bad = json!({"instruments": [{"instrument": "kazoo"}], "times": ["2026-12-08T10:00:00-05:00"]});
        studio.post(&format!("/api/v1/inbox/{item}/mend"), &bad).await.expect(422);
        let good = json!({"instruments": [{"instrument": "drums"}], "times": ["2026-12-08T10:00:00-05:00"]});
        studio.post(&format!("/api/v1/inbox/{item}/mend"), &good).await.expect(201);
        studio.expect_text("Ann", "Drums, Tue 8 Dec 10am").await;
        studio.post(&format!("/api/v1/inbox/{item}/mend"), &good).await.expect(409);
        let second = studio.mail("q2", &lines).await.expect(202).json()["inbox_id"].as_i64().unwrap();
        studio.post(&format!("/api/v1/inbox/{second}/dismiss"), &json!({})).await.expect(200);
        assert_eq!(studio.get("/api/v1/inbox").await.json()["items"], json!([]));
    })
    .await;
}

/// Rule 1.9: a machine's mail makes no booking and asks nobody.
#[tokio::test]
async fn machines_are_ignored() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let raw = format!(
            "From: a@example.com\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <a@example.com>\r\n\r\n{LINES}\r\n"
        );
        let (status, body) = post(&studio, "message/rfc822", raw).await;
        assert_eq!((status, &body["status"]), (202, &json!("ignored")));
        studio.settle().await;
        studio.expect_silence(&["Ann", "Rosa"]).await;
    })
    .await;
}

/// Bad requests are named, and never an error of ours.
#[tokio::test]
async fn bad_bodies_are_named() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[]).await;
        for (media_type, body, status, error) in [
            ("application/json", "{", 400, "bad_request"),
            ("application/json", "{}", 422, "empty"),
            ("application/json", "", 400, "bad_request"),
            ("application/json", r#"{"text": 7}"#, 400, "bad_request"),
            ("text/plain", "hello", 415, "unsupported_media_type"),
            ("", "hello", 415, "unsupported_media_type"),
            ("multipart/form-data", "x", 400, "bad_request"),
            ("message/rfc822", "", 422, "empty"),
        ] {
            let (got, body) = post(&studio, media_type, body).await;
            assert_eq!((got, &body["error"]), (status, &json!(error)), "{media_type} {body}");
            assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()));
        }
        let huge = vec![b'x'; 25 * 1024 * 1024 + 1];
        assert_eq!(post(&studio, "message/rfc822", huge).await.0, 413);
        let request = Request::post("/workflow/email").header(header::CONTENT_TYPE, "message/rfc822");
        studio.send(request.body(Body::from("x")).unwrap()).await.expect(401);
        studio.send(Request::post("/workflow/email/wrong").body(Body::from("x")).unwrap()).await.expect(401);
        studio.send(Request::get("/workflow/email").body(Body::empty()).unwrap()).await.expect(405);
        studio.send(Request::get("/workflow/nothing").body(Body::empty()).unwrap()).await.expect(404);
    })
    .await;
}

/// Rule 1.3: without an id only what the same person wrote is the same mail.
#[tokio::test]
async fn two_people_may_write_the_same() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        for (from, status) in [("tess@example.com", 201), ("theo@example.com", 201), ("tess@example.com", 200)] {
            let raw = format!("From: {from}\r\n\r\n{LINES}\r\n");
            assert_eq!(post(&studio, "message/rfc822", raw).await.0, status, "{from}");
        }
    })
    .await;
}

/// Rules 1.2, 8.9: characters and lengths that a database does not take are no reason to lose a mail.
#[tokio::test]
async fn odd_headers_lose_no_mail() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let long = "x".repeat(1_000_000);
        for head in [
            "Subject: a\0b\r\nMessage-ID: <nul-subject@example.com>".to_owned(),
            "Message-ID: <nul\0id@example.com>".to_owned(),
            format!("Message-ID: <{long}@example.com>"),
            "From: \"T\0ess\" <tess@example.com>\r\nMessage-ID: <nul-name@example.com>".to_owned(),
        ] {
            let raw = format!("{head}\r\nReply-To: tess@example.com\r\n\r\n{LINES}\r\n");
            let (status, body) = post(&studio, "message/rfc822", raw).await;
            assert!(status == 201 || status == 202, "{status} {body}");
        }
        let fields = json!({"text": LINES, "from": "tess@example.com", "subject": "a\0b", "message_id": "c\0d"});
        let (status, body) = post(&studio, "application/json", fields.to_string()).await;
        assert_eq!(status, 201, "{body}");
    })
    .await;
}
