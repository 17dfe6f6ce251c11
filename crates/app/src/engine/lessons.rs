//! What the manager teaches the reading of mails: labels, words for instruments, instruments. It counts from the next mail
//! on, and for those that wait.

use super::Engine;
use super::manage::storable;
use crate::reading;
use crate::settings;
use firstcall_mail::{InstrumentName, plain_label};
use firstcall_store::lessons::{self, Lesson, LessonKind};
use firstcall_store::{Error, Tx, roster};

/// No label or word is longer, in characters.
const LONGEST: usize = 80;
/// More than any studio has.
const MOST: usize = 2000;

/// Why something cannot be taught.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// It cannot be like this.
    #[error("{0}")]
    Refused(String),
    /// There is no such lesson.
    #[error("this is not taught any more")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

fn refused<T>(why: impl Into<String>) -> Result<T, LessonError> {
    Err(LessonError::Refused(why.into()))
}

impl Engine {
    /// Everything that was taught.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn lessons(&self) -> Result<Vec<Lesson>, Error> {
        self.store().read(async |tx| lessons::all(tx).await).await
    }

    /// The instruments that are known: built in, set up and taught.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn instruments(&self) -> Result<Vec<InstrumentName>, Error> {
        Ok(reading::instruments(&self.settings().intake, &self.lessons().await?))
    }

    /// From now on a label asks for a field, named as the settings do.
    ///
    /// # Errors
    /// When the settings say what the label asks for, or it is none.
    pub async fn teach_label(&self, label: &str, field: &str) -> Result<(), LessonError> {
        let word = checked(label.trim().trim_end_matches([':', '?', ' ']))?;
        let plain = plain_label(&word);
        if plain.is_empty() {
            return refused("write the label as it stands in the mail");
        }
        if settings::label(field).is_none() {
            return refused("choose what the label asks for");
        }
        if let Some(fixed) = self.settings().intake.labels.keys().find(|known| plain_label(known) == plain) {
            return refused(format!("\"{fixed}\" is fixed in the settings (intake.labels): change it there"));
        }
        self.teach(LessonKind::Label, plain, word, field.to_owned()).await
    }

    /// From now on a word means an instrument.
    ///
    /// # Errors
    /// When the settings say what the word means, it is the name of an instrument, or there is no such instrument.
    pub async fn teach_alias(&self, alias: &str, instrument: &str) -> Result<(), LessonError> {
        let word = checked(alias)?;
        let plain = reading::plain(&word);
        let known = self.instruments().await?;
        if !known.iter().any(|each| each.name == instrument) {
            return refused("choose one of the instruments");
        }
        if known.iter().any(|each| reading::plain(&each.name) == plain) {
            return refused(format!("\"{word}\" is the name of an instrument"));
        }
        let mut fixed = self.settings().intake.instruments.values().flatten();
        if let Some(fixed) = fixed.find(|known| reading::plain(known) == plain) {
            return refused(format!("\"{fixed}\" is fixed in the settings (intake.instruments): change it there"));
        }
        self.teach(LessonKind::Alias, plain, word, instrument.to_owned()).await
    }

    /// From now on there is an instrument of this name, which people write as they like: "Pedal steel".
    ///
    /// # Errors
    /// When there is one, or the name cannot be written in the roster's way.
    pub async fn add_instrument(&self, said: &str) -> Result<String, LessonError> {
        let word = checked(said)?;
        let name = reading::plain(&word).replace(['-', '.', '/'], " ");
        let name = name.split_whitespace().collect::<Vec<_>>().join("_");
        if !settings::is_snake_case(&name) {
            return refused("write the name with the letters a to z and digits; other spellings are words for it");
        }
        if let Some(known) = reading::instrument_named(&self.instruments().await?, &name) {
            return refused(format!("this is {} already", known.replace('_', " ")));
        }
        self.teach(LessonKind::Instrument, name.clone(), word, name.clone()).await?;
        Ok(name)
    }

    async fn teach(&self, kind: LessonKind, plain: String, word: String, meaning: String) -> Result<(), LessonError> {
        let now = self.clock().now();
        let op = async move |tx: &mut Tx| {
            if lessons::all(tx).await?.len() >= MOST {
                return refused("too much is taught: take something back first");
            }
            lessons::teach(tx, kind, &plain, &word, &meaning, now).await.map_err(LessonError::Store)
        };
        self.store().write(op).await
    }

    /// Takes a lesson back.
    ///
    /// # Errors
    /// When there is none of this number, or somebody plays the instrument.
    pub async fn take_back(&self, id: i64) -> Result<(), LessonError> {
        let op = async move |tx: &mut Tx| {
            let known = lessons::all(tx).await?;
            let lesson = known.iter().find(|lesson| lesson.id == id).ok_or(LessonError::Unknown)?;
            if lesson.kind == LessonKind::Instrument && roster::is_played(tx, &lesson.meaning).await? {
                return refused("somebody on the roster plays this instrument");
            }
            lessons::take_back(tx, lesson).await.map(drop).map_err(LessonError::Store)
        };
        self.store().write(op).await
    }
}

/// A word on one line, of a length that a page and a form can have.
fn checked(word: &str) -> Result<String, LessonError> {
    let word = storable(word).split_whitespace().collect::<Vec<_>>().join(" ");
    if word.is_empty() || word.chars().count() > LONGEST || word.chars().any(char::is_control) {
        return refused(format!("write one to {LONGEST} characters, on one line"));
    }
    if !word.chars().any(char::is_alphanumeric) {
        return refused("a word needs a letter or a digit");
    }
    Ok(word)
}
