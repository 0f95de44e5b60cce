//! Who must not be written to.
//!
//! Runs add entries through [`Runs::turn`](super::Runs::turn), people through [`Suppressions::perform`], by the same rules.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Debug;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Performed, RunId};
use trunkline_leads::By;
use trunkline_leads::suppression::{self, Address, Entry, SuppressionOperation};
use uuid::Uuid;

/// Suppression as the server needs it.
pub trait Suppressions: Debug + Send + Sync {
    /// What is known of each of `addresses`, by everything that is committed.
    fn find(&self, workspace: WorkspaceId, addresses: Vec<Address>) -> Answer<'_, Vec<suppression::Answer>>;

    /// Entries, the newest first.
    fn list(&self, workspace: WorkspaceId, query: SuppressionQuery) -> Answer<'_, SuppressionPage>;

    /// Performs `operations` for a person, one after another in one transaction; one that fails changes nothing, and
    /// does not keep the others from being performed.
    fn perform(
        &self,
        workspace: WorkspaceId,
        operations: Vec<SuppressionOperation>,
        by: By,
    ) -> Answer<'_, Vec<Result<Performed, Failure>>>;

    /// Takes an entry away and gives it.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Entry>;

    /// Notes on the timeline of every lead with the address that a message to it was held back; answers how many leads
    /// there are.
    fn note_held_back(&self, workspace: WorkspaceId, held: HeldBack) -> Answer<'_, u64>;
}

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct SuppressionQuery {
    /// Part of an address.
    pub search: Option<String>,
    /// Only those before this entry.
    pub before: Option<Uuid>,
    /// Most entries (1 to 500).
    pub limit: u32,
}

/// Entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuppressionPage {
    /// The entries. The address of somebody who was erased is empty.
    pub items: Vec<Entry>,
    /// Before which entry the next page begins; `None` on the last.
    pub next: Option<Uuid>,
    /// How many entries the query finds on all pages.
    pub total: u64,
}

/// A message that was held back.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldBack {
    /// Whom it was for.
    pub address: Address,
    /// Why, in a plain sentence.
    pub why: String,
    /// What the law goes by.
    pub evidence: Value,
    /// The run that would have sent it.
    pub run: RunId,
    /// Its step.
    pub step: String,
    /// When.
    pub at: DateTime<Utc>,
}
