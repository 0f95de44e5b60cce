//! Lists that people import. The store keeps what was found, chosen and done; the rows themselves lie in the data folder.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt::Debug;
use trunkline_engine::run::RunId;
use trunkline_leads::importing::{Counts, RowOutcome};
use trunkline_leads::{Key, Lead};
use uuid::Uuid;

/// Imports as the server needs them. What rows did is written by turns, with the leads they changed.
pub trait Imports: Debug + Send + Sync {
    /// Keeps a new import.
    fn create(&self, workspace: WorkspaceId, import: NewImport) -> Answer<'_, ()>;

    /// One import.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Import>>;

    /// The newest imports, at most `limit` (1 to 500).
    fn list(&self, workspace: WorkspaceId, limit: u32) -> Answer<'_, Vec<Import>>;

    /// The newest import of the source that has settings: what was chosen for such a list before.
    fn latest_of(&self, workspace: WorkspaceId, source: String) -> Answer<'_, Option<Import>>;

    /// Changes an import that stands at one of `from`.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when it stands elsewhere, or is not there.
    fn change(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        from: Vec<ImportStatus>,
        change: ImportChange,
    ) -> Answer<'_, ()>;

    /// Removes an import and what is known of its rows. The leads stay.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()>;

    /// How many rows met which fate so far.
    fn counts(&self, id: Uuid) -> Answer<'_, Counts>;

    /// What became of stretches of rows, those whose first row comes after `after`, in order; at most `limit` stretches.
    fn stretches(&self, id: Uuid, after: Option<u64>, limit: u32) -> Answer<'_, Vec<DoneStretch>>;

    /// The leads that have these keys, as they stand now. For previews, which look and write nothing.
    fn known(&self, workspace: WorkspaceId, keys: HashSet<Key>) -> Answer<'_, Vec<(Key, Box<Lead>)>>;
}

/// An import to be kept.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// What people call the list.
    pub name: String,
    /// The uploaded file.
    pub file: Uuid,
    /// Who began it.
    pub by: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// An import.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Its id.
    pub id: Uuid,
    /// What people call the list.
    pub name: String,
    /// The uploaded file.
    pub file: Uuid,
    /// Where it stands.
    pub status: ImportStatus,
    /// Names lists with the same columns.
    pub source: String,
    /// Rows after the header, once they were counted.
    pub total: Option<u64>,
    /// What was found in the file; `null` before it was read.
    pub found: Value,
    /// What was chosen; `null` before anything was.
    pub settings: Value,
    /// What a preview of these settings found; `null` before there was one.
    pub preview: Value,
    /// The job that reads, previews or undoes it.
    pub job: Option<Uuid>,
    /// The run that imports it.
    pub run: Option<RunId>,
    /// Who began it.
    pub by: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When its rows were done.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A change of an import; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportChange {
    /// See [`Import::status`].
    pub status: Option<ImportStatus>,
    /// See [`Import::source`].
    pub source: Option<String>,
    /// See [`Import::total`].
    pub total: Option<u64>,
    /// See [`Import::found`].
    pub found: Option<Value>,
    /// See [`Import::settings`].
    pub settings: Option<Value>,
    /// See [`Import::preview`].
    pub preview: Option<Value>,
    /// See [`Import::job`].
    pub job: Option<Uuid>,
    /// See [`Import::run`].
    pub run: Option<RunId>,
    /// See [`Import::finished_at`].
    pub finished_at: Option<DateTime<Utc>>,
    /// See [`Import::error`].
    pub error: Option<String>,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImportStatus {
    /// The file is being read.
    Reading,
    /// It is read; a person chooses.
    Ready,
    /// It is being previewed.
    Previewing,
    /// It was previewed and can be started.
    Previewed,
    /// Its rows are being imported.
    Running,
    /// All rows are done.
    Done,
    /// Somebody ended it; what was done stays done.
    Cancelled,
    /// It could not go on.
    Failed,
    /// What it did is being turned back.
    Undoing,
    /// What it did was turned back.
    Undone,
}

impl ImportStatus {
    const ALL: [Self; 10] = [
        Self::Reading,
        Self::Ready,
        Self::Previewing,
        Self::Previewed,
        Self::Running,
        Self::Done,
        Self::Cancelled,
        Self::Failed,
        Self::Undoing,
        Self::Undone,
    ];

    /// Its word in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Ready => "ready",
            Self::Previewing => "previewing",
            Self::Previewed => "previewed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    /// The status called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// What became of a stretch of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct DoneStretch {
    /// Number of its first row.
    pub first: u64,
    /// Every row, in order.
    pub rows: Vec<RowOutcome>,
}
