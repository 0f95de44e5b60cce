//! Runs that wait for a word from outside: a person's answer in the inbox or by a link, a callback, something that happens
//! to a lead, a finding about a write whose answer was lost.

use crate::{chain, ended, outside, publish, run_once, status, step};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use trunkline_tests::{Client, Server, client, text_of, until};

fn ask(patience: &Value, notify: &str) -> Value {
    json!({"title": "Take the deal?", "text": "It is <big>.", "patience": patience, "notify": notify,
        "options": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]})
}

/// A manual trigger, then an approval whose answers lead to different steps.
fn approval(name: &str, patience: &Value, notify: &str) -> Value {
    let mut document =
        chain(name, &[("start", "manual", json!({})), ("ask", "approval", ask(patience, notify))]);
    for port in ["yes", "no", "timeout"] {
        document["steps"][port] = json!({"kind": "set_fields", "title": port,
            "config": {"fields": [{"name": "by", "value": "{{ steps.ask.by }}"}], "keep": "only_these"}});
        document["edges"].as_array_mut().unwrap().push(json!({"from": "ask", "port": port, "to": port}));
    }
    document
}

async fn inbox(api: &Client, count: u64) -> Vec<Value> {
    until(&format!("{count} in the inbox"), || async {
        let page = api.get("/inbox").await.ok()?;
        (page["count"] == count).then(|| page["items"].as_array().unwrap().clone())
    })
    .await
    .unwrap()
}

async fn refused(api: &Client, path: &str, body: &Value) -> (u16, Value) {
    let answer = api.request(reqwest::Method::POST, path).json(body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&text_of(answer).await.unwrap()).unwrap())
}

#[tokio::test]
async fn an_approval_is_answered_in_the_inbox_and_only_once() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id = publish(&api, approval("Ask", &Value::Null, "")).await;
    let run = run_once(&api, &id, json!({"name": "Ada"})).await;
    let items = inbox(&api, 1).await;
    assert_eq!((&items[0]["title"], &items[0]["kind"]), (&json!("Take the deal?"), &json!("approval")));
    assert_eq!((&items[0]["subject"], &items[0]["step_title"]), (&json!("Ada"), &json!("ask")));
    // The question is not in memory: it outlives the server.
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let path = format!("/inbox/{}/answer", items[0]["id"].as_str().unwrap());
    let (wrong, problem) = refused(&api, &path, &json!({"port": "maybe"})).await;
    assert_eq!((wrong, &problem["code"]), (422, &json!("RUN-0021")));
    api.post(&path, &json!({"port": "yes", "note": "Good fit"})).await.unwrap();
    let view = ended(&api, &run).await;
    assert_eq!(step(&view, "yes")["output"]["by"], "grace@example.com", "{view}");
    assert_eq!(step(&view, "ask")["output"]["note"], "Good fit");
    assert_eq!(step(&view, "no")["status"], "skipped");
    let (late, problem) = refused(&api, &path, &json!({"port": "no"})).await;
    assert_eq!((late, &problem["code"]), (409, &json!("RUN-0020")));
    inbox(&api, 0).await;
}

