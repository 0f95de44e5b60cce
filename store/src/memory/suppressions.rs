//! Suppression.

use super::Memory;
use super::tables::Tables;
use super::transaction::Transaction;
use crate::error::Error;
use crate::ports::{Answer, HeldBack, SuppressionPage, SuppressionQuery, Suppressions, WorkspaceId};
use crate::writer::{Registers, registers};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Performed, RunId};
use trunkline_leads::suppression::{self, Address, Entry, SuppressionOperation};
use trunkline_leads::{Activity, ActivityKind, By};
use uuid::Uuid;

/// Most entries of a page.
const MAX_PAGE: u32 = 500;

impl Registers for Transaction {
    async fn suppressions(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<Address>,
    ) -> Result<Vec<suppression::Answer>, Error> {
        let tables = self.look();
        Ok(asked.iter().map(|address| known(tables, workspace, address)).collect())
    }

    async fn write_suppressions(&mut self, workspace: WorkspaceId, entries: Vec<Entry>) -> Result<(), Error> {
        let tables = self.tables()?;
        for entry in entries {
            let title = format!("Not to be written to: {}", entry.reason.label());
            let new = Value::from(entry.reason.as_str());
            let what = (ActivityKind::ConsentChanged, title, None, new);
            note(tables, workspace, &entry.address, what, (entry.at, entry.run_id, None));
            Arc::make_mut(&mut tables.suppressions).insert((workspace, entry.address.clone()), entry);
        }
        Ok(())
    }
}

impl Suppressions for Memory {
    fn find(&self, workspace: WorkspaceId, addresses: Vec<Address>) -> Answer<'_, Vec<suppression::Answer>> {
        Box::pin(async move {
            let tables = self.read().await?;
            Ok(addresses.iter().map(|address| known(&tables, workspace, address)).collect())
        })
    }

    fn list(&self, workspace: WorkspaceId, query: SuppressionQuery) -> Answer<'_, SuppressionPage> {
        Box::pin(async move {
            let tables = self.read().await?;
            let text = query.search.as_deref().map(|text| text.trim().to_lowercase()).unwrap_or_default();
            let of_workspace = tables.suppressions.iter().filter(|((of, _), _)| *of == workspace);
            let mut found: Vec<&Entry> = of_workspace
                .map(|(_, entry)| entry)
                .filter(|entry| entry.address.value.contains(&text))
                .collect();
            found.sort_by_key(|entry| std::cmp::Reverse(entry.id));
            let total = found.len() as u64;
            let limit = query.limit.clamp(1, MAX_PAGE) as usize;
            let rest = found.into_iter().filter(|entry| query.before.is_none_or(|before| entry.id < before));
            let mut items: Vec<Entry> = rest.take(limit + 1).cloned().collect();
            let more = items.len() > limit;
            items.truncate(limit);
            let next = if more { items.last().map(|entry| entry.id) } else { None };
            Ok(SuppressionPage { items, next, total })
        })
    }

    fn perform(
        &self,
        workspace: WorkspaceId,
        operations: Vec<SuppressionOperation>,
        by: By,
    ) -> Answer<'_, Vec<Result<Performed, Failure>>> {
        let sources = self.sources.clone();
        Box::pin(self.writer.write(move |connection| {
            Box::pin(
                async move { registers::perform(connection, workspace, &operations, &by, &sources).await },
            )
        }))
    }

    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Entry> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let entries = Arc::make_mut(&mut connection.tables()?.suppressions);
                let found = entries.iter().find(|((of, _), entry)| *of == workspace && entry.id == id);
                let place = found.map(|(place, _)| place.clone()).ok_or(Error::NotFound("the entry"))?;
                entries.remove(&place).ok_or(Error::NotFound("the entry"))
            })
        }))
    }

    fn note_held_back(&self, workspace: WorkspaceId, held: HeldBack) -> Answer<'_, u64> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let title = "A message was held back".to_owned();
                let what = (ActivityKind::Suppressed, title, Some(held.why), held.evidence);
                let by = (held.at, Some(held.run), Some(held.step));
                Ok(note(connection.tables()?, workspace, &held.address, what, by))
            })
        }))
    }
}

fn known(tables: &Tables, workspace: WorkspaceId, address: &Address) -> suppression::Answer {
    let entry = tables.suppressions.get(&(workspace, address.clone())).cloned();
    let lead = address.key().and_then(|key| tables.lead_of(workspace, &key).cloned());
    let refused_by = lead.filter(|lead| lead.consent == Some(false)).map(|lead| lead.id);
    suppression::Answer { address: address.clone(), entry, refused_by }
}

/// Notes something on the timeline of the lead with the address; answers how many leads there are.
fn note(
    tables: &mut Tables,
    workspace: WorkspaceId,
    address: &Address,
    (kind, title, why, new): (ActivityKind, String, Option<String>, Value),
    (at, run_id, step): (DateTime<Utc>, Option<RunId>, Option<String>),
) -> u64 {
    let lead = address.key().and_then(|key| tables.lead_of(workspace, &key).map(|lead| lead.id));
    let Some(lead_id) = lead else { return 0 };
    let next = tables.activities.last_key_value().map_or(1, |(id, _)| id + 1);
    let activity = Activity {
        lead_id,
        at,
        kind,
        title,
        why,
        old: Value::Null,
        new,
        run_id,
        step,
        by: None,
        touch: None,
        detail: Value::Null,
    };
    Arc::make_mut(&mut tables.activities).insert(next, Arc::new(activity));
    1
}
