//! Importing musicians: what a file would change, and the change.

use super::{Engine, MusicianChange, RosterError};
use firstcall_core::contact::Phone;
use firstcall_store::Tx;
use firstcall_store::roster::{self, Entry};
use std::collections::HashMap;

/// What an import makes of one musician.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// They are new.
    Added,
    /// These fields of theirs change.
    Changed(Vec<&'static str>),
    /// They are on the roster, and the same.
    Unchanged,
}

impl Engine {
    /// What an import of these would do to each, in their order. Changes nothing.
    ///
    /// # Errors
    /// When a number is absent, or the database cannot be asked.
    pub async fn preview_import(&self, changes: &[MusicianChange]) -> Result<Vec<Import>, RosterError> {
        let (engine, changes) = (self.clone(), changes.to_vec());
        let read = async move |tx: &mut Tx| {
            let phones: Vec<Phone> = changes.iter().filter_map(|change| change.phone.clone()).collect();
            let known = roster::by_phones(tx, &phones).await?;
            let known: HashMap<&Phone, &Entry> = known.iter().map(|entry| (&entry.musician.phone, entry)).collect();
            let mut imports = Vec::with_capacity(changes.len());
            for change in &changes {
                let phone = change.phone.as_ref().ok_or(RosterError::Missing("phone"))?;
                imports.push(match known.get(phone) {
                    Some(before) => compared(before, &engine.changed(tx, (*before).clone(), change).await?),
                    None => Import::Added,
                });
            }
            Ok::<_, RosterError>(imports)
        };
        self.store().read(read).await
    }

    /// Adds musicians, or changes those whose number is known: all of them, or none. Returns how many were new.
    ///
    /// # Errors
    /// As for one.
    pub async fn import(&self, changes: Vec<MusicianChange>) -> Result<usize, RosterError> {
        let (engine, now) = (self.clone(), self.clock().now());
        let op = async move |tx: &mut Tx| {
            let mut new = 0;
            for change in &changes {
                let Some(phone) = &change.phone else { return Err(RosterError::Missing("phone")) };
                if let Some(entry) = roster::by_phone(tx, phone).await? {
                    let after = engine.changed(tx, entry, change).await?;
                    roster::update(tx, &after).await?;
                } else {
                    engine.insert_musician(tx, change, "import", now).await?;
                    new += 1;
                }
            }
            Ok::<_, RosterError>(new)
        };
        self.store().write(op).await
    }
}

fn compared(before: &Entry, after: &Entry) -> Import {
    let (a, b) = (&before.musician, &after.musician);
    let sorted = |plays: &[(String, u32)]| {
        let mut plays = plays.to_vec();
        plays.sort();
        plays
    };
    let differ = [
        ("name", a.name != b.name),
        ("email", before.email != after.email),
        ("time zone", a.zone.iana_name() != b.zone.iana_name()),
        ("instruments", sorted(&a.instruments) != sorted(&b.instruments)),
        ("notes", before.notes != after.notes),
        ("last booked", a.last_booked_at != b.last_booked_at),
    ];
    let fields: Vec<&'static str> = differ.into_iter().filter(|(_, differ)| *differ).map(|(field, _)| field).collect();
    if fields.is_empty() { Import::Unchanged } else { Import::Changed(fields) }
}
