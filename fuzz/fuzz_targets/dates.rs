#![no_main]

#[path = "../checks/dates.rs"]
mod check;
#[path = "../checks/reading.rs"]
mod reading;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::holds(bytes));
