//! Triggers of apps: looks that are shown and obey the app, and deliveries that have to prove where they come from.

use crate::{chain, ended, publish};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use trunkline_tests::{Client, Server, client, text_of, until};

/// A manifest whose every address is `at`.
fn manifest(at: &str) -> String {
    let host = at.strip_prefix("http://").unwrap();
    format!(
        r#"manifest: 1
id: talky
name: Talky
version: 1.0.0
summary: An app on this machine.
shelf: other
base_url: {at}
hosts: ["{host}"]
auth: [{{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Key: "{{{{ secret.key }}}}" }} }} }}]
test: {{ action: look }}
says: "{{{{ answer.body.error }}}}"
actions:
  look: {{ title: Look, summary: Reads., request: {{ path: /look }}, examples: [{{ title: x, exchange: [], output: 1 }}] }}
webhooks:
  events:
    title: Events
    help: Paste the address.
    secrets: {{ signing_secret: {{ title: Signing secret }} }}
    check:
      by: hmac
      secret: signing_secret
      over: "{{timestamp}}:{{url}}:{{body}}"
      at: {{ header: X-Signature }}
      timestamp: {{ at: {{ header: X-Timestamp }} }}
      max_age: 300
    challenges:
      - when: "{{{{ request.body.type == 'hello' }}}}"
        json: {{ challenge: "{{{{ request.body.challenge }}}}" }}
    events: /events
    id: "{{{{ event.id }}}}"
triggers:
  changed:
    title: Changed record
    summary: Starts when a record has changed.
    input: {{ properties: {{ kind: {{ type: string, title: Kind }} }} }}
    poll:
      request: {{ path: /things, query: {{ since: "{{{{ since }}}}", kind: "{{{{ input.kind }}}}" }} }}
      paging: {{ items: /items, next: {{ by: cursor, at: /next, into: {{ query: after }} }} }}
      id: "{{{{ item.id }}}}"
      cursor: {{ by: time, at: "{{{{ item.changed }}}}", write: unix_ms, overlap: 1 }}
      order: oldest_first
    examples: [{{ title: x, exchange: [], starts: [] }}]
  deal:
    title: Deal
    summary: Starts when something happens to a deal.
    input: {{ properties: {{ least: {{ type: number, title: At least, default: 0 }} }} }}
    webhook: {{ at: events, when: "{{{{ event.type == 'deal' }}}}" }}
    when: "{{{{ event.amount >= input.least }}}}"
    examples: [{{ title: x, delivery: {{ secrets: {{}} }}, starts: [{{ id: e1, amount: 5 }}] }}]
"#
    )
}

/// An app whose records are given.
#[derive(Clone, Default)]
struct App {
    answers: Arc<Mutex<Vec<(u16, Value)>>>,
    asked: Arc<Mutex<Vec<HashMap<String, String>>>>,
}

async fn answer(State(app): State<App>, Query(query): Query<HashMap<String, String>>) -> Response {
    app.asked.lock().unwrap().push(query);
    let mut answers = app.answers.lock().unwrap();
    let (status, body) = if answers.is_empty() { (200, json!({ "items": [] })) } else { answers.remove(0) };
    (axum::http::StatusCode::from_u16(status).unwrap(), [("retry-after", "30")], axum::Json(body))
        .into_response()
}

