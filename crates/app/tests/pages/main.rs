//! The pages, asked for as browsers and programs ask for them: what they say in every state, their headers, and that
//! opening one changes nothing.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod acts;
mod desk;
mod events;
mod finding;
mod house;
mod inbox;
mod joining;
mod messages;
mod offers;
mod people;
mod phones;
mod roster;
mod settings;
mod sheet;
