//! The JSON interface itself: keys, pages, errors, idempotency.

use crate::studio::Studio;
use axum::body::Body;
use axum::http::{Method, Request, header};
use firstcall_store::testing::each_backend;
use firstcall_store::{Sql, Tx};
use serde_json::{Value, json};

/// Nobody without a key, and every error has a body that says what to do.
#[tokio::test]
async fn errors_say_what_to_do() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[]).await;
        let without = |path: &str| Request::get(path.to_owned()).body(Body::empty()).unwrap();
        studio.send(without("/api/v1/bookings")).await.expect(401);
        for (method, path, body, status) in [
            (Method::GET, "/api/v1/nothing", json!(null), 404),
            (Method::GET, "/api/v1/bookings/7", json!(null), 404),
            (Method::GET, "/api/v1/bookings/seven", json!(null), 404),
            (Method::GET, "/api/v1/bookings?limit=0", json!(null), 400),
            (Method::GET, "/api/v1/bookings?cursor=x", json!(null), 400),
            (Method::DELETE, "/api/v1/bookings", json!(null), 405),
            (Method::POST, "/api/v1/bookings", json!({}), 422),
            (Method::POST, "/api/v1/bookings", json!({"instruments": [{"instrument": "kazoo"}], "times": ["2026-12-08T10:00:00Z"]}), 422),
            (Method::POST, "/api/v1/bookings", json!({"instruments": [{"instrument": "drums"}], "times": ["soon"]}), 422),
            (Method::POST, "/api/v1/bookings", json!({"instruments": [{"instrument": "drums"}], "times": ["2020-12-08T10:00:00Z"]}), 422),
            (Method::POST, "/api/v1/bookings", json!({"instruments": [{"instrument": "drums", "count": 0}], "times": ["2026-12-08T10:00:00Z"]}), 422),
            (Method::POST, "/api/v1/bookings", json!({"instruments": [{"instrument": "drums", "count": 70000}], "times": ["2026-12-08T10:00:00Z"]}), 422),
            (Method::POST, "/api/v1/musicians", json!({"name": "Ann"}), 422),
            (Method::POST, "/api/v1/musicians", json!({"name": "Ann", "phone": "12", "instruments": ["drums"]}), 422),
            (Method::POST, "/api/v1/musicians", json!({"name": "Ann", "phone": "+12125550101", "instruments": ["kazoo"]}), 422),
            (Method::POST, "/api/v1/musicians", json!({"name": "Ann", "phone": "+12125550101", "instruments": ["drums"], "time_zone": "EST5"}), 422),
            (Method::POST, "/api/v1/musicians", json!({"shoe_size": 7}), 422),
            (Method::POST, "/api/v1/musicians/1/blocks", json!({"start": "2026-12-08T10:00:00Z", "end": "2026-12-08T11:00:00Z"}), 404),
            (Method::POST, "/api/v1/inbox/1/dismiss", json!({}), 404),
            (Method::POST, "/api/v1/musicians", json!({"name": "A\0", "phone": "+12125550101", "instruments": ["drums"]}), 422),
            (Method::POST, "/api/v1/musicians", json!({"name": "Ann", "phone": "+12125550101", "instruments": [{"instrument": "drums", "place": 4_294_967_295_u32}]}), 422),
            (Method::POST, "/api/v1/musicians", json!({"name": "Ann", "phone": "+12125550101", "instruments": ["drums"], "time_zone": "EST"}), 422),
            (Method::POST, "/api/v1/bookings", json!({"instruments": [{"instrument": "drums"}], "times": [{"start": "2026-12-08T10:00:00Z", "end": "2026-12-08T11:00:00Z", "length": "3h"}]}), 422),
            (Method::POST, "/api/v1/bookings", json!({"client": {"email": "nobody"}, "instruments": [{"instrument": "drums"}], "times": ["2026-12-08T10:00:00Z"]}), 422),
            (Method::POST, "/api/v1/musicians", json!({"name": "A\nB", "phone": "+12125550101", "instruments": ["drums"]}), 422),
            (Method::POST, "/api/v1/musicians", json!({"name": "Ann", "phone": "+12125550101", "instruments": ["drums"], "last_booked": "2099-01-01"}), 422),
            (Method::GET, "/api/v1/bookings?status=nope", json!(null), 400),
            (Method::GET, "/api/v1/messages?state=%00", json!(null), 400),
            (Method::GET, "/api/v1/bookings/99999999999999999999", json!(null), 404),
            (Method::DELETE, "/api/v1/musicians/1/blocks/99999999999999999999", json!(null), 404),
        ] {
            let answer = studio.call(method.clone(), path, &body).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {path} {body}: {}", answer.body);
            let problem = answer.json();
            assert!(problem["error"].is_string() && problem["message"].is_string(), "{problem}");
            assert_eq!(problem["status"], json!(status));
        }
    })
    .await;
}

