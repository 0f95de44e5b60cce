//! One workflow calling another: the child's event, how deep calls may go, and what the caller gets back.

use super::{Await, NewRun, Runner};
use crate::intake::payload::stamp;
use serde_json::{Value, json};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Call;
use trunkline_engine::run::{EffectKey, Event, Machine, RunId, Verdict};
use trunkline_engine::trigger::Trigger;
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// How deep calls may go: a workflow that calls itself for ever fails here.
const DEEPEST: u32 = 16;
/// Where a child's trigger output says how deep it stands.
const DEPTH: &str = "call_depth";

/// How many callers stand above the run with this trigger output.
pub(super) fn depth(output: &Value) -> u32 {
    output.get(DEPTH).and_then(Value::as_u64).and_then(|depth| u32::try_from(depth).ok()).unwrap_or(0)
}

/// What the caller of a run with this verdict gets.
pub(super) fn result(verdict: &Verdict) -> Result<Value, Failure> {
    match verdict {
        Verdict::Completed { output } => Ok(output.clone()),
        Verdict::Failed { step, failure } => Err(Failure {
            message: format!("the called workflow failed at {step}: {}", failure.message),
            ..failure.clone()
        }),
        Verdict::Cancelled { by } => Err(Failure::new(
            "RUN-0011",
            FailureKind::Fatal,
            format!("the called workflow was cancelled by {by}"),
            "Start it again, or give this step an error path.",
        )),
    }
}

impl Runner {
    /// Starts the child that `key` of `parent` asks for; gives the event that answers it at once, if there is one.
    pub(super) async fn call(
        &self,
        workspace: WorkspaceId,
        parent: RunId,
        key: EffectKey,
        call: Call,
        depth: u32,
    ) -> Option<Event> {
        let returned = |result| Event::Returned { key: key.clone(), result, at: self.now() };
        match self.start_child(workspace, parent, &key, &call, depth).await {
            Err(failure) => Some(returned(Err(failure))),
            Ok(child) if !call.wait => Some(returned(Ok(json!({ "run_id": child })))),
            // Its end comes as an event of its own; a child from before a crash may have ended already.
            Ok(child) => self.ended_child(child).await.map(returned),
        }
    }

    async fn start_child(
        &self,
        workspace: WorkspaceId,
        parent: RunId,
        key: &EffectKey,
        call: &Call,
        depth: u32,
    ) -> Result<RunId, Failure> {
        if depth >= DEEPEST {
            let message = format!("workflows call each other more than {DEEPEST} deep");
            return Err(refused(
                "RUN-0012",
                message,
                "Look for a workflow that calls itself, and give it an end.",
            ));
        }
        let id = call.workflow.parse::<Uuid>().ok();
        let version = id.and_then(|id| self.inner.routes.published(workspace, id)).ok_or_else(|| {
            let message = format!("there is no published workflow with the id \"{}\"", call.workflow);
            refused("RUN-0013", message, "Choose a published workflow in the settings of this step.")
        })?;
        let trigger =
            version.compiled.triggers().into_iter().find(|(_, trigger)| *trigger == Trigger::Manual);
        let Some((trigger, _)) = trigger else {
            let message = format!("the workflow \"{}\" has no manual trigger to be called by", version.name);
            return Err(refused(
                "RUN-0014",
                message,
                "Add a manual trigger to the called workflow and publish it.",
            ));
        };
        let at = self.now();
        let output = json!({ "body": call.input, "received_at": stamp(at), DEPTH: depth + 1 });
        // A child that is not waited for is told apart by its key, so that a restart does not start it twice.
        let parent = Some((parent, key.clone()));
        let new = NewRun { trigger, kind: "call_workflow", output, key: None, parent, at };
        match Box::pin(self.start(&version, new, Await::Nothing)).await {
            Ok(started) => Ok(started.id),
            Err(error) => Err(Failure::new(
                "RUN-0015",
                FailureKind::Temporary,
                format!("the called workflow could not be started: {error}"),
                "Give this step retries, or run the workflow again later.",
            )),
        }
    }

    /// How a child ended, if it has.
    async fn ended_child(&self, child: RunId) -> Option<Result<Value, Failure>> {
        let stored = self.inner.store.runs.stored(child).await.ok()??;
        if !stored.state.status.is_final() {
            return None;
        }
        let version = self.inner.versions.get(stored.header.version).await.ok()?;
        let mut machine =
            Machine::new(version.compiled.clone(), super::facts(&version, child, stored.header.started_at));
        for event in &stored.events {
            machine.apply(event);
        }
        machine.verdict().map(result)
    }
}

fn refused(code: &'static str, message: String, action: &str) -> Failure {
    Failure::bad_input(code, message, action)
}
