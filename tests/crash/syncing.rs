//! Two apps are kept in step while people change both at random and the server dies.
//!
//! What must hold: both come to agree by the rules of each field, no record is added twice, and once nobody changes
//! anything nothing is written any more: no write of ours is answered with another one.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use trunkline_tests::{Client, Server, long, until};

/// People that both apps may come to know.
const PEOPLE: u64 = 12;
const PAGE: usize = 5;

/// Field by field, with the moment of the last change in milliseconds.
type Person = (Map<String, Value>, u64);

/// An app with people in it. `tidy` keeps names trimmed and in small letters, as some apps do.
#[derive(Debug, Clone)]
struct App {
    tidy: bool,
    people: Arc<Mutex<BTreeMap<u64, Person>>>,
    /// Answers to writes that were asked with a key.
    keys: Arc<Mutex<HashMap<String, u64>>>,
    writes: Arc<AtomicU64>,
}

impl App {
    async fn start(tidy: bool) -> (Self, String) {
        let app = Self { tidy, people: Arc::default(), keys: Arc::default(), writes: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/people", get(list).post(add))
            .route("/people/{id}", get(show).patch(change))
            .with_state(app.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (app, at)
    }

    fn put(&self, id: u64, values: Map<String, Value>) -> Value {
        let mut people = self.people.lock().unwrap();
        let (known, changed) = people.entry(id).or_default();
        for (name, value) in values {
            let value = match value.as_str() {
                Some(text) if self.tidy => json!(text.trim().to_lowercase()),
                _ => value,
            };
            known.insert(name, value);
        }
        *changed = now().max(*changed + 1);
        shown(id, known, *changed)
    }
}

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn shown(id: u64, values: &Map<String, Value>, changed: u64) -> Value {
    json!({ "id": id, "fields": values, "changed": changed })
}

async fn list(State(app): State<App>, Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    let people = app.people.lock().unwrap();
    let of = |name: &str| query.get(name).map_or("", String::as_str);
    let since: u64 = of("since").parse().unwrap_or(0);
    let skip: usize = of("after").parse().unwrap_or(0);
    let mut found: Vec<(u64, u64)> = people
        .iter()
        .filter(|(_, (values, at))| *at >= since && (of("mail").is_empty() || values["mail"] == of("mail")))
        .map(|(id, (_, at))| (*at, *id))
        .collect();
    found.sort_unstable();
    let items: Vec<Value> =
        found.iter().skip(skip).take(PAGE).map(|(at, id)| shown(*id, &people[id].0, *at)).collect();
    let next = (skip + PAGE < found.len()).then_some(skip + PAGE);
    Json(json!({ "items": items, "next": next }))
}

async fn show(State(app): State<App>, Path(id): Path<u64>) -> Response {
    match app.people.lock().unwrap().get(&id) {
        Some((values, at)) => Json(shown(id, values, *at)).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({}))).into_response(),
    }
}

async fn add(State(app): State<App>, headers: HeaderMap, Json(values): Json<Map<String, Value>>) -> Response {
    let key = headers["x-key"].to_str().unwrap().to_owned();
    app.writes.fetch_add(1, Ordering::Relaxed);
    let mut keys = app.keys.lock().unwrap();
    let known = keys.get(&key).copied();
    if let Some(id) = known {
        let people = app.people.lock().unwrap();
        let (values, at) = &people[&id];
        return Json(shown(id, values, *at)).into_response();
    }
    let is_there = app.people.lock().unwrap().values().any(|(known, _)| known["mail"] == values["mail"]);
    if is_there {
        return (StatusCode::CONFLICT, Json(json!({ "error": "somebody has this address" }))).into_response();
    }
    let id = 1_000 + app.people.lock().unwrap().len() as u64;
    keys.insert(key, id);
    Json(app.put(id, values)).into_response()
}

