//! Connections to apps: signing in at a real authorisation server, tokens renewed once for many runs, limits and errors of
//! an app, and secrets that are nowhere to be found.

use crate::{chain, ended, publish, run_once};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use trunkline_tests::{Client, Server};

/// A manifest whose every address is `at`.
pub(crate) fn acme(at: &str) -> String {
    let host = at.strip_prefix("http://").unwrap();
    format!(
        r#"manifest: 1
id: acme
name: Acme
version: 1.0.0
summary: An app on this machine.
shelf: other
base_url: {at}
hosts: ["{host}"]
auth:
  - id: key
    title: Key
    grant: {{ kind: api_key }}
    send: {{ headers: {{ Authorization: "Bearer {{{{ secret.key }}}}" }} }}
  - id: oauth
    title: Sign in
    grant:
      kind: authorization_code
      authorize_url: {at}/auth
      token_url: {at}/token
      scopes: [openid, offline_access]
      parameters: {{ prompt: consent }}
  - id: service
    title: For itself
    grant: {{ kind: client_credentials, token_url: "{at}/token", client: basic }}
test: {{ action: look, account: "{{{{ answer.body.name }}}}" }}
limits: {{ daily: 1000 }}
says: "{{{{ answer.body.error }}}}"
fields:
  own: {{ action: columns, items: /columns, name: "{{{{ item.key }}}}", label: "{{{{ item.title }}}}", writable: "{{{{ not item.locked }}}}" }}
actions:
  look:
    title: Look
    summary: Reads.
    request: {{ path: /api/look }}
    examples: [{{ title: It is there, exchange: [], output: {{ name: x }} }}]
  columns:
    title: List columns
    summary: Reads.
    request: {{ path: /api/columns }}
    examples: [{{ title: One, exchange: [], output: {{ columns: [] }} }}]
  add:
    title: Add a row
    summary: Writes.
    input: {{ properties: {{ name: {{ type: string, title: Name }} }}, required: [name] }}
    request: {{ method: POST, path: /api/rows, headers: {{ X-Key: "{{{{ key }}}}" }}, json: {{ name: "{{{{ input.name }}}}" }} }}
    write: {{ repeat: recognised }}
    examples: [{{ title: One, exchange: [], output: {{ ok: true }} }}]
"#
    )
}

pub(crate) fn folder(manifest: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("acme.yaml"), manifest).unwrap();
    folder
}

