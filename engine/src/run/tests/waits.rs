//! Waits for a word from outside, writes of unknown outcome, and the time a run may take.

use super::*;
use crate::kind::{Awaited, DID_NOT, HAPPENED, SKIP};

fn signal(step: &str, port: &str, output: Value) -> Event {
    Event::Signalled { key: key(step, &[]), port: port.into(), output, by: Some("ana".into()), at: at(1) }
}

fn woke(step: &str) -> Event {
    Event::Woke { key: key(step, &[]), at: at(9_000) }
}

fn approval(notify: &str) -> Arc<Compiled> {
    let config = json!({
        "title": "Go?", "patience": {"amount": 2, "unit": "hours"}, "notify": notify, "remind_hours": 0.5, "reminders": 1,
    });
    let steps = json!({
        "go": {"kind": "manual"}, "ask": {"kind": "approval", "config": config},
        "yes": set("yes"), "late": set("late"),
    });
    real(steps, &["go>ask", "ask.approved>yes", "ask.timeout>late"], json!({}))
}

#[test]
fn an_answer_takes_its_way_and_the_first_one_counts() {
    let compiled = approval("");
    let mut machine = machine(&compiled);
    assert_eq!(keys(&machine.apply(&started(json!(1)))), ["await ask"]);
    assert!(machine.apply(&signal("ask", "maybe", json!(null))).is_empty(), "no such answer");
    assert_eq!(
        keys(&machine.apply(&signal("ask", "approved", json!(null)))),
        ["completed {\"value\":\"yes\"}"]
    );
    assert!(machine.apply(&signal("ask", "rejected", json!(null))).is_empty());
}

#[test]
fn nobody_answering_in_time_takes_the_other_way() {
    let compiled = approval("");
    let mut machine = machine(&compiled);
    machine.apply(&started(json!(1)));
    assert_eq!(keys(&machine.apply(&woke("ask"))), ["completed {\"value\":\"late\"}"]);
}

#[test]
fn people_are_told_and_reminded_until_somebody_answers() {
    let compiled = approval("w");
    let mut machine = machine(&compiled);
    assert_eq!(keys(&machine.apply(&started(json!(1)))), ["await ask", "call ask!0"]);
    let returned = |number| Event::Returned {
        key: key(&format!("ask!{number}"), &[]),
        result: Ok(json!({})),
        at: at(1),
    };
    assert_eq!(keys(&machine.apply(&returned(0))), ["wake ask!1"]);
    assert_eq!(keys(&machine.apply(&woke("ask!1"))), ["call ask!1"]);
    assert!(machine.apply(&returned(1)).is_empty(), "one reminder was wanted");
    assert_eq!(keys(&machine.apply(&signal("ask", "approved", json!(null)))).len(), 1);
}

#[test]
fn an_answer_ends_the_reminders() {
    let compiled = approval("w");
    let mut machine = machine(&compiled);
    machine.apply(&started(json!(1)));
    let end = keys(&machine.apply(&signal("ask", "approved", json!(null))));
    assert_eq!(end[0], "abandon ask!0");
}

#[test]
fn a_callback_may_come_before_its_step_is_reached() {
    let steps = json!({
        "go": {"kind": "manual"}, "call": {"kind": "http_request", "config": {"url": "https://a.example"}},
        "hear": {"kind": "wait_for_callback"}, "end": set("{{ steps.hear.n }}"),
    });
    let compiled = real(steps, &["go>call", "call>hear", "hear>end"], json!({}));
    for early in [true, false] {
        let mut machine = machine(&compiled);
        machine.apply(&started(json!(1)));
        if early {
            assert!(machine.apply(&signal("hear", "out", json!({"n": 5}))).is_empty());
        }
        let mut end = keys(&machine.apply(&answer("call", &[], Ok(json!(null)))));
        if !early {
            assert_eq!(end, ["await hear"]);
            end = keys(&machine.apply(&signal("hear", "out", json!({"n": 5}))));
        }
        assert_eq!(end, ["completed {\"value\":5}"]);
    }
}

fn write(more: Value) -> Arc<Compiled> {
    let mut config = json!({"method": "POST", "url": "https://a.example"});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let retry = json!({"times": 3});
    let steps = json!({
        "go": {"kind": "manual"}, "send": {"kind": "http_request", "config": config, "retry": retry, "on_error": "continue"},
    });
    real(steps, &["go>send"], json!({}))
}

