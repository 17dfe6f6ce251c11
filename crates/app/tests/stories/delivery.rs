//! What networks do with texts, and what bookings make of it (rules 4.3, 4.7, 4.11, 6.4).

use crate::studio::Studio;
use firstcall::engine::{Claimed, Mark, NewBooking};
use firstcall_connect::{Because, Handed, Refusal, Report};
use firstcall_core::booking::{Chair, Request};
use firstcall_core::ids::BookingId;
use firstcall_core::manage::Act;
use firstcall_core::span::Span;
use firstcall_store::testing::each_backend;
use firstcall_store::{Tx, messages};
use jiff::{SignedDuration, Timestamp};

/// A session of one drummer on 8 December; the text to the first one is claimed, and nobody has taken it yet.
async fn on_its_way(studio: &Studio) -> (BookingId, Claimed) {
    let start: Timestamp = "2026-12-08T15:00:00Z".parse().unwrap();
    let times = vec![Span::new(start, SignedDuration::from_hours(1))];
    let new = NewBooking { request: Request::default(), chairs: Chair::list([("drums", 1)]), times };
    let booking = studio.engine.book(new, "manager", None).await.unwrap();
    (booking.id, claimed(studio).await)
}

async fn claimed(studio: &Studio) -> Claimed {
    let mut claimed = studio.engine.claim(10).await.unwrap();
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    claimed.remove(0)
}

/// The state of a text, and when it left.
async fn state(studio: &Studio, id: i64) -> (String, Option<Timestamp>) {
    let text = studio.engine.store().read(async move |tx: &mut Tx| messages::get(tx, id).await).await.unwrap().unwrap();
    (text.state, text.sent_at)
}

fn busy() -> Handed {
    Handed::Later(SignedDuration::from_mins(5), "too many requests".to_owned())
}

/// Rule 4.11: a text that the network could not take waits as long as its booking is paused.
#[tokio::test]
async fn a_text_to_be_tried_again_waits_while_its_booking_is_paused() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        let (id, text) = on_its_way(&studio).await;
        studio.engine.manage(id, Act::Pause, "manager").await.unwrap();
        studio.engine.handed(&text, busy()).await.unwrap();
        studio.pass(60).await;
        studio.expect_silence(&["Ann", "Ben"]).await;
        studio.engine.manage(id, Act::Resume, "manager").await.unwrap();
        studio.settle().await;
        studio.expect_text("Ann", "Drums").await;
    })
    .await;
}

/// Rules 4.3, 4.7: a text that is put off until the morning takes its booking's deadline with it.
#[tokio::test]
async fn a_text_that_is_put_off_moves_the_deadline() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        studio.engine.clock().set("2026-12-01T20:58:00-05:00".parse().unwrap());
        let (BookingId(id), text) = on_its_way(&studio).await;
        studio.engine.handed(&text, busy()).await.unwrap();
        studio.pass(10).await;
        studio.expect_silence(&["Ann"]).await;
        assert_eq!(studio.booking(id).await["next_deadline"]["at"], "2026-12-02T15:00:00Z");
        studio.pass(12 * 60).await;
        studio.expect_text("Ann", "Drums").await;
        studio.expect_silence(&["Ben"]).await;
    })
    .await;
}

/// Rule 6.4: reports come twice and in any order; what is known of a text only moves forward.
#[tokio::test]
async fn reports_only_move_forward() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let (_, offer) = on_its_way(&studio).await;
        studio.engine.handed(&offer, Handed::Taken(String::new())).await.unwrap();
        let left = state(&studio, offer.id).await.1;
        studio.engine.clock().set("2026-12-01T10:01:00-05:00".parse().unwrap());
        studio.engine.text_arrived(studio.phone("Ann"), "yes").await.unwrap();
        let confirmation = studio.engine.claim(10).await.unwrap().into_iter().find(|text| text.to == offer.to).unwrap();
        studio.engine.handed(&confirmation, Handed::Taken(String::new())).await.unwrap();
        let confirmed = state(&studio, confirmation.id).await.1;
        studio.engine.clock().set("2026-12-01T10:02:00-05:00".parse().unwrap());
        for (id, left) in [(offer.id, left), (confirmation.id, confirmed)] {
            let words = "it cannot be reached".to_owned();
            let failed = Report::Failed(Refusal { because: Because::Unreachable, code: None, words });
            let reports = [
                (Report::Taken, "sent"),
                (Report::Delivered, "delivered"),
                (Report::Taken, "delivered"),
                (Report::Delivered, "delivered"),
                (failed, "delivered"),
            ];
            for (report, is) in reports {
                studio.engine.reported(Mark { id, attempt: None }, None, report.clone()).await.unwrap();
                assert_eq!(state(&studio, id).await, (is.to_owned(), left), "text {id}, {report:?}");
            }
        }
    })
    .await;
}

/// Rules 4.6, 5.7: a STOP that the network knows of moves the chairs of every booking on in the same moment.
#[tokio::test]
async fn a_stop_at_the_network_moves_every_chair_on_at_once() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Ben: drums"], &[]).await;
        let (BookingId(first), taken) = on_its_way(&studio).await;
        studio.engine.handed(&taken, Handed::Taken(String::new())).await.unwrap();
        let (BookingId(second), refused) = on_its_way(&studio).await;
        let words = "they want no more".to_owned();
        let refusal = Refusal { because: Because::OptedOut, code: None, words };
        studio.engine.handed(&refused, Handed::Refused(refusal)).await.unwrap();
        for id in [second, first] {
            assert_eq!(studio.offer_to(id, "Ben").await["state"], "queued", "booking {id}");
        }
    })
    .await;
}
