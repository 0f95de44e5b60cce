//! Erasing one person's data everywhere, with a proof that names nobody.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use uuid::Uuid;

/// Erasing leads.
pub trait Erasures: Debug + Send + Sync {
    /// Erases a lead: its record, keys, timeline and lists, every run about it and every pin of one, the journal of every
    /// other run that mentions it, rows of data tables that name it, its traces in imports, and its address in what is
    /// about something else. When this answers, its data cannot be read from the files any more.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown lead, [`Error::Conflict`](crate::Error::Conflict) when
    /// a run or a job that names it has not ended.
    fn erase(&self, workspace: WorkspaceId, request: Erase) -> Answer<'_, Erasure>;

    /// The e-mail addresses of a lead and of those that went into it, in lower case: what files outside of the store are
    /// searched for.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown lead.
    fn addresses(&self, workspace: WorkspaceId, lead: Uuid) -> Answer<'_, Vec<String>>;

    /// What was erased, the newest first, at most `limit` (1 to 500).
    fn list(&self, workspace: WorkspaceId, limit: u32) -> Answer<'_, Vec<Erasure>>;
}

/// A wish to erase a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erase {
    /// Id of the erasure, a UUIDv7.
    pub id: Uuid,
    /// The lead.
    pub lead: Uuid,
    /// Who asks for it.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Random bytes under the digest of the proof.
    pub salt: [u8; 16],
}

/// That a lead was erased. It holds nothing of the lead but a salted digest of its e-mail address, so that somebody who
/// knows the address can check that it is the one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who asked for it.
    pub by: Option<String>,
    /// `salt:digest` in hex: SHA-256 of the salt followed by the address in lower case, or by the lead's id when it had
    /// no address.
    pub proof: String,
    /// How many rows went, by what they were.
    pub counts: Vec<(String, u64)>,
}
