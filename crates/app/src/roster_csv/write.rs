//! From musicians to text.

use super::{Column, NewMusician};
use csv::Writer;

/// Writes musicians as [`super::read()`] reads them, with their places in the call lists.
///
/// # Errors
/// None that can happen: writing to memory does not fail.
pub fn write<'a>(musicians: impl IntoIterator<Item = &'a NewMusician>) -> csv::Result<String> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(Column::ALL.map(Column::name))?;
    for musician in musicians {
        writer.write_record(Column::ALL.map(|column| field(musician, column)))?;
    }
    let bytes = writer.into_inner().map_err(|error| std::io::Error::from(error.error().kind()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn field(musician: &NewMusician, column: Column) -> String {
    match column {
        Column::Name => musician.name.clone(),
        Column::Phone => musician.phone.to_string(),
        Column::Email => musician.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        Column::TimeZone => musician.zone.iana_name().unwrap_or_default().to_owned(),
        Column::Instruments => {
            let plays = musician.instruments.iter().map(|(name, place)| format!("{name}={place}"));
            plays.collect::<Vec<_>>().join(";")
        }
        Column::Notes => musician.notes.clone().unwrap_or_default(),
        Column::LastBooked => musician.last_booked.map(|date| date.to_string()).unwrap_or_default(),
    }
}
