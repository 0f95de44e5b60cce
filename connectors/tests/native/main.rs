//! Apps that are not called over HTTP, against real servers that the tests start for themselves.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]
#![allow(clippy::needless_pass_by_value, reason = "cases read better with `json!` in place")]

mod files;
mod mail;
mod mysql;
mod postgres;
mod storage;

use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use trunkline_connectors::credentials::Secrets;
use trunkline_connectors::interpreter::Order;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::native::Deed;
use trunkline_connectors::perform::Identity;
use trunkline_connectors::{Catalog, Client, Policy};
use trunkline_engine::failure::Failure;

/// An account at a server of this machine.
struct Account {
    manifest: Arc<Manifest>,
    auth: &'static str,
    settings: Map<String, Value>,
    secrets: Secrets,
    client: Client,
}

impl Account {
    fn new(app: &str, auth: &'static str, settings: &Value, secrets: &[(&str, &str)]) -> Self {
        let allow = vec!["127.0.0.1".parse().unwrap(), "localhost".parse().unwrap()];
        let client = Client::new(Policy { allow, ..Policy::default() }).unwrap();
        let mut kept = Secrets::default();
        secrets.iter().for_each(|(name, value)| kept.set(name, *value));
        let manifest = Arc::clone(Catalog::built_in().get(app).unwrap());
        Self { manifest, auth, settings: settings.as_object().unwrap().clone(), secrets: kept, client }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.into(), value.into());
        self
    }

    fn knowing(mut self, name: &str, value: &str) -> Self {
        self.secrets.set(name, value);
        self
    }

    /// As for somebody who was allowed nothing.
    fn guarded(mut self) -> Self {
        self.client = Client::new(Policy::default()).unwrap();
        self
    }

    async fn does(&self, action: &str, input: Value) -> Result<Value, Failure> {
        self.does_within(action, input, Duration::from_secs(60)).await
    }

    async fn does_within(&self, action: &str, input: Value, timeout: Duration) -> Result<Value, Failure> {
        let order = Order {
            input: input.as_object().unwrap().clone(),
            settings: self.settings.clone(),
            key: "run/step".into(),
        };
        let deed = Deed::new(&self.manifest, action, order)?;
        let auth = self.manifest.auth(self.auth).unwrap();
        let identity = Identity { auth, settings: &self.settings, secrets: &self.secrets };
        deed.perform(&self.client, &identity, timeout).await
    }
}

/// A port of this machine that nobody listens on.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A certificate for this machine that signs itself, and its key, in PEM.
fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// Waits until `ready` says so: a server that was started a moment ago.
async fn until<F: Future<Output = bool>>(what: &str, mut ready: impl FnMut() -> F) {
    for _ in 0..600 {
        if ready().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what} did not get ready within a minute");
}

async fn listens(port: u16) -> bool {
    tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}

#[tokio::test]
async fn no_app_reaches_a_private_address_that_nobody_allowed() {
    let place = json!({ "host": "127.0.0.1", "endpoint": "http://127.0.0.1:9", "bucket": "exports" });
    for (app, auth) in [
        ("smtp", "open"),
        ("postgres", "password"),
        ("mysql", "password"),
        ("s3", "key"),
        ("sftp", "password"),
    ] {
        let account = Account::new(app, auth, &place, &[("username", "u"), ("access_key_id", "k")]).guarded();
        let failure = account.does("check", json!({})).await.unwrap_err();
        assert_eq!(failure.code, "CALL-0002", "{app}: {failure}");
    }
}

#[test]
fn every_recorded_example_is_played() {
    for manifest in Catalog::built_in().iter() {
        if let Err(wrong) = trunkline_connectors::recorded::play_all(manifest) {
            panic!("{}", wrong.join("\n"));
        }
    }
}
