//! Journals too large for the database: in files, as long as somebody needs them and no longer.

use crate::storage::{noise, runs, sweep};
use crate::world::{Backend, Flow, HOME, ask, chain, done, person};
use chrono::{SubsecRound, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use trunkline_engine::run::{EffectKey, Event};
use trunkline_store::ports::{Begin, Erase, RunQuery, RunStatus, Settled, Turn};
use trunkline_store::{Error, Settings, Store};
use uuid::Uuid;

const LARGE: usize = 400_000;

/// The files that hold journals.
fn files(backend: &impl Backend) -> Vec<PathBuf> {
    let Ok(folders) = fs::read_dir(backend.data().join("payloads")) else { return Vec::new() };
    let folders = folders.map(|folder| folder.unwrap().path());
    let mut files: Vec<PathBuf> =
        folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// A workflow that keeps the address alone, so that only its runs are large.
async fn large_flow(store: &Store, then: &[(&str, serde_json::Value)], days: Option<u32>) -> Flow {
    let fields = json!({"email": "{{ trigger.body.email }}"});
    let mut steps = vec![("find", ask("find_or_create", json!({"match_on": ["email"], "fields": fields})))];
    steps.extend_from_slice(then);
    let mut document = chain("Large", &steps);
    document.settings.thin_after_days = days;
    Flow::publish(store, document).await
}

pub(crate) async fn large_journals_lie_in_files_as_long_as_they_are_needed(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = large_flow(&store, &[], None).await;
    let small = flow.send(person(1)).await;
    assert!(files(backend).is_empty());
    let sent = join_all((0..12).map(|n| flow.send(noise(n, LARGE)))).await;
    assert_eq!(files(backend).len(), 12);
    let bytes: u64 = files(backend).iter().map(|file| file.metadata().unwrap().len()).sum();
    let usage = store.storage.usage(HOME).await.unwrap();
    assert!(usage.by_workflow[0].bytes > bytes && usage.bytes > bytes, "{usage:?}, {bytes} in files");
    let checkup = store.upkeep.check().await.unwrap();
    assert_eq!((checkup.spilled_files, checkup.spilled_bytes), (12, bytes));
    assert!(checkup.problems.is_empty(), "{:?}", checkup.problems);
    store.close().await.unwrap();

    let store = backend.open().await;
    for turn in sent.iter().chain([&small]) {
        let history = store.runs.history(HOME, turn.header.id).await.unwrap().unwrap();
        assert_eq!(history.events, turn.events);
    }
    sweep(&store, Utc::now()).await;
    assert_eq!(files(backend).len(), 12, "all are needed");
    sweep(&store, Utc::now() + TimeDelta::days(31)).await;
    assert!(files(backend).is_empty(), "with their runs they go");
    assert!(store.upkeep.check().await.unwrap().problems.is_empty());
}

pub(crate) async fn later_turns_and_thinned_runs_have_files_too(backend: &impl Backend) {
    let store = backend.open().await;
    let outside = json!({"kind": "ask", "config": {"action": "get", "outside": true}});
    let flow = large_flow(&store, &[("ask", outside)], Some(3)).await;
    let begun = flow.send(noise(1, LARGE)).await;
    let stored = store.runs.stored(begun.header.id).await.unwrap().unwrap();
    let key = EffectKey { step: "ask".into(), items: vec![] };
    let answer = trunkline_engine::run::Performed { output: noise(2, LARGE), why: None, written: vec![] };
    let performed = Event::Performed { key, result: Ok(answer), at: Utc::now().trunc_subsecs(6) };
    let ended = done(store.runs.turn(flow.next_turn(stored, performed)).await);
    assert_eq!((ended.state.status, files(backend).len()), (RunStatus::Completed, 2));
    let whole = store.runs.history(HOME, begun.header.id).await.unwrap().unwrap();
    assert_eq!(whole.events, [begun.events.clone(), ended.events].concat());

    sweep(&store, Utc::now() + TimeDelta::days(4)).await;
    let thin = store.runs.history(HOME, begun.header.id).await.unwrap().unwrap();
    assert_eq!(thin.events, begun.events[..1], "how it began stays, in a file of its own");
    assert_eq!(files(backend).len(), 1);
}

pub(crate) async fn what_a_crash_left_is_collected(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = large_flow(&store, &[], None).await;
    let kept = flow.send(noise(1, LARGE)).await;
    let folder = files(backend)[0].parent().unwrap().to_owned();
    // Written, and then the process died before the transaction was committed; or while it was being written.
    fs::write(folder.join("ab".repeat(32)), "an orphan").unwrap();
    fs::write(folder.join(format!("part-{}", "cd".repeat(32))), "half of one").unwrap();
    fs::write(folder.join("README"), "somebody else's").unwrap();
    store.close().await.unwrap();
    let store = backend.open().await;
    sweep(&store, Utc::now()).await;
    let left: Vec<_> = files(backend);
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(folder.join("README").exists(), "what is not ours stays");
    assert!(store.runs.history(HOME, kept.header.id).await.unwrap().is_some());
}

pub(crate) async fn a_lost_file_stops_its_own_run_alone(backend: &impl Backend) {
    let store = backend.open().await;
    let nap = json!({"kind": "sleep", "config": {"seconds": 1}});
    let flow = large_flow(&store, &[("nap", nap)], None).await;
    let lost = flow.send(noise(1, LARGE)).await.header.id;
    let file = files(backend).pop().unwrap();
    let sound = join_all((2..4).map(|n| flow.send(noise(n, LARGE)))).await;
    let content = fs::read(&file).unwrap();
    fs::write(&file, &content[1..]).unwrap();
    let is_lost = |error: Error| assert!(matches!(error, Error::Lost(_)), "{error:?}");
    is_lost(store.runs.history(HOME, lost).await.unwrap_err());
    fs::remove_file(&file).unwrap();
    is_lost(store.runs.history(HOME, lost).await.unwrap_err());
    is_lost(store.runs.stored(lost).await.unwrap_err());
    assert_eq!(store.runs.outline(lost).await.unwrap().unwrap().header.id, lost);
    assert_eq!(runs(&store).await.len(), 3, "the list shows it all the same");
    let checkup = store.upkeep.check().await.unwrap();
    assert!(checkup.problems.len() == 1 && checkup.problems[0].starts_with("STORE-0016"), "{checkup:?}");

    let soon = Utc::now() + TimeDelta::seconds(5);
    let due: Vec<_> = store.runs.due(soon, 1).await.unwrap().into_iter().map(|run| run.header.id).collect();
    assert_eq!(due, [sound[0].header.id], "it stands in nobody's way");
    assert_eq!(store.runs.due(soon, 10).await.unwrap().len(), 2);
    fs::write(&file, &content).unwrap();
    let later = Utc::now() + TimeDelta::hours(2);
    assert_eq!(store.runs.due(later, 10).await.unwrap().len(), 3, "the file is back, and so is the run");

    fs::remove_file(&file).unwrap();
    let header = store.runs.outline(lost).await.unwrap().unwrap().header;
    let machine = flow.machine(&header);
    let begin = Begin::Never(Utc::now().trunc_subsecs(6));
    let turn = Turn { header, machine, events: vec![], effects: vec![], begin, letters: vec![], tick: None };
    let Settled::Done(ended) = store.runs.turn(turn).await.unwrap() else { panic!("it ends") };
    let row = store.runs.get(HOME, lost).await.unwrap().unwrap();
    assert_eq!((row.state.status, ended.state.status), (RunStatus::Failed, RunStatus::Failed));
    assert_eq!(row.state.error.unwrap().1.code, "STORE-0016");
}

pub(crate) async fn a_backup_brings_its_files_along(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = large_flow(&store, &[], None).await;
    let turn = flow.send(noise(1, LARGE)).await;
    let copy = backend.beside();
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    store.upkeep.backup(copy.clone()).await.unwrap();
    let restored = Store::open(Settings::at(copy)).await.unwrap();
    let history = restored.runs.history(HOME, turn.header.id).await.unwrap().unwrap();
    assert_eq!(history.events, turn.events);
    assert!(restored.upkeep.check().await.unwrap().problems.is_empty());
}

pub(crate) async fn files_of_an_erased_lead_go_at_once(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = large_flow(&store, &[], None).await;
    let mut body = noise(1, LARGE);
    body["email"] = "greta.gone@example.com".into();
    let hers = flow.send(body).await;
    let other = flow.send(noise(2, LARGE)).await;
    assert_eq!(files(backend).len(), 2);
    let wish = Erase {
        id: Uuid::now_v7(),
        lead: hers.state.lead.unwrap(),
        by: None,
        at: Utc::now().trunc_subsecs(6),
        salt: [1; 16],
    };
    store.erasures.erase(HOME, wish).await.unwrap();
    assert_eq!(files(backend).len(), 1);
    let query = RunQuery { limit: 10, ..RunQuery::default() };
    let left = store.runs.list(HOME, query).await.unwrap().items;
    assert_eq!(left.iter().map(|run| run.id).collect::<Vec<_>>(), [other.header.id]);
    assert!(store.upkeep.check().await.unwrap().problems.is_empty());
}
