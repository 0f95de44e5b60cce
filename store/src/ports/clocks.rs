//! Clocks of service levels, as pages and the task that wakes them see them. Only lead operations change them.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use trunkline_leads::sla::{Clock, PastRate};
use uuid::Uuid;

/// Most clocks of an answer.
pub const MOST_CLOCKS: u32 = 5_000;

/// See the [module](self).
pub trait SlaClocks: Debug + Send + Sync {
    /// Clocks that have to be woken by `now`, the earliest first: workspace, lead and clock.
    fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<(WorkspaceId, Uuid, Uuid)>>;

    /// When the next clock has to be woken.
    fn next_wake(&self) -> Answer<'_, Option<DateTime<Utc>>>;

    /// Open clocks, the first due first, at most [`MOST_CLOCKS`].
    fn open(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Clock>>;

    /// All clocks of a lead, the latest first, at most 100.
    fn of_lead(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Vec<Clock>>;

    /// How clocks ended that ended since `since`.
    fn rates(&self, workspace: WorkspaceId, since: DateTime<Utc>) -> Answer<'_, Vec<PastRate>>;
}
