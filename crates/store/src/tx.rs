//! A transaction as operations see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Backend, Error, Row, Sql, Value, postgres, sqlite};

/// A transaction. An operation gets one, issues statements and returns; committing and rolling back are not its business.
///
/// After a statement has failed the transaction can only roll back, on both engines: every further statement returns the
/// same error, and the operation fails even if it returns `Ok`. What may be there already is inserted with
/// `ON CONFLICT DO NOTHING`, which is not a failure.
pub struct Tx {
    session: Session,
    failure: Option<Error>,
}

/// How many rows queued statements changed: known once their transaction is committed, and not before.
#[derive(Clone, Debug, Default)]
pub struct Changed(Arc<AtomicU64>);

impl Changed {
    /// Whether they changed any.
    #[must_use]
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn add(&self, rows: u64) {
        self.0.fetch_add(rows, Ordering::Relaxed);
    }
}

/// One engine's connection with a transaction open.
pub(crate) enum Session {
    Sqlite(sqlite::Session),
    Postgres(postgres::Session),
}

impl Tx {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, failure: None }
    }

    /// The engine that executes the statements.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.session {
            Session::Sqlite(_) => Backend::Sqlite,
            Session::Postgres(_) => Backend::Postgres,
        }
    }

    /// Executes a statement that returns no rows, and says how many it changed.
    ///
    /// # Errors
    /// [`Error::Constraint`] if the schema does not allow it; others if the engine cannot or will not.
    pub async fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, Error> {
        self.usable(sql, params)?;
        let changed = match &mut self.session {
            Session::Sqlite(session) => session.execute(sql, params),
            Session::Postgres(session) => session.execute(sql, params).await,
        };
        self.noted(changed)
    }

    /// Executes the same statement for each of several sets of parameters, and says how many rows they changed
    /// together. On `PostgreSQL` they travel in one go.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute); nothing after the one that failed is done.
    pub async fn execute_many(&mut self, sql: &'static Sql, sets: &[Vec<Value>]) -> Result<u64, Error> {
        sets.iter().try_for_each(|params| self.usable(sql, params))?;
        let changed = match &mut self.session {
            Session::Sqlite(session) => sets.iter().map(|params| session.execute(sql, params)).sum(),
            Session::Postgres(session) => session.execute_many(sql, sets).await,
        };
        self.noted(changed)
    }

    /// Executes a statement that returns no rows and whose outcome nobody waits for. On `PostgreSQL` it travels with the
    /// next statement, at the latest with the commit; if it fails, that one does, or the commit.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute).
    pub async fn queue(&mut self, sql: &'static Sql, params: &[Value]) -> Result<(), Error> {
        self.queue_counted(sql, params, &Changed::default()).await
    }

    /// The same, for a statement whose outcome is asked for after the commit: `changed` counts its rows.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute).
    pub async fn queue_counted(&mut self, sql: &'static Sql, params: &[Value], changed: &Changed) -> Result<(), Error> {
        self.usable(sql, params)?;
        let queued = match &mut self.session {
            Session::Sqlite(session) => session.execute(sql, params).map(|rows| changed.add(rows)),
            Session::Postgres(session) => session.queue(sql, params, changed).await,
        };
        self.noted(queued)
    }

    /// The rows of several statements, of each in turn. On `PostgreSQL` they travel in one go.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute).
    pub async fn query_all<const N: usize>(
        &mut self,
        queries: [(&'static Sql, &[Value]); N],
    ) -> Result<[Vec<Row>; N], Error> {
        queries.iter().try_for_each(|(sql, params)| self.usable(sql, params))?;
        let rows = match &mut self.session {
            Session::Sqlite(session) => queries.iter().map(|(sql, params)| session.query(sql, params)).collect(),
            Session::Postgres(session) => session.query_all(&queries).await,
        };
        let rows: Vec<Vec<Row>> = self.noted(rows)?;
        rows.try_into().map_err(|_| Error::Closed)
    }

    /// All rows a statement returns.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute).
    pub async fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, Error> {
        self.usable(sql, params)?;
        let rows = match &mut self.session {
            Session::Sqlite(session) => session.query(sql, params),
            Session::Postgres(session) => session.query(sql, params).await,
        };
        self.noted(rows)
    }

    /// The row a statement returns, if it does.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute), and [`Error::Rows`] if there are several.
    pub async fn query_opt(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Option<Row>, Error> {
        let mut rows = self.query(sql, params).await?;
        if rows.len() > 1 {
            return Err(unexpected(sql, "one row at most", rows.len()));
        }
        Ok(rows.pop())
    }

    /// The one row a statement returns.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute), and [`Error::Rows`] if there is not exactly one.
    pub async fn query_one(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Row, Error> {
        let row = self.query_opt(sql, params).await?;
        row.ok_or_else(|| unexpected(sql, "one row", 0))
    }

    /// Prepares a statement and says what it takes and gives.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn describe(&mut self, sql: &'static Sql) -> Result<Description, Error> {
        match &mut self.session {
            Session::Sqlite(session) => session.describe(sql),
            Session::Postgres(session) => session.describe(sql).await,
        }
    }

    /// The statement failure that makes the transaction unusable.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    pub(crate) fn forget_failure(&mut self) {
        self.failure = None;
    }

    pub(crate) fn sqlite(&self) -> Option<&sqlite::Session> {
        if let Session::Sqlite(session) = &self.session { Some(session) } else { None }
    }

    pub(crate) fn sqlite_mut(&mut self) -> Option<&mut sqlite::Session> {
        if let Session::Sqlite(session) = &mut self.session { Some(session) } else { None }
    }

    pub(crate) fn postgres_mut(&mut self) -> Option<&mut postgres::Session> {
        if let Session::Postgres(session) = &mut self.session { Some(session) } else { None }
    }

    /// `PostgreSQL` cannot store the character 0, so `SQLite` does not either.
    fn usable(&self, sql: &Sql, params: &[Value]) -> Result<(), Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        match params.iter().find(|param| matches!(param, Value::Text(text) if text.contains('\0'))) {
            Some(_) => Err(Error::statement(sql.name(), "was given a text with the character 0")),
            None => Ok(()),
        }
    }

    fn noted<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        self.failure = outcome.as_ref().err().cloned();
        outcome
    }
}

/// What a statement takes and gives, which is to be the same on both engines.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) parameters: usize,
    pub(crate) columns: Vec<String>,
}

fn unexpected(sql: &Sql, expected: &'static str, found: usize) -> Error {
    Error::Rows { statement: sql.name().to_owned(), expected, found }
}
