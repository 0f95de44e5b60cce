//! Secrets of webhooks: what is published stays, of the others only what the draft names.

use crate::world::{Backend, HOME};
use chrono::DateTime;
use trunkline_store::WorkspaceId;
use trunkline_store::ports::HookSecret;
use uuid::Uuid;

fn secret(workflow: Uuid, seal_key: u8) -> HookSecret {
    HookSecret {
        id: Uuid::now_v7(),
        workflow,
        step: "start".into(),
        sealed: vec![1, 0, 255],
        seal_key: vec![seal_key],
        created_at: DateTime::from_timestamp_micros(1_900_000_000_000_000).unwrap(),
    }
}

pub(crate) async fn a_secret_stays_while_something_names_it(backend: &impl Backend) {
    let store = backend.open().await;
    let port = &store.hook_secrets;
    let (workflow, other) = (Uuid::now_v7(), Uuid::now_v7());
    let [live, draft, typed] = [(); 3].map(|()| secret(workflow, 7));
    let elsewhere = secret(other, 8);
    port.keep(HOME, vec![live.clone(), draft.clone(), typed.clone(), elsewhere.clone()]).await.unwrap();
    assert_eq!(port.get(HOME, draft.id).await.unwrap(), Some(draft.clone()));
    assert_eq!(port.get(WorkspaceId(99), draft.id).await.unwrap(), None, "it is another workspace's");
    port.publish(HOME, vec![live.id]).await.unwrap();
    port.tidy(HOME, workflow, vec![draft.id]).await.unwrap();
    assert_eq!(port.of_workflow(HOME, workflow).await.unwrap(), [live.clone(), draft]);
    let left = port.sealed_otherwise(vec![7], 10).await.unwrap();
    assert_eq!(left, [(HOME, elsewhere.clone())]);
    port.reseal(elsewhere.id, vec![9, 9], vec![7]).await.unwrap();
    assert!(port.sealed_otherwise(vec![7], 10).await.unwrap().is_empty());
    assert_eq!(port.get(HOME, elsewhere.id).await.unwrap().unwrap().sealed, [9, 9]);
    port.forget(HOME, workflow).await.unwrap();
    assert!(port.of_workflow(HOME, workflow).await.unwrap().is_empty());
    assert_eq!(port.of_workflow(HOME, other).await.unwrap().len(), 1);
}
