//! The rules of a booking, pure: planning, ranking, calling, answers, wording.
//!
//! Nothing here reads a clock, draws a random number or waits. The one way to change a booking is [`step`]: it is given
//! the booking, what happened, the moment, the studio's [`policy::Policy`] and, where somebody may have to be asked, the
//! [`availability::Facts`]; it returns the booking as it is afterwards and what must be done about it.
//!
//! Read `booking` for the words, `step` for the way in, then `calling`, `answers` and `manage` for the decisions.

pub mod answers;
pub mod availability;
pub mod booking;
pub mod calling;
pub mod contact;
pub mod ids;
pub mod manage;
pub mod planning;
pub mod policy;
pub mod ranking;
pub mod reply;
pub mod roster;
pub mod segments;
pub mod span;
pub mod step;
pub mod wording;
