//! Texts through a network: what is handed over, what becomes of it, and what comes back (rules 4.2, 4.6, 4.7, 5.1, 5.7,
//! 7.1, 8.4, 8.5).

use crate::network::{Does, Network, Posted, TOKEN};
use crate::studio::{Answer, Studio};
use axum::body::Body;
use axum::http::{Method, Request, header};
use firstcall::engine::{NewBooking, TextReply};
use firstcall_connect::{Arrived, Handed, Lookup, Part, twilio};
use firstcall_core::booking::Chair;
use firstcall_core::contact::Phone;
use firstcall_core::span::Span;
use firstcall_store::Store;
use firstcall_store::testing::each_backend;
use serde_json::{Value, json};

/// A studio whose texts go through a network.
struct House {
    studio: Studio,
    network: Network,
}

impl House {
    async fn open(store: Store, musicians: &[&str], settings: &[(&str, &str)]) -> Self {
        let network = Network::open().await;
        let all: Vec<(&str, &str)> = network.settings().into_iter().chain(settings.iter().copied()).collect();
        let studio = Studio::open(store, musicians, &all).await;
        network.goes_by(studio.engine.clock());
        Self { studio, network }
    }

    fn posted(&self, name: &str) -> Vec<Posted> {
        self.network.posted_to(self.studio.phone(name).as_str())
    }

    /// The one text that was posted to somebody.
    #[track_caller]
    fn only(&self, name: &str) -> Posted {
        let mut posted = self.posted(name);
        assert_eq!(posted.len(), 1, "{posted:?}");
        posted.remove(0)
    }

    async fn state(&self, id: i64, name: &str) -> String {
        self.studio.offer_to(id, name).await["state"].as_str().unwrap().to_owned()
    }

    /// The network calls us.
    async fn calls(&self, url: &str, form: &[(&str, &str)], signature: Option<&str>) -> Answer {
        let path = url.strip_prefix("http://127.0.0.1:8080").expect("our address");
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        let answer =
            self.studio.send(request.body(Body::from(serde_urlencoded::to_string(form).unwrap())).unwrap()).await;
        self.studio.settle().await;
        answer
    }

    async fn reports(&self, text: &Posted, status: &str, code: &str) -> Answer {
        let form = [("MessageSid", text.sid.as_str()), ("MessageStatus", status), ("ErrorCode", code)];
        self.calls(&text.callback, &form, Some(&twilio::sign(&text.callback, &form, TOKEN))).await
    }

    async fn brings(&self, name: &str, words: &str, sid: &str) -> Answer {
        let url = "http://127.0.0.1:8080/hooks/twilio/inbound";
        let form =
            [("MessageSid", sid), ("From", self.studio.phone(name).as_str()), ("To", "+12125550198"), ("Body", words)];
        self.calls(url, &form, Some(&twilio::sign(url, &form, TOKEN))).await
    }

    async fn notices(&self) -> Vec<String> {
        self.studio.new_texts("Rosa").await.into_iter().map(|text| text.body).collect()
    }
}

/// Rule 8.4: a text that the network took before the line went dead is found in its records, and is not sent again.
#[tokio::test]
async fn a_text_taken_before_the_line_went_dead_is_not_sent_again() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        house.network.does([Does::TakesAndCuts]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(house.state(id, "Ann").await, "in_doubt");
        house.studio.pass(15).await;
        assert_eq!(house.state(id, "Ann").await, "sent");
        let offer = house.studio.offer_to(id, "Ann").await;
        assert_eq!(offer["network_id"], json!(house.only("Ann").sid));
    })
    .await;
}

/// Rule 8.4: a 5xx says nothing of whether the text was taken.
#[tokio::test]
async fn a_text_taken_with_an_error_is_not_sent_again() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        house.network.does([Does::TakesAndFails]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(house.state(id, "Ann").await, "in_doubt");
        house.studio.pass(15).await;
        assert_eq!((house.state(id, "Ann").await.as_str(), house.posted("Ann").len()), ("sent", 1));
    })
    .await;
}

