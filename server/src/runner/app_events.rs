//! Starts runs for what happened in apps.
//!
//! An event is on disk with what says where it came from, and goes once its run is accepted; the run's event key is the
//! event's number. So each event starts exactly one run, whenever the server stops.

use super::{Await, NewRun, Runner};
use futures_util::future::join_all;
use std::time::Duration;
use trunkline_store::Error;
use trunkline_store::ports::AppEvent;

/// Events started at a time; their runs are accepted in the order in which they happened.
const SLICE: u32 = 200;
/// Pause before the store is asked again after it refused.
const PAUSE: Duration = Duration::from_millis(500);

impl Runner {
    /// Starts runs for events of apps until the server stops.
    pub async fn keep_app_events(self) {
        let stopping = self.inner.stopping.clone();
        let work = async {
            loop {
                let arrived = self.inner.app_events.arrived.notified();
                match self.start_app_events().await {
                    Ok(true) => {}
                    Ok(false) => arrived.await,
                    Err(Error::Closed) => return,
                    Err(error) => {
                        tracing::warn!(%error, "events of apps wait; trying again");
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

    /// Says that events of apps were written.
    pub fn app_events_arrived(&self) {
        self.inner.app_events.arrived.notify_one();
    }

    /// Starts the oldest events; says whether there were any.
    async fn start_app_events(&self) -> Result<bool, Error> {
        let events = self.inner.store.app_events.list(SLICE).await?;
        if events.is_empty() {
            return Ok(false);
        }
        let started = join_all(events.iter().map(|event| self.start_app_event(event))).await;
        let (mut done, mut refused) = (Vec::with_capacity(events.len()), None);
        for (event, started) in events.iter().zip(started) {
            match started {
                Ok(()) => done.push(event.id),
                Err(error) => refused = Some(error),
            }
        }
        self.inner.store.app_events.done(done).await?;
        self.inner.app_events.started.notify_waiters();
        refused.map_or(Ok(true), Err)
    }

    async fn start_app_event(&self, AppEvent { id, event }: &AppEvent) -> Result<(), Error> {
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
            kind: "app",
            output: event.output.clone(),
            key: Some(format!("app_event:{id}")),
            parent: None,
            at: self.now(),
        };
        self.start(&version, new, Await::Nothing).await.map(drop)
    }
}
