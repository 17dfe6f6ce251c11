//! A booking mail's bytes to what is asked for, and what is doubtful in it.
//!
//! Pure: no clock, no I/O, no randomness. [`Message`] takes a mail apart, [`read`] says what it asks for.
//! What can be read in two ways is never guessed: it becomes a [`Problem`] that names one [`Field`].
//!
//! A mail goes through these modules in this order: `message` (headers, decoded parts), `body` and `html` (lines),
//! `thread` (whose words they are), `labels` and `captions` (labelled answers and prose), then for each answer
//! `instruments`, `scan` and `schedule`, `zones`, `length`; `draft` gathers them, `request` compares the parts and has
//! `calendar` make instants of them.

mod body;
mod calendar;
mod captions;
mod client;
mod clocks;
mod context;
mod draft;
mod html;
mod instruments;
mod labels;
mod length;
mod machine;
mod message;
mod prose;
mod reading;
mod request;
mod scan;
mod schedule;
mod teachable;
mod text;
mod thread;
mod zone_tables;
mod zones;

pub use captions::{built_in_labels, plain_label};
pub use context::{Context, DateOrder, InstrumentName, Label, built_in_instruments};
pub use message::{Address, Fields, Message};
pub use reading::{Client, Count, Dropped, Field, Problem, Reading, Time};
pub use teachable::unknown_labels;

/// Reads what a mail asks for.
#[must_use]
pub fn read(message: &Message, context: &Context) -> Reading {
    request::read(message, context)
}
