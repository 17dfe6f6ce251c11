//! The settings of the desk: kept in the database, and taken up by every node when they change.

use super::Engine;
use crate::seal::Seal;
use crate::settings::{Desk, Fixed, Loaded, Settings, SettingsError, load_on};
use anyhow::Context;
use firstcall_store::settings::{self, Kept};
use firstcall_store::{Error, Store, Tx};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How often another node's changes are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// New values for keys, as they are written; none: its default again.
pub type Changes = BTreeMap<&'static str, Option<String>>;

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
pub enum NotSet {
    /// The settings would be wrong: says which, at least one.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Wrong(Vec<SettingsError>),
    /// A secret cannot be sealed, or one that is kept cannot be opened.
    #[error("{0:#}")]
    Sealed(#[from] anyhow::Error),
    /// The database cannot be asked.
    #[error(transparent)]
    Store(#[from] Error),
}

/// The settings with what is kept in the database. `base` are those without.
///
/// # Errors
/// When the database cannot be asked, or what is kept cannot be used (it was written by another version, or the seal is
/// another): says which key it is.
pub async fn with_desk(store: &Store, base: &Settings) -> anyhow::Result<Loaded> {
    let kept = store.read(async |tx: &mut Tx| settings::load(tx).await).await?;
    let desk = opened(kept, &Seal::new(base))?;
    Ok(load_on(&base.fixed, &desk)?)
}

impl Engine {
    /// The settings as they are kept now; this engine's may be those of a moment ago.
    ///
    /// # Errors
    /// When the database cannot be asked, or what is kept cannot be used.
    pub async fn kept_settings(&self) -> anyhow::Result<Loaded> {
        with_desk(self.store(), self.settings()).await
    }

    /// Changes settings on the desk, all of them or none. They take effect with the next engine
    /// ([`settings_changed`](Self::settings_changed)).
    ///
    /// # Errors
    /// When the settings would not be allowed, cannot be sealed, or the database cannot be asked.
    pub async fn change_settings(&self, changes: Changes) -> Result<(), NotSet> {
        let engine = self.clone();
        let op = async move |tx: &mut Tx| {
            let desk = opened(settings::load(tx).await?, &engine.0.seal)?;
            check(&engine.settings().fixed, &desk, &changes).map_err(NotSet::Wrong)?;
            for (key, value) in &changes {
                let sealed = value.as_deref().map(|value| sealed(key, value, &engine.0.seal)).transpose()?;
                settings::set(tx, key, sealed.as_deref()).await?;
            }
            Ok::<_, NotSet>(())
        };
        self.store().write(op).await?;
        self.0.bells.settings.notify_one();
        Ok(())
    }

    /// Returns when other settings are kept than those of this engine.
    pub async fn settings_changed(&self) {
        loop {
            match self.store().read(async |tx: &mut Tx| settings::version(tx).await).await {
                Ok(version) if version == self.settings().desk_version => {}
                Ok(_) => return,
                Err(error) => tracing::warn!(%error, "the desk's settings could not be looked at"),
            }
            // Whoever changes them here rings; what another node does is seen by looking.
            let _ = timeout(LOOK_EVERY, self.0.bells.settings.notified()).await;
        }
    }

    /// An engine beside this one, on the same database and clock, with the settings that are kept now. It is tried again
    /// until it can be made.
    pub async fn anew(&self) -> Self {
        loop {
            match self.try_anew().await {
                Ok(engine) => return engine,
                Err(error) => tracing::error!("the desk's settings cannot be used: {error:#}"),
            }
            sleep(LOOK_EVERY).await;
        }
    }

    async fn try_anew(&self) -> anyhow::Result<Self> {
        let settings = self.kept_settings().await?.settings;
        let engine = Self::new(self.store().clone(), self.clock().clone(), Arc::new(settings));
        engine.follow_rules().await?;
        Ok(engine)
    }
}

/// Every mistake that the changes would make: those of each by itself, else of all of them together.
fn check(fixed: &Arc<Fixed>, desk: &Desk, changes: &Changes) -> Result<(), Vec<SettingsError>> {
    let with = |changes: &mut dyn Iterator<Item = (&&'static str, &Option<String>)>| {
        let mut desk = desk.clone();
        for (key, value) in changes {
            match value {
                Some(value) => desk.written.insert((*key).to_owned(), value.clone()),
                None => desk.written.remove(*key),
            };
        }
        load_on(fixed, &desk).map(drop)
    };
    let Err(error) = with(&mut changes.iter()) else { return Ok(()) };
    let alone = changes.iter().filter_map(|change| with(&mut std::iter::once(change)).err());
    let wrong: Vec<_> = alone.filter(|error| matches!(error, SettingsError::Wrong { .. })).collect();
    Err(if wrong.is_empty() { vec![error] } else { wrong })
}

fn opened(kept: Kept, seal: &Seal) -> anyhow::Result<Desk> {
    let open = |(key, value): (String, String)| {
        let value = if is_secret(&key) { seal.open(&value).with_context(|| key.clone())? } else { value };
        anyhow::Ok((key, value))
    };
    Ok(Desk { version: kept.version, written: kept.values.into_iter().map(open).collect::<Result<_, _>>()? })
}

fn sealed(key: &str, value: &str, seal: &Seal) -> anyhow::Result<String> {
    if is_secret(key) { seal.seal(value) } else { Ok(value.to_owned()) }
}

fn is_secret(key: &str) -> bool {
    Settings::keys().iter().any(|known| known.path == key && known.secret)
}
