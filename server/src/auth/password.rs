//! Passwords: argon2id, off the async threads, a bounded number at once.
//!
//! Each computation takes 19 MiB and tens of milliseconds on purpose; unbounded, sign-in would be a way to take the
//! server down.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const MIN_CHARACTERS: usize = 10;
/// Most characters of a password.
pub const MAX_CHARACTERS: usize = 200;

static AT_ONCE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(2)));

/// A hash that no password fits, verified when there is no such user so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&super::secret::random()));

fn hash_now(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("the default parameters are valid and the salt is random")
        .to_string()
}

async fn computed<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let _permit = Arc::clone(&AT_ONCE).acquire_owned().await.expect("the semaphore is never closed");
    tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
}

/// Whether a new password may be used.
#[must_use]
pub fn is_acceptable(password: &str) -> bool {
    (MIN_CHARACTERS..=MAX_CHARACTERS).contains(&password.chars().count())
}

/// The hash to store.
pub async fn hash(password: String) -> String {
    computed(move || hash_now(&password)).await
}

/// Whether `password` fits `stored`; `None` stands for a user that does not exist and never fits.
pub async fn fits(password: String, stored: Option<String>) -> bool {
    if password.chars().count() > MAX_CHARACTERS {
        return false;
    }
    computed(move || {
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let fits = PasswordHash::new(&stored)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        fits && exists
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let stored = hash("correct horse".into()).await;
        assert!(stored.starts_with("$argon2id$"));
        assert!(fits("correct horse".into(), Some(stored.clone())).await);
        assert!(!fits("correct horsf".into(), Some(stored)).await);
        assert!(!fits("anything at all".into(), None).await);
    }
}
