//! Connectors over their whole life: a document becomes one, it is tried and used, upgraded under a workflow that waits,
//! switched off and removed; and what a document of a stranger must not do.

use crate::{chain, ended, publish, run_once, status, step};
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use trunkline_tests::{Client, Server};

/// An app that remembers what it was asked: method, address and body.
#[derive(Clone, Default)]
struct App {
    seen: Arc<Mutex<Vec<(String, String)>>>,
    document: Arc<Mutex<String>>,
}

impl App {
    async fn start() -> (Self, String) {
        let app = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(app.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (app, at)
    }

    fn asked(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(what, _)| what.clone()).collect()
    }
}

async fn answer(State(app): State<App>, request: Request) -> axum::response::Response {
    let what = format!("{} {}", request.method(), request.uri());
    let key = request.headers().get("x-key").map(|key| key.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(request.into_body(), 100_000).await.unwrap();
    app.seen.lock().unwrap().push((what.clone(), String::from_utf8(body.to_vec()).unwrap()));
    if what.ends_with("/openapi.json") {
        return app.document.lock().unwrap().clone().into_response();
    }
    if key.as_deref() != Some("canary-key-77") {
        let refused = axum::Json(json!({ "message": format!("{} is wrong", key.unwrap_or_default()) }));
        return (axum::http::StatusCode::UNAUTHORIZED, refused).into_response();
    }
    axum::Json(match what.as_str() {
        "GET /v1/people?limit=2" => json!({ "people": [{ "id": 1 }, { "id": 2 }], "next_cursor": "x" }),
        "GET /v1/people?limit=2&cursor=x" => json!({ "people": [{ "id": 3 }] }),
        _ => json!({ "id": 7, "asked": what }),
    })
    .into_response()
}

fn document(at: &str) -> Value {
    let person = json!({ "type": "object", "properties": { "id": { "type": "integer" } } });
    let answers =
        |schema: &Value| json!({ "200": { "content": { "application/json": { "schema": schema } } } });
    let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Acme", "version": "1" },
        "servers": [{ "url": format!("{at}/v1") }],
        "security": [{ "key": [] }],
        "paths": {
            "/people": {
                "get": {
                    "operationId": "listPeople", "summary": "List people", "tags": ["People"],
                    "parameters": [
                        { "name": "cursor", "in": "query", "schema": { "type": "string" } },
                        { "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 2 } },
                    ],
                    "responses": answers(&json!({ "type": "object", "properties": {
                        "people": { "type": "array", "items": person }, "next_cursor": { "type": "string" },
                    } })),
                },
                "post": {
                    "operationId": "addPerson", "summary": "Add a person", "tags": ["People"],
                    "requestBody": { "required": true, "content": { "application/json": { "schema": {
                        "type": "object", "required": ["email"],
                        "properties": { "email": { "type": "string" }, "stage": { "type": "string", "enum": ["new", "won"] } },
                    } } } },
                    "responses": answers(&person),
                },
            },
            "/people/{id}": {
                "get": { "operationId": "getPerson", "summary": "Get a person", "parameters": [id], "responses": answers(&person) },
            },
            "/files": {
                "post": { "operationId": "upload", "requestBody": { "required": true, "content": { "multipart/form-data": {} } }, "responses": {} },
            },
        },
        "components": { "securitySchemes": { "key": { "type": "apiKey", "in": "header", "name": "X-Key" } } },
    })
}

