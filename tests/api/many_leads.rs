//! Own fields, the list of leads, what is done with all that match, and what goes out as a file.

use crate::{chain, publish, run_once, status};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, text_of, until};

/// Takes `people` in by one workflow, each as a record of fields.
async fn take_in(api: &Client, people: &[Value]) {
    let names = ["email", "first_name", "company", "country", "company_size", "plan"];
    let filled = names.map(|name| json!({"name": name, "value": format!("{{{{ trigger.body.{name} }}}}")}));
    let fields = json!({"match_on": ["email"], "overwrite": "newer_wins", "fields": filled});
    let steps = [("start", "manual", json!({})), ("find", "find_or_create_lead", fields)];
    let workflow = publish(api, chain("Take in", &steps)).await;
    let events: Vec<Value> = people.iter().map(|body| json!({"body": body})).collect();
    for events in events.chunks(500) {
        let taken =
            api.post(&format!("/workflows/{workflow}/events"), &json!({"events": events})).await.unwrap();
        assert_eq!(taken["accepted"], events.len());
    }
    until("all leads to be there", || async {
        (api.get("/leads/summary").await.ok()?["total"] == people.len()).then_some(())
    })
    .await
    .unwrap();
}

fn person(n: usize) -> Value {
    let (country, plan) = (["DE", "AT", "FR"][n % 3], ["free", "pro"][n % 2]);
    json!({
        "email": format!("person{n}@example.com"), "first_name": format!("Person {n}"), "company": "Example",
        "country": country, "company_size": n * 10, "plan": plan,
    })
}

async fn field(api: &Client, body: Value) -> Value {
    api.post("/fields", &body).await.unwrap()
}

/// Waits until the job is over, and gives it.
async fn over(api: &Client, job: &Value) -> Value {
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    until("the job to be over", || async {
        let job = api.get(&path).await.ok()?;
        (job["status"] != "running").then_some(job)
    })
    .await
    .unwrap()
}

fn encoded(rule: &Value) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    let encode = |byte: &u8| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    rule.to_string().as_bytes().iter().map(encode).collect()
}

async fn raw(api: &Client, path: &str) -> reqwest::Response {
    api.request(reqwest::Method::GET, path).send().await.unwrap()
}

#[tokio::test]
async fn values_of_own_fields_fit_or_are_refused() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let plan = field(&api, json!({"label": "Plan", "type": "choice", "options": ["Free", "Pro"]})).await;
    assert_eq!(plan["name"], "plan");
    field(&api, json!({"name": "renews_on", "label": "Renewal date", "type": "date"})).await;
    let taken = api.post("/fields", &json!({"name": "email", "label": "Mail", "type": "text"})).await;
    assert!(taken.unwrap_err().to_string().contains("FIELD-0003"));
    take_in(&api, &[person(0), person(1)]).await;
    let page = api.get("/leads?columns=name,fields.plan,country").await.unwrap();
    let plans: Vec<&Value> =
        page["items"].as_array().unwrap().iter().map(|lead| &lead["values"]["fields.plan"]).collect();
    assert!(plans.contains(&&json!("Free")) && plans.contains(&&json!("Pro")), "{plans:?}: read as choices");

    let lead = format!("/leads/{}", page["items"][0]["id"].as_str().unwrap());
    let unfit =
        api.patch(&lead, &json!({"fields": {"renews_on": "soon", "city": "Rome"}})).await.unwrap_err();
    assert!(unfit.to_string().contains("FIELD-0001"), "{unfit}");
    assert!(api.get(&lead).await.unwrap()["city"].is_null(), "nothing of it was written");
    let done = api.patch(&lead, &json!({"fields": {"renews_on": "31 Jan 2027"}})).await.unwrap();
    assert_eq!(done["changed"], json!(["Renewal date"]), "people read the label");
    assert_eq!(api.get(&lead).await.unwrap()["fields"]["renews_on"], "2027-01-31");

    let steps = [
        ("start", "manual", json!({})),
        (
            "find",
            "find_or_create_lead",
            json!({"match_on": ["email"], "fields": [
                {"name": "email", "value": "x@example.com"}, {"name": "plan", "value": "Gold"}]}),
        ),
    ];
    let workflow = publish(&api, chain("Gold", &steps)).await;
    let run = run_once(&api, &workflow, json!({})).await;
    status(&api, &run, "failed").await;
    let view = api.get(&format!("/runs/{run}")).await.unwrap();
    assert!(view.to_string().contains("FIELD-0001"), "{view}");
}

