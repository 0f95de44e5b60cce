//! From a document to something that runs: ids become slots, texts become compiled expressions.
//!
//! Compiling happens once per version; nothing is looked up by name or parsed while a run moves.

use crate::document::{Body, Document, Edge, Join, OUT, OnError, Retry, StepId, Steps};
use crate::expression::Datum;
use crate::failure::Failure;
use crate::graph::Shape;
use crate::kind::{Category, Port, PortRule, Registry, Step, default_case};
use crate::trigger::Trigger;
use crate::validate;
use chrono::{DateTime, Utc};
use indexmap::IndexSet;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

mod keys;

pub use keys::{BurstKey, EventKeys, OrderKey, RepeatKey};

use keys::KeyTemplates;

pub use crate::validate::{Problem, Severity, check};

/// Longest time one attempt of a step may take unless the step says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// A document ready to run.
#[derive(Debug)]
pub struct Compiled {
    document: Document,
    names: Arc<IndexSet<String>>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) graphs: Vec<Level>,
    vars: Arc<Datum>,
    keys: KeyTemplates,
}

/// A step in its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: StepId,
    pub(crate) step: Box<dyn Step>,
    pub(crate) is_trigger: bool,
    /// Of a disabled step, the port it is passed through by.
    pub(crate) passes_by: Option<String>,
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Duration,
    pub(crate) on_error: OnError,
    pub(crate) join: Join,
    /// The level of the loop's body.
    pub(crate) body: Option<usize>,
    /// Incoming edges.
    pub(crate) arrivals: usize,
    pub(crate) exits: Vec<Exit>,
    /// Place among the steps of its own level.
    pub(crate) place: usize,
    /// For a step that takes the first arrival: the steps that lead to nothing else, and so have lost once it begins.
    pub(crate) losers: Vec<usize>,
    /// Names of settings that are never shown.
    pub(crate) secrets: Vec<String>,
}

/// An outgoing edge.
#[derive(Debug)]
pub(crate) struct Exit {
    pub(crate) port: String,
    pub(crate) to: usize,
    /// Place among all edges of the document.
    pub(crate) edge: usize,
}

/// One level of the document: the root, or the body of a loop.
#[derive(Debug)]
pub(crate) struct Level {
    /// Slots of its steps.
    pub(crate) slots: Vec<usize>,
}

impl Compiled {
    /// Compiles `document`.
    ///
    /// # Errors
    /// Every problem found, when at least one is an error.
    pub fn new(document: Document, registry: &Registry) -> Result<Arc<Self>, Vec<Problem>> {
        let problems = check(&document, registry);
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            return Err(problems);
        }
        let mut names = IndexSet::new();
        validate::collect_ids(&document.steps, &mut |id| {
            names.insert(id.clone());
        });
        let mut builder =
            Builder { registry, names: &names, nodes: Vec::new(), graphs: Vec::new(), edges: 0 };
        builder.nodes.resize_with(names.len(), || None);
        builder.level(&document.steps, &document.edges);
        let (nodes, graphs) = (builder.nodes, builder.graphs);
        let nodes = nodes.into_iter().map(|node| node.expect("every id was visited")).collect();
        let vars = Datum::new(Value::Object(document.vars.clone()));
        let keys = KeyTemplates::new(&document.settings);
        Ok(Arc::new(Self { document, names: Arc::new(names), nodes, graphs, vars, keys }))
    }

    /// The document it was compiled from.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What its triggers listen to.
    #[must_use]
    pub fn triggers(&self) -> Vec<(StepId, Trigger)> {
        let active = self.nodes.iter().filter(|node| node.is_trigger && node.passes_by.is_none());
        active.filter_map(|node| Some((node.id.clone(), node.step.trigger()?))).collect()
    }

    /// What orders, gathers and recognises the event that fired with `trigger`.
    ///
    /// # Errors
    /// When a key cannot be computed.
    pub fn event_keys(&self, trigger: &Value, at: DateTime<Utc>) -> Result<EventKeys, Failure> {
        self.keys.read(&self.vars, trigger, at)
    }

    /// All edges in the order runs count them: the root's, then each body's as it is met.
    #[must_use]
    pub fn edges(&self) -> Vec<&Edge> {
        let mut edges = Vec::new();
        collect_edges(&self.document.steps, &self.document.edges, &mut edges);
        edges
    }

    /// The settings of step `id` as they were written.
    pub(crate) fn config(&self, id: &str) -> Option<&Value> {
        find_step(&self.document.steps, id).map(|step| &step.config)
    }

    /// Whether step `id` waits for a callback.
    #[must_use]
    pub fn is_callback(&self, id: &str) -> bool {
        find_step(&self.document.steps, id).is_some_and(|step| step.kind == "wait_for_callback")
    }

    pub(crate) fn names(&self) -> &Arc<IndexSet<String>> {
        &self.names
    }

    pub(crate) fn vars(&self) -> &Arc<Datum> {
        &self.vars
    }

    pub(crate) fn slot(&self, id: &str) -> Option<usize> {
        self.names.get_index_of(id)
    }

    /// Every step of a level that arrows lead to from `slot`, itself included.
    pub(crate) fn reached_from(&self, slot: usize) -> HashSet<usize> {
        let mut reached = HashSet::from([slot]);
        let mut open = vec![slot];
        while let Some(slot) = open.pop() {
            let next = self.nodes[slot].exits.iter().map(|exit| exit.to);
            open.extend(next.filter(|&to| reached.insert(to)));
        }
        reached
    }

    /// The steps of a level, each after all that lead to it.
    pub(crate) fn in_order(&self, level: usize) -> Vec<usize> {
        let slots = &self.graphs[level].slots;
        let mut missing: HashMap<usize, usize> =
            slots.iter().map(|&slot| (slot, self.nodes[slot].arrivals)).collect();
        let mut order: Vec<usize> = slots.iter().copied().filter(|slot| missing[slot] == 0).collect();
        let mut at = 0;
        while at < order.len() {
            for exit in &self.nodes[order[at]].exits {
                let left = missing.get_mut(&exit.to).expect("arrows stay within their level");
                *left -= 1;
                if *left == 0 {
                    order.push(exit.to);
                }
            }
            at += 1;
        }
        order
    }
}

