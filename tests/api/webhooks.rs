//! Webhook calls of every kind, proofs, keys, answers, and hosted forms.

use crate::{chain, ended, hook, outside, publish, step};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use trunkline_tests::{Server, client, until};

#[tokio::test]
async fn bodies_of_every_kind_reach_the_run() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let http = client().unwrap();
    let echo = json!({"fields": [{"name": "body", "value": "{{ trigger.body }}"}], "keep": "only_these"});
    publish(
        &api,
        chain("Echo", &[("start", "webhook", hook("echo", "when_finished")), ("set", "set_fields", echo)]),
    )
    .await;
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nAda\r\n--b\r\n\
        Content-Disposition: form-data; name=\"cv\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    for (kind, body, expected) in [
        ("application/json", r#"{"a":[1,null]}"#, json!({"a": [1, null]})),
        ("application/x-www-form-urlencoded", "a=1&b=x+y", json!({"a": "1", "b": "x y"})),
        ("text/plain", "just text", json!("just text")),
        (
            "multipart/form-data; boundary=b",
            multipart,
            json!({"who": "Ada", "cv": {"file_name": "a.txt", "content_type": "text/plain", "size": 5, "text": "hello", "text_cut": false}}),
        ),
    ] {
        let answer = http
            .post(server.url("/hooks/echo"))
            .header("content-type", kind)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{kind}");
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"body": expected}), "{kind}");
    }
    for (request, status, code) in [
        (
            http.post(server.url("/hooks/echo")).header("content-type", "application/json").body("{"),
            400,
            "HOOK-0004",
        ),
        (http.put(server.url("/hooks/echo")), 405, "HOOK-0002"),
        (http.post(server.url("/hooks/elsewhere")), 404, "HOOK-0001"),
        (http.post(server.url("/hooks/echo")).body(vec![b'x'; 11 * 1024 * 1024]), 413, "API-0003"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{code}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], code);
    }
}

#[tokio::test]
async fn what_came_in_is_carried_out_though_its_sender_hangs_up() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let call = json!({"method": "GET", "url": format!("{}/fine", world.url)});
    let steps = [("start", "webhook", hook("away", "when_finished")), ("call", "http_request", call)];
    let id = publish(&api, chain("Away", &steps)).await;
    let url: reqwest::Url = server.url("/hooks/away").parse().unwrap();
    let place = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let call = "POST /hooks/away HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    for late in 0..200 {
        let mut connection = TcpStream::connect(&place).await.unwrap();
        connection.write_all(call.as_bytes()).await.unwrap();
        // And away without an answer, each a little later: at every moment from being read to being written.
        tokio::time::sleep(Duration::from_micros(50 * late)).await;
    }
    let last = client().unwrap().post(server.url("/hooks/away")).json(&json!({})).send().await.unwrap();
    assert_eq!(last.status(), 200, "one that waits is answered");
    let count = async |status: &str| {
        let runs = api.get(&format!("/runs?workflow={id}&status={status}&limit=200")).await.ok()?;
        Some(runs["items"].as_array()?.len())
    };
    until("every run that began has ended", || async { (count("running").await? == 0).then_some(()) })
        .await
        .unwrap();
    assert!(count("completed").await.unwrap() > 1, "some of those who went away were heard");
}

#[tokio::test]
async fn a_key_seen_before_starts_nothing() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let http = client().unwrap();
    let id = publish(&api, chain("Once", &[("start", "webhook", hook("once", "at_once"))])).await;
    let mut runs = Vec::new();
    for (key, duplicate) in [("a", false), ("a", true), ("b", false)] {
        let call = http.post(server.url("/hooks/once")).header("idempotency-key", key).json(&json!({}));
        let answer: Value = call.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["duplicate"].as_bool().unwrap_or(false), duplicate, "{answer}");
        runs.push(answer["run_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(runs[0], runs[1]);
    let list = api.get(&format!("/runs?workflow={id}")).await.unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let events =
        json!({"events": [{"key": "b", "body": 1}, {"key": "c", "body": 2}, {"key": "", "body": 3}]});
    let batch = api.post(&format!("/workflows/{id}/events"), &events).await.unwrap();
    assert_eq!(
        (batch["accepted"].as_u64(), batch["duplicates"].as_u64(), batch["rejected_count"].as_u64()),
        (Some(1), Some(1), Some(1))
    );
    assert_eq!(batch["rejected"][0]["row"], 3);
}

#[tokio::test]
async fn senders_prove_themselves_and_secrets_stay_out_of_the_run() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let http = client().unwrap();
    let check = json!({"by": "shared_secret", "header": "X-Shop-Secret", "secret": "hunter2hunter2"});
    let config = json!({"path": "shop", "method": "POST", "reply": "at_once", "check": check});
    publish(&api, chain("Shop", &[("start", "webhook", config)])).await;
    let url = server.url("/hooks/shop");
    assert_eq!(http.post(&url).json(&json!({})).send().await.unwrap().status(), 401);
    let right =
        http.post(&url).header("x-shop-secret", "hunter2hunter2").json(&json!({})).send().await.unwrap();
    assert_eq!(right.status(), 202);
    let run = right.json::<Value>().await.unwrap()["run_id"].as_str().unwrap().to_owned();
    let view = ended(&api, &run).await;
    assert!(!step(&view, "start")["output"].to_string().contains("hunter2"), "the secret is in the run");
}

#[tokio::test]
async fn a_respond_step_answers_the_caller() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let config = json!({
        "status": 201, "body": {"hello": "{{ trigger.body.name }}"}, "headers": [{"name": "x-list", "value": "new"}],
    });
    publish(
        &api,
        chain("Answer", &[("start", "webhook", hook("answer", "by_step")), ("say", "respond", config)]),
    )
    .await;
    let answer = client()
        .unwrap()
        .post(server.url("/hooks/answer"))
        .json(&json!({"name": "Ada"}))
        .send()
        .await
        .unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["x-list"].to_str().unwrap()), (201, "new"));
    assert!(answer.headers().contains_key("x-trunkline-run"));
    assert_eq!(answer.json::<Value>().await.unwrap(), json!({"hello": "Ada"}));
}

#[tokio::test]
async fn a_hosted_form_asks_checks_and_starts_a_run() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let http = client().unwrap();
    let kinds = api.get("/step-kinds").await.unwrap();
    let form = kinds["items"].as_array().unwrap().iter().find(|kind| kind["kind"] == "form").unwrap().clone();
    let mut config = form["default_config"].clone();
    config["path"] = json!("contact");
    config["title"] = json!("Contact <us>");
    config["fields"] = json!([{"name": "email", "label": "E-mail", "type": "email", "required": true}]);
    let id = publish(&api, chain("Contact", &[("start", "form", config)])).await;
    let url = server.url("/forms/contact");
    let page = http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Contact &lt;us&gt;") && page.contains("type=\"email\""), "{page}");
    let send = |body: &'static str| {
        http.post(&url).header("content-type", "application/x-www-form-urlencoded").body(body).send()
    };
    assert_eq!(send("email=nonsense").await.unwrap().status(), 422);
    assert_eq!(send("email=eve%40example.com&company_website_2=spam").await.unwrap().status(), 200);
    assert_eq!(send("email=ada%40example.com").await.unwrap().status(), 200);
    let runs = api.get(&format!("/runs?workflow={id}")).await.unwrap();
    let runs = runs["items"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "only the honest answer starts a run");
    let view = ended(&api, runs[0]["id"].as_str().unwrap()).await;
    assert_eq!(step(&view, "start")["output"]["body"], json!({"email": "ada@example.com"}));
}
