//! What a step can do with an app: what it is given, what is sent, how the answer is read, and what it promises.

use super::body::{Reads, Upload};
use super::chain::Earlier;
use super::example::Example;
use super::fault::FaultRule;
use super::paging::Paging;
use super::written::Lists;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use trunkline_engine::expression::{Dynamic, Template};
use trunkline_engine::kind::{Channel, Promise, Purpose};

/// One thing a step can do.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What people call it, such as `Create a contact`.
    pub title: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// More, in Markdown.
    #[serde(default)]
    pub help: String,
    /// What it is given.
    #[serde(default)]
    pub input: Input,
    /// Requests that come before `request`, in this order; what they were answered is seen as `before.<name>`, with
    /// `status`, `headers` and `body`.
    #[serde(default)]
    pub before: IndexMap<String, Earlier>,
    /// What is sent. Apps that are not spoken to over HTTP have none.
    #[serde(default)]
    pub request: RequestTemplate,
    /// Whether `request` is sent at all, after those before it; sees `input` and `before`. When not, `answer` is nothing.
    #[serde(default)]
    pub when: Option<Dynamic>,
    /// Seconds the step may take unless it says otherwise (1 to 3600); 60 without it.
    #[serde(default)]
    pub patience: Option<u32>,
    /// What the step puts out; sees `input`, `before` and `answer`. Without it, the answer's body. Of an action with pages it is
    /// `items`, `count` and `more`.
    #[serde(default)]
    pub output: Option<Dynamic>,
    /// How one comes to the next page; the step then puts out a list.
    #[serde(default)]
    pub paging: Option<Paging>,
    /// What a write promises when its answer is lost. An action without it only reads.
    #[serde(default)]
    pub write: Option<Repeat>,
    /// An input that is a list and is sent in pieces.
    #[serde(default)]
    pub bulk: Option<Bulk>,
    /// What errors of this action mean, before the app's own rules.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
    /// Whom it sends a message to, so that it is held back while they must not be written to.
    #[serde(default)]
    pub sends_to: Option<SendsTo>,
    /// Recorded calls: they are tests, documentation and placeholder at once.
    pub examples: Vec<Example>,
}

/// What an action is given: the `properties` of a JSON Schema, and which of them it must have.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// By name: JSON Schemas of `string`, `integer`, `number`, `boolean`, `array`, `object` or `any`, with `title` and
    /// `description`; `properties` of an `object` become fields of their own. `x-fields` names one of the manifest's
    /// `fields`: an `object` is then filled field by field, an `array` holds names of them, a `string` or `integer` is one
    /// of them. `x-literal` is for what a program will run, such as a query: it takes no expressions. `x-advanced` hides it
    /// at first.
    #[serde(default)]
    pub properties: IndexMap<String, Value>,
    /// Those that must be given.
    #[serde(default)]
    pub required: BTreeSet<String>,
}

/// What is sent. Parts whose value is nothing are left out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestTemplate {
    /// The HTTP method.
    #[serde(default)]
    pub method: Method,
    /// Where this action's API begins, when it is not at the app's `base_url`; one of `hosts` all the same.
    #[serde(default)]
    pub base_url: Option<Template>,
    /// The path below `base_url`, such as `/contacts/{{ input.id }}`. What is put in is encoded, and must not be empty.
    pub path: PathTemplate,
    /// Parameters of the address. A list is sent with commas unless `lists` says otherwise.
    #[serde(default)]
    pub query: IndexMap<String, Dynamic>,
    /// Headers.
    #[serde(default)]
    pub headers: IndexMap<String, Dynamic>,
    /// A body as JSON.
    #[serde(default)]
    pub json: Option<Dynamic>,
    /// A body as fields of a form.
    #[serde(default)]
    pub form: IndexMap<String, Dynamic>,
    /// A body as CSV: a list of records. The first line names their fields.
    #[serde(default)]
    pub csv: Option<Dynamic>,
    /// A body as it is. Say its type with the header `Content-Type`.
    #[serde(default)]
    pub text: Option<Dynamic>,
    /// A file, sent along with the fields of `form`.
    #[serde(default)]
    pub upload: Option<Upload>,
    /// How the answer is read. What is no success is read as JSON if it is some.
    #[serde(default)]
    pub answer: Reads,
    /// It is asked again until this holds; sees `answer`, too.
    #[serde(default)]
    pub until: Option<Dynamic>,
    /// Seconds between two questions of `until` (1 to 300).
    #[serde(default = "seconds")]
    pub every: u32,
    /// How parameters and fields of the form that are lists or records are written, by name.
    #[serde(default)]
    pub lists: Lists,
}

fn seconds() -> u32 {
    5
}

