//! Streams of leads and of pages: each item once, in stretches, also when the server dies on the way.

use crate::world::{PAGE, PAGES};
use crate::{chain, ended, outside, publish, run_once, step};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, until};

/// A loop over `settings` with one step for each item.
fn each(name: &str, settings: &Value, kind: &str, config: &Value) -> Value {
    let mut document = chain(name, &[("start", "manual", json!({})), ("each", "loop", settings.clone())]);
    document["steps"]["each"]["body"] =
        json!({"steps": {"one": {"kind": kind, "title": "one", "config": config}}, "edges": []});
    document
}

async fn stretches(api: &Client) -> usize {
    let list = api.get("/runs?limit=200").await.unwrap();
    list["items"].as_array().unwrap().iter().filter(|run| run["trigger_kind"] == "slice").count()
}

async fn members(api: &Client, list: &str) -> Value {
    let lists = api.get("/lists").await.unwrap();
    let found = lists["items"].as_array().unwrap().iter().find(|row| row["name"] == list).cloned();
    found.unwrap_or_default()["count"].clone()
}

#[tokio::test]
async fn leads_are_worked_through_once_each() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let find =
        json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}]});
    let stage = json!({"lead": "{{ steps.find.lead }}", "stage": "MQL"});
    let steps = [
        ("start", "manual", json!({})),
        ("find", "find_or_create_lead", find),
        ("stage", "set_stage", stage),
    ];
    let [start, find, stage] = steps;
    let plain = publish(&api, chain("Plain", &[start.clone(), find.clone()])).await;
    let qualified = publish(&api, chain("Qualified", &[start, find, stage])).await;
    for (workflow, name, count) in [(&plain, "plain", 60), (&qualified, "mql", 430)] {
        let events: Vec<Value> =
            (0..count).map(|n| json!({"body": {"email": format!("{name}{n}@example.com")}})).collect();
        let taken = api.post(&format!("/workflows/{workflow}/events"), &json!({"events": events})).await;
        assert_eq!(taken.unwrap()["accepted"], count);
    }
    until("all leads", || async { (api.get("/leads").await.ok()?["total"] == 490).then_some(()) })
        .await
        .unwrap();
    let list = json!({"lead": "{{ item.id }}", "list": "Seen"});
    let settings = json!({"from": "leads", "stage": "MQL", "slice": 50, "parallel": 10});
    let id = publish(&api, each("All", &settings, "add_to_list", &list)).await;
    let run = run_once(&api, &id, json!({})).await;
    until("some stretches", || async { (stretches(&api).await >= 2).then_some(()) }).await.unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let view = ended(&api, &run).await;
    assert_eq!(view["status"], "completed", "{view}");
    let output = &step(&view, "each")["output"];
    assert_eq!((&output["count"], &output["failed"]), (&json!(430), &json!(0)), "{output}");
    assert_eq!(members(&api, "Seen").await, 430);
    assert_eq!(stretches(&api).await, 9, "one run per stretch");
    let leads = api.get("/leads?search=mql7@").await.unwrap();
    let lead = api.get(&format!("/leads/{}", leads["items"][0]["id"].as_str().unwrap())).await.unwrap();
    let listed =
        lead["timeline"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "listed").count();
    assert_eq!(listed, 1, "once: {lead}");
}

#[tokio::test]
async fn pages_are_worked_through_however_one_leads_to_the_next() {
    let world = outside().await;
    let mut server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let total = PAGE * PAGES;
    for (number, next) in [
        json!({"next_by": "number", "parameter": "page"}),
        json!({"next_by": "token", "parameter": "page", "next_at": "/token"}),
        json!({"next_by": "address", "next_at": "/address"}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut settings = json!({"from": "pages", "url": format!("{}/pages", world.url), "items_at": "/results", "parallel": 3});
        settings.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
        let name = format!("Pages {number}");
        let find = json!({"match_on": ["email"], "fields": [
            {"name": "email", "value": "{{ item.email }}"}, {"name": "company", "value": name.clone()}]});
        let id = publish(&api, each(&name, &settings, "find_or_create_lead", &find)).await;
        let before = stretches(&api).await;
        let run = run_once(&api, &id, json!({})).await;
        if number == 0 {
            until("a page", || async { (stretches(&api).await > before).then_some(()) }).await.unwrap();
            server.kill().await.unwrap();
            server.restart().await.unwrap();
        }
        let view = ended(&api, &run).await;
        assert_eq!(view["status"], "completed", "{next}: {view}");
        let output = &step(&view, "each")["output"];
        assert_eq!((&output["count"], &output["failed"]), (&json!(total), &json!(0)), "{next}: {output}");
        assert_eq!(stretches(&api).await - before, PAGES, "one run per page");
        let leads = api.get("/leads").await.unwrap();
        assert_eq!(leads["total"], total, "{next}: the same people, found again");
    }
}
