//! Room: thinning, the budget, and what usage says.

use crate::world::{Backend, Flow, HOME, ask, chain, find, person};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use trunkline_engine::run::Event;
use trunkline_store::Store;
use trunkline_store::ports::{RunQuery, RunStatus};
use uuid::Uuid;

/// A body that compresses little.
pub(crate) fn noise(n: usize, bytes: usize) -> Value {
    let mut body = person(n);
    let text: String = (0..bytes / 32).map(|_| Uuid::now_v7().simple().to_string()).collect();
    body["message"] = text.into();
    body
}

pub(crate) async fn runs(store: &Store) -> Vec<Uuid> {
    let query = RunQuery { limit: 500, ..RunQuery::default() };
    store.runs.list(HOME, query).await.unwrap().items.into_iter().map(|run| run.id).collect()
}

/// Sweeps until nothing is due.
pub(crate) async fn sweep(store: &Store, now: DateTime<Utc>) -> u64 {
    let mut thinned = 0;
    loop {
        let swept = store.upkeep.sweep(now).await.unwrap();
        thinned += swept.thinned;
        if !swept.more {
            return thinned;
        }
    }
}

pub(crate) async fn completed_runs_are_thinned_first(backend: &impl Backend) {
    let store = backend.open().await;
    let mut document = chain("Find", &[find()]);
    (document.settings.keep_days, document.settings.thin_after_days) = (30, Some(3));
    let flow = Flow::publish(&store, document).await;
    let plain = Flow::publish(&store, chain("Plain", &[find()])).await;
    let mut document = chain("Nap", &[("nap", json!({"kind": "sleep", "config": {"seconds": 1}}))]);
    document.settings.thin_after_days = Some(3);
    let nap = Flow::publish(&store, document).await;
    let done = join_all((0..250).map(|n| flow.send(person(n)))).await;
    let whole = plain.send(person(1)).await.header.id;
    let asleep = nap.send(person(1)).await.header.id;
    let in_days = |days| Utc::now() + TimeDelta::days(days);
    assert_eq!(sweep(&store, in_days(2)).await, 0);
    assert_eq!(sweep(&store, in_days(4)).await, 250);
    assert_eq!(sweep(&store, in_days(5)).await, 0, "once");
    let thin = store.runs.history(HOME, done[7].header.id).await.unwrap().unwrap();
    assert!(thin.thinned_at.is_some());
    assert_eq!(thin.events, done[7].events[..1], "how it began");
    assert_eq!((thin.row.state.status, thin.row.state.lead), (RunStatus::Completed, done[7].state.lead));
    assert!(thin.row.state.finished_at.is_some());
    for id in [whole, asleep] {
        let history = store.runs.history(HOME, id).await.unwrap().unwrap();
        assert!(history.thinned_at.is_none() && !history.events.is_empty());
    }
    let later = flow.send(person(1)).await.header.id;
    assert!(matches!(
        store.runs.history(HOME, later).await.unwrap().unwrap().events[..],
        [Event::Started { .. }, Event::Performed { .. }]
    ));
}

pub(crate) async fn the_budget_is_obeyed_and_the_file_shrinks(backend: &impl Backend) {
    let store = backend.open().await;
    // The lead gets the address alone: only runs are to be large.
    let fields = json!({"email": "{{ trigger.body.email }}"});
    let find = ask("find_or_create", json!({"match_on": ["email"], "fields": fields}));
    let flow = Flow::publish(&store, chain("Find", &[("find", find)])).await;
    let nap = json!({"kind": "sleep", "config": {"seconds": 1000}});
    let sleeper = Flow::publish(&store, chain("Nap", &[("nap", nap)])).await;
    let asleep = sleeper.send(noise(0, 20_000)).await.header.id;
    for _ in 0..10 {
        join_all((0..50).map(|n| flow.send(noise(n, 120_000)))).await;
    }
    let newest = flow.send(noise(1, 120_000)).await.header.id;
    let usage = store.storage.usage(HOME).await.unwrap();
    assert_eq!((usage.runs, usage.budget), (502, None));
    assert_eq!(usage.by_workflow[0].name, "Find");
    assert!(usage.by_workflow[0].bytes > 5_000_000, "{usage:?}");
    let now = Utc::now();
    let budget = 8_000_000;
    store.storage.set_budget(Some(budget)).await.unwrap();
    assert_eq!(store.storage.budget().await.unwrap(), Some(budget));
    sweep(&store, now).await;
    let after = store.storage.usage(HOME).await.unwrap();
    assert!(after.bytes <= budget, "{} is more than {budget}", after.bytes);
    assert!(after.runs > 0 && after.runs < usage.runs, "no more than needed: {}", after.runs);
    let left = runs(&store).await;
    assert!(left.contains(&newest) && left.contains(&asleep), "the oldest that are over go, and they alone");
    assert!(store.upkeep.check().await.unwrap().problems.is_empty());
    store.storage.set_budget(None).await.unwrap();
    let kept = runs(&store).await.len();
    sweep(&store, now).await;
    assert_eq!(runs(&store).await.len(), kept);
}
