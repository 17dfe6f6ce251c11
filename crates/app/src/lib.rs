//! First Call: the program around the rules. What decides is in `firstcall-core`; here it is set up, fed and carried
//! out.

pub mod carriers;
pub mod cli;
pub mod clock;
pub mod doctor;
pub mod email;
pub mod engine;
pub mod hash;
pub mod inbound;
pub mod one_time_code;
pub mod passwords;
pub mod reading;
pub mod roster_csv;
pub mod seal;
pub mod settings;
pub mod sources;
pub mod token;
pub mod web;
pub mod worker;