/// Rule 8.4: a text that is not in the records, twice, is sent once more with the same link; in doubt again, the manager
/// is asked, and says what became of it.
#[tokio::test]
async fn a_text_that_was_lost_is_sent_once_more_and_then_the_manager_is_asked() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        house.network.does([Does::Cuts, Does::Cuts]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        house.studio.pass(9).await;
        assert_eq!(house.posted("Ann").len(), 1, "one empty look is not enough");
        house.studio.pass(2).await;
        let posted = house.posted("Ann");
        assert_eq!((posted.len(), &posted[0].body), (2, &posted[1].body));
        house.studio.pass(15).await;
        assert_eq!((house.posted("Ann").len(), house.state(id, "Ann").await.as_str()), (2, "in_doubt"));
        let asked = house.studio.expect_text("Rosa", "nobody knows whether the offer to Ann arrived").await;
        assert!(asked.body.contains(&format!("/bookings/{id}")), "{}", asked.body);
        let text = house.studio.offer_to(id, "Ann").await["id"].as_i64().unwrap();
        let settled = house.studio.post(&format!("/api/v1/messages/{text}/arrived"), &json!({})).await.expect(200);
        assert_eq!(settled.json()["state"], "sent");
        house.studio.post(&format!("/api/v1/messages/{text}/resend"), &json!({})).await.expect(409);
        assert_eq!(house.posted("Ann").len(), 2);
    })
    .await;
}

/// Rule 8.4: a second attempt that has to wait is looked up once more before it leaves, because the first may have appeared
/// meanwhile. It leaves if it has not.
#[tokio::test]
async fn a_second_attempt_that_waits_is_looked_up_again() {
    for (appears, quiet_hours, refused) in [
        (true, "off", Some(Does::Refuses(429, 20429))),
        (false, "off", Some(Does::Refuses(429, 20429))),
        (true, "off", Some(Does::Refuses(401, 20003))),
        (true, "10:05-11:00", None),
        (false, "10:05-11:00", None),
    ] {
        each_backend(async |store| {
            let house = House::open(store, &["Ann: drums"], &[("FIRSTCALL__CALLING__QUIET_HOURS", quiet_hours)]).await;
            house.network.does([Does::Cuts].into_iter().chain(refused.clone()));
            let id = house.studio.book("m1", "drums", "10:00 AM").await;
            house.studio.pass(10).await;
            let tries = house.posted("Ann");
            assert_eq!(tries.len(), if refused.is_some() { 2 } else { 1 });
            if appears {
                house.network.finds(&tries[0].sid);
            }
            house.studio.pass(60).await;
            let (all, offer) = (house.posted("Ann"), house.studio.offer_to(id, "Ann").await);
            let sent = if appears { &tries[0] } else { &all[tries.len()] };
            assert_eq!((&offer["state"], &offer["network_id"]), (&json!("sent"), &json!(sent.sid)), "{refused:?}");
            assert_eq!(all.len(), tries.len() + usize::from(!appears), "{refused:?}");
        })
        .await;
    }
}

/// Rules 4.11, 8.4: and so is one that waited while its booking was paused.
#[tokio::test]
async fn a_second_attempt_is_looked_up_again_after_a_pause() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        house.network.does([Does::Cuts]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        house.studio.post(&format!("/api/v1/bookings/{id}/pause"), &json!({})).await.expect(200);
        house.studio.pass(30).await;
        house.network.finds(&house.only("Ann").sid);
        house.studio.post(&format!("/api/v1/bookings/{id}/resume"), &json!({})).await.expect(200);
        house.studio.pass(1).await;
        assert_eq!((house.state(id, "Ann").await.as_str(), house.posted("Ann").len()), ("sent", 1));
    })
    .await;
}

/// Rule 8.4: what the network says of the first attempt while the second is under way does not fail the second. It may say
/// that the first arrived.
#[tokio::test]
async fn a_report_of_the_first_attempt_does_not_fail_the_second() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        house.network.does([Does::Cuts]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        let first = house.only("Ann");
        let engine = &house.studio.engine;
        for minutes in [2, 8] {
            engine.clock().set(engine.clock().now() + jiff::SignedDuration::from_mins(minutes));
            let doubts = engine.doubts(9).await.unwrap();
            engine.looked_up(&doubts[0], Ok(Lookup::Listed(Vec::new()))).await.unwrap();
        }
        let claimed = engine.claim(9).await.unwrap();
        assert_eq!(claimed.len(), 1);
        house.reports(&first, "undelivered", "30003").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "sending");
        engine.handed(&claimed[0], Handed::Taken("SM2".to_owned())).await.unwrap();
        house.reports(&first, "undelivered", "30003").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "sent");
        house.reports(&first, "delivered", "").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "delivered");
        assert!(house.posted("Bea").is_empty());
    })
    .await;
}

