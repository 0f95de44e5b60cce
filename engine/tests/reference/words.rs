//! The steps that wait for a word, repeat, or try: whatever is answered and in whatever order, any prefix of the journal
//! replays to the same state.

use crate::{at, compile, failure, machine, started};
use proptest::prelude::*;
use serde_json::{Value, json};
use trunkline_engine::failure::FailureKind;
use trunkline_engine::kind::Awaited;
use trunkline_engine::run::{Effect, Event, Machine, Performed};

/// A chain of one step per byte, in which every way out leads on.
fn chain(bytes: &[u8]) -> Value {
    let mut steps = json!({"go": {"kind": "manual"}});
    let mut edges = Vec::new();
    let mut before = ("go".to_owned(), vec!["out"]);
    for (place, byte) in bytes.iter().enumerate() {
        let id = format!("s{place}");
        let (step, ports) = draw(&id, *byte);
        steps[&id] = step;
        for port in &before.1 {
            edges.push(json!({"from": before.0, "port": port, "to": id}));
        }
        before = (id, ports);
    }
    json!({"format": 1, "name": "words", "steps": steps, "edges": edges})
}

fn call(retries: u8) -> Value {
    let mut step =
        json!({"kind": "http_request", "config": {"method": "POST", "url": "https://example.com/x"}});
    if retries > 0 {
        step["retry"] = json!({"times": retries, "wait_seconds": 5});
    }
    step
}

fn draw(id: &str, byte: u8) -> (Value, Vec<&'static str>) {
    let body = |step: Value| json!({"steps": {format!("{id}_in"): step}, "edges": []});
    let patience = (byte & 0x80 != 0).then(|| json!({"amount": 5, "unit": "minutes"}));
    match byte % 8 {
        0 => (json!({"kind": "wait", "config": {"amount": 3, "unit": "minutes"}}), vec!["out"]),
        1 => {
            let options = json!([{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]);
            let config = json!({"title": "Go on?", "options": options, "patience": patience});
            (json!({"kind": "approval", "config": config}), vec!["yes", "no", "timeout"])
        }
        2 => (json!({"kind": "wait_for_callback", "config": {"patience": patience}}), vec!["out", "timeout"]),
        3 => {
            let variants =
                json!([{"id": "a", "label": "A", "weight": 1}, {"id": "b", "label": "B", "weight": 2}]);
            let config = json!({"key": "{{ trigger.body.n }}", "name": "test", "variants": variants});
            (json!({"kind": "split_test", "config": config}), vec!["a", "b", "default"])
        }
        4 => (json!({"kind": "try", "config": {}, "body": body(call(byte / 8 % 3))}), vec!["out", "error"]),
        5 => {
            let until = json!({"field": "{{ index }}", "op": "at_least", "value": 2});
            let config = json!({"until": until, "at_most": 3});
            (
                json!({"kind": "repeat", "config": config, "body": body(call(0)), "on_error": "continue"}),
                vec!["out"],
            )
        }
        6 => {
            let config =
                json!({"workflow": "01890000-0000-7000-8000-000000000001", "wait": byte & 0x40 != 0});
            (json!({"kind": "call_workflow", "config": config, "on_error": "continue"}), vec!["out"])
        }
        _ => {
            let mut step = call(byte / 8 % 3);
            step["on_error"] = json!("continue");
            (step, vec!["out"])
        }
    }
}

/// An answer to one of the effects of `machine`, which `pick` and `how` choose.
fn answer(machine: &Machine, pick: usize, how: u8) -> Option<Event> {
    let mut open = machine.outstanding();
    open.sort_by(|a, b| a.key().cmp(&b.key()));
    let effect = (!open.is_empty()).then(|| open[pick % open.len()].clone())?;
    let kinds = [FailureKind::Fatal, FailureKind::Temporary, FailureKind::UnknownOutcome];
    let failed = || failure(kinds[usize::from(how / 8) % 3]);
    Some(match effect {
        Effect::Wake { key, at } => Event::Woke { key, at },
        Effect::Perform { key, .. } => {
            let done = Performed { output: json!({"of": key.to_string()}), ..Performed::default() };
            Event::Performed {
                key,
                result: if how.is_multiple_of(4) { Err(failed()) } else { Ok(done) },
                at: at(1),
            }
        }
        Effect::Await { key, until: Some(until), .. } if how.is_multiple_of(3) => {
            Event::Woke { key, at: until }
        }
        Effect::Await { key, what, .. } => {
            let port = match &what {
                Awaited::Approval { options, .. } => options[usize::from(how) % options.len()].id.to_string(),
                Awaited::Decision { .. } => ["happened", "did_not", "skip"][usize::from(how) % 3].to_owned(),
                _ => "out".to_owned(),
            };
            Event::Signalled { key, port, output: json!({"how": how}), by: None, at: at(2) }
        }
        Effect::Call { key, .. } => {
            let result = if how.is_multiple_of(4) { Err(failed()) } else { Ok(json!({"called": how})) };
            Event::Returned { key, result, at: at(2) }
        }
        other => panic!("nothing here asks for {other:?}"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_prefix_replays_to_the_same_state_whatever_word_comes(
        bytes in prop::collection::vec(any::<u8>(), 1..7),
        n in 0..10_u8,
        answers in prop::collection::vec((any::<u16>(), any::<u8>()), 40),
    ) {
        let compiled = compile(chain(&bytes));
        let mut live = machine(&compiled);
        let mut journal = vec![started(n)];
        live.apply(&journal[0]);
        for (pick, how) in answers {
            let event = match how {
                250.. => Some(Event::Paused { by: "ana".into(), at: at(2) }),
                240..250 => Some(Event::Resumed { by: "ana".into(), at: at(3) }),
                _ => answer(&live, pick.into(), how),
            };
            let Some(event) = event else { break };
            live.apply(&event);
            journal.push(event);
            // As it comes from disk.
            let text = serde_json::to_string(&journal).unwrap();
            let read: Vec<Event> = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&read, &journal);
            let mut replayed = machine(&compiled);
            read.iter().for_each(|event| drop(replayed.apply(event)));
            prop_assert_eq!(replayed.outstanding(), live.outstanding());
            prop_assert_eq!(replayed.verdict(), live.verdict());
            prop_assert_eq!(replayed.is_paused(), live.is_paused());
            prop_assert_eq!(format!("{:?}", replayed.record()), format!("{:?}", live.record()));
        }
    }
}