pub(crate) async fn server_with(apps: &Path) -> Server {
    let apps = apps.to_str().unwrap();
    Server::start(&["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps]).await.unwrap()
}

/// The path, the body and the headers of a request.
pub(crate) type Asked = (String, String, HashMap<String, String>);

/// An app that remembers what it was asked.
#[derive(Clone, Default)]
pub(crate) struct App {
    pub(crate) seen: Arc<Mutex<Vec<Asked>>>,
    /// Answers nothing to `/api/columns` but that it is asked too often.
    pub(crate) is_busy: Arc<AtomicBool>,
}

impl App {
    pub(crate) async fn start() -> (Self, String) {
        let app = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(app.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (app, at)
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|(known, ..)| known == path).count()
    }
}

async fn answer(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let headers: HashMap<String, String> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let body = axum::body::to_bytes(request.into_body(), 100_000).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let token = headers.get("authorization").cloned().unwrap_or_default();
    let first = app.count(&path) == 0;
    app.seen.lock().unwrap().push((path.clone(), body, headers));
    if token.contains("wrong") {
        let said = format!("{token} is not known");
        return (StatusCode::UNAUTHORIZED, axum::Json(json!({ "error": said }))).into_response();
    }
    let body = match path.as_str() {
        "/api/look" => json!({ "name": "Analytical Engines", "echoed": token }),
        "/api/columns" if app.is_busy.load(Ordering::SeqCst) => {
            return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")], "").into_response();
        }
        "/api/columns" => json!({ "columns": [
            { "key": "z", "title": "Zeal", "locked": true }, { "key": "a", "title": "Age" },
        ] }),
        // Nobody knows whether the first was done.
        "/api/rows" if first => return (StatusCode::BAD_GATEWAY, "").into_response(),
        _ => json!({ "ok": true }),
    };
    axum::Json(body).into_response()
}

pub(crate) async fn connect(api: &Client, auth: &str, secrets: Value) -> Value {
    let wanted =
        json!({ "app": "acme", "name": format!("Acme by {auth}"), "auth": auth, "secrets": secrets });
    api.post("/connections", &wanted).await.unwrap()
}

pub(crate) fn step(name: &str, kind: &str, config: Value) -> Value {
    let mut document = chain(name, &[("start", "manual", json!({})), ("call", kind, config)]);
    document["steps"]["call"]["retry"] = json!({ "times": 3, "wait_seconds": 1 });
    document
}

/// What the server says to a request that it refuses.
pub(crate) async fn refusal(api: &Client, path: &str, body: Value) -> Value {
    let answer = api.request(reqwest::Method::POST, path).json(&body).send().await.unwrap();
    assert!(answer.status().is_client_error(), "{}", answer.status());
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// Where a signed-in browser ends that opens `path`.
async fn browse(api: &Client, path: &str) -> String {
    let answer = api.request(reqwest::Method::GET, &format!("/../..{path}")).send().await.unwrap();
    answer.url().to_string()
}

/// A client that does not follow redirects.
fn unguided() -> reqwest::Client {
    let _ = trunkline_tests::client();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Whether any file below `folder` holds `text`.
pub(crate) fn holds(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, text);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    })
}

#[tokio::test]
async fn an_app_is_connected_tested_used_and_its_secret_is_nowhere() {
    let (app, at) = App::start().await;
    let apps = folder(&acme(&at));
    let mut server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let gallery = api.get("/apps").await.unwrap();
    assert!(gallery["items"].as_array().unwrap().iter().any(|app| app["id"] == "acme"));
    let made = connect(&api, "key", json!({ "key": "canary-key-0001" })).await;
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["status"], "connected");
    let tested = api.post(&format!("/connections/{id}/test"), &json!({})).await.unwrap();
    assert_eq!(tested["account"], "Analytical Engines");
    let own = format!("/connections/{id}/fields/own");
    let fields = api.get(&own).await.unwrap();
    assert_eq!(
        fields["items"][0],
        json!({ "name": "a", "label": "Age", "kind": "string", "writable": true, "required": false })
    );
    assert_eq!(fields["items"][1]["writable"], false);
    assert_eq!(api.get(&own).await.unwrap()["read_at"], fields["read_at"]);
    assert_eq!(app.count("/api/columns"), 1, "what was read is kept");

    let add = json!({ "connection": id, "name": "{{ trigger.body.name }}" });
    let workflow = publish(&api, step("Adds", "acme.add", add)).await;
    let run = run_once(&api, &workflow, json!({ "name": "Ada" })).await;
    let view = ended(&api, &run).await;
    assert_eq!(view["status"], "completed", "{view}");
    let seen = app.seen.lock().unwrap().clone();
    let rows: Vec<_> = seen.iter().filter(|(path, ..)| path == "/api/rows").collect();
    assert_eq!(rows.len(), 2, "the app recognises the repeat, so it is sent again");
    assert_eq!(rows[0].1, r#"{"name":"Ada"}"#);
    assert!(!rows[0].2["x-key"].is_empty() && rows[0].2["x-key"] == rows[1].2["x-key"], "one key for both");

    // What the app repeats of what it was sent is hidden, too.
    let look = publish(&api, step("Looks", "acme.look", json!({ "connection": id }))).await;
    let run = run_once(&api, &look, json!({})).await;
    let looked = ended(&api, &run).await;
    assert_eq!(looked["status"], "completed");

    let refused = api.request(reqwest::Method::DELETE, &format!("/connections/{id}")).send().await.unwrap();
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.unwrap().contains("CONN-0014"));
    let uses = api.get(&format!("/connections/{id}/used-by")).await.unwrap();
    assert_eq!(uses["items"].as_array().unwrap().len(), 2);
    assert_eq!(uses["items"][0]["live"], true);

    let wanted = json!({ "app": "acme", "name": "x", "auth": "magic" });
    assert_eq!(
        refusal(&api, "/connections", wanted).await["code"],
        "API-0014",
        "there is no such way to sign in"
    );
    for said in [
        api.get("/connections").await.unwrap(),
        api.get(&format!("/connections/{id}")).await.unwrap(),
        api.get(&format!("/workflows/{workflow}")).await.unwrap(),
        looked,
        view,
    ] {
        assert!(!said.to_string().contains("canary"), "{said}");
    }
    server.stop().await.unwrap();
    assert!(!server.output().contains("canary"));
    assert!(!holds(server.data(), "canary"), "the data folder holds the secret in the open");
}

