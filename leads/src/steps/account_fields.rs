//! The rows of a form that fill fields of an account.

use super::problem;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashSet;
use trunkline_engine::expression::{Dynamic, Scope};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::ConfigProblem;

/// One field of the account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldRow {
    /// Name of the field, such as `name`, `domains`, `country` or a name of your own.
    name: String,
    /// Its value.
    #[serde(default)]
    value: Dynamic,
}

/// The values of `rows`, by name.
pub(super) fn values(rows: &[FieldRow], scope: &Scope) -> Result<Map<String, Value>, Failure> {
    rows.iter().map(|row| Ok((row.name.trim().to_owned(), row.value.value(scope)?))).collect()
}

/// What is wrong with the names of `rows`.
pub(super) fn problems(rows: &[FieldRow]) -> Vec<ConfigProblem> {
    let mut found = Vec::new();
    let mut names = HashSet::new();
    for (place, row) in rows.iter().enumerate() {
        let (name, at) = (row.name.trim(), format!("/fields/{place}/name"));
        if name.is_empty() {
            found.push(problem(at, "the field has no name", "Write a name, or remove the row."));
        } else if matches!(name, "parent_id" | "owner_id") {
            let message = format!("{name} is set below, by name or id");
            found.push(problem(at, message, "Remove the row and fill the setting below."));
        } else if !names.insert(name) {
            found.push(problem(at, format!("{name} is filled twice"), "Remove one of the rows."));
        }
    }
    found
}

/// Whether one of `rows` is something an account is recognised by.
pub(super) fn identify(rows: &[FieldRow]) -> bool {
    rows.iter().any(|row| matches!(row.name.trim(), "name" | "domains" | "website" | "external_ids"))
}
