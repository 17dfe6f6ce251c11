//! Every seed of the fuzzer and everything it ever found, held to the same as there, without a fuzzer.

#![allow(clippy::expect_used, reason = "a helper of tests may fail the test")]

use std::path::Path;

#[path = "../../../fuzz/checks/reply.rs"]
mod reply;

#[test]
fn text_messages_are_read_as_the_fuzzer_demands() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/reply");
    let mut seen = 0;
    for seed in std::fs::read_dir(seeds).expect("the seeds") {
        reply::holds(&std::fs::read(seed.expect("a seed").path()).expect("a seed that can be read"));
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} seeds");
}
