//! What happened to leads that a workflow listens to.

use crate::world::{Backend, Flow, HOME, ask, chain, find, person};
use serde_json::{Value, json};
use trunkline_engine::document::Document;
use trunkline_leads::Operation;
use trunkline_leads::activity::By;
use trunkline_leads::operation::SetStage;
use trunkline_store::ports::LeadEvent;
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// A workflow that finds the lead, moves it to a stage and listens to `rule`.
fn listening(name: &str, rule: Value, stage: &str) -> Document {
    let set = json!({"lead_id": "{{ steps.find.lead.id }}", "stage": stage, "allow_backwards": true});
    let mut document =
        serde_json::to_value(chain(name, &[find(), ("stage", ask("set_stage", set))])).unwrap();
    document["steps"]["hear"] = json!({"kind": "lead_event", "config": rule});
    document["edges"].as_array_mut().unwrap().push(json!({"from": "hear", "to": "find"}));
    serde_json::from_value(document).unwrap()
}

async fn publish(store: &Store, document: Document) -> Flow {
    Flow::publish(store, document).await
}

async fn events(store: &Store) -> Vec<LeadEvent> {
    store.lead_events.list(100).await.unwrap()
}

pub(crate) async fn who_listens_hears_of_others_once(backend: &impl Backend) {
    let store = backend.open().await;
    let mql = json!({"event": "stage_changed", "stage": "MQL"});
    let listener = publish(&store, listening("Listener", mql.clone(), "MQL")).await;
    let mover = publish(&store, listening("Mover", json!({"event": "merged"}), "MQL")).await;
    let lead = mover.send(person(1)).await.state.lead.unwrap();
    store.lead_events.arrived().await;
    let heard = events(&store).await;
    let [event] = &heard[..] else { panic!("one event: {heard:?}") };
    assert_eq!((event.workflow, event.step.as_str(), event.lead), (listener.id, "hear", lead));
    assert_eq!((event.workspace, &event.output["new"]), (WorkspaceId::FIRST, &json!("MQL")));
    assert_eq!(event.output["lead"]["stage"], "MQL", "as the lead was just after");
    // What a workflow does itself does not start it, and what changes nothing is no event.
    listener.send(person(2)).await;
    mover.send(person(1)).await;
    assert_eq!(events(&store).await.len(), 1);
    store.close().await.unwrap();

    let store = backend.open().await;
    assert_eq!(events(&store).await, heard, "it survives");
    store.lead_events.done(vec![event.id]).await.unwrap();
    assert!(events(&store).await.is_empty());
}

pub(crate) async fn what_people_do_is_heard_and_who_is_switched_off_hears_nothing(backend: &impl Backend) {
    let store = backend.open().await;
    let listener = publish(&store, listening("Listener", json!({"event": "stage_changed"}), "Lead")).await;
    let lead_id = listener.send(person(1)).await.state.lead.unwrap();
    let by = || By { id: Uuid::now_v7(), name: "ada@example.com".into() };
    let to = |stage: &str| {
        let set = SetStage { lead_id, stage: stage.into(), allow_backwards: true, reason: String::new() };
        vec![Operation::SetStage(set)]
    };
    store.leads.perform(HOME, to("SQL"), by()).await.unwrap().outcomes.remove(0).unwrap();
    let heard = events(&store).await;
    assert_eq!((heard.len(), &heard[0].output["by"]), (1, &json!("ada@example.com")));
    store.workflows.set_active(HOME, listener.id, false).await.unwrap();
    store.leads.perform(HOME, to("MQL"), by()).await.unwrap().outcomes.remove(0).unwrap();
    assert_eq!(events(&store).await.len(), 1);
    store.workflows.set_active(HOME, listener.id, true).await.unwrap();
    store.leads.perform(HOME, to("SQL"), by()).await.unwrap().outcomes.remove(0).unwrap();
    assert_eq!(events(&store).await.len(), 2);
}
