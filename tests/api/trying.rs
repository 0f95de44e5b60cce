//! Trying a draft before it is published: dry runs, back-tests, and past runs kept as tests.

use crate::{chain, ended, outside, publish, run_once};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Connection;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use trunkline_tests::{Client, Server, until};

/// Everything that runs write, and what no rehearsal may touch.
const TABLES: [&str; 10] =
    ["lead", "lead_key", "activity", "list", "list_member", "run", "journal", "run_wait", "letter", "seen"];

/// How many rows each table has, and how many turns the pools have dealt.
async fn counts(server: &Server) -> BTreeMap<&'static str, i64> {
    let path = format!("sqlite://{}?mode=ro", server.data().join("trunkline.db").display());
    let mut store = sqlx::SqliteConnection::connect(&path).await.unwrap();
    let mut counts = BTreeMap::new();
    for table in TABLES {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count = sqlx::query_scalar(sql).fetch_one(&mut store).await.unwrap();
        counts.insert(table, count);
    }
    let sql = "SELECT coalesce(sum(assigned), 0) FROM pool_member";
    counts.insert("turns", sqlx::query_scalar(sql).fetch_one(&mut store).await.unwrap());
    counts
}

/// A pool of people with one turn each.
pub(crate) async fn pool(api: &Client, name: &str, people: &[&str]) {
    let mut members = Vec::new();
    for person in people {
        let owner = json!({"name": person, "email": format!("{}@example.com", person.to_lowercase())});
        let owner = api.post("/owners", &owner).await.unwrap();
        members.push(json!({"owner_id": owner["id"], "weight": 1, "active": true}));
    }
    let made = api.post("/pools", &json!({"name": name})).await.unwrap();
    let path = format!("/pools/{}", made["id"].as_str().unwrap());
    let body = json!({"name": name, "members": members});
    let answer = api.request(Method::PUT, &path).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

/// Find, score, and depending on a threshold stage and owner, or a list.
pub(crate) fn qualify(threshold: u32, stage: &str, pool: &str) -> Value {
    let lead = "{{ steps.find.lead }}";
    let fields = json!([
        {"name": "email", "value": "{{ trigger.body.email }}"},
        {"name": "company_size", "value": "{{ trigger.body.size }}"},
    ]);
    let steps: [(&str, &str, Value); 7] = [
        ("start", "manual", json!({})),
        ("find", "find_or_create_lead", json!({"match_on": ["email"], "fields": fields})),
        (
            "score",
            "score_lead",
            json!({"lead": lead, "maximum": 100, "rules": [
                {"field": "company_size", "op": "at_least", "value": 50, "points": 50},
                {"field": "company_size", "op": "at_least", "value": 100, "points": 50},
            ]}),
        ),
        (
            "hot",
            "if",
            json!({"condition": {"field": "{{ steps.score.score }}", "op": "at_least", "value": threshold}}),
        ),
        ("stage", "set_stage", json!({"lead": lead, "stage": stage})),
        ("route", "route_lead", json!({"lead": lead, "pool": pool})),
        ("list", "add_to_list", json!({"lead": lead, "list": "Nurture"})),
    ];
    let mut document = chain("Qualify", &steps);
    document["edges"] = json!([
        {"from": "start", "to": "find"}, {"from": "find", "to": "score"}, {"from": "score", "to": "hot"},
        {"from": "hot", "port": "yes", "to": "stage"}, {"from": "stage", "to": "route"},
        {"from": "hot", "port": "no", "to": "list"},
    ]);
    document
}

/// Leads of 2 small, 3 middling and 5 large companies have come through.
async fn with_history(api: &Client) -> (String, Vec<String>) {
    pool(api, "AE", &["Ana", "Ben"]).await;
    pool(api, "SDR", &["Cleo"]).await;
    let id = publish(api, qualify(70, "MQL", "AE")).await;
    let mut runs = Vec::new();
    for (place, size) in [10, 10, 60, 60, 60, 200, 200, 200, 200, 200].into_iter().enumerate() {
        let run = run_once(api, &id, json!({"email": format!("p{place}@acme.example"), "size": size})).await;
        assert_eq!(ended(api, &run).await["status"], "completed");
        runs.push(run);
    }
    (id, runs)
}

pub(crate) async fn save_draft(api: &Client, id: &str, document: &Value) -> Value {
    let workflow = api.get(&format!("/workflows/{id}")).await.unwrap();
    let body = json!({"document": document, "base_revision": workflow["draft_revision"]});
    let answer =
        api.request(Method::PUT, &format!("/workflows/{id}/draft")).json(&body).send().await.unwrap();
    let status = answer.status();
    let saved: Value = answer.json().await.unwrap();
    assert!(status.is_success(), "{saved}");
    saved
}

/// Waits until the job is over and gives it.
pub(crate) async fn over(api: &Client, job: &Value) -> Value {
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    until("the job to end", || async {
        let job = api.get(&path).await.ok()?;
        (job["status"] != "running").then_some(job)
    })
    .await
    .unwrap()
}

pub(crate) async fn items(api: &Client, job: &Value) -> Vec<Value> {
    let path = format!("/jobs/{}/items?limit=200", job["id"].as_str().unwrap());
    api.get(&path).await.unwrap()["items"].as_array().unwrap().clone()
}

async fn back_test(api: &Client, id: &str) -> (BTreeMap<String, u64>, Value) {
    let span = json!({"since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"});
    let job = api.post(&format!("/workflows/{id}/back-test"), &span).await.unwrap();
    let job = over(api, &job).await;
    assert_eq!(
        (&job["status"], &job["done"], &job["total"]),
        (&json!("completed"), &json!(10), &json!(10)),
        "{job}"
    );
    let groups = job["groups"].as_array().unwrap().iter();
    let groups =
        groups.map(|group| (group["group"].as_str().unwrap().to_owned(), group["count"].as_u64().unwrap()));
    (groups.collect(), job)
}

fn groups(all: &[(&str, u64)]) -> BTreeMap<String, u64> {
    all.iter().map(|(group, count)| ((*group).to_owned(), *count)).collect()
}

#[tokio::test]
async fn a_back_test_puts_every_past_run_where_it_belongs_and_writes_nothing() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let (id, _) = with_history(&api).await;
    let before = counts(&server).await;

    assert_eq!(back_test(&api, &id).await.0, groups(&[("same", 10)]), "nothing was changed");

    save_draft(&api, &id, &qualify(40, "MQL", "AE")).await;
    let (found, job) = back_test(&api, &id).await;
    assert_eq!(found, groups(&[("same", 7), ("other_owner", 3)]), "the threshold lets three more through");
    let changed: Vec<Value> =
        items(&api, &job).await.into_iter().filter(|item| item["group"] == "other_owner").collect();
    // The turns are dealt as the pool stands now, one after the other.
    let owners: Vec<&Value> = changed.iter().map(|item| &item["detail"]["new"]["owner"]).collect();
    assert_eq!(owners, [&json!("Ben"), &json!("Ana"), &json!("Ben")]);
    assert_eq!(changed[0]["detail"]["old"]["lists"], json!(["Nurture"]));
    let labels = changed[0]["detail"]["differences"].as_array().unwrap().iter();
    let labels: Vec<&str> = labels.map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["Owner", "Stage", "Lists", "Path"]);

    save_draft(&api, &id, &qualify(70, "MQL", "SDR")).await;
    let (found, job) = back_test(&api, &id).await;
    assert_eq!(found, groups(&[("same", 5), ("other_owner", 5)]), "the pool is another one");
    let all = items(&api, &job).await;
    let owners = all.iter().filter(|item| item["group"] == "other_owner");
    assert!(owners.clone().all(|item| item["detail"]["new"]["owner"] == "Cleo"), "{all:?}");

    save_draft(&api, &id, &qualify(70, "SQL", "AE")).await;
    let (found, job) = back_test(&api, &id).await;
    assert_eq!(found, groups(&[("same", 5), ("other_stage", 5)]), "owners stay as they were");
    let all = items(&api, &job).await;
    let kept = all.iter().filter(|item| item["group"] == "other_stage");
    assert!(kept.clone().all(|item| item["detail"]["new"]["owner"] == item["detail"]["old"]["owner"]));

    save_draft(&api, &id, &qualify(70, "MQL", "Nobody")).await;
    assert_eq!(back_test(&api, &id).await.0, groups(&[("same", 5), ("new_error", 5)]));

    assert_eq!(counts(&server).await, before, "a back-test wrote something");
}

