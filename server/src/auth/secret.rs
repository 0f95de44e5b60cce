//! Random secrets and their fingerprints. A secret is shown or sent once; what is stored is its SHA-256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use sha2::{Digest, Sha256};

/// What every API token begins with.
pub const TOKEN_PREFIX: &str = "tl_";

/// A new random key of 256 bits.
#[must_use]
pub fn key() -> [u8; 32] {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A new random secret of 256 bits, as 43 letters safe in addresses and headers.
#[must_use]
pub fn random() -> String {
    URL_SAFE_NO_PAD.encode(key())
}

/// A new API token.
#[must_use]
pub fn api_token() -> String {
    format!("{TOKEN_PREFIX}{}", random())
}

/// The SHA-256 under which a secret is stored. Secrets are random, so no salt or stretching is needed.
#[must_use]
pub fn fingerprint(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares without telling by its duration where the difference lies.
#[must_use]
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    // Both are hashed first, so that not even the length shows.
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    one.iter().zip(other.iter()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_compare_by_content() {
        assert_ne!(random(), random());
        assert_eq!(api_token().len(), TOKEN_PREFIX.len() + 43);
        assert!(equal(b"same", b"same"));
        assert!(!equal(b"same", b"sama") && !equal(b"", b"x"));
    }
}
