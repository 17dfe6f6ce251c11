//! Every seed of the fuzzer and everything it ever found, held to the same as there, without a fuzzer.

#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests may fail the test")]

use std::path::Path;

#[path = "../../../fuzz/checks/csv.rs"]
mod csv;
#[path = "../../../fuzz/checks/intake.rs"]
mod intake;

fn each_in(seeds: &str, holds: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(seeds);
    let mut seen = 0;
    for seed in std::fs::read_dir(folder).expect("the seeds") {
        let path = seed.expect("a seed").path();
        println!("{}", path.display());
        holds(&std::fs::read(&path).expect("a seed that can be read"));
        seen += 1;
    }
    seen
}

#[test]
fn files_of_musicians_are_read_as_the_fuzzer_demands() {
    assert!(each_in("csv", csv::holds) >= 9);
}

#[test]
fn posted_mails_are_decoded_as_the_fuzzer_demands() {
    assert!(each_in("intake", intake::holds) >= 14);
}
