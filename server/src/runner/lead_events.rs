//! Starts runs for what happened to leads.
//!
//! An event is on disk with what happened, and goes once its run is accepted; the run's event key is the event's number.
//! So each event starts exactly one run, whenever the server stops.

use super::{Await, NewRun, Runner};
use futures_util::future::join_all;
use std::time::Duration;
use trunkline_store::Error;
use trunkline_store::ports::LeadEvent;

/// Events started at a time; their runs are accepted in the order in which they happened.
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
        let started = join_all(events.iter().map(|event| self.start_lead_event(event))).await;
        let (mut done, mut refused) = (Vec::with_capacity(events.len()), None);
        for (event, started) in events.iter().zip(started) {
            match started {
                Ok(()) => done.push(event.id),
                Err(error) => refused = Some(error),
            }
        }
        self.inner.store.lead_events.done(done).await?;
        refused.map_or(Ok(true), Err)
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
