//! Requests that a connection signs: HTTP steps, loops over pages and providers of data share its limits, its credentials
//! go to its hosts and nowhere else, and nobody reads them.

use crate::connections::{acme, folder, holds};
use crate::{chain, ended, publish, run_once, step};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use trunkline_tests::{Client, Server, until};

/// A service that remembers what it was asked, and how many asked at the same time.
#[derive(Clone, Default)]
struct Service {
    at: String,
    under_way: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    /// Path with query, and headers as text.
    seen: Arc<Mutex<Vec<(String, String)>>>,
    tokens: Arc<AtomicUsize>,
    /// Where `/away` leads.
    away: Arc<Mutex<String>>,
}

impl Service {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self { at: format!("http://{}", listener.local_addr().unwrap()), ..Self::default() };
        let router = axum::Router::new().fallback(answer).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        service
    }

    fn host(&self) -> &str {
        self.at.strip_prefix("http://").unwrap()
    }

    fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(State(service): State<Service>, request: Request) -> Response {
    let now = service.under_way.fetch_add(1, Ordering::SeqCst) + 1;
    service.most.fetch_max(now, Ordering::SeqCst);
    let headers = format!("{:?}", request.headers());
    let path = request.uri().to_string();
    service.seen.lock().unwrap().push((path.clone(), headers.clone()));
    let response = match request.uri().path() {
        "/token" => {
            let number = service.tokens.fetch_add(1, Ordering::SeqCst) + 1;
            let token = format!("canary-token-{number}");
            axum::Json(json!({ "access_token": token, "token_type": "bearer", "expires_in": 3600 }))
                .into_response()
        }
        // The first token is taken back before anybody could know.
        "/guarded" if !headers.contains("canary-token-2") => StatusCode::UNAUTHORIZED.into_response(),
        "/away" => Redirect::temporary(&service.away.lock().unwrap()).into_response(),
        "/pages" => {
            let items: Vec<u32> = if path.contains("page=3") { Vec::new() } else { vec![1, 2] };
            axum::Json(json!({ "results": items })).into_response()
        }
        "/person" => axum::Json(json!({ "data": { "industry": "Engines" } })).into_response(),
        // Long enough for others to come meanwhile.
        "/slow" | "/api/look" => {
            tokio::time::sleep(Duration::from_millis(150)).await;
            axum::Json(json!({ "name": "Analytical" })).into_response()
        }
        _ => axum::Json(json!({ "echoed": headers, "path": path })).into_response(),
    };
    service.under_way.fetch_sub(1, Ordering::SeqCst);
    response
}

async fn connect(api: &Client, auth: &str, settings: Value, secrets: Value) -> String {
    let body = json!({
        "app": "web", "name": format!("Service by {auth}"), "auth": auth, "settings": settings, "secrets": secrets,
    });
    api.post("/connections", &body).await.unwrap()["id"].as_str().unwrap().to_owned()
}

fn request(name: &str, url: &str, connection: &str) -> Value {
    let config = json!({
        "method": "GET", "url": url, "auth": { "by": "connection", "connection": connection },
    });
    chain(name, &[("start", "manual", json!({})), ("call", "http_request", config)])
}

async fn server() -> Server {
    Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap()
}

