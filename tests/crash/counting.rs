//! A counter and a table that runs write to, with the server dying in between: they agree with the runs that ended.

use crate::completed_runs;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use trunkline_store::ports::{CounterQuery, RowQuery};
use trunkline_store::{Settings, Store, WorkspaceId};
use trunkline_tests::{Server, client, long, text_of, until};

const SENDERS: usize = 8;

/// Sends events until told to stop; gives the ids of the runs that were acknowledged.
async fn send(url: String, sender: String, stop: Arc<AtomicBool>) -> HashSet<String> {
    let client = client().unwrap();
    let mut acknowledged = HashSet::new();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let event = json!({"who": format!("{sender}.{number}")});
        // The server dies under some of these; only an answer counts.
        let Ok(answer) = client.post(&url).json(&event).send().await else { break };
        if answer.status().is_success() {
            let Ok(body) = text_of(answer).await else { break };
            let body: Value = serde_json::from_str(&body).unwrap();
            acknowledged.insert(body["run_id"].as_str().unwrap().to_owned());
        }
    }
    acknowledged
}

fn document() -> Value {
    let values = json!([{"name": "who", "value": "{{ trigger.body.who }}"}, {"name": "number", "value": "{{ steps.count.value }}"}]);
    json!({
        "format": 1, "name": "Count",
        "steps": {
            "hook": {"kind": "webhook", "title": "Hook", "config": {"path": "count", "method": "POST", "check": {"by": "nothing"}}},
            "count": {"kind": "add_to_counter", "title": "Count", "config": {"counter": "Seen", "by": 1}},
            "note": {"kind": "insert_row", "title": "Note", "config": {"table": "Seen", "values": values}},
        },
        "edges": [{"from": "hook", "to": "count"}, {"from": "count", "to": "note"}],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_count_is_how_many_of_them_ended_whenever_the_server_dies() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let columns = json!([{"label": "Who", "kind": "text"}, {"label": "Number", "kind": "number"}]);
    api.post("/tables", &json!({"name": "Seen", "columns": columns})).await.unwrap();
    let made = api.post("/workflows", &json!({"document": document()})).await.unwrap();
    let publish = format!("/workflows/{}/publish", made["id"].as_str().unwrap());
    api.post(&publish, &json!({"base_revision": made["draft_revision"]})).await.unwrap();
    let mut acknowledged = HashSet::new();
    for moment in 0..if long() { 20 } else { 4 } {
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let url = server.url("/hooks/count");
                tokio::spawn(send(url, format!("m{moment}s{sender}"), Arc::clone(&stop)))
            })
            .collect();
        let random = RandomState::new().hash_one(moment) % 700;
        tokio::time::sleep(Duration::from_millis(100 + random)).await;
        server.kill().await.unwrap();
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            acknowledged.extend(sender.await.unwrap());
        }
        server.restart().await.unwrap();
    }
    until("every run to end", || async {
        let running = api.get("/runs?status=running").await.ok()?;
        running["items"].as_array()?.is_empty().then_some(())
    })
    .await
    .unwrap();
    server.stop().await.unwrap();

    let store = Store::open(Settings::at(server.data().join("trunkline.db"))).await.unwrap();
    let completed = completed_runs(&store).await;
    assert!(acknowledged.len() > SENDERS, "the load was real: {}", acknowledged.len());
    assert!(acknowledged.iter().all(|run| completed.contains_key(run)), "an acknowledged run did not end");
    let home = WorkspaceId::FIRST;
    let counters =
        store.tables.counters(home, CounterQuery { limit: 10, ..CounterQuery::default() }).await.unwrap();
    assert_eq!(
        counters.items[0].value,
        i64::try_from(completed.len()).unwrap(),
        "one for each run that ended"
    );
    let table = store.tables.list(home).await.unwrap().remove(0);
    assert_eq!(table.rows, completed.len() as u64, "one row for each run that ended");
    let (mut after, mut numbers) = (None, Vec::new());
    loop {
        let query = RowQuery { after, limit: 1000, ..RowQuery::default() };
        let page = store.tables.rows(home, table.table.id, query).await.unwrap();
        numbers.extend(page.items.iter().map(|row| row.values["number"].as_u64().unwrap()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    numbers.sort_unstable();
    let expected: Vec<u64> = (1..=completed.len() as u64).collect();
    assert_eq!(numbers, expected, "every run got a number of its own, and none was left out");
    store.close().await.unwrap();
}
