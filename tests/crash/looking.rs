//! The server dies at random moments while it looks at an app whose records change all the time.
//!
//! What must hold: of every record its last state has started exactly one run, and no state of any record has started two.

use axum::extract::{Query, State};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use trunkline_store::ports::RunQuery;
use trunkline_store::{Settings, Store, WorkspaceId};
use trunkline_tests::{Client, Server, long, until};

/// Records of the app.
const RECORDS: u64 = 60;
const PAGE: usize = 7;

/// An app whose records carry the moment of their last change, in milliseconds.
#[derive(Debug, Clone, Default)]
struct App {
    records: Arc<Mutex<BTreeMap<u64, u64>>>,
    asked: Arc<AtomicU64>,
}

impl App {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    fn change(&self, number: u64) {
        let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        self.records.lock().unwrap().insert(number % RECORDS, now);
    }
}

async fn answer(State(app): State<App>, Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    app.asked.fetch_add(1, Ordering::Relaxed);
    let since: u64 = query.get("since").and_then(|since| since.parse().ok()).unwrap_or(0);
    let skip: usize = query.get("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let mut found: Vec<(u64, u64)> = app
        .records
        .lock()
        .unwrap()
        .iter()
        .map(|(id, at)| (*at, *id))
        .filter(|(at, _)| *at >= since)
        .collect();
    found.sort_unstable();
    let items: Vec<Value> =
        found.iter().skip(skip).take(PAGE).map(|(at, id)| json!({ "id": id, "changed": at })).collect();
    let next = (skip + PAGE < found.len()).then_some(skip + PAGE);
    // Slow enough that a look is under way whenever the server dies.
    tokio::time::sleep(Duration::from_millis(3)).await;
    Json(json!({ "items": items, "next": next }))
}

fn manifest(at: &str) -> String {
    let host = at.strip_prefix("http://").unwrap();
    format!(
        r#"manifest: 1
id: restless
name: Restless
version: 1.0.0
summary: An app on this machine.
shelf: other
base_url: {at}
hosts: ["{host}"]
auth: [{{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Key: "{{{{ secret.key }}}}" }} }} }}]
test: {{ action: look }}
actions:
  look: {{ title: Look, summary: Reads., request: {{ path: /look }}, examples: [{{ title: x, exchange: [], output: 1 }}] }}
triggers:
  changed:
    title: Changed record
    summary: Starts when a record has changed.
    poll:
      request: {{ path: /things, query: {{ since: "{{{{ since }}}}" }} }}
      paging: {{ items: /items, next: {{ by: cursor, at: /next, into: {{ query: after }} }} }}
      id: "{{{{ item.id }}}}"
      cursor: {{ by: time, at: "{{{{ item.changed }}}}", write: unix_ms, overlap: 1 }}
      order: oldest_first
    examples: [{{ title: x, exchange: [], starts: [] }}]
"#
    )
}

/// Publishes a workflow that hears every change there ever was; gives its id.
async fn publish(api: &Client) -> String {
    let wanted =
        json!({ "app": "restless", "name": "Restless", "auth": "key", "secrets": { "key": "abcdef" } });
    let connection = api.post("/connections", &wanted).await.unwrap()["id"].clone();
    let document = json!({
        "format": 1, "name": "Hears",
        "steps": {
            "hear": { "kind": "restless.changed", "config": { "connection": connection, "begin": "all", "every": 3600 } },
            "end": { "kind": "set_fields", "config": { "fields": [{ "name": "done", "value": "yes" }] } },
        },
        "edges": [{ "from": "hear", "to": "end" }],
    });
    let made = api.post("/workflows", &json!({ "document": document })).await.unwrap();
    let id = made["id"].as_str().unwrap().to_owned();
    let revision = json!({ "base_revision": made["draft_revision"] });
    api.post(&format!("/workflows/{id}/publish"), &revision).await.unwrap();
    id
}

/// The states of records that started runs, as (id, changed).
async fn started(store: &Store) -> Vec<(u64, u64)> {
    let mut states = Vec::new();
    let mut before = None;
    loop {
        let query = RunQuery { before, limit: 200, ..RunQuery::default() };
        let page = store.runs.list(WorkspaceId::FIRST, query).await.unwrap();
        for run in page.items {
            let history = store.runs.history(WorkspaceId::FIRST, run.id).await.unwrap().unwrap();
            let first = serde_json::to_value(&history.events[0]).unwrap();
            let output = find_output(&first).unwrap_or_else(|| panic!("{first}")).clone();
            states.push((output["id"].as_u64().unwrap(), output["changed"].as_u64().unwrap()));
        }
        before = page.next;
        if before.is_none() {
            return states;
        }
    }
}

