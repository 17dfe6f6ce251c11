//! What a seed promises. What stories found is a test by the name of its rule, where that rule is decided: a seed's story
//! is another one as soon as stories are made differently.

#![allow(clippy::expect_used, clippy::panic, reason = "these fail as tests do")]

use firstcall_sim::run::play;
use firstcall_sim::story::Story;
use firstcall_store::testing::Place;

fn as_it_should_be(seed: u64, place: Place) {
    let ending = play(&Story::of(seed), place);
    if let Some(failure) = ending.failure {
        panic!("seed {seed}: {}\n{}", failure.0, ending.trace);
    }
}

#[test]
fn the_file_and_the_server_do_the_same() {
    as_it_should_be(4, Place::File);
    as_it_should_be(4, Place::Server);
}

/// The same seed, the same trace, byte for byte.
#[test]
fn a_seed_is_one_story() {
    let tell = |seed| play(&Story::of(seed), Place::Memory).trace;
    for seed in 20..22 {
        let trace = tell(seed);
        assert!(!trace.is_empty());
        assert_eq!(trace, tell(seed), "seed {seed}");
    }
}
