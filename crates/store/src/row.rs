//! A row that a statement returned, read by column name or number.

use std::sync::Arc;

use crate::value::wanted;
use crate::{Error, FromValue, Value};

/// The names of the columns, shared by the rows of one statement.
pub(crate) type Names = Arc<[Box<str>]>;

/// One row of a result.
#[derive(Debug, Clone)]
pub struct Row {
    names: Names,
    values: Vec<Value>,
}

impl Row {
    pub(crate) fn new(names: Names, values: Vec<Value>) -> Self {
        Self { names, values }
    }

    /// Reads a column, by its name or its number from 0.
    ///
    /// # Errors
    /// [`Error::Column`], which names the column, when it is absent or holds something else.
    pub fn get<T: FromValue>(&self, column: impl Column) -> Result<T, Error> {
        T::from_value(self.value(column)?).map_err(|reason| Error::column(&column, reason))
    }

    /// A text, where there is one, without a copy of it.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub fn text(&self, column: impl Column) -> Result<Option<&str>, Error> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other @ (Value::Int(_) | Value::Bool(_) | Value::Bytes(_)) => {
                Err(Error::column(&column, wanted("a text", other)))
            }
        }
    }

    fn value(&self, column: impl Column) -> Result<&Value, Error> {
        let found = column.position(&self.names).and_then(|position| self.values.get(position));
        found.ok_or_else(|| Error::column(&column, format!("absent from {}", self.names.join(", "))))
    }

    /// The names of the columns in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }
}

/// A column's name, or its number from 0.
pub trait Column: Copy + ToString {
    /// Where it is among these names.
    fn position(&self, names: &[Box<str>]) -> Option<usize>;
}

impl Column for &str {
    fn position(&self, names: &[Box<str>]) -> Option<usize> {
        names.iter().position(|name| **name == **self)
    }
}

impl Column for usize {
    fn position(&self, _: &[Box<str>]) -> Option<usize> {
        Some(*self)
    }
}
