//! Apps that misbehave, through a manifest and the real server: each step fails with its own code and class, memory stays
//! bounded, and nobody else is delayed.

use crate::connections::folder;
use crate::hostile_app::Hostile;
use crate::{chain, ended, publish, run_once};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use trunkline_tests::{Client, Server, until};

/// The manifest of an app at `at` whose actions are called like what the app does then; each is a read but those that
/// begin with `write_`.
fn manifest(id: &str, at: &str, actions: &[&str]) -> String {
    let host = at.split("://").nth(1).unwrap();
    let mut text = format!(
        r#"manifest: 1
id: {id}
name: Hostile
version: 1.0.0
summary: An app on this machine that misbehaves.
shelf: other
base_url: {at}
hosts: ["{host}"]
auth:
  - {{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Key: "{{{{ secret.key }}}}" }} }} }}
test: {{ action: fine }}
says: "{{{{ answer.body.error }}}}"
actions:
"#
    );
    for action in actions {
        let how = action.strip_prefix("write_");
        let (method, promise) = match how {
            Some(_) => ("POST", "\n    write: { repeat: uncertain }"),
            None => ("GET", ""),
        };
        let path = how.unwrap_or(action);
        let _ = write!(
            text,
            "  {action}:\n    title: Try {action}\n    summary: Tries.\n    request: {{ method: {method}, path: /{path} }}{promise}\n    \
             examples: [{{ title: None, exchange: [], output: {{ fine: true }} }}]\n"
        );
    }
    text
}

const ACTIONS: [&str; 17] = [
    "fine",
    "silent",
    "slow",
    "huge",
    "announced",
    "values",
    "bomb",
    "circle",
    "metadata",
    "page",
    "mislabelled",
    "cut",
    "broken",
    "storm",
    "reset",
    "headers",
    "write_reset",
];

async fn server_with(apps: &Path) -> (Server, Client) {
    let apps = apps.to_str().unwrap();
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps]).await.unwrap();
    let api = server.set_up().await.unwrap();
    (server, api)
}

async fn connect(api: &Client, app: &str, name: &str) -> String {
    let wanted = json!({ "app": app, "name": name, "auth": "key", "secrets": { "key": "canary-hostile" } });
    api.post("/connections", &wanted).await.unwrap()["id"].as_str().unwrap().to_owned()
}

fn asks(kind: &str, connection: &str) -> Value {
    let name = format!("{kind} by {connection}");
    chain(&name, &[("start", "manual", json!({})), ("call", kind, json!({ "connection": connection }))])
}

/// Publishes a workflow of one call; gives its id.
async fn workflow(api: &Client, kind: &str, connection: &str) -> String {
    publish(api, asks(kind, connection)).await
}

fn of(view: &Value) -> (&str, &str) {
    (view["error"]["code"].as_str().unwrap_or("none"), view["error"]["kind"].as_str().unwrap_or("none"))
}