#[tokio::test]
async fn a_key_that_the_app_refuses_breaks_the_connection_without_being_told() {
    let (_, at) = App::start().await;
    let apps = folder(&acme(&at));
    let server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let id = connect(&api, "key", json!({ "key": "canary-wrong" })).await["id"].as_str().unwrap().to_owned();
    let test = refusal(&api, &format!("/connections/{id}/test"), json!({})).await;
    assert_eq!(test["code"], "CONN-0004");
    assert!(!test.to_string().contains("canary"), "{test}");
    let seen = api.get(&format!("/connections/{id}")).await.unwrap();
    assert_eq!((&seen["status"], &seen["trouble"]["code"]), (&json!("broken"), &json!("CONN-0004")));
    assert!(!seen.to_string().contains("canary"), "{seen}");
    let change = json!({ "secrets": { "key": "right" } });
    api.patch(&format!("/connections/{id}"), &change).await.unwrap();
    let test = api.post(&format!("/connections/{id}/test"), &json!({})).await.unwrap();
    assert_eq!(test["status"], "connected", "{test}");
}

#[tokio::test]
async fn a_rotated_master_key_opens_what_the_old_one_sealed() {
    let (_, at) = App::start().await;
    let apps = folder(&acme(&at));
    let mut server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let id = connect(&api, "key", json!({ "key": "right" })).await["id"].as_str().unwrap().to_owned();
    let key = server.data().join("master.key");
    let before = std::fs::read_to_string(&key).unwrap();
    let rotate = |server: &Server| {
        let mut command = Command::new(trunkline_tests::binary());
        command.args(["key", "rotate", "--data"]).arg(server.data());
        command
    };
    let busy = rotate(&server).output().await.unwrap();
    assert!(!busy.status.success(), "not while the server holds the data");
    assert_eq!(std::fs::read_to_string(&key).unwrap(), before);
    server.stop().await.unwrap();
    let done = rotate(&server).output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let after = std::fs::read_to_string(&key).unwrap();
    assert!(after != before && after.lines().count() == 1);
    server.restart().await.unwrap();
    let test = api.post(&format!("/connections/{id}/test"), &json!({})).await.unwrap();
    assert_eq!(test["status"], "connected", "{test}");
}

/// The authorisation server, until it is dropped.
struct Authorization {
    at: String,
    client: Value,
    service: Value,
    _process: Child,
    _input: ChildStdin,
}

impl Authorization {
    /// `None`, with a message, where its packages are not installed.
    async fn start(redirect: &str) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("oauth");
        if !folder.join("node_modules").exists() {
            eprintln!("skipped: run `npm ci` in tests/oauth for the authorisation server");
            return None;
        }
        let mut process = Command::new("node")
            .arg("server.mjs")
            .arg(redirect)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let told: Value = loop {
            let line = lines.next_line().await.unwrap().expect("the authorisation server starts");
            if let Ok(told) = serde_json::from_str(&line) {
                break told;
            }
        };
        Some(Self {
            at: told["address"].as_str().unwrap().to_owned(),
            client: told["client"].clone(),
            service: told["service"].clone(),
            _input: process.stdin.take().unwrap(),
            _process: process,
        })
    }

    async fn get(&self, path: &str) -> Value {
        let answer =
            trunkline_tests::client().unwrap().get(format!("{}{path}", self.at)).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }
}

/// A browser that knows cookies and follows redirects, and stops where it is sent to `until`.
struct Browser {
    client: reqwest::Client,
    cookies: HashMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        Self { client: unguided(), cookies: HashMap::new() }
    }

    /// One request; the answer's cookies are kept.
    async fn ask(&mut self, url: &str, form: Option<&str>) -> (Option<String>, String) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = match form {
            Some(form) => self
                .client
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.to_owned()),
            None => self.client.get(url),
        };
        let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let base = reqwest::Url::parse(url).unwrap();
        let to =
            answer.headers().get("location").map(|to| base.join(to.to_str().unwrap()).unwrap().to_string());
        (to, answer.text().await.unwrap())
    }

    /// Signs in and allows access, until the app sends it back to `back`.
    async fn allow(&mut self, url: &str, back: &str) -> String {
        let (mut to, mut page) = self.ask(url, None).await;
        let mut at = url.to_owned();
        for _ in 0..20 {
            if let Some(next) = to {
                if next.starts_with(back) {
                    return next;
                }
                at = next;
                (to, page) = self.ask(&at, None).await;
                continue;
            }
            let action = page.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
            let action = action.unwrap_or_else(|| panic!("no form at {at}: {page}"));
            let action = reqwest::Url::parse(&at).unwrap().join(action).unwrap().to_string();
            let form = if page.contains("name=\"login\"") {
                "prompt=login&login=ada&password=x"
            } else {
                "prompt=consent"
            };
            (to, page) = self.ask(&action, Some(form)).await;
        }
        panic!("it leads in a circle");
    }
}

