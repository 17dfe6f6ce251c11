//! Seeds that once found something, by the name of what they found; and what a seed promises.

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

/// The manager is told when a session is complete again by an offer that was out before.
#[test]
fn a_session_that_is_complete_again_is_told() {
    as_it_should_be(9, Place::Memory);
}

/// A chair's last new musician cannot be reached: the next option is called at once.
#[test]
fn nobody_left_for_a_chair_calls_the_next_option() {
    as_it_should_be(1, Place::Memory);
}

/// A text that has to wait for the end of quiet hours moves its booking's deadline.
#[test]
fn a_postponed_text_moves_the_deadline() {
    as_it_should_be(201, Place::Memory);
}

/// A paused booking ends when the last of its times has passed.
#[test]
fn a_paused_booking_expires() {
    as_it_should_be(43, Place::Memory);
}

/// Under other rules the deadline is another.
#[test]
fn other_rules_move_deadlines() {
    as_it_should_be(39, Place::Memory);
}

/// Nobody stands by for a session that is over.
#[test]
fn nobody_stands_by_for_what_is_over() {
    as_it_should_be(324, Place::Memory);
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
