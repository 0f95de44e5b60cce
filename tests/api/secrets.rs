//! Canaries in every kind of connection, and an app that repeats whatever it is sent: in bodies, headers, errors, as it is,
//! decoded, escaped and as names. They are looked for in everything the server says, logs and stores.

use crate::connections::folder;
use crate::{chain, ended, publish, run_once};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use trunkline_tests::{Client, Server};

const MARK: &str = "CANARY";
const PRIVATE_KEY: &str = include_str!("../../connectors/src/credentials/test-key.pem");

/// What must be nowhere: the mark as it is and in base64 wherever it begins, a line of the private key.
fn needles() -> Vec<String> {
    let inside = |before: &str| {
        let (skip, encoded) = (before.len() * 8 / 6 + 1, STANDARD.encode(format!("{before}{MARK}")));
        encoded[if before.is_empty() { 0 } else { skip }..encoded.trim_end_matches('=').len() - 1].to_owned()
    };
    let key_line = PRIVATE_KEY.lines().nth(7).unwrap().to_owned();
    vec![MARK.into(), "canary".into(), inside(""), inside("x"), inside("xx"), key_line]
}

fn found_in(text: &str) -> Option<String> {
    needles().into_iter().find(|needle| text.contains(needle.as_str()))
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    if let Some(needle) = found_in(text) {
        let at = text.find(&needle).unwrap();
        let start = text.floor_char_boundary(at.saturating_sub(300));
        let end = text.floor_char_boundary((at + 100).min(text.len()));
        panic!("{what} holds {needle}: ...{}...", &text[start..end]);
    }
}

/// Looks into every file below `folder`.
fn assert_clean_folder(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_clean_folder(&path);
        } else if let Ok(bytes) = std::fs::read(&path) {
            assert_clean(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
        }
    }
}

/// An app that repeats what it is sent.
#[derive(Clone, Default)]
struct Echo {
    tokens: Arc<AtomicUsize>,
    seen: Arc<Mutex<String>>,
}

impl Echo {
    async fn start() -> (Self, String) {
        let echo = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(repeat).with_state(echo.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (echo, at)
    }
}

/// Everything that came, as it is and decoded.
fn heard(parts: &axum::http::request::Parts, body: &str) -> Vec<String> {
    let mut heard = vec![parts.uri.to_string(), body.to_owned()];
    for value in parts.headers.values() {
        let value = value.to_str().unwrap_or_default();
        let bare = value.rsplit(' ').next().unwrap_or_default();
        heard.extend([value.to_owned(), bare.to_owned(), STANDARD.encode(bare)]);
        let decoded = STANDARD.decode(bare).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        heard.extend(decoded);
    }
    let query = parts.uri.query().unwrap_or_default();
    for part in query.split('&').chain(body.split('&')) {
        let value = part.split('=').nth(1).unwrap_or_default().replace('+', " ");
        let url = reqwest::Url::parse(&format!("http://x/?v={}", part.split('=').nth(1).unwrap_or_default()));
        let decoded = url.ok().and_then(|url| url.query_pairs().next().map(|(_, value)| value.into_owned()));
        heard.extend([Some(value), decoded].into_iter().flatten());
    }
    heard.retain(|text| !text.is_empty());
    heard
}

/// Every letter as an escape of JSON.
fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

async fn repeat(State(echo): State<Echo>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 100_000).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    let heard = heard(&parts, &body);
    echo.seen.lock().unwrap().push_str(&heard.join("\n"));
    let all = heard.join(" | ");
    let json = |status: StatusCode, body: Value| {
        let mut answer = (status, axum::Json(body)).into_response();
        let repeated = parts.headers.get("authorization").or_else(|| parts.headers.get("x-key"));
        if let Some(value) = repeated {
            answer.headers_mut().insert("x-repeated", value.clone());
        }
        answer
    };
    match parts.uri.path() {
        "/token" => {
            let number = echo.tokens.fetch_add(1, Ordering::SeqCst);
            json(
                StatusCode::OK,
                json!({
                    "access_token": format!("{MARK}-access-{number}/+="), "token_type": "bearer", "expires_in": 3600,
                    "refresh_token": format!("{MARK}-refresh-{number}/+="),
                }),
            )
        }
        "/token-refused" => {
            json(StatusCode::BAD_REQUEST, json!({ "error": "invalid_client", "error_description": all }))
        }
        // The first token is taken for too old.
        "/api/fine" if all.contains("access-0") => json(StatusCode::UNAUTHORIZED, json!({ "error": all })),
        "/api/fine" => json(StatusCode::OK, json!({ "name": all, "heard": heard })),
        "/api/names" => {
            let names: Map<String, Value> = heard.iter().map(|name| (name.clone(), 1.into())).collect();
            json(StatusCode::OK, json!({ "deep": [{ "names": names }] }))
        }
        "/api/escaped" => {
            let body = format!("{{\"said\": \"{}\"}}", escaped(&all));
            ([("content-type", "application/json")], body).into_response()
        }
        "/api/pages" if parts.uri.query().is_some_and(|query| query.contains("page=2")) => {
            json(StatusCode::OK, json!({ "items": heard, "next": null }))
        }
        "/api/pages" => {
            let next = format!("http://{}{}&page=2", parts.headers["host"].to_str().unwrap(), parts.uri);
            json(StatusCode::OK, json!({ "items": heard, "next": next }))
        }
        "/api/text" => (StatusCode::OK, format!("{}{all}", "x".repeat(480))).into_response(),
        "/api/denied" => json(StatusCode::BAD_REQUEST, json!({ "error": all })),
        "/api/closed" => json(StatusCode::FORBIDDEN, json!({ "error": all })),
        "/api/busy" => json(StatusCode::TOO_MANY_REQUESTS, json!({ "error": all })),
        _ => std::future::pending().await,
    }
}

