//! Connections: of two changes one is told, what is used stays, and an attempt to get access is taken once.

use crate::world::{Backend, HOME, chain, find};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use trunkline_store::ports::{Connection, Handshake, NewDefinition};
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_900_000_000_000_000).unwrap()
}

fn connection(name: &str) -> Connection {
    Connection {
        id: Uuid::now_v7(),
        app: "hubspot".into(),
        name: name.into(),
        auth: "oauth".into(),
        settings: json!({ "region": "eu" }),
        sealed: vec![1, 0, 255],
        seal_key: vec![7],
        pending: true,
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
    }
}

pub(crate) async fn a_change_that_missed_another_is_refused(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.connections;
    let one = connection("Ours");
    port.add(HOME, one.clone()).await.unwrap();
    assert_eq!(port.get(HOME, one.id).await.unwrap(), Some(one.clone()));
    assert_eq!(port.get(WorkspaceId(99), one.id).await.unwrap(), None);
    assert_eq!(port.locate(one.id).await.unwrap(), Some((HOME, one.clone())));
    assert_eq!(port.locate(Uuid::now_v7()).await.unwrap(), None);
    assert_eq!(
        port.add(HOME, connection("Ours")).await.unwrap_err(),
        Error::Conflict("a connection with this name")
    );

    let changed = Connection {
        pending: false,
        expires_at: Some(now() + TimeDelta::hours(1)),
        renews: true,
        trouble: Some(json!({ "code": "CONN-0004" })),
        account: Some("Analytical".into()),
        sealed: vec![2],
        ..one.clone()
    };
    port.change(HOME, 1, changed.clone()).await.unwrap();
    assert_eq!(port.get(HOME, one.id).await.unwrap(), Some(Connection { revision: 2, ..changed.clone() }));
    assert_eq!(port.change(HOME, 1, changed.clone()).await.unwrap_err(), Error::Stale { current: 2 });
    assert!(matches!(port.change(HOME, 1, connection("Other")).await, Err(Error::NotFound(_))));

    let day = NaiveDate::from_ymd_opt(2027, 3, 1).unwrap();
    port.count_calls(one.id, day, 7).await.unwrap();
    port.count_calls(one.id, day, 5).await.unwrap();
    let seen = port.list(HOME).await.unwrap();
    assert_eq!(seen[0].calls, Some((day, 7)), "what was counted is not uncounted");
    port.count_calls(one.id, day.succ_opt().unwrap(), 1).await.unwrap();
    assert_eq!(port.get(HOME, one.id).await.unwrap().unwrap().calls, Some((day.succ_opt().unwrap(), 1)));
}

pub(crate) async fn a_connection_that_is_used_stays(backend: &impl Backend) {
    let store = backend.open().await;
    let one = connection("Ours");
    store.connections.add(HOME, one.clone()).await.unwrap();
    let mut document = chain("Uses it", &[find()]);
    let step = document.steps.values_mut().last().unwrap();
    step.config["connection"] = Value::from(one.id.to_string());
    let workflow = store.workflows.create(HOME, Uuid::now_v7(), document).await.unwrap();
    let uses = store.connections.remove(HOME, one.id).await.unwrap();
    assert_eq!((uses.len(), uses[0].id, uses[0].live), (1, workflow.id, false));
    assert_eq!(uses[0].kind, "workflow");
    assert!(store.connections.get(HOME, one.id).await.unwrap().is_some());
    assert_eq!(store.connections.used_by(HOME, one.id).await.unwrap(), uses);
    store.workflows.delete(HOME, workflow.id).await.unwrap();
    let draft = json!({ "providers": [{ "sign_in": { "connection": one.id } }] });
    let new = NewDefinition {
        id: Uuid::now_v7(),
        kind: "enrichment_waterfall".into(),
        name: "Companies".into(),
        draft,
        at: now(),
    };
    store.definitions.create(HOME, new.clone()).await.unwrap();
    let uses = store.connections.remove(HOME, one.id).await.unwrap();
    assert_eq!((uses.len(), uses[0].kind.as_str(), uses[0].id), (1, "enrichment_waterfall", new.id));
    store.definitions.remove(HOME, new.id).await.unwrap();
    assert!(store.connections.remove(HOME, one.id).await.unwrap().is_empty());
    assert!(matches!(store.connections.remove(HOME, one.id).await, Err(Error::NotFound(_))));
}

pub(crate) async fn what_another_key_sealed_is_found(backend: &impl Backend) {
    let store = backend.open().await;
    let (old, new) = (connection("Old"), Connection { seal_key: vec![8], ..connection("New") });
    store.connections.add(HOME, old.clone()).await.unwrap();
    store.connections.add(HOME, new).await.unwrap();
    let left = store.connections.sealed_otherwise(vec![8], 10).await.unwrap();
    assert_eq!(left, [(HOME, old)]);
}

pub(crate) async fn an_attempt_is_taken_once_and_in_time(backend: &impl Backend) {
    let store = backend.open().await;
    let one = connection("Ours");
    store.connections.add(HOME, one.clone()).await.unwrap();
    let attempt = |state: u8, minutes: i64| Handshake {
        state: [state; 32],
        connection: one.id,
        user: None,
        sealed: vec![3],
        expires_at: now() + TimeDelta::minutes(minutes),
    };
    store.connections.begin_handshake(attempt(1, 10), now()).await.unwrap();
    store.connections.begin_handshake(attempt(2, 1), now()).await.unwrap();
    let later = now() + TimeDelta::minutes(5);
    let take = |state: u8| store.connections.take_handshake([state; 32], later);
    assert_eq!(take(1).await.unwrap(), Some((HOME, attempt(1, 10))));
    assert_eq!(take(1).await.unwrap(), None, "nobody takes it twice");
    assert_eq!(take(2).await.unwrap(), None, "it came too late");
    assert_eq!(take(3).await.unwrap(), None);
}

pub(crate) async fn connections_that_end_are_found_and_a_warning_is_no_change(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.connections;
    let soon = Some(now() + TimeDelta::days(2));
    let entered =
        Connection { pending: false, ends_at: soon, renews: true, ..connection("A key with an end") };
    let token = Connection { pending: false, expires_at: soon, ..connection("A token nobody renews") };
    let renewed = Connection {
        pending: false,
        expires_at: soon,
        renews: true,
        ..connection("A token that is renewed")
    };
    let late =
        Connection { pending: false, ends_at: Some(now() + TimeDelta::days(90)), ..connection("Later") };
    let waiting = Connection { ends_at: soon, ..connection("Nobody allowed it yet") };
    for one in [&entered, &token, &renewed, &late, &waiting] {
        port.add(HOME, one.clone()).await.unwrap();
    }
    let before = now() + TimeDelta::days(14);
    let found = port.ending(before, None, 10).await.unwrap();
    let names: Vec<&str> = found.iter().map(|(_, one)| one.name.as_str()).collect();
    assert_eq!(names, ["A key with an end", "A token nobody renews"]);
    let rest = port.ending(before, Some(found[0].1.id), 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    port.note_warning(entered.id, soon.unwrap(), 1).await.unwrap();
    let seen = port.get(HOME, entered.id).await.unwrap().unwrap();
    assert_eq!((seen.warned, seen.revision), (Some((soon.unwrap(), 1)), 1));
    // A change does not take it back.
    port.change(HOME, 1, Connection { name: "Renamed".into(), ..entered.clone() }).await.unwrap();
    assert_eq!(port.get(HOME, entered.id).await.unwrap().unwrap().warned, Some((soon.unwrap(), 1)));
}
