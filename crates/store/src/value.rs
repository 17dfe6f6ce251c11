//! Values that go into statements and come out of rows: the few types both engines share.

use bytes::Bytes;

/// One value of a row, or one parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// Nothing.
    Null,
    /// BIGINT; instants are microseconds since 1970.
    Int(i64),
    /// TEXT.
    Text(String),
    /// BOOLEAN; SQLite gives it back as 0 or 1, which reads as either.
    Bool(bool),
    /// `{bytes}`: shared, as they may be many.
    Bytes(Bytes),
}

impl Value {
    /// The list of numbers that `{ints $N}` in a statement stands for.
    pub fn ints<'a>(items: impl IntoIterator<Item = &'a i64>) -> Self {
        Self::Text(items.into_iter().copied().collect::<serde_json::Value>().to_string())
    }

    /// The list of texts that `{texts $N}` in a statement stands for.
    pub fn texts<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::Text(items.into_iter().map(|item| item.as_ref().to_owned()).collect::<serde_json::Value>().to_string())
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a number",
            Self::Text(_) => "a text",
            Self::Bool(_) => "a truth value",
            Self::Bytes(_) => "bytes",
        }
    }
}

/// What can be a parameter. Implemented by the crate that owns a type: ids, phone numbers and the like.
pub trait ToValue {
    /// The value to store.
    fn to_value(&self) -> Value;
}

/// What can be read from a column.
pub trait FromValue: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with the value, as the end of a sentence that begins with the column's name.
    fn from_value(value: &Value) -> Result<Self, String>;
}

/// The parameters of a statement, in the order of `$1`, `$2`, …
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::ToValue::to_value(&$value)),*] as &[$crate::Value]
    };
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self, String> {
        if *value == Value::Null { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl FromValue for Value {
    fn from_value(value: &Value) -> Result<Self, String> {
        Ok(value.clone())
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Bytes(Bytes::copy_from_slice(self))
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}

impl ToValue for Bytes {
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Result<Self, String> {
        if let Value::Text(text) = value { Ok(text.clone()) } else { Err(wanted("a text", value)) }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bool(flag) => Ok(*flag),
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            Value::Null | Value::Int(_) | Value::Text(_) | Value::Bytes(_) => Err(wanted("a truth value", value)),
        }
    }
}

impl FromValue for Bytes {
    fn from_value(value: &Value) -> Result<Self, String> {
        if let Value::Bytes(bytes) = value { Ok(bytes.clone()) } else { Err(wanted("bytes", value)) }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: &Value) -> Result<Self, String> {
        let Value::Bytes(bytes) = value else { return Err(wanted("bytes", value)) };
        bytes.as_ref().try_into().map_err(|_| format!("expected {N} bytes, found {}", bytes.len()))
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Int(number) => Ok(*number),
            Value::Bool(flag) => Ok(i64::from(*flag)),
            Value::Null | Value::Text(_) | Value::Bytes(_) => Err(wanted("a number", value)),
        }
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value {
        Value::Int(*self)
    }
}

/// Numbers that fit in 64 bits whatever they are, and are checked on the way back.
macro_rules! small_numbers {
    ($($number:ty),*) => {$(
        impl ToValue for $number {
            fn to_value(&self) -> Value {
                Value::Int(i64::from(*self))
            }
        }

        impl FromValue for $number {
            fn from_value(value: &Value) -> Result<Self, String> {
                let number = i64::from_value(value)?;
                Self::try_from(number).map_err(|_| format!("{number} is out of range"))
            }
        }
    )*};
}

small_numbers!(i8, u8, i16, u16, i32, u32);

pub(crate) fn wanted(what: &str, found: &Value) -> String {
    format!("expected {what}, found {}", found.kind())
}
