//! Who must not be written to is not, whatever the workflow says, and there is proof of it.

use crate::trying::{items, over};
use crate::{chain, ended, hook, outside, publish, run_once, step};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use trunkline_tests::{Client, Server, client, text_of, until};

/// Finds the lead, then makes `url` send it a message.
fn sending(url: &str, purpose: &str, before: &[(&str, &str, Value)]) -> Value {
    let fields = json!([{"name": "email", "value": "{{ trigger.body.email }}"}]);
    let find = json!({"match_on": ["email"], "fields": fields});
    let send = json!({
        "method": "POST", "url": url,
        "sends_to": {"channel": "email", "address": "{{ trigger.body.to|default(trigger.body.email) }}", "purpose": purpose},
    });
    let mut steps = vec![("start", "manual", json!({})), ("find", "find_or_create_lead", find)];
    steps.extend(before.iter().cloned());
    steps.push(("send", "http_request", send));
    chain("Send", &steps)
}

async fn suppress(api: &Client, address: &str, reason: &str) -> Value {
    let entry = json!({"address": address, "reason": reason, "source": "A letter"});
    api.post("/suppressions", &entry).await.unwrap()
}

async fn timeline(api: &Client, email: &str) -> Vec<Value> {
    let leads = api.get(&format!("/leads?search={email}")).await.unwrap();
    let id = leads["items"][0]["id"].as_str().unwrap().to_owned();
    api.get(&format!("/leads/{id}")).await.unwrap()["timeline"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_message_to_who_opted_out_never_leaves_and_the_timeline_proves_it() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let marketing = publish(&api, sending(&world.url, "marketing", &[])).await;
    let service = publish(&api, sending(&world.url, "service", &[])).await;
    let run = run_once(&api, &marketing, json!({"email": "ada@acme.example"})).await;
    assert_eq!(step(&ended(&api, &run).await, "send")["output"]["status"], 200);

    assert_eq!(suppress(&api, "Ada@ACME.example", "opted_out").await["added"], true);
    let run = run_once(&api, &marketing, json!({"email": "ada@acme.example"})).await;
    let view = ended(&api, &run).await;
    let sent = step(&view, "send");
    assert_eq!((&view["status"], &sent["port"]), (&json!("completed"), &json!("suppressed")), "{sent}");
    assert_eq!(sent["output"]["suppressed"]["reason"], "opted_out");
    let run = run_once(&api, &service, json!({"email": "ada@acme.example"})).await;
    assert_eq!(step(&ended(&api, &run).await, "send")["output"]["status"], 200, "an invoice still goes out");
    assert_eq!(world.calls.load(Ordering::SeqCst), 2);

    let held: Vec<Value> = timeline(&api, "ada@acme.example")
        .await
        .into_iter()
        .filter(|one| one["kind"] == "suppressed")
        .collect();
    assert_eq!((held.len(), &held[0]["step"]), (1, &json!("send")), "{held:?}");
    let verdict = api.get("/suppressions/check?address=ADA@acme.example").await.unwrap();
    assert_eq!((&verdict["marketing"], &verdict["service"]), (&json!(false), &json!(true)));
    assert_eq!(verdict["entry"]["source"], "A letter");

    suppress(&api, "acme.example", "do_not_contact").await;
    let run = run_once(&api, &service, json!({"email": "ben@mail.acme.example"})).await;
    assert_eq!(step(&ended(&api, &run).await, "send")["port"], "suppressed", "the whole domain is closed");
    let nobody = run_once(&api, &service, json!({"email": "cy@other.example", "to": "nobody"})).await;
    assert_eq!(ended(&api, &nobody).await["error"]["code"], "SUP-0002");
    assert_eq!(world.calls.load(Ordering::SeqCst), 2, "nothing more left");
}

#[tokio::test]
async fn an_opt_out_before_the_send_is_obeyed_by_runs_that_began_earlier() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let ask = json!({"title": "Send it?", "options": [{"id": "yes", "label": "Yes"}]});
    let mut document = sending(&world.url, "marketing", &[("ask", "approval", ask)]);
    document["edges"][2]["port"] = "yes".into();
    let workflow = publish(&api, document).await;
    let mut runs = Vec::new();
    for n in 0..8 {
        runs.push(run_once(&api, &workflow, json!({"email": format!("p{n}@x.example")})).await);
    }
    let waiting = until("all to wait", || async {
        let inbox = api.get("/inbox").await.ok()?;
        let items = inbox["items"].as_array()?.clone();
        (items.len() == 8).then_some(items)
    })
    .await
    .unwrap();
    // Opting out is a run of its own, as behind an unsubscribe link.
    let suppress = json!({"address": "{{ trigger.body.email }}", "source": "Unsubscribe link"});
    let opt_out = [("hook", "webhook", hook("bye", "when_finished")), ("suppress", "suppress", suppress)];
    publish(&api, chain("Opt out", &opt_out)).await;
    for n in 0..4 {
        let event = json!({"email": format!("P{n}@x.example")});
        let answer = client().unwrap().post(server.url("/hooks/bye")).json(&event).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }
    for item in &waiting {
        let path = format!("/inbox/{}/answer", item["id"].as_str().unwrap());
        api.post(&path, &json!({"port": "yes"})).await.unwrap();
    }
    let mut ports = Vec::new();
    for run in &runs {
        ports.push(step(&ended(&api, run).await, "send")["port"].clone());
    }
    let expected: Vec<Value> =
        (0..8).map(|n| if n < 4 { json!("suppressed") } else { json!("out") }).collect();
    assert_eq!(ports, expected);
    assert_eq!(world.calls.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn lists_are_imported_and_rehearsals_know_the_law() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let list =
        "email,reason\nada@x.example,Spam complaint\nben@x.example,\nADA@x.example,unsubscribed\nnobody,\n";
    let request = api.request(Method::POST, "/suppressions/import?source=Old+tool");
    let answer = request.header("content-type", "text/csv").body(list).send().await.unwrap();
    let report: Value = serde_json::from_str(&text_of(answer).await.unwrap()).unwrap();
    assert_eq!((&report["added"], &report["known"], &report["refused"]), (&json!(2), &json!(1), &json!(1)));
    let all = api.get("/suppressions").await.unwrap();
    assert_eq!((&all["total"], &all["items"][0]["source"]), (&json!(2), &json!("Old tool")));

    let workflow = publish(&api, sending(&world.url, "marketing", &[])).await;
    let events = json!([{"email": "ada@x.example"}, {"email": "eve@x.example"}]);
    let dry = json!({"events": events, "version": "current"});
    let dry = api.post(&format!("/workflows/{workflow}/dry-run"), &dry).await.unwrap();
    over(&api, &dry).await;
    let mut sends: Vec<usize> = Vec::new();
    for item in items(&api, &dry).await {
        let writes = item["detail"]["writes"].as_array().unwrap().clone();
        sends.push(writes.iter().filter(|write| write["step"] == "send").count());
    }
    sends.sort_unstable();
    assert_eq!(sends, [0, 1], "one would be held back, one sent");
    assert_eq!(world.calls.load(Ordering::SeqCst), 0);

    let entry =
        all["items"].as_array().unwrap().iter().find(|one| one["address"] == "ben@x.example").unwrap();
    let path = format!("/suppressions/{}", entry["id"].as_str().unwrap());
    assert!(api.request(Method::DELETE, &path).send().await.unwrap().status().is_success());
    let verdict = api.get("/suppressions/check?address=ben@x.example").await.unwrap();
    assert_eq!(verdict["marketing"], true);
}