/// Rule 8.4: a report under a mark that does not say which attempt it is about counts.
#[tokio::test]
async fn a_mark_without_an_attempt_is_understood() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        let text = house.only("Ann");
        let (callback, _) = text.callback.rsplit_once('-').expect("an attempt");
        house.reports(&Posted { callback: callback.to_owned(), ..text }, "undelivered", "30003").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "failed");
    })
    .await;
}

/// Rules 4.6, 5.2, 7.1: who has answered has the text, whatever the network says of it later: the chair does not move on, the
/// hold stays, and the manager is not told that it failed. A STOP that the network knows of counts all the same.
#[tokio::test]
async fn a_text_that_was_answered_arrived() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums", "Cat: violin"], &[]).await;
        let id = house.studio.book("m1", "drums, violin", "10:00 AM").await;
        for (answer, recorded) in [("N", "no"), ("Y", "yes")] {
            let code = house.studio.offer_to(id, "Ann").await["code"].as_i64().unwrap();
            house.brings("Ann", &format!("{answer}{code}"), &format!("SM{answer}")).await.expect(204);
            for error in ["30003", "30005"] {
                house.reports(&house.posted("Ann")[0], "undelivered", error).await.expect(204);
                let offer = house.studio.offer_to(id, "Ann").await;
                assert_eq!((&offer["state"], &offer["answer"]), (&json!("sent"), &json!(recorded)));
                assert_eq!(offer["error"], json!(null));
            }
        }
        let path = format!("/api/v1/musicians/{}", house.studio.id("Ann"));
        assert_eq!(house.studio.get(&path).await.json()["status"], "active");
        assert_eq!((house.posted("Bea").len(), house.notices().await), (0, Vec::new()));
        house.reports(&house.posted("Ann")[0], "undelivered", "30004").await.expect(204);
        assert_eq!(house.studio.get(&path).await.json()["status"], "opted_out");
        assert_eq!(house.studio.offer_to(id, "Ann").await["answer"], "yes");
        house.studio.expect_text("Rosa", "Ann holds drums but gets no more texts").await;
    })
    .await;
}

/// Rule 8.4: and the doubt about it is over: nobody looks it up, it is not sent again, and the manager is not asked.
#[tokio::test]
async fn a_text_in_doubt_that_was_answered_arrived() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Cat: violin"], &[]).await;
        house.network.does([Does::TakesAndFails, Does::Cuts]);
        let id = house.studio.book("m1", "drums, violin", "10:00 AM").await;
        house.network.shows_records(false);
        for name in ["Ann", "Cat"] {
            let offer = house.studio.offer_to(id, name).await;
            assert_eq!(offer["state"], "in_doubt");
            // The manager, who answers for them, does not have the text.
            let (state, answer) = if name == "Ann" {
                house.brings(name, &format!("N{}", offer["code"]), "SM7").await.expect(204);
                ("sent", "no")
            } else {
                let body = json!({ "musician_id": house.studio.id(name), "answer": "yes" });
                house.studio.post(&format!("/api/v1/bookings/{id}/answer"), &body).await.expect(200);
                ("in_doubt", "yes")
            };
            let offer = house.studio.offer_to(id, name).await;
            assert_eq!((&offer["state"], &offer["answer"]), (&json!(state), &json!(answer)));
        }
        house.studio.pass(40).await;
        let told = house.notices().await;
        assert!(!told.iter().any(|words| words.contains("the offer to Ann")), "{told:?}");
        assert_eq!(house.posted("Ann").iter().filter(|text| text.body.contains("Drums")).count(), 1);
    })
    .await;
}

