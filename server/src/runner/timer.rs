//! Wakes sleeping runs. A sleeping run is a row with a moment; it costs no memory until that moment comes.

use super::Runner;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Runs woken per look at the store.
const SLICE: u32 = 256;
/// Runs woken at once; the store commits their turns together.
const AT_ONCE: usize = 128;
/// Longest sleep between looks, whatever the store says: clocks can be set.
const LONGEST: Duration = Duration::from_secs(5);
/// Pause when everything due is in memory already, or cannot go on.
const PAUSE: Duration = Duration::from_millis(250);

impl Runner {
    /// Wakes runs until the server stops.
    pub async fn keep_time(self) {
        loop {
            let asleep = self.inner.asleep.notified();
            // Until it is known for when the alarm is set, every run that goes to sleep might need an earlier one.
            self.inner.alarm.store(i64::MAX, Ordering::SeqCst);
            let wait = match self.wake_due().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!(%error, "sleeping runs could not be read; trying again");
                    Duration::from_secs(1)
                }
            };
            let until = self.now() + wait;
            self.inner.alarm.store(until.timestamp_micros(), Ordering::SeqCst);
            tokio::select! {
                // Looked at in this order, so that the same world always gives the same order of events.
                biased;
                () = self.inner.stopping.cancelled() => return,
                () = asleep => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Looks at the clock again if a run that went to sleep wakes before the alarm rings.
    pub(super) fn went_to_sleep(&self, wakes: Option<DateTime<Utc>>) {
        if wakes.is_some_and(|at| at.timestamp_micros() < self.inner.alarm.load(Ordering::SeqCst)) {
            self.inner.asleep.notify_one();
        }
    }

    /// Wakes what is due; gives how long nothing else will be.
    async fn wake_due(&self) -> Result<Duration, trunkline_store::Error> {
        let now = self.now();
        let due = self.inner.store.runs.due(now, SLICE).await?;
        let found = due.len();
        let woken = stream::iter(due)
            .map(|stored| self.wake(stored, now))
            .buffer_unordered(AT_ONCE)
            .filter(|woken| std::future::ready(*woken))
            .count()
            .await;
        if woken > 0 {
            return Ok(Duration::ZERO);
        }
        if found > 0 {
            return Ok(PAUSE);
        }
        let next = self.inner.store.runs.next_wake().await?;
        Ok(next.map_or(LONGEST, |at| (at - self.now()).to_std().unwrap_or_default().min(LONGEST)))
    }
}
