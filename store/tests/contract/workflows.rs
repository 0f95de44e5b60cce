//! Drafts, versions, and what the workflow list counts.

use crate::world::{Backend, Flow, HOME, ask, chain, find, moment, person};
use chrono::{TimeDelta, Utc};
use serde_json::json;
use trunkline_leads::Stage;
use trunkline_store::Error;
use trunkline_store::ports::{Publish, RunStatus, Tally};
use uuid::Uuid;

pub(crate) async fn a_stale_draft_is_refused(backend: &impl Backend) {
    let store = backend.open().await;
    let id = Uuid::now_v7();
    let made = store.workflows.create(HOME, id, chain("One", &[find()])).await.unwrap();
    assert!(made.draft_changed && made.published.is_none() && !made.active);
    let base = made.draft_revision;
    let saved = store.workflows.save_draft(HOME, id, chain("Two", &[]), base).await.unwrap();
    assert!(saved > base);
    let stale = store.workflows.save_draft(HOME, id, chain("Three", &[]), base).await;
    assert_eq!(stale.unwrap_err(), Error::Stale { current: saved });
    let stale = Publish { base_revision: base, ..Publish::default() };
    assert_eq!(store.workflows.publish(HOME, id, stale).await.unwrap_err(), Error::Stale { current: saved });
    let now = store.workflows.get(HOME, id).await.unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.draft_revision), ("Two", saved));
    assert_eq!(store.workflows.by_name(HOME, "two".into()).await.unwrap().unwrap().id, id);
    let unknown = store.workflows.save_draft(HOME, Uuid::now_v7(), chain("x", &[]), 1).await;
    assert!(matches!(unknown.unwrap_err(), Error::NotFound(_)));
}

pub(crate) async fn publishing_freezes_and_counts_up(backend: &impl Backend) {
    let store = backend.open().await;
    let id = Uuid::now_v7();
    let one = chain("Flow", &[find()]);
    let mut base = store.workflows.create(HOME, id, one.clone()).await.unwrap().draft_revision;
    let note = Publish {
        base_revision: base,
        note: Some("first".into()),
        changes: vec!["Added everything".into()],
        by: None,
    };
    let first = store.workflows.publish(HOME, id, note.clone()).await.unwrap();
    assert_eq!((first.number, &first.document), (1, &one));
    let same = store.workflows.publish(HOME, id, note).await.unwrap();
    assert_eq!((same.number, same.version), (1, first.version), "nothing changed, no new version");

    let two = chain("Flow", &[]);
    base = store.workflows.save_draft(HOME, id, two.clone(), base).await.unwrap();
    let workflow = store.workflows.get(HOME, id).await.unwrap().unwrap();
    assert!(workflow.active && workflow.draft_changed);
    assert_eq!(workflow.published.unwrap().document, one, "the draft does not touch what is live");
    let publish = Publish { base_revision: base, ..Publish::default() };
    let second = store.workflows.publish(HOME, id, publish).await.unwrap();
    assert_eq!(second.number, 2);
    assert!(!store.workflows.get(HOME, id).await.unwrap().unwrap().draft_changed);
    let versions = store.workflows.versions(HOME, id).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((versions[1].note.as_deref(), versions[1].changes.len()), (Some("first"), 1));
    assert_eq!(store.workflows.version(HOME, id, 1).await.unwrap(), Some(one.clone()));
    assert_eq!(store.workflows.version(HOME, id, 3).await.unwrap(), None);

    let pinned = store.workflows.pinned(first.version).await.unwrap().unwrap();
    assert_eq!((pinned.number, pinned.workflow, pinned.document), (Some(1), id, one));
    let live = store.workflows.live().await.unwrap();
    assert_eq!(
        live.iter().map(|pinned| (pinned.number, pinned.active)).collect::<Vec<_>>(),
        [(Some(2), true)]
    );
    store.workflows.set_active(HOME, id, false).await.unwrap();
    assert!(!store.workflows.live().await.unwrap()[0].active);
}