async fn refused(api: &Client, method: reqwest::Method, path: &str, body: &Value) -> Value {
    let answer = api.request(method, path).json(body).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_client_error(), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// What is chosen when the guesses are taken as they are.
fn choice(import: &Value, keys: &[&str]) -> Value {
    let server = &import["servers"][0];
    json!({
        "id": import["name"], "name": import["title"], "version": "1.0.0", "summary": "People of Acme.", "shelf": "crm",
        "base_url": server["url"], "hosts": server["hosts"], "settings": server["settings"],
        "auth": import["auth"].as_array().unwrap().iter().map(|way| way["auth"].clone()).collect::<Vec<_>>(),
        "says": import["says"], "faults": import["faults"], "test": "",
        "operations": keys.iter().map(|key| json!({ "key": key })).collect::<Vec<_>>(),
    })
}

async fn draft(api: &Client, import: &Value, choice: &Value) -> Value {
    let path = format!("/connectors/imports/{}/draft", import["id"].as_str().unwrap());
    api.post(&path, &json!({ "choice": choice })).await.unwrap()
}

async fn install(api: &Client, drafted: &Value, more: &Value) -> Value {
    let mut body = json!({
        "manifest": drafted["manifest"], "base_edition": drafted["preview"]["base_edition"], "origin": {},
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    api.post("/connectors", &body).await.unwrap()
}

async fn kinds(api: &Client) -> Vec<String> {
    let kinds = api.get("/step-kinds").await.unwrap();
    let all = kinds["items"].as_array().unwrap().iter().map(|kind| kind["kind"].as_str().unwrap().to_owned());
    all.filter(|kind| kind.starts_with("acme.")).collect()
}

#[tokio::test]
async fn a_document_becomes_a_connector_that_is_tried_used_and_removed() {
    let (app, at) = App::start().await;
    *app.document.lock().unwrap() = document(&at).to_string();
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();

    let import =
        api.post("/connectors/imports", &json!({ "url": format!("{at}/openapi.json") })).await.unwrap();
    assert_eq!((&import["name"], &import["loaded"]), (&json!("acme"), &json!(true)));
    assert_eq!(import["servers"][0]["url"], format!("{at}/v1"));
    let operations = import["operations"].as_array().unwrap();
    let upload = operations.iter().find(|operation| operation["key"] == "POST /files").unwrap();
    assert!(upload["unsupported"].as_str().unwrap().contains("multipart"), "{upload}");
    let id = import["id"].as_str().unwrap();
    assert_eq!(api.get(&format!("/connectors/imports/{id}")).await.unwrap(), import);

    let keys = ["GET /people", "POST /people", "GET /people/{id}"];
    let chosen = choice(&import, &keys);
    let drafted = draft(&api, &import, &chosen).await;
    assert_eq!(drafted["preview"]["difference"], Value::Null);
    assert_eq!(kinds(&api).await, Vec::<String>::new(), "nothing is installed by looking");

    // Tried with what is typed in, which no answer holds.
    let trial = |key: &str| json!({ "manifest": drafted["manifest"], "action": "get_person", "input": { "id": "7" }, "auth": "key", "secrets": { "key": key } });
    let tried = api.post("/connectors/try", &trial("canary-key-77")).await.unwrap();
    assert_eq!((&tried["ok"], &tried["output"]["id"]), (&json!(true), &json!(7)), "{tried}");
    assert_eq!(tried["request"]["url"], format!("{at}/v1/people/7"));
    assert!(!tried.to_string().contains("canary-key-77"));
    let wrong = api.post("/connectors/try", &trial("other-key-1")).await.unwrap();
    assert_eq!(wrong["error"]["code"], "CONN-0004", "{wrong}");
    assert!(!wrong.to_string().contains("other-key-1"), "whatever the app repeats");

    let origin = json!({ "origin": { "kind": "openapi", "source": format!("{at}/openapi.json"), "title": "Acme", "choice": chosen } });
    let installed = install(&api, &drafted, &origin).await;
    assert_eq!((&installed["name"], &installed["actions"]), (&json!("acme"), &json!(3)));
    assert_eq!(kinds(&api).await, ["acme.list_people", "acme.add_person", "acme.get_person"]);

    // Used like any other app.
    let connection =
        json!({ "app": "acme", "name": "Ours", "auth": "key", "secrets": { "key": "canary-key-77" } });
    let connection = api.post("/connections", &connection).await.unwrap();
    let connection = connection["id"].as_str().unwrap();
    api.post(&format!("/connections/{connection}/test"), &json!({})).await.unwrap();
    let list = json!({ "connection": connection });
    let add = json!({ "connection": connection, "email": "{{ trigger.body.email }}", "stage": "new" });
    let steps =
        [("start", "manual", json!({})), ("list", "acme.list_people", list), ("add", "acme.add_person", add)];
    let workflow = publish(&api, chain("People", &steps)).await;
    let view = ended(&api, &run_once(&api, &workflow, json!({ "email": "ada@x.example" })).await).await;
    assert_eq!(view["status"], "completed", "{view}");
    assert_eq!(step(&view, "list")["output"]["count"], 3, "all pages: {view}");
    let posted =
        app.seen.lock().unwrap().iter().find(|(what, _)| what == "POST /v1/people").unwrap().1.clone();
    assert_eq!(posted, r#"{"email":"ada@x.example","stage":"new"}"#);

    // It stays while it is used, and says by what.
    let refusal = refused(&api, reqwest::Method::DELETE, "/connectors/acme", &json!({})).await;
    assert_eq!(refusal["code"], "CONN-0044");
    let said = refusal["detail"].as_str().unwrap();
    assert!(said.contains("the workflow People") && said.contains("the connection Ours"), "{said}");
    let detail = api.get("/connectors/acme").await.unwrap();
    assert_eq!(detail["used_by"].as_array().unwrap().len(), 2);

    // Imported again, the same operations are chosen.
    let again =
        api.post("/connectors/imports", &json!({ "url": format!("{at}/openapi.json") })).await.unwrap();
    assert_eq!(again["earlier"]["choice"]["operations"].as_array().unwrap().len(), 3);
    // Also by name, whatever the new document is called; and of a manifest, whose actions say it themselves.
    let mut renamed = document(&at);
    renamed["info"]["title"] = "Acme 2".into();
    let body = json!({ "text": renamed.to_string(), "name": "acme-2.json" });
    assert_eq!(api.post("/connectors/imports", &body).await.unwrap()["earlier"], Value::Null);
    let mut body = body;
    body["again"] = "acme".into();
    let named = api.post("/connectors/imports", &body).await.unwrap();
    assert_eq!(named["earlier"]["name"], "acme");
    install(&api, &drafted, &json!({ "base_edition": installed["edition"] })).await;
    let path = format!("/connectors/imports/{}?again=acme", named["id"].as_str().unwrap());
    let read = api.get(&path).await.unwrap();
    let keys: Vec<_> = read["earlier"]["choice"]["operations"].as_array().unwrap().iter().collect();
    assert_eq!((keys.len(), &keys[0]["key"]), (3, &json!("GET /people")));

    api.request(reqwest::Method::DELETE, &format!("/workflows/{workflow}")).send().await.unwrap();
    api.request(reqwest::Method::DELETE, &format!("/connections/{connection}")).send().await.unwrap();
    let gone = api.request(reqwest::Method::DELETE, "/connectors/acme").send().await.unwrap();
    assert_eq!(gone.status(), 204);
    assert_eq!(kinds(&api).await, Vec::<String>::new());
}

/// A manifest with one action that is sent to `path`.
fn manifest(at: &str, version: &str, path: &str, more_hosts: &str) -> String {
    let host = at.strip_prefix("http://").unwrap();
    format!(
        r#"manifest: 1
id: acme
name: Acme
version: {version}
summary: An app on this machine.
shelf: other
base_url: {at}
hosts: ["{host}"{more_hosts}]
auth:
  - {{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Key: "{{{{ secret.key }}}}" }} }} }}
actions:
  look:
    title: Look
    summary: Reads.
    request: {{ path: {path} }}
    examples: [{{ title: One, exchange: [], output: {{ ok: true }} }}]
"#
    )
}

