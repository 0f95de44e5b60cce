//! Plugins and connections: a plugin names one, the server puts the credentials in, and no plugin ever sees them.

use crate::connections::{App, acme, connect, folder, server_with};
use crate::plugins::{install, with_step};
use crate::{ended, outside, publish, run_once, step};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use trunkline_tests::component::{Text, about};

const CANARY: &str = "s3cret-canary-key";

/// A plugin that asks for connections to `app`, and calls `url` by the connection `id`.
fn by_connection(name: &str, app: &str, url: &str, id: &str) -> Text {
    let mut about = about(name, "read");
    about["capabilities"] = json!({ "connections": [app] });
    let (url_length, id_length) = (url.len(), id.len());
    let body = format!(
        "(call $send (i32.const 600) (i32.const 3) (i32.const 620) (i32.const {url_length}) \
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) \
          (i32.const 1) (i32.const 800) (i32.const {id_length}) (i32.const 96)) \
        (if (result i32) (i32.load8_u (i32.const 96)) (then (call $hand_on)) (else (call $answered)))"
    );
    let mut text = Text::of(about, &body);
    text.texts = vec![(600, "GET".into()), (620, url.into()), (800, id.into())];
    text
}

#[tokio::test]
async fn a_plugin_names_a_connection_and_never_sees_its_credentials() {
    use sqlx::Connection as _;
    let (app, at) = App::start().await;
    let apps = folder(&acme(&at));
    let mut server = server_with(apps.path()).await;
    let api = server.set_up().await.unwrap();
    let connection = connect(&api, "key", json!({ "key": CANARY })).await;
    let id = connection["id"].as_str().unwrap();
    let look = format!("{at}/api/look");
    install(&api, &by_connection("looks", "acme", &look, id)).await;
    let flow = publish(&api, with_step("Looks", "plugin.looks.step")).await;
    let run = async |flow: &str| ended(&api, &run_once(&api, flow, json!({"text": "x"})).await).await;

    let asked = app.count("/api/look");
    let view = run(&flow).await;
    assert_eq!(step(&view, "use")["output"]["name"], "Analytical Engines", "{view}");
    let (_, _, headers) = app.seen.lock().unwrap().last().unwrap().clone();
    assert_eq!(headers["authorization"], format!("Bearer {CANARY}"), "the app was shown who asks");
    assert!(!view.to_string().contains("canary"), "what the app repeated is hidden: {view}");
    assert!(!server.output().contains("canary"));

    // A connection to an app that the plugin did not ask for, and an address that is none of the app's.
    let elsewhere = outside().await;
    install(&api, &by_connection("borrows", "hubspot", &look, id)).await;
    install(&api, &by_connection("sends", "acme", &format!("{}/take", elsewhere.url), id)).await;
    for (name, code) in [("borrows", "CONN-0010"), ("sends", "CONN-0008")] {
        let flow = publish(&api, with_step(name, &format!("plugin.{name}.step"))).await;
        let view = run(&flow).await;
        let message = view["error"]["message"].as_str().unwrap();
        assert!(message.contains(code) && message.contains(name), "{message}");
    }
    assert_eq!((app.count("/api/look"), elsewhere.calls.load(Ordering::SeqCst)), (asked + 1, 0));

    // The connection of another workspace is none.
    server.stop().await.unwrap();
    let path = format!("sqlite://{}", server.data().join("trunkline.db").display());
    let mut store = sqlx::SqliteConnection::connect(&path).await.unwrap();
    for sql in [
        "INSERT INTO workspace (id, name, created_at) VALUES (2, 'Others', 0)",
        "UPDATE connection SET workspace = 2",
    ] {
        sqlx::query(sql).execute(&mut store).await.unwrap();
    }
    store.close().await.unwrap();
    server.restart().await.unwrap();
    let view = run(&flow).await;
    assert_eq!(view["status"], "failed", "{view}");
    assert!(view["error"]["message"].as_str().unwrap().contains("CONN-00"), "{view}");
    assert_eq!(app.count("/api/look"), asked + 1, "nobody was asked");
    assert_eq!(api.get("/connections").await.unwrap()["items"], Value::Array(Vec::new()));
}
