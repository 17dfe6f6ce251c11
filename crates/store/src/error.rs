//! What can go wrong with the database, sorted by what the caller can do about it.

/// Why the database did not do what it was asked.
///
/// It can be cloned, because everybody whose operation shared a commit is told the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the database is not one of those understood.
    #[error("cannot use this database address: {0}")]
    Address(String),
    /// The server cannot be reached, or the connection was lost before the commit: nothing was written.
    #[error("no connection to the database: {0}")]
    Connection(String),
    /// The database cannot do it at present (locked by another process, disk full, time-out): nothing was written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Other transactions were in the way at each of several attempts: nothing was written.
    #[error("other transactions were in the way: {0}")]
    Contended(String),
    /// The connection was lost during the commit: it may have been written, or not.
    #[error("the connection was lost during the commit, so it is not known whether it was written: {0}")]
    InDoubt(String),
    /// The store was closed.
    #[error("the database is closed")]
    Closed,
    /// A constraint of the schema does not allow it. The name is the same on both engines:
    /// that of the unique index, check, exclusion or trigger; `{table}_pkey` for a primary key;
    /// `{table}_{column}_not_null` for a missing value; `foreign_key` for any foreign key (SQLite does not say which).
    #[error("the database does not allow it: {name}")]
    Constraint {
        /// The name of the constraint.
        name: String,
    },
    /// The schema could not be brought up to date, or belongs to a newer program.
    #[error("{0}")]
    Migration(String),
    /// The engine refused the text or the values of a statement.
    #[error("statement {statement}: {message}")]
    Statement {
        /// Its name.
        statement: String,
        /// What the engine said.
        message: String,
    },
    /// A number of rows that the caller did not expect.
    #[error("statement {statement}: expected {expected}, found {found}")]
    Rows {
        /// Its name.
        statement: String,
        /// What was asked for.
        expected: &'static str,
        /// How many rows there were.
        found: usize,
    },
    /// A column that is absent or holds something else.
    #[error("column {column}: {reason}")]
    Column {
        /// The name or number it was asked for by.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A statement that writes, in a transaction that reads.
    #[error("statement {statement}: writes in a read-only transaction")]
    ReadOnly {
        /// Its name.
        statement: String,
    },
    /// An operation awaited something other than its own transaction.
    #[error("an operation may await nothing but its own transaction")]
    Waited,
    /// An operation panicked.
    #[error("an operation on the database panicked: {0}")]
    Panicked(String),
}

impl Error {
    /// The name of the violated constraint, if that is what happened.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        if let Self::Constraint { name } = self { Some(name) } else { None }
    }

    /// Whether nothing was written and the same may succeed later, without anybody changing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::Unavailable(_) | Self::Contended(_))
    }

    pub(crate) fn statement(statement: &str, message: impl Into<String>) -> Self {
        Self::Statement { statement: statement.to_owned(), message: message.into() }
    }

    pub(crate) fn column(column: &impl ToString, reason: impl Into<String>) -> Self {
        Self::Column { column: column.to_string(), reason: reason.into() }
    }

    pub(crate) fn constraint_named(name: impl Into<String>) -> Self {
        Self::Constraint { name: name.into() }
    }
}

/// The name both engines use for a missing value (PostgreSQL 18 gives it itself).
pub(crate) fn not_null_name(table: &str, column: &str) -> String {
    format!("{table}_{column}_not_null")
}

/// The name for a violated foreign key: SQLite does not say which one it was.
pub(crate) const FOREIGN_KEY: &str = "foreign_key";

/// A trigger that guards a rule raises this, followed by the constraint's name.
pub(crate) const RAISED: &str = "constraint:";
