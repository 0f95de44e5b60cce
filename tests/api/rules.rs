//! Scoring models, segments and the lifecycle over HTTP: tried, put in force, and followed by every lead.
//!
//! Every number is compared with a count made here, by hand, from the leads that were sent.

use crate::trying::over;
use crate::{chain, ended, publish, run_once};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, until};

const LEADS: u64 = 40;

/// The company size of lead `n`.
fn size(n: u64) -> u64 {
    n * 10
}

fn fields() -> Value {
    json!([
        {"name": "email", "value": "{{ trigger.body.email }}"},
        {"name": "company_size", "value": "{{ trigger.body.size }}"},
    ])
}

/// A workflow that finds or creates the lead of an event; the newer value wins.
async fn intake(api: &Client) -> String {
    let find = json!({
        "match_on": ["email"], "overwrite": "newer_wins",
        "fields": fields(),
    });
    let flow = chain("Intake", &[("start", "manual", json!({})), ("find", "find_or_create_lead", find)]);
    publish(api, flow).await
}

async fn send(api: &Client, flow: &str, n: u64, size: u64) -> String {
    let body = json!({"email": format!("lead{n}@corp.example"), "size": size});
    let run = run_once(api, flow, body).await;
    let view = ended(api, &run).await;
    assert_eq!(view["status"], "completed", "{view}");
    // A search finds whatever begins so.
    let email = format!("lead{n}@corp.example");
    let found = api.get(&format!("/leads?search={email}&limit=200")).await.unwrap();
    let found =
        found["items"].as_array().unwrap().iter().find(|lead| lead["email"] == email.as_str()).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn make(api: &Client, kind: &str, name: &str, draft: Value) -> Value {
    api.post(&format!("/rulebooks/{kind}"), &json!({"name": name, "draft": draft})).await.unwrap()
}

/// Puts the draft in force and waits until every lead was looked at.
async fn put_in_force(api: &Client, rule: &Value) -> Value {
    let (kind, id) = (rule["kind"].as_str().unwrap(), rule["id"].as_str().unwrap());
    let now = api.get(&format!("/rulebooks/{kind}/{id}")).await.unwrap();
    let body = json!({"base_revision": now["revision"], "note": "as agreed"});
    let done = api.post(&format!("/rulebooks/{kind}/{id}/publish"), &body).await.unwrap();
    over(api, &done["job"]).await;
    done
}

async fn save(api: &Client, rule: &Value, draft: Value) {
    let path = format!("/rulebooks/{}/{}", rule["kind"].as_str().unwrap(), rule["id"].as_str().unwrap());
    let now = api.get(&path).await.unwrap();
    let body = json!({"base_revision": now["revision"], "draft": draft});
    let answer = api.request(reqwest::Method::PUT, &path).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// Tries the draft on every lead; gives the counts by group.
async fn trial(api: &Client, rule: &Value) -> Value {
    let path =
        format!("/rulebooks/{}/{}/trial", rule["kind"].as_str().unwrap(), rule["id"].as_str().unwrap());
    let job = api.post(&path, &json!({})).await.unwrap();
    let job = over(api, &job).await;
    assert_eq!((&job["status"], &job["done"]), (&json!("completed"), &json!(LEADS)), "{job}");
    job
}

fn count(job: &Value, group: &str) -> u64 {
    let groups = job["groups"].as_array().unwrap();
    groups.iter().find(|one| one["group"] == group).map_or(0, |one| one["count"].as_u64().unwrap())
}

fn model(at_least: u64) -> Value {
    json!({
        "fit": {"rows": [
            {"when": {"field": "company_size", "op": "at_least", "value": at_least}, "points": 71},
            {"when": {"field": "company_size", "op": "at_least", "value": 50}, "points": 20},
        ], "most": 100},
        "thresholds": [{"at": 71, "name": "Ready", "stage": "MQL"}],
    })
}

/// The score of lead `n` by [`model`], worked out by hand.
fn by_hand(size: u64, at_least: u64) -> u64 {
    (if size >= at_least { 71 } else { 0 }) + (if size >= 50 { 20 } else { 0 })
}

async fn total(api: &Client, query: &str) -> u64 {
    api.get(&format!("/leads?{query}")).await.unwrap()["total"].as_u64().unwrap()
}

/// A workflow that writes the CRM's word for where a lead stands to the lead, as one with a CRM would to the CRM.
fn pusher() -> Value {
    let fields = json!([
        {"name": "email", "value": "{{ trigger.lead.email }}"},
        {"name": "in_crm", "value": "{{ trigger.crm_status }}"},
    ]);
    let push = json!({"match_on": ["email"], "overwrite": "newer_wins", "fields": fields});
    let hear = json!({"event": "scored", "score": 71});
    chain("Push to the CRM", &[("hear", "lead_event", hear), ("push", "find_or_create_lead", push)])
}

#[tokio::test]
async fn seventy_stays_with_marketing_and_seventy_one_goes_to_sales() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let lifecycle = json!({"stages": [
        {"name": "Known", "crm_status": "Marketing"},
        {"name": "MQL", "crm_status": "Sales: new"},
        {"name": "SQL", "crm_status": "Sales: working"},
    ]});
    let rule = make(&api, "lifecycle", "Lifecycle", lifecycle).await;
    put_in_force(&api, &rule).await;
    let at_least = |size: u64, points: i64| json!({"when": {"field": "company_size", "op": "at_least", "value": size}, "points": points});
    let model = json!({
        "fit": {"rows": [at_least(100, 70), at_least(200, 1)], "most": 100},
        "thresholds": [{"at": 71, "name": "Ready for sales", "stage": "MQL"}],
    });
    let model = make(&api, "scoring_model", "Inbound", model).await;
    put_in_force(&api, &model).await;
    let push = publish(&api, pusher()).await;
    let flow = intake(&api).await;
    let with_marketing = send(&api, &flow, 1, 150).await;
    let with_sales = send(&api, &flow, 2, 250).await;
    let view = async |lead: &str| api.get(&format!("/leads/{lead}")).await.unwrap();
    until("the CRM to be told", || async {
        (view(&with_sales).await["fields"]["in_crm"] == "Sales: new").then_some(())
    })
    .await
    .unwrap();
    let (low, high) = (view(&with_marketing).await, view(&with_sales).await);
    assert_eq!((&low["score"], &low["stage"]), (&json!(70), &json!("Known")), "70 stays with marketing");
    assert_eq!((&high["score"], &high["stage"]), (&json!(71), &json!("MQL")), "71 goes to sales");
    assert_eq!(low["fields"].get("in_crm"), None);
    // One more point takes the first across, once.
    send(&api, &flow, 1, 200).await;
    until("the second to be told", || async {
        (view(&with_marketing).await["fields"]["in_crm"] == "Sales: new").then_some(())
    })
    .await
    .unwrap();
    let runs = api.get(&format!("/runs?workflow={push}&limit=50")).await.unwrap();
    assert_eq!(runs["items"].as_array().unwrap().len(), 2, "each crossing is told once");
}

#[tokio::test]
async fn a_changed_model_says_who_would_cross_before_it_is_in_force() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let flow = intake(&api).await;
    for n in 0..LEADS {
        send(&api, &flow, n, size(n)).await;
    }
    let rule = make(&api, "scoring_model", "Inbound", model(200)).await;
    assert_eq!(rule["problems"], json!([]));
    let first = trial(&api, &rule).await;
    let reach = |at_least: u64| (0..LEADS).filter(|n| by_hand(size(*n), at_least) >= 71).count() as u64;
    assert_eq!((count(&first, "reach:Ready"), count(&first, "cease:Ready")), (reach(200), 0));
    assert_eq!(total(&api, "stage=MQL").await, 0, "a trial writes nothing");

    put_in_force(&api, &rule).await;
    assert_eq!(total(&api, "stage=MQL").await, reach(200));
    let page = api.get("/leads?limit=200").await.unwrap();
    for lead in page["items"].as_array().unwrap() {
        let view = api.get(&format!("/leads/{}", lead["id"].as_str().unwrap())).await.unwrap();
        let size = view["company_size"].as_u64().unwrap_or(0);
        assert_eq!(lead["score"], by_hand(size, 200), "{view}");
    }

    save(&api, &rule, model(300)).await;
    let change =
        api.get(&format!("/rulebooks/scoring_model/{}", rule["id"].as_str().unwrap())).await.unwrap();
    assert_eq!(
        change["changes"],
        json!(["Company size is at least 300: new, +71", "Company size is at least 200: removed, was +71"])
    );
    let second = trial(&api, &rule).await;
    assert_eq!(count(&second, "cease:Ready"), reach(200) - reach(300));
    assert_eq!(count(&second, "other_score"), reach(200) - reach(300));
    assert_eq!(count(&second, "same_score"), LEADS - (reach(200) - reach(300)));
    let path = format!("/jobs/{}/items?group=cease:Ready&limit=200", second["id"].as_str().unwrap());
    let listed = api.get(&path).await.unwrap()["items"].as_array().unwrap().len() as u64;
    assert_eq!(listed, reach(200) - reach(300), "each of them can be opened");

    // A lead that changes is scored in the same breath.
    let lead = send(&api, &flow, 1, 500).await;
    let view = api.get(&format!("/leads/{lead}")).await.unwrap();
    assert_eq!((&view["score"], &view["stage"]), (&json!(91), &json!("MQL")));

    let twice = make(&api, "scoring_model", "Second", model(100)).await;
    let path = format!("/rulebooks/scoring_model/{}/publish", twice["id"].as_str().unwrap());
    let refused =
        api.request(reqwest::Method::POST, &path).json(&json!({"base_revision": 1})).send().await.unwrap();
    assert_eq!(refused.status(), 409);
}

