//! The manifest: one YAML file says everything Trunkline knows of an app.
//!
//! From it come the steps in the palette and their forms, what is sent, how the answer is read, what an error means, how
//! hard the app may be called, and the tests. It is data: it never runs code, and it names the only hosts that ever see
//! the app's credentials. What does not fit this vocabulary belongs into Rust or a plugin.
//!
//! Texts may hold expressions (`{{ ... }}`), as in workflows. They see `input` (what the step was given), `settings` (what
//! is known of the connection and is no secret), `key` (the same at every attempt of the same step) and, once the app has
//! answered, `answer` with `status`, `headers` and `body`; `before` holds the answers of earlier requests of the same
//! action. Only `send` of an [`auth::Auth`] sees `secret`.
//!
//! An app that is not spoken to over HTTP says its `protocol`; then its actions are done by [`native`](crate::native), and
//! it needs neither `base_url` nor `hosts` nor requests: its settings say where its server is.

pub mod action;
pub mod auth;
pub mod body;
pub mod chain;
mod check;
pub mod compare;
pub mod example;
pub mod fault;
pub mod limits;
pub mod paging;
mod place;
mod protocol;
mod read;
pub mod records;
mod settings;
pub mod trigger;
pub mod webhook;
pub mod written;

pub(crate) use check::is_everybodys;
pub use protocol::Protocol;
pub(crate) use read::value_of;
pub use read::{Problem, Refused};

use action::Action;
use auth::Auth;
use fault::FaultRule;
use indexmap::IndexMap;
use limits::Limits;
use records::Records;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use trigger::Trigger;
use trunkline_engine::expression::{Dynamic, Template};
use webhook::Webhook;

/// The newest version of the vocabulary.
pub const VOCABULARY: u32 = 1;

/// One app.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this vocabulary: 1.
    pub manifest: u32,
    /// Its name in documents: small letters, digits and `_`. It never changes.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Version of this file, such as `1.0.0`.
    pub version: String,
    /// What the app is for, in one sentence.
    pub summary: String,
    /// How to connect it, in Markdown.
    #[serde(default)]
    pub help: String,
    /// Name of its icon in the studio's set.
    #[serde(default = "plug")]
    pub icon: String,
    /// The shelf of the gallery it stands on.
    pub shelf: Shelf,
    /// Other words people search by.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// What it speaks. Without it, HTTP.
    #[serde(default)]
    pub protocol: Protocol,
    /// Where its API begins, such as `https://api.example.com`. May use `settings`. Only actions need it.
    #[serde(default)]
    pub base_url: Template,
    /// The only hosts that ever get its credentials: `api.example.com`, or `*.example.com` for all below it. Checked on the
    /// address that is called, at every call.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The setting in which whoever connects it names the hosts, for what is not at the same place for everyone.
    #[serde(default)]
    pub host_setting: Option<String>,
    /// What is asked when it is connected and is no secret, as the `properties` of a JSON Schema, such as a subdomain.
    /// One with a `default` may be left empty, an `enum` (with `x-labels`) offers a choice, and each may have `x-optional`,
    /// `x-auth` (the ways to sign in that need it) and `x-limit` (the limit that it sets: `calls`, `seconds`, `at_once` or
    /// `daily`).
    #[serde(default)]
    pub settings: IndexMap<String, Value>,
    /// The ways to sign in; the first is the usual one.
    pub auth: Vec<Auth>,
    /// The read that shows whether a connection works. Without it, the first step shows it.
    #[serde(default)]
    pub test: Option<TestCall>,
    /// Headers of every request.
    #[serde(default)]
    pub headers: IndexMap<String, Dynamic>,
    /// How hard it may be called.
    #[serde(default)]
    pub limits: Limits,
    /// What the app says in its errors, where a rule does not say it otherwise; sees `answer`.
    #[serde(default)]
    pub says: Template,
    /// What its errors mean; the first that fits holds. What fits none is read by its status.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
    /// Fields that the customer made in the app, read from it for forms.
    #[serde(default)]
    pub fields: IndexMap<String, FieldSource>,
    /// What a step can do with it, by name. Without any, it is used by HTTP requests and enrichments.
    #[serde(default)]
    pub actions: IndexMap<String, Action>,
    /// Addresses that the app sends to, by name.
    #[serde(default)]
    pub webhooks: IndexMap<String, Webhook>,
    /// What can start a workflow, by name. No action has the same name.
    #[serde(default)]
    pub triggers: IndexMap<String, Trigger>,
    /// Kinds of records that can be kept in step with those of another app, by name.
    #[serde(default)]
    pub records: IndexMap<String, Records>,
}

