//! Turns: whole, once, together, and one's trouble not another's.

use crate::world::{Backend, Flow, HOME, ask, chain, demo, done, find, person, pool};
use futures_util::future::join_all;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use trunkline_engine::run::{Effect, EffectKey, Event, Verdict};
use trunkline_store::Error;
use trunkline_store::ports::{LeadQuery, RunQuery, RunStatus, Settled};
use uuid::Uuid;

pub(crate) async fn a_turn_is_whole(backend: &impl Backend) {
    let store = backend.open().await;
    pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    let turn = flow.send(person(1)).await;
    assert_eq!(turn.state.status, RunStatus::Completed);
    assert!(
        matches!(turn.effects.as_slice(), [Effect::Finish(Verdict::Completed { .. })]),
        "{:?}",
        turn.effects
    );
    assert_eq!(turn.header.next_seq, 1);
    assert_eq!(turn.events.len(), 5, "the event and four lead operations");

    let history = store.runs.history(HOME, turn.header.id).await.unwrap().unwrap();
    assert_eq!(history.events, turn.events);
    assert_eq!(history.row.state, turn.state);
    assert_eq!(history.document, *flow.compiled.document());
    assert_eq!(history.row.subject.as_deref(), Some("Person No 1"));
    let lead = store.leads.get(HOME, turn.state.lead.unwrap()).await.unwrap().unwrap();
    assert_eq!(lead.lead.score, Some(85));
    assert_eq!(lead.lead.stage, "SQL");
    assert_eq!(lead.owner.unwrap().name, "Ana Moreau");
    assert_eq!(lead.timeline.len(), 4);
    assert!(lead.timeline.iter().all(|entry| entry.activity.run_id == Some(turn.header.id)));
}

pub(crate) async fn turns_gathered_into_one_batch_all_end(backend: &impl Backend) {
    let store = backend.open().await;
    pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    let before = store.upkeep.load().batches;
    let turns = join_all((0..300).map(|n| flow.send(person(n)))).await;
    let ids: HashSet<Uuid> = turns.iter().map(|turn| turn.header.id).collect();
    let leads: HashSet<Uuid> = turns.iter().map(|turn| turn.state.lead.unwrap()).collect();
    assert_eq!((ids.len(), leads.len()), (300, 300));
    assert!(turns.iter().all(|turn| turn.state.status == RunStatus::Completed));
    let load = store.upkeep.load();
    assert_eq!((load.turns, load.failures), (300, 0));
    assert!(load.batches - before < 150, "turns that wait share a transaction: {load:?}");
    assert_eq!(store.leads.summary(HOME).await.unwrap().total, 300);
}

pub(crate) async fn turns_know_what_is_still_being_written(backend: &impl Backend) {
    let store = backend.open().await;
    let [ana, ben] = pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    // Eight senders, each with one event after the other, and every event is sent by all of them about then.
    let (flow, runs) = (&flow, &store.runs);
    let sender = async |first: usize| {
        let mut answers = Vec::new();
        for n in (0..60).map(|n| (n + first) % 60) {
            let mut header = flow.header();
            header.event_key = Some(format!("event-{n}"));
            answers.push((n, runs.turn(flow.first_turn(header, person(n))).await.unwrap()));
        }
        answers
    };
    let mut runs_of: HashMap<usize, HashSet<Uuid>> = HashMap::new();
    let mut leads = HashSet::new();
    for (n, answer) in join_all((0..8).map(sender)).await.into_iter().flatten() {
        let run = match answer {
            Settled::Duplicate(run) => run,
            Settled::Done(done) => {
                assert!(leads.insert(done.state.lead.unwrap()), "one run found each lead, and it was new");
                done.header.id
            }
        };
        runs_of.entry(n).or_default().insert(run);
    }
    assert!(runs_of.values().all(|runs| runs.len() == 1), "every sender was told of the same run");
    assert_eq!((runs_of.len(), leads.len()), (60, 60));
    assert_eq!(store.leads.summary(HOME).await.unwrap().total, 60);
    let pool = store.leads.pools(HOME).await.unwrap().remove(0);
    let assigned: HashMap<Uuid, u64> = pool.members.iter().map(|m| (m.owner.id, m.assigned)).collect();
    assert_eq!((assigned[&ana], assigned[&ben]), (40, 20), "no turn of the pool was dealt twice");
    let load = store.upkeep.load();
    assert!(load.ahead > 0, "some were worked out while others were written: {load:?}");
    assert_eq!(load.failures, 0);
}

