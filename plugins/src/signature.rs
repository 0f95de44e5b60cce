//! Signatures of plugins: Ed25519 over the SHA-256 of the file, by a key that an administrator trusts.

use crate::failures;
use crate::index::Kind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use trunkline_engine::failure::Failure;

/// What stands before the hash in what is signed, so that a signature means nothing elsewhere.
const ABOUT: &str = "trunkline plugin 1\n";

/// A signature as it lies beside the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The public key.
    pub key: PublicKey,
    /// 64 bytes in base64.
    pub signature: String,
}

/// An Ed25519 public key: 32 bytes in base64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey([u8; 32]);

impl FromStr for PublicKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| "a key of plugins is 32 bytes in base64".into())
    }
}

impl TryFrom<String> for PublicKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

/// Which keys are trusted. Without any, plugins need no signature; with one, all do.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    keys: Vec<PublicKey>,
}

impl Trust {
    /// Trust in `keys`.
    #[must_use]
    pub fn new(keys: Vec<PublicKey>) -> Self {
        Self { keys }
    }

    /// Whether plugins have to be signed.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether the file with this hash may be used; `kind` and `name` name it in the failure.
    ///
    /// # Errors
    /// `PLUG-0005` when a signature is needed and missing, by a key that is not trusted, or wrong. A signature that is not
    /// needed has to hold all the same.
    pub fn check(
        &self,
        kind: Kind,
        name: &str,
        sha256: &[u8; 32],
        signature: Option<&Signature>,
    ) -> Result<(), Failure> {
        let Some(signature) = signature else {
            return match self.is_needed() {
                true => Err(failures::unsigned(kind, name, "there is none, and this server wants one")),
                false => Ok(()),
            };
        };
        if self.is_needed() && !self.keys.contains(&signature.key) {
            return Err(failures::unsigned(kind, name, "this server does not trust its key"));
        }
        let bytes = STANDARD.decode(signature.signature.trim()).unwrap_or_default();
        let key = UnparsedPublicKey::new(&ED25519, signature.key.0);
        key.verify(&message(sha256), &bytes)
            .map_err(|_| failures::unsigned(kind, name, "it was made for another file, or by another key"))
    }
}

impl Signature {
    /// Signs the file with this hash; `None` when `secret` is no key of [`new_key`].
    #[must_use]
    pub fn make(secret: &[u8], sha256: &[u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(secret).ok()?;
        let key = PublicKey(pair.public_key().as_ref().try_into().ok()?);
        Some(Self { key, signature: STANDARD.encode(pair.sign(&message(sha256))) })
    }
}

/// A new key: what is kept secret, and what servers trust.
///
/// # Panics
/// When the machine has no randomness.
#[must_use]
pub fn new_key() -> (Vec<u8>, PublicKey) {
    let secret =
        Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("the machine gives random bytes");
    let pair = Ed25519KeyPair::from_pkcs8(secret.as_ref()).expect("it was made a moment ago");
    let key = pair.public_key().as_ref().try_into().expect("a public key has 32 bytes");
    (secret.as_ref().to_vec(), PublicKey(key))
}

/// What is signed.
#[must_use]
pub fn message(sha256: &[u8; 32]) -> Vec<u8> {
    format!("{ABOUT}{}\n", hex::encode(sha256)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    fn signed(seed: u8, sha256: &[u8; 32]) -> Signature {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let key = PublicKey(pair.public_key().as_ref().try_into().unwrap());
        Signature { key, signature: STANDARD.encode(pair.sign(&message(sha256))) }
    }

    #[test]
    fn only_what_a_trusted_key_signed_is_taken() {
        let (file, other) = ([1; 32], [2; 32]);
        let good = signed(7, &file);
        let trust = Trust::new(vec![good.key.clone()]);
        let no = |sha: &[u8; 32], signature: Option<&Signature>| {
            trust.check(Kind::Plugin, "p", sha, signature).unwrap_err()
        };
        assert!(trust.check(Kind::Plugin, "p", &file, Some(&good)).is_ok());
        assert!(no(&other, Some(&good)).message.contains("another file"));
        assert!(no(&file, Some(&signed(8, &file))).message.contains("not trust"));
        assert!(no(&file, None).message.contains("there is none"));
        let forged = Signature { key: good.key, signature: signed(8, &file).signature };
        assert!(no(&file, Some(&forged)).message.contains("another key"));
    }

    #[test]
    fn what_a_new_key_signs_it_signs() {
        let (secret, public) = new_key();
        let made = Signature::make(&secret, &[3; 32]).unwrap();
        assert_eq!(made.key, public);
        assert!(Trust::new(vec![public]).check(Kind::Plugin, "p", &[3; 32], Some(&made)).is_ok());
        assert!(Signature::make(b"no key", &[3; 32]).is_none());
    }

    #[test]
    fn a_signature_that_nobody_asked_for_has_to_hold_too() {
        let trust = Trust::default();
        let good = signed(7, &[1; 32]);
        assert!(
            trust.check(Kind::Plugin, "p", &[1; 32], None).is_ok()
                && trust.check(Kind::Plugin, "p", &[1; 32], Some(&good)).is_ok()
        );
        assert!(trust.check(Kind::Plugin, "p", &[2; 32], Some(&good)).is_err());
    }
}
