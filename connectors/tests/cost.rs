//! What an app as data costs beyond HTTP: `cargo xtask bench connectors` runs this in a release build.

#![allow(missing_docs, reason = "a test binary has no readers of its documentation")]
#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use chrono::Utc;
use serde_json::{Map, Value, json};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use trunkline_connectors::Catalog;
use trunkline_connectors::credentials::{Secrets, signed};
use trunkline_connectors::interpreter::{Answer, Call, Order, Turn};
use trunkline_connectors::manifest::Manifest;

/// The allocator of the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// More than this, in microseconds, and the measurement fails.
const MOST: f64 = 20.0;
const CALLS: usize = 20_000;

fn once(
    manifest: &Arc<Manifest>,
    action: &str,
    input: &Map<String, Value>,
    secrets: &Secrets,
    body: &[u8],
) -> Value {
    let order = Order {
        input: input.clone(),
        settings: Map::new(),
        key: "01890000-0000-7000-8000-000000000000/call".into(),
    };
    let mut call = Call::new(manifest, action, order).expect("the input fits");
    let ask = call.ask().expect("it can be asked");
    let settings = Map::new();
    let auth = &manifest.auth[0];
    let (request, veil) = signed(manifest, auth, &settings, secrets, ask).expect("the host is the app's");
    black_box(request);
    let headers =
        vec![("content-type".into(), "application/json".into()), ("x-request-id".into(), "7f3a".into())];
    let mut answer = Answer::read(200, headers, &veil.bytes(body));
    veil.value(&mut answer.body);
    match call.take(answer, Utc::now()) {
        Ok(Turn::Done(output)) => output,
        other => panic!("one answer is all there is: {other:?}"),
    }
}

#[test]
#[ignore = "a measurement; run it in a release build"]
fn interpreting_a_manifest_costs_little_beyond_http() {
    let catalog = Catalog::built_in();
    let manifest = catalog.get("hubspot").expect("it is built in");
    let mut secrets = Secrets::default();
    secrets.set("key", "pat-eu1-0f9a7c1e-5b1d-4e0e-9a39-canary000001");
    let contact = json!({
        "total": 1,
        "results": [{
            "id": "512", "createdAt": "2026-03-02T09:12:01.115Z", "updatedAt": "2026-03-02T09:12:01.115Z", "archived": false,
            "properties": {
                "email": "ada@analytical.example", "firstname": "Ada", "lastname": "Lovelace", "company": "Analytical Engines",
                "jobtitle": "Countess of computing", "phone": "+44 20 7946 0000", "lifecyclestage": "lead", "city": "London",
                "website": "https://analytical.example/engines", "hs_lead_status": "NEW", "numemployees": "120",
            },
        }],
    });
    let search = (
        "find_contact",
        json!({ "value": "ada@analytical.example", "properties": ["email", "firstname"] }),
        contact.to_string(),
    );
    let upsert = (
        "upsert_contact",
        json!({ "email": "ada@analytical.example", "properties": { "firstname": "Ada", "lastname": "Lovelace" } }),
        contact.to_string(),
    );
    for (action, input, body) in [search, upsert] {
        let input = input.as_object().expect("a record");
        let mut took: Vec<f64> = (0..CALLS)
            .map(|_| {
                let begun = Instant::now();
                black_box(once(manifest, action, input, &secrets, body.as_bytes()));
                begun.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        took.sort_by(f64::total_cmp);
        let (median, late) = (took[CALLS / 2], took[CALLS * 99 / 100]);
        println!(
            "{}",
            json!({ "measure": format!("interpret {action} (us)"), "value": (median * 100.0).round() / 100.0 })
        );
        println!(
            "{}",
            json!({ "measure": format!("interpret {action}, p99 (us)"), "value": (late * 100.0).round() / 100.0 })
        );
        assert!(median < MOST, "interpreting {action} takes {median} us");
    }
}
