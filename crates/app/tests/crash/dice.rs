//! Random numbers that can be had again.

use std::hash::{BuildHasher, RandomState};

/// A generator (`SplitMix64`).
pub struct Dice(u64);

/// A seed that nobody chose.
pub fn any_seed() -> u64 {
    RandomState::new().hash_one("a seed") >> 32
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One for somebody else, whose rolls do not change these.
    pub fn split(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, and not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of so many things.
    pub fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).expect("an index")
    }
}
