//! Where leads stand by the rules of their workspace, as jobs and pages look at it: who is due, who is in a segment, how
//! long leads stay in a stage.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use trunkline_leads::Lead;
use trunkline_leads::account::Profile;
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

    /// Accounts that changed so that their leads may stand elsewhere, the longest waiting first, at most `limit` (1 to
    /// 1,000).
    fn unsettled(&self, limit: u32) -> Answer<'_, Vec<Unsettled>>;

    /// Leads of the account and of its parts in the order of their ids, from the first that was not looked at, at most
    /// `limit` (1 to 1,000).
    fn leads_to_settle(&self, account: Unsettled, limit: u32) -> Answer<'_, Vec<Uuid>>;

    /// Notes that the leads of the account were looked at up to `reached`, or all of them when that is `None`. When it has
    /// changed again meanwhile nothing happens: its leads are looked at from the first.
    fn settle(&self, account: Unsettled, reached: Option<Uuid>) -> Answer<'_, ()>;

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
    /// Its account.
    pub account: Option<Arc<Profile>>,
}

/// An account whose leads are to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsettled {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The account.
    pub account: Uuid,
    /// When it changed.
    pub at: DateTime<Utc>,
    /// The last lead that was looked at since.
    pub reached: Option<Uuid>,
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
