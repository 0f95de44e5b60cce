//! The server dies at random moments while it calls a system outside that remembers everything it is told.
//!
//! What must hold on every store: no acknowledged event is lost; a write with a key is not done twice by effect; a write
//! without one is never sent a second time unless a person said that it had not happened; whatever nobody knows is in
//! the inbox, and nothing else is.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use trunkline_tests::postgres::Postgres;
use trunkline_tests::{Client, Server, client, long, text_of, until};

const SENDERS: usize = 8;

/// A system outside. It notes a call before it answers, as one that has done what it was asked.
#[derive(Debug, Clone, Default)]
struct Outside {
    /// Calls by path and `Idempotency-Key`.
    calls: Arc<Mutex<HashMap<(String, String), u32>>>,
    turn: Arc<AtomicU64>,
}

impl Outside {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    fn count(&self, path: &str, key: &str) -> u32 {
        self.calls.lock().unwrap().get(&(path.to_owned(), key.to_owned())).copied().unwrap_or(0)
    }

    fn keys(&self, path: &str) -> HashMap<String, u32> {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .filter(|((at, _), _)| at == path)
            .map(|((_, key), count)| (key.clone(), *count))
            .collect()
    }
}

async fn take(State(outside): State<Outside>, uri: axum::http::Uri, headers: HeaderMap) -> Json<Value> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
    *outside.calls.lock().unwrap().entry((uri.path().to_owned(), key)).or_default() += 1;
    // Slow enough that many calls are under way whenever the server dies.
    let turn = outside.turn.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(turn * 7 % 40)).await;
    Json(json!({ "done": true }))
}

fn document(outside: &str) -> Value {
    let post = |path: &str, once: bool| {
        json!({
            "kind": "http_request", "title": path, "config": {
                "method": "POST", "url": format!("{outside}/{path}"), "ignores_repeats": once,
                "body": {"kind": "json", "json": "{{ trigger.body }}"},
            },
        })
    };
    json!({
        "format": 1, "name": "Tell the world",
        "steps": {
            "hook": {"kind": "webhook", "title": "Hook", "config": {"path": "world", "method": "POST", "reply": "at_once", "check": {"by": "nothing"}}},
            "keyed": post("keyed", true), "plain": post("plain", false),
            "end": {"kind": "set_fields", "title": "End", "config": {"fields": [{"name": "done", "value": "yes"}]}},
        },
        "edges": [{"from": "hook", "to": "keyed"}, {"from": "keyed", "to": "plain"}, {"from": "plain", "to": "end"}],
    })
}

async fn send(url: String, sender: String, stop: Arc<AtomicBool>) -> Vec<String> {
    let client = client().unwrap();
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let Ok(answer) = client.post(&url).json(&json!({"n": format!("{sender}.{number}")})).send().await
        else {
            break;
        };
        if answer.status().is_success() {
            let Ok(body) = text_of(answer).await else { break };
            let body: Value = serde_json::from_str(&body).unwrap();
            acknowledged.push(body["run_id"].as_str().unwrap().to_owned());
        } else {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    acknowledged
}

/// Runs that are neither over nor wait for a person.
async fn moving(api: &Client) -> Option<usize> {
    let mut moving = 0;
    for status in ["running", "queued"] {
        moving += api.get(&format!("/runs?status={status}&limit=1")).await.ok()?["items"].as_array()?.len();
    }
    Some(moving)
}

async fn inbox(api: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = api.get(&format!("/inbox{after}")).await.unwrap();
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("?cursor={next}"),
            None => return all,
        }
    }
}

async fn dies_while_it_calls(flags: &[&str]) {
    let moments = if long() { 12 } else { 4 };
    let outside = Outside::default();
    let address = outside.start().await;
    let mut server =
        Server::start(&[&["--allow-hosts", "127.0.0.1", "--empty"], flags].concat()).await.unwrap();
    let api = server.set_up().await.unwrap();
    let made = api.post("/workflows", &json!({"document": document(&address)})).await.unwrap();
    let workflow = made["id"].as_str().unwrap();
    let revision = json!({"base_revision": made["draft_revision"]});
    api.post(&format!("/workflows/{workflow}/publish"), &revision).await.unwrap();

    let mut acknowledged = Vec::new();
    for moment in 0..moments {
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let url = server.url("/hooks/world");
                tokio::spawn(send(url, format!("m{moment}s{sender}"), Arc::clone(&stop)))
            })
            .collect();
        let random = RandomState::new().hash_one(moment) % 500;
        tokio::time::sleep(Duration::from_millis(150 + random)).await;
        server.kill().await.unwrap();
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            acknowledged.extend(sender.await.unwrap());
        }
        server.restart().await.unwrap();
    }
    assert!(acknowledged.len() > moments * SENDERS, "the load was real: {}", acknowledged.len());
    until("every run to end or to wait for a person", || async { (moving(&api).await? == 0).then_some(()) })
        .await
        .unwrap();

    // What a person is asked about is what nobody can know, and each of them once.
    let asked = inbox(&api).await;
    let uncertain: HashSet<String> =
        asked.iter().map(|item| item["run_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(asked.len(), uncertain.len());
    for run in &acknowledged {
        let (keyed, plain) = (format!("{run}:keyed"), format!("{run}:plain"));
        assert!(outside.count("/keyed", &keyed) >= 1, "run {run} never told the keyed side");
        let told = outside.count("/plain", &plain);
        assert!(told <= 1, "run {run} told the plain side {told} times and nobody had said it may");
        if !uncertain.contains(run) {
            assert_eq!(told, 1, "run {run} is not in the inbox, so it must have been told");
        }
    }
    assert!(!uncertain.is_empty(), "with {moments} deaths under load some calls must have been cut off");

    // A person looks at the other side and answers; then everything has happened exactly once.
    for item in &asked {
        let run = item["run_id"].as_str().unwrap();
        let happened = outside.count("/plain", &format!("{run}:plain")) == 1;
        let port = if happened { "happened" } else { "did_not" };
        let id = item["id"].as_str().unwrap();
        api.post(&format!("/inbox/{id}/answer"), &json!({"port": port})).await.unwrap();
    }
    let ended = until("every answered run to end", || async {
        let waiting = api.get("/runs?status=waiting&limit=1").await.ok()?;
        (moving(&api).await? == 0 && waiting["items"].as_array()?.is_empty()).then_some(())
    })
    .await;
    if ended.is_err() {
        let mut stuck = Vec::new();
        for status in ["running", "queued", "waiting"] {
            stuck.push(api.get(&format!("/runs?status={status}&limit=3")).await.unwrap());
        }
        panic!("answered runs do not end: {stuck:#?}\ninbox: {:#?}", inbox(&api).await);
    }
    assert!(inbox(&api).await.is_empty());
    for run in &acknowledged {
        assert_eq!(outside.count("/plain", &format!("{run}:plain")), 1, "run {run}");
    }
    for (key, count) in outside.keys("/plain") {
        assert_eq!(count, 1, "{key}, acknowledged or not");
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_happen_once_whenever_the_server_dies() {
    dies_while_it_calls(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_happen_once_whenever_the_server_dies_on_postgresql() {
    let database = Postgres::shared().unwrap().database("crash_outside").unwrap();
    dies_while_it_calls(&["--database", &database]).await;
}
