//! Identities. Each is a type of its own, so that a chair can never be passed where an option is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A booking, as people say it: "#214".
    BookingId, i64
);
id!(
    /// A musician on the roster.
    MusicianId, i64
);
id!(
    /// An option of a booking, numbered from 1 in the order in which options are tried.
    OptionNo, u32
);
id!(
    /// A chair of a booking: its place in the booking's list of chairs, from 0.
    ChairNo, u16
);
id!(
    /// An offer of a booking, numbered from 1 in the order in which offers were made.
    OfferNo, u32
);
