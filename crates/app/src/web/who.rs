//! Who acts, in the log and in the record.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

/// A name of 40 characters fits, in any script.
const LONGEST: usize = 160;

/// The name of whoever acts. It is copied into every handler, so that it has no heap of its own.
#[derive(Clone, Copy)]
pub struct Who {
    letters: [u8; LONGEST],
    length: usize,
}

impl Who {
    /// Somebody at the desk who has no account.
    pub const DESK: Self = Self::short(b"desk");
    /// A program with one of `api.keys`.
    pub const API: Self = Self::short(b"api");

    const fn short(name: &[u8]) -> Self {
        let mut letters = [0; LONGEST];
        let mut at = 0;
        while at < name.len() {
            letters[at] = name[at];
            at += 1;
        }
        Self { letters, length: name.len() }
    }

    /// Somebody of this name. A longer one than accounts have is cut.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::short(&name.as_bytes()[..name.floor_char_boundary(LONGEST)])
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        std::str::from_utf8(&self.letters[..self.length]).unwrap_or_default()
    }
}

/// Whom a key of the interface stands for.
impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::API))
    }
}

impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Who({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_and_cut_between_letters() {
        for name in ["", "Rosa", "Rosa María Ñíguez", &"岡".repeat(40)] {
            assert_eq!(Who::named(name).name(), name);
        }
        assert_eq!(Who::named(&"岡".repeat(60)).name(), "岡".repeat(53));
        assert_eq!((Who::DESK.name(), Who::API.name()), ("desk", "api"));
    }
}
