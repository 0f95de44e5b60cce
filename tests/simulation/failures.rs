//! Who is told of failed runs: one run of the workflow that is to be told, for each.

use crate::laws::{Breach, Law};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::compile::Compiled;
use trunkline_store::ports::{RunStatus, Stored};
use uuid::Uuid;

/// What is wrong with what was told of the failures among `runs`.
pub(crate) fn judge(runs: &[Stored], compiled: &BTreeMap<Uuid, Arc<Compiled>>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for run in runs.iter().filter(|run| run.state.status.is_final()) {
        let (id, header) = (run.header.id, &run.header);
        let is_wanted = compiled[&header.workflow].document().settings.error_workflow.is_some()
            && !["error", "slice"].contains(&header.trigger_kind.as_str())
            && run.state.status == RunStatus::Failed;
        let is_of = |told: &&Stored| {
            told.header.trigger_kind == "error"
                && told.header.parent.as_ref().is_some_and(|(parent, _)| *parent == id)
        };
        let told = runs.iter().filter(is_of).count();
        if told != usize::from(is_wanted) {
            let status = run.state.status.as_str();
            breaches.push(Law::FailureToldOnce.broken(format!("{id} ({status}) was told of {told} times")));
        }
    }
    breaches
}
