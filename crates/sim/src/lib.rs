//! The simulator: the real core, engine and store under one seed.
//!
//! A seed gives a `story`, `world` and `play` let it happen, with a `network` that fails in every way that networks
//! do and a `process` that ends, or stands still, at any commit; `loops` is what it does by itself, `musicians` and
//! `manager` what people do, also `meanwhile`. After every step `checks` looks for what must never happen (rule 8),
//! and `agreement` compares every booking with `model`, a second, naive reading of the rules. `run` plays many, and
//! makes short what failed; `probes` says which rare paths it reached.

pub mod agreement;
pub mod checks;
mod loops;
mod manager;
pub mod meanwhile;
pub mod model;
mod musicians;
pub mod network;
pub mod play;
pub mod probes;
pub mod process;
pub mod run;
pub mod story;
pub mod studio;
pub mod world;
