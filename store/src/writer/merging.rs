//! What the writer needs to merge leads and to take merges back: rare, so that a batch without them asks nothing.

use super::database::Database;
use super::enrichment::EnrichmentTables as _;
use crate::error::Error;
use crate::ports::WorkspaceId;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use trunkline_leads::{Changes, Key, Membership, Merge};
use uuid::Uuid;

/// The tables of merges, and what belongs to leads.
pub(crate) trait MergeTables: Send {
    /// Every key and list of each of these leads.
    fn belongings(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<HashMap<Uuid, Belongings>, Error>> + Send;

    /// Merges that stand, by id.
    fn merges(
        &mut self,
        workspace: WorkspaceId,
        ids: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<Merge>, Error>> + Send;

    /// The lead that each of `leads` is part of by now; those that went into no other are left out.
    fn redirects(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<HashMap<Uuid, Uuid>, Error>> + Send;

    /// Writes merges and what was taken back, before the leads themselves are written.
    fn write_merges(
        &mut self,
        workspace: WorkspaceId,
        changed: Merged,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Writes what a transaction changed about leads, with what providers gave; merges first: a lead that is taken out of another again is written
/// after it was removed, and never before.
pub(super) async fn write_leads<D: Database>(
    database: &mut D,
    workspace: WorkspaceId,
    mut changes: Changes,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    if let Some(merged) = Merged::take(&mut changes) {
        database.connection().write_merges(workspace, merged, at).await?;
    }
    let enriched = std::mem::take(&mut changes.enriched);
    if !enriched.is_empty() {
        database.connection().write_enrichment(workspace, enriched).await?;
    }
    database.write_leads(workspace, changes, at).await
}

/// What belongs to a lead.
#[derive(Debug, Clone, Default)]
pub(crate) struct Belongings {
    /// Its keys.
    pub(crate) keys: Vec<Key>,
    /// The lists it is on.
    pub(crate) lists: Vec<Membership>,
}

/// What merges and taking them back changed.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    /// Keys that belong to another lead than before.
    pub(crate) moved_keys: Vec<(Key, Uuid)>,
    /// Leads that went into another.
    pub(crate) gone: Vec<Uuid>,
    /// New merges.
    pub(crate) merges: Vec<Merge>,
    /// Merges that were taken back.
    pub(crate) unmerged: Vec<Uuid>,
}

impl Merged {
    /// Takes what is about merges out of `changes`; `None` when nothing is.
    fn take(changes: &mut Changes) -> Option<Self> {
        let merged = Self {
            moved_keys: std::mem::take(&mut changes.moved_keys),
            gone: std::mem::take(&mut changes.absorbed),
            merges: std::mem::take(&mut changes.merges),
            unmerged: std::mem::take(&mut changes.unmerged),
        };
        let is_empty = merged.moved_keys.is_empty()
            && merged.gone.is_empty()
            && merged.merges.is_empty()
            && merged.unmerged.is_empty();
        (!is_empty).then_some(merged)
    }
}
