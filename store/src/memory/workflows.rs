//! Workflows: drafts, publishing, and the list.

use super::Memory;
use super::tables::{Tables, Workflow as Row};
use super::versions;
use crate::error::Error;
use crate::ports::{
    Answer, Pinned, Publish, Published, RunStatus, Tally, VersionId, VersionRow, Workflow, WorkflowSummary,
    Workflows, WorkspaceId,
};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use trunkline_engine::document::{Document, Steps};
use uuid::Uuid;

const MICROS_PER_HOUR: i64 = 3_600_000_000;
const WORKFLOW: Error = Error::NotFound("a workflow");

impl Workflows for Memory {
    fn create(&self, workspace: WorkspaceId, id: Uuid, document: Document) -> Answer<'_, Workflow> {
        let now = self.sources.now();
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let tables = connection.tables()?;
                let row = Row {
                    id,
                    workspace,
                    active: false,
                    draft: document,
                    draft_revision: 1,
                    published: None,
                    created_at: now,
                    updated_at: now,
                    deleted: false,
                };
                if Arc::make_mut(&mut tables.workflows).insert(id, Arc::new(row)).is_some() {
                    return Err(Error::Conflict("a workflow"));
                }
                one(tables, workspace, id).ok_or(WORKFLOW)
            })
        }))
    }

    fn list(
        &self,
        workspace: WorkspaceId,
        search: Option<String>,
        today: DateTime<Utc>,
    ) -> Answer<'_, Vec<WorkflowSummary>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let search = search.map(|text| text.to_lowercase());
            let fits = |row: &&Arc<Row>| {
                let name = row.draft.name.to_lowercase();
                row.workspace == workspace
                    && !row.deleted
                    && search.as_ref().is_none_or(|text| name.contains(text.as_str()))
            };
            let mut found: Vec<WorkflowSummary> =
                tables.workflows.values().filter(fits).map(|row| summary(&tables, row, today)).collect();
            found.sort_by_key(|summary| std::cmp::Reverse(summary.updated_at));
            Ok(found)
        })
    }

    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Workflow>> {
        Box::pin(async move { Ok(one(&*self.read().await?, workspace, id)) })
    }

    fn by_name(&self, workspace: WorkspaceId, name: String) -> Answer<'_, Option<Workflow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let named = tables.workflows.values().filter(|row| row.draft.name.eq_ignore_ascii_case(&name));
            let mut found: Vec<Workflow> = named.filter_map(|row| one(&tables, workspace, row.id)).collect();
            found.sort_by_key(|workflow| (workflow.published.is_none(), workflow.id));
            Ok(found.into_iter().next())
        })
    }

    fn save_draft(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        document: Document,
        base_revision: i64,
    ) -> Answer<'_, i64> {
        let now = self.sources.now();
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let row = at_revision(connection.tables()?, workspace, id, base_revision)?;
                row.draft = document;
                row.draft_revision += 1;
                row.updated_at = now;
                Ok(row.draft_revision)
            })
        }))
    }

    fn publish(&self, workspace: WorkspaceId, id: Uuid, publish: Publish) -> Answer<'_, Published> {
        let now = self.sources.now();
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                let tables = connection.tables()?;
                at_revision(tables, workspace, id, publish.base_revision)?;
                let workflow = one(tables, workspace, id).ok_or(WORKFLOW)?;
                let version = match workflow.published {
                    Some(live) if !workflow.draft_changed => live.version,
                    _ => versions::freeze(tables, id, workflow.draft, publish, now),
                };
                let row = known(tables, workspace, id)?;
                (row.published, row.active, row.updated_at) = (Some(version), true, now);
                one(tables, workspace, id).and_then(|workflow| workflow.published).ok_or(WORKFLOW)
            })
        }))
    }

    fn set_active(&self, workspace: WorkspaceId, id: Uuid, active: bool) -> Answer<'_, ()> {
        let now = self.sources.now();
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                let row = known(connection.tables()?, workspace, id)?;
                (row.active, row.updated_at) = (active, now);
                Ok(())
            })
        }))
    }

    fn delete(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                let tables = connection.tables()?;
                let row = known(tables, workspace, id)?;
                (row.active, row.deleted) = (false, true);
                Arc::make_mut(&mut tables.fired).retain(|(workflow, _), _| *workflow != id);
                Ok(())
            })
        }))
    }

    fn versions(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<VersionRow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let published = versions::of(&tables, id).rev().filter_map(|version| version.row.clone());
            let is_ours = tables.workflows.get(&id).is_some_and(|row| row.workspace == workspace);
            Ok(if is_ours { published.collect() } else { Vec::new() })
        })
    }

    fn version(&self, workspace: WorkspaceId, id: Uuid, number: u32) -> Answer<'_, Option<Document>> {
        Box::pin(async move {
            let tables = self.read().await?;
            if tables.workflows.get(&id).is_none_or(|row| row.workspace != workspace) {
                return Ok(None);
            }
            let numbered = |row: &VersionRow| row.number == number;
            let found = versions::of(&tables, id).find(|version| version.row.as_ref().is_some_and(numbered));
            Ok(found.map(|version| version.document.clone()))
        })
    }

    fn snapshot(&self, workspace: WorkspaceId, id: Uuid, document: Document) -> Answer<'_, VersionId> {
        let now = self.sources.now();
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let tables = connection.tables()?;
                known(tables, workspace, id)?;
                Ok(versions::snapshot(tables, id, document, now))
            })
        }))
    }

    fn pinned(&self, version: VersionId) -> Answer<'_, Option<Pinned>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let Some(version) = tables.versions.get(&version) else { return Ok(None) };
            Ok(tables.workflows.get(&version.workflow).map(|row| versions::pinned(version, row)))
        })
    }

    fn live(&self) -> Answer<'_, Vec<Pinned>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let live = tables.workflows.values().filter(|row| !row.deleted);
            let pinned = |row: &Arc<Row>| Some(versions::pinned(tables.versions.get(&row.published?)?, row));
            Ok(live.filter_map(pinned).collect())
        })
    }

    fn fired(&self, workflow: Uuid, step: String) -> Answer<'_, Option<DateTime<Utc>>> {
        Box::pin(async move { Ok(self.read().await?.fired.get(&(workflow, step)).copied()) })
    }

    fn mark_fired(&self, workflow: Uuid, step: String, at: DateTime<Utc>) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let fired = Arc::make_mut(&mut connection.tables()?.fired);
                let last = fired.entry((workflow, step)).or_insert(at);
                *last = at.max(*last);
                Ok(())
            })
        }))
    }
}

