//! After a restart: what was acknowledged is there, and what was moving goes on.

use crate::world::{Backend, Flow, HOME, chain, demo, done, find, person, pool};
use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::json;
use trunkline_engine::run::{Effect, EffectKey, Event, Performed};
use trunkline_store::Error;
use trunkline_store::ports::{Begin, RunQuery, RunStatus, Turn};

fn key(step: &str) -> EffectKey {
    EffectKey { step: step.into(), items: vec![] }
}

pub(crate) async fn what_was_acknowledged_is_there_after_reopening(backend: &impl Backend) {
    let store = backend.open().await;
    pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    let turns = join_all((0..50).map(|n| flow.send(person(n)))).await;
    store.close().await.unwrap();

    let store = backend.open().await;
    for turn in &turns {
        let history = store.runs.history(HOME, turn.header.id).await.unwrap().unwrap();
        assert_eq!((history.events, history.row.state), (turn.events.clone(), turn.state.clone()));
    }
    let again = flow.in_store(&store).send(person(7)).await;
    assert_eq!(again.state.lead, turns[7].state.lead, "the same person is the same lead");
    assert_eq!(store.leads.summary(HOME).await.unwrap().total, 50);
}

pub(crate) async fn sleeping_runs_are_found_when_due(backend: &impl Backend) {
    let store = backend.open().await;
    let nap = |seconds: i64| json!({"kind": "sleep", "config": {"seconds": seconds}});
    let short = Flow::publish(&store, chain("Short", &[("nap", nap(10)), find()])).await;
    let long = Flow::publish(&store, chain("Long", &[("nap", nap(1000))])).await;
    let (short_run, long_run) = (short.send(person(1)).await, long.send(person(2)).await);
    assert_eq!(short_run.state.status, RunStatus::Waiting);
    assert!(!short_run.state.resume, "a sleeping run leaves memory");
    assert_eq!(store.runs.next_wake().await.unwrap(), short_run.state.wake_at);
    let now = Utc::now();
    assert!(store.runs.due(now, 10).await.unwrap().is_empty());
    assert!(store.runs.unfinished(None, 10).await.unwrap().is_empty());

    let mut due = store.runs.due(now + TimeDelta::seconds(60), 10).await.unwrap();
    assert_eq!(due.iter().map(|run| run.header.id).collect::<Vec<_>>(), [short_run.header.id]);
    let stored = due.remove(0);
    assert_eq!((stored.header.next_seq, &stored.events), (1, &short_run.events));
    let turn = short.next_turn(stored, Event::Woke { key: key("nap"), at: Utc::now() });
    let woken = done(store.runs.turn(turn).await);
    assert_eq!((woken.state.status, woken.header.next_seq), (RunStatus::Completed, 2));
    assert_eq!(woken.events.len(), 2, "it woke, and the lead was found");
    let history = store.runs.history(HOME, woken.header.id).await.unwrap().unwrap();
    assert_eq!(history.events.len(), 3);
    assert_eq!(history.row.state.lead, woken.state.lead);
    assert_eq!(store.runs.next_wake().await.unwrap(), long_run.state.wake_at, "a finished run does not wake");
}

pub(crate) async fn runs_that_were_moving_are_taken_up_again(backend: &impl Backend) {
    let store = backend.open().await;
    let outside = json!({"kind": "ask", "config": {"action": "get", "outside": true}});
    let asking = Flow::publish(&store, chain("Asking", &[("get", outside)])).await;
    let call = json!({"kind": "call", "config": {}});
    let calling = Flow::publish(&store, chain("Calling", &[("call", call)])).await;
    let ended = Flow::publish(&store, chain("Ended", &[find()])).await;
    let (asking_run, calling_run) = (asking.send(person(1)).await, calling.send(person(2)).await);
    ended.send(person(3)).await;
    assert_eq!(asking_run.state.status, RunStatus::Running);
    assert_eq!((calling_run.state.status, calling_run.state.resume), (RunStatus::Waiting, true));
    assert!(
        matches!(asking_run.effects.as_slice(), [Effect::Perform { .. }]),
        "the world outside is not asked here"
    );
    store.close().await.unwrap();

    let store = backend.open().await;
    let first = store.runs.unfinished(None, 1).await.unwrap().remove(0);
    assert_eq!(first.header.id, asking_run.header.id);
    let rest = store.runs.unfinished(Some(first.header.id), 10).await.unwrap();
    assert_eq!(rest.iter().map(|run| run.header.id).collect::<Vec<_>>(), [calling_run.header.id]);
    assert_eq!(asking.replay(&first).outstanding(), asking_run.effects);

    let result = Ok(Performed { output: json!({"status": 200}), ..Performed::default() });
    let turn = asking.next_turn(first, Event::Performed { key: key("get"), result, at: Utc::now() });
    assert_eq!(done(store.runs.turn(turn).await).state.status, RunStatus::Completed);
    assert_eq!(store.runs.unfinished(None, 10).await.unwrap().len(), 1);
}

pub(crate) async fn a_cut_off_turn_goes_on_with_its_lead_operations(backend: &impl Backend) {
    let store = backend.open().await;
    pool(&store).await;
    let nap = json!({"kind": "sleep", "config": {"seconds": 5}});
    let flow = Flow::publish(&store, chain("Nap", &[("nap", nap), find()])).await;
    let run = flow.send(person(1)).await.header.id;
    // As if the process had died between the part of a turn that was durable and the next: the event is journaled,
    // its lead operation is not.
    let mut stored = store.runs.stored(run).await.unwrap().unwrap();
    stored.events.push(Event::Woke { key: key("nap"), at: Utc::now() });
    let machine = flow.replay(&stored);
    let effects = machine.outstanding();
    assert!(matches!(effects.as_slice(), [Effect::Perform { .. }]));
    let turn = Turn {
        header: stored.header,
        machine,
        events: vec![],
        effects,
        begin: Begin::Now,
        letters: vec![],
        tick: None,
    };
    let settled = done(store.runs.turn(turn).await);
    assert_eq!(settled.state.status, RunStatus::Completed);
    assert_eq!(settled.events.len(), 1);
}

pub(crate) async fn a_second_process_is_refused(backend: &impl Backend) {
    let store = backend.open().await;
    assert_eq!(backend.open_tuned(|_| {}).await.unwrap_err(), Error::Busy);
    backend.open_tuned(|settings| settings.exclusive = false).await.unwrap().close().await.unwrap();
    store.close().await.unwrap();
    drop(store);
    backend.open().await;
}

pub(crate) async fn a_closed_store_says_so(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    store.close().await.unwrap();
    let refused = store.runs.turn(flow.first_turn(flow.header(), person(1))).await;
    assert_eq!(refused.unwrap_err(), Error::Closed);
    assert_eq!(store.runs.list(HOME, RunQuery::default()).await.unwrap_err(), Error::Closed);
    store.close().await.unwrap();
}
