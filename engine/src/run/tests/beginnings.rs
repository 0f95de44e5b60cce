//! Runs that begin later, in the middle, or as a stretch of a stream, and runs that are paused.

use super::*;

// go -> a -> b (asks) -> c
//    -> side
fn line() -> Arc<Compiled> {
    let steps = json!({
        "go": {"kind": "begin"}, "a": {"kind": "emit", "config": {"value": "fresh a"}},
        "b": {"kind": "ask", "config": {"value": "{{ steps.a }} {{ trigger.body }}"}},
        "c": {"kind": "emit", "config": {"value": "{{ steps.a }}, {{ steps.b }}, {{ steps.side }}"}},
        "side": {"kind": "emit", "config": {"value": "fresh side"}},
    });
    compiled(steps, &["go>a", "a>b", "b>c", "go>side"])
}

#[test]
fn a_held_run_begins_when_it_is_released_with_the_last_event() {
    let compiled = line();
    let mut machine = machine(&compiled);
    let held = |body| Event::Held {
        trigger: "go".into(),
        output: Datum::new(json!({ "body": body })),
        why: HeldFor::Burst,
        at: at(0),
    };
    assert!(machine.apply(&held(1)).is_empty() && machine.apply(&held(2)).is_empty());
    assert!(machine.is_held() && machine.record().unwrap().steps.is_empty());
    let effects = machine.apply(&Event::Released { at: at(9) });
    let Effect::Perform { operation, .. } = &effects[0] else { panic!("an operation") };
    assert_eq!(operation.input, json!("fresh a 2"));
    assert!(!machine.is_held());
    assert!(machine.apply(&Event::Released { at: at(10) }).is_empty(), "it begins once");
}

#[test]
fn a_run_from_a_step_takes_over_what_came_before() {
    let compiled = line();
    let mut machine = machine(&compiled);
    let given = [("a", "old a"), ("side", "old side")]
        .map(|(step, output)| (step.to_owned(), Given { output: json!(output), port: "out".into() }));
    let event = Event::StartedFrom {
        trigger: "go".into(),
        output: Datum::new(json!({"body": 7})),
        from: "b".into(),
        given: given.into_iter().collect(),
        at: at(0),
    };
    let effects = machine.apply(&event);
    let Effect::Perform { operation, .. } = &effects[0] else { panic!("an operation") };
    assert_eq!((effects.len(), &operation.input), (1, &json!("old a 7")));
    let end = keys(&machine.apply(&answer("b", &[], Ok(json!("new b")))));
    assert_eq!(end, ["completed \"old a, new b, old side\""]);
}

#[test]
fn a_run_from_a_step_skips_what_the_earlier_run_never_reached() {
    let compiled = line();
    let mut machine = machine(&compiled);
    let event = Event::StartedFrom {
        trigger: "go".into(),
        output: Datum::new(json!({"body": 7})),
        from: "c".into(),
        given: indexmap::IndexMap::new(),
        at: at(0),
    };
    assert_eq!(keys(&machine.apply(&event)), ["completed \", , \""]);
    assert_eq!(status(&machine, "a"), StepStatus::Skipped);
}

#[test]
fn a_paused_run_ends_what_is_under_way_and_begins_nothing() {
    let compiled = line();
    let mut machine = machine(&compiled);
    machine.apply(&started(json!(1)));
    assert!(machine.apply(&Event::Paused { by: "ana".into(), at: at(1) }).is_empty());
    assert!(machine.apply(&answer("b", &[], Ok(json!("b")))).is_empty());
    assert!(machine.is_paused() && machine.outstanding().is_empty() && machine.verdict().is_none());
    let end = keys(&machine.apply(&Event::Resumed { by: "ana".into(), at: at(2) }));
    assert_eq!(end.len(), 1, "{end:?}");
    assert!(end[0].starts_with("completed"));
}

fn stream() -> Arc<Compiled> {
    let body = json!({"steps": {
        "check": {"kind": "if", "config": {"condition": {"field": "{{ item.n }}", "op": "equals", "value": 3}}},
        "bad": {"kind": "stop", "config": {"outcome": "failed", "message": "three"}},
        "ok": set("{{ item.n }} {{ index }} {{ steps.before.value }}"),
    }, "edges": [arrow("check.no>ok"), arrow("check.yes>bad")]});
    let steps = json!({
        "go": {"kind": "manual"}, "before": set("{{ trigger.body }}"),
        "each": {"kind": "loop", "config": {"from": "file", "file": "f", "slice": 2, "on_item_error": "collect"}, "body": body},
        "after": set("{{ steps.each.count }}"),
    });
    real(steps, &["go>before", "before>each", "each>after"], json!({}))
}

fn returned(slice: u32, report: Value) -> Event {
    Event::Returned { key: key("each", &[slice]), result: Ok(report), at: at(5) }
}

#[test]
fn a_stream_is_worked_off_slice_by_slice() {
    let compiled = stream();
    let mut parent = machine(&compiled);
    let first = parent.apply(&started(json!("before")));
    let Effect::Slice { key: asked, slice } = &first[0] else { panic!("a slice: {first:?}") };
    assert_eq!((asked, slice.first, slice.size, &slice.cursor), (&key("each", &[0]), 0, 2, &None));
    let errors = json!([{"index": 1, "error": {}}]);
    let report = json!({"count": 2, "failed": 1, "errors": errors, "next": "c2", "total": 3});
    parent.apply(&Event::Paused { by: "ana".into(), at: at(1) });
    assert!(parent.apply(&returned(0, report)).is_empty(), "paused between slices");
    let progress = parent.progress();
    assert_eq!((progress[0].done, progress[0].failed, progress[0].total), (2, 1, Some(3)));
    let second = parent.apply(&Event::Resumed { by: "ana".into(), at: at(2) });
    let Effect::Slice { slice, .. } = &second[0] else { panic!("a slice") };
    assert_eq!((slice.first, slice.cursor.as_deref()), (2, Some("c2")));
    let end = keys(&parent.apply(&returned(1, json!({"count": 1, "failed": 0, "errors": [], "next": null}))));
    assert_eq!(end, ["completed {\"value\":3}"]);
}

#[test]
fn a_stretch_runs_the_body_alone_and_reports() {
    let compiled = stream();
    let stretch = Stretch {
        step: "each".into(),
        first: 40,
        items: vec![json!({"n": 1}), json!({"n": 2})],
        trigger: json!({"body": "x"}),
        outputs: [("before".to_owned(), json!({"value": "B"}))].into_iter().collect(),
        next: Some("c9".into()),
        total: Some(100),
    };
    let mut child = machine(&compiled);
    let end = child.apply(&Event::Sliced { stretch: Box::new(stretch), at: at(0) });
    let report = json!({"count": 2, "failed": 0, "errors": [], "next": "c9", "total": 100});
    assert_eq!(end, [Effect::Finish(Verdict::Completed { output: report })]);
    let record = &child.record().unwrap().steps[&key("ok", &[41])];
    assert_eq!(record.output, json!({"value": "2 41 B"}), "the item's number is that of the whole stream");
}

#[test]
fn an_empty_stretch_ends_the_stream() {
    let compiled = stream();
    let stretch = Stretch {
        step: "each".into(),
        first: 0,
        items: Vec::new(),
        trigger: Value::Null,
        outputs: indexmap::IndexMap::new(),
        next: None,
        total: None,
    };
    let mut child = machine(&compiled);
    let end = keys(&child.apply(&Event::Sliced { stretch: Box::new(stretch), at: at(0) }));
    assert!(end[0].contains("\"count\":0"), "{end:?}");
}
