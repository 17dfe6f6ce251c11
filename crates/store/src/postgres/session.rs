//! Statements on one connection to the server, inside a transaction.

use std::io;

use deadpool_postgres::{Object, Pool};
use futures_util::future::{join, join_all};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use super::pool::{connection, described};
use super::value;
use crate::error::{FOREIGN_KEY, RAISED, not_null_name};
use crate::{Backend, Changed, Error, Row, Sql, Value};

pub(super) const COMMIT: &str = "COMMIT";

/// What a transaction is for.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Write,
    Read,
}

/// A connection with a transaction open. Dropped before its end, it takes the connection with it.
pub(crate) struct Session {
    client: Option<Object>,
    /// How the transaction begins; it travels with the first statement.
    begin: Option<&'static str>,
    /// What travels with the next statement.
    queued: Vec<Queued>,
}

/// A statement whose outcome nobody waits for; at most, how many rows it changed is asked for after the commit.
struct Queued {
    sql: &'static Sql,
    statement: Statement,
    params: Vec<Value>,
    changed: Changed,
}

impl Session {
    pub(crate) async fn begin(pool: &Pool, kind: Kind) -> Result<Self, Error> {
        let begin = match kind {
            Kind::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Kind::Write => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        Ok(Self { client: Some(connection(pool).await?), begin: Some(begin), queued: Vec::new() })
    }

    /// Commits, with what is queued, or rolls back; the connection goes back to the pool if the server agreed.
    pub(crate) async fn end(&mut self, how: &'static str) -> Result<(), Error> {
        let mut queued = std::mem::take(&mut self.queued);
        queued.retain(|_| how == COMMIT);
        if self.begin.take().is_some() {
            drop(self.client.take());
            return Ok(());
        }
        let client = self.client()?;
        let (done, ended) = join(in_turn(client, &queued), client.batch_execute(how)).await;
        ended.map_err(|error| ended_badly(how, &error))?;
        drop(self.client.take());
        // When the server has refused a statement, it has agreed to roll back, whatever it was told.
        done
    }

    pub(crate) async fn queue(&mut self, sql: &'static Sql, params: &[Value], changed: &Changed) -> Result<(), Error> {
        let statement = self.prepare_change(sql, params.len()).await?;
        self.begun().await?;
        self.queued.push(Queued { sql, statement, params: params.to_vec(), changed: changed.clone() });
        Ok(())
    }

    pub(crate) async fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, Error> {
        let statement = self.prepare_change(sql, params.len()).await?;
        self.begun().await?;
        let params = references(params);
        let queued = std::mem::take(&mut self.queued);
        let client = self.client()?;
        let (done, changed) = join(in_turn(client, &queued), client.execute(&statement, &params)).await;
        done?;
        changed.map_err(|error| failed(sql.name(), &error))
    }

    pub(crate) async fn execute_many(&mut self, sql: &'static Sql, sets: &[Vec<Value>]) -> Result<u64, Error> {
        let Some(first) = sets.first() else { return Ok(0) };
        let statement = self.prepare_change(sql, first.len()).await?;
        if let Some(odd) = sets.iter().find(|params| params.len() != first.len()) {
            return Err(miscounted(sql, first.len(), odd.len()));
        }
        self.begun().await?;
        let queued = std::mem::take(&mut self.queued);
        let client = self.client()?;
        let sets: Vec<_> = sets.iter().map(|params| references(params)).collect();
        let executions = join_all(sets.iter().map(|params| client.execute(&statement, params)));
        let (done, changed) = join(in_turn(client, &queued), executions).await;
        done?;
        changed.into_iter().sum::<Result<u64, _>>().map_err(|error| failed(sql.name(), &error))
    }

    pub(crate) async fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, Error> {
        Ok(self.query_all(&[(sql, params)]).await?.pop().unwrap_or_default())
    }

    pub(crate) async fn query_all(&mut self, queries: &[(&'static Sql, &[Value])]) -> Result<Vec<Vec<Row>>, Error> {
        let mut prepared = Vec::with_capacity(queries.len());
        for (sql, params) in queries {
            prepared.push((*sql, self.prepare(sql, params.len()).await?, references(params)));
        }
        if queries.first().is_some_and(|(sql, _)| !sql.text().starts_with("SELECT")) {
            self.begun().await?;
        }
        let (first, queued) = (self.begin.take(), std::mem::take(&mut self.queued));
        let client = self.client()?;
        let begin = async { if let Some(first) = first { client.batch_execute(first).await } else { Ok(()) } };
        let asked = join_all(prepared.iter().map(|(_, statement, params)| client.query(statement, params)));
        let (opened, (done, answered)) = join(begin, join(in_turn(client, &queued), asked)).await;
        opened.map_err(|error| failed("BEGIN", &error))?;
        done?;
        let mut all = Vec::with_capacity(queries.len());
        for ((sql, statement, _), rows) in prepared.iter().zip(answered) {
            let rows = rows.map_err(|error| failed(sql.name(), &error))?;
            let columns = statement.columns();
            let names = sql.form(Backend::Postgres)?.names(columns.len(), |column| columns[column].name());
            let read = |row| value::read(&row, columns).map(|values| Row::new(names.clone(), values));
            all.push(rows.into_iter().map(read).collect::<Result<_, _>>()?);
        }
        Ok(all)
    }

    /// A statement that changes something waits for the beginning: were it refused, the statement would be on its own.
    async fn begun(&mut self) -> Result<(), Error> {
        let Some(begin) = self.begin.take() else { return Ok(()) };
        self.client()?.batch_execute(begin).await.map_err(|error| failed("BEGIN", &error))
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn describe(&self, sql: &'static Sql) -> Result<crate::tx::Description, Error> {
        let text = &sql.form(Backend::Postgres)?.text;
        let statement = self.client()?.prepare(text).await.map_err(|error| failed(sql.name(), &error))?;
        if let Some(odd) = statement.params().iter().find(|kind| !value::is_used(kind)) {
            return Err(Error::statement(sql.name(), format!("has a parameter of type {odd}: CAST it")));
        }
        if let Some(odd) = statement.columns().iter().find(|column| !value::is_used(column.type_())) {
            return Err(Error::statement(sql.name(), format!("column {} is {}: CAST it", odd.name(), odd.type_())));
        }
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        Ok(crate::tx::Description { parameters: statement.params().len(), columns })
    }

    async fn prepare_change(&self, sql: &'static Sql, params: usize) -> Result<Statement, Error> {
        let statement = self.prepare(sql, params).await?;
        if statement.columns().is_empty() {
            Ok(statement)
        } else {
            Err(Error::statement(sql.name(), "returns rows: use query"))
        }
    }

    async fn prepare(&self, sql: &'static Sql, params: usize) -> Result<Statement, Error> {
        let Some(client) = &self.client else { return Err(Error::Closed) };
        let text = &sql.form(Backend::Postgres)?.text;
        let statement = client.prepare_cached(text).await.map_err(|error| failed(sql.name(), &error))?;
        let expected = statement.params().len();
        if expected == params { Ok(statement) } else { Err(miscounted(sql, expected, params)) }
    }

    fn client(&self) -> Result<&Client, Error> {
        self.client.as_ref().map(|client| -> &Client { client }).ok_or(Error::Closed)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

/// Executes what is queued; the first error counts.
async fn in_turn(client: &Client, queued: &[Queued]) -> Result<(), Error> {
    let executions = queued.iter().map(async |Queued { sql, statement, params, changed }| {
        let done = client.execute(statement, &references(params)).await;
        done.map(|rows| changed.add(rows)).map_err(|error| failed(sql.name(), &error))
    });
    join_all(executions).await.into_iter().collect()
}

fn references(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| -> &(dyn ToSql + Sync) { param }).collect()
}

fn miscounted(sql: &Sql, expected: usize, given: usize) -> Error {
    Error::statement(sql.name(), format!("has {expected} parameters, was given {given}"))
}

/// What an error means for the caller.
pub(crate) fn failed(statement: &str, error: &tokio_postgres::Error) -> Error {
    if let Some(error) = error.as_db_error() {
        return violated(error).map_or_else(|| refused(statement, error), Error::constraint_named);
    }
    let cause = std::error::Error::source(error);
    if error.is_closed() || cause.is_some_and(<dyn std::error::Error>::is::<io::Error>) {
        return Error::Connection(described(error));
    }
    Error::statement(statement, described(error))
}

/// If the server did not answer, only it knows what became of a commit.
fn ended_badly(how: &'static str, error: &tokio_postgres::Error) -> Error {
    let error = failed(how, error);
    if let Error::Connection(message) = &error
        && how == COMMIT
    {
        return Error::InDoubt(message.clone());
    }
    error
}

fn violated(error: &DbError) -> Option<String> {
    if *error.code() == SqlState::NOT_NULL_VIOLATION {
        return Some(not_null_name(error.table()?, error.column()?));
    }
    if *error.code() == SqlState::FOREIGN_KEY_VIOLATION {
        return Some(FOREIGN_KEY.to_owned());
    }
    if error.code().code().starts_with("23") {
        return error.constraint().map(str::to_owned);
    }
    error.message().strip_prefix(RAISED).map(str::to_owned)
}

fn refused(statement: &str, error: &DbError) -> Error {
    let message = format!("{} ({})", error.message(), error.code().code());
    match error.code().code() {
        "40001" | "40P01" => Error::Contended(message),
        "25006" => Error::ReadOnly { statement: statement.to_owned() },
        "55P03" | "57014" => Error::Unavailable(message),
        // A statement prepared before a migration; a new connection prepares it anew.
        "0A000" if error.message().starts_with("cached plan") => Error::Connection(message),
        code if code.starts_with("53") || code.starts_with("58") => Error::Unavailable(message),
        code if code.starts_with("08") || code.starts_with("57P") => Error::Connection(message),
        _ => Error::statement(statement, message),
    }
}