fn collect_edges<'a>(steps: &'a Steps, edges: &'a [Edge], into: &mut Vec<&'a Edge>) {
    into.extend(edges);
    for body in steps.values().filter_map(|step| step.body.as_ref()) {
        collect_edges(&body.steps, &body.edges, into);
    }
}

fn find_step<'a>(steps: &'a Steps, id: &str) -> Option<&'a crate::document::Step> {
    let bodies = || steps.values().filter_map(|step| step.body.as_ref());
    steps.get(id).or_else(|| bodies().find_map(|body| find_step(&body.steps, id)))
}

struct Builder<'a> {
    registry: &'a Registry,
    names: &'a IndexSet<String>,
    nodes: Vec<Option<Node>>,
    graphs: Vec<Level>,
    edges: usize,
}

impl Builder<'_> {
    fn slot(&self, id: &str) -> usize {
        self.names.get_index_of(id).expect("checked: every id is collected")
    }

    fn level(&mut self, steps: &Steps, edges: &[Edge]) -> usize {
        let level = self.graphs.len();
        let slots = steps.keys().map(|id| self.slot(id)).collect();
        self.graphs.push(Level { slots });
        let first_edge = self.edges;
        self.edges += edges.len();
        for (place, (id, step)) in steps.iter().enumerate() {
            let kind = self.registry.get(&step.kind).expect("checked: every kind is known");
            let exits = edges.iter().enumerate().filter(|(_, edge)| edge.from == *id);
            let exits = exits
                .map(|(at, edge)| Exit {
                    port: edge.port.clone(),
                    to: self.slot(&edge.to),
                    edge: first_edge + at,
                })
                .collect();
            let body = step.body.as_ref().map(|Body { steps, edges }| self.level(steps, edges));
            let slot = self.slot(id);
            let compiled = kind.compile(&step.config).expect("checked: the settings compile");
            let passes_by =
                step.disabled.then(|| way_through(&ports(&kind.descriptor.ports, Some(&*compiled))));
            let timeout = match step.timeout_seconds {
                Some(seconds) => Duration::from_secs(seconds.into()),
                None => compiled.patience().unwrap_or(DEFAULT_TIMEOUT),
            };
            self.nodes[slot] = Some(Node {
                id: id.clone(),
                step: compiled,
                is_trigger: kind.descriptor.category == Category::Trigger,
                passes_by,
                retry: step.retry.clone(),
                timeout,
                on_error: step.on_error,
                join: step.join,
                body,
                arrivals: edges.iter().filter(|edge| edge.to == *id).count(),
                exits,
                place,
                losers: if step.join == Join::First { self.losers(id, steps, edges) } else { Vec::new() },
                secrets: secret_names(&kind.descriptor.schema),
            });
        }
        level
    }

    fn losers(&self, id: &str, steps: &Steps, edges: &[Edge]) -> Vec<usize> {
        let shape = Shape::new(steps, edges);
        let mut losers: Vec<&str> = steps.keys().map(String::as_str).collect();
        let before = shape.before(id);
        losers.retain(|step| before.contains(step));
        loop {
            let leads_elsewhere = |step: &str| {
                edges
                    .iter()
                    .any(|edge| edge.from == *step && edge.to != id && !losers.contains(&edge.to.as_str()))
            };
            let kept: Vec<&str> = losers.iter().copied().filter(|step| !leads_elsewhere(step)).collect();
            if kept.len() == losers.len() {
                return losers.into_iter().map(|step| self.slot(step)).collect();
            }
            losers = kept;
        }
    }
}

/// Names of the settings that `schema` marks as secret, at any depth.
fn secret_names(schema: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            let secret = properties.iter().filter(|(_, property)| property["x-ui"] == "secret");
            names.extend(secret.map(|(name, _)| name.clone()));
        }
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
    names
}

/// The port by which a disabled step is passed through: the usual one, the one for what fits no case, or else the first.
fn way_through(ports: &[Port]) -> String {
    let usual = |id: &str| ports.iter().find(|port| port.id == id);
    let port = usual(OUT).or_else(|| usual(&default_case())).or_else(|| ports.first());
    port.map_or_else(|| OUT.to_owned(), |port| port.id.clone())
}

/// The ports of a step with these settings.
pub(crate) fn ports(rule: &PortRule, step: Option<&dyn Step>) -> Vec<Port> {
    match (rule, step.and_then(Step::ports)) {
        (_, Some(ports)) => ports,
        (PortRule::Fixed { ports } | PortRule::With { ports, .. }, None) => ports.clone(),
        (PortRule::Cases { default_label, default_port, .. }, None) => {
            vec![Port::new(default_port, default_label)]
        }
    }
}
