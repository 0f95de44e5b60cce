//! Wakes clocks of service levels. A clock is a row with a moment; it costs no memory until that moment comes.
//!
//! What is due is done by lead operations in the writer's transaction: a clock that was woken is no longer due when that
//! transaction is on disk, and still is when it is not. So each thing happens once, whenever the server dies.

use super::Runner;
use std::collections::BTreeMap;
use std::time::Duration;
use trunkline_leads::Operation;
use trunkline_leads::activity::By;
use trunkline_leads::operation::WakeClock;
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

/// Clocks woken per look at the store.
const SLICE: u32 = 500;
/// Longest sleep between looks: assignments start clocks at any moment, and clocks of machines can be set.
const LONGEST: Duration = Duration::from_secs(2);
/// Pause after something went wrong.
const PAUSE: Duration = Duration::from_secs(1);

impl Runner {
    /// Wakes clocks until the server stops.
    pub async fn keep_service_levels(self) {
        loop {
            let wait = match self.wake_clocks().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!(%error, "clocks of service levels could not be woken; trying again");
                    PAUSE
                }
            };
            tokio::select! {
                biased;
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Wakes what is due; gives how long nothing else will be.
    async fn wake_clocks(&self) -> Result<Duration, Error> {
        let due = self.inner.store.clocks.due(self.now(), SLICE).await?;
        if due.is_empty() {
            let next = self.inner.store.clocks.next_wake().await?;
            return Ok(next.map_or(LONGEST, |at| (at - self.now()).to_std().unwrap_or_default().min(LONGEST)));
        }
        let mut by_workspace: BTreeMap<WorkspaceId, Vec<Operation>> = BTreeMap::new();
        for (workspace, lead_id, clock_id) in due {
            let wake = Operation::WakeClock(WakeClock { lead_id, clock_id });
            by_workspace.entry(workspace).or_default().push(wake);
        }
        let mut pause = Duration::ZERO;
        for (workspace, operations) in by_workspace {
            let by = By { id: Uuid::nil(), name: "Service levels".into() };
            for outcome in self.perform_by_hand(workspace, operations, by).await? {
                if let Err(failure) = outcome {
                    tracing::error!(code = %failure.code, message = failure.message, "a clock could not be woken");
                    // It is still due; without a pause it would be tried as fast as the machine can.
                    pause = PAUSE;
                }
            }
        }
        Ok(pause)
    }
}
