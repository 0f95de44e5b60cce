//! The vault: seals what proves who we are before it is stored, and opens it for one call.
//!
//! XChaCha20-Poly1305 under a master key that never lies in the database: it comes from the environment or from a file
//! beside it. Every sealed value names its key and is bound to what it belongs to, so it opens nowhere else. Several keys
//! may be there, the newest first: that is how a rotation works without a moment in which nothing opens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// First byte of a sealed value: the layout that follows is key id (8 bytes), nonce (24 bytes), ciphertext.
const LAYOUT: u8 = 1;
const ID: usize = 8;
const NONCE: usize = 24;
/// Name of the file in the data folder.
pub const FILE: &str = "master.key";

/// Where the master key comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// One or more keys as text, the newest first.
    Given(MasterKeys),
    /// A file with one key a line, the newest first; made when it is not there.
    File(PathBuf),
}

/// Keys as they were given. Never printed.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct MasterKeys(String);

impl From<String> for MasterKeys {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKeys")
    }
}

/// Why the vault cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file cannot be read or written.
    #[error("CONN-0013: the master key in {path} cannot be used: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is there is no key.
    #[error("CONN-0013: the master key is not 32 bytes in base64")]
    NoKey,
    /// None of the keys made this.
    #[error("CONN-0011: it was sealed with a master key that this server does not have")]
    OtherKey,
    /// It was changed, or belongs to something else.
    #[error("CONN-0011: what is stored was changed or belongs to something else")]
    Broken,
}

struct Key {
    id: [u8; ID],
    cipher: XChaCha20Poly1305,
    /// What other keys are made of.
    root: [u8; 32],
}

/// See the [module](self).
pub struct Vault {
    /// The first seals; all open.
    keys: Vec<Key>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &self.keys.len()).finish()
    }
}

impl Vault {
    /// The vault with the keys of `source`. A file that is not there is made, readable by its owner alone.
    ///
    /// # Errors
    /// When the file cannot be used or holds no key.
    pub fn open(source: &KeySource) -> Result<Self, VaultError> {
        let text = match source {
            KeySource::Given(keys) => keys.0.clone(),
            KeySource::File(path) => read_or_make(path)?,
        };
        Self::of(&text)
    }

    fn of(text: &str) -> Result<Self, VaultError> {
        let lines =
            text.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(VaultError::NoKey) } else { Ok(Self { keys }) }
    }

    /// Names the key that seals.
    #[must_use]
    pub fn key_id(&self) -> Vec<u8> {
        self.keys[0].id.to_vec()
    }

    /// A key for `purpose` that follows from the newest master key and tells nothing of it.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.keys[0].root).chain_update(purpose).finalize().into()
    }

    /// Seals `plain` for `about`, which opening must name too.
    ///
    /// # Panics
    /// Never with values that fit into memory: the cipher takes 256 GiB.
    #[must_use]
    pub fn seal(&self, about: &str, plain: &[u8]) -> Vec<u8> {
        let key = &self.keys[0];
        let mut nonce = [0_u8; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: plain, aad: about.as_bytes() };
        let sealed =
            key.cipher.encrypt(&XNonce::from(nonce), payload).expect("it is far shorter than 256 GiB");
        let mut whole = Vec::with_capacity(1 + ID + NONCE + sealed.len());
        whole.push(LAYOUT);
        whole.extend_from_slice(&key.id);
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(&sealed);
        whole
    }

    /// Opens what was sealed for `about`.
    ///
    /// # Errors
    /// When another key sealed it, it was changed, or it belongs to something else.
    pub fn unseal(&self, about: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (Some(&LAYOUT), Some(id), Some(nonce), Some(inside)) = (
            sealed.first(),
            sealed.get(1..1 + ID),
            sealed.get(1 + ID..1 + ID + NONCE),
            sealed.get(1 + ID + NONCE..),
        ) else {
            return Err(VaultError::Broken);
        };
        let key = self.keys.iter().find(|key| key.id == id).ok_or(VaultError::OtherKey)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| VaultError::Broken)?;
        let payload = Payload { msg: inside, aad: about.as_bytes() };
        key.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| VaultError::Broken)
    }
}

