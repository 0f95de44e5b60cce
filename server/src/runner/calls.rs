//! One workflow calling another: the child's event, how deep calls may go, and what the caller gets back.

use super::{Await, NewRun, Runner, Started};
use crate::intake::payload::stamp;
use serde_json::{Value, json};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Call;
use trunkline_engine::run::{EffectKey, Event, RunId, Verdict};
use trunkline_engine::trigger::Trigger;
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// How deep calls may go: a workflow that calls itself for ever fails here.
const DEEPEST: u32 = 16;
/// Where a child's trigger output says how deep it stands.
const DEPTH: &str = "call_depth";
/// Where a child's trigger output says that its caller waits for its end.
const WAITED_FOR: &str = "call_waits";

/// Whether the caller of the run with this trigger output waits for its end.
pub(super) fn is_waited_for(output: &Value) -> bool {
    output.get(WAITED_FOR).and_then(Value::as_bool).unwrap_or(false)
}

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
        mut call: Call,
        depth: u32,
    ) -> Option<Event> {
        self.add_link(parent, &key, &mut call.input);
        let returned = |result| Event::Returned { key: key.clone(), result, at: self.now() };
        match self.start_child(workspace, parent, &key, &call, depth).await {
            Err(failure) => Some(returned(Err(failure))),
            Ok(child) if !call.wait => Some(returned(Ok(json!({ "run_id": child.id })))),
            // One from before a crash may have ended already, and been heard of.
            Ok(child) if child.duplicate => self.ended_child(child.id).await.map(returned),
            // Its end comes as a letter.
            Ok(_) => None,
        }
    }

    /// The word that tells people of an approval carries the link to its page. The machine names such a call after the
    /// step that waits, an exclamation mark and a number.
    fn add_link(&self, run: RunId, key: &EffectKey, input: &mut Value) {
        if let (Some((step, _)), Value::Object(input)) = (key.step.split_once('!'), input) {
            let waiting = EffectKey { step: step.to_owned(), items: key.items.clone() };
            input.insert("link".into(), self.inner.links.approval(run, &waiting).into());
        }
    }

    async fn start_child(
        &self,
        workspace: WorkspaceId,
        parent: RunId,
        key: &EffectKey,
        call: &Call,
        depth: u32,
    ) -> Result<Started, Failure> {
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
        let mut output = json!({ "body": call.input, "received_at": stamp(at), DEPTH: depth + 1 });
        if call.wait {
            output[WAITED_FOR] = true.into();
        }
        // A child that is not waited for is told apart by its key, so that a restart does not start it twice.
        let parent = Some((parent, key.clone()));
        let new = NewRun { trigger, kind: "call_workflow", output, key: None, parent, at };
        match Box::pin(self.start(&version, new, Await::Nothing)).await {
            Ok(started) => Ok(started),
            Err(error) => Err(Failure::new(
                "RUN-0015",
                FailureKind::Temporary,
                format!("the called workflow could not be started: {error}"),
                "Give this step retries, or run the workflow again later.",
            )),
        }
    }

    /// How a child ended, if it has.
    pub(super) async fn ended_child(&self, child: RunId) -> Option<Result<Value, Failure>> {
        let stored = self.inner.store.runs.stored(child).await.ok()??;
        if !stored.state.status.is_final() {
            return None;
        }
        let version = self.version_of(&stored).await?;
        let machine = self.replay(&version, &stored);
        machine.verdict().map(result)
    }
}

fn refused(code: &'static str, message: String, action: &str) -> Failure {
    Failure::bad_input(code, message, action)
}
