//! Order, limits, bursts, repeats and priority: which runs begin, and when.

use crate::world::{Backend, Flow, HOME, chain, done, find, person};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use trunkline_engine::document::Document;
use trunkline_engine::expression::Datum;
use trunkline_engine::run::{EffectKey, Event, RunId};
use trunkline_store::ports::{
    Begin, Debounce, Dedupe, Done, Keep, Letter, OrderKey, Priority, Rules, RunQuery, RunStatus, Settled,
    Turn,
};
use trunkline_store::{Error, Store};

fn nap(name: &str) -> Document {
    chain(name, &[("nap", json!({"kind": "sleep", "config": {"seconds": 1000}}))])
}

fn keyed(key: &str) -> Rules {
    Rules { order: Some(OrderKey { space: "people".into(), key: key.into() }), ..Rules::default() }
}

fn at_most(most: u32) -> Rules {
    Rules { most_at_once: Some(most), ..Rules::default() }
}

/// The first turn of a run with `rules`, which decide.
fn asking(flow: &Flow, rules: Rules, body: Value) -> Turn {
    let mut header = flow.header();
    header.rules = rules;
    let at = header.started_at;
    let machine = flow.machine(&header);
    let event = Event::Started { trigger: "go".into(), output: Datum::new(json!({ "body": body })), at };
    Turn {
        header,
        machine,
        events: vec![event],
        effects: vec![],
        begin: Begin::IfAllowed,
        letters: vec![],
        tick: None,
    }
}

async fn send(flow: &Flow, rules: Rules, body: Value) -> Box<Done> {
    done(flow.store.runs.turn(asking(flow, rules, body)).await)
}

/// Hands a letter to its run, as the server does.
async fn deliver(flow: &Flow, letter: &Letter) -> Result<Settled, Error> {
    let stored = flow.store.runs.stored(letter.run).await.unwrap().unwrap();
    let mut turn = flow.next_turn(stored, letter.event.clone().unwrap());
    turn.letters = vec![letter.id];
    flow.store.runs.turn(turn).await
}

/// Lets a napping run wake up and end.
async fn wake(flow: &Flow, run: RunId) -> Box<Done> {
    let stored = flow.store.runs.stored(run).await.unwrap().unwrap();
    let key = EffectKey { step: "nap".into(), items: vec![] };
    done(flow.store.runs.turn(flow.next_turn(stored, Event::Woke { key, at: now() })).await)
}

async fn cancel(flow: &Flow, run: RunId) -> Box<Done> {
    let stored = flow.store.runs.stored(run).await.unwrap().unwrap();
    done(flow.store.runs.turn(flow.next_turn(stored, Event::Cancelled { by: "Ada".into(), at: now() })).await)
}

fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

async fn with_status(store: &Store, status: RunStatus) -> HashSet<RunId> {
    let query = RunQuery { status: Some(status), limit: 100, ..RunQuery::default() };
    store.runs.list(HOME, query).await.unwrap().items.into_iter().map(|run| run.id).collect()
}

