//! What people change about leads, one and many.

use crate::{chain, ended, publish, run_once};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server};

/// Makes a lead and gives its id.
async fn lead(api: &Client, workflow: &str, email: &str) -> String {
    let run = run_once(api, workflow, json!({"email": email})).await;
    ended(api, &run).await["lead_id"].as_str().unwrap().to_owned()
}

async fn finding(api: &Client) -> String {
    let fields =
        json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}]});
    publish(api, chain("Find", &[("start", "manual", json!({})), ("find", "find_or_create_lead", fields)]))
        .await
}

#[tokio::test]
async fn a_lead_is_corrected_by_hand_and_the_timeline_says_by_whom() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let workflow = finding(&api).await;
    let id = lead(&api, &workflow, "ada@example.com").await;
    let path = format!("/leads/{id}");
    let change = json!({"fields": {"first_name": "Ada", "plan": "pro"}, "stage": "MQL", "why": "as told"});
    let done = api.patch(&path, &change).await.unwrap();
    assert_eq!(done["changed"], json!(["First name", "plan", "Stage"]));
    let view = api.get(&path).await.unwrap();
    assert_eq!(
        (&view["name"], &view["stage"], &view["fields"]["plan"]),
        (&json!("Ada"), &json!("MQL"), &json!("pro"))
    );
    let entry = &view["timeline"].as_array().unwrap()[0];
    assert!(entry["by"].as_str().is_some_and(|by| !by.is_empty()) && entry["run_id"].is_null(), "{entry}");
    lead(&api, &workflow, "bob@example.com").await;
    let taken = api.patch(&path, &json!({"fields": {"email": "bob@example.com"}})).await.unwrap_err();
    assert!(taken.to_string().contains("LEAD-"), "{taken}");
}

#[tokio::test]
async fn many_leads_are_changed_at_once_and_found_by_what_is_typed() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let workflow = finding(&api).await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(lead(&api, &workflow, &format!("person{n}@example.com")).await);
    }
    let change = json!({"leads": ids, "add_to_list": "Fair", "stage": "Lead"});
    let done = api.post("/leads/bulk", &change).await.unwrap();
    assert_eq!((&done["changed"], &done["same"]), (&json!(5), &json!(0)));
    let done = api.post("/leads/bulk", &change).await.unwrap();
    assert_eq!((&done["changed"], &done["same"]), (&json!(0), &json!(5)));
    let stranger = "01890000-0000-7000-8000-000000000001";
    let off = json!({"leads": [ids[0], stranger], "remove_from_list": "Fair"});
    let done = api.post("/leads/bulk", &off).await.unwrap();
    assert_eq!((&done["changed"], &done["failed"][0]["code"]), (&json!(1), &json!("LEAD-0002")));
    let found = |page: &Value| page["items"].as_array().unwrap().len();
    for (typed, count) in [("person3", 1), ("PERSON", 5), ("person example", 5), ("erson3", 0), ("", 5)] {
        let page = api.get(&format!("/leads?search={}", typed.replace(' ', "%20"))).await.unwrap();
        assert_eq!(found(&page), count, "{typed}");
        assert_eq!((&page["total"], &page["at_least"]), (&json!(count), &json!(false)), "{typed}");
    }
}