pub(crate) async fn two_events_about_one_person_make_one_lead(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let turns = join_all((0..40).map(|n| flow.send(person(n % 4)))).await;
    let leads: HashSet<Uuid> = turns.iter().map(|turn| turn.state.lead.unwrap()).collect();
    assert_eq!(leads.len(), 4);
    let again = flow.send(json!({"email": "PERSON2@example.com"})).await;
    assert!(leads.contains(&again.state.lead.unwrap()), "found on disk as well");
}

pub(crate) async fn a_repeated_event_key_is_a_duplicate(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let other = Flow::publish(&store, chain("Other", &[find()])).await;
    let keyed = |flow: &Flow, key: &str| {
        let mut header = flow.header();
        header.event_key = Some(key.into());
        flow.first_turn(header, person(1))
    };
    let (one, two, three) = (keyed(&flow, "order-1"), keyed(&flow, "order-1"), keyed(&flow, "order-2"));
    let first = one.header.id;
    let (a, b, c) = tokio::join!(store.runs.turn(one), store.runs.turn(two), store.runs.turn(three));
    assert_eq!(done(a).header.id, first);
    assert!(matches!(b.unwrap(), Settled::Duplicate(id) if id == first));
    done(c);
    let late = store.runs.turn(keyed(&flow, "order-1")).await.unwrap();
    assert!(matches!(late, Settled::Duplicate(id) if id == first));
    done(store.runs.turn(keyed(&other, "order-1")).await);
    let runs = store.runs.list(HOME, RunQuery { limit: 10, ..RunQuery::default() }).await.unwrap();
    assert_eq!(runs.items.len(), 3);
}

pub(crate) async fn a_child_is_started_once(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let parent = Uuid::now_v7();
    let key = EffectKey { step: "call".into(), items: vec![2] };
    let child = || {
        let mut header = flow.header();
        header.parent = Some((parent, key.clone()));
        flow.first_turn(header, person(1))
    };
    let first = done(store.runs.turn(child()).await).header;
    assert!(matches!(store.runs.turn(child()).await.unwrap(), Settled::Duplicate(id) if id == first.id));
    let row = store.runs.child(parent, key.clone()).await.unwrap().unwrap();
    assert_eq!(row.id, first.id);
    let stored = store.runs.stored(first.id).await.unwrap().unwrap();
    assert_eq!(stored.header.parent, Some((parent, key)));
}

pub(crate) async fn a_second_writer_of_the_same_turn_is_fenced(backend: &impl Backend) {
    let store = backend.open().await;
    let sleep = json!({"kind": "sleep", "config": {"seconds": 60}});
    let flow = Flow::publish(&store, chain("Sleep", &[("nap", sleep.clone()), ("again", sleep)])).await;
    let run = flow.send(person(1)).await.header.id;
    let woke = |step: &str| Event::Woke {
        key: EffectKey { step: step.into(), items: vec![] },
        at: chrono::Utc::now(),
    };
    let stored = store.runs.stored(run).await.unwrap().unwrap();
    let (mine, theirs) = (flow.next_turn(stored.clone(), woke("nap")), flow.next_turn(stored, woke("nap")));
    let (mine, theirs) = tokio::join!(store.runs.turn(mine), store.runs.turn(theirs));
    assert_eq!(done(mine).header.next_seq, 2);
    assert_eq!(theirs.unwrap_err(), Error::Fenced);
    let events = store.runs.history(HOME, run).await.unwrap().unwrap().events;
    assert_eq!(events.len(), 2, "the second writer left nothing");
}