#[tokio::test]
async fn what_the_old_run_never_asked_is_not_known_and_not_guessed() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let asked = |path: &str| json!({"method": "GET", "url": format!("{}{path}", world.url)});
    let document = |path: &str| {
        let fields = json!([{"name": "email", "value": "{{ trigger.body.email }}"}]);
        let steps = [
            ("start", "manual", json!({})),
            ("ask", "http_request", asked(path)),
            ("find", "find_or_create_lead", json!({"match_on": ["email"], "fields": fields})),
        ];
        chain("Ask", &steps)
    };
    let id = publish(&api, document("/old")).await;
    let run = run_once(&api, &id, json!({"email": "ada@acme.example"})).await;
    ended(&api, &run).await;
    let calls = world.calls.load(Ordering::SeqCst);
    for (path, group) in [("/old", "same"), ("/new", "not_known")] {
        save_draft(&api, &id, &document(path)).await;
        let span = json!({"since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"});
        let job = api.post(&format!("/workflows/{id}/back-test"), &span).await.unwrap();
        let job = over(&api, &job).await;
        let item = &items(&api, &job).await[0];
        assert_eq!(item["group"], group, "{item}");
        if group == "not_known" {
            assert_eq!(item["detail"]["not_known"][0]["step"], "ask", "{item}");
            assert_eq!(item["detail"]["writes"], json!([]));
        }
    }
    assert_eq!(world.calls.load(Ordering::SeqCst), calls, "a back-test reached outside");
}

