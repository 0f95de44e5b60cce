//! What is kept: rows by their keys. A copy costs next to nothing until it is written to.

use super::rules;
use crate::error::Error;
use crate::ports::{
    History, Rules, RunHeader, RunRow, RunState, Stored, Tick, VersionId, VersionRow, WaitKind, WorkspaceId,
};
use crate::writer::{SeenKey, decode_journal};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trunkline_engine::document::Document;
use trunkline_engine::run::{Event, HeldFor, RunId};
use trunkline_leads::matching::LeadMatch;
use trunkline_leads::sla::Clock;
use trunkline_leads::suppression::{Address, Entry};
use trunkline_leads::table::{CounterKey, Row, Table as DataTable};
use trunkline_leads::{Account, Activity, Key, Lead, Merge, Owner, Pool, Stage};
use uuid::Uuid;

/// A table. Whoever writes to a shared one gets a copy.
pub(super) type Table<K, V> = Arc<BTreeMap<K, V>>;

/// Everything that is kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    pub(super) runs: Table<RunId, Arc<Run>>,
    /// Turns after the first.
    pub(super) journal: Table<(RunId, i64), Arc<[u8]>>,
    pub(super) event_keys: Table<(Uuid, String), RunId>,
    pub(super) children: Table<(RunId, String), RunId>,
    pub(super) rules: Table<RunId, Rule>,
    pub(super) seen: Table<SeenKey, (RunId, DateTime<Utc>)>,
    /// By the order in which they were asked.
    pub(super) waits: Table<i64, Wait>,
    pub(super) last_wait: i64,
    /// Letters by their number: for which run, and the event as JSON.
    pub(super) letters: Table<i64, (RunId, Option<String>)>,
    pub(super) last_letter: i64,
    pub(super) ended: Table<(Uuid, i64), [i64; 3]>,
    pub(super) workflows: Table<Uuid, Arc<Workflow>>,
    pub(super) versions: Table<VersionId, Arc<Version>>,
    pub(super) fired: Table<(Uuid, String), DateTime<Utc>>,
    pub(super) ticks: Table<(Uuid, String, DateTime<Utc>), Tick>,
    pub(super) link_key: Option<[u8; 32]>,
    pub(super) leads: Table<Uuid, (WorkspaceId, Arc<Lead>)>,
    pub(super) lead_keys: Table<(WorkspaceId, &'static str, String), Uuid>,
    pub(super) activities: Table<i64, Arc<Activity>>,
    pub(super) activity_keys: Table<(WorkspaceId, String), Uuid>,
    pub(super) owners: Table<Uuid, (WorkspaceId, Arc<Owner>)>,
    pub(super) pools: Table<Uuid, (WorkspaceId, Arc<Pool>)>,
    pub(super) clocks: Table<Uuid, (WorkspaceId, Arc<Clock>)>,
    pub(super) lists: Table<Uuid, (WorkspaceId, String)>,
    pub(super) members: Table<(Uuid, Uuid), DateTime<Utc>>,
    pub(super) accounts: Table<Uuid, (WorkspaceId, Arc<Account>)>,
    pub(super) account_keys: Table<(WorkspaceId, String), BTreeSet<Uuid>>,
    pub(super) account_matches: Table<Uuid, (WorkspaceId, Arc<LeadMatch>)>,
    pub(super) stages: Table<WorkspaceId, Arc<[Stage]>>,
    pub(super) lead_events: Table<i64, Arc<crate::ports::LeadEvent>>,
    pub(super) last_lead_event: i64,
    pub(super) definitions: Table<Uuid, Arc<super::definitions::Kept>>,
    pub(super) data_tables: Table<Uuid, (WorkspaceId, Arc<DataTable>, DateTime<Utc>)>,
    pub(super) suppressions: Table<(WorkspaceId, Address), Entry>,
    /// By table and row.
    pub(super) data_rows: Table<(Uuid, Uuid), Arc<Row>>,
    pub(super) counters: Table<(WorkspaceId, CounterKey), (i64, DateTime<Utc>)>,
    /// Merges that stand.
    pub(super) merges: Table<Uuid, (WorkspaceId, Arc<Merge>)>,
}

/// A run and its first turn.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) header: RunHeader,
    pub(super) state: RunState,
    pub(super) journal: Arc<[u8]>,
}

/// Rules of a run that has not ended.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Its place in the order in which runs were accepted.
    pub(super) place: u64,
    pub(super) workspace: WorkspaceId,
    pub(super) workflow: Uuid,
    pub(super) rules: Rules,
    /// What its burst has in common, and when it may begin.
    pub(super) burst: Option<(String, DateTime<Utc>)>,
    pub(super) held: Option<HeldFor>,
}

