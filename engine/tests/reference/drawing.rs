//! Documents made of genes: a short list of bytes says what a step is and what leads to it, so that a failing document
//! shrinks to a small one.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What becomes a step.
pub(crate) type Gene = [u8; 8];

pub(crate) fn gene() -> impl Strategy<Value = Gene> {
    any::<Gene>()
}

/// The document that `genes` draw: a trigger `go`, then a step per gene, each led to by one or two steps before it.
pub(crate) fn document(genes: &[Gene]) -> Value {
    let mut steps = Map::from_iter([("go".to_owned(), json!({"kind": "manual"}))]);
    let mut edges = Vec::new();
    let mut ports: Vec<(String, Vec<&str>)> = vec![("go".into(), vec!["out"])];
    // One end at most, so that which of two comes first is no question.
    let mut has_end = false;
    for (at, gene) in genes.iter().enumerate() {
        let id = format!("s{at}");
        let (mut step, leaves) = draw(&id, gene, &mut has_end);
        if gene[1] % 11 == 0 && leaves.contains(&"out") {
            step["disabled"] = json!(true);
        }
        if gene[2].is_multiple_of(4) {
            step["join"] = json!("first");
        }
        steps.insert(id.clone(), step);
        let mut sources: Vec<usize> =
            [gene[3], gene[4]].iter().map(|byte| usize::from(*byte) % ports.len()).collect();
        sources.dedup();
        for (nth, source) in sources.into_iter().enumerate() {
            let (from, leaves) = &ports[source];
            if leaves.is_empty() {
                continue;
            }
            let port = leaves[usize::from(gene[5 + nth]) % leaves.len()];
            edges.push(json!({"from": from, "port": port, "to": id}));
        }
        if edges.iter().all(|edge| edge["to"] != id) {
            edges.push(json!({"from": "go", "to": id}));
        }
        ports.push((id, leaves));
    }
    json!({"format": 1, "name": "drawn", "steps": steps, "edges": edges})
}

/// A step, and the ports it can leave by.
fn draw(id: &str, gene: &Gene, has_end: &mut bool) -> (Value, Vec<&'static str>) {
    let limit = gene[7] % 10;
    let at_least = |value: u8| json!({"field": "{{ trigger.body.n }}", "op": "at_least", "value": value});
    match gene[0] % 9 {
        0 => (
            json!({"kind": "set_fields", "config": {"fields": [{"name": "v", "value": limit}]}}),
            vec!["out"],
        ),
        1 => (json!({"kind": "if", "config": {"condition": at_least(limit)}}), vec!["yes", "no"]),
        2 => {
            let cases = json!([
                {"id": "high", "label": "High", "condition": at_least(7)},
                {"id": "middle", "label": "Middle", "condition": at_least(limit)},
            ]);
            (json!({"kind": "switch", "config": {"cases": cases}}), vec!["high", "middle", "default"])
        }
        3..=5 => {
            let mut step = ask(gene[6]);
            match gene[7] % 5 {
                0 if !*has_end => {
                    *has_end = true;
                    (step, vec!["out"])
                }
                1 | 2 => {
                    step["on_error"] = json!("branch");
                    (step, vec!["out", "error"])
                }
                _ => {
                    step["on_error"] = json!("continue");
                    (step, vec!["out"])
                }
            }
        }
        6 => (each(id, gene), vec!["out"]),
        7 if !*has_end && gene[6].is_multiple_of(3) => {
            *has_end = true;
            let outcome = if gene[5].is_multiple_of(2) { "failed" } else { "completed" };
            (json!({"kind": "stop", "config": {"outcome": outcome, "message": "enough"}}), vec![])
        }
        7 => {
            let condition = json!({"field": "{{ item }}", "op": "at_least", "value": limit});
            let config = json!({"items": [1, 5, 9], "condition": condition});
            (json!({"kind": "filter_list", "config": config}), vec!["out"])
        }
        _ => {
            let measures = json!([{"name": "total", "measure": "count"}]);
            (json!({"kind": "aggregate", "config": {"items": [1, 2, 3], "measures": measures}}), vec!["out"])
        }
    }
}

/// A step that asks the outside.
fn ask(byte: u8) -> Value {
    let mut step =
        json!({"kind": "http_request", "config": {"method": "GET", "url": "https://example.com/x"}});
    if byte.is_multiple_of(3) {
        step["retry"] = json!({"times": byte % 4, "wait_seconds": 5});
    }
    step
}

/// A loop over up to three items; its body is a chain, which may hold another loop.
fn each(id: &str, gene: &Gene) -> Value {
    let items: Vec<u8> = (0..gene[5] % 4).collect();
    let on_item_error = if gene[6].is_multiple_of(2) { "stop" } else { "collect" };
    let (first, second) = (format!("{id}_a"), format!("{id}_b"));
    let inner = if gene[7].is_multiple_of(3) {
        let deep = format!("{id}_c");
        json!({"kind": "loop", "config": {"items": ["x", "y"], "parallel": 2, "on_item_error": "collect"},
            "body": {"steps": {deep: ask(1)}, "edges": []}})
    } else {
        json!({"kind": "set_fields", "config": {"fields": [{"name": "v", "value": "{{ index }}"}]}})
    };
    let mut asks = ask(gene[4]);
    if gene[3].is_multiple_of(3) {
        asks["on_error"] = json!("continue");
    }
    json!({"kind": "loop", "on_error": "continue",
        "config": {"items": items, "parallel": 1 + gene[2] % 3, "on_item_error": on_item_error},
        "body": {"steps": {first.clone(): asks, second.clone(): inner}, "edges": [{"from": first, "to": second}]}})
}
