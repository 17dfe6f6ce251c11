//! The settings as the rules read them.

use crate::settings::Settings;
use firstcall_core::policy::Policy;

impl Settings {
    /// What the studio has settled, for the rules.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            zone: self.studio.time_zone.clone(),
            opening_hours: self.studio.opening_hours.clone(),
            prime_hours: self.sessions.prime_hours,
            notice: self.sessions.notice,
            travel_gap: self.sessions.travel_gap,
            patience: self.calling.patience,
            ranking: self.calling.ranking,
            previous_offers: self.calling.previous_offers,
            after_no: self.calling.after_no,
            quiet_hours: self.calling.quiet_hours,
        }
    }
}
