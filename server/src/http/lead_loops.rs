//! Workflows that start each other over and over through what happens to leads.
//!
//! Which events a workflow causes is read from its steps: a step that sets a stage moves leads to that stage, and so on.
//! What a step will really do depends on its data, so a loop that is found may never turn; it is a warning.

use super::documents::{Problem, Severity};
use crate::runner::routes::Routes;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use trunkline_engine::document::{Document, Steps};
use trunkline_engine::trigger::{LeadEventRule, LeadHappening, Trigger};
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// A workflow as far as this matters.
struct Listening {
    name: String,
    rules: Vec<(String, LeadEventRule)>,
    causes: Vec<Cause>,
}

/// An event that a step causes, and to what; `None` when that is only known when it runs.
struct Cause {
    event: LeadHappening,
    what: Option<String>,
}

/// What publishing `draft` as `workflow` would close to a loop.
pub(super) fn problems(
    routes: &Routes,
    workspace: WorkspaceId,
    workflow: Uuid,
    draft: &Document,
    triggers: &[(String, Trigger)],
) -> Vec<Problem> {
    let mut all = BTreeMap::new();
    for version in routes.listening(workspace) {
        let document = version.compiled.document();
        all.insert(version.workflow, listening(&version.name, document, &version.compiled.triggers()));
    }
    all.insert(workflow, listening(&draft.name, draft, triggers));
    let this = &all[&workflow];
    let mut problems = Vec::new();
    for (step, rule) in &this.rules {
        if let Some(names) = way_back(&all, workflow, rule) {
            problems.push(problem(step, &names));
        }
    }
    problems
}

/// The workflows on a way from `start` back to its trigger `rule`, by name; a workflow that feeds itself is only meant
/// when its trigger allows it.
fn way_back(all: &BTreeMap<Uuid, Listening>, start: Uuid, rule: &LeadEventRule) -> Option<Vec<String>> {
    let mut from: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(id) = queue.pop_front() {
        let causes = &all[&id].causes;
        if (id != start || rule.own_changes) && causes.iter().any(|cause| feeds(cause, rule)) {
            let mut names = vec![all[&id].name.clone()];
            let mut at = id;
            while let Some(before) = from.get(&at) {
                at = *before;
                names.push(all[&at].name.clone());
            }
            names.reverse();
            return Some(names);
        }
        for (next, other) in all {
            let hears = other.rules.iter().any(|(_, rule)| causes.iter().any(|cause| feeds(cause, rule)));
            if *next != start && *next != id && !from.contains_key(next) && hears {
                from.insert(*next, id);
                queue.push_back(*next);
            }
        }
    }
    None
}

fn feeds(cause: &Cause, rule: &LeadEventRule) -> bool {
    if cause.event != rule.event {
        return false;
    }
    let wanted = match rule.event {
        LeadHappening::StageChanged => &rule.stage,
        LeadHappening::Listed | LeadHappening::Unlisted => &rule.list,
        LeadHappening::Touched => &rule.activity,
        _ => &None,
    };
    match (wanted, &cause.what) {
        (Some(wanted), Some(what)) => {
            wanted.trim().is_empty() || wanted.trim().eq_ignore_ascii_case(what.trim())
        }
        _ => true,
    }
}

fn listening(name: &str, document: &Document, triggers: &[(String, Trigger)]) -> Listening {
    let rules = triggers.iter().filter_map(|(step, trigger)| match trigger {
        Trigger::LeadEvent(rule) => Some((step.clone(), rule.clone())),
        _ => None,
    });
    let mut causes = Vec::new();
    causes_of(&document.steps, &mut causes);
    Listening { name: name.to_owned(), rules: rules.collect(), causes }
}

fn causes_of(steps: &Steps, causes: &mut Vec<Cause>) {
    for step in steps.values().filter(|step| !step.disabled) {
        let what = |setting: &str| -> Option<String> {
            let text = step.config.get(setting).and_then(Value::as_str)?;
            (!text.contains("{{")).then(|| text.to_owned())
        };
        let found: &[(LeadHappening, &str)] = match step.kind.as_str() {
            "find_or_create_lead" => &[(LeadHappening::Created, ""), (LeadHappening::Updated, "")],
            "set_stage" => &[(LeadHappening::StageChanged, "stage")],
            "score_lead" => &[(LeadHappening::Scored, "")],
            "route_lead" => &[(LeadHappening::Assigned, "")],
            "add_to_list" => &[(LeadHappening::Listed, "list")],
            "remove_from_list" => &[(LeadHappening::Unlisted, "list")],
            "log_activity" => &[(LeadHappening::Touched, "activity")],
            _ => &[],
        };
        causes.extend(found.iter().map(|(event, setting)| Cause { event: *event, what: what(setting) }));
        if let Some(body) = &step.body {
            causes_of(&body.steps, causes);
        }
    }
}

fn problem(step: &str, names: &[String]) -> Problem {
    let way = match names {
        [only] => format!("\"{only}\" can start itself"),
        names => {
            let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            format!("{} can start each other over and over", quoted.join(", then "))
        }
    };
    Problem {
        code: "DOC-0050".into(),
        severity: Severity::Warning,
        step: Some(step.to_owned()),
        field: None,
        message: format!("through what they change about leads, {way}"),
        action: "Make sure that it comes to an end, or narrow down what the trigger listens to.".into(),
    }
}
