//! What the manager taught beside the settings: labels of forms, words for instruments, and instruments.

use crate::instants::At;
use crate::{Error, Row, Tx, params, statements};
use jiff::Timestamp;

statements! {
    /// Everything that was taught.
    LESSONS = "SELECT id, kind, plain, word, meaning, taught_at FROM lessons ORDER BY id";
    /// A word means something, whatever it meant before.
    TEACH = "INSERT INTO lessons (kind, plain, word, meaning, taught_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (kind, plain) DO UPDATE SET word = excluded.word, meaning = excluded.meaning, \
        taught_at = excluded.taught_at";
    /// A word means nothing of its own any more.
    UNTEACH = "DELETE FROM lessons WHERE id = $1";
    /// An instrument's words mean nothing without it.
    UNTEACH_ALIASES = "DELETE FROM lessons WHERE kind = 'alias' AND meaning = $1";
}

/// What a lesson is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LessonKind {
    /// A label of a form asks for a field.
    Label,
    /// A word means an instrument.
    Alias,
    /// There is an instrument of this name.
    Instrument,
}

/// One thing that was taught.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Its number.
    pub id: i64,
    /// What it is about.
    pub kind: LessonKind,
    /// The word as it is compared.
    pub plain: String,
    /// The word as somebody wrote it.
    pub word: String,
    /// The field that a label asks for, or the instrument.
    pub meaning: String,
    /// When it was taught.
    pub at: Timestamp,
}

impl LessonKind {
    /// Its word in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Alias => "alias",
            Self::Instrument => "instrument",
        }
    }
}

/// Everything that was taught, in the order in which it was.
///
/// # Errors
/// When the database cannot be asked.
pub async fn all(tx: &mut Tx) -> Result<Vec<Lesson>, Error> {
    tx.query(&LESSONS, params![]).await?.iter().map(read).collect()
}

/// Keeps what a word means from `now` on.
///
/// # Errors
/// When the database cannot be asked.
pub async fn teach(
    tx: &mut Tx,
    kind: LessonKind,
    plain: &str,
    word: &str,
    meaning: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(&TEACH, params![kind.word(), plain, word, meaning, At(now)]).await.map(drop)
}

/// Takes a lesson back; with an instrument go the words for it. False when there is no such lesson.
///
/// # Errors
/// When the database cannot be asked.
pub async fn take_back(tx: &mut Tx, lesson: &Lesson) -> Result<bool, Error> {
    if lesson.kind == LessonKind::Instrument {
        tx.execute(&UNTEACH_ALIASES, params![lesson.meaning]).await?;
    }
    Ok(tx.execute(&UNTEACH, params![lesson.id]).await? == 1)
}

fn read(row: &Row) -> Result<Lesson, Error> {
    let word: String = row.get("kind")?;
    let kinds = [LessonKind::Label, LessonKind::Alias, LessonKind::Instrument];
    let kind = kinds.into_iter().find(|kind| kind.word() == word);
    Ok(Lesson {
        id: row.get("id")?,
        kind: kind.ok_or(Error::Column { column: "kind".to_owned(), reason: format!("unknown: {word}") })?,
        plain: row.get("plain")?,
        word: row.get("word")?,
        meaning: row.get("meaning")?,
        at: row.get::<At>("taught_at")?.0,
    })
}
