//! Drawing documents: steps behind steps, by hand or by chance.

use crate::chance::Chance;
use crate::workflows::{CHILD, set};
use serde_json::{Map, Value, json};
use trunkline_engine::document::Document;

/// A document being drawn.
pub(crate) struct Sketch {
    chance: Chance,
    pub(crate) steps: Map<String, Value>,
    edges: Vec<Value>,
}

impl Sketch {
    pub(crate) fn new(chance: Chance) -> Self {
        let steps = Map::from_iter([("go".to_owned(), json!({"kind": "manual", "config": {}}))]);
        Self { chance, steps, edges: Vec::new() }
    }

    pub(crate) fn document(self, name: &str) -> Document {
        let Self { steps, edges, .. } = self;
        let document = json!({"format": 1, "name": name, "steps": steps, "edges": edges});
        serde_json::from_value(document).expect("a document as the format wants it")
    }

    pub(crate) fn edge(&mut self, from: &str, port: &str, to: &str) {
        self.edges.push(json!({"from": from, "port": port, "to": to}));
    }

    pub(crate) fn add(&mut self, name: &str, step: Value) -> String {
        let id = format!("{name}_{}", self.steps.len());
        self.steps.insert(id.clone(), step.named(&id));
        id
    }

    /// Adds `step` behind `from`.
    pub(crate) fn after(&mut self, from: &str, name: &str, step: Value) -> String {
        let id = self.add(name, step);
        self.edge(from, "out", &id);
        id
    }

    /// A call that is `once`, `plain` (its outcome may stay unknown) or `read`.
    pub(crate) fn call(&self, promise: &str, in_loop: bool, retries: u32, on_error: &str) -> Value {
        let item = if in_loop { "/{{ index }}" } else { "" };
        let method = if promise == "read" { "GET" } else { "POST" };
        let mut step = json!({"kind": "http_request", "on_error": on_error, "timeout_seconds": 30, "config": {
            "method": method,
            "url": format!("https://world.example/{{{{ run.id }}}}/STEP{item}"),
            "ignores_repeats": promise == "once",
        }});
        if retries > 0 {
            step["retry"] = json!({"times": retries, "wait_seconds": 10});
        }
        step
    }

    /// A loop over four items that calls for each.
    pub(crate) fn each(&mut self, promise: &str, parallel: u64) -> Value {
        let id = format!("item_{}", self.steps.len());
        let call = self.call(promise, true, 2, "continue").named(&id);
        json!({"kind": "loop", "config": {
            "items": ["a", "b", "c", "d"], "parallel": parallel, "on_item_error": "collect",
        }, "body": {"steps": {id: call}, "edges": []}})
    }

    /// Draws `length` steps behind `from`; gives the last. Off the main path nothing may end the whole run, or which
    /// other steps were done by then would be a matter of luck.
    pub(crate) fn chain(&mut self, from: (String, &'static str), length: u64, main: bool) -> String {
        let (mut last, mut port) = from;
        for _ in 0..length {
            let kind = self.chance.below(if main { 10 } else { 6 });
            let next = match kind {
                0..4 => self.random_call(main),
                4 => {
                    json!({"kind": "wait", "config": {"amount": self.chance.between(1, 300), "unit": "seconds"}})
                }
                5 => set(),
                6 => {
                    let (promise, parallel) =
                        (*self.chance.pick(&["once", "plain", "read"]), self.chance.between(1, 4));
                    self.each(promise, parallel)
                }
                7 => json!({"kind": "call_workflow", "on_error": "continue", "config": {
                    "workflow": CHILD.to_string(), "input": {"n": 1}, "wait": self.chance.percent(70),
                }}),
                _ => {
                    last = self.split(&last, port, kind == 8);
                    port = "out";
                    continue;
                }
            };
            let id = self.add("step", next);
            self.edge(&last, port, &id);
            (last, port) = (id, "out");
        }
        last
    }

    fn random_call(&mut self, main: bool) -> Value {
        let promise = *self.chance.pick(&["once", "once", "plain", "read"]);
        let retries = u32::try_from(self.chance.below(4)).expect("a small number");
        let on_error = if main && self.chance.percent(25) { "stop" } else { "continue" };
        self.call(promise, false, retries, on_error)
    }

    /// Two paths that meet again: one of them is taken, or both.
    fn split(&mut self, from: &str, port: &'static str, by_condition: bool) -> String {
        let fork = if by_condition {
            let condition = json!({"field": "{{ trigger.body.n }}", "op": "at_least", "value": 5});
            json!({"kind": "if", "config": {"condition": condition}})
        } else {
            set()
        };
        let ports = if by_condition { ["yes", "no"] } else { ["out", "out"] };
        let fork = self.add("fork", fork);
        self.edge(from, port, &fork);
        let ends = ports.map(|port| {
            let length = self.chance.between(1, 2);
            self.chain((fork.clone(), port), length, false)
        });
        let meet = self.add("meet", set());
        ends.iter().for_each(|end| self.edge(end, "out", &meet));
        meet
    }
}

/// A step that may have to know its own id.
pub(crate) trait Named {
    fn named(self, id: &str) -> Value;
}

impl Named for Value {
    fn named(mut self, id: &str) -> Value {
        if let Some(url) = self.pointer_mut("/config/url") {
            *url = Value::String(url.as_str().unwrap_or_default().replace("STEP", id));
        }
        self
    }
}
