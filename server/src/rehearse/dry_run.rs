//! The gate's dry run: reads are live, writes are captured.

use super::ledger::{Ledger, Unperformed};
use super::{How, Passed, failures};
use crate::plugins;
use crate::runner::gate::Gate;
use crate::runner::providers;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use trunkline_engine::document::{Document, Steps};
use trunkline_engine::kind::{Access, Operation, Registry};
use trunkline_engine::run::{EffectKey, Performed};
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// Longest time a live read of a rehearsal may take.
const LONGEST: Duration = Duration::from_secs(30);

/// See the [module](self).
#[derive(Debug)]
pub struct DryRun {
    /// Performs reads outside.
    reads: Gate,
    ledger: Arc<Mutex<Ledger>>,
    samples: Samples,
    /// The workflow, for what plugins keep for it.
    workflow: Option<Uuid>,
}

impl DryRun {
    /// A dry run of `document` that reads through `reads` and works on `ledger`.
    #[must_use]
    pub fn new(reads: Gate, ledger: Arc<Mutex<Ledger>>, samples: Samples) -> Self {
        Self { reads, ledger, samples, workflow: None }
    }

    /// The same as part of `workflow`.
    #[must_use]
    pub fn in_workflow(self, workflow: Uuid) -> Self {
        Self { workflow: Some(workflow), ..self }
    }

    /// What it works on.
    #[must_use]
    pub fn ledger(&self) -> &Arc<Mutex<Ledger>> {
        &self.ledger
    }

    pub(super) fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The same for another document: a called workflow.
    #[must_use]
    pub fn of(&self, document: &Document) -> Self {
        let (reads, ledger) = (self.reads.clone(), Arc::clone(&self.ledger));
        Self { reads, ledger, samples: self.samples.of(document), workflow: None }
    }

    /// Performs a read, captures a write.
    pub(crate) async fn pass(
        &self,
        workspace: Option<WorkspaceId>,
        key: &EffectKey,
        operation: &Operation,
        timeout: Duration,
        at: DateTime<Utc>,
    ) -> Passed {
        if operation.performer.is_internal() {
            let performed = self.ledger.lock().await.perform(operation, at, &key.step, None).await;
            let result = performed.map_err(|error| match error {
                Unperformed::Failed(failure) => failure,
                Unperformed::NotKnown(what) => failures::not_known(&what),
            });
            return Passed::now(result, How::Computed);
        }
        match operation.access {
            Access::Read => {
                if let Some(unasked) = providers::unasked(operation) {
                    return Passed::now(Ok(unasked), How::Assumed);
                }
                let signed = self.ledger.lock().await.signed(operation).await;
                let operation = match &signed {
                    Ok(signed) => signed,
                    Err(failure) => return Passed::now(Err(failure.clone()), How::Live),
                };
                let stamped = self.workflow.map(|workflow| plugins::of_workflow(workflow, operation.clone()));
                let operation = stamped.as_ref().unwrap_or(operation);
                let result = Box::pin(self.reads.perform(workspace, operation, timeout.min(LONGEST))).await;
                Passed::now(result, if plugins::is_pure(operation) { How::Computed } else { How::Live })
            }
            Access::Write => {
                if let Some(recipient) = &operation.sends_to {
                    match self.ledger.lock().await.refusal(recipient).await {
                        Ok(None) => {}
                        Ok(Some(refusal)) => return Passed::now(Ok(refusal.performed()), How::Computed),
                        Err(Unperformed::Failed(failure)) => return Passed::now(Err(failure), How::Computed),
                        Err(Unperformed::NotKnown(what)) => {
                            return Passed::now(Err(failures::not_known(&what)), How::NotKnown);
                        }
                    }
                }
                let sends = match self.reads.preview(workspace, operation).await {
                    None => None,
                    Some(Ok(what)) => Some(what),
                    // What cannot even be composed would fail in a run, too.
                    Some(Err(failure)) => return Passed::now(Err(failure), How::Computed),
                };
                let mut assumed = self.samples.assumed(&key.step);
                if let Some(what) = &sends {
                    assumed.why = Some(format!("It was not sent; a run would begin with {what}."));
                }
                Passed { sends, ..Passed::now(Ok(assumed), How::Assumed) }
            }
        }
    }
}

/// What steps put out by their kinds' samples, for writes that are not made.
#[derive(Debug, Clone)]
pub struct Samples {
    registry: Arc<Registry>,
    by_step: Arc<std::collections::HashMap<String, Value>>,
}

impl Samples {
    /// The samples of `document`: a step's pinned one, else its kind's.
    #[must_use]
    pub fn new(registry: &Arc<Registry>, document: &Document) -> Self {
        let mut by_step = std::collections::HashMap::new();
        collect(registry, document, &document.steps, &mut by_step);
        Self { registry: Arc::clone(registry), by_step: Arc::new(by_step) }
    }

    fn of(&self, document: &Document) -> Self {
        Self::new(&self.registry, document)
    }

    /// What `step` puts out, for want of anything better.
    #[must_use]
    pub fn output(&self, step: &str) -> Value {
        self.by_step.get(step).cloned().unwrap_or_default()
    }

    /// A captured write of `step`.
    #[must_use]
    pub fn assumed(&self, step: &str) -> Performed {
        let why = Some("It was not sent; this is what such a step usually puts out.".to_owned());
        Performed { output: self.output(step), why, written: Vec::new() }
    }
}

fn collect(
    registry: &Registry,
    document: &Document,
    steps: &Steps,
    into: &mut std::collections::HashMap<String, Value>,
) {
    for (id, step) in steps {
        let sample = document.samples.get(id).cloned();
        let sample = sample.or_else(|| Some(registry.get(&step.kind)?.descriptor.output_sample.clone()));
        into.insert(id.clone(), sample.unwrap_or_default());
        if let Some(body) = &step.body {
            collect(registry, document, &body.steps, into);
        }
    }
}
