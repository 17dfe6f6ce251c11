#![no_main]

#[path = "../checks/calendar.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::holds(bytes));
