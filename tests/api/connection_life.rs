//! What becomes of a connection: warnings before it ends, the calls of its day, its limits, and who may do what with it.

use crate::connections::{App, acme, connect, folder, server_with};
use crate::{chain, ended, outside, publish, run_once};
use serde_json::{Value, json};
use sqlx::Connection as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use trunkline_tests::{Client, until};

/// A workflow that hears of failures, and one that uses the connection and tells it of its own.
async fn with_error_workflow(api: &Client, connection: &str) -> String {
    let heard = json!({ "fields": [{ "name": "said", "value": "{{ trigger.body.error.message }}" }] });
    let hears =
        publish(api, chain("Hears", &[("start", "manual", json!({})), ("keep", "set_fields", heard)])).await;
    let look = json!({ "connection": connection });
    let mut document = chain("Looks", &[("start", "manual", json!({})), ("call", "acme.look", look)]);
    document["settings"] = json!({ "error_workflow": hears });
    publish(api, document).await;
    hears
}

async fn runs_of(api: &Client, workflow: &str) -> Vec<Value> {
    let listed = api.get(&format!("/runs?workflow={workflow}")).await.unwrap();
    listed["items"].as_array().unwrap().clone()
}

fn in_days(days: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::days(days)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[tokio::test]
async fn people_and_error_workflows_are_warned_once_before_a_secret_ends() {
    let (_, at) = App::start().await;
    let apps = folder(&acme(&at));
    let mut server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let id = connect(&api, "key", json!({ "key": "right" })).await["id"].as_str().unwrap().to_owned();
    let path = format!("/connections/{id}");
    let hears = with_error_workflow(&api, &id).await;

    let far = api.patch(&path, &json!({ "ends_at": in_days(90) })).await.unwrap();
    assert_eq!((&far["status"], far["ends_at"].is_string()), (&json!("connected"), true), "{far}");
    let near = api.patch(&path, &json!({ "ends_at": in_days(10) })).await.unwrap();
    assert_eq!(near["status"], "ends_soon", "{near}");
    let warned = until("the error workflow to be told", || async {
        let runs = runs_of(&api, &hears).await;
        (!runs.is_empty()).then(|| runs[0]["id"].as_str().unwrap().to_owned())
    })
    .await
    .unwrap();
    let view = ended(&api, &warned).await;
    assert_eq!(view["status"], "completed", "{view}");
    let text = view.to_string();
    for part in ["CONN-0030", "Acme by key", "/settings/connections", "Looks"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Two weeks before it is told once, also by a server that has just started; three days before, again.
    server.stop().await.unwrap();
    server.restart().await.unwrap();
    api.patch(&path, &json!({ "name": "Renamed" })).await.unwrap();
    api.patch(&path, &json!({ "ends_at": in_days(2) })).await.unwrap();
    until("the second warning", || async { (runs_of(&api, &hears).await.len() == 2).then_some(()) })
        .await
        .unwrap();

    // Another secret has no end unless somebody says so.
    let anew = api.patch(&path, &json!({ "secrets": { "key": "other" } })).await.unwrap();
    assert_eq!((&anew["status"], anew["ends_at"].is_null()), (&json!("connected"), true), "{anew}");
    let both = json!({ "secrets": { "key": "third" }, "ends_at": in_days(400) });
    assert!(api.patch(&path, &both).await.unwrap()["ends_at"].is_string());
    assert!(api.patch(&path, &json!({ "ends_at": null })).await.unwrap()["ends_at"].is_null());
    assert_eq!(runs_of(&api, &hears).await.len(), 2);
}

#[tokio::test]
async fn the_calls_of_the_day_are_counted_and_foretold() {
    let (_, at) = App::start().await;
    let apps = folder(&acme(&at));
    let server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let id = connect(&api, "key", json!({ "key": "right" })).await["id"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        api.post(&format!("/connections/{id}/test"), &json!({})).await.unwrap();
    }
    let calls = api.get(&format!("/connections/{id}")).await.unwrap()["calls"].clone();
    // A day may begin between two of them.
    let used = calls["used"].as_u64().unwrap();
    assert!((1..=3).contains(&used) && calls["of"] == 1000, "{calls}");
    assert!(calls["expected"].as_u64().unwrap() >= used, "{calls}");
}

#[tokio::test]
async fn who_is_no_administrator_uses_a_connection_and_neither_sees_nor_changes_its_secret() {
    let (_, at) = App::start().await;
    let apps = folder(&acme(&at));
    let server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let made = connect(&api, "key", json!({ "key": "canary-shared" })).await;
    let path = format!("/connections/{}", made["id"].as_str().unwrap());
    let database = server.data().join("trunkline.db");
    let mut store = sqlx::SqliteConnection::connect(database.to_str().unwrap()).await.unwrap();
    sqlx::query("UPDATE \"user\" SET role = 'editor'").execute(&mut store).await.unwrap();

    let look = json!({ "connection": made["id"] });
    let workflow =
        publish(&api, chain("Looks", &[("start", "manual", json!({})), ("call", "acme.look", look)])).await;
    let view = ended(&api, &run_once(&api, &workflow, json!({})).await).await;
    assert_eq!(view["status"], "completed");
    let seen = api.get(&path).await.unwrap();
    let listed = api.get("/connections").await.unwrap();
    assert!(![&seen, &listed, &view].iter().any(|said| said.to_string().contains("canary")), "{seen}");
    let other = json!({ "app": "acme", "name": "Mine", "auth": "key", "secrets": { "key": "x" } });
    for (method, path, body) in [
        (reqwest::Method::PATCH, path.as_str(), json!({ "secrets": { "key": "mine" } })),
        (reqwest::Method::PATCH, path.as_str(), json!({ "name": "Mine" })),
        (reqwest::Method::PATCH, path.as_str(), json!({ "ends_at": null })),
        (reqwest::Method::POST, "/connections", other),
        (reqwest::Method::POST, &format!("{path}/authorize"), json!({})),
        (reqwest::Method::DELETE, path.as_str(), json!({})),
    ] {
        let refused = api.request(method.clone(), path).json(&body).send().await.unwrap();
        assert_eq!(refused.status(), 403, "{method} {path}");
    }
}

#[tokio::test]
async fn two_workflows_share_the_limits_of_a_connection() {
    let world = outside().await;
    let manifest = acme(&world.url)
        .replace("limits: { daily: 1000 }", "limits: { at_once: 3, bucket: { calls: 5, seconds: 1 } }")
        .replace("path: /api/look", "path: /slow");
    assert!(manifest.contains("at_once: 3") && manifest.contains("/slow"));
    let apps = folder(&manifest);
    let server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let id = connect(&api, "key", json!({ "key": "right" })).await["id"].clone();
    let mut workflows = Vec::new();
    for name in ["One", "Two"] {
        let look = json!({ "connection": id });
        workflows.push(
            publish(&api, chain(name, &[("start", "manual", json!({})), ("call", "acme.look", look)])).await,
        );
    }
    let (begun, mut runs) = (Instant::now(), Vec::new());
    for number in 0..12 {
        runs.push(run_once(&api, &workflows[number % 2], json!({})).await);
    }
    for run in &runs {
        assert_eq!(ended(&api, run).await["status"], "completed");
    }
    assert_eq!(world.calls.load(Ordering::SeqCst), 12);
    assert!(world.most.load(Ordering::SeqCst) <= 3, "{} at once", world.most.load(Ordering::SeqCst));
    // Five, five and two: the eleventh is two seconds behind the first.
    assert!(begun.elapsed() >= Duration::from_millis(1_950), "twelve calls within {:?}", begun.elapsed());
}
