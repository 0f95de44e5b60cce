//! Bad input: each kind has its code, names the place, and leaves the server standing.

use crate::publish;
use reqwest::Method;
use serde_json::{Value, json};
use trunkline_tests::Server;

async fn code(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    for part in ["detail", "action", "title"] {
        assert!(body[part].as_str().is_some_and(|text| !text.is_empty()), "{part} is missing: {body}");
    }
    (status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_api_answers_bad_input_with_a_code() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let client = server.set_up().await.unwrap();
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(3 * 1024 * 1024));
    for (body, status, expected) in [
        ("{", 400, "API-0002"),
        ("{} trailing", 400, "API-0002"),
        ("\u{1}", 400, "API-0002"),
        (deep.as_str(), 400, "API-0004"),
        (huge.as_str(), 413, "API-0003"),
        (r#"{"nam":"x"}"#, 422, "API-0005"),
        (r#"{"name":7}"#, 422, "API-0005"),
        (r#"{"document":{"format":1,"name":"x","stepps":{}}}"#, 422, "API-0005"),
        (r#"{"name":"   "}"#, 422, "API-0014"),
    ] {
        let request = client.request(Method::POST, "/workflows").header("content-type", "application/json");
        let shown: String = body.chars().take(60).collect();
        assert_eq!(code(request.body(body.to_owned())).await, (status, expected.to_owned()), "{shown}");
    }
    let text = client.request(Method::POST, "/workflows").header("content-type", "text/plain").body("x");
    assert_eq!(code(text).await, (415, "API-0011".into()));
    for (path, status, expected) in [
        ("/runs/not-an-id", 400, "API-0006"),
        ("/runs?limit=many", 400, "API-0006"),
        ("/runs?status=odd", 400, "API-0006"),
        ("/runs/01890000-0000-7000-8000-000000000001", 404, "API-0007"),
        ("/workflows/01890000-0000-7000-8000-000000000001", 404, "WF-0001"),
        ("/nothing", 404, "API-0001"),
    ] {
        assert_eq!(code(client.request(Method::GET, path)).await, (status, expected.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn documents_that_cannot_work_are_refused_with_their_problems() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let client = server.set_up().await.unwrap();
    let start = json!({"kind": "manual", "title": "Start", "config": {}});
    let set = json!({"kind": "set_fields", "title": "Set", "config": {"fields": []}});
    let with = |steps: Value, edges: Value| json!({"format": 1, "name": "x", "steps": steps, "edges": edges});
    let bomb = json!({"kind": "set_fields", "title": "Bomb", "config": {"fields": [{"name": "a", "value": "{{ a b }}"}]}});
    for (document, what) in [
        (
            with(
                json!({"start": start, "a": set, "b": set}),
                json!([{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "a"}]),
            ),
            "a cycle",
        ),
        (with(json!({"start": start}), json!([{"from": "start", "to": "gone"}])), "an edge to nowhere"),
        (
            with(
                json!({"start": start, "a": {"kind": "teleport", "title": "?", "config": {}}}),
                json!([{"from": "start", "to": "a"}]),
            ),
            "an unknown kind",
        ),
        (
            with(json!({"start": start, "a": bomb}), json!([{"from": "start", "to": "a"}])),
            "a broken expression",
        ),
    ] {
        let made = client.post("/workflows", &json!({"document": document})).await.unwrap();
        assert!(!made["problems"].as_array().unwrap().is_empty(), "{what} has no problem");
        let path = format!("/workflows/{}/publish", made["id"].as_str().unwrap());
        let publish =
            client.request(Method::POST, &path).json(&json!({"base_revision": made["draft_revision"]}));
        assert_eq!(code(publish).await, (422, "WF-0005".into()), "{what}");
    }
}

#[tokio::test]
async fn endless_and_exploding_expressions_fail_their_step_and_nothing_else() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let client = server.set_up().await.unwrap();
    for (name, value, expected) in [
        (
            "endless",
            "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
            "EXP-0003",
        ),
        (
            "exploding",
            "{% for a in range(90000) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{% endfor %}",
            "EXP-0004",
        ),
    ] {
        let fields = json!({"fields": [{"name": "a", "value": value}]});
        let document = crate::chain(name, &[("start", "manual", json!({})), ("set", "set_fields", fields)]);
        let id = publish(&client, document).await;
        let run = client.post(&format!("/workflows/{id}/runs"), &json!({})).await.unwrap();
        let view = crate::ended(&client, run["run_id"].as_str().unwrap()).await;
        assert_eq!(
            (view["status"].as_str(), view["error"]["code"].as_str()),
            (Some("failed"), Some(expected)),
            "{name}"
        );
    }
    let alive = trunkline_tests::client().unwrap().get(server.url("/healthz")).send().await.unwrap();
    assert_eq!(alive.status(), 200);
}

#[tokio::test]
async fn a_draft_saved_elsewhere_is_not_overwritten() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let client = server.set_up().await.unwrap();
    let made = client.post("/workflows", &json!({"name": "Mine"})).await.unwrap();
    let path = format!("/workflows/{}/draft", made["id"].as_str().unwrap());
    let body = json!({"document": made["draft"], "base_revision": made["draft_revision"]});
    let first = client.request(Method::PUT, &path).json(&body).send().await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(code(client.request(Method::PUT, &path).json(&body)).await, (409, "WF-0004".into()));
}
