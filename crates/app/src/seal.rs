//! Seals what opens other people's calendars and what makes the codes of accounts, so that the database alone, or a copy of
//! it, opens none.

use crate::settings::Settings;
use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The seal of this installation.
pub struct Seal {
    key: OnceLock<LessSafeKey>,
    /// Where a key that nobody chose is kept.
    file: Option<PathBuf>,
}

impl Seal {
    /// The seal of the settings. A key is made as soon as one is needed.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let seal = Self { key: OnceLock::new(), file: None };
        if let Some(text) = &settings.calendars.key {
            seal.key.get_or_init(|| key(text.expose()));
            return seal;
        }
        let beside = settings.database.url.file().map(|file| {
            let mut name = file.as_os_str().to_owned();
            name.push(".key");
            PathBuf::from(name)
        });
        Self { file: beside, ..seal }
    }

    /// Seals a text (RFC 8439, section 2.8), with a nonce of its own.
    ///
    /// # Errors
    /// When there is no key, or none can be made: says what to do.
    pub fn seal(&self, text: &str) -> anyhow::Result<String> {
        let mut nonce = [0_u8; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|error| anyhow::anyhow!("the system has no randomness: {error}"))?;
        let mut sealed = text.as_bytes().to_vec();
        let done = self.key()?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed);
        done.map_err(|_| anyhow::anyhow!("it cannot be sealed"))?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// When it was sealed with another key, or changed.
    pub fn open(&self, sealed: &str) -> anyhow::Result<String> {
        const OTHER: &str = "it was sealed with another key: is calendars.key, or the file FILE.key beside the database, \
            the one of before?";
        let bytes = STANDARD_NO_PAD.decode(sealed).context(OTHER)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).context(OTHER)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| anyhow::anyhow!(OTHER))?;
        let mut sealed = sealed.to_vec();
        let text = self.key()?.open_in_place(nonce, Aad::empty(), &mut sealed).map_err(|_| anyhow::anyhow!(OTHER))?;
        Ok(String::from_utf8(text.to_vec())?)
    }

    fn key(&self) -> anyhow::Result<&LessSafeKey> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let file = self
            .file
            .as_ref()
            .context("calendars.key is not set: it seals what opens calendars, and what makes codes")?;
        let text =
            kept_in(file).with_context(|| format!("the key of calendars in {} cannot be used", file.display()))?;
        Ok(self.key.get_or_init(|| key(&text)))
    }
}

/// The key in a file that only its owner reads; made now, unless it is there.
fn kept_in(file: &PathBuf) -> anyhow::Result<String> {
    if file.as_os_str() == ":memory:.key" {
        return fresh();
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(mut made) => {
            let text = fresh()?;
            made.write_all(text.as_bytes())?;
            made.sync_all()?;
            Ok(text)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let text = std::fs::read_to_string(file)?.trim().to_owned();
            anyhow::ensure!(!text.is_empty(), "it is empty");
            Ok(text)
        }
        Err(error) => Err(error.into()),
    }
}

fn fresh() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system has no randomness: {error}"))?;
    Ok(STANDARD_NO_PAD.encode(bytes))
}

fn key(text: &str) -> LessSafeKey {
    let digest = Sha256::digest(text.as_bytes());
    #[expect(clippy::expect_used, reason = "the digest has the length of a key")]
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &digest).expect("a key has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Environment, Place, load};

    fn settings(url: &str, key: &str) -> Settings {
        let mut values = vec![("FIRSTCALL__DATABASE__URL", url)];
        values.extend(Some(("FIRSTCALL__CALENDARS__KEY", key)).filter(|_| !key.is_empty()));
        load(&Place::Nowhere, &values.into_iter().collect::<Environment>()).unwrap().settings
    }

    #[test]
    fn a_key_is_made_once_and_read_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(&format!("sqlite://{}", folder.path().join("a.db").display()), "");
        let sealed = Seal::new(&settings).seal("https://example.com/secret.ics").unwrap();
        assert!(!sealed.contains("example"));
        assert_eq!(Seal::new(&settings).open(&sealed).unwrap(), "https://example.com/secret.ics");
        let mode = std::fs::metadata(folder.path().join("a.db.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn another_key_opens_nothing_and_says_so() {
        let sealed = Seal::new(&settings("postgres://u@localhost/a", "one long text")).seal("secret").unwrap();
        let other = Seal::new(&settings("postgres://u@localhost/a", "another long text"));
        assert!(other.open(&sealed).unwrap_err().to_string().contains("another key"));
        assert!(other.open("nonsense").is_err());
        let none = Seal::new(&settings("postgres://u@localhost/a", ""));
        assert!(none.seal("secret").unwrap_err().to_string().contains("calendars.key is not set"));
    }
}
