//! A story: a studio, and what happens in it, move by move. A seed gives a story; a story without some of its moves is a
//! story too, which is how a failure is made short.

use fastrand::Rng;

/// What a seed gives.
#[derive(Clone, Debug)]
pub struct Story {
    /// Where it came from.
    pub seed: u64,
    /// Which settings the studio begins with.
    pub settings: usize,
    /// On which of the days it begins.
    pub day: usize,
    /// What happens, in order.
    pub moves: Vec<Move>,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub struct Move {
    /// This many minutes after the one before it.
    pub after: i64,
    /// What.
    pub what: What,
    /// Settles everything that the kind leaves open: who, which, what the network does with it.
    pub luck: u64,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The manager types in a booking.
    Books,
    /// A booking mail comes, or comes again.
    Mails,
    /// Somebody presses a button on the page of a text that they got.
    Presses,
    /// Somebody opens a page, as previews and scanners do.
    Opens,
    /// Somebody answers by text.
    Texts,
    /// The manager answers for somebody.
    AnswersFor,
    /// The manager acts on a booking.
    Acts,
    /// The manager changes the roster.
    Edits,
    /// The manager closes the studio for a time, or opens it again.
    Closes,
    /// The settings are changed, for which the program is started again.
    Settles,
    /// The clock is set.
    SetsClock,
    /// The process ends at one of its next commits, and is away for a while or not at all.
    Crashes,
    /// Somebody else acts while the next thing that is asked for stands between two commits.
    Meanwhile,
    /// The process ends, and is started again a while later.
    IsDown,
}

impl Story {
    /// The story of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let (settings, day) = (rng.usize(..), rng.usize(..));
        let mut moves = vec![Move { after: 0, what: What::Books, luck: rng.u64(..) }];
        let calm = rng.bool();
        for _ in 0..rng.usize(8..70) {
            moves.push(Move { after: pause(&mut rng), what: kind(&mut rng, calm), luck: rng.u64(..) });
        }
        Self { seed, settings, day, moves }
    }

    /// The same story without some of its moves; the time that they took passes all the same.
    #[must_use]
    pub fn without(&self, from: usize, count: usize) -> Self {
        let mut moves = self.moves.clone();
        let gone: i64 = moves.drain(from..(from + count).min(self.moves.len())).map(|gone| gone.after).sum();
        if let Some(next) = moves.get_mut(from) {
            next.after += gone;
        }
        Self { moves, ..self.clone() }
    }
}

/// Mostly the pace of people with a phone, sometimes at once, sometimes a night.
fn pause(rng: &mut Rng) -> i64 {
    match rng.u8(..16) {
        0..4 => 0,
        4..11 => rng.i64(1..45),
        11..15 => rng.i64(45..130),
        _ => rng.i64(130..900),
    }
}

fn kind(rng: &mut Rng, calm: bool) -> What {
    match rng.u8(..100) {
        0..5 => What::Books,
        5..8 => What::Mails,
        8..38 => What::Presses,
        38 => What::Opens,
        39 => What::Closes,
        40..58 => What::Texts,
        58..61 => What::AnswersFor,
        61..77 => What::Acts,
        77..83 => What::Edits,
        83..86 => What::Meanwhile,
        _ if calm => What::Presses,
        86..88 => What::Settles,
        88..90 => What::SetsClock,
        90..98 => What::Crashes,
        _ => What::IsDown,
    }
}