/// Rule 8.4: also one that is answered before the network has said anything of it.
#[tokio::test]
async fn a_text_that_is_answered_while_it_is_handed_over_arrived() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        let start: jiff::Timestamp = "2026-12-08T15:00:00Z".parse().unwrap();
        let times = vec![Span::new(start, jiff::SignedDuration::from_hours(1))];
        let engine = &house.studio.engine;
        for (handed, again) in [
            (Handed::Unknown("no answer".to_owned()), false),
            (Handed::Later(jiff::SignedDuration::from_secs(2), "busy".to_owned()), false),
            (Handed::Taken("SM1".to_owned()), true),
        ] {
            let new = NewBooking {
                request: firstcall_core::booking::Request::default(),
                chairs: Chair::list([("drums", 2)]),
                times: times.clone(),
            };
            let id = engine.book(new, "manager", None).await.unwrap().id.0;
            let claimed = engine.claim(9).await.unwrap();
            let text = claimed.iter().find(|text| text.to == house.studio.phone("Ann").as_str()).unwrap();
            let code = house.studio.offer_to(id, "Ann").await["code"].as_i64().unwrap();
            engine.text_arrived(house.studio.phone("Ann"), &format!("N{code}")).await.unwrap();
            engine.handed(text, handed).await.unwrap();
            let offer = house.studio.offer_to(id, "Ann").await;
            assert_eq!((&offer["state"], &offer["answer"]), (&json!("sent"), &json!("no")));
            assert_eq!((&offer["error"], offer["network_id"] == json!("SM1")), (&json!(null), again));
            house.studio.pass(30).await;
            assert_eq!(house.studio.offer_to(id, "Ann").await["state"], "sent");
        }
    })
    .await;
}

/// Rule 8.4: two nodes that look at the same moment have looked once.
#[tokio::test]
async fn two_nodes_that_look_together_have_looked_once() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        house.network.does([Does::Cuts]);
        house.studio.book("m1", "drums", "10:00 AM").await;
        let engine = &house.studio.engine;
        engine.clock().set(engine.clock().now() + jiff::SignedDuration::from_mins(2));
        let doubts = engine.doubts(9).await.unwrap();
        for _ in 0..2 {
            engine.looked_up(&doubts[0], Ok(Lookup::Listed(Vec::new()))).await.unwrap();
        }
        house.studio.settle().await;
        assert_eq!(house.posted("Ann").len(), 1);
    })
    .await;
}

/// Rule 8.4: records that cannot be read are no empty records.
#[tokio::test]
async fn records_that_cannot_be_read_send_nothing_again() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        house.network.does([Does::TakesAndCuts]);
        house.network.shows_records(false);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        house.studio.pass(30).await;
        assert_eq!((house.posted("Ann").len(), house.state(id, "Ann").await.as_str()), (1, "in_doubt"));
        house.studio.expect_text("Rosa", "nobody knows whether").await;
        house.network.shows_records(true);
        house.studio.pass(3).await;
        assert_eq!(house.state(id, "Ann").await, "sent");
    })
    .await;
}

/// Rule 8.4: a network that is too busy has not taken the text, and gets it later; the booking's patience counts from then.
#[tokio::test]
async fn a_busy_network_gets_the_text_later() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        house.network.does([Does::Refuses(429, 20429)]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(house.state(id, "Ann").await, "queued");
        house.studio.pass(10).await;
        assert_eq!((house.state(id, "Ann").await.as_str(), house.posted("Ann").len()), ("sent", 2));
        let due: jiff::Timestamp =
            house.studio.booking(id).await["next_deadline"]["at"].as_str().unwrap().parse().unwrap();
        let sent: jiff::Timestamp =
            house.studio.offer_to(id, "Ann").await["sent_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(due, sent + jiff::SignedDuration::from_hours(1));
    })
    .await;
}

/// Rules 4.6, 7.1: a number that cannot be texted moves the chair on at once; the manager is told what to mend, and nobody
/// texts there again before it is mended.
#[tokio::test]
async fn a_number_that_cannot_be_texted_moves_the_chair_on() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        house.network.does([Does::Refuses(400, 21614)]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(house.state(id, "Ann").await, "failed");
        assert_eq!(house.state(id, "Bea").await, "sent");
        let told = house.studio.expect_text("Rosa", "could not text Ann").await;
        assert!(told.body.contains("21614"), "{}", told.body);
        let ann = house.studio.get(&format!("/api/v1/musicians/{}", house.studio.id("Ann"))).await.json();
        assert_eq!(ann["status"], "paused");
    })
    .await;
}

