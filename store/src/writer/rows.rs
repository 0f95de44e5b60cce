//! What a batch writes, before a database gives it its columns.

use crate::ports::{RunHeader, RunState, WorkspaceId};
use std::collections::{HashMap, HashSet};
use trunkline_engine::run::RunId;
use trunkline_leads::standing::SegmentMove;
use trunkline_leads::{ActivityKind, Changes, Lead};
use uuid::Uuid;

/// A run and the journal of its first turn.
#[derive(Debug)]
pub(crate) struct NewRun<'t> {
    /// What is known of it.
    pub(crate) header: &'t RunHeader,
    /// How it stands.
    pub(crate) state: RunState,
    /// Its first events, as [`super::journal`] writes them.
    pub(crate) journal: Vec<u8>,
}

/// A later turn of a run. `(run, seq)` is the fence: it can be written once.
#[derive(Debug)]
pub(crate) struct JournalRow {
    /// Of which run.
    pub(crate) run: RunId,
    /// Its number.
    pub(crate) seq: i64,
    /// Its events, as [`super::journal`] writes them.
    pub(crate) body: Vec<u8>,
}

/// How a run that is there already stands now. Its lead stays when it has one.
#[derive(Debug)]
pub(crate) struct RunChange {
    /// Which run.
    pub(crate) run: RunId,
    /// How it stands.
    pub(crate) state: RunState,
}

/// Runs of a workflow that ended within an hour.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Which workflow.
    pub(crate) workflow: Uuid,
    /// Hours since 1970.
    pub(crate) hour: i64,
    /// How many ended well.
    pub(crate) completed: i64,
    /// How many failed.
    pub(crate) failed: i64,
    /// How many were cancelled.
    pub(crate) cancelled: i64,
}

/// What the leads list searches in: a line each for name, e-mail address, company, phone and external id.
pub(crate) fn search_text(lead: &Lead) -> String {
    let mut text = lead.name();
    for part in [&lead.email, &lead.company, &lead.phone, &lead.external_id].into_iter().flatten() {
        text.push('\n');
        text.push_str(part);
    }
    text.to_lowercase()
}

/// What is left of `moves` when only the last of each lead and segment counts: who entered, and who left.
pub(crate) fn last_moves(moves: Vec<SegmentMove>) -> (Vec<SegmentMove>, Vec<SegmentMove>) {
    let mut last: HashMap<(uuid::Uuid, String), SegmentMove> = HashMap::new();
    for moved in moves {
        last.insert((moved.lead_id, moved.segment.clone()), moved);
    }
    last.into_values().partition(|moved| moved.entered)
}

/// The leads whose names or addresses may have changed, with what the leads list searches in.
pub(crate) fn renamed(workspace: WorkspaceId, changes: &Changes) -> Vec<(WorkspaceId, Uuid, String)> {
    let is_of_fields = |kind| {
        matches!(
            kind,
            ActivityKind::Created
                | ActivityKind::Updated
                | ActivityKind::Enriched
                | ActivityKind::Merged
                | ActivityKind::Unmerged
                | ActivityKind::Imported
        )
    };
    let entries = changes.activities.iter().filter(|entry| is_of_fields(entry.kind));
    let ids: HashSet<Uuid> = entries.map(|entry| entry.lead_id).collect();
    let leads = changes.leads.iter().filter(|lead| ids.contains(&lead.id));
    leads.map(|lead| (workspace, lead.id, search_text(lead))).collect()
}
