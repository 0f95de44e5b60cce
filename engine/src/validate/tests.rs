//! Every way a document can be wrong gets its own code, at its own place.

#![allow(clippy::needless_pass_by_value, reason = "tests read better when they hand over literals")]

use super::*;
use crate::kind::Registry;
use serde_json::json;

fn problems(steps: Value, edges: Value) -> Vec<Problem> {
    let document = json!({"format": 1, "name": "test", "steps": steps, "edges": edges});
    check(&serde_json::from_value(document).unwrap(), &Registry::core())
}

fn codes(steps: Value, edges: Value) -> Vec<(String, Option<String>)> {
    problems(steps, edges).into_iter().map(|problem| (problem.code, problem.step)).collect()
}

fn at(code: &str, step: &str) -> (String, Option<String>) {
    (code.into(), Some(step.into()))
}

fn go() -> Value {
    json!({"kind": "manual"})
}

fn set(value: &str) -> Value {
    json!({"kind": "set_fields", "config": {"fields": [{"name": "x", "value": value}]}})
}

#[test]
fn a_sound_document_has_no_problems() {
    let steps = json!({"go": go(), "a": set("1"), "b": set("{{ steps.a.x }}")});
    let edges = json!([{"from": "go", "to": "a"}, {"from": "a", "to": "b"}]);
    assert_eq!(problems(steps, edges), []);
}

#[test]
fn a_circle_is_named() {
    let steps = json!({"go": go(), "a": set("1"), "b": set("2")});
    let edges = json!([{"from": "go", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "a"}]);
    let found = problems(steps, edges);
    assert_eq!(found[0].code, "DOC-0008");
    assert!(found[0].message.contains("a, b") || found[0].message.contains("b, a"), "{}", found[0].message);
}

#[test]
fn arrows_to_nowhere_from_unknown_ports_and_into_triggers_are_refused() {
    let steps = json!({"go": go(), "a": set("1")});
    let edges = json!([
        {"from": "go", "to": "a"}, {"from": "a", "to": "ghost"}, {"from": "a", "port": "left", "to": "go"},
    ]);
    let found = codes(steps, edges);
    assert!(found.contains(&at("DOC-0006", "a")), "{found:?}");
    assert!(found.contains(&at("DOC-0010", "a")), "{found:?}");
    assert!(found.contains(&at("DOC-0011", "go")), "{found:?}");
}

#[test]
fn unknown_kinds_and_bad_ids_are_refused() {
    let found =
        codes(json!({"go": go(), "Bad Id": {"kind": "teleport"}}), json!([{"from": "go", "to": "Bad Id"}]));
    assert_eq!(found, [at("DOC-0003", "Bad Id"), at("DOC-0005", "Bad Id")]);
}

#[test]
fn a_broken_expression_is_found_in_its_field() {
    let found =
        problems(json!({"go": go(), "a": set("{{ trigger.body. }}")}), json!([{"from": "go", "to": "a"}]));
    assert_eq!((found.len(), found[0].code.as_str()), (1, "EXP-0001"));
    assert_eq!(found[0].field.as_deref(), Some("/fields/0/value"));
}

#[test]
fn a_field_from_a_step_that_does_not_run_before_is_pointed_out() {
    let steps = json!({"go": go(), "a": set("{{ steps.b.x }}"), "b": set("1")});
    let edges = json!([{"from": "go", "to": "a"}, {"from": "a", "to": "b"}]);
    let found = problems(steps, edges);
    assert_eq!((found[0].code.as_str(), found[0].severity), ("DOC-0019", Severity::Warning));
}

#[test]
fn a_workflow_without_a_trigger_never_starts() {
    assert_eq!(codes(json!({"a": set("1")}), json!([])), [("DOC-0009".into(), None)]);
}

#[test]
fn a_step_nothing_leads_to_is_a_warning() {
    let found = problems(json!({"go": go(), "a": set("1")}), json!([]));
    assert_eq!((found[0].code.as_str(), found[0].severity), ("DOC-0014", Severity::Warning));
}

#[test]
fn the_same_id_inside_and_outside_a_loop_is_refused() {
    let body = json!({"steps": {"a": set("1")}, "edges": []});
    let each = json!({"kind": "loop", "config": {"items": "{{ trigger.body }}"}, "body": body});
    let steps = json!({"go": go(), "each": each, "a": set("1")});
    let edges = json!([{"from": "go", "to": "each"}, {"from": "each", "to": "a"}]);
    assert!(codes(steps, edges).contains(&at("DOC-0004", "a")));
}

#[test]
fn loops_nested_too_deep_are_refused() {
    let mut steps = json!({"deepest": set("1")});
    for depth in 0..=MAX_BODY_DEPTH {
        let id = format!("loop_{depth}");
        steps = json!({ id: {"kind": "loop", "config": {"items": "{{ item }}"}, "body": {"steps": steps}} });
    }
    steps["go"] = go();
    let found = codes(steps, json!([{"from": "go", "to": format!("loop_{MAX_BODY_DEPTH}")}]));
    assert!(found.contains(&("DOC-0012".into(), None)), "{found:?}");
}

#[test]
fn too_many_steps_are_refused() {
    let mut steps: serde_json::Map<String, Value> =
        (0..=MAX_STEPS).map(|i| (format!("s{i}"), set("1"))).collect();
    steps.insert("go".into(), go());
    assert!(codes(Value::Object(steps), json!([])).contains(&("DOC-0012".into(), None)));
}
