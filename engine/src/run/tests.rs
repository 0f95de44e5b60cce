//! The machine on small graphs; each picture shows the graph under test.

#![allow(clippy::needless_pass_by_value, reason = "tests read better when they hand over literals")]

mod beginnings;
mod bodies;
mod exchanges;
mod waits;

use super::*;
use crate::compile::Compiled;
use crate::document::Document;
use crate::expression::{Datum, Dynamic, RunFacts};
use crate::failure::{Failure, FailureKind};
use crate::kind::{
    About, Access, Category, Context, Done, Example, LoopPlan, Operation, Outcome, Performer, Port, PortRule,
    Promise, Registry, Step, StepKind,
};
use crate::trigger::Trigger;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize, JsonSchema)]
struct Begin {}
impl Step for Begin {
    fn start(&self, _: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Done::out(Value::Null).into())
    }
    fn trigger(&self) -> Option<Trigger> {
        Some(Trigger::Manual)
    }
}

/// Puts out `value` by port `port`.
#[derive(Debug, Deserialize, JsonSchema)]
struct Emit {
    #[serde(default)]
    value: Dynamic,
    #[serde(default)]
    port: Option<String>,
}
impl Step for Emit {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let port = self.port.clone().unwrap_or("out".into());
        Ok(Done::by(port, self.value.value(context.scope)?).into())
    }
}

/// Asks the outside.
#[derive(Debug, Deserialize, JsonSchema)]
struct Ask {
    #[serde(default)]
    value: Dynamic,
}
impl Step for Ask {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let input = self.value.value(context.scope)?;
        Ok(Outcome::Perform(Operation {
            performer: Performer::Http,
            action: "ask".into(),
            input,
            access: Access::Read,
            promise: Promise::None,
            sends_to: None,
        }))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Each {
    items: Dynamic,
    #[serde(default)]
    parallel: usize,
    #[serde(default)]
    stop: bool,
}
impl Step for Each {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let Value::Array(items) = self.items.value(context.scope)? else { panic!("a list") };
        Ok(Outcome::Loop(LoopPlan {
            source: crate::kind::Source::Items(items),
            parallel: self.parallel,
            stop_on_error: self.stop,
            keep_order: true,
        }))
    }
}

fn about(kind: &'static str, category: Category) -> About {
    let ports = ["out", "left", "right"].map(|id| Port::new(id, id)).to_vec();
    About {
        kind,
        title: kind,
        summary: "",
        help: "",
        icon: "",
        category,
        keywords: &[],
        default_config: json!({}),
        ports: PortRule::Fixed { ports },
        promise: Promise::None,
        promise_text: "",
        has_error_port: true,
        example: Example { config: json!({}), context: json!({}), output: None, port: "out".into() },
        output_sample: Value::Null,
        summary_template: "",
    }
}