pub(crate) async fn a_poisoned_turn_fails_alone(backend: &impl Backend) {
    let store = backend.open().await;
    pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    let taken = flow.send(person(0)).await.header;
    // A run with an id that is taken cannot be inserted, and brings the whole transaction down.
    let mut poisoned = flow.header();
    poisoned.id = taken.id;
    let (before, bad, after) = tokio::join!(
        join_all((1..20).map(|n| flow.send(person(n)))),
        store.runs.turn(flow.first_turn(poisoned, person(50))),
        join_all((20..40).map(|n| flow.send(person(n)))),
    );
    assert_eq!(bad.unwrap_err(), Error::Fenced);
    for turn in before.iter().chain(&after) {
        assert_eq!(turn.state.status, RunStatus::Completed);
        let history = store.runs.history(HOME, turn.header.id).await.unwrap().unwrap();
        assert_eq!(history.events, turn.events, "nothing of the failed attempt is left");
        let lead = store.leads.get(HOME, turn.state.lead.unwrap()).await.unwrap();
        assert!(lead.is_some_and(|view| view.timeline.len() == 4), "the lead it names is there");
    }
    assert!(store.upkeep.load().failures > 0, "the batch was taken apart");
    let leads = store.leads.list(HOME, LeadQuery { limit: 100, ..LeadQuery::default() }).await.unwrap();
    assert_eq!(leads.total, 40, "the poisoned turn's lead is not there");
}

pub(crate) async fn a_panic_fails_the_run_and_keeps_the_event(backend: &impl Backend) {
    let store = backend.open().await;
    let boom = json!({"kind": "boom", "config": {}});
    let bad = Flow::publish(&store, chain("Bad", &[find(), ("boom", boom)])).await;
    let good = Flow::publish(&store, chain("Good", &[find()])).await;
    let (bad, good) = tokio::join!(bad.send(person(1)), good.send(person(2)));
    assert_eq!(good.state.status, RunStatus::Completed);
    assert_eq!(bad.state.status, RunStatus::Failed);
    let history = store.runs.history(HOME, bad.header.id).await.unwrap().unwrap();
    let (step, failure) = history.row.state.error.unwrap();
    assert_eq!((step.as_str(), failure.code.as_ref()), ("find", "RUN-0002"));
    assert_eq!(history.events.len(), 2, "what happened before is kept");
    assert!(matches!(bad.effects.last(), Some(Effect::Finish(Verdict::Failed { .. }))));
    assert!(history.row.state.finished_at.is_some());
}

pub(crate) async fn a_run_with_much_to_do_lets_others_through(backend: &impl Backend) {
    let store = backend.open_tuned(|settings| settings.effects_per_turn = 3).await.unwrap();
    let body = json!({
        "steps": {"one": ask("find_or_create", json!({"match_on": ["email"], "fields": {"email": "{{ item }}"}}))},
        "edges": []
    });
    let each = json!({"kind": "loop", "config": {"items": "{{ trigger.body.people }}"}, "body": body});
    let long = Flow::publish(&store, chain("Long", &[("each", each)])).await;
    let short = Flow::publish(&store, chain("Short", &[find()])).await;
    let people: Vec<String> = (0..20).map(|n| format!("person{n}@example.com")).collect();
    let (long, short) = tokio::join!(
        long.send(json!({"people": people})),
        join_all((100..110).map(|n| short.send(person(n))))
    );
    assert!(short.iter().all(|turn| turn.state.status == RunStatus::Completed));
    assert_eq!(long.state.status, RunStatus::Completed);
    assert_eq!(long.events.len(), 21);
    assert_eq!(long.header.next_seq, 7, "twenty operations, three at a time, are seven turns");
    let history = store.runs.history(HOME, long.header.id).await.unwrap().unwrap();
    assert_eq!(history.events, long.events, "and one journal");
    assert_eq!(store.leads.summary(HOME).await.unwrap().total, 30);
}