const ACTIONS: [&str; 9] = ["fine", "names", "escaped", "pages", "text", "denied", "closed", "busy", "hang"];

fn manifest(at: &str) -> String {
    let host = at.strip_prefix("http://").unwrap();
    let actions: String = ACTIONS
        .iter()
        .map(|action| {
            let paging = match *action {
                "pages" => "\n    paging: { items: /items, next: { by: url, at: /next } }",
                // What is computed of an answer sees it through the veil as well.
                "fine" => "\n    output: { name: \"{{ answer.body.name }}\", heard: \"{{ answer.body.heard }}\", \
                           headers: \"{{ answer.headers }}\", loud: \"{{ answer.body.name|upper }}\" }",
                _ => "",
            };
            format!(
                "  {action}:\n    title: Try {action}\n    summary: Tries.\n    request: {{ path: /api/{action}, query: {{ q: x }} }}{paging}\n    \
                 examples: [{{ title: None, exchange: [], output: {{ fine: true }} }}]\n"
            )
        })
        .collect();
    format!(
        r#"manifest: 1
id: echo
name: Echo
version: 1.0.0
summary: An app on this machine that repeats what it is sent.
shelf: other
base_url: {at}
hosts: ["{host}"]
auth:
  - id: key
    title: Key
    grant: {{ kind: api_key }}
    asks: {{ second: {{ title: Second key }} }}
    send:
      headers: {{ X-Key: "{{{{ secret.key }}}}", X-Second: "{{{{ secret.second }}}}" }}
      query: {{ sign: "{{{{ secret.key }}}}" }}
  - id: made
    title: A header made of the key
    grant: {{ kind: api_key }}
    send: {{ headers: {{ Authorization: "Token {{{{ secret.key|upper }}}}" }} }}
  - {{ id: basic, title: Basic, grant: {{ kind: basic }} }}
  - {{ id: oauth, title: Sign in, grant: {{ kind: authorization_code, authorize_url: "{at}/auth", token_url: "{at}/token" }} }}
  - {{ id: service, title: Service, grant: {{ kind: client_credentials, token_url: "{at}/token" }} }}
  - {{ id: query, title: Query, grant: {{ kind: client_credentials, token_url: "{at}/token", client: query }} }}
  - {{ id: refused, title: Refused, grant: {{ kind: client_credentials, token_url: "{at}/token-refused", client: basic }} }}
  - {{ id: assertion, title: Assertion, grant: {{ kind: jwt_bearer, token_url: "{at}/token", audience: x }} }}
  - {{ id: misheard, title: Refused assertion, grant: {{ kind: jwt_bearer, token_url: "{at}/token-refused", audience: x }} }}
test: {{ action: fine, account: "{{{{ answer.body.name }}}}" }}
says: "{{{{ answer.body.error }}}}"
actions:
{actions}"#
    )
}

