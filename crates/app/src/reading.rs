//! What the mail reader is told of the settings. The only place where a [`Context`] is made.

use crate::settings::{Intake, Settings};
use firstcall_mail::{Context, InstrumentName, built_in_instruments};
use jiff::Timestamp;

/// The context in which a mail is read at the moment `now`.
#[must_use]
pub fn context(settings: &Settings, now: Timestamp) -> Context {
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
        labels: settings.intake.labels.clone(),
        instruments: instruments(&settings.intake),
    }
}

/// The instruments that are known: the built-in ones and those in the settings. A word in the settings means what it
/// means there, also where a built-in instrument had it.
#[must_use]
pub fn instruments(intake: &Intake) -> Vec<InstrumentName> {
    let mut instruments = built_in_instruments();
    let said: Vec<String> = intake.instruments.values().flatten().map(|word| word.to_lowercase()).collect();
    for instrument in &mut instruments {
        instrument.aliases.retain(|alias| !said.contains(&alias.to_lowercase()));
    }
    for (name, words) in &intake.instruments {
        match instruments.iter_mut().find(|known| known.name == *name) {
            Some(known) => known.aliases.extend_from_slice(words),
            None => instruments.push(InstrumentName { name: name.clone(), aliases: words.clone() }),
        }
    }
    instruments
}

/// The roster's name of an instrument as somebody wrote it: its own name, with blanks or underscores, or one of its
/// aliases. None when it is no instrument, or may be several.
#[must_use]
pub fn instrument_named(known: &[InstrumentName], said: &str) -> Option<String> {
    let plain = |text: &str| text.trim().to_lowercase().replace('_', " ");
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
        assert_eq!(format!("{:?}", context(&settings, now)), format!("{:?}", Context::new(now, zone)));
    }

    #[test]
    fn settings_add_instruments_and_words() {
        let settings = settings(&[(
            "FIRSTCALL__INTAKE__INSTRUMENTS",
            "{ cello = ['violoncello'], violin = ['geige'], grand_piano = ['Piano'] }",
        )]);
        let known = instruments(&settings.intake);
        let words = |name: &str| &known.iter().find(|known| known.name == name).unwrap().aliases;
        assert_eq!(words("cello"), &["violoncello"]);
        assert!(words("violin").iter().any(|word| word == "fiddle"));
        assert!(words("violin").iter().any(|word| word == "geige"));
        assert_eq!(words("grand_piano"), &["Piano"]);
        assert!(!words("live_piano").iter().any(|word| word == "piano"));
    }
}
