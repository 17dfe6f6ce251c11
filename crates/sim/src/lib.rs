//! The simulator as a library: the reference model.

pub mod model;
