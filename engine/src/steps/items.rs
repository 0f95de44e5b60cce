//! Lists that steps work through, and how long they may be.

use crate::expression::{Dynamic, Scope};
use crate::failure::Failure;
use crate::kind::ConfigProblem;
use serde_json::Value;

/// Most items a step works through at once. A longer list belongs into an import, which is durable slice by slice.
pub const MAX_ITEMS: usize = 10_000;

/// The list that `items` yields in `scope`.
///
/// # Errors
/// `RUN-0100` when it is no list, `RUN-0101` when it is longer than [`MAX_ITEMS`].
pub(super) fn read(items: &Dynamic, scope: &Scope) -> Result<Vec<Value>, Failure> {
    match items.value(scope)? {
        Value::Array(items) if items.len() <= MAX_ITEMS => Ok(items),
        Value::Array(items) => Err(Failure::bad_input(
            "RUN-0101",
            format!("the list has {} items, and {MAX_ITEMS} is the limit", items.len()),
            "Filter the list first, or send the items as events of their own.",
        )),
        other => Err(Failure::bad_input(
            "RUN-0100",
            format!("the items are {}, and a list is needed", what(&other)),
            "Pick a list in the Input tab; if it may be missing, write `|default([])` behind it.",
        )),
    }
}

/// As [`read`], and a list that is missing is empty.
///
/// # Errors
/// As [`read`].
pub(super) fn read_or_none(items: &Dynamic, scope: &Scope) -> Result<Vec<Value>, Failure> {
    match items.value(scope)? {
        Value::Null => Ok(Vec::new()),
        value => read(&Dynamic::Literal(value), scope),
    }
}

/// What is wrong with the settings field `items`.
pub(super) fn check(items: &Dynamic) -> Vec<ConfigProblem> {
    check_at(items, "/items")
}

/// What is wrong with the list in the settings field `field`.
pub(super) fn check_at(items: &Dynamic, field: &str) -> Vec<ConfigProblem> {
    let blank = matches!(items, Dynamic::Literal(Value::Null | Value::String(_)));
    blank
        .then(|| super::blank(field, "no list is chosen", "Pick a list in the Input tab."))
        .into_iter()
        .collect()
}

fn what(value: &Value) -> &'static str {
    match value {
        Value::Null => "missing",
        Value::Bool(_) => "yes or no",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "one record",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_lists_of_bearable_length_are_taken() {
        let read = |items: Value| read(&Dynamic::Literal(items), &Scope::sample(&json!({})));
        assert_eq!(read(json!([1])).unwrap(), [json!(1)]);
        assert_eq!(read(json!(null)).unwrap_err().code, "RUN-0100");
        assert_eq!(read(json!({"a": 1})).unwrap_err().code, "RUN-0100");
        assert_eq!(read(json!(vec![0; MAX_ITEMS + 1])).unwrap_err().code, "RUN-0101");
    }
}
