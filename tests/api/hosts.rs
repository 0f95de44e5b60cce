//! How hard other systems are called: their wish for patience binds every run, and so do the limits per host.

use crate::world::REST;
use crate::{chain, ended, outside, publish, run_once};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;
use trunkline_tests::{Server, until};

fn calls(name: &str, url: &str) -> Value {
    let get = json!({"method": "GET", "url": url});
    let mut document = chain(name, &[("start", "manual", json!({})), ("get", "http_request", get)]);
    document["steps"]["get"]["retry"] = json!({"times": 3, "wait_seconds": 1});
    document
}

#[tokio::test]
async fn a_wish_for_patience_is_kept_by_every_run() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let first = publish(&api, calls("First", &format!("{}/patient", world.url))).await;
    let other = publish(&api, calls("Other", &format!("{}/patient", world.url))).await;
    let mut runs = vec![run_once(&api, &first, json!({})).await];
    until("the first call", || async { (world.times().len() == 1).then_some(()) }).await.unwrap();
    // The answer may still be on its way to the server; what begins after it has come must wait.
    until("the first run to have its answer", || async {
        let view = api.get(&format!("/runs/{}", runs[0])).await.ok()?;
        (view["status"] == "waiting" || view.to_string().contains("429")).then_some(())
    })
    .await
    .unwrap();
    for workflow in [&other, &first, &other] {
        runs.push(run_once(&api, workflow, json!({})).await);
    }
    for run in &runs {
        assert_eq!(ended(&api, run).await["status"], "completed");
    }
    let times = world.times();
    assert_eq!(times.len(), 5, "one was refused and asked again, the others asked once");
    let rest = times[1].duration_since(times[0]);
    assert!(rest >= Duration::from_secs(REST) - Duration::from_millis(50), "called again after {rest:?}");
}

#[tokio::test]
async fn no_more_calls_to_a_host_at_once_than_set() {
    let world = outside().await;
    let flags = ["--empty", "--allow-hosts", "127.0.0.1", "--host-at-once", "2"];
    let server = Server::start(&flags).await.unwrap();
    let api = server.set_up().await.unwrap();
    let ids = [
        publish(&api, calls("One", &format!("{}/slow", world.url))).await,
        publish(&api, calls("Two", &format!("{}/slow", world.url))).await,
    ];
    let mut runs = Vec::new();
    for n in 0..8 {
        runs.push(run_once(&api, &ids[n % 2], json!({})).await);
    }
    for run in &runs {
        assert_eq!(ended(&api, run).await["status"], "completed");
    }
    assert_eq!(world.most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn calls_to_a_host_are_spread_over_the_second() {
    let world = outside().await;
    let flags = ["--empty", "--allow-hosts", "127.0.0.1", "--host-rate", "4"];
    let server = Server::start(&flags).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id = publish(&api, calls("Often", &format!("{}/x", world.url))).await;
    let began = std::time::Instant::now();
    let mut runs = Vec::new();
    for _ in 0..7 {
        runs.push(run_once(&api, &id, json!({})).await);
    }
    for run in &runs {
        ended(&api, run).await;
    }
    assert!(began.elapsed() >= Duration::from_millis(1_450), "seven calls within {:?}", began.elapsed());
}
