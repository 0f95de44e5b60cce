//! Fields that a customer made in an app: read once for many forms, kept while the app does not answer, forgotten with the
//! account.

use crate::connections::{App, acme, connect, folder, server_with};
use serde_json::json;
use std::sync::atomic::Ordering;
use tokio::task::JoinSet;
use trunkline_tests::until;

#[tokio::test]
async fn fields_are_read_once_for_many_forms_and_survive_an_app_that_is_busy() {
    let (app, at) = App::start().await;
    let apps = folder(&acme(&at));
    let server = server_with(apps.path()).await;
    let api = std::sync::Arc::new(server.set_up().await.unwrap());
    let id = connect(&api, "key", json!({ "key": "right" })).await["id"].as_str().unwrap().to_owned();
    let own = format!("/connections/{id}/fields/own");

    let mut forms = JoinSet::new();
    for _ in 0..32 {
        let (api, own) = (std::sync::Arc::clone(&api), own.clone());
        forms.spawn(async move { api.get(&own).await.unwrap()["read_at"].clone() });
    }
    let moments = forms.join_all().await;
    assert!(moments.iter().all(|moment| *moment == moments[0]), "{moments:?}");
    assert_eq!(app.count("/api/columns"), 1, "32 forms, one question");

    app.is_busy.store(true, Ordering::SeqCst);
    let anew = format!("{own}?anew=true");
    // Whoever asks within two seconds of a reading gets that reading.
    let busy = until("the app to refuse", || async {
        let read = api.get(&anew).await.unwrap();
        (!read["trouble"].is_null()).then_some(read)
    })
    .await
    .unwrap();
    assert_eq!(busy["trouble"]["code"], "CONN-0005", "{busy}");
    assert_eq!((&busy["read_at"], &busy["items"][0]["label"]), (&moments[0], &json!("Age")));
    assert!(busy["trouble"]["action"].as_str().unwrap().starts_with("Read the fields again in"), "{busy}");

    // Other secrets may be another account's: what was known is forgotten, and nothing is left to fall back on.
    let change = json!({ "secrets": { "key": "other" } });
    api.patch(&format!("/connections/{id}"), &change).await.unwrap();
    let refused = api.request(reqwest::Method::GET, &own).send().await.unwrap();
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("CONN-0005"));
    app.is_busy.store(false, Ordering::SeqCst);
    let read = until("the app to answer again", || async { api.get(&own).await.ok() }).await.unwrap();
    assert!(read["trouble"].is_null() && read["read_at"] != moments[0], "{read}");

    let none = api.request(reqwest::Method::GET, &format!("/connections/{id}/fields/nothing")).send().await;
    assert!(none.unwrap().text().await.unwrap().contains("has no fields called nothing"));
}
