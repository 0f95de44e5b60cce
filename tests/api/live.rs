//! Live streams: a run as it moves, and the end of the stream with the end of the run.

use crate::{chain, publish, step};
use reqwest::Method;
use serde_json::{Value, json};
use trunkline_tests::Server;

/// Reads events until `wanted` says stop or the stream ends.
async fn events(
    mut answer: reqwest::Response,
    mut wanted: impl FnMut(&str, &Value) -> bool,
) -> Vec<(String, Value)> {
    let (mut text, mut seen) = (String::new(), Vec::new());
    while let Some(chunk) = answer.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            let field = |name: &str| {
                event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim()
            };
            let (name, data) = (field("event:").to_owned(), field("data:").to_owned());
            text = rest.to_owned();
            if name.is_empty() {
                continue;
            }
            let data = serde_json::from_str(&data).unwrap();
            let enough = wanted(&name, &data);
            seen.push((name, data));
            if enough {
                return seen;
            }
        }
    }
    seen
}

#[tokio::test]
async fn a_watched_run_is_shown_until_it_ends() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let nap = json!({"amount": 1, "unit": "seconds"});
    let id = publish(&api, chain("Nap", &[("start", "manual", json!({})), ("nap", "wait", nap)])).await;
    let all = api.request(Method::GET, "/live").send().await.unwrap();
    assert_eq!(all.headers()["content-type"], "text/event-stream");
    let run = api.post(&format!("/workflows/{id}/runs"), &json!({})).await.unwrap()["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let one = api.request(Method::GET, &format!("/runs/{run}/live")).send().await.unwrap();
    let views = events(one, |_, _| false).await;
    let statuses: Vec<&str> = views.iter().map(|(_, view)| view["status"].as_str().unwrap()).collect();
    assert_eq!(statuses.first(), Some(&"waiting"), "{statuses:?}");
    assert_eq!(statuses.last(), Some(&"completed"), "{statuses:?}");
    assert_eq!(step(&views.last().unwrap().1, "nap")["status"], "done");
    let told = events(all, |name, data| {
        name == "run" && data["id"] == run.as_str() && data["status"] == "completed"
    })
    .await;
    assert_eq!(told[0].0, "hello");
}

#[tokio::test]
async fn a_long_loop_is_shown_in_part_and_counted_whole() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let kinds = api.get("/step-kinds").await.unwrap();
    let each = kinds["items"].as_array().unwrap().iter().find(|kind| kind["kind"] == "loop").unwrap();
    let mut config = each["default_config"].clone();
    config["items"] = json!("{{ range(300)|list }}");
    let set = json!({"kind": "set_fields", "title": "Set", "config": {"fields": [{"name": "n", "value": "{{ item }}"}], "keep": "only_these"}});
    let mut document = chain("Loop", &[("start", "manual", json!({})), ("each", "loop", config)]);
    document["steps"]["each"]["body"] = json!({"steps": {"set": set}, "edges": []});
    let id = publish(&api, document).await;
    let run = api.post(&format!("/workflows/{id}/runs"), &json!({})).await.unwrap()["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let view = crate::ended(&api, &run).await;
    assert_eq!(view["status"], "completed", "{}", view["error"]);
    assert_eq!(step(&view, "set")["count"], 300);
    let frames: Vec<&Value> = view["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|shown| shown["step"] == "set" && shown["frame"] != "")
        .collect();
    assert!((10..=100).contains(&frames.len()), "{} frames", frames.len());
    assert_eq!((frames[3]["frame"].as_str(), frames[3]["output"]["n"].as_u64()), (Some("each[3]"), Some(3)));
}
