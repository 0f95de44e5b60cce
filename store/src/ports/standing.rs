//! Where leads stand by the rules of their workspace, as jobs and pages look at it: who is due, who is in a segment, how
//! long leads stay in a stage.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::fmt::Debug;
use trunkline_leads::Lead;
use trunkline_leads::criteria::Trace;
use uuid::Uuid;

/// Activities of one kind that are known of a lead at most, the newest ones: rules count no further back.
pub const KNOWN_TRACES: i64 = 2_000;

/// Standing as the server needs it.
pub trait Standing: Debug + Send + Sync {
    /// Leads whose score or segments may have changed by the passing of time, the longest overdue first, at most `limit`
    /// (1 to 1,000).
    fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<(WorkspaceId, Uuid)>>;

    /// Leads in the order of their ids, from the first after `after`, with what they did of `kinds`; at most `limit` (1 to
    /// 1,000).
    fn walk(
        &self,
        workspace: WorkspaceId,
        after: Option<Uuid>,
        kinds: BTreeSet<&'static str>,
        limit: u32,
    ) -> Answer<'_, Vec<Walked>>;

    /// One lead with what it did of `kinds`.
    fn look_at(
        &self,
        workspace: WorkspaceId,
        lead: Uuid,
        kinds: BTreeSet<&'static str>,
    ) -> Answer<'_, Option<Walked>>;

    /// How many leads belong to each segment that has any, by name.
    fn segment_counts(&self, workspace: WorkspaceId) -> Answer<'_, Vec<(String, u64)>>;

    /// How leads went through the stages that any of them left since `since`.
    fn stays(&self, workspace: WorkspaceId, since: DateTime<Utc>) -> Answer<'_, Vec<StageStays>>;
}

/// A lead and what it did.
#[derive(Debug, Clone)]
pub struct Walked {
    /// The lead.
    pub lead: Lead,
    /// What it did, of the kinds asked for, in any order; of each kind at most [`KNOWN_TRACES`].
    pub traces: Vec<Trace>,
}

/// How leads went through a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageStays {
    /// The stage.
    pub stage: String,
    /// How many stays ended; a lead that was there twice counts twice.
    pub ended: u64,
    /// The stay in the middle when all of them are put in order by how long they lasted; of an even number the shorter of
    /// the two.
    pub median: TimeDelta,
    /// Where they went, the most frequent first.
    pub next: Vec<(String, u64)>,
}