async fn connect(api: &Client, auth: &str, secrets: Value) -> String {
    let name = format!("Echo by {auth}");
    let wanted = json!({ "app": "echo", "name": name, "auth": auth, "secrets": secrets });
    let made = api.post("/connections", &wanted).await.unwrap();
    assert_clean("a new connection", &made.to_string());
    made["id"].as_str().unwrap().to_owned()
}

/// The text of an answer, whatever its status.
async fn text(api: &Client, method: reqwest::Method, path: &str, body: Option<&Value>) -> String {
    let answer = loop {
        let request = api.request(method.clone(), path);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = request.send().await.unwrap();
        match answer.headers().get("retry-after").and_then(|after| after.to_str().ok()?.parse().ok()) {
            Some(after) => tokio::time::sleep(std::time::Duration::from_secs(after)).await,
            None => break answer,
        }
    };
    let told: Vec<String> = answer.headers().values().map(|value| format!("{value:?}")).collect();
    format!("{}\n{}", told.join("\n"), answer.text().await.unwrap())
}

/// Every address of the API that can be read, filled with what there is.
fn readable(known: &[(&str, Vec<String>)]) -> Vec<String> {
    let described: Value = serde_json::from_str(include_str!("../../docs/reference/openapi.json")).unwrap();
    let mut paths = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        if methods.get("get").is_none() || path.ends_with("/live") {
            continue;
        }
        if !path.contains('{') {
            paths.push(path.clone());
        }
        let Some((_, ids)) = known.iter().find(|(area, _)| path.starts_with(&format!("/{area}/{{id}}")))
        else {
            continue;
        };
        for id in ids {
            let filled = path.replace("{id}", id).replace("{version}", "1").replace("{source}", "none");
            paths.extend((!filled.contains('{')).then_some(filled));
        }
    }
    paths
}

