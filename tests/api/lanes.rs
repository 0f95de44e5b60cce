//! Priority lanes: an import never delays a hot lead.

use crate::{chain, hook, publish};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use trunkline_tests::{Client, Server, client};

/// Hot leads that are sent while the import is under way.
const HOT: usize = 30;
/// What one may take on a machine that does other things as well.
const SOON: Duration = Duration::from_secs(1);

fn scores(name: &str, priority: &str) -> Value {
    let find =
        json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}]});
    let stage = json!({"lead": "{{ steps.find.lead }}", "stage": "MQL"});
    let mut document = chain(
        name,
        &[
            ("start", "webhook", hook(name, "when_finished")),
            ("find", "find_or_create_lead", find),
            ("stage", "set_stage", stage),
        ],
    );
    document["settings"] = json!({"priority": priority});
    document
}

/// Imports until told to stop; gives how many rows were taken.
async fn import(api: Client, workflow: String, name: usize, stop: Arc<AtomicBool>) -> usize {
    let mut taken = 0;
    for batch in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let events: Vec<Value> = (0..500)
            .map(|n| json!({"body": {"email": format!("cold{name}.{batch}.{n}@example.com")}}))
            .collect();
        let path = format!("/workflows/{workflow}/events");
        let request = api.request(reqwest::Method::POST, &path).json(&json!({"events": events}));
        let answer = request.send().await.unwrap();
        if answer.status() == 429 {
            let rest = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            tokio::time::sleep(Duration::from_secs(rest)).await;
            continue;
        }
        let answer: Value = answer.json().await.unwrap();
        taken += usize::try_from(answer["accepted"].as_u64().unwrap()).unwrap();
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_never_delays_a_hot_lead() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let cold = publish(&api, scores("cold", "low")).await;
    publish(&api, scores("hot", "high")).await;
    let stop = Arc::new(AtomicBool::new(false));
    let imports: Vec<_> =
        (0..4).map(|name| tokio::spawn(import(api.clone(), cold.clone(), name, Arc::clone(&stop)))).collect();
    let (sender, url) = (client().unwrap(), server.url("/hooks/hot"));
    let mut took = Vec::new();
    for n in 0..HOT {
        let began = Instant::now();
        let body = json!({"email": format!("hot{n}@example.com")});
        let answer = sender.post(&url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "it is answered at its end");
        took.push(began.elapsed());
    }
    stop.store(true, Ordering::Relaxed);
    let mut taken = 0;
    for import in imports {
        taken += import.await.unwrap();
    }
    took.sort_unstable();
    println!(
        "{taken} rows were taken; hot leads took {:?} in the middle, {:?} at most",
        took[HOT / 2],
        took[HOT - 1]
    );
    assert!(taken >= 1_000, "the load was real: {taken}");
    assert!(took[HOT * 9 / 10] < SOON, "{took:?}");
}