#[tokio::test]
async fn a_field_in_use_says_by_what_and_a_label_is_free() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let plan = field(&api, json!({"label": "Plan", "type": "text"})).await;
    let path = format!("/fields/{}", plan["id"].as_str().unwrap());
    let rule = json!({"all": [{"field": "plan", "op": "equals", "value": "pro"}]});
    api.post("/rulebooks/segment", &json!({"name": "Pros", "draft": {"rule": rule}})).await.unwrap();
    let view = json!({"name": "Plans", "view": {"columns": ["name", "fields.plan"]}});
    let view = api.post("/leads/views", &view).await.unwrap();
    let refused = api.request(reqwest::Method::DELETE, &path).send().await.unwrap();
    let told = text_of(refused).await.unwrap();
    assert!(
        told.contains("FIELD-0002") && told.contains("segment Pros") && told.contains("view Plans"),
        "{told}"
    );
    let renamed = json!({"base_revision": plan["revision"], "label": "Price plan"});
    let answer = api.request(reqwest::Method::PUT, &path).json(&renamed).send().await.unwrap();
    assert!(answer.status().is_success());
    let columns = api.get("/leads/columns").await.unwrap();
    let columns = columns["items"].as_array().unwrap();
    assert!(columns.contains(&json!({"name": "fields.plan", "label": "Price plan"})));
    let uses = api.get(&format!("{path}/uses")).await.unwrap();
    assert_eq!(uses["items"].as_array().unwrap().len(), 2);
    let id = view["id"].as_str().unwrap();
    api.request(reqwest::Method::DELETE, &format!("/leads/views/{id}")).send().await.unwrap();
    assert_eq!(api.get(&format!("{path}/uses")).await.unwrap()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn leads_are_filtered_sorted_and_kept_as_views() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    take_in(&api, &(0..30).map(person).collect::<Vec<_>>()).await;
    let rule = json!({"all": [
        {"field": "country", "op": "one_of", "value": ["DE", "AT"]},
        {"field": "company_size", "op": "at_least", "value": 100},
    ]});
    let expected = (10..30).filter(|n| n % 3 != 2).count();
    let mut found = 0;
    let mut cursor = String::new();
    loop {
        let path = format!("/leads?filter={}&sort=created_at&limit=4{cursor}", encoded(&rule));
        let page = api.get(&path).await.unwrap();
        found += page["items"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, expected);
    let wrong = api.get(&format!("/leads?filter={}", encoded(&json!({"all": 3})))).await.unwrap_err();
    assert!(wrong.to_string().contains("LEAD-0100"), "{wrong}");
    assert!(api.get("/leads?columns=shoe_size").await.unwrap_err().to_string().contains("LEAD-0100"));
    let changed = api.get("/leads?sort=-updated_at&limit=30").await.unwrap();
    let times: Vec<&str> = changed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lead| lead["updated_at"].as_str().unwrap())
        .collect();
    assert!(times.windows(2).all(|pair| pair[0] >= pair[1]));

    let view = json!({"filter": {"rule": rule}, "columns": ["name", "country"], "sort": "-score"});
    let kept = api.post("/leads/views", &json!({"name": "German", "view": view})).await.unwrap();
    assert_eq!(kept["view"]["columns"], json!(["name", "country"]));
    let twice = api.post("/leads/views", &json!({"name": "German", "view": {}})).await.unwrap_err();
    assert!(twice.to_string().contains("API-0015"), "{twice}");
    let unfit = json!({"name": "Bad", "view": {"columns": ["shoe_size"]}});
    assert!(api.post("/leads/views", &unfit).await.unwrap_err().to_string().contains("LEAD-0102"));
}

#[tokio::test]
async fn a_change_of_all_that_match_goes_on_after_a_kill_and_does_nothing_twice() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    const LEADS: usize = 1_500;
    take_in(&api, &(0..LEADS).map(person).collect::<Vec<_>>()).await;
    let ana = api.post("/owners", &json!({"name": "Ana", "email": "ana@example.com"})).await.unwrap();
    let ben = api.post("/owners", &json!({"name": "Ben", "email": "ben@example.com"})).await.unwrap();
    let pool = api.post("/pools", &json!({"name": "Sales"})).await.unwrap();
    let members = json!({"name": "Sales", "members": [
        {"owner_id": ana["id"], "weight": 1, "active": true}, {"owner_id": ben["id"], "weight": 1, "active": true}]});
    let put = api.request(reqwest::Method::PUT, &format!("/pools/{}", pool["id"].as_str().unwrap()));
    let put = put.json(&members).send().await.unwrap();
    assert!(put.status().is_success(), "{}", text_of(put).await.unwrap());

    let rule = json!({"field": "plan", "op": "equals", "value": "pro"});
    let counted = api.post("/leads/count", &json!({"filter": {"rule": rule}})).await.unwrap();
    assert_eq!(over(&api, &counted).await["done"], LEADS / 2);
    let change = json!({
        "which": {"filter": {"rule": rule}}, "change": {"do": "route", "pool": "Sales"}, "expected": LEADS / 2,
    });
    let job = api.post("/leads/changes", &change).await.unwrap();
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    until("some of it to be done", || async {
        (api.get(&path).await.ok()?["done"].as_u64()? > 0).then_some(())
    })
    .await
    .unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let done = over(&api, &job).await;
    assert_eq!((&done["status"], &done["done"]), (&json!("completed"), &json!(LEADS / 2)), "{done}");
    // Each lead had one turn of the pool, so the counters and the owners say the same.
    let summary = api.get("/leads/summary").await.unwrap();
    let owned: u64 = summary["by_owner"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| !row["owner"].is_null())
        .map(|row| row["count"].as_u64().unwrap())
        .sum();
    assert_eq!(owned, LEADS as u64 / 2);
    let pools = api.get("/pools").await.unwrap();
    let dealt: u64 = pools["items"][0]["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["assigned"].as_u64().unwrap())
        .sum();
    assert_eq!(dealt, LEADS as u64 / 2, "{pools}");
}

