//! How a run came out, so that two can be compared: its end, what became of its leads, and the way it took.

use super::act::{Act, Matter};
use crate::runner::gate;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_engine::kind::Access;
use trunkline_engine::run::{Machine, Verdict};
use trunkline_leads::Place;
use utoipa::ToSchema;
use uuid::Uuid;

/// Most leads of one run that are compared.
const MOST_LEADS: usize = 200;
/// Most differences that are told one by one.
const MOST_DIFFERENCES: usize = 100;

/// How a run came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// How it ended: `completed`, `failed`, `cancelled`, or `waiting` when it did not.
    pub status: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<OutcomeError>,
    /// Who owns its lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The stage of its lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The score of its lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// The lists its lead was put on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<String>,
    /// The arrows it took.
    pub path: Vec<Taken>,
    /// The other leads it worked on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<LeadOutcome>,
    /// Fields of leads that it wrote, other than those above, and what it sent elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<Written>,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutcomeError {
    /// Stable code.
    pub code: String,
    /// The step that failed.
    pub step: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub action: String,
}

/// An arrow that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Taken {
    /// The step it leaves.
    pub from: String,
    /// The port it leaves by.
    pub port: String,
    /// The step it reaches.
    pub to: String,
    /// How often.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub count: u64,
}

fn once() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_once(count: &u64) -> bool {
    *count == 1
}

/// What became of a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeadOutcome {
    /// What people call it.
    pub name: String,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Its stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Its score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// The lists it was put on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<String>,
}

/// Something that was written beside owner, stage, score and lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Written {
    /// What was written to: a field of a lead, or another system.
    pub what: String,
    /// What.
    pub value: Value,
}

/// Something that came out otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = OutcomeDifference)]
pub struct Difference {
    /// What people call it.
    pub label: String,
    /// What it was, or what the old run did.
    pub old: Value,
    /// What it would be.
    pub new: Value,
}

impl Outcome {
    /// How the run of `machine`, which keeps a record, came out with `acts`.
    #[must_use]
    pub fn of(machine: &Machine, acts: &[Act]) -> Self {
        let (status, error) = match machine.verdict() {
            Some(Verdict::Completed { .. }) => ("completed", None),
            Some(Verdict::Cancelled { .. }) => ("cancelled", None),
            Some(Verdict::Failed { step, failure }) => {
                let error = OutcomeError {
                    code: failure.code.clone().into_owned(),
                    step: step.clone(),
                    message: failure.message.clone(),
                    action: failure.action.clone(),
                };
                ("failed", Some(error))
            }
            None => ("waiting", None),
        };
        let mut leads = leads(acts).into_iter();
        let first = leads.next().unwrap_or_default();
        Self {
            status: status.to_owned(),
            error,
            owner: first.owner,
            stage: first.stage,
            score: first.score,
            lists: first.lists,
            path: path(machine),
            more: leads.collect(),
            written: written(acts),
        }
    }

    /// Its leads, the first one among them.
    fn leads(&self) -> Vec<LeadOutcome> {
        let first = LeadOutcome {
            name: String::new(),
            owner: self.owner.clone(),
            stage: self.stage.clone(),
            score: self.score,
            lists: self.lists.clone(),
        };
        std::iter::once(first).chain(self.more.iter().cloned()).collect()
    }
}

/// The arrows that were taken, in the order of the document.
fn path(machine: &Machine) -> Vec<Taken> {
    let Some(record) = machine.record() else { return Vec::new() };
    let edges = machine.compiled().edges();
    let taken = edges.iter().zip(&record.edges).filter(|(_, count)| **count > 0);
    taken
        .map(|(edge, &count)| Taken {
            from: edge.from.clone(),
            port: edge.port.clone(),
            to: edge.to.clone(),
            count,
        })
        .collect()
}

fn leads(acts: &[Act]) -> Vec<LeadOutcome> {
    let mut all: IndexMap<Uuid, LeadOutcome> = IndexMap::new();
    for act in acts {
        let (Some(id), Some((operation, done))) = (act.lead_id(), act.on_lead()) else { continue };
        if all.len() >= MOST_LEADS && !all.contains_key(&id) {
            continue;
        }
        let lead = all.entry(id).or_default();
        let output = &done.output;
        if let Some(record) = output.get("lead") {
            let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
            lead.name = text("name").unwrap_or_default();
            lead.stage = text("stage").or(lead.stage.take());
            lead.score = record.get("score").and_then(Value::as_i64).or(lead.score);
        }
        match &*operation.action {
            "route" => lead.owner = output.pointer("/owner/name").and_then(Value::as_str).map(str::to_owned),
            "set_stage" => lead.stage = output["stage"].as_str().map(str::to_owned),
            "set_score" => lead.score = output["score"].as_i64(),
            "add_to_list" => {
                let name =
                    output.pointer("/list/name").and_then(Value::as_str).unwrap_or_default().to_owned();
                if !lead.lists.contains(&name) {
                    lead.lists.push(name);
                    lead.lists.sort();
                }
            }
            _ => {}
        }
    }
    all.into_values().collect()
}

