//! Statements on one `SQLite` connection.

use bytes::Bytes;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, ToSql, ffi};

use super::constraint;
use crate::{Backend, Error, Row, Sql, Value};

/// A connection, and whether its transactions may write.
pub(crate) struct Session {
    connection: Connection,
    read_only: bool,
}

impl Session {
    pub(crate) fn new(connection: Connection, read_only: bool) -> Self {
        Self { connection, read_only }
    }

    pub(crate) fn set_read_only(&mut self, read_only: bool) {
        self.read_only = read_only;
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn execute(&self, sql: &'static Sql, params: &[Value]) -> Result<u64, Error> {
        let mut statement = self.prepare(sql, params)?;
        if statement.column_count() > 0 {
            return Err(Error::statement(sql.name(), "returns rows: use query"));
        }
        let changed = statement.raw_execute().map_err(|error| self.failed(sql, &error))?;
        Ok(changed as u64)
    }

    pub(crate) fn query(&self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, Error> {
        let mut statement = self.prepare(sql, params)?;
        let count = statement.column_count();
        let names = sql.form(Backend::Sqlite)?.names(count, |column| statement.column_name(column).unwrap_or_default());
        let mut found = statement.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(|error| self.failed(sql, &error))? {
            let mut values = Vec::with_capacity(count);
            for column in 0..count {
                let value = row.get_ref(column).map_err(|error| refused(sql.name(), &error))?;
                values.push(read(value).map_err(|reason| Error::column(&names[column], reason))?);
            }
            rows.push(Row::new(names.clone(), values));
        }
        Ok(rows)
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn describe(&self, sql: &'static Sql) -> Result<crate::tx::Description, Error> {
        let text = &sql.form(Backend::Sqlite)?.text;
        let statement = self.connection.prepare(text).map_err(|error| self.failed(sql, &error))?;
        let columns = statement.column_names().map(str::to_owned).collect();
        Ok(crate::tx::Description { parameters: statement.parameter_count(), columns })
    }

    /// BEGIN, SAVEPOINT and the like.
    pub(crate) fn control(&self, text: &str) -> Result<(), Error> {
        let executed = self.connection.prepare_cached(text).and_then(|mut statement| statement.raw_execute());
        executed.map(drop).map_err(|error| refused(text, &error))
    }

    fn prepare(&self, sql: &'static Sql, params: &[Value]) -> Result<CachedStatement<'_>, Error> {
        let text = &sql.form(Backend::Sqlite)?.text;
        let mut statement = self.connection.prepare_cached(text).map_err(|error| self.failed(sql, &error))?;
        if self.read_only && !statement.readonly() {
            return Err(Error::ReadOnly { statement: sql.name().to_owned() });
        }
        let expected = statement.parameter_count();
        if expected != params.len() {
            let message = format!("has {expected} parameters, was given {}", params.len());
            return Err(Error::statement(sql.name(), message));
        }
        for (index, value) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value).map_err(|error| self.failed(sql, &error))?;
        }
        Ok(statement)
    }

    fn failed(&self, sql: &Sql, error: &rusqlite::Error) -> Error {
        let violated = constraint::violated(&self.connection, error);
        violated.map_or_else(|| refused(sql.name(), error), Error::constraint_named)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Bool(flag) => ValueRef::Integer(i64::from(*flag)),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn read(value: ValueRef<'_>) -> Result<Value, String> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(str::from_utf8(text).map_err(|error| error.to_string())?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(Bytes::copy_from_slice(bytes)),
        ValueRef::Real(_) => return Err("fractions are not used".to_owned()),
    })
}

/// What an error that is not a violated constraint means for the caller.
pub(crate) fn refused(statement: &str, error: &rusqlite::Error) -> Error {
    const LATER: [ErrorCode; 9] = [
        ErrorCode::DatabaseBusy,
        ErrorCode::DatabaseLocked,
        ErrorCode::DiskFull,
        ErrorCode::SystemIoFailure,
        ErrorCode::OutOfMemory,
        ErrorCode::OperationInterrupted,
        ErrorCode::FileLockingProtocolFailed,
        ErrorCode::CannotOpen,
        ErrorCode::ReadOnly,
    ];
    if let rusqlite::Error::SqliteFailure(ffi::Error { code, .. }, _) = error
        && LATER.contains(code)
    {
        return Error::Unavailable(error.to_string());
    }
    Error::statement(statement, error.to_string())
}
