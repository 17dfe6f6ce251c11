//! What was asked of the program, and what it acknowledged.

use std::collections::{BTreeMap, BTreeSet};

/// Everything that was acknowledged about one booking.
#[derive(Debug)]
pub struct Account {
    pub booking: i64,
    /// The number of its mail.
    pub mail: u64,
    /// By the secret of the offer: what the last press on its page was told.
    pub heard: BTreeMap<String, Heard>,
    /// By the log's word for it: how often an act was acknowledged, and how often it was asked for.
    pub acts: BTreeMap<&'static str, (usize, usize)>,
}

/// What an offer's page said after a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Held, or confirmed.
    Yes,
    No,
    /// It came too late, or the musician is held elsewhere.
    Late,
    StandBy,
    /// A YES was taken back, or a chair given up.
    Out,
    /// They hold another chair of the session: nothing was recorded.
    Nothing,
    /// The program went away: anything may be true.
    Unknown,
}

/// The accounts of all bookings.
#[derive(Debug, Default)]
pub struct Ledger {
    pub bookings: BTreeMap<i64, Account>,
    /// What was used last and not looked at since.
    pub touched: Vec<i64>,
    /// How many mails were sent whose answer never came.
    unanswered: usize,
}

impl Ledger {
    /// A few accounts that somebody goes on with; nobody else may in the meantime.
    pub fn lend(&mut self) -> Vec<Account> {
        let last: Vec<i64> = self.bookings.keys().rev().take(8).copied().collect();
        last.iter().filter_map(|id| self.bookings.remove(id)).collect()
    }

    pub fn take_back(&mut self, (accounts, unanswered): (Vec<Account>, usize)) {
        self.unanswered += unanswered;
        self.touched = accounts.iter().map(|account| account.booking).collect();
        for account in accounts {
            let id = account.booking;
            assert!(self.bookings.insert(id, account).is_none(), "two mails were told of booking {id}");
        }
    }

    pub fn summary(&self) -> String {
        let heard = |what: Heard| self.bookings.values().flat_map(|a| a.heard.values()).filter(|h| **h == what).count();
        let acts: usize = self.bookings.values().flat_map(|account| account.acts.values()).map(|(done, _)| done).sum();
        let unknown = heard(Heard::Unknown) + self.unanswered;
        format!(
            "{} mails, {} YES, {} NO, {} late, {} standing by, {} taken back, {acts} acts; {unknown} without an answer",
            self.bookings.len(),
            heard(Heard::Yes),
            heard(Heard::No),
            heard(Heard::Late),
            heard(Heard::StandBy),
            heard(Heard::Out),
        )
    }

    /// That it was used at all.
    pub fn assert_used(&self) {
        let heard: BTreeSet<String> =
            self.bookings.values().flat_map(|a| a.heard.values()).map(|h| format!("{h:?}")).collect();
        let acts: BTreeSet<&str> = self.bookings.values().flat_map(|account| account.acts.keys().copied()).collect();
        let used = self.bookings.len() > 20 && heard.len() > 3 && acts.len() > 3;
        assert!(used, "the program was hardly used: {}", self.summary());
    }
}
