//! How often one may knock: per account and address for sign-in, per caller for the API, per path for webhooks.

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

/// A limit that counts per key and forgets keys that have not been used.
#[derive(Debug)]
pub struct Throttle<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
}

/// Keys above which the unused ones are dropped.
const MANY_KEYS: usize = 10_000;

impl<K: Hash + Eq + Clone> Throttle<K> {
    /// At most `burst` at once, refilled one per `pause`.
    #[must_use]
    pub fn one_per(pause: Duration, burst: u32) -> Self {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(pause).expect("the pause is longer than nothing").allow_burst(burst);
        Self { limiter: RateLimiter::keyed(quota) }
    }

    /// At most `rate` a second, and twice as many at once.
    #[must_use]
    pub fn per_second(rate: u32) -> Self {
        let rate = rate.max(1);
        Self::one_per(Duration::from_secs(1) / rate, rate.saturating_mul(2))
    }

    /// Counts one knock of `key`.
    ///
    /// # Errors
    /// Whole seconds to wait when it knocks too often.
    pub fn knock(&self, key: &K) -> Result<(), u64> {
        if self.limiter.len() > MANY_KEYS {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|refused| {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_passes_and_then_each_key_waits_for_itself() {
        let throttle = Throttle::one_per(Duration::from_secs(30), 3);
        for _ in 0..3 {
            throttle.knock(&"ada").unwrap();
        }
        let wait = throttle.knock(&"ada").unwrap_err();
        assert!((1..=30).contains(&wait), "{wait}");
        assert!(throttle.knock(&"ben").is_ok());
    }
}
