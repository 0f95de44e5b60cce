//! What is wrong with a document: one problem per step and field, each with a code and advice.

mod settings;
#[cfg(test)]
mod tests;

use crate::compile::ports;
use crate::document::{
    Document, ERROR, Edge, FORMAT, MAX_BODY_DEPTH, MAX_EDGES, MAX_STEPS, OnError, Step, StepId, Steps,
    is_step_id,
};
use crate::expression::Expression;
use crate::graph::Shape;
use crate::kind::{BodyRule, Category, Registry, StepKind};
use crate::trigger::{ReplyRule, Trigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The workflow cannot be published.
    Error,
    /// It can, but probably does not do what was meant.
    Warning,
}

/// Something wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Stable code with a page under `docs/errors/`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The step, if it is one step's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// JSON Pointer into the step's settings, if it is one field's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub action: String,
}

/// Everything wrong with `document`.
#[must_use]
pub fn check(document: &Document, registry: &Registry) -> Vec<Problem> {
    let mut checker = Checker { registry, problems: Vec::new(), triggers: Vec::new(), kinds: HashMap::new() };
    checker.whole(document);
    checker.settings(&document.settings);
    let first = Surroundings { known: &HashSet::new(), depth: 0, in_loop: false };
    checker.level(&document.steps, &document.edges, &first);
    checker.replies();
    checker.problems
}

/// Calls `visit` with every step id, bodies included, in document order.
pub(crate) fn collect_ids<'a>(steps: &'a Steps, visit: &mut impl FnMut(&'a StepId)) {
    for (id, step) in steps {
        visit(id);
        if let Some(body) = &step.body {
            collect_ids(&body.steps, visit);
        }
    }
}

struct Checker<'a> {
    registry: &'a Registry,
    problems: Vec<Problem>,
    triggers: Vec<(StepId, Trigger)>,
    kinds: HashMap<StepId, String>,
}

/// What surrounds a level: the steps whose output its expressions may use.
struct Surroundings<'a> {
    known: &'a HashSet<&'a str>,
    depth: usize,
    /// Whether a loop is around it.
    in_loop: bool,
}

impl<'a> Checker<'a> {
    fn add(&mut self, severity: Severity, code: &str, step: Option<&str>, message: String, action: &str) {
        self.problems.push(Problem {
            code: code.into(),
            severity,
            step: step.map(Into::into),
            field: None,
            message,
            action: action.into(),
        });
    }

    fn error(&mut self, code: &str, step: Option<&str>, message: String, action: &str) {
        self.add(Severity::Error, code, step, message, action);
    }

    fn whole(&mut self, document: &Document) {
        if document.format != FORMAT {
            let message =
                format!("this document has format {}, and this build reads format {FORMAT}", document.format);
            self.error(
                "DOC-0001",
                None,
                message,
                "Export it again from the version of Trunkline that wrote it.",
            );
        }
        if document.name.trim().is_empty() {
            self.error(
                "DOC-0002",
                None,
                "the workflow has no name".into(),
                "Give it a name people will recognise.",
            );
        }
        let (mut ids, mut count) = (HashSet::new(), 0);
        let mut twice = Vec::new();
        collect_ids(&document.steps, &mut |id| {
            count += 1;
            if !ids.insert(id) {
                twice.push(id);
            }
        });
        for id in twice {
            let message = format!("two steps have the id {id}");
            self.error(
                "DOC-0004",
                Some(id),
                message,
                "Ids are unique in the whole workflow, loops included.",
            );
        }
        if count > MAX_STEPS {
            let message = format!("the workflow has {count} steps, and {MAX_STEPS} is the limit");
            self.error("DOC-0012", None, message, "Move a part into a workflow of its own and call it.");
        }
    }