#[tokio::test]
async fn many_leads_are_set_started_and_erased() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    take_in(&api, &(0..12).map(person).collect::<Vec<_>>()).await;
    field(&api, json!({"label": "Tier", "type": "choice", "options": ["Gold"]})).await;
    let all = json!({"filter": {}});
    let unfit = json!({"which": all, "change": {"do": "set_field", "field": "tier", "value": "Tin"}});
    assert!(api.post("/leads/changes", &unfit).await.unwrap_err().to_string().contains("LEAD-0101"));
    let key = json!({"which": all, "change": {"do": "set_field", "field": "email", "value": "a@b.c"}});
    assert!(api.post("/leads/changes", &key).await.unwrap_err().to_string().contains("LEAD-0101"));
    let set = json!({"which": all, "change": {"do": "set_field", "field": "tier", "value": "gold"}});
    let job = api.post("/leads/changes", &set).await.unwrap();
    let done = over(&api, &job).await;
    assert_eq!(done["groups"][0]["count"], 12, "{done}");
    let job = api.post("/leads/changes", &set).await.unwrap();
    assert_eq!(over(&api, &job).await["groups"][0]["group"], "already");

    let steps = [
        ("start", "manual", json!({})),
        (
            "say",
            "set_fields",
            json!({"fields": [
        {"name": "who", "value": "{{ trigger.body.lead.email }}"}]}),
        ),
    ];
    let workflow = publish(&api, chain("Greet", &steps)).await;
    let start = json!({"which": all, "change": {"do": "start_workflow", "workflow": workflow}});
    let job = api.post("/leads/changes", &start).await.unwrap();
    assert_eq!(over(&api, &job).await["groups"][0]["count"], 12);
    let runs = api.get(&format!("/runs?workflow={workflow}&limit=50")).await.unwrap();
    assert_eq!(runs["items"].as_array().unwrap().len(), 12);
    for run in runs["items"].as_array().unwrap() {
        status(&api, run["id"].as_str().unwrap(), "completed").await;
    }

    let page = api.get("/leads?limit=2").await.unwrap();
    let ids: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|lead| &lead["id"]).collect();
    let erase = json!({"which": {"leads": ids}, "change": {"do": "delete"}});
    let job = api.post("/leads/changes", &erase).await.unwrap();
    let done = over(&api, &job).await;
    assert_eq!((&done["status"], &done["done"]), (&json!("completed"), &json!(2)), "{done}");
    assert_eq!(api.get("/leads/summary").await.unwrap()["total"], 10);
}

#[tokio::test]
async fn what_goes_out_has_the_columns_of_the_view_and_no_formulas() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let mut people: Vec<Value> = (0..3).map(person).collect();
    for (n, evil) in ["=1+1", "+cmd", "-2", "@SUM(A1)"].into_iter().enumerate() {
        people
            .push(json!({"email": format!("evil{n}@example.com"), "first_name": evil, "company": "a,\"b\""}));
    }
    take_in(&api, &people).await;
    let answer =
        raw(&api, "/leads/export?columns=name,company,company_size&sort=created_at&name=My+leads").await;
    assert!(answer.headers()["content-disposition"].to_str().unwrap().contains("My-leads.csv"));
    let text = text_of(answer).await.unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert_eq!(lines[0], "Name,Company,Company size");
    assert_eq!(lines.len(), 1 + 7 + 1, "{text}");
    assert!(lines[1..8].iter().all(|line| !line.starts_with(['=', '+', '-', '@'])), "{text}");
    assert!(text.contains("'=1+1,\"a,\"\"b\"\"\""), "{text}");
    let rule = encoded(&json!({"field": "country", "op": "equals", "value": "DE"}));
    let text = text_of(raw(&api, &format!("/leads/export?filter={rule}&columns=email")).await).await.unwrap();
    assert_eq!(text, "\u{feff}E-mail\r\nperson0@example.com\r\n");
    let book = raw(&api, "/leads/export?format=xlsx&columns=name").await;
    let kind = book.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.contains("spreadsheetml"), "{kind}");
    assert!(raw(&api, "/leads/export?columns=shoe_size").await.status().is_client_error());
}