/// The last value of every other field, and everything sent elsewhere, in order.
fn written(acts: &[Act]) -> Vec<Written> {
    let mut fields: IndexMap<(Uuid, String), (String, Value)> = IndexMap::new();
    let mut sent = Vec::new();
    for act in acts {
        if let Some((_, done)) = act.on_lead() {
            for change in &done.written {
                let Some((lead, place)) = change.target.as_ref().and_then(Place::read) else { continue };
                if !matches!(place, Place::Owner | Place::Stage | Place::Score | Place::List(_)) {
                    fields.insert((lead, place.to_string()), (change.label.clone(), change.new.clone()));
                }
            }
            continue;
        }
        match &act.matter {
            Matter::Operation { operation, result: Ok(_) } if operation.access == Access::Write => {
                let request = gate::shown(operation);
                let what = gate::target(operation);
                sent.push(Written { what, value: request.get("body").cloned().unwrap_or_default() });
            }
            Matter::Call { call, result: Ok(_), .. } => {
                sent.push(Written { what: format!("Workflow {}", call.workflow), value: call.input.clone() });
            }
            _ => {}
        }
    }
    let fields = fields.into_values().map(|(what, value)| Written { what, value });
    fields.chain(sent).collect()
}

/// Everything in which `new` differs from `old`. Where `new` is cut short, because it does not know something or
/// failed, what it did not come to is no difference of its own.
#[must_use]
pub fn differences(old: &Outcome, new: &Outcome, cut_short: bool) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut tell = |label: String, old: Value, new: Value, came_to: bool| {
        if old != new && (came_to || !cut_short) && all.len() < MOST_DIFFERENCES {
            all.push(Difference { label, old, new });
        }
    };
    let (before, after) = (old.leads(), new.leads());
    let nobody = LeadOutcome::default();
    for place in 0..before.len().max(after.len()) {
        let (was, is) = (before.get(place).unwrap_or(&nobody), after.get(place).unwrap_or(&nobody));
        let of = match place {
            0 => String::new(),
            _ => format!(" of {}", if is.name.is_empty() { &was.name } else { &is.name }),
        };
        tell(format!("Owner{of}"), json!(was.owner), json!(is.owner), is.owner.is_some());
        tell(format!("Stage{of}"), json!(was.stage), json!(is.stage), is.stage.is_some());
        tell(format!("Score{of}"), json!(was.score), json!(is.score), is.score.is_some());
        tell(format!("Lists{of}"), json!(was.lists), json!(is.lists), !is.lists.is_empty());
    }
    for place in 0..old.written.len().max(new.written.len()) {
        let (was, is) = (old.written.get(place), new.written.get(place));
        match (was, is) {
            (Some(was), Some(is)) if was.what == is.what => {
                tell(is.what.clone(), was.value.clone(), is.value.clone(), true);
            }
            _ => {
                if let Some(was) = was {
                    tell(was.what.clone(), was.value.clone(), Value::Null, false);
                }
                if let Some(is) = is {
                    tell(is.what.clone(), Value::Null, is.value.clone(), true);
                }
            }
        }
    }
    let same_error = |a: &OutcomeError, b: &OutcomeError| (&a.code, &a.step) == (&b.code, &b.step);
    let shown = |error: &OutcomeError| json!(format!("{}: {}", error.code, error.message));
    match (&old.error, &new.error) {
        (Some(was), Some(is)) if same_error(was, is) => {}
        (was, is) => tell(
            "Error".into(),
            was.as_ref().map(shown).unwrap_or_default(),
            is.as_ref().map(shown).unwrap_or_default(),
            is.is_some(),
        ),
    }
    tell("Status".into(), json!(old.status), json!(new.status), false);
    tell("Path".into(), json!(in_words(&old.path)), json!(in_words(&new.path)), false);
    all
}

/// `find -> score -> hot? (yes) -> route`: the steps an outcome came by.
fn in_words(path: &[Taken]) -> Vec<String> {
    let arrow = |taken: &Taken| {
        let port = if taken.port == "out" { String::new() } else { format!(" ({})", taken.port) };
        let times = if taken.count == 1 { String::new() } else { format!(" {} times", taken.count) };
        format!("{}{port} to {}{times}", taken.from, taken.to)
    };
    path.iter().map(arrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(owner: &str, stage: &str) -> Outcome {
        Outcome {
            status: "completed".into(),
            error: None,
            owner: Some(owner.into()).filter(|name: &String| !name.is_empty()),
            stage: Some(stage.into()),
            score: Some(70),
            lists: vec!["Nurture".into()],
            path: vec![Taken { from: "a".into(), port: "out".into(), to: "b".into(), count: 1 }],
            more: Vec::new(),
            written: Vec::new(),
        }
    }

    #[test]
    fn what_differs_is_told_with_both_sides() {
        assert!(differences(&outcome("Ana", "MQL"), &outcome("Ana", "MQL"), false).is_empty());
        let all = differences(&outcome("Ana", "MQL"), &outcome("Ben", "MQL"), false);
        assert_eq!(all, [Difference { label: "Owner".into(), old: json!("Ana"), new: json!("Ben") }]);
    }

    #[test]
    fn what_a_run_that_was_cut_short_did_not_come_to_is_no_difference() {
        let mut cut = outcome("", "SQL");
        (cut.status, cut.path) = ("failed".into(), Vec::new());
        let all = differences(&outcome("Ana", "MQL"), &cut, true);
        assert_eq!(all.iter().map(|one| one.label.as_str()).collect::<Vec<_>>(), ["Stage"]);
        assert!(differences(&outcome("Ana", "MQL"), &cut, false).len() > 2);
    }

    #[test]
    fn an_outcome_reads_back() {
        let one = outcome("Ana", "MQL");
        assert_eq!(serde_json::from_value::<Outcome>(serde_json::to_value(&one).unwrap()).unwrap(), one);
    }
}