/// HTTP methods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Asks.
    #[default]
    Get,
    /// Adds, or asks with a body.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Whether it changes nothing by its meaning.
    #[must_use]
    pub fn only_asks(self) -> bool {
        self == Self::Get
    }

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A path: text as it is, and expressions whose values are encoded so that none can lead elsewhere.
#[derive(Debug, Default)]
pub struct PathTemplate {
    /// Its pieces in order.
    pub pieces: Vec<PathPiece>,
}

/// A piece of a path.
#[derive(Debug)]
pub enum PathPiece {
    /// As it is.
    Text(String),
    /// A value to be encoded.
    Value(trunkline_engine::expression::Expression),
}

impl<'de> Deserialize<'de> for PathTemplate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = String::deserialize(deserializer)?;
        if !text.starts_with('/') {
            return Err(D::Error::custom("a path begins with /"));
        }
        let mut pieces = Vec::new();
        let mut left = text.as_str();
        while let Some((before, rest)) = left.split_once("{{") {
            let (inside, after) =
                rest.split_once("}}").ok_or_else(|| D::Error::custom("an expression is not closed by }}"))?;
            if !before.is_empty() {
                pieces.push(PathPiece::Text(before.to_owned()));
            }
            let source = format!("{{{{{inside}}}}}");
            let expression =
                trunkline_engine::expression::Expression::compile(&source).map_err(D::Error::custom)?;
            pieces.push(PathPiece::Value(expression));
            left = after;
        }
        if !left.is_empty() {
            pieces.push(PathPiece::Text(left.to_owned()));
        }
        Ok(Self { pieces })
    }
}

impl JsonSchema for PathTemplate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PathTemplate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^/" })
    }
}

/// What a write promises when its answer is lost.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "repeat", rename_all = "snake_case", deny_unknown_fields)]
pub enum Repeat {
    /// The same request a second time leaves the same state, as an upsert by a key of ours does.
    Harmless {},
    /// The app recognises a repeat by `key`, which the request carries.
    Recognised {},
    /// A read finds out whether it had arrived, before it is sent again.
    Checked(Box<Check>),
    /// Nobody can know: a person is asked.
    Uncertain {},
}

/// The read that finds out whether a write had arrived.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// A reading action.
    pub action: String,
    /// What it is given; sees `input` and `key`.
    pub input: IndexMap<String, Dynamic>,
    /// Whether it had arrived; sees `output` of that action and `input`.
    pub found: Dynamic,
    /// What the step then puts out; sees the same.
    pub output: Dynamic,
}

impl Repeat {
    /// The engine's word for it.
    #[must_use]
    pub fn promise(&self) -> Promise {
        match self {
            Self::Harmless {} | Self::Recognised {} => Promise::Once,
            Self::Checked(_) => Promise::Checked,
            Self::Uncertain {} => Promise::Uncertain,
        }
    }

    /// What people read of it.
    #[must_use]
    pub fn in_words(&self) -> &'static str {
        match self {
            Self::Harmless {} => {
                "Sent again when an answer is lost: the same request twice leaves the same state."
            }
            Self::Recognised {} => {
                "Sent again when an answer is lost: the app recognises the repeat and does it once."
            }
            Self::Checked(_) => {
                "When an answer is lost, it is looked up whether the request had arrived, before it is sent again."
            }
            Self::Uncertain {} => {
                "Never repeated blindly: when nobody knows whether it arrived, a person is asked in the inbox."
            }
        }
    }
}

/// An input that is a list and is sent in pieces, one request each.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// The input.
    pub over: String,
    /// Most items of one request (1 or more).
    pub most: usize,
    /// What is sent of an item; sees `item`, `input` and `settings`. Without it, the item.
    #[serde(default)]
    pub each: Option<Dynamic>,
    /// Calls of parallel runs and iterations are gathered into one request; this says which result belongs to which item.
    /// Only for what is harmless to repeat.
    #[serde(default)]
    pub gather: Option<Gather>,
}

/// Which result of a request belongs to which of its items.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Gather {
    /// They come in the order of the items.
    Order {},
    /// Both come to the same text.
    Key {
        /// Of an item; sees `item`.
        item: Dynamic,
        /// Of a result; sees `result`.
        result: Dynamic,
    },
}

/// Whom a message goes to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendsTo {
    /// How they are reached.
    pub channel: Channel,
    /// Their address or number; sees `input`.
    pub address: Dynamic,
    /// What for: `marketing` or `service`; sees `input`. Whatever is neither is marketing, which is held back most.
    #[serde(default)]
    pub purpose: Dynamic,
}

impl SendsTo {
    /// What `value`, the purpose as it came out, stands for.
    #[must_use]
    pub fn purpose_of(value: &Value) -> Purpose {
        if value.as_str() == Some("service") { Purpose::Service } else { Purpose::Marketing }
    }
}

impl Action {
    /// Whether it only looks.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        self.write.is_none()
    }

    /// What it promises when its answer is lost.
    #[must_use]
    pub fn promise(&self) -> Promise {
        self.write.as_ref().map_or(Promise::None, Repeat::promise)
    }
}