#[tokio::test]
async fn canaries_of_every_kind_are_nowhere_whatever_an_app_repeats() {
    let (echo, at) = Echo::start().await;
    let apps = folder(&manifest(&at));
    let apps = apps.path().to_str().unwrap();
    let flags = ["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps, "--log", "debug"];
    let mut server = Server::start(&flags).await.unwrap();
    let api = server.set_up().await.unwrap();
    let lives = listen(&api).await;

    let secret = |name: &str| format!("{MARK}-{name}-7f3a/+=\u{e4}");
    let ascii = |name: &str| format!("{MARK}-{name}-7f3a/+=");
    let client = |name: &str| json!({ "client_id": "an-id", "client_secret": ascii(name) });
    let assertion = json!({ "client_id": "an-id", "username": "ada", "private_key": PRIVATE_KEY });
    let mut connections = vec![
        ("key", connect(&api, "key", json!({ "key": ascii("key"), "second": ascii("second") })).await),
        ("made", connect(&api, "made", json!({ "key": "canary-made-7f3a" })).await),
        ("basic", connect(&api, "basic", json!({ "username": "ada", "password": secret("password") })).await),
        ("service", connect(&api, "service", client("service")).await),
        ("query", connect(&api, "query", client("query")).await),
        ("refused", connect(&api, "refused", client("refused")).await),
        ("assertion", connect(&api, "assertion", assertion.clone()).await),
        ("misheard", connect(&api, "misheard", assertion).await),
    ];
    let oauth = connect(&api, "oauth", client("oauth")).await;
    let away = api.post(&format!("/connections/{oauth}/authorize"), &json!({})).await.unwrap();
    let away = reqwest::Url::parse(away["url"].as_str().unwrap()).unwrap();
    assert_clean("the address somebody is sent to", away.as_str());
    let sent: std::collections::HashMap<_, _> = away.query_pairs().into_owned().collect();
    let back = format!("/../../connect/back?state={}&code={MARK}-code", sent["state"]);
    let back = back.replace("/connect/back", &sent["redirect_uri"][server.url("").len()..]);
    api.request(reqwest::Method::GET, &back).send().await.unwrap();
    connections.push(("oauth", oauth));

    let mut workflows = Vec::new();
    let mut runs = Vec::new();
    for (auth, connection) in &connections {
        for action in ACTIONS {
            let steps = [
                ("start", "manual", json!({})),
                ("call", &format!("echo.{action}") as &str, json!({ "connection": connection })),
                (
                    "keep",
                    "set_fields",
                    json!({ "fields": [{ "name": "kept", "value": "{{ steps.call }}" }] }),
                ),
            ];
            let mut document = chain(&format!("{action} by {auth}"), &steps);
            if action == "hang" {
                document["steps"]["call"]["timeout_seconds"] = json!(1);
            }
            let tested = json!({ "document": document, "context": {} });
            let id = publish(&api, document).await;
            runs.push((action, *auth, run_once(&api, &id, json!({})).await));
            if action != "hang" && action != "busy" {
                let path = format!("/workflows/{id}/steps/call/test");
                assert_clean(
                    "the test of a step",
                    &text(&api, reqwest::Method::POST, &path, Some(&tested)).await,
                );
            }
            workflows.push(id);
        }
    }
    for (action, auth, run) in &runs {
        let view = ended(&api, run).await;
        assert_clean(&format!("the run of {action} by {auth}"), &view.to_string());
        let is_signed_in = !["refused", "misheard"].contains(auth);
        let expected = match *action {
            "fine" | "names" | "escaped" | "pages" if is_signed_in => ("completed", None),
            "text" if is_signed_in => ("failed", Some("CONN-0007")),
            "denied" if is_signed_in => ("failed", Some("CONN-0009")),
            "closed" if is_signed_in => ("failed", Some("CONN-0004")),
            "busy" if is_signed_in => ("failed", Some("CONN-0005")),
            "hang" if is_signed_in => ("failed", Some("CALL-0004")),
            _ => ("failed", Some("CONN-0012")),
        };
        let came = (view["status"].as_str().unwrap(), view["error"]["code"].as_str());
        assert_eq!(came, expected, "{action} by {auth}: {}", view["error"]);
        if *action == "fine" && is_signed_in {
            assert!(
                view.to_string().contains("\u{2022}\u{2022}"),
                "the app repeated it, under the veil: {view}"
            );
        }
    }
    for (auth, connection) in &connections {
        let path = format!("/connections/{connection}/test");
        assert_clean(
            &format!("the test by {auth}"),
            &text(&api, reqwest::Method::POST, &path, Some(&json!({}))).await,
        );
    }
    // The app was really sent all of it, or nothing of this means anything.
    let seen = echo.seen.lock().unwrap().clone();
    for name in
        ["key", "second", "password", "service", "query", "refused", "oauth", "access", "refresh", "code"]
    {
        assert!(seen.contains(&format!("{MARK}-{name}")), "the app never saw {name}");
    }
    assert!(seen.contains("CANARY-MADE-7F3A"), "the app never saw the header that was made of a key");

    let known = [
        ("connections", connections.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>()),
        ("runs", runs.iter().map(|(_, _, run)| run.clone()).collect()),
        ("workflows", workflows),
    ];
    let paths = readable(&known);
    assert!(paths.len() > 300, "{}", paths.len());
    for path in &paths {
        assert_clean(path, &text(&api, reqwest::Method::GET, path, None).await);
    }
    let metrics = trunkline_tests::client().unwrap().get(server.url("/metrics")).send().await.unwrap();
    assert_clean("the figures", &metrics.text().await.unwrap());
    assert_clean("live events", &lives.lock().unwrap());
    server.stop().await.unwrap();
    let log = server.output();
    assert!(log.contains("DEBUG"), "the log is as talkative as it can be asked to be");
    assert_clean("the log", &log);
    assert_clean_folder(server.data());
}

/// Listens to what the studio is told, from here on.
async fn listen(api: &Client) -> Arc<Mutex<String>> {
    let heard: Arc<Mutex<String>> = Arc::default();
    let mut answer = api.request(reqwest::Method::GET, "/live").send().await.unwrap();
    assert!(answer.status().is_success());
    let kept = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok(Some(chunk)) = answer.chunk().await {
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk));
        }
    });
    heard
}

#[test]
fn needles_are_found_wherever_they_begin() {
    for before in ["", "a", "ab", "abc", "abcd"] {
        let encoded = STANDARD.encode(format!("{before}{MARK}-x"));
        assert!(found_in(&encoded).is_some(), "{before}: {encoded}");
    }
    assert!(found_in("nothing of it").is_none());
}