/// Rules 5.7, 8.5: a block that the network knows of counts as STOP, with the proof; START takes it back.
#[tokio::test]
async fn a_block_at_the_network_counts_as_stop() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        house.network.does([Does::Refuses(400, 21610)]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(house.state(id, "Bea").await, "sent");
        let path = format!("/api/v1/musicians/{}", house.studio.id("Ann"));
        assert_eq!(house.studio.get(&path).await.json()["status"], "opted_out");
        let proof = |all: &Value| -> Vec<(String, String)> {
            let each = |line: &Value| {
                (line["kind"].as_str().unwrap().to_owned(), line["channel"].as_str().unwrap().to_owned())
            };
            all["items"].as_array().unwrap().iter().map(each).collect()
        };
        let consents = format!("{path}/consents");
        let kept = proof(&house.studio.get(&consents).await.json());
        assert_eq!(kept[0], ("opted_out".to_owned(), "network".to_owned()));
        house.brings("Ann", "Start", "SM9").await.expect(204);
        assert_eq!(house.studio.get(&path).await.json()["status"], "active");
        let kept = house.studio.get(&consents).await.json();
        assert_eq!((&kept["items"][0]["kind"], &kept["items"][0]["wording"]), (&json!("joined"), &json!("Start")));
    })
    .await;
}

/// Rules 8.4, 8.7: while the network refuses the account, texts wait and nobody's turn is used up; the manager is told
/// once.
#[tokio::test]
async fn texts_wait_while_the_account_is_refused() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        house.network.does([Does::Refuses(401, 20003), Does::Refuses(401, 20003)]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(house.state(id, "Ann").await, "queued");
        house.studio.pass(20).await;
        assert_eq!((house.state(id, "Ann").await.as_str(), house.posted("Bea").len()), ("sent", 0));
        let told = house.notices().await;
        assert_eq!(told.iter().filter(|words| words.contains("the text network refuses us")).count(), 1, "{told:?}");
    })
    .await;
}

/// Rule 8.4: reports come in any order, again and again, and only move a text forward; one that is not signed is refused,
/// counted and changes nothing.
#[tokio::test]
async fn reports_only_move_forward_and_only_signed_ones_count() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        let text = house.only("Ann");
        let form = [("MessageSid", text.sid.as_str()), ("MessageStatus", "failed"), ("ErrorCode", "30005")];
        house.calls(&text.callback, &form, None).await.expect(403);
        let forged = twilio::sign(&text.callback, &form, "another-token");
        house.calls(&text.callback, &form, Some(&forged)).await.expect(403);
        let right = twilio::sign(&text.callback, &form, TOKEN);
        house.calls(&text.callback.replace("?m=", "?m=9"), &form, Some(&right)).await.expect(403);
        assert_eq!(house.state(id, "Ann").await, "sent");
        let metrics = house.studio.get("/metrics").await.body;
        assert!(metrics.contains("firstcall_callbacks_refused_total{reason=\"unsigned\"} 1"), "{metrics}");
        assert!(metrics.contains("firstcall_callbacks_refused_total{reason=\"wrong\"} 2"), "{metrics}");
        for status in ["delivered", "sent", "queued", "delivered"] {
            house.reports(&text, status, "").await.expect(204);
            assert_eq!(house.state(id, "Ann").await, "delivered");
        }
        house.reports(&text, "undelivered", "30003").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "delivered", "it is on the phone");
    })
    .await;
}

/// Rules 4.6, 8.4: a text that was taken and cannot be delivered moves the chair on at once, and stays failed; what is said of
/// another text is not said of this one.
#[tokio::test]
async fn a_text_that_cannot_be_delivered_moves_the_chair_on() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        let text = house.only("Ann");
        let other = Posted { sid: "SM9".to_owned(), ..text.clone() };
        house.reports(&other, "undelivered", "30003").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "sent");
        house.reports(&text, "undelivered", "30003").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "failed");
        assert_eq!(house.state(id, "Bea").await, "sent");
        house.reports(&text, "delivered", "").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "failed");
    })
    .await;
}

