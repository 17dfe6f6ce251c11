//! Settings that are made on the desk, and the dry run.

use crate::network::{Does, Network};
use crate::studio::Studio;
use firstcall::clock::Clock;
use firstcall::engine::Engine;
use firstcall::engine::settings::{Changes, NotSet, with_desk};
use firstcall_store::testing::each_backend;
use firstcall_store::{Tx, settings};

fn changes<const N: usize>(values: [(&'static str, Option<&str>); N]) -> Changes {
    values.into_iter().map(|(key, value)| (key, value.map(str::to_owned))).collect()
}

/// What the desk sets is kept, secrets sealed, and other engines take it up; what the environment fixes stays.
#[tokio::test]
async fn what_is_set_on_the_desk_is_taken_up_by_every_node() {
    each_backend(async |store| {
        let studio = Studio::open(store.clone(), &[], &[]).await;
        let other = Engine::new(store, Clock::System, studio.engine.settings().clone().into());
        let new = changes([
            ("calling.patience", Some("20m")),
            ("smtp.host", Some("mail.example.com")),
            ("smtp.from", Some("studio@example.com")),
            ("smtp.username", Some("studio")),
            ("smtp.password", Some("hush-hush")),
            ("studio.name", Some("Another room")),
        ]);
        studio.engine.change_settings(new).await.unwrap();
        other.settings_changed().await;
        let taken_up = other.anew().await;
        let settings = taken_up.settings();
        assert_eq!(settings.calling.patience.as_mins(), 20);
        assert_eq!(settings.smtp.password.as_ref().unwrap().expose(), "hush-hush");
        assert_eq!(settings.studio.name, "Fern Room", "the environment fixes it");
        let kept = studio.engine.store().read(async |tx: &mut Tx| settings::load(tx).await).await.unwrap();
        assert!(!format!("{:?}", kept.values).contains("hush"));
        studio.engine.change_settings(changes([("calling.patience", None)])).await.unwrap();
        let back = with_desk(studio.engine.store(), studio.engine.settings()).await.unwrap();
        assert_eq!(back.settings.calling.patience.as_hours(), 1);
    })
    .await;
}

/// Every mistake is named, and then nothing is kept.
#[tokio::test]
async fn with_one_mistake_nothing_is_kept() {
    each_backend(async |store| {
        let studio = Studio::open(store, &[], &[]).await;
        let wrong = changes([
            ("calling.patience", Some("soon")),
            ("sessions.length", Some("2h")),
            ("studio.phone", Some("12")),
        ]);
        let Err(NotSet::Wrong(errors)) = studio.engine.change_settings(wrong).await else { panic!("it was taken") };
        let keys: Vec<_> = errors.iter().filter_map(|error| error.key()).collect();
        assert_eq!(keys, ["calling.patience", "studio.phone"]);
        let alone = studio.engine.change_settings(changes([("smtp.host", Some("mail.example.com"))])).await;
        assert!(alone.unwrap_err().to_string().contains("smtp.from"), "what has to be set together is refused alone");
        let kept = studio.engine.store().read(async |tx: &mut Tx| settings::load(tx).await).await.unwrap();
        assert!(kept.values.is_empty());
    })
    .await;
}

/// In a dry run everything is real, but what is for others goes to the manager, also when it was in doubt and is looked for
/// in the network's records.
#[tokio::test]
async fn in_a_dry_run_only_the_manager_is_texted() {
    each_backend(async |store| {
        let network = Network::open().await;
        let dry = [("FIRSTCALL__SMS__DRY_RUN", "on")];
        let own: Vec<(&str, &str)> = network.settings().into_iter().chain(dry).collect();
        let studio = Studio::open(store, &["Ann: drums"], &own).await;
        network.goes_by(studio.engine.clock());
        network.does([Does::TakesAndCuts]);
        let id = studio.book("m1", "Drums", "10 AM").await;
        studio.pass(3).await;
        assert!(network.posted_to(studio.phone("Ann").as_str()).is_empty());
        let posted = network.posted_to("+12125550199");
        assert_eq!(posted.len(), 1, "{posted:?}");
        assert!(posted[0].body.starts_with("(Dry run, for Ann) Fern Room: "), "{}", posted[0].body);
        assert_eq!(studio.offer_to(id, "Ann").await["state"], "sent", "found in the records of the manager's number");
        let offer = studio.expect_text("Ann", "Drums").await;
        studio.yes(&offer).await;
        assert_eq!(studio.status(id).await, "booked");
    })
    .await;
}

/// Rule 4.7: what waits for the end of quiet hours leaves at once when they are turned off.
#[tokio::test]
async fn quiet_hours_that_are_turned_off_keep_no_text_back() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        studio.pass(12 * 60).await;
        let id = studio.book("m1", "Drums", "10 AM").await;
        assert_eq!(studio.offer_to(id, "Ann").await["state"], "queued");
        studio.engine.change_settings(changes([("calling.quiet_hours", Some("20:00-08:00"))])).await.unwrap();
        assert!(studio.engine.anew().await.claim(10).await.unwrap().is_empty(), "they begin and end earlier");
        studio.engine.change_settings(changes([("calling.quiet_hours", Some("off"))])).await.unwrap();
        assert_eq!(studio.engine.anew().await.claim(10).await.unwrap().len(), 1);
    })
    .await;
}
