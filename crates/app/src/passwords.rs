//! Passwords: which are taken, and how they are kept (argon2id, with what OWASP's Password Storage Cheat Sheet asks for at
//! least: 19 MiB, two passes, one lane).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Fewer characters are guessed too soon.
pub const SHORTEST: usize = 10;
/// More are no password.
const LONGEST: usize = 256;
/// So many are worked out at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// So many wait for that at the most.
const MOST_WAITING: u64 = 64;
/// The most used of those that are long enough, and what this program suggests.
const COMMON: &[&str] = &[
    "0123456789",
    "1234567890",
    "0987654321",
    "12345678910",
    "123456789a",
    "a123456789",
    "123456789q",
    "q123456789",
    "1111111111",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "qwerty12345",
    "qwerty123456",
    "qwertyuiop123",
    "asdfghjkl1",
    "asdfghjkl123",
    "zxcvbnm123",
    "abcdefghij",
    "abc1234567",
    "abcd123456",
    "abcde12345",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "password!1",
    "passw0rd123",
    "p@ssw0rd123",
    "p@ssword123",
    "mypassword",
    "mypassword1",
    "newpassword",
    "changeme12",
    "changeme123",
    "letmein123",
    "letmein1234",
    "welcome123",
    "welcome1234",
    "iloveyou12",
    "iloveyou123",
    "sunshine12",
    "sunshine123",
    "princess12",
    "princess123",
    "football12",
    "football123",
    "baseball12",
    "baseball123",
    "basketball",
    "superman12",
    "superman123",
    "charlie123",
    "michael123",
    "jennifer12",
    "administrator",
    "administrator1",
    "admin12345",
    "admin123456",
    "manager123",
    "manager1234",
    "trustno1234",
    "monkey1234",
    "dragon1234",
    "master1234",
    "shadow1234",
    "liverpool1",
    "chocolate1",
    "firstcall1",
    "firstcall12",
    "firstcall123",
    "first call",
    "musicstudio",
    "recording1",
    "recordingstudio",
    "studio1234",
    "correcthorsebatterystaple",
];

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// It is short.
    #[error("at least 10 characters, please")]
    Short,
    /// It is very long.
    #[error("at most 256 characters, please")]
    Long,
    /// It is among the first that are guessed.
    #[error("this one is among the first that are guessed")]
    Common,
    /// It is the name.
    #[error("the name is the first that is guessed")]
    Name,
}

/// Refuses what is guessed at once, for somebody of these names.
///
/// # Errors
/// Says why.
pub fn judge(password: &str, names: &[&str]) -> Result<(), Weak> {
    let (small, length) = (password.to_lowercase(), password.chars().count());
    if length < SHORTEST {
        return Err(Weak::Short);
    }
    if length > LONGEST {
        return Err(Weak::Long);
    }
    let mut letters = small.chars();
    let first = letters.next();
    if COMMON.contains(&small.as_str()) || letters.all(|letter| Some(letter) == first) {
        return Err(Weak::Common);
    }
    let same = |name: &&str| !name.trim().is_empty() && small.trim() == name.trim().to_lowercase();
    if names.iter().any(same) { Err(Weak::Name) } else { Ok(()) }
}

/// Why a password could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Too many wait.
    #[error("too many are signing in at this moment")]
    Busy,
    /// It cannot be worked out.
    #[error("the password could not be worked out: {0}")]
    Broken(String),
}

/// Where passwords are worked out: a few at a time, and never on the threads that answer requests.
#[derive(Clone)]
pub struct Passwords {
    seats: Arc<Semaphore>,
    waiting: Arc<AtomicU64>,
    checked: Arc<AtomicU64>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { seats: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::default(), checked: Arc::default() }
    }
}

impl Passwords {
    /// What is kept of a password: a PHC string.
    ///
    /// # Errors
    /// When too many wait, or it cannot be worked out.
    pub async fn hash(&self, password: &str) -> Result<String, Failure> {
        let password = password.to_owned();
        self.work(move || hashed(&password)).await
    }

