//! Workflows that start on what happens to leads: once each, also when the server dies in between.

use crate::{chain, hook, publish};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, client, until};

/// Finds the lead and moves it to MQL.
fn mover() -> Value {
    chain(
        "Mover",
        &[
            ("start", "webhook", hook("mover", "at_once")),
            (
                "find",
                "find_or_create_lead",
                json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}]}),
            ),
            ("stage", "set_stage", json!({"lead": "{{ steps.find.lead }}", "stage": "MQL"})),
        ],
    )
}

/// Puts leads that become MQL on a list.
fn listener() -> Value {
    chain(
        "Listener",
        &[
            ("hear", "lead_event", json!({"event": "stage_changed", "stage": "MQL"})),
            ("list", "add_to_list", json!({"lead": "{{ trigger.lead }}", "list": "Became MQL"})),
        ],
    )
}

async fn send(server: &Server, n: usize) -> bool {
    let body = json!({"email": format!("person{n}@example.com")});
    let sent = client().unwrap().post(server.url("/hooks/mover")).json(&body).send().await;
    sent.is_ok_and(|sent| sent.status() == 202)
}

async fn runs(api: &Client, workflow: &str) -> Option<Vec<Value>> {
    let list = api.get(&format!("/runs?workflow={workflow}&status=completed&limit=200")).await.ok()?;
    Some(list["items"].as_array()?.clone())
}

#[tokio::test]
async fn each_event_starts_one_run_across_a_crash() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let listener = publish(&api, listener()).await;
    let mover = publish(&api, mover()).await;
    let mut accepted = 0;
    for n in 0..30 {
        accepted += usize::from(send(&server, n).await);
    }
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    for n in 30..40 {
        accepted += usize::from(send(&server, n).await);
    }
    assert_eq!(accepted, 40);
    // The same people again change nothing, so they are no events.
    for n in 0..5 {
        assert!(send(&server, n).await);
    }
    until("all movers to end", || async { (runs(&api, &mover).await?.len() == 45).then_some(()) })
        .await
        .unwrap();
    let heard = until("every event to start a run", || async {
        let heard = runs(&api, &listener).await?;
        (heard.len() >= 40).then_some(heard)
    })
    .await
    .unwrap();
    assert_eq!(heard.len(), 40, "one run for each event");
    assert!(heard.iter().all(|run| run["trigger_kind"] == "lead_event"), "{}", heard[0]);
    // Each run put its lead on the list, so each was about another one.
    let lists = api.get("/lists").await.unwrap();
    assert_eq!((&lists["items"][0]["name"], &lists["items"][0]["count"]), (&json!("Became MQL"), &json!(40)));
}

#[tokio::test]
async fn workflows_that_feed_each_other_are_pointed_out_when_they_are_published() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let moves = |name: &str, hears: &str, stage: &str| {
        chain(
            name,
            &[
                ("hear", "lead_event", json!({"event": "stage_changed", "stage": hears})),
                (
                    "stage",
                    "set_stage",
                    json!({"lead": "{{ trigger.lead }}", "stage": stage, "allow_backwards": true}),
                ),
            ],
        )
    };
    publish(&api, moves("Forward", "Lead", "MQL")).await;
    let made = api.post("/workflows", &json!({"document": moves("Back", "MQL", "Lead")})).await.unwrap();
    let path = format!("/workflows/{}/publish", made["id"].as_str().unwrap());
    let published = api.post(&path, &json!({"base_revision": made["draft_revision"]})).await.unwrap();
    let problems = published["problems"].as_array().unwrap();
    let about = problems.iter().find(|problem| problem["code"] == "DOC-0050").unwrap();
    assert_eq!((&about["severity"], &about["step"]), (&json!("warning"), &json!("hear")));
    assert!(about["message"].as_str().unwrap().contains("Forward"), "{about}");
}