/// Rule 8.4: a report that comes before the doubt is settled settles it.
#[tokio::test]
async fn a_report_settles_a_doubt() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        house.network.does([Does::TakesAndCuts]);
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        house.reports(&house.only("Ann"), "delivered", "").await.expect(204);
        assert_eq!(house.state(id, "Ann").await, "delivered");
        house.studio.pass(20).await;
        assert_eq!(house.posted("Ann").len(), 1);
        house.studio.expect_silence(&["Rosa"]).await;
    })
    .await;
}

/// Rule 5.1: a text that the network brings answers once, however often it is brought; one that is not signed does not.
#[tokio::test]
async fn a_text_that_is_brought_twice_answers_once() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        let id = house.studio.book("m1", "drums, violin", "10:00 AM").await;
        assert_eq!(house.studio.status(id).await, "no_times");
        let id = house.studio.book("m2", "drums", "11:00 AM").await;
        let code = house.studio.offer_to(id, "Ann").await["code"].as_i64().unwrap();
        let url = "http://127.0.0.1:8080/hooks/twilio/inbound";
        let words = format!("n {code}");
        let form = [
            ("MessageSid", "SM7"),
            ("From", house.studio.phone("Ann").as_str()),
            ("To", "+12125550198"),
            ("Body", words.as_str()),
        ];
        house.calls(url, &form, None).await.expect(403);
        assert_eq!(house.studio.offer_to(id, "Ann").await["answer"], json!(null));
        for _ in 0..3 {
            house.brings("Ann", &words, "SM7").await.expect(204);
        }
        assert_eq!(house.studio.offer_to(id, "Ann").await["answer"], "no");
        assert_eq!(house.posted("Ann").len(), 2, "the offer and one reply");
    })
    .await;
}

/// Rules 5.7, 8.5: STOP gets no reply, closes what is open, and nothing more is sent; in any common wording.
#[tokio::test]
async fn stop_in_any_wording_is_stop() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: drums"], &[]).await;
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        house.brings("Ann", "Please take me off your list", "SM1").await.expect(204);
        assert_eq!(house.posted("Ann").len(), 1, "the offer alone");
        assert_eq!(house.state(id, "Bea").await, "sent");
        let proof = house.studio.get(&format!("/api/v1/musicians/{}/consents", house.studio.id("Ann"))).await.json();
        assert_eq!(proof["items"][0]["wording"], "Please take me off your list");
    })
    .await;
}

/// Rule 8.5: who said STOP is not texted again, whatever is done with the roster; only they can take it back.
#[tokio::test]
async fn the_roster_does_not_undo_a_stop() {
    each_backend(async |store| {
        let mut house = House::open(store, &["Ann: drums"], &[]).await;
        house.brings("Ann", "STOP", "SM1").await.expect(204);
        let path = format!("/api/v1/musicians/{}", house.studio.id("Ann"));
        for status in ["active", "invited"] {
            let refused = house.studio.call(Method::PATCH, &path, &json!({ "status": status })).await.expect(409);
            assert!(refused.body.contains("START or JOIN"), "{}", refused.body);
        }
        let phone = house.studio.phone("Ann").as_str().to_owned();
        house.studio.call(Method::DELETE, &path, &json!({})).await.expect(204);
        let again = json!({ "name": "Ann", "phone": phone, "instruments": ["drums"] });
        let added = house.studio.post("/api/v1/musicians", &again).await.expect(201).json();
        assert_eq!(added["status"], "opted_out");
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!((house.studio.status(id).await.as_str(), house.posted("Ann").len()), ("no_times", 0));
        house.brings("Ann", "Start", "SM2").await.expect(204);
        let added = house.studio.get(&format!("/api/v1/musicians/{}", added["id"])).await.json();
        assert_eq!(added["status"], "active");
        // Also who was not on the roster when they said it.
        house.studio.add("Bea: violin").await;
        let bea = format!("/api/v1/musicians/{}", house.studio.id("Bea"));
        house.studio.call(Method::DELETE, &bea, &json!({})).await.expect(204);
        house.brings("Bea", "please stop texting me", "SM3").await.expect(204);
        let again = json!({ "name": "Bea", "phone": house.studio.phone("Bea").as_str(), "instruments": ["violin"] });
        assert_eq!(house.studio.post("/api/v1/musicians", &again).await.expect(201).json()["status"], "opted_out");
    })
    .await;
}

