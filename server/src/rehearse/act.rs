//! What a run did to the world, and how we know.

use super::failures;
use super::outcome::Difference;
use crate::runner::gate;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{Access, Call, Operation, Performer, Promise, SUPPRESSED};
use trunkline_engine::run::{Change, EffectKey, Performed};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a result comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// From the world.
    Live,
    /// It was worked out on what is known of leads.
    Computed,
    /// From an old run's journal.
    Journal,
    /// It is taken for granted.
    Assumed,
    /// It is not known.
    NotKnown,
}

/// What became of an operation at the gate.
#[derive(Debug)]
pub struct Passed {
    /// How it went.
    pub result: Result<Performed, Failure>,
    /// Where that comes from.
    pub how: How,
    /// When, if it comes from a journal.
    pub at: Option<DateTime<Utc>>,
    /// What a run would send, in a few words, where that is known.
    pub sends: Option<String>,
}

impl Passed {
    /// A result of this moment.
    #[must_use]
    pub fn now(result: Result<Performed, Failure>, how: How) -> Self {
        Self { result, how, at: None, sends: None }
    }

    /// A result that a journal keeps.
    #[must_use]
    pub fn journaled(result: Result<Performed, Failure>, at: DateTime<Utc>) -> Self {
        Self { result, how: How::Journal, at: Some(at), sends: None }
    }
}

/// Something a run asked of the world, and what came of it.
#[derive(Debug, Clone)]
pub struct Act {
    /// Which effect.
    pub key: EffectKey,
    /// What people call its step.
    pub title: String,
    /// What was asked.
    pub matter: Matter,
    /// Where the result comes from.
    pub how: How,
    /// What people call the lead it is about.
    pub lead: Option<String>,
    /// What a run would send, in a few words, where that is known.
    pub sends: Option<String>,
}

/// What was asked.
#[derive(Debug, Clone)]
pub enum Matter {
    /// An operation.
    Operation {
        /// Which.
        operation: Operation,
        /// How it went.
        result: Result<Performed, Failure>,
    },
    /// Another workflow.
    Call {
        /// Which.
        call: Call,
        /// How it ended.
        result: Result<Value, Failure>,
        /// What that is called.
        name: Option<String>,
    },
}

impl Act {
    /// The lead it is about.
    #[must_use]
    pub fn lead_id(&self) -> Option<Uuid> {
        let Matter::Operation { operation, result } = &self.matter else { return None };
        if operation.performer != Performer::Leads {
            return None;
        }
        let asked = operation.input.get("lead_id").and_then(Value::as_str);
        let shown = || result.as_ref().ok()?.output.pointer("/lead/id")?.as_str();
        asked.or_else(shown)?.parse().ok()
    }

    /// Whether it is a message that was held back because its recipient must not be written to.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        match &self.matter {
            Matter::Operation { operation, result: Ok(done) } => {
                operation.sends_to.is_some() && done.output.get(SUPPRESSED).is_some()
            }
            _ => false,
        }
    }

    /// What it wrote to tables and counters.
    #[must_use]
    pub fn on_tables(&self) -> &[Change] {
        match &self.matter {
            Matter::Operation { operation, result: Ok(done) } if operation.performer == Performer::Tables => {
                &done.written
            }
            _ => &[],
        }
    }

    /// The operation on leads that went well, with its result.
    #[must_use]
    pub fn on_lead(&self) -> Option<(&Operation, &Performed)> {
        match &self.matter {
            Matter::Operation { operation, result: Ok(done) } if operation.performer == Performer::Leads => {
                Some((operation, done))
            }
            _ => None,
        }
    }
}

/// Something that would be written.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CapturedWrite)]
pub struct Write {
    /// The step.
    pub step: String,
    /// What people call it.
    pub step_title: String,
    /// What is written to, such as `Lead Ada Lovelace` or `POST https://...`.
    pub what: String,
    /// The lead, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<Uuid>,
    /// What the write promises when something breaks half-way.
    pub promise: &'static str,
    /// The fields that change.
    pub changes: Vec<Difference>,
    /// What would be sent, without credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
    /// Whether what comes back of it was taken for granted.
    pub assumed: bool,
}

