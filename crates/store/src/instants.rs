//! Instants as the database keeps them: microseconds since 1970.

use crate::{Error, FromValue, Row, ToValue, Value};
use firstcall_core::ids::{BookingId, ChairNo, MusicianId, OfferNo, OptionNo};
use firstcall_core::span::Span;
use jiff::Timestamp;

/// The database's number for an instant.
#[must_use]
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of one of the database's numbers.
///
/// # Errors
/// When it lies outside the years -9999 to 9999.
pub fn instant(micros: i64) -> Result<Timestamp, String> {
    Timestamp::from_microsecond(micros).map_err(|_| format!("{micros} is not an instant"))
}

/// An instant in a row or a parameter.
#[derive(Clone, Copy, Debug)]
pub struct At(pub Timestamp);

impl ToValue for At {
    fn to_value(&self) -> Value {
        Value::Int(micros(self.0))
    }
}

impl FromValue for At {
    fn from_value(value: &Value) -> Result<Self, String> {
        i64::from_value(value).and_then(instant).map(Self)
    }
}

macro_rules! ids {
    ($($id:ident),*) => {$(
        impl ToValue for $id {
            fn to_value(&self) -> Value {
                Value::Int(self.0.into())
            }
        }
        impl FromValue for $id {
            fn from_value(value: &Value) -> Result<Self, String> {
                FromValue::from_value(value).map(Self)
            }
        }
    )*};
}

ids!(BookingId, MusicianId, OptionNo, ChairNo, OfferNo);

/// The span in a row's `starts_at` and `ends_at`.
pub(crate) fn span(row: &Row) -> Result<Span, Error> {
    let (At(start), At(end)) = (row.get("starts_at")?, row.get("ends_at")?);
    Ok(Span { start, end })
}