#[tokio::test]
async fn leads_enter_and_leave_a_segment_with_what_they_are() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let flow = intake(&api).await;
    for n in 0..LEADS {
        send(&api, &flow, n, size(n)).await;
    }
    let big = |least: u64| json!({"rule": {"field": "company_size", "op": "at_least", "value": least}});
    let members = |least: u64| (0..LEADS).filter(|n| size(*n) >= least).count() as u64;
    let rule = make(&api, "segment", "Big", big(200)).await;
    let preview = trial(&api, &rule).await;
    assert_eq!((count(&preview, "enter"), count(&preview, "outside")), (members(200), LEADS - members(200)));
    put_in_force(&api, &rule).await;
    assert_eq!(total(&api, "segment=Big").await, members(200));
    let sizes = api.get("/segments").await.unwrap();
    assert_eq!(
        (&sizes["items"][0]["name"], &sizes["items"][0]["count"]),
        (&json!("Big"), &json!(members(200)))
    );

    let lead = send(&api, &flow, 0, 900).await;
    assert_eq!(total(&api, "segment=Big").await, members(200) + 1);
    send(&api, &flow, 0, 1).await;
    assert_eq!(total(&api, "segment=Big").await, members(200));
    let view = api.get(&format!("/leads/{lead}")).await.unwrap();
    let kinds: Vec<&str> =
        view["timeline"].as_array().unwrap().iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert!(kinds.contains(&"segment_entered") && kinds.contains(&"segment_left"), "{kinds:?}");

    save(&api, &rule, big(300)).await;
    let narrower = trial(&api, &rule).await;
    assert_eq!(count(&narrower, "leave"), members(200) - members(300));
    put_in_force(&api, &rule).await;
    assert_eq!(total(&api, "segment=Big").await, members(300));

    let id = rule["id"].as_str().unwrap();
    let gone =
        api.request(reqwest::Method::DELETE, &format!("/rulebooks/segment/{id}")).send().await.unwrap();
    assert!(gone.status().is_success());
    until("everybody to have left", || async { (total(&api, "segment=Big").await == 0).then_some(()) })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_lifecycle_refuses_in_words_and_its_report_counts_moves() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let draft = json!({"stages": [
        {"name": "Known"},
        {"name": "MQL", "means": "Marketing vouches for it.", "crm_status": "Working",
         "entry": {"field": "company_size", "op": "at_least", "value": 200}},
        {"name": "Recycled", "recycle": true},
    ]});
    let rule = make(&api, "lifecycle", "Lifecycle", draft).await;
    let broken = json!({"stages": [{"name": ""}]});
    save(&api, &rule, broken).await;
    let id = rule["id"].as_str().unwrap();
    let path = format!("/rulebooks/lifecycle/{id}/publish");
    let refused =
        api.request(reqwest::Method::POST, &path).json(&json!({"base_revision": 2})).send().await.unwrap();
    assert_eq!(refused.status(), 422);
    save(&api, &rule, rule["draft"].clone()).await;
    put_in_force(&api, &rule).await;

    let set = json!({"lead": "{{ steps.find.lead }}", "stage": "MQL"});
    let find = json!({
        "match_on": ["email"], "fields": fields(),
    });
    let steps =
        [("start", "manual", json!({})), ("find", "find_or_create_lead", find), ("set", "set_stage", set)];
    let mover = publish(&api, chain("Mover", &steps)).await;
    for n in 0..10 {
        let body = json!({"email": format!("lead{n}@corp.example"), "size": size(n * 5)});
        let run = run_once(&api, &mover, body).await;
        let view = ended(&api, &run).await;
        assert_eq!(view["status"], "completed");
    }
    let moved = (0..10).filter(|n| size(n * 5) >= 200).count() as u64;
    assert_eq!(total(&api, "stage=MQL").await, moved);
    let report = api.get("/stages/report").await.unwrap();
    let known = &report["stages"][0];
    assert_eq!(
        (&known["stage"], &known["now"], &known["left"], &known["went_on"]),
        (&json!("Known"), &json!(10 - moved), &json!(moved), &json!(moved))
    );
    assert_eq!(known["next"], json!([{"stage": "MQL", "count": moved}]));
    let names: Vec<&str> =
        report["stages"].as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(names, ["Known", "MQL", "Recycled"]);
}

