//! The master key is changed, and the process is killed in the middle: with half of the connections sealed anew and half as
//! before, all of them open, and changing it again ends what was begun.

use axum::extract::{Request, State};
use serde_json::json;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::HashSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use tokio::process::Command;
use trunkline_tests::{Client, Server, until};

/// More than are sealed by one look at the store.
const CONNECTIONS: usize = 110;
/// How many are sealed anew when the process is killed.
const DONE: i64 = 60;

type Keys = Arc<Mutex<HashSet<String>>>;

async fn app() -> (Keys, String) {
    let keys = Keys::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(take).with_state(Arc::clone(&keys));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (keys, at)
}

async fn take(State(keys): State<Keys>, request: Request) -> axum::Json<serde_json::Value> {
    keys.lock().unwrap().insert(request.headers()["x-key"].to_str().unwrap().to_owned());
    axum::Json(json!({}))
}

fn manifest(at: &str) -> String {
    let host = at.strip_prefix("http://").unwrap();
    format!(
        "manifest: 1\nid: keyed\nname: Keyed\nversion: 1.0.0\nsummary: Takes keys.\nshelf: other\nbase_url: {at}\nhosts: [\"{host}\"]\n\
         auth:\n  - {{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Key: \"{{{{ secret.key }}}}\" }} }} }}\n\
         test: {{ action: look }}\nactions:\n  look:\n    title: Look\n    summary: Reads.\n    request: {{ path: / }}\n    \
         examples: [{{ title: One, exchange: [], output: {{}} }}]\n"
    )
}

async fn database(data: &Path) -> SqliteConnection {
    SqliteConnection::connect(data.join("trunkline.db").to_str().unwrap()).await.unwrap()
}

fn rotate(data: &Path) -> Command {
    let mut command = Command::new(trunkline_tests::binary());
    command.args(["key", "rotate", "--data"]).arg(data).stdout(Stdio::null()).kill_on_drop(true);
    command
}

/// Every connection is tested; the app sees each key.
async fn assert_all_open(api: &Client, ids: &[String], keys: &Keys) {
    keys.lock().unwrap().clear();
    for id in ids {
        let tested = api.post(&format!("/connections/{id}/test"), &json!({})).await.unwrap();
        assert_eq!(tested["status"], "connected", "{tested}");
    }
    let seen = keys.lock().unwrap().clone();
    assert_eq!(seen, (0..ids.len()).map(|number| format!("key-{number}")).collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_master_key_that_is_killed_half_way_loses_nothing() {
    let (keys, at) = app().await;
    let apps = tempfile::tempdir().unwrap();
    std::fs::write(apps.path().join("keyed.yaml"), manifest(&at)).unwrap();
    let folder = apps.path().to_str().unwrap();
    let mut server =
        Server::start(&["--empty", "--allow-hosts", "127.0.0.1", "--apps", folder]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let mut ids = Vec::new();
    for number in 0..CONNECTIONS {
        let secrets = json!({ "key": format!("key-{number}") });
        let wanted =
            json!({ "app": "keyed", "name": format!("{number}"), "auth": "key", "secrets": secrets });
        ids.push(api.post("/connections", &wanted).await.unwrap()["id"].as_str().unwrap().to_owned());
    }
    server.stop().await.unwrap();
    let master = server.data().join("master.key");
    let before = std::fs::read_to_string(&master).unwrap();

    // The database takes for ever over one change, so the process is surely in the middle when it is killed.
    let endless = "CREATE VIEW endless AS WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    let hang = format!(
        "CREATE TRIGGER hang BEFORE UPDATE ON connection \
         WHEN (SELECT count(*) FROM connection WHERE seal_key = NEW.seal_key) = {DONE} \
         BEGIN SELECT count(*) FROM endless; END"
    );
    let mut store = database(server.data()).await;
    let old: Vec<u8> =
        sqlx::query_scalar("SELECT seal_key FROM connection LIMIT 1").fetch_one(&mut store).await.unwrap();
    for sql in [endless.to_owned(), hang] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut store).await.unwrap();
    }
    let mut process = rotate(server.data()).spawn().unwrap();
    until("half of them to be sealed anew", || async {
        let mut store = database(server.data()).await;
        let sql = "SELECT count(*) FROM connection WHERE seal_key <> ?1";
        let done: i64 = sqlx::query_scalar(sql).bind(&old).fetch_one(&mut store).await.ok()?;
        (done == DONE).then_some(())
    })
    .await
    .unwrap();
    process.kill().await.unwrap();
    for sql in ["DROP TRIGGER hang", "DROP VIEW endless"] {
        sqlx::query(sql).execute(&mut store).await.unwrap();
    }
    store.close().await.unwrap();
    let half_way = std::fs::read_to_string(&master).unwrap();
    assert!(half_way.lines().count() == 2 && half_way.ends_with(&before), "both keys are there");

    server.restart().await.unwrap();
    assert_all_open(&api, &ids, &keys).await;
    server.stop().await.unwrap();
    let ended = rotate(server.data()).status().await.unwrap();
    assert!(ended.success());
    let after = std::fs::read_to_string(&master).unwrap();
    assert!(after.lines().count() == 1 && !half_way.contains(after.trim()), "one key, and a new one");
    server.restart().await.unwrap();
    assert_all_open(&api, &ids, &keys).await;
}