#[tokio::test]
async fn of_many_answers_at_once_one_counts() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id = publish(&api, approval("Ask", &Value::Null, "")).await;
    run_once(&api, &id, json!({})).await;
    let items = inbox(&api, 1).await;
    let path = format!("/inbox/{}/answer", items[0]["id"].as_str().unwrap());
    let (body, mut tasks) = (json!({"port": "yes"}), Vec::new());
    for _ in 0..8 {
        let request = api.request(reqwest::Method::POST, &path).json(&body);
        tasks.push(tokio::spawn(async move { request.send().await.unwrap().status().as_u16() }));
    }
    let mut taken = Vec::new();
    for task in tasks {
        taken.push(task.await.unwrap());
    }
    taken.sort_unstable();
    assert_eq!(taken, [200, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn a_link_answers_by_its_button_and_not_by_being_looked_at() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let tell = publish(&api, chain("Tell", &[("start", "manual", json!({}))])).await;
    let id = publish(&api, approval("Ask", &Value::Null, &tell)).await;
    let run = run_once(&api, &id, json!({})).await;
    let told = until("the word to be sent", || async {
        let list = api.get(&format!("/runs?workflow={tell}")).await.ok()?;
        Some(list["items"][0]["id"].as_str()?.to_owned())
    })
    .await
    .unwrap();
    let word = ended(&api, &told).await;
    let body = &step(&word, "start")["output"]["body"];
    assert_eq!(body["title"], "Take the deal?", "{word}");
    let link = body["link"].as_str().unwrap().to_owned();
    let browser = client().unwrap();
    for _ in 0..3 {
        let page = browser.get(&link).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let page = text_of(page).await.unwrap();
        assert!(page.contains("Take the deal?") && page.contains("&lt;big&gt;"), "{page}");
    }
    status(&api, &run, "waiting").await;
    let sent = |port: &str| {
        let form = format!("port={port}&name=Ana&note=");
        let request = browser.post(&link).header("content-type", "application/x-www-form-urlencoded");
        async move { request.body(form).send().await.unwrap().status().as_u16() }
    };
    assert_eq!(sent("maybe").await, 422);
    assert_eq!(sent("no").await, 200);
    let view = ended(&api, &run).await;
    assert_eq!(step(&view, "no")["output"]["by"], "Ana (by link)", "{view}");
    assert_eq!(sent("yes").await, 410);
    assert_eq!(browser.get(&link).send().await.unwrap().status(), 410);
    let forged = link.replace(".ask", ".nap");
    assert_eq!(browser.get(&forged).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn people_are_reminded_as_often_as_set_also_across_a_restart() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let tell = publish(&api, chain("Tell", &[("start", "manual", json!({}))])).await;
    let mut document = approval("Ask", &Value::Null, &tell);
    // Every 1.8 seconds.
    document["steps"]["ask"]["config"]["remind_hours"] = json!(0.0005);
    document["steps"]["ask"]["config"]["reminders"] = json!(2);
    let id = publish(&api, document).await;
    let run = run_once(&api, &id, json!({})).await;
    let told = async || {
        let list = api.get(&format!("/runs?workflow={tell}")).await.ok()?;
        Some(list["items"].as_array()?.len())
    };
    until("the first word", || async { (told().await? >= 1).then_some(()) }).await.unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    until("two reminders", || async { (told().await? == 3).then_some(()) }).await.unwrap();
    // A third would have come by now.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(told().await, Some(3));
    status(&api, &run, "waiting").await;
    let words = api.get(&format!("/runs?workflow={tell}")).await.unwrap();
    let mut numbers = Vec::new();
    for word in words["items"].as_array().unwrap() {
        let view = ended(&api, word["id"].as_str().unwrap()).await;
        numbers.push(step(&view, "start")["output"]["body"]["title"].clone());
    }
    assert_eq!(numbers, vec![json!("Take the deal?"); 3]);
    let items = inbox(&api, 1).await;
    let path = format!("/inbox/{}/answer", items[0]["id"].as_str().unwrap());
    api.post(&path, &json!({"port": "yes"})).await.unwrap();
    assert_eq!(ended(&api, &run).await["status"], "completed");
}

#[tokio::test]
async fn nobody_answers_in_time() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id = publish(&api, approval("Ask", &json!({"amount": 2, "unit": "seconds"}), "")).await;
    let run = run_once(&api, &id, json!({})).await;
    inbox(&api, 1).await;
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let view = ended(&api, &run).await;
    assert_eq!(step(&view, "timeout")["status"], "done", "{view}");
    inbox(&api, 0).await;
}

#[tokio::test]
async fn a_callback_is_taken_once_by_the_run_it_belongs_to() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let url = json!({"fields": [{"name": "url", "value": "{{ run.callback_url }}"}], "keep": "only_these"});
    let id = publish(
        &api,
        chain(
            "Job",
            &[
                ("start", "manual", json!({})),
                ("url", "set_fields", url),
                ("done", "wait_for_callback", json!({})),
            ],
        ),
    )
    .await;
    let run = run_once(&api, &id, json!({})).await;
    status(&api, &run, "waiting").await;
    let view = api.get(&format!("/runs/{run}")).await.unwrap();
    assert_eq!(view["waiting_for"][0]["kind"], "callback");
    let url = step(&view, "url")["output"]["url"].as_str().unwrap().to_owned();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let caller = client().unwrap();
    let call = |url: String| {
        let request = caller.post(url).json(&json!({"job": 7}));
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(call(format!("{}x/done", &url[..url.len() - 1])).await, 404, "another signature");
    assert_eq!(call(format!("{url}/done")).await, 202);
    let view = ended(&api, &run).await;
    assert_eq!(step(&view, "done")["output"]["body"]["job"], 7, "{view}");
    assert_eq!(call(format!("{url}/done")).await, 410, "delivered twice");
    assert_eq!(call(url).await, 410);
}

#[tokio::test]
async fn a_callback_may_come_before_its_step() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let url =
        json!({"fields": [{"name": "url", "value": "{{ run.callback_url }}/done"}], "keep": "only_these"});
    let nap = json!({"amount": 2, "unit": "seconds"});
    let steps = [
        ("start", "manual", json!({})),
        ("url", "set_fields", url),
        ("nap", "wait", nap),
        ("done", "wait_for_callback", json!({})),
    ];
    let id = publish(&api, chain("Job", &steps)).await;
    let run = run_once(&api, &id, json!({})).await;
    status(&api, &run, "waiting").await;
    let view = api.get(&format!("/runs/{run}")).await.unwrap();
    let url = step(&view, "url")["output"]["url"].as_str().unwrap().to_owned();
    let taken = client().unwrap().get(format!("{url}?state=ready")).send().await.unwrap();
    assert_eq!(taken.status(), 202);
    let view = ended(&api, &run).await;
    assert_eq!(step(&view, "done")["output"]["query"]["state"], "ready", "{view}");
}

