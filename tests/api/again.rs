//! Past runs, run again and undone; and the jobs that do it for many.

use crate::trying::{items, over, pool, qualify, save_draft};
use crate::{chain, ended, outside, publish, run_once, step};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use trunkline_tests::{Client, Server, until};

async fn again(api: &Client, run: &str, body: Value) -> Value {
    let new = api.post(&format!("/runs/{run}/again"), &body).await.unwrap();
    ended(api, new["run_id"].as_str().unwrap()).await
}

#[tokio::test]
async fn a_run_begun_from_a_step_does_not_repeat_the_steps_before() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let post = json!({"method": "POST", "url": format!("{}/write", world.url)});
    let keep =
        json!({"fields": [{"name": "rating", "value": "{{ steps.tell.body.rating + trigger.body.n }}"}]});
    let steps =
        [("start", "manual", json!({})), ("tell", "http_request", post), ("keep", "set_fields", keep)];
    let id = publish(&api, chain("Tell", &steps)).await;
    let run = run_once(&api, &id, json!({"n": 3})).await;
    ended(&api, &run).await;
    assert_eq!(world.calls.load(Ordering::SeqCst), 1);

    let view = again(&api, &run, json!({"from": "keep", "version": "same"})).await;
    assert_eq!((&view["status"], &view["trigger_kind"]), (&json!("completed"), &json!("again")), "{view}");
    assert_eq!(step(&view, "keep")["output"]["rating"], 10, "{view}");
    assert_eq!(step(&view, "start")["output"]["again_of"], run, "{view}");
    assert_eq!(world.calls.load(Ordering::SeqCst), 1, "the step before was repeated");

    let view = again(&api, &run, json!({"version": "current"})).await;
    assert_eq!(view["status"], "completed");
    assert_eq!(world.calls.load(Ordering::SeqCst), 2);

    let dry =
        api.post(&format!("/runs/{run}/again"), &json!({"version": "draft", "dry": true})).await.unwrap();
    let job = over(&api, &dry["job"]).await;
    assert_eq!(items(&api, &job).await[0]["detail"]["writes"].as_array().unwrap().len(), 1);
    assert_eq!(world.calls.load(Ordering::SeqCst), 2, "a dry run sent something");

    for (body, code) in [
        (json!({"version": "same", "from": "start"}), "RUN-0034"),
        (json!({"version": "same", "from": "gone"}), "RUN-0034"),
        (json!({"version": 7}), "WF-0002"),
        (json!({"version": "newest"}), "API-0005"),
    ] {
        let answer =
            api.request(reqwest::Method::POST, &format!("/runs/{run}/again")).json(&body).send().await;
        assert_eq!(answer.unwrap().json::<Value>().await.unwrap()["code"], code, "{body}");
    }
}

#[tokio::test]
async fn many_runs_are_run_again_each_once() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id =
        publish(&api, chain("Many", &[("start", "manual", json!({})), ("end", "stop", json!({}))])).await;
    for n in 0..5 {
        ended(&api, &run_once(&api, &id, json!({"n": n})).await).await;
    }
    let counted = api.get(&format!("/runs/count?workflow={id}")).await.unwrap();
    assert_eq!(counted["count"], 5);
    let wanted = json!({"workflow": id, "version": "current", "status": "completed"});
    let job = api.post("/runs/again", &wanted).await.unwrap();
    let job = over(&api, &job).await;
    assert_eq!(
        (&job["status"], &job["done"], &job["total"]),
        (&json!("completed"), &json!(5), &json!(5)),
        "{job}"
    );
    assert_eq!(job["params"]["status"], "completed");
    assert_eq!(job["groups"][0], json!({"group": "started", "label": "started", "count": 5}));
    for item in items(&api, &job).await {
        let view = ended(&api, item["detail"]["new_run_id"].as_str().unwrap()).await;
        assert_eq!(step(&view, "start")["output"]["again_of"], item["run_id"]);
    }
    assert_eq!(api.get(&format!("/runs/count?workflow={id}")).await.unwrap()["count"], 10);
    let path = format!("/jobs/{}/cancel", job["id"].as_str().unwrap());
    let refused = api.request(reqwest::Method::POST, &path).json(&json!({})).send().await.unwrap();
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "RUN-0039");
    let listed = api.get(&format!("/jobs?workflow={id}")).await.unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_thousand_failed_runs_are_run_again_with_progress() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let share = |divisor: &str| {
        let fields = json!({"fields": [{"name": "share", "value": format!("{{{{ 100 // {divisor} }}}}")}]});
        chain("Share", &[("start", "manual", json!({})), ("share", "set_fields", fields)])
    };
    let id = publish(&api, share("trigger.body.n")).await;
    let events: Vec<Value> = (0..1_200).map(|n| json!({"body": {"n": u32::from(n % 6 == 0)}})).collect();
    for piece in events.chunks(400) {
        api.post(&format!("/workflows/{id}/events"), &json!({"events": piece})).await.unwrap();
    }
    let count = async |status: &str| {
        let counted = api.get(&format!("/runs/count?workflow={id}&status={status}")).await.ok()?;
        counted["count"].as_u64()
    };
    until("all to have ended", || async {
        (count("failed").await? == 1_000 && count("completed").await? == 200).then_some(())
    })
    .await
    .unwrap();
    // The cause is mended, and those that failed are run on what is published now.
    save_draft(&api, &id, &share("2")).await;
    let workflow = api.get(&format!("/workflows/{id}")).await.unwrap();
    let revision = json!({"base_revision": workflow["draft_revision"]});
    api.post(&format!("/workflows/{id}/publish"), &revision).await.unwrap();
    let wanted = json!({"workflow": id, "version": "current", "status": "failed"});
    let job = api.post("/runs/again", &wanted).await.unwrap();
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    let seen = std::cell::RefCell::new(Vec::new());
    let job = until("the job to end", || async {
        let job = api.get(&path).await.ok()?;
        seen.borrow_mut().push(job["done"].as_u64()?);
        (job["status"] != "running").then_some(job)
    })
    .await
    .unwrap();
    let seen = seen.into_inner();
    assert!(seen.is_sorted() && seen.iter().any(|done| (1..1_000).contains(done)), "no progress: {seen:?}");
    assert_eq!(
        (&job["status"], &job["done"], &job["total"]),
        (&json!("completed"), &json!(1_000), &json!(1_000))
    );
    until("all to have ended again", || async { (count("completed").await? == 1_200).then_some(()) })
        .await
        .unwrap();
    assert_eq!(count("failed").await, Some(1_000), "what failed stays in the history");
}

