//! What the mail reader is told of the settings and of what was taught. The only place where a [`Context`] is made.

use crate::settings::{self, Intake, Settings};
use firstcall_mail::{Context, InstrumentName, Label, built_in_instruments, plain_label};
use firstcall_store::lessons::{Lesson, LessonKind};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The context in which a mail is read at the moment `now`, by somebody who was taught these lessons.
#[must_use]
pub fn context(settings: &Settings, lessons: &[Lesson], now: Timestamp) -> Context {
    let parts = settings.intake.parts_of_day.iter();
    Context {
        now,
        studio_zone: settings.studio.time_zone.clone(),
        length: settings.sessions.length,
        step: settings.sessions.step,
        notice: settings.sessions.notice,
        date_order: settings.intake.date_order,
        parts_of_day: parts.map(|(word, hours)| (word.clone(), (hours.from, hours.to))).collect(),
        form_senders: settings.intake.form_senders.clone(),
        manager_email: settings.manager.email.as_ref().map(ToString::to_string),
        labels: labels(&settings.intake, lessons),
        instruments: instruments(&settings.intake, lessons),
    }
}

/// The labels beside the built-in ones. What the settings say of one counts, whatever was taught.
fn labels(intake: &Intake, lessons: &[Lesson]) -> BTreeMap<String, Label> {
    let mut labels = intake.labels.clone();
    for lesson in lessons.iter().filter(|lesson| lesson.kind == LessonKind::Label) {
        let fixed = intake.labels.keys().any(|label| plain_label(label) == lesson.plain);
        if let (false, Some(label)) = (fixed, settings::label(&lesson.meaning)) {
            labels.insert(lesson.word.clone(), label);
        }
    }
    labels
}

/// The instruments that are known: the built-in ones, those in the settings and those that were taught. A word in the
/// settings means what it means there, whatever was taught; and a word that was taught what it was taught to mean, also
/// where a built-in instrument had it.
#[must_use]
pub fn instruments(intake: &Intake, lessons: &[Lesson]) -> Vec<InstrumentName> {
    let mut instruments = built_in_instruments();
    let fixed: Vec<String> = intake.instruments.values().flatten().map(|word| plain(word)).collect();
    let of_kind = |kind| lessons.iter().filter(move |lesson| lesson.kind == kind);
    let taught: Vec<&Lesson> =
        of_kind(LessonKind::Alias).filter(|lesson| !fixed.contains(&plain(&lesson.word))).collect();
    for instrument in &mut instruments {
        instrument.aliases.retain(|alias| !fixed.contains(&plain(alias)));
    }
    for (name, words) in &intake.instruments {
        match instruments.iter_mut().find(|known| known.name == *name) {
            Some(known) => known.aliases.extend_from_slice(words),
            None => instruments.push(InstrumentName { name: name.clone(), aliases: words.clone() }),
        }
    }
    for Lesson { meaning: name, .. } in of_kind(LessonKind::Instrument) {
        if !instruments.iter().any(|known| known.name == *name) {
            instruments.push(InstrumentName { name: name.clone(), aliases: Vec::new() });
        }
    }
    for lesson in taught {
        for instrument in &mut instruments {
            instrument.aliases.retain(|alias| plain(alias) != plain(&lesson.word));
            if instrument.name == lesson.meaning {
                instrument.aliases.push(lesson.word.clone());
            }
        }
    }
    instruments
}

/// A word for an instrument as it is compared with others.
#[must_use]
pub fn plain(word: &str) -> String {
    word.to_lowercase().replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The roster's name of an instrument as somebody wrote it: its own name, with blanks or underscores, or one of its
/// aliases. None when it is no instrument, or may be several.
#[must_use]
pub fn instrument_named(known: &[InstrumentName], said: &str) -> Option<String> {
    let said = plain(said);
    if let Some(named) = known.iter().find(|instrument| plain(&instrument.name) == said) {
        return Some(named.name.clone());
    }
    let mut called = known.iter().filter(|instrument| instrument.aliases.iter().any(|alias| plain(alias) == said));
    match (called.next(), called.next()) {
        (Some(one), None) => Some(one.name.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Environment, Place, load};

    fn settings(variables: &[(&str, &str)]) -> Settings {
        load(&Place::Nowhere, &variables.iter().copied().collect::<Environment>()).unwrap().settings
    }

    #[test]
    fn a_new_installation_reads_as_the_reader_does_by_itself() {
        let now = Timestamp::UNIX_EPOCH;
        let settings = settings(&[("FIRSTCALL__INTAKE__FORM_SENDERS", "")]);
        let zone = settings.studio.time_zone.clone();
        assert_eq!(format!("{:?}", context(&settings, &[], now)), format!("{:?}", Context::new(now, zone)));
    }

    #[test]
    fn settings_add_instruments_and_words() {
        let settings = settings(&[(
            "FIRSTCALL__INTAKE__INSTRUMENTS",
            "{ cello = ['violoncello'], violin = ['geige'], grand_piano = ['Piano'] }",
        )]);
        let known = instruments(&settings.intake, &[]);
        let words = |name: &str| &known.iter().find(|known| known.name == name).unwrap().aliases;
        assert_eq!(words("cello"), &["violoncello"]);
        assert!(words("violin").iter().any(|word| word == "fiddle"));
        assert!(words("violin").iter().any(|word| word == "geige"));
        assert_eq!(words("grand_piano"), &["Piano"]);
        assert!(!words("live_piano").iter().any(|word| word == "piano"));
    }

    fn lesson(kind: LessonKind, word: &str, meaning: &str) -> Lesson {
        let plain = if kind == LessonKind::Label { plain_label(word) } else { plain(word) };
        let at = Timestamp::UNIX_EPOCH;
        Lesson { id: 0, kind, plain, word: word.to_owned(), meaning: meaning.to_owned(), at }
    }

    #[test]
    fn what_was_taught_counts_after_the_settings_and_before_what_is_built_in() {
        let settings = settings(&[
            ("FIRSTCALL__INTAKE__INSTRUMENTS", "{ violin = ['geige'] }"),
            ("FIRSTCALL__INTAKE__LABELS", "{ times = ['Wann?'] }"),
        ]);
        let lessons = [
            lesson(LessonKind::Label, "wann", "notes"),
            lesson(LessonKind::Label, "Prefered slot:", "times"),
            lesson(LessonKind::Instrument, "banjo", "banjo"),
            lesson(LessonKind::Alias, "Five string", "banjo"),
            lesson(LessonKind::Alias, "Fiddle", "banjo"),
            lesson(LessonKind::Alias, "Geige", "banjo"),
            lesson(LessonKind::Alias, "horn", "nobody_plays_it"),
        ];
        let context = context(&settings, &lessons, Timestamp::UNIX_EPOCH);
        assert_eq!(context.labels["Wann?"], Label::Times);
        assert_eq!(context.labels.get("wann"), None);
        assert_eq!(context.labels["Prefered slot:"], Label::Times);
        let named = |said: &str| instrument_named(&context.instruments, said);
        assert_eq!(named("five String").as_deref(), Some("banjo"));
        assert_eq!(named("fiddle").as_deref(), Some("banjo"));
        assert_eq!(named("geige").as_deref(), Some("violin"));
        assert_eq!(named("horn"), None);
    }
}