pub(crate) async fn runs_of_one_key_go_one_after_another(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, nap("Nap")).await;
    let other = Flow::publish(&store, nap("Other")).await;
    // The same key space over two workflows.
    let (a, b, c, free) = tokio::join!(
        send(&flow, keyed("ada"), person(1)),
        send(&other, keyed("ada"), person(1)),
        send(&flow, keyed("ada"), person(1)),
        send(&flow, keyed("ben"), person(2)),
    );
    assert_eq!((a.state.status, free.state.status), (RunStatus::Waiting, RunStatus::Waiting));
    for held in [&b, &c] {
        assert_eq!(
            (held.state.status, held.state.wake_at, held.state.resume),
            (RunStatus::Queued, None, false)
        );
        assert!(held.effects.is_empty() && matches!(held.events[..], [Event::Held { .. }]));
    }
    assert_eq!(with_status(&store, RunStatus::Queued).await.len(), 2);
    assert!(store.runs.unfinished(None, 10).await.unwrap().is_empty(), "letters wake them, not a restart");

    let ended = wake(&flow, a.header.id).await;
    let [first] = &ended.letters[..] else { panic!("one run is let go: {:?}", ended.letters) };
    assert_eq!(first.run, b.header.id, "the one that came first");
    assert!(matches!(first.event, Some(Event::Released { .. })));
    store.close().await.unwrap();

    let store = backend.open().await;
    let (flow, other) = (flow.in_store(&store), other.in_store(&store));
    assert_eq!(
        store.letters.list(0, 10).await.unwrap().as_slice(),
        std::slice::from_ref(first),
        "a letter survives"
    );
    let late = send(&flow, keyed("ada"), person(1)).await;
    assert_eq!(late.state.status, RunStatus::Queued, "the one let go is under way, begun or not");
    let begun = done(deliver(&other, first).await);
    assert_eq!(begun.state.status, RunStatus::Waiting);
    assert!(store.letters.list(0, 10).await.unwrap().is_empty(), "a letter is taken in once");
    assert_eq!(deliver(&other, first).await.unwrap_err(), Error::Fenced);
    let second = wake(&other, b.header.id).await.letters;
    assert_eq!(second.iter().map(|letter| letter.run).collect::<Vec<_>>(), [c.header.id]);
    done(deliver(&flow, &second[0]).await);
    let third = wake(&flow, c.header.id).await.letters;
    assert_eq!(third.iter().map(|letter| letter.run).collect::<Vec<_>>(), [late.header.id]);
}

pub(crate) async fn a_row_of_short_runs_keeps_its_order(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let sent = join_all((0..20).map(|n| send(&flow, keyed("ada"), person(n)))).await;
    let accepted: Vec<RunId> = sent.iter().map(|done| done.header.id).collect();
    let mut ended: Vec<RunId> = Vec::new();
    let mut post: Vec<Letter> = Vec::new();
    for done in &sent {
        if done.state.status == RunStatus::Completed {
            ended.push(done.header.id);
        }
        post.extend(done.letters.iter().cloned());
        assert!(post.len() <= 1, "never two of one key at once: {post:?}");
        while let Some(letter) = post.pop() {
            let begun = crate::world::done(deliver(&flow, &letter).await);
            assert_eq!(begun.state.status, RunStatus::Completed);
            ended.push(letter.run);
            post.extend(begun.letters.iter().cloned());
        }
    }
    assert_eq!(ended, accepted);
    assert!(store.letters.list(0, 10).await.unwrap().is_empty());
}

pub(crate) async fn no_more_runs_than_the_limit_are_under_way(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, nap("Nap")).await;
    let sent = join_all((0..5).map(|n| send(&flow, at_most(2), person(n)))).await;
    let begun: Vec<_> = sent.iter().filter(|done| done.state.status == RunStatus::Waiting).collect();
    let mut queued: Vec<RunId> = sent
        .iter()
        .filter(|done| done.state.status == RunStatus::Queued)
        .map(|done| done.header.id)
        .collect();
    assert_eq!((begun.len(), queued.len()), (2, 3));
    let mut under_way = vec![begun[0].header.id, begun[1].header.id];
    while let Some(run) = under_way.pop() {
        let letters = wake(&flow, run).await.letters;
        assert_eq!(letters.len(), usize::from(!queued.is_empty()), "one ends, one begins");
        for letter in letters {
            assert_eq!(letter.run, queued.remove(0));
            done(deliver(&flow, &letter).await);
            under_way.push(letter.run);
        }
    }
    assert!(queued.is_empty());
    assert_eq!(send(&flow, at_most(2), person(9)).await.state.status, RunStatus::Waiting);
}

pub(crate) async fn order_and_limit_hold_together(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, nap("Nap")).await;
    let both = |key: &str| Rules { most_at_once: Some(1), ..keyed(key) };
    let (a, b, c) = (
        send(&flow, both("ada"), person(1)).await,
        send(&flow, both("ada"), person(1)).await,
        send(&flow, both("ben"), person(2)).await,
    );
    assert_eq!((b.state.status, c.state.status), (RunStatus::Queued, RunStatus::Queued));
    let letters = wake(&flow, a.header.id).await.letters;
    assert_eq!(
        letters.iter().map(|letter| letter.run).collect::<Vec<_>>(),
        [c.header.id],
        "it waited for the limit"
    );
    done(deliver(&flow, &letters[0]).await);
    let letters = wake(&flow, c.header.id).await.letters;
    assert_eq!(
        letters.iter().map(|letter| letter.run).collect::<Vec<_>>(),
        [b.header.id],
        "and is not forgotten"
    );
}

