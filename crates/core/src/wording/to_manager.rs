//! Texts to the manager.

use crate::ids::BookingId;

/// Texts to the manager. Each begins with the product's name and says what to do, with a link (rule 7.1).
#[derive(Clone, Copy, Debug)]
pub struct ToManager<'a> {
    /// Which booking.
    pub booking: BookingId,
    /// Its page.
    pub link: &'a str,
}

impl ToManager<'_> {
    fn says(&self, text: &str) -> String {
        format!("First Call: #{} {text}: {}", self.booking, self.link)
    }

    /// No time is possible.
    #[must_use]
    pub fn no_times(&self, closest: &str) -> String {
        self.says(&format!("has no possible time. {closest} Add people or times. See why"))
    }

    /// Everybody was asked.
    #[must_use]
    pub fn exhausted(&self, who_said_what: &str) -> String {
        self.says(&format!("needs you: nobody is left to ask. {who_said_what} Add players or change the time"))
    }

    /// The session is on.
    #[must_use]
    pub fn booked(&self, when: &str, chairs: usize) -> String {
        format!("First Call: #{} is booked. {when}, {chairs} of {chairs} chairs. {}", self.booking, self.link)
    }

    /// Somebody gave up a booked chair.
    #[must_use]
    pub fn dropped_out(&self, name: &str, chair: &str, when: &str, others_are_asked: bool) -> String {
        let next = if others_are_asked { "Others are asked, if there are any" } else { "It is too late to ask others" };
        self.says(&format!("{name} ({chair}) is out of {when}. {next}. See who"))
    }

    /// Nobody steps in.
    #[must_use]
    pub fn nobody_steps_in(&self, chair: &str) -> String {
        self.says(&format!("needs you. Nobody is left to step in for {chair}. Fill it by hand or move it"))
    }

    /// The times have passed.
    #[must_use]
    pub fn expired(&self) -> String {
        self.says("has expired: its times have passed and it was not filled. Tell the client")
    }

    /// Still paused.
    #[must_use]
    pub fn still_paused(&self) -> String {
        self.says("is still paused. Resume or cancel it")
    }

    /// A text did not arrive.
    #[must_use]
    pub fn undeliverable(&self, name: &str) -> String {
        self.says(&format!("could not text {name}. Check their number"))
    }

    /// A holder opted out.
    #[must_use]
    pub fn holder_opted_out(&self, name: &str, chair: &str) -> String {
        self.says(&format!("{name} holds {chair} but gets no more texts. Please call them"))
    }
}