async fn checked(api: &Client, manifest: &str) -> Value {
    let preview = api.post("/connectors/check", &json!({ "manifest": manifest })).await.unwrap();
    json!({ "manifest": manifest, "preview": preview })
}

#[tokio::test]
async fn a_workflow_keeps_the_edition_it_was_published_with() {
    let (app, at) = App::start().await;
    let mut server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    install(&api, &checked(&api, &manifest(&at, "1.0.0", "/one", "")).await, &json!({})).await;
    let connection =
        json!({ "app": "acme", "name": "Ours", "auth": "key", "secrets": { "key": "canary-key-77" } });
    let connection = api.post("/connections", &connection).await.unwrap()["id"].as_str().unwrap().to_owned();
    let url = json!({"fields": [{"name": "url", "value": "{{ run.callback_url }}"}], "keep": "only_these"});
    let steps = [
        ("start", "manual", json!({})),
        ("url", "set_fields", url),
        ("wait", "wait_for_callback", json!({})),
        ("look", "acme.look", json!({ "connection": connection })),
    ];
    let document = chain("Waits", &steps);
    let workflow = publish(&api, document.clone()).await;
    let waiting = run_once(&api, &workflow, json!({})).await;
    status(&api, &waiting, "waiting").await;

    let upgrade = checked(&api, &manifest(&at, "2.0.0", "/two", "")).await;
    assert_eq!(upgrade["preview"]["difference"]["changed"][0]["name"], "look");
    assert_eq!(upgrade["preview"]["used_by"][0]["kind"], "live");
    install(&api, &upgrade, &json!({})).await;
    let stale =
        json!({ "manifest": upgrade["manifest"], "base_edition": upgrade["preview"]["base_edition"] });
    let stale = refused(&api, reqwest::Method::POST, "/connectors", &stale).await;
    assert_eq!(stale["code"], "API-0015", "whoever looked before the other is told");

    // Also after a restart, what was frozen goes by what it was frozen with.
    server.stop().await.unwrap();
    server.restart().await.unwrap();
    let view = api.get(&format!("/runs/{waiting}")).await.unwrap();
    let callback = step(&view, "url")["output"]["url"].as_str().unwrap().to_owned();
    let called = trunkline_tests::client().unwrap().post(callback).json(&json!({})).send().await.unwrap();
    assert!(called.status().is_success(), "{}", called.status());
    assert_eq!(ended(&api, &waiting).await["status"], "completed");
    assert_eq!(app.asked().last().unwrap(), "GET /one");

    // Publishing the same draft takes the upgrade.
    let known = api.get(&format!("/workflows/{workflow}")).await.unwrap();
    let body = json!({ "base_revision": known["draft_revision"] });
    let published = api.post(&format!("/workflows/{workflow}/publish"), &body).await.unwrap();
    assert_eq!(published["version"], 2);
    let plain = chain("Looks", &[steps[0].clone(), steps[3].clone()]);
    let looks = publish(&api, plain).await;
    assert_eq!(ended(&api, &run_once(&api, &looks, json!({})).await).await["status"], "completed");
    assert_eq!(app.asked().last().unwrap(), "GET /two");

    // Switched off, nothing is sent, offered or published.
    api.patch("/connectors/acme", &json!({ "enabled": false })).await.unwrap();
    assert_eq!(kinds(&api).await, Vec::<String>::new());
    let before = app.asked().len();
    let view = ended(&api, &run_once(&api, &looks, json!({})).await).await;
    assert_eq!((&view["status"], app.asked().len()), (&json!("failed"), before), "{view}");
    assert!(view.to_string().contains("CONN-0045"), "{view}");
    let draft = api.post("/workflows", &json!({ "document": document })).await.unwrap();
    let body = json!({ "base_revision": draft["draft_revision"] });
    let path = format!("/workflows/{}/publish", draft["id"].as_str().unwrap());
    let unpublished = refused(&api, reqwest::Method::POST, &path, &body).await;
    assert_eq!(unpublished["problems"][0]["code"], "CONN-0045", "{unpublished}");
    api.patch("/connectors/acme", &json!({ "enabled": true })).await.unwrap();
    assert_eq!(kinds(&api).await, ["acme.look"]);
}

