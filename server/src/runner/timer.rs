//! Wakes sleeping runs. A sleeping run is a row with a moment; it costs no memory until that moment comes.

use super::Runner;
use futures_util::{StreamExt, stream};
use std::time::Duration;

/// Runs woken per look at the store.
const SLICE: u32 = 256;
/// Runs woken at once.
const AT_ONCE: usize = 32;
/// Longest sleep between looks, whatever the store says: clocks can be set.
const LONGEST: Duration = Duration::from_secs(30);
/// Pause when everything due is in memory already, or cannot go on.
const PAUSE: Duration = Duration::from_millis(250);

impl Runner {
    /// Wakes runs until the server stops.
    pub async fn keep_time(self) {
        loop {
            let asleep = self.inner.asleep.notified();
            let wait = match self.wake_due().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!(%error, "sleeping runs could not be read; trying again");
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = asleep => {}
                () = self.inner.stopping.cancelled() => return,
            }
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
