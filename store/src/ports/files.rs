//! Files that people uploaded. The store knows their names and sizes; the contents lie in the data folder.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use uuid::Uuid;

/// Uploaded files as the server needs them.
pub trait Files: Debug + Send + Sync {
    /// Keeps what is known of a file whose content is on disk already.
    fn add(&self, workspace: WorkspaceId, file: StoredFile) -> Answer<'_, ()>;

    /// One file.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<StoredFile>>;

    /// The newest files, or those older than `before`, at most `limit` (1 to 500).
    fn list(&self, workspace: WorkspaceId, before: Option<Uuid>, limit: u32) -> Answer<'_, Vec<StoredFile>>;

    /// Forgets a file. Answers with its digest when no other file has the same content, so that the content can go too.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<[u8; 32]>>;

    /// Which of `digests` no file has, so that their contents can go: for leftovers of uploads that were cut off.
    fn unknown(&self, digests: Vec<[u8; 32]>) -> Answer<'_, Vec<[u8; 32]>>;
}

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// What it was called where it came from.
    pub name: String,
    /// SHA-256 of its content, which also names the content on disk.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
    /// Its media type, such as `text/csv`.
    pub kind: String,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}