#[tokio::test]
async fn credentials_go_to_no_host_that_nobody_confirmed() {
    let (app, at) = App::start().await;
    let (thief, elsewhere) = App::start().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    install(&api, &checked(&api, &manifest(&at, "1.0.0", "/one", "")).await, &json!({})).await;
    let connection =
        json!({ "app": "acme", "name": "Ours", "auth": "key", "secrets": { "key": "canary-key-77" } });
    let connection = api.post("/connections", &connection).await.unwrap();
    let host = elsewhere.strip_prefix("http://").unwrap();
    let moved = manifest(&elsewhere, "2.0.0", "/one", "");
    let trial = json!({ "manifest": moved, "action": "look", "connection": connection["id"] });
    let trial = refused(&api, reqwest::Method::POST, "/connectors/try", &trial).await;
    assert_eq!(trial["code"], "CONN-0048");
    let upgrade = checked(&api, &moved).await;
    assert_eq!(upgrade["preview"]["difference"]["new_hosts"], json!([host]));
    let body = json!({ "manifest": moved, "base_edition": upgrade["preview"]["base_edition"] });
    let unconfirmed = refused(&api, reqwest::Method::POST, "/connectors", &body).await;
    assert_eq!(unconfirmed["code"], "CONN-0048");
    assert_eq!((app.asked().len(), thief.asked().len()), (0, 0), "nothing was sent anywhere");
    install(&api, &upgrade, &json!({ "confirm_hosts": [host] })).await;
    assert_eq!(api.get("/connectors").await.unwrap()["items"][0]["version"], "2.0.0");
}

