//! Importing lists through the API: what a preview counts is what the run does and what a slow recount finds.

use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use trunkline_tests::{Client, Server, text_of, until};

/// Uploads `content` in pieces of `size` bytes, one of them twice, as after a broken line; gives the file's id.
async fn upload(api: &Client, name: &str, content: &[u8], size: usize) -> Value {
    let begun = api.post("/uploads", &json!({})).await.unwrap();
    let id = begun["id"].as_str().unwrap();
    let mut at = 0;
    for (number, piece) in content.chunks(size).enumerate() {
        for _ in 0..=usize::from(number == 1) {
            let path = format!("/uploads/{id}?at={at}");
            let request = api.request(reqwest::Method::PUT, &path).body(piece.to_vec());
            let answer = request.header("content-type", "application/octet-stream").send().await.unwrap();
            let state: Value = serde_json::from_str(&text_of(answer).await.unwrap()).unwrap();
            assert_eq!(state["at"], at + piece.len());
        }
        at += piece.len();
    }
    api.post(&format!("/uploads/{id}/finish"), &json!({ "name": name })).await.unwrap()["id"].clone()
}

async fn at(api: &Client, id: &str, status: &str) -> Value {
    until(&format!("the import to be {status}"), || async {
        let import = api.get(&format!("/imports/{id}")).await.ok()?;
        assert!(import["status"] == status || import["status"] != "failed", "{import}");
        (import["status"] == status).then_some(import)
    })
    .await
    .unwrap()
}

pub(crate) async fn read(api: &Client, name: &str, content: &[u8]) -> Value {
    let file = upload(api, name, content, 40_000).await;
    let import = api.post("/imports", &json!({ "file": file })).await.unwrap();
    at(api, import["id"].as_str().unwrap(), "ready").await
}

fn id_of(import: &Value) -> &str {
    import["id"].as_str().unwrap()
}

async fn choose(api: &Client, import: &Value, settings: &Value) {
    let path = format!("/imports/{}/settings", id_of(import));
    let answer = api.request(reqwest::Method::PUT, &path).json(settings).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", text_of(answer).await.unwrap());
}

pub(crate) async fn previewed(api: &Client, import: &Value) -> Value {
    api.post(&format!("/imports/{}/preview", id_of(import)), &json!({})).await.unwrap();
    at(api, id_of(import), "previewed").await["preview"].clone()
}

pub(crate) async fn run(api: &Client, import: &Value) -> Value {
    api.post(&format!("/imports/{}/start", id_of(import)), &json!({})).await.unwrap();
    at(api, id_of(import), "done").await
}

/// A list with everything in it: repeats by address and by phone, rows without either, broken ones.
fn list(rows: usize) -> Vec<[String; 3]> {
    (0..rows)
        .map(|n| {
            let mail = match n % 17 {
                3 => String::new(),
                7 => format!("lead{}@LIST.example", n - 5),
                _ => format!("lead{n}@list.example"),
            };
            let phone = match n % 11 {
                5 => format!("+1 650 253 {:04}", n % 10_000),
                6 => format!("+1 (650) 253-{:04}", (n - 1) % 10_000),
                _ => String::new(),
            };
            [mail, phone, format!("COMPANY {n}, inc")]
        })
        .collect()
}

fn text(rows: &[[String; 3]]) -> Vec<u8> {
    let mut text = String::from("E-mail;Phone;Company\r\n");
    for [mail, phone, company] in rows {
        text.push_str(&format!("{mail};{phone};\"{company}\"\r\n"));
    }
    text.push_str("broken;row\r\n");
    text.into_bytes()
}

