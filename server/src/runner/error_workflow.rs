//! The workflow that is told of failed runs. It is started once per failed run: the run that failed stands as its
//! caller, and a caller has one child per key.

use super::start::{Await, NewRun, trigger_output};
use super::{Runner, versions::Version};
use crate::intake::payload::stamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::run::{EffectKey, RunId};
use trunkline_engine::trigger::Trigger;
use trunkline_store::Error;
use trunkline_store::ports::Stored;

/// What runs of error workflows are started by; their own failures start nothing.
pub const KIND: &str = "error";
/// Not the key of any step: no step's id holds an exclamation mark.
const KEY: &str = "!error";
/// Pause before the store is asked again after it refused.
const PAUSE: Duration = Duration::from_millis(500);

impl Runner {
    /// Starts the error workflow of the failed run `run`, which letter `letter` asks for.
    pub(super) async fn start_error_workflow(&self, run: RunId, letter: i64) {
        loop {
            match self.tell_of_failure(run).await {
                Ok(()) => return self.discard(vec![letter]).await,
                // The letter stays, and the next start takes it up.
                Err(Error::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, %run, "the error workflow of a failed run could not be started; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn tell_of_failure(&self, run: RunId) -> Result<(), Error> {
        let stored = match self.inner.store.runs.stored(run).await {
            // What it received is lost; that it failed is not.
            Err(error) if error.is_of_one_run() => self.inner.store.runs.outline(run).await?,
            answer => answer?,
        };
        let Some(stored) = stored else { return Ok(()) };
        // A stretch of a list fails its caller, which is what people look at.
        if stored.header.trigger_kind == KIND || stored.header.trigger_kind == "slice" {
            return Ok(());
        }
        let Ok(failed) = self.inner.versions.get(stored.header.version).await else { return Ok(()) };
        let Some((version, trigger)) = self.error_workflow(&failed) else { return Ok(()) };
        let at = self.now();
        let new = NewRun {
            trigger,
            kind: KIND,
            output: json!({ "body": report(&stored, &failed, &self.inner.links.run(run)), "received_at": stamp(at) }),
            key: None,
            parent: Some((run, EffectKey { step: KEY.into(), items: Vec::new() })),
            at,
        };
        Box::pin(self.start(&version, new, Await::Nothing)).await.map(drop)
    }

    /// The error workflow of `failed` and its manual trigger.
    pub(super) fn error_workflow(&self, failed: &Version) -> Option<(Arc<Version>, String)> {
        let wanted = failed.compiled.document().settings.error_workflow.as_deref()?;
        let id = wanted.parse().ok()?;
        let found = self.inner.routes.published(failed.workspace, id).and_then(|version| {
            let triggers = version.compiled.triggers();
            let manual = triggers.into_iter().find(|(_, trigger)| *trigger == Trigger::Manual)?;
            Some((version, manual.0))
        });
        if found.is_none() {
            tracing::warn!(
                workflow = failed.name,
                "its error workflow is not published or has no manual trigger"
            );
        }
        found
    }
}

/// What the error workflow is told.
fn report(stored: &Stored, failed: &Version, link: &str) -> Value {
    let (step, failure) = stored.state.error.as_ref().map(|(step, failure)| (step, failure)).unzip();
    json!({
        "workflow": { "id": failed.workflow, "name": failed.name, "version": failed.number },
        "run_id": stored.header.id,
        "link": link,
        "subject": stored.header.subject,
        "step": step,
        "error": failure,
        "trigger": stored.events.first().and_then(trigger_output),
        "started_at": stamp(stored.header.started_at),
        "failed_at": stored.state.finished_at.map(stamp),
    })
}