    fn level(&mut self, steps: &'a Steps, edges: &'a [Edge], around: &Surroundings<'_>) {
        if around.depth > MAX_BODY_DEPTH {
            let message = format!("loops are nested more than {MAX_BODY_DEPTH} deep");
            self.error(
                "DOC-0012",
                None,
                message,
                "Move the inner loop into a workflow of its own and call it.",
            );
            return;
        }
        if edges.len() > MAX_EDGES {
            let message = format!("there are {} arrows, and {MAX_EDGES} is the limit", edges.len());
            self.error("DOC-0012", None, message, "Move a part into a workflow of its own and call it.");
            return;
        }
        let shape = Shape::new(steps, edges);
        for cycle in shape.cycles() {
            let names: Vec<&str> = cycle.iter().map(|id| title(steps, id)).collect();
            let message = format!("these steps lead back to themselves: {}", names.join(", "));
            self.error(
                "DOC-0008",
                cycle.first().copied(),
                message,
                "Remove one arrow; to repeat steps, use a loop.",
            );
        }
        let mut ways_out = HashMap::new();
        for (id, step) in steps {
            let before = shape.before(id);
            let known = before.union(around.known).copied().collect();
            if let Some(ports) = self.step(id, step, &known, around) {
                ways_out.insert(id.as_str(), ports);
            }
        }
        self.edges(steps, edges, &ways_out);
        self.reach(steps, edges, &shape, around.depth);
    }

    /// Checks one step; gives its ports when they are known.
    fn step(
        &mut self,
        id: &'a str,
        step: &'a Step,
        known: &HashSet<&str>,
        around: &Surroundings<'_>,
    ) -> Option<Vec<String>> {
        if !is_step_id(id) {
            let message = format!("\"{id}\" cannot be a step id");
            self.error("DOC-0003", Some(id), message, "Use up to 40 small letters, digits and underscores.");
        }
        let Some(kind) = self.registry.get(&step.kind) else {
            let message = format!("there is no step kind called \"{}\"", step.kind);
            self.error(
                "DOC-0005",
                Some(id),
                message,
                "Choose a step from the palette, or install the plugin it needs.",
            );
            return None;
        };
        self.kinds.insert(id.into(), step.kind.clone());
        self.body(id, step, kind, known, around);
        let broken = self.expressions(id, &step.config, known);
        let compiled = match kind.compile(&step.config) {
            Ok(compiled) => Some(compiled),
            Err(problem) => {
                if !broken {
                    self.field(id, problem.code, &problem.field, problem.message, problem.action);
                }
                None
            }
        };
        for problem in compiled.iter().flat_map(|step| step.check()) {
            self.field(id, problem.code, &problem.field, problem.message, problem.action);
        }
        if let Some(trigger) = compiled.as_ref().and_then(|step| step.trigger()) {
            if around.depth > 0 {
                let message = "a trigger cannot stand inside a loop".to_string();
                self.error("DOC-0016", Some(id), message, "Move it out of the loop.");
            } else if !step.disabled {
                self.triggers.push((id.into(), trigger));
            }
        }
        self.limits(id, step, kind);
        let known_ports =
            compiled.is_some() || matches!(kind.descriptor.ports, crate::kind::PortRule::Fixed { .. });
        known_ports.then(|| {
            let ports = ports(&kind.descriptor.ports, compiled.as_deref());
            let mut ids: Vec<String> = ports.into_iter().map(|port| port.id).collect();
            if step.on_error == OnError::Branch {
                ids.push(ERROR.into());
            }
            ids
        })
    }

    fn field(&mut self, step: &str, code: &str, field: &str, message: String, action: String) {
        self.problems.push(Problem {
            code: code.into(),
            severity: Severity::Error,
            step: Some(step.into()),
            field: Some(field.into()),
            message,
            action,
        });
    }

    fn body(
        &mut self,
        id: &'a str,
        step: &'a Step,
        kind: &StepKind,
        known: &HashSet<&str>,
        around: &Surroundings<'_>,
    ) {
        let rule = kind.descriptor.body;
        if step.kind == "break_loop" && !around.in_loop {
            let message = "there is no loop around this step that it could end".into();
            self.error("DOC-0041", Some(id), message, "Move it into a loop, or use a stop step.");
        }
        if around.depth > 0 && step.kind == "loop" && streams(&step.config) {
            let message = "a loop over a file, leads or pages cannot stand inside another step".into();
            self.error(
                "DOC-0042",
                Some(id),
                message,
                "Move it to the first level, or into a workflow of its own and call that.",
            );
        }
        match (&step.body, rule) {
            (Some(body), Some(rule)) if !body.steps.is_empty() => {
                let in_loop = around.in_loop || rule != BodyRule::Once;
                let inner = Surroundings { known, depth: around.depth + 1, in_loop };
                self.level(&body.steps, &body.edges, &inner);
            }
            (_, Some(_)) => {
                let message = format!("\"{}\" has no steps inside", kind.descriptor.title);
                self.add(
                    Severity::Warning,
                    "DOC-0013",
                    Some(id),
                    message,
                    "Open it and add what is to be done there.",
                );
            }
            (Some(_), None) => {
                let message = format!("a step of kind \"{}\" cannot hold other steps", step.kind);
                self.error("DOC-0013", Some(id), message, "Remove the field body.");
            }
            (None, None) => {}
        }
    }

