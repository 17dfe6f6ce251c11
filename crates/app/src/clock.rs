//! The time, as everything that is not pure is told it. The only place that asks the system.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tells the time: the system's, or one of its own that a demo or a test moves.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's.
    #[default]
    System,
    /// One that runs at its own speed.
    Own(Arc<Mutex<OwnTime>>),
}

/// A clock of its own: at `since` it showed `shown`, and since then it runs `speed` times as fast as the system's.
#[derive(Debug)]
pub struct OwnTime {
    shown: Timestamp,
    since: Instant,
    speed: u32,
}

impl Clock {
    /// A clock that shows `start` now and runs `speed` times as fast as the system's; 0 stands still.
    #[must_use]
    pub fn starting_at(start: Timestamp, speed: u32) -> Self {
        Self::Own(Arc::new(Mutex::new(OwnTime { shown: start, since: Instant::now(), speed })))
    }

    /// The moment, in whole microseconds, as the database keeps it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = match self {
            Self::System => Timestamp::now(),
            Self::Own(own) => own.lock().unwrap_or_else(PoisonError::into_inner).now(),
        };
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// How fast it runs.
    #[must_use]
    pub fn speed(&self) -> u32 {
        match self {
            Self::System => 1,
            Self::Own(own) => own.lock().unwrap_or_else(PoisonError::into_inner).speed,
        }
    }

    /// Lets a clock of its own run at another speed from now on. The system's takes no notice.
    pub fn set_speed(&self, speed: u32) {
        if let Self::Own(own) = self {
            let mut own = own.lock().unwrap_or_else(PoisonError::into_inner);
            *own = OwnTime { shown: own.now(), since: Instant::now(), speed };
        }
    }

    /// Sets a clock of its own to `moment`. The system's takes no notice.
    pub fn set(&self, moment: Timestamp) {
        if let Self::Own(own) = self {
            let mut own = own.lock().unwrap_or_else(PoisonError::into_inner);
            *own = OwnTime { shown: moment, since: Instant::now(), speed: own.speed };
        }
    }

    /// How long to wait, in the system's time, for `moment` to come; `longest` at most, because a clock can be set.
    #[must_use]
    pub fn wait_for(&self, moment: Option<Timestamp>, longest: Duration) -> Duration {
        let Some(moment) = moment else { return longest };
        let left = Duration::try_from(self.now().duration_until(moment)).unwrap_or(Duration::ZERO);
        match self.speed() {
            0 => longest,
            speed => (left / speed).min(longest),
        }
    }
}

impl OwnTime {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        passed
            .checked_mul(i32::try_from(self.speed).unwrap_or(i32::MAX))
            .and_then(|passed| self.shown.checked_add(passed).ok())
            .unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_of_its_own_goes_where_it_is_put() {
        let start: Timestamp = "2026-12-01T10:00:00Z".parse().unwrap();
        let clock = Clock::starting_at(start, 0);
        assert_eq!(clock.now(), start);
        let later = start + SignedDuration::from_hours(1);
        assert_eq!(clock.wait_for(Some(later), Duration::from_secs(1)), Duration::from_secs(1));
        clock.set(later);
        assert_eq!(clock.now(), later);
        clock.set_speed(3600);
        assert!(
            clock.wait_for(Some(later + SignedDuration::from_hours(1)), Duration::from_secs(9))
                <= Duration::from_secs(1)
        );
    }
}