#[tokio::test]
async fn access_is_allowed_at_a_real_server_and_a_dead_token_is_renewed_once_for_all_runs() {
    // The address of the server is part of the redirect address, so the server comes first, and its app is added later.
    let apps = TempDir::new().unwrap();
    std::fs::write(apps.path().join("acme.yaml"), acme("http://127.0.0.1:9")).unwrap();
    let mut server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let back = api.get("/apps").await.unwrap()["redirect_url"].as_str().unwrap().to_owned();
    let Some(authorization) = Authorization::start(&back).await else { return };
    server.stop().await.unwrap();
    std::fs::write(apps.path().join("acme.yaml"), acme(&authorization.at)).unwrap();
    server.restart().await.unwrap();

    let client = &authorization.client;
    let made =
        connect(&api, "oauth", json!({ "client_id": client["id"], "client_secret": client["secret"] })).await;
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["status"], "pending");
    let early = refusal(&api, &format!("/connections/{id}/test"), json!({})).await;
    assert_eq!(early["code"], "CONN-0010");
    let url = api.post(&format!("/connections/{id}/authorize"), &json!({})).await.unwrap();
    let url = url["url"].as_str().unwrap().to_owned();
    assert!(url.contains("code_challenge_method=S256") && !url.contains("canary"));
    let came = Browser::new().allow(&url, &back).await;

    // A browser in which nobody is signed in is not let in with it, and has not used it up either.
    let stranger = unguided().get(&came).send().await.unwrap();
    assert!(stranger.headers()["location"].to_str().unwrap().contains("CONN-0012"));
    let path = came.strip_prefix(&server.url("")).unwrap();
    let came_back = browse(&api, path).await;
    assert!(came_back.contains(&format!("connected={id}")), "{came_back}");
    let again = browse(&api, path).await;
    assert!(again.contains("CONN-0012"), "a code is taken in once: {again}");
    let tested = api.post(&format!("/connections/{id}/test"), &json!({})).await.unwrap();
    assert_eq!((&tested["status"], &tested["account"]), (&json!("connected"), &json!("Analytical Engines")));
    assert_eq!(authorization.get("/counts").await["refresh"], 0);

    let workflow = publish(&api, step("Looks", "acme.look", json!({ "connection": id }))).await;
    authorization.get("/expire").await;
    let mut runs = Vec::new();
    for _ in 0..64 {
        runs.push(run_once(&api, &workflow, json!({})).await);
    }
    for run in &runs {
        let view = ended(&api, run).await;
        assert_eq!(view["status"], "completed", "{view}");
        assert!(!view.to_string().contains("canary"));
    }
    let counts = authorization.get("/counts").await;
    assert_eq!(counts["refresh"], 1, "64 runs found the token dead, and one got a new one: {counts}");

    // What is allowed is taken back: runs fail with a reason, and the connection says so.
    authorization.get("/withdraw").await;
    authorization.get("/expire").await;
    let run = run_once(&api, &workflow, json!({})).await;
    let view = ended(&api, &run).await;
    assert_eq!(view["status"], "failed");
    assert!(view.to_string().contains("CONN-0012"), "{view}");
    let seen = api.get(&format!("/connections/{id}")).await.unwrap();
    assert_eq!((&seen["status"], &seen["trouble"]["code"]), (&json!("broken"), &json!("CONN-0012")));

    let service = &authorization.service;
    let made =
        connect(&api, "service", json!({ "client_id": service["id"], "client_secret": service["secret"] }))
            .await;
    let id = made["id"].as_str().unwrap();
    let tested = api.post(&format!("/connections/{id}/test"), &json!({})).await.unwrap();
    assert_eq!(tested["status"], "connected", "{tested}");
    assert_eq!(authorization.get("/counts").await["client"], 1);
    server.stop().await.unwrap();
    assert!(!server.output().contains("canary"));
    assert!(!holds(server.data(), "canary"));
}
