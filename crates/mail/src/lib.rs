//! A booking mail's bytes to what is asked for, and what is doubtful in it.
//!
//! Pure: no clock, no I/O, no randomness. [`Message`] takes a mail apart, [`read`] says what it asks for.
//! What can be read in two ways is never guessed: it becomes a [`Problem`] that names one [`Field`].

mod context;
mod message;
mod reading;

pub use context::{Context, DateOrder, InstrumentName, Label, built_in_instruments};
pub use message::{Address, Fields, Message};
pub use reading::{Client, Count, Dropped, Field, Problem, Reading, Time};

/// Reads what a mail asks for.
#[must_use]
pub fn read(_message: &Message, _context: &Context) -> Reading {
    Reading::default()
}
