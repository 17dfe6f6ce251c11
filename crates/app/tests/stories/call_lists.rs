//! Call lists and imports on every database.

use crate::studio::Studio;
use firstcall::engine::{Import, Moved, Step, order_mark};
use firstcall_core::ids::MusicianId;
use firstcall_store::call_lists::{self, Beside};
use firstcall_store::testing::each_backend;
use firstcall_store::{Error, Tx, roster};

async fn order(studio: &Studio) -> Vec<MusicianId> {
    studio.engine.store().read(async |tx: &mut Tx| call_lists::order(tx, "drums").await).await.unwrap()
}

/// Rule 3.6: whoever is first in the list is asked first; those who share a place keep their order.
#[tokio::test]
async fn a_call_list_is_called_in_the_order_that_it_was_given() {
    each_backend(async |store| {
        let settings = [("FIRSTCALL__CALLING__RANKING", "call_list")];
        let studio = Studio::open(store, &["Ann: drums", "Bob: drums", "Cy: drums", "Di: drums"], &settings).await;
        let [ann, bob, cy, di] = ["Ann", "Bob", "Cy", "Di"].map(|name| MusicianId(studio.id(name)));
        let same = async move |tx: &mut Tx| {
            for id in [ann, bob, cy, di] {
                let mut entry = roster::get(tx, id).await?.ok_or(Error::Closed)?;
                entry.musician.instruments = vec![("drums".to_owned(), 7)];
                roster::update(tx, &entry).await?;
            }
            Ok::<_, Error>(())
        };
        studio.engine.store().write(same).await.unwrap();
        let seen = order_mark(&order(&studio).await);
        let moved = studio.engine.move_in_list("drums", di, Step::To(Beside::Before(bob)), &seen).await.unwrap();
        assert_eq!((moved, order(&studio).await), (Moved::Done, vec![ann, di, bob, cy]));
        let stale = studio.engine.move_in_list("drums", cy, Step::Top, &seen).await.unwrap();
        assert_eq!((stale, order(&studio).await), (Moved::Changed, vec![ann, di, bob, cy]));
        let seen = order_mark(&order(&studio).await);
        studio.engine.move_in_list("drums", cy, Step::Top, &seen).await.unwrap();
        assert_eq!(order(&studio).await, [cy, ann, di, bob]);
        studio.book("1", "drums", "10:00 AM").await;
        studio.expect_text("Cy", "Drums").await;
        studio.expect_silence(&["Ann", "Bob", "Di"]).await;
    })
    .await;
}

/// Two managers at the same moment: one order stands, and the other manager is told.
#[tokio::test]
async fn of_two_moves_at_once_one_is_told() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums", "Bob: drums", "Cy: drums"], &[]).await;
        let seen = order_mark(&order(&studio).await);
        let [bob, cy] = ["Bob", "Cy"].map(|name| MusicianId(studio.id(name)));
        let (one, other) = tokio::join!(
            studio.engine.move_in_list("drums", bob, Step::Top, &seen),
            studio.engine.move_in_list("drums", cy, Step::Top, &seen)
        );
        let mut done = [one.unwrap(), other.unwrap()];
        done.sort_by_key(|moved| *moved == Moved::Changed);
        assert_eq!(done, [Moved::Done, Moved::Changed]);
    })
    .await;
}

#[tokio::test]
async fn an_import_is_told_before_it_is_made() {
    each_backend(async |store| {
        let studio = Studio::open(store, &["Ann: drums"], &[]).await;
        let zone = studio.engine.settings().studio.time_zone.clone();
        let vocabulary = firstcall::roster_csv::Vocabulary {
            instruments: studio.engine.instruments().await.unwrap(),
            studio_zone: zone.clone(),
        };
        let ann = studio.phone("Ann").as_str();
        let looked = async |file: String| {
            let rows = firstcall::roster_csv::read(file.as_bytes(), &vocabulary).unwrap();
            let changes = firstcall::roster_csv::changes(&rows, &zone).unwrap();
            (studio.engine.preview_import(&changes).await.unwrap(), changes)
        };
        let head = "name,phone,instruments,notes\n";
        let (imports, changes) = looked(format!("{head}Anne,{ann},drums=3,x\nBob,+12125550170,violin,\n")).await;
        assert_eq!(imports, [Import::Changed(vec!["name", "instruments", "notes"]), Import::Added]);
        assert_eq!(studio.engine.import(changes).await.unwrap(), 1);
        let (imports, _) = looked(format!("{head}Anne,{ann},drums=3,x\nBob,+12125550170,violin,\n")).await;
        assert_eq!(imports, [Import::Unchanged, Import::Unchanged]);
    })
    .await;
}