pub(crate) async fn a_cancelled_run_leaves_the_row(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, nap("Nap")).await;
    let (a, b, c) = (
        send(&flow, keyed("ada"), person(1)).await.header.id,
        send(&flow, keyed("ada"), person(1)).await.header.id,
        send(&flow, keyed("ada"), person(1)).await.header.id,
    );
    let gone = cancel(&flow, b).await;
    assert_eq!(
        (gone.state.status, gone.letters.len()),
        (RunStatus::Cancelled, 0),
        "the first is still under way"
    );
    let letters = wake(&flow, a).await.letters;
    assert_eq!(letters.iter().map(|letter| letter.run).collect::<Vec<_>>(), [c]);
    // A run that was let go and is cancelled before it hears of it makes room as well.
    let d = send(&flow, keyed("ada"), person(1)).await.header.id;
    assert_eq!(cancel(&flow, c).await.letters.iter().map(|letter| letter.run).collect::<Vec<_>>(), [d]);
}

pub(crate) async fn a_burst_becomes_one_run(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, nap("Nap")).await;
    let began = now();
    let burst = |key: &str, seconds: i64, keep: Keep| {
        let until = began + TimeDelta::seconds(seconds);
        Rules { debounce: Some(Debounce { key: key.into(), until, keep }), ..Rules::default() }
    };
    for (key, keep, counts) in [("last", Keep::Last, 3), ("first", Keep::First, 1)] {
        let (one, two) = tokio::join!(
            store.runs.turn(asking(&flow, burst(key, 10, keep), json!(1))),
            store.runs.turn(asking(&flow, burst(key, 20, keep), json!(2))),
        );
        let first = done(one);
        assert_eq!(first.state.status, RunStatus::Queued);
        let run = first.header.id;
        assert!(matches!(two.unwrap(), Settled::Duplicate(id) if id == run));
        let three = store.runs.turn(asking(&flow, burst(key, 30, keep), json!(3))).await.unwrap();
        assert!(matches!(three, Settled::Duplicate(id) if id == run));
        assert_eq!(
            store.runs.get(HOME, run).await.unwrap().unwrap().state.wake_at,
            Some(began + TimeDelta::seconds(30))
        );
        assert!(store.runs.due(began + TimeDelta::seconds(29), 10).await.unwrap().is_empty());

        let due = |at: DateTime<Utc>| {
            let (store, flow) = (store.clone(), flow.clone());
            async move {
                let stored = store.runs.stored(run).await.unwrap().unwrap();
                let machine = flow.replay(&stored);
                let events = vec![Event::Released { at }];
                let header = stored.header;
                let turn = Turn {
                    header,
                    machine,
                    events,
                    effects: vec![],
                    begin: Begin::IfAllowed,
                    letters: vec![],
                    tick: None,
                };
                store.runs.turn(turn).await
            }
        };
        assert_eq!(
            due(began + TimeDelta::seconds(20)).await.unwrap_err(),
            Error::Fenced,
            "it is not quiet yet"
        );
        let begun = done(due(began + TimeDelta::seconds(30)).await);
        assert_eq!(begun.state.status, RunStatus::Waiting);
        let events = store.runs.history(HOME, run).await.unwrap().unwrap().events;
        let mut bodies = events.iter().filter_map(|event| match event {
            Event::Held { output, .. } => Some(&output.json()["body"]),
            _ => None,
        });
        assert_eq!(bodies.next_back(), Some(&json!(counts)), "{key}");
        let next = done(store.runs.turn(asking(&flow, burst(key, 60, keep), json!(4))).await);
        assert_ne!(next.header.id, run, "what comes later is another run");
        cancel(&flow, next.header.id).await;
    }
}