#[tokio::test]
async fn one_limit_holds_for_everything_that_uses_a_connection() {
    let service = Service::start().await;
    let limits = "limits: { at_once: 2, bucket: { calls: 5, seconds: 1 } }";
    let apps = folder(&acme(&service.at).replace("limits: { daily: 1000 }", limits));
    let flags = ["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps.path().to_str().unwrap()];
    let server = Server::start(&flags).await.unwrap();
    let api = server.set_up().await.unwrap();
    let wanted = json!({ "app": "acme", "name": "Ours", "auth": "key", "secrets": { "key": "canary" } });
    let made = api.post("/connections", &wanted).await.unwrap();
    let id = made["id"].as_str().unwrap();

    let action = chain(
        "By action",
        &[("start", "manual", json!({})), ("call", "acme.look", json!({ "connection": id }))],
    );
    let over_pages = json!({
        "from": "pages", "url": format!("{}/pages", service.at), "connection": id, "items_at": "/results",
        "next_by": "number", "parameter": "page",
    });
    let mut pages = chain("Over pages", &[("start", "manual", json!({})), ("each", "loop", over_pages)]);
    pages["steps"]["each"]["body"] = json!({ "steps": {
        "call": request("x", &format!("{}/slow", service.at), id)["steps"]["call"].clone(),
    }, "edges": [] });
    let mut workflows = Vec::new();
    for document in [action, request("By request", &format!("{}/slow", service.at), id), pages] {
        workflows.push(publish(&api, document).await);
    }
    let began = Instant::now();
    let mut runs = Vec::new();
    for workflow in [0, 1, 0, 1, 2, 1, 0] {
        runs.push(run_once(&api, &workflows[workflow], json!({})).await);
    }
    for run in &runs {
        let view = ended(&api, run).await;
        assert_eq!(view["status"], "completed", "{view}");
    }
    // Six looks and requests, three pages, and a request for each of their four items.
    let calls = service.seen().len();
    assert_eq!(calls, 6 + 3 + 4);
    assert_eq!(service.most.load(Ordering::SeqCst), 2, "calls under way");
    // Five in any second: the thirteenth may begin two seconds after the first at the earliest.
    assert!(began.elapsed() >= Duration::from_secs(2), "{calls} calls within {:?}", began.elapsed());
    assert!(service.seen().iter().all(|(_, headers)| headers.contains("Bearer canary")));
}

#[tokio::test]
async fn credentials_go_to_the_hosts_of_the_connection_and_are_nowhere_to_be_read() {
    let (service, other) = (Service::start().await, Service::start().await);
    *service.away.lock().unwrap() = format!("{}/landed", other.at);
    let mut server = server().await;
    let api = server.set_up().await.unwrap();
    let hosts = service.host();
    let ids = [
        connect(
            &api,
            "header",
            json!({ "hosts": hosts, "header": "X-Api-Key" }),
            json!({ "key": "canary-header" }),
        )
        .await,
        connect(
            &api,
            "parameter",
            json!({ "hosts": hosts, "parameter": "api_key" }),
            json!({ "key": "canary par&meter" }),
        )
        .await,
        connect(
            &api,
            "basic",
            json!({ "hosts": hosts }),
            json!({ "username": "ours", "password": "canary-basic" }),
        )
        .await,
        connect(&api, "bearer", json!({ "hosts": hosts }), json!({ "key": "canary-bearer" })).await,
    ];
    let mut said = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let url = format!("{}/echo?at={at}", service.at);
        let workflow = publish(&api, request(&format!("Echo {at}"), &url, id)).await;
        let run = run_once(&api, &workflow, json!({})).await;
        let view = ended(&api, &run).await;
        assert_eq!(view["status"], "completed", "{view}");
        assert_eq!(step(&view, "call")["output"]["status"], 200);
        said.extend([view, api.get(&format!("/workflows/{workflow}")).await.unwrap()]);
    }
    let seen = service.seen();
    // "ours:canary-basic" as HTTP wants it.
    let basic = "b3VyczpjYW5hcnktYmFzaWM=";
    assert!(seen[0].1.contains(r#""x-api-key": "canary-header""#), "{seen:?}");
    assert!(seen[1].0.ends_with("?at=1&api_key=canary+par%26meter"), "{seen:?}");
    assert!(seen[2].1.contains(basic) && seen[3].1.contains("Bearer canary-bearer"), "{seen:?}");

    // To another host nothing is sent at all, and along a redirect the credentials do not go.
    let stray = publish(&api, request("Stray", &format!("{}/x", other.at), &ids[0])).await;
    let view = ended(&api, &run_once(&api, &stray, json!({})).await).await;
    assert_eq!(view["error"]["code"], "CONN-0008", "{view}");
    assert!(other.seen().is_empty());
    said.push(view);
    let away = publish(&api, request("Away", &format!("{}/away", service.at), &ids[0])).await;
    let view = ended(&api, &run_once(&api, &away, json!({})).await).await;
    assert_eq!(view["status"], "completed", "{view}");
    let landed = other.seen();
    assert!(landed.len() == 1 && !landed[0].1.contains("canary"), "{landed:?}");
    said.push(view);

    let refused = api.request(reqwest::Method::DELETE, &format!("/connections/{}", ids[0])).send().await;
    assert_eq!(refused.unwrap().status(), 409, "it is used by HTTP requests");
    said.push(api.get("/connections").await.unwrap());
    for text in said.iter().map(Value::to_string) {
        assert!(!text.contains("canary") && !text.contains(basic), "{text}");
    }
    server.stop().await.unwrap();
    assert!(!server.output().contains("canary"));
    assert!(!holds(server.data(), "canary"), "the data folder holds a secret in the open");
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_renewed_and_the_request_sent_again() {
    let service = Service::start().await;
    let apps = folder(&acme(&service.at));
    let flags = ["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps.path().to_str().unwrap()];
    let server = Server::start(&flags).await.unwrap();
    let api = server.set_up().await.unwrap();
    let secrets = json!({ "client_id": "ours", "client_secret": "canary-client" });
    let wanted = json!({ "app": "acme", "name": "For itself", "auth": "service", "secrets": secrets });
    let made = api.post("/connections", &wanted).await.unwrap();
    let id = made["id"].as_str().unwrap();
    let workflow = publish(&api, request("Guarded", &format!("{}/guarded", service.at), id)).await;
    for _ in 0..2 {
        let view = ended(&api, &run_once(&api, &workflow, json!({})).await).await;
        assert_eq!(view["status"], "completed", "{view}");
        assert!(!view.to_string().contains("canary"), "{view}");
    }
    assert_eq!(service.tokens.load(Ordering::SeqCst), 2, "one token, and one in its place");
    assert_eq!(service.seen().iter().filter(|(path, _)| path == "/guarded").count(), 3);
}

#[tokio::test]
async fn limits_change_without_the_secret_and_hosts_do_not() {
    let service = Service::start().await;
    let server = server().await;
    let api = server.set_up().await.unwrap();
    let settings = json!({ "hosts": service.host(), "test": format!("{}/me", service.at) });
    let id = connect(&api, "bearer", settings.clone(), json!({ "key": "canary" })).await;
    let path = format!("/connections/{id}");
    let mut limited = settings.clone();
    limited["at_once"] = "1".into();
    let changed = api.patch(&path, &json!({ "settings": limited })).await.unwrap();
    assert_eq!(changed["settings"]["at_once"], "1");
    let mut elsewhere = limited.clone();
    elsewhere["hosts"] = "evil.example".into();
    let refused = api
        .request(reqwest::Method::PATCH, &path)
        .json(&json!({ "settings": elsewhere }))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 422);
    let tested = api.post(&format!("{path}/test"), &json!({})).await.unwrap();
    assert_eq!(tested["status"], "connected", "{tested}");
    assert!(service.seen()[0].1.contains("Bearer canary"));

    let workflow = publish(&api, request("Slow", &format!("{}/slow", service.at), &id)).await;
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(run_once(&api, &workflow, json!({})).await);
    }
    for run in &runs {
        assert_eq!(ended(&api, run).await["status"], "completed");
    }
    assert_eq!(service.most.load(Ordering::SeqCst), 1, "the new limit holds at once");
}

#[tokio::test]
async fn a_provider_of_data_is_asked_through_a_connection_and_an_old_one_as_before() {
    let service = Service::start().await;
    let mut server = server().await;
    let api = server.set_up().await.unwrap();
    let settings = json!({ "hosts": service.host() });
    let id = connect(&api, "bearer", settings, json!({ "key": "canary-provider" })).await;
    let provider = |name: &str, field: &str, sign_in: Value| {
        json!({
            "id": name, "name": name, "needs": ["email"],
            "source": { "kind": "http", "url": format!("{}/person?by={name}", service.at), "sign_in": sign_in },
            "fills": [{ "field": field, "path": "data.industry", "trust": 80 }],
        })
    };
    let draft = json!({
        "fields": [{ "field": "industry" }, { "field": "city" }],
        "providers": [
            provider("old", "city", json!({ "by": "bearer", "token": "typed-long-ago" })),
            provider("new", "industry", json!({ "by": "connection", "connection": id })),
        ],
    });
    let book = "/rulebooks/enrichment_waterfall";
    let made = api.post(book, &json!({ "name": "Companies", "draft": draft })).await.unwrap();
    assert_eq!(made["problems"], json!([]), "{made}");
    let waterfall = made["id"].as_str().unwrap().to_owned();
    let revision = json!({ "base_revision": made["revision"] });
    api.post(&format!("{book}/{waterfall}/publish"), &revision).await.unwrap();

    let find =
        json!({ "match_on": ["email"], "fields": [{ "name": "email", "value": "ada@engines.example" }] });
    let enrich = json!({ "lead": "{{ steps.find.lead }}", "waterfall": "Companies" });
    let steps =
        [("start", "manual", json!({})), ("find", "find_or_create_lead", find), ("enrich", "enrich", enrich)];
    let workflow = publish(&api, chain("Enriches", &steps)).await;
    let view = ended(&api, &run_once(&api, &workflow, json!({})).await).await;
    assert_eq!(view["status"], "completed", "{view}");
    let lead = &step(&view, "enrich")["output"]["lead"];
    assert_eq!((&lead["industry"], &lead["city"]), (&json!("Engines"), &json!("Engines")), "{view}");
    let signed = |by: &str| {
        let all = service.seen();
        all.into_iter().find(|(path, _)| path.ends_with(by)).map(|(_, headers)| headers).unwrap()
    };
    assert!(signed("by=new").contains("Bearer canary-provider"));
    assert!(signed("by=old").contains("Bearer typed-long-ago"));

    let uses = api.get(&format!("/connections/{id}/used-by")).await.unwrap();
    let used = &uses["items"][0];
    assert_eq!((&used["kind"], &used["name"]), (&json!("enrichment_waterfall"), &json!("Companies")));
    let refused = api.request(reqwest::Method::DELETE, &format!("/connections/{id}")).send().await.unwrap();
    assert_eq!(refused.status(), 409);
    let trial = json!({ "document": draft, "lead_id": lead["id"] });
    let tried = api.post(&format!("/enrichment/{waterfall}/try"), &trial).await.unwrap();
    let shown = api.get(&format!("{book}/{waterfall}")).await.unwrap();
    for said in [view, tried, shown] {
        assert!(!said.to_string().contains("canary"), "{said}");
    }
    // Its limit is the provider's limit, too: with nothing left of the day the question is not sent.
    let asked = service.seen().len();
    let settings = json!({ "hosts": service.host(), "daily": "1" });
    api.patch(&format!("/connections/{id}"), &json!({ "settings": settings })).await.unwrap();
    let call = publish(&api, request("Calls", &format!("{}/x", service.at), &id)).await;
    let run = run_once(&api, &call, json!({})).await;
    let refused = until("the request to be refused", || async {
        let view = api.get(&format!("/runs/{run}")).await.ok()?;
        view.to_string().contains("CONN-0005").then_some(view)
    });
    refused.await.unwrap();
    assert_eq!(service.seen().len(), asked, "nothing was sent");
    server.stop().await.unwrap();
    assert!(!server.output().contains("canary"));
    assert!(!holds(server.data(), "canary"));
}