/// The counts, told slowly: one row after the other, a lead per address or phone.
fn recount(rows: &[[String; 3]]) -> Value {
    let mut owner: HashMap<String, usize> = HashMap::new();
    let mut fields: Vec<[bool; 2]> = Vec::new();
    let (mut created, mut duplicate, mut failed) = (0, 0, 1);
    for [mail, phone, _] in rows {
        let mail = mail.to_lowercase();
        let phone: String = phone.chars().filter(|c| c.is_ascii_digit()).collect();
        let keys: Vec<(usize, String)> =
            [mail, phone].into_iter().enumerate().filter(|(_, key)| !key.is_empty()).collect();
        if keys.is_empty() {
            failed += 1;
            continue;
        }
        let lead = match keys.iter().find_map(|(_, key)| owner.get(key).copied()) {
            Some(lead) => {
                duplicate += 1;
                lead
            }
            None => {
                created += 1;
                fields.push([false, false]);
                fields.len() - 1
            }
        };
        for (kind, key) in keys {
            if !fields[lead][kind] && !owner.contains_key(&key) {
                fields[lead][kind] = true;
                owner.insert(key, lead);
            }
        }
    }
    json!({
        "created": created, "updated": 0, "unchanged": 0, "duplicate": duplicate, "skipped": 0, "failed": failed,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_tells_what_the_run_does_and_an_undo_takes_it_back() {
    let server = Server::start(&[]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let rows = list(12_000);
    let import = read(&api, "fair.csv", &text(&rows)).await;
    assert_eq!((&import["total"], &import["found"]["delimiter"]), (&json!(12_001), &json!(";")));
    let fields: Vec<&Value> =
        import["settings"]["columns"].as_array().unwrap().iter().map(|used| &used["field"]).collect();
    assert_eq!(fields, ["email", "phone", "company"]);
    let mut settings = import["settings"].clone();
    settings["afterwards"] = json!({ "list": "Fair", "pool": "Account executives", "stage": "Lead" });
    choose(&api, &import, &settings).await;
    let preview = previewed(&api, &import).await;
    assert_eq!(api.get("/leads/summary").await.unwrap()["total"], 0, "a preview writes nothing");
    assert_eq!(preview["counts"], recount(&rows));
    assert_eq!(preview["samples"]["created"][0]["fields"]["company"], "COMPANY 0 Inc.");
    let done = run(&api, &import).await;
    assert_eq!(done["counts"], preview["counts"]);
    let summary = api.get("/leads/summary").await.unwrap();
    assert_eq!(summary["total"], preview["counts"]["created"]);
    let owned: u64 = summary["by_owner"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| !entry["owner"].is_null())
        .map(|entry| entry["count"].as_u64().unwrap())
        .sum();
    assert_eq!(json!(owned), summary["total"]);
    result_accounts_for_every_row(&api, &import, &rows).await;

    // The same list again gives nothing new, and its choices are remembered.
    let again = read(&api, "fair again.csv", &text(&rows)).await;
    assert_eq!(again["found"]["remembered_from"], "fair.csv");
    let counts = run(&api, &again).await["counts"].clone();
    assert_eq!((&counts["created"], &counts["updated"]), (&json!(0), &json!(0)));
    assert_eq!(api.get("/leads/summary").await.unwrap()["total"], summary["total"]);

    api.post(&format!("/imports/{}/undo", id_of(&import)), &json!({})).await.unwrap();
    at(&api, id_of(&import), "undone").await;
    assert_eq!(api.get("/leads/summary").await.unwrap()["total"], 0);
}

async fn result_accounts_for_every_row(api: &Client, import: &Value, rows: &[[String; 3]]) {
    let path = format!("/imports/{}/result", id_of(import));
    let answer = api.request(reqwest::Method::GET, &path).send().await.unwrap();
    let text = text_of(answer).await.unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "Line,Result,Reason,Lead,E-mail,Phone,Company");
    assert_eq!(lines.len(), rows.len() + 2);
    assert!(lines.iter().any(|line| line.contains(",'+1 650 253")), "formulas are made harmless");
    let numbers: HashSet<&str> = lines[1..].iter().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(numbers.len(), rows.len() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_goes_on_after_a_crash_and_takes_every_row_once() {
    let mut server = Server::start(&[]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let rows = list(40_000);
    let import = read(&api, "long.csv", &text(&rows)).await;
    let wanted = recount(&rows);
    api.post(&format!("/imports/{}/start", id_of(&import)), &json!({})).await.unwrap();
    until("some rows to be done", || async {
        let import = api.get(&format!("/imports/{}", id_of(&import))).await.ok()?;
        (import["counts"]["created"].as_u64()? > 0).then_some(())
    })
    .await
    .unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let done = at(&api, id_of(&import), "done").await;
    assert_eq!(done["counts"], wanted);
    assert_eq!(api.get("/leads/summary").await.unwrap()["total"], wanted["created"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_no_lists_and_choices_that_do_not_fit_are_refused_with_a_code() {
    let server = Server::start(&[]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let file = upload(&api, "list.csv", b"%PDF-1.7", 100).await;
    let import = api.post("/imports", &json!({ "file": file })).await.unwrap();
    let failed = until("the import to fail", || async {
        let import = api.get(&format!("/imports/{}", id_of(&import))).await.ok()?;
        (import["status"] == "failed").then_some(import)
    })
    .await
    .unwrap();
    assert!(failed["error"].as_str().unwrap().starts_with("IMP-0006: "), "{failed}");
    let good = read(&api, "good.csv", b"Email,Name\nada@a.example,Ada Lovelace\n").await;
    let mut settings = good["settings"].clone();
    settings["columns"][0]["field"] = json!("");
    let path = format!("/imports/{}/settings", id_of(&good));
    let answer = api.request(reqwest::Method::PUT, &path).json(&settings).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    assert!(text_of(answer).await.unwrap().contains("IMP-0011"));
    let undo =
        api.request(reqwest::Method::POST, &format!("/imports/{}/undo", id_of(&good))).json(&json!({}));
    let answer = undo.send().await.unwrap();
    assert!(text_of(answer).await.unwrap().contains("IMP-0012"));
}

/// A workflow that is started by hand with a lead and puts it on a list.
async fn lister(api: &Client) -> String {
    let list = json!({"lead": "{{ trigger.body.id }}", "list": "Through the workflow"});
    let flow = crate::chain("Lister", &[("start", "manual", json!({})), ("list", "add_to_list", list)]);
    crate::publish(api, flow).await
}

#[tokio::test]
async fn every_lead_of_an_import_goes_through_a_workflow_once_across_a_crash() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let flow = lister(&api).await;
    api.post("/owners", &json!({"name": "Ana Moreau", "email": "ana@example.com"})).await.unwrap();
    let rows = list(3_000);
    let import = read(&api, "leads.csv", &text(&rows)).await;
    let mut settings = import["settings"].clone();
    settings["afterwards"] = json!({"workflow": flow, "owner": "ana@example.com"});
    choose(&api, &import, &settings).await;
    api.post(&format!("/imports/{}/start", id_of(&import)), &json!({})).await.unwrap();
    let started = async || {
        let runs = api.get(&format!("/runs?workflow={flow}&limit=1")).await.ok()?;
        (!runs["items"].as_array()?.is_empty()).then_some(())
    };
    until("the first leads to go through", started).await.unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let done = at(&api, id_of(&import), "done").await;
    let leads = recount(&rows)["created"].as_u64().unwrap();
    assert_eq!(done["counts"]["created"], leads);
    let through = async || api.get("/lists").await.ok()?["items"][0]["count"].as_u64();
    until("all of them to have gone through", || async { (through().await? == leads).then_some(()) })
        .await
        .unwrap();
    let figures = api.get("/workflows").await.unwrap();
    let row = figures["items"].as_array().unwrap().iter().find(|row| row["id"] == flow.as_str()).unwrap();
    assert_eq!(row["runs_today"]["completed"], leads, "one run for each lead: {row}");
    let owned = api.get("/leads?limit=1").await.unwrap();
    assert_eq!(owned["items"][0]["owner"]["name"], "Ana Moreau", "{owned}");

    let other = read(&api, "more.csv", b"E-mail\nnew@list.example\n").await;
    let mut settings = other["settings"].clone();
    settings["afterwards"] = json!({"workflow": "01890000-0000-7000-8000-0000000000aa"});
    choose(&api, &other, &settings).await;
    let path = format!("/imports/{}/start", id_of(&other));
    let refused = api.request(reqwest::Method::POST, &path).json(&json!({})).send().await.unwrap();
    assert!(
        refused.status().is_client_error(),
        "a workflow that is gone is refused before anything is written"
    );
}
