//! What happens in apps: a position is written with what it brought, and what was sent twice counts once.

use crate::world::{Backend, HOME};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use trunkline_store::Error;
use trunkline_store::ports::{Delivered, Delivery, DeliveryCount, Look, NewAppEvent, Refused};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_900_000_000_000_000).unwrap()
}

fn event(workflow: Uuid, number: i64) -> NewAppEvent {
    NewAppEvent { workspace: HOME, workflow, step: "go".into(), output: json!({ "n": number }), at: now() }
}

pub(crate) async fn a_position_and_what_it_brought_are_one(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.app_events;
    let workflow = Uuid::now_v7();
    let first = Look {
        workflow,
        step: "go".into(),
        source: "abc".into(),
        begin: json!("now"),
        revision: 0,
        position: json!({ "since": 1 }),
        looked_at: None,
        next_at: now(),
        failures: 0,
        trouble: None,
        seen: 2,
        started: 1,
    };
    port.looked(first.clone(), vec![event(workflow, 1)]).await.unwrap();
    let kept = Look { revision: 1, ..first.clone() };
    assert_eq!(port.looks(Vec::new()).await.unwrap(), std::slice::from_ref(&kept));
    assert_eq!(port.looks(vec![workflow]).await.unwrap(), std::slice::from_ref(&kept));
    assert!(port.looks(vec![Uuid::now_v7()]).await.unwrap().is_empty());
    // Another server that read the same state comes second, and leaves nothing behind.
    assert!(matches!(port.looked(first, vec![event(workflow, 1)]).await, Err(Error::Stale { .. })));
    let second = Look {
        position: json!({ "since": 2 }),
        looked_at: Some(now()),
        failures: 3,
        trouble: Some(json!({ "code": "CONN-0004" })),
        ..kept
    };
    port.looked(second.clone(), vec![event(workflow, 2), event(workflow, 3)]).await.unwrap();
    assert!(matches!(port.looked(second.clone(), vec![event(workflow, 4)]).await, Err(Error::Stale { .. })));
    store.close().await.unwrap();

    let store = backend.open().await;
    let port = &store.app_events;
    assert_eq!(port.looks(Vec::new()).await.unwrap(), [Look { revision: 2, ..second }]);
    let waiting = port.list(100).await.unwrap();
    let numbers: Vec<_> = waiting.iter().map(|event| event.event.output["n"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(waiting[0].event, event(workflow, 1));
    port.done(waiting.iter().map(|event| event.id).collect()).await.unwrap();
    assert!(port.list(100).await.unwrap().is_empty());
}

pub(crate) async fn what_was_sent_twice_counts_once(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.app_events;
    let (workflow, connection) = (Uuid::now_v7(), Uuid::now_v7());
    let delivery = |keys: &[Option<u8>], proof: Option<u8>, at: DateTime<Utc>| Delivery {
        connection,
        webhook: "events".into(),
        events: keys.iter().map(|key| (key.map(|key| [key; 32]), vec![event(workflow, 1)])).collect(),
        proof: proof.map(|proof| [proof; 32]),
        at,
        since: at - TimeDelta::hours(1),
    };
    let delivered = |accepted, repeated| Delivered { accepted, repeated };
    let send = |keys: &'static [Option<u8>], proof, at| port.deliver(delivery(keys, proof, at));
    assert_eq!(send(&[Some(1), Some(1), None, None], None, now()).await.unwrap(), delivered(3, 1));
    assert_eq!(send(&[Some(1), Some(2)], Some(9), now()).await.unwrap(), delivered(1, 1));
    // The delivery as a whole, again: nothing of it counts, not even what has no key.
    assert_eq!(send(&[None, Some(3)], Some(9), now()).await.unwrap(), delivered(0, 2));
    let other = Delivery { connection: Uuid::now_v7(), ..delivery(&[Some(1)], None, now()) };
    assert_eq!(port.deliver(other).await.unwrap(), delivered(1, 0), "another connection has keys of its own");
    let later = now() + TimeDelta::hours(2);
    assert_eq!(send(&[Some(1)], None, later).await.unwrap(), delivered(1, 0), "keys are forgotten");
    assert_eq!(port.list(1_000).await.unwrap().len(), 6);

    for (why, times) in [(Refused::Forged, 3), (Refused::TooOld, 2), (Refused::Unreadable, 1)] {
        port.refuse(connection, "events".into(), why, times, now()).await.unwrap();
    }
    let counted = DeliveryCount {
        webhook: "events".into(),
        accepted: 5,
        repeated: 4,
        forged: 3,
        too_old: 2,
        unreadable: 1,
        last_at: Some(later),
        refused_at: Some(now()),
    };
    assert_eq!(port.deliveries(connection).await.unwrap(), [counted]);
    assert!(port.deliveries(workflow).await.unwrap().is_empty());
}