    fn limits(&mut self, id: &str, step: &Step, kind: &StepKind) {
        if step.retry.as_ref().is_some_and(|retry| {
            retry.times > 10
                || !(1..=3600).contains(&retry.wait_seconds)
                || !(1..=86_400).contains(&retry.most_seconds)
        }) {
            let message =
                "a step may be tried again up to 10 times, after 1 to 3600 seconds and at most a day".into();
            self.error("DOC-0018", Some(id), message, "Choose fewer retries or another pause.");
        }
        if step.timeout_seconds.is_some_and(|seconds| !(1..=3600).contains(&seconds)) {
            let message = "a step's time-out is 1 to 3600 seconds".into();
            self.error("DOC-0018", Some(id), message, "Choose a time-out in that range.");
        }
        if step.on_error == OnError::Branch && !kind.descriptor.has_error_port {
            let message = format!("\"{}\" cannot fail, so it has no error branch", kind.descriptor.title);
            self.error("DOC-0010", Some(id), message, "Set what happens on error back to stop.");
        }
    }

    /// Checks every expression in `config`; says whether one cannot be understood.
    fn expressions(&mut self, id: &str, config: &Value, known: &HashSet<&str>) -> bool {
        let mut texts = Vec::new();
        collect_texts(config, String::new(), &mut texts);
        let mut broken = false;
        for (field, text) in texts {
            match Expression::compile(text) {
                Err(error) => {
                    broken = true;
                    let failure = error.into_failure();
                    self.field(id, "EXP-0001", &field, failure.message, failure.action);
                }
                Ok(expression) => self.references(id, &field, &expression, known),
            }
        }
        broken
    }

    fn references(&mut self, id: &str, field: &str, expression: &Expression, known: &HashSet<&str>) {
        let mut named = HashSet::new();
        for path in expression.paths() {
            let Some(step) = path.strip_prefix("steps.").and_then(|rest| rest.split('.').next()) else {
                continue;
            };
            if !known.contains(step) && named.insert(step.to_owned()) {
                self.problems.push(Problem {
                    code: "DOC-0019".into(),
                    severity: Severity::Warning,
                    step: Some(id.into()),
                    field: Some(field.into()),
                    message: format!("it uses the output of \"{step}\", which does not run before this step"),
                    action: "Pick a field from the Input tab, or connect the two steps.".into(),
                });
            }
        }
    }

    fn edges(&mut self, steps: &Steps, edges: &[Edge], ways_out: &HashMap<&str, Vec<String>>) {
        let mut seen = HashSet::new();
        for edge in edges {
            for end in [&edge.from, &edge.to] {
                if !steps.contains_key(end) {
                    let message =
                        format!("an arrow from \"{}\" to \"{}\" ends at no step", edge.from, edge.to);
                    self.error(
                        "DOC-0006",
                        steps.get_key_value(&edge.from).map(|(id, _)| id.as_str()),
                        message,
                        "Remove the arrow.",
                    );
                    break;
                }
            }
            if ways_out.get(edge.from.as_str()).is_some_and(|ports| !ports.contains(&edge.port)) {
                let message =
                    format!("\"{}\" has no way out called \"{}\"", title(steps, &edge.from), edge.port);
                self.error(
                    "DOC-0010",
                    Some(&edge.from),
                    message,
                    "Remove the arrow and draw it from an existing port.",
                );
            }
            if steps.get(&edge.to).is_some_and(|step| self.is_trigger(step)) {
                let message =
                    format!("\"{}\" starts the workflow, so no arrow can lead to it", title(steps, &edge.to));
                self.error("DOC-0011", Some(&edge.to), message, "Remove the arrow.");
            }
            if !seen.insert((&edge.from, &edge.port, &edge.to)) {
                let message = "the same arrow is drawn twice".into();
                self.error("DOC-0006", Some(&edge.from), message, "Remove one of the two.");
            }
        }
    }

