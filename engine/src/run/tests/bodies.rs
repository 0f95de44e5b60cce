//! Repeat, try and break.

use super::*;

fn run(compiled: &Arc<Compiled>, body: Value) -> (Machine, Vec<String>) {
    let mut machine = machine(compiled);
    let effects = keys(&machine.apply(&started(body)));
    (machine, effects)
}

fn holding(kind: &str, config: Value, inside: Value, arrows: &[&str], more: Value) -> Arc<Compiled> {
    let arrows: Vec<Value> = arrows.iter().map(|edge| arrow(edge)).collect();
    let mut steps = json!({
        "go": {"kind": "manual"},
        "hold": {"kind": kind, "config": config, "body": {"steps": inside, "edges": arrows}},
    });
    steps.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let edges: &[&str] =
        if more.get("caught").is_some() { &["go>hold", "hold.error>caught"] } else { &["go>hold"] };
    real(steps, edges, json!({}))
}

#[test]
fn rounds_go_on_until_the_condition_holds_or_they_are_used_up() {
    let inside = json!({"grow": set("{{ (item.value|default(0)) + 1 }}")});
    for (wanted, rounds, reached) in [(3, 3, true), (9, 5, false)] {
        let until = json!({"field": "{{ item.value }}", "op": "at_least", "value": wanted});
        let compiled =
            holding("repeat", json!({"until": until, "at_most": 5}), inside.clone(), &[], json!({}));
        let (_, end) = run(&compiled, json!(null));
        let output = json!({"result": {"value": rounds}, "rounds": rounds, "reached": reached});
        assert_eq!(end, [format!("completed {output}")]);
    }
}

#[test]
fn a_failure_inside_a_try_leaves_by_its_own_way() {
    let inside = json!({
        "call": {"kind": "http_request", "config": {"url": "https://a.example"}},
        "other": {"kind": "http_request", "config": {"url": "https://b.example"}},
    });
    let more = json!({"caught": set("{{ steps.hold.step }}")});
    let compiled = holding("try", json!({}), inside, &[], more);
    let (mut machine, effects) = run(&compiled, json!(null));
    assert_eq!(effects, ["ask call", "ask other"]);
    let end = keys(&machine.apply(&answer("call", &[], Err(broken(FailureKind::Fatal)))));
    assert_eq!(end, ["abandon other", "completed {\"value\":\"call\"}"]);
}

#[test]
fn a_try_that_goes_through_gives_the_last_result() {
    let compiled = holding("try", json!({}), json!({"a": set("1")}), &[], json!({}));
    assert_eq!(run(&compiled, json!(null)).1, ["completed {\"result\":{\"value\":\"1\"}}"]);
}

#[test]
fn a_broken_loop_begins_no_further_item_also_from_within_a_try() {
    let found = json!({"field": "{{ item }}", "op": "equals", "value": 2});
    let inner = json!({
        "found": {"kind": "if", "config": {"condition": found}}, "enough": {"kind": "break_loop"}, "keep": set("{{ item }}"),
    });
    let arrows = [arrow("found.yes>enough"), arrow("found.no>keep")];
    let inside = json!({"attempt": {"kind": "try", "body": {"steps": inner, "edges": arrows}}});
    let compiled = holding("loop", json!({"items": "{{ trigger.body }}"}), inside, &[], json!({}));
    let (machine, end) = run(&compiled, json!([1, 2, 3, 4]));
    assert!(end[0].contains("\"count\":2,\"failed\":0"), "{end:?}");
    assert!(!machine.record().unwrap().steps.contains_key(&key("found", &[2])));
}

#[test]
fn results_may_stand_in_the_order_in_which_they_were_done() {
    for (order, expected) in [("items", "[\"a\",\"b\"]"), ("finish", "[\"b\",\"a\"]")] {
        let inside = json!({
            "call": {"kind": "http_request", "config": {"url": "https://a.example"}},
        });
        let config = json!({"items": "{{ trigger.body }}", "parallel": 2, "order": order});
        let compiled = holding("loop", config, inside, &[], json!({}));
        let (mut machine, _) = run(&compiled, json!(["a", "b"]));
        machine.apply(&answer("call", &[1], Ok(json!("b"))));
        let end = keys(&machine.apply(&answer("call", &[0], Ok(json!("a")))));
        assert!(end[0].contains(expected), "{order}: {end:?}");
    }
}
