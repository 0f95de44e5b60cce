//! What a workflow's settings say about many events: in order per key, so many at once, bursts, repeats.

use crate::{chain, ended, hook, outside, publish, step};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use trunkline_tests::{Client, Server, client, until};

/// A webhook, then a call outside that says which event it is for.
fn calls(path: &str, url: &str, settings: Value) -> Value {
    let get = json!({"method": "GET", "url": format!("{url}/slow?key={{{{ trigger.body.key }}}}&n={{{{ trigger.body.n }}}}")});
    let mut document =
        chain(path, &[("start", "webhook", hook(path, "at_once")), ("get", "http_request", get)]);
    document["settings"] = settings;
    document
}

async fn send(server: &Server, path: &str, body: &Value) -> Value {
    let sent = client().unwrap().post(server.url(&format!("/hooks/{path}"))).json(body).send().await.unwrap();
    assert_eq!(sent.status(), 202);
    sent.json().await.unwrap()
}

async fn completed(api: &Client, workflow: &str, count: usize) -> Vec<Value> {
    until(&format!("{count} runs to complete"), || async {
        let list = api.get(&format!("/runs?workflow={workflow}&status=completed&limit=200")).await.ok()?;
        let items = list["items"].as_array()?.clone();
        (items.len() == count).then_some(items)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn events_of_one_key_are_done_in_order_while_others_go_on() {
    let world = outside().await;
    let mut server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let settings = json!({"order_by": {"key": "{{ trigger.body.key }}"}});
    let id = publish(&api, calls("ordered", &world.url, settings)).await;
    for n in 0..6 {
        for key in ["ada", "kay", "joan"] {
            send(&server, "ordered", &json!({"key": key, "n": n})).await;
        }
    }
    let queued = api.get(&format!("/runs?workflow={id}&status=queued")).await.unwrap();
    assert!(!queued["items"].as_array().unwrap().is_empty(), "some wait for those before them");
    assert!(world.most.load(Ordering::SeqCst) <= 3, "one of each key at a time");
    // A crash in the middle changes nothing about the order.
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    completed(&api, &id, 18).await;
    let seen = world.seen();
    let mut last: HashMap<String, u64> = HashMap::new();
    for (key, n) in &seen {
        let before = last.insert(key.clone(), *n);
        // A read that was under way in the crash is asked again.
        assert!(
            before.is_none_or(|before| *n == before + 1 || *n == before),
            "{key}: {before:?} then {n} in {seen:?}"
        );
    }
    assert!(world.most.load(Ordering::SeqCst) > 1, "different keys go on side by side");
    // The calls of the dead server may still be counted beside those that were repeated.
    assert!(world.most.load(Ordering::SeqCst) <= 6, "one of each key at a time");
}

#[tokio::test]
async fn no_more_runs_at_once_than_the_workflow_allows() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id = publish(&api, calls("two", &world.url, json!({"most_at_once": 2}))).await;
    for n in 0..10 {
        send(&server, "two", &json!({"key": "x", "n": n})).await;
    }
    completed(&api, &id, 10).await;
    assert_eq!(world.most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_burst_becomes_one_run_with_its_last_event() {
    let world = outside().await;
    let mut server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let settings = json!({"debounce": {"key": "{{ trigger.body.key }}", "seconds": 2, "keep": "last"}});
    let id = publish(&api, calls("burst", &world.url, settings)).await;
    for n in 0..5 {
        send(&server, "burst", &json!({"key": "ada", "n": n})).await;
        send(&server, "burst", &json!({"key": "kay", "n": n})).await;
    }
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let runs = completed(&api, &id, 2).await;
    for run in runs {
        let view = ended(&api, run["id"].as_str().unwrap()).await;
        assert_eq!(step(&view, "start")["output"]["body"]["n"], 4, "{view}");
    }
    assert_eq!(world.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn repeats_are_recognised() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let settings = json!({"dedupe": {"key": "{{ trigger.body.key }}", "hours": 1}});
    let id = publish(&api, calls("once", &world.url, settings)).await;
    let first = send(&server, "once", &json!({"key": "ada", "n": 1})).await;
    let second = send(&server, "once", &json!({"key": "ada", "n": 2})).await;
    assert_eq!((&second["run_id"], &second["duplicate"]), (&first["run_id"], &json!(true)));
    send(&server, "once", &json!({"key": "kay", "n": 3})).await;
    // Without a key there is nothing to recognise it by.
    send(&server, "once", &json!({"n": 4})).await;
    send(&server, "once", &json!({"n": 4})).await;
    completed(&api, &id, 4).await;
    assert_eq!(world.calls.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_server_that_holds_all_it_can_says_when_to_come_back() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    publish(&api, chain("Full", &[("start", "webhook", hook("full", "at_once"))])).await;
    let address = server.url("").replace("http://", "");
    let (whole, sent) = (10 * 1024 * 1024, 9 * 1024 * 1024 + 512 * 1024);
    // Senders that do not finish hold what they have sent.
    let mut slow = Vec::new();
    let mut refused = String::new();
    for _ in 0..4 {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let head = format!(
            "POST /hooks/full HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: {whole}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // A refused sender is cut off, which is the answer.
        let _ = stream.write_all(&vec![b'x'; sent]).await;
        let mut answer = vec![0; 4096];
        if let Ok(Ok(count)) =
            tokio::time::timeout(std::time::Duration::from_millis(500), stream.read(&mut answer)).await
        {
            refused = String::from_utf8_lossy(&answer[..count]).into_owned();
            break;
        }
        slow.push(stream);
    }
    assert!(
        refused.starts_with("HTTP/1.1 429") && refused.to_lowercase().contains("retry-after: 1"),
        "{refused}"
    );
    drop(slow);
    until("room again", || async {
        let sent = client().unwrap().post(server.url("/hooks/full")).json(&json!({})).send().await.ok()?;
        (sent.status() == 202).then_some(())
    })
    .await
    .unwrap();
}
