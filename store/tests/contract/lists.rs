//! The run list: pages that stay put, search and filters.

use crate::world::{Backend, Flow, HOME, ask, chain, find, person};
use serde_json::json;
use std::collections::HashSet;
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{LeadQuery, RunQuery, RunStatus};
use uuid::Uuid;

pub(crate) async fn pages_stay_put_while_runs_arrive(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let mut expected = Vec::new();
    for n in 0..25 {
        expected.push(flow.send(person(n)).await.header.id);
    }
    expected.reverse();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let query = RunQuery { before, limit: 10, ..RunQuery::default() };
        let page = store.runs.list(HOME, query).await.unwrap();
        seen.extend(page.items.iter().map(|run| run.id));
        flow.send(person(100)).await;
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected, "none twice, none lost, the newest first");
}

pub(crate) async fn runs_are_found_by_what_people_type(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let mut runs = Vec::new();
    for n in 0..5 {
        runs.push(flow.send(person(n)).await);
    }
    let again = flow.send(person(3)).await;
    let lead = again.state.lead.unwrap().to_string();
    let id = runs[1].header.id.to_string();
    let search = async |text: &str| -> HashSet<Uuid> {
        let query = RunQuery { search: Some(text.into()), limit: 50, ..RunQuery::default() };
        store.runs.list(HOME, query).await.unwrap().items.into_iter().map(|run| run.id).collect()
    };
    let of_three = HashSet::from([runs[3].header.id, again.header.id]);
    assert_eq!(search(&lead).await, of_three);
    assert_eq!(search(" PERSON3@example.com ").await, of_three);
    assert_eq!(search("X-3").await, of_three);
    assert_eq!(search(&id).await, HashSet::from([runs[1].header.id]));
    assert!(search(&id[..8]).await.contains(&runs[1].header.id), "the start of an id is enough");
    assert!(search("nobody@example.com").await.is_empty());
    assert!(search("%").await.is_empty());
    assert_eq!(search("   ").await.len(), 6, "blank is no search");
}

pub(crate) async fn runs_are_filtered_by_workflow_and_outcome(backend: &impl Backend) {
    let store = backend.open().await;
    let good = Flow::publish(&store, chain("Good", &[find()])).await;
    let wrong = ask("route", json!({"lead_id": "{{ steps.find.lead.id }}", "pool": "Nobody's"}));
    let bad = Flow::publish(&store, chain("Bad", &[find(), ("route", wrong)])).await;
    let sleep = json!({"kind": "sleep", "config": {"seconds": 1000}});
    let slow = Flow::publish(&store, chain("Slow", &[("nap", sleep)])).await;
    for n in 0..3 {
        good.send(person(n)).await;
        bad.send(person(n)).await;
        slow.send(person(n)).await;
    }
    for (flow, status) in
        [(&good, RunStatus::Completed), (&bad, RunStatus::Failed), (&slow, RunStatus::Waiting)]
    {
        let of_status = RunQuery { status: Some(status), limit: 50, ..RunQuery::default() };
        let page = store.runs.list(HOME, of_status.clone()).await.unwrap();
        assert_eq!(page.items.len(), 3, "{status:?}");
        assert!(page.items.iter().all(|run| run.workflow == flow.id && run.state.status == status));
        let both = RunQuery { workflow: Some(good.id), ..of_status };
        let expected = if status == RunStatus::Completed { 3 } else { 0 };
        assert_eq!(store.runs.list(HOME, both).await.unwrap().items.len(), expected);
    }
    let page = store
        .runs
        .list(HOME, RunQuery { workflow: Some(bad.id), limit: 2, ..RunQuery::default() })
        .await
        .unwrap();
    assert_eq!(page.next, page.items.last().map(|run| run.id));
    assert_eq!(page.items[0].workflow_name, "Bad");
    assert_eq!(page.items[0].number, Some(1));
}

pub(crate) async fn another_workspace_sees_nothing(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let turn = flow.send(person(1)).await;
    let away = WorkspaceId(2);
    assert!(
        store.runs.list(away, RunQuery { limit: 5, ..RunQuery::default() }).await.unwrap().items.is_empty()
    );
    assert!(store.runs.get(away, turn.header.id).await.unwrap().is_none());
    assert!(store.runs.history(away, turn.header.id).await.unwrap().is_none());
    assert!(store.workflows.get(away, flow.id).await.unwrap().is_none());
    assert!(store.workflows.version(away, flow.id, 1).await.unwrap().is_none());
    assert!(store.leads.get(away, turn.state.lead.unwrap()).await.unwrap().is_none());
    assert_eq!(
        store.leads.list(away, LeadQuery { limit: 5, ..LeadQuery::default() }).await.unwrap().total,
        0
    );
}
