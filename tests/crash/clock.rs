//! The clock of the machine is set while runs sleep: forwards they wake, backwards nothing is lost or done twice.

use serde_json::json;
use std::path::PathBuf;
use trunkline_tests::{Client, Server, until};

/// Where distributions keep the library that shows a process another clock.
const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

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
    let Some(library) = LIBRARIES.iter().map(PathBuf::from).find(|library| library.exists()) else {
        println!("skipped: libfaketime is not installed (cargo xtask test installs it)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let offset = folder.path().join("offset");
    let set = |hours: &str| {
        // Renamed into place: the server must not read half a line.
        std::fs::write(offset.with_extension("new"), format!("{hours}\n")).unwrap();
        std::fs::rename(offset.with_extension("new"), &offset).unwrap();
    };
    set("+0h");
    let environment = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", offset.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ];
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
    set("-2h");
    let second = start(&api, workflow).await;
    status(&api, &second, "waiting").await;
    status(&api, &first, "waiting").await;
    // Forwards, past what the second waits for (its clock was two hours slow) and not past the first's.
    set("+2h");
    status(&api, &second, "completed").await;
    status(&api, &first, "waiting").await;
    set("+4h");
    status(&api, &first, "completed").await;
    let view = api.get(&format!("/runs/{first}")).await.unwrap();
    let ends = view["steps"].as_array().unwrap().iter().filter(|step| step["step"] == "end").count();
    assert_eq!(ends, 1);
    server.stop().await.unwrap();
}