pub(crate) async fn leads_are_dealt_by_weight(backend: &impl Backend) {
    let store = backend.open().await;
    let [ana, ben] = pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    for half in [0..30, 30..60] {
        join_all(half.map(|n| flow.send(person(n)))).await;
    }
    let pool = store.leads.pools(HOME).await.unwrap().remove(0);
    let assigned: HashMap<Uuid, u64> = pool.members.iter().map(|m| (m.owner.id, m.assigned)).collect();
    assert_eq!((assigned[&ana], assigned[&ben]), (40, 20));
    let by_owner = store.leads.summary(HOME).await.unwrap().by_owner;
    let counts: HashMap<Uuid, u64> = by_owner.into_iter().map(|(who, n)| (who.unwrap().id, n)).collect();
    assert_eq!(counts, assigned);
}

pub(crate) async fn a_full_queue_refuses(backend: &impl Backend) {
    let store = backend.open_tuned(|settings| (settings.queue, settings.batch_turns) = (4, 1)).await.unwrap();
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let sent = join_all((0..64).map(|n| store.runs.turn(flow.first_turn(flow.header(), person(n))))).await;
    let (kept, refused): (Vec<_>, Vec<_>) = sent.into_iter().partition(Result::is_ok);
    assert!(!refused.is_empty(), "sixty-four do not fit into four places");
    for error in refused {
        assert!(matches!(error.unwrap_err(), Error::Overloaded { retry_after } if !retry_after.is_zero()));
    }
    assert_eq!(
        store.leads.summary(HOME).await.unwrap().total,
        kept.len() as u64,
        "what was refused is not kept"
    );
}

pub(crate) async fn an_operation_that_fails_fails_its_run(backend: &impl Backend) {
    let store = backend.open().await;
    let route = ask("route", json!({"lead_id": "{{ steps.find.lead.id }}", "pool": "Nobody's"}));
    let flow = Flow::publish(&store, chain("Route", &[find(), ("route", route)])).await;
    let turn = flow.send(person(1)).await;
    assert_eq!(turn.state.status, RunStatus::Failed);
    let (step, failure) = turn.state.error.unwrap();
    assert_eq!(step, "route");
    assert!(failure.code.starts_with("LEAD-"), "{failure:?}");
    assert!(turn.state.lead.is_some(), "what was done before the failure stays done");
}

/// Two writers of one disk by turns, as when a server was thought dead: only the disk in memory lets them.
#[cfg(feature = "memory")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_worked_out_is_made_anew_when_somebody_else_has_written() {
    let backend = crate::world::Memory::new();
    let first = backend.open().await;
    let second = backend.open_tuned(|settings| settings.exclusive = false).await.unwrap();
    let flow = Flow::publish(&first, chain("Find", &[find()])).await;
    let flow = &flow;
    let sender = async |runs: &std::sync::Arc<dyn trunkline_store::Runs>, from: usize| {
        let mut leads = Vec::new();
        for n in (0..60).map(|n| (n + from) % 60) {
            let done = done(runs.turn(flow.first_turn(flow.header(), person(n))).await);
            leads.push((n, done.state.lead.unwrap()));
        }
        leads
    };
    let (ours, theirs) = tokio::join!(
        join_all((0..8).map(|from| sender(&first.runs, from * 7))),
        join_all((0..8).map(|from| sender(&second.runs, from * 7))),
    );
    let leads: HashSet<(usize, Uuid)> = ours.into_iter().chain(theirs).flatten().collect();
    assert_eq!(leads.len(), 60, "one lead for each person, whoever wrote of them");
    assert_eq!(first.leads.summary(HOME).await.unwrap().total, 60);
    let failures = first.upkeep.load().failures + second.upkeep.load().failures;
    assert!(failures > 0, "each wrote while the other worked something out");
}