fn key(line: &str) -> Result<Key, VaultError> {
    let bytes = STANDARD.decode(line).map_err(|_| VaultError::NoKey)?;
    let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| VaultError::NoKey)?;
    let digest = Sha256::digest(bytes);
    let id = std::array::from_fn(|at| digest[at]);
    let root =
        Sha256::new().chain_update(b"trunkline derived keys 1\n").chain_update(bytes).finalize().into();
    Ok(Key { id, cipher: XChaCha20Poly1305::new(&bytes.into()), root })
}

fn new_key() -> String {
    STANDARD.encode(crate::auth::secret::key())
}

fn read_or_make(path: &Path) -> Result<String, VaultError> {
    let failed = |source| VaultError::File { path: path.to_owned(), source };
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = format!("{}\n", new_key());
            write(path, &text).map_err(failed)?;
            Ok(text)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Puts a new key before those in the file at `path`, so that everything sealed from now on is sealed with it.
///
/// # Errors
/// When the file cannot be read or written.
pub fn add_key(path: &Path) -> Result<(), VaultError> {
    let old = read_or_make(path)?;
    Vault::of(&old)?;
    write(path, &format!("{}\n{old}", new_key()))
        .map_err(|source| VaultError::File { path: path.to_owned(), source })
}

/// Leaves only the newest key in the file at `path`.
///
/// # Errors
/// When the file cannot be read or written.
pub fn drop_old_keys(path: &Path) -> Result<(), VaultError> {
    let text = read_or_make(path)?;
    let newest = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let newest = newest.ok_or(VaultError::NoKey)?;
    write(path, &format!("{newest}\n")).map_err(|source| VaultError::File { path: path.to_owned(), source })
}

/// Writes beside and renames, so that there is never half a key.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("key.new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // What is sealed from now on needs this key: its name must be on disk before any of that is.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_what_it_belongs_to_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource::File(folder.path().join("deep").join(FILE));
        let vault = Vault::open(&source).unwrap();
        let sealed = vault.seal("1/a", b"s3cret");
        assert!(!sealed.windows(6).any(|part| part == b"s3cret"));
        assert_ne!(sealed, vault.seal("1/a", b"s3cret"), "never the same twice");
        assert_eq!(Vault::open(&source).unwrap().unseal("1/a", &sealed).unwrap(), b"s3cret");
        assert!(matches!(vault.unseal("1/b", &sealed), Err(VaultError::Broken)));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.unseal("1/a", &changed).is_err(), "byte {at}");
        }
        assert!(vault.unseal("1/a", &sealed[..20]).is_err());
        assert_eq!(vault.derived("x"), Vault::open(&source).unwrap().derived("x"));
        assert_ne!(vault.derived("x"), vault.derived("y"));
    }

    #[test]
    fn a_rotation_keeps_the_old_key_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let source = KeySource::File(path.clone());
        let old = Vault::open(&source).unwrap();
        let sealed = old.seal("x", b"s");
        add_key(&path).unwrap();
        let both = Vault::open(&source).unwrap();
        assert_ne!(both.key_id(), old.key_id());
        assert_eq!(both.unseal("x", &sealed).unwrap(), b"s");
        let again = both.seal("x", b"s");
        drop_old_keys(&path).unwrap();
        let new = Vault::open(&source).unwrap();
        assert_eq!(new.unseal("x", &again).unwrap(), b"s");
        assert!(matches!(new.unseal("x", &sealed), Err(VaultError::OtherKey)));
    }

    #[test]
    fn only_keys_are_keys() {
        for text in ["", "abc", "# nothing", "AAAA"] {
            let given = KeySource::Given(MasterKeys::from(text.to_owned()));
            assert!(Vault::open(&given).is_err(), "{text}");
            assert!(!format!("{given:?}").contains("AAAA"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        Vault::open(&KeySource::File(path.clone())).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
