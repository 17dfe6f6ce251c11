//! Lists and tables.

use super::{Kind, Refused, SecretText, Shape, clock_range, text};
use crate::settings::Secret;
use crate::settings::kinds::clock::Duration;
use firstcall_core::policy::{ClockRange, OpeningHours};
use firstcall_mail::Label;
use jiff::SignedDuration;
use jiff::civil::Weekday;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use toml::Value;

/// A list of what `K` reads.
pub struct ListOf<K>(PhantomData<K>);

impl<K: Kind> Kind for ListOf<K> {
    type Value = Vec<K::Value>;
    const ALLOWED: &'static str = K::ALLOWED;
    const SHAPE: Shape = Shape::List;

    fn read(written: &Value) -> Result<Self::Value, Refused> {
        let items = written.as_array().ok_or_else(|| Refused::whole(written))?;
        items.iter().map(K::read).collect()
    }
}

/// Durations, each longer than the one before.
pub struct Durations;

impl Kind for Durations {
    type Value = Vec<SignedDuration>;
    const ALLOWED: &'static str = "a list of rising durations such as [\"2m\", \"10m\"]";
    const SHAPE: Shape = Shape::List;

    fn read(written: &Value) -> Result<Self::Value, Refused> {
        let durations = ListOf::<Duration>::read(written)?;
        if durations.is_empty() || !durations.is_sorted_by(|a, b| a < b) {
            return Err(Refused::whole(written));
        }
        Ok(durations)
    }
}

/// Secrets.
pub struct Secrets;

impl Kind for Secrets {
    type Value = Vec<Secret>;
    const ALLOWED: &'static str = "a list of texts that are not blank";
    const SHAPE: Shape = Shape::List;
    const SECRET: bool = true;

    fn read(written: &Value) -> Result<Self::Value, Refused> {
        let items = written.as_array().ok_or_else(|| Refused("something that is no list".to_owned()))?;
        items.iter().map(SecretText::read).collect()
    }

    fn show(value: &Self::Value, written: &Value) -> Value {
        let masked = value.iter().map(|secret| SecretText::show(secret, written));
        Value::Array(masked.collect())
    }
}

/// Opening hours by day.
pub struct Days;

impl Kind for Days {
    type Value = OpeningHours;
    const ALLOWED: &'static str = "ranges by day (mon, tue, wed, thu, fri, sat, sun), such as \
        { mon = [\"10:00-22:00\"], sat = [\"12:00-24:00\"] }";
    const SHAPE: Shape = Shape::Table;

    fn read(written: &Value) -> Result<OpeningHours, Refused> {
        let mut hours = OpeningHours::default();
        for (name, ranges) in entries(written)? {
            let day = day(name).ok_or_else(|| Refused(format!("a day {name:?}")))?;
            for range in texts_of(name, ranges)? {
                let range = clock_range(range).ok_or_else(|| Refused(format!("{range:?} for {name}")))?;
                hours.open(day, range);
            }
        }
        Ok(hours)
    }
}

fn day(name: &str) -> Option<Weekday> {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let at = days.iter().position(|day| *day == name)?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}

/// Hours for parts of the day.
pub struct Parts;

impl Kind for Parts {
    type Value = BTreeMap<String, ClockRange>;
    const ALLOWED: &'static str = "hours by word, such as { morning = \"09:00-12:00\" }";
    const SHAPE: Shape = Shape::Table;

    fn read(written: &Value) -> Result<Self::Value, Refused> {
        let hours = |(word, hours): (&String, &Value)| {
            let range = text(hours).ok().and_then(clock_range);
            let range = range.ok_or_else(|| Refused::because(hours, format!("for {word:?}")))?;
            Ok((word.trim().to_lowercase(), range))
        };
        entries(written)?.map(hours).collect()
    }
}

/// Words for each instrument.
pub struct Aliases;

impl Kind for Aliases {
    type Value = BTreeMap<String, Vec<String>>;
    const ALLOWED: &'static str =
        "words by instrument in snake case, such as { cello = [\"violoncello\"] }, each word once";
    const SHAPE: Shape = Shape::Table;

    fn read(written: &Value) -> Result<Self::Value, Refused> {
        let mut instruments = BTreeMap::new();
        let mut seen: Vec<String> = Vec::new();
        for (name, words) in entries(written)? {
            if !is_snake_case(name) {
                return Err(Refused(format!("an instrument {name:?}")));
            }
            let words: Vec<String> = texts_of(name, words)?.into_iter().map(str::to_owned).collect();
            for word in &words {
                once(word, &mut seen)?;
            }
            instruments.insert(name.clone(), words);
        }
        Ok(instruments)
    }
}

/// More labels for the fields of a form.
pub struct LabelWords;

impl Kind for LabelWords {
    type Value = BTreeMap<String, Label>;
    const ALLOWED: &'static str = "labels by what they ask for (name, first_name, last_name, email, phone, city, \
        instruments, count, time_zone, date, times, end, length, notes, links, ignored), such as \
        { times = [\"Wann?\"] }, each label once";
    const SHAPE: Shape = Shape::Table;

    fn read(written: &Value) -> Result<Self::Value, Refused> {
        let mut labels = BTreeMap::new();
        let mut seen: Vec<String> = Vec::new();
        for (name, words) in entries(written)? {
            let label = label(name).ok_or_else(|| Refused(format!("a field {name:?}")))?;
            for word in texts_of(name, words)? {
                once(word, &mut seen)?;
                labels.insert(word.to_owned(), label);
            }
        }
        Ok(labels)
    }
}

/// What a label may ask for, by the words of the settings.
pub const LABELS: [(&str, Label); 16] = [
    ("name", Label::Name),
    ("first_name", Label::FirstName),
    ("last_name", Label::LastName),
    ("email", Label::Email),
    ("phone", Label::Phone),
    ("city", Label::City),
    ("instruments", Label::Instruments),
    ("count", Label::Count),
    ("time_zone", Label::Zone),
    ("date", Label::Date),
    ("times", Label::Times),
    ("end", Label::End),
    ("length", Label::Length),
    ("notes", Label::Notes),
    ("links", Label::Links),
    ("ignored", Label::Ignored),
];

/// What a label asks for, by the word of the settings.
#[must_use]
pub fn label(name: &str) -> Option<Label> {
    LABELS.into_iter().find(|(word, _)| *word == name).map(|(_, label)| label)
}

fn entries(written: &Value) -> Result<impl Iterator<Item = (&String, &Value)>, Refused> {
    let table = written.as_table().ok_or_else(|| Refused::whole(written))?;
    Ok(table.iter())
}

/// The texts of one entry, which is a list of them.
fn texts_of<'a>(name: &str, written: &'a Value) -> Result<Vec<&'a str>, Refused> {
    let items = written.as_array().ok_or_else(|| Refused::because(written, format!("for {name}, not a list")))?;
    items.iter().map(|item| text(item).map_err(|Refused(found)| Refused(format!("{found} for {name}")))).collect()
}

/// A word that stands for two things stands for neither.
fn once(word: &str, seen: &mut Vec<String>) -> Result<(), Refused> {
    let word = word.to_lowercase();
    if seen.contains(&word) {
        return Err(Refused(format!("{word:?} twice")));
    }
    seen.push(word);
    Ok(())
}

/// Whether a text is an instrument's name as the roster writes it: `upright_bass`.
#[must_use]
pub fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