    /// Whether a password is the one of which this is kept. Where nothing is kept, because nobody has that name, it takes
    /// as long and is not.
    ///
    /// # Errors
    /// When too many wait, or it cannot be worked out.
    pub async fn is_right(&self, password: &str, kept: Option<&str>) -> Result<bool, Failure> {
        static NOBODY: LazyLock<Result<String, Failure>> = LazyLock::new(|| hashed("nobody's"));
        self.checked.fetch_add(1, Ordering::Relaxed);
        let (password, kept) = (password.to_owned(), kept.map(str::to_owned));
        self.work(move || {
            let known = kept.is_some();
            let kept = match (&kept, &*NOBODY) {
                (Some(kept), _) => kept,
                (None, Ok(nobody)) => nobody,
                (None, Err(error)) => return Err(Failure::Broken(error.to_string())),
            };
            let kept = PasswordHash::new(kept).map_err(|error| Failure::Broken(error.to_string()))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &kept).is_ok() && known)
        })
        .await
    }

    /// How many passwords were looked at since the start.
    #[must_use]
    pub fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let _place = Place::take(&self.waiting).ok_or(Failure::Busy)?;
        let seat = Arc::clone(&self.seats).acquire_owned().await;
        let seat = seat.map_err(|error| Failure::Broken(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            // Held until it is worked out, also when nobody waits for it any more.
            let _seat = seat;
            job()
        });
        done.await.map_err(|error| Failure::Broken(error.to_string()))?
    }
}

/// A place among those who wait, given back when it is dropped.
struct Place(Arc<AtomicU64>);

impl Place {
    fn take(waiting: &Arc<AtomicU64>) -> Option<Self> {
        let place = Self(Arc::clone(waiting));
        (waiting.fetch_add(1, Ordering::Relaxed) < MOST_WAITING).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hashed(password: &str) -> Result<String, Failure> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|error| Failure::Broken(error.to_string()))?;
    // The crate's defaults are argon2id with what OWASP asks for; a test holds them.
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_at_once_is_not_taken() {
        for (password, why) in [
            ("short", Weak::Short),
            ("ninechars", Weak::Short),
            ("Password123", Weak::Common),
            ("zzzzzzzzzzzz", Weak::Common),
            ("Rosa Marchetti", Weak::Name),
            ("rosa@example.com", Weak::Name),
        ] {
            assert_eq!(judge(password, &["rosa marchetti", "Rosa@example.com"]), Err(why), "{password}");
        }
        assert_eq!(judge(&"ab".repeat(200), &[]), Err(Weak::Long));
        assert_eq!(judge("four quiet rooms", &["rosa", ""]), Ok(()));
        assert_eq!(judge("ünïcödé-wörds", &[]), Ok(()));
        assert!(
            COMMON.iter().all(|one| judge(one, &[]) == Err(Weak::Common)),
            "each is long enough and in small letters"
        );
    }

    #[tokio::test]
    async fn a_password_is_kept_as_owasp_asks_and_known_again() {
        let passwords = Passwords::default();
        let kept = passwords.hash("four quiet rooms").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, passwords.hash("four quiet rooms").await.unwrap(), "each has a salt of its own");
        assert!(passwords.is_right("four quiet rooms", Some(&kept)).await.unwrap());
        assert!(!passwords.is_right("four quiet room", Some(&kept)).await.unwrap());
        assert!(!passwords.is_right("nobody's", None).await.unwrap(), "nobody has the password of nobody");
        assert_eq!(passwords.checked(), 3);
    }

    #[tokio::test]
    async fn whoever_comes_when_too_many_wait_is_sent_away() {
        let passwords = Passwords::default();
        passwords.waiting.store(MOST_WAITING, Ordering::Relaxed);
        assert!(matches!(passwords.hash("four quiet rooms").await, Err(Failure::Busy)));
        assert_eq!(
            passwords.waiting.load(Ordering::Relaxed),
            MOST_WAITING,
            "who was sent away gave no place back twice"
        );
    }
}
