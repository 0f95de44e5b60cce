//! The real server, spoken to from outside: what it refuses, what it takes, what it shows.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::disallowed_methods, reason = "answers come from our own server and are small")]

mod accounts;
mod again;
mod app_fields;
mod app_lists;
mod app_triggers;
mod bad_input;
mod command_line;
mod connection_life;
mod connections;
mod connectors;
mod control;
mod driving;
mod duplicates;
mod enrichment;
mod hook_secrets;
mod hostile;
mod hostile_app;
mod hosts;
mod imports;
mod keeping;
mod lanes;
mod lead_events;
mod leads;
mod lists;
mod live;
mod mail;
mod many_leads;
mod order;
mod plugin_authors;
mod plugin_connections;
mod plugins;
mod routes;
mod routing;
mod rules;
mod schedules;
mod secrets;
mod signed_requests;
mod streams;
mod suppression;
mod tables;
mod trying;
mod waiting;
mod webhooks;
mod world;

use serde_json::{Value, json};
use trunkline_tests::{Client, until};

/// A document of a chain of steps: each leads to the next.
fn chain(name: &str, steps: &[(&str, &str, Value)]) -> Value {
    let edges: Vec<Value> =
        steps.windows(2).map(|pair| json!({"from": pair[0].0, "to": pair[1].0})).collect();
    let steps: serde_json::Map<String, Value> = steps
        .iter()
        .map(|(id, kind, config)| ((*id).to_owned(), json!({"kind": kind, "title": id, "config": config})))
        .collect();
    json!({"format": 1, "name": name, "steps": steps, "edges": edges})
}

/// Settings of a webhook trigger.
fn hook(path: &str, reply: &str) -> Value {
    json!({"path": path, "method": "POST", "reply": reply, "check": {"by": "nothing"}})
}

/// Makes and publishes a workflow; gives its id.
async fn publish(client: &Client, document: Value) -> String {
    let made = client.post("/workflows", &json!({"document": document})).await.unwrap();
    let id = made["id"].as_str().unwrap().to_owned();
    let revision = json!({"base_revision": made["draft_revision"]});
    client.post(&format!("/workflows/{id}/publish"), &revision).await.unwrap();
    id
}

/// Waits until the run has ended and gives its view.
async fn ended(client: &Client, run: &str) -> Value {
    until("the run to end", || async {
        let view = client.get(&format!("/runs/{run}")).await.ok()?;
        (!view["finished_at"].is_null()).then_some(view)
    })
    .await
    .unwrap()
}

/// Starts a run by hand; gives its id.
async fn run_once(client: &Client, workflow: &str, payload: Value) -> String {
    let body = json!({"payload": payload});
    let started = client.post(&format!("/workflows/{workflow}/runs"), &body).await.unwrap();
    started["run_id"].as_str().unwrap().to_owned()
}

/// Waits until the run stands so.
async fn status(client: &Client, run: &str, wanted: &str) {
    until(&format!("the run to be {wanted}"), || async {
        let view = client.get(&format!("/runs/{run}")).await.ok()?;
        (view["status"] == wanted).then_some(())
    })
    .await
    .unwrap();
}

/// A system outside.
async fn outside() -> world::World {
    world::World::start().await
}

/// The part of a run view about `step`.
fn step<'v>(view: &'v Value, step: &str) -> &'v Value {
    let steps = view["steps"].as_array().unwrap();
    steps.iter().find(|shown| shown["step"] == step && shown["frame"] == "").unwrap()
}
