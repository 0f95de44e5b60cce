//! Lists of apps in loops: read page by page, written many at once, and every iteration gets its own result.

use crate::{ended, publish, run_once};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use trunkline_tests::{Server, until};

/// Records of the list.
const RECORDS: usize = 25;
const PAGE: usize = 10;

fn manifest(at: &str) -> String {
    let host = at.strip_prefix("http://").unwrap();
    format!(
        r#"manifest: 1
id: listy
name: Listy
version: 1.0.0
summary: An app on this machine.
shelf: other
base_url: {at}
hosts: ["{host}"]
auth: [{{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Key: "{{{{ secret.key }}}}" }} }} }}]
test: {{ action: list_things }}
says: "{{{{ answer.body.error }}}}"
actions:
  list_things:
    title: List things
    summary: Reads things.
    request: {{ path: /things }}
    paging: {{ items: /items, next: {{ by: cursor, at: /next, into: {{ query: after }} }} }}
    examples: [{{ title: x, exchange: [], output: {{ items: [] }} }}]
  put_things:
    title: Put things
    summary: Writes things.
    input: {{ properties: {{ things: {{ type: array, items: {{ type: object }}, title: Things }} }}, required: [things] }}
    request: {{ method: POST, path: /put, json: {{ things: "{{{{ input.things }}}}" }} }}
    output: "{{{{ answer.body.results }}}}"
    write: {{ repeat: harmless }}
    bulk:
      over: things
      most: 8
      gather: {{ by: key, item: "{{{{ item.id }}}}", result: "{{{{ result.of }}}}" }}
    examples: [{{ title: x, exchange: [], output: {{ items: [] }} }}]
"#
    )
}

#[derive(Clone, Default)]
struct App {
    /// Pages that were asked for.
    pages: Arc<Mutex<Vec<usize>>>,
    /// Ids of each writing request.
    written: Arc<Mutex<Vec<Vec<u64>>>>,
}

async fn answer(State(app): State<App>, request: Request) -> Response {
    let query: HashMap<String, String> = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if request.uri().path() == "/things" {
        let skip: usize = query.get("after").map_or(0, |after| after.parse().unwrap());
        app.pages.lock().unwrap().push(skip);
        let items: Vec<Value> = (skip..RECORDS.min(skip + PAGE)).map(|id| json!({ "id": id })).collect();
        let next = (skip + PAGE < RECORDS).then_some(skip + PAGE);
        return axum::Json(json!({ "items": items, "next": next })).into_response();
    }
    let body = axum::body::to_bytes(request.into_body(), 100_000).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let mut ids: Vec<u64> =
        body["things"].as_array().unwrap().iter().map(|thing| thing["id"].as_u64().unwrap()).collect();
    app.written.lock().unwrap().push(ids.clone());
    // One item spoils the request for all.
    if ids.contains(&13) {
        let error = json!({ "error": "13 is not liked here" });
        return (axum::http::StatusCode::BAD_REQUEST, axum::Json(error)).into_response();
    }
    // The order of results says nothing.
    ids.reverse();
    let results: Vec<Value> = ids.into_iter().map(|id| json!({ "of": id, "square": id * id })).collect();
    axum::Json(json!({ "results": results })).into_response()
}

#[tokio::test]
async fn a_list_is_worked_on_page_by_page_and_written_together() {
    let app = App::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(answer).with_state(app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let apps = TempDir::new().unwrap();
    std::fs::write(apps.path().join("listy.yaml"), manifest(&at)).unwrap();
    let folder = apps.path().to_str().unwrap();
    let mut server =
        Server::start(&["--empty", "--allow-hosts", "127.0.0.1", "--apps", folder]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let wanted = json!({ "app": "listy", "name": "Listy", "auth": "key", "secrets": { "key": "abcdef" } });
    let connection = api.post("/connections", &wanted).await.unwrap()["id"].clone();
    let document = json!({
        "format": 1, "name": "Copies",
        "steps": {
            "start": { "kind": "manual", "config": {} },
            "each": {
                "kind": "listy.each_list_things",
                "config": { "connection": connection, "parallel": 10, "on_item_error": "collect" },
                "body": {
                    "steps": {
                        "put": { "kind": "listy.put_things", "config": { "connection": connection, "things": "{{ [item] }}" } },
                        "same": { "kind": "if", "config": { "condition": { "all": [
                            { "field": "{{ steps.put.items[0].square }}", "op": "equals", "value": "{{ item.id * item.id }}" }
                        ] } } },
                        "wrong": { "kind": "stop", "config": { "outcome": "failed", "message": "another's result" } },
                    },
                    "edges": [{ "from": "put", "to": "same" }, { "from": "same", "port": "no", "to": "wrong" }],
                },
            },
        },
        "edges": [{ "from": "start", "to": "each" }],
    });
    let workflow = publish(&api, document).await;
    let gathered = || app.written.lock().unwrap().iter().filter(|ids| ids.len() > 1).count();
    // On a machine that is busy enough nobody meets anybody; sooner or later some do.
    until("iterations to be sent together", || async {
        let run = run_once(&api, &workflow, json!({})).await;
        let view = ended(&api, &run).await;
        assert_eq!(view["status"], "completed", "{view}");
        let steps = view["steps"].as_array().unwrap();
        let each = steps.iter().find(|step| step["step"] == "each" && step["frame"] == "").unwrap();
        assert_eq!(
            (each["output"]["count"].clone(), each["output"]["failed"].clone()),
            (json!(25), json!(1)),
            "{each}"
        );
        assert!(each["output"]["errors"].to_string().contains("13 is not liked here"), "{each}");
        (gathered() > 0).then_some(())
    })
    .await
    .unwrap();
    let pages = app.pages.lock().unwrap().clone();
    assert_eq!(&pages[..3], [0, 10, 20], "each page once, in order: {pages:?}");
    assert!(pages.len() % 3 == 0, "{pages:?}");
    assert!(
        app.written.lock().unwrap().iter().all(|ids| ids.len() <= 8),
        "no request is larger than the app takes"
    );
    server.stop().await.unwrap();
}
