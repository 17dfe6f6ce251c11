//! Names for violated constraints: `SQLite` gives those of checks only, so the others are looked up or derived to be
//! those that `PostgreSQL` gives.

use rusqlite::{Connection, ffi};

use crate::error::{FOREIGN_KEY, RAISED, not_null_name};

/// The name of the constraint that an error says was violated, if it does.
pub(super) fn violated(connection: &Connection, error: &rusqlite::Error) -> Option<String> {
    let rusqlite::Error::SqliteFailure(ffi::Error { extended_code, .. }, Some(message)) = error else {
        return None;
    };
    let subject = message.split_once("constraint failed: ").map_or(message.as_str(), |(_, subject)| subject);
    match *extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            Some(unique(connection, subject))
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => subject.split_once('.').map(|(table, column)| not_null_name(table, column)),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Some(FOREIGN_KEY.to_owned()),
        ffi::SQLITE_CONSTRAINT_CHECK => Some(subject.to_owned()),
        ffi::SQLITE_CONSTRAINT_TRIGGER => message.strip_prefix(RAISED).map(str::to_owned),
        _ => None,
    }
}

/// `subject` is `index 'name'` where the index has expressions, and otherwise `table.column, table.column`.
fn unique(connection: &Connection, subject: &str) -> String {
    if let Some(name) = subject.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')) {
        return name.to_owned();
    }
    let pairs: Vec<_> = subject.split(", ").filter_map(|pair| pair.split_once('.')).collect();
    let table = pairs.first().map_or("", |(table, _)| table);
    let columns: Vec<_> = pairs.iter().map(|(_, column)| *column).collect();
    let found = indexes(connection, table).unwrap_or_default();
    let index = found.iter().find(|index| index.columns == columns);
    index.map_or_else(|| format!("{table}_pkey"), |index| index.constraint(table))
}

/// A unique index; its origin is `c` for CREATE INDEX, `u` for UNIQUE in the table, `pk` for the primary key.
pub(crate) struct Index {
    name: String,
    origin: String,
    pub(crate) columns: Vec<String>,
}

impl Index {
    /// What `PostgreSQL` calls it.
    pub(crate) fn constraint(&self, table: &str) -> String {
        match self.origin.as_str() {
            "u" => format!("{table}_{}_key", self.columns.join("_")),
            "pk" => format!("{table}_pkey"),
            _ => self.name.clone(),
        }
    }
}

pub(crate) fn indexes(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Index>> {
    let mut statement = connection.prepare_cached(
        "SELECT list.name, list.origin, COALESCE(info.name, '')
           FROM pragma_index_list(?1) AS list, pragma_index_info(list.name) AS info
          WHERE list.\"unique\"
          ORDER BY list.seq, info.seqno",
    )?;
    let mut rows = statement.query([table])?;
    let mut found: Vec<Index> = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        if found.last().is_none_or(|last| last.name != name) {
            found.push(Index { name, origin: row.get(1)?, columns: Vec::new() });
        }
        if let Some(last) = found.last_mut() {
            last.columns.push(row.get(2)?);
        }
    }
    Ok(found)
}