/// Rule 7.1: what somebody writes who is not on the roster goes to the manager, once a day, and gets no reply.
#[tokio::test]
async fn what_a_stranger_writes_goes_to_the_manager() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        let stranger = Phone::new("+13105550177").unwrap();
        for words in ["Hi, I play cello", "Hello?"] {
            assert_eq!(house.studio.engine.text_arrived(&stranger, words).await.unwrap(), TextReply::Stranger);
            house.studio.settle().await;
        }
        house.studio.expect_text("Rosa", "+13105550177 (not on the roster) writes: \"Hi, I play cello\"").await;
        assert!(house.network.posted_to(stranger.as_str()).is_empty());
    })
    .await;
}

/// Without consent nobody is offered anything: who is invited is asked to join, and JOIN is kept with its words.
#[tokio::test]
async fn who_is_invited_is_asked_nothing_before_they_join() {
    each_backend(async |store| {
        let mut house = House::open(store, &["Ann: drums"], &[]).await;
        house.studio.invite("Ines", "drums").await;
        let invitation = house.only("Ines");
        assert!(invitation.body.contains("Reply JOIN") && invitation.body.contains("STOP"), "{}", invitation.body);
        let id = house.studio.book("m1", "2 drummers", "10:00 AM").await;
        assert_eq!(house.studio.status(id).await, "no_times");
        house.brings("Ines", "Join please", "SM5").await.expect(204);
        let id = house.studio.book("m2", "2 drummers", "11:00 AM").await;
        assert_eq!(house.state(id, "Ines").await, "sent");
        let proof = house.studio.get(&format!("/api/v1/musicians/{}/consents", house.studio.id("Ines"))).await.json();
        let kinds: Vec<&Value> = proof["items"].as_array().unwrap().iter().map(|line| &line["kind"]).collect();
        assert_eq!(kinds, ["joined", "invited"]);
    })
    .await;
}

/// What may be spent on a day is spent, and no more; the rest leaves the next day, and the manager is told once.
#[tokio::test]
async fn more_texts_than_a_day_may_cost_wait_for_the_next() {
    each_backend(async |store| {
        let settings = [("FIRSTCALL__SMS__PER_DAY", "3"), ("FIRSTCALL__CALLING__QUIET_HOURS", "off")];
        let house =
            House::open(store, &["Ann: drums", "Bea: violin", "Cat: trumpet", "Dee: keyboard"], &settings).await;
        let id = house.studio.book("m1", "drums, violin, trumpet, keyboard", "10:00 AM").await;
        house.studio.pass(60).await;
        let states = house.studio.messages(id).await;
        let queued: Vec<&Value> = states.iter().filter(|text| text["state"] == "queued").collect();
        assert_eq!(queued.len(), 1, "{states:?}");
        assert!(queued[0]["error"].as_str().unwrap().contains("sms.per_day = 3"), "{queued:?}");
        assert!(queued[0]["due_at"].as_str().unwrap().starts_with("2026-12-02T05:00:00"), "{queued:?}");
        let told = house.notices().await;
        assert_eq!(told.iter().filter(|words| words.contains("sms.per_day = 3 is reached")).count(), 1, "{told:?}");
        house.studio.pass(15 * 60).await;
        let open = house
            .studio
            .messages(id)
            .await
            .iter()
            .filter(|text| text["kind"] == "offer" && text["state"] == "queued")
            .count();
        assert_eq!(open, 0);
    })
    .await;
}

/// Only the countries of the settings are texted.
#[tokio::test]
async fn other_countries_are_not_texted() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[("FIRSTCALL__SMS__COUNTRIES", "+44")]).await;
        let id = house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(house.state(id, "Ann").await, "failed");
        assert!(house.posted("Ann").is_empty());
    })
    .await;
}

