//! Apps called for real: the client, the interpreter and the credentials against Prism, which serves a vendor's own
//! OpenAPI document, refuses every request that the document does not describe, and answers in the shapes it promises.
//!
//! Needs the documents beside the repository and `npm ci` in `tests/mock`; without them the tests say so and pass.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

use serde_json::Map;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use trunkline_connectors::credentials::Secrets;
use trunkline_connectors::interpreter::{Call, Order};
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::perform::{Identity, perform};
use trunkline_connectors::{Client, Policy};

/// Prism with one document; it ends with the test.
struct Prism {
    child: Child,
    at: String,
}

impl Prism {
    /// `None`, and why, when this machine has not what it needs.
    fn start(document: &str) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let shared = std::env::var_os("TRUNKLINE_SHARED").map_or(root.join("../../shared"), PathBuf::from);
        let document = shared.join("openapi/vendors").join(document);
        let program = root.join("../tests/mock/node_modules/@stoplight/prism-cli/dist/index.js");
        for needed in [&document, &program] {
            if !needed.exists() {
                eprintln!("skipped: {} is absent", needed.display());
                return None;
            }
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new("node")
            .arg(program)
            .args(["mock", "--errors", "--host", "127.0.0.1", "--port", &port.to_string()])
            .arg(document)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_ready = lines.by_ref().any(|line| line.unwrap().contains("Prism is listening"));
        assert!(is_ready, "prism ended before it listened");
        // Whoever stops reading stops the server when its pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, at: format!("http://127.0.0.1:{port}") })
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text of a manifest in `apps/` with every `address` of the vendor turned to `prism`.
fn turned(app: &str, address: &str, prism: &Prism) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("apps").join(format!("{app}.yaml"));
    let text = std::fs::read_to_string(path).unwrap();
    let host = address.strip_prefix("https://").unwrap();
    let here = prism.at.strip_prefix("http://").unwrap();
    text.replace(address, &prism.at).replace(&format!("hosts: [{host}]"), &format!("hosts: [\"{here}\"]"))
}

/// Calls each of `actions` as its first example that succeeds says; what came of those that failed. Prism answers a request
/// that the document does not describe with an error.
async fn failures(manifest: &str, actions: &[&str]) -> Vec<String> {
    let manifest = Arc::new(Manifest::read(manifest).unwrap_or_else(|refused| panic!("{refused}")));
    let policy = Policy { allow: vec!["127.0.0.1".parse().unwrap()], ..Policy::default() };
    let (client, secrets, settings) = (Client::new(policy).unwrap(), key(), Map::new());
    let mut wrong = Vec::new();
    for name in actions {
        let action = &manifest.actions[*name];
        let example = action.examples.iter().find(|example| example.output.is_some()).unwrap();
        let mut input = example.input.clone();
        if action.paging.is_some() {
            // What prism makes up leads to the next page for ever.
            input.insert("limit".into(), 1.into());
        }
        let order = Order { input, settings: Map::new(), key: "k".into() };
        let mut call = Call::new(&manifest, name, order).unwrap();
        let identity = Identity { auth: &manifest.auth[0], settings: &settings, secrets: &secrets };
        let admit = || async { Ok(()) };
        if let Err(fault) = perform(&client, &identity, &mut call, Duration::from_secs(60), admit).await {
            wrong.push(format!("{name}: {}", fault.failure));
        }
    }
    wrong
}

fn key() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.set("key", "a-key");
    secrets
}

#[tokio::test]
async fn hubspot_objects_are_called_for_real() {
    let Some(prism) = Prism::start("hubspot/objects.v3.json") else { return };
    let manifest = turned("hubspot", "https://api.hubapi.com", &prism);
    let actions = [
        "find_contact",
        "search_contacts",
        "create_contact",
        "update_contact",
        "upsert_contact",
        "upsert_contacts",
        "find_record",
        "get_record",
        "search_records",
        "create_record",
        "update_record",
        "upsert_record",
        "upsert_records",
        "update_records",
        "delete_record",
        "assign_owner",
        "log_note",
        "create_task",
    ];
    assert_eq!(failures(&manifest, &actions).await, Vec::<String>::new());
    // A request that the document does not describe is refused, or this test would prove nothing.
    let body = "json: { properties: \"{{ input.properties }}\" }";
    assert!(manifest.contains(body));
    let wrong = failures(&manifest.replace(body, "json: { nonsense: 1 }"), &["update_record"]).await;
    assert!(wrong.len() == 1 && wrong[0].contains("422"), "{wrong:?}");
}

#[tokio::test]
async fn hubspot_lists_are_called_for_real() {
    let Some(prism) = Prism::start("hubspot/lists.v3.json") else { return };
    let manifest = turned("hubspot", "https://api.hubapi.com", &prism);
    let actions = ["add_to_list", "remove_from_list", "list_lists", "list_members"];
    assert_eq!(failures(&manifest, &actions).await, Vec::<String>::new());
}