/// An open wait.
#[derive(Debug, Clone)]
pub(super) struct Wait {
    pub(super) run: RunId,
    pub(super) key: String,
    pub(super) workspace: WorkspaceId,
    pub(super) kind: WaitKind,
    /// The lead and the event that end it.
    pub(super) lead: Option<(Uuid, String)>,
    /// Whether that event has come.
    pub(super) answered: bool,
    /// What the step asked, as JSON.
    pub(super) what: String,
    pub(super) asked_at: DateTime<Utc>,
    pub(super) due_at: Option<DateTime<Utc>>,
}

/// A workflow.
#[derive(Debug, Clone)]
pub(super) struct Workflow {
    pub(super) id: Uuid,
    pub(super) workspace: WorkspaceId,
    pub(super) active: bool,
    pub(super) draft: Document,
    pub(super) draft_revision: i64,
    pub(super) published: Option<VersionId>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) deleted: bool,
}

/// A frozen document.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) id: VersionId,
    pub(super) workflow: Uuid,
    /// How it is listed; nothing for the snapshot of a draft.
    pub(super) row: Option<VersionRow>,
    pub(super) document: Document,
    pub(super) created_at: DateTime<Utc>,
}

impl Tables {
    pub(super) fn set_stages(&mut self, workspace: WorkspaceId, stages: &[Stage]) {
        let mut stages = stages.to_vec();
        stages.sort_by(|a, b| (a.rank, &a.name).cmp(&(b.rank, &b.name)));
        Arc::make_mut(&mut self.stages).insert(workspace, stages.into());
    }

    /// Everything that happened to a run, in order; nothing for an unknown one.
    pub(super) fn events(&self, run: RunId) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        for column in self.columns(run) {
            events.extend(decode_journal(column)?);
        }
        Ok(events)
    }

    /// The turns of a run as their columns hold them, in order; none for an unknown one.
    pub(super) fn columns(&self, run: RunId) -> impl Iterator<Item = &[u8]> {
        let first = self.runs.get(&run).map(|run| &*run.journal);
        let later = self.journal.range((run, 0)..=(run, i64::MAX)).map(|(_, body)| &**body);
        first.into_iter().chain(later)
    }

    /// The number of a run's next turn.
    pub(super) fn next_seq(&self, run: RunId) -> i64 {
        let last = self.journal.range((run, 0)..=(run, i64::MAX)).next_back();
        last.map_or(1, |((_, seq), _)| seq + 1)
    }

    pub(super) fn stored(&self, run: &Run) -> Result<Stored, Error> {
        let id = run.header.id;
        let waits = self.waits.values().filter(|wait| wait.run == id).count();
        let header = RunHeader {
            next_seq: self.next_seq(id),
            rules: rules::of(self, id),
            waits: u32::try_from(waits).unwrap_or(u32::MAX),
            ..run.header.clone()
        };
        Ok(Stored { header, events: self.events(id)?, state: run.state.clone() })
    }

    pub(super) fn run_row(&self, run: &Run) -> RunRow {
        let header = &run.header;
        let version = self.versions.get(&header.version);
        let lead = run.state.lead.and_then(|lead| self.leads.get(&lead));
        RunRow {
            id: header.id,
            workflow: header.workflow,
            workflow_name: self
                .workflows
                .get(&header.workflow)
                .map_or_else(String::new, |w| w.draft.name.clone()),
            version: header.version,
            number: version.and_then(|version| version.row.as_ref()).map(|row| row.number),
            subject: lead.map(|(_, lead)| lead.name()).or_else(|| header.subject.clone()),
            trigger_kind: header.trigger_kind.clone(),
            started_at: header.started_at,
            state: run.state.clone(),
        }
    }

    pub(super) fn history(&self, run: &Run) -> Result<Option<History>, Error> {
        let Some(version) = self.versions.get(&run.header.version) else { return Ok(None) };
        let (row, document) = (self.run_row(run), version.document.clone());
        Ok(Some(History { row, document, events: self.events(run.header.id)?, thinned_at: None }))
    }

    /// The lead that has `key`.
    pub(super) fn lead_of(&self, workspace: WorkspaceId, key: &Key) -> Option<&Arc<Lead>> {
        let id = self.lead_keys.get(&(workspace, key.kind.as_str(), key.value.clone()))?;
        self.leads.get(id).map(|(_, lead)| lead)
    }
}
