//! What the writer needs to merge leads and to take merges back: rare, so that a batch without them asks nothing.

use super::database::Database;
use super::enrichment::EnrichmentTables as _;
use super::tables::ActivityKeys as _;
use crate::error::Error;
use crate::ports::WorkspaceId;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use trunkline_leads::linkage::{Alike, Probe};
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

    /// Which leads went into `leads` and into those, and still are part of them: pairs of the lead that stayed and the one
    /// that went into it.
    fn parts(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<(Uuid, Uuid)>, Error>> + Send;

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

/// Which leads are like what is looked for.
pub(crate) trait Likenesses: Send {
    /// The leads that `probe` finds, and whom people said are not `lead`.
    fn alike(
        &mut self,
        workspace: WorkspaceId,
        lead: Option<Uuid>,
        probe: &Probe,
    ) -> impl Future<Output = Result<Alike, Error>> + Send;
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
    let keys = std::mem::take(&mut changes.activity_keys);
    if !keys.is_empty() {
        database.connection().add_activity_keys(workspace, keys, at).await?;
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
    /// Leads of which it is no longer known how they stand with their accounts.
    pub(crate) unmatched: Vec<Uuid>,
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
            unmatched: std::mem::take(&mut changes.unmatched),
            merges: std::mem::take(&mut changes.merges),
            unmerged: std::mem::take(&mut changes.unmerged),
        };
        let is_empty = merged.moved_keys.is_empty()
            && merged.gone.is_empty()
            && merged.unmatched.is_empty()
            && merged.merges.is_empty()
            && merged.unmerged.is_empty();
        (!is_empty).then_some(merged)
    }
}

/// What belongs to each of `roots`, when every lead brings along what belongs to those that went into it: `own` by lead,
/// and `parts` as [`MergeTables::parts`] gives them. With a root comes a part that is left out.
pub(crate) fn gathered<T: Clone>(
    roots: impl IntoIterator<Item = (Uuid, Option<Uuid>)>,
    parts: &[(Uuid, Uuid)],
    own: &HashMap<Uuid, Vec<T>>,
) -> Vec<Vec<T>> {
    let mut below: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (stayed, went) in parts {
        below.entry(*stayed).or_default().push(*went);
    }
    let gather = |(root, without): (Uuid, Option<Uuid>)| {
        let (mut found, mut open) = (Vec::new(), vec![root]);
        // A lead went into one other at most, so none is met twice.
        while let Some(lead) = open.pop() {
            found.extend(own.get(&lead).into_iter().flatten().cloned());
            let parts = below.get(&lead).into_iter().flatten().copied();
            open.extend(parts.filter(|part| lead != root || Some(*part) != without));
        }
        found
    };
    roots.into_iter().map(gather).collect()
}