#[tokio::test]
async fn each_misbehaviour_fails_its_step_with_its_own_code_and_class() {
    let hostile = Hostile::start().await;
    let expired = Hostile::expired().await;
    let apps = folder(&manifest("hostile", &format!("http://{}", hostile.address), &ACTIONS));
    let secure = manifest("secure", &format!("https://{}", expired.address), &["fine"]);
    std::fs::write(apps.path().join("secure.yaml"), secure).unwrap();
    let (mut server, api) = server_with(apps.path()).await;
    let connection = connect(&api, "hostile", "Hostile").await;
    let secure = connect(&api, "secure", "Secure").await;

    let mut runs = Vec::new();
    for (kind, connection, expected) in [
        ("hostile.huge", &connection, ("CALL-0005", "fatal")),
        ("hostile.announced", &connection, ("CALL-0005", "fatal")),
        ("hostile.values", &connection, ("CALL-0005", "fatal")),
        ("hostile.bomb", &connection, ("CALL-0005", "fatal")),
        ("hostile.circle", &connection, ("CALL-0007", "fatal")),
        ("hostile.metadata", &connection, ("CALL-0002", "fatal")),
        ("hostile.page", &connection, ("CONN-0007", "fatal")),
        ("hostile.cut", &connection, ("CONN-0007", "fatal")),
        ("hostile.broken", &connection, ("CONN-0006", "temporary")),
        ("hostile.reset", &connection, ("CALL-0006", "temporary")),
        ("hostile.headers", &connection, ("CALL-0006", "temporary")),
        ("secure.fine", &secure, ("CALL-0013", "fatal")),
    ] {
        let id = workflow(&api, kind, connection).await;
        runs.push((kind, run_once(&api, &id, json!({})).await, expected));
    }
    let mut slow = asks("hostile.slow", &connection);
    slow["steps"]["call"]["timeout_seconds"] = json!(1);
    let slow = publish(&api, slow).await;
    runs.push(("hostile.slow", run_once(&api, &slow, json!({})).await, ("CALL-0004", "timeout")));
    for (kind, run, expected) in &runs {
        let view = ended(&api, run).await;
        assert_eq!(
            (view["status"].as_str(), of(&view)),
            (Some("failed"), *expected),
            "{kind}: {}",
            view["error"]
        );
        assert!(!view.to_string().contains("canary"), "{kind}: {view}");
    }
    assert_eq!(hostile.count("/circle"), 6, "the first request and five redirects");
    assert_eq!(expired.count("fine"), 0, "nothing is sent to whom nobody can trust");
    let mislabelled = workflow(&api, "hostile.mislabelled", &connection).await;
    let run = run_once(&api, &mislabelled, json!({})).await;
    assert_eq!(ended(&api, &run).await["status"], "completed", "JSON is read whatever it is called");

    // With retries a fault that may pass is tried again, and ends as what it is when it does not pass.
    let mut document = asks("hostile.broken", &connection);
    document["name"] = json!("Tries again");
    document["steps"]["call"]["retry"] = json!({ "times": 2, "wait_seconds": 1 });
    let before = hostile.count("/broken");
    let again = publish(&api, document).await;
    let run = run_once(&api, &again, json!({})).await;
    assert_eq!(of(&ended(&api, &run).await), ("CONN-0006", "temporary"));
    assert_eq!(hostile.count("/broken") - before, 3);

    // Whether a write happened whose answer broke off, nobody knows: it is not sent again, and a person is asked.
    let mut document = asks("hostile.write_reset", &connection);
    document["steps"]["call"]["retry"] = json!({ "times": 2, "wait_seconds": 1 });
    let write = publish(&api, document).await;
    let before = hostile.count("/reset");
    let run = run_once(&api, &write, json!({})).await;
    until("a person to be asked", || async {
        let inbox = api.get("/inbox").await.ok()?;
        inbox.to_string().contains(&run).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(hostile.count("/reset") - before, 1);
    server.stop().await.unwrap();
    assert!(!server.output().contains("canary"), "{}", server.output());
}

#[tokio::test]
async fn an_app_that_asks_for_patience_is_left_alone_by_everybody_and_others_are_not() {
    let hostile = Hostile::start().await;
    let apps = folder(&manifest("hostile", &format!("http://{}", hostile.address), &ACTIONS));
    let (_server, api) = server_with(apps.path()).await;
    let (stormy, calm) = (connect(&api, "hostile", "Stormy").await, connect(&api, "hostile", "Calm").await);
    let storm = workflow(&api, "hostile.storm", &stormy).await;
    let fine = workflow(&api, "hostile.fine", &stormy).await;
    let other = workflow(&api, "hostile.fine", &calm).await;
    let first = run_once(&api, &storm, json!({})).await;
    assert_eq!(of(&ended(&api, &first).await), ("CONN-0005", "rate_limited"));
    let mut runs = Vec::new();
    for _ in 0..20 {
        runs.push(run_once(&api, &storm, json!({})).await);
        runs.push(run_once(&api, &fine, json!({})).await);
    }
    for run in &runs {
        let view = ended(&api, run).await;
        assert_eq!(of(&view), ("CONN-0005", "rate_limited"), "{view}");
    }
    assert_eq!(hostile.count("/storm"), 1, "it asked for an hour of peace, and got it from every workflow");
    assert_eq!(hostile.count("/fine"), 0);
    let run = run_once(&api, &other, json!({})).await;
    assert_eq!(ended(&api, &run).await["status"], "completed", "the other account was not asked to wait");
}

#[tokio::test]
async fn runs_of_others_end_while_an_app_holds_all_its_own() {
    let hostile = Hostile::start().await;
    let apps = folder(&manifest("hostile", &format!("http://{}", hostile.address), &ACTIONS));
    let (_server, api) = server_with(apps.path()).await;
    let (held, free) = (connect(&api, "hostile", "Held").await, connect(&api, "hostile", "Free").await);
    let mut patient = asks("hostile.silent", &held);
    patient["steps"]["call"]["timeout_seconds"] = json!(600);
    let silent = publish(&api, patient).await;
    // More than the places of a connection: the rest waits for one.
    let mut waiting = Vec::new();
    for _ in 0..80 {
        waiting.push(run_once(&api, &silent, json!({})).await);
    }
    until("the app to hold 64 calls", || async { (hostile.count("/silent") == 64).then_some(()) })
        .await
        .unwrap();
    let fine = workflow(&api, "hostile.fine", &free).await;
    let steps = [("start", "manual", json!({})), ("set", "set_fields", json!({ "fields": [] }))];
    let pure = publish(&api, chain("Pure", &steps)).await;
    for _ in 0..20 {
        let called = run_once(&api, &fine, json!({})).await;
        let computed = run_once(&api, &pure, json!({})).await;
        assert_eq!(ended(&api, &called).await["status"], "completed");
        assert_eq!(ended(&api, &computed).await["status"], "completed");
    }
    // All of that came and went, and not one of those that are held has got anywhere.
    assert_eq!(hostile.count("/silent"), 64);
    for run in &waiting {
        let view = api.get(&format!("/runs/{run}")).await.unwrap();
        assert!(view["finished_at"].is_null(), "{view}");
    }
    let released = async {
        loop {
            hostile.release();
            tokio::task::yield_now().await;
            if hostile.count("/silent") == 80 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        hostile.release();
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), released).await.expect("places come free");
    for run in &waiting {
        until("a held run to end", || async {
            hostile.release();
            let view = api.get(&format!("/runs/{run}")).await.ok()?;
            (view["status"] == "completed").then_some(())
        })
        .await
        .unwrap();
    }
}

/// The largest memory the process has had, in megabytes.
#[cfg(target_os = "linux")]
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() / 1024
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_stays_bounded_under_answers_that_never_end() {
    let hostile = Hostile::start().await;
    let apps = folder(&manifest("hostile", &format!("http://{}", hostile.address), &ACTIONS));
    let (server, api) = server_with(apps.path()).await;
    let connection = connect(&api, "hostile", "Hostile").await;
    let mut ids = Vec::new();
    for how in ["huge", "bomb", "values", "announced"] {
        ids.push(workflow(&api, &format!("hostile.{how}"), &connection).await);
    }
    // Once each, so that what is set up at first use is not counted.
    for id in &ids {
        let run = run_once(&api, id, json!({})).await;
        ended(&api, &run).await;
    }
    let (before, taken) = (peak(server.pid()), hostile.taken.load(std::sync::atomic::Ordering::SeqCst));
    let mut runs = Vec::new();
    for _ in 0..16 {
        for id in &ids {
            runs.push(run_once(&api, id, json!({})).await);
        }
    }
    for run in &runs {
        assert_eq!(of(&ended(&api, run).await), ("CALL-0005", "fatal"));
    }
    // 64 calls were under way at once, of answers that may have 16 MB each: held together they would be a gigabyte.
    let grown = peak(server.pid()) - before;
    assert!(grown < 250, "it grew by {grown} MB");
    let taken = hostile.taken.load(std::sync::atomic::Ordering::SeqCst) - taken;
    assert!(
        taken < 16 * 64 * 1024 * 1024,
        "of each endless answer little more than its limit was read: {taken}"
    );
}