/// Something that a rehearsal needed and nobody knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotKnown {
    /// The step that asked.
    pub step: String,
    /// What people call it.
    pub step_title: String,
    /// What it asked.
    pub what: String,
}

impl NotKnown {
    /// What `act` could not learn, if that is why it failed.
    #[must_use]
    pub fn of(key: &EffectKey, title: &str, failure: &Failure) -> Option<Self> {
        (failure.code == failures::NOT_KNOWN).then(|| {
            let message = failure.message.as_str();
            let what = message.strip_prefix("not known from history: ").unwrap_or(message);
            Self { step: key.step.clone(), step_title: title.to_owned(), what: what.to_owned() }
        })
    }
}

/// Everything that `acts` would write, in order.
#[must_use]
pub fn writes(acts: &[Act]) -> Vec<Write> {
    let mut names: HashMap<Uuid, String> = HashMap::new();
    let mut all = Vec::new();
    for act in acts {
        if let (Some(id), Some(name)) = (act.lead_id(), shown_name(act)) {
            names.insert(id, name);
        }
        all.extend(write(act, &names));
    }
    all
}

/// The name of the lead, as an output shows it.
fn shown_name(act: &Act) -> Option<String> {
    let (_, done) = act.on_lead()?;
    Some(done.output.pointer("/lead/name")?.as_str()?.to_owned())
}

fn write(act: &Act, names: &HashMap<Uuid, String>) -> Option<Write> {
    let (what, promise, changes, request) = match &act.matter {
        Matter::Operation { operation, result } if operation.performer.is_internal() => {
            let done = result.as_ref().ok()?;
            if done.written.is_empty() {
                return None;
            }
            let name = act.lead_id().and_then(|id| names.get(&id)).or(act.lead.as_ref());
            let what = match name {
                _ if operation.performer == Performer::Tables => of_tables(operation),
                Some(name) => format!("Lead {name}"),
                None => "Lead".to_owned(),
            };
            let changes = done.written.iter().map(|change| Difference {
                label: change.label.clone(),
                old: change.old.clone(),
                new: change.new.clone(),
            });
            (what, word(operation.promise), changes.collect(), None)
        }
        Matter::Operation { operation, result } => {
            let was_sent = result.is_ok() && !act.is_held_back()
                || operation.access == Access::Write && is_unknown(result);
            if operation.access != Access::Write || !was_sent {
                return None;
            }
            let what = act.sends.clone().unwrap_or_else(|| gate::target(operation));
            (what, word(operation.promise), Vec::new(), Some(gate::shown(operation)))
        }
        Matter::Call { call, name, .. } => {
            let name = name.clone().unwrap_or_else(|| call.workflow.clone());
            let request = json!({ "input": call.input, "wait": call.wait });
            (format!("Workflow {name}"), word(Promise::Once), Vec::new(), Some(request))
        }
    };
    Some(Write {
        step: act.key.to_string(),
        step_title: act.title.clone(),
        what,
        lead_id: act.lead_id(),
        promise,
        changes,
        request,
        assumed: act.how == How::Assumed,
    })
}

/// The table or counter that `operation` writes to.
fn of_tables(operation: &Operation) -> String {
    let text = |name: &str| operation.input.get(name).and_then(Value::as_str);
    match (text("table"), text("counter")) {
        (Some(table), _) => format!("Table {table}"),
        (None, Some(counter)) => format!("Counter {counter}"),
        (None, None) => "Tables".to_owned(),
    }
}

fn is_unknown(result: &Result<Performed, Failure>) -> bool {
    use trunkline_engine::failure::FailureKind;
    result.as_ref().is_err_and(|failure| failure.kind == FailureKind::UnknownOutcome)
}

fn word(promise: Promise) -> &'static str {
    match promise {
        Promise::None => "none",
        Promise::Once => "once",
        Promise::Checked => "checked",
        Promise::Uncertain => "uncertain",
    }
}