fn known(tables: &mut Tables, workspace: WorkspaceId, id: Uuid) -> Result<&mut Row, Error> {
    let row = Arc::make_mut(&mut tables.workflows).get_mut(&id);
    let row = row.filter(|row| row.workspace == workspace && !row.deleted).ok_or(WORKFLOW)?;
    Ok(Arc::make_mut(row))
}

/// The workflow, unless its draft is not at `base` any more.
fn at_revision(tables: &mut Tables, workspace: WorkspaceId, id: Uuid, base: i64) -> Result<&mut Row, Error> {
    let row = known(tables, workspace, id)?;
    if row.draft_revision == base { Ok(row) } else { Err(Error::Stale { current: row.draft_revision }) }
}

fn one(tables: &Tables, workspace: WorkspaceId, id: Uuid) -> Option<Workflow> {
    let row = tables.workflows.get(&id).filter(|row| row.workspace == workspace && !row.deleted)?;
    let live = row.published.and_then(|version| tables.versions.get(&version));
    let published = live.and_then(|version| {
        Some(Published {
            version: version.id,
            number: version.row.as_ref()?.number,
            document: version.document.clone(),
            published_at: version.created_at,
        })
    });
    Some(Workflow {
        id,
        workspace,
        name: row.draft.name.clone(),
        active: row.active,
        draft_changed: published.as_ref().is_none_or(|published| published.document != row.draft),
        draft: row.draft.clone(),
        draft_revision: row.draft_revision,
        published,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn summary(tables: &Tables, row: &Row, today: DateTime<Utc>) -> WorkflowSummary {
    let first_hour = today.timestamp_micros().div_euclid(MICROS_PER_HOUR);
    let mut tally = Tally::default();
    for (_, [completed, failed, _]) in tables.ended.range((row.id, first_hour)..=(row.id, i64::MAX)) {
        tally.completed += completed.unsigned_abs();
        tally.failed += failed.unsigned_abs();
    }
    let runs = || tables.runs.values().filter(|run| run.header.workflow == row.id);
    let is_open = |status: RunStatus| !status.is_final();
    tally.running = runs().filter(|run| is_open(run.state.status)).count() as u64;
    let live = row.published.and_then(|version| tables.versions.get(&version));
    WorkflowSummary {
        id: row.id,
        name: row.draft.name.clone(),
        description: row.draft.description.clone(),
        active: row.active,
        published: live.and_then(|version| version.row.as_ref()).map(|row| row.number),
        draft_changed: live.is_none_or(|version| version.document != row.draft),
        root_kinds: row.draft.steps.values().map(|step| step.kind.clone()).collect(),
        steps: count(&row.draft.steps),
        tally,
        last_run_at: runs().next_back().map(|run| run.header.started_at),
        updated_at: row.updated_at,
    }
}

fn count(steps: &Steps) -> usize {
    steps.values().map(|step| 1 + step.body.as_ref().map_or(0, |body| count(&body.steps))).sum()
}
