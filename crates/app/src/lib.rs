//! First Call: the program around the rules. What decides is in `firstcall-core`; here it is set up, fed and carried
//! out.

pub mod cli;
pub mod reading;
pub mod roster_csv;
pub mod settings;
