//! The sandbox against plugins that mean no good, each a component of its own: every one fails its call or its install with
//! a coded error that names it, and the next call finds the host as it was.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod calls;
mod examples;
mod files;
mod hostile;
mod outside;
mod strangers;

use chrono::DateTime;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use trunkline_engine::failure::Failure;
use trunkline_plugins::host::{Host, Settings, Terms};
use trunkline_plugins::outside::{Nothing, Outside};
use trunkline_plugins::{Answer, Call, Capabilities, Effect, Limits, Loaded};
use trunkline_tests::component::Text;

/// Long enough on a busy machine, and never waited for by a test that passes.
const PATIENCE: Duration = Duration::from_secs(60);

/// One host for all tests of a process, as in a server.
static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(Settings::default()));

fn limits() -> Limits {
    Limits { compute_ms: 300, memory_mib: 16, ..Limits::default() }
}

async fn load(text: &Text, capabilities: Capabilities, limits: Limits) -> Loaded {
    let name = text.about["name"].as_str().unwrap().to_owned();
    HOST.load(&text.component(), Terms { name, capabilities, limits }).await.unwrap()
}

fn call(effect: Effect, input: Value) -> Call {
    Call {
        step: "step".into(),
        effect,
        input,
        workflow: "flow".into(),
        key: "run:step".into(),
        now: DateTime::from_timestamp_millis(1_800_000_000_000).unwrap(),
    }
}

/// What comes of a call of a plugin that only computes.
async fn computed(text: &Text, limits: Limits) -> Result<Answer, Failure> {
    let loaded = load(text, Capabilities::default(), limits).await;
    HOST.call(&loaded, call(Effect::Pure, json!({"text": "x"})), Arc::new(Nothing), PATIENCE).await.0
}

/// What comes of a call within `outside`.
async fn within(
    text: &Text,
    effect: Effect,
    capabilities: Capabilities,
    outside: Arc<dyn Outside>,
) -> Result<Answer, Failure> {
    let loaded = load(text, capabilities, limits()).await;
    HOST.call(&loaded, call(effect, json!({"text": "x"})), outside, PATIENCE).await.0
}
