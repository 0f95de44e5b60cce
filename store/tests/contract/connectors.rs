//! Installed connectors: editions are never mixed up, what is frozen keeps its own, and what is used stays.

use crate::world::{Backend, HOME, chain, find};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use trunkline_engine::document::Document;
use trunkline_store::ports::{Connection, ConnectorImport, ConnectorUser, Install, Publish};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_900_000_000_000_000).unwrap()
}

fn install(name: &str, base: Option<i64>, manifest: &str) -> Install {
    Install {
        name: name.into(),
        base,
        version: "1.0.0".into(),
        manifest: manifest.into(),
        origin: json!({ "source": "file" }),
        changes: vec!["First".into()],
        is_newest: true,
        by: None,
        at: now(),
    }
}

/// A workflow with one step of `app`.
fn using(name: &str, app: &str) -> Document {
    let mut document = chain(name, &[find()]);
    document.steps.values_mut().last().unwrap().kind = format!("{app}.do_it");
    document
}

async fn publish(store: &Store, id: Uuid) -> i64 {
    let revision = store.workflows.get(HOME, id).await.unwrap().unwrap().draft_revision;
    let publish = Publish { base_revision: revision, ..Publish::default() };
    store.workflows.publish(HOME, id, publish).await.unwrap().version.0
}

async fn editions_of(store: &Store, version: i64) -> Value {
    let pinned = store.workflows.pinned(trunkline_store::VersionId(version)).await.unwrap().unwrap();
    json!(pinned.editions)
}

pub(crate) async fn an_upgrade_that_missed_another_is_refused(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.connectors;
    let first = port.install(HOME, install("acme", None, "one")).await.unwrap();
    assert!(matches!(port.install(HOME, install("acme", None, "x")).await, Err(Error::Conflict(_))));
    assert!(matches!(port.install(HOME, install("other", Some(1), "x")).await, Err(Error::NotFound(_))));
    let newer = Install { version: "1.1.0".into(), ..install("acme", Some(first), "two") };
    let second = port.install(HOME, newer).await.unwrap();
    assert!(second > first);
    assert_eq!(port.newest(HOME, "acme".into()).await.unwrap().as_deref(), Some("1.1.0"));
    assert_eq!(port.newest(HOME, "other".into()).await.unwrap(), None);
    let stale = port.install(HOME, install("acme", Some(first), "x")).await.unwrap_err();
    assert_eq!(stale, Error::Stale { current: second });
    let found = port.of(HOME).await.unwrap();
    assert_eq!((found.len(), found[0].0.edition, found[0].1.as_str()), (1, second, "two"));
    assert_eq!(port.all().await.unwrap(), found);
    assert_eq!(port.of(WorkspaceId(99)).await.unwrap(), []);
    assert_eq!(port.edition(HOME, second).await.unwrap(), Some(("acme".into(), "two".into())));
    assert_eq!(port.edition(WorkspaceId(99), second).await.unwrap(), None);
    assert_eq!(port.edition(HOME, first).await.unwrap(), None, "nothing was frozen with it");
    port.switch(HOME, "acme".into(), false).await.unwrap();
    assert!(!port.of(HOME).await.unwrap()[0].0.enabled);
    assert!(matches!(port.switch(HOME, "nobody".into(), true).await, Err(Error::NotFound(_))));
}

pub(crate) async fn what_is_frozen_keeps_its_edition(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.connectors;
    let first = port.install(HOME, install("acme", None, "one")).await.unwrap();
    let other = port.install(HOME, install("acme_crm", None, "other")).await.unwrap();
    let flow = Uuid::now_v7();
    store.workflows.create(HOME, flow, using("Uses it", "acme")).await.unwrap();
    let one = publish(&store, flow).await;
    assert_eq!(editions_of(&store, one).await, json!({ "acme": first }));
    let tried = store.workflows.snapshot(HOME, flow, using("Uses it", "acme")).await.unwrap();
    assert_eq!(publish(&store, flow).await, one, "nothing changed");

    let second = port.install(HOME, install("acme", Some(first), "two")).await.unwrap();
    assert_eq!(port.edition(HOME, first).await.unwrap(), Some(("acme".into(), "one".into())), "it is kept");
    let ids: Vec<i64> = port.editions(HOME, "acme".into()).await.unwrap().iter().map(|one| one.id).collect();
    assert_eq!(ids, [second, first]);
    assert_eq!(editions_of(&store, one).await, json!({ "acme": first }));
    let again = store.workflows.snapshot(HOME, flow, using("Uses it", "acme")).await.unwrap();
    assert_ne!(again, tried, "the same document with another edition is something else");
    let two = publish(&store, flow).await;
    assert_ne!(two, one, "publishing takes the upgrade");
    assert_eq!(editions_of(&store, two).await, json!({ "acme": second }));
    assert!(port.edition(HOME, other).await.unwrap().is_some());
    let plain = Uuid::now_v7();
    store.workflows.create(HOME, plain, chain("Plain", &[find()])).await.unwrap();
    let version = publish(&store, plain).await;
    assert_eq!(editions_of(&store, version).await, json!({}));
}