async fn start() -> (App, Server, TempDir) {
    let app = App::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(answer).with_state(app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let apps = TempDir::new().unwrap();
    std::fs::write(apps.path().join("talky.yaml"), manifest(&at)).unwrap();
    let folder = apps.path().to_str().unwrap().to_owned();
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1", "--apps", &folder]).await.unwrap();
    (app, server, apps)
}

async fn connect(api: &Client) -> String {
    let wanted = json!({ "app": "talky", "name": "Talky", "auth": "key", "secrets": { "key": "abcdef" } });
    api.post("/connections", &wanted).await.unwrap()["id"].as_str().unwrap().to_owned()
}

fn document(trigger: &str, config: Value) -> Value {
    let done = json!({ "fields": [{ "name": "done", "value": "yes" }] });
    chain("Hears", &[("hear", trigger, config), ("end", "set_fields", done)])
}

async fn trigger(api: &Client, workflow: &str) -> Value {
    api.get(&format!("/workflows/{workflow}/app-triggers")).await.unwrap()["items"][0].clone()
}

async fn runs(api: &Client) -> Vec<Value> {
    api.get("/runs?limit=100").await.unwrap()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_trigger_looks_shows_how_far_it_is_and_says_what_is_wrong() {
    let (app, mut server, _apps) = start().await;
    let api = server.set_up().await.unwrap();
    let kinds = api.get("/step-kinds").await.unwrap();
    let kind =
        kinds["items"].as_array().unwrap().iter().find(|kind| kind["kind"] == "talky.changed").unwrap();
    assert_eq!(
        (kind["category"].as_str(), kind["title"].as_str()),
        (Some("trigger"), Some("Talky: changed record"))
    );
    let connection = connect(&api).await;
    app.answers.lock().unwrap().extend([
        (200, json!({ "items": [{ "id": 1, "changed": 1_900_000_000_000_u64 }, { "id": 2, "changed": 1_900_000_000_000_u64 }], "next": "p2" })),
        (200, json!({ "items": [{ "id": 3, "changed": 1_900_000_000_000_u64 }] })),
        (429, json!({ "error": "slowly, please" })),
    ]);
    let config = json!({ "connection": connection, "kind": "big", "begin": "since", "since": "2026-01-31" });
    let workflow = publish(&api, document("talky.changed", config)).await;
    let shown = until("the first look", || async {
        let shown = trigger(&api, &workflow).await;
        (shown["looks"]["started"] == 3).then_some(shown)
    })
    .await
    .unwrap();
    assert_eq!((shown["live"].clone(), shown["looks"]["seen"].clone()), (json!(true), json!(3)));
    assert_eq!(
        (shown["looks"]["every_seconds"].clone(), shown["looks"]["failures"].clone()),
        (json!(300), json!(0))
    );
    let first = app.asked.lock().unwrap()[0].clone();
    // A second before the day that was asked for.
    assert_eq!((first["since"].as_str(), first["kind"].as_str()), ("1769817599000", "big"));
    let all = until("three runs", || async {
        let all = runs(&api).await;
        (all.len() == 3).then_some(all)
    })
    .await
    .unwrap();
    let view = ended(&api, all[0]["id"].as_str().unwrap()).await;
    assert_eq!(view["trigger_kind"], "app");

    // The next look is refused by the app, which says how long to wait.
    api.post(&format!("/workflows/{workflow}/app-triggers/hear/look"), &json!({})).await.unwrap();
    let shown = until("the look that failed", || async {
        let shown = trigger(&api, &workflow).await;
        (shown["looks"]["failures"] == 1).then_some(shown)
    })
    .await
    .unwrap();
    let trouble = &shown["looks"]["trouble"];
    assert_eq!(trouble["code"], "CONN-0005");
    assert!(trouble["message"].as_str().unwrap().contains("slowly, please"), "{trouble}");
    let next: chrono::DateTime<chrono::Utc> = shown["looks"]["next_at"].as_str().unwrap().parse().unwrap();
    let at: chrono::DateTime<chrono::Utc> = trouble["at"].as_str().unwrap().parse().unwrap();
    assert!((25..=31).contains(&(next - at).num_seconds()), "{next} {at}");
    // A restart remembers all of it, and what was seen starts nothing again.
    server.stop().await.unwrap();
    server.restart().await.unwrap();
    app.answers
        .lock()
        .unwrap()
        .push((200, json!({ "items": [{ "id": 3, "changed": 1_900_000_000_000_u64 }] })));
    until("a look after the restart", || async {
        api.post(&format!("/workflows/{workflow}/app-triggers/hear/look"), &json!({})).await.ok()?;
        let shown = trigger(&api, &workflow).await;
        (shown["looks"]["failures"] == 0 && shown["looks"]["seen"] == 4).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(runs(&api).await.len(), 3);
    server.stop().await.unwrap();
}

fn signed(secret: &str, text: &str) -> String {
    // HMAC-SHA256 by its definition.
    let block = |pad: u8| {
        let mut block = [pad; 64];
        for (at, byte) in secret.bytes().enumerate() {
            block[at] ^= byte;
        }
        block
    };
    let inner = Sha256::new().chain_update(block(0x36)).chain_update(text).finalize();
    let outer = Sha256::new().chain_update(block(0x5c)).chain_update(inner).finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn send(url: &str, secret: &str, age: i64, body: &Value) -> (u16, Value) {
    let stamp = chrono::Utc::now().timestamp() - age;
    send_signed(url, &signed(secret, &format!("{stamp}:{url}:{body}")), stamp, body).await
}

async fn send_signed(url: &str, signature: &str, stamp: i64, body: &Value) -> (u16, Value) {
    let request = client().unwrap().post(url).header("X-Signature", signature);
    let answer =
        request.header("X-Timestamp", stamp.to_string()).body(body.to_string()).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&text_of(answer).await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn deliveries_prove_themselves_and_count_once() {
    let (_app, mut server, _apps) = start().await;
    let api = server.set_up().await.unwrap();
    let connection = connect(&api).await;
    let url = server.url(&format!("/hooks/apps/{connection}/events"));
    let hello = json!({ "type": "hello", "challenge": "c0ffee" });
    assert_eq!(send(&url, "guess", 0, &hello).await.1["code"], "HOOK-0010", "nobody has entered the secret");

    // Without the secret the workflow is not published.
    let document = document("talky.deal", json!({ "connection": connection, "least": 10 }));
    let made = api.post("/workflows", &json!({ "document": document })).await.unwrap();
    let workflow = made["id"].as_str().unwrap().to_owned();
    let revision = json!({ "base_revision": made["draft_revision"] });
    let path = format!("/workflows/{workflow}/publish");
    let refused = api.request(reqwest::Method::POST, &path).json(&revision).send().await.unwrap();
    assert_eq!(refused.status(), 422);
    assert!(text_of(refused).await.unwrap().contains("WF-0012"));
    let secrets = json!({ "secrets": { "signing_secret": "canary-secret-0001" } });
    let path_of_secrets = format!("/connections/{connection}/addresses/secrets");
    let put = api.request(reqwest::Method::PUT, &path_of_secrets).json(&secrets).send().await.unwrap();
    let put = text_of(put).await.unwrap();
    assert!(put.contains("\"entered\":true") && !put.contains("canary-secret-0001"), "{put}");
    api.post(&path, &revision).await.unwrap();
    let shown = trigger(&api, &workflow).await;
    assert_eq!((shown["live"].clone(), shown["address"]["url"].clone()), (json!(true), json!(url)));

    let secret = "canary-secret-0001";
    assert_eq!(send(&url, secret, 0, &hello).await, (200, json!({ "challenge": "c0ffee" })));
    let deals = json!({ "events": [
        { "id": "e1", "type": "deal", "amount": 50 }, { "id": "e2", "type": "deal", "amount": 5 },
        { "id": "e3", "type": "call", "amount": 70 }, { "id": "e1", "type": "deal", "amount": 50 },
    ] });
    assert_eq!(send(&url, secret, 0, &deals).await, (200, json!({ "accepted": 3, "repeated": 1 })));
    // The same events in another delivery, and a delivery that somebody recorded.
    assert_eq!(send(&url, secret, 1, &deals).await, (200, json!({ "accepted": 0, "repeated": 4 })));
    let other = json!({ "events": [{ "id": "e9", "type": "deal", "amount": 90, "note": secret }] });
    let stamp = chrono::Utc::now().timestamp();
    let signature = signed(secret, &format!("{stamp}:{url}:{other}"));
    assert_eq!(send_signed(&url, &signature, stamp, &other).await.1["accepted"], 1);
    assert_eq!(send_signed(&url, &signature, stamp, &other).await.1, json!({ "accepted": 0, "repeated": 1 }));
    // Forged, moved in time, sent elsewhere, too old, unreadable.
    for (status, code, answer) in [
        (401, "HOOK-0011", send(&url, "another", 0, &deals).await),
        (401, "HOOK-0011", send_signed(&url, &signature, stamp + 1, &other).await),
        (401, "HOOK-0011", send_signed(&format!("{url}?x=1"), &signature, stamp, &other).await),
        (401, "HOOK-0008", send(&url, secret, 400, &deals).await),
        (400, "HOOK-0009", {
            let stamp = chrono::Utc::now().timestamp();
            let signature = signed(secret, &format!("{stamp}:{url}:not json"));
            let request = client().unwrap().post(&url).header("X-Signature", signature);
            let sent =
                request.header("X-Timestamp", stamp.to_string()).body("not json").send().await.unwrap();
            (sent.status().as_u16(), serde_json::from_str(&text_of(sent).await.unwrap()).unwrap())
        }),
    ] {
        assert_eq!((answer.0, answer.1["code"].as_str()), (status, Some(code)));
    }
    let nowhere = server.url("/hooks/apps/01890000-0000-7000-8000-000000000000/events");
    assert_eq!(send(&nowhere, secret, 0, &deals).await.0, 404);

    let all = until("two runs", || async {
        let all = runs(&api).await;
        (all.len() == 2).then_some(all)
    })
    .await
    .unwrap();
    for run in &all {
        let view = ended(&api, run["id"].as_str().unwrap()).await;
        assert!(!view.to_string().contains(secret), "the secret is in a run");
    }
    let shown = api.get(&format!("/connections/{connection}/addresses")).await.unwrap();
    let counts = &shown["items"][0]["counts"];
    for (name, count) in [("accepted", 4), ("repeated", 6), ("forged", 4), ("too_old", 1), ("unreadable", 1)]
    {
        assert_eq!(counts[name], count, "{name}: {counts}");
    }
    server.stop().await.unwrap();
}

/// Every byte that is no letter or digit, percent-encoded.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

/// Presses a button in Slack, with a signature made with `secret`.
async fn press(url: &str, secret: &str, link: &str, answer: &str) -> u16 {
    let payload = json!({
        "type": "block_actions", "user": { "id": "U1", "name": "ada" }, "message": { "text": "Well?" },
        "actions": [{ "type": "button", "action_id": answer, "text": { "text": "Yes" }, "value": link }],
    });
    let body = format!("payload={}", encoded(&payload.to_string()));
    let stamp = chrono::Utc::now().timestamp();
    let signature = format!("v0={}", signed(secret, &format!("v0:{stamp}:{body}")));
    let request = client().unwrap().post(url).header("X-Slack-Signature", signature);
    let request = request.header("X-Slack-Request-Timestamp", stamp.to_string());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_button_in_slack_answers_the_run_that_waits() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let wanted =
        json!({ "app": "slack", "name": "Slack", "auth": "bot_token", "secrets": { "key": "xoxb-1" } });
    let connection = api.post("/connections", &wanted).await.unwrap()["id"].as_str().unwrap().to_owned();
    let secret = "canary-secret-0002";
    let secrets = json!({ "secrets": { "signing_secret": secret } });
    let path = format!("/connections/{connection}/addresses/secrets");
    assert!(
        api.request(reqwest::Method::PUT, &path).json(&secrets).send().await.unwrap().status().is_success()
    );
    let done = json!({ "fields": [{ "name": "link", "value": "{{ trigger.body.link }}" }] });
    let teller =
        publish(&api, chain("Tells", &[("start", "manual", json!({})), ("end", "set_fields", done)])).await;
    let ask = json!({ "title": "Well?", "notify": teller });
    let asks =
        publish(&api, chain("Asks", &[("start", "manual", json!({})), ("ask", "approval", ask)])).await;
    let run = crate::run_once(&api, &asks, json!({})).await;
    let link = until("the word that tells people", || async {
        let told = api.get(&format!("/runs?workflow={teller}")).await.ok()?;
        let view = api.get(&format!("/runs/{}", told["items"][0]["id"].as_str()?)).await.ok()?;
        let steps = view["steps"].as_array()?;
        steps.iter().find(|step| step["step"] == "end")?["output"]["link"].as_str().map(str::to_owned)
    })
    .await
    .unwrap();
    crate::status(&api, &run, "waiting").await;

    let url = server.url(&format!("/hooks/apps/{connection}/interactivity"));
    assert_eq!(press(&url, "another secret", &link, "approved").await, 401);
    assert_eq!(
        press(&url, secret, &format!("{link}x"), "approved").await,
        200,
        "a link that was made up answers nothing"
    );
    assert_eq!(press(&url, secret, &link, "no such answer").await, 200);
    crate::status(&api, &run, "waiting").await;
    assert_eq!(press(&url, secret, &link, "approved").await, 200);
    let view = ended(&api, &run).await;
    let answer = crate::step(&view, "ask");
    assert_eq!(
        (answer["output"]["answer"].as_str(), answer["output"]["by"].as_str()),
        (Some("approved"), Some("ada (Slack)"))
    );
    assert_eq!(press(&url, secret, &link, "rejected").await, 200, "a second answer changes nothing");
    server.stop().await.unwrap();
}
