//! Recorded examples: what was given, what went over the wire, and what came of it. They run as tests without a network.

use super::action::Method;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use trunkline_engine::failure::FailureKind;

/// One recorded call.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// What the step was given.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// What was known of the connection.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// What went over the wire, in order.
    #[serde(default)]
    pub exchange: Vec<Exchange>,
    /// What the step put out.
    #[serde(default)]
    pub output: Option<Value>,
    /// Why it failed, when it did.
    #[serde(default)]
    pub failure: Option<ExpectedFailure>,
}

/// A request and its answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What was sent, without what proves who we are.
    pub request: SentRequest,
    /// What came back.
    pub answer: GivenAnswer,
}

/// What was sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentRequest {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Headers that matter; others may be there.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// The JSON body.
    #[serde(default)]
    pub json: Option<Value>,
    /// The fields of the form.
    #[serde(default)]
    pub form: Option<IndexMap<String, String>>,
    /// The body, or the file in it, as it is.
    #[serde(default)]
    pub text: Option<String>,
}

/// What came back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenAnswer {
    /// The status.
    #[serde(default = "ok")]
    pub status: u16,
    /// Headers, by their names in small letters.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// The JSON body.
    #[serde(default)]
    pub json: Value,
    /// The body as it is, when it is no JSON.
    #[serde(default)]
    pub text: Option<String>,
}

impl GivenAnswer {
    /// The bytes of its body.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match (&self.text, &self.json) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Value::Null) => Vec::new(),
            (None, json) => json.to_string().into_bytes(),
        }
    }
}

fn ok() -> u16 {
    200
}

/// How it failed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFailure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// Part of what is said.
    #[serde(default)]
    pub message: String,
}
