//! Installed plugins, their files, and what they keep for the workflows they are used in.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Debug;
use uuid::Uuid;

/// Plugins as the server needs them.
pub trait Plugins: Debug + Send + Sync {
    /// Keeps a new plugin and its file.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when another one has its name.
    fn add(&self, workspace: WorkspaceId, plugin: Plugin, file: PluginFile) -> Answer<'_, ()>;

    /// All plugins of all workspaces by name, at most 1000.
    fn all(&self) -> Answer<'_, Vec<(WorkspaceId, Plugin)>>;

    /// One of them.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Plugin>>;

    /// Writes `change` over the plugin with its id, when that is still at `revision`; it is then one further.
    ///
    /// # Errors
    /// [`Error::Stale`](crate::Error::Stale) when it is not, [`Error::NotFound`](crate::Error::NotFound) when there is
    /// none.
    fn change(&self, workspace: WorkspaceId, revision: i64, change: PluginChange) -> Answer<'_, ()>;

    /// A file of a plugin.
    fn file(&self, plugin: Uuid, sha256: [u8; 32]) -> Answer<'_, Option<Vec<u8>>>;

    /// The newest version of this name that was ever approved.
    fn newest(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Option<String>>;

    /// Removes one whose steps no workflow uses, with all it kept. Answers with those that do; it is removed when there
    /// are none.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove(&self, workspace: WorkspaceId, id: Uuid, kinds: Vec<String>) -> Answer<'_, Vec<PluginUse>>;

    /// The workflows that use one of `kinds`: in their draft, their live version, or a version of a run that has not
    /// ended; at most 500.
    fn used_by(&self, workspace: WorkspaceId, kinds: Vec<String>) -> Answer<'_, Vec<PluginUse>>;

    /// What a plugin keeps for a workflow under `key`.
    fn kept(&self, plugin: Uuid, workflow: String, key: String) -> Answer<'_, Option<String>>;

    /// What came of the call with this key, if it kept something.
    fn result_of(&self, plugin: Uuid, call: [u8; 32]) -> Answer<'_, Option<Value>>;

    /// Keeps what a call wants to keep, together with what came of it. False, and nothing is kept, when the plugin would
    /// keep more than `most` values for the workflow. A call that was kept before changes nothing.
    fn keep(&self, workspace: WorkspaceId, keep: Keeping, most: u64) -> Answer<'_, bool>;
}

/// An installed plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Plugin {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// Its name in documents.
    pub name: String,
    /// Whether its steps run.
    pub enabled: bool,
    /// The release that runs.
    pub live: Option<Value>,
    /// The release that waits for an approval.
    pub pending: Option<Value>,
    /// What it may reach.
    pub approved: Value,
    /// How much a call may take.
    pub limits: Value,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was installed.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A file of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginFile {
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// The component.
    pub file: Vec<u8>,
}

/// What becomes of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginChange {
    /// How it is now.
    pub plugin: Plugin,
    /// A file that comes with it.
    pub file: Option<PluginFile>,
    /// The files that are still needed; others go.
    pub wanted: Vec<[u8; 32]>,
    /// The newest version that was ever approved, if this is about a newer one.
    pub newest: Option<String>,
}

/// A workflow that uses a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginUse {
    /// The workflow.
    pub workflow: Uuid,
    /// Its name.
    pub name: String,
    /// Whether its live version or a run that has not ended uses it, and not only the draft.
    pub live: bool,
}

/// What a call keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Keeping {
    /// The plugin.
    pub plugin: Uuid,
    /// The workflow it is used in.
    pub workflow: String,
    /// SHA-256 of the call's key.
    pub call: [u8; 32],
    /// What came of it.
    pub result: Value,
    /// Values by name; those without one are forgotten.
    pub values: Vec<(String, Option<String>)>,
    /// When.
    pub at: DateTime<Utc>,
}
