//! Starts runs for what happened to leads.
//!
//! An event is on disk with what happened, and goes once its run is accepted; the run's event key is the event's number.
//! So each event starts exactly one run, whenever the server stops. Of what happened to one lead nothing is started before
//! what came earlier is accepted.

use super::{Await, NewRun, Runner};
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::time::Duration;
use trunkline_store::Error;
use trunkline_store::ports::LeadEvent;
use uuid::Uuid;

/// Events started at a time.
const SLICE: u32 = 200;
/// Pause before the store is asked again after it refused.
const PAUSE: Duration = Duration::from_millis(500);

impl Runner {
    /// Starts runs for events of leads until the server stops.
    pub async fn keep_lead_events(self) {
        let stopping = self.inner.stopping.clone();
        let work = async {
            loop {
                match self.start_lead_events().await {
                    Ok(true) => {}
                    Ok(false) => self.inner.store.lead_events.arrived().await,
                    Err(Error::Closed) => return,
                    Err(error) => {
                        tracing::warn!(%error, "events of leads wait; trying again");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        };
        tokio::select! {
            biased;
            () = stopping.cancelled() => {}
            () = work => {}
        }
    }

    /// Starts the oldest events; says whether there were any.
    async fn start_lead_events(&self) -> Result<bool, Error> {
        let events = self.inner.store.lead_events.list(SLICE).await?;
        if events.is_empty() {
            return Ok(false);
        }
        let mut in_order: BTreeMap<(Uuid, Uuid), Vec<&LeadEvent>> = BTreeMap::new();
        for event in &events {
            in_order.entry((event.workflow, event.lead)).or_default().push(event);
        }
        let started = join_all(in_order.into_values().map(|events| self.start_in_order(events))).await;
        let (mut done, mut refused) = (Vec::with_capacity(events.len()), None);
        for (accepted, error) in started {
            done.extend(accepted);
            refused = error.or(refused);
        }
        self.inner.store.lead_events.done(done).await?;
        refused.map_or(Ok(true), Err)
    }

    /// Starts `events` one after the other, until one is refused; gives those that were accepted.
    async fn start_in_order(&self, events: Vec<&LeadEvent>) -> (Vec<i64>, Option<Error>) {
        let mut accepted = Vec::with_capacity(events.len());
        for event in events {
            match self.start_lead_event(event).await {
                Ok(()) => accepted.push(event.id),
                Err(error) => return (accepted, Some(error)),
            }
        }
        (accepted, None)
    }

    async fn start_lead_event(&self, event: &LeadEvent) -> Result<(), Error> {
        let Some(version) = self.inner.routes.published(event.workspace, event.workflow) else {
            // Published a moment ago, perhaps; a workflow that is gone listens to nothing.
            return match self.inner.store.workflows.get(event.workspace, event.workflow).await? {
                Some(workflow) if workflow.published.is_some() => Err(Error::Fenced),
                _ => Ok(()),
            };
        };
        // The trigger may have gone with a newer version.
        if version.compiled.triggers().iter().all(|(step, _)| *step != event.step) {
            return Ok(());
        }
        let new = NewRun {
            trigger: event.step.clone(),
            kind: "lead_event",
            output: event.output.clone(),
            key: Some(format!("lead_event:{}", event.id)),
            parent: None,
            at: self.now(),
        };
        self.start(&version, new, Await::Nothing).await.map(drop)
    }
}
