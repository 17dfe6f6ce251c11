//! Chairs: what a booking needs filled.

use serde::{Deserialize, Serialize};

/// One seat to fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chair {
    /// What is played there, in snake case.
    pub instrument: String,
    /// Counted from 1 where a booking has several of an instrument; absent where it has one.
    pub number: Option<u16>,
}

impl Chair {
    /// The chairs for counted instruments, in the order given.
    #[must_use]
    pub fn list<'a>(instruments: impl IntoIterator<Item = (&'a str, u16)>) -> Vec<Self> {
        let mut chairs = Vec::new();
        for (instrument, count) in instruments {
            for number in 1..=count {
                let number = (count > 1).then_some(number);
                chairs.push(Self { instrument: instrument.to_owned(), number });
            }
        }
        chairs
    }

    /// As people say it: "violin 2".
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.instrument.replace('_', " ");
        match self.number {
            Some(number) => format!("{name} {number}"),
            None => name,
        }
    }
}