/// A workflow that is started by hand with a lead and puts it on a list.
fn lister() -> Value {
    let list = json!({"lead": "{{ trigger.body.id }}", "list": "Seen"});
    chain("Lister", &[("start", "manual", json!({})), ("list", "add_to_list", list)])
}

#[tokio::test]
async fn a_workflow_runs_once_for_everybody_in_a_segment_and_once_for_who_enters() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let rule = json!({"rule": {"field": "company_size", "op": "at_least", "value": 100}});
    let segment = make(&api, "segment", "Big", rule).await;
    put_in_force(&api, &segment).await;
    let hear = json!({"event": "segment_entered", "segment": "Big"});
    let entered = json!({"lead": "{{ trigger.lead }}", "list": "Entered"});
    let hear = chain("Entered", &[("hear", "lead_event", hear), ("list", "add_to_list", entered)]);
    let hear = publish(&api, hear).await;
    let lister = publish(&api, lister()).await;
    let flow = intake(&api).await;
    for n in 0..LEADS {
        send(&api, &flow, n, size(n)).await;
    }
    let big = (0..LEADS).filter(|n| size(*n) >= 100).count();
    let wanted = json!({"segment": "Big", "workflow": lister});
    let run = api.post("/segments/run", &wanted).await.unwrap();
    assert_eq!(run["leads"], json!(big));
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let runs = async |workflow: &str| {
        let path = format!("/runs?workflow={workflow}&status=completed&limit=200");
        Some(api.get(&path).await.ok()?["items"].as_array()?.len())
    };
    until("everybody in it to be seen", || async { (runs(&lister).await? >= big).then_some(()) })
        .await
        .unwrap();
    let view = ended(&api, run["run_id"].as_str().unwrap()).await;
    assert_eq!(view["status"], "completed", "{view}");
    assert_eq!(runs(&lister).await, Some(big), "each once");
    // Leads that change without leaving it enter no second time.
    for n in 0..LEADS {
        send(&api, &flow, n, size(n) + 1).await;
    }
    let big = (0..LEADS).filter(|n| size(*n) + 1 >= 100).count();
    until("everybody who entered", || async { (runs(&hear).await? >= big).then_some(()) }).await.unwrap();
    assert_eq!(runs(&hear).await, Some(big), "one run for each entry");
    let unknown = json!({"segment": "Small", "workflow": lister});
    let refused = api.request(reqwest::Method::POST, "/segments/run").json(&unknown).send().await.unwrap();
    assert_eq!(refused.status(), 404);
}
