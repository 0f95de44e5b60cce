//! Runs that outlive their first turn: waits, calls to other systems, calls of workflows, cancelling; and what is left
//! of them when the server dies in the middle.

use crate::{chain, ended, hook, outside, publish, status, step};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use trunkline_tests::{Client, Server, client, until};

async fn start(api: &Client, workflow: &str) -> String {
    let started = api.post(&format!("/workflows/{workflow}/runs"), &json!({})).await.unwrap();
    started["run_id"].as_str().unwrap().to_owned()
}

fn seconds(amount: u32) -> Value {
    json!({"amount": amount, "unit": "seconds"})
}

#[tokio::test]
async fn a_sleeping_run_survives_the_death_of_the_server() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id =
        publish(&api, chain("Sleep", &[("start", "manual", json!({})), ("nap", "wait", seconds(2))])).await;
    let run = start(&api, &id).await;
    status(&api, &run, "waiting").await;
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let view = ended(&api, &run).await;
    assert_eq!(
        (view["status"].as_str(), step(&view, "nap")["status"].as_str()),
        (Some("completed"), Some("done"))
    );
}

#[tokio::test]
async fn a_sleeping_run_can_be_cancelled() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id = publish(
        &api,
        chain(
            "Sleep",
            &[("start", "manual", json!({})), ("nap", "wait", json!({"amount": 9, "unit": "days"}))],
        ),
    )
    .await;
    let run = start(&api, &id).await;
    status(&api, &run, "waiting").await;
    let cancelled = api.post(&format!("/runs/{run}/cancel"), &json!({})).await.unwrap();
    assert_eq!(cancelled["status"], "cancelled");
    let again = api.post(&format!("/runs/{run}/cancel"), &json!({})).await.unwrap();
    assert_eq!(again["status"], "cancelled");
}

#[tokio::test]
async fn a_called_workflow_answers_its_caller_and_one_that_calls_itself_ends() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let double =
        json!({"fields": [{"name": "doubled", "value": "{{ trigger.body.n * 2 }}"}], "keep": "only_these"});
    let child = publish(
        &api,
        chain(
            "Child",
            &[("start", "manual", json!({})), ("nap", "wait", seconds(1)), ("set", "set_fields", double)],
        ),
    )
    .await;
    let call = |workflow: &str| json!({"workflow": workflow, "input": {"n": 21}, "wait": true});
    let parent = publish(
        &api,
        chain("Parent", &[("start", "manual", json!({})), ("call", "call_workflow", call(&child))]),
    )
    .await;
    let view = ended(&api, &start(&api, &parent).await).await;
    assert_eq!(view["status"], "completed", "{view}");
    assert!(step(&view, "call")["output"].to_string().contains("42"), "{view}");
    // The id is known only once the workflow exists, so it is saved a second time.
    let made = api.post("/workflows", &json!({"name": "Endless"})).await.unwrap();
    let id = made["id"].as_str().unwrap();
    let document = chain("Endless", &[("start", "manual", json!({})), ("call", "call_workflow", call(id))]);
    let body = json!({"document": document, "base_revision": made["draft_revision"]});
    let saved: Value = api
        .request(reqwest::Method::PUT, &format!("/workflows/{id}/draft"))
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    api.post(&format!("/workflows/{id}/publish"), &json!({"base_revision": saved["revision"]}))
        .await
        .unwrap();
    let view = ended(&api, &start(&api, id).await).await;
    assert_eq!((view["status"].as_str(), view["error"]["code"].as_str()), (Some("failed"), Some("RUN-0012")));
}

fn call(method: &str, url: &str) -> Value {
    json!({"method": method, "url": url})
}

#[tokio::test]
async fn calls_outside_are_made_and_private_addresses_are_refused() {
    let url = outside().await.url;
    let document = chain(
        "Rate",
        &[("start", "webhook", hook("rate", "when_finished")), ("get", "http_request", call("GET", &url))],
    );
    let allowed = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = allowed.set_up().await.unwrap();
    publish(&api, document.clone()).await;
    let answer: Value = client()
        .unwrap()
        .post(allowed.url("/hooks/rate"))
        .json(&json!({}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["body"]["rating"], 7, "{answer}");
    let strict = Server::start(&["--empty"]).await.unwrap();
    let api = strict.set_up().await.unwrap();
    publish(&api, document).await;
    let refused = client().unwrap().post(strict.url("/hooks/rate")).json(&json!({})).send().await.unwrap();
    assert_eq!(refused.status(), 500);
    let run = refused.headers()["x-trunkline-run"].to_str().unwrap().to_owned();
    assert_eq!(ended(&api, &run).await["error"]["code"], "CALL-0002");
}

#[tokio::test]
async fn a_read_whose_answer_died_with_the_server_is_asked_again() {
    let world = outside().await;
    let mut server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let silent = format!("{}/silent", world.url);
    let steps = [("start", "manual", json!({})), ("get", "http_request", call("GET", &silent))];
    let run = start(&api, &publish(&api, chain("Read", &steps)).await).await;
    until("the call", || async { (world.calls.load(Ordering::SeqCst) == 1).then_some(()) }).await.unwrap();
    server.kill().await.unwrap();
    world.speak();
    server.restart().await.unwrap();
    assert_eq!(ended(&api, &run).await["status"], "completed");
    assert_eq!(world.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_loses_nothing() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id = publish(
        &api,
        chain("Stop", &[("start", "webhook", hook("stop", "at_once")), ("nap", "wait", seconds(1))]),
    )
    .await;
    for _ in 0..20 {
        let taken = client().unwrap().post(server.url("/hooks/stop")).json(&json!({})).send().await.unwrap();
        assert_eq!(taken.status(), 202);
    }
    server.stop().await.unwrap();
    server.restart().await.unwrap();
    until("all runs to end", || async {
        let list = api.get(&format!("/runs?workflow={id}&status=completed")).await.ok()?;
        (list["items"].as_array()?.len() == 20).then_some(())
    })
    .await
    .unwrap();
}