async fn change(
    State(app): State<App>,
    Path(id): Path<u64>,
    Json(values): Json<Map<String, Value>>,
) -> Json<Value> {
    app.writes.fetch_add(1, Ordering::Relaxed);
    // Slow enough that some writes are under way whenever the server dies.
    tokio::time::sleep(Duration::from_millis(2)).await;
    Json(app.put(id, values))
}

fn manifest(id: &str, at: &str) -> String {
    let host = at.strip_prefix("http://").unwrap();
    format!(
        r#"manifest: 1
id: {id}
name: {id}
version: 1.0.0
summary: An app on this machine.
shelf: other
base_url: {at}
hosts: ["{host}"]
auth: [{{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Token: "{{{{ secret.key }}}}" }} }} }}]
test: {{ action: find }}
says: "{{{{ answer.body.error }}}}"
actions:
  read:
    title: Read
    summary: Reads.
    input: {{ properties: {{ id: {{ type: string, title: Id }} }}, required: [id] }}
    request: {{ path: "/people/{{{{ input.id }}}}" }}
    faults: [{{ status: [404], class: nothing }}]
    examples: [{{ title: x, exchange: [], output: 1 }}]
  find:
    title: Find
    summary: Finds.
    input: {{ properties: {{ mail: {{ type: string, title: Mail }} }} }}
    request: {{ path: /people, query: {{ mail: "{{{{ input.mail }}}}" }} }}
    output: "{{{{ answer.body.items[0] }}}}"
    examples: [{{ title: x, exchange: [], output: 1 }}]
  add:
    title: Add
    summary: Adds.
    input: {{ properties: {{ values: {{ type: object, title: Values }} }}, required: [values] }}
    request: {{ method: POST, path: /people, headers: {{ X-Key: "{{{{ key }}}}" }}, json: "{{{{ input.values }}}}" }}
    write: {{ repeat: recognised }}
    examples: [{{ title: x, exchange: [], output: 1 }}]
  change:
    title: Change
    summary: Changes.
    input: {{ properties: {{ id: {{ type: string, title: Id }}, values: {{ type: object, title: Values }} }}, required: [id] }}
    request: {{ method: PATCH, path: "/people/{{{{ input.id }}}}", json: "{{{{ input.values }}}}" }}
    write: {{ repeat: harmless }}
    examples: [{{ title: x, exchange: [], output: 1 }}]
triggers:
  changed:
    title: Changed person
    summary: Starts when a person has changed.
    poll:
      request: {{ path: /people, query: {{ since: "{{{{ since }}}}" }} }}
      paging: {{ items: /items, next: {{ by: cursor, at: /next, into: {{ query: after }} }} }}
      id: "{{{{ item.id }}}}"
      cursor: {{ by: time, at: "{{{{ item.changed }}}}", write: unix_ms, overlap: 1 }}
      order: oldest_first
    examples: [{{ title: x, exchange: [], starts: [] }}]
records:
  person:
    title: People
    trigger: changed
    id: "{{{{ record.id }}}}"
    changed: "{{{{ record.changed }}}}"
    values: "{{{{ record.fields }}}}"
    known_by: mail
    read: {{ action: read, input: {{ id: "{{{{ id }}}}" }} }}
    find: {{ action: find, input: {{ mail: "{{{{ value }}}}" }} }}
    create: {{ action: add, input: {{ values: "{{{{ values }}}}" }} }}
    update: {{ action: change, input: {{ id: "{{{{ id }}}}", values: "{{{{ values }}}}" }} }}
"#
    )
}

async fn set_up(api: &Client) -> String {
    let mut connections = Vec::new();
    for app in ["crm", "map"] {
        let wanted = json!({ "app": app, "name": app, "auth": "key", "secrets": { "key": "abcdef" } });
        connections.push(api.post("/connections", &wanted).await.unwrap()["id"].clone());
    }
    let wanted = json!({
        "name": "People in step", "every_seconds": 3600, "begin": "all",
        "left": { "connection": connections[0], "records": "person" },
        "right": { "connection": connections[1], "records": "person" },
        "fields": [
            { "left": "mail", "right": "mail" },
            { "left": "name", "right": "name", "rule": "newest" },
            { "left": "firm", "right": "firm", "rule": "left_wins" },
            { "left": "score", "right": "score", "flow": "to_right" },
            { "left": "note", "right": "note", "rule": "never_overwrite" },
        ],
    });
    api.post("/syncs", &wanted).await.unwrap()["workflow_id"].as_str().unwrap().to_owned()
}

