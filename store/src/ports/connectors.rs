//! Connectors that administrators installed, their editions, and documents that are being imported.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Debug;
use uuid::Uuid;

/// Installed connectors as the server needs them.
pub trait Connectors: Debug + Send + Sync {
    /// All of every workspace with the text of their manifests, by name.
    fn all(&self) -> Answer<'_, Vec<(Connector, String)>>;

    /// Those of one workspace with the text of their manifests, by name.
    fn of(&self, workspace: WorkspaceId) -> Answer<'_, Vec<(Connector, String)>>;

    /// The manifest of an edition, as name and text.
    fn edition(&self, workspace: WorkspaceId, edition: i64) -> Answer<'_, Option<(String, String)>>;

    /// The editions of one that are still there, the newest first, at most 100.
    fn editions(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Vec<Edition>>;

    /// The newest version of this name that was ever installed. It outlives the connector.
    fn newest(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Option<String>>;

    /// Installs one, or another edition of it, and says which. Editions that nothing was frozen with go.
    ///
    /// # Errors
    /// [`Error::Stale`](crate::Error::Stale) when it is not at `install.base` any more;
    /// [`Error::Conflict`](crate::Error::Conflict) when there is one and `install.base` says there is none.
    fn install(&self, workspace: WorkspaceId, install: Install) -> Answer<'_, i64>;

    /// Switches one on or off.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn switch(&self, workspace: WorkspaceId, name: String, enabled: bool) -> Answer<'_, ()>;

    /// Removes one that nothing uses, with all its editions. Answers with what does; it is removed when that is nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Vec<ConnectorUse>>;

    /// What uses one: workflows whose draft or live version has a step of it, workflows with unfinished runs of an older
    /// version that has one, and connections; at most 500 of each.
    fn used_by(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Vec<ConnectorUse>>;

    /// Keeps a document. Those of the workspace that are older than `before` go, and all but the newest 20.
    fn keep_import(
        &self,
        workspace: WorkspaceId,
        import: ConnectorImport,
        before: DateTime<Utc>,
    ) -> Answer<'_, ()>;

    /// A document.
    fn import(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<ConnectorImport>>;
}

/// An installed connector.
#[derive(Debug, Clone, PartialEq)]
pub struct Connector {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Its name in documents.
    pub name: String,
    /// The edition that new work goes by.
    pub edition: i64,
    /// Whether its steps are offered and run.
    pub enabled: bool,
    /// Where it came from.
    pub origin: Value,
    /// When it was installed first.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// An edition of a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Its number, never used twice.
    pub id: i64,
    /// The manifest's own version.
    pub version: String,
    /// What changed since the one before.
    pub changes: Vec<String>,
    /// E-mail address of who installed it, if that person is still here.
    pub installed_by: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A connector to be installed.
#[derive(Debug, Clone)]
pub struct Install {
    /// Its name in documents.
    pub name: String,
    /// The edition it takes the place of; `None` for a new one.
    pub base: Option<i64>,
    /// The manifest's own version.
    pub version: String,
    /// The text of the manifest.
    pub manifest: String,
    /// Where it came from.
    pub origin: Value,
    /// What changed, in plain sentences.
    pub changes: Vec<String>,
    /// Whether no newer version was ever installed.
    pub is_newest: bool,
    /// Who.
    pub by: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What uses a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorUse {
    /// What it is.
    pub kind: ConnectorUser,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// What sort of thing uses a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectorUser {
    /// The live version of a workflow.
    Live,
    /// The draft of a workflow, and not its live version.
    Draft,
    /// Unfinished runs of an older version of a workflow.
    Runs,
    /// An account that is connected.
    Connection,
}

/// A document that somebody chooses from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorImport {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// Where it was loaded from, or the name of the file.
    pub source: String,
    /// Whether `source` is an address.
    pub loaded: bool,
    /// The text.
    pub text: String,
    /// When it came.
    pub created_at: DateTime<Utc>,
}
