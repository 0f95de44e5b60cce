//! The workflow document: what people draw, version, export and import. Format 1.
//!
//! The document says what a workflow means. It never holds run state, credentials or anything of the canvas beyond
//! `layout`, so that moving a box is not an edit of behaviour. Its JSON Schema is generated from these types.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The document format this build writes. Older formats are read and lifted to it.
pub const FORMAT: u32 = 1;
/// Most steps a document may have, bodies included.
pub const MAX_STEPS: usize = 500;
/// Most edges a document may have, bodies included.
pub const MAX_EDGES: usize = 2_000;
/// Deepest nesting of loop bodies.
pub const MAX_BODY_DEPTH: usize = 4;
/// Largest document in bytes of JSON.
pub const MAX_DOCUMENT_BYTES: usize = 2 * 1024 * 1024;

mod settings;

pub use settings::{Burst, KeepEvent, OrderBy, Priority, Repeats, Retry, Settings};
pub(crate) use settings::{MAX_AT_ONCE, MAX_KEEP_DAYS, MAX_TIMEOUT_MINUTES};

/// Identifies a step in its document: `[a-z][a-z0-9_]{0,39}`, unique over all bodies.
pub type StepId = String;
/// Steps in the order they were written.
pub type Steps = IndexMap<StepId, Step>;

/// A workflow as people draw it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of this format; 1.
    pub format: u32,
    /// What people call the workflow.
    pub name: String,
    /// What it is for, in a sentence or two.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The steps by id. Triggers are steps too.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, Step>")]
    pub steps: Steps,
    /// The arrows between steps.
    #[serde(default)]
    pub edges: Vec<Edge>,
    /// Where boxes stand on the canvas; no meaning for runs.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "std::collections::BTreeMap<String, Position>")]
    pub layout: IndexMap<StepId, Position>,
    /// Pinned sample output per step, for previews and tests.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    pub samples: IndexMap<StepId, Value>,
    /// Constants that expressions see as `vars`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub vars: Map<String, Value>,
    /// How runs of this workflow are ordered, limited and kept.
    #[serde(default)]
    pub settings: Settings,
}

/// One step: its kind, what people call it, and how it is set up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which step kind this is, such as `if` or `score_lead`.
    pub kind: String,
    /// What people call it.
    #[serde(default)]
    pub title: String,
    /// The step kind's own settings; its JSON Schema is in the step reference.
    #[serde(default = "no_settings")]
    pub config: Value,
    /// A remark for colleagues.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// A disabled step is passed through with an empty output: by its usual port, or the one for what fits no case, or
    /// else its first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Trying again after a failure that may pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Longest time one attempt may take, in seconds (1 to 3600).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_seconds: Option<u32>,
    /// What happens when the step fails for good.
    #[serde(default, skip_serializing_if = "OnError::is_default")]
    pub on_error: OnError,
    /// Which of several incoming arrows it waits for.
    #[serde(default, skip_serializing_if = "Join::is_default")]
    pub join: Join,
    /// The steps inside a `loop`, `repeat` or `try`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

fn no_settings() -> Value {
    Value::Object(Map::new())
}

/// The graph inside a step that holds steps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The steps by id.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, Step>")]
    pub steps: Steps,
    /// The arrows between them.
    #[serde(default)]
    pub edges: Vec<Edge>,
}

/// An arrow from a step's named port to another step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The step it leaves.
    pub from: StepId,
    /// The port it leaves by.
    #[serde(default = "default_port", skip_serializing_if = "is_default_port")]
    pub port: String,
    /// The step it reaches.
    pub to: StepId,
}

/// The port of a step that has only one.
pub const OUT: &str = "out";
/// The port a failure leaves by when a step's `on_error` is `branch`.
pub const ERROR: &str = "error";

fn default_port() -> String {
    OUT.into()
}

fn is_default_port(port: &str) -> bool {
    port == OUT
}

/// Where a box stands on the canvas, in canvas units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Distance from the left.
    pub x: f64,
    /// Distance from the top.
    pub y: f64,
}

/// What happens when a step fails for good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The run fails.
    #[default]
    Stop,
    /// The run goes on by the usual port; the step's output is `{"error": ...}`.
    Continue,
    /// The run goes on by the port `error`.
    Branch,
}

impl OnError {
    fn is_default(&self) -> bool {
        *self == Self::Stop
    }
}

/// Which of several incoming arrows a step waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// All that are not skipped.
    #[default]
    All,
    /// The first that arrives.
    First,
}

impl Join {
    fn is_default(&self) -> bool {
        *self == Self::All
    }
}

/// The published JSON Schema of the document, generated from these types.
#[must_use]
pub fn json_schema() -> Value {
    schemars::schema_for!(Document).to_value()
}

/// Whether `id` may name a step.
#[must_use]
pub fn is_step_id(id: &str) -> bool {
    let mut bytes = id.bytes();
    id.len() <= 40
        && bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn small_documents_survive_a_round_trip_unchanged() {
        let text = json!({
            "format": 1, "name": "Hello",
            "steps": {"start": {"kind": "manual", "title": "Start", "config": {}}},
            "edges": [], "settings": {"keep_days": 30}
        });
        let document: Document = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(serde_json::to_value(&document).unwrap(), text);
    }

    #[test]
    fn unknown_fields_are_refused() {
        let text = json!({"format": 1, "name": "x", "step": {}});
        let error = serde_json::from_value::<Document>(text).unwrap_err().to_string();
        assert!(error.contains("unknown field `step`"), "{error}");
    }

    #[test]
    fn step_ids_are_short_lower_case_words() {
        assert!(is_step_id("find_lead_2"));
        for bad in ["", "2nd", "Find", "a-b", "a".repeat(41).as_str()] {
            assert!(!is_step_id(bad), "{bad}");
        }
    }
}
