//! Secrets of webhooks: taken out of documents when they are saved, and in nothing that anybody can read afterwards. What was
//! saved before listens on, is shown without its secret, and is moved over when it is saved or published.

use crate::connections::holds;
use crate::{chain, ended, publish};
use serde_json::{Value, json};
use std::path::Path;
use tokio::process::Command;
use trunkline_store::ports::Publish;
use trunkline_store::{Settings, Store, WorkspaceId};
use trunkline_tests::{Client, Server, client};
use uuid::Uuid;

fn hooked(path: &str, secret: &Value) -> Value {
    let check = json!({ "by": "shared_secret", "header": "X-Secret", "secret": secret });
    let config = json!({ "path": path, "reply": "at_once", "check": check });
    chain(&format!("Hook {path}"), &[("start", "webhook", config)])
}

/// The status of a call with `secret`, and the run it started.
async fn call(server: &Server, path: &str, secret: &str) -> (u16, String) {
    let request = client().unwrap().post(server.url(&format!("/hooks/{path}")));
    let answer = request.header("x-secret", secret).json(&json!({ "a": 1 })).send().await.unwrap();
    let status = answer.status().as_u16();
    let said: Value = answer.json().await.unwrap();
    (status, said["run_id"].as_str().unwrap_or_default().to_owned())
}

async fn trunkline(words: &[&str]) -> String {
    let done = Command::new(trunkline_tests::binary()).args(words).output().await.unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{words:?}: {said}");
    said
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn put_draft(api: &Client, workflow: &str, document: &Value) -> Value {
    let path = format!("/workflows/{workflow}");
    let now = api.get(&path).await.unwrap();
    let body = json!({ "document": document, "base_revision": now["draft_revision"] });
    let saved = api.request(reqwest::Method::PUT, &format!("{path}/draft")).json(&body).send().await.unwrap();
    assert!(saved.status().is_success(), "{}", saved.status());
    serde_json::from_str(&saved.text().await.unwrap()).unwrap()
}

async fn publish_again(api: &Client, workflow: &str) -> Value {
    let now = api.get(&format!("/workflows/{workflow}")).await.unwrap();
    let body = json!({ "base_revision": now["draft_revision"] });
    api.post(&format!("/workflows/{workflow}/publish"), &body).await.unwrap()
}

fn kept(workflow: &Value) -> &Value {
    &workflow["draft"]["steps"]["start"]["config"]["check"]["secret"]["kept"]
}

#[tokio::test]
async fn a_secret_is_in_nothing_that_anybody_can_read() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let id = publish(&api, hooked("guarded", &json!("canary-one"))).await;
    assert_eq!(call(&server, "guarded", "canary-wrong").await.0, 401);
    let (status, run) = call(&server, "guarded", "canary-one").await;
    assert_eq!(status, 202);
    let view = ended(&api, &run).await;

    // Another secret is typed letter by letter; what is live stays what it was until it is published.
    for typed in ["canary-t", "canary-tw", "canary-two"] {
        put_draft(&api, &id, &hooked("guarded", &json!(typed))).await;
    }
    assert_eq!(call(&server, "guarded", "canary-one").await.0, 202);
    assert_eq!(call(&server, "guarded", "canary-two").await.0, 401);
    let published = publish_again(&api, &id).await;
    assert_eq!(call(&server, "guarded", "canary-one").await.0, 401);
    assert_eq!(call(&server, "guarded", "canary-two").await.0, 202);
    let shown = api.get(&format!("/workflows/{id}")).await.unwrap();
    assert_eq!(shown["draft_changed"], false, "the same secret typed again is the same document");

    // What is shown can be saved as it is; a copy has a secret of its own.
    let saved = put_draft(&api, &id, &shown["draft"]).await;
    assert_eq!(saved["problems"], json!([]), "{saved}");
    let copy = api.post(&format!("/workflows/{id}/duplicate"), &json!({})).await.unwrap();
    assert_ne!(kept(&copy), kept(&shown));
    let mut elsewhere = copy["draft"].clone();
    elsewhere["steps"]["start"]["config"]["path"] = "copied".into();
    let copied = copy["id"].as_str().unwrap().to_owned();
    put_draft(&api, &copied, &elsewhere).await;
    publish_again(&api, &copied).await;
    assert_eq!(call(&server, "copied", "canary-two").await.0, 202);

    // Going back to the first version goes back to its secret.
    api.post(&format!("/workflows/{id}/restore"), &json!({ "version": 1 })).await.unwrap();
    publish_again(&api, &id).await;
    assert_eq!(call(&server, "guarded", "canary-one").await.0, 202);

    let out = tempfile::tempdir().unwrap();
    trunkline(&["export", text(out.path()), "--data", text(server.data())]).await;
    let mut said = vec![view, published, shown, copy, saved];
    for path in ["/workflows".to_owned(), format!("/workflows/{id}"), format!("/workflows/{id}/versions")] {
        said.push(api.get(&path).await.unwrap());
    }
    for version in 1..=2 {
        said.push(api.get(&format!("/workflows/{id}/versions/{version}")).await.unwrap());
    }
    said.push(api.get(&format!("/runs/{run}")).await.unwrap());
    for said in said {
        assert!(!said.to_string().contains("canary"), "{said}");
    }
    assert!(!holds(out.path(), "canary"), "an export carries the secret");

    // The first server's export on another: it says what is missing, and does not listen without it.
    let other = Server::start(&["--empty"]).await.unwrap();
    let there = other.set_up().await.unwrap();
    trunkline(&["apply", text(out.path()), "--draft", "--data", text(other.data())]).await;
    let list = there.get("/workflows").await.unwrap();
    let strange = list["items"][0]["id"].as_str().unwrap();
    let shown = there.get(&format!("/workflows/{strange}")).await.unwrap();
    assert!(shown["problems"].to_string().contains("DOC-0033"), "{shown}");
    let body = json!({ "base_revision": shown["draft_revision"] });
    let path = format!("/workflows/{strange}/publish");
    let refused = there.request(reqwest::Method::POST, &path).json(&body).send().await.unwrap();
    assert_eq!(refused.status(), 422);

    let gone = api.request(reqwest::Method::DELETE, &format!("/workflows/{copied}")).send().await.unwrap();
    assert!(gone.status().is_success());
    server.stop().await.unwrap();
    assert!(!server.output().contains("canary"));
    assert!(!holds(server.data(), "canary"), "the data folder holds a secret in the open");

    // Another master key opens what the first one sealed.
    trunkline(&["key", "rotate", "--data", text(server.data())]).await;
    server.restart().await.unwrap();
    assert_eq!(call(&server, "guarded", "canary-one").await.0, 202);
}