fn lost() -> Event {
    answer("send", &[], Err(broken(FailureKind::UnknownOutcome)))
}

#[test]
fn a_write_of_unknown_outcome_waits_for_a_person_and_is_never_repeated_blindly() {
    for (word, expected) in [
        (HAPPENED, vec!["completed \"seen\""]),
        (SKIP, vec!["completed {\"skipped\":true}"]),
        (DID_NOT, vec!["ask send"]),
    ] {
        let compiled = write(json!({}));
        let mut machine = machine(&compiled);
        machine.apply(&started(json!(1)));
        let effects = machine.apply(&lost());
        assert!(
            matches!(&effects[..], [Effect::Await { what: Awaited::Decision { .. }, until: None, .. }]),
            "{effects:?}"
        );
        assert_eq!(status(&machine, "send"), StepStatus::Uncertain);
        assert!(machine.apply(&signal("send", "perhaps", json!(null))).is_empty());
        assert_eq!(keys(&machine.apply(&signal("send", word, json!("seen")))), expected);
    }
}

#[test]
fn a_write_the_other_side_recognises_is_sent_again_with_the_same_key() {
    let compiled = write(json!({"ignores_repeats": true}));
    let mut machine = machine(&compiled);
    let first = machine.apply(&started(json!(1)));
    assert_eq!(machine.apply(&lost()), first);
}

#[test]
fn a_write_that_can_be_looked_up_is_looked_up_first() {
    let found = json!({"field": "{{ item.status }}", "op": "equals", "value": 200});
    let compiled = write(json!({"look": {"url": "https://a.example/1", "found": found}}));
    for (answered, expected) in [
        (Ok(json!({"status": 200})), "completed {\"status\":200}"),
        (Ok(json!({"status": 404})), "ask send"),
        (Err(broken(FailureKind::Temporary)), "await send"),
    ] {
        let mut machine = machine(&compiled);
        machine.apply(&started(json!(1)));
        let look = machine.apply(&lost());
        let [Effect::Perform { operation, .. }] = &look[..] else { panic!("a look: {look:?}") };
        assert_eq!(operation.access, Access::Read);
        assert_eq!(keys(&machine.apply(&answer("send", &[], answered))), [expected]);
    }
}

#[test]
fn a_write_that_is_lost_again_and_again_comes_to_a_person() {
    let found = json!({"field": "{{ item.status }}", "op": "equals", "value": 200});
    let compiled = write(json!({"look": {"url": "https://a.example/1", "found": found}}));
    let mut machine = machine(&compiled);
    machine.apply(&started(json!(1)));
    let mut said = Vec::new();
    for _ in 0..6 {
        machine.apply(&lost());
        let after = keys(&machine.apply(&answer("send", &[], Ok(json!({"status": 404})))));
        if after == ["wake send"] {
            machine.apply(&woke("send"));
        }
        said.extend(after);
    }
    assert_eq!(said, ["ask send", "wake send", "wake send", "wake send", "wake send", "await send"]);
}

#[test]
fn a_run_that_takes_too_long_fails_and_gives_up_what_is_under_way() {
    let steps = json!({
        "go": {"kind": "manual"}, "call": {"kind": "http_request", "config": {"url": "https://a.example"}},
    });
    let compiled = real(steps, &["go>call"], json!({"settings": {"timeout_minutes": 5}}));
    let mut machine = machine(&compiled);
    let effects = machine.apply(&started(json!(1)));
    assert_eq!(effects[0], Effect::Wake { key: key("", &[]), at: at(300) });
    assert_eq!(keys(&machine.apply(&woke(""))), ["abandon call", "failed run"]);
}

#[test]
fn keys_of_events_are_computed_from_what_came_in() {
    let settings = json!({
        "order_by": {"key": "{{ trigger.body.email|lower }}", "space": "people"},
        "debounce": {"key": "{{ trigger.body.none }}", "seconds": 5},
        "dedupe": {"key": "{{ trigger.body.id }}", "hours": 2},
    });
    let compiled = real(json!({"go": {"kind": "manual"}}), &[], json!({ "settings": settings }));
    let keys = compiled.event_keys(&json!({"body": {"email": "ADA@a.example", "id": 7}}), at(0)).unwrap();
    let order = keys.order.unwrap();
    assert_eq!((order.space.as_str(), order.key.as_str()), ("people", "ada@a.example"));
    assert_eq!(keys.burst, None, "an empty key gathers nothing");
    assert_eq!(keys.repeat.unwrap().key, "7");
}
