//! What the senders of webhooks have to know. Documents name a secret by its id; the store keeps it as sealed bytes and
//! cannot open them.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use uuid::Uuid;

/// Secrets of webhooks as the server needs them.
pub trait HookSecrets: Debug + Send + Sync {
    /// Keeps new ones.
    fn keep(&self, workspace: WorkspaceId, secrets: Vec<HookSecret>) -> Answer<'_, ()>;

    /// One of them.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<HookSecret>>;

    /// Those of a workflow, the oldest first, at most 500.
    fn of_workflow(&self, workspace: WorkspaceId, workflow: Uuid) -> Answer<'_, Vec<HookSecret>>;

    /// Notes that published versions may name them, so that they stay as long as the workflow.
    fn publish(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, ()>;

    /// Removes those of a workflow that were never published, but for `named`, which its draft names.
    fn tidy(&self, workspace: WorkspaceId, workflow: Uuid, named: Vec<Uuid>) -> Answer<'_, ()>;

    /// Removes all of a workflow.
    fn forget(&self, workspace: WorkspaceId, workflow: Uuid) -> Answer<'_, ()>;

    /// Secrets of any workspace that another key than `seal_key` sealed, at most `limit`.
    fn sealed_otherwise(&self, seal_key: Vec<u8>, limit: u32) -> Answer<'_, Vec<(WorkspaceId, HookSecret)>>;

    /// Seals one anew.
    fn reseal(&self, id: Uuid, sealed: Vec<u8>, seal_key: Vec<u8>) -> Answer<'_, ()>;
}

/// A sealed secret of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookSecret {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The workflow whose documents name it.
    pub workflow: Uuid,
    /// The trigger in them.
    pub step: String,
    /// The secret.
    pub sealed: Vec<u8>,
    /// Which master key sealed it.
    pub seal_key: Vec<u8>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}
