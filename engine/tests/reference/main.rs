//! Random graphs, run by the machine and by a slow interpreter that is obviously right; both must come to the same.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed test may panic")]

mod drawing;
mod interpreter;
mod words;

use drawing::{Gene, document, gene};
use interpreter::{Interpreter, State};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trunkline_engine::compile::Compiled;
use trunkline_engine::document::Document;
use trunkline_engine::expression::{Datum, RunFacts};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Registry;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, Performed, StepStatus, Verdict};

fn at(seconds: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn machine(compiled: &Arc<Compiled>) -> Machine {
    let facts = RunFacts {
        id: "run".into(),
        workflow: "test".into(),
        version: Some(1),
        started_at: at(0),
        callback_url: String::new(),
    };
    Machine::new(Arc::clone(compiled), facts).with_record()
}

fn registry() -> &'static Registry {
    static REGISTRY: std::sync::OnceLock<Registry> = std::sync::OnceLock::new();
    REGISTRY.get_or_init(Registry::core)
}

fn compile(document: Value) -> Arc<Compiled> {
    let document: Document = serde_json::from_value(document).unwrap();
    Compiled::new(document, registry()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn started(n: u8) -> Event {
    Event::Started { trigger: "go".into(), output: Datum::new(json!({"body": {"n": n}})), at: at(0) }
}

/// An answer to one of the effects of `machine`, which `pick` and `how` choose.
fn answer(machine: &Machine, pick: usize, how: u8) -> Option<Event> {
    let mut open = machine.outstanding();
    open.sort_by(|a, b| a.key().cmp(&b.key()));
    let effect = (!open.is_empty()).then(|| open[pick % open.len()].clone())?;
    Some(match effect {
        Effect::Wake { key, at } => Event::Woke { key, at },
        Effect::Perform { key, .. } => {
            let result = match how % 8 {
                0 => Err(failure(FailureKind::Fatal)),
                1 => Err(failure(FailureKind::Temporary)),
                _ => Ok(Performed { output: json!({"of": key.to_string()}), ..Performed::default() }),
            };
            Event::Performed { key, result, at: at(1) }
        }
        other => panic!("nothing here asks for {other:?}"),
    })
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new("CALL-0099", kind, "it broke", "mend it")
}

fn keys(effects: &[Effect]) -> BTreeSet<EffectKey> {
    effects.iter().filter_map(|effect| effect.key().cloned()).collect()
}

/// What a step came to, for those that came to an end.
fn ends(machine: &Machine) -> BTreeMap<EffectKey, (State, Value)> {
    let steps = machine.record().unwrap().steps.iter();
    let ended = steps.filter_map(|(key, step)| {
        let state = match step.status {
            StepStatus::Done => State::Done,
            StepStatus::Failed => State::Failed,
            StepStatus::Skipped => State::Skipped,
            _ => return None,
        };
        Some((key.clone(), (state, plain(&step.output))))
    });
    ended.collect()
}

/// `value` without the words of failures.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("error") => json!({"error": fields["error"]["code"]}),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

fn verdict(machine: &Machine) -> Option<&'static str> {
    Some(match machine.verdict()? {
        Verdict::Completed { .. } => "completed",
        Verdict::Failed { .. } => "failed",
        Verdict::Cancelled { .. } => "cancelled",
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_machine_does_what_the_document_says(
        genes in prop::collection::vec(gene(), 1..9),
        n in 0..10_u8,
        answers in prop::collection::vec((any::<u16>(), any::<u8>()), 120),
    ) {
        let drawn = document(&genes);
        let compiled = compile(drawn.clone());
        let mut machine = machine(&compiled);
        let mut slow = Interpreter::new(&drawn, i64::from(n));
        // Where the first of several arrows is enough, the machine withdraws what nobody needs any more; the interpreter
        // goes on with it. What both do must agree.
        let races = drawn.to_string().contains(r#""join":"first""#);
        machine.apply(&started(n));
        slow.begin();
        for (pick, how) in answers {
            let asked = keys(&machine.outstanding());
            prop_assert!(asked.is_subset(&slow.asked()), "{asked:?} of {drawn}");
            prop_assert!(races || asked == slow.asked(), "{asked:?}, {:?} of {drawn}", slow.asked());
            let Some(event) = answer(&machine, pick.into(), how) else { break };
            machine.apply(&event);
            slow.take(&event);
        }
        prop_assert!(races || verdict(&machine) == slow.verdict(), "{}", drawn);
        let (ours, theirs) = (ends(&machine), slow.ends());
        if races || slow.was_cut_short() {
            // Which other steps were done before the end is a matter of luck; what they came to is not.
            for (key, end) in &ours {
                let other = theirs.get(key);
                let withdrawn = races && end.0 == State::Skipped;
                let agree = withdrawn || other.is_none_or(|other| other == end);
                prop_assert!(agree, "{key}: {end:?}, {other:?} of {drawn}");
            }
        } else if slow.verdict().is_some() {
            prop_assert_eq!(&ours, &theirs, "{}", drawn);
            prop_assert_eq!(&machine.record().unwrap().edges, &slow.edges(), "{}", drawn);
        }
    }

    #[test]
    fn any_prefix_of_a_journal_replays_to_the_same_state(
        genes in prop::collection::vec(gene(), 1..7),
        n in 0..10_u8,
        steps in prop::collection::vec((any::<u16>(), any::<u8>()), 30),
        held in any::<bool>(),
    ) {
        let compiled = compile(document(&genes));
        let mut live = machine(&compiled);
        let mut journal = vec![started(n)];
        if held {
            journal = held_then_released(n);
        }
        journal.iter().for_each(|event| drop(live.apply(event)));
        for (pick, how) in steps {
            // Now and then somebody pauses it, lets it go on, or ends it.
            let event = match how % 32 {
                30 => Some(Event::Paused { by: "ana".into(), at: at(2) }),
                31 => Some(Event::Resumed { by: "ana".into(), at: at(3) }),
                29 if pick % 8 == 0 => Some(Event::Cancelled { by: "ana".into(), at: at(4) }),
                _ => answer(&live, pick.into(), how),
            };
            let Some(event) = event else { break };
            live.apply(&event);
            journal.push(event);
            let mut replayed = machine(&compiled);
            journal.iter().for_each(|event| drop(replayed.apply(event)));
            prop_assert_eq!(replayed.outstanding(), live.outstanding());
            prop_assert_eq!(replayed.verdict(), live.verdict());
            prop_assert_eq!(replayed.is_paused(), live.is_paused());
            prop_assert_eq!(format!("{:?}", replayed.record()), format!("{:?}", live.record()));
            prop_assert_eq!(replayed.progress(), live.progress());
        }
    }

    #[test]
    fn documents_survive_the_way_through_json(genes in prop::collection::vec(gene(), 0..12)) {
        let document: Document = serde_json::from_value(document(&genes)).unwrap();
        let text = serde_json::to_string(&document).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Document>(&text).unwrap(), &document);
        let value = serde_json::to_value(&document).unwrap();
        prop_assert_eq!(serde_json::from_value::<Document>(value).unwrap(), document);
    }
}

fn held_then_released(n: u8) -> Vec<Event> {
    use trunkline_engine::run::HeldFor;
    let held = |n: u8| Event::Held {
        trigger: "go".into(),
        output: Datum::new(json!({"body": {"n": n}})),
        why: HeldFor::Burst,
        at: at(0),
    };
    // The second word replaces the first.
    vec![held(n.wrapping_add(1)), held(n), Event::Released { at: at(1) }]
}

#[test]
fn a_held_run_does_nothing_until_it_is_released() {
    let genes: Vec<Gene> = vec![[4; 8], [0; 8]];
    let compiled = compile(document(&genes));
    let (mut held, mut plain) = (machine(&compiled), machine(&compiled));
    plain.apply(&started(3));
    let events = held_then_released(3);
    for event in &events[..2] {
        assert!(held.apply(event).is_empty() && held.outstanding().is_empty());
    }
    held.apply(&events[2]);
    assert_eq!(keys(&held.outstanding()), keys(&plain.outstanding()));
}
