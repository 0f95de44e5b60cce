//! How much room the store takes, and how much it may.

use super::{Answer, WorkspaceId};
use std::fmt::Debug;
use uuid::Uuid;

/// Room as the server and people need to know it.
pub trait Storage: Debug + Send + Sync {
    /// How much room is taken, and by what. Reads every run of the workspace; for a page that people open now and then.
    fn usage(&self, workspace: WorkspaceId) -> Answer<'_, Usage>;

    /// The budget in bytes; `None` when there is none.
    fn budget(&self) -> Answer<'_, Option<u64>>;

    /// Sets how many bytes the database may take, or lifts the limit. The sweep then deletes finished runs, the oldest
    /// first, until it is kept. What is no finished run is never deleted for it.
    fn set_budget(&self, bytes: Option<u64>) -> Answer<'_, ()>;
}

/// How much room is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of the database, with its log and the files beside it.
    pub bytes: u64,
    /// How many it may be.
    pub budget: Option<u64>,
    /// Runs in it.
    pub runs: u64,
    /// By workflow, the largest first.
    pub by_workflow: Vec<WorkflowUsage>,
    /// Leads that were erased.
    pub erasures: u64,
}

/// How much room the runs of a workflow take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowUsage {
    /// Which workflow.
    pub workflow: Uuid,
    /// What it is called.
    pub name: String,
    /// Its runs.
    pub runs: u64,
    /// Bytes of their journals, as they are stored.
    pub bytes: u64,
}
