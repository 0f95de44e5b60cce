//! Jobs, uploaded files and pinned runs.

use crate::world::{Backend, Flow, HOME, chain, find, moment};
use serde_json::json;
use trunkline_store::ports::{JobEnd, JobItem, JobStatus, NewJob, Pin, Progress, StoredFile};
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

const ELSEWHERE: WorkspaceId = WorkspaceId(2);

fn new_job(id: Uuid, workflow: Option<Uuid>) -> NewJob {
    NewJob {
        id,
        kind: "back_test".into(),
        title: "Last week".into(),
        workflow,
        params: json!({"since": 1}),
        total: None,
        by: Some("ada@example.com".into()),
        created_at: moment(0),
    }
}

fn item(seq: i64, group: &str) -> JobItem {
    JobItem {
        seq,
        run: Some(Uuid::now_v7()),
        subject: Some("Ada".into()),
        group: group.into(),
        detail: json!({"n": seq}),
    }
}

fn so_far(done: u64) -> Progress {
    Progress { done, total: Some(10), state: json!({"after": done}) }
}

pub(crate) async fn a_job_remembers_how_far_it_is(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let (id, other) = (Uuid::now_v7(), Uuid::now_v7());
    store.jobs.create(HOME, new_job(id, Some(flow.id))).await.unwrap();
    store.jobs.create(HOME, new_job(other, None)).await.unwrap();
    assert!(matches!(store.jobs.create(HOME, new_job(id, None)).await.unwrap_err(), Error::Conflict(_)));
    store.jobs.advance(id, vec![item(1, "same"), item(2, "same")], so_far(2)).await.unwrap();
    store.close().await.unwrap();

    let store = backend.open().await;
    let unfinished = store.jobs.unfinished().await.unwrap();
    assert_eq!(unfinished.iter().map(|job| job.id).collect::<Vec<_>>(), [id, other]);
    let job = &unfinished[0];
    assert_eq!((&job.progress, &job.params), (&so_far(2), &json!({"since": 1})));
    assert_eq!((job.workflow_name.as_deref(), job.cancel_requested), (Some("Find"), false));
    assert_eq!(store.jobs.get(HOME, id).await.unwrap().as_ref(), Some(job));
    assert!(store.jobs.get(ELSEWHERE, id).await.unwrap().is_none());
    assert!(matches!(store.jobs.request_cancel(ELSEWHERE, id).await.unwrap_err(), Error::NotFound(_)));
    store.jobs.request_cancel(HOME, id).await.unwrap();
    assert!(store.jobs.get(HOME, id).await.unwrap().unwrap().cancel_requested);
    let end = |status| JobEnd { status, error: None, at: moment(9) };
    store.jobs.finish(id, end(JobStatus::Cancelled)).await.unwrap();
    store.jobs.finish(id, end(JobStatus::Completed)).await.unwrap();
    let over = store.jobs.get(HOME, id).await.unwrap().unwrap();
    assert_eq!(
        (over.status, over.finished_at),
        (JobStatus::Cancelled, Some(moment(9))),
        "the first end stays"
    );
    assert!(matches!(store.jobs.request_cancel(HOME, id).await.unwrap_err(), Error::NotFound(_)));
    assert_eq!(store.jobs.list(HOME, 10).await.unwrap()[0].id, other, "the newest first");
}

pub(crate) async fn results_are_grouped_and_paged(backend: &impl Backend) {
    let store = backend.open().await;
    let id = Uuid::now_v7();
    store.jobs.create(HOME, new_job(id, None)).await.unwrap();
    let items = (1..=1200).map(|seq| item(seq, if seq % 3 == 0 { "other_owner" } else { "same" })).collect();
    store.jobs.advance(id, items, so_far(1200)).await.unwrap();
    // The same piece of work after a crash: nothing is counted twice.
    store.jobs.advance(id, vec![item(3, "same")], so_far(1200)).await.unwrap();
    let groups = store.jobs.groups(id).await.unwrap();
    assert_eq!(groups, [("same".to_owned(), 801), ("other_owner".to_owned(), 399)]);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.jobs.items(id, Some("other_owner".into()), after, 100).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.seq);
        seen.extend(page.into_iter().map(|item| item.seq));
    }
    assert_eq!(seen, (6..=1200).step_by(3).collect::<Vec<i64>>());
    assert_eq!(store.jobs.items(id, None, Some(2), 1).await.unwrap()[0].detail, json!({"n": 3}));
}

pub(crate) async fn a_file_goes_with_its_last_name(backend: &impl Backend) {
    let store = backend.open().await;
    let file = |name: &str, sha256| StoredFile {
        id: Uuid::now_v7(),
        name: name.into(),
        sha256,
        bytes: 5_000_000_000,
        kind: "text/csv".into(),
        created_at: moment(0),
    };
    let (one, twin, other) =
        (file("leads.csv", [1; 32]), file("again.csv", [1; 32]), file("other.csv", [2; 32]));
    for file in [&one, &twin, &other] {
        store.files.add(HOME, file.clone()).await.unwrap();
    }
    assert_eq!(store.files.get(HOME, one.id).await.unwrap(), Some(one.clone()));
    assert!(store.files.get(ELSEWHERE, one.id).await.unwrap().is_none());
    assert_eq!(store.files.list(HOME, None, 2).await.unwrap(), [other.clone(), twin.clone()]);
    let older = store.files.list(HOME, Some(other.id), 1).await.unwrap();
    assert_eq!(older, std::slice::from_ref(&twin), "the next page begins after the last");
    assert_eq!(store.files.remove(HOME, one.id).await.unwrap(), None, "its twin still has the content");
    assert_eq!(store.files.remove(HOME, twin.id).await.unwrap(), Some([1; 32]));
    assert!(matches!(store.files.remove(HOME, twin.id).await.unwrap_err(), Error::NotFound(_)));
    assert_eq!(store.files.unknown(vec![[1; 32], [2; 32], [3; 32]]).await.unwrap(), [[1; 32], [3; 32]]);
}

pub(crate) async fn pins_are_kept_by_workflow(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let pin = |workflow: Uuid, name: &str| Pin {
        id: Uuid::now_v7(),
        workflow,
        run: Uuid::now_v7(),
        lead: None,
        name: name.into(),
        trigger: "go".into(),
        output: json!({"body": {"email": "ada@example.com"}}),
        expected: json!({"status": "completed"}),
        answers: json!([]),
        created_at: moment(0),
    };
    let (one, two) = (pin(flow.id, "One"), pin(flow.id, "Two"));
    for pin in [&one, &two] {
        store.pins.add(HOME, pin.clone()).await.unwrap();
    }
    let nowhere = store.pins.add(HOME, pin(Uuid::now_v7(), "Lost")).await.unwrap_err();
    assert!(matches!(nowhere, Error::NotFound(_)));
    assert_eq!(store.pins.list(HOME, flow.id).await.unwrap(), [one.clone(), two.clone()]);
    assert!(store.pins.list(ELSEWHERE, flow.id).await.unwrap().is_empty());
    store.pins.remove(HOME, flow.id, one.id).await.unwrap();
    assert!(matches!(store.pins.remove(HOME, flow.id, one.id).await.unwrap_err(), Error::NotFound(_)));
    assert_eq!(store.pins.list(HOME, flow.id).await.unwrap(), [two]);
}