/// What the run saw as its trigger, wherever the event carries it.
fn find_output(event: &Value) -> Option<&Value> {
    match event {
        Value::Object(fields) if fields.contains_key("changed") => Some(event),
        Value::Object(fields) => fields.values().find_map(find_output),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looks_lose_nothing_and_report_nothing_twice_whenever_the_server_dies() {
    let moments = if long() { 15 } else { 5 };
    let app = App::default();
    let at = app.start().await;
    let apps = tempfile::TempDir::new().unwrap();
    std::fs::write(apps.path().join("restless.yaml"), manifest(&at)).unwrap();
    let flags = ["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps.path().to_str().unwrap()];
    for number in 0..RECORDS {
        app.change(number);
    }
    let mut server = Server::start(&flags).await.unwrap();
    let api = server.set_up().await.unwrap();
    let workflow = publish(&api).await;
    let look = format!("/workflows/{workflow}/app-triggers/hear/look");

    let stop = Arc::new(AtomicBool::new(false));
    let (restless, ended) = (app.clone(), Arc::clone(&stop));
    let changes = tokio::spawn(async move {
        let random = RandomState::new();
        for turn in 0_u64.. {
            if ended.load(Ordering::Relaxed) {
                return;
            }
            restless.change(random.hash_one(turn));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    for moment in 0..moments {
        let asked = app.asked.load(Ordering::Relaxed);
        until("looks to be under way", || async {
            // The server takes one look at a time; what is asked for meanwhile comes next.
            let _ = api.post(&look, &json!({})).await;
            (app.asked.load(Ordering::Relaxed) > asked + 5).then_some(())
        })
        .await
        .unwrap();
        let random = RandomState::new().hash_one(moment) % 60;
        tokio::time::sleep(Duration::from_millis(random)).await;
        server.kill().await.unwrap();
        server.restart().await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    changes.await.unwrap();

    // Two more looks from the beginning to the end; then every record's last state must have been seen.
    let newest = *app.records.lock().unwrap().values().max().unwrap();
    until("the last change to be seen", || async {
        let _ = api.post(&look, &json!({})).await;
        let shown = api.get(&format!("/workflows/{workflow}/app-triggers")).await.ok()?;
        let looks = &shown["items"][0]["looks"];
        let position: chrono::DateTime<chrono::Utc> = looks["position"].as_str()?.parse().ok()?;
        let is_there =
            u64::try_from(position.timestamp_millis()).ok()? >= newest && looks["going_on"] == false;
        let waiting = api.get("/runs?status=running&limit=1").await.ok()?;
        (is_there && waiting["items"].as_array()?.is_empty()).then_some(())
    })
    .await
    .unwrap();
    let shown = api.get(&format!("/workflows/{workflow}/app-triggers")).await.unwrap();
    let counted = shown["items"][0]["looks"]["started"].as_u64().unwrap();
    until("every event to have its run", || async {
        let store = Settings { exclusive: false, ..Settings::at(server.data().join("trunkline.db")) };
        let store = Store::open(store).await.ok()?;
        let waiting = store.app_events.list(1).await.ok()?.len();
        store.close().await.ok()?;
        (waiting == 0).then_some(())
    })
    .await
    .unwrap();
    server.stop().await.unwrap();

    let store = Store::open(Settings::at(server.data().join("trunkline.db"))).await.unwrap();
    assert!(store.app_events.list(10).await.unwrap().is_empty(), "every event has its run");
    let states = started(&store).await;
    store.close().await.unwrap();
    let distinct: BTreeSet<_> = states.iter().copied().collect();
    assert_eq!(states.len(), distinct.len(), "a state started two runs");
    assert_eq!(states.len() as u64, counted, "what is shown as started did start");
    assert!(states.len() as u64 > RECORDS, "the load was real: {}", states.len());
    for (id, changed) in app.records.lock().unwrap().iter() {
        assert!(distinct.contains(&(*id, *changed)), "the last state of {id} started nothing");
    }
}