#[tokio::test]
async fn what_happens_to_a_lead_in_one_run_wakes_another() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let find = json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}],
        "overwrite": "fill_empty"});
    let waits = chain(
        "Nurture",
        &[
            ("start", "manual", json!({})),
            ("find", "find_or_create_lead", find.clone()),
            ("until", "wait_for_lead", json!({"lead": "{{ steps.find.lead }}", "event": "stage_changed"})),
        ],
    );
    let moves = chain(
        "Qualify",
        &[
            ("start", "manual", json!({})),
            ("find", "find_or_create_lead", find),
            ("move", "set_stage", json!({"lead": "{{ steps.find.lead }}", "stage": "MQL"})),
        ],
    );
    let (waits, moves) = (publish(&api, waits).await, publish(&api, moves).await);
    let ada = run_once(&api, &waits, json!({"email": "ada@example.com"})).await;
    let kay = run_once(&api, &waits, json!({"email": "kay@example.com"})).await;
    status(&api, &ada, "waiting").await;
    status(&api, &kay, "waiting").await;
    let moved = run_once(&api, &moves, json!({"email": "ada@example.com"})).await;
    let moved = ended(&api, &moved).await;
    assert_eq!(moved["status"], "completed", "{moved}");
    let view = ended(&api, &ada).await;
    assert_eq!(step(&view, "until")["status"], "done", "{view}");
    status(&api, &kay, "waiting").await;
}

#[tokio::test]
async fn three_answers_about_writes_that_died_with_the_server() {
    let world = outside().await;
    let mut server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let url = format!("{}/silent?token=hidden", world.url);
    let post = json!({"method": "POST", "url": url, "headers": [{"name": "Authorization", "value": "Bearer hidden"}],
        "body": {"kind": "json", "json": {"n": 1}}});
    let id = publish(&api, chain("Write", &[("start", "manual", json!({})), ("post", "http_request", post)]))
        .await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(run_once(&api, &id, json!({})).await);
    }
    until("three calls", || async { (world.calls.load(Ordering::SeqCst) == 3).then_some(()) }).await.unwrap();
    server.kill().await.unwrap();
    world.speak();
    server.restart().await.unwrap();
    let items = inbox(&api, 3).await;
    assert_eq!(world.calls.load(Ordering::SeqCst), 3, "nothing is repeated before someone says so");
    for (item, port) in items.iter().zip(["happened", "did_not", "skip"]) {
        assert_eq!(
            (&item["kind"], item["sent"]["what"].as_str().unwrap().contains("POST http")),
            (&json!("decision"), true)
        );
        assert!(!item.to_string().contains("hidden"), "{item}");
        let view = api.get(&format!("/runs/{}", item["run_id"].as_str().unwrap())).await.unwrap();
        assert_eq!(step(&view, "post")["status"], "uncertain", "{view}");
        api.post(&format!("/inbox/{}/answer", item["id"].as_str().unwrap()), &json!({"port": port}))
            .await
            .unwrap();
        let run = item["run_id"].as_str().unwrap();
        assert!(runs.contains(&run.to_owned()));
        let view = ended(&api, run).await;
        assert_eq!(view["status"], "completed", "{port}: {view}");
        let calls = if port == "happened" { 3 } else { 4 };
        assert_eq!(world.calls.load(Ordering::SeqCst), calls, "{port}");
    }
}
