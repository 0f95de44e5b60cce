//! What people do with leads by hand.

use crate::world::{Backend, Flow, HOME, chain, find, person};
use serde_json::{Value, json};
use trunkline_leads::activity::By;
use trunkline_leads::operation::{Edit, LogActivity};
use trunkline_leads::{ActivityKind, Operation};
use uuid::Uuid;

pub(crate) async fn what_a_person_does_is_whole_and_signed(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Plain", &[find()])).await;
    let lead_id = flow.send(person(1)).await.state.lead.unwrap();
    let by = By { id: Uuid::now_v7(), name: "ada@example.com".into() };
    let edit = |name: &str, value: Value| {
        let fields = [(name.to_owned(), value)].into_iter().collect();
        Operation::Edit(Edit { lead_id, fields, owner: None, why: None })
    };
    let call = LogActivity {
        lead_id,
        activity: "call".into(),
        title: String::new(),
        channel: None,
        detail: Value::Null,
        key: "event 7".into(),
    };
    let asked = vec![edit("city", json!("Rome")), edit("score", json!(1)), Operation::LogActivity(call)];
    let done = store.leads.perform(HOME, asked, by.clone()).await.unwrap();
    assert!(done.outcomes[0].is_ok() && done.outcomes[2].is_ok());
    assert_eq!(done.outcomes[1].as_ref().unwrap_err().code, "LEAD-0007");
    let view = store.leads.get(HOME, lead_id).await.unwrap().unwrap();
    assert_eq!(view.lead.city.as_deref(), Some("Rome"));
    let newest = &view.timeline[0].activity;
    assert_eq!(
        (newest.kind, newest.touch.as_ref().map(|touch| touch.kind.as_str())),
        (ActivityKind::Touched, Some("call"))
    );
    assert!(view.timeline[..2].iter().all(|entry| entry.activity.by.as_ref() == Some(&by)));
    assert!(view.timeline[2..].iter().all(|entry| entry.activity.by.is_none()), "a run did those");
}