#[tokio::test]
async fn a_job_goes_on_after_the_server_died_and_starts_no_run_twice() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id =
        publish(&api, chain("Many", &[("start", "manual", json!({})), ("end", "stop", json!({}))])).await;
    let events: Vec<Value> = (0..400).map(|n| json!({"body": {"n": n}})).collect();
    let taken = api.post(&format!("/workflows/{id}/events"), &json!({"events": events})).await.unwrap();
    assert_eq!(taken["accepted"], 400);
    let job = api.post("/runs/again", &json!({"workflow": id, "version": "same"})).await.unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let job = over(&api, &job).await;
    assert_eq!((&job["status"], &job["done"]), (&json!("completed"), &json!(400)), "{job}");
    assert_eq!(job["groups"][0], json!({"group": "started", "label": "started", "count": 400}));
    assert_eq!(api.get(&format!("/runs/count?workflow={id}")).await.unwrap()["count"], 800);
}

/// The state of each field that an undo looks at.
fn states(undo: &Value) -> Vec<(String, String)> {
    let items = undo["items"].as_array().unwrap().iter();
    items
        .map(|item| (item["label"].as_str().unwrap().to_owned(), item["state"].as_str().unwrap().to_owned()))
        .collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(label, state)| ((*label).to_owned(), (*state).to_owned())).collect()
}

#[tokio::test]
async fn an_undo_turns_back_what_is_as_the_run_left_it_and_skips_what_changed_since() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    pool(&api, "AE", &["Ana", "Ben"]).await;
    let id = publish(&api, qualify(70, "MQL", "AE")).await;
    let event = json!({"email": "ada@acme.example", "size": 200});
    let run = run_once(&api, &id, event.clone()).await;
    ended(&api, &run).await;
    let undo = format!("/runs/{run}/undo");
    let preview = api.get(&undo).await.unwrap();
    let expected =
        [("Lead", "cannot"), ("Score", "can"), ("Stage", "can"), ("Owner", "can"), ("Turns dealt", "cannot")];
    assert_eq!(states(&preview), pairs(&expected), "{preview}");
    assert_eq!(preview["can"], 3);

    // Another run moves the lead on: what it changed is its own by then.
    let on = publish(
        &api,
        chain(
            "On",
            &[
                ("start", "manual", json!({})),
                (
                    "find",
                    "find_or_create_lead",
                    json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}]}),
                ),
                ("stage", "set_stage", json!({"lead": "{{ steps.find.lead }}", "stage": "SQL"})),
            ],
        ),
    )
    .await;
    ended(&api, &run_once(&api, &on, event).await).await;
    let undone = api.post(&undo, &json!({})).await.unwrap();
    assert_eq!((&undone["undone"], &undone["skipped"]), (&json!(2), &json!(3)), "{undone}");
    let leads = api.get("/leads?search=ada").await.unwrap();
    let lead = api.get(&format!("/leads/{}", leads["items"][0]["id"].as_str().unwrap())).await.unwrap();
    assert_eq!((&lead["stage"], &lead["score"], &lead["owner"]), (&json!("SQL"), &Value::Null, &Value::Null));
    let titles: Vec<&str> =
        lead["timeline"].as_array().unwrap().iter().map(|entry| entry["title"].as_str().unwrap()).collect();
    assert!(titles.contains(&"Undone: owner back to nothing"), "{titles:?}");

    let second = api.post(&undo, &json!({})).await.unwrap();
    assert_eq!(second["undone"], 0, "{second}");
    let turns = api.get("/pools").await.unwrap();
    assert_eq!(turns["items"][0]["members"][0]["assigned"], 1, "turns are not taken back");
    assert_eq!(ended(&api, undone["run_id"].as_str().unwrap()).await["trigger_kind"], "undo");
}

#[tokio::test]
async fn a_list_is_left_and_what_was_sent_is_told() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let lead = "{{ steps.find.lead }}";
    let steps = [
        ("start", "manual", json!({})),
        (
            "find",
            "find_or_create_lead",
            json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}]}),
        ),
        ("list", "add_to_list", json!({"lead": lead, "list": "Nurture"})),
        ("tell", "http_request", json!({"method": "POST", "url": format!("{}/write", world.url)})),
    ];
    let id = publish(&api, chain("List", &steps)).await;
    let run = run_once(&api, &id, json!({"email": "ada@acme.example"})).await;
    ended(&api, &run).await;
    let undone = api.post(&format!("/runs/{run}/undo"), &json!({})).await.unwrap();
    assert_eq!(undone["undone"], 1, "{undone}");
    let expected = [("Lead", "cannot"), ("List", "cannot"), ("tell", "cannot")];
    assert_eq!(states(&undone), pairs(&expected), "{undone}");
    assert_eq!(undone["items"][2]["what"], format!("POST {}/write", world.url));
    assert_eq!(api.get("/lists").await.unwrap()["items"][0]["count"], 0);
}
