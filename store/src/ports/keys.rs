//! Secrets that the server makes for itself.

use super::Answer;
use std::fmt::Debug;

/// Secrets that the server makes for itself. They lie in the store, so that a restored backup still honours what was
/// signed before, and every process on one store signs alike.
pub trait Keys: Debug + Send + Sync {
    /// The key under links that the server signs; `candidate`, which must be random, when there was none.
    fn link_key(&self, candidate: [u8; 32]) -> Answer<'_, [u8; 32]>;
}