#[tokio::test]
async fn a_dry_run_reads_captures_and_writes_nothing() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    pool(&api, "AE", &["Ana", "Ben"]).await;
    let lead = "{{ steps.find.lead }}";
    let fields = json!([{"name": "email", "value": "{{ trigger.body.email }}"}]);
    let post = json!({
        "method": "POST", "url": format!("{}/write", world.url),
        "body": {"kind": "json", "json": {"owner": "{{ steps.route.owner.name }}"}},
        "auth": {"by": "bearer", "token": "very-secret"},
    });
    let steps = [
        ("start", "manual", json!({})),
        ("ask", "http_request", json!({"method": "GET", "url": format!("{}/read", world.url)})),
        ("nap", "wait", json!({"amount": 3, "unit": "days"})),
        ("find", "find_or_create_lead", json!({"match_on": ["email"], "fields": fields})),
        ("route", "route_lead", json!({"lead": lead, "pool": "AE"})),
        ("tell", "http_request", post),
        ("list", "add_to_list", json!({"lead": lead, "list": "Told"})),
    ];
    let id = publish(&api, chain("Dry", &steps)).await;
    let before = counts(&server).await;
    let events =
        json!([{"email": "a@acme.example"}, {"email": "b@acme.example"}, {"email": "a@acme.example"}]);
    let job = api
        .post(&format!("/workflows/{id}/dry-run"), &json!({"events": events, "version": "draft"}))
        .await
        .unwrap();
    let job = over(&api, &job).await;
    assert_eq!((&job["status"], &job["done"]), (&json!("completed"), &json!(3)), "{job}");
    assert_eq!(job["groups"], json!([{"group": "completed", "label": "would complete", "count": 3}]));
    let all = items(&api, &job).await;
    let whats: Vec<&str> = all[0]["detail"]["writes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|write| write["what"].as_str().unwrap())
        .collect();
    let told = format!("POST {}/write", world.url);
    assert_eq!(whats, ["Lead a@acme.example", "Lead a@acme.example", &told, "Lead a@acme.example"]);
    let owner = |item: &Value, place: usize| item["detail"]["writes"][place]["changes"][0].clone();
    assert_eq!(owner(&all[0], 1), json!({"label": "Owner", "old": null, "new": "Ana"}));
    assert_eq!(owner(&all[1], 1), json!({"label": "Owner", "old": null, "new": "Ben"}));
    // The third event finds the lead that the first one would have made, on its list and with Ana, whose turn it is.
    let third = all[2]["detail"]["writes"].as_array().unwrap();
    assert_eq!((third.len(), &third[0]["what"]), (1, &json!(told)), "{}", all[2]);
    assert!(all[0]["detail"]["assumptions"][0]["what"].as_str().unwrap().starts_with("It would wait until"));
    assert!(!all[0].to_string().contains("very-secret"), "a secret is shown");
    assert_eq!(world.calls.load(Ordering::SeqCst), 3, "each event reads once, and nothing is sent");
    assert_eq!(counts(&server).await, before, "a dry run wrote something");
}

#[tokio::test]
async fn a_pinned_run_says_when_a_draft_would_do_otherwise() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let (id, runs) = with_history(&api).await;
    let pin = api.post(&format!("/runs/{}/pin", runs[2]), &json!({"name": "Middling"})).await.unwrap();
    api.post(&format!("/runs/{}/pin", runs[9]), &json!({})).await.unwrap();
    assert_eq!((&pin["name"], &pin["expected"]["lists"]), (&json!("Middling"), &json!(["Nurture"])));
    let check = || async {
        api.post(&format!("/workflows/{id}/pins/check"), &json!({})).await.unwrap()["items"].clone()
    };
    let same = |checks: &Value| -> Vec<bool> {
        checks.as_array().unwrap().iter().map(|check| check["same"].as_bool().unwrap()).collect()
    };
    assert_eq!(same(&check().await), [true, true]);
    let saved = save_draft(&api, &id, &qualify(40, "MQL", "AE")).await;
    let checks = check().await;
    assert_eq!(same(&checks), [false, true], "{checks}");
    assert_eq!(checks[0]["differences"][0]["label"], "Owner");
    let publish = json!({"base_revision": saved["revision"]});
    let published = api.post(&format!("/workflows/{id}/publish"), &publish).await.unwrap();
    assert_eq!(
        (&published["pins"][0]["name"], &published["pins"][0]["same"]),
        (&json!("Middling"), &json!(false))
    );
    let path = format!("/workflows/{id}/pins/{}", pin["id"].as_str().unwrap());
    let accepted = api.request(Method::PUT, &path).json(&json!({"accept": true})).send().await.unwrap();
    assert_eq!(accepted.json::<Value>().await.unwrap()["expected"]["stage"], "MQL");
    assert_eq!(same(&check().await), [true, true]);
    assert_eq!(api.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(check().await.as_array().unwrap().len(), 1);
}
