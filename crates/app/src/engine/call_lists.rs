//! The order of call lists, as somebody saw it and as they want it.

use super::Engine;
use crate::hash::sha256;
use firstcall_core::ids::MusicianId;
use firstcall_store::call_lists::{self, Beside};
use firstcall_store::{Error, Tx};

/// What became of a move in a call list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It was made.
    Done,
    /// The order was another one than whoever moved had seen: nothing was changed.
    Changed,
    /// There is nobody of this number in the list.
    Unknown,
}

/// Where somebody goes in a call list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before the one above.
    Up,
    /// Behind the one below.
    Down,
    /// Before everybody.
    Top,
    /// Beside somebody.
    To(Beside),
}

impl Engine {
    /// Moves somebody in a call list whose order `seen` stands for.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn move_in_list(
        &self,
        instrument: &str,
        who: MusicianId,
        step: Step,
        seen: &str,
    ) -> Result<Moved, Error> {
        let (instrument, seen) = (instrument.to_owned(), seen.to_owned());
        let op = async move |tx: &mut Tx| {
            let order = call_lists::lock(tx, &instrument).await?;
            if order_mark(&order) != seen {
                return Ok(Moved::Changed);
            }
            let Some(at) = order.iter().position(|id| *id == who) else { return Ok(Moved::Unknown) };
            let above = at.checked_sub(1).and_then(|at| order.get(at));
            let beside = match step {
                Step::Up => above.map(|id| Beside::Before(*id)),
                Step::Down => order.get(at + 1).map(|id| Beside::After(*id)),
                Step::Top => order.first().map(|id| Beside::Before(*id)),
                Step::To(beside) => Some(beside),
            };
            let Some(beside) = beside else { return Ok(Moved::Done) };
            let put = call_lists::put(tx, &instrument, who, beside).await?;
            Ok::<_, Error>(if put { Moved::Done } else { Moved::Unknown })
        };
        self.store().write(op).await
    }
}

/// What stands for an order: another one has another mark.
#[must_use]
pub fn order_mark(order: &[MusicianId]) -> String {
    let ids: Vec<u8> = order.iter().flat_map(|id| id.0.to_be_bytes()).collect();
    sha256(&[&ids]).chars().take(16).collect()
}
