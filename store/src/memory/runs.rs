//! Reading runs: one by one, page by page, and those that must go on.

use super::Memory;
use super::tables::{Run, Tables};
use crate::ports::{Answer, History, Page, RunQuery, RunRow, Runs, Settled, Stored, Turn, WorkspaceId};
use chrono::{DateTime, Utc};
use std::ops::Bound;
use std::sync::Arc;
use trunkline_engine::run::{EffectKey, RunId};

/// Most rows of a page.
pub(super) const MAX_PAGE: u32 = 500;

impl Runs for Memory {
    fn turn(&self, turn: Turn) -> Answer<'_, Settled> {
        Box::pin(self.writer.turn(turn))
    }

    fn list(&self, workspace: WorkspaceId, query: RunQuery) -> Answer<'_, Page<RunRow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let limit = query.limit.clamp(1, MAX_PAGE) as usize;
            let fits = |run: &&Arc<Run>| {
                run.header.workspace == workspace
                    && query.workflow.is_none_or(|workflow| run.header.workflow == workflow)
                    && query.status.is_none_or(|status| run.state.status == status)
                    && query.before.is_none_or(|before| run.header.id < before)
                    && query.search.as_deref().is_none_or(|text| is_found(&tables, run, text))
            };
            // One more than asked for tells whether there is another page.
            let mut items: Vec<RunRow> = tables
                .runs
                .values()
                .rev()
                .filter(fits)
                .take(limit + 1)
                .map(|run| tables.run_row(run))
                .collect();
            let more = items.len() > limit;
            items.truncate(limit);
            let next = if more { items.last().map(|run| run.id) } else { None };
            Ok(Page { items, next })
        })
    }

    fn get(&self, workspace: WorkspaceId, id: RunId) -> Answer<'_, Option<RunRow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            Ok(of_workspace(&tables, workspace, id).map(|run| tables.run_row(run)))
        })
    }

    fn history(&self, workspace: WorkspaceId, id: RunId) -> Answer<'_, Option<History>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let run = of_workspace(&tables, workspace, id);
            Ok(run.map(|run| tables.history(run)).transpose()?.flatten())
        })
    }

    fn unfinished(&self, after: Option<RunId>, limit: u32) -> Answer<'_, Vec<Stored>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let after = after.map_or(Bound::Unbounded, Bound::Excluded);
            let runs = tables.runs.range((after, Bound::Unbounded)).map(|(_, run)| run);
            runs.filter(|run| run.state.resume).take(limit as usize).map(|run| tables.stored(run)).collect()
        })
    }

    fn due(&self, now: DateTime<Utc>, limit: u32) -> Answer<'_, Vec<Stored>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let mut due: Vec<_> = tables
                .runs
                .values()
                .filter_map(|run| Some((run.state.wake_at.filter(|at| *at <= now)?, run)))
                .collect();
            due.sort_by_key(|(at, run)| (*at, run.header.id));
            due.into_iter().take(limit as usize).map(|(_, run)| tables.stored(run)).collect()
        })
    }

    fn next_wake(&self) -> Answer<'_, Option<DateTime<Utc>>> {
        Box::pin(
            async move { Ok(self.read().await?.runs.values().filter_map(|run| run.state.wake_at).min()) },
        )
    }

    fn stored(&self, id: RunId) -> Answer<'_, Option<Stored>> {
        Box::pin(async move {
            let tables = self.read().await?;
            tables.runs.get(&id).map(|run| tables.stored(run)).transpose()
        })
    }

    fn outline(&self, id: RunId) -> Answer<'_, Option<Stored>> {
        Box::pin(async move {
            let stored = self.stored(id).await?;
            Ok(stored.map(|stored| Stored { events: Vec::new(), ..stored }))
        })
    }

    fn child(&self, parent: RunId, key: EffectKey) -> Answer<'_, Option<RunRow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let child = tables.children.get(&(parent, key.to_string()));
            Ok(child.and_then(|id| tables.runs.get(id)).map(|run| tables.run_row(run)))
        })
    }
}

fn of_workspace(tables: &Tables, workspace: WorkspaceId, id: RunId) -> Option<&Arc<Run>> {
    tables.runs.get(&id).filter(|run| run.header.workspace == workspace)
}

/// Whether what people typed means this run: the start of its id, or its lead by id, address or external id.
fn is_found(tables: &Tables, run: &Run, text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || (text.len() >= 4 && run.header.id.to_string().starts_with(&text.to_lowercase())) {
        return true;
    }
    let lead = run.state.lead.and_then(|lead| tables.leads.get(&lead));
    lead.is_some_and(|(_, lead)| {
        lead.id.to_string() == text.to_lowercase()
            || lead.email.as_deref() == Some(text.to_lowercase().as_str())
            || lead.external_id.as_deref() == Some(text)
    })
}
