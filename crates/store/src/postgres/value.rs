//! Values as the server sends and takes them.

use std::error::Error as StdError;

use bytes::{Bytes, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Column, Row};

use crate::{Error, Value};

type Failure = Box<dyn StdError + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => number.to_sql(kind, out),
            (Self::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(kind, out),
            (Self::Int(number), &Type::INT2) => i16::try_from(*number)?.to_sql(kind, out),
            (Self::Bool(flag), &Type::BOOL) => flag.to_sql(kind, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.as_ref().to_sql(kind, out),
            (Self::Text(text), kind) if is_text(kind) => text.to_sql(&Type::TEXT, out),
            _ => Err(format!("{} was given where {kind} is wanted", self.kind()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Whether it fits depends on the value.
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *kind {
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(kind, raw)?.into()),
            Type::BOOL => Self::Bool(bool::from_sql(kind, raw)?),
            Type::BYTEA => Self::Bytes(Bytes::copy_from_slice(raw)),
            _ => Self::Text(str::from_utf8(raw)?.to_owned()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        is_used(kind)
    }
}

/// The values of a row.
pub(super) fn read(row: &Row, columns: &[Column]) -> Result<Vec<Value>, Error> {
    let read = |(position, column): (usize, &Column)| {
        let unreadable = || format!("{} is not one of the types used: CAST it", column.type_());
        row.try_get(position).map_err(|error| {
            let reason = if is_used(column.type_()) { error.to_string() } else { unreadable() };
            Error::column(&column.name(), reason)
        })
    };
    columns.iter().enumerate().map(read).collect()
}

/// Whether values of this type can be given and read.
pub(super) fn is_used(kind: &Type) -> bool {
    is_text(kind) || matches!(*kind, Type::INT8 | Type::INT4 | Type::INT2 | Type::BOOL | Type::BYTEA)
}

fn is_text(kind: &Type) -> bool {
    matches!(*kind, Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN)
}
