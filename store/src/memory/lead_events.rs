//! What happened to leads that a workflow listens to.

use super::Memory;
use super::tables::Tables;
use crate::columns::from_json;
use crate::error::Error;
use crate::ports::{Answer, LeadEvent, LeadEvents, WorkspaceId};
use crate::writer::NewLeadEvent;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use trunkline_engine::document::Document;
use uuid::Uuid;

/// Writes events down, in the order in which they happened.
pub(super) fn write(tables: &mut Tables, events: Vec<NewLeadEvent>) -> Result<(), Error> {
    for NewLeadEvent { workspace, workflow, step, lead, output, at } in events {
        tables.last_lead_event += 1;
        let id = tables.last_lead_event;
        let output = from_json("an event", &output)?;
        let event = LeadEvent { id, workspace, workflow, step, lead, output, at };
        Arc::make_mut(&mut tables.lead_events).insert(id, Arc::new(event));
    }
    Ok(())
}

/// The documents of a workspace that are published and switched on.
pub(super) fn listening(tables: &Tables, workspace: WorkspaceId) -> Vec<(Uuid, Document)> {
    let live = tables.workflows.values().filter(|w| w.workspace == workspace && w.active && !w.deleted);
    let document =
        |w: &Arc<super::tables::Workflow>| Some((w.id, tables.versions.get(&w.published?)?.document.clone()));
    live.filter_map(document).collect()
}

impl LeadEvents for Memory {
    fn arrived(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.writer.lead_events_arrived())
    }

    fn list(&self, limit: u32) -> Answer<'_, Vec<LeadEvent>> {
        Box::pin(async move {
            let tables = self.read().await?;
            Ok(tables.lead_events.values().take(limit as usize).map(|event| (**event).clone()).collect())
        })
    }

    fn done(&self, ids: Vec<i64>) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let events = Arc::make_mut(&mut connection.tables()?.lead_events);
                for id in ids {
                    events.remove(&id);
                }
                Ok(())
            })
        }))
    }
}
