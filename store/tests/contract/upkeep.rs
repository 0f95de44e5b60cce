//! Retention, backup and the check-up.

use crate::world::{Backend, Flow, HOME, chain, demo, find, person, pool};
use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::json;
use trunkline_engine::run::{EffectKey, Event};
use trunkline_store::ports::{RunQuery, Swept};
use trunkline_store::{Error, Settings, Store};

pub(crate) async fn old_runs_are_swept_in_slices(backend: &impl Backend) {
    let store = backend.open().await;
    let mut document = chain("Find", &[find()]);
    document.settings.keep_days = 7;
    let short = Flow::publish(&store, document).await;
    let nap = json!({"kind": "sleep", "config": {"seconds": 1}});
    let long = Flow::publish(&store, chain("Nap", &[("nap", nap)])).await;
    for _ in 0..2 {
        join_all((0..150).map(|n| short.send(person(n)))).await;
    }
    let asleep = long.send(person(1)).await.header.id;
    let woken = long.send(person(2)).await.header.id;
    let stored = store.runs.stored(woken).await.unwrap().unwrap();
    let key = EffectKey { step: "nap".into(), items: vec![] };
    store.runs.turn(long.next_turn(stored, Event::Woke { key, at: Utc::now() })).await.unwrap();

    let in_days = |days| Utc::now() + TimeDelta::days(days);
    assert_eq!(store.upkeep.sweep(in_days(6)).await.unwrap(), Swept::default());
    let first = store.upkeep.sweep(in_days(8)).await.unwrap();
    assert!(first.more && first.runs > 0 && first.runs < 300, "{first:?}");
    let second = store.upkeep.sweep(in_days(8)).await.unwrap();
    assert_eq!((first.runs + second.runs, second.more), (300, false));
    let left = store.runs.list(HOME, RunQuery { limit: 10, ..RunQuery::default() }).await.unwrap();
    assert_eq!(left.items.len(), 2, "the other workflow keeps its runs for thirty days");

    store.upkeep.sweep(in_days(31)).await.unwrap();
    assert!(store.runs.history(HOME, woken).await.unwrap().is_none());
    assert!(store.runs.history(HOME, asleep).await.unwrap().is_some(), "a run that has not ended stays");
    assert_eq!(store.leads.summary(HOME).await.unwrap().total, 150, "leads stay");
    assert!(store.upkeep.check().await.unwrap().problems.is_empty());
}

pub(crate) async fn deleted_workflows_go_with_their_last_run(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let draft = store.workflows.snapshot(HOME, flow.id, chain("Find", &[])).await.unwrap();
    flow.send(person(1)).await;
    let in_days = |days| Utc::now() + TimeDelta::days(days);
    store.upkeep.sweep(in_days(59)).await.unwrap();
    assert!(store.workflows.pinned(draft).await.unwrap().is_some());
    store.upkeep.sweep(in_days(61)).await.unwrap();
    assert!(store.workflows.pinned(draft).await.unwrap().is_none(), "nothing can have used it any more");
    assert!(store.workflows.pinned(flow.version).await.unwrap().is_some(), "published versions stay");

    flow.send(person(2)).await;
    store.workflows.delete(HOME, flow.id).await.unwrap();
    store.upkeep.sweep(in_days(1)).await.unwrap();
    assert!(store.workflows.pinned(flow.version).await.unwrap().is_some(), "its runs can still be read");
    store.upkeep.sweep(in_days(31)).await.unwrap();
    store.upkeep.sweep(in_days(31)).await.unwrap();
    assert!(store.workflows.pinned(flow.version).await.unwrap().is_none());
    assert!(store.upkeep.check().await.unwrap().problems.is_empty());
}

pub(crate) async fn a_backup_opens_and_holds_everything(backend: &impl Backend) {
    let store = backend.open().await;
    pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    let turn = flow.send(person(1)).await;
    let copy = backend.beside();
    std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
    store.upkeep.backup(copy.clone()).await.unwrap();
    assert!(matches!(store.upkeep.backup(copy.clone()).await.unwrap_err(), Error::Conflict(_)));
    flow.send(person(2)).await;

    let restored = Store::open(Settings::at(copy)).await.unwrap();
    let history = restored.runs.history(HOME, turn.header.id).await.unwrap().unwrap();
    assert_eq!(history.events, turn.events);
    assert_eq!(restored.leads.summary(HOME).await.unwrap().total, 1, "as it was at the moment of the backup");
}

pub(crate) async fn a_sound_store_checks_out(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    for n in 0..3 {
        flow.send(person(n)).await;
    }
    let checkup = store.upkeep.check().await.unwrap();
    assert!(checkup.problems.is_empty(), "{:?}", checkup.problems);
    assert_eq!((checkup.workflows, checkup.runs, checkup.unfinished, checkup.leads), (1, 3, 0, 3));
    assert!(checkup.file_bytes > 0 && checkup.schema > 0);
}