pub(crate) async fn a_connector_that_is_used_stays(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.connectors;
    for name in ["acme", "ac_e", "acme_crm"] {
        port.install(HOME, install(name, None, "text")).await.unwrap();
    }
    let flow = Uuid::now_v7();
    store.workflows.create(HOME, flow, using("Uses it", "acme")).await.unwrap();
    let account = Connection {
        id: Uuid::now_v7(),
        app: "acme_crm".into(),
        name: "Ours".into(),
        auth: "key".into(),
        settings: json!({}),
        sealed: vec![1],
        seal_key: vec![7],
        pending: false,
        revision: 1,
        expires_at: None,
        renews: false,
        ends_at: None,
        warned: None,
        account: None,
        tested_at: None,
        trouble: None,
        calls: None,
        created_at: now(),
        updated_at: now(),
    };
    store.connections.add(HOME, account.clone()).await.unwrap();
    let uses = async |name: &str| {
        let uses = port.used_by(HOME, name.to_owned()).await.unwrap();
        uses.into_iter().map(|used| (used.kind, used.id, used.name)).collect::<Vec<_>>()
    };
    assert_eq!(uses("acme").await, [(ConnectorUser::Draft, flow, "Uses it".into())]);
    assert_eq!(uses("acme_crm").await, [(ConnectorUser::Connection, account.id, "Ours".into())]);
    assert_eq!(uses("ac_e").await, [], "an underscore is no wildcard");
    publish(&store, flow).await;
    assert_eq!(uses("acme").await, [(ConnectorUser::Live, flow, "Uses it".into())]);
    assert_eq!(port.remove(HOME, "acme".into()).await.unwrap().len(), 1);
    assert_eq!(port.of(HOME).await.unwrap().len(), 3);
    store.workflows.delete(HOME, flow).await.unwrap();
    assert_eq!(port.remove(HOME, "acme".into()).await.unwrap(), []);
    assert!(matches!(port.remove(HOME, "acme".into()).await, Err(Error::NotFound(_))));
    let names: Vec<String> = port.of(HOME).await.unwrap().into_iter().map(|(one, _)| one.name).collect();
    assert_eq!(names, ["ac_e", "acme_crm"]);
    let anew = port.install(HOME, install("acme", None, "anew")).await.unwrap();
    assert!(anew > 3, "a number is never used twice");
}

pub(crate) async fn documents_are_kept_for_a_while(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.connectors;
    let import = |minutes: i64| ConnectorImport {
        id: Uuid::now_v7(),
        source: "https://acme.example/openapi.json".into(),
        loaded: true,
        text: "openapi: 3.0.0".repeat(100),
        created_at: now() + TimeDelta::minutes(minutes),
    };
    let old = import(-60);
    port.keep_import(HOME, old.clone(), now() - TimeDelta::hours(2)).await.unwrap();
    assert_eq!(port.import(HOME, old.id).await.unwrap(), Some(old.clone()));
    assert_eq!(port.import(WorkspaceId(99), old.id).await.unwrap(), None);
    let new = import(0);
    port.keep_import(HOME, new.clone(), now() - TimeDelta::minutes(30)).await.unwrap();
    assert_eq!(port.import(HOME, old.id).await.unwrap(), None);
    for minutes in 1..=20 {
        port.keep_import(HOME, import(minutes), now() - TimeDelta::minutes(30)).await.unwrap();
    }
    assert_eq!(port.import(HOME, new.id).await.unwrap(), None, "only so many are kept");
}
