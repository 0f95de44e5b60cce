//! Pausing, going on, cancelling what was called, and the workflow that is told of failures.

use crate::{chain, ended, hook, outside, publish, run_once, status, step};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;
use trunkline_tests::{Client, Server, client, until};

fn seconds(amount: u32) -> Value {
    json!({"amount": amount, "unit": "seconds"})
}

#[tokio::test]
async fn a_paused_run_begins_nothing_until_it_goes_on() {
    let world = outside().await;
    let mut server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let get = json!({"method": "GET", "url": world.url});
    let steps = [("start", "manual", json!({})), ("nap", "wait", seconds(1)), ("get", "http_request", get)];
    let id = publish(&api, chain("Nap", &steps)).await;
    let run = run_once(&api, &id, json!({})).await;
    status(&api, &run, "waiting").await;
    let paused = api.post(&format!("/runs/{run}/pause"), &json!({})).await.unwrap();
    assert_eq!(paused["status"], "paused");
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    until("the nap to be over", || async {
        let view = api.get(&format!("/runs/{run}")).await.ok()?;
        (step(&view, "nap")["status"] == "done").then_some(())
    })
    .await
    .unwrap();
    status(&api, &run, "paused").await;
    assert_eq!(world.calls.load(Ordering::SeqCst), 0);
    api.post(&format!("/runs/{run}/resume"), &json!({})).await.unwrap();
    assert_eq!(ended(&api, &run).await["status"], "completed");
    assert_eq!(world.calls.load(Ordering::SeqCst), 1);
    let over = api.request(reqwest::Method::POST, &format!("/runs/{run}/pause")).send().await.unwrap();
    assert_eq!(over.status(), 409);
}

#[tokio::test]
async fn cancelling_reaches_the_workflows_that_were_called() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let nap = json!({"amount": 9, "unit": "days"});
    let child = publish(&api, chain("Child", &[("start", "manual", json!({})), ("nap", "wait", nap)])).await;
    let call = |id: &str| json!({"workflow": id, "input": {}, "wait": true});
    let middle = publish(
        &api,
        chain("Middle", &[("start", "manual", json!({})), ("call", "call_workflow", call(&child))]),
    )
    .await;
    let parent = publish(
        &api,
        chain("Parent", &[("start", "manual", json!({})), ("call", "call_workflow", call(&middle))]),
    )
    .await;
    for killed in [false, true] {
        let run = run_once(&api, &parent, json!({})).await;
        let called = until("the call of the call", || async {
            let list = api.get(&format!("/runs?workflow={child}&status=waiting")).await.ok()?;
            Some(list["items"][0]["id"].as_str()?.to_owned())
        })
        .await
        .unwrap();
        if killed {
            server.kill().await.unwrap();
            server.restart().await.unwrap();
        }
        api.post(&format!("/runs/{run}/cancel"), &json!({})).await.unwrap();
        assert_eq!(ended(&api, &called).await["status"], "cancelled");
    }
}

async fn count(api: &Client, workflow: &str, status: &str) -> usize {
    let list = api.get(&format!("/runs?workflow={workflow}&status={status}&limit=200")).await.unwrap();
    list["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn each_failed_run_is_told_of_once_also_across_a_crash() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    // It fails itself, which must tell nobody.
    let fails = json!({"outcome": "failed", "message": "no"});
    let mut alarm = chain("Alarm", &[("start", "manual", json!({})), ("stop", "stop", fails.clone())]);
    let made = api.post("/workflows", &json!({"name": "Alarm"})).await.unwrap();
    let alarm_id = made["id"].as_str().unwrap().to_owned();
    alarm["settings"] = json!({"error_workflow": alarm_id});
    let body = json!({"document": alarm, "base_revision": made["draft_revision"]});
    let path = format!("/workflows/{alarm_id}");
    let saved = api.request(reqwest::Method::PUT, &format!("{path}/draft")).json(&body).send().await.unwrap();
    assert!(saved.status().is_success());
    let now = api.get(&path).await.unwrap();
    api.post(&format!("{path}/publish"), &json!({"base_revision": now["draft_revision"]})).await.unwrap();
    let mut broken =
        chain("Broken", &[("start", "webhook", hook("broken", "at_once")), ("stop", "stop", fails)]);
    broken["settings"] = json!({"error_workflow": alarm_id});
    let broken = publish(&api, broken).await;
    let sender = client().unwrap();
    for n in 0..30 {
        let taken = sender.post(server.url("/hooks/broken")).json(&json!({"n": n})).send().await.unwrap();
        assert_eq!(taken.status(), 202);
    }
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    until("every failure to be told of", || async {
        (count(&api, &alarm_id, "failed").await >= 30).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(count(&api, &broken, "failed").await, 30);
    // What would come twice comes within moments.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(count(&api, &alarm_id, "failed").await, 30);
    let list = api.get(&format!("/runs?workflow={alarm_id}")).await.unwrap();
    let view = api.get(&format!("/runs/{}", list["items"][0]["id"].as_str().unwrap())).await.unwrap();
    let told = &step(&view, "start")["output"]["body"];
    assert_eq!((&told["workflow"]["name"], &told["step"]), (&json!("Broken"), &json!("stop")), "{told}");
    let about = told["run_id"].as_str().unwrap();
    assert!(told["link"].as_str().unwrap().ends_with(&format!("/runs/{about}")));
    assert!(told["error"]["message"].is_string() && told["trigger"]["body"]["n"].is_number(), "{told}");
}