    fn is_trigger(&self, step: &Step) -> bool {
        self.registry.get(&step.kind).is_some_and(|kind| kind.descriptor.category == Category::Trigger)
    }

    fn reach(&mut self, steps: &'a Steps, edges: &[Edge], shape: &Shape<'a>, depth: usize) {
        if depth > 0 {
            return;
        }
        let triggers: Vec<&StepId> =
            steps.iter().filter(|(_, step)| self.is_trigger(step)).map(|(id, _)| id).collect();
        if triggers.is_empty() {
            let message = "the workflow has no trigger, so nothing ever starts it".into();
            self.error("DOC-0009", None, message, "Add a trigger, such as a webhook or a form.");
            return;
        }
        let reachable = shape.reachable(triggers.into_iter());
        for (id, step) in steps {
            if !reachable.contains(id.as_str()) {
                let message = format!("\"{}\" is never reached", shown(id, step));
                self.add(
                    Severity::Warning,
                    "DOC-0014",
                    Some(id),
                    message,
                    "Draw an arrow to it, or remove it.",
                );
            }
            if step.kind == "if" {
                let open: Vec<&str> = ["yes", "no"]
                    .into_iter()
                    .filter(|&side| !edges.iter().any(|edge| edge.from == *id && edge.port == side))
                    .collect();
                if open.len() == 1 {
                    let message =
                        format!("nothing happens when \"{}\" is answered with {}", shown(id, step), open[0]);
                    self.add(
                        Severity::Warning,
                        "DOC-0015",
                        Some(id),
                        message,
                        "Draw an arrow for it if leads should not end there.",
                    );
                }
            }
        }
    }

    /// A webhook that waits for a respond step needs one, and the other way round.
    fn replies(&mut self) {
        let responds: Vec<StepId> =
            self.kinds.iter().filter(|(_, kind)| *kind == "respond").map(|(id, _)| id.clone()).collect();
        let by_step: Vec<StepId> = self
            .triggers
            .iter()
            .filter(
                |(_, trigger)| matches!(trigger, Trigger::Webhook(hook) if hook.reply == ReplyRule::ByStep),
            )
            .map(|(id, _)| id.clone())
            .collect();
        match (by_step.is_empty(), responds.is_empty()) {
            (false, true) => {
                let message = "the webhook waits for a respond step, and there is none".to_string();
                self.error(
                    "DOC-0017",
                    by_step.first().map(String::as_str),
                    message,
                    "Add a respond step, or let the webhook answer at once.",
                );
            }
            (true, false) => {
                let message =
                    "nobody waits for this answer: no webhook is set to be answered by a step".to_string();
                self.add(
                    Severity::Warning,
                    "DOC-0017",
                    responds.first().map(String::as_str),
                    message,
                    "Set the webhook to answer by a respond step.",
                );
            }
            _ => {}
        }
    }
}

fn title<'s>(steps: &'s Steps, id: &'s str) -> &'s str {
    steps.get(id).map_or(id, |step| shown(id, step))
}

fn shown<'s>(id: &'s str, step: &'s Step) -> &'s str {
    if step.title.is_empty() { id } else { &step.title }
}

/// Whether a loop with these settings reads its items slice by slice.
fn streams(config: &Value) -> bool {
    config.get("from").and_then(Value::as_str).is_some_and(|from| from != "list")
}

/// Every text in `config` that holds an expression, with its JSON Pointer.
fn collect_texts<'v>(config: &'v Value, at: String, into: &mut Vec<(String, &'v str)>) {
    match config {
        Value::String(text) if Expression::is_in(text) => into.push((at, text)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_texts(item, format!("{at}/{index}"), into);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                collect_texts(field, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), into);
            }
        }
        _ => {}
    }
}