/// Writes a published workflow as versions before this one did: with its secret.
async fn plant_old(data: &Path, document: Value) -> Uuid {
    let store = Store::open(Settings::at(data.join("trunkline.db"))).await.unwrap();
    let (home, id) = (WorkspaceId::FIRST, Uuid::now_v7());
    let document = serde_json::from_value(document).unwrap();
    let made = store.workflows.create(home, id, document).await.unwrap();
    let publish = Publish { base_revision: made.draft_revision, ..Publish::default() };
    store.workflows.publish(home, id, publish).await.unwrap();
    store.close().await.unwrap();
    id
}

#[tokio::test]
async fn what_was_saved_with_its_secret_listens_on_and_is_moved_over() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    server.stop().await.unwrap();
    let published = plant_old(server.data(), hooked("published", &json!("canary-old"))).await;
    let saved = plant_old(server.data(), hooked("saved", &json!("canary-old"))).await;
    server.restart().await.unwrap();
    let (status, run) = call(&server, "published", "canary-old").await;
    assert_eq!(status, 202);
    let mut said = vec![ended(&api, &run).await];
    for id in [published, saved] {
        let shown = api.get(&format!("/workflows/{id}")).await.unwrap();
        assert_eq!(kept(&shown), "document");
        assert_eq!(shown["problems"], json!([]), "{shown}");
        said.push(shown);
        said.push(api.get(&format!("/workflows/{id}/versions/1")).await.unwrap());
    }
    let out = tempfile::tempdir().unwrap();
    trunkline(&["export", text(out.path()), "--data", text(server.data())]).await;
    assert!(!holds(out.path(), "canary"), "an export of an old document carries its secret");

    // Published as it is, or saved as it is shown: the secret stays the sender's.
    let revision = publish_again(&api, &published.to_string()).await;
    let now = api.get(&format!("/workflows/{published}")).await.unwrap();
    assert_eq!(revision["draft_revision"], now["draft_revision"]);
    let mut shown = api.get(&format!("/workflows/{saved}")).await.unwrap();
    shown["draft"]["description"] = "changed".into();
    let answer = put_draft(&api, &saved.to_string(), &shown["draft"]).await;
    assert_eq!(answer["problems"], json!([]), "{answer}");
    publish_again(&api, &saved.to_string()).await;
    for (id, path) in [(published, "published"), (saved, "saved")] {
        let shown = api.get(&format!("/workflows/{id}")).await.unwrap();
        assert!(kept(&shown).as_str().is_some_and(|name| Uuid::try_parse(name).is_ok()), "{shown}");
        assert_eq!(shown["published_version"], 2);
        assert_eq!(call(&server, path, "canary-old").await.0, 202);
        assert_eq!(call(&server, path, "canary-new").await.0, 401);
        said.push(shown);
        said.push(api.get(&format!("/workflows/{id}/versions")).await.unwrap());
    }
    for said in said {
        assert!(!said.to_string().contains("canary"), "{said}");
    }
    server.stop().await.unwrap();
    assert!(!server.output().contains("canary"));
}
