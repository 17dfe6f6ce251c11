//! "Always read this as …": labels and words for instruments that a mail uses and nobody knew, and the page on which the
//! labels that were taught are listed and taken back.

use super::access::{Visitor, see_other};
use super::calendars::refused;
use super::inbox::{keep, mail_page, settled};
use super::mend::Form;
use super::{Frame, failed, fields, page, value};
use crate::engine::LessonError;
use crate::settings::LABELS;
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::wording::capital;
use firstcall_mail::{Context, Field, Message, Reading, unknown_labels};
use firstcall_store::lessons::LessonKind;

/// A longer piece of a mail is no word for an instrument.
const LONGEST_WORD: usize = 40;

/// What can be taught from a mail.
#[derive(Default)]
pub struct Suggestions {
    /// Labels: the name of their place in the form, and the label.
    pub labels: Vec<(String, String)>,
    /// Words for instruments, in the same way.
    pub words: Vec<(String, String)>,
    /// What a label may ask for, by its word in the settings and for people.
    pub meanings: Vec<(&'static str, &'static str)>,
    /// The instruments, by name and for people.
    pub instruments: Vec<(String, String)>,
    /// What was asked to be taught and cannot be.
    pub wrong: Option<String>,
}

/// What a label asks for, for people.
fn meaning(word: &str) -> &'static str {
    match word {
        "name" => "the client's name",
        "first_name" => "the client's first name",
        "last_name" => "the client's last name",
        "email" => "the client's e-mail address",
        "phone" => "the client's phone",
        "city" => "the client's city",
        "instruments" => "the instruments",
        "count" => "how many of the instrument before it",
        "time_zone" => "the time zone",
        "date" => "the day",
        "times" => "the times",
        "end" => "the end of the session",
        "length" => "the length of the session",
        "notes" => "notes",
        "links" => "links",
        _ => "nothing: leave it out",
    }
}

fn meanings() -> Vec<(&'static str, &'static str)> {
    LABELS.iter().map(|(word, _)| (*word, meaning(word))).collect()
}

/// What somebody may want to teach when they look at this mail. The last of each is empty, for what was overlooked.
pub(super) fn suggestions(message: &Message, context: &Context, reading: &Reading) -> Suggestions {
    let doubtful = reading.problems.iter().filter(|problem| problem.field == Field::Instruments);
    let mut words: Vec<String> = Vec::new();
    for text in doubtful.map(|problem| problem.text.trim()) {
        let fits = !text.is_empty()
            && text.chars().count() <= LONGEST_WORD
            && !text.contains([':', ',', '\n'])
            && !text.contains(" or ");
        if fits && !words.iter().any(|known| known == text) {
            words.push(text.to_owned());
        }
    }
    let rows = |kind: &str, words: Vec<String>| {
        let words = words.into_iter().chain([String::new()]).enumerate();
        words.map(|(at, word)| (format!("{kind}{at}"), word)).collect()
    };
    Suggestions {
        labels: rows("label", unknown_labels(message, context)),
        words: rows("word", words),
        meanings: meanings(),
        instruments: context.instruments.iter().map(|i| (i.name.clone(), i.name.replace('_', " "))).collect(),
        wrong: None,
    }
}

/// Teaches what the pressed button stands beside, keeps what was typed, and reads the mails that wait once more.
pub async fn teach(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Response {
    let sent = fields(&body);
    let mut found = match keep(&web, id, &sent).await {
        Ok(Some(found)) => found,
        Ok(None) => return settled(&web, visitor, &format!("../{id}")),
        Err(error) => return failed(&error),
    };
    let row = value(&sent, "teach").unwrap_or_default();
    let (word, chosen) = (value(&sent, &format!("said.{row}")), value(&sent, &format!("as.{row}")));
    let (word, chosen) = (word.unwrap_or_default(), chosen.unwrap_or_default());
    let taught = if row.starts_with("label") {
        web.engine.teach_label(word, chosen).await
    } else {
        web.engine.teach_alias(word, chosen).await
    };
    match taught {
        Ok(()) => match web.engine.read_again(Some(id)).await {
            Ok(_) => see_other(&format!("../{id}?done=taught"), None),
            Err(error) => failed(&error),
        },
        Err(LessonError::Store(error)) => failed(&error),
        Err(refused) => {
            let form = Form::sent(&sent, &found.names());
            found.refuse(format!("{}.", capital(&refused.to_string())));
            mail_page(&web, visitor, StatusCode::UNPROCESSABLE_ENTITY, found, form, "")
        }
    }
}

#[derive(Template)]
#[template(path = "words.html")]
struct WordsPage {
    frame: Frame,
    /// Labels that were taught by the manager: their numbers, the labels, and what they ask for.
    taught: Vec<(i64, String, &'static str)>,
    /// Labels that the settings fix.
    fixed: Vec<(String, &'static str)>,
    meanings: Vec<(&'static str, &'static str)>,
}

/// The labels that were taught, and those that the settings fix.
pub async fn words(State(web): State<Web>, Extension(visitor): Extension<Visitor>) -> Response {
    let lessons = match web.engine.lessons().await {
        Ok(lessons) => lessons,
        Err(error) => return failed(&error),
    };
    let labels = lessons.into_iter().filter(|lesson| lesson.kind == LessonKind::Label);
    let fixed = web.engine.settings().intake.labels.iter().map(|(label, asks)| {
        let word = LABELS.iter().find(|(_, known)| known == asks).map_or("ignored", |(word, _)| word);
        (label.clone(), meaning(word))
    });
    let template = WordsPage {
        frame: Frame::new(&web, visitor, "Labels"),
        taught: labels.map(|lesson| (lesson.id, lesson.word, meaning(&lesson.meaning))).collect(),
        fixed: fixed.collect(),
        meanings: meanings(),
    };
    page(StatusCode::OK, &template)
}

/// Teaches a label without a mail.
pub async fn add_label(State(web): State<Web>, Extension(visitor): Extension<Visitor>, body: Bytes) -> Response {
    let sent = fields(&body);
    let (label, asks) = (value(&sent, "said").unwrap_or_default(), value(&sent, "as").unwrap_or_default());
    learned(&web, visitor, web.engine.teach_label(label, asks).await, "../inbox/words").await
}

/// Takes a label back.
pub async fn take_back_label(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(lesson): Path<i64>,
) -> Response {
    learned(&web, visitor, web.engine.take_back(lesson).await, "../../inbox/words").await
}

/// Reads the mails that wait once more, or says why nothing was learned.
pub(super) async fn learned(web: &Web, visitor: Visitor, done: Result<(), LessonError>, back: &str) -> Response {
    match done {
        Ok(()) => match web.engine.read_again(None).await {
            Ok(_) => see_other(back, None),
            Err(error) => failed(&error),
        },
        Err(LessonError::Store(error)) => failed(&error),
        Err(why) => refused(web, visitor, &format!("{why}."), back),
    }
}