pub(crate) async fn a_burst_that_is_over_still_keeps_to_the_order(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, nap("Nap")).await;
    let until = now() + TimeDelta::seconds(5);
    let debounce = Some(Debounce { key: "ada".into(), until, keep: Keep::Last });
    let burst = send(&flow, Rules { debounce, ..keyed("ada") }, person(1)).await.header.id;
    let a = send(&flow, keyed("ada"), person(1)).await;
    assert_eq!(a.state.status, RunStatus::Waiting, "a run that waits for quiet holds nobody up");
    let stored = store.runs.due(until, 10).await.unwrap().remove(0);
    let machine = flow.replay(&stored);
    let events = vec![Event::Released { at: until }];
    let turn = Turn {
        header: stored.header,
        machine,
        events,
        effects: vec![],
        begin: Begin::IfAllowed,
        letters: vec![],
        tick: None,
    };
    let kept = done(store.runs.turn(turn).await);
    assert_eq!((kept.state.status, kept.state.wake_at, kept.events.len()), (RunStatus::Queued, None, 0));
    assert!(
        store
            .runs
            .due(until + TimeDelta::days(1), 10)
            .await
            .unwrap()
            .iter()
            .all(|run| run.header.id != burst)
    );
    let letters = wake(&flow, a.header.id).await.letters;
    assert_eq!(letters.iter().map(|letter| letter.run).collect::<Vec<_>>(), [burst]);
    assert_eq!(done(deliver(&flow, &letters[0]).await).state.status, RunStatus::Waiting);
}

pub(crate) async fn a_repeat_counts_again_after_its_time(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let other = Flow::publish(&store, chain("Other", &[find()])).await;
    let sent = |flow: &Flow, hours: i64| {
        let mut turn = asking(flow, Rules::default(), person(1));
        let at = now() + TimeDelta::hours(hours);
        turn.header.started_at = at;
        turn.header.rules.dedupe =
            Some(Dedupe { key: "ada@example.com".into(), since: at - TimeDelta::hours(24) });
        turn.events =
            vec![Event::Started { trigger: "go".into(), output: Datum::new(json!({"body": person(1)})), at }];
        let store = store.clone();
        async move { store.runs.turn(turn).await }
    };
    let (one, two) = tokio::join!(sent(&flow, 0), sent(&flow, 0));
    let first = done(one).header.id;
    assert!(matches!(two.unwrap(), Settled::Duplicate(id) if id == first), "within one batch");
    assert!(matches!(sent(&flow, 23).await.unwrap(), Settled::Duplicate(id) if id == first));
    done(sent(&other, 1).await);
    let again = done(sent(&flow, 25).await).header.id;
    assert!(
        matches!(sent(&flow, 48).await.unwrap(), Settled::Duplicate(id) if id == again),
        "the window moved on"
    );
}

pub(crate) async fn low_priority_waits_and_never_starves(backend: &impl Backend) {
    let store = backend.open_tuned(|settings| settings.batch_turns = 16).await.unwrap();
    let flow = Flow::publish(&store, chain("Accept", &[])).await;
    let low = || Rules { priority: Priority::Low, ..Rules::default() };
    let (left, over) = (AtomicUsize::new(40), AtomicBool::new(false));
    let (normal_first, low_first) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let flood = join_all((0..64).map(|_| async {
        while !over.load(Ordering::Relaxed) {
            flow.send(json!({})).await;
            normal_first.fetch_add(1, Ordering::Relaxed);
        }
    }));
    let slow = join_all((0..40).map(|_| async {
        let mut header = flow.header();
        header.rules = low();
        done(store.runs.turn(flow.first_turn(header, json!({}))).await);
        low_first.fetch_add(1, Ordering::Relaxed);
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            over.store(true, Ordering::Relaxed);
        }
    }));
    tokio::join!(flood, slow);
    let (normal, low) = (normal_first.into_inner(), low_first.into_inner());
    assert_eq!(low, 40, "each had its turn although the others never stopped");
    assert!(normal > low, "but the others went first: {normal} to {low}");
}
