//! The server dies while it puts large payloads into files.
//!
//! What must hold on every store: every acknowledged event reads back whole; no row refers to a file that is not there;
//! and what a death left between a file and its transaction is gone after the next start.

use serde_json::{Value, json};
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use trunkline_store::{Settings, Store};
use trunkline_tests::postgres::Postgres;
use trunkline_tests::{Server, client, long, text_of, until};

const SENDERS: usize = 4;

/// Text that compresses little, told by its first word.
fn payload(word: &str) -> String {
    let mut text = word.to_owned();
    let hasher = RandomState::new();
    for n in 0..10_000_u64 {
        text.push_str(&format!("{:016x}", hasher.hash_one((word, n))));
    }
    text
}

async fn send(url: String, sender: String, stop: Arc<AtomicBool>) -> Vec<(String, String)> {
    let client = client().unwrap();
    let mut acknowledged = Vec::new();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let text = payload(&format!("{sender}.{number} "));
        let Ok(answer) = client.post(&url).json(&json!({"text": text})).send().await else { break };
        if answer.status().is_success() {
            let Ok(body) = text_of(answer).await else { break };
            let body: Value = serde_json::from_str(&body).unwrap();
            acknowledged.push((body["run_id"].as_str().unwrap().to_owned(), text));
        }
    }
    acknowledged
}

fn files(data: &Path) -> usize {
    let folders = std::fs::read_dir(data.join("payloads")).into_iter().flatten().flatten();
    folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap()).count()
}

async fn dies_between_file_and_commit(flags: &[&str], database: Option<&str>) {
    let moments = if long() { 20 } else { 4 };
    let mut server = Server::start(&[&["--empty"], flags].concat()).await.unwrap();
    let api = server.set_up().await.unwrap();
    let document = json!({
        "format": 1, "name": "Keep",
        "steps": {
            "hook": {"kind": "webhook", "config": {"path": "keep"}},
            "keep": {"kind": "set_fields", "config": {"fields": [{"name": "length", "value": "{{ trigger.body.text|length }}"}]}},
        },
        "edges": [{"from": "hook", "to": "keep"}],
    });
    let made = api.post("/workflows", &json!({"document": document})).await.unwrap();
    let revision = json!({"base_revision": made["draft_revision"]});
    api.post(&format!("/workflows/{}/publish", made["id"].as_str().unwrap()), &revision).await.unwrap();
    let mut acknowledged = Vec::new();
    for moment in 0..moments {
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                tokio::spawn(send(
                    server.url("/hooks/keep"),
                    format!("m{moment}s{sender}"),
                    Arc::clone(&stop),
                ))
            })
            .collect();
        let random = RandomState::new().hash_one(moment) % 400;
        tokio::time::sleep(Duration::from_millis(150 + random)).await;
        server.kill().await.unwrap();
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            acknowledged.extend(sender.await.unwrap());
        }
        server.restart().await.unwrap();
    }
    assert!(acknowledged.len() > moments, "the load was real: {}", acknowledged.len());
    for (run, text) in &acknowledged {
        let view = api.get(&format!("/runs/{run}")).await.unwrap();
        let kept = view.to_string();
        assert!(kept.contains(text.as_str()), "run {run} does not read back whole");
    }
    let runs = until("every run to end", || async {
        let (mut runs, mut after) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("/runs?limit=200{after}")).await.ok()?;
            runs.extend(page["items"].as_array()?.iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&cursor={next}"),
                None => break,
            }
        }
        runs.iter().all(|run| run["status"] == "completed").then_some(runs)
    })
    .await
    .unwrap();
    server.stop().await.unwrap();

    let settings = match database {
        Some(url) => Settings::url(url, server.data()),
        None => Settings::at(server.data().join("trunkline.db")),
    };
    let store = Store::open(settings).await.unwrap();
    let checkup = store.upkeep.check().await.unwrap();
    assert!(checkup.problems.is_empty(), "{:?}", checkup.problems);
    let known: HashSet<String> = runs.iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect();
    assert!(acknowledged.iter().all(|(run, _)| known.contains(run)), "an acknowledged event is lost");
    let before = files(server.data()) as u64;
    assert!(before >= checkup.spilled_files, "what is referred to is there");
    // A death leaves at most what was being written; the first sweep collects it.
    while store.upkeep.sweep(chrono::Utc::now()).await.unwrap().more {}
    assert_eq!(files(server.data()) as u64, checkup.spilled_files);
    assert_eq!(checkup.spilled_files, runs.len() as u64);
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_payloads_are_whole_whenever_the_server_dies() {
    dies_between_file_and_commit(&[], None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_payloads_are_whole_whenever_the_server_dies_on_postgresql() {
    let database = Postgres::shared().unwrap().database("crash_large").unwrap();
    dies_between_file_and_commit(&["--database", &database], Some(&database)).await;
}