fn plug() -> String {
    "plug".into()
}

/// A shelf of the gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Customer relations.
    Crm,
    /// Marketing automation.
    Marketing,
    /// Sequences and calls.
    Outbound,
    /// Advertising.
    Ads,
    /// Knowing more of people and companies.
    Enrichment,
    /// Messages.
    Talk,
    /// Tables, tasks and tickets.
    Work,
    /// Databases and files.
    Data,
    /// Anything else.
    Other,
}

impl Shelf {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Marketing => "marketing",
            Self::Outbound => "outbound",
            Self::Ads => "ads",
            Self::Enrichment => "enrichment",
            Self::Talk => "talk",
            Self::Work => "work",
            Self::Data => "data",
            Self::Other => "other",
        }
    }
}

/// The read that shows whether a connection works.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCall {
    /// A reading action.
    #[serde(default)]
    pub action: String,
    /// In place of an action, an address that is read. May use `settings`; when it is empty nothing can be tested.
    #[serde(default)]
    pub address: Template,
    /// What it is given.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// What the connected account is called; sees `answer`.
    #[serde(default)]
    pub account: Template,
}

/// Where a form finds fields that the customer made in the app.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldSource {
    /// A reading action whose output holds the fields.
    pub action: String,
    /// What it is given; sees `input`, what the form holds so far, such as the table whose columns are wanted.
    #[serde(default)]
    pub input: IndexMap<String, Dynamic>,
    /// The list of fields within its output (JSON Pointer).
    #[serde(default)]
    pub items: String,
    /// Whether a field is offered; sees `item`. Without it, all are.
    #[serde(default)]
    pub only: Option<Dynamic>,
    /// What a field is called in requests; sees `item`.
    pub name: Template,
    /// What people read; sees `item`.
    pub label: Template,
    /// Its type: `string`, `number`, `boolean`, `date` or `choice`; sees `item`.
    #[serde(default)]
    pub kind: Template,
    /// What may be chosen, as a list of `{value, label}`; sees `item`.
    #[serde(default)]
    pub options: Dynamic,
    /// Whether it may be written; sees `item`. Without it, all may.
    #[serde(default)]
    pub writable: Option<Dynamic>,
    /// Whether the app needs it in whatever is made; sees `item`. Without it, none is needed.
    #[serde(default)]
    pub required: Option<Dynamic>,
    /// What the app says about it; sees `item`.
    #[serde(default)]
    pub help: Template,
}

impl FieldSource {
    /// What of the form it depends on, by name.
    #[must_use]
    pub fn inputs(&self) -> Vec<String> {
        let names = self.input.values().flat_map(check::inputs_of);
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

impl Manifest {
    /// Reads and checks the text of a manifest.
    ///
    /// # Errors
    /// Every problem found, each with its line and column.
    pub fn read(text: &str) -> Result<Self, Refused> {
        read::read(text)
    }

    /// The name of the step kind of an action or a trigger.
    #[must_use]
    pub fn kind_of(&self, action: &str) -> String {
        format!("{}.{action}", self.id)
    }

    /// The way to sign in called `id`.
    #[must_use]
    pub fn auth(&self, id: &str) -> Option<&Auth> {
        self.auth.iter().find(|auth| auth.id == id)
    }
}

/// The JSON Schema of a manifest, for editors.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Manifest>()
        .to_value();
    schema["title"] = "Trunkline app manifest".into();
    schema
}