/// Rule 4.7: the network stops trying before quiet hours begin, and before the offer ends.
#[tokio::test]
async fn a_text_is_valid_until_quiet_hours_or_the_end_of_its_offer() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums", "Bea: violin"], &[("FIRSTCALL__CALLING__QUIET_HOURS", "12:30-13:30")]).await;
        house.studio.book("m1", "drums", "10:00 AM").await;
        assert_eq!(house.only("Ann").valid_s, 9000, "from 10:00 to 12:30");
        let start = "2026-12-01T12:00:00-05:00";
        let body = json!({ "instruments": [{ "instrument": "violin", "count": 1 }], "times": [{ "start": start, "length": "1h" }] });
        house.studio.call(Method::POST, "/api/v1/bookings", &body).await.expect(201);
        assert_eq!(house.only("Bea").valid_s, 7200, "from 10:00 to 12:00");
    })
    .await;
}

/// Rule 8.5: whose number was corrected while a text waited gets it at the number they have now.
#[tokio::test]
async fn a_waiting_text_goes_to_the_number_they_have_now() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[("FIRSTCALL__CALLING__QUIET_HOURS", "09:30-11:00")]).await;
        house.studio.book("m1", "drums", "10:00 AM").await;
        assert!(house.posted("Ann").is_empty());
        let path = format!("/api/v1/musicians/{}", house.studio.id("Ann"));
        house.studio.call(Method::PATCH, &path, &json!({ "phone": "+12125550177" })).await.expect(200);
        house.studio.pass(70).await;
        assert!(house.posted("Ann").is_empty());
        assert_eq!(house.network.posted_to("+12125550177").len(), 1);
    })
    .await;
}

/// Rule 5.1: a long text comes in pieces, in any order and more than once; what is missing for long does not come any more.
#[tokio::test]
async fn a_long_text_is_joined() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        let from = house.studio.phone("Ann").as_str().trim_start_matches('+').to_owned();
        let bring = async |sid: &str, reference: &str, number: u16, of: u16, body: &str| {
            let text = Arrived {
                network_id: sid.to_owned(),
                from: from.clone(),
                to: "12125550198".to_owned(),
                body: body.to_owned(),
                opt_out: None,
                part: Some(Part { reference: reference.to_owned(), number, of }),
                sent_at: None,
            };
            let read = house.studio.engine.text_brought(&text).await.unwrap();
            house.studio.settle().await;
            read
        };
        assert_eq!(bring("b", "7", 2, 3, "is broken, ").await, TextReply::Piece);
        assert_eq!(bring("b", "7", 2, 3, "is broken, ").await, TextReply::Piece);
        assert_eq!(bring("c", "7", 3, 3, "can I bring a friend's?").await, TextReply::Piece);
        assert_eq!(bring("a", "7", 1, 3, "My snare ").await, TextReply::PassedOn);
        house.studio.expect_text("Rosa", "\"My snare is broken, can I bring a friend's?\"").await;
        // Networks use their numbers again, and bring again what they brought.
        assert_eq!(bring("a", "7", 1, 3, "My snare ").await, TextReply::Piece);
        assert_eq!(bring("d", "7", 1, 2, "And the second half ").await, TextReply::Piece);
        house.studio.expect_silence(&["Rosa"]).await;
        house.studio.pass(3).await;
        house.studio.engine.take_left_pieces().await.unwrap();
        house.studio.settle().await;
        house.studio.expect_text("Rosa", "\"And the second half \"").await;
        // A clock that is set back does not make it wait until that moment comes once more.
        assert_eq!(bring("e", "8", 1, 2, "Running late ").await, TextReply::Piece);
        house.studio.pass(-115).await;
        house.studio.engine.take_left_pieces().await.unwrap();
        house.studio.settle().await;
        house.studio.expect_text("Rosa", "\"Running late \"").await;
    })
    .await;
}

/// Rule 5.1: a machine that answers our texts is not answered for ever.
#[tokio::test]
async fn a_machine_that_answers_is_not_answered_for_ever() {
    each_backend(async |store| {
        let house = House::open(store, &["Ann: drums"], &[]).await;
        for number in 0..30 {
            house
                .brings("Ann", "Thanks for your message! We are open from nine to five.", &format!("SM{number}"))
                .await
                .expect(204);
        }
        assert!(house.posted("Ann").len() <= 8, "{}", house.posted("Ann").len());
        assert!(house.notices().await.len() <= 8);
    })
    .await;
}
