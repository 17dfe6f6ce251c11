//! A stretch of time, half-open: a session that ends at eleven leaves eleven o'clock free (rule 2.1).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// From `start` up to, and not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first instant inside.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

impl Span {
    /// A span from `start` that lasts `length`. Lengths that leave the calendar end at its edge.
    #[must_use]
    pub fn new(start: Timestamp, length: SignedDuration) -> Self {
        Self { start, end: start.saturating_add(length).unwrap_or(Timestamp::MAX) }
    }

    /// Whether the two share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The span with `gap` added on both sides.
    #[must_use]
    pub fn widened(&self, gap: SignedDuration) -> Self {
        Self {
            start: self.start.saturating_sub(gap).unwrap_or(Timestamp::MIN),
            end: self.end.saturating_add(gap).unwrap_or(Timestamp::MAX),
        }
    }

    /// The shortest span that has all of `spans` in it; none without any.
    #[must_use]
    pub fn around(spans: &[Self]) -> Option<Self> {
        spans.iter().copied().reduce(|all, one| Self { start: all.start.min(one.start), end: all.end.max(one.end) })
    }

    /// How long it lasts.
    #[must_use]
    pub fn length(&self) -> SignedDuration {
        self.start.duration_until(self.end)
    }
}
