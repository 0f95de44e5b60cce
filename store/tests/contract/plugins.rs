//! Plugins: of two exchanges of a release one is told, what is used stays, and a call keeps what it keeps once.

use crate::world::{Backend, HOME, chain, find};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trunkline_store::ports::{Keeping, Plugin, PluginChange, PluginFile};
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_900_000_000_000_000).unwrap()
}

fn plugin(name: &str) -> Plugin {
    Plugin {
        id: Uuid::now_v7(),
        name: name.into(),
        enabled: true,
        live: None,
        pending: Some(json!({"version": "1.0.0"})),
        approved: json!({}),
        limits: json!({"memory_mib": 64}),
        revision: 1,
        created_at: now(),
        updated_at: now(),
    }
}

fn file(first: u8) -> PluginFile {
    PluginFile { sha256: [first; 32], file: vec![first, 0, 255] }
}

pub(crate) async fn a_release_is_exchanged_by_one_who_saw_it(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.plugins;
    let one = plugin("scores");
    port.add(HOME, one.clone(), file(1)).await.unwrap();
    assert_eq!(port.get(HOME, one.id).await.unwrap(), Some(one.clone()));
    assert_eq!(port.get(WorkspaceId(99), one.id).await.unwrap(), None);
    assert_eq!(port.file(one.id, [1; 32]).await.unwrap(), Some(vec![1, 0, 255]));
    let again = port.add(HOME, plugin("scores"), file(1)).await.unwrap_err();
    assert_eq!(again, Error::Conflict("a plugin with this name"));

    let live = Plugin { live: one.pending.clone(), pending: None, ..one.clone() };
    let change = |newest: &str| PluginChange {
        plugin: live.clone(),
        file: Some(file(2)),
        wanted: vec![[2; 32]],
        newest: Some(newest.into()),
    };
    port.change(HOME, 1, change("1.0.0")).await.unwrap();
    assert_eq!(port.all().await.unwrap(), vec![(HOME, Plugin { revision: 2, ..live.clone() })]);
    assert_eq!(port.change(HOME, 1, change("1.1.0")).await.unwrap_err(), Error::Stale { current: 2 });
    assert_eq!(port.file(one.id, [1; 32]).await.unwrap(), None, "what nothing names is gone");
    assert_eq!(port.file(one.id, [2; 32]).await.unwrap(), Some(vec![2, 0, 255]));

    assert!(port.remove(HOME, one.id, vec!["plugin.scores.count".into()]).await.unwrap().is_empty());
    assert_eq!(port.file(one.id, [2; 32]).await.unwrap(), None);
    let newest = port.newest(HOME, "scores".into()).await.unwrap();
    assert_eq!(newest.as_deref(), Some("1.0.0"), "the newest version outlives the plugin");
    assert!(matches!(port.remove(HOME, one.id, vec![]).await, Err(Error::NotFound(_))));
}

pub(crate) async fn a_plugin_that_is_used_stays(backend: &impl Backend) {
    let store = backend.open().await;
    let one = plugin("scores");
    store.plugins.add(HOME, one.clone(), file(1)).await.unwrap();
    let mut document = chain("Uses it", &[find()]);
    document.steps.values_mut().last().unwrap().kind = "plugin.scores.count_all".into();
    let workflow = store.workflows.create(HOME, Uuid::now_v7(), document).await.unwrap();
    let used = |kind: &str| store.plugins.used_by(HOME, vec![kind.to_owned()]);
    let uses = used("plugin.scores.count_all").await.unwrap();
    assert_eq!((uses.len(), uses[0].workflow, uses[0].live), (1, workflow.id, false));
    assert!(used("plugin.scores.countxall").await.unwrap().is_empty(), "names are names, not patterns");
    assert!(used("plugin.scores.count").await.unwrap().is_empty());
    let kinds = vec!["plugin.scores.count".to_owned(), "plugin.scores.count_all".to_owned()];
    assert_eq!(store.plugins.remove(HOME, one.id, kinds.clone()).await.unwrap(), uses);
    assert!(store.plugins.get(HOME, one.id).await.unwrap().is_some());
    store.workflows.delete(HOME, workflow.id).await.unwrap();
    assert!(store.plugins.remove(HOME, one.id, kinds).await.unwrap().is_empty());
}

pub(crate) async fn what_a_call_keeps_is_kept_once(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.plugins;
    let one = plugin("counts");
    port.add(HOME, one.clone(), file(1)).await.unwrap();
    let keep = |call: u8, result: Value, values: &[(&str, Option<&str>)], most: u64| {
        let owned = |(key, value): &(&str, Option<&str>)| ((*key).to_owned(), value.map(str::to_owned));
        let values = values.iter().map(owned).collect();
        let keeping =
            Keeping { plugin: one.id, workflow: "w".into(), call: [call; 32], result, values, at: now() };
        port.keep(HOME, keeping, most)
    };
    let kept = |workflow: &str, key: &str| port.kept(one.id, workflow.into(), key.into());
    assert!(keep(1, json!({"n": 1}), &[("n", Some("1"))], 2).await.unwrap());
    assert!(keep(1, json!({"n": 9}), &[("n", Some("9"))], 2).await.unwrap(), "a repetition changes nothing");
    assert_eq!(kept("w", "n").await.unwrap().as_deref(), Some("1"));
    assert_eq!(kept("other", "n").await.unwrap(), None, "each workflow has its own");
    assert_eq!(port.result_of(one.id, [1; 32]).await.unwrap(), Some(json!({"n": 1})));
    assert_eq!(port.result_of(one.id, [2; 32]).await.unwrap(), None);
    assert!(!keep(2, json!(2), &[("a", Some("x")), ("b", Some("y"))], 2).await.unwrap(), "there is no room");
    assert_eq!((kept("w", "a").await.unwrap(), port.result_of(one.id, [2; 32]).await.unwrap()), (None, None));
    assert!(keep(3, json!(3), &[("n", None)], 2).await.unwrap());
    assert_eq!(kept("w", "n").await.unwrap(), None);
}
