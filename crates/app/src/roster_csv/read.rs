//! From bytes to rows.

use super::columns::{Column, Columns};
use super::instruments::{Names, Plays, places};
use super::{Mistake, NewMusician, Row, Vocabulary, lines};
use crate::settings::zone;
use csv::StringRecord;
use firstcall_core::contact::{EmailAddress, Phone};
use jiff::civil::Date;
use std::collections::HashMap;

/// Reads a file of musicians.
///
/// # Errors
/// With every mistake in it, in the order of the lines.
pub fn read(bytes: &[u8], vocabulary: &Vocabulary) -> Result<Vec<Row>, Vec<Mistake>> {
    let text = lines::text(bytes).map_err(|mistake| vec![mistake])?;
    let records = lines::records(text).map_err(|mistake| vec![mistake])?;
    let Some(((line, titles), records)) = records.split_first() else {
        return Err(vec![Mistake { line: 1, column: None, reason: "the file is empty".to_owned() }]);
    };
    let columns = Columns::read(titles, *line)?;
    let names = Names::new(&vocabulary.instruments);
    let mut mistakes = Vec::new();
    let mut rows = Vec::new();
    let mut phones = HashMap::new();
    for (line, record) in records {
        let mut reader = RowReader { line: *line, record, columns: &columns, mistakes: &mut mistakes };
        rows.extend(reader.musician(vocabulary, &names, &mut phones).map(|read| (*line, read)));
    }
    if mistakes.is_empty() { Ok(with_places(rows)) } else { Err(mistakes) }
}

/// A musician whose places in the call lists may depend on the rows around.
struct Unplaced {
    musician: NewMusician,
    plays: Vec<Plays>,
}

fn with_places(rows: Vec<(u64, Unplaced)>) -> Vec<Row> {
    let placed = places(rows.iter().map(|(_, row)| row.plays.as_slice()));
    let row = |((line, row), instruments): ((u64, Unplaced), Vec<(String, u32)>)| Row {
        line,
        musician: NewMusician { instruments, ..row.musician },
    };
    rows.into_iter().zip(placed).map(row).collect()
}

struct RowReader<'a> {
    line: u64,
    record: &'a StringRecord,
    columns: &'a Columns,
    mistakes: &'a mut Vec<Mistake>,
}

impl RowReader<'_> {
    /// Reads one row; nothing when there was a mistake in it. All its fields are read, so that all its mistakes are
    /// found.
    fn musician(
        &mut self,
        vocabulary: &Vocabulary,
        names: &Names<'_>,
        phones: &mut HashMap<Phone, u64>,
    ) -> Option<Unplaced> {
        if self.record.len() != self.columns.count() {
            let found = format!("{} fields, but {} columns", self.record.len(), self.columns.count());
            self.mistake(None, format!("{found}; a field with a comma in it is put in quotation marks"));
            return None;
        }
        let name = self.needed(Column::Name, name);
        let line = self.line;
        let phone = self.needed(Column::Phone, |text| phone(text, line, phones));
        let email = self.optional(Column::Email, |text| EmailAddress::new(text).map_err(|e| e.to_string()));
        let zone = self.optional(Column::TimeZone, |text| {
            zone(text).map_err(|reason| format!("{reason}; allowed: an IANA zone such as \"America/New_York\""))
        });
        let plays = self.needed(Column::Instruments, |text| names.read(text));
        let notes = self.optional(Column::Notes, |text| Ok(text.to_owned()));
        let last_booked = self.optional(Column::LastBooked, date);
        let musician = NewMusician {
            name: name?,
            phone: phone?,
            email: email?,
            zone: zone?.unwrap_or_else(|| vocabulary.studio_zone.clone()),
            instruments: Vec::new(),
            notes: notes?,
            last_booked: last_booked?,
        };
        Some(Unplaced { musician, plays: plays? })
    }

    fn needed<T>(&mut self, column: Column, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match self.optional(column, read)? {
            None => {
                self.mistake(Some(column), "empty, but needed".to_owned());
                None
            }
            value => value,
        }
    }

    /// Reads a field that may be empty: nothing for a mistake, `Some(None)` for an empty field.
    #[expect(clippy::option_option, reason = "a mistake and an empty field are two things, and `?` tells them apart")]
    fn optional<T>(&mut self, column: Column, read: impl FnOnce(&str) -> Result<T, String>) -> Option<Option<T>> {
        let Some(text) = self.columns.field(self.record, column) else { return Some(None) };
        match read(text) {
            Ok(value) => Some(Some(value)),
            Err(reason) => {
                self.mistake(Some(column), format!("{text:?}: {reason}"));
                None
            }
        }
    }

    fn mistake(&mut self, column: Option<Column>, reason: String) {
        let column = column.map(|column| column.name().to_owned());
        self.mistakes.push(Mistake { line: self.line, column, reason });
    }
}

fn name(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("a name is on one line, without control characters".to_owned());
    }
    Ok(text.to_owned())
}

fn phone(text: &str, line: u64, phones: &mut HashMap<Phone, u64>) -> Result<Phone, String> {
    let phone = Phone::new(text).map_err(|reason| reason.to_string())?;
    if let Some(first) = phones.get(&phone) {
        return Err(format!("the same number as in line {first}"));
    }
    phones.insert(phone.clone(), line);
    Ok(phone)
}

fn date(text: &str) -> Result<Date, String> {
    let date = if text.len() == "2026-11-22".len() { text.parse().ok() } else { None };
    date.ok_or_else(|| "not a date; allowed: year-month-day, such as 2026-11-22".to_owned())
}
