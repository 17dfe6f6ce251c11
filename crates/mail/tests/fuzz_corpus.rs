//! Every seed of the fuzzer and everything it ever found, held to the same as there, without a fuzzer.

#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests may fail the test")]

use std::path::Path;

#[path = "../../../fuzz/checks/dates.rs"]
mod dates;
#[path = "../../../fuzz/checks/mail.rs"]
mod mail;
#[path = "../../../fuzz/checks/reading.rs"]
mod reading;

fn each_in(folder: &str, holds: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut seen = 0;
    for file in files {
        let path = file.expect("a file").path();
        println!("{}", path.display());
        holds(&std::fs::read(&path).expect("a file that can be read"));
        seen += 1;
    }
    seen
}

#[test]
fn mails_are_read_as_the_fuzzer_demands() {
    assert!(each_in("tests/mails", mail::holds) >= 35);
    each_in("../../fuzz/seeds/mail", mail::holds);
}

#[test]
fn days_and_times_are_read_as_the_fuzzer_demands() {
    assert!(each_in("../../fuzz/seeds/dates", dates::holds) >= 50);
}
