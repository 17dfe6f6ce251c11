//! Texts to whoever joins the list, and to those on it about their own page.

use super::Voice;
use crate::segments::fitting;

/// What stands for a code where it is not to be read.
pub const MASK: &str = "******";

impl Voice<'_> {
    /// Shows that a number is theirs. It is valid for so many minutes.
    #[must_use]
    pub fn code(&self, code: &str, minutes: i64) -> String {
        self.says([
            format!(
                "your code is {code}. It is valid for {minutes} minutes. If you did not ask for it, ignore this text."
            ),
            format!("your code is {code}, for {minutes} minutes. If you did not ask for it, ignore this."),
        ])
    }

    /// The manager has approved them.
    #[must_use]
    pub fn approved(&self, name: &str, link: &str) -> String {
        let (first, studio) = (name.split_whitespace().next().unwrap_or(name), self.studio);
        fitting([
            format!(
                "You're in, {first}. Save this number as {studio}. Connect a calendar and we only ask when you're free: {link}"
            ),
            format!(
                "You're in. Save this number as {studio}. Connect a calendar: we only ask when you're free: {link}"
            ),
            format!("{studio}: you're in. Your calendars: {link}"),
        ])
    }

    /// The link of their own page.
    #[must_use]
    pub fn page(&self, link: &str, days: i64) -> String {
        self.says([
            format!("your page: {link} Calendars, away dates, what we hold about you. The link works for {days} days."),
            format!("your page, for {days} days: {link}"),
        ])
    }

    /// Reply to JOIN of somebody whom the manager has not approved so far.
    #[must_use]
    pub fn waits(&self, manager: &str) -> String {
        self.says([
            format!("we have your request, nothing more to do. {manager} looks at it, and we text you then."),
            format!("we have your request. {manager} looks at it."),
        ])
    }

    /// Their Google account lets us in no more.
    #[must_use]
    pub fn calendar_lost(&self, link: &str) -> String {
        self.says([
            format!("we can no longer see your Google calendar, so we may ask when you are busy. Reconnect: {link}"),
            format!("we can't see your Google calendar any more. Reconnect: {link}"),
        ])
    }
}

/// To the manager: somebody wants to be on the list.
#[must_use]
pub fn wants_to_join(name: &str, plays: &[String], link: &str) -> String {
    let plays = plays.join(", ").replace('_', " ");
    fitting([
        format!("First Call: {name} ({plays}) wants to be on your call list. Approve or decline: {link}"),
        format!("First Call: {name} wants to be on your call list: {link}"),
        format!("First Call: somebody wants to be on your call list: {link}"),
    ])
}
