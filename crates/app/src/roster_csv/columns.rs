//! The columns, and where a file has them.

use super::Mistake;
use csv::StringRecord;

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The musician's name.
    Name,
    /// Where offers go.
    Phone,
    /// Where invitations go.
    Email,
    /// Where they live.
    TimeZone,
    /// What they play.
    Instruments,
    /// What the manager wants to remember.
    Notes,
    /// When they were last booked.
    LastBooked,
}

impl Column {
    /// Every column, in the order in which they are written.
    pub const ALL: [Self; 7] =
        [Self::Name, Self::Phone, Self::Email, Self::TimeZone, Self::Instruments, Self::Notes, Self::LastBooked];

    /// The column's name in the first line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::TimeZone => "time_zone",
            Self::Instruments => "instruments",
            Self::Notes => "notes",
            Self::LastBooked => "last_booked",
        }
    }

    fn is_needed(self) -> bool {
        matches!(self, Self::Name | Self::Phone | Self::Instruments)
    }

    fn called(title: &str) -> Option<Self> {
        let title = title.trim().to_lowercase().replace([' ', '-'], "_");
        let title = match title.as_str() {
            "instrument" | "plays" => "instruments",
            "phone_number" => "phone",
            "e_mail" => "email",
            "timezone" => "time_zone",
            title => title,
        };
        Self::ALL.into_iter().find(|column| column.name() == title)
    }
}

/// Which column each field of a row belongs to.
pub struct Columns(Vec<Column>);

impl Columns {
    /// Reads the first line.
    pub fn read(titles: &StringRecord, line: u64) -> Result<Self, Vec<Mistake>> {
        if let [only] = titles.iter().collect::<Vec<_>>()[..]
            && only.contains([';', '\t'])
        {
            let reason = "the columns are separated by something else than commas: save the file with commas";
            return Err(vec![Mistake { line, column: None, reason: reason.to_owned() }]);
        }
        let mut mistakes = Vec::new();
        let mut columns = Vec::new();
        let mut mistake = |column: &str, reason: &str| {
            mistakes.push(Mistake { line, column: Some(column.trim().to_owned()), reason: reason.to_owned() });
        };
        for title in titles {
            match Column::called(title) {
                None => {
                    mistake(title, &format!("no such column; allowed: {}", Column::ALL.map(Column::name).join(", ")));
                }
                Some(column) if columns.contains(&column) => mistake(title, "this column is there twice"),
                Some(column) => columns.push(column),
            }
        }
        for column in Column::ALL {
            if column.is_needed() && !columns.contains(&column) {
                mistake(column.name(), "this column is missing");
            }
        }
        if mistakes.is_empty() { Ok(Self(columns)) } else { Err(mistakes) }
    }

    /// How many fields a row has.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The field of a row that belongs to `column`; none when it is empty or the file has no such column.
    pub fn field<'a>(&self, row: &'a StringRecord, column: Column) -> Option<&'a str> {
        let at = self.0.iter().position(|each| *each == column)?;
        row.get(at).map(str::trim).filter(|field| !field.is_empty())
    }
}