fn registry() -> Registry {
    Registry::default().with(vec![
        StepKind::new::<Begin>(about("begin", Category::Trigger)),
        StepKind::new::<Emit>(about("emit", Category::Data)),
        StepKind::new::<Ask>(about("ask", Category::Connect)),
        StepKind::new::<Each>(about("loop", Category::Logic)),
    ])
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

/// `edges` are written `a>b` or `a.port>b`.
fn compiled(steps: Value, edges: &[&str]) -> Arc<Compiled> {
    let edges: Vec<Value> = edges.iter().map(|edge| arrow(edge)).collect();
    let document = json!({"format": 1, "name": "test", "steps": steps, "edges": edges});
    let document: Document = serde_json::from_value(document).unwrap();
    Compiled::new(document, &registry()).unwrap()
}

fn arrow(edge: &str) -> Value {
    let (from, to) = edge.split_once('>').unwrap();
    let (from, port) = from.split_once('.').unwrap_or((from, "out"));
    json!({"from": from, "port": port, "to": to})
}

/// A document of the real step kinds; `rest` is merged into it.
fn real(steps: Value, edges: &[&str], rest: Value) -> Arc<Compiled> {
    let edges: Vec<Value> = edges.iter().map(|edge| arrow(edge)).collect();
    let mut document = json!({"format": 1, "name": "test", "steps": steps, "edges": edges});
    document.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    Compiled::new(serde_json::from_value(document).unwrap(), &Registry::core()).unwrap()
}

fn set(value: &str) -> Value {
    json!({"kind": "set_fields", "config": {"fields": [{"name": "value", "value": value}]}})
}

fn key(step: &str, items: &[u32]) -> EffectKey {
    EffectKey { step: step.into(), items: items.to_vec() }
}

fn machine(compiled: &Arc<Compiled>) -> Machine {
    let facts = RunFacts {
        id: "run".into(),
        workflow: "test".into(),
        version: Some(1),
        started_at: at(0),
        ..RunFacts::default()
    };
    Machine::new(Arc::clone(compiled), facts).with_record()
}

fn started(body: Value) -> Event {
    Event::Started { trigger: "go".into(), output: Datum::new(json!({"body": body})), at: at(0) }
}

fn answer(step: &str, items: &[u32], result: Result<Value, Failure>) -> Event {
    let key = EffectKey { step: step.into(), items: items.to_vec() };
    let result = result.map(|output| Performed { output, ..Performed::default() });
    Event::Performed { key, result, at: at(1) }
}

fn broken(kind: FailureKind) -> Failure {
    Failure::new("HTTP-0001", kind, "it broke", "mend it")
}

fn keys(effects: &[Effect]) -> Vec<String> {
    let names = effects.iter().map(|effect| match effect {
        Effect::Perform { key, .. } => format!("ask {key}"),
        Effect::Wake { key, .. } => format!("wake {key}"),
        Effect::Call { key, .. } => format!("call {key}"),
        Effect::Await { key, .. } => format!("await {key}"),
        Effect::Slice { key, .. } => format!("slice {key}"),
        Effect::Abandon { key } => format!("abandon {key}"),
        Effect::Respond(_) => "respond".into(),
        Effect::Finish(Verdict::Completed { output }) => format!("completed {output}"),
        Effect::Finish(Verdict::Failed { step, .. }) => format!("failed {step}"),
        Effect::Finish(Verdict::Cancelled { .. }) => "cancelled".into(),
    });
    names.collect()
}

fn status(machine: &Machine, step: &str) -> StepStatus {
    machine.record().unwrap().steps[&EffectKey { step: step.into(), items: vec![] }].status
}

// go -> fork -left-> a \
//            -right-> b -> meet
#[test]
fn paths_that_split_meet_again_without_a_merge_step() {
    let steps = json!({
        "go": {"kind": "begin"}, "fork": {"kind": "emit", "config": {"port": "left"}},
        "a": {"kind": "emit", "config": {"value": "A"}}, "b": {"kind": "emit", "config": {"value": "B"}},
        "meet": {"kind": "emit", "config": {"value": "{{ steps.a or steps.b }}"}},
    });
    let compiled = compiled(steps, &["go>fork", "fork.left>a", "fork.right>b", "a>meet", "b>meet"]);
    let mut machine = machine(&compiled);
    assert_eq!(keys(&machine.apply(&started(json!({})))), ["completed \"A\""]);
    assert_eq!(status(&machine, "b"), StepStatus::Skipped);
    assert_eq!(machine.record().unwrap().edges, [1, 1, 0, 1, 0]);
}

// go -> a (asks) \
//    -> b (asks) -> meet
#[test]
fn a_join_waits_for_all_and_first_takes_the_first() {
    for (join, expected) in [("all", &[][..]), ("first", &["abandon a", "ask meet"])] {
        let steps = json!({
            "go": {"kind": "begin"}, "a": {"kind": "ask"}, "b": {"kind": "ask"},
            "meet": {"kind": "ask", "join": join},
        });
        let compiled = compiled(steps, &["go>a", "go>b", "a>meet", "b>meet"]);
        let mut machine = machine(&compiled);
        assert_eq!(keys(&machine.apply(&started(json!({})))), ["ask a", "ask b"]);
        assert_eq!(keys(&machine.apply(&answer("b", &[], Ok(json!(2))))), expected, "who lost is given up");
        let rest = machine.apply(&answer("a", &[], Ok(json!(1))));
        assert_eq!(rest.is_empty(), join == "first", "the meeting point runs once");
        assert_eq!(keys(&machine.apply(&answer("meet", &[], Ok(json!(3))))), ["completed 3"]);
    }
}

#[test]
fn a_trigger_that_did_not_fire_is_skipped_with_all_that_only_it_leads_to() {
    let steps = json!({
        "go": {"kind": "begin"}, "other": {"kind": "begin"}, "a": {"kind": "emit"}, "b": {"kind": "emit"},
    });
    let compiled = compiled(steps, &["go>a", "other>b", "b>a"]);
    let mut machine = machine(&compiled);
    machine.apply(&started(json!({})));
    assert_eq!(status(&machine, "b"), StepStatus::Skipped);
    assert_eq!(status(&machine, "a"), StepStatus::Done);
}

#[test]
fn failures_stop_continue_or_branch_as_the_step_says() {
    for (on_error, edges, end) in [
        ("stop", vec!["go>a", "a>b"], "failed a"),
        ("continue", vec!["go>a", "a>b"], "completed \"HTTP-0001\""),
        ("branch", vec!["go>a", "a.error>b"], "completed \"HTTP-0001\""),
    ] {
        let steps = json!({
            "go": {"kind": "begin"}, "a": {"kind": "ask", "on_error": on_error},
            "b": {"kind": "emit", "config": {"value": "{{ steps.a.error.code }}"}},
        });
        let mut machine = machine(&compiled(steps, &edges));
        machine.apply(&started(json!({})));
        let effects = machine.apply(&answer("a", &[], Err(broken(FailureKind::Fatal))));
        assert_eq!(keys(&effects), [end]);
        assert_eq!(status(&machine, "a"), StepStatus::Failed);
    }
}

#[test]
fn failures_that_may_pass_are_tried_again_with_growing_pauses() {
    let steps =
        json!({"go": {"kind": "begin"}, "a": {"kind": "ask", "retry": {"times": 2, "wait_seconds": 10}}});
    let mut machine = machine(&compiled(steps, &["go>a"]));
    machine.apply(&started(json!({})));
    for pause in [10, 20] {
        let effects = machine.apply(&answer("a", &[], Err(broken(FailureKind::Temporary))));
        let [Effect::Wake { key, at: wake }] = effects.as_slice() else { panic!("{effects:?}") };
        let waited = *wake - at(1);
        assert!(
            waited >= TimeDelta::seconds(pause) && waited <= TimeDelta::seconds(pause + pause / 10 + 1),
            "{waited}"
        );
        assert_eq!(keys(&machine.apply(&Event::Woke { key: key.clone(), at: at(1) })), ["ask a"]);
    }
    assert_eq!(keys(&machine.apply(&answer("a", &[], Err(broken(FailureKind::Temporary))))), ["failed a"]);
}

#[test]
fn a_fatal_failure_is_not_tried_again() {
    let steps =
        json!({"go": {"kind": "begin"}, "a": {"kind": "ask", "retry": {"times": 2, "wait_seconds": 10}}});
    let mut machine = machine(&compiled(steps, &["go>a"]));
    machine.apply(&started(json!({})));
    assert_eq!(keys(&machine.apply(&answer("a", &[], Err(broken(FailureKind::Auth))))), ["failed a"]);
}

fn loop_of(stop: bool) -> Arc<Compiled> {
    let body = json!({"steps": {
        "ask": {"kind": "ask", "config": {"value": "{{ item }}"}},
        "keep": {"kind": "emit", "config": {"value": "{{ [index, steps.ask] }}"}},
    }, "edges": [arrow("ask>keep")]});
    let config = json!({"items": "{{ trigger.body }}", "parallel": 2, "stop": stop});
    let steps = json!({
        "go": {"kind": "begin"}, "each": {"kind": "loop", "config": config, "body": body},
        "end": {"kind": "emit", "config": {"value": "{{ steps.each }}"}},
    });
    compiled(steps, &["go>each", "each>end"])
}

#[test]
fn a_loop_keeps_its_parallel_limit_and_its_order() {
    let mut machine = machine(&loop_of(false));
    assert_eq!(keys(&machine.apply(&started(json!(["a", "b", "c"])))), ["ask ask[0]", "ask ask[1]"]);
    assert_eq!(keys(&machine.apply(&answer("ask", &[1], Ok(json!("B"))))), ["ask ask[2]"]);
    assert!(machine.apply(&answer("ask", &[2], Ok(json!("C")))).is_empty());
    let end = keys(&machine.apply(&answer("ask", &[0], Ok(json!("A")))));
    assert_eq!(end, [r#"completed {"items":[[0,"A"],[1,"B"],[2,"C"]],"count":3,"failed":0}"#]);
}

#[test]
fn a_failed_item_is_collected_or_stops_the_loop() {
    for stop in [false, true] {
        let mut machine = machine(&loop_of(stop));
        machine.apply(&started(json!(["a", "b"])));
        let effects = keys(&machine.apply(&answer("ask", &[0], Err(broken(FailureKind::Fatal)))));
        if stop {
            assert_eq!(effects, ["abandon ask[1]", "failed each"]);
            continue;
        }
        assert!(effects.is_empty());
        let end = keys(&machine.apply(&answer("ask", &[1], Ok(json!("B")))));
        assert!(end[0].contains("\"failed\":1") && end[0].contains("HTTP-0001"), "{end:?}");
    }
}

#[test]
fn an_empty_loop_goes_on_at_once() {
    let mut machine = machine(&loop_of(false));
    let end = keys(&machine.apply(&started(json!([]))));
    assert_eq!(end, [r#"completed {"items":[],"count":0,"failed":0}"#]);
}

#[test]
fn cancelling_ends_everything_and_late_answers_change_nothing() {
    let mut machine = machine(&loop_of(false));
    machine.apply(&started(json!(["a"])));
    let end = keys(&machine.apply(&Event::Cancelled { by: "ana".into(), at: at(2) }));
    assert_eq!(end, ["abandon ask[0]", "cancelled"]);
    assert!(machine.outstanding().is_empty());
    assert!(machine.apply(&answer("ask", &[0], Ok(json!(1)))).is_empty());
}

#[test]
fn secrets_never_reach_the_record() {
    let config =
        json!({"path": "in", "check": {"by": "shared_secret", "header": "x-key", "secret": "canary-7f3a"}});
    let steps = json!({"go": {"kind": "webhook", "config": config}});
    let document = json!({"format": 1, "name": "test", "steps": steps});
    let compiled = Compiled::new(serde_json::from_value(document).unwrap(), &Registry::core()).unwrap();
    let mut machine = machine(&compiled);
    machine.apply(&started(json!({})));
    let shown = format!("{:?}", machine.record().unwrap());
    assert!(shown.contains("x-key") && !shown.contains("canary-7f3a"), "{shown}");
}

#[test]
fn disabled_steps_are_passed_through() {
    let steps = json!({
        "go": {"kind": "begin"}, "a": {"kind": "ask", "disabled": true},
        "b": {"kind": "emit", "config": {"value": "B"}},
    });
    let mut machine = machine(&compiled(steps, &["go>a", "a>b"]));
    assert_eq!(keys(&machine.apply(&started(json!({})))), ["completed \"B\""]);
    assert_eq!(status(&machine, "a"), StepStatus::Skipped);
}

#[test]
fn disabled_steps_that_choose_are_passed_through_by_a_port_they_have() {
    let condition = json!({"field": "{{ trigger.x }}", "op": "is_empty"});
    let cases = json!([{"id": "a", "label": "A", "condition": condition}]);
    for (kind, config, port) in
        [("if", json!({"condition": condition}), "yes"), ("switch", json!({"cases": cases}), "default")]
    {
        let steps = json!({
            "go": {"kind": "manual"}, "choose": {"kind": kind, "config": config, "disabled": true},
            "b": {"kind": "set_fields", "config": {"fields": [{"name": "x", "value": 1}]}},
        });
        let edges = json!([{"from": "go", "to": "choose"}, {"from": "choose", "port": port, "to": "b"}]);
        let document = json!({"format": 1, "name": "test", "steps": steps, "edges": edges});
        let compiled = Compiled::new(serde_json::from_value(document).unwrap(), &Registry::core()).unwrap();
        let mut machine = machine(&compiled);
        machine.apply(&started(json!({})));
        assert_eq!(status(&machine, "choose"), StepStatus::Skipped, "{kind}");
        assert_eq!(status(&machine, "b"), StepStatus::Done, "{kind}");
    }
}

proptest! {
    /// Whatever order answers come in, replaying the journal gives the same outstanding effects and the same verdict
    /// at every prefix.
    #[test]
    fn any_prefix_of_a_journal_replays_to_the_same_state(
        items in 1..12usize,
        order in prop::collection::vec(any::<prop::sample::Index>(), 40),
        fails in prop::collection::vec(any::<bool>(), 40),
    ) {
        let compiled = loop_of(false);
        let mut live = machine(&compiled);
        let mut journal = vec![started(json!(vec!["x"; items]))];
        live.apply(&journal[0]);
        for (pick, fail) in order.iter().zip(fails) {
            let outstanding = live.outstanding();
            if outstanding.is_empty() {
                break;
            }
            let Effect::Perform { key, .. } = pick.get(&outstanding) else { panic!("only asks here") };
            let result = if fail { Err(broken(FailureKind::Fatal)) } else { Ok(json!("y")) };
            let event = answer("ask", &key.items, result);
            live.apply(&event);
            journal.push(event);
            let mut replayed = machine(&compiled);
            for event in &journal {
                replayed.apply(event);
            }
            prop_assert_eq!(replayed.outstanding(), live.outstanding());
            prop_assert_eq!(replayed.verdict(), live.verdict());
        }
        prop_assert!(live.verdict().is_some(), "every item was answered");
    }
}