#[tokio::test]
async fn what_cannot_be_installed_or_read_is_refused_with_its_place() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let post = reqwest::Method::POST;
    let fine = manifest("http://127.0.0.1:9", "1.0.0", "/x", "");
    for (path, body, code, said) in [
        ("/connectors/imports", json!({ "text": "<html>" }), "CONN-0041", "web page"),
        ("/connectors/imports", json!({ "text": "{\"openapi\": \"3.0.0\"," }), "CONN-0041", "line 1"),
        (
            "/connectors/imports",
            json!({ "url": "http://127.0.0.1:9/openapi.json" }),
            "CONN-0049",
            "127.0.0.1",
        ),
        ("/connectors/imports", json!({}), "API-0014", "either"),
        ("/connectors/check", json!({ "manifest": "manifest: 1\nid: [" }), "CONN-0001", ""),
        (
            "/connectors/check",
            json!({ "manifest": fine.replace("id: acme", "id: slack") }),
            "CONN-0043",
            "slack",
        ),
        (
            "/connectors/check",
            json!({ "manifest": fine.replace("path: /x", "path: x") }),
            "CONN-0001",
            "line 15",
        ),
    ] {
        let refusal = refused(&api, post.clone(), path, &body).await;
        assert_eq!(refusal["code"], code, "{body}: {refusal}");
        assert!(refusal.to_string().contains(said), "{body}: {refusal}");
    }
    // A document of an app that is built in gets a name beside it.
    let mut slack = document("https://api.slack.example");
    slack["info"]["title"] = "Slack".into();
    let import = api.post("/connectors/imports", &json!({ "text": slack.to_string() })).await.unwrap();
    assert_eq!(import["name"], "slack_api");
    let unknown = "/connectors/imports/01890000-0000-7000-8000-000000000001/draft";
    let refusal = refused(
        &api,
        post,
        unknown,
        &json!({ "choice": {
        "id": "a", "name": "A", "base_url": "https://a.example", "auth": [], "operations": [],
    } }),
    )
    .await;
    assert_eq!(refusal["code"], "CONN-0047");
}

