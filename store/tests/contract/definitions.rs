//! What people lay down with versions.

use crate::world::{Backend, HOME, moment};
use serde_json::{Value, json};
use trunkline_leads::definition::{SCORING, SEGMENT};
use trunkline_store::ports::{NewDefinition, PublishDefinition, SaveDefinition};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

async fn create(store: &Store, kind: &str, name: &str, draft: Value) -> Uuid {
    let id = Uuid::now_v7();
    let new = NewDefinition { id, kind: kind.into(), name: name.into(), draft, at: moment(0) };
    store.definitions.create(HOME, new).await.unwrap();
    id
}

fn save(name: &str, draft: Value, base_revision: i64) -> SaveDefinition {
    SaveDefinition { name: name.into(), draft, base_revision, at: moment(1) }
}

fn publish(base_revision: i64) -> PublishDefinition {
    let (by, note) = (Some("ada@example.com".into()), Some("as agreed".into()));
    PublishDefinition { base_revision, by, note, at: moment(2) }
}

async fn in_force(store: &Store, kind: &str) -> Vec<(String, i64, Value)> {
    let all = store.definitions.published(HOME, kind.into()).await.unwrap();
    all.into_iter().map(|one| (one.name.clone(), one.version, one.document().clone())).collect()
}

pub(crate) async fn a_draft_is_in_force_once_it_is_published(backend: &impl Backend) {
    let store = backend.open().await;
    let id = create(&store, SCORING, "Fit", json!({"points": 1})).await;
    assert_eq!(in_force(&store, SCORING).await, []);
    assert_eq!(store.definitions.publish(HOME, id, publish(1)).await.unwrap(), 1);
    assert_eq!(store.definitions.save(HOME, id, save("Fit", json!({"points": 2}), 1)).await.unwrap(), 2);
    assert_eq!(in_force(&store, SCORING).await, [("Fit".into(), 1, json!({"points": 1}))], "a draft is none");
    assert_eq!(store.definitions.publish(HOME, id, publish(2)).await.unwrap(), 2);
    store.close().await.unwrap();

    let store = backend.open().await;
    assert_eq!(in_force(&store, SCORING).await, [("Fit".into(), 2, json!({"points": 2}))]);
    let drafted = store.definitions.get(HOME, id).await.unwrap().unwrap();
    assert_eq!((drafted.revision, drafted.published, drafted.updated_at), (2, Some(2), moment(1)));
    assert_eq!(store.definitions.list(HOME, SCORING.into()).await.unwrap(), [drafted]);
    let versions = store.definitions.versions(HOME, id).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(versions[1].document, json!({"points": 1}));
    assert_eq!(versions[0].published_by.as_deref(), Some("ada@example.com"));
    store.definitions.remove(HOME, id).await.unwrap();
    assert_eq!(in_force(&store, SCORING).await, []);
    assert!(store.definitions.versions(HOME, id).await.unwrap().is_empty());
    let gone = store.definitions.remove(HOME, id).await.unwrap_err();
    assert!(matches!(gone, Error::NotFound(_)));
}

pub(crate) async fn nobody_overwrites_what_they_have_not_seen(backend: &impl Backend) {
    let store = backend.open().await;
    let id = create(&store, SEGMENT, "Big", json!(1)).await;
    store.definitions.save(HOME, id, save("Big", json!(2), 1)).await.unwrap();
    let stale = store.definitions.save(HOME, id, save("Big", json!(3), 1)).await.unwrap_err();
    assert_eq!(stale, Error::Stale { current: 2 });
    let stale = store.definitions.publish(HOME, id, publish(1)).await.unwrap_err();
    assert_eq!(stale, Error::Stale { current: 2 });
    let nothing = store.definitions.save(HOME, Uuid::now_v7(), save("Big", json!(3), 1)).await.unwrap_err();
    assert!(matches!(nothing, Error::NotFound(_)));
}

pub(crate) async fn names_are_unique_among_their_kind(backend: &impl Backend) {
    let store = backend.open().await;
    let first = create(&store, SEGMENT, "Big", json!(1)).await;
    create(&store, SCORING, "Big", json!(1)).await;
    let second = create(&store, SEGMENT, "Small", json!(1)).await;
    let new = NewDefinition {
        id: Uuid::now_v7(),
        kind: SEGMENT.into(),
        name: "Big".into(),
        draft: json!(1),
        at: moment(0),
    };
    assert!(matches!(store.definitions.create(HOME, new).await.unwrap_err(), Error::Conflict(_)));
    let taken = store.definitions.save(HOME, second, save("Big", json!(1), 1)).await.unwrap_err();
    assert!(matches!(taken, Error::Conflict(_)));
    store.definitions.publish(HOME, first, publish(1)).await.unwrap();
    store.definitions.save(HOME, first, save("Large", json!(1), 1)).await.unwrap();
    assert_eq!(in_force(&store, SEGMENT).await[0].0, "Large", "a name is no part of a version");
}

pub(crate) async fn another_workspace_has_definitions_of_its_own(backend: &impl Backend) {
    let store = backend.open().await;
    let elsewhere = WorkspaceId(2);
    let id = create(&store, SEGMENT, "Big", json!(1)).await;
    store.definitions.publish(HOME, id, publish(1)).await.unwrap();
    assert!(store.definitions.get(elsewhere, id).await.unwrap().is_none());
    assert!(store.definitions.list(elsewhere, SEGMENT.into()).await.unwrap().is_empty());
    assert!(store.definitions.published(elsewhere, SEGMENT.into()).await.unwrap().is_empty());
    assert!(store.definitions.versions(elsewhere, id).await.unwrap().is_empty());
    for refused in [
        store.definitions.save(elsewhere, id, save("Big", json!(1), 1)).await.unwrap_err(),
        store.definitions.publish(elsewhere, id, publish(1)).await.unwrap_err(),
        store.definitions.remove(elsewhere, id).await.unwrap_err(),
    ] {
        assert!(matches!(refused, Error::NotFound(_)));
    }
}