/// Musicians and their blocks, from the interface to the line-up.
#[tokio::test]
async fn musicians_come_change_and_go() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[]).await;
        let ann =
            json!({"name": "Ann", "phone": "(212) 555-0101", "instruments": ["drummer"], "last_booked": "2026-11-20"});
        let added = studio.post("/api/v1/musicians", &ann).await.expect(201).json();
        assert_eq!(added["instruments"], json!([{"instrument": "drums", "place": 1}]));
        assert_eq!((&added["phone"], &added["last_booked"]), (&json!("+12125550101"), &json!("2026-11-20")));
        studio.post("/api/v1/musicians", &ann).await.expect(409);
        let path = format!("/api/v1/musicians/{}", added["id"]);
        let changed = studio.call(Method::PATCH, &path, &json!({"notes": "left-handed"})).await.expect(200).json();
        assert_eq!((&changed["notes"], &changed["name"]), (&json!("left-handed"), &json!("Ann")));
        let block =
            json!({"start": "2026-12-08T09:00:00-05:00", "end": "2026-12-08T12:00:00-05:00", "note": "teaching"});
        let block = studio.post(&format!("{path}/blocks"), &block).await.expect(201).json();
        let id = studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(studio.status(id).await, "no_times");
        let told = studio.new_texts("Rosa").await;
        assert!(told[0].body.contains("no drums: Ann is away"), "{told:?}");
        studio.call(Method::DELETE, &format!("{path}/blocks/{}", block["id"]), &json!(null)).await.expect(204);
        studio.post(&format!("/api/v1/bookings/{id}/next"), &json!({})).await.expect(200);
        assert_eq!(studio.status(id).await, "calling");
        studio.call(Method::DELETE, &path, &json!(null)).await.expect(204);
        assert_eq!(studio.get("/api/v1/musicians").await.json()["items"], json!([]));
    })
    .await;
}

/// The same call with the same key is carried out once; another body under it is refused.
#[tokio::test]
async fn idempotency_keys() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let call = async |body: &Value| {
            let request = Request::post("/api/v1/bookings")
                .header(header::AUTHORIZATION, format!("Bearer {}", crate::studio::KEY))
                .header(header::CONTENT_TYPE, "application/json")
                .header("idempotency-key", "k1");
            studio.send(request.body(Body::from(body.to_string())).unwrap()).await
        };
        let body = json!({"instruments": [{"instrument": "drums"}], "times": ["2026-12-08T10:00:00-05:00"]});
        let first = call(&body).await.expect(201).json();
        assert_eq!(call(&body).await.expect(201).json()["id"], first["id"]);
        call(&json!({"instruments": [], "times": []})).await.expect(422);
        assert_eq!(studio.get("/api/v1/bookings").await.json()["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

/// Lists go on where the page before ended.
#[tokio::test]
async fn lists_have_pages() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums", "Cat: drums"], &[]).await;
        let first = studio.get("/api/v1/musicians?limit=2").await.expect(200).json();
        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = studio.get(&format!("/api/v1/musicians?limit=2&cursor={cursor}")).await.expect(200).json();
        assert_eq!((second["items"].as_array().unwrap().len(), &second["next_cursor"]), (1, &json!(null)));
    })
    .await;
}

/// The description is `OpenAPI` 3.1 and knows every route.
#[tokio::test]
async fn the_interface_describes_itself() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[]).await;
        let description = studio.get("/api/openapi.json").await.expect(200).json();
        assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
        let mut ids = std::collections::BTreeSet::new();
        for (path, item) in description["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let described = response["description"].as_str().is_some_and(|text| !text.is_empty());
                    assert!(described, "{method} {path} {status}");
                }
            }
        }
        for path in
            ["/workflow/email", "/api/v1/bookings/{id}/messages", "/api/v1/musicians/{id}/blocks", "/api/v1/inbox"]
        {
            assert!(description["paths"][path].is_object(), "{path}");
        }
    })
    .await;
}

/// Monitoring sees what there is to do.
#[tokio::test]
async fn metrics_count_what_there_is() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        studio.book("m1", "drums", "10:00 AM").await;
        let metrics = studio.get("/metrics").await.expect(200).body;
        assert!(metrics.contains("firstcall_bookings{status=\"calling\"} 1"), "{metrics}");
        assert!(metrics.contains("firstcall_overdue 0"), "{metrics}");
    })
    .await;
}

/// A call whose process ended before it answered is not carried out twice, and not refused for ever.
#[tokio::test]
async fn an_answer_that_got_lost_is_given_again() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let body =
            json!({"instruments": [{"instrument": "drums"}], "times": ["2026-12-08T10:00:00-05:00"]}).to_string();
        let call = async || {
            let request = Request::post("/api/v1/bookings")
                .header(header::AUTHORIZATION, format!("Bearer {}", crate::studio::KEY))
                .header(header::CONTENT_TYPE, "application/json")
                .header("idempotency-key", "lost");
            studio.send(request.body(Body::from(body.clone())).unwrap()).await
        };
        let first = call().await.expect(201).json();
        studio.engine.store().write(async |tx: &mut Tx| tx.execute(&LOSE_ANSWERS, &[]).await).await.unwrap();
        call().await.expect(409);
        studio.pass(1).await;
        assert_eq!(call().await.expect(201).json()["id"], first["id"]);
        assert_eq!(studio.get("/api/v1/bookings").await.json()["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

/// What a process leaves that ends before it answers.
static LOSE_ANSWERS: Sql = Sql::new("LOSE_ANSWERS", "UPDATE idempotency SET status = NULL, response = NULL");
