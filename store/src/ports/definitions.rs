//! Definitions: what people lay down with versions, such as scoring models, segments and own fields.
//!
//! The kinds are named in [`trunkline_leads::definition`]. What a document means is not known here: it is JSON of a
//! size that the caller has bounded.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Debug;
use trunkline_leads::Definition;
use uuid::Uuid;

/// Definitions as the server needs them. A version that is published is in force for every turn that commits after it.
pub trait Definitions: Debug + Send + Sync {
    /// All definitions of a kind with their drafts, by name.
    fn list(&self, workspace: WorkspaceId, kind: String) -> Answer<'_, Vec<Drafted>>;

    /// One definition with its draft.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Drafted>>;

    /// The versions in force of a kind, by name.
    fn published(&self, workspace: WorkspaceId, kind: String) -> Answer<'_, Vec<Definition>>;

    /// Adds a definition, which is at revision 1 and not published.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when the kind has this name or id already.
    fn create(&self, workspace: WorkspaceId, new: NewDefinition) -> Answer<'_, ()>;

    /// Saves the draft and gives its new revision.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::Stale`](crate::Error::Stale) when the draft is at another
    /// revision than `save.base_revision`, [`Error::Conflict`](crate::Error::Conflict) when the name is taken.
    fn save(&self, workspace: WorkspaceId, id: Uuid, save: SaveDefinition) -> Answer<'_, i64>;

    /// Freezes the draft as the next version, which is in force from now on, and gives its number.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::Stale`](crate::Error::Stale).
    fn publish(&self, workspace: WorkspaceId, id: Uuid, publish: PublishDefinition) -> Answer<'_, i64>;

    /// All versions, the newest first, at most 500.
    fn versions(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<DefinitionVersion>>;

    /// Removes a definition with its versions. Nothing is in force any more under its name.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound).
    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()>;
}

/// A definition as people edit it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafted {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// What it defines.
    pub kind: String,
    /// What people call it, unique among its kind; compared exactly.
    pub name: String,
    /// The draft.
    pub draft: Value,
    /// How often the draft was saved, from 1.
    pub revision: i64,
    /// Number of the version in force; none before the first.
    pub published: Option<i64>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When the draft was last saved.
    pub updated_at: DateTime<Utc>,
}

/// A definition to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDefinition {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// What it defines.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Its first draft.
    pub draft: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// A draft to be saved.
#[derive(Debug, Clone, PartialEq)]
pub struct SaveDefinition {
    /// What people call it from now on.
    pub name: String,
    /// The draft.
    pub draft: Value,
    /// The revision that was changed.
    pub base_revision: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// A draft to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishDefinition {
    /// The revision that was looked at.
    pub base_revision: i64,
    /// Who publishes it.
    pub by: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A version of a definition.
#[derive(Debug, Clone, PartialEq)]
pub struct DefinitionVersion {
    /// Its number, from 1.
    pub number: i64,
    /// What it says.
    pub document: Value,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// By whom.
    pub published_by: Option<String>,
    /// Why.
    pub note: Option<String>,
}
