//! Clocks of service levels on the real server, whose clock is set and which is killed: each thing happens once.

use serde_json::{Value, json};
use std::path::PathBuf;
use trunkline_tests::{Client, Server, until};

/// Where distributions keep the library that shows a process another clock.
const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// A pool of two, a policy of an hour around the clock, and a workflow that gives a lead to the pool.
async fn arrange(api: &Client) -> (String, Value) {
    let mut owners = Vec::new();
    for name in ["Ana", "Ben"] {
        let email = format!("{}@example.com", name.to_lowercase());
        owners.push(api.post("/owners", &json!({"name": name, "email": email})).await.unwrap());
    }
    let pool = api.post("/pools", &json!({"name": "AE"})).await.unwrap();
    let members: Vec<Value> =
        owners.iter().map(|owner| json!({"owner_id": owner["id"], "weight": 1, "active": true})).collect();
    let path = format!("/pools/{}", pool["id"].as_str().unwrap());
    let change = api.request(reqwest::Method::PUT, &path).json(&json!({"name": "AE", "members": members}));
    assert!(change.send().await.unwrap().status().is_success());
    let draft = json!({
        "respond": {"within": 60, "warn_before": 15}, "around_the_clock": true,
        "on_breach": {"reassign": {"to": "next_in_pool"}, "at_most": 1},
    });
    let policy = api.post("/rulebooks/sla_policy", &json!({"name": "Hot", "draft": draft})).await.unwrap();
    let path = format!("/rulebooks/sla_policy/{}/publish", policy["id"].as_str().unwrap());
    api.post(&path, &json!({"base_revision": policy["revision"]})).await.unwrap();
    let lead = "{{ steps.find.lead }}";
    let document = json!({
        "format": 1, "name": "Route",
        "steps": {
            "go": {"kind": "manual", "title": "Go"},
            "find": {"kind": "find_or_create_lead", "title": "Find", "config": {
                "match_on": ["email"], "fields": [{"name": "email", "value": "ada@example.com"}],
            }},
            "route": {"kind": "route_lead", "title": "Route", "config": {"lead": lead, "pool": "AE"}},
        },
        "edges": [{"from": "go", "to": "find"}, {"from": "find", "to": "route"}],
    });
    let made = api.post("/workflows", &json!({"document": document})).await.unwrap();
    let workflow = made["id"].as_str().unwrap().to_owned();
    (workflow, made["draft_revision"].clone())
}

async fn lead(api: &Client) -> Option<Value> {
    let leads = api.get("/leads").await.ok()?;
    let id = leads["items"].get(0)?["id"].as_str()?.to_owned();
    api.get(&format!("/leads/{id}")).await.ok()
}

async fn owned_by(api: &Client, owner: &str) -> Value {
    until(&format!("the lead to be {owner}'s"), || async {
        let lead = lead(api).await?;
        (lead["owner"]["name"] == owner).then_some(lead)
    })
    .await
    .unwrap()
}

fn count(lead: &Value, kind: &str) -> usize {
    lead["timeline"].as_array().unwrap().iter().filter(|entry| entry["kind"] == kind).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_warns_and_hands_on_once_though_the_server_is_killed() {
    let Some(library) = LIBRARIES.iter().map(PathBuf::from).find(|library| library.exists()) else {
        println!("skipped: libfaketime is not installed (cargo xtask test installs it)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let offset = folder.path().join("offset");
    let set = |minutes: &str| {
        // Renamed into place: the server must not read half a line.
        std::fs::write(offset.with_extension("new"), format!("{minutes}\n")).unwrap();
        std::fs::rename(offset.with_extension("new"), &offset).unwrap();
    };
    set("+0m");
    let environment = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", offset.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ];
    let mut server = Server::start_in(&std::env::temp_dir(), &["--empty"], &environment).await.unwrap();
    let api = server.set_up().await.unwrap();
    let (workflow, revision) = arrange(&api).await;
    api.post(&format!("/workflows/{workflow}/publish"), &json!({"base_revision": revision})).await.unwrap();
    api.post(&format!("/workflows/{workflow}/runs"), &json!({})).await.unwrap();
    let given = owned_by(&api, "Ana").await;
    assert_eq!(count(&given, "sla_started"), 1);
    let overview = api.get("/sla").await.unwrap();
    assert_eq!(overview["clocks"][0]["state"], "running");
    assert_eq!(overview["forecast"]["running"], 1);

    set("+50m");
    until("the warning", || async { (count(&lead(&api).await?, "sla_warned") == 1).then_some(()) })
        .await
        .unwrap();
    assert_eq!(api.get("/sla").await.unwrap()["forecast"]["at_risk"], 1);

    // Dead when it comes due: it is late, and happens once all the same.
    server.kill().await.unwrap();
    set("+70m");
    server.restart().await.unwrap();
    let handed_on = owned_by(&api, "Ben").await;
    assert_eq!(count(&handed_on, "sla_breached"), 1);
    assert_eq!(count(&handed_on, "assigned"), 2);
    assert_eq!(count(&handed_on, "sla_started"), 2);
    let reason = handed_on["owner_reason"].as_str().unwrap();
    assert!(
        reason.starts_with("Ana did not take care of it in time. Ben was next in the pool AE"),
        "{reason}"
    );

    // And again: nothing is done twice after one more death.
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let overview = until("the server", || async { api.get("/sla").await.ok() }).await.unwrap();
    assert_eq!(overview["clocks"].as_array().unwrap().len(), 1);
    let after = lead(&api).await.unwrap();
    assert_eq!((count(&after, "sla_breached"), count(&after, "assigned")), (1, 2));
    server.stop().await.unwrap();
}
