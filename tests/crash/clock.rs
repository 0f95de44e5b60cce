//! The clock of the machine is set while runs sleep: forwards they wake, backwards nothing is lost or done twice.

use serde_json::json;
use trunkline_tests::clock::Clock;
use trunkline_tests::{Client, Server, until};

async fn start(api: &Client, workflow: &str) -> String {
    let started = api.post(&format!("/workflows/{workflow}/runs"), &json!({})).await.unwrap();
    started["run_id"].as_str().unwrap().to_owned()
}

async fn status(api: &Client, run: &str, wanted: &str) {
    until(&format!("the run to be {wanted}"), || async {
        let view = api.get(&format!("/runs/{run}")).await.ok()?;
        (view["status"] == wanted).then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_neither_loses_nor_doubles_a_wake_up() {
    let Some(clock) = Clock::new().unwrap() else { return };
    let environment = clock.environment();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut server = Server::start_in(&std::env::temp_dir(), &["--empty"], &environment).await.unwrap();
    let api = server.set_up().await.unwrap();
    let document = json!({
        "format": 1, "name": "Sleep",
        "steps": {
            "go": {"kind": "manual", "title": "Go"},
            "sleep": {"kind": "wait", "title": "Sleep", "config": {"amount": 3, "unit": "hours"}},
            "end": {"kind": "set_fields", "title": "End", "config": {"fields": [{"name": "woken", "value": "yes"}]}},
        },
        "edges": [{"from": "go", "to": "sleep"}, {"from": "sleep", "to": "end"}],
    });
    let made = api.post("/workflows", &json!({"document": document})).await.unwrap();
    let workflow = made["id"].as_str().unwrap();
    let revision = json!({"base_revision": made["draft_revision"]});
    api.post(&format!("/workflows/{workflow}/publish"), &revision).await.unwrap();

    let first = start(&api, workflow).await;
    status(&api, &first, "waiting").await;
    // Backwards: the sleeper sleeps on, and a new run is taken as ever.
    clock.set("-2h").unwrap();
    let second = start(&api, workflow).await;
    status(&api, &second, "waiting").await;
    status(&api, &first, "waiting").await;
    // Forwards, past what the second waits for (its clock was two hours slow) and not past the first's.
    clock.set("+2h").unwrap();
    status(&api, &second, "completed").await;
    status(&api, &first, "waiting").await;
    clock.set("+4h").unwrap();
    status(&api, &first, "completed").await;
    let view = api.get(&format!("/runs/{first}")).await.unwrap();
    let ends = view["steps"].as_array().unwrap().iter().filter(|step| step["step"] == "end").count();
    assert_eq!(ends, 1);
    server.stop().await.unwrap();
}
