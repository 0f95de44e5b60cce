//! Pinned runs: what a workflow did with an event, kept to be compared with what it would do now.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Debug;
use trunkline_engine::run::RunId;
use uuid::Uuid;

/// Pins as the server needs them. A pin outlives its run: everything a comparison needs is in it.
pub trait Pins: Debug + Send + Sync {
    /// Keeps a pin.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when the workspace has no such workflow.
    fn add(&self, workspace: WorkspaceId, pin: Pin) -> Answer<'_, ()>;

    /// The pins of a workflow, the oldest first, at most 500.
    fn list(&self, workspace: WorkspaceId, workflow: Uuid) -> Answer<'_, Vec<Pin>>;

    /// Removes a pin.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove(&self, workspace: WorkspaceId, workflow: Uuid, id: Uuid) -> Answer<'_, ()>;
}

/// A pinned run.
#[derive(Debug, Clone, PartialEq)]
pub struct Pin {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The workflow that ran.
    pub workflow: Uuid,
    /// The run it was made from; it may be gone.
    pub run: RunId,
    /// The lead the run was about, so that erasing the lead takes the pin along.
    pub lead: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// The trigger step that fired.
    pub trigger: String,
    /// What expressions saw as `trigger`.
    pub output: Value,
    /// How the run came out.
    pub expected: Value,
    /// What the world outside answered, by effect.
    pub answers: Value,
    /// When it was pinned.
    pub created_at: DateTime<Utc>,
}