#[tokio::test]
async fn the_command_line_imports_installs_and_removes() {
    let (_, at) = App::start().await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("api.json"), document(&at).to_string()).unwrap();
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    server.set_up().await.unwrap();
    let run = async |words: &[&str]| {
        let ended = tokio::process::Command::new(trunkline_tests::binary())
            .arg("connector")
            .args(words)
            .env("TRUNKLINE_URL", server.url(""))
            .env("TRUNKLINE_DATA", server.data())
            .output()
            .await
            .unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        (ended.status.code().unwrap(), String::from_utf8(said).unwrap())
    };
    let (code, listed) = run(&["import", &file("api.json")]).await;
    assert_eq!(code, 0, "{listed}");
    assert!(
        listed.contains("GET /people  List people  [pages]") && listed.contains("[not supported: "),
        "{listed}"
    );
    let (code, said) =
        run(&["import", &file("api.json"), "--operations", "GET /people,addPerson", "-o", &file("no.yaml")])
            .await;
    assert_eq!(code, 1, "{said}");
    let (code, said) = run(&[
        "import",
        &file("api.json"),
        "--operations",
        "GET /people,add_person",
        "-o",
        &file("acme.yaml"),
    ])
    .await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("2 actions"), "{said}");
    let (code, said) = run(&["install", &file("acme.yaml")]).await;
    assert_eq!(code, 0, "{said}");
    let (_, listed) = run(&["list"]).await;
    assert!(listed.contains("acme\t1.0.0\tAcme\t2 actions\ton"), "{listed}");
    let (_, said) = run(&[
        "import",
        &file("api.json"),
        "--tag",
        "People",
        "--base-url",
        "https://eu.acme.example",
        "-o",
        &file("acme.yaml"),
    ])
    .await;
    assert!(said.contains("https://eu.acme.example"), "{said}");
    let (code, said) = run(&["install", &file("acme.yaml")]).await;
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("--confirm-host eu.acme.example"), "{said}");
    let (code, said) = run(&["install", &file("acme.yaml"), "--confirm-host", "eu.acme.example"]).await;
    assert_eq!(code, 0, "{said}");
    // A newer document: what was chosen and corrected stays.
    let corrected = std::fs::read_to_string(file("acme.yaml")).unwrap().replace("List people", "Everybody");
    std::fs::write(file("acme.yaml"), corrected).unwrap();
    let like = ["import", &file("api.json"), "--like", &file("acme.yaml"), "-o", &file("acme-2.yaml")];
    let (code, said) = run(&like).await;
    assert_eq!(code, 0, "{said}");
    let (code, said) = run(&["install", &file("acme-2.yaml"), "--check"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("~ list_people: its title is another"), "{said}");
    assert!(!said.contains("\n+ ") && !said.contains("\n- "), "{said}");
    let (code, said) = run(&["remove", "acme"]).await;
    assert_eq!(code, 0, "{said}");

    // Tried with secrets from a file, which nothing prints.
    let manifest = manifest(&at, "1.0.0", "/one", "");
    std::fs::write(file("try.yaml"), manifest).unwrap();
    std::fs::write(file("secrets.yaml"), "key: canary-key-77\n").unwrap();
    let words = ["try", &file("try.yaml"), "look", "--secrets", &file("secrets.yaml")];
    let (code, said) = run(&words).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("/one") && said.contains("puts out") && !said.contains("canary"), "{said}");
    std::fs::write(file("secrets.yaml"), "key: other-key-1\n").unwrap();
    let (code, said) = run(&words).await;
    assert_eq!((code, said.contains("CONN-0004"), said.contains("other-key-1")), (4, true, false), "{said}");
    let (code, said) = run(&["import", &file("acme.yaml")]).await;
    assert_eq!((code, said.contains("CONN-0041")), (3, true), "{said}");
}
