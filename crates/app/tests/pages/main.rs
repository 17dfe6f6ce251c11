//! The pages, asked for as browsers and programs ask for them: what they say in every state, their headers, and that
//! opening one changes nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod house;
mod offers;
mod sheet;