fn edit(app: &App, random: u64) {
    let person = random % PEOPLE;
    let mail = format!("p{person}@example.com");
    let value = (random >> 8) % 5;
    let field = ["name", "firm", "score", "note"][usize::try_from((random >> 16) % 4).unwrap()];
    let words = [" Ada", "Ben ", "CLEO", "dan", "Eve"][usize::try_from(value).unwrap()];
    let value = if field == "score" { json!(value) } else { json!(words) };
    let known = app
        .people
        .lock()
        .unwrap()
        .iter()
        .find(|(_, (values, _))| values["mail"] == mail.as_str())
        .map(|(id, _)| *id);
    match known {
        Some(id) => drop(app.put(id, Map::from_iter([(field.to_owned(), value)]))),
        // Each side adds people of its own; two of three are added on the left.
        None if app.tidy == person.is_multiple_of(3) => {
            drop(
                app.put(
                    person,
                    Map::from_iter([("mail".to_owned(), json!(mail)), (field.to_owned(), value)]),
                ),
            );
        }
        None => {}
    }
}

/// The values of everybody, by address, as they are compared: whatever an app keeps otherwise.
fn compared(app: &App) -> BTreeMap<String, Map<String, Value>> {
    let people = app.people.lock().unwrap();
    let plain =
        |value: &Value| value.as_str().map_or(value.clone(), |text| json!(text.trim().to_lowercase()));
    people
        .values()
        .map(|(values, _)| {
            let mail = values["mail"].as_str().unwrap().to_owned();
            (mail, values.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        })
        .collect()
}

/// How the two differ against the rules; nothing when they agree.
fn difference(left: &App, right: &App) -> Option<String> {
    let (left, right) = (compared(left), compared(right));
    if left.keys().ne(right.keys()) {
        return Some(format!("{:?} and {:?}", left.keys(), right.keys()));
    }
    for (mail, l) in &left {
        let r = &right[mail];
        let of = |values: &Map<String, Value>, name: &str| values.get(name).cloned().unwrap_or_default();
        for name in ["name", "firm", "score", "note"] {
            let (l, r) = (of(l, name), of(r, name));
            let is_empty = |value: &Value| value.is_null() || value == "";
            let may_differ = name == "note" && !is_empty(&l) && !is_empty(&r);
            // What only the right has of a field that the left owns stays until the left says something.
            let is_unsaid = name == "score" && is_empty(&l);
            let is_same = l == r || (is_empty(&l) && is_empty(&r));
            if !(is_same || may_differ || is_unsaid) {
                return Some(format!("{mail}.{name}: {l} and {r}"));
            }
        }
    }
    None
}

async fn look(api: &Client, workflow: &str) {
    for side in ["left", "right"] {
        let _ = api.post(&format!("/workflows/{workflow}/app-triggers/{side}/look"), &json!({})).await;
    }
}

/// Both sides have been looked at after `moment`, and no run is under way.
async fn is_quiet(api: &Client, workflow: &str, moment: chrono::DateTime<chrono::Utc>) -> Option<()> {
    let shown = api.get(&format!("/workflows/{workflow}/app-triggers")).await.ok()?;
    if shown["waiting"] != 0 {
        return None;
    }
    for trigger in shown["items"].as_array()? {
        let looks = &trigger["looks"];
        let last: chrono::DateTime<chrono::Utc> = looks["last_at"].as_str()?.parse().ok()?;
        if last <= moment || looks["going_on"] == true {
            return None;
        }
    }
    for status in ["queued", "running", "waiting"] {
        let page = api.get(&format!("/runs?status={status}&limit=1")).await.ok()?;
        if !page["items"].as_array()?.is_empty() {
            return None;
        }
    }
    Some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_apps_come_to_agree_whoever_changes_what_and_whenever_the_server_dies() {
    let (moments, edits) = if long() { (8, 6_000) } else { (3, 2_000) };
    let (left, left_at) = App::start(false).await;
    let (right, right_at) = App::start(true).await;
    let apps = tempfile::TempDir::new().unwrap();
    std::fs::write(apps.path().join("crm.yaml"), manifest("crm", &left_at)).unwrap();
    std::fs::write(apps.path().join("map.yaml"), manifest("map", &right_at)).unwrap();
    let folder = apps.path().to_str().unwrap();
    let mut server =
        Server::start(&["--empty", "--allow-hosts", "127.0.0.1", "--apps", folder]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let workflow = set_up(&api).await;

    let done = Arc::new(AtomicBool::new(false));
    let edited = Arc::new(AtomicU64::new(0));
    let people = {
        let (left, right, done, edited) =
            (left.clone(), right.clone(), Arc::clone(&done), Arc::clone(&edited));
        tokio::spawn(async move {
            let random = RandomState::new();
            for turn in 0..edits {
                let random = random.hash_one(turn);
                edit(if random & 1 == 0 { &left } else { &right }, random >> 1);
                edited.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            done.store(true, Ordering::Relaxed);
        })
    };
    for moment in 0..moments {
        let before = left.writes.load(Ordering::Relaxed) + right.writes.load(Ordering::Relaxed);
        until("the sync to write", || async {
            look(&api, &workflow).await;
            let after = left.writes.load(Ordering::Relaxed) + right.writes.load(Ordering::Relaxed);
            (after > before + 3 || done.load(Ordering::Relaxed)).then_some(())
        })
        .await
        .unwrap();
        let random = RandomState::new().hash_one(moment) % 80;
        tokio::time::sleep(Duration::from_millis(random)).await;
        server.kill().await.unwrap();
        server.restart().await.unwrap();
    }
    people.await.unwrap();
    assert_eq!(edited.load(Ordering::Relaxed), edits);

    let agreed = until("both to agree", || async {
        look(&api, &workflow).await;
        difference(&left, &right).is_none().then_some(())
    })
    .await;
    assert!(agreed.is_ok(), "{:?}", difference(&left, &right));

    // Whatever is still reported is our own writes; all of it is looked at, and nothing is written.
    for _ in 0..2 {
        let moment = chrono::Utc::now();
        look(&api, &workflow).await;
        until("everything to be quiet", || async { is_quiet(&api, &workflow, moment).await }).await.unwrap();
    }
    let before = (left.writes.load(Ordering::Relaxed), right.writes.load(Ordering::Relaxed));
    for _ in 0..2 {
        let moment = chrono::Utc::now();
        look(&api, &workflow).await;
        until("everything to stay quiet", || async { is_quiet(&api, &workflow, moment).await })
            .await
            .unwrap();
    }
    let after = (left.writes.load(Ordering::Relaxed), right.writes.load(Ordering::Relaxed));
    assert_eq!(before, after, "a write was answered with a write");
    assert_eq!(difference(&left, &right), None);
    for app in [&left, &right] {
        let people = app.people.lock().unwrap().len();
        assert_eq!(people, compared(app).len(), "nobody was added twice");
    }

    let syncs = api.get("/syncs").await.unwrap();
    let pairs = left.people.lock().unwrap().len();
    assert_eq!(syncs["items"][0]["pairs"].as_u64().unwrap() as usize, pairs);
    let drift = api.get(&format!("/syncs/{workflow}/drift")).await.unwrap();
    let notes = drift["items"].as_array().unwrap();
    assert!(
        notes.iter().all(|pair| pair["fields"]
            .as_array()
            .unwrap()
            .iter()
            .all(|field| field["field"] == "note" || field["field"] == "score")),
        "{drift}"
    );
    server.stop().await.unwrap();
}
