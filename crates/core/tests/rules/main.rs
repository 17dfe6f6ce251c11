//! The rules, as stories: every clause that core decides has a test that names its number.
//!
//! `studio` is the fixture, `invariants` what it checks after every single step of every story. Then one file for each
//! slice, `walk` for random bookings that compete, `optimal` for planning against brute force, `ranks` and
//! `clocks` for the order of musicians and for every zone, `words` for what texts say,
//! `segments` for how long they are and `replies` for how texts are read.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod booked;
#[cfg(test)]
mod calling;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod manager;
#[cfg(test)]
mod optimal;
#[cfg(test)]
mod planning;
#[cfg(test)]
mod ranks;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod segments;
#[cfg(test)]
mod studio;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod words;
