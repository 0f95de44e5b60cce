//! Records of an app that can be kept in step with those of another one.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_engine::expression::Dynamic;

/// A kind of records, such as contacts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Records {
    /// What people call them, such as `Contacts`.
    pub title: String,
    /// The trigger that reports new and changed ones; its runs see the record.
    pub trigger: String,
    /// What that trigger is given; sees `fields` (the names of those that are wanted).
    #[serde(default)]
    pub trigger_input: IndexMap<String, Dynamic>,
    /// What a record is called in the app; sees `record`.
    pub id: Dynamic,
    /// When a record last changed; sees `record`.
    pub changed: Dynamic,
    /// The values of a record by field; sees `record`.
    pub values: Dynamic,
    /// The manifest's `fields` they have.
    #[serde(default)]
    pub fields: Option<String>,
    /// The field that two systems know a record by, such as `email`.
    pub known_by: String,
    /// Reads a record by its id; sees `id` and `fields` (the names of those that are wanted).
    pub read: RecordCall,
    /// Looks for a record by the value of a field; sees `field`, `value` and `fields`.
    pub find: RecordCall,
    /// Adds a record; sees `values`.
    pub create: RecordCall,
    /// Changes a record; sees `id` and `values`.
    pub update: RecordCall,
}

/// An action and what it is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordCall {
    /// The action.
    pub action: String,
    /// What it is given.
    pub input: IndexMap<String, Dynamic>,
    /// The record in its output; sees `output`. Nothing when there is none.
    #[serde(default)]
    pub record: Option<Dynamic>,
}
