//! What every workflow that uses a connection shares while the server runs: its calls under way, its counters, and who
//! renews its token.

use chrono::{DateTime, NaiveDate, Utc};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use trunkline_connectors::manifest::limits::Limits;
use trunkline_connectors::throttle::{Admission, Forecast, Throttle};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_store::ports::Connection;

/// Most calls under way to an app that names no limit.
const AT_ONCE: u32 = 64;

pub(super) struct Live {
    /// What the counters keep to; a person may change it while calls are under way.
    limits: Mutex<Limits>,
    throttle: Mutex<Throttle>,
    places: Mutex<Arc<Semaphore>>,
    /// Held by whoever renews the token.
    pub(super) renewing: tokio::sync::Mutex<()>,
    /// Calls of the day as they were last stored.
    stored: Mutex<u64>,
}

impl Live {
    pub(super) fn new(row: &Connection, limits: &Limits, now: DateTime<Utc>) -> Self {
        let mut throttle = Throttle::new(limits, now);
        if let Some((day, calls)) = row.calls {
            throttle.remember(day, calls);
        }
        let stored = throttle.counted().1;
        Self {
            limits: Mutex::new(limits.clone()),
            throttle: Mutex::new(throttle),
            places: Mutex::new(places(limits)),
            renewing: tokio::sync::Mutex::default(),
            stored: Mutex::new(stored),
        }
    }

    /// Keeps to `limits` from now on. Calls that are under way keep the places they have.
    pub(super) fn limit(&self, limits: &Limits) {
        let mut known = self.limits.lock();
        if *known == *limits {
            return;
        }
        self.throttle.lock().limit(limits);
        if known.at_once != limits.at_once {
            *self.places.lock() = places(limits);
        }
        known.clone_from(limits);
    }

    /// Waits for a place among the calls, until `deadline`.
    pub(super) async fn place(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Failure> {
        let wait = deadline.saturating_duration_since(Instant::now());
        let places = Arc::clone(&self.places.lock());
        match tokio::time::timeout(wait, places.acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(crowded(None)),
        }
    }

    /// Waits until the app's limits let a call begin. What would have to wait beyond `deadline` is told when to come
    /// back: nothing was sent.
    pub(super) async fn admit(&self, deadline: Instant) -> Result<(), Failure> {
        loop {
            let now = Utc::now();
            let admission = self.throttle.lock().admit(now);
            let until = match admission {
                Admission::Now => return Ok(()),
                Admission::UsedUp(until) => return Err(used_up(until)),
                Admission::At(until) => until,
            };
            let wait = (until - now).to_std().unwrap_or_default() + Duration::from_millis(1);
            if Instant::now() + wait > deadline {
                return Err(crowded(Some(until)));
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Notes that the app wants no calls before `until`.
    pub(super) fn rest(&self, until: DateTime<Utc>) {
        self.throttle.lock().rest(until);
    }

    pub(super) fn forecast(&self, now: DateTime<Utc>) -> Option<Forecast> {
        self.throttle.lock().forecast(now)
    }

    /// The calls of the day, when enough came together since they were last stored.
    pub(super) fn to_store(&self, every: u64) -> Option<(NaiveDate, u64)> {
        let (day, calls) = self.throttle.lock().counted();
        let mut stored = self.stored.lock();
        if calls < *stored {
            *stored = 0;
        }
        (calls >= *stored + every).then(|| {
            *stored = calls;
            (day, calls)
        })
    }
}

fn places(limits: &Limits) -> Arc<Semaphore> {
    let at_once = usize::try_from(limits.at_once.unwrap_or(AT_ONCE).max(1)).unwrap_or(1);
    Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS)))
}

fn crowded(until: Option<DateTime<Utc>>) -> Failure {
    let failure = Failure::new(
        "CONN-0005",
        FailureKind::RateLimited,
        "the calls that the app allows are taken by others that came first",
        "Nothing was sent. Give the step retries or a longer time-out, or run fewer events at a time.",
    );
    Failure { retry_at: until, ..failure }
}

fn used_up(until: DateTime<Utc>) -> Failure {
    let failure = Failure::new(
        "CONN-0005",
        FailureKind::RateLimited,
        "the calls that the app allows in a day are used up",
        "Nothing was sent. The step goes on tomorrow if it has retries; ask the app's vendor for more calls, or call it less.",
    );
    Failure { retry_at: Some(until), ..failure }
}
