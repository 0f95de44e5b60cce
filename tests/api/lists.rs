//! Big lists: a file is worked through stretch by stretch, with progress, and goes on after a crash.

use crate::{chain, ended, publish, run_once, step};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, long, text_of, until};

/// Uploads `content` as `name`; gives the file's id.
async fn upload(api: &Client, name: &str, content: String) -> String {
    let head = format!(
        "--line\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: text/csv\r\n\r\n"
    );
    let request = api
        .request(reqwest::Method::POST, "/files")
        .header("content-type", "multipart/form-data; boundary=line")
        .body(format!("{head}{content}\r\n--line--\r\n"));
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), text_of(answer).await.unwrap());
    assert!(status.is_success(), "{status}: {text}");
    let file: Value = serde_json::from_str(&text).unwrap();
    file["id"].as_str().unwrap().to_owned()
}

fn rows(count: usize) -> String {
    let mut text = String::from("Email,Name,Score\n");
    for n in 0..count {
        text.push_str(&format!("person{n}@example.com,\"Person, {n}\",{}\n", n % 100));
    }
    text
}

/// A loop over the file in the event.
fn over_file(name: &str, slice: u32) -> Value {
    let mut document = chain(
        name,
        &[
            ("start", "manual", json!({})),
            (
                "each",
                "loop",
                json!({"from": "file", "file": "{{ trigger.body.file }}", "slice": slice, "on_item_error": "collect"}),
            ),
            (
                "after",
                "set_fields",
                json!({"fields": [{"name": "count", "value": "{{ steps.each.count }}"}], "keep": "only_these"}),
            ),
        ],
    );
    document["steps"]["each"]["body"] = json!({
        "steps": {"note": {"kind": "set_fields", "title": "note", "config":
            {"fields": [{"name": "email", "value": "{{ item.email }}"}, {"name": "n", "value": "{{ index }}"}], "keep": "only_these"}}},
        "edges": []});
    document
}

async fn stretches(api: &Client) -> usize {
    let list = api.get("/runs?limit=200").await.unwrap();
    list["items"].as_array().unwrap().iter().filter(|run| run["trigger_kind"] == "slice").count()
}

#[tokio::test]
async fn a_file_is_worked_through_in_stretches_that_are_never_repeated() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let file = upload(&api, "people.csv", rows(2_345)).await;
    let id = publish(&api, over_file("Import", 100)).await;
    let run = run_once(&api, &id, json!({"file": file})).await;
    until("some stretches", || async { (stretches(&api).await >= 3).then_some(()) }).await.unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let view = ended(&api, &run).await;
    assert_eq!(view["status"], "completed", "{view}");
    let output = &step(&view, "each")["output"];
    assert_eq!((&output["count"], &output["failed"]), (&json!(2_345), &json!(0)), "{output}");
    assert_eq!(step(&view, "after")["output"]["count"], 2_345);
    assert_eq!(stretches(&api).await, 24, "one run per stretch");
}

#[tokio::test]
async fn a_list_shows_progress_and_can_be_paused_and_cancelled() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let file = upload(&api, "people.csv", rows(60)).await;
    let mut document = over_file("Slow", 10);
    document["steps"]["each"]["body"]["steps"]["note"] =
        json!({"kind": "wait", "title": "nap", "config": {"amount": 1, "unit": "seconds"}});
    document["steps"]["each"]["config"]["parallel"] = json!(10);
    let id = publish(&api, document).await;
    let run = run_once(&api, &id, json!({"file": file})).await;
    let progress = until("progress", || async {
        let view = api.get(&format!("/runs/{run}")).await.ok()?;
        let progress = view["progress"][0].clone();
        (progress["done"].as_u64()? >= 10).then_some(progress)
    })
    .await
    .unwrap();
    assert_eq!((&progress["step"], &progress["total"]), (&json!("each"), &json!(60)));
    let paused = api.post(&format!("/runs/{run}/pause"), &json!({})).await.unwrap();
    assert_eq!(paused["status"], "paused");
    let begun = stretches(&api).await;
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(stretches(&api).await, begun, "nothing new begins");
    api.post(&format!("/runs/{run}/resume"), &json!({})).await.unwrap();
    until("more", || async { (stretches(&api).await > begun).then_some(()) }).await.unwrap();
    api.post(&format!("/runs/{run}/cancel"), &json!({})).await.unwrap();
    until("the stretch to be cancelled", || async {
        let list = api.get("/runs?limit=200").await.ok()?;
        let open = list["items"].as_array()?.iter().filter(|run| run["finished_at"].is_null()).count();
        (open == 0).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(ended(&api, &run).await["status"], "cancelled");
}

/// Resident memory of the process in MB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Watches the memory of the server until `done` gives something.
async fn watching<T>(server: &Server, most: &mut u64, done: impl AsyncFn() -> Option<T>) -> T {
    let began = std::time::Instant::now();
    loop {
        *most = (*most).max(memory(server));
        if let Some(found) = done().await {
            return found;
        }
        assert!(began.elapsed().as_secs() < 900, "a big list does not end");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_million_rows_need_no_more_memory_than_a_few() {
    let (count, slice) = if long() { (1_000_000, 5_000) } else { (300_000, 1_000) };
    let server = Server::start(&["--empty", "--max-event-bytes", "200000000"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let file = upload(&api, "people.csv", rows(count)).await;
    let id = publish(&api, over_file("Million", slice)).await;
    let run = run_once(&api, &id, json!({"file": file})).await;
    let done = async || {
        let view = api.get(&format!("/runs/{run}")).await.ok()?;
        view["progress"][0]["done"].as_u64()
    };
    let mut most = 0;
    let before = watching(&server, &mut most, async || done().await.filter(|done| *done > 0)).await;
    api.post(&format!("/runs/{run}/pause"), &json!({})).await.unwrap();
    // The stretch under way ends, and no other begins.
    let open = async || {
        let list = api.get("/runs?status=running").await.ok()?;
        list["items"].as_array()?.is_empty().then_some(())
    };
    watching(&server, &mut most, open).await;
    let paused = done().await.unwrap();
    assert!(paused >= before && paused < count as u64, "{paused} of {count} after a pause at {before}");
    let begun = api.get(&format!("/runs/{run}")).await.unwrap();
    assert_eq!(begun["status"], "paused", "{begun}");
    api.post(&format!("/runs/{run}/resume"), &json!({})).await.unwrap();
    let ended = async |run: &str| {
        let row = api.get(&format!("/runs?search={run}")).await.ok()?;
        (!row["items"][0]["finished_at"].is_null()).then_some(())
    };
    watching(&server, &mut most, async || ended(&run).await).await;
    let view = api.get(&format!("/runs/{run}")).await.unwrap();
    assert_eq!(step(&view, "each")["output"]["count"], count as u64, "{view}");

    // Another one is ended half-way; what it had done stays done, and nothing more begins.
    let second = run_once(&api, &id, json!({"file": file})).await;
    let some = async || {
        let view = api.get(&format!("/runs/{second}")).await.ok()?;
        view["progress"][0]["done"].as_u64().filter(|done| *done > 0)
    };
    watching(&server, &mut most, some).await;
    api.post(&format!("/runs/{second}/cancel"), &json!({})).await.unwrap();
    watching(&server, &mut most, async || ended(&second).await).await;
    watching(&server, &mut most, open).await;
    let view = api.get(&format!("/runs/{second}")).await.unwrap();
    assert_eq!(view["status"], "cancelled", "{view}");
    println!("{count} rows: {most} MB at most");
    assert!(most < 250, "{most} MB");
}