pub(crate) async fn a_snapshot_is_kept_once(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Flow", &[find()])).await;
    let draft = chain("Flow", &[("other", ask("set_stage", json!({})))]);
    let first = store.workflows.snapshot(HOME, flow.id, draft.clone()).await.unwrap();
    assert_eq!(store.workflows.snapshot(HOME, flow.id, draft.clone()).await.unwrap(), first);
    let other = store.workflows.snapshot(HOME, flow.id, chain("Flow", &[])).await.unwrap();
    assert_ne!(first, other);
    let pinned = store.workflows.pinned(first).await.unwrap().unwrap();
    assert_eq!((pinned.number, pinned.document), (None, draft));
    assert_eq!(store.workflows.versions(HOME, flow.id).await.unwrap().len(), 1, "snapshots are no versions");
    let unknown = store.workflows.snapshot(HOME, Uuid::now_v7(), chain("x", &[])).await;
    assert!(matches!(unknown.unwrap_err(), Error::NotFound(_)));
}

pub(crate) async fn deleting_hides_but_keeps_runs_readable(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Flow", &[find()])).await;
    let run = flow.send(person(1)).await.header.id;
    store.workflows.delete(HOME, flow.id).await.unwrap();
    assert!(store.workflows.get(HOME, flow.id).await.unwrap().is_none());
    assert!(store.workflows.live().await.unwrap().is_empty());
    assert!(store.workflows.list(HOME, None, Utc::now()).await.unwrap().is_empty());
    assert!(store.runs.history(HOME, run).await.unwrap().is_some());
    assert!(matches!(store.workflows.delete(HOME, flow.id).await.unwrap_err(), Error::NotFound(_)));
}

pub(crate) async fn ended_runs_are_counted_by_outcome(backend: &impl Backend) {
    let store = backend.open().await;
    let wrong =
        ask("set_stage", json!({"lead_id": "{{ steps.find.lead.id }}", "stage": "{{ trigger.body.to }}"}));
    let flow = Flow::publish(&store, chain("Stage", &[find(), ("stage", wrong)])).await;
    let sleep = json!({"kind": "sleep", "config": {"seconds": 1000}});
    let slow = Flow::publish(&store, chain("Slow", &[("nap", sleep)])).await;
    for (n, stage) in ["MQL", "MQL", "Nowhere"].into_iter().enumerate() {
        flow.send(json!({"email": format!("p{n}@example.com"), "to": stage})).await;
    }
    slow.send(person(1)).await;
    let list = store.workflows.list(HOME, None, Utc::now() - TimeDelta::hours(1)).await.unwrap();
    let tally = |id: Uuid| list.iter().find(|summary| summary.id == id).unwrap().tally;
    assert_eq!(tally(flow.id), Tally { completed: 2, failed: 1, running: 0 });
    assert_eq!(tally(slow.id), Tally { completed: 0, failed: 0, running: 1 });
    let summary = list.iter().find(|summary| summary.id == flow.id).unwrap();
    assert_eq!((summary.steps, summary.published, summary.draft_changed), (3, Some(1), false));
    assert_eq!(summary.root_kinds, ["begin", "ask", "ask"]);
    assert!(summary.last_run_at.is_some());
    let tomorrow =
        store.workflows.list(HOME, Some("STAGE".into()), Utc::now() + TimeDelta::days(1)).await.unwrap();
    assert_eq!(tomorrow.len(), 1, "the search ignores capitals");
    assert_eq!(tomorrow[0].tally.completed, 0);
}

pub(crate) async fn a_turn_goes_by_the_stages_of_its_moment(backend: &impl Backend) {
    let store = backend.open().await;
    let stage = ask("set_stage", json!({"lead_id": "{{ steps.find.lead.id }}", "stage": "Trial"}));
    let flow = Flow::publish(&store, chain("Stage", &[find(), ("stage", stage)])).await;
    let old = store.leads.stages(HOME).await.unwrap();
    let rank = old.iter().map(|stage| stage.rank).max().unwrap() + 1;
    let new = [old.clone(), vec![Stage { name: "Trial".into(), rank }]].concat();
    for (n, ladder, status) in
        [(0, &old, RunStatus::Failed), (1, &new, RunStatus::Completed), (2, &old, RunStatus::Failed)]
    {
        store.leads.set_stages(HOME, ladder.clone()).await.unwrap();
        assert_eq!(flow.send(person(n)).await.state.status, status, "{n}");
    }
}

pub(crate) async fn schedules_remember_the_latest_moment(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Flow", &[])).await;
    let fired = || store.workflows.fired(flow.id, "every_day".into());
    assert_eq!(fired().await.unwrap(), None);
    for (at, latest) in [(100, 100), (200, 200), (150, 200)] {
        store.workflows.mark_fired(flow.id, "every_day".into(), moment(at)).await.unwrap();
        assert_eq!(fired().await.unwrap(), Some(moment(latest)));
    }
}
