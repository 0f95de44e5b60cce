//! Workflows: drafts, versions, and what is live.

use super::{Answer, VersionId, WorkspaceId};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt::Debug;
use trunkline_engine::document::Document;
use uuid::Uuid;

/// Workflows as the server needs them.
pub trait Workflows: Debug + Send + Sync {
    /// Keeps a new workflow whose draft is `document`, and which is called as the document is.
    fn create(&self, workspace: WorkspaceId, id: Uuid, document: Document) -> Answer<'_, Workflow>;

    /// All workflows, the last changed first. Ended runs are counted from `today` on, by the hour.
    fn list(
        &self,
        workspace: WorkspaceId,
        search: Option<String>,
        today: DateTime<Utc>,
    ) -> Answer<'_, Vec<WorkflowSummary>>;

    /// One workflow.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Workflow>>;

    /// The workflow called `name`, upper and lower case being the same; of several, a published one, then the oldest.
    fn by_name(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Option<Workflow>>;

    /// Keeps a new draft and answers with its revision.
    ///
    /// # Errors
    /// [`Error::Stale`](crate::Error::Stale) when the draft is not at `base_revision` any more.
    fn save_draft(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        document: Document,
        base_revision: i64,
    ) -> Answer<'_, i64>;

    /// Freezes the draft as the live version and switches the workflow on. A draft equal to the live version makes
    /// no new one.
    ///
    /// # Errors
    /// [`Error::Stale`](crate::Error::Stale) when the draft is not at the given revision any more.
    fn publish(&self, workspace: WorkspaceId, id: Uuid, publish: Publish) -> Answer<'_, Published>;

    /// Switches a workflow on or off.
    fn set_active(&self, workspace: WorkspaceId, id: Uuid, active: bool) -> Answer<'_, ()>;

    /// Deletes a workflow. Its runs stay until their time is over.
    fn delete(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()>;

    /// Published versions, the newest first.
    fn versions(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<VersionRow>>;

    /// The document of one published version.
    fn version(&self, workspace: WorkspaceId, id: Uuid, number: u32) -> Answer<'_, Option<Document>>;

    /// Freezes `document` for trying it out. The same document gives the same version.
    fn snapshot(&self, workspace: WorkspaceId, id: Uuid, document: Document) -> Answer<'_, VersionId>;

    /// The frozen document `version`.
    fn pinned(&self, version: VersionId) -> Answer<'_, Option<Pinned>>;

    /// The live version of every workflow that has one, switched off or not.
    fn live(&self) -> Answer<'_, Vec<Pinned>>;

    /// When a schedule last fired.
    fn fired(&self, workflow: Uuid, step: String) -> Answer<'_, Option<DateTime<Utc>>>;

    /// Notes that a schedule fired. An earlier moment than the noted one changes nothing.
    fn mark_fired(&self, workflow: Uuid, step: String, at: DateTime<Utc>) -> Answer<'_, ()>;
}

/// A workflow.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// Whether its triggers fire.
    pub active: bool,
    /// What is being edited.
    pub draft: Document,
    /// Counts edits of the draft.
    pub draft_revision: i64,
    /// The live version.
    pub published: Option<Published>,
    /// Whether the draft differs from the live version; true while nothing is published.
    pub draft_changed: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A published version.
#[derive(Debug, Clone)]
pub struct Published {
    /// What runs are pinned to.
    pub version: VersionId,
    /// Its number, from 1.
    pub number: u32,
    /// Its document.
    pub document: Document,
    /// When.
    pub published_at: DateTime<Utc>,
}

/// How a draft is published.
#[derive(Debug, Clone, Default)]
pub struct Publish {
    /// The draft revision the person saw.
    pub base_revision: i64,
    /// What the person says about it.
    pub note: Option<String>,
    /// Who.
    pub by: Option<Uuid>,
    /// What changed, in plain sentences.
    pub changes: Vec<String>,
}

/// A published version in the history of a workflow.
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// Its number.
    pub number: u32,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// E-mail address of who published it, if that person is still here.
    pub published_by: Option<String>,
    /// What they said about it.
    pub note: Option<String>,
    /// What changed, in plain sentences.
    pub changes: Vec<String>,
}

/// A frozen document.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// Which.
    pub version: VersionId,
    /// Whose.
    pub workspace: WorkspaceId,
    /// Of which workflow.
    pub workflow: Uuid,
    /// What that is called now.
    pub name: String,
    /// Number of the published version; `None` for a snapshot of a draft.
    pub number: Option<u32>,
    /// Whether the workflow's triggers fire.
    pub active: bool,
    /// The document.
    pub document: Document,
    /// The editions of installed connectors that it was frozen with, by name.
    pub editions: BTreeMap<String, i64>,
}

/// A workflow as the list shows it.
#[derive(Debug, Clone)]
pub struct WorkflowSummary {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether its triggers fire.
    pub active: bool,
    /// Number of the live version.
    pub published: Option<u32>,
    /// Whether the draft differs from the live version; true while nothing is published.
    pub draft_changed: bool,
    /// Kinds of the draft's root steps, in document order; the server knows which are triggers.
    pub root_kinds: Vec<String>,
    /// Steps of the draft, bodies included.
    pub steps: usize,
    /// How its runs ended.
    pub tally: Tally,
    /// When its newest run began.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How many runs ended how, and how many have not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ended well.
    pub completed: u64,
    /// Failed.
    pub failed: u64,
    /// Not ended; counted over all time.
    pub running: u64,
}
